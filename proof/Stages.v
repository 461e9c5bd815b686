(* Section 6: when the stages end, and that the rank never drops. *)
Require Import Reals Lra Lia Psatz.
From Coquelicot Require Import Coquelicot.
From OneNeuron Require Import Calculus Linear ClosedForm Time.
Open Scope R_scope.

Lemma exp_ln_le x k t : 0 < k -> Rmax 0 (ln x) / k <= t -> x <= exp (k * t).
Proof using.
  intros Hk H. destruct (Rle_dec x 0) as [Hx|Hx]; [pose proof (exp_pos (k * t)); lra|].
  rewrite <- (exp_ln x) by lra. apply exp_le. apply Rle_trans with (1 := Rmax_r 0 _).
  apply (Rmult_le_compat_l k) in H; [|lra].
  replace (k * (Rmax 0 (ln x) / k)) with (Rmax 0 (ln x)) in H by (field; lra). easy.
Qed.

Section Stages.
Context {X : start}.
Variables (one : nat) (sigma2 : R).
Hypothesis one_r : (one < r)%nat.
Hypothesis sigma2_nonneg : 0 <= sigma2.
Hypothesis sigma2_max : forall i, (i < r)%nat -> i <> one -> sigma i <= sigma2.
Hypothesis sigma2_less : sigma2 < sigma one.
Hypothesis alpha_one : alpha one <> 0.
Notation sigma1 := (sigma one).
Lemma one_top i : (i < r)%nat -> sigma i <= sigma1.
Proof using sigma2_less sigma2_max. intros Hi. destruct (Nat.eq_dec i one) as [->|H]; [lra|]. pose proof (sigma2_max i Hi H). lra. Qed.
Definition C1 := (sum (fun i => (sigma one - sigma i) * alpha i ^ 2) r + sum (fun i => (sigma one + sigma i) * beta i ^ 2) r
  + 4 * sigma one * rho2) / alpha one ^ 2.

Lemma E_top t : alpha one ^ 2 * exp (2 * sigma one * t) <= 4 * E t.
Proof using one_r.
  pose proof rho2_nonneg as Hrho.
  unfold E. rewrite Rmult_plus_distr_l, <- sum_scal.
  pose proof (square_exp_nonneg 1 (beta one) (exp (- 2 * sigma one * t)) ltac:(lra) (exp_pos _)).
  apply Rle_trans with (4 * ((alpha one ^ 2 * exp (2 * sigma one * t) + beta one ^ 2 * exp (- 2 * sigma one * t)) / 4)); [lra|].
  assert (H0 := sum_term (fun i => 4 * ((alpha i ^ 2 * exp (2 * sigma i * t) + beta i ^ 2 * exp (- 2 * sigma i * t)) / 4)) r one one_r).
  simpl in H0. cut (4 * ((alpha one ^ 2 * exp (2 * sigma one * t) + beta one ^ 2 * exp (- 2 * sigma one * t)) / 4) <=
    sum (fun i => 4 * ((alpha i ^ 2 * exp (2 * sigma i * t) + beta i ^ 2 * exp (- 2 * sigma i * t)) / 4)) r); [lra|].
  apply H0. intros i Hi. pose proof (term_pos i t). lra.
Qed.
Lemma C1_numerator : C1 * alpha one ^ 2 = sum (fun i => (sigma one - sigma i) * alpha i ^ 2) r
  + sum (fun i => (sigma one + sigma i) * beta i ^ 2) r + 4 * sigma one * rho2.
