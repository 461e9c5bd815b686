(* Sections 5.1 to 5.3: the laws of the directions, of the excess and of the end-to-end matrix in
   the rescaled time, and what carries a law to the time t. In this file t is the rescaled time. *)
Require Import Reals Lra Lia Psatz.
From Coquelicot Require Import Coquelicot.
From OneNeuron Require Import Calculus Linear ClosedForm Time Limits Rates.
Open Scope R_scope.

(* A function of s whose value vanishes at k inherits a law of s - k. *)
Lemma law_of_function (f s w : R -> R) (k d l : R) : is_derive f k d -> f k = 0 ->
  is_lim s p_infty k -> is_lim (fun t => (s t - k) * w t) p_infty l ->
  is_lim (fun t => f (s t) * w t) p_infty (d * l).
Proof using.
  intros Hf H0 Hs Hw. set (q := fun z => if Req_EM_T z k then d else f z / (z - k)).
  assert (Hq : continuity_pt q k).
  { apply is_derive_Reals in Hf. intros eps Heps. destruct (Hf eps Heps) as [del Hdel].
    exists del. split; [apply cond_pos|]. intros z [[_ Hz] Hd]. simpl in *. unfold R_dist in *.
    unfold q. destruct (Req_EM_T k k); [|easy]. destruct (Req_EM_T z k) as [->|Hne].
    - replace (d - d) with 0 by ring. now rewrite Rabs_R0.
    - specialize (Hdel (z - k) ltac:(lra) Hd). rewrite H0 in Hdel.
      replace (k + (z - k)) with z in Hdel by ring. now rewrite Rminus_0_r in Hdel. }
  apply is_lim_ext with (fun t => q (s t) * ((s t - k) * w t)).
  - intros t. unfold q. destruct Req_EM_T as [->|Hne]; [rewrite H0; ring|field; lra].
  - apply lim_mult; [|easy]. replace d with (q k) by (unfold q; destruct Req_EM_T; easy).
    apply (is_lim_comp_continuous s q p_infty k Hs). now apply continuity_pt_filterlim.
Qed.

(* The integral of what decays exponentially converges. *)
Lemma integral_converges (h : R -> R) rate (l : R) : 0 < rate -> (forall x, continuous h x) ->
  is_lim (fun x => h x * exp (rate * x)) p_infty l ->
  exists I : R, is_lim (fun x => RInt h 0 x) p_infty I.
