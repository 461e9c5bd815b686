(* Section 5.5: the time on the plateau, for small magnitudes at the start. In this file x and z are the
   rescaled time, and time is that of one representative start with the given directions. *)
Require Import Reals Lra Lia Psatz.
From Coquelicot Require Import Coquelicot.
From OneNeuron Require Import Calculus ClosedForm Time Limits Rates Laws Origin.
Open Scope R_scope.

Lemma power_of_less_one q e : 0 < q <= 1 -> 0 <= e <= 1 -> q <= Rpower q e.
Proof using.
  intros Hq He. rewrite <- (exp_ln q) at 1 by lra. unfold Rpower. apply exp_le.
  assert (H : ln q <= 0); [|nra]. rewrite <- ln_1. destruct (Req_dec q 1) as [->|Hn]; [lra|].
  left. apply ln_increasing; lra.
Qed.
Lemma power_subadditive v e : 0 < v -> 0 <= e <= 1 -> Rpower (1 + v) e <= 1 + Rpower v e.
Proof using.
  intros Hv He.
  assert (H1 : 0 < / (1 + v) <= 1).
  { split; [apply Rinv_0_lt_compat; lra|]. rewrite <- Rinv_1. apply Rinv_le_contravar; lra. }
  assert (H2 : 0 < v * / (1 + v) <= 1).
  { split; [apply Rmult_lt_0_compat; lra|]. apply (Rmult_le_reg_r (1 + v)); [lra|]. rewrite Rmult_assoc, Rinv_l; lra. }
  pose proof (power_of_less_one _ e H1 He) as P1. pose proof (power_of_less_one _ e H2 He) as P2.
  assert (Hp : 0 < Rpower (1 + v) e) by apply exp_pos.
  assert (E1 : Rpower (/ (1 + v)) e * Rpower (1 + v) e = 1).
  { rewrite <- Rpower_inv by lra. field. lra. }
  assert (E2 : Rpower (v * / (1 + v)) e * Rpower (1 + v) e = Rpower v e).
  { rewrite Rpower_mult_distr by lra. f_equal. field. lra. }
  assert (Hs : 1 <= Rpower (/ (1 + v)) e + Rpower (v * / (1 + v)) e).
  { apply Rle_trans with (/ (1 + v) + v * / (1 + v)); [|lra]. right. field. lra. }
  replace (1 + Rpower v e) with ((Rpower (/ (1 + v)) e + Rpower (v * / (1 + v)) e) * Rpower (1 + v) e)
    by (rewrite Rmult_plus_distr_r; lra).
  rewrite <- (Rmult_1_l (Rpower (1 + v) e)) at 1. apply Rmult_le_compat_r; lra.
Qed.

Section Plateau.
Context {X : start}.
(* E grows at a bounded rate. *)
Lemma E_power_below x : 0 <= x -> E_power x <= exp (N * sigma_bound * x).
Proof using.
  intros Hx. assert (H : E_power x * exp (- (N * sigma_bound) * x) <= E_power 0 * exp (- (N * sigma_bound) * 0)).
  { apply Ropp_le_cancel. apply (increasing_closed (fun x => - (E_power x * exp (- (N * sigma_bound) * x)))
      (fun x => N * (sigma_bound - c x) * (E_power x * exp (- (N * sigma_bound) * x)))); [easy| |].
    - intros z _. eapply derive_eq.
      + apply (is_derive_opp (V := R_NormedModule) (fun x => E_power x * exp (- (N * sigma_bound) * x))).
        apply (is_derive_mult E_power (fun x => exp (- (N * sigma_bound) * x))); [apply E_power_der| |apply Rmult_comm].
        auto_derive; [easy|reflexivity].
      + unfold opp, plus, mult; simpl. ring.
    - intros z _. pose proof (c_max sigma_bound sigma_bound_pos sigma_bound_max z) as Hc. pose proof N_pos.
      apply Rmult_le_pos; [apply Rmult_le_pos; lra|]. left. apply Rmult_lt_0_compat; [apply E_power_pos|apply exp_pos]. }
  rewrite E_power_0, Rmult_0_r, exp_0 in H. apply (Rmult_le_reg_r (exp (- (N * sigma_bound) * x))); [apply exp_pos|].
  rewrite <- exp_plus. replace (N * sigma_bound * x + - (N * sigma_bound) * x) with 0 by ring. rewrite exp_0. lra.
