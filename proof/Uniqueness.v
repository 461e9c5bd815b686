(* Section 3: nothing else solves the flow. The speed v covers both times: v = 1 is the flow in tau,
   v = s^(1-2/N) the flow in t. *)
Require Import Reals Lra Lia Psatz.
From Coquelicot Require Import Coquelicot.
From OneNeuron Require Import Calculus ClosedForm.
Open Scope R_scope.

Lemma clamp_cont (g : R -> R) T : 0 <= T -> (forall t, 0 <= t <= T -> continuity_pt g t) ->
  forall t, continuous (fun t => g (Rmax 0 (Rmin t T))) t.
Proof using.
  intros HT Hg t. apply (continuous_comp (fun t => Rmax 0 (Rmin t T)) g).
  - apply continuity_pt_filterlim. apply continuity_pt_ext with (fun t => (0 + (t + T - Rabs (t - T)) / 2 + Rabs (0 - (t + T - Rabs (t - T)) / 2)) / 2).
    + intros x. unfold Rmax, Rmin, Rabs. destruct (Rle_dec x T); destruct (Rcase_abs (x - T));
      repeat (destruct Rcase_abs || destruct Rle_dec); lra.
    + assert (C : forall f, continuity_pt f t -> continuity_pt (fun x => Rabs (f x)) t).
      { intros f Hf. apply (continuity_pt_comp f Rabs); [easy|apply Rcontinuity_abs]. }
      assert (I : continuity_pt (fun x => x) t) by apply continuity_pt_id.
      assert (K : forall k, continuity_pt (fun _ : R => k) t) by (intros; now apply continuity_pt_const).
      assert (H1 : continuity_pt (fun t => (t + T - Rabs (t - T)) / 2) t).
      { apply continuity_pt_div; [|easy|lra]. apply continuity_pt_minus; [now apply continuity_pt_plus|].
        apply C. now apply continuity_pt_minus. }
      apply continuity_pt_div; [|easy|lra]. apply continuity_pt_plus; [now apply continuity_pt_plus|].
      apply C. now apply continuity_pt_minus.
  - apply continuity_pt_filterlim, Hg. unfold Rmax, Rmin. repeat destruct Rle_dec; lra.
Qed.

(* the integrating factor of g *)
Lemma factor (g : R -> R) T : 0 <= T -> (forall t, 0 <= t <= T -> continuity_pt g t) ->
  exists e, e 0 = 1 /\ (forall t, 0 < e t) /\ (forall t, continuity_pt e t) /\
    forall t, 0 <= t <= T -> is_derive e t (g t * e t).
Proof using.
  intros HT Hg. set (h := fun t => g (Rmax 0 (Rmin t T))).
  pose proof (clamp_cont g T HT Hg : forall t, continuous h t) as Hh.
  assert (D : forall t, is_derive (fun t => exp (RInt h 0 t)) t (h t * exp (RInt h 0 t))).
  { intros t. eapply derive_eq.
    - apply is_derive_comp; [apply is_derive_Reals, derivable_pt_lim_exp|].
      apply (is_derive_RInt (V := R_NormedModule) h _ 0); [|apply Hh].
      apply filter_forall. intros z. apply (RInt_correct (V := R_CompleteNormedModule)).
      apply (ex_RInt_continuous (V := R_CompleteNormedModule)). intros; apply Hh.
    - reflexivity. }
  exists (fun t => exp (RInt h 0 t)). split; [|split; [|split]].
  - rewrite RInt_point. apply exp_0.
  - intros; apply exp_pos.
  - intros t. eapply derive_continuous, D.
  - intros t Ht. eapply derive_eq; [apply D|]. unfold h. rewrite Rmin_left, Rmax_right by lra. easy.
Qed.

Lemma sum_cont f r x : (forall i, (i < r)%nat -> continuity_pt (f i) x) ->
  continuity_pt (fun t => sum (fun i => f i t) r) x.
Proof using.
  induction r; intros H; simpl; [now apply continuity_pt_const|]. apply continuity_pt_plus; auto.
Qed.

Section Uniqueness.
Context {X : start}.

Variables (T : R) (v tau : R -> R) (x z : nat -> R -> R) (m : R -> R).
Let d t := sum (fun i => sigma i * x i t * z i t) r.
Hypothesis T_pos : 0 <= T.
Hypothesis tau_0 : tau 0 = 0.
Hypothesis x_0 : forall i, (i < r)%nat -> x i 0 = (alpha i + beta i) / 2.
Hypothesis z_0 : forall i, (i < r)%nat -> z i 0 = (alpha i - beta i) / 2.
Hypothesis m_0 : m 0 = s0.
Hypothesis v_cont : forall t, 0 <= t <= T -> continuity_pt v t.
Hypothesis tau_cont : forall t, 0 <= t <= T -> continuity_pt tau t.
Hypothesis x_cont : forall i t, (i < r)%nat -> 0 <= t <= T -> continuity_pt (x i) t.
Hypothesis z_cont : forall i t, (i < r)%nat -> 0 <= t <= T -> continuity_pt (z i) t.
Hypothesis m_cont : forall t, 0 <= t <= T -> continuity_pt m t.
Hypothesis tau_der : forall t, 0 < t < T -> is_derive tau t (v t).
Hypothesis x_der : forall i t, (i < r)%nat -> 0 < t < T ->
  is_derive (x i) t (v t * (sigma i * z i t - d t * x i t)).
