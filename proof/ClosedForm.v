(* Section 3: the closed form solves the flow. In this file t is the rescaled time tau. *)
Require Import Reals Lra Lia Psatz.
From Coquelicot Require Import Coquelicot.
From OneNeuron Require Import Calculus.
Open Scope R_scope.

(* A start in singular coordinates (section 2). As a class it need not be named in what follows. *)
Class start := {
  r : nat; sigma : nat -> R; alpha : nat -> R; beta : nat -> R; rho2 : R; N : R; s0 : R;
  sigma_pos : forall i, (i < r)%nat -> 0 < sigma i;
  rho2_nonneg : 0 <= rho2;
  unit : sum (fun i => (alpha i ^ 2 + beta i ^ 2) / 4) r + rho2 = 1;
  N_2 : 2 <= N;
  s0_pos : 0 < s0 }.
#[export] Hint Resolve sigma_pos rho2_nonneg s0_pos : core.

Section ClosedForm.
Context {X : start}.

Lemma N_pos : 0 < N.
Proof using. pose proof N_2. lra. Qed.
Hint Resolve N_pos : core.

Definition p i t := (alpha i * exp (sigma i * t) + beta i * exp (- sigma i * t)) / 2.
Definition q i t := (alpha i * exp (sigma i * t) - beta i * exp (- sigma i * t)) / 2.
Definition E t :=
  sum (fun i => (alpha i ^ 2 * exp (2 * sigma i * t) + beta i ^ 2 * exp (- 2 * sigma i * t)) / 4) r + rho2.
(* half the first and a quarter of the second derivative of E *)
Definition dE t :=
  sum (fun i => sigma i * (alpha i ^ 2 * exp (2 * sigma i * t) - beta i ^ 2 * exp (- 2 * sigma i * t)) / 4) r.
Definition ddE t :=
  sum (fun i => sigma i ^ 2 * (alpha i ^ 2 * exp (2 * sigma i * t) + beta i ^ 2 * exp (- 2 * sigma i * t)) / 4) r.
Definition a i t := p i t / sqrt (E t).
Definition b i t := q i t / sqrt (E t).
Definition c t := dE t / E t.

Lemma term_pos i t : 0 <= (alpha i ^ 2 * exp (2 * sigma i * t) + beta i ^ 2 * exp (- 2 * sigma i * t)) / 4.
Proof using.
  pose proof (exp_pos (2 * sigma i * t)). pose proof (exp_pos (- 2 * sigma i * t)).
  pose proof (pow2_ge_0 (alpha i)). pose proof (pow2_ge_0 (beta i)). nra.
Qed.

Theorem E_pos t : 0 < E t.
Proof using.
  assert (H : exists m, 0 < m <= 1 /\ forall i, (i < r)%nat ->
            m <= exp (2 * sigma i * t) /\ m <= exp (- 2 * sigma i * t)).
  { exists (exp (- 2 * sum sigma r * Rabs t)).
    assert (Hb : 0 <= sum sigma r) by (apply sum_nonneg; intros; left; auto).
    pose proof (Rabs_pos t). split.
    - split; [apply exp_pos|]. rewrite <- exp_0. apply exp_le; nra.
    - intros i Hi. assert (sigma i <= sum sigma r) by (apply sum_term; auto; intros; left; auto).
      pose proof (sigma_pos i Hi). pose proof (Rle_abs t). pose proof (Rle_abs (- t)).
      rewrite Rabs_Ropp in *. split; apply exp_le; nra. }
  destruct H as [m [Hm H]]. apply Rlt_le_trans with m; [easy|].
  rewrite <- (Rmult_1_r m), <- unit, Rmult_plus_distr_l, <- sum_scal. unfold E.
  apply Rplus_le_compat; [|pose proof rho2_nonneg; nra]. apply sum_le. intros i Hi. destruct (H i Hi).
  pose proof (pow2_ge_0 (alpha i)). pose proof (pow2_ge_0 (beta i)). nra.
Qed.

Lemma E_0 : E 0 = 1.
Proof using.
  rewrite <- unit. unfold E. f_equal. apply sum_ext. intros i _. rewrite !Rmult_0_r, exp_0. field.
Qed.
Lemma p_q i t : p i t * q i t = (alpha i ^ 2 * exp (2 * sigma i * t) - beta i ^ 2 * exp (- 2 * sigma i * t)) / 4.
Proof using.
  unfold p, q. replace (2 * sigma i * t) with (sigma i * t + sigma i * t) by ring.
  replace (- 2 * sigma i * t) with (- sigma i * t + - sigma i * t) by ring. rewrite !exp_plus. field.
Qed.
Lemma sqrt_E t : sqrt (E t) * sqrt (E t) = E t.
Proof using. apply sqrt_sqrt. left. apply E_pos. Qed.
Lemma sqrt_E_pos t : 0 < sqrt (E t).
Proof using. apply sqrt_lt_R0, E_pos. Qed.