Qed.
Variable k : R.
Hypothesis k_limit : limit_value k.
Hypothesis deep : 2 < N.

Lemma exponent_range : 0 < exponent < 1.
Proof using deep.
  unfold exponent. assert (H : 0 < 2 / N < 1); [|lra]. split; [apply Rdiv_lt_0_compat; lra|].
  apply (Rmult_lt_reg_r N); [lra|]. unfold Rdiv. rewrite Rmult_assoc, Rinv_l; lra.
Qed.
(* The integrand, E^-(N/2-1). *)
Definition weight z := Rpower (E_power z) (- exponent).
Lemma weight_pos z : 0 < weight z. Proof using. apply exp_pos. Qed.
Lemma weight_E z : weight z = Rpower (E z) (- (N / 2 - 1)).
Proof using deep. unfold weight, E_power. rewrite Rpower_mult. f_equal. unfold exponent. field. lra. Qed.
Lemma weight_cont z : continuous weight z.
Proof using.
  apply (continuous_comp E_power (fun w => Rpower w (- exponent))); [apply E_power_cont|].
  apply (ex_derive_continuous (V := R_NormedModule)). pose proof (E_power_pos z). unfold Rpower. auto_derive. easy.
Qed.
Lemma weight_RInt x z : ex_RInt weight x z.
Proof using. apply (ex_RInt_continuous (V := R_CompleteNormedModule)). intros. apply weight_cont. Qed.

(* It decays exponentially. *)
Let fade := exponent * (N * k).
Lemma fade_pos : 0 < fade.
Proof using deep k_limit.
  pose proof exponent_range. pose proof (k_pos k k_limit). unfold fade. apply Rmult_lt_0_compat; [lra|]. apply Rmult_lt_0_compat; lra.
Qed.
Lemma weight_law : is_lim (fun z => weight z * exp (fade * z)) p_infty (Rpower (A_squared k / 4) (- (N / 2 - 1))).
Proof using deep k_limit.
  pose proof (A_squared_pos k k_limit) as HA.
  apply is_lim_ext with (fun z => Rpower (E z * exp (- (2 * k) * z)) (- (N / 2 - 1))).
  - intros z. rewrite weight_E, <- Rpower_mult_distr by (apply E_pos || apply exp_pos). f_equal.
    unfold Rpower. rewrite ln_exp. f_equal. unfold fade, exponent. field. lra.
  - apply (is_lim_comp_continuous _ (fun w => Rpower w (- (N / 2 - 1))) p_infty (A_squared k / 4) (E_lim k k_limit)).
    apply (ex_derive_continuous (V := R_NormedModule)). unfold Rpower. auto_derive. lra.
Qed.
Lemma plateau_integral : exists J : R, is_lim (fun x => RInt weight 0 x) p_infty J.
Proof using deep k_limit. exact (integral_converges weight fade _ fade_pos weight_cont weight_law). Qed.
Lemma time_rate : is_lim (fun x => time x / x) p_infty (Rpower (/ k) exponent).
Proof using k_limit.
  apply (hospital time pace (fun x => x) (fun _ => 1)).
  - intros x _. apply time_der.
  - intros x _. apply (is_derive_id (K := R_AbsRing)).
  - intros; lra.
  - apply is_lim_id.
  - apply is_lim_ext_loc with (fun x => Rpower (y x) exponent).
    + exists 0. intros x Hx. unfold pace. rewrite Rmax_right by lra. field.
    + apply (is_lim_comp_continuous y (fun w => Rpower w exponent) p_infty (/ k) (y_lim k k_limit)).
      apply (ex_derive_continuous (V := R_NormedModule)). pose proof (Rinv_0_lt_compat _ (k_pos k k_limit)). unfold Rpower. auto_derive. easy.
Qed.
Lemma time_weight : is_lim (fun x => weight x * time x) p_infty 0.
Proof using deep k_limit.
  apply is_lim_ext_loc with (fun x => weight x * exp (fade * x) * (x * exp (- fade * x)) * (time x / x)).
  - exists 0. intros x Hx. replace (- fade * x) with (- (fade * x)) by ring. rewrite exp_Ropp.
    pose proof (exp_pos (fade * x)). field. lra.
  - eapply lim_eq.
    + apply lim_mult; [apply lim_mult; [exact weight_law|exact (t_exp_0 fade fade_pos)]|exact time_rate].
    + ring.
Qed.