Proof using.
  intros Hr Hc Hl. set (M := Rabs l + 1). pose proof (Rabs_pos l) as Hl0.
  apply is_lim_spec in Hl. destruct (Hl (mkposreal 1 Rlt_0_1)) as [T0 HT]. simpl in HT.
  set (T := Rmax 0 (T0 + 1)). assert (HT0 : 0 <= T) by apply Rmax_l. assert (HT1 : T0 + 1 <= T) by apply Rmax_r.
  assert (Hb : forall x, T <= x -> - (M * exp (- rate * x)) <= h x <= M * exp (- rate * x)).
  { intros x Hx. specialize (HT x ltac:(lra)). apply Rabs_def2 in HT.
    pose proof (Rle_abs l). pose proof (Rle_abs (- l)). rewrite Rabs_Ropp in *.
    replace (h x) with (h x * exp (rate * x) * exp (- rate * x)).
    2:{ rewrite Rmult_assoc, <- exp_plus. replace (_ + _) with 0 by ring. rewrite exp_0. ring. }
    pose proof (exp_pos (- rate * x)). unfold M. split; nra. }
  assert (HG : forall x, is_derive (fun x => RInt h 0 x) x (h x)).
  { intros x. apply (is_derive_RInt (V := R_NormedModule) h _ 0); [|apply Hc].
    apply filter_forall. intros z. apply (RInt_correct (V := R_CompleteNormedModule)).
    apply (ex_RInt_continuous (V := R_CompleteNormedModule)). intros; apply Hc. }
  set (G := fun x => RInt h 0 x) in *.
  assert (Hd : forall k x, is_derive (fun x => k * exp (- rate * x)) x (k * (- rate) * exp (- rate * x))).
  { intros k x. auto_derive; [easy|ring]. }
  destruct (incr_lim (fun x => G (T + x) - M / rate * exp (- rate * (T + x))) (G T + M / rate * exp (- rate * T)))
    as [L HL].
  - intros x t Hx. set (F := fun x => G x - M / rate * exp (- rate * x)).
    apply (increasing_closed F (fun x => h x - M / rate * (- rate) * exp (- rate * x))); [lra| |].
    + intros z _. apply (is_derive_minus (V := R_NormedModule)); [apply HG|apply Hd].
    + intros z Hz. pose proof (Hb z ltac:(lra)). replace (M / rate * - rate) with (- M) by (field; lra). lra.
  - intros x Hx. apply Rle_trans with (G (T + x) + M / rate * exp (- rate * (T + x))).
    + assert (0 <= M / rate * exp (- rate * (T + x))); [|lra].
      apply Rmult_le_pos; [apply Rdiv_le_0_compat; unfold M; lra|left; apply exp_pos].
    + apply Ropp_le_cancel. set (F := fun x => - (G x + M / rate * exp (- rate * x))).
      apply (increasing_closed F (fun x => - (h x + M / rate * (- rate) * exp (- rate * x)))); [lra| |].
      * intros z _. apply (is_derive_opp (V := R_NormedModule) (fun x => G x + M / rate * exp (- rate * x))).
        apply (is_derive_plus (V := R_NormedModule)); [apply HG|apply Hd].
      * intros z Hz. pose proof (Hb z ltac:(lra)). replace (M / rate * - rate) with (- M) by (field; lra). lra.
  - exists L. apply is_lim_ext with
      (fun x => (G (T + (x - T)) - M / rate * exp (- rate * (T + (x - T)))) + M / rate * exp (- rate * x)).
    + intros x. replace (T + (x - T)) with x by ring. unfold G. ring.
    + eapply lim_eq; [apply is_lim_plus'; [|apply lim_scal, lim_exp_0; lra]|].
      * apply (is_lim_comp (fun x => G (T + x) - M / rate * exp (- rate * (T + x))) (fun x => x - T) p_infty L p_infty HL).
        -- apply is_lim_spec. intros B. exists (B + T). intros x Hx. lra.
        -- now exists 0.
      * ring.
Qed.

(* A faster factor makes a law vanish, and a product of two vanishing ones. *)
Lemma law_faster (f : R -> R) (slow fast l : R) : slow < fast ->
  is_lim (fun t => f t * exp (fast * t)) p_infty l -> is_lim (fun t => f t * exp (slow * t)) p_infty 0.
Proof using.
  intros H Hl. apply is_lim_ext with (fun t => f t * exp (fast * t) * exp ((slow - fast) * t)).
  - intros t. rewrite Rmult_assoc, <- exp_plus. f_equal. f_equal. ring.
  - eapply lim_eq; [apply lim_mult; [apply Hl|apply lim_exp_0; lra]|ring].
Qed.
Lemma law_product (f g : R -> R) (x z l m : R) : is_lim (fun t => f t * exp (x * t)) p_infty l ->
  is_lim (fun t => g t * exp (z * t)) p_infty m ->
  is_lim (fun t => f t * g t * exp ((x + z) * t)) p_infty (l * m).
Proof using.
  intros Hf Hg. apply is_lim_ext with (fun t => f t * exp (x * t) * (g t * exp (z * t))).
  - intros t. replace ((x + z) * t) with (x * t + z * t) by ring. rewrite exp_plus. ring.
  - now apply lim_mult.
Qed.

Section Laws.
Context {X : start}.
Variables k g : R.
Hypothesis k_limit : limit_value k.
Hypothesis g_gap : gap k g.

Lemma k_positive : 0 < k.
Proof using k_limit. now apply k_pos. Qed.
Lemma smaller_gap g' : 0 < g' <= g -> gap k g'.
Proof using g_gap.
  intros Hg. destruct g_gap as [H0 Ha Hb Hr]. split; [lra| | |].
  - intros i Hi Hk Hn. specialize (Ha i Hi Hk Hn). lra.
  - intros i Hi Hn. specialize (Hb i Hi Hn). lra.
  - intros Hn. specialize (Hr Hn). lra.
Qed.
(* s converges faster than at any rate below 2 g and N k. *)
Lemma s_fast rate : rate < 2 * g -> rate < N * k -> is_lim (fun t => (s t - k) * exp (rate * t)) p_infty 0.
Proof using g_gap k_limit.
  intros H1 H2. pose proof k_positive as Hk. pose proof (gap_pos k g g_gap) as Hg. pose proof N_pos as HN.
  assert (HNk : 0 < N * k) by now apply Rmult_lt_0_compat.
  set (m := Rmax rate 0). set (fast := (m + Rmin (2 * g) (N * k)) / 2).
  assert (Hm : m < Rmin (2 * g) (N * k)) by (unfold m; apply Rmax_lub_lt; apply Rmin_glb_lt; lra).
  assert (Hm0 : 0 <= m) by apply Rmax_r. assert (Hmr : rate <= m) by apply Rmax_l.
  pose proof (Rmin_l (2 * g) (N * k)) as L1. pose proof (Rmin_r (2 * g) (N * k)) as L2.
  assert (Hf : rate < fast) by (unfold fast; lra).
  assert (Hgap : gap k (fast / 2)) by (apply smaller_gap; unfold fast; lra).
  pose proof (driven k (fast / 2) k_limit Hgap) as Hd.
  replace (2 * (fast / 2)) with fast in Hd by field. specialize (Hd ltac:(unfold fast; lra)).
  apply (law_faster _ rate fast _ Hf) in Hd.
  apply is_lim_ext with (fun t => - 1 * ((k - s t) * exp (rate * t))); [intros; ring|].
  eapply lim_eq; [apply lim_scal, Hd|ring].
Qed.
Lemma c_law : is_lim (fun t => (k - c t) * exp (2 * g * t)) p_infty (g * Q k g).
Proof using g_gap k_limit. now apply alignment_law. Qed.

(* 5.3: the shift of time. *)
Definition nu := Rpower k exponent.
Lemma nu_pos : 0 < nu.
Proof using. apply exp_pos. Qed.
Lemma shift_exists : exists theta : R, is_lim (fun x => RInt (fun z => 1 - nu * pace z) 0 x) p_infty theta.
Proof using g_gap k_limit.
  pose proof k_positive as Hk. pose proof (gap_pos k g g_gap) as Hg. pose proof N_pos as HN.
  assert (HNk : 0 < N * k) by now apply Rmult_lt_0_compat.
  set (rate := Rmin (2 * g) (N * k) / 2).
  assert (H0 : 0 < rate) by (unfold rate; pose proof (Rmin_glb_lt (2 * g) (N * k) 0 ltac:(lra) HNk); lra).
  pose proof (Rmin_l (2 * g) (N * k)). pose proof (Rmin_r (2 * g) (N * k)).
  apply (integral_converges _ rate ((nu * (exponent * Rpower k (- exponent - 1))) * 0) H0).
  - intros x. apply (continuous_minus (V := R_NormedModule)); [apply continuous_const|].
    apply (continuous_scal_r (V := R_NormedModule)), pace_cont.
  - apply is_lim_ext_loc with (fun t => (1 - nu * Rpower (s t) (- exponent)) * exp (rate * t)).
    + exists 0. intros t Ht. unfold pace. rewrite Rmax_right by lra. unfold s.
      rewrite <- Rpower_inv by (apply y_pos; lra). now rewrite Rpower_Ropp, Rinv_inv.
    + apply (law_of_function (fun z => 1 - nu * Rpower z (- exponent)) s _ k).
      * unfold Rpower at 1. auto_derive; [easy|]. unfold Rpower.
        replace ((- exponent - 1) * ln k) with (- exponent * ln k + - ln k) by ring.
        rewrite (exp_plus _ (- ln k)), exp_Ropp, exp_ln by easy. field. lra.
      * unfold nu. rewrite <- Rpower_plus. replace (exponent + - exponent) with 0 by ring.
        rewrite Rpower_O by easy. ring.
      * now apply s_lim.
      * apply s_fast; unfold rate; lra.
Qed.
Section Shift.
Variable theta : R.
Hypothesis is_theta : is_lim (fun x => RInt (fun z => 1 - nu * pace z) 0 x) p_infty theta.
Lemma tau_shift : is_lim (fun t => tau t - nu * t) p_infty theta.
Proof using is_theta.
  apply is_lim_ext with (fun t => RInt (fun z => 1 - nu * pace z) 0 (tau t)); [|now apply in_time].
  intros t. rewrite <- (time_tau t) at 3. unfold time.
  rewrite (RInt_minus (V := R_CompleteNormedModule) (fun _ => 1) (fun z => nu * pace z)).
  - rewrite (RInt_scal (V := R_CompleteNormedModule) pace). 
    + rewrite (RInt_const (V := R_CompleteNormedModule)). unfold minus, plus, opp, scal; simpl; unfold mult; simpl. ring.
    + apply (ex_RInt_continuous (V := R_CompleteNormedModule)). intros; apply pace_cont.
  - apply ex_RInt_const.
  - apply (ex_RInt_continuous (V := R_CompleteNormedModule)). intros.
    apply (continuous_scal_r (V := R_NormedModule)), pace_cont.
Qed.
(* A law in tau as one in t. *)
Lemma law_in_time (f : R -> R) (rate l : R) : is_lim (fun x => f x * exp (rate * x)) p_infty l ->
  is_lim (fun t => f (tau t) * exp (rate * nu * t)) p_infty (l * exp (- rate * theta)).
Proof using is_theta.
  intros H. apply in_time in H.
  apply is_lim_ext with (fun t => f (tau t) * exp (rate * tau t) * exp (- rate * (tau t - nu * t))).
  - intros t. rewrite Rmult_assoc, <- exp_plus. f_equal. f_equal. ring.
  - apply lim_mult; [exact H|].
    apply (is_lim_comp_continuous (fun t => tau t - nu * t) (fun z => exp (- rate * z)) p_infty theta tau_shift).
    apply (ex_derive_continuous (V := R_NormedModule)). auto_derive. easy.
Qed.
(* The same with a factor 1 / t. *)
Lemma law_in_time_linear (f : R -> R) (rate l : R) : is_lim (fun x => f x * (exp (rate * x) / x)) p_infty l ->
  is_lim (fun t => f (tau t) * (exp (rate * nu * t) / t)) p_infty (l * exp (- rate * theta) * nu).
Proof using X is_theta k theta.
  intros H. apply in_time in H. pose proof nu_pos as Hn.
  assert (Hq : is_lim (fun t => tau t / t) p_infty nu).
  { apply is_lim_ext_loc with (fun t => (tau t - nu * t) * / t + nu).
    - exists 0. intros t Ht. field. lra.
    - replace (Finite nu) with (Finite (theta * 0 + nu)) by (f_equal; ring).
      apply is_lim_plus'; [|apply is_lim_const]. apply lim_mult; [exact tau_shift|].
      apply (is_lim_inv (fun t => t) p_infty p_infty); [apply is_lim_id|easy]. }
  apply is_lim_ext_loc with
    (fun t => f (tau t) * (exp (rate * tau t) / tau t) * exp (- rate * (tau t - nu * t)) * (tau t / t)).
  - exists (time 1). intros t Ht. assert (Hle : time 1 <= t) by lra. pose proof (tau_mono _ _ Hle) as Ht1. rewrite tau_time in Ht1.
    assert (0 < time 1).
    { pose proof pace_min_pos. cut (time 0 - pace_min * 0 <= time 1 - pace_min * 1); [rewrite time_0; lra|].
      apply (increasing_closed (fun x => time x - pace_min * x) (fun x => pace x - pace_min)); [lra| |]; intros x _.
      - apply (is_derive_minus (V := R_NormedModule)); [apply time_der|auto_derive; [easy|ring]].
      - pose proof (pace_ge x). lra. }
    replace (exp (rate * nu * t)) with (exp (rate * tau t) * exp (- rate * (tau t - nu * t)))
      by (rewrite <- exp_plus; f_equal; ring).
    field. lra.
  - apply lim_mult; [|exact Hq]. apply lim_mult; [exact H|].
    apply (is_lim_comp_continuous (fun t => tau t - nu * t) (fun z => exp (- rate * z)) p_infty theta tau_shift).
    apply (ex_derive_continuous (V := R_NormedModule)). auto_derive. easy.
Qed.
End Shift.

(* 5.1: the sum S of the exponentials, 4 E / (A^2 e^(2kt)) - 1, and its leading term. *)
Notation A := (sqrt (A_squared k)).
Lemma A_pos : 0 < A.
Proof using k_limit. now apply sqrt_lt_R0, A_squared_pos. Qed.
Lemma A_square : A * A = A_squared k.
Proof using k_limit. apply sqrt_sqrt. left. now apply A_squared_pos. Qed.
Definition S t := 4 * (E t * exp (- (2 * k) * t)) / A_squared k - 1.
Lemma S_sum t : S t = / A_squared k *
  (sum (fun i => (alpha i ^ 2 - leading k i ^ 2) * exp (- (2) * (k - sigma i) * t)) r
   + sum (fun i => beta i ^ 2 * exp (- (2) * (k + sigma i) * t)) r + 4 * rho2 * exp (- (2) * k * t)).
Proof using k_limit.
  pose proof (A_squared_pos k k_limit) as HA. unfold S.
  apply (Rmult_eq_reg_l (A_squared k)); [|lra]. rewrite <- (Rmult_assoc (A_squared k) (/ A_squared k)), Rinv_r, Rmult_1_l by lra.
  replace (A_squared k * (4 * (E t * exp (- (2 * k) * t)) / A_squared k - 1))
    with (4 * exp (- (2 * k) * t) * E t + (- 1) * A_squared k) by (field; lra).
  unfold E, A_squared. rewrite Rmult_plus_distr_l, <- !sum_scal.
  replace (4 * exp (- (2 * k) * t) * rho2) with (4 * rho2 * exp (- (2) * k * t)).
  2:{ replace (- (2 * k) * t) with (- (2) * k * t) by ring. ring. }
  rewrite <- sum_plus.
  match goal with |- ?x + ?n + ?z = _ => replace (x + n + z) with (x + z + n) by ring end. f_equal.
  rewrite <- sum_plus. apply sum_ext. intros i Hi.
  replace (exp (- (2) * (k - sigma i) * t)) with (exp (- (2 * k) * t) * exp (2 * sigma i * t))
    by (rewrite <- exp_plus; f_equal; ring).
  replace (exp (- (2) * (k + sigma i) * t)) with (exp (- (2 * k) * t) * exp (- 2 * sigma i * t))
    by (rewrite <- exp_plus; f_equal; ring).
  unfold leading. destruct Req_EM_T as [He|Hne].
  - rewrite He. replace (exp (2 * k * t)) with (/ exp (- (2 * k) * t)).
    + pose proof (exp_pos (- (2 * k) * t)). field. lra.
    + rewrite <- exp_Ropp. f_equal. ring.
  - field.
Qed.
Theorem S_law : is_lim (fun t => S t * exp (2 * g * t)) p_infty (Q k g).
Proof using g_gap k_limit.
  pose proof (A_squared_pos k k_limit) as HA. pose proof (gap_pos k g g_gap) as Hg.
  assert (HN : is_lim (fun t => sum (fun i => (alpha i ^ 2 - leading k i ^ 2) * exp (- (2) * (k - sigma i - g) * t)) r
     + sum (fun i => beta i ^ 2 * exp (- (2) * (k + sigma i - g) * t)) r
     + 4 * rho2 * exp (- (2) * (k - g) * t)) p_infty
     (sum (fun i => on g (k - sigma i) (alpha i ^ 2 - leading k i ^ 2)) r
      + sum (fun i => on g (k + sigma i) (beta i ^ 2)) r + on g k (4 * rho2))).
  { apply is_lim_plus'; [apply is_lim_plus'|].
    - apply (sum_lim (fun i t => (alpha i ^ 2 - leading k i ^ 2) * exp (- (2) * (k - sigma i - g) * t))).
      intros i Hi. apply term. unfold leading. destruct Req_EM_T as [He|Hne]; intros Hw; [lra|].
      assert (alpha i <> 0) by (intros H; apply Hw; rewrite H; ring).
      destruct (Rtotal_order (sigma i) k) as [Hl|[He|Hm]]; [now apply (gap_alpha k g g_gap)|lra|].
      exfalso. apply H, (proj1 k_limit i Hi Hm).
    - apply (sum_lim (fun i t => beta i ^ 2 * exp (- (2) * (k + sigma i - g) * t))).
      intros i Hi. apply term. intros Hw. apply (gap_beta k g g_gap); [easy|]. intros H; apply Hw; rewrite H; ring.
    - apply term. intros Hw. apply (gap_rho k g g_gap). intros H; apply Hw; rewrite H; ring. }
  eapply is_lim_ext; [|eapply lim_eq; [apply (lim_scal (/ A_squared k)), HN|]].
  - intros t. cbv beta. rewrite S_sum, !(Rmult_assoc (/ _)). f_equal.
    rewrite !Rmult_plus_distr_r, !(Rmult_comm (sum _ r) (exp _)), <- !sum_scal. f_equal; [f_equal|].
    + apply sum_ext. intros i _.
      replace (- (2) * (k - sigma i - g) * t) with (2 * g * t + - (2) * (k - sigma i) * t) by ring. rewrite exp_plus. ring.
    + apply sum_ext. intros i _.
      replace (- (2) * (k + sigma i - g) * t) with (2 * g * t + - (2) * (k + sigma i) * t) by ring. rewrite exp_plus. ring.
    + replace (- (2) * (k - g) * t) with (2 * g * t + - (2) * k * t) by ring. rewrite exp_plus. ring.
  - unfold Q. rewrite (sum_ext (fun i => on g (k - sigma i) (alpha i ^ 2 - leading k i ^ 2)) (fun i => on g (k - sigma i) (alpha i ^ 2))).
    + field. lra.
    + intros i _. unfold on, leading. destruct Req_EM_T; [|easy]. destruct Req_EM_T; [lra|ring].
