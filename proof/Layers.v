(* Section 1: from the flow of the layers to the induced flow, for hidden layers of one neuron. *)
Require Import Reals Ranalysis5 Lra Lia Psatz.
From Coquelicot Require Import Coquelicot.
From OneNeuron Require StatementsLayers.
From OneNeuron Require Import Calculus Matrices Uniqueness Flow.
Module Sl := StatementsLayers.
Open Scope R_scope.

Lemma product_ext f g n : (forall i, (i < n)%nat -> f i = g i) -> Sl.product f n = Sl.product g n.
Proof using. induction n as [|n IH]; intros H; simpl; [easy|]. rewrite IH, H; auto. Qed.
Lemma product_one n : Sl.product (fun _ => 1) n = 1.
Proof using. induction n as [|n IH]; simpl; [easy|]. rewrite IH. ring. Qed.
Lemma product_mult f g n : Sl.product (fun i => f i * g i) n = Sl.product f n * Sl.product g n.
Proof using. induction n as [|n IH]; simpl; [ring|]. rewrite IH. ring. Qed.
Lemma product_const w n : Sl.product (fun _ => w) n = w ^ n.
Proof using. induction n as [|n IH]; simpl; [easy|]. rewrite IH. ring. Qed.
Lemma product_pos f n : (forall i, (i < n)%nat -> 0 < f i) -> 0 < Sl.product f n.
Proof using.
  induction n as [|n IH]; intros H; simpl; [lra|]. apply Rmult_lt_0_compat; auto with arith.
Qed.
Lemma product_but f n l : (l < n)%nat -> f l * Sl.product (fun j => if (j =? l)%nat then 1 else f j) n = Sl.product f n.
Proof using.
  induction n as [|n IH]; intros Hl; [lia|]. simpl. destruct (Nat.eq_dec l n) as [->|Hn].
  - rewrite Nat.eqb_refl, (product_ext _ f).
    + ring.
    + intros i Hi. now rewrite (proj2 (Nat.eqb_neq i n)) by lia.
  - rewrite (proj2 (Nat.eqb_neq n l)) by lia. rewrite <- IH by lia. ring.
Qed.
Lemma product_cont f n t : (forall i, (i < n)%nat -> continuity_pt (f i) t) ->
  continuity_pt (fun t => Sl.product (fun i => f i t) n) t.
Proof using.
  induction n as [|n IH]; intros H; simpl; [now apply continuity_pt_const|]. apply continuity_pt_mult; auto with arith.
Qed.

(* A function on t >= 0 and its constant continuation. *)
Lemma right_of_ext (f : R -> R) : continuity_pt (fun t => f (Rmax 0 t)) 0 -> filterlim f (at_right 0) (locally (f 0)).
Proof using.
  intros H. apply continuity_pt_filterlim in H. rewrite Rmax_left in H by lra.
  apply (filterlim_ext_loc (fun t => f (Rmax 0 t))).
  - exists (mkposreal 1 Rlt_0_1). intros t _ Ht. now rewrite Rmax_right by lra.
  - eapply filterlim_filter_le_1; [apply filter_le_within|exact H].
Qed.
Lemma conserved (f : R -> R) : (forall t, continuity_pt (fun t => f (Rmax 0 t)) t) ->
  (forall t, 0 < t -> is_derive f t 0) -> forall t, 0 <= t -> f t = f 0.
Proof using.
  intros Hc Hd t Ht. pose proof (constant_on (fun t => f (Rmax 0 t)) 0 t Ht) as H.
  cbv beta in H. rewrite (Rmax_right 0 t), (Rmax_left 0 0) in H by lra. apply H; [|intros; apply Hc].
  intros u Hu. apply ext_der; [lra|]. apply Hd. lra.
Qed.
(* A positive continuous function cannot change its sign without a zero. *)
Lemma no_zero (f : R -> R) t : 0 <= t -> (forall u, continuity_pt f u) -> 0 < f 0 ->
  (forall u, 0 <= u -> f u <> 0) -> 0 < f t.