Lemma integral_pos z : 0 < z -> 0 < RInt E_power 0 z.
Proof using. intros Hz. apply RInt_gt_0; [easy|intros; apply E_power_pos|intros; apply E_power_cont]. Qed.
End Plateau.

(* Another start with the same directions. *)
Section Other.
Variables X Y : start.
Notation time_of := (time (X := Y)).
Notation y_of := (y (X := Y)).
Notation size := (s0 (start := Y)).
Notation E_power := (E_power (X := X)).
Notation weight := (weight (X := X)).
Notation e := (exponent (X := X)).
Hypothesis same_depth : N (start := Y) = N (start := X).
Hypothesis same_E : forall z, ClosedForm.E_power (X := Y) z = E_power z.
Variable k : R.
Hypothesis k_limit : limit_value (X := X) k.
Hypothesis deep : 2 < N (start := X).

Lemma same_exponent : exponent (X := Y) = e.
Proof using same_depth. unfold exponent. now rewrite same_depth. Qed.
Lemma y_other z : y_of z = (/ size + N (start := X) * RInt E_power 0 z) / E_power z.
Proof using same_E same_depth.
  unfold y at 1. rewrite same_depth, same_E. do 3 f_equal. apply RInt_ext. intros w _. apply same_E.
Qed.
Lemma scaled_pace z : 0 < z -> Rpower size e * pace (X := Y) z =
  Rpower (1 + size * (N (start := X) * RInt E_power 0 z)) e * weight z.
Proof using same_E same_depth.
  intros Hz. pose proof (E_power_pos (X := X) z) as HE. pose proof (s0_pos (start := Y)) as Hs.
  pose proof (Rmult_lt_0_compat _ _ (N_pos (X := X)) (integral_pos (X := X) z Hz)) as HI.
  assert (Hv : 0 < size * (N (start := X) * RInt E_power 0 z)) by now apply Rmult_lt_0_compat.
  assert (Hy : 0 < y_of z) by (apply y_pos; lra).
  unfold pace. rewrite same_exponent, Rmax_right, Rpower_mult_distr by (easy || lra). unfold Plateau.weight.
  rewrite Rpower_Ropp, Rpower_inv, Rpower_mult_distr by (easy || lra || now apply Rinv_0_lt_compat). f_equal.
  rewrite y_other. field. lra.
Qed.
Lemma scaled_pace_between z : 0 < z ->
  weight z <= Rpower size e * pace (X := Y) z <= weight z + Rpower size e * pace (X := X) z.
Proof using deep same_E same_depth.
  intros Hz. pose proof (E_power_pos (X := X) z) as HE. pose proof (s0_pos (start := Y)) as Hs.
  pose proof (Rmult_lt_0_compat _ _ (N_pos (X := X)) (integral_pos (X := X) z Hz)) as HI.
  set (I := N (start := X) * RInt E_power 0 z) in *.
  assert (Hv : 0 < size * I) by now apply Rmult_lt_0_compat.
  pose proof (exponent_range (X := X) deep) as He. pose proof (weight_pos (X := X) z) as Hw.
  rewrite scaled_pace by easy. fold I. split.
  - assert (H1 : 1 <= Rpower (1 + size * I) e).
    { apply Rle_trans with (exp 0); [rewrite exp_0; lra|]. apply exp_le. apply Rmult_le_pos; [lra|].
      apply Rle_trans with (ln 1); [rewrite ln_1; lra|]. left. apply ln_increasing; lra. }
    rewrite <- (Rmult_1_l (weight z)) at 1. apply Rmult_le_compat_r; lra.
  - apply Rle_trans with ((1 + Rpower (size * I) e) * weight z).
    + apply Rmult_le_compat_r; [lra|]. apply power_subadditive; lra.
    + rewrite Rmult_plus_distr_r, Rmult_1_l. apply Rplus_le_compat_l.
      rewrite <- Rpower_mult_distr, Rmult_assoc by easy. apply Rmult_le_compat_l; [left; apply exp_pos|].
      unfold Plateau.weight, pace. rewrite Rmax_right, Rpower_Ropp, Rpower_inv, Rpower_mult_distr by (easy || lra || now apply Rinv_0_lt_compat).
      apply Rle_Rpower_l; [lra|]. split; [apply Rmult_lt_0_compat; [easy|now apply Rinv_0_lt_compat]|].
      unfold y. apply Rmult_le_compat_r; [left; now apply Rinv_0_lt_compat|]. fold I.
      pose proof (Rinv_0_lt_compat _ (s0_pos (start := X))). lra.