Hypothesis z_der : forall i t, (i < r)%nat -> 0 < t < T ->
  is_derive (z i) t (v t * (sigma i * x i t - d t * z i t)).
Hypothesis m_der : forall t, 0 < t < T -> is_derive m t (N * v t * m t * (d t - m t)).

Lemma d_cont t : 0 <= t <= T -> continuity_pt d t.
Proof using x_cont z_cont.
  intros Ht. apply (sum_cont (fun i t => sigma i * x i t * z i t)). intros i Hi.
  apply continuity_pt_mult; [apply continuity_pt_scal|]; auto.
Qed.

(* w = x + z or x - z, of rate k = sigma or - sigma, is a multiple of exp (k tau) / e *)
Lemma mode (e w : R -> R) k : e 0 = 1 -> (forall t, continuity_pt e t) ->
  (forall t, 0 <= t <= T -> is_derive e t (v t * d t * e t)) ->
  (forall t, 0 <= t <= T -> continuity_pt w t) ->
  (forall t, 0 < t < T -> is_derive w t (v t * (k - d t) * w t)) ->
  forall t, 0 <= t <= T -> w t * e t = w 0 * exp (k * tau t).
Proof using X tau_0 tau_cont tau_der x z.
  intros He0 Hec He Hwc Hw t Ht.
  assert (H : w t * e t * exp (- k * tau t) = w 0 * e 0 * exp (- k * tau 0)).
  { apply (constant_on (fun t => w t * e t * exp (- k * tau t))); [lra| |]; intros u Hu.
    - eapply derive_eq.
      + apply (is_derive_mult (fun t => w t * e t) (fun t => exp (- k * tau t))); [| |apply Rmult_comm].
        * apply (is_derive_mult w e); [apply Hw; lra|apply He; lra|apply Rmult_comm].
        * apply is_derive_comp; [apply is_derive_Reals, derivable_pt_lim_exp|].
          apply is_derive_scal, tau_der. lra.
      + unfold plus, mult, scal; simpl; unfold mult; simpl. ring.
    - apply continuity_pt_mult; [apply continuity_pt_mult; auto; apply Hwc; lra|].
      apply (continuity_pt_comp (fun t => - k * tau t) exp).
      + apply continuity_pt_scal, tau_cont. lra.
      + apply derivable_continuous_pt, derivable_pt_exp. }
  rewrite He0, tau_0, Rmult_0_r, exp_0, !Rmult_1_r in H. rewrite <- H, Rmult_assoc, <- exp_plus.
  replace (- k * tau t + k * tau t) with 0 by ring. rewrite exp_0. ring.
Qed.

Lemma unique_ab : forall t, 0 <= t <= T ->
  (forall i, (i < r)%nat -> x i t = a i (tau t) /\ z i t = b i (tau t)) /\ d t = c (tau t) /\
  (* a null direction *)
  forall w, (forall t, 0 <= t <= T -> continuity_pt w t) ->
    (forall t, 0 < t < T -> is_derive w t (- v t * d t * w t)) -> w t = w 0 / sqrt (E (tau t)).