Proof using alpha_one. unfold C1. pose proof (pow2_gt_0 _ alpha_one). field. lra. Qed.
Theorem envelope t : 0 <= t -> sigma one - c t <= C1 * exp (- 2 * (sigma one - sigma2) * t).
Proof using alpha_one one_r sigma2_less sigma2_max sigma2_nonneg.
  intros Ht. pose proof (pow2_gt_0 _ alpha_one) as Ha. pose proof (exp_pos (2 * sigma one * t)) as He.
  pose proof (E_top t) as HE. pose proof (sigma_pos _ one_r) as Hs.
  pose proof rho2_nonneg as Hrho.
  assert (Hp : 0 < alpha one ^ 2 * exp (2 * sigma one * t)) by now apply Rmult_lt_0_compat.
  rewrite c_gap. set (n := _ + _ + _).
  assert (Hn : n <= C1 * alpha one ^ 2 * exp (2 * sigma2 * t)).
  { rewrite C1_numerator. unfold n. rewrite (Rmult_comm _ (exp (2 * sigma2 * t))), !Rmult_plus_distr_l, <- !sum_scal.
    assert (1 <= exp (2 * sigma2 * t)) by (rewrite <- exp_0; apply exp_le; nra).
    apply Rplus_le_compat; [apply Rplus_le_compat|].
    - apply sum_le. intros i Hi. destruct (Nat.eq_dec i one) as [->|Hne]; [lra|].
      pose proof (one_top i Hi). pose proof (sigma2_max i Hi Hne). pose proof (pow2_ge_0 (alpha i)).
      assert (exp (2 * sigma i * t) <= exp (2 * sigma2 * t)) by (apply exp_le; nra).
      replace (exp (2 * sigma2 * t) * _) with ((sigma one - sigma i) * (alpha i ^ 2 * exp (2 * sigma2 * t))) by ring.
      apply Rmult_le_compat_l; [lra|]. now apply Rmult_le_compat_l.
    - apply sum_le. intros i Hi. pose proof (sigma_pos i Hi). pose proof (pow2_ge_0 (beta i)).
      assert (exp (- 2 * sigma i * t) <= exp (2 * sigma2 * t)) by (apply exp_le; nra).
      replace (exp (2 * sigma2 * t) * _) with ((sigma one + sigma i) * (beta i ^ 2 * exp (2 * sigma2 * t))) by ring.
      apply Rmult_le_compat_l; [lra|]. now apply Rmult_le_compat_l.
    - rewrite <- (Rmult_1_l (4 * _ * _)) at 1. apply Rmult_le_compat_r; [|lra].
      apply Rmult_le_pos; lra. }
  assert (Hm : 0 <= C1 * alpha one ^ 2 * exp (2 * sigma2 * t)).
  { rewrite C1_numerator. apply Rmult_le_pos; [|left; apply exp_pos].
    apply Rplus_le_le_0_compat; [apply Rplus_le_le_0_compat|]; [apply sum_nonneg|apply sum_nonneg|]; intros.
    - apply Rmult_le_pos; [pose proof (one_top i H); lra|apply pow2_ge_0].
    - apply Rmult_le_pos; [pose proof (sigma_pos i H); lra|apply pow2_ge_0].
    - apply Rmult_le_pos; lra. }
  apply Rle_trans with (C1 * alpha one ^ 2 * exp (2 * sigma2 * t) / (alpha one ^ 2 * exp (2 * sigma one * t))).
  - unfold Rdiv. apply Rle_trans with (C1 * alpha one ^ 2 * exp (2 * sigma2 * t) * / (4 * E t)).
    + apply Rmult_le_compat_r; [left; apply Rinv_0_lt_compat; lra|easy].
    + apply Rmult_le_compat_l; [easy|]. now apply Rinv_le_contravar.
  - right. replace (- 2 * (sigma one - sigma2) * t) with (2 * sigma2 * t + - (2 * sigma one * t)) by ring.
    rewrite exp_plus, exp_Ropp. field. lra.
Qed.

Definition C0 := sum (fun i => sigma i * beta i ^ 2) r / (sigma1 * alpha one ^ 2).
Definition tau0_bound := Rmax 0 (ln C0) / (2 * sigma1).
Definition tau1_bound := Rmax 0 (ln (2 * C1 / sigma1)) / (2 * (sigma1 - sigma2)).

Lemma sigma1_pos : 0 < sigma1. Proof using one_r. auto. Qed.
Lemma tau0_bound_nonneg : 0 <= tau0_bound.
Proof using one_r sigma2_less sigma2_nonneg. pose proof sigma1_pos. apply Rdiv_le_0_compat; [apply Rmax_l|lra]. Qed.
Lemma tau1_bound_nonneg : 0 <= tau1_bound.
Proof using sigma2_less. apply Rdiv_le_0_compat; [apply Rmax_l|lra]. Qed.

