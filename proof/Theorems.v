(* The proofs of Statements.v, under the same names. *)
Require Import Reals Ranalysis5 Lra Lia Psatz.
From Coquelicot Require Import Coquelicot.
From OneNeuron Require Statements.
From OneNeuron Require Import Calculus Inverse Linear Matrices Gap ClosedForm Uniqueness Time Limits Stages Rates Laws Origin Plateau Flow FlowLaws.
Open Scope R_scope.
(* What is not the statement is refused at once, instead of being computed. *)
#[local] Opaque is_lim Rpower exp ln sqrt.

(* 1 and 3: from every start there is a flow, for all times, and no other. *)
Theorem existence_and_uniqueness : St.existence_and_uniqueness.
Proof using.
  intros Z N a0 b0 s0 HN Ha Hb Hs.
  exists (U Z N a0 b0 s0 HN Ha Hb Hs), (V Z N a0 b0 s0 HN Ha Hb Hs), (magnitude Z N a0 b0 s0 HN Ha Hb Hs).
  split; [apply solves|split; [apply starts|apply only]].
Qed.

Section OneFlow.
Variables (Z : St.target) (depth : R) (u v : nat -> R -> R) (m : R -> R).

(* 4: one of the two kinds of limit. *)
Theorem limit_cases : St.limit_cases Z u v.
Proof using.
  unfold St.limit_cases, St.limit_value. generalize (St.rank Z) as n. induction n as [|n IH]; [left; intros; lia|].
  destruct (Req_dec (St.alpha u v n) 0) as [H0|H0].
  - destruct IH as [IH|[k [H1 [j [Hj H2]]]]].
    + left. intros i Hi. destruct (Nat.eq_dec i n) as [->|]; [easy|]. apply IH. lia.
    + right. exists k. split; [|exists j; split; [lia|easy]].
      intros i Hi Hk. destruct (Nat.eq_dec i n) as [->|]; [easy|]. apply H1; [lia|easy].
  - right. destruct IH as [IH|[k [H1 [j [Hj H2]]]]].
    + exists (St.sigma Z n). split; [|exists n; auto]. intros i Hi Hk.
      destruct (Nat.eq_dec i n) as [->|]; [lra|]. apply IH. lia.
    + destruct (Rle_dec (St.sigma Z n) k).
      * exists k. split; [|exists j; split; [lia|easy]].
        intros i Hi Hk. destruct (Nat.eq_dec i n) as [->|]; [lra|]. apply H1; [lia|easy].
      * exists (St.sigma Z n). split; [|exists n; auto]. intros i Hi Hk.
        destruct (Nat.eq_dec i n) as [->|]; [lra|]. apply H1; [lia|lra].
Qed.

Notation given := (FlowLaws.given Z depth u v m).

Section Given.
Hypothesis is_flow : St.flow Z depth u v m.
#[local] Instance here : start := given is_flow.

Lemma E_given x : St.E Z u v x = E x.
Proof using. reflexivity. Qed.
Lemma y_given x : St.y Z depth u v m x = y x.
Proof using. reflexivity. Qed.

Lemma closed_form_given t : 0 <= t ->
  (forall i, (i < St.d_y Z)%nat -> u i t = St.p Z u v i (tau t) / sqrt (E (tau t))) /\
  (forall i, (i < St.d_x Z)%nat -> v i t = St.q Z u v i (tau t) / sqrt (E (tau t))) /\
  / m t = y (tau t) /\
  St.alignment Z u v t = Derive E (tau t) / (2 * E (tau t)) /\
  t = RInt (fun x => Rpower (y x) (1 - 2 / depth)) 0 (tau t).
Proof using.
  intros Ht. destruct (flow_is_closed Z depth u v m is_flow t Ht) as [Hu [Hv Hm]].
  split; [|split; [|split; [|split]]].
  - intros i Hi. rewrite (Hu i Hi). unfold St.p. destruct (i <? St.rank Z)%nat; reflexivity.
  - intros i Hi. rewrite (Hv i Hi). unfold St.q. destruct (i <? St.rank Z)%nat; reflexivity.
  - rewrite Hm. unfold s. apply Rinv_inv.
  - rewrite (flow_c Z depth u v m is_flow t Ht). apply c_E.
  - rewrite <- (time_tau t) at 1. unfold time. apply RInt_ext. intros x Hx.
    pose proof (tau_pos t Ht). rewrite Rmin_left in Hx by easy. unfold pace. now rewrite Rmax_right by lra.
Qed.

End Given.

(* 3.1 to 3.3: the flow is its closed form. *)
Theorem closed_form : St.closed_form Z depth u v m.
Proof using. intros F t Ht. rewrite (flow_tau Z depth u v m F t Ht). exact (closed_form_given F t Ht). Qed.