Theorem c_sum t : c t = sum (fun i => sigma i * a i t * b i t) r.
Proof using.
  unfold c, dE, Rdiv at 1. rewrite Rmult_comm, <- sum_scal. apply sum_ext. intros i _.
  unfold a, b. pose proof (sqrt_E_pos t). pose proof (E_pos t).
  transitivity (sigma i * (p i t * q i t) / (sqrt (E t) * sqrt (E t))); [|field; lra].
  rewrite p_q, sqrt_E. field. lra.
Qed.

Lemma p_der i t : is_derive (p i) t (sigma i * q i t).
Proof using. unfold p, q. auto_derive; [easy|field]. Qed.
Lemma q_der i t : is_derive (q i) t (sigma i * p i t).
Proof using. unfold p, q. auto_derive; [easy|field]. Qed.
Lemma E_der t : is_derive E t (2 * dE t).
Proof using.
  unfold E, dE. rewrite <- sum_scal. eapply derive_eq.
  - apply (is_derive_plus (V := R_NormedModule)).
    + apply sum_derive. intros i _. auto_derive; [easy|]. reflexivity.
    + apply (is_derive_const (V := R_NormedModule)).
  - rewrite plus_zero_r. apply sum_ext. intros i _. field.
Qed.
Lemma dE_der t : is_derive dE t (2 * ddE t).
Proof using.
  unfold dE, ddE. rewrite <- sum_scal. eapply derive_eq.
  - apply sum_derive. intros i _. auto_derive; [easy|]. reflexivity.
  - apply sum_ext. intros i _. field.
Qed.
Theorem c_E t : c t = Derive E t / (2 * E t).
Proof using. rewrite (is_derive_unique _ _ _ (E_der t)). unfold c. pose proof (E_pos t). field. lra. Qed.

Lemma sqrt_E_der t : is_derive (fun t => sqrt (E t)) t (c t * sqrt (E t)).
Proof using.
  eapply derive_eq. apply is_derive_sqrt; [apply E_der|apply E_pos].
  pose proof (sqrt_E_pos t). unfold c. rewrite <- sqrt_E at 2. field. lra.
Qed.
Theorem a_der i t : is_derive (a i) t (sigma i * b i t - c t * a i t).
Proof using.
  pose proof (sqrt_E_pos t). eapply derive_eq. unfold a.
  apply is_derive_div; [apply p_der|apply sqrt_E_der|lra]. unfold a, b. field. lra.
Qed.
Theorem b_der i t : is_derive (b i) t (sigma i * a i t - c t * b i t).
Proof using.
  pose proof (sqrt_E_pos t). eapply derive_eq. unfold b.
  apply is_derive_div; [apply q_der|apply sqrt_E_der|lra]. unfold a, b. field. lra.
Qed.
Theorem a_0 i : a i 0 = (alpha i + beta i) / 2.
Proof using. unfold a, p. rewrite E_0, sqrt_1, !Rmult_0_r, exp_0. field. Qed.
Theorem b_0 i : b i 0 = (alpha i - beta i) / 2.
Proof using. unfold b, q. rewrite E_0, sqrt_1, !Rmult_0_r, exp_0. field. Qed.

