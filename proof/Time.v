(* Sections 1 and 3.3: the flow in time t. One solution exists for all t >= 0, and no other. *)
Require Import Reals Lra Lia Psatz.
From Coquelicot Require Import Coquelicot.
From OneNeuron Require Import Calculus Inverse Linear ClosedForm Uniqueness.
Open Scope R_scope.

Section Time.
Context {X : start}.

Section Bound.
Variable sigma_bound : R.
Hypothesis sigma_bound_pos : 0 < sigma_bound.
Hypothesis sigma_bound_max : forall i, (i < r)%nat -> sigma i <= sigma_bound.
Theorem c_max t : c t <= sigma_bound.
Proof using sigma_bound_max sigma_bound_pos.
  pose proof (E_pos t). pose proof rho2_nonneg.
  cut (0 <= sigma_bound - c t); [lra|]. rewrite c_gap by auto. apply Rdiv_le_0_compat; [|lra].
  apply Rplus_le_le_0_compat; [apply Rplus_le_le_0_compat|]; [apply sum_nonneg|apply sum_nonneg|].
  - intros i Hi. apply square_exp_nonneg; [pose proof (sigma_bound_max i Hi); lra|apply exp_pos].
  - intros i Hi. apply square_exp_nonneg; [pose proof (sigma_pos i Hi); lra|apply exp_pos].
  - apply Rmult_le_pos; lra.
Qed.
Theorem y_min t : 0 <= t -> Rmin (/ s0) (/ sigma_bound) <= y t.
Proof using sigma_bound_max sigma_bound_pos.
  intros Ht. pose proof N_pos as HN. pose proof s0_pos as Hs0.
  assert (H : / sigma_bound + (y 0 - / sigma_bound) * exp (N * sigma_bound * 0) * exp (- (N * sigma_bound) * t) <= y t).
  { apply (lin_lower N 0 sigma_bound c y); auto; intros; [now apply y_pos|now apply y_der|now apply c_max]. }
  rewrite y_0, Rmult_0_r, exp_0, Rmult_1_r in H by auto.
  assert (0 < exp (- (N * sigma_bound) * t) <= 1).
  { split; [apply exp_pos|]. rewrite <- exp_0. apply exp_le.
    assert (0 <= N * sigma_bound * t) by (apply Rmult_le_pos; [|easy]; apply Rmult_le_pos; lra). lra. }
  apply Rle_trans with (2 := H). unfold Rmin. destruct Rle_dec; nra.
Qed.
End Bound.

Definition sigma_bound := sum sigma r + 1.
Lemma sigma_bound_pos : 0 < sigma_bound.
Proof using. unfold sigma_bound. assert (0 <= sum sigma r) by (apply sum_nonneg; intros; left; auto). lra. Qed.
Lemma sigma_bound_max i : (i < r)%nat -> sigma i <= sigma_bound.
Proof using. intros Hi. unfold sigma_bound. assert (sigma i <= sum sigma r) by (apply sum_term; auto; intros; left; auto). lra. Qed.

Definition exponent := 1 - 2 / N.
Lemma exponent_nonneg : 0 <= exponent.
Proof using.
  pose proof N_2. unfold exponent. assert (2 / N <= 1); [|lra]. apply (Rmult_le_reg_r N); [lra|].
  unfold Rdiv. rewrite Rmult_assoc, Rinv_l; lra.
Qed.
(* dt / dtau, constant_on before the start *)
Definition pace x := Rpower (y (Rmax 0 x)) exponent.
Definition pace_min := Rpower (Rmin (/ s0) (/ sigma_bound)) exponent.
Lemma pace_min_pos : 0 < pace_min. Proof using. apply exp_pos. Qed.
Lemma pace_ge x : pace_min <= pace x.
Proof using.
  apply Rle_Rpower_l; [apply exponent_nonneg|]. split.
  - apply Rmin_pos; apply Rinv_0_lt_compat; [easy|apply sigma_bound_pos].
  - apply y_min; [apply sigma_bound_pos|apply sigma_bound_max|apply Rmax_l].
