(* The proofs of StatementsDecay.v, under the same names. *)
Require Import Reals Lra Lia Psatz.
From Coquelicot Require Import Coquelicot.
From OneNeuron Require StatementsDecay Theorems.
From OneNeuron Require Import Calculus Matrices ClosedForm Time Limits Flow FlowLaws Decay Thresholds.
Open Scope R_scope.
(* What is not the statement is refused at once, instead of being computed. *)
#[local] Opaque is_lim exp ln sqrt.

Section OneFlow.
Variables (Z : St.target) (depth mu : R) (u v : nat -> R -> R) (m : R -> R).

(* Weight decay 2: the flow is its closed form. *)
Theorem decay_closed_form : Sd.decay_closed_form Z depth mu u v m.
Proof using.
  intros F Hd t Ht. subst depth.
  destruct (Theorems.closed_form Z 2 u v _ (flow_without_decay Z mu u v m F) t Ht) as [Ha [Hb _]].
  rewrite tau_is_time in Ha, Hb. split; [exact Ha|split; [exact Hb|]].
  exact (decayed_magnitude Z mu u v m F t Ht).
Qed.

(* A product of a small number and of entries of unit vectors is small. *)
Lemma vanishing (F : St.flow Z 2 u v (undecayed Z u v m)) i j : (i < St.d_y Z)%nat -> (j < St.d_x Z)%nat ->
  (forall t, 0 <= t -> 0 < m t) -> is_lim m p_infty 0 ->
  is_lim (fun t => St.end_to_end u v m t i j) p_infty 0.
Proof using.
  intros Hi Hj Hp Hs. apply (is_lim_le_le_loc (fun t => - m t) m); [| |exact Hs].
  - exists 0. intros t Ht. unfold St.end_to_end.
    pose proof (flow_a_le Z 2 u v _ F t i ltac:(lra) Hi) as Ha. pose proof (flow_b_le Z 2 u v _ F t j ltac:(lra) Hj) as Hb.
    pose proof (Hp t ltac:(lra)) as Hm.
    assert (Hab : - 1 <= u i t * v j t <= 1) by nra. rewrite Rmult_assoc. nra.
  - replace (Finite 0) with (Rbar_opp 0) by (simpl; f_equal; ring). now apply is_lim_opp.
Qed.
Lemma of_hat (F : Sd.decay_flow Z 2 mu u v m) (l : R) :
  is_lim (fun x => / y_hat (X := undecayed_start Z mu u v m F) mu (m 0) x) p_infty l -> is_lim m p_infty l.
Proof using.
  intros H. eapply is_lim_ext_loc; [|exact H]. exists 0. intros t Ht. cbv beta.
  rewrite <- (decayed_magnitude Z mu u v m F t) by lra. apply Rinv_inv.
Qed.

(* Weight decay 2: the limit, its singular value thresholded softly. *)
Theorem decay_limit : Sd.decay_limit Z depth mu u v m.
Proof using.
  intros F Hd k Hk. subst depth. pose proof (flow_without_decay Z mu u v m F) as F0.
  destruct (Theorems.limit_of_rank_one Z 2 u v _ F0 k Hk) as [Ha [Hb _]].
  assert (Hs : is_lim m p_infty (Rmax 0 (k - mu))).
  { apply (of_hat F). apply s_hat_lim; [exact (m_0_pos Z mu u v m F)|exact Hk]. }
  repeat split; try easy. intros i j Hi Hj. unfold St.end_to_end. auto using lim_mult.
Qed.

(* Weight decay 2: the limit without any growing part. *)
Theorem decay_limit_zero : Sd.decay_limit_zero Z depth mu u v m.
Proof using.
  intros F Hd Hn. subst depth. pose proof (flow_without_decay Z mu u v m F) as F0.
  assert (Hs : is_lim m p_infty 0).
  { apply (of_hat F). apply s_hat_lim_0; [exact (m_0_pos Z mu u v m F)|exact (Sd.decay_mu _ _ _ _ _ _ F)|exact Hn]. }
  split; [exact Hs|]. intros i j Hi Hj. apply vanishing; auto. exact (Sd.decay_s_pos _ _ _ _ _ _ F).
Qed.
End OneFlow.

