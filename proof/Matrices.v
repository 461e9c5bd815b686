(* Sections 1, 3.4 and 4: the loss of a matrix of rank one, and its minimum. *)
Require Import Reals Lra Lia Psatz.
From Coquelicot Require Import Coquelicot.
From OneNeuron Require Statements.
From OneNeuron Require Import Calculus.
Module St := Statements.
Open Scope R_scope.

Lemma sum_split f m n : sum f (m + n) = sum f m + sum (fun i => f (m + i)%nat) n.
Proof using.
  induction n; simpl; [rewrite Nat.add_0_r; ring|]. rewrite Nat.add_succ_r. simpl. rewrite IHn. ring.
Qed.
Lemma sum_zero f n : (forall i, (i < n)%nat -> f i = 0) -> sum f n = 0.
Proof using. intros H. rewrite (sum_ext _ (fun _ => 0)) by easy. apply sum_0. Qed.
Lemma sum_single f n j : (j < n)%nat -> (forall i, (i < n)%nat -> i <> j -> f i = 0) -> sum f n = f j.
Proof using.
  induction n; intros Hj H; [lia|]. simpl. destruct (Nat.eq_dec j n) as [->|Hn].
  - rewrite sum_zero; [ring|]. intros i Hi. apply H; lia.
  - rewrite IHn, (H n); auto with arith; [ring|lia].
Qed.
Lemma sum_scal_r k f n : sum (fun i => f i * k) n = sum f n * k.
Proof using. rewrite (sum_ext _ (fun i => k * f i)) by (intros; ring). rewrite sum_scal. ring. Qed.

(* The inequality of Cauchy and Schwarz. *)
Lemma cauchy_schwarz f g n :
  sum (fun i => f i * g i) n ^ 2 <= sum (fun i => f i ^ 2) n * sum (fun i => g i ^ 2) n.
Proof using.
  induction n; cbn [sum]; [lra|].
  assert (H : 0 <= sum (fun i => (f i * g n + - (g i * f n)) ^ 2) n) by (apply sum_nonneg; intros; apply pow2_ge_0).
  rewrite (sum_ext _ (fun i => g n ^ 2 * f i ^ 2 + (- 2 * f n * g n) * (f i * g i) + f n ^ 2 * g i ^ 2)) in H
    by (intros; ring).
  rewrite !sum_plus, !sum_scal in H. cbv beta in *. set (S1 := sum (fun i => f i * g i) n) in *.
  set (S2 := sum (fun i => f i ^ 2) n) in *. set (S3 := sum (fun i => g i ^ 2) n) in *.
  assert (S1 ^ 2 + (2 * f n * g n * S1) <= S2 * S3 + (g n ^ 2 * S2 + f n ^ 2 * S3)) by lra. lra.
Qed.

Lemma diagonal_mode Z i : (i < St.rank Z)%nat -> St.diagonal Z i = St.sigma Z i.
Proof using. intros Hi. unfold St.diagonal. apply Nat.ltb_lt in Hi. now rewrite Hi. Qed.
Lemma diagonal_null Z i : (St.rank Z <= i)%nat -> St.diagonal Z i = 0.
Proof using. intros Hi. unfold St.diagonal. apply Nat.ltb_ge in Hi. now rewrite Hi. Qed.

Section Loss.
Variable Z : St.target.
Notation r := (St.rank Z).
Notation sigma := (St.sigma Z).

Lemma sum_diagonal f n : (r <= n)%nat -> sum (fun i => St.diagonal Z i * f i) n = sum (fun i => sigma i * f i) r.
Proof using.
  intros Hn. replace n with (r + (n - r))%nat by lia. rewrite sum_split.
  rewrite (sum_zero (fun i => St.diagonal Z (r + i)%nat * f (r + i)%nat)).
  - rewrite Rplus_0_r. apply sum_ext. intros i Hi. now rewrite diagonal_mode.
  - intros i _. rewrite diagonal_null by lia. ring.
