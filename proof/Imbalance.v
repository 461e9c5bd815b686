(* docs/two_layers.md, sections 2 to 4: one hidden neuron, with any imbalance. *)
Require Import Reals Lra Lia Psatz.
From Coquelicot Require Import Coquelicot.
From OneNeuron Require StatementsLayers.
From OneNeuron Require Import Calculus Matrices Uniqueness Rates Flow Layers.
Open Scope R_scope.

Section Imbalance.
Variables (Z : St.target) (y z x : nat -> R -> R).
Hypothesis is_flow : Sl.layers_flow Z 0 y z x.
Notation r := (St.rank Z).
Notation sigma := (St.sigma Z).
Notation lambda := (Sl.imbalance Z y x).
Notation eigenvalue := (Sl.eigenvalue Z y x).
Notation cos_phi := (Sl.cos_phi Z y x).
Notation sin_phi := (Sl.sin_phi Z y x).
Notation tan_phi := (Sl.tan_phi Z y x).
Notation growing := (Sl.growing Z y x).
Notation decaying := (Sl.decaying Z y x).
Notation row2 := (Sl.row_norm2 Z x).
Notation column2 := (Sl.column_norm2 Z y).
Notation linear := (Sl.linear_norm2 Z y x).
Notation S := (Sl.S Z y x).

(* Eigenvalue and angle of a mode. *)
Section Mode.
Variable k : R.
Hypothesis k_pos : 0 < k.
Lemma eigenvalue_square : eigenvalue k * eigenvalue k = k * k + lambda / 2 * (lambda / 2).
Proof using.
  unfold Sl.eigenvalue. rewrite sqrt_sqrt; [field|]. pose proof (pow2_ge_0 k). pose proof (pow2_ge_0 lambda). lra.
Qed.
Lemma eigenvalue_above : Rabs (lambda / 2) < eigenvalue k.
Proof using k_pos.
  rewrite <- sqrt_Rsqr_abs. unfold Sl.eigenvalue. apply sqrt_lt_1_alt. unfold Rsqr. split.
  - pose proof (pow2_ge_0 (lambda / 2)). lra.
  - pose proof (pow_lt k 2 k_pos). lra.
Qed.
Lemma eigenvalue_pos : 0 < eigenvalue k.
Proof using k_pos. pose proof eigenvalue_above. pose proof (Rabs_pos (lambda / 2)). lra. Qed.
Lemma root_pos : 0 < sqrt (1 + tan_phi k ^ 2).
Proof using. apply sqrt_lt_R0. pose proof (pow2_ge_0 (tan_phi k)). lra. Qed.
Lemma cos_sin : cos_phi k * cos_phi k + sin_phi k * sin_phi k = 1.
Proof using.
  pose proof root_pos as Hr. assert (H : sqrt (1 + tan_phi k ^ 2) * sqrt (1 + tan_phi k ^ 2) = 1 + tan_phi k ^ 2).
  { apply sqrt_sqrt. pose proof (pow2_ge_0 (tan_phi k)). lra. }
  unfold Sl.cos_phi, Sl.sin_phi. set (q := sqrt (1 + tan_phi k ^ 2)) in *.
  replace (/ q * / q + tan_phi k / q * (tan_phi k / q)) with ((1 + tan_phi k ^ 2) / (q * q)) by (field; lra).
  rewrite H. field. pose proof (pow2_ge_0 (tan_phi k)). lra.
Qed.
Lemma sin_cos : sin_phi k = tan_phi k * cos_phi k.
Proof using. reflexivity. Qed.
Lemma eigen_x : k * sin_phi k - lambda / 2 * cos_phi k = eigenvalue k * cos_phi k.
Proof using k_pos. rewrite sin_cos. unfold Sl.tan_phi. field. lra. Qed.
Lemma eigen_y : k * cos_phi k + lambda / 2 * sin_phi k = eigenvalue k * sin_phi k.
Proof using k_pos.
  rewrite sin_cos. unfold Sl.tan_phi. pose proof eigenvalue_square as H.
  assert (H1 : k = (eigenvalue k - lambda / 2) * ((eigenvalue k + lambda / 2) / k)).
  { apply (Rmult_eq_reg_r k); [|lra]. unfold Rdiv at 3. field_simplify; [|lra]. lra. }
  transitivity (((eigenvalue k - lambda / 2) * ((eigenvalue k + lambda / 2) / k)) * cos_phi k
    + lambda / 2 * ((eigenvalue k + lambda / 2) / k * cos_phi k)); [rewrite <- H1; ring|ring].
Qed.
(* The singular value is twice the eigenvalue times sine and cosine. *)
Lemma double_angle : 2 * eigenvalue k * sin_phi k * cos_phi k = k.
Proof using k_pos.
  pose proof eigen_x as Hx. pose proof eigen_y as Hy. pose proof cos_sin as H.
  transitivity (eigenvalue k * sin_phi k * cos_phi k + eigenvalue k * cos_phi k * sin_phi k); [ring|].
  rewrite <- Hx, <- Hy. transitivity (k * (cos_phi k * cos_phi k + sin_phi k * sin_phi k)); [ring|]. rewrite H. ring.
Qed.
End Mode.

Lemma sigma_pos i : (i < r)%nat -> 0 < sigma i.
Proof using. apply St.sigma_pos. Qed.

(* Half the squared norm of all weights. *)
Let half t := (column2 t + row2 t) / 2.
Lemma half_cont t : continuity_pt (fun t => half (Rmax 0 t)) t.
Proof using is_flow.
  unfold half, Rdiv. apply continuity_pt_mult; [|now apply continuity_pt_const].
  apply continuity_pt_plus; [apply (column2_cont Z 0 y z x is_flow)|apply (row2_cont Z 0 y z x is_flow)].