Proof using.
  intros Ht Hc H0 Hn. destruct (Rtotal_order (f t) 0) as [Hl|[He|Hg]]; [|now destruct (Hn t)|easy].
  exfalso. assert (Ht0 : 0 < t).
  { destruct (Req_dec t 0) as [->|]; [lra|lra]. }
  destruct (IVT_interv (fun u => - f u) 0 t) as [u [Hu Hz]]; [|easy|lra|lra|].
  - intros u _. now apply continuity_pt_opp.
  - apply (Hn u); lra.
Qed.
(* What shrinks at a bounded relative rate stays positive. *)
Lemma stays_positive (f G d : R -> R) T : 0 <= T -> (forall t, continuity_pt f t) -> (forall t, continuity_pt G t) ->
  (forall t, 0 < t -> is_derive f t (d t)) -> (forall t, 0 < t -> - (G t * f t) <= d t) -> 0 < f 0 -> 0 < f T.
Proof using.
  intros HT Hf HG Hd Hb H0. destruct (factor G T HT) as [w [Hw0 [Hwp [Hwc Hw]]]]; [auto|].
  assert (H : f 0 * w 0 <= f T * w T).
  { apply (increasing (fun t => f t * w t) (fun t => d t * w t + f t * (G t * w t))); [easy| | |].
    - intros t Ht. eapply derive_eq; [apply (is_derive_mult f w); [apply Hd; lra|apply Hw; lra|apply Rmult_comm]|].
      unfold plus, mult; simpl. ring.
    - intros t _. apply continuity_pt_mult; auto.
    - intros t Ht. pose proof (Hb t ltac:(lra)) as Hb0. pose proof (Hwp t) as Hp.
      replace (d t * w t + f t * (G t * w t)) with ((d t + G t * f t) * w t) by ring. apply Rmult_le_pos; lra. }
  rewrite Hw0 in H. pose proof (Hwp T) as Hp. apply (Rmult_lt_reg_r (w T)); [easy|]. lra.
Qed.

Section Chain.
Variables (Z : St.target) (n : nat) (y z x : nat -> R -> R).
Hypothesis is_flow : Sl.layers_flow Z n y z x.
Notation r := (St.rank Z).
Notation kappa := (Sl.kappa n z).
Notation kappa_but := (Sl.kappa_but n z).
Notation residual := (Sl.residual Z n y z x).
Notation row2 := (Sl.row_norm2 Z x).
Notation column2 := (Sl.column_norm2 Z y).

(* y^T Z x and y^T (W - Z) x *)
Definition product_target t := sum (fun i => St.sigma Z i * y i t * x i t) r.
Definition pull t := kappa t * column2 t * row2 t - product_target t.

Lemma row_residual i t : sum (fun j => residual t i j * x j t) (St.d_x Z) =
  y i t * kappa t * row2 t - St.diagonal Z i * x i t.
Proof using.
  unfold Sl.residual, Sl.matrix.
  rewrite (sum_ext _ (fun j => y i t * kappa t * x j t ^ 2 + - 1 * (St.entry Z i j * x j t))) by (intros; ring).
  rewrite sum_plus, !sum_scal, sum_entry by apply St.rank_d_x. unfold Sl.row_norm2. ring.
Qed.
Lemma column_residual j t : sum (fun i => y i t * residual t i j) (St.d_y Z) =
  column2 t * kappa t * x j t - St.diagonal Z j * y j t.
Proof using.
  unfold Sl.residual, Sl.matrix.
  rewrite (sum_ext _ (fun i => kappa t * x j t * y i t ^ 2 + - 1 * (St.entry Z j i * y i t))).
  - rewrite sum_plus, !sum_scal, sum_entry by apply St.rank_d_y. unfold Sl.column_norm2. ring.
  - intros i _. replace (St.entry Z i j) with (St.entry Z j i); [ring|]. unfold St.entry. rewrite Nat.eqb_sym.
    destruct (Nat.eqb_spec i j) as [->|]; easy.