Qed.
Lemma sum_entry i f n : (r <= n)%nat -> sum (fun j => St.entry Z i j * f j) n = St.diagonal Z i * f i.
Proof using.
  intros Hn. destruct (le_lt_dec n i) as [Hi|Hi].
  - rewrite diagonal_null by lia. rewrite sum_zero; [ring|]. intros j Hj. unfold St.entry.
    rewrite (proj2 (Nat.eqb_neq i j)) by lia. ring.
  - rewrite (sum_single _ n i Hi).
    + unfold St.entry. now rewrite Nat.eqb_refl.
    + intros j Hj Hne. unfold St.entry. rewrite (proj2 (Nat.eqb_neq i j)) by lia. ring.
Qed.

(* The sum of the squared singular values. *)
Definition total := sum (fun i => sigma i ^ 2) r.

Lemma loss_rank_one x y : St.loss Z (fun i j => x i * y j) =
  / 2 * (sum (fun i => x i ^ 2) (St.d_y Z) * sum (fun j => y j ^ 2) (St.d_x Z)
         - 2 * sum (fun i => sigma i * (x i * y i)) r + total).
Proof using.
  pose proof (St.rank_d_y Z) as Hy. pose proof (St.rank_d_x Z) as Hx.
  unfold St.loss. f_equal.
  rewrite (sum_ext _ (fun i => x i ^ 2 * sum (fun j => y j ^ 2) (St.d_x Z)
    + (- 2) * (St.diagonal Z i * (x i * y i)) + 1 * (St.diagonal Z i * St.diagonal Z i))).
  - rewrite !sum_plus, !sum_scal, sum_scal_r, !sum_diagonal by easy.
    replace (sum (fun i => sigma i * St.diagonal Z i) r) with total; [ring|].
    apply sum_ext. intros i Hi. rewrite diagonal_mode by easy. ring.
  - intros i _.
    rewrite (sum_ext _ (fun j => x i ^ 2 * y j ^ 2 + (- 2 * x i) * (St.entry Z i j * y j)
      + 1 * (St.entry Z i j * St.entry Z i j))) by (intros; ring).
    rewrite !sum_plus, !sum_scal, !sum_entry by easy. unfold St.entry at 1. rewrite Nat.eqb_refl. ring.
Qed.

(* The loss of a unit pair. *)
Lemma loss_unit s x y : sum (fun i => x i ^ 2) (St.d_y Z) = 1 -> sum (fun j => y j ^ 2) (St.d_x Z) = 1 ->
  St.loss Z (fun i j => s * x i * y j) =
  / 2 * (s ^ 2 - 2 * s * sum (fun i => sigma i * x i * y i) r + total).
Proof using.
  intros Hx Hy. rewrite (loss_rank_one (fun i => s * x i) y).
  rewrite (sum_ext (fun i => (s * x i) ^ 2) (fun i => s ^ 2 * x i ^ 2)) by (intros; ring).
  rewrite (sum_ext (fun i => sigma i * (s * x i * y i)) (fun i => s * (sigma i * x i * y i))) by (intros; ring).
  rewrite !sum_scal, Hx, Hy. ring.
Qed.

(* Eckart and Young, for rank one. *)
Lemma loss_min one x y : (one < r)%nat -> (forall i, (i < r)%nat -> sigma i <= sigma one) ->
  / 2 * (total - sigma one ^ 2) <= St.loss Z (fun i j => x i * y j).