Qed.
Lemma S_lim : is_lim S p_infty 0.
Proof using g_gap k_limit.
  pose proof (gap_pos k g g_gap). pose proof (law_faster S 0 (2 * g) _ ltac:(lra) S_law) as H0.
  eapply is_lim_ext; [|apply H0]. intros t. simpl. rewrite Rmult_0_l, exp_0. ring.
Qed.
Lemma S_E t : 1 + S t = 4 * (E t * exp (- (2 * k) * t)) / A_squared k.
Proof using. unfold S. ring. Qed.
Lemma S_above t : 0 < 1 + S t.
Proof using k_limit.
  rewrite S_E. pose proof (E_pos t). pose proof (exp_pos (- (2 * k) * t)). pose proof (A_squared_pos k k_limit).
  apply Rdiv_lt_0_compat; [|easy]. apply Rmult_lt_0_compat; [lra|]. now apply Rmult_lt_0_compat.
Qed.

Lemma Q_nonneg : 0 <= Q k g.
Proof using k_limit.
  pose proof (A_squared_pos k k_limit). pose proof rho2_nonneg. unfold Q. apply Rdiv_le_0_compat; [|easy].
  assert (Hon : forall x w, 0 <= w -> 0 <= on g x w) by (intros x w Hw; unfold on; destruct Req_EM_T; lra).
  apply Rplus_le_le_0_compat; [apply Rplus_le_le_0_compat; apply sum_nonneg; intros|]; apply Hon; try apply pow2_ge_0. lra.
