(* Section 4: limits, ties included. In this file t is the rescaled time tau. *)
Require Import Reals Lra Lia Psatz.
From Coquelicot Require Import Coquelicot.
From OneNeuron Require Import Calculus Linear ClosedForm.
Open Scope R_scope.

Section Limits.
Context {X : start}.

(* k is the largest value with a growing part. *)
Definition limit_value k := (forall i, (i < r)%nat -> k < sigma i -> alpha i = 0) /\
  exists i, (i < r)%nat /\ sigma i = k /\ alpha i <> 0.

Section Positive.
Variable k : R.
Hypothesis k_limit : limit_value k.
(* the entries of alpha in the group of k *)
Definition leading i := if Req_EM_T (sigma i) k then alpha i else 0.
Definition A_squared := sum (fun i => leading i ^ 2) r.

Lemma k_pos : 0 < k.
Proof using k_limit. destruct k_limit as [_ ex]; destruct ex as [i [Hi [<- _]]]. auto. Qed.
Lemma A_squared_pos : 0 < A_squared.
Proof using k_limit.
  destruct k_limit as [_ ex]; destruct ex as [i [Hi [Hk Ha]]]. apply Rlt_le_trans with (leading i ^ 2).
  - unfold leading. destruct Req_EM_T; [|easy]. now apply pow2_gt_0.
  - apply (sum_term (fun i => leading i ^ 2)); auto. intros; apply pow2_ge_0.
Qed.
Lemma grow n i : (i < r)%nat -> (0 < n)%nat ->
  is_lim (fun t => alpha i ^ n * exp (INR n * (sigma i - k) * t)) p_infty (leading i ^ n).
Proof using k_limit.
  intros Hi Hn. unfold leading. destruct Req_EM_T as [->|He].
  - apply is_lim_ext with (fun _ => alpha i ^ n); [|apply is_lim_const].
    intros t. replace (_ * t) with 0 by ring. rewrite exp_0. ring.
  - destruct (Rlt_dec k (sigma i)).
    + rewrite (proj1 k_limit) by easy. rewrite pow_i by easy.
      apply is_lim_ext with (fun _ => 0); [intros; ring|apply is_lim_const].
    + apply lt_INR in Hn. simpl in Hn. eapply lim_eq; [apply lim_scal, lim_exp_0; nra|].
      rewrite pow_i; [ring|]. apply INR_lt. simpl. lra.
Qed.
Lemma decay w n i : (i < r)%nat -> (0 < n)%nat ->
  is_lim (fun t => w * exp (- INR n * (sigma i + k) * t)) p_infty 0.
Proof using k_limit.
  intros Hi Hn. pose proof (sigma_pos i Hi). pose proof k_pos. apply lt_INR in Hn. simpl in Hn.
  eapply lim_eq; [apply lim_scal, lim_exp_0; nra|ring].
