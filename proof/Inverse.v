(* A function of slope at least k > 0 everywhere has an inverse, with the inverse slope. *)
Require Import Reals Lra Lia Psatz.
From Coquelicot Require Import Coquelicot.
From OneNeuron Require Import Calculus.
Open Scope R_scope.

Section Inverse.
Variables (f w : R -> R) (k : R).
Hypothesis k_pos : 0 < k.
Hypothesis f_der : forall x, is_derive f x (w x).
Hypothesis w_min : forall x, k <= w x.

Lemma slope x z : x <= z -> k * (z - x) <= f z - f x.
Proof using f_der w_min.
  intros H. cut (f x - k * x <= f z - k * z); [lra|].
  apply (increasing_closed (fun t => f t - k * t) (fun t => w t - k)); [easy| |]; intros t _.
  - apply (is_derive_minus (V := R_NormedModule)); [apply f_der|auto_derive; [easy|ring]].
  - pose proof (w_min t). lra.
Qed.
Lemma onto t : {x | f x = t}.
Proof using f_der k_pos w_min.
  destruct (IVT_Rbar_incr f m_infty p_infty m_infty p_infty t) as [x [_ [_ H]]]; [| | |easy|easy|now exists x].
  - apply is_lim_spec. intros B. exists (Rmin 0 ((B - f 0) / k)). intros x Hx.
    assert (x < 0 /\ x < (B - f 0) / k) as [H1 H2] by (unfold Rmin in Hx; destruct Rle_dec; lra).
    pose proof (slope x 0 ltac:(lra)). apply (Rmult_lt_compat_l k) in H2; [|easy].
    replace (k * ((B - f 0) / k)) with (B - f 0) in H2 by (field; lra). lra.
  - apply is_lim_spec. intros B. exists (Rmax 0 ((B - f 0) / k)). intros x Hx.
    apply Rmax_Rlt in Hx. destruct Hx as [H1 H2].
    pose proof (slope 0 x ltac:(lra)). apply (Rmult_lt_compat_l k) in H2; [|easy].
    replace (k * ((B - f 0) / k)) with (B - f 0) in H2 by (field; lra). lra.
  - intros x _ _. eapply derive_continuous, f_der.
Qed.
Definition inv t := proj1_sig (onto t).
Lemma f_inv t : f (inv t) = t.
Proof using. unfold inv. now destruct (onto t). Qed.
Lemma inv_slope t u : t <= u -> 0 <= inv u - inv t <= (u - t) / k.
Proof using.
  intros H. destruct (Rle_dec (inv t) (inv u)) as [Hi|Hi].
  - pose proof (slope _ _ Hi) as Hs. rewrite !f_inv in Hs. split; [lra|].
    apply (Rmult_le_reg_l k); [easy|]. replace (k * ((u - t) / k)) with (u - t) by (field; lra). easy.
  - pose proof (slope (inv u) (inv t) ltac:(lra)) as Hs. rewrite !f_inv in Hs. nra.
Qed.
Lemma inv_f x : inv (f x) = x.
Proof using.
  pose proof (f_inv (f x)) as H. destruct (Rtotal_order (inv (f x)) x) as [Hl|[He|Hg]]; [|easy|].
  - pose proof (slope (inv (f x)) x ltac:(lra)). nra.
  - pose proof (slope x (inv (f x)) ltac:(lra)). nra.
Qed.
Lemma inv_der t : is_derive inv t (/ w (inv t)).
Proof using.
  apply is_derive_Reals. intros eps Heps. set (x := inv t).
  assert (Hw : k <= w x) by apply w_min.
  pose proof (proj1 (is_derive_Reals f x (w x)) (f_der x)) as D.
  destruct (D (eps * (k * k))) as [del Hdel]; [apply Rmult_lt_0_compat; nra|].
  assert (Hd : 0 < del * k) by (apply Rmult_lt_0_compat; [apply cond_pos|easy]).
  exists (mkposreal _ Hd). intros h Hh0 Hh. simpl in Hh.
  set (u := inv (t + h) - x).
  assert (Hu : Rabs u <= Rabs h / k).
  { unfold u, x. destruct (Rle_dec 0 h).
    - pose proof (inv_slope t (t + h) ltac:(lra)). rewrite !Rabs_pos_eq by lra.
      replace (h / k) with ((t + h - t) / k) by (f_equal; ring). lra.
    - pose proof (inv_slope (t + h) t ltac:(lra)). rewrite !Rabs_left1 by lra.
      replace (- h / k) with ((t - (t + h)) / k) by (f_equal; ring). lra. }
  assert (Hh' : h = f (x + u) - f x).
  { unfold u. replace (x + (inv (t + h) - x)) with (inv (t + h)) by ring. unfold x. rewrite !f_inv. ring. }
  assert (Hu0 : u <> 0) by (intros H; rewrite H, Rplus_0_r in Hh'; lra).
  assert (Hud : Rabs u < del).
  { apply Rle_lt_trans with (1 := Hu). apply (Rmult_lt_reg_r k); [easy|]. unfold Rdiv.
    rewrite Rmult_assoc, Rinv_l, Rmult_1_r by lra. easy. }
  specialize (Hdel u Hu0 Hud). rewrite <- Hh' in Hdel.
  (* h / u is at least k *)
  assert (Hk : k <= h / u).
  { destruct (Rlt_dec 0 u).
    - pose proof (slope x (x + u) ltac:(lra)). apply (Rmult_le_reg_r u); [easy|].
      unfold Rdiv. rewrite Rmult_assoc, Rinv_l by easy. lra.
    - pose proof (slope (x + u) x ltac:(lra)). apply (Rmult_le_reg_r (- u)); [lra|].
      replace (h / u * - u) with (- h) by (field; lra). lra. }
  fold x. fold u. replace (u / h - / w x) with (- (h / u - w x) * / (h / u * w x)).
  2:{ field. repeat split; lra. }
  rewrite Rabs_mult, Rabs_Ropp.
  assert (Hkk : k * k <= h / u * w x) by (apply Rmult_le_compat; lra).
  assert (0 < k * k) by nra.
  rewrite (Rabs_pos_eq (/ _)) by (left; apply Rinv_0_lt_compat; lra).
  apply (Rmult_lt_reg_r (h / u * w x)); [lra|]. rewrite Rmult_assoc, Rinv_l by lra.
  apply Rlt_le_trans with (eps * (k * k)); [lra|]. apply Rmult_le_compat_l; lra.
Qed.
Lemma inv_lim : is_lim inv p_infty p_infty.
Proof using.
  apply is_lim_spec. intros B. exists (f B). intros t Ht.
  destruct (Rlt_dec B (inv t)); [easy|]. pose proof (slope (inv t) B ltac:(lra)) as H. rewrite f_inv in H. nra.
Qed.
End Inverse.