Qed.
Lemma pull_sum t : sum (fun i => sum (fun j => y i t * residual t i j * x j t) (St.d_x Z)) (St.d_y Z) = pull t.
Proof using.
  rewrite (sum_ext _ (fun i => kappa t * row2 t * y i t ^ 2 + - 1 * (St.diagonal Z i * (y i t * x i t)))).
  - rewrite sum_plus, !sum_scal, sum_diagonal by apply St.rank_d_y. unfold pull, Sl.column_norm2, product_target.
    rewrite (sum_ext (fun i => St.sigma Z i * (y i t * x i t)) (fun i => St.sigma Z i * y i t * x i t)) by (intros; ring). ring.
  - intros i _. rewrite (sum_ext _ (fun j => y i t * (residual t i j * x j t))) by (intros; ring).
    rewrite sum_scal, row_residual. ring.
Qed.

Lemma y_der i t : (i < St.d_y Z)%nat -> 0 < t ->
  is_derive (y i) t (kappa t * (St.diagonal Z i * x i t - y i t * kappa t * row2 t)).
Proof using is_flow.
  intros Hi Ht. eapply derive_eq; [now apply (Sl.layers_y _ _ _ _ _ is_flow)|].
  rewrite (sum_ext _ (fun j => kappa t * (residual t i j * x j t))) by (intros; ring).
  rewrite sum_scal, row_residual. ring.
Qed.
Lemma x_der j t : (j < St.d_x Z)%nat -> 0 < t ->
  is_derive (x j) t (kappa t * (St.diagonal Z j * y j t - column2 t * kappa t * x j t)).
Proof using is_flow.
  intros Hj Ht. eapply derive_eq; [now apply (Sl.layers_x _ _ _ _ _ is_flow)|].
  rewrite (sum_ext _ (fun i => kappa t * (y i t * residual t i j))) by (intros; ring).
  rewrite sum_scal, column_residual. ring.
Qed.
Lemma z_der l t : (l < n)%nat -> 0 < t -> is_derive (z l) t (- (kappa_but l t * pull t)).
Proof using is_flow.
  intros Hl Ht. eapply derive_eq; [now apply (Sl.layers_z _ _ _ _ _ is_flow)|].
  rewrite <- pull_sum, <- sum_scal. f_equal. apply sum_ext. intros i _.
  rewrite <- sum_scal. apply sum_ext. intros j _. ring.
Qed.
Lemma square_der (f : R -> R) t (d : R) : is_derive f t d -> is_derive (fun t => f t ^ 2) t (2 * f t * d).
Proof using.
  intros H. eapply derive_eq; [apply (is_derive_pow f 2 t d H)|]. simpl. ring.
Qed.
Lemma row2_der t : 0 < t -> is_derive row2 t (- (2 * kappa t * pull t)).
Proof using is_flow.
  intros Ht. eapply derive_eq.
  - apply (sum_derive (fun j t => x j t ^ 2)). intros j Hj. apply square_der. now apply x_der.
  - rewrite (sum_ext _ (fun j => 2 * kappa t * (St.diagonal Z j * (y j t * x j t))
      + - (2 * column2 t * kappa t * kappa t) * x j t ^ 2)) by (intros; ring).
    rewrite sum_plus, !sum_scal, sum_diagonal by apply St.rank_d_x. unfold pull, product_target.
    rewrite (sum_ext (fun i => St.sigma Z i * (y i t * x i t)) (fun i => St.sigma Z i * y i t * x i t)) by (intros; ring).
    unfold Sl.row_norm2. ring.
Qed.
Lemma column2_der t : 0 < t -> is_derive column2 t (- (2 * kappa t * pull t)).
Proof using is_flow.
  intros Ht. eapply derive_eq.
  - apply (sum_derive (fun i t => y i t ^ 2)). intros i Hi. apply square_der. now apply y_der.
  - rewrite (sum_ext _ (fun i => 2 * kappa t * (St.diagonal Z i * (y i t * x i t))
      + - (2 * kappa t * kappa t * row2 t) * y i t ^ 2)) by (intros; ring).
    rewrite sum_plus, !sum_scal, sum_diagonal by apply St.rank_d_y. unfold pull, product_target.
    rewrite (sum_ext (fun i => St.sigma Z i * (y i t * x i t)) (fun i => St.sigma Z i * y i t * x i t)) by (intros; ring).
    unfold Sl.column_norm2. ring.