Qed.
Lemma scaled_time x : 0 <= x ->
  RInt weight 0 x <= Rpower size e * time_of x <= RInt weight 0 x + Rpower size e * time (X := X) x.
Proof using deep same_E same_depth.
  intros Hx. unfold time.
  assert (C : forall (W : start) (w : R), ex_RInt (fun z => w * pace (X := W) z) 0 x).
  { intros W w. apply (ex_RInt_continuous (V := R_CompleteNormedModule)). intros z _.
    apply (continuous_scal_r (V := R_NormedModule)), pace_cont. }
  assert (P : forall W : start, ex_RInt (pace (X := W)) 0 x).
  { intros W. apply (ex_RInt_continuous (V := R_CompleteNormedModule)). intros z _. apply pace_cont. }
  assert (S : forall (W : start) (w : R), w * RInt (pace (X := W)) 0 x = RInt (fun z => w * pace (X := W) z) 0 x).
  { intros W w. symmetry. exact (RInt_scal (V := R_CompleteNormedModule) (pace (X := W)) 0 x w (P W)). }
  rewrite !S. split.
  - apply RInt_le; [easy|exact (weight_RInt 0 x)|exact (C Y (Rpower size e))|]. intros z Hz. apply scaled_pace_between. lra.
  - set (w := Rpower size e).
    assert (P2 : RInt (fun z => weight z + w * pace (X := X) z) 0 x = RInt weight 0 x + RInt (fun z => w * pace (X := X) z) 0 x).
    { exact (RInt_plus (V := R_CompleteNormedModule) weight (fun z => w * pace (X := X) z) 0 x (weight_RInt 0 x) (C X w)). }
    rewrite <- P2. apply RInt_le; [easy|exact (C Y w)| |].
    + exact (ex_RInt_plus (V := R_CompleteNormedModule) weight (fun z => w * pace (X := X) z) 0 x (weight_RInt 0 x) (C X w)).
    + intros z Hz. apply scaled_pace_between. lra.
Qed.

(* Where the magnitude reaches a level below its limit. *)
Variables level x : R.
Hypothesis level_range : 0 < level < k.
Hypothesis x_nonneg : 0 <= x.
Hypothesis reached : y_of x = / level.
Lemma size_of_x : / size = E_power x / level - N (start := X) * RInt E_power 0 x.
Proof using reached same_E same_depth level_range.
  pose proof (E_power_pos (X := X) x) as HE. pose proof reached as H. rewrite y_other in H.
  apply (f_equal (fun w => w * E_power x)) in H. unfold Rdiv in *. rewrite Rmult_assoc, Rinv_l in H by lra. lra.
Qed.
Lemma x_late X0 : size < level * exp (- (N (start := X) * sigma_bound (X := X) * X0)) -> X0 < x.
Proof using deep level_range reached same_E same_depth x_nonneg.
  intros Hs. destruct (Rlt_dec X0 x) as [|Hn]; [easy|exfalso].
  pose proof (E_power_below (X := X) x x_nonneg) as HE. pose proof size_of_x as H. pose proof (s0_pos (start := Y)) as H0.
  assert (HI : 0 <= RInt E_power 0 x).
  { apply RInt_ge_0; [easy|apply E_power_RInt|]. intros; left; apply E_power_pos. }
  pose proof (N_pos (X := X)) as HN. pose proof (sigma_bound_pos (X := X)) as HS.
  assert (H1 : exp (N (start := X) * sigma_bound (X := X) * x) <= exp (N (start := X) * sigma_bound (X := X) * X0)).
  { apply exp_le. apply Rmult_le_compat_l; [|lra]. apply Rmult_le_pos; lra. }
  set (G := exp (N (start := X) * sigma_bound (X := X) * X0)) in *. rewrite exp_Ropp in Hs. fold G in Hs.
  assert (HG : 0 < G) by apply exp_pos.
  assert (H2 : / size <= G / level).
  { rewrite H. assert (E_power x / level <= G / level).
    - apply Rmult_le_compat_r; [left; apply Rinv_0_lt_compat; lra|lra].
    - assert (0 <= N (start := X) * RInt E_power 0 x) by (apply Rmult_le_pos; lra). lra. }
  assert (H3 : level * / G <= size); [|lra].
  replace (level * / G) with (/ (G / level)) by (field; lra). rewrite <- (Rinv_inv size).
  apply Rinv_le_contravar; [now apply Rinv_0_lt_compat|easy].