(* 4: both times go on for ever. *)
Theorem tau_unbounded : St.tau_unbounded Z depth u v m.
Proof using.
  intros F. apply (flow_lim Z depth u v m F _ (fun x => x)); [|apply is_lim_id].
  intros t Ht. now apply (flow_tau Z depth u v m F).
Qed.

(* 1: the alignment never decreases. *)
Theorem alignment_monotone : St.alignment_monotone Z depth u v m.
Proof using.
  intros F t t' Ht. rewrite !(flow_c Z depth u v m F) by lra. apply c_mono. apply tau_mono. lra.
Qed.

(* 3.4: the gap of the alignment as a sum. *)
Theorem alignment_gap : St.alignment_gap Z depth u v m.
Proof using.
  intros F k t Ht. rewrite (flow_c Z depth u v m F), (flow_tau Z depth u v m F) by easy.
  exact (c_gap (X := given F) k _).
Qed.

(* 4: convergence to a matrix of rank one. *)
Theorem limit_of_rank_one : St.limit_of_rank_one Z depth u v m.
Proof using.
  intros F k Hk.
  assert (HA : A_squared (X := given F) k = sum (fun i => St.group Z u v k i ^ 2) (St.rank Z)).
  { apply sum_ext. intros i Hi. unfold leading, St.group. now rewrite (proj2 (Nat.ltb_lt i (St.rank Z)) Hi). }
  assert (Ha : forall i, (i < St.d_y Z)%nat -> is_lim (u i) p_infty (St.group Z u v k i / St.A Z u v k)).
  { intros i Hi. unfold St.group, St.A. rewrite <- HA. destruct (Nat.ltb_spec i (St.rank Z)) as [Hl|Hl].
    - eapply (flow_lim Z depth u v m F); [intros t Ht; exact (flow_a Z depth u v m F t i Ht Hl)|].
      exact (a_lim (X := given F) k Hk i Hl).
    - apply (flow_lim Z depth u v m F _ (fun x => u i 0 / sqrt (E (X := given F) x)));
        [intros t Ht; exact (flow_a_null Z depth u v m F t i Ht Hl Hi)|].
      eapply lim_eq; [exact (null_lim (X := given F) k Hk (u i 0))|unfold Rdiv; ring]. }
  assert (Hb : forall i, (i < St.d_x Z)%nat -> is_lim (v i) p_infty (St.group Z u v k i / St.A Z u v k)).
  { intros i Hi. unfold St.group, St.A. rewrite <- HA. destruct (Nat.ltb_spec i (St.rank Z)) as [Hl|Hl].
    - eapply (flow_lim Z depth u v m F); [intros t Ht; exact (flow_b Z depth u v m F t i Ht Hl)|].
      exact (b_lim (X := given F) k Hk i Hl).
    - apply (flow_lim Z depth u v m F _ (fun x => v i 0 / sqrt (E (X := given F) x)));
        [intros t Ht; exact (flow_b_null Z depth u v m F t i Ht Hl Hi)|].
      eapply lim_eq; [exact (null_lim (X := given F) k Hk (v i 0))|unfold Rdiv; ring]. }
  assert (Hs : is_lim m p_infty k).
  { eapply (flow_lim Z depth u v m F); [apply (flow_s Z depth u v m F)|]. exact (s_lim (X := given F) k Hk). }
  repeat split; try easy. intros i j Hi Hj. unfold St.end_to_end, St.limit_entry. auto using lim_mult.
Qed.

(* 4: convergence to zero. *)
Theorem limit_zero : St.limit_zero Z depth u v m.
Proof using.
  intros F Hn.
  assert (Hs : is_lim m p_infty 0).
  { eapply (flow_lim Z depth u v m F); [apply (flow_s Z depth u v m F)|]. exact (s_lim_0 (X := given F) Hn). }
  split; [easy|]. intros i j Hi Hj.
  apply (is_lim_le_le_loc (fun t => - m t) m).
  - exists 0. intros t Ht. unfold St.end_to_end.
    pose proof (flow_a_le Z depth u v m F t i ltac:(lra) Hi). pose proof (flow_b_le Z depth u v m F t j ltac:(lra) Hj).
    pose proof (St.flow_s_pos _ _ _ _ _ F t ltac:(lra)).
    assert (- 1 <= u i t * v j t <= 1) by nra. rewrite Rmult_assoc. nra.
  - replace (Finite 0) with (Rbar_opp 0) by (simpl; f_equal; ring). now apply is_lim_opp.
  - easy.
Qed.