(* Weight decay 2: from every start there is a flow. *)
Theorem decay_existence : Sd.decay_existence.
Proof using.
  intros Z mu a0 b0 s0 Hmu Ha Hb Hs.
  destruct (Theorems.existence_and_uniqueness Z 2 a0 b0 s0 ltac:(lra) Ha Hb Hs) as [a [b [s [F [[Ha0 [Hb0 Hs0]] _]]]]].
  set (X := given Z 2 a b s F).
  exists a, b, (fun t => / y_hat (X := X) mu s0 t).
  assert (Hp : forall t, 0 <= t -> 0 < / y_hat (X := X) mu s0 t).
  { intros t Ht. now apply Rinv_0_lt_compat, y_hat_pos. }
  assert (Hd : forall t, 0 <= t -> is_derive (fun t => / y_hat (X := X) mu s0 t) t
    (2 * / y_hat (X := X) mu s0 t * (c (X := X) t - / y_hat (X := X) mu s0 t) - 2 * mu * / y_hat (X := X) mu s0 t)).
  { intros t Ht. pose proof (y_hat_pos (X := X) mu s0 Hs t Ht) as Hy. eapply derive_eq.
    - apply is_derive_inv; [now apply y_hat_der|lra].
    - field. lra. }
  split; [|split; [exact Ha0|split; [exact Hb0|]]].
  - split.
    + exact Hmu.
    + lra.
    + exact (St.flow_a_unit _ _ _ _ _ F).
    + exact (St.flow_b_unit _ _ _ _ _ F).
    + exact Hp.
    + exact (St.flow_a_0 _ _ _ _ _ F).
    + exact (St.flow_b_0 _ _ _ _ _ F).
    + exact (right_cont _ 0 _ (Hd 0 ltac:(lra))).
    + intros i t Hi Ht. pose proof (St.flow_a _ _ _ _ _ F i t Hi Ht) as H. unfold St.speed in *.
      rewrite speed_2 in H |- *. exact H.
    + intros i t Hi Ht. pose proof (St.flow_b _ _ _ _ _ F i t Hi Ht) as H. unfold St.speed in *.
      rewrite speed_2 in H |- *. exact H.
    + intros t Ht. rewrite power_2 by (apply Hp; lra). eapply derive_eq; [apply Hd; lra|].
      rewrite (flow_c Z 2 a b s F t) by lra. rewrite <- (flow_tau Z 2 a b s F t), tau_is_time by lra. reflexivity.
  - rewrite y_hat_0 by exact Hs. apply Rinv_inv.
Qed.

Section OneMode.
Variables depth mu : R.

(* Weight decay 3: where the magnitude rests. *)
Theorem stationary : Sd.stationary depth mu.
Proof using.
  intros HN Hm sigma s Hs. assert (Hp : 0 < Rpower s (2 - 2 / depth)) by apply exp_pos.
  assert (H : depth * Rpower s (2 - 2 / depth) * (sigma - s) - depth * mu * s =
    depth * Rpower s (2 - 2 / depth) * (sigma - Sd.f depth mu s)).
  { unfold Sd.f. assert (H1 : Rpower s (2 - 2 / depth) * Rpower s (- (1 - 2 / depth)) = s).
    - rewrite <- Rpower_plus. replace (_ + _) with 1 by ring. now apply Rpower_1.
    - transitivity (depth * (Rpower s (2 - 2 / depth) * (sigma - s)
        - mu * (Rpower s (2 - 2 / depth) * Rpower s (- (1 - 2 / depth))))); [rewrite H1; ring|ring]. }
  rewrite H. split; intros H0.
  - apply Rmult_integral in H0. destruct H0 as [H0|H0]; [|lra]. apply Rmult_integral in H0. lra.
  - rewrite H0. ring.
Qed.

(* Weight decay 3: below sigma_c there is no stationary point, and at sigma_c there is one. *)
Theorem none_below : Sd.none_below depth mu.
Proof using. intros HN Hm. split; [now apply f_c|]. now apply f_least. Qed.

(* Weight decay 3: above sigma_c there are two. *)
Theorem two_above : Sd.two_above depth mu.
Proof using.
  intros HN Hm sigma Hsigma.
  destruct (crossing depth mu HN Hm sigma Hsigma) as [x [z [Hx [Hz [Hfx Hfz]]]]].
  exists x, z. split; [easy|split; [easy|]]. intros s Hs.
  pose proof (f_up depth mu HN Hm) as Up. pose proof (f_down depth mu HN Hm) as Down.
  destruct (Rlt_dec s x) as [H1|H1]; [pose proof (Down s x ltac:(lra) ltac:(lra)); split; split; lra|].
  destruct (Req_dec s x) as [->|H2]; [split; split; auto; lra|].
  destruct (Rlt_dec z s) as [H3|H3]; [pose proof (Up z s ltac:(lra)); split; split; lra|].
  destruct (Req_dec s z) as [->|H4]; [split; split; auto; lra|].
  assert (H5 : Sd.f depth mu s < sigma).
  { destruct (Rle_dec s (Sd.s_c depth mu)).
    - pose proof (Down x s ltac:(lra) ltac:(lra)). lra.
    - pose proof (Up s z ltac:(lra)). lra. }
  split; split; lra.
Qed.

(* Weight decay 3: the larger of them is lower than zero exactly above sigma_g. *)
Theorem lower_than_zero : Sd.lower_than_zero depth mu.
Proof using. intros HN Hm sigma s Hs <-. now apply lower. Qed.

(* Weight decay 3: the order of the thresholds, and their ratio. *)
Theorem thresholds_ordered : Sd.thresholds_ordered depth mu.
Proof using.
  intros HN Hm. pose proof (s_c_pos depth mu) as H0. pose proof (c_less_g depth mu HN Hm) as H1.
  pose proof (f_up depth mu HN Hm (Sd.s_c depth mu) (Sd.s_g depth mu) ltac:(lra)) as H2.
  rewrite f_c, f_g in H2 by easy.
  assert (H3 : 0 < Sd.sigma_c depth mu).
  { unfold Sd.sigma_c. apply Rmult_lt_0_compat; [apply Rdiv_lt_0_compat; lra|easy]. }
  repeat split; try lra; [now apply f_g|now apply ratio].
Qed.
End OneMode.
