(* Section 5 in tau: the law of the alignment, and of s when it is driven, resonant or free. *)
Require Import Reals Lra Lia Psatz.
From Coquelicot Require Import Coquelicot.
From OneNeuron Require Import Calculus Linear ClosedForm Limits.
Open Scope R_scope.

(* l'Hospital's rule for a denominator that grows without bound *)
Lemma hospital f df g dg (L : R) : (forall t, 0 <= t -> is_derive f t (df t)) ->
  (forall t, 0 <= t -> is_derive g t (dg t)) -> (forall t, 0 <= t -> 0 < dg t) ->
  is_lim g p_infty p_infty -> is_lim (fun t => df t / dg t) p_infty L ->
  is_lim (fun t => f t / g t) p_infty L.
Proof using.
  intros Hf Hg Hp Hi HL. apply is_lim_spec. intros eps. pose proof (cond_pos eps) as He.
  apply is_lim_spec in HL, Hi. destruct (HL (pos_div_2 eps)) as [T0 H0]. simpl in H0.
  set (T := Rmax 0 (T0 + 1)).
  assert (HT0 : 0 <= T) by apply Rmax_l. assert (HT1 : T0 + 1 <= T) by apply Rmax_r.
  assert (Hb : forall t, T <= t -> (L - eps / 2) * dg t <= df t <= (L + eps / 2) * dg t).
  { intros t Ht. specialize (H0 t ltac:(lra)). apply Rabs_def2 in H0. pose proof (Hp t ltac:(lra)).
    assert (HH : df t / dg t * dg t = df t) by (field; lra). rewrite <- HH. split; apply Rmult_le_compat_r; lra. }
  set (C1 := f T - (L + eps / 2) * g T). set (C2 := f T - (L - eps / 2) * g T).
  destruct (Hi (Rmax 0 (Rmax (2 * C1 / eps) (- 2 * C2 / eps)))) as [T2 H2].
  exists (Rmax T T2). intros t Ht. apply Rmax_Rlt in Ht. destruct Ht as [Ht Ht2].
  specialize (H2 t Ht2). apply Rmax_Rlt in H2. destruct H2 as [Hg0 H2]. apply Rmax_Rlt in H2. destruct H2 as [H2 H3].
  assert (U : f t - (L + eps / 2) * g t <= C1).
  { apply Ropp_le_cancel. apply (increasing_closed (fun t => - (f t - (L + eps / 2) * g t)) (fun t => - (df t - (L + eps / 2) * dg t))); [lra| |]; intros x Hx.
    - apply (is_derive_opp (V := R_NormedModule)), (is_derive_minus (V := R_NormedModule)); [apply Hf; lra|].
      apply is_derive_scal, Hg. lra.
    - pose proof (Hb x ltac:(lra)). lra. }
  assert (B : C2 <= f t - (L - eps / 2) * g t).
  { apply (increasing_closed (fun t => f t - (L - eps / 2) * g t) (fun t => df t - (L - eps / 2) * dg t)); [lra| |]; intros x Hx.
    - apply (is_derive_minus (V := R_NormedModule)); [apply Hf; lra|]. apply is_derive_scal, Hg. lra.
    - pose proof (Hb x ltac:(lra)). lra. }
  apply (Rmult_lt_compat_r eps) in H2; [|easy]. apply (Rmult_lt_compat_r eps) in H3; [|easy].
  unfold Rdiv in H2, H3. rewrite Rmult_assoc, Rinv_l in H2, H3 by lra.
  assert (HH : f t / g t * g t = f t) by (field; lra).
  apply Rabs_def1; apply (Rmult_lt_reg_r (g t)); try easy; rewrite Rmult_minus_distr_r, HH; nra.
Qed.

(* a bounded increasing function converges *)
Lemma incr_lim f C : (forall x t, 0 <= x <= t -> f x <= f t) -> (forall t, 0 <= t -> f t <= C) ->
  exists l : R, is_lim f p_infty l.