Qed.

(* The cosines of the angles to the limit. *)
Definition cos_a t := sum (fun i => a i t * (leading k i / A)) r.
Definition cos_b t := sum (fun i => b i t * (leading k i / A)) r.
Lemma cos_S t : cos_a t + cos_b t = 2 / sqrt (1 + S t).
Proof using k_limit.
  pose proof A_pos as HA. pose proof A_square as HAA. pose proof (A_squared_pos k k_limit) as HA2.
  pose proof (E_pos t) as HE. pose proof (sqrt_E_pos t) as HsE. pose proof (exp_pos (- k * t)) as He.
  replace (sqrt (1 + S t)) with (2 * sqrt (E t) * exp (- k * t) / A).
  2:{ symmetry. apply sqrt_lem_1.
      - left. apply S_above.
      - left. apply Rdiv_lt_0_compat; [|easy]. apply Rmult_lt_0_compat; [lra|easy].
      - rewrite S_E. pose proof (sqrt_E t) as HEE. set (w := sqrt (E t)) in *. set (z := sqrt (A_squared k)) in *.
        rewrite <- HAA, <- HEE.
        replace (exp (- (2 * k) * t)) with (exp (- k * t) * exp (- k * t)) by (rewrite <- exp_plus; f_equal; ring).
        field. lra. }
  unfold cos_a, cos_b. rewrite <- sum_plus.
  rewrite (sum_ext _ (fun i => / (A * sqrt (E t) * exp (- k * t)) * leading k i ^ 2)).
  - rewrite sum_scal. fold (A_squared k). set (w := sqrt (A_squared k)) in *. rewrite <- HAA. field. lra.
  - intros i Hi. unfold a, b, p, q, leading. destruct Req_EM_T as [->|]; [|field; lra].
    replace (exp (k * t)) with (/ exp (- k * t)).
    + field. lra.
    + rewrite <- exp_Ropp. f_equal. ring.