(* 6: the end of stage 1, in both times. *)
Theorem stage_1 : St.stage_1 Z depth u v m.
Proof using.
  intros F one sigma2 [H1 H2 H3 H4 H5] t Ht H. rewrite (flow_c Z depth u v m F t Ht).
  rewrite (flow_tau Z depth u v m F t Ht) in H. apply (stage1 (X := given F) one sigma2); try easy.
  destruct H as [H|H]; [easy|]. now apply (t0_late (X := given F) one sigma2).
Qed.

(* 6: the end of stage 2, in both times. *)
Theorem stage_2 : St.stage_2 Z depth u v m.
Proof using.
  intros F one sigma2 [H1 H2 H3 H4 H5] t Ht H. rewrite (flow_c Z depth u v m F t Ht).
  rewrite (flow_tau Z depth u v m F t Ht) in H. apply (stage2 (X := given F) one sigma2); try easy.
  destruct H as [H|H]; [easy|]. now apply (t1_late (X := given F) one sigma2).
Qed.

(* 6: the envelope of the alignment. *)
Theorem alignment_envelope : St.alignment_envelope Z depth u v m.
Proof using.
  intros F one sigma2 [H1 H2 H3 H4 H5] t Ht.
  rewrite (flow_c Z depth u v m F t Ht), (flow_tau Z depth u v m F t Ht).
  apply (envelope (X := given F) one sigma2); try easy. now apply tau_pos.
Qed.

(* 6: the rank never drops. *)
Theorem rank_stays : St.rank_stays Z depth u v m.
Proof using.
  intros F one sigma2 [H1 H2 H3 H4 H5] t Ht. rewrite (flow_s Z depth u v m F t Ht). unfold s. rewrite Rinv_inv.
  apply (rank_stays (X := given F) one sigma2); try easy. now apply tau_pos.
Qed.

(* 3.4: the loss above that of a limit. *)
Theorem excess_loss : St.excess_loss Z depth u v m.
Proof using.
  intros F k t Ht. unfold St.end_to_end, St.loss_at. fold (total Z).
  rewrite loss_unit; [|now apply (flow_a_norm Z depth u v m F)|now apply (flow_b_norm Z depth u v m F)].
  change (sum (fun i => St.sigma Z i * u i t * v i t) (St.rank Z)) with (St.alignment Z u v t). field.
Qed.

(* 4: the loss of the limit. *)
Theorem limit_loss : St.limit_loss Z u v.
Proof using.
  intros k [_ [one [Hr [Hone Ha]]]].
  set (h := St.group Z u v k).
  assert (Hp : 0 < sum (fun i => h i ^ 2) (St.rank Z)).
  { apply Rlt_le_trans with (h one ^ 2).
    - unfold h, St.group. rewrite (proj2 (Nat.ltb_lt one (St.rank Z)) Hr).
      destruct Req_EM_T; [now apply pow2_gt_0|easy].
    - apply (sum_term (fun i => h i ^ 2)); [easy|]. intros; apply pow2_ge_0. }
  assert (HA : St.A Z u v k * St.A Z u v k = sum (fun i => h i ^ 2) (St.rank Z)) by (apply sqrt_sqrt; lra).
  assert (HA0 : 0 < St.A Z u v k) by now apply sqrt_lt_R0.
  assert (Hn : forall n, (St.rank Z <= n)%nat -> sum (fun i => (h i / St.A Z u v k) ^ 2) n = 1).
  { intros n Hn. replace n with (St.rank Z + (n - St.rank Z))%nat by lia. rewrite sum_split, (sum_zero (fun i => (_ (_ + i)%nat / _) ^ 2)).
    - rewrite (sum_ext _ (fun i => / (St.A Z u v k * St.A Z u v k) * h i ^ 2)) by (intros; field; lra).
      rewrite sum_scal, HA. field. lra.
    - intros i _. unfold h, St.group. rewrite (proj2 (Nat.ltb_ge _ _)) by lia. unfold Rdiv. ring. }
  unfold St.limit_entry. fold h.
  rewrite (loss_unit Z k (fun i => h i / St.A Z u v k) (fun i => h i / St.A Z u v k));
    [|apply Hn, St.rank_d_y|apply Hn, St.rank_d_x].
  rewrite (sum_ext _ (fun i => k * (h i / St.A Z u v k) ^ 2)).
  - rewrite sum_scal, Hn by easy. unfold St.loss_at. fold (total Z). field.
  - intros i Hi. unfold h, St.group. rewrite (proj2 (Nat.ltb_lt i (St.rank Z)) Hi).
    destruct Req_EM_T as [->|]; field; lra.
Qed.

(* 4: no matrix of rank at most one has a smaller loss. *)
Theorem global_minimum : St.global_minimum Z.
Proof using.
  intros k [one [Hr Hone]] Hmax x w. subst k. exact (loss_min Z one x w Hr Hmax).
Qed.

