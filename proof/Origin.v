(* Section 5.4: the laws of the magnitude on the way to the origin. In this file t is the rescaled time. *)
Require Import Reals Lra Lia Psatz.
From Coquelicot Require Import Coquelicot.
From OneNeuron Require Import Calculus Linear ClosedForm Time Limits Rates.
Open Scope R_scope.

Section Origin.
Context {X : start}.
Hypothesis none : forall i, (i < r)%nat -> alpha i = 0.

Lemma y_slope t : 0 <= t -> 0 < N * (1 - c t * y t).
Proof using none.
  intros Ht. pose proof N_pos as HN. pose proof (c_neg none t) as Hc. pose proof (y_pos t Ht) as Hy.
  apply Rmult_lt_0_compat; [easy|]. nra.
Qed.
Lemma power_der d t : 0 <= t ->
  is_derive (fun t => Rpower (y t) d) t (d * Rpower (y t) (d - 1) * (N * (1 - c t * y t))).
Proof using.
  intros Ht. pose proof (y_pos t Ht) as Hy. eapply derive_eq.
  - apply (derive_comp (fun z => Rpower z d) y); [|apply y_der]. unfold Rpower. auto_derive; [easy|reflexivity].
  - fold (Rpower (y t) d). replace (d - 1) with (d + - (1)) by ring.
    rewrite Rpower_plus, Rpower_Ropp, Rpower_1 by easy. field. lra.
Qed.
Lemma power_grows d : 0 < d -> is_lim (fun t => Rpower (y t) d) p_infty p_infty.
Proof using none.
  intros Hd. apply (is_lim_comp exp (fun t => d * ln (y t)) p_infty p_infty p_infty is_lim_exp_p).
  - apply (is_lim_comp (fun z => d * ln z) y p_infty p_infty p_infty); [|exact (y_lim_0 none)|now exists 0].
    replace p_infty with (Rbar_mult d p_infty) at 2.
    + apply is_lim_scal_l, is_lim_ln_p.
    + apply is_Rbar_mult_unique. now apply is_Rbar_mult_sym, is_Rbar_mult_p_infty_pos.
  - now exists 0.
Qed.
Lemma inverse_y_lim : is_lim (fun t => / y t) p_infty 0.
Proof using none. exact (s_lim_0 none). Qed.

(* The time in powers of y, by l'Hospital's rule. *)
Lemma time_power d (l : R) : 0 < d ->
  is_lim (fun t => Rpower (y t) exponent / (d * Rpower (y t) (d - 1) * (N * (1 - c t * y t)))) p_infty l ->
  is_lim (fun t => time t / Rpower (y t) d) p_infty l.
Proof using none.
  intros Hd Hl. apply (hospital time pace (fun t => Rpower (y t) d)
    (fun t => d * Rpower (y t) (d - 1) * (N * (1 - c t * y t)))).
  - intros t _. apply time_der.
  - intros t Ht. now apply power_der.
  - intros t Ht. apply Rmult_lt_0_compat; [|now apply y_slope]. apply Rmult_lt_0_compat; [easy|apply exp_pos].
  - now apply power_grows.
  - eapply is_lim_ext_loc; [|exact Hl]. exists 0. intros t Ht. cbv beta. unfold pace. now rewrite Rmax_right by lra.
Qed.

(* Without null parts the slowest mode decides. *)
Section Slowest.
Variable k : R.
Hypothesis no_null : rho2 = 0.
Hypothesis k_least : forall i, (i < r)%nat -> sigma i < k -> beta i = 0.
Hypothesis k_present : exists i, (i < r)%nat /\ sigma i = k /\ beta i <> 0.
Definition slow i := if Req_EM_T (sigma i) k then beta i ^ 2 else 0.
Definition B_squared := sum slow r.
Lemma slow_nonneg i : 0 <= slow i.
Proof using. unfold slow. destruct Req_EM_T; [apply pow2_ge_0|lra]. Qed.
Lemma B_squared_pos : 0 < B_squared.
Proof using k_present.
  destruct k_present as [i [Hi [Hk Hb]]]. apply Rlt_le_trans with (slow i).
  - unfold slow. destruct Req_EM_T; [now apply pow2_gt_0|easy].
  - apply (sum_term slow); [easy|]. intros; apply slow_nonneg.