Qed.
Lemma column_half t : 0 <= t -> column2 t = half t + lambda / 2.
Proof using is_flow. intros Ht. destruct (balance Z 0 y z x is_flow t Ht) as [H _]. unfold half, Sl.imbalance. lra. Qed.
Lemma row_half t : 0 <= t -> row2 t = half t - lambda / 2.
Proof using is_flow. intros Ht. destruct (balance Z 0 y z x is_flow t Ht) as [H _]. unfold half, Sl.imbalance. lra. Qed.
Lemma y_rate i t : (i < St.d_y Z)%nat -> 0 < t ->
  is_derive (y i) t (St.diagonal Z i * x i t + (lambda / 2 - half t) * y i t).
Proof using is_flow.
  intros Hi Ht. eapply derive_eq; [now apply (y_der Z 0 y z x is_flow)|].
  rewrite row_half by lra. unfold Sl.kappa, Sl.product. ring.
Qed.
Lemma x_rate j t : (j < St.d_x Z)%nat -> 0 < t ->
  is_derive (x j) t (St.diagonal Z j * y j t + (- (lambda / 2) - half t) * x j t).
Proof using is_flow.
  intros Hj Ht. eapply derive_eq; [now apply (x_der Z 0 y z x is_flow)|].
  rewrite column_half by lra. unfold Sl.kappa, Sl.product. ring.
Qed.
Let w i t := cos_phi (sigma i) * x i t + sin_phi (sigma i) * y i t.
Let d i t := cos_phi (sigma i) * y i t - sin_phi (sigma i) * x i t.
Lemma mode_y i : (i < r)%nat -> (i < St.d_y Z)%nat.
Proof using. pose proof (St.rank_d_y Z). lia. Qed.
Lemma mode_x i : (i < r)%nat -> (i < St.d_x Z)%nat.
Proof using. pose proof (St.rank_d_x Z). lia. Qed.
Lemma w_rate i t : (i < r)%nat -> 0 < t -> is_derive (w i) t ((eigenvalue (sigma i) - half t) * w i t).
Proof using is_flow.
  intros Hi Ht. pose proof (eigen_x (sigma i) (sigma_pos i Hi)) as Ex. pose proof (eigen_y (sigma i) (sigma_pos i Hi)) as Ey.
  unfold w. eapply derive_eq.
  - apply (is_derive_plus (V := R_NormedModule)).
    + apply is_derive_scal, x_rate; [now apply mode_x|easy].
    + apply is_derive_scal, y_rate; [now apply mode_y|easy].
  - unfold plus; simpl. rewrite diagonal_mode by easy.
    transitivity ((sigma i * sin_phi (sigma i) - lambda / 2 * cos_phi (sigma i)) * x i t
      + (sigma i * cos_phi (sigma i) + lambda / 2 * sin_phi (sigma i)) * y i t
      - half t * (cos_phi (sigma i) * x i t + sin_phi (sigma i) * y i t)); [ring|]. rewrite Ex, Ey. ring.
Qed.
Lemma d_rate i t : (i < r)%nat -> 0 < t -> is_derive (d i) t ((- eigenvalue (sigma i) - half t) * d i t).
Proof using is_flow.
  intros Hi Ht. pose proof (eigen_x (sigma i) (sigma_pos i Hi)) as Ex. pose proof (eigen_y (sigma i) (sigma_pos i Hi)) as Ey.
  unfold d. eapply derive_eq.
  - apply (is_derive_minus (V := R_NormedModule)).
    + apply is_derive_scal, y_rate; [now apply mode_y|easy].
    + apply is_derive_scal, x_rate; [now apply mode_x|easy].
  - unfold minus, plus, opp; simpl. rewrite diagonal_mode by easy.
    transitivity ((sigma i * cos_phi (sigma i) + lambda / 2 * sin_phi (sigma i)) * x i t
      - (sigma i * sin_phi (sigma i) - lambda / 2 * cos_phi (sigma i)) * y i t
      - half t * (cos_phi (sigma i) * y i t - sin_phi (sigma i) * x i t)); [ring|]. rewrite Ex, Ey. ring.
Qed.

Section Until.
Variable T : R.
Hypothesis T_pos : 0 <= T.
Variable e : R -> R.
Hypothesis e_0 : e 0 = 1.
Hypothesis e_pos : forall t, 0 < e t.
Hypothesis e_cont : forall t, continuity_pt e t.
Hypothesis e_der : forall t, 0 <= t <= T -> is_derive e t (half (Rmax 0 t) * e t).
Lemma solved (f : R -> R) rate t : 0 <= t <= T -> (forall t, continuity_pt (fun t => f (Rmax 0 t)) t) ->
  (forall t, 0 < t -> is_derive f t ((rate - half t) * f t)) -> f t * e t = f 0 * exp (rate * t).
Proof using e_0 e_cont e_der.
  intros Ht Hc Hd.
  assert (H : f (Rmax 0 t) * e t * exp (- rate * t) = f (Rmax 0 0) * e 0 * exp (- rate * 0)).
  { apply (constant_on (fun t => f (Rmax 0 t) * e t * exp (- rate * t))); [lra| |]; intros u Hu.
    - pose proof (e_der u ltac:(lra)) as He. rewrite Rmax_right in He by lra. eapply derive_eq.
      + apply (is_derive_mult (fun t => f (Rmax 0 t) * e t) (fun t => exp (- rate * t))); [| |apply Rmult_comm].
        * apply (is_derive_mult (fun t => f (Rmax 0 t)) e); [apply ext_der; [lra|apply Hd; lra]|exact He|apply Rmult_comm].
        * auto_derive; [easy|reflexivity].
      + unfold plus, mult; simpl. rewrite Rmax_right by lra. ring.
    - apply continuity_pt_mult; [apply continuity_pt_mult; auto|].
      eapply derive_continuous. auto_derive; [easy|reflexivity]. }
  rewrite Rmax_right, (Rmax_left 0 0), Rmult_0_r, exp_0, e_0, !Rmult_1_r in H by lra.
  rewrite <- H, Rmult_assoc, <- exp_plus. replace (- rate * t + rate * t) with 0 by ring. rewrite exp_0. ring.