Proof using.
  intros Hm Hb. destruct (completeness (fun v => exists t, 0 <= t /\ v = f t)) as [l [H1 H2]].
  - exists C. intros v [t [Ht ->]]. auto.
  - exists (f 0), 0. split; [lra|easy].
  - exists l. apply is_lim_spec. intros eps. pose proof (cond_pos eps).
    destruct (Classical_Prop.classic (exists x, 0 <= x /\ l - eps < f x)) as [[x [Hx Hl]]|Hn].
    + exists x. intros t Ht. assert (f x <= f t) by (apply Hm; lra).
      assert (f t <= l) by (apply H1; exists t; split; [lra|easy]). apply Rabs_def1; lra.
    + exfalso. assert (l <= l - eps); [|lra]. apply H2. intros v [t [Ht ->]].
      apply Rnot_lt_le. intros Hlt. apply Hn. exists t. easy.
Qed.

Definition on (g x w : R) : R := if Req_EM_T x g then w else 0.
Lemma term w x g : (w <> 0 -> g <= x) ->
  is_lim (fun t => w * exp (- (2) * (x - g) * t)) p_infty (on g x w).
Proof using.
  intros H. unfold on. destruct (Req_dec w 0) as [->|Hw].
  - replace (if Req_EM_T x g then 0 else 0) with 0 by (now destruct Req_EM_T).
    apply is_lim_ext with (fun _ => 0); [intros; ring|apply is_lim_const].
  - specialize (H Hw). destruct Req_EM_T as [->|He].
    + apply is_lim_ext with (fun _ => w); [|apply is_lim_const]. intros t.
      replace (_ * (_ - _) * t) with 0 by ring. rewrite exp_0. ring.
    + eapply lim_eq; [apply lim_scal, lim_exp_0; lra|ring].
Qed.

Section Rates.
Context {X : start}.
(* 5.1: no term of the table decays more slowly than g. *)
Record gap (k g : R) : Prop := {
  gap_pos : 0 < g;
  gap_alpha : forall i, (i < r)%nat -> sigma i < k -> alpha i <> 0 -> g <= k - sigma i;
  gap_beta : forall i, (i < r)%nat -> beta i <> 0 -> g <= k + sigma i;
  gap_rho : rho2 <> 0 -> g <= k }.
Variables k g : R.
Hypothesis k_limit : limit_value k.
Hypothesis g_gap : gap k g.
Definition Q := (sum (fun i => on g (k - sigma i) (alpha i ^ 2)) r + sum (fun i => on g (k + sigma i) (beta i ^ 2)) r
  + on g k (4 * rho2)) / (A_squared k).
Lemma on_g x w : on g x (x * w) = g * on g x w.
Proof using. unfold on. destruct Req_EM_T as [->|]; ring. Qed.
Lemma kp : 0 < k. Proof using k_limit. apply (k_pos); auto. Qed.
Lemma g_pos : 0 < g. Proof using g_gap. apply g_gap. Qed.