Qed.
Lemma k_value_pos : 0 < k.
Proof using k_present. destruct k_present as [i [Hi [Hk _]]]. rewrite <- Hk. now apply sigma_pos. Qed.
Lemma beta_lim i : (i < r)%nat -> is_lim (fun t => beta i ^ 2 * exp (- 2 * sigma i * t) * exp (2 * k * t)) p_infty (slow i).
Proof using k_least.
  intros Hi. apply is_lim_ext with (fun t => beta i ^ 2 * exp (2 * (k - sigma i) * t)).
  { intros t. rewrite (Rmult_assoc (beta i ^ 2)), <- exp_plus. f_equal. f_equal. ring. }
  unfold slow. destruct Req_EM_T as [->|Hn].
  - apply is_lim_ext with (fun _ => beta i ^ 2); [|apply is_lim_const]. intros t.
    replace (2 * (k - k) * t) with 0 by ring. rewrite exp_0. ring.
  - destruct (Rlt_dec (sigma i) k) as [Hl|Hl].
    + rewrite k_least by easy. apply is_lim_ext with (fun _ => 0); [intros; ring|apply is_lim_const].
    + eapply lim_eq; [apply lim_scal, lim_exp_0; lra|ring].
Qed.
Lemma E_slow t : E t = sum (fun i => / 4 * (beta i ^ 2 * exp (- 2 * sigma i * t))) r.
Proof using no_null none.
  unfold E. rewrite no_null, Rplus_0_r. apply sum_ext. intros i Hi. rewrite none by easy. field.
Qed.
Lemma dE_slow t : dE t = sum (fun i => - (sigma i / 4) * (beta i ^ 2 * exp (- 2 * sigma i * t))) r.
Proof using none. unfold dE. apply sum_ext. intros i Hi. rewrite none by easy. field. Qed.
Lemma E_slow_lim : is_lim (fun t => E t * exp (2 * k * t)) p_infty (B_squared / 4).
Proof using k_least no_null none.
  apply is_lim_ext with (fun t => sum (fun i => / 4 * (beta i ^ 2 * exp (- 2 * sigma i * t) * exp (2 * k * t))) r).
  - intros t. rewrite E_slow, (Rmult_comm (sum _ r) (exp _)), <- sum_scal. apply sum_ext. intros; ring.
  - eapply lim_eq.
    + apply (sum_lim (fun i t => / 4 * (beta i ^ 2 * exp (- 2 * sigma i * t) * exp (2 * k * t))) (fun i => / 4 * slow i)).
      intros i Hi. apply lim_scal. now apply beta_lim.
    + rewrite sum_scal. unfold B_squared. field.
Qed.
Lemma dE_slow_lim : is_lim (fun t => dE t * exp (2 * k * t)) p_infty (- k * B_squared / 4).
Proof using k_least none.
  apply is_lim_ext with (fun t => sum (fun i => - (sigma i / 4) * (beta i ^ 2 * exp (- 2 * sigma i * t) * exp (2 * k * t))) r).
  - intros t. rewrite dE_slow, (Rmult_comm (sum _ r) (exp _)), <- sum_scal. apply sum_ext. intros; ring.
  - eapply lim_eq.
    + apply (sum_lim (fun i t => - (sigma i / 4) * (beta i ^ 2 * exp (- 2 * sigma i * t) * exp (2 * k * t))) (fun i => - (sigma i / 4) * slow i)).
      intros i Hi. apply lim_scal. now apply beta_lim.
    + rewrite (sum_ext _ (fun i => - (k / 4) * slow i)).
      * rewrite sum_scal. unfold B_squared. field.
      * intros i Hi. unfold slow. destruct Req_EM_T as [->|]; ring.
