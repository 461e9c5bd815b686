(* The linear equation y' = N (1 - c y) of section 3.2 whose coefficient is bounded from one side, or
   converges. *)
Require Import Reals Lra Lia Psatz.
From Coquelicot Require Import Coquelicot.
From OneNeuron Require Import Calculus.
Open Scope R_scope.

Section Linear.
Variables (N T k : R) (c y : R -> R).
Hypothesis N_pos : 0 < N.
Hypothesis k_pos : 0 < k.
Hypothesis y_pos : forall t, T <= t -> 0 < y t.
Hypothesis y_der : forall t, T <= t -> is_derive y t (N * (1 - c t * y t)).

Let z t := (y t - / k) * exp (N * k * t).
Lemma z_der t : T <= t -> is_derive z t (N * (k - c t) * y t * exp (N * k * t)).
Proof using k_pos y_der.
  intros Ht. eapply derive_eq.
  - apply (is_derive_mult (fun t => y t - / k) (fun t => exp (N * k * t))).
    + apply (is_derive_minus (V := R_NormedModule)); [now apply y_der|].
      apply (is_derive_const (V := R_NormedModule)).
    + auto_derive; [easy|reflexivity].
    + apply Rmult_comm.
  - unfold plus, mult, minus, opp, plus, zero; simpl. field. lra.
Qed.
Lemma z_back t : y t = / k + z t * exp (- (N * k) * t).
Proof using.
  unfold z. rewrite Rmult_assoc, <- exp_plus.
  replace (N * k * t + - (N * k) * t) with 0 by ring. rewrite exp_0. ring.
Qed.
Lemma lin_upper : (forall t, T <= t -> k <= c t) ->
  forall t, T <= t -> y t <= / k + z T * exp (- (N * k) * t).
Proof using N_pos k_pos y_der y_pos.
  intros Hc t Ht. rewrite z_back. apply Rplus_le_compat_l, Rmult_le_compat_r; [left; apply exp_pos|].
  apply Ropp_le_cancel. apply (increasing_closed (fun t => - z t) (fun t => - (N * (k - c t) * y t * exp (N * k * t)))); [easy| |].
  - intros x Hx. apply (is_derive_opp (V := R_NormedModule) z), z_der. lra.
  - intros x Hx. replace (- _) with (N * ((c x - k) * (y x * exp (N * k * x)))) by ring.
    apply Rmult_le_pos; [lra|]. apply Rmult_le_pos; [assert (k <= c x) by (apply Hc; lra); lra|].
    apply Rmult_le_pos; left; [apply y_pos; lra|apply exp_pos].
Qed.
Lemma lin_lower : (forall t, T <= t -> c t <= k) ->
  forall t, T <= t -> / k + z T * exp (- (N * k) * t) <= y t.
Proof using N_pos k_pos y_der y_pos.
  intros Hc t Ht. rewrite z_back. apply Rplus_le_compat_l, Rmult_le_compat_r; [left; apply exp_pos|].
  apply (increasing_closed z (fun t => (N * (k - c t) * y t * exp (N * k * t)))); [easy| |].
  - intros x Hx. apply z_der. lra.
  - intros x Hx. replace (_ * exp _) with (N * ((k - c x) * (y x * exp (N * k * x)))) by ring.
    apply Rmult_le_pos; [lra|]. apply Rmult_le_pos; [assert (c x <= k) by (apply Hc; lra); lra|].
    apply Rmult_le_pos; left; [apply y_pos; lra|apply exp_pos].
Qed.
Lemma lin_rest : is_lim (fun t => / k + z T * exp (- (N * k) * t)) p_infty (/ k).
Proof using N_pos k_pos y.
  eapply lim_eq; [apply is_lim_plus'; [apply is_lim_const|apply lim_scal, lim_exp_0; nra]|ring].
Qed.
End Linear.

Lemma lin_lim N k c y : 0 < N -> 0 < k -> (forall t, 0 <= t -> 0 < y t) ->
  (forall t, 0 <= t -> is_derive y t (N * (1 - c t * y t))) ->
  is_lim c p_infty k -> is_lim y p_infty (/ k).
Proof using.
  intros HN Hk Hy Hd Hc. apply is_lim_spec. intros eps.
  (* bounds k1 < k < k2 on c whose inverses are within eps / 2 *)
  pose proof (cond_pos eps) as He.
  assert (Hke : 0 < k * k * eps) by (repeat apply Rmult_lt_0_compat; easy).
  set (d := Rmin (k / 2) (k * k * eps / 8)).
  assert (Hd0 : 0 < d) by (apply Rmin_pos; lra).
  assert (Hd1 : d <= k / 2) by apply Rmin_l. assert (Hd2 : d <= k * k * eps / 8) by apply Rmin_r.
  apply is_lim_spec in Hc. destruct (Hc (mkposreal d Hd0)) as [T0 HT]. simpl in HT.
  set (T := Rmax 0 (T0 + 1)).
  assert (HT0 : 0 <= T) by apply Rmax_l. assert (HT1 : T0 + 1 <= T) by apply Rmax_r.
  assert (Hb : forall t, T <= t -> k - d <= c t <= k + d).
  { intros t Ht. assert (Hx : Rabs (c t - k) < d) by (apply HT; lra). apply Rabs_def2 in Hx. lra. }
  assert (B1 : / (k - d) - / k < eps / 2).
  { replace (_ - _) with (d / (k * (k - d))) by (field; lra).
    apply (Rmult_lt_reg_r (k * (k - d))); [nra|]. unfold Rdiv at 1. rewrite Rmult_assoc, Rinv_l; [|nra].
    pose proof (cond_pos eps). assert (k * (k / 2) <= k * (k - d)) by nra. nra. }
  assert (B2 : / k - / (k + d) < eps / 2).
  { replace (_ - _) with (d / (k * (k + d))) by (field; lra).
    apply (Rmult_lt_reg_r (k * (k + d))); [nra|]. unfold Rdiv at 1. rewrite Rmult_assoc, Rinv_l; [|nra].
    pose proof (cond_pos eps). assert (k * k <= k * (k + d)) by nra. nra. }
  pose proof (lin_rest N T (k - d) y HN ltac:(lra)) as L1.
  pose proof (lin_rest N T (k + d) y HN ltac:(lra)) as L2.
  apply is_lim_spec in L1, L2.
  destruct (L1 (pos_div_2 eps)) as [T1 H1]. destruct (L2 (pos_div_2 eps)) as [T2 H2].
  simpl in H1, H2. exists (Rmax T (Rmax T1 T2)). intros t Ht.
  apply Rmax_Rlt in Ht. destruct Ht as [Ha Ht]. apply Rmax_Rlt in Ht. destruct Ht as [Ht1 Ht2].
  specialize (H1 t Ht1). specialize (H2 t Ht2). apply Rabs_def2 in H1, H2.
  assert (U : y t <= / (k - d) + (y T - / (k - d)) * exp (N * (k - d) * T) * exp (- (N * (k - d)) * t)).
  { apply (lin_upper N T (k - d) c y); try lra; intros; try (apply Hy || apply Hd); try lra. now apply Hb. }
  assert (L : / (k + d) + (y T - / (k + d)) * exp (N * (k + d) * T) * exp (- (N * (k + d)) * t) <= y t).
  { apply (lin_lower N T (k + d) c y); try lra; intros; try (apply Hy || apply Hd); try lra. now apply Hb. }
  apply Rabs_def1; lra.
Qed.