Qed.
Lemma scalar2_der l t : (l < n)%nat -> 0 < t -> is_derive (fun t => z l t ^ 2) t (- (2 * kappa t * pull t)).
Proof using is_flow.
  intros Hl Ht. eapply derive_eq; [apply square_der; now apply z_der|].
  unfold Sl.kappa, Sl.kappa_but. rewrite <- (product_but (fun l => z l t) n l Hl). ring.
Qed.

(* Continuity of the constant continuations. *)
Lemma y_cont i t : (i < St.d_y Z)%nat -> continuity_pt (fun t => y i (Rmax 0 t)) t.
Proof using is_flow.
  intros Hi. eapply ext_everywhere; [now apply (Sl.layers_y_0 _ _ _ _ _ is_flow)|]. intros u Hu. now apply y_der.
Qed.
Lemma x_cont j t : (j < St.d_x Z)%nat -> continuity_pt (fun t => x j (Rmax 0 t)) t.
Proof using is_flow.
  intros Hj. eapply ext_everywhere; [now apply (Sl.layers_x_0 _ _ _ _ _ is_flow)|]. intros u Hu. now apply x_der.
Qed.
Lemma z_cont l t : (l < n)%nat -> continuity_pt (fun t => z l (Rmax 0 t)) t.
Proof using is_flow.
  intros Hl. eapply ext_everywhere; [now apply (Sl.layers_z_0 _ _ _ _ _ is_flow)|]. intros u Hu. now apply z_der.
Qed.
Lemma square_cont f t : continuity_pt f t -> continuity_pt (fun t => f t ^ 2) t.
Proof using.
  intros H. apply continuity_pt_ext with (fun t => f t * f t); [intros; simpl; ring|]. now apply continuity_pt_mult.
Qed.
Lemma row2_cont t : continuity_pt (fun t => row2 (Rmax 0 t)) t.
Proof using is_flow.
  apply (sum_cont (fun j t => x j (Rmax 0 t) ^ 2)). intros j Hj. apply square_cont. now apply x_cont.
Qed.
Lemma column2_cont t : continuity_pt (fun t => column2 (Rmax 0 t)) t.
Proof using is_flow.
  apply (sum_cont (fun i t => y i (Rmax 0 t) ^ 2)). intros i Hi. apply square_cont. now apply y_cont.
Qed.
Lemma kappa_cont t : continuity_pt (fun t => kappa (Rmax 0 t)) t.
Proof using is_flow. apply (product_cont (fun l t => z l (Rmax 0 t))). intros l Hl. now apply z_cont. Qed.

Lemma balance t : 0 <= t -> column2 t - row2 t = column2 0 - row2 0 /\
  forall l, (l < n)%nat -> z l t ^ 2 - row2 t = z l 0 ^ 2 - row2 0.
Proof using is_flow.
  intros Ht. split; [|intros l Hl].
  - apply (conserved (fun t => column2 t - row2 t)); [| |easy].
    + intros u. apply continuity_pt_minus; [apply column2_cont|apply row2_cont].
    + intros u Hu. eapply derive_eq; [apply (is_derive_minus (V := R_NormedModule)); [now apply column2_der|now apply row2_der]|].
      unfold minus, plus, opp; simpl. ring.
  - apply (conserved (fun t => z l t ^ 2 - row2 t)); [| |easy].
    + intros u. apply continuity_pt_minus; [apply square_cont; now apply z_cont|apply row2_cont].
    + intros u Hu. eapply derive_eq; [apply (is_derive_minus (V := R_NormedModule)); [now apply scalar2_der|now apply row2_der]|].
      unfold minus, plus, opp; simpl. ring.
Qed.