Qed.
Lemma c_slow_lim : is_lim c p_infty (- k).
Proof using k_least k_present no_null none.
  pose proof B_squared_pos as HB. eapply is_lim_ext; [|eapply lim_eq].
  2:{ apply (is_lim_div _ _ p_infty _ _ dE_slow_lim E_slow_lim); simpl; [|easy]. intros He. injection He. lra. }
  - intros t. cbv beta. unfold c. pose proof (E_pos t) as HE. pose proof (exp_pos (2 * k * t)) as Hp. field. lra.
  - simpl. field. lra.
Qed.

Theorem power_law : 2 < N -> is_lim (fun t => time t * Rpower (s t) exponent) p_infty (/ ((N - 2) * k)).
Proof using k_least k_present no_null none.
  intros HN. pose proof k_value_pos as Hk. assert (He : 0 < exponent).
  { unfold exponent. replace (1 - 2 / N) with ((N - 2) / N) by (field; lra). apply Rdiv_lt_0_compat; lra. }
  apply is_lim_ext_loc with (fun t => time t / Rpower (y t) exponent).
  { exists 0. intros t Ht. unfold s, Rdiv. now rewrite Rpower_inv by (apply y_pos; lra). }
  apply (time_power exponent _ He).
  apply is_lim_ext_loc with (fun t => / (exponent * N * (/ y t - c t))).
  { exists 0. intros t Ht. pose proof (y_pos t ltac:(lra)) as Hy. pose proof (y_slope t ltac:(lra)) as Hs.
    pose proof (c_neg none t) as Hc. pose proof (Rinv_0_lt_compat _ Hy) as Hi.
    replace (exponent - 1) with (exponent + - (1)) by ring. rewrite Rpower_plus, Rpower_Ropp, Rpower_1 by easy.
    assert (Hp : 0 < Rpower (y t) exponent) by apply exp_pos.
    assert (H1 : 1 - c t * y t <> 0) by nra.
    field. repeat split; lra. }
  replace (N - 2) with (exponent * N) by (unfold exponent; field; lra).
  eapply lim_eq; [apply (is_lim_inv (fun t => exponent * N * (/ y t - c t)) p_infty (exponent * N * (0 - - k)))|].
  - apply lim_scal, is_lim_minus'; [exact inverse_y_lim|exact c_slow_lim].
  - intros H. injection H. intros H0. assert (0 < exponent * N * (0 - - k)); [|lra].
    apply Rmult_lt_0_compat; [apply Rmult_lt_0_compat; lra|lra].
  - simpl. f_equal. ring.
Qed.

(* Two layers. *)
Theorem exponential_law : N = 2 -> is_lim (fun t => s t * exp (2 * k * t)) p_infty
  (B_squared / (4 / s0 + sum (fun i => beta i ^ 2 / sigma i) r)).