Qed.
Lemma size_small d : 0 < d -> y (X := X) x <= / level - d -> Rpower size e <= Rpower d (- e) * weight x.
Proof using deep level_range reached same_E same_depth.
  intros Hd Hy. pose proof (E_power_pos (X := X) x) as HE. pose proof (s0_pos (start := Y)) as H0.
  pose proof (exponent_range (X := X) deep) as He. pose proof size_of_x as H.
  unfold Plateau.weight. rewrite Rpower_mult_distr, Rpower_Ropp, Rpower_inv by (easy || now apply Rmult_lt_0_compat).
  apply Rle_Rpower_l; [lra|]. split; [easy|]. rewrite <- (Rinv_inv size).
  apply Rinv_le_contravar; [now apply Rmult_lt_0_compat|].
  assert (H1 : N (start := X) * RInt E_power 0 x <= y (X := X) x * E_power x).
  { unfold y. unfold Rdiv. rewrite Rmult_assoc, Rinv_l by lra. pose proof (Rinv_0_lt_compat _ (s0_pos (start := X))). lra. }
  rewrite H. unfold Rdiv. nra.
Qed.
End Other.

(* The law. *)
Lemma plateau_tau (X : start) k level eps (J : R) : limit_value (X := X) k -> 2 < N (start := X) -> 0 < level < k -> 0 < eps ->
  is_lim (fun x => RInt (weight (X := X)) 0 x) p_infty J ->
  exists delta, 0 < delta /\ forall (Y : start) x, N (start := Y) = N (start := X) ->
    (forall z, E_power (X := Y) z = E_power (X := X) z) -> 0 <= x -> s0 (start := Y) < delta -> y (X := Y) x = / level ->
    Rabs (Rpower (s0 (start := Y)) (exponent (X := X)) * time (X := Y) x - J) < eps.
Proof using.
  intros Hk HN Hl He HJ. set (d := (/ level - / k) / 2).
  assert (Hd : 0 < d).
  { unfold d. assert (/ k < / level); [|lra]. apply Rinv_lt_contravar; [apply Rmult_lt_0_compat; lra|lra]. }
  pose proof (y_lim (X := X) k Hk) as HY. apply is_lim_spec in HY. destruct (HY (mkposreal d Hd)) as [T1 H1]. simpl in H1.
  set (D := Rpower d (- exponent (X := X))). assert (HD : 0 < D) by apply exp_pos.
  assert (HJ1 : is_lim (fun x => RInt (weight (X := X)) 0 x + D * (weight (X := X) x * time (X := X) x)) p_infty J).
  { eapply lim_eq; [apply is_lim_plus'; [exact HJ|apply lim_scal, (time_weight (X := X) k Hk HN)]|ring]. }
  apply is_lim_spec in HJ, HJ1. destruct (HJ (mkposreal eps He)) as [T2 H2]. destruct (HJ1 (mkposreal eps He)) as [T3 H3].
  simpl in H2, H3. set (T := Rmax (Rmax T1 0) (Rmax T2 T3)).
  exists (level * exp (- (N (start := X) * sigma_bound (X := X) * T))). split; [apply Rmult_lt_0_compat; [lra|apply exp_pos]|].
  intros Y x Hn HE Hx Hs Hy.
  pose proof (x_late X Y Hn HE k HN level x Hl Hx Hy T Hs) as HT. unfold T in HT.
  apply Rmax_Rlt in HT. destruct HT as [HT1 HT2]. apply Rmax_Rlt in HT1, HT2. destruct HT1 as [HT1 HT0]. destruct HT2 as [HT2 HT3].
  specialize (H1 x HT1). specialize (H2 x HT2). specialize (H3 x HT3). apply Rabs_def2 in H1, H2, H3.
  assert (Hyx : y (X := X) x <= / level - d) by (unfold d in *; lra).
  pose proof (size_small X Y Hn HE k HN level x Hl Hy d Hd Hyx) as HS. fold D in HS.
  destruct (scaled_time X Y Hn HE HN x Hx) as [HA HB].
  assert (Ht : 0 < time (X := X) x) by (apply time_positive; lra).
  assert (HC : Rpower (s0 (start := Y)) (exponent (X := X)) * time (X := X) x <= D * (weight (X := X) x * time (X := X) x)).
  { rewrite <- Rmult_assoc. apply Rmult_le_compat_r; lra. }
  apply Rabs_def1; lra.
Qed.