(* 5.1: there is a gap. *)
Theorem gap_exists : St.gap_exists Z u v.
Proof using. intros k Hk. now apply least_gap. Qed.

(* 5.2: where the coefficient of the free part is needed, it exists. *)
Theorem free_integral_exists : St.free_integral_exists Z depth u v m.
Proof using.
  intros F k g Hk Hg Hf.
  destruct (free_integral_exists (X := given F) k g Hk (gap_given Z depth u v m F k g Hg) Hf) as [I HI].
  exists I. now apply (free_given Z depth u v m F k).
Qed.

(* 5.3: the shift exists, and is what its name says. *)
Theorem shift_exists : St.shift_exists Z depth u v m.
Proof using.
  intros F k g Hk Hg.
  destruct (shift_exists (X := given F) k g Hk (gap_given Z depth u v m F k g Hg)) as [theta H].
  exists theta. split; [now apply (shift_given Z depth u v m F k)|].
  eapply is_lim_ext_loc; [|exact (tau_shift (X := given F) k theta H)]. exists 0. intros t Ht. cbv beta.
  now rewrite (flow_tau Z depth u v m F) by lra.
Qed.

(* 5.1 and 5.3: the law of the alignment. *)
Theorem alignment_law : St.alignment_law Z depth u v m.
Proof using.
  intros F k g theta Hk Hg Hs. rewrite (Q_given Z depth u v m F k g).
  apply (law_of_flow Z depth u v m F k theta Hs _ (fun x => k - c (X := given F) x)).
  - intros t Ht. now rewrite (flow_c Z depth u v m F).
  - exact (c_law (X := given F) k g Hk (gap_given Z depth u v m F k g Hg)).
Qed.

(* A law of a square, as one of its root. *)
Lemma root_law (f : R -> R) (rate l : R) : is_lim (fun x => f x * exp (2 * rate * x)) p_infty l -> 0 <= l ->
  is_lim (fun x => sqrt (f x) * exp (rate * x)) p_infty (sqrt l).
Proof using.
  intros Hf Hl. eapply is_lim_ext; [|apply (is_lim_comp_continuous _ sqrt p_infty l Hf)].
  - intros x. cbv beta. replace (2 * rate * x) with (rate * x + rate * x) by ring. rewrite exp_plus.
    rewrite (Rmult_comm (f x)), sqrt_mult_alt by (left; apply Rmult_lt_0_compat; apply exp_pos).
    rewrite sqrt_square by (left; apply exp_pos). ring.
  - apply continuity_pt_filterlim, continuity_pt_sqrt. easy.
Qed.

(* 5.1 and 5.3: the law of the directions. *)
Theorem directions_law : St.directions_law Z depth u v m.
Proof using.
  intros F k g theta Hk Hg Hs. rewrite (Q_given Z depth u v m F k g).
  apply (law_of_flow Z depth u v m F k theta Hs _
    (fun x => sqrt (2 * (2 - (cos_a (X := given F) k x + cos_b (X := given F) k x))))).
  - exact (directions_given Z depth u v m F k Hk).
  - apply root_law.
    + eapply is_lim_ext; [|apply (lim_scal 2), (directions_law (X := given F) k g Hk (gap_given Z depth u v m F k g Hg))].
      intros x. cbv beta. ring.
    + pose proof (Q_nonneg (X := given F) k g Hk). lra.
Qed.

(* 5.2 and 5.3: the law of the magnitude. *)
Theorem magnitude_law : St.magnitude_law Z depth u v m.
Proof using.
  intros F k g theta Hk Hg Hs. pose proof (gap_given Z depth u v m F k g Hg) as Hgap.
  assert (Hm : forall t, 0 <= t -> k - m t = k - s (X := given F) (tau (X := given F) t)).
  { intros t Ht. now rewrite (flow_s Z depth u v m F). }
  rewrite (Q_given Z depth u v m F k g). split; [|split].
  - intros H. apply (law_of_flow Z depth u v m F k theta Hs _ (fun x => k - s (X := given F) x) (2 * g) _ Hm).
    exact (driven (X := given F) k g Hk Hgap H).
  - intros H. pose proof (resonant (X := given F) k g Hk Hgap H) as Hr.
    pose proof (law_in_time_linear (X := given F) k theta (proj1 (shift_given Z depth u v m F k theta) Hs) _ _ _ Hr) as Hl.
    eapply is_lim_ext_loc; [|exact Hl]. exists 0. intros t Ht. cbv beta. now rewrite Hm by lra.
  - intros H I HI. rewrite (H_given Z depth u v m F k).
    apply (law_of_flow Z depth u v m F k theta Hs _ (fun x => k - s (X := given F) x) (depth * k) _ Hm).
    exact (free_law (X := given F) k g Hk Hgap H I (proj1 (free_given Z depth u v m F k I) HI)).