Qed.
Lemma y_all_cont i t : (i < St.d_y Z)%nat -> continuity_pt (fun t => y i (Rmax 0 t)) t.
Proof using is_flow. apply (y_cont Z 0 y z x is_flow). Qed.
Lemma x_all_cont j t : (j < St.d_x Z)%nat -> continuity_pt (fun t => x j (Rmax 0 t)) t.
Proof using is_flow. apply (x_cont Z 0 y z x is_flow). Qed.
Lemma solved_w i t : (i < r)%nat -> 0 <= t <= T -> w i t * e t = growing i * exp (eigenvalue (sigma i) * t).
Proof using e_0 e_cont e_der is_flow.
  intros Hi Ht. apply solved; [easy| |intros; now apply w_rate]. intros u. unfold w.
  apply continuity_pt_plus; apply continuity_pt_scal; [apply x_all_cont, mode_x|apply y_all_cont, mode_y]; easy.
Qed.
Lemma solved_d i t : (i < r)%nat -> 0 <= t <= T -> d i t * e t = decaying i * exp (- eigenvalue (sigma i) * t).
Proof using e_0 e_cont e_der is_flow.
  intros Hi Ht. apply solved; [easy| |intros; now apply d_rate]. intros u. unfold d.
  apply continuity_pt_minus; apply continuity_pt_scal; [apply y_all_cont, mode_y|apply x_all_cont, mode_x]; easy.
Qed.
Lemma solved_y i t : (r <= i < St.d_y Z)%nat -> 0 <= t <= T -> y i t * e t = y i 0 * exp (lambda / 2 * t).
Proof using e_0 e_cont e_der is_flow.
  intros Hi Ht. apply solved; [easy|intros; apply y_all_cont; lia|]. intros u Hu.
  eapply derive_eq; [apply y_rate; [lia|easy]|]. rewrite diagonal_null by lia. ring.
Qed.
Lemma solved_x j t : (r <= j < St.d_x Z)%nat -> 0 <= t <= T -> x j t * e t = x j 0 * exp (- (lambda / 2) * t).
Proof using e_0 e_cont e_der is_flow.
  intros Hj Ht. apply solved; [easy|intros; apply x_all_cont; lia|]. intros u Hu.
  eapply derive_eq; [apply x_rate; [lia|easy]|]. rewrite diagonal_null by lia. ring.
Qed.
Lemma squares t : 0 <= t <= T -> 2 * half t * (e t * e t) = linear t.
Proof using e_0 e_cont e_der is_flow.
  intros Ht. unfold half, Sl.linear_norm2, Sl.column_norm2, Sl.row_norm2.
  replace (St.d_y Z) with (r + (St.d_y Z - r))%nat at 1 by (pose proof (St.rank_d_y Z); lia).
  replace (St.d_x Z) with (r + (St.d_x Z - r))%nat at 1 by (pose proof (St.rank_d_x Z); lia).
  rewrite !sum_split.
  transitivity (sum (fun i => (w i t * e t) ^ 2 + (d i t * e t) ^ 2) r
    + sum (fun i => (y (r + i)%nat t * e t) ^ 2) (St.d_y Z - r) + sum (fun i => (x (r + i)%nat t * e t) ^ 2) (St.d_x Z - r)).
  - rewrite (sum_ext (fun i => (w i t * e t) ^ 2 + (d i t * e t) ^ 2) (fun i => e t * e t * y i t ^ 2 + e t * e t * x i t ^ 2)).
    + rewrite (sum_ext (fun i => (y (r + i)%nat t * e t) ^ 2) (fun i => e t * e t * y (r + i)%nat t ^ 2)) by (intros; ring).
      rewrite (sum_ext (fun i => (x (r + i)%nat t * e t) ^ 2) (fun i => e t * e t * x (r + i)%nat t ^ 2)) by (intros; ring).
      rewrite sum_plus, !sum_scal. field.
    + intros i Hi. unfold w, d. pose proof (cos_sin (sigma i)) as H.
      transitivity ((cos_phi (sigma i) * cos_phi (sigma i) + sin_phi (sigma i) * sin_phi (sigma i)) * (e t * e t * (x i t ^ 2 + y i t ^ 2)));
        [ring|]. rewrite H. ring.
  - f_equal; [f_equal|].
    + apply sum_ext. intros i Hi. rewrite solved_w, solved_d by easy.
      replace (2 * eigenvalue (sigma i) * t) with (eigenvalue (sigma i) * t + eigenvalue (sigma i) * t) by ring.
      replace (- 2 * eigenvalue (sigma i) * t) with (- eigenvalue (sigma i) * t + - eigenvalue (sigma i) * t) by ring.
      rewrite !exp_plus. ring.
    + rewrite <- sum_scal. apply sum_ext. intros i Hi. rewrite solved_y by (try lia; easy).
      replace (lambda * t) with (lambda / 2 * t + lambda / 2 * t) by field. rewrite exp_plus. ring.
    + rewrite <- sum_scal. apply sum_ext. intros i Hi. rewrite solved_x by (try lia; easy).
      replace (- lambda * t) with (- (lambda / 2) * t + - (lambda / 2) * t) by field. rewrite exp_plus. ring.
Qed.
Lemma linear_cont t : continuous linear t.
Proof using.
  apply (ex_derive_continuous (V := R_NormedModule)). unfold Sl.linear_norm2. eexists.
  apply (is_derive_plus (V := R_NormedModule)).
  - apply (is_derive_plus (V := R_NormedModule)).
    + apply (sum_derive (fun i t => growing i ^ 2 * exp (2 * eigenvalue (sigma i) * t)
        + decaying i ^ 2 * exp (- 2 * eigenvalue (sigma i) * t))). intros i Hi. auto_derive; [easy|reflexivity].
    + auto_derive; [easy|reflexivity].
  - auto_derive; [easy|reflexivity].
Qed.
Lemma S_der t : is_derive S t (linear t).
Proof using.
  unfold Sl.S. eapply derive_eq.
  - apply (is_derive_plus (V := R_NormedModule)); [apply (is_derive_const (V := R_NormedModule))|].
    apply (is_derive_RInt (V := R_NormedModule) linear _ 0); [|apply linear_cont].
    apply filter_forall. intros u. apply (RInt_correct (V := R_CompleteNormedModule)).
    apply (ex_RInt_continuous (V := R_CompleteNormedModule)). intros; apply linear_cont.
  - apply plus_zero_l.