Theorem alignment_law : is_lim (fun t => (k - c t) * exp (2 * g * t)) p_infty (g * Q).
Proof using g_gap k_limit.
  pose proof kp as Hkp. pose proof g_pos as Hg0. pose proof (A_squared_pos k k_limit) as HAp.
  pose proof (E_lim k k_limit) as HE.
  assert (HN : is_lim (fun t => sum (fun i => (k - sigma i) * alpha i ^ 2 * exp (- (2) * (k - sigma i - g) * t)) r
     + sum (fun i => (k + sigma i) * beta i ^ 2 * exp (- (2) * (k + sigma i - g) * t)) r
     + k * (4 * rho2) * exp (- (2) * (k - g) * t)) p_infty
     (sum (fun i => on g (k - sigma i) ((k - sigma i) * alpha i ^ 2)) r + sum (fun i => on g (k + sigma i) ((k + sigma i) * beta i ^ 2)) r
     + on g k (k * (4 * rho2)))).
  { apply is_lim_plus'; [apply is_lim_plus'|].
    - apply (sum_lim (fun i t => (k - sigma i) * alpha i ^ 2 * exp (- (2) * (k - sigma i - g) * t))).
      intros i Hi. apply term. intros Hw.
      assert (alpha i <> 0) by (intros H; apply Hw; rewrite H; ring).
      destruct (Rtotal_order (sigma i) k) as [Hl|[He|Hg]]; [now apply (gap_alpha k g g_gap)|exfalso; apply Hw; rewrite He; ring|].
      exfalso. apply H, (proj1 k_limit i Hi Hg).
    - apply (sum_lim (fun i t => (k + sigma i) * beta i ^ 2 * exp (- (2) * (k + sigma i - g) * t))).
      intros i Hi. apply term. intros Hw. apply (gap_beta k g g_gap); [easy|]. intros H; apply Hw; rewrite H; ring.
    - apply term. intros Hw. apply (gap_rho k g g_gap). intros H; apply Hw; rewrite H; ring. }
  assert (H4 : is_lim (fun t => 4 * (E t * exp (- (2 * k) * t))) p_infty (A_squared k)).
  { eapply lim_eq; [apply lim_scal, HE|field]. }
  eapply is_lim_ext; [|eapply lim_eq].
  2:{ apply (is_lim_div _ _ p_infty _ _ HN H4); simpl; [|easy]. intros H. injection H. lra. }
  - intros t. simpl. rewrite c_gap by auto. pose proof (E_pos t).
    pose proof (exp_pos (- (2 * k) * t)).
    set (n := _ + _ + 4 * k * rho2). set (e := exp (- (2 * k) * t)) in *.
    transitivity (n * (exp (2 * g * t) * e) / (4 * (E t * e))); [|field; lra]. f_equal.
    unfold n, e. rewrite <- exp_plus, !Rmult_plus_distr_r, !(Rmult_comm (sum _ r) (exp _)), <- !sum_scal.
    f_equal; [f_equal; apply sum_ext; intros i _|].
    + transitivity ((k - sigma i) * alpha i ^ 2 * (exp (2 * g * t + - (2 * k) * t) * exp (2 * sigma i * t))); [|ring].
      rewrite <- exp_plus. f_equal. f_equal. ring.
    + transitivity ((k + sigma i) * beta i ^ 2 * (exp (2 * g * t + - (2 * k) * t) * exp (- 2 * sigma i * t))); [|ring].
      rewrite <- exp_plus. f_equal. f_equal. ring.
    + replace (2 * g * t + - (2 * k) * t) with (- (2) * (k - g) * t) by ring. ring.
  - rewrite on_g, (sum_ext _ (fun i => g * on g (k - sigma i) (alpha i ^ 2))) by (intros; apply on_g).
    rewrite (sum_ext (fun i => on g (k + sigma i) _) (fun i => g * on g (k + sigma i) (beta i ^ 2))) by (intros; apply on_g).
    rewrite !sum_scal. unfold Q. field. lra.
Qed.

Let z t := (y t - / k) * exp (N * k * t).
Let dz t := N * (k - c t) * y t * exp (N * k * t).
Lemma z_d t : 0 <= t -> is_derive z t (dz t).
Proof using k_limit.
  intros Ht. apply (Linear.z_der N 0 k c y); auto using kp. intros. apply y_der; auto.