Qed.

(* s - k from the laws of s, with the sign of section 5.2. *)
Lemma s_slow k g (F : St.flow Z depth u v m) : St.limit_value Z u v k -> St.gap Z u v k g -> g < depth * k ->
  is_lim (fun t => (s (X := given F) t - k) * exp (g * t)) p_infty 0.
Proof using.
  intros Hk Hg H. pose proof (St.gap_pos _ _ _ _ _ Hg).
  apply (s_fast (X := given F) k g Hk (gap_given Z depth u v m F k g Hg)); [lra|exact H].
Qed.
Lemma s_free k g I (F : St.flow Z depth u v m) : St.limit_value Z u v k -> St.gap Z u v k g -> depth * k < 2 * g ->
  St.is_free_integral Z depth u v k I ->
  is_lim (fun t => (s (X := given F) t - k) * exp (depth * k * t)) p_infty (- (k ^ 2 * St.H Z depth u v m k I)).
Proof using.
  intros Hk Hg H HI. rewrite (H_given Z depth u v m F k).
  apply is_lim_ext with (fun t => - 1 * ((k - s (X := given F) t) * exp (depth * k * t))); [intros; ring|].
  eapply lim_eq; [apply lim_scal, (free_law (X := given F) k g Hk (gap_given Z depth u v m F k g Hg) H I
    (proj1 (free_given Z depth u v m F k I) HI))|ring].
Qed.

Lemma depth_k (F : St.flow Z depth u v m) k : St.limit_value Z u v k -> 0 < depth * k.
Proof using.
  intros Hk. pose proof (St.flow_depth _ _ _ _ _ F). pose proof (k_positive (X := given F) k Hk).
  apply Rmult_lt_0_compat; lra.
Qed.
Lemma excess_given (F : St.flow Z depth u v m) k t : 0 <= t ->
  St.loss Z (St.end_to_end u v m t) - St.loss_at Z k = excess (X := given F) k (tau (X := given F) t).
Proof using.
  intros Ht. rewrite (excess_loss F k t Ht), (flow_s Z depth u v m F t Ht), (flow_c Z depth u v m F t Ht). reflexivity.
Qed.

(* 5.3: the law of the excess loss. *)
Theorem excess_law : St.excess_law Z depth u v m.
Proof using.
  intros F k g theta Hk Hg Hs. pose proof (gap_given Z depth u v m F k g Hg) as Hgap.
  pose proof (St.gap_pos _ _ _ _ _ Hg) as Hg0. pose proof (depth_k F k Hk) as HNk.
  pose proof (c_law (X := given F) k g Hk Hgap) as Hc. rewrite (Q_given Z depth u v m F k g).
  pose proof (fun rate l => law_of_flow Z depth u v m F k theta Hs _ _ rate l (excess_given F k)) as Law.
  split; [|split].
  - intros H. apply (Law (2 * g)).
    pose proof (excess_law (X := given F) k g 0 _ Hk Hg0 (s_slow k g F Hk Hg H) Hc) as HL.
    eapply lim_eq; [exact HL|ring].
  - intros H I HI. apply (Law (2 * g)). assert (H2 : depth * k < 2 * g) by lra.
    pose proof (s_free k g I F Hk Hg H2 HI) as HF. rewrite <- H in HF.
    pose proof (excess_law (X := given F) k g _ _ Hk Hg0 HF Hc) as HL.
    eapply lim_eq; [exact HL|ring].
  - intros H I HI. apply (Law (2 * (depth * k))). assert (H2 : depth * k < 2 * g) by lra.
    pose proof (s_free k g I F Hk Hg H2 HI) as HF.
    assert (H3 : 2 * (depth * k) < 2 * g) by lra.
    pose proof (law_faster _ _ _ _ H3 Hc) as Hc0.
    pose proof (excess_law (X := given F) k (depth * k) _ _ Hk HNk HF Hc0) as HL.
    eapply lim_eq; [exact HL|ring].
Qed.