Qed.
Lemma e_root : e T = sqrt (S T).
Proof using T_pos e_0 e_cont e_der e_pos is_flow.
  symmetry. apply sqrt_lem_1; [|left; apply e_pos|].
  - assert (HI : 0 <= S T); [|easy].
    assert (H : S 0 <= S T).
    { apply (increasing_closed S linear); [easy|intros; apply S_der|]. intros u Hu. rewrite <- squares by easy.
      pose proof (e_pos u). apply Rmult_le_pos; [|nra]. unfold half.
      assert (H1 : 0 <= column2 u) by (apply sum_nonneg; intros; apply pow2_ge_0).
      assert (H2 : 0 <= row2 u) by (apply sum_nonneg; intros; apply pow2_ge_0). lra. }
    unfold Sl.S at 1 in H. rewrite RInt_point in H. unfold zero in H; simpl in H. lra.
  - assert (H : e T * e T - S T = e 0 * e 0 - S 0).
    { apply (constant_on (fun t => e t * e t - S t)); [easy| |].
      - intros u Hu. pose proof (e_der u ltac:(lra)) as He. rewrite Rmax_right in He by lra. eapply derive_eq.
        + apply (is_derive_minus (V := R_NormedModule)); [apply (is_derive_mult e e); [exact He|exact He|apply Rmult_comm]|apply S_der].
        + unfold minus, plus, opp, mult; simpl. rewrite <- squares by lra. ring.
      - intros u Hu. apply continuity_pt_minus; [now apply continuity_pt_mult|]. eapply derive_continuous, S_der. }
    rewrite e_0 in H. unfold Sl.S at 2 in H. rewrite RInt_point in H. unfold zero in H; simpl in H. lra.
Qed.
End Until.

Lemma closed t : 0 <= t -> 0 < sqrt (S t) /\
  (forall i, (i < r)%nat -> w i t * sqrt (S t) = growing i * exp (eigenvalue (sigma i) * t) /\
    d i t * sqrt (S t) = decaying i * exp (- eigenvalue (sigma i) * t)) /\
  (forall i, (r <= i < St.d_y Z)%nat -> y i t * sqrt (S t) = y i 0 * exp (lambda / 2 * t)) /\
  (forall j, (r <= j < St.d_x Z)%nat -> x j t * sqrt (S t) = x j 0 * exp (- (lambda / 2) * t)).
Proof using is_flow.
  intros Ht. destruct (factor (fun u => half (Rmax 0 u)) t Ht) as [e [He0 [Hep [Hec He]]]]; [intros; apply half_cont|].
  rewrite <- (e_root t Ht e He0 Hep Hec He). split; [easy|split; [|split]].
  - intros i Hi. split; [apply (solved_w t e He0 Hec He i t Hi)|apply (solved_d t e He0 Hec He i t Hi)]; lra.
  - intros i Hi. apply (solved_y t e He0 Hec He i t Hi). lra.
  - intros j Hj. apply (solved_x t e He0 Hec He j t Hj). lra.
Qed.
Lemma x_mode i t : (i < r)%nat -> 0 <= t -> x i t * sqrt (S t) =
  cos_phi (sigma i) * growing i * exp (eigenvalue (sigma i) * t) - sin_phi (sigma i) * decaying i * exp (- eigenvalue (sigma i) * t).
Proof using is_flow.
  intros Hi Ht. destruct (closed t Ht) as [_ [H _]]. destruct (H i Hi) as [Hw Hd]. pose proof (cos_sin (sigma i)) as Hc.
  rewrite (Rmult_assoc (cos_phi (sigma i))), (Rmult_assoc (sin_phi (sigma i))), <- Hw, <- Hd. unfold w, d.
  transitivity ((cos_phi (sigma i) * cos_phi (sigma i) + sin_phi (sigma i) * sin_phi (sigma i)) * (x i t * sqrt (S t))); [rewrite Hc|]; ring.
Qed.
Lemma y_mode i t : (i < r)%nat -> 0 <= t -> y i t * sqrt (S t) =
  sin_phi (sigma i) * growing i * exp (eigenvalue (sigma i) * t) + cos_phi (sigma i) * decaying i * exp (- eigenvalue (sigma i) * t).
Proof using is_flow.
  intros Hi Ht. destruct (closed t Ht) as [_ [H _]]. destruct (H i Hi) as [Hw Hd]. pose proof (cos_sin (sigma i)) as Hc.
  rewrite (Rmult_assoc (cos_phi (sigma i))), (Rmult_assoc (sin_phi (sigma i))), <- Hw, <- Hd. unfold w, d.
  transitivity ((cos_phi (sigma i) * cos_phi (sigma i) + sin_phi (sigma i) * sin_phi (sigma i)) * (y i t * sqrt (S t))); [rewrite Hc|]; ring.
Qed.

(* The limit. *)
Section Leading.
Variable k : R.
Hypothesis above : forall i, (i < r)%nat -> k < sigma i -> growing i = 0.
Hypothesis present : exists i, (i < r)%nat /\ sigma i = k /\ growing i <> 0.
Notation M := (eigenvalue k).
Notation group := (Sl.tilted_group Z y x k).
Lemma k_pos : 0 < k.
Proof using present. destruct present as [i [Hi [Hk _]]]. rewrite <- Hk. now apply sigma_pos. Qed.
Lemma M_above : Rabs (lambda / 2) < M.
Proof using present. apply eigenvalue_above, k_pos. Qed.
Lemma lambda_range : - M < lambda / 2 < M.
Proof using present. pose proof M_above as H. apply Rabs_def2 in H. lra. Qed.
Lemma eigenvalue_less i : (i < r)%nat -> sigma i < k -> eigenvalue (sigma i) < M.
Proof using.
  intros Hi Hk. pose proof (sigma_pos i Hi) as Hs. unfold Sl.eigenvalue. apply sqrt_lt_1_alt.
  pose proof (pow2_ge_0 lambda). pose proof (pow2_ge_0 (sigma i)). split; [lra|]. nra.