Theorem stage1 t : tau0_bound <= t -> 0 <= c t.
Proof using alpha_one one_r sigma2_less sigma2_nonneg.
  intros Ht. pose proof sigma1_pos as Hs. pose proof tau0_bound_nonneg. pose proof (pow2_gt_0 _ alpha_one) as Ha.
  assert (H2s : 0 < 2 * sigma1) by lra. pose proof (exp_ln_le C0 _ t H2s Ht) as HK.
  unfold c. apply Rdiv_le_0_compat; [|apply E_pos; auto].
  set (f := fun i => sigma i * (alpha i ^ 2 * exp (2 * sigma i * t))).
  set (g := fun i => sigma i * (beta i ^ 2 * exp (- 2 * sigma i * t))).
  replace (dE t) with (/ 4 * (sum f r + - 1 * sum g r)).
  2:{ unfold dE. rewrite <- (sum_scal (- 1)), <- sum_plus, <- sum_scal. apply sum_ext. intros i _. unfold f, g. field. }
  assert (H1 : f one <= sum f r) by (apply sum_term; auto; intros; apply square_exp_nonneg; [left; auto|apply exp_pos]).
  assert (H2 : sum g r <= sum (fun i => sigma i * beta i ^ 2) r).
  { apply sum_le. intros i Hi. unfold g. pose proof (sigma_pos i Hi).
    apply Rmult_le_compat_l; [lra|]. rewrite <- (Rmult_1_r (beta i ^ 2)) at 2.
    apply Rmult_le_compat_l; [apply pow2_ge_0|]. rewrite <- exp_0. apply exp_le. nra. }
  assert (H3 : sum (fun i => sigma i * beta i ^ 2) r = C0 * (sigma1 * alpha one ^ 2)) by (unfold C0; field; split; lra).
  assert (H4 : C0 * (sigma1 * alpha one ^ 2) <= f one).
  { unfold f. replace (_ * (_ * exp _)) with (exp (2 * sigma1 * t) * (sigma1 * alpha one ^ 2)) by ring.
    apply Rmult_le_compat_r; [|easy]. apply Rmult_le_pos; lra. }
  lra.
Qed.
Theorem stage2 t : tau1_bound <= t -> sigma1 / 2 <= c t.
Proof using alpha_one one_r sigma2_less sigma2_max sigma2_nonneg.
  intros Ht. pose proof sigma1_pos as Hs. pose proof tau1_bound_nonneg.
  assert (H2s : 0 < 2 * (sigma1 - sigma2)) by lra. pose proof (exp_ln_le (2 * C1 / sigma1) _ t H2s Ht) as HK.
  assert (Ht0 : 0 <= t) by lra. pose proof (envelope t Ht0) as H1.
  assert (H2 : C1 * exp (- 2 * (sigma1 - sigma2) * t) <= sigma1 / 2); [|lra].
  apply (Rmult_le_reg_r (exp (2 * (sigma1 - sigma2) * t))); [apply exp_pos|].
  rewrite Rmult_assoc, <- exp_plus. replace (_ + _) with 0 by ring. rewrite exp_0, Rmult_1_r.
  apply (Rmult_le_compat_l (sigma1 / 2)) in HK; [|lra].
  replace (sigma1 / 2 * (2 * C1 / sigma1)) with C1 in HK by (field; lra). easy.
Qed.