Qed.
Lemma yl : is_lim y p_infty (/ k).
Proof using k_limit. apply y_lim; auto. Qed.
Lemma c_le t : c t <= k.
Proof using k_limit.
  (* c grows to its limit *)
  destruct (Rle_dec (c t) k) as [|Hn]; [easy|exfalso].
  pose proof (c_lim k k_limit) as Hl.
  apply is_lim_spec in Hl. assert (He : 0 < c t - k) by lra.
  destruct (Hl (mkposreal _ He)) as [T HT]. simpl in HT.
  pose proof (HT (Rmax t T + 1)) as H1. pose proof (Rmax_l t T). pose proof (Rmax_r t T).
  specialize (H1 ltac:(lra)). apply Rabs_def2 in H1.
  assert (c t <= c (Rmax t T + 1)) by (apply c_mono; auto; lra). lra.
Qed.
(* from y to s *)
Lemma to_s w (l : R) : is_lim (fun t => (y t - / k) * w t) p_infty l ->
  is_lim (fun t => (k - s t) * w t) p_infty (k ^ 2 * l).
Proof using g_gap k_limit.
  pose proof kp as Hkp. pose proof g_pos as Hg0. pose proof (A_squared_pos k k_limit) as HAp.
  intros H. assert (Hs : is_lim s p_infty k) by (apply s_lim; auto).
  eapply is_lim_ext_loc; [|eapply lim_eq; [apply (lim_scal k), (lim_mult _ _ _ _ Hs H)|ring]].
  exists 0. intros t Ht. unfold s. simpl.
  assert (0 < y t) by (apply y_pos; auto; lra). field. lra.
Qed.
Lemma exp_lim_p a : 0 < a -> is_lim (fun t => exp (a * t)) p_infty p_infty.
Proof using.
  intros Ha. apply (is_lim_comp exp (fun t => a * t) p_infty p_infty p_infty is_lim_exp_p).
  - eapply is_lim_ext; [|apply (lim_line a 0 Ha)]. intros; apply Rplus_0_l.
  - now exists 0.
Qed.

Theorem driven : 2 * g < N * k ->
  is_lim (fun t => (k - s t) * exp (2 * g * t)) p_infty (N * k * g * Q / (N * k - 2 * g)).
Proof using g_gap k_limit.
  pose proof kp as Hkp. pose proof g_pos as Hg0. pose proof (A_squared_pos k k_limit) as HAp.
  intros H. set (rate := N * k - 2 * g). assert (Ha : 0 < rate) by (unfold rate; lra).
  eapply lim_eq; [apply (to_s _ (N * g * Q / (k * rate)))|field; lra].
  apply is_lim_ext with (fun t => z t / exp (rate * t)).
  { intros t. unfold z, Rdiv. rewrite <- exp_Ropp, Rmult_assoc, <- exp_plus. f_equal. f_equal. unfold rate. ring. }
  apply (hospital z dz (fun t => exp (rate * t)) (fun t => rate * exp (rate * t))); [exact z_d| | |now apply exp_lim_p|].
  - intros t _. auto_derive; [easy|ring].
  - intros t _. apply Rmult_lt_0_compat; [easy|apply exp_pos].
  - eapply is_lim_ext; [|eapply lim_eq; [apply (lim_scal (N / rate)), lim_mult;
      [apply alignment_law|apply yl]|field; lra]].
    intros t. unfold dz. simpl. pose proof (exp_pos (rate * t)).
    replace (N * k * t) with (2 * g * t + rate * t) by (unfold rate; ring). rewrite exp_plus. field. lra.
Qed.
Theorem resonant : 2 * g = N * k ->
  is_lim (fun t => (k - s t) * (exp (2 * g * t) / t)) p_infty (N * k * g * Q).
Proof using g_gap k_limit.
  pose proof kp as Hkp. pose proof g_pos as Hg0. pose proof (A_squared_pos k k_limit) as HAp.
  intros H. eapply lim_eq; [apply (to_s _ (N * g * Q / k))|field; lra].
  apply is_lim_ext with (fun t => z t / t).
  { intros t. unfold z, Rdiv. rewrite H. ring. }
  apply (hospital z dz (fun t => t) (fun t => 1)); [exact z_d| |intros; lra|apply is_lim_id|].
  - intros t _. apply (is_derive_id (K := R_AbsRing)).
  - eapply is_lim_ext; [|eapply lim_eq; [apply (lim_scal N), lim_mult;
      [apply alignment_law|apply yl]|field; lra]].
    intros t. unfold dz. simpl. rewrite H. field.