Qed.
Lemma p_lim i : (i < r)%nat -> is_lim (fun t => p i t * exp (- k * t)) p_infty (leading i / 2).
Proof using k_limit.
  intros Hi. eapply is_lim_ext; [|eapply lim_eq;
    [apply (lim_scal (/ 2)), is_lim_plus'; [apply (grow 1 i)|apply (decay (beta i) 1 i)]; auto|simpl; field]].
  intros t. unfold p. simpl. unfold Rdiv.
  replace (1 * (sigma i - k) * t) with (sigma i * t + - k * t) by ring.
  replace (- (1) * (sigma i + k) * t) with (- sigma i * t + - k * t) by ring. rewrite !exp_plus. ring.
Qed.
Lemma q_lim i : (i < r)%nat -> is_lim (fun t => q i t * exp (- k * t)) p_infty (leading i / 2).
Proof using k_limit.
  intros Hi. eapply is_lim_ext; [|eapply lim_eq;
    [apply (lim_scal (/ 2)), is_lim_plus'; [apply (grow 1 i)|apply (decay (- beta i) 1 i)]; auto|simpl; field]].
  intros t. unfold q. simpl. unfold Rdiv.
  replace (1 * (sigma i - k) * t) with (sigma i * t + - k * t) by ring.
  replace (- (1) * (sigma i + k) * t) with (- sigma i * t + - k * t) by ring. rewrite !exp_plus. ring.
Qed.
Lemma E_lim : is_lim (fun t => E t * exp (- (2 * k) * t)) p_infty (A_squared / 4).
Proof using k_limit.
  pose proof k_pos.
  assert (L : is_lim (fun t => sum (fun i => / 4 * (alpha i ^ 2 * exp (INR 2 * (sigma i - k) * t)
      + beta i ^ 2 * exp (- INR 2 * (sigma i + k) * t))) r + rho2 * exp (- (2 * k) * t)) p_infty
      (sum (fun i => / 4 * (leading i ^ 2 + 0)) r + rho2 * 0)).
  { apply is_lim_plus'; [|apply lim_scal, lim_exp_0; lra].
    apply (sum_lim (fun i t => / 4 * (alpha i ^ 2 * exp (INR 2 * (sigma i - k) * t)
      + beta i ^ 2 * exp (- INR 2 * (sigma i + k) * t)))). intros i Hi.
    apply lim_scal, is_lim_plus'; [apply (grow 2 i)|apply (decay (beta i ^ 2) 2 i)]; auto. }
  eapply is_lim_ext; [|eapply lim_eq; [apply L|]].
  - intros t. unfold E. rewrite Rmult_plus_distr_r, (Rmult_comm (sum _ _)), <- sum_scal. f_equal.
    apply sum_ext. intros i _. simpl INR.
    replace ((1 + 1) * (sigma i - k) * t) with (2 * sigma i * t + - (2 * k) * t) by ring.
    replace (- (1 + 1) * (sigma i + k) * t) with (- 2 * sigma i * t + - (2 * k) * t) by ring.
    rewrite !exp_plus. field.
  - rewrite sum_scal, (sum_ext _ (fun i => leading i ^ 2)) by (intros; ring). fold A_squared. field.
Qed.
Lemma sqrt_E_lim : is_lim (fun t => sqrt (E t) * exp (- k * t)) p_infty (sqrt A_squared / 2).
Proof using k_limit.
  pose proof A_squared_pos. eapply is_lim_ext; [|eapply lim_eq].
  2:{ apply (is_lim_comp_continuous _ sqrt p_infty (A_squared / 4) E_lim). apply continuity_pt_filterlim, continuity_pt_sqrt. lra. }
  - intros t. simpl. rewrite sqrt_mult_alt by (left; apply E_pos; auto). f_equal.
    replace (- (2 * k) * t) with (- k * t + - k * t) by ring. rewrite exp_plus. apply sqrt_square.
    left; apply exp_pos.
  - rewrite sqrt_div_alt by lra. f_equal. replace 4 with (2 * 2) by ring. apply sqrt_square. lra.
Qed.
Lemma quot f i l : is_lim (fun t => f t * exp (- k * t)) p_infty (l / 2) ->
  (forall t, i t = f t / sqrt (E t)) -> is_lim i p_infty (l / sqrt A_squared).
Proof using k_limit.
  intros Hf Hi. pose proof (sqrt_lt_R0 _ A_squared_pos). eapply is_lim_ext; [|eapply lim_eq].
  2:{ apply (is_lim_div _ _ p_infty _ _ Hf sqrt_E_lim); simpl; [|easy]. intros He. injection He. lra. }
  - intros t. simpl. rewrite Hi. pose proof (exp_pos (- k * t)).
    pose proof (sqrt_E_pos t). field. lra.
  - field. lra.
Qed.
Theorem a_lim i : (i < r)%nat -> is_lim (a i) p_infty (leading i / sqrt A_squared).
Proof using k_limit. intros Hi. apply (quot (p i)); [now apply p_lim|easy]. Qed.
Theorem b_lim i : (i < r)%nat -> is_lim (b i) p_infty (leading i / sqrt A_squared).
Proof using k_limit. intros Hi. apply (quot (q i)); [now apply q_lim|easy]. Qed.
(* entries of the null directions, w of them at the start *)
Theorem null_lim w : is_lim (fun t => w / sqrt (E t)) p_infty 0.
Proof using k_limit.
  pose proof k_pos. eapply lim_eq; [apply (quot (fun _ => w) _ 0); [|easy]|unfold Rdiv; ring].
  eapply lim_eq; [apply lim_scal, lim_exp_0; lra|field].
Qed.
Theorem c_lim : is_lim c p_infty k.
Proof using k_limit.
  pose proof A_squared_pos. pose proof (sqrt_lt_R0 _ A_squared_pos). eapply is_lim_ext; [intros t; symmetry; apply c_sum; auto|].
  eapply lim_eq.
  - apply (sum_lim (fun i t => sigma i * a i t * b i t) (fun i => sigma i * (leading i / sqrt A_squared) * (leading i / sqrt A_squared))).
    intros i Hi. apply lim_mult; [now apply lim_scal, a_lim|now apply b_lim].
  - rewrite (sum_ext _ (fun i => k / A_squared * leading i ^ 2)).
    + rewrite sum_scal. fold A_squared. field. lra.
    + intros i _. rewrite <- (sqrt_sqrt A_squared) at 3 by lra. unfold leading. destruct Req_EM_T as [->|]; field; lra.
Qed.
Theorem y_lim : is_lim y p_infty (/ k).
Proof using k_limit.
  apply (lin_lim N k c); auto using k_pos, c_lim; intros t Ht; [now apply y_pos|now apply y_der].
Qed.
Theorem s_lim : is_lim s p_infty k.
Proof using k_limit.
  pose proof k_pos. eapply lim_eq; [apply (is_lim_inv y p_infty _ y_lim)|].
  - simpl. intros He. injection He. pose proof (Rinv_0_lt_compat _ k_pos). lra.
  - simpl. field. lra.
Qed.
End Positive.

(* 5, last row: no alpha at all. *)
Section Origin.
Hypothesis none : forall i, (i < r)%nat -> alpha i = 0.
Lemma c_neg t : c t <= 0.
Proof using none.
  pose proof (Rinv_0_lt_compat _ (E_pos t)).
  cut (0 <= (- 1) * dE t); [unfold c, Rdiv; nra|]. unfold dE.
  rewrite <- sum_scal. apply sum_nonneg. intros i Hi. rewrite none by easy.
  pose proof (square_exp_nonneg (sigma i) (beta i) (exp (- 2 * sigma i * t)) ltac:(left; auto) (exp_pos _)). nra.
Qed.
Lemma y_low t : 0 <= t -> / s0 + N * t <= y t.
Proof using none.
  intros Ht. rewrite <- y_0 at 1. pose proof N_pos.
  cut (y 0 - N * 0 <= y t - N * t); [lra|].
  apply (increasing_closed (fun t => y t - N * t) (fun t => N * (1 - c t * y t) - N)); [easy| |]; intros x Hx.
  - apply (is_derive_minus (V := R_NormedModule)); [now apply y_der|]. auto_derive; [easy|ring].
  - pose proof N_pos. pose proof (c_neg x). assert (0 < y x) by (apply y_pos; auto; lra).
    replace (_ - N) with (N * ((- c x) * y x)) by ring. apply Rmult_le_pos; [lra|]. apply Rmult_le_pos; lra.
Qed.
Theorem y_lim_0 : is_lim y p_infty p_infty.
Proof using none.
  apply (is_lim_le_p_loc (fun t => / s0 + N * t)); [|now apply lim_line].
  exists 0. intros t Ht. apply y_low. lra.
Qed.
Theorem s_lim_0 : is_lim s p_infty 0.
Proof using none. apply (is_lim_inv y p_infty p_infty y_lim_0). easy. Qed.
End Origin.

End Limits.