(* 1: the alignment grows. E'' E - E'^2 is a variance. *)
Lemma c_der t : is_derive c t ((2 * ddE t * E t - dE t * (2 * dE t)) / E t ^ 2).
Proof using. apply is_derive_div; [apply dE_der|apply E_der|pose proof (E_pos t); lra]. Qed.
Lemma variance t x : 0 <= ddE t - 2 * x * dE t + x ^ 2 * E t.
Proof using.
  replace (_ + _) with (ddE t + (- 2 * x) * dE t + x ^ 2 * E t) by ring.
  unfold E, dE, ddE. rewrite Rmult_plus_distr_l, <- Rplus_assoc, sum_comb.
  apply Rplus_le_le_0_compat; [|pose proof (pow2_ge_0 x); pose proof rho2_nonneg; nra]. apply sum_nonneg. intros i _.
  pose proof (square_exp_nonneg _ (alpha i) _ (pow2_ge_0 (sigma i - x)) (exp_pos (2 * sigma i * t))).
  pose proof (square_exp_nonneg _ (beta i) _ (pow2_ge_0 (sigma i + x)) (exp_pos (- 2 * sigma i * t))).
  nra.
Qed.
Lemma c_der_pos t : 0 <= (2 * ddE t * E t - dE t * (2 * dE t)) / E t ^ 2.
Proof using.
  pose proof (E_pos t). pose proof (variance t (c t)) as V.
  replace (_ / _) with (2 * (ddE t - 2 * c t * dE t + c t ^ 2 * E t) / E t).
  - apply Rdiv_le_0_compat; lra.
  - unfold c. field. lra.
Qed.
Theorem c_mono x y : x <= y -> c x <= c y.
Proof using. intros H. eapply increasing_closed; [easy| |]; intros t _; [apply c_der|apply c_der_pos]. Qed.

(* 3.4: the gap of the alignment as a sum. *)
Theorem c_gap k t : k - c t = (sum (fun i => (k - sigma i) * (alpha i ^ 2 * exp (2 * sigma i * t))) r
  + sum (fun i => (k + sigma i) * (beta i ^ 2 * exp (- 2 * sigma i * t))) r + 4 * k * rho2) / (4 * E t).
Proof using.
  pose proof (E_pos t) as HE. unfold c.
  transitivity ((4 * k * E t + (- 4) * dE t) / (4 * E t)); [field; lra|]. f_equal.
  unfold E, dE. rewrite Rmult_plus_distr_l.
  rewrite <- sum_plus, <- !sum_scal, Rplus_assoc, (Rplus_comm _ (sum _ _)), <- Rplus_assoc, <- sum_plus.
  f_equal. apply sum_ext. intros i _. field.
Qed.

(* 3.2: the magnitude. *)
Definition E_power t := Rpower (E t) (N / 2).
Definition y t := (/ s0 + N * RInt E_power 0 t) / E_power t.
Definition s t := / y t.

Lemma E_power_pos t : 0 < E_power t.
Proof using. apply exp_pos. Qed.
Lemma E_power_0 : E_power 0 = 1.
Proof using. unfold E_power, Rpower. now rewrite E_0, ln_1, Rmult_0_r, exp_0. Qed.
Lemma E_power_der t : is_derive E_power t (N * c t * E_power t).
Proof using.
  pose proof (E_pos t). unfold E_power, Rpower. eapply derive_eq.
  - apply is_derive_comp; [apply is_derive_Reals, derivable_pt_lim_exp|].
    apply is_derive_scal. apply is_derive_comp; [|apply E_der].
    now apply is_derive_Reals, derivable_pt_lim_ln.
  - unfold scal, c; simpl; unfold mult; simpl. field. lra.
Qed.
Lemma E_power_cont t : continuous E_power t.
Proof using. apply (ex_derive_continuous (V := R_NormedModule)). eexists. apply E_power_der. Qed.
Lemma E_power_RInt x z : ex_RInt E_power x z.
Proof using. apply (ex_RInt_continuous (V := R_CompleteNormedModule)). intros; apply E_power_cont. Qed.
Lemma int_der t : is_derive (fun t => RInt E_power 0 t) t (E_power t).
Proof using.
  apply (is_derive_RInt (V := R_NormedModule) E_power _ 0); [|apply E_power_cont].
  apply filter_forall. intros z. apply (RInt_correct (V := R_CompleteNormedModule)), E_power_RInt.
Qed.
Lemma y_num t : 0 <= t -> 0 < / s0 + N * RInt E_power 0 t.
Proof using.
  pose proof N_pos.
  intros Ht. assert (0 <= RInt E_power 0 t).
  { apply RInt_ge_0; [easy|apply E_power_RInt|]. intros; left; apply E_power_pos. }
  pose proof (Rinv_0_lt_compat _ s0_pos). nra.
Qed.
Theorem y_pos t : 0 <= t -> 0 < y t.
Proof using. intros Ht. apply Rdiv_lt_0_compat; [now apply y_num|apply E_power_pos]. Qed.
Theorem y_0 : y 0 = / s0.
Proof using. pose proof s0_pos. unfold y. rewrite RInt_point, E_power_0. unfold zero; simpl. field. lra. Qed.
Theorem y_der t : is_derive y t (N * (1 - c t * y t)).
Proof using.
  pose proof (E_power_pos t). pose proof s0_pos. unfold y. eapply derive_eq.
  - apply is_derive_div; [|apply E_power_der|lra].
    apply (is_derive_plus (V := R_NormedModule)); [apply (is_derive_const (V := R_NormedModule))|].
    apply is_derive_scal, int_der.
  - rewrite plus_zero_l. field. lra.
Qed.
Theorem s_der t : 0 <= t -> is_derive s t (N * s t * (c t - s t)).
Proof using.
  intros Ht. pose proof (y_pos t Ht). eapply derive_eq; unfold s.
  - apply is_derive_inv; [apply y_der|lra].
  - field. lra.
Qed.
Theorem s_pos t : 0 <= t -> 0 < s t.
Proof using. intros. now apply Rinv_0_lt_compat, y_pos. Qed.
Theorem s_0 : s 0 = s0.
Proof using. pose proof s0_pos. unfold s. rewrite y_0. field. lra. Qed.
End ClosedForm.
#[export] Hint Resolve N_pos : core.