Lemma c_low t : - sigma1 <= c t.
Proof using one_r sigma2_less sigma2_max sigma2_nonneg.
  pose proof (E_pos t) as HE. pose proof sigma1_pos as Hs.
  cut (0 <= sigma1 + c t); [lra|]. replace (sigma1 + c t) with (- (- sigma1 - c t)) by ring.
  pose proof rho2_nonneg as Hrho. rewrite c_gap by auto. unfold Rdiv. rewrite Ropp_mult_distr_l. apply Rdiv_le_0_compat; [|lra].
  replace (- _) with (sum (fun i => (sigma1 + sigma i) * (alpha i ^ 2 * exp (2 * sigma i * t))) r
    + sum (fun i => (sigma1 - sigma i) * (beta i ^ 2 * exp (- 2 * sigma i * t))) r + 4 * sigma1 * rho2).
  - apply Rplus_le_le_0_compat; [apply Rplus_le_le_0_compat|]; [apply sum_nonneg|apply sum_nonneg|].
    + intros i Hi. apply square_exp_nonneg; [pose proof (sigma_pos i Hi); lra|apply exp_pos].
    + intros i Hi. apply square_exp_nonneg; [pose proof (one_top i Hi); lra|apply exp_pos].
    + apply Rmult_le_pos; lra.
  - assert (Y0 : forall f, - sum f r = sum (fun i => - f i) r).
    { intros f. rewrite <- (Rmult_1_l (sum f r)), Ropp_mult_distr_l, <- sum_scal. apply sum_ext. intros; ring. }
    rewrite ?Ropp_plus_distr, !Y0. f_equal; [f_equal; apply sum_ext; intros; ring|ring].
Qed.
(* envelope 1 cannot raise y above this *)
Lemma y_up t : 0 <= t -> y t <= (/ s0 + / sigma1) * exp (N * sigma1 * t) - / sigma1.
Proof using one_r sigma2_less sigma2_max sigma2_nonneg.
  intros Ht. pose proof sigma1_pos as Hs. pose proof N_pos as HN.
  assert (H : (y t + / sigma1) * exp (- (N * sigma1) * t) <= (y 0 + / sigma1) * exp (- (N * sigma1) * 0)).
  { apply Ropp_le_cancel. apply (increasing_closed (fun t => - ((y t + / sigma1) * exp (- (N * sigma1) * t)))
      (fun t => N * (sigma1 + c t) * y t * exp (- (N * sigma1) * t))); [easy| |]; intros x Hx.
    - eapply derive_eq.
      + apply (is_derive_opp (V := R_NormedModule)).
        apply (is_derive_mult (fun t => y t + / sigma1) (fun t => exp (- (N * sigma1) * t))).
        * apply (is_derive_plus (V := R_NormedModule)); [apply y_der; auto|].
          apply (is_derive_const (V := R_NormedModule)).
        * auto_derive; [easy|reflexivity].
        * apply Rmult_comm.
      + unfold opp, plus, mult, zero; simpl. field. lra.
    - pose proof (c_low x). apply Rmult_le_pos; [|left; apply exp_pos].
      apply Rmult_le_pos; [apply Rmult_le_pos; lra|]. left. apply y_pos; auto; lra. }
  rewrite Rmult_0_r, exp_0, Rmult_1_r, y_0 in H by auto.
  apply (Rmult_le_compat_r (exp (N * sigma1 * t))) in H; [|left; apply exp_pos].
  rewrite Rmult_assoc, <- exp_plus in H. replace (- (N * sigma1) * t + N * sigma1 * t) with 0 in H by ring.
  rewrite exp_0 in H. lra.
Qed.
Lemma y_slow x t : 0 <= x <= t -> 0 <= c x -> y t <= y x + N * (t - x).
Proof using.
  intros Hx Hc. pose proof N_pos as HN.
  cut (N * x - y x <= N * t - y t); [lra|].
  apply (increasing_closed (fun t => N * t - y t) (fun t => N * (c t * y t))); [easy| |]; intros u Hu.
  - eapply derive_eq; [apply (is_derive_minus (V := R_NormedModule)); [|apply y_der; auto]|].
    + auto_derive; [easy|reflexivity].
    + unfold minus, plus, opp; simpl. ring.
  - apply Rmult_le_pos; [lra|]. apply Rmult_le_pos; [|left; apply y_pos; auto; lra].
    apply Rle_trans with (1 := Hc). apply c_mono; auto. lra.