Qed.
(* Half the sum of the squared distances of both directions. *)
Theorem directions_law : is_lim (fun t => (2 - (cos_a t + cos_b t)) * exp (2 * g * t)) p_infty (Q k g).
Proof using g_gap k_limit.
  apply is_lim_ext with (fun t => (2 - 2 / sqrt (1 + S t)) * exp (2 * g * t)).
  { intros t. now rewrite cos_S. }
  replace (Q k g) with (1 * Q k g) by ring.
  apply (law_of_function (fun z => 2 - 2 / sqrt (1 + z)) S _ 0).
  - auto_derive; rewrite ?Rplus_0_r, ?sqrt_1; [split; [lra|split; [lra|easy]]|field].
  - rewrite Rplus_0_r, sqrt_1. field.
  - exact S_lim.
  - eapply is_lim_ext; [|exact S_law]. intros t. simpl. ring.
Qed.
Section Cosines.
Hypothesis cos_a_le : forall t, 0 <= t -> cos_a t <= 1.
Hypothesis cos_b_le : forall t, 0 <= t -> cos_b t <= 1.
Lemma cosines_law : is_lim (fun t => (1 - cos_a t * cos_b t) * exp (2 * g * t)) p_infty (Q k g).
Proof using cos_a_le cos_b_le g_gap k_limit.
  pose proof (gap_pos k g g_gap) as Hg.
  apply is_lim_ext with (fun t => (2 - (cos_a t + cos_b t)) * exp (2 * g * t)
    - (1 - cos_a t) * (1 - cos_b t) * exp (2 * g * t)); [intros; ring|].
  replace (Finite (Q k g)) with (Finite (Q k g - 0)) by (f_equal; ring).
  apply is_lim_minus'; [exact directions_law|].
  pose proof (law_product _ _ _ _ _ _ directions_law directions_law) as H2.
  assert (H3 : 2 * g < 2 * g + 2 * g) by lra. apply (law_faster _ _ _ _ H3) in H2.
  apply (is_lim_le_le_loc (fun _ => 0)
    (fun t => (2 - (cos_a t + cos_b t)) * (2 - (cos_a t + cos_b t)) * exp (2 * g * t)));
    [|apply is_lim_const|exact H2].
  exists 0. intros t Ht. pose proof (cos_a_le t ltac:(lra)). pose proof (cos_b_le t ltac:(lra)).
  pose proof (exp_pos (2 * g * t)).
  assert (0 <= (1 - cos_a t) * (1 - cos_b t)) by nra.
  split; [nra|]. apply Rmult_le_compat_r; nra.