Qed.
Lemma pace_cont x : continuous pace x.
Proof using.
  apply (continuous_comp (Rmax 0) (fun u => Rpower (y u) exponent)).
  - apply continuity_pt_filterlim. apply continuity_pt_ext with (fun x => (x + Rabs x) / 2).
    + intros u. unfold Rmax, Rabs. destruct Rcase_abs; destruct Rle_dec; lra.
    + apply continuity_pt_div; [|now apply continuity_pt_const|lra].
      apply continuity_pt_plus; [apply continuity_pt_id|apply Rcontinuity_abs].
  - assert (Hy : 0 < y (Rmax 0 x)) by (apply y_pos; auto using N_pos; apply Rmax_l).
    apply (ex_derive_continuous (V := R_NormedModule)). eexists. unfold Rpower.
    apply is_derive_comp; [apply is_derive_Reals, derivable_pt_lim_exp|].
    apply is_derive_scal, is_derive_comp; [now apply is_derive_Reals, derivable_pt_lim_ln|].
    apply y_der; auto using N_pos.
Qed.
Definition time x := RInt pace 0 x.
Lemma time_der x : is_derive time x (pace x).
Proof using.
  apply (is_derive_RInt (V := R_NormedModule) pace _ 0); [|apply pace_cont].
  apply filter_forall. intros z. apply (RInt_correct (V := R_CompleteNormedModule)).
  apply (ex_RInt_continuous (V := R_CompleteNormedModule)). intros; apply pace_cont.
Qed.
Definition tau := inv time pace pace_min pace_min_pos time_der pace_ge.
Lemma time_0 : time 0 = 0. Proof using. apply (RInt_point (V := R_CompleteNormedModule)). Qed.
Lemma tau_0 : tau 0 = 0.
Proof using. rewrite <- time_0 at 1. apply inv_f. Qed.
Lemma tau_pos t : 0 <= t -> 0 <= tau t.
Proof using.
  intros Ht. pose proof (inv_slope time pace pace_min pace_min_pos time_der pace_ge 0 t Ht) as H.
  fold tau in H. rewrite tau_0 in H. lra.