Qed.
Definition Y0 := Rmax ((/ s0 + / sigma1) * Rpower (Rmax C0 1) (N / 2) - / sigma1 + N * tau1_bound) (2 / sigma1).
(* the bound holds at every tau, hence at every time *)
Theorem rank_stays t : 0 <= t -> y t <= Y0.
Proof using alpha_one one_r sigma2_less sigma2_max sigma2_nonneg.
  intros Ht. pose proof sigma1_pos as Hs. pose proof N_pos as HN. pose proof tau0_bound_nonneg as Htau0. pose proof tau1_bound_nonneg as Htau1.
  assert (HK : exp (N * sigma1 * tau0_bound) <= Rpower (Rmax C0 1) (N / 2)).
  { unfold Rpower, tau0_bound. apply exp_le. right.
    replace (N * sigma1 * (Rmax 0 (ln C0) / (2 * sigma1))) with (N / 2 * Rmax 0 (ln C0)) by (field; lra). f_equal.
    destruct (Rle_dec C0 1) as [H1|H1].
    - rewrite (Rmax_right C0) by easy. rewrite ln_1. apply Rmax_left.
      destruct (Rle_dec C0 0) as [H2|H2]; [unfold ln; destruct (Rlt_dec 0 C0); [exfalso; lra|apply Rle_refl]|].
      rewrite <- ln_1. apply ln_le; lra.
    - rewrite (Rmax_left C0) by lra. apply Rmax_right. rewrite <- ln_1. apply ln_le; lra. }
  pose proof (Rinv_0_lt_compat _ s0_pos). pose proof (Rinv_0_lt_compat _ Hs).
  assert (Early : forall x, 0 <= x <= tau1_bound -> y x <= (/ s0 + / sigma1) * Rpower (Rmax C0 1) (N / 2) - / sigma1 + N * tau1_bound).
  { intros x Hx. destruct (Rle_dec x tau0_bound) as [H3|H3].
    - pose proof (y_up x ltac:(lra)) as Hy.
      assert (exp (N * sigma1 * x) <= exp (N * sigma1 * tau0_bound)) by (apply exp_le, Rmult_le_compat_l; [apply Rmult_le_pos; lra|easy]).
      assert (0 <= N * tau1_bound) by (apply Rmult_le_pos; lra). nra.
    - pose proof (y_up tau0_bound ltac:(lra)) as Hy. pose proof (stage1 tau0_bound ltac:(lra)) as Hc.
      pose proof (y_slow tau0_bound x ltac:(lra) Hc). assert (N * (x - tau0_bound) <= N * tau1_bound) by (apply Rmult_le_compat_l; lra). nra. }
  unfold Y0. destruct (Rle_dec t tau1_bound) as [H3|H3].
  - apply Rle_trans with (2 := Rmax_l _ _). apply Early. lra.
  - assert (H4 : y t <= / (sigma1 / 2) + (y tau1_bound - / (sigma1 / 2)) * exp (N * (sigma1 / 2) * tau1_bound) * exp (- (N * (sigma1 / 2)) * t)).
    { apply (lin_upper N tau1_bound (sigma1 / 2) c y); try lra; intros; [apply y_pos; auto; lra|apply y_der; auto|now apply stage2]. }
    rewrite Rmult_assoc, <- exp_plus in H4.
    replace (/ (sigma1 / 2)) with (2 / sigma1) in H4 by (field; lra).
    set (w := exp _) in H4. assert (0 < w <= 1).
    { split; [apply exp_pos|]. unfold w. rewrite <- exp_0. apply exp_le.
      assert (0 <= N * (sigma1 / 2) * (t - tau1_bound)) by (apply Rmult_le_pos; [apply Rmult_le_pos; lra|lra]). lra. }
    pose proof (Early tau1_bound ltac:(lra)) as He.
    apply Rle_trans with (Rmax (y tau1_bound) (2 / sigma1)).
    + unfold Rmax. destruct Rle_dec; nra.
    + apply Rle_max_compat_r. easy.
Qed.

(* Both ends in the time t. *)
Definition t0_bound := if Req_EM_T N 2 then tau0_bound
  else Rpower (/ s0 + / sigma1) (1 - 2 / N) * (exp ((N - 2) * sigma1 * tau0_bound) - 1) / ((N - 2) * sigma1).