Qed.
End Cosines.

(* 5.2: the coefficient of the free part. *)
Notation half_A_N := (Rpower (A / 2) N).
Definition free_integrand z := E_power z - half_A_N * exp (N * k * z).
Lemma half_A_pos : 0 < half_A_N.
Proof using. apply exp_pos. Qed.
Lemma E_power_S t : E_power t = half_A_N * exp (N * k * t) * Rpower (1 + S t) (N / 2).
Proof using k_limit.
  pose proof A_pos as HA. pose proof (S_above t) as HS. pose proof A_square as HAA.
  unfold E_power. replace (E t) with (A / 2 * (A / 2) * (exp (k * t) * exp (k * t)) * (1 + S t)).
  - assert (H1 : 0 < A / 2) by lra. pose proof (exp_pos (k * t)) as He.
    assert (H2 : 0 < A / 2 * (A / 2)) by now apply Rmult_lt_0_compat.
    assert (H3 : 0 < exp (k * t) * exp (k * t)) by now apply Rmult_lt_0_compat.
    rewrite <- !Rpower_mult_distr; try easy; [|now apply Rmult_lt_0_compat]. f_equal. f_equal.
    + rewrite <- Rpower_plus. f_equal. field.
    + unfold Rpower. rewrite ln_exp, <- exp_plus. f_equal. field.
  - rewrite S_E, <- exp_plus. set (z := sqrt (A_squared k)) in *. rewrite <- HAA.
    replace (exp (k * t + k * t)) with (/ exp (- (2 * k) * t)) by (rewrite <- exp_Ropp; f_equal; ring).
    pose proof (exp_pos (- (2 * k) * t)). field. lra.