(* 5.3: the law of the end-to-end matrix. *)
Theorem end_to_end_law : St.end_to_end_law Z depth u v m.
Proof using.
  intros F k g theta Hk Hg Hs. pose proof (gap_given Z depth u v m F k g Hg) as Hgap.
  pose proof (St.gap_pos _ _ _ _ _ Hg) as Hg0. pose proof (depth_k F k Hk) as HNk.
  pose proof (k_positive (X := given F) k Hk) as Hk0. pose proof (Q_nonneg (X := given F) k g Hk) as HQ.
  pose proof (cosines_law (X := given F) k g Hk Hgap (cos_a_le Z depth u v m F k Hk) (cos_b_le Z depth u v m F k Hk)) as Hc.
  rewrite (Q_given Z depth u v m F k g).
  pose proof (fun rate l => law_of_flow Z depth u v m F k theta Hs _ (fun x => sqrt (distance2 (X := given F) k x)) rate l (distance_given Z depth u v m F k Hk)) as Law.
  split; [|split].
  - intros H. apply (Law g).
    replace (k * sqrt (2 * Q (X := given F) k g)) with (sqrt (0 ^ 2 + 2 * k ^ 2 * Q (X := given F) k g)).
    + apply root_law; [|nra].
      exact (distance_law (X := given F) k g 0 _ Hk (s_slow k g F Hk Hg H) Hc).
    + replace (0 ^ 2 + 2 * k ^ 2 * Q (X := given F) k g) with (k * k * (2 * Q (X := given F) k g)) by ring.
      rewrite sqrt_mult_alt by nra. rewrite sqrt_square by lra. reflexivity.
  - intros H I HI. apply (Law g). assert (H2 : depth * k < 2 * g) by lra.
    pose proof (s_free k g I F Hk Hg H2 HI) as HF. rewrite <- H in HF.
    pose proof (distance_law (X := given F) k g _ _ Hk HF Hc) as HL.
    apply root_law.
    + eapply lim_eq; [exact HL|ring].
    + pose proof (pow2_ge_0 (k ^ 2 * St.H Z depth u v m k I)). nra.
  - intros H I HI. apply (Law (depth * k)). assert (H2 : depth * k < 2 * g) by lra.
    pose proof (s_free k g I F Hk Hg H2 HI) as HF.
    assert (H3 : 2 * (depth * k) < 2 * g) by lra.
    pose proof (law_faster _ _ _ _ H3 Hc) as Hc0.
    pose proof (distance_law (X := given F) k (depth * k) _ _ Hk HF Hc0) as HL.
    replace (k ^ 2 * Rabs (St.H Z depth u v m k I)) with (sqrt ((k ^ 2 * St.H Z depth u v m k I) ^ 2)).
    + apply root_law; [|apply pow2_ge_0]. eapply lim_eq; [exact HL|ring].
    + rewrite <- Rsqr_pow2, sqrt_Rsqr_abs, Rabs_mult, (Rabs_pos_eq (k ^ 2)) by apply pow2_ge_0. reflexivity.
Qed.

(* 5.4: on the way to the origin one of the three laws holds. *)
Theorem origin_cases : St.origin_cases Z depth u v m.
Proof using.
  intros F Hn. pose proof (Gap.rho2_nonneg Z u v) as Hr.
  destruct (Req_dec (St.rho2 Z u v) 0) as [H0|H0]; [right; split; [easy|]|left; lra].
  destruct (least_finite (fun i => St.beta u v i <> 0) (St.sigma Z) (St.rank Z)) as [Hb|[k [Hk Hm]]].
  - exfalso. pose proof (unit (start := given F)) as Hu. change (rho2 (start := given F)) with (St.rho2 Z u v) in Hu.
    rewrite H0, sum_zero in Hu; [lra|]. intros i Hi. change (r (start := given F)) with (St.rank Z) in Hi.
    change (alpha (start := given F) i) with (St.alpha u v i). change (beta (start := given F) i) with (St.beta u v i).
    rewrite Hn by easy. destruct (Req_dec (St.beta u v i) 0) as [->|Hne]; [field|]. destruct (Hb (St.sigma Z i)). now exists i.
  - destruct Hk as [j [Hj [Hbj ->]]]. exists (St.sigma Z j). split; [|now exists j].
    intros i Hi Hs. destruct (Req_dec (St.beta u v i) 0) as [|Hne]; [easy|].
    pose proof (Hm (St.sigma Z i) ltac:(now exists i)). lra.
Qed.

(* 5.4: the law of two layers without null parts. *)
Theorem origin_exponential : St.origin_exponential Z depth u v m.
Proof using.
  intros F Hn HN H0 k [Hl Hp]. subst depth.
  set (X := FlowLaws.given Z 2 u v m F).
  assert (H : is_lim (fun t => s (X := X) t * exp (2 * k * t)) p_infty
    (St.B2 Z u v k / (4 / m 0 + sum (fun i => St.beta u v i ^ 2 / St.sigma Z i) (St.rank Z))))
    by exact (exponential_law (X := X) Hn k H0 Hl Hp eq_refl).
  revert H. apply is_lim_ext_loc. exists 0. intros t Ht. cbv beta.
  rewrite (flow_s Z 2 u v m F t), <- (flow_tau Z 2 u v m F t), tau_is_time by lra. reflexivity.
Qed.