(* Ends of the same norm never vanish. *)
Section Ends.
Hypothesis ends : column2 0 = row2 0.
Hypothesis norm : 0 < row2 0.
Lemma column_row t : 0 <= t -> column2 t = row2 t.
Proof using is_flow ends. intros Ht. destruct (balance t Ht) as [H _]. lra. Qed.
Let bound := sum (St.sigma Z) r.
Lemma bound_nonneg : 0 <= bound.
Proof using. apply sum_nonneg. intros i Hi. left. now apply St.sigma_pos. Qed.
Lemma product_target_le t : 0 <= t -> Rabs (product_target t) <= bound * row2 t.
Proof using is_flow ends.
  intros Ht. unfold product_target, bound. rewrite Rmult_comm, <- sum_scal.
  assert (H : forall i, (i < r)%nat -> Rabs (St.sigma Z i * y i t * x i t) <= row2 t * St.sigma Z i).
  { intros i Hi. pose proof (St.sigma_pos Z i Hi) as Hs. pose proof (St.rank_d_y Z) as Hry. pose proof (St.rank_d_x Z) as Hrx.
    assert (H1 : y i t ^ 2 <= row2 t).
    { rewrite <- column_row by easy. apply (sum_term (fun i => y i t ^ 2)); [lia|]. intros; apply pow2_ge_0. }
    assert (H2 : x i t ^ 2 <= row2 t).
    { apply (sum_term (fun i => x i t ^ 2)); [lia|]. intros; apply pow2_ge_0. }
    rewrite Rmult_assoc, Rabs_mult, (Rabs_pos_eq (St.sigma Z i)), Rmult_comm by lra.
    apply Rmult_le_compat_r; [lra|]. pose proof (pow2_ge_0 (y i t - x i t)). pose proof (pow2_ge_0 (y i t + x i t)).
    apply Rabs_le. split; lra. }
  revert H. generalize r as m. induction m as [|m IH]; intros H; simpl; [rewrite Rabs_R0; lra|].
  apply Rle_trans with (1 := Rabs_triang _ _). apply Rplus_le_compat; auto.
Qed.
Lemma row2_pos t : 0 <= t -> 0 < row2 t.
Proof using is_flow ends norm.
  intros Ht. set (k := fun t => Rabs (kappa (Rmax 0 t))). set (e := fun t => row2 (Rmax 0 t)).
  assert (Hk : forall t, continuity_pt k t).
  { intros u. apply (continuity_pt_comp (fun t => kappa (Rmax 0 t)) Rabs); [apply kappa_cont|apply Rcontinuity_abs]. }
  assert (H : 0 < e t); [|unfold e in H; now rewrite Rmax_right in H].
  apply (stays_positive e (fun t => 2 * k t * (k t * e t + bound)) (fun t => - (2 * kappa t * pull t))); [easy| | | | |].
  - intros u. apply row2_cont.
  - intros u. apply continuity_pt_mult; [now apply continuity_pt_scal|]. apply continuity_pt_plus; [|now apply continuity_pt_const].
    apply continuity_pt_mult; [easy|apply row2_cont].
  - intros u Hu. apply ext_der; [easy|]. now apply row2_der.
  - intros u Hu. unfold k, e. rewrite Rmax_right by lra. unfold pull. rewrite column_row by lra.
    pose proof (product_target_le u ltac:(lra)) as Hb. pose proof bound_nonneg as Hb0.
    assert (He : 0 <= row2 u) by (apply sum_nonneg; intros; apply pow2_ge_0).
    assert (H1 : kappa u * (kappa u * row2 u * row2 u - product_target u) <=
      Rabs (kappa u) * (Rabs (kappa u) * row2 u * row2 u + bound * row2 u)).
    { apply Rle_trans with (1 := Rle_abs _). rewrite Rabs_mult. apply Rmult_le_compat_l; [apply Rabs_pos|].
      apply Rle_trans with (1 := Rabs_triang _ _). rewrite Rabs_Ropp. apply Rplus_le_compat; [|easy].
      rewrite !Rabs_mult, (Rabs_pos_eq (row2 u)) by easy. lra. }
    lra.
  - unfold e. rewrite Rmax_left by lra. exact norm.
Qed.
End Ends.