Qed.
Lemma free_integrand_law : is_lim (fun t => free_integrand t * exp ((2 * g - N * k) * t)) p_infty
  (half_A_N * (N / 2 * Q k g)).
Proof using g_gap k_limit.
  pose proof N_pos as HN.
  apply is_lim_ext with (fun t => half_A_N * ((Rpower (1 + S t) (N / 2) - 1) * exp (2 * g * t))).
  { intros t. unfold free_integrand. rewrite E_power_S.
    replace (exp (2 * g * t)) with (exp (N * k * t) * exp ((2 * g - N * k) * t)) by (rewrite <- exp_plus; f_equal; ring).
    ring. }
  apply lim_scal. apply (law_of_function (fun z => Rpower (1 + z) (N / 2) - 1) S _ 0).
  - unfold Rpower. auto_derive; [lra|]. rewrite Rplus_0_r, ln_1, Rmult_0_r, exp_0. field.
  - rewrite Rplus_0_r. unfold Rpower. rewrite ln_1, Rmult_0_r, exp_0. ring.
  - exact S_lim.
  - eapply is_lim_ext; [|exact S_law]. intros t. simpl. ring.
Qed.
Lemma free_integrand_cont x : continuous free_integrand x.
Proof using.
  apply (continuous_minus (V := R_NormedModule)); [apply E_power_cont|].
  apply (ex_derive_continuous (V := R_NormedModule)). auto_derive. easy.
Qed.
Definition is_free_integral (I : R) := is_lim (fun x => RInt free_integrand 0 x) p_infty I.
Definition H_free I := / half_A_N * (/ s0 + N * I) - / k.
Hypothesis free_case : N * k < 2 * g.
Lemma free_integral_exists : exists I : R, is_free_integral I.
Proof using free_case g_gap k_limit.
  assert (H : 0 < 2 * g - N * k) by lra.
  exact (integral_converges _ _ _ H free_integrand_cont free_integrand_law).