Proof using T_pos tau_0 tau_cont tau_der v_cont x_0 x_cont x_der z_0 z_cont z_der.
  destruct (factor (fun t => v t * d t) T T_pos) as [e [He0 [Hep [Hec He]]]].
  { intros t Ht. apply continuity_pt_mult; [auto|now apply d_cont]. }
  assert (Hxz : forall t i, 0 <= t <= T -> (i < r)%nat ->
            x i t * e t = p i (tau t) /\ z i t * e t = q i (tau t)).
  { intros t i Ht Hi.
    assert (H1 : (x i t + z i t) * e t = (x i 0 + z i 0) * exp (sigma i * tau t)).
    { apply (mode e (fun t => x i t + z i t) (sigma i)); auto; intros u Hu.
      - apply continuity_pt_plus; auto.
      - eapply derive_eq; [apply (is_derive_plus (V := R_NormedModule)); [now apply x_der|now apply z_der]|].
        unfold plus; simpl. ring. }
    assert (H2 : (x i t - z i t) * e t = (x i 0 - z i 0) * exp (- sigma i * tau t)).
    { apply (mode e (fun t => x i t - z i t) (- sigma i)); auto; intros u Hu.
      - apply continuity_pt_minus; auto.
      - eapply derive_eq; [apply (is_derive_minus (V := R_NormedModule)); [now apply x_der|now apply z_der]|].
        unfold minus, plus, opp; simpl. ring. }
    rewrite x_0, z_0 in H1, H2 by easy. unfold p, q. lra. }
  assert (HF : forall t, 0 <= t <= T -> d t * (e t * e t) = dE (tau t)).
  { intros t Ht. unfold d, dE. rewrite Rmult_comm, <- sum_scal. apply sum_ext. intros i Hi.
    destruct (Hxz t i Ht Hi) as [H1 H2].
    transitivity (sigma i * ((x i t * e t) * (z i t * e t))); [ring|]. rewrite H1, H2, p_q. field. }
  assert (HE : forall t, 0 <= t <= T -> e t = sqrt (E (tau t))).
  { intros t Ht. symmetry. apply sqrt_lem_1; [left; apply E_pos; auto|left; auto|].
    assert (H : e t * e t - E (tau t) = e 0 * e 0 - E (tau 0)).
    { apply (constant_on (fun t => e t * e t - E (tau t))); [lra| |]; intros u Hu.
      - eapply derive_eq.
        + apply (is_derive_minus (V := R_NormedModule) (fun t => e t * e t) (fun t => E (tau t))).
          * apply (is_derive_mult e e); [apply He; lra|apply He; lra|apply Rmult_comm].
          * apply is_derive_comp; [apply E_der|apply tau_der; lra].
        + unfold minus, plus, opp, mult, scal; simpl; unfold mult; simpl. rewrite <- HF by lra. ring.
      - apply continuity_pt_minus; [now apply continuity_pt_mult|].
        apply (continuity_pt_comp tau E); [apply tau_cont; lra|eapply derive_continuous, E_der]. }
    rewrite He0, tau_0, E_0 in H by easy. lra. }
  intros t Ht. pose proof (Hep t). rewrite HE in H by easy. split; [|split].
  - intros i Hi. destruct (Hxz t i Ht Hi) as [H1 H2]. rewrite HE in H1, H2 by easy.
    unfold a, b. rewrite <- H1, <- H2. split; field; lra.
  - unfold c. rewrite <- HF, HE, sqrt_E by auto.
    pose proof (E_pos (tau t)). field. lra.
  - intros w Hwc Hw. rewrite <- HE by easy.
    assert (H1 : w t * e t = w 0 * exp (0 * tau t)).
    { apply (mode e w 0); auto. intros u Hu. eapply derive_eq; [now apply Hw|ring]. }
    rewrite Rmult_0_l, exp_0, <- HE in * by easy. rewrite Rmult_1_r in H1. rewrite <- H1. field. lra.
Qed.

Lemma unique_y : forall t, 0 <= t <= T -> m t * y (tau t) = 1.
Proof using T_pos m_0 m_cont m_der tau_0 tau_cont tau_der v_cont x_0 x_cont x_der z_0 z_cont z_der.
  destruct (factor (fun t => N * v t * m t) T T_pos) as [e [He0 [Hep [Hec He]]]].
  { intros t Ht. apply continuity_pt_mult; [apply continuity_pt_scal|]; auto. }
  intros t Ht.
  assert (H : (1 - m t * y (tau t)) * e t = (1 - m 0 * y (tau 0)) * e 0).
  { apply (constant_on (fun t => (1 - m t * y (tau t)) * e t)); [lra| |]; intros u Hu.
    - eapply derive_eq.
      + apply (is_derive_mult (fun t => 1 - m t * y (tau t)) e); [|apply He; lra|apply Rmult_comm].
        apply (is_derive_minus (V := R_NormedModule) (fun _ => 1)); [apply (is_derive_const (V := R_NormedModule))|].
        apply (is_derive_mult m (fun t => y (tau t))); [apply m_der; lra| |apply Rmult_comm].
        apply is_derive_comp; [apply y_der; auto|apply tau_der; lra].
      + unfold minus, plus, opp, mult, scal, zero; simpl; unfold mult; simpl.
        destruct (unique_ab u) as [_ [-> _]]; [lra|]. ring.
    - apply continuity_pt_mult; [|auto]. apply continuity_pt_minus; [now apply continuity_pt_const|].
      apply continuity_pt_mult; [apply m_cont; lra|].
      apply (continuity_pt_comp tau y); [apply tau_cont; lra|eapply derive_continuous, y_der; auto]. }
  rewrite m_0, tau_0, y_0, Rinv_r in H by (pose proof s0_pos; lra). pose proof (Hep t).
  rewrite Rminus_eq_0, Rmult_0_l in H. apply Rmult_integral in H. lra.
Qed.

Theorem unique : (forall i, (i < r)%nat -> x i T = a i (tau T) /\ z i T = b i (tau T)) /\
  m T = s (tau T) /\ forall w, (forall t, 0 <= t <= T -> continuity_pt w t) ->
    (forall t, 0 < t < T -> is_derive w t (- v t * d t * w t)) -> w T = w 0 / sqrt (E (tau T)).
Proof using T_pos m_0 m_cont m_der tau_0 tau_cont tau_der v_cont x_0 x_cont x_der z_0 z_cont z_der.
  split; [apply unique_ab; lra|split; [|apply unique_ab; lra]]. pose proof (unique_y T ltac:(lra)) as H. unfold s.
  assert (y (tau T) <> 0) by (intros H0; rewrite H0 in H; lra).
  apply (Rmult_eq_reg_r (y (tau T))); [|easy]. rewrite H. field. easy.
Qed.
End Uniqueness.