Proof using k_least k_present no_null none.
  intros HN. pose proof s0_pos as Hs0. pose proof (Rinv_0_lt_compat _ s0_pos) as Hi0.
  set (W := fun t => / s0 + sum (fun i => beta i ^ 2 / (4 * sigma i) * (1 - exp (- 2 * sigma i * t))) r).
  assert (HE : forall z, E_power z = E z).
  { intros z. unfold E_power. rewrite HN. replace (2 / 2) with 1 by field. apply Rpower_1, E_pos. }
  assert (HI : forall t, RInt E_power 0 t = sum (fun i => beta i ^ 2 / (8 * sigma i) * (1 - exp (- 2 * sigma i * t))) r).
  { intros t. apply is_RInt_unique.
    replace (sum _ r) with (minus (sum (fun i => beta i ^ 2 / (8 * sigma i) * (1 - exp (- 2 * sigma i * t))) r)
      (sum (fun i => beta i ^ 2 / (8 * sigma i) * (1 - exp (- 2 * sigma i * 0))) r)).
    - apply (is_RInt_derive (V := R_CompleteNormedModule)
        (fun t => sum (fun i => beta i ^ 2 / (8 * sigma i) * (1 - exp (- 2 * sigma i * t))) r)).
      + intros z _. rewrite HE, E_slow. eapply derive_eq; [apply sum_derive|].
        * intros i Hi. auto_derive; [easy|reflexivity].
        * apply sum_ext. intros i Hi. pose proof (sigma_pos i Hi) as Hs. field. lra.
      + intros z _. apply E_power_cont.
    - rewrite (sum_ext (fun i => _ * (1 - exp (- 2 * sigma i * 0))) (fun _ => 0)).
      + rewrite sum_0. unfold minus, plus, opp; simpl. ring.
      + intros i _. rewrite Rmult_0_r, exp_0. ring. }
  assert (HW : is_lim W p_infty (/ s0 + sum (fun i => beta i ^ 2 / (4 * sigma i)) r)).
  { apply is_lim_plus'; [apply is_lim_const|].
    apply (sum_lim (fun i t => beta i ^ 2 / (4 * sigma i) * (1 - exp (- 2 * sigma i * t)))). intros i Hi.
    pose proof (sigma_pos i Hi) as Hs. eapply lim_eq.
    - apply lim_scal, is_lim_minus'; [apply is_lim_const|]. apply lim_exp_0. lra.
    - ring. }
  assert (HS : 0 <= sum (fun i => beta i ^ 2 / (4 * sigma i)) r).
  { apply sum_nonneg. intros i Hi. pose proof (sigma_pos i Hi). apply Rdiv_le_0_compat; [apply pow2_ge_0|lra]. }
  set (w := sum (fun i => beta i ^ 2 / (4 * sigma i)) r) in *.
  eapply is_lim_ext_loc; [|eapply lim_eq].
  2:{ apply (is_lim_div _ _ p_infty _ _ E_slow_lim HW); [|easy]. intros He. injection He. intros H0. clear - H0 HS Hi0. lra. }
  - exists 0. intros t Ht. cbv beta. unfold s, y. pose proof (y_num t ltac:(lra)) as Hy. rewrite HI, HE, HN in *.
    assert (H : W t = / s0 + 2 * sum (fun i => beta i ^ 2 / (8 * sigma i) * (1 - exp (- 2 * sigma i * t))) r).
    { unfold W. rewrite <- sum_scal. f_equal. apply sum_ext. intros i Hi. pose proof (sigma_pos i Hi). field. lra. }
    rewrite <- H in *. pose proof (E_pos t). field. lra.
  - assert (H : sum (fun i => beta i ^ 2 / sigma i) r = 4 * w).
    { unfold w. rewrite <- sum_scal. apply sum_ext. intros i Hi. pose proof (sigma_pos i Hi). field. lra. }
    rewrite H. simpl.
    replace (4 / s0 + 4 * w) with (4 * (/ s0 + w)) by (field; lra). assert (Hw : 0 <= w * s0) by (apply Rmult_le_pos; lra). field. split; lra.
Qed.
End Slowest.