(* A law of s at the origin, on the flow. *)
Lemma origin_law (F : St.flow Z depth u v m) d w l : 0 < d -> 0 < l -> / d = w ->
  is_lim (fun x => time (X := given F) x * Rpower (s (X := given F) x) d) p_infty (/ l) ->
  is_lim (fun t => m t * Rpower t w) p_infty (Rpower l (- w)).
Proof using.
  intros Hd Hl <- H. pose proof (invert_law (X := given F) d l Hd Hl H) as HL.
  eapply is_lim_ext_loc; [|exact HL]. exists 0. intros t Ht. cbv beta. now rewrite (flow_s Z depth u v m F t) by lra.
Qed.

(* 5.4: the law of deeper networks without null parts. *)
Theorem origin_power : St.origin_power Z depth u v m.
Proof using.
  intros F Hn HN H0 k [Hl Hp]. pose proof (k_value_pos (X := given F) k Hp) as Hk.
  pose proof (power_law (X := given F) Hn k H0 Hl Hp HN) as H.
  apply (origin_law F (1 - 2 / depth) _ ((depth - 2) * k)); [| | |exact H].
  - replace (1 - 2 / depth) with ((depth - 2) / depth) by (field; lra). apply Rdiv_lt_0_compat; lra.
  - apply Rmult_lt_0_compat; lra.
  - field. lra.
Qed.

(* 5.4: the law with a null part. *)
Theorem origin_null : St.origin_null Z depth u v m.
Proof using.
  intros F Hn H0. pose proof (St.flow_depth _ _ _ _ _ F) as HN.
  pose proof (null_law (X := given F) Hn H0) as H.
  apply (origin_law F (1 - 2 / depth + 1) _ (2 * (depth - 1))); [| | |exact H].
  - replace (1 - 2 / depth + 1) with (2 * (depth - 1) / depth) by (field; lra). apply Rdiv_lt_0_compat; lra.
  - lra.
  - field. split; lra.
Qed.