Qed.
Lemma group_mode i : (i < r)%nat -> group i = if Req_EM_T (sigma i) k then growing i else 0.
Proof using. intros Hi. unfold Sl.tilted_group. now rewrite (proj2 (Nat.ltb_lt i r) Hi). Qed.
Lemma growing_lim n i : (i < r)%nat -> (0 < n)%nat ->
  is_lim (fun t => growing i ^ n * exp (INR n * (eigenvalue (sigma i) - M) * t)) p_infty (group i ^ n).
Proof using above.
  intros Hi Hn. rewrite group_mode by easy. destruct Req_EM_T as [->|He].
  - apply is_lim_ext with (fun _ => growing i ^ n); [|apply is_lim_const].
    intros t. replace (_ * t) with 0 by ring. rewrite exp_0. ring.
  - destruct (Rlt_dec k (sigma i)) as [Hk|Hk].
    + rewrite above by easy. rewrite pow_i by easy. apply is_lim_ext with (fun _ => 0); [intros; ring|apply is_lim_const].
    + assert (Hl : sigma i < k) by lra. pose proof (eigenvalue_less i Hi Hl) as Hm. apply lt_INR in Hn. simpl in Hn.
      eapply lim_eq; [apply lim_scal, lim_exp_0; nra|]. rewrite pow_i; [ring|]. apply INR_lt. simpl. lra.
Qed.
Lemma fade (f rate : R) : rate < 0 -> is_lim (fun t => f * exp (rate * t)) p_infty 0.
Proof using. intros H. eapply lim_eq; [apply lim_scal, lim_exp_0; easy|ring]. Qed.
Lemma below_zero i : (i < r)%nat -> - (eigenvalue (sigma i) + M) < 0.
Proof using present.
  intros Hi. pose proof (eigenvalue_pos (sigma i) (sigma_pos i Hi)). pose proof (eigenvalue_pos k k_pos). lra.