Proof using.
  intros Hone Hmax. rewrite loss_rank_one.
  pose proof (St.rank_d_y Z) as Hy. pose proof (St.rank_d_x Z) as Hx. pose proof (St.sigma_pos Z one Hone) as Hp.
  assert (Hle : forall f m, (r <= m)%nat -> (forall i, 0 <= f i) -> sum f r <= sum f m).
  { intros f m Hm Hf. replace m with (r + (m - r))%nat by lia. rewrite sum_split.
    pose proof (sum_nonneg (fun i => f (r + i)%nat) (m - r) (fun i _ => Hf (r + i)%nat)). lra. }
  assert (H1 := cauchy_schwarz (fun i => Rabs (x i)) (fun i => Rabs (y i)) r).
  rewrite (sum_ext (fun i => Rabs (x i) ^ 2) (fun i => x i ^ 2)) in H1 by (intros; apply pow2_abs).
  rewrite (sum_ext (fun i => Rabs (y i) ^ 2) (fun i => y i ^ 2)) in H1 by (intros; apply pow2_abs).
  set (P := sum (fun i => Rabs (x i) * Rabs (y i)) r) in H1.
  assert (H2 : sum (fun i => sigma i * (x i * y i)) r <= sigma one * P).
  { unfold P. rewrite <- sum_scal. apply sum_le. intros i Hi. rewrite <- Rabs_mult.
    pose proof (Hmax i Hi). pose proof (St.sigma_pos Z i Hi). pose proof (Rle_abs (x i * y i)).
    pose proof (Rabs_pos (x i * y i)). nra. }
  pose proof (Hle (fun i => x i ^ 2) _ Hy (fun i => pow2_ge_0 _)) as H3.
  pose proof (Hle (fun i => y i ^ 2) _ Hx (fun i => pow2_ge_0 _)) as H4. simpl in H3, H4.
  assert (H5 : 0 <= sum (fun i => x i ^ 2) r) by (apply sum_nonneg; intros; apply pow2_ge_0).
  assert (H6 : 0 <= sum (fun i => y i ^ 2) r) by (apply sum_nonneg; intros; apply pow2_ge_0).
  assert (H7 : P ^ 2 <= sum (fun i => x i ^ 2) (St.d_y Z) * sum (fun i => y i ^ 2) (St.d_x Z)).
  { apply Rle_trans with (1 := H1). apply Rmult_le_compat; easy. }
  pose proof (pow2_ge_0 (P - sigma one)). nra.
Qed.
End Loss.

(* The squared distance of two matrices of rank one. *)
Lemma rank_one_distance s k x x' z z' m n :
  sum (fun i => x i ^ 2) m = 1 -> sum (fun i => x' i ^ 2) m = 1 ->
  sum (fun i => z i ^ 2) n = 1 -> sum (fun i => z' i ^ 2) n = 1 ->
  sum (fun i => sum (fun j => (s * x i * z j - k * x' i * z' j) ^ 2) n) m =
  (s - k) ^ 2 + 2 * s * k * (1 - sum (fun i => x i * x' i) m * sum (fun j => z j * z' j) n).
Proof using.
  intros Hx Hx' Hz Hz'.
  rewrite (sum_ext _ (fun i => s ^ 2 * x i ^ 2 + (- 2 * s * k * sum (fun j => z j * z' j) n) * (x i * x' i) + k ^ 2 * x' i ^ 2)).
  - rewrite !sum_plus, !sum_scal, Hx, Hx'. ring.
  - intros i _.
    rewrite (sum_ext _ (fun j => (s ^ 2 * x i ^ 2) * z j ^ 2 + (- 2 * s * k * x i * x' i) * (z j * z' j)
      + (k ^ 2 * x' i ^ 2) * z' j ^ 2)) by (intros; ring).
    rewrite !sum_plus, !sum_scal, Hz, Hz'. ring.
Qed.
Lemma vector_distance x x' m : sum (fun i => x i ^ 2) m = 1 -> sum (fun i => x' i ^ 2) m = 1 ->
  sum (fun i => (x i - x' i) ^ 2) m = 2 - 2 * sum (fun i => x i * x' i) m.
Proof using.
  intros Hx Hx'. rewrite (sum_ext _ (fun i => 1 * x i ^ 2 + (- 2) * (x i * x' i) + 1 * x' i ^ 2)) by (intros; ring).
  rewrite !sum_plus, !sum_scal, Hx, Hx'. ring.
Qed.