Qed.
Lemma time_tau t : time (tau t) = t.
Proof using. apply f_inv. Qed.
Lemma tau_time x : tau (time x) = x.
Proof using. apply inv_f. Qed.
Lemma tau_mono t t' : t <= t' -> tau t <= tau t'.
Proof using. intros H. pose proof (inv_slope time pace pace_min pace_min_pos time_der pace_ge t t' H) as Hs. fold tau in Hs. lra. Qed.
Lemma Rpower_inv x z : 0 < x -> / Rpower x z = Rpower (/ x) z.
Proof using. intros Hx. unfold Rpower. rewrite ln_Rinv by easy. rewrite <- exp_Ropp. f_equal. ring. Qed.
Theorem tau_der t : 0 <= t -> is_derive tau t (Rpower (s (tau t)) exponent).
Proof using.
  intros Ht. eapply derive_eq; [apply inv_der|]. fold tau. unfold pace, s.
  pose proof (tau_pos t Ht). rewrite Rmax_right by easy. apply Rpower_inv. apply y_pos; auto using N_pos.
Qed.
Theorem tau_lim : is_lim tau p_infty p_infty.
Proof using. apply inv_lim. Qed.

(* the closed form solves the flow of section 1 *)
Theorem a_flow i t : 0 <= t -> is_derive (fun t => a i (tau t)) t
  (Rpower (s (tau t)) exponent * (sigma i * b i (tau t) - c (tau t) * a i (tau t))).
Proof using. intros Ht. apply derive_comp; [now apply a_der|now apply tau_der]. Qed.
Theorem b_flow i t : 0 <= t -> is_derive (fun t => b i (tau t)) t
  (Rpower (s (tau t)) exponent * (sigma i * a i (tau t) - c (tau t) * b i (tau t))).
Proof using. intros Ht. apply derive_comp; [now apply b_der|now apply tau_der]. Qed.
Theorem s_flow t : 0 <= t -> is_derive (fun t => s (tau t)) t
  (N * Rpower (s (tau t)) (2 - 2 / N) * (c (tau t) - s (tau t))).
Proof using.
  intros Ht. pose proof (tau_pos t Ht) as Hp.
  assert (Hs : 0 < s (tau t)) by (apply s_pos; auto using N_pos).
  eapply derive_eq; [apply is_derive_comp; [apply s_der; auto using N_pos|now apply tau_der]|].
  unfold scal; simpl; unfold mult; simpl. replace (2 - 2 / N) with (exponent + 1) by (unfold exponent; ring).
  rewrite Rpower_plus, Rpower_1 by easy. ring.
Qed.
Lemma in_time f (l : Rbar) : is_lim f p_infty l -> is_lim (fun t => f (tau t)) p_infty l.
Proof using.
  intros H. apply (is_lim_comp f tau p_infty l p_infty H tau_lim). now exists 0.
Qed.

(* nothing else does *)
Section Other.
Variables (T : R) (x z : nat -> R -> R) (m : R -> R).
Let d t := sum (fun i => sigma i * x i t * z i t) r.
Hypothesis T_pos : 0 <= T.
Hypothesis x_0 : forall i, (i < r)%nat -> x i 0 = (alpha i + beta i) / 2.
Hypothesis z_0 : forall i, (i < r)%nat -> z i 0 = (alpha i - beta i) / 2.
Hypothesis m_0 : m 0 = s0.
Hypothesis m_pos : forall t, 0 <= t <= T -> 0 < m t.
Hypothesis x_cont : forall i t, (i < r)%nat -> 0 <= t <= T -> continuity_pt (x i) t.
Hypothesis z_cont : forall i t, (i < r)%nat -> 0 <= t <= T -> continuity_pt (z i) t.
Hypothesis m_cont : forall t, 0 <= t <= T -> continuity_pt m t.
Hypothesis x_der : forall i t, (i < r)%nat -> 0 < t < T ->
  is_derive (x i) t (Rpower (m t) exponent * (sigma i * z i t - d t * x i t)).
Hypothesis z_der : forall i t, (i < r)%nat -> 0 < t < T ->
  is_derive (z i) t (Rpower (m t) exponent * (sigma i * x i t - d t * z i t)).
Hypothesis m_der : forall t, 0 < t < T ->
  is_derive m t (N * Rpower (m t) (2 - 2 / N) * (d t - m t)).

Let v t := Rpower (m t) exponent.
Lemma v_cont t : 0 <= t <= T -> continuity_pt v t.
Proof using X m_cont m_pos.
  intros Ht. unfold v, Rpower. pose proof (m_pos t Ht).
  apply (continuity_pt_comp (fun t => exponent * ln (m t)) exp).
  - apply continuity_pt_scal. apply (continuity_pt_comp m ln); [auto|].
    apply derivable_continuous_pt. exists (/ m t). now apply derivable_pt_lim_ln.
  - apply derivable_continuous_pt, derivable_pt_exp.
Qed.
Let h t := v (Rmax 0 (Rmin t T)).
Lemma h_cont t : continuous h t.
Proof using T_pos m_cont m_pos v. apply clamp_cont; [easy|apply v_cont]. Qed.
Let ta t := RInt h 0 t.
Lemma ta_der t : is_derive ta t (h t).
Proof using T_pos m_cont m_pos v.
  apply (is_derive_RInt (V := R_NormedModule) h _ 0); [|apply h_cont].
  apply filter_forall. intros u. apply (RInt_correct (V := R_CompleteNormedModule)).
  apply (ex_RInt_continuous (V := R_CompleteNormedModule)). intros; apply h_cont.
Qed.
Lemma h_v t : 0 <= t <= T -> h t = v t.
Proof using X m. intros Ht. unfold h. now rewrite Rmin_left, Rmax_right by lra. Qed.
Lemma ta_0 : ta 0 = 0. Proof using h. apply (RInt_point (V := R_CompleteNormedModule)). Qed.
Lemma ta_pos t : 0 <= t -> 0 <= ta t.
Proof using T_pos h m_cont m_pos.
  intros Ht. rewrite <- ta_0. apply (increasing_closed ta h); [easy|intros; apply ta_der|].
  intros; left; apply exp_pos.
Qed.
Lemma part t : 0 <= t <= T ->
  (forall i, (i < r)%nat -> x i t = a i (ta t) /\ z i t = b i (ta t)) /\ m t = s (ta t) /\
  forall f, (forall u, 0 <= u <= t -> continuity_pt f u) ->
    (forall u, 0 < u < t -> is_derive f u (- v u * d u * f u)) -> f t = f 0 / sqrt (E (ta t)).
Proof using T_pos m_0 m_cont m_der m_pos x_0 x_cont x_der z_0 z_cont z_der.
  intros Ht. apply (unique t v ta x z m);
    auto using ta_0; try lra; intros.
  - apply v_cont; lra.
  - eapply derive_continuous, ta_der.
  - apply x_cont; auto; lra.
  - apply z_cont; auto; lra.
  - apply m_cont; lra.
  - rewrite <- h_v by lra. apply ta_der.
  - apply x_der; auto; lra.
  - apply z_der; auto; lra.
  - eapply derive_eq; [apply m_der; lra|]. fold (d t0). unfold v.
    replace (2 - 2 / N) with (exponent + 1) by (unfold exponent; ring).
    rewrite Rpower_plus, Rpower_1 by (apply m_pos; lra). ring.
Qed.
Lemma same t : 0 <= t <= T -> ta t = tau t.
Proof using T_pos h m_0 m_cont m_der m_pos x_0 x_cont x_der z_0 z_cont z_der.
  intros Ht. unfold tau. rewrite <- (inv_f time pace pace_min pace_min_pos time_der pace_ge (ta t)). f_equal.
  cut (time (ta t) - t = time (ta 0) - 0); [rewrite ta_0, time_0; lra|].
  apply (constant_on (fun t => time (ta t) - t)); [lra| |]; intros u Hu.
  - eapply derive_eq.
    + apply (is_derive_minus (V := R_NormedModule) (fun t => time (ta t)) (fun t => t)).
      * apply is_derive_comp; [apply time_der|apply ta_der].
      * apply (is_derive_id (K := R_AbsRing)).
    + unfold minus, plus, opp, scal, one; simpl; unfold mult; simpl.
      rewrite h_v by lra. unfold pace, v. rewrite Rmax_right by (apply ta_pos; lra).
      destruct (part u ltac:(lra)) as [_ [Hm _]].
      assert (Hy : 0 < y (ta u)) by (apply y_pos; auto using N_pos; apply ta_pos; lra).
      rewrite <- Rpower_mult_distr || rewrite Rpower_mult_distr by (auto; apply m_pos; lra).
      rewrite Hm. unfold s. rewrite Rinv_l by lra. unfold Rpower. rewrite ln_1, Rmult_0_r, exp_0. ring.
  - apply continuity_pt_minus; [|apply continuity_pt_id].
    apply (continuity_pt_comp ta time); eapply derive_continuous; [apply ta_der|apply time_der].
Qed.
Theorem unique_flow : (forall i, (i < r)%nat -> x i T = a i (tau T) /\ z i T = b i (tau T)) /\ m T = s (tau T) /\
  forall f, (forall u, 0 <= u <= T -> continuity_pt f u) ->
    (forall u, 0 < u < T -> is_derive f u (- Rpower (m u) exponent * d u * f u)) -> f T = f 0 / sqrt (E (tau T)).
Proof using T_pos m_0 m_cont m_der m_pos x_0 x_cont x_der z_0 z_cont z_der. rewrite <- same by lra. apply part. lra. Qed.
End Other.
End Time.