(* A balanced start. *)
Section Balanced.
Hypothesis is_balanced : Sl.balanced Z n y z x.
Notation eta := (Sl.eta Z x).
Let ends := Sl.balanced_ends _ _ _ _ _ is_balanced.
Let norm := Sl.balanced_norm _ _ _ _ _ is_balanced.
Lemma eta_pos t : 0 <= t -> 0 < eta t.
Proof using is_flow ends norm. intros Ht. apply sqrt_lt_R0. now apply row2_pos. Qed.
Lemma eta_square t : 0 <= t -> eta t ^ 2 = row2 t.
Proof using is_flow ends norm. intros Ht. apply pow2_sqrt. left. now apply row2_pos. Qed.
Lemma kappa_square t : 0 <= t -> kappa t ^ 2 = row2 t ^ n.
Proof using is_flow is_balanced.
  intros Ht. unfold Sl.kappa. replace (Sl.product (fun l => z l t) n ^ 2) with
    (Sl.product (fun l => z l t) n * Sl.product (fun l => z l t) n) by ring.
  rewrite <- product_mult, <- product_const. apply product_ext. intros l Hl.
  destruct (balance t Ht) as [_ H]. specialize (H l Hl). rewrite (Sl.balanced_scalars _ _ _ _ _ is_balanced l Hl) in H. lra.
Qed.
Lemma kappa_pos t : 0 <= t -> 0 < kappa t.
Proof using is_flow is_balanced ends norm.
  intros Ht. pose proof (no_zero (fun t => kappa (Rmax 0 t)) t Ht kappa_cont) as H. cbv beta in H.
  rewrite Rmax_left, Rmax_right in H by lra. apply H; [exact (Sl.balanced_sign _ _ _ _ _ is_balanced)|].
  intros u Hu. rewrite Rmax_right by easy. intros H0. pose proof (kappa_square u Hu) as Hs. rewrite H0 in Hs.
  pose proof (pow_lt _ n (row2_pos ends norm u Hu)). lra.
Qed.
Lemma kappa_eta t : 0 <= t -> kappa t = eta t ^ n.
Proof using is_flow is_balanced ends norm.
  intros Ht. pose proof (kappa_pos t Ht) as Hk. pose proof (pow_lt _ n (eta_pos t Ht)) as He.
  pose proof (kappa_square t Ht) as Hs. rewrite <- eta_square in Hs by easy.
  rewrite <- pow_mult, (Nat.mul_comm 2 n), pow_mult in Hs. set (w := eta t ^ n) in *.
  assert (H : (kappa t - w) * (kappa t + w) = 0) by (ring_simplify; lra).
  apply Rmult_integral in H. destruct H; lra.
Qed.

Definition u i t := y i t / eta t.
Definition v j t := x j t / eta t.
Definition s t := eta t ^ (n + 2).
Notation N := (INR (n + 2)).
Lemma eta_der t : 0 < t -> is_derive eta t (- (kappa t * pull t) / eta t).
Proof using is_flow ends norm.
  intros Ht. eapply derive_eq; [apply (is_derive_sqrt row2); [now apply row2_der|apply (row2_pos ends norm); lra]|].
  pose proof (eta_pos t ltac:(lra)) as He. unfold Sl.eta in *. field. lra.
Qed.
Lemma N_pos : 0 < N.
Proof using. apply lt_0_INR. lia. Qed.
Lemma speed_kappa t : 0 <= t -> Rpower (s t) (1 - 2 / N) = kappa t.
Proof using is_flow is_balanced ends norm.
  intros Ht. pose proof N_pos as HN. rewrite kappa_eta by easy. unfold s.
  rewrite <- (Rpower_pow (n + 2)), Rpower_mult, <- Rpower_pow by now apply eta_pos. f_equal.
  rewrite plus_INR in *. simpl in *. field. lra.
Qed.
Lemma s_square t : 0 <= t -> Rpower (s t) (2 - 2 / N) = kappa t * s t.
Proof using is_flow is_balanced ends norm.
  intros Ht. replace (2 - 2 / N) with (1 - 2 / N + 1) by ring.
  rewrite Rpower_plus, speed_kappa, Rpower_1 by (try easy; apply pow_lt; now apply eta_pos). easy.
