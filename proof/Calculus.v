(* Finite sums, and the facts of calculus that the flow needs. *)
Require Import Reals Lra Lia Psatz.
From Coquelicot Require Import Coquelicot.
From OneNeuron Require Export Sums.
Open Scope R_scope.

Lemma sum_ext f g r : (forall i, (i < r)%nat -> f i = g i) -> sum f r = sum g r.
Proof using. induction r; intros H; simpl; [easy|]. rewrite IHr, H; auto. Qed.
Lemma sum_plus f g r : sum (fun i => f i + g i) r = sum f r + sum g r.
Proof using. induction r; simpl; [ring|]. rewrite IHr; ring. Qed.
Lemma sum_scal k f r : sum (fun i => k * f i) r = k * sum f r.
Proof using. induction r; simpl; [ring|]. rewrite IHr; ring. Qed.
Lemma sum_le f g r : (forall i, (i < r)%nat -> f i <= g i) -> sum f r <= sum g r.
Proof using. induction r; intros H; simpl; [lra|]. apply Rplus_le_compat; auto. Qed.
Lemma sum_0 r : sum (fun _ => 0) r = 0.
Proof using. induction r; simpl; lra. Qed.
Lemma sum_nonneg f r : (forall i, (i < r)%nat -> 0 <= f i) -> 0 <= sum f r.
Proof using. intros H. rewrite <- (sum_0 r). now apply sum_le. Qed.
Lemma sum_term f r i : (i < r)%nat -> (forall i, (i < r)%nat -> 0 <= f i) -> f i <= sum f r.
Proof using.
  induction r; intros Hi H; [lia|]. simpl.
  destruct (Nat.eq_dec i r) as [->|].
  - assert (0 <= sum f r) by (apply sum_nonneg; auto). lra.
  - assert (f i <= sum f r) by (apply IHr; auto; lia). assert (0 <= f r) by auto. lra.
Qed.
Lemma sum_derive f df r x : (forall i, (i < r)%nat -> is_derive (f i) x (df i)) ->
  is_derive (fun t => sum (fun i => f i t) r) x (sum df r).
Proof using.
  induction r; intros H; simpl.
  - apply (is_derive_const (V := R_NormedModule)).
  - apply (is_derive_plus (V := R_NormedModule)); auto.
Qed.
Lemma sum_lim f (l : nat -> R) r x : (forall i, (i < r)%nat -> is_lim (f i) x (l i)) ->
  is_lim (fun t => sum (fun i => f i t) r) x (sum l r).
Proof using.
  induction r; intros H; simpl; [apply is_lim_const|]. apply is_lim_plus'; auto.
Qed.

(* Casting a derivative to a wanted form. *)
Lemma derive_eq f x (d d' : R) : is_derive f x d -> d = d' -> is_derive f x d'.
Proof using. now intros H <-. Qed.
Lemma lim_eq f x (d d' : R) : is_lim f x d -> d = d' -> is_lim f x d'.
Proof using. now intros H <-. Qed.
Lemma derive_continuous f x (d : R) : is_derive f x d -> continuity_pt f x.
Proof using.
  intros H. apply continuity_pt_filterlim.
  apply (ex_derive_continuous (V := R_NormedModule)). now exists d.
Qed.


(* Inside the interval a derivative, at its ends continuity only. *)
Lemma increasing f df x y : x <= y ->
  (forall t, x < t < y -> is_derive f t (df t)) -> (forall t, x <= t <= y -> continuity_pt f t) ->
  (forall t, x < t < y -> 0 <= df t) -> f x <= f y.
Proof using.
  intros Hxy Hd Hc Hp.
  destruct (MVT_gen f x y (fun t => Rmax 0 (df t))) as [c [_ H]].
  - intros t Ht. rewrite Rmin_left, Rmax_right in Ht by lra. rewrite Rmax_right; auto.
  - intros t Ht. rewrite Rmin_left, Rmax_right in Ht by lra. auto.
  - assert (0 <= Rmax 0 (df c)) by apply Rmax_l. nra.
Qed.
Lemma increasing_closed f df x y : x <= y -> (forall t, x <= t <= y -> is_derive f t (df t)) ->
  (forall t, x <= t <= y -> 0 <= df t) -> f x <= f y.
Proof using.
  intros Hxy Hd Hp. apply (increasing f df); auto; intros t Ht.
  - apply Hd; lra.
  - eapply derive_continuous, Hd; lra.
  - apply Hp; lra.
Qed.
Lemma constant_on f x y : x <= y -> (forall t, x < t < y -> is_derive f t 0) ->
  (forall t, x <= t <= y -> continuity_pt f t) -> f y = f x.
Proof using.
  intros Hxy Hd Hc. apply Rle_antisym.
  - apply Ropp_le_cancel. apply (increasing (fun t => - f t) (fun _ => - 0)); intros; auto; try lra.
    + apply (is_derive_opp (V := R_NormedModule) f); auto.
    + apply continuity_pt_opp; auto.
  - apply (increasing f (fun _ => 0)); intros; auto; lra.
Qed.

Lemma lim_exp_0 k : k < 0 -> is_lim (fun t => exp (k * t)) p_infty 0.
Proof using.
  intros Hk. apply (is_lim_comp exp (fun t => k * t) p_infty 0 m_infty).
  - apply is_lim_exp_m.
  - apply is_lim_spec. intros M. exists (M / k). intros t Ht.
    apply (Rmult_lt_compat_l (- k)) in Ht; [|lra].
    replace (- k * (M / k)) with (- M) in Ht by (field; lra). lra.
  - now exists 0.
Qed.
Lemma lim_line k x : 0 < k -> is_lim (fun t => x + k * t) p_infty p_infty.
Proof using.
  intros Hk. apply is_lim_spec. intros M. exists ((M - x) / k). intros t Ht.
  apply (Rmult_lt_compat_l k) in Ht; [|lra].
  replace (k * ((M - x) / k)) with (M - x) in Ht by (field; lra). lra.
Qed.
Lemma lim_scal k f (l : R) : is_lim f p_infty l -> is_lim (fun t => k * f t) p_infty (k * l).
Proof using. intros H. apply (is_lim_scal_l f k p_infty l H). Qed.
Lemma exp_le x y : x <= y -> exp x <= exp y.
Proof using. intros [H| ->]; [left; now apply exp_increasing|lra]. Qed.
Lemma sum_comb f g h y z r :
  sum f r + y * sum g r + z * sum h r = sum (fun i => f i + y * g i + z * h i) r.
Proof using. now rewrite !sum_plus, !sum_scal. Qed.
Lemma square_exp_nonneg u v w : 0 <= u -> 0 < w -> 0 <= u * (v ^ 2 * w).
Proof using.
  intros. apply Rmult_le_pos; [easy|]. apply Rmult_le_pos; [apply pow2_ge_0|lra].
Qed.
Lemma lim_mult f g (l m : R) : is_lim f p_infty l -> is_lim g p_infty m ->
  is_lim (fun t => f t * g t) p_infty (l * m).
Proof using. intros Hf Hg. now apply (is_lim_mult f g p_infty l m). Qed.
Lemma derive_comp f g x (df dg : R) : is_derive f (g x) df -> is_derive g x dg ->
  is_derive (fun t => f (g t)) x (dg * df).
Proof using. intros Hf Hg. now apply (is_derive_comp f g). Qed.