Qed.
(* Entries of the weights times sqrt S, over exp (M t). *)
Lemma x_leads j : (j < St.d_x Z)%nat -> is_lim (fun t => x j t * sqrt (S t) * exp (- M * t)) p_infty (cos_phi k * group j).
Proof using above is_flow present.
  intros Hj. destruct (Nat.lt_ge_cases j r) as [Hr|Hr].
  - apply is_lim_ext_loc with (fun t => cos_phi (sigma j) * (growing j ^ 1 * exp (INR 1 * (eigenvalue (sigma j) - M) * t))
      - sin_phi (sigma j) * decaying j * exp (- (eigenvalue (sigma j) + M) * t)).
    + exists 0. intros t Ht. rewrite x_mode by (easy || lra). simpl INR.
      replace (1 * (eigenvalue (sigma j) - M) * t) with (eigenvalue (sigma j) * t + - M * t) by ring.
      replace (- (eigenvalue (sigma j) + M) * t) with (- eigenvalue (sigma j) * t + - M * t) by ring. rewrite !exp_plus. ring.
    + eapply lim_eq; [apply is_lim_minus'; [apply lim_scal, (growing_lim 1 j Hr Nat.lt_0_1)|apply fade, below_zero, Hr]|].
      rewrite group_mode by easy. destruct Req_EM_T as [->|]; ring.
  - apply is_lim_ext_loc with (fun t => x j 0 * exp ((- (lambda / 2) - M) * t)).
    + exists 0. intros t Ht. destruct (closed t ltac:(lra)) as [_ [_ [_ H]]]. rewrite H, Rmult_assoc, <- exp_plus by easy. f_equal. f_equal. ring.
    + pose proof lambda_range. eapply lim_eq; [apply fade; lra|]. unfold Sl.tilted_group. rewrite (proj2 (Nat.ltb_ge j r)) by easy. ring.
Qed.
Lemma y_leads i : (i < St.d_y Z)%nat -> is_lim (fun t => y i t * sqrt (S t) * exp (- M * t)) p_infty (sin_phi k * group i).
Proof using above is_flow present.
  intros Hi. destruct (Nat.lt_ge_cases i r) as [Hr|Hr].
  - apply is_lim_ext_loc with (fun t => sin_phi (sigma i) * (growing i ^ 1 * exp (INR 1 * (eigenvalue (sigma i) - M) * t))
      + cos_phi (sigma i) * decaying i * exp (- (eigenvalue (sigma i) + M) * t)).
    + exists 0. intros t Ht. rewrite y_mode by (easy || lra). simpl INR.
      replace (1 * (eigenvalue (sigma i) - M) * t) with (eigenvalue (sigma i) * t + - M * t) by ring.
      replace (- (eigenvalue (sigma i) + M) * t) with (- eigenvalue (sigma i) * t + - M * t) by ring. rewrite !exp_plus. ring.
    + eapply lim_eq; [apply is_lim_plus'; [apply lim_scal, (growing_lim 1 i Hr Nat.lt_0_1)|apply fade, below_zero, Hr]|].
      rewrite group_mode by easy. destruct Req_EM_T as [->|]; ring.
  - apply is_lim_ext_loc with (fun t => y i 0 * exp ((lambda / 2 - M) * t)).
    + exists 0. intros t Ht. destruct (closed t ltac:(lra)) as [_ [_ [H _]]]. rewrite H, Rmult_assoc, <- exp_plus by easy. f_equal. f_equal. ring.
    + pose proof lambda_range. eapply lim_eq; [apply fade; lra|]. unfold Sl.tilted_group. rewrite (proj2 (Nat.ltb_ge i r)) by easy. ring.
Qed.
Lemma linear_leads : is_lim (fun t => linear t * exp (- (2 * M) * t)) p_infty (sum (fun i => group i ^ 2) r).
Proof using above present.
  pose proof lambda_range as Hl.
  apply is_lim_ext with (fun t => sum (fun i => growing i ^ 2 * exp (INR 2 * (eigenvalue (sigma i) - M) * t)
      + decaying i ^ 2 * exp (2 * - (eigenvalue (sigma i) + M) * t)) r
    + sum (fun i => y (r + i)%nat 0 ^ 2) (St.d_y Z - r) * exp ((lambda - 2 * M) * t)
    + sum (fun i => x (r + i)%nat 0 ^ 2) (St.d_x Z - r) * exp ((- lambda - 2 * M) * t)).
  - intros t. unfold Sl.linear_norm2. rewrite !Rmult_plus_distr_r, (Rmult_comm (sum _ r) (exp _)), <- sum_scal. f_equal; [f_equal|].
    + apply sum_ext. intros i _. simpl INR.
      replace ((1 + 1) * (eigenvalue (sigma i) - M) * t) with (- (2 * M) * t + 2 * eigenvalue (sigma i) * t) by ring.
      replace (2 * - (eigenvalue (sigma i) + M) * t) with (- (2 * M) * t + - 2 * eigenvalue (sigma i) * t) by ring.
      rewrite !exp_plus. ring.
    + replace ((lambda - 2 * M) * t) with (lambda * t + - (2 * M) * t) by ring. rewrite exp_plus. ring.
    + replace ((- lambda - 2 * M) * t) with (- lambda * t + - (2 * M) * t) by ring. rewrite exp_plus. ring.
  - eapply lim_eq.
    + apply is_lim_plus'; [apply is_lim_plus'|].
      * apply (sum_lim (fun i t => growing i ^ 2 * exp (INR 2 * (eigenvalue (sigma i) - M) * t)
          + decaying i ^ 2 * exp (2 * - (eigenvalue (sigma i) + M) * t)) (fun i => group i ^ 2 + 0)).
        intros i Hi. apply is_lim_plus'; [apply (growing_lim 2 i Hi Nat.lt_0_2)|]. apply fade. pose proof (below_zero i Hi). lra.
      * apply fade. lra.
      * apply fade. lra.
    + rewrite (sum_ext (fun i => group i ^ 2 + 0) (fun i => group i ^ 2)) by (intros; ring). ring.
Qed.
Lemma M_pos : 0 < M.
Proof using present. apply eigenvalue_pos, k_pos. Qed.
Lemma S_leads : is_lim (fun t => S t * exp (- (2 * M) * t)) p_infty (sum (fun i => group i ^ 2) r / (2 * M)).
Proof using above present.
  pose proof M_pos as HM.
  apply is_lim_ext with (fun t => S t / exp (2 * M * t)).
  { intros t. unfold Rdiv. rewrite <- exp_Ropp. f_equal. f_equal. ring. }
  apply (hospital S linear (fun t => exp (2 * M * t)) (fun t => 2 * M * exp (2 * M * t))).
  - intros t _. apply S_der.
  - intros t _. auto_derive; [easy|ring].
  - intros t _. apply Rmult_lt_0_compat; [lra|apply exp_pos].
  - apply exp_lim_p. lra.
  - apply is_lim_ext with (fun t => / (2 * M) * (linear t * exp (- (2 * M) * t))).
    + intros t. replace (- (2 * M) * t) with (- (2 * M * t)) by ring. rewrite exp_Ropp. pose proof (exp_pos (2 * M * t)). field. lra.
    + eapply lim_eq; [apply lim_scal, linear_leads|]. field. lra.
Qed.
Lemma group_sum_pos : 0 < sum (fun i => group i ^ 2) r.
Proof using present.
  destruct present as [i [Hi [Hk Hg]]]. apply Rlt_le_trans with (group i ^ 2).
  - rewrite group_mode by easy. destruct Req_EM_T; [now apply pow2_gt_0|easy].
  - apply (sum_term (fun i => group i ^ 2)); [easy|]. intros; apply pow2_ge_0.
Qed.
Lemma matrix_leads i j : (i < St.d_y Z)%nat -> (j < St.d_x Z)%nat ->
  is_lim (fun t => Sl.matrix 0 y z x t i j) p_infty (k * group i * group j / sum (fun l => group l ^ 2) r).
Proof using above is_flow present.
  intros Hi Hj. pose proof group_sum_pos as HA. pose proof M_pos as HM. pose proof (double_angle k k_pos) as H2.
  pose proof (lim_mult _ _ _ _ (y_leads i Hi) (x_leads j Hj)) as HN.
  eapply is_lim_ext_loc; [|eapply lim_eq].
  2:{ apply (is_lim_div _ _ p_infty _ _ HN S_leads); [|easy]. intros He.
      pose proof (Rdiv_lt_0_compat _ (2 * M) HA ltac:(lra)) as HQ. exact (Rgt_not_eq _ _ HQ (f_equal real He)). }
  - exists 0. intros t Ht. cbv beta. destruct (closed t ltac:(lra)) as [Hs _]. unfold Sl.matrix, Sl.kappa, Sl.product.
    assert (HS : S t = sqrt (S t) * sqrt (S t)).
    { symmetry. apply sqrt_sqrt. destruct (Rle_dec 0 (S t)) as [|Hn]; [easy|]. rewrite sqrt_neg_0 in Hs; lra. }
    rewrite HS at 3. replace (- (2 * M) * t) with (- M * t + - M * t) by ring. rewrite exp_plus. pose proof (exp_pos (- M * t)).
    field. lra.
  - set (A2 := sum (fun l => group l ^ 2) r) in *.
    transitivity (2 * M * sin_phi k * cos_phi k * group i * group j / A2); [simpl; field; repeat split; lra|]. rewrite H2. reflexivity.
Qed.
End Leading.

(* Without growing parts. *)
Section Vanishing.
Hypothesis none : forall i, (i < r)%nat -> growing i = 0.
Lemma S_one t : 0 <= t -> 1 <= S t.
Proof using.
  intros Ht. assert (H : S 0 <= S t).
  { apply (increasing_closed S linear); [easy|intros; apply S_der|]. intros u Hu. unfold Sl.linear_norm2.
    assert (H1 : 0 <= sum (fun i => growing i ^ 2 * exp (2 * eigenvalue (sigma i) * u) + decaying i ^ 2 * exp (- 2 * eigenvalue (sigma i) * u)) r).
    { apply sum_nonneg. intros i _. apply Rplus_le_le_0_compat; apply Rmult_le_pos; (apply pow2_ge_0 || (left; apply exp_pos)). }
    assert (H2 : 0 <= exp (lambda * u) * sum (fun i => y (r + i)%nat 0 ^ 2) (St.d_y Z - r)).
    { apply Rmult_le_pos; [left; apply exp_pos|apply sum_nonneg; intros; apply pow2_ge_0]. }
    assert (H3 : 0 <= exp (- lambda * u) * sum (fun i => x (r + i)%nat 0 ^ 2) (St.d_x Z - r)).
    { apply Rmult_le_pos; [left; apply exp_pos|apply sum_nonneg; intros; apply pow2_ge_0]. }
    lra. }
  unfold Sl.S at 1 in H. rewrite RInt_point in H. unfold zero in H; simpl in H. lra.
Qed.
(* Both null parts make S grow. *)
Lemma S_grows i j t : (r <= i < St.d_y Z)%nat -> (r <= j < St.d_x Z)%nat -> 0 <= t ->
  1 + 2 * (Rabs (y i 0) * Rabs (x j 0)) * t <= S t.
Proof using.
  intros Hi Hj Ht. set (a := Rabs (y i 0)). set (b := Rabs (x j 0)).
  assert (H : S 0 - 2 * (a * b) * 0 <= S t - 2 * (a * b) * t).
  { apply (increasing_closed (fun t => S t - 2 * (a * b) * t) (fun t => linear t - 2 * (a * b))); [easy| |]; intros u Hu.
    - apply (is_derive_minus (V := R_NormedModule)); [apply S_der|auto_derive; [easy|ring]].
    - unfold Sl.linear_norm2.
      assert (H1 : 0 <= sum (fun i => growing i ^ 2 * exp (2 * eigenvalue (sigma i) * u) + decaying i ^ 2 * exp (- 2 * eigenvalue (sigma i) * u)) r).
      { apply sum_nonneg. intros l _. apply Rplus_le_le_0_compat; apply Rmult_le_pos; (apply pow2_ge_0 || (left; apply exp_pos)). }
      assert (H2 : a ^ 2 <= sum (fun i => y (r + i)%nat 0 ^ 2) (St.d_y Z - r)).
      { unfold a. rewrite pow2_abs. replace i with (r + (i - r))%nat by lia.
        apply (sum_term (fun i => y (r + i)%nat 0 ^ 2)); [lia|]. intros; apply pow2_ge_0. }
      assert (H3 : b ^ 2 <= sum (fun i => x (r + i)%nat 0 ^ 2) (St.d_x Z - r)).
      { unfold b. rewrite pow2_abs. replace j with (r + (j - r))%nat by lia.
        apply (sum_term (fun i => x (r + i)%nat 0 ^ 2)); [lia|]. intros; apply pow2_ge_0. }
      set (g := exp (lambda / 2 * u)). set (h := exp (- (lambda / 2) * u)).
      assert (Hgh : g * h = 1).
      { unfold g, h. rewrite <- exp_plus. replace (_ + _) with 0 by ring. apply exp_0. }
      replace (exp (lambda * u)) with (g * g) by (unfold g; rewrite <- exp_plus; f_equal; field).
      replace (exp (- lambda * u)) with (h * h) by (unfold h; rewrite <- exp_plus; f_equal; field).
      assert (H4 : g * g * a ^ 2 <= g * g * sum (fun i => y (r + i)%nat 0 ^ 2) (St.d_y Z - r)).
      { apply Rmult_le_compat_l; [apply Rle_0_sqr|easy]. }
      assert (H5 : h * h * b ^ 2 <= h * h * sum (fun i => x (r + i)%nat 0 ^ 2) (St.d_x Z - r)).
      { apply Rmult_le_compat_l; [apply Rle_0_sqr|easy]. }
      pose proof (pow2_ge_0 (g * a - h * b)) as H6.
      replace ((g * a - h * b) ^ 2) with (g * g * a ^ 2 + h * h * b ^ 2 - 2 * (g * h) * (a * b)) in H6 by ring.
      rewrite Hgh in H6. lra. }
  unfold Sl.S at 1 in H. rewrite RInt_point in H. unfold zero in H; simpl in H. lra.
Qed.
(* A product whose numerator vanishes. *)
Lemma vanishes i j (n : R -> R) : (forall t, 0 <= t -> y i t * sqrt (S t) * (x j t * sqrt (S t)) = n t) ->
  is_lim n p_infty 0 -> is_lim (fun t => Sl.matrix 0 y z x t i j) p_infty 0.
Proof using is_flow.
  intros Hn Hl.
  assert (HA : is_lim (fun t => Rabs (n t)) p_infty 0).
  { replace (Finite 0) with (Rbar_abs (Finite 0)) by (simpl; now rewrite Rabs_R0). now apply is_lim_Rabs. }
  apply (is_lim_le_le_loc (fun t => - Rabs (n t)) (fun t => Rabs (n t))).
  - exists 0. intros t Ht. destruct (closed t ltac:(lra)) as [Hs _]. pose proof (S_one t ltac:(lra)) as H1.
    assert (HS : sqrt (S t) * sqrt (S t) = S t) by (apply sqrt_sqrt; lra).
    assert (Hm : Sl.matrix 0 y z x t i j = n t / S t).
    { rewrite <- Hn by lra. unfold Sl.matrix, Sl.kappa, Sl.product. rewrite <- HS at 3. field. lra. }
    apply Rabs_le_between. rewrite Hm. unfold Rdiv. rewrite Rabs_mult, (Rabs_pos_eq (/ S t)) by (left; apply Rinv_0_lt_compat; lra).
    rewrite <- (Rmult_1_r (Rabs (n t))) at 2. apply Rmult_le_compat_l; [apply Rabs_pos|].
    rewrite <- Rinv_1. apply Rinv_le_contravar; lra.
  - replace (Finite 0) with (Rbar_opp 0) by (simpl; f_equal; ring). now apply is_lim_opp.
  - exact HA.
Qed.
Lemma half_range i : (i < r)%nat -> - eigenvalue (sigma i) < lambda / 2 < eigenvalue (sigma i).
Proof using. intros Hi. pose proof (eigenvalue_above (sigma i) (sigma_pos i Hi)) as H. apply Rabs_def2 in H. lra. Qed.
Lemma x_falls j t : (j < r)%nat -> 0 <= t -> x j t * sqrt (S t) = - sin_phi (sigma j) * decaying j * exp (- eigenvalue (sigma j) * t).
Proof using is_flow none. intros Hj Ht. rewrite x_mode, none by easy. ring. Qed.
Lemma y_falls i t : (i < r)%nat -> 0 <= t -> y i t * sqrt (S t) = cos_phi (sigma i) * decaying i * exp (- eigenvalue (sigma i) * t).
Proof using is_flow none. intros Hi Ht. rewrite y_mode, none by easy. ring. Qed.
Lemma matrix_vanishes i j : (i < St.d_y Z)%nat -> (j < St.d_x Z)%nat ->
  is_lim (fun t => Sl.matrix 0 y z x t i j) p_infty 0.
Proof using is_flow none.
  intros Hi Hj. destruct (Nat.lt_ge_cases i r) as [Hir|Hir]; destruct (Nat.lt_ge_cases j r) as [Hjr|Hjr].
  - apply (vanishes i j (fun t => cos_phi (sigma i) * decaying i * (- sin_phi (sigma j) * decaying j)
      * exp ((- eigenvalue (sigma i) - eigenvalue (sigma j)) * t))).
    + intros t Ht. rewrite x_falls, y_falls by easy.
      replace ((- eigenvalue (sigma i) - eigenvalue (sigma j)) * t) with (- eigenvalue (sigma i) * t + - eigenvalue (sigma j) * t) by ring.
      rewrite exp_plus. ring.
    + pose proof (half_range i Hir). pose proof (half_range j Hjr). apply fade. lra.
  - apply (vanishes i j (fun t => cos_phi (sigma i) * decaying i * x j 0 * exp ((- eigenvalue (sigma i) - lambda / 2) * t))).
    + intros t Ht. destruct (closed t Ht) as [_ [_ [_ Hx]]]. rewrite y_falls, Hx by easy.
      replace ((- eigenvalue (sigma i) - lambda / 2) * t) with (- eigenvalue (sigma i) * t + - (lambda / 2) * t) by ring.
      rewrite exp_plus. ring.
    + pose proof (half_range i Hir). apply fade. lra.
  - apply (vanishes i j (fun t => y i 0 * (- sin_phi (sigma j) * decaying j) * exp ((lambda / 2 - eigenvalue (sigma j)) * t))).
    + intros t Ht. destruct (closed t Ht) as [_ [_ [Hy _]]]. rewrite x_falls, Hy by easy.
      replace ((lambda / 2 - eigenvalue (sigma j)) * t) with (lambda / 2 * t + - eigenvalue (sigma j) * t) by ring.
      rewrite exp_plus. ring.
    + pose proof (half_range j Hjr). apply fade. lra.
  - set (a := Rabs (y i 0) * Rabs (x j 0)).
    assert (Ha : 0 <= a) by (apply Rmult_le_pos; apply Rabs_pos).
    assert (Hab : forall t, 0 <= t -> Rabs (Sl.matrix 0 y z x t i j) <= a / (1 + 2 * a * t)).
    { intros t Ht. destruct (closed t Ht) as [Hs [_ [Hy Hx]]]. pose proof (S_one t Ht) as H1.
      assert (HS : sqrt (S t) * sqrt (S t) = S t) by (apply sqrt_sqrt; lra).
      assert (Hm : Sl.matrix 0 y z x t i j = y i 0 * x j 0 / S t).
      { assert (He : exp (lambda / 2 * t) * exp (- (lambda / 2) * t) = 1).
        { rewrite <- exp_plus. replace (_ + _) with 0 by ring. apply exp_0. }
        transitivity (y i t * sqrt (S t) * (x j t * sqrt (S t)) / S t).
        - unfold Sl.matrix, Sl.kappa, Sl.product. rewrite <- HS at 3. field. lra.
        - rewrite Hy, Hx by easy. f_equal.
          transitivity (y i 0 * x j 0 * (exp (lambda / 2 * t) * exp (- (lambda / 2) * t))); [ring|]. rewrite He. ring. }
      rewrite Hm. unfold Rdiv. rewrite !Rabs_mult, (Rabs_pos_eq (/ S t)) by (left; apply Rinv_0_lt_compat; lra). fold a.
      apply Rmult_le_compat_l; [easy|]. pose proof (S_grows i j t (conj Hir Hi) (conj Hjr Hj) Ht) as HG. fold a in HG.
      assert (Hat : 0 <= 2 * a * t) by (apply Rmult_le_pos; lra). apply Rinv_le_contravar; lra. }
    assert (Hl : is_lim (fun t => a / (1 + 2 * a * t)) p_infty 0).
    { destruct (Req_dec a 0) as [->|Hn].
      - apply is_lim_ext with (fun _ => 0); [intros; unfold Rdiv; ring|apply is_lim_const].
      - eapply lim_eq; [apply lim_scal|apply Rmult_0_r].
        apply (is_lim_inv (fun t => 1 + 2 * a * t) p_infty p_infty); [apply lim_line; lra|easy]. }
    apply (is_lim_le_le_loc (fun t => - (a / (1 + 2 * a * t))) (fun t => a / (1 + 2 * a * t))); [| |exact Hl].
    + exists 0. intros t Ht. apply Rabs_le_between. apply Hab. lra.
    + replace (Finite 0) with (Rbar_opp 0) by (simpl; f_equal; ring). now apply is_lim_opp.
Qed.
End Vanishing.
End Imbalance.