Definition t1_bound := Rpower Y0 (1 - 2 / N) * tau1_bound.
Lemma after x t : time x <= t -> x <= tau t.
Proof using. intros H. rewrite <- (tau_time x). now apply tau_mono. Qed.
Lemma exponent_N : N * exponent = N - 2.
Proof using. pose proof N_2. unfold exponent. field. lra. Qed.
Lemma pace_power x : 0 <= x -> pace x = Rpower (y x) exponent.
Proof using. intros Hx. unfold pace. now rewrite Rmax_right. Qed.
(* An antiderivative that grows faster than the time bounds the time. *)
Lemma time_below f df x : 0 <= x -> (forall z, 0 <= z <= x -> is_derive f z (df z)) ->
  (forall z, 0 <= z <= x -> pace z <= df z) -> time x <= f x - f 0.
Proof using.
  intros Hx Hf Hp. cut (f 0 - time 0 <= f x - time x); [rewrite time_0; lra|].
  apply (increasing_closed (fun z => f z - time z) (fun z => df z - pace z)); [easy| |].
  - intros z Hz. apply (is_derive_minus (V := R_NormedModule)); [now apply Hf|apply time_der].
  - intros z Hz. specialize (Hp z Hz). lra.
Qed.
Lemma t0_late t : t0_bound <= t -> tau0_bound <= tau t.
Proof using one_r sigma2_less sigma2_max sigma2_nonneg.
  intros Ht. apply after. apply Rle_trans with (2 := Ht). unfold t0_bound.
  pose proof N_2 as HN. pose proof tau0_bound_nonneg as H0. pose proof sigma1_pos as Hs.
  pose proof (Rinv_0_lt_compat _ s0_pos) as Hs0. pose proof (Rinv_0_lt_compat _ Hs) as Hs1.
  destruct Req_EM_T as [He|Hn].
  - apply Rle_trans with (tau0_bound - 0); [|lra]. apply (time_below (fun x => x) (fun _ => 1)); [easy| |].
    + intros z _. apply (is_derive_id (K := R_AbsRing)).
    + intros z Hz. right. unfold pace, exponent. rewrite He. replace (1 - 2 / 2) with 0 by field.
      apply Rpower_O, y_pos, Rmax_l.
  - set (C := Rpower (/ s0 + / sigma1) (1 - 2 / N)).
    replace (C * _ / _) with (C * exp ((N - 2) * sigma1 * tau0_bound) / ((N - 2) * sigma1)
      - C * exp ((N - 2) * sigma1 * 0) / ((N - 2) * sigma1)).
    2:{ rewrite Rmult_0_r, exp_0. field. split; lra. }
    apply (time_below (fun x => C * exp ((N - 2) * sigma1 * x) / ((N - 2) * sigma1))
      (fun x => C * exp ((N - 2) * sigma1 * x))); [easy| |].
    + intros z _. auto_derive; [easy|]. field. split; lra.
    + intros z Hz. rewrite pace_power by lra. unfold C. change (1 - 2 / N) with exponent.
      rewrite <- exponent_N. replace (exp (N * exponent * sigma1 * z)) with (Rpower (exp (N * sigma1 * z)) exponent).
      2:{ unfold Rpower. rewrite ln_exp. f_equal. ring. }
      rewrite Rpower_mult_distr; [|lra|apply exp_pos].
      apply Rle_Rpower_l; [apply exponent_nonneg|]. split; [apply y_pos; lra|].
      pose proof (y_up z ltac:(lra)). lra.
Qed.
Lemma t1_late t : t1_bound <= t -> tau1_bound <= tau t.
Proof using alpha_one one_r sigma2_less sigma2_max sigma2_nonneg.
  intros Ht. apply after. apply Rle_trans with (2 := Ht). unfold t1_bound.
  pose proof tau1_bound_nonneg as H1.
  replace (_ * tau1_bound) with (Rpower Y0 (1 - 2 / N) * tau1_bound - Rpower Y0 (1 - 2 / N) * 0) by ring.
  apply (time_below (fun x => Rpower Y0 (1 - 2 / N) * x) (fun _ => Rpower Y0 (1 - 2 / N))); [easy| |].
  - intros z _. auto_derive; [easy|ring].
  - intros z Hz. rewrite pace_power by lra. apply Rle_Rpower_l; [apply exponent_nonneg|].
    split; [apply y_pos; lra|apply rank_stays; lra].
Qed.
End Stages.