Qed.
Theorem free : N * k < 2 * g ->
  exists H : R, is_lim (fun t => (k - s t) * exp (N * k * t)) p_infty (k ^ 2 * H).
Proof using g_gap k_limit.
  pose proof kp as Hkp. pose proof g_pos as Hg0. pose proof (A_squared_pos k k_limit) as HAp.
  intros H. set (rate := 2 * g - N * k). assert (Ha : 0 < rate) by (unfold rate; lra).
  pose proof (lim_scal N _ _ (lim_mult _ _ _ _ alignment_law yl)) as HL. set (L := N * _) in HL.
  apply is_lim_spec in HL. destruct (HL (mkposreal 1 Rlt_0_1)) as [T0 HT]. simpl in HT.
  set (T := Rmax 0 (T0 + 1)). assert (HT0 : 0 <= T) by apply Rmax_l. assert (HT1 : T0 + 1 <= T) by apply Rmax_r.
  assert (Hz : forall t, 0 <= t -> 0 <= dz t).
  { intros t Ht. unfold dz. pose proof (c_le t). apply Rmult_le_pos; [|left; apply exp_pos].
    apply Rmult_le_pos; [apply Rmult_le_pos; pose proof N_pos; lra|left; apply y_pos; auto]. }
  assert (Hm : forall x t, 0 <= x <= t -> z x <= z t).
  { intros x t Hx. apply (increasing_closed z dz); [lra| |]; intros u Hu; [apply z_d; lra|apply Hz; lra]. }
  destruct (incr_lim z (z T + Rabs (L + 1) / rate)) as [l Hl]; [easy| |].
  - intros t Ht. assert (Hp : 0 <= Rabs (L + 1) / rate) by (apply Rdiv_le_0_compat; [apply Rabs_pos|easy]).
    destruct (Rle_dec t T) as [Hle|Hle]; [pose proof (Hm t T ltac:(lra)); lra|].
    set (C := Rabs (L + 1)) in *.
    assert (U : z t + C / rate * exp (- rate * t) <= z T + C / rate * exp (- rate * T)).
    { apply Ropp_le_cancel. apply (increasing_closed (fun t => - (z t + C / rate * exp (- rate * t))) (fun t => - (dz t - C * exp (- rate * t)))); [lra| |]; intros u Hu.
      - apply (is_derive_opp (V := R_NormedModule) (fun t => z t + C / rate * exp (- rate * t))).
        eapply derive_eq; [apply (is_derive_plus (V := R_NormedModule)); [apply z_d; lra|auto_derive; [easy|reflexivity]]|].
        unfold plus; simpl. field. lra.
      - specialize (HT u ltac:(lra)). apply Rabs_def2 in HT.
        assert (dz u <= C * exp (- rate * u)); [|lra].
        replace (dz u) with (N * ((k - c u) * exp (2 * g * u) * y u) * exp (- rate * u)).
        + apply Rmult_le_compat_r; [left; apply exp_pos|]. apply Rle_trans with (L + 1); [lra|apply Rle_abs].
        + unfold dz. replace (N * k * u) with (2 * g * u + - rate * u) by (unfold rate; ring). rewrite exp_plus. ring. }
    assert (0 <= C / rate * exp (- rate * t)) by (apply Rmult_le_pos; [easy|left; apply exp_pos]).
    assert (C / rate * exp (- rate * T) <= C / rate * 1).
    { apply Rmult_le_compat_l; [easy|]. rewrite <- exp_0. apply exp_le. nra. }
    lra.
  - exists l. now apply to_s.
Qed.
End Rates.