Qed.
Theorem free_law I : is_free_integral I -> is_lim (fun t => (k - s t) * exp (N * k * t)) p_infty (k ^ 2 * H_free I).
Proof using free_case g_gap k_limit.
  intros HI. pose proof k_positive as Hk. pose proof N_pos as HN. pose proof s0_pos as Hs0.
  pose proof half_A_pos as HA.
  apply (to_s k g k_limit g_gap (fun t => exp (N * k * t))).
  assert (H0 : is_lim free_integrand p_infty 0).
  { assert (Hr : 0 < 2 * g - N * k) by lra. pose proof (law_faster _ _ _ _ Hr free_integrand_law) as H.
    eapply is_lim_ext; [|exact H]. intros t. simpl. rewrite Rmult_0_l, exp_0. ring. }
  assert (HP : is_lim (fun t => Rpower (1 + S t) (N / 2)) p_infty 1).
  { replace (Finite 1) with (Finite (Rpower (1 + 0) (N / 2))).
    - apply (is_lim_comp_continuous S (fun z => Rpower (1 + z) (N / 2)) p_infty 0 S_lim).
      apply (ex_derive_continuous (V := R_NormedModule)). unfold Rpower. auto_derive. lra.
    - f_equal. rewrite Rplus_0_r. unfold Rpower. now rewrite ln_1, Rmult_0_r, exp_0. }
  apply is_lim_ext with (fun t => (/ s0 + N * RInt free_integrand 0 t - half_A_N / k - free_integrand t / k)
    / (half_A_N * Rpower (1 + S t) (N / 2))).
  - intros t.
    assert (HR : RInt E_power 0 t = RInt free_integrand 0 t + half_A_N * (exp (N * k * t) - 1) / (N * k)).
    { rewrite (RInt_ext E_power (fun z => plus (free_integrand z) (half_A_N * exp (N * k * z)))).
      2:{ intros z _. unfold free_integrand, plus; simpl. ring. }
      rewrite (RInt_plus (V := R_CompleteNormedModule)).
      - unfold plus; simpl. f_equal. apply is_RInt_unique.
        replace (half_A_N * (exp (N * k * t) - 1) / (N * k)) with
          (minus (half_A_N * exp (N * k * t) / (N * k)) (half_A_N * exp (N * k * 0) / (N * k))).
        2:{ rewrite Rmult_0_r, exp_0. unfold minus, plus, opp; simpl. field. split; lra. }
        apply (is_RInt_derive (V := R_CompleteNormedModule) (fun z => half_A_N * exp (N * k * z) / (N * k))).
        + intros z _. auto_derive; [easy|field; split; lra].
        + intros z _. apply (ex_derive_continuous (V := R_NormedModule)). auto_derive. easy.
      - apply (ex_RInt_continuous (V := R_CompleteNormedModule)). intros; apply free_integrand_cont.
      - apply (ex_RInt_continuous (V := R_CompleteNormedModule)). intros.
        apply (ex_derive_continuous (V := R_NormedModule)). auto_derive. easy. }
    unfold y. rewrite HR. pose proof (E_power_S t) as HE.
    assert (HS : 0 < Rpower (1 + S t) (N / 2)) by apply exp_pos. pose proof (exp_pos (N * k * t)) as He.
    unfold free_integrand at 2. rewrite HE. field. repeat split; lra.
  - unfold H_free. eapply lim_eq.
    + apply (is_lim_div _ _ p_infty (/ s0 + N * I - half_A_N / k - 0 / k) (half_A_N * 1)).
      * apply is_lim_minus'; [apply is_lim_minus'; [apply is_lim_plus'; [apply is_lim_const|now apply lim_scal]|apply is_lim_const]|].
        apply (is_lim_div free_integrand (fun _ => k) p_infty 0 k H0 (is_lim_const k p_infty)).
        -- intros H. injection H. lra.
        -- easy.
      * now apply lim_scal.
      * intros H. injection H. lra.
      * easy.
    + simpl. field. repeat split; lra.
Qed.
End Laws.

(* 5.3: the excess loss and the squared distance from the limit, given a law of s. *)
Section Distances.
Context {X : start}.
Variables (k w l m : R).
Hypothesis k_limit : limit_value k.
Hypothesis w_pos : 0 < w.
Hypothesis s_law : is_lim (fun t => (s t - k) * exp (w * t)) p_infty l.
Definition excess t := / 2 * (s t - c t) ^ 2 + / 2 * (k - c t) * (k + c t).
Definition distance2 t := (s t - k) ^ 2 + 2 * s t * k * (1 - cos_a k t * cos_b k t).
Lemma square_law (f : R -> R) (z : R) : is_lim (fun t => f t * exp (w * t)) p_infty z ->
  is_lim (fun t => f t ^ 2 * exp (2 * w * t)) p_infty (z ^ 2).
Proof using.
  intros H. pose proof (law_product f f w w z z H H) as H2.
  replace (z ^ 2) with (z * z) by ring. eapply is_lim_ext; [|exact H2].
  intros t. cbv beta. replace ((w + w) * t) with (2 * w * t) by ring. ring.
Qed.
Lemma excess_law : is_lim (fun t => (k - c t) * exp (2 * w * t)) p_infty m ->
  is_lim (fun t => excess t * exp (2 * w * t)) p_infty (/ 2 * l ^ 2 + k * m).
Proof using k_limit s_law w_pos.
  intros Hc. assert (Hw : w < 2 * w) by lra. pose proof (law_faster _ _ _ _ Hw Hc) as H0.
  assert (Hs : is_lim (fun t => (s t - c t) * exp (w * t)) p_infty l).
  { apply is_lim_ext with (fun t => (s t - k) * exp (w * t) + (k - c t) * exp (w * t)); [intros; ring|].
    replace (Finite l) with (Finite (l + 0)) by (f_equal; ring). now apply is_lim_plus'. }
  apply square_law in Hs.
  apply is_lim_ext with (fun t => / 2 * ((s t - c t) ^ 2 * exp (2 * w * t))
    + / 2 * ((k - c t) * exp (2 * w * t) * (k + c t))).
  - intros t. unfold excess. ring.
  - replace (/ 2 * l ^ 2 + k * m) with (/ 2 * l ^ 2 + / 2 * (m * (k + k))) by field.
    apply is_lim_plus'; [now apply lim_scal|]. apply lim_scal, lim_mult; [exact Hc|].
    apply is_lim_plus'; [apply is_lim_const|now apply c_lim].
Qed.
Lemma distance_law : is_lim (fun t => (1 - cos_a k t * cos_b k t) * exp (2 * w * t)) p_infty m ->
  is_lim (fun t => distance2 t * exp (2 * w * t)) p_infty (l ^ 2 + 2 * k ^ 2 * m).
Proof using k_limit s_law.
  intros Hc. pose proof (square_law (fun t => s t - k) l s_law) as Hs.
  apply is_lim_ext with (fun t => (s t - k) ^ 2 * exp (2 * w * t)
    + 2 * k * (s t * ((1 - cos_a k t * cos_b k t) * exp (2 * w * t)))).
  - intros t. unfold distance2. ring.
  - replace (l ^ 2 + 2 * k ^ 2 * m) with (l ^ 2 + 2 * k * (k * m)) by ring.
    apply is_lim_plus'; [exact Hs|]. apply lim_scal, lim_mult; [now apply s_lim|exact Hc].
Qed.
End Distances.