(* 5.4: the excess loss follows from the magnitude. *)
Theorem origin_excess : St.origin_excess Z depth u v m.
Proof using.
  intros F Hn.
  assert (HE : forall t, 0 <= t -> St.loss Z (St.end_to_end u v m t) - St.loss_at Z 0 =
    / 2 * m t ^ 2 - m t * c (X := given F) (tau (X := given F) t)).
  { intros t Ht. assert (Hc : St.alignment Z u v t = c (X := given F) (tau (X := given F) t)) by exact (flow_c Z depth u v m F t Ht).
    rewrite (excess_loss F 0 t Ht), Hc. field. }
  assert (Hm : forall t, 0 <= t -> 0 < m t) by exact (St.flow_s_pos _ _ _ _ _ F).
  split.
  - intros H0 k [Hl Hp]. pose proof (proj1 (limit_zero F Hn)) as Hs.
    pose proof (c_slow_lim (X := given F) Hn k H0 Hl Hp) as Hc. apply (in_time (X := given F)) in Hc.
    apply is_lim_ext_loc with (fun t => / 2 * m t - c (X := given F) (tau (X := given F) t)).
    + exists 0. intros t Ht. rewrite HE by lra. pose proof (Hm t ltac:(lra)). field. lra.
    + eapply lim_eq; [apply is_lim_minus'; [apply lim_scal, Hs|exact Hc]|ring].
  - intros H0. pose proof (cy_lim (X := given F) Hn H0) as Hc. apply (in_time (X := given F)) in Hc.
    apply is_lim_ext_loc with (fun t => / 2 - c (X := given F) (tau (X := given F) t) * y (X := given F) (tau (X := given F) t)).
    + exists 0. intros t Ht. rewrite HE by lra. pose proof (Hm t ltac:(lra)) as Hp.
      pose proof (flow_s Z depth u v m F t ltac:(lra)) as Hs. unfold s in Hs.
      assert (Hy : y (X := given F) (tau (X := given F) t) = / m t) by (rewrite Hs; symmetry; apply Rinv_inv).
      rewrite Hy. field. lra.
    + eapply lim_eq; [apply is_lim_minus'; [apply is_lim_const|exact Hc]|ring].
Qed.

(* 5.5: the integral in the length of the plateau converges. *)
Theorem plateau_integral_exists : St.plateau_integral_exists Z depth u v m.
Proof using.
  intros F HN k Hk. destruct (plateau_integral (X := given F) k Hk HN) as [J HJ]. exists J.
  eapply is_lim_ext; [|exact HJ]. intros x. cbv beta. apply RInt_ext. intros w _. now apply (weight_E (X := given F)).
Qed.
End OneFlow.

(* A flow reaches every level between its magnitude at the start and that in the end. *)
Lemma level_reached Z depth u v m (F : St.flow Z depth u v m) (k level : R) : is_lim m p_infty k -> m 0 < level < k ->
  exists t, 0 <= t /\ m t = level.
Proof using.
  intros Hk Hl. apply is_lim_spec in Hk. assert (He : 0 < k - level) by lra.
  destruct (Hk (mkposreal _ He)) as [T HT]. simpl in HT. set (T1 := Rmax 0 T + 1).
  assert (H0 : 0 <= Rmax 0 T) by apply Rmax_l. assert (H1 : T <= Rmax 0 T) by apply Rmax_r.
  specialize (HT T1 ltac:(unfold T1; lra)). apply Rabs_def2 in HT.
  destruct (IVT_interv (fun t => m (Rmax 0 t) - level) 0 T1) as [t [Ht Hz]].
  - intros t _. apply continuity_pt_minus; [|now apply continuity_pt_const].
    eapply ext_everywhere; [exact (St.flow_s_0 _ _ _ _ _ F)|exact (St.flow_s _ _ _ _ _ F)].
  - unfold T1. lra.
  - rewrite Rmax_left by lra. lra.
  - rewrite Rmax_right by (unfold T1; lra). lra.
  - exists t. split; [lra|]. rewrite Rmax_right in Hz by lra. lra.
Qed.

(* 5.5: the length of the plateau. *)
Theorem plateau_law : St.plateau_law.
Proof using.
  intros Z N a0 b0 k level J HN Ha Hb Hk Hl HJ eps He.
  assert (HN2 : 2 <= N) by lra.
  set (X := start_of Z N a0 b0 1 HN2 Ha Hb Rlt_0_1).
  assert (HJX : is_lim (fun x => RInt (weight (X := X)) 0 x) p_infty J).
  { eapply is_lim_ext; [|exact HJ]. intros x. cbv beta. symmetry. apply RInt_ext. intros w _. now apply (weight_E (X := X)). }
  destruct (plateau_tau X k level eps J Hk HN Hl He HJX) as [delta [Hd Hp]].
  exists (Rmin delta level). split; [apply Rmin_glb_lt; lra|]. intros a b s F Ha0 Hb0 Hs.
  assert (Hs1 : s 0 < delta) by (apply Rlt_le_trans with (1 := Hs), Rmin_l).
  assert (Hs2 : s 0 < level) by (apply Rlt_le_trans with (1 := Hs), Rmin_r).
  pose proof (St.rank_d_y Z) as Hy. pose proof (St.rank_d_x Z) as Hx.
  assert (Halpha : forall i, (i < St.rank Z)%nat -> St.alpha a b i = a0 i + b0 i).
  { intros i Hi. unfold St.alpha. rewrite Ha0, Hb0 by lia. easy. }
  assert (Hbeta : forall i, (i < St.rank Z)%nat -> St.beta a b i = a0 i - b0 i).
  { intros i Hi. unfold St.beta. rewrite Ha0, Hb0 by lia. easy. }
  split.
  - apply (level_reached Z N a b s F k); [|lra]. apply (limit_of_rank_one Z N a b s F k).
    destruct Hk as [H1 [i [Hi [H2 H3]]]]. split.
    + intros j Hj Hkj. rewrite Halpha by easy. exact (H1 j Hj Hkj).
    + exists i. split; [easy|split; [easy|]]. rewrite Halpha by easy. exact H3.
  - intros t Ht Hst. set (Y := FlowLaws.given Z N a b s F).
    assert (HE : forall z, ClosedForm.E (X := Y) z = ClosedForm.E (X := X) z).
    { intros z. unfold ClosedForm.E. f_equal.
      - apply sum_ext. intros i Hi. change (alpha (start := Y) i) with (St.alpha a b i). change (beta (start := Y) i) with (St.beta a b i).
        rewrite Halpha, Hbeta by exact Hi. reflexivity.
      - change (St.rho2 Z a b = / 2 * (sum (fun i => a0 (St.rank Z + i)%nat ^ 2) (St.d_y Z - St.rank Z)
          + sum (fun i => b0 (St.rank Z + i)%nat ^ 2) (St.d_x Z - St.rank Z))).
        unfold St.rho2. do 2 f_equal; apply sum_ext; intros i Hi; [rewrite Ha0|rewrite Hb0]; try lia; easy. }
    assert (Hyt : y (X := Y) (tau (X := Y) t) = / level).
    { rewrite <- Hst. assert (H : s t = ClosedForm.s (X := Y) (tau (X := Y) t)) by exact (flow_s Z N a b s F t Ht).
      rewrite H. symmetry. apply Rinv_inv. }
    pose proof (Hp Y (tau (X := Y) t) eq_refl ltac:(intros z; unfold E_power; now rewrite HE) (tau_pos (X := Y) t Ht) Hs1 Hyt) as H.
    rewrite (time_tau (X := Y)) in H. exact H.
Qed.