(* With a null part the alignment vanishes faster than the magnitude. *)
Section Null.
Hypothesis null : 0 < rho2.
Lemma E_null_lim : is_lim E p_infty rho2.
Proof using none.
  apply is_lim_ext with (fun t => sum (fun i => / 4 * (beta i ^ 2 * exp (- 2 * sigma i * t))) r + rho2).
  - intros t. unfold E. f_equal. apply sum_ext. intros i Hi. rewrite none by easy. field.
  - eapply lim_eq; [apply is_lim_plus'; [|apply is_lim_const]|].
    + apply (sum_lim (fun i t => / 4 * (beta i ^ 2 * exp (- 2 * sigma i * t))) (fun _ => 0)). intros i Hi.
      pose proof (sigma_pos i Hi). eapply lim_eq; [apply lim_scal, lim_scal, lim_exp_0; lra|ring].
    + rewrite sum_0. ring.
Qed.
Lemma E_power_null_lim : is_lim E_power p_infty (Rpower rho2 (N / 2)).
Proof using none null.
  apply (is_lim_comp_continuous E (fun z => Rpower z (N / 2)) p_infty rho2 E_null_lim).
  apply (ex_derive_continuous (V := R_NormedModule)). unfold Rpower. auto_derive. easy.
Qed.
Lemma integral_null_lim : is_lim (fun t => RInt E_power 0 t / t) p_infty (Rpower rho2 (N / 2)).
Proof using none null.
  apply (hospital (fun t => RInt E_power 0 t) E_power (fun t => t) (fun _ => 1)).
  - intros t _. apply int_der.
  - intros t _. apply (is_derive_id (K := R_AbsRing)).
  - intros; lra.
  - apply is_lim_id.
  - eapply is_lim_ext; [|exact E_power_null_lim]. intros t. field.
Qed.
Lemma t_exp_0 d : 0 < d -> is_lim (fun t => t * exp (- d * t)) p_infty 0.
Proof using.
  intros Hd. apply is_lim_ext_loc with (fun t => / d * / (exp (d * t) / (d * t))).
  - exists 0. intros t Ht. replace (- d * t) with (- (d * t)) by ring. rewrite exp_Ropp.
    pose proof (exp_pos (d * t)). field. repeat split; lra.
  - eapply lim_eq; [apply lim_scal|apply Rmult_0_r].
    apply (is_lim_inv (fun t => exp (d * t) / (d * t)) p_infty p_infty); [|easy].
    apply (is_lim_comp (fun z => exp z / z) (fun t => d * t) p_infty p_infty p_infty is_lim_div_exp_p); [|now exists 0].
    eapply is_lim_ext; [|apply (lim_line d 0 Hd)]. intros; apply Rplus_0_l.
Qed.
Lemma dE_null t : dE t = sum (fun i => - (sigma i / 4 * beta i ^ 2) * exp (- (2 * sigma i) * t)) r.
Proof using none.
  unfold dE. apply sum_ext. intros i Hi. rewrite none by easy. replace (- (2 * sigma i) * t) with (- 2 * sigma i * t) by ring. field.
Qed.
Lemma dE_null_lim : is_lim dE p_infty 0.
Proof using none.
  eapply is_lim_ext; [intros t; symmetry; apply dE_null|]. eapply lim_eq.
  - apply (sum_lim (fun i t => - (sigma i / 4 * beta i ^ 2) * exp (- (2 * sigma i) * t)) (fun _ => 0)). intros i Hi.
    pose proof (sigma_pos i Hi). eapply lim_eq; [apply lim_scal, lim_exp_0; lra|ring].
  - apply sum_0.
Qed.
Lemma t_dE_null_lim : is_lim (fun t => dE t * t) p_infty 0.
Proof using none.
  apply is_lim_ext with (fun t => sum (fun i => - (sigma i / 4 * beta i ^ 2) * (t * exp (- (2 * sigma i) * t))) r).
  - intros t. rewrite dE_null, (Rmult_comm (sum _ r) t), <- sum_scal. apply sum_ext. intros; ring.
  - eapply lim_eq.
    + apply (sum_lim (fun i t => - (sigma i / 4 * beta i ^ 2) * (t * exp (- (2 * sigma i) * t))) (fun _ => 0)). intros i Hi.
      pose proof (sigma_pos i Hi). eapply lim_eq; [apply lim_scal, t_exp_0; lra|ring].
    + apply sum_0.
Qed.
Lemma cy_lim : is_lim (fun t => c t * y t) p_infty 0.
Proof using none null.
  assert (Hp : 0 < Rpower rho2 (N / 2)) by apply exp_pos.
  assert (Hn : is_lim (fun t => dE t * / s0 + N * (dE t * t * (RInt E_power 0 t / t))) p_infty (0 * / s0 + N * (0 * Rpower rho2 (N / 2)))).
  { apply is_lim_plus'; [apply lim_mult; [exact dE_null_lim|apply is_lim_const]|].
    apply lim_scal, lim_mult; [exact t_dE_null_lim|exact integral_null_lim]. }
  assert (Hd : is_lim (fun t => E t * E_power t) p_infty (rho2 * Rpower rho2 (N / 2))).
  { apply lim_mult; [exact E_null_lim|exact E_power_null_lim]. }
  eapply is_lim_ext_loc; [|eapply lim_eq].
  2:{ apply (is_lim_div _ _ p_infty _ _ Hn Hd); simpl; [|easy]. intros He. injection He.
      pose proof (Rmult_lt_0_compat _ _ null Hp). lra. }
  - exists 0. intros t Ht. cbv beta. unfold c, y. pose proof (E_pos t). pose proof (E_power_pos t). pose proof s0_pos. field. repeat split; lra.
  - pose proof s0_pos. simpl. field. repeat split; lra.
Qed.
Theorem null_law : is_lim (fun t => time t * Rpower (s t) (exponent + 1)) p_infty (/ (2 * (N - 1))).
Proof using none null.
  pose proof exponent_nonneg as He. pose proof N_2 as HN.
  apply is_lim_ext_loc with (fun t => time t / Rpower (y t) (exponent + 1)).
  { exists 0. intros t Ht. unfold s, Rdiv. now rewrite Rpower_inv by (apply y_pos; lra). }
  apply time_power; [lra|].
  apply is_lim_ext_loc with (fun t => / (2 * (N - 1) * (1 - c t * y t))).
  { exists 0. intros t Ht. pose proof (y_pos t ltac:(lra)) as Hy. pose proof (c_neg none t) as Hc.
    assert (H1 : 1 - c t * y t <> 0) by nra. replace (exponent + 1 - 1) with exponent by ring.
    assert (Hp : 0 < Rpower (y t) exponent) by apply exp_pos.
    replace (2 * (N - 1)) with ((exponent + 1) * N) by (unfold exponent; field; lra). field. repeat split; lra. }
  eapply lim_eq; [apply (is_lim_inv (fun t => 2 * (N - 1) * (1 - c t * y t)) p_infty (2 * (N - 1) * (1 - 0)))|].
  - apply lim_scal, is_lim_minus'; [apply is_lim_const|exact cy_lim].
  - intros H. injection H. lra.
  - simpl. f_equal. ring.
Qed.
End Null.

Lemma time_positive x : 0 < x -> 0 < time x.
Proof using.
  intros Hx. pose proof (Inverse.slope time pace pace_min time_der pace_ge 0 x ltac:(lra)) as H.
  rewrite time_0, !Rminus_0_r in H. pose proof (Rmult_lt_0_compat _ _ pace_min_pos Hx). lra.
Qed.
(* From the law of the time to that of s in time: t s^d -> 1/l gives s t^(1/d) -> l^(-1/d). *)
Lemma invert_law (d l : R) : 0 < d -> 0 < l ->
  is_lim (fun x => time x * Rpower (s x) d) p_infty (/ l) ->
  is_lim (fun t => s (tau t) * Rpower t (/ d)) p_infty (Rpower l (- / d)).
Proof using.
  intros Hd Hl HT. pose proof (Rinv_0_lt_compat _ Hl) as Hi.
  replace (Rpower l (- / d)) with (Rpower (/ l) (/ d)).
  2:{ unfold Rpower. rewrite ln_Rinv by easy. f_equal. ring. }
  apply is_lim_ext with (fun t => s (tau t) * Rpower (time (tau t)) (/ d)).
  { intros t. now rewrite time_tau. }
  apply (in_time (fun x => s x * Rpower (time x) (/ d))).
  eapply is_lim_ext_loc; [|apply (is_lim_comp_continuous _ (fun z => Rpower z (/ d)) p_infty (/ l) HT)].
  - exists 0. intros x Hx. cbv beta. pose proof (time_positive x Hx) as Ht. pose proof (s_pos x ltac:(lra)) as Hs.
    rewrite <- Rpower_mult_distr by (easy || apply exp_pos). rewrite Rpower_mult, Rinv_r, Rpower_1 by lra. ring.
  - apply (ex_derive_continuous (V := R_NormedModule)). unfold Rpower. auto_derive. easy.
Qed.
End Origin.