Qed.
Lemma alignment_target t : 0 <= t -> St.alignment Z u v t * row2 t = product_target t.
Proof using is_flow ends norm.
  intros Ht. rewrite <- eta_square, Rmult_comm by easy. unfold St.alignment, product_target. rewrite <- sum_scal. apply sum_ext.
  intros i _. pose proof (eta_pos t Ht) as He. unfold u, v. field. lra.
Qed.
Lemma induced : St.flow Z N u v s.
Proof using is_flow is_balanced ends norm.
  assert (Ce : forall t, continuity_pt (fun t => eta (Rmax 0 t)) t).
  { intros t. apply (continuity_pt_comp (fun t => row2 (Rmax 0 t)) sqrt); [apply row2_cont|]. apply continuity_pt_sqrt.
    left. apply (row2_pos ends norm). apply Rmax_l. }
  assert (He0 : forall t, eta (Rmax 0 t) <> 0).
  { intros t. pose proof (eta_pos (Rmax 0 t) (Rmax_l _ _)). lra. }
  split.
  - rewrite plus_INR. simpl. pose proof (pos_INR n). lra.
  - rewrite (sum_ext _ (fun i => / eta 0 ^ 2 * y i 0 ^ 2)).
    + rewrite sum_scal. fold (column2 0). rewrite ends, eta_square by lra. field. lra.
    + intros i _. pose proof (eta_pos 0 (Rle_refl 0)) as He. unfold u. field. lra.
  - rewrite (sum_ext _ (fun i => / eta 0 ^ 2 * x i 0 ^ 2)).
    + rewrite sum_scal. fold (row2 0). rewrite eta_square by lra. field. lra.
    + intros i _. pose proof (eta_pos 0 (Rle_refl 0)) as He. unfold v. field. lra.
  - intros t Ht. apply pow_lt. now apply eta_pos.
  - intros i Hi. apply right_of_ext. apply continuity_pt_div; [now apply y_cont|apply Ce|apply He0].
  - intros i Hi. apply right_of_ext. apply continuity_pt_div; [now apply x_cont|apply Ce|apply He0].
  - apply right_of_ext. unfold s. apply (continuity_pt_comp (fun t => eta (Rmax 0 t)) (fun w => w ^ (n + 2))); [apply Ce|].
    apply derivable_continuous_pt, derivable_pt_pow.
  - intros i t Hi Ht. unfold St.speed. rewrite speed_kappa by lra. pose proof (eta_pos t ltac:(lra)) as He.
    pose proof (eta_square t ltac:(lra)) as Hes. pose proof (alignment_target t ltac:(lra)) as Ha.
    eapply derive_eq; [unfold u; apply is_derive_div; [now apply y_der|now apply eta_der|lra]|].
    unfold pull. rewrite column_row, <- Ha, <- Hes by (auto; lra). unfold u, v. field. lra.
  - intros i t Hi Ht. unfold St.speed. rewrite speed_kappa by lra. pose proof (eta_pos t ltac:(lra)) as He.
    pose proof (eta_square t ltac:(lra)) as Hes. pose proof (alignment_target t ltac:(lra)) as Ha.
    eapply derive_eq; [unfold v; apply is_derive_div; [now apply x_der|now apply eta_der|lra]|].
    unfold pull. rewrite column_row, <- Ha, <- Hes by (auto; lra). unfold u, v. field. lra.
  - intros t Ht. rewrite s_square by lra. pose proof (eta_pos t ltac:(lra)) as He.
    pose proof (eta_square t ltac:(lra)) as Hes. pose proof (alignment_target t ltac:(lra)) as Ha.
    eapply derive_eq; [apply (is_derive_pow eta (n + 2) t); now apply eta_der|].
    unfold pull. rewrite column_row, <- Ha, <- Hes, kappa_eta by (auto; lra). unfold s.
    rewrite Nat.add_comm. cbn [plus pred]. simpl pow. field. lra.
Qed.
End Balanced.
End Chain.
