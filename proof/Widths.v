(* Section 1: layers of any widths whose product is the induced flow. *)
Require Import Reals Lra Lia Psatz.
From Coquelicot Require Import Coquelicot.
From OneNeuron Require StatementsLayers.
From OneNeuron Require Import Calculus Matrices Flow Layers.
Open Scope R_scope.

Section Widths.
Variables (Z : St.target) (N : nat) (d : nat -> nat) (a b : nat -> R -> R) (s : R -> R) (w : nat -> nat -> R).
Hypothesis deep : (2 <= N)%nat.
Hypothesis first : d 0%nat = St.d_x Z.
Hypothesis last : d N = St.d_y Z.
Hypothesis is_flow : St.flow Z (INR N) a b s.
Hypothesis units : forall l, (0 < l < N)%nat -> sum (fun i => w l i ^ 2) (d l) = 1.
Notation side := (Sl.between N a b w).
Notation W := (Sl.layer N a b s w).
Notation product := (Sl.layers_product d W).
Let rho t := Rpower (s t) (/ INR N).

Lemma N_positive : 0 < INR N.
Proof using deep first last is_flow units. apply lt_0_INR. lia. Qed.
Lemma side_first t i : side 0 t i = b i t.
Proof using. reflexivity. Qed.
Lemma side_last t i : side N t i = a i t.
Proof using deep first last is_flow units. unfold Sl.between. rewrite Nat.eqb_refl, (proj2 (Nat.eqb_neq N 0)) by lia. reflexivity. Qed.
Lemma side_hidden l t i : (0 < l < N)%nat -> side l t i = w l i.
Proof using deep first last is_flow units. intros Hl. unfold Sl.between. rewrite (proj2 (Nat.eqb_neq l 0)), (proj2 (Nat.eqb_neq l N)) by lia. reflexivity. Qed.
Lemma side_unit l t : 0 <= t -> (l <= N)%nat -> sum (fun i => side l t i ^ 2) (d l) = 1.
Proof using deep first last is_flow units.
  intros Ht Hl. destruct (Nat.eq_dec l 0) as [->|H0].
  - rewrite first. exact (flow_b_norm Z (INR N) a b s is_flow t Ht).
  - destruct (Nat.eq_dec l N) as [->|HN].
    + rewrite last, (sum_ext _ (fun i => a i t ^ 2)) by (intros; now rewrite side_last).
      exact (flow_a_norm Z (INR N) a b s is_flow t Ht).
    + rewrite (sum_ext _ (fun i => w l i ^ 2)) by (intros; rewrite side_hidden by lia; easy). apply units. lia.
Qed.
Lemma layer_sides l t i j : W l t i j = rho t * side (l + 1) t i * side l t j.
Proof using. reflexivity. Qed.
Lemma product_sides l m t i j : 0 <= t -> (l + S m <= N)%nat -> (j < d l)%nat ->
  product l (S m) t i j = rho t ^ S m * side (l + S m) t i * side l t j.
Proof using deep first last is_flow units.
  intros Ht Hl Hj. revert i. induction m as [|m IH]; intros i.
  - cbn [Sl.layers_product]. rewrite Nat.add_0_r. rewrite (sum_single _ (d l) j Hj).
    + rewrite Nat.eqb_refl, layer_sides. simpl. ring.
    + intros k _ Hk. rewrite (proj2 (Nat.eqb_neq k j)) by easy. ring.
  - change (product l (S (S m)) t i j) with (sum (fun k => W (l + S m)%nat t i k * product l (S m) t k j) (d (l + S m)%nat)).
    rewrite (sum_ext _ (fun k => (rho t ^ S (S m) * side (l + S (S m)) t i * side l t j) * side (l + S m) t k ^ 2)).
    + rewrite sum_scal, side_unit by (easy || lia). ring.
    + intros k _. rewrite IH by lia. rewrite layer_sides. replace (l + S m + 1)%nat with (l + S (S m))%nat by lia.
      cbn [pow]. ring.
Qed.
Lemma rho_power t : 0 <= t -> rho t ^ N = s t.
Proof using deep first last is_flow units.
  intros Ht. pose proof (St.flow_s_pos _ _ _ _ _ is_flow t Ht) as Hs. pose proof N_positive.
  rewrite <- Rpower_pow by apply exp_pos. unfold rho. rewrite Rpower_mult, Rinv_l, Rpower_1 by lra. easy.
Qed.
Lemma whole t i j : 0 <= t -> (j < d 0%nat)%nat -> product 0 N t i j = s t * a i t * b j t.
Proof using deep first last is_flow units.
  intros Ht Hj. rewrite <- rho_power by easy. pose proof (product_sides 0 (N - 1) t i j Ht) as H.
  replace (S (N - 1)) with N in H by lia. rewrite H by (easy || lia). now rewrite side_last, side_first.
Qed.
Lemma balanced l t i j : 0 <= t -> (l + 1 < N)%nat ->
  sum (fun p => W (l + 1)%nat t p i * W (l + 1)%nat t p j) (d (l + 2)%nat) = sum (fun q => W l t i q * W l t j q) (d l).
Proof using deep first last is_flow units.
  intros Ht Hl. set (g := rho t ^ 2 * side (l + 1) t i * side (l + 1) t j).
  rewrite (sum_ext _ (fun p => g * side (l + 2) t p ^ 2)).
  - rewrite (sum_ext (fun q => W l t i q * W l t j q) (fun q => g * side l t q ^ 2)).
    + rewrite !sum_scal, !side_unit by (easy || lia). easy.
    + intros q _. rewrite !layer_sides. unfold g. ring.
  - intros p _. rewrite !layer_sides. replace (l + 1 + 1)%nat with (l + 2)%nat by lia. unfold g. ring.
Qed.

(* s^(1 - 1/N) *)
Let drive t := rho t ^ (N - 1).
Lemma drive_power t : 0 <= t -> Rpower (s t) (1 - / INR N) = drive t.
Proof using deep first last is_flow units.
  intros Ht. unfold drive, rho. rewrite <- Rpower_pow by apply exp_pos. rewrite Rpower_mult. f_equal.
  rewrite minus_INR by lia. simpl. pose proof N_positive. field. lra.
Qed.
Lemma rho_speed t : 0 <= t -> rho t * St.speed (INR N) s t = drive t.
Proof using deep first last is_flow units.
  intros Ht. rewrite <- drive_power by easy. unfold rho, St.speed. rewrite <- Rpower_plus. f_equal.
  pose proof N_positive. field. lra.
Qed.
Lemma rho_der t : 0 < t -> is_derive rho t (drive t * (St.alignment Z a b t - s t)).
Proof using deep first last is_flow units.
  intros Ht. pose proof (St.flow_s_pos _ _ _ _ _ is_flow t ltac:(lra)) as Hs. pose proof N_positive as HN. eapply derive_eq.
  - apply (derive_comp (fun q => Rpower q (/ INR N)) s); [|now apply (St.flow_s _ _ _ _ _ is_flow)].
    unfold Rpower at 1. auto_derive; [easy|reflexivity].
  - fold (Rpower (s t) (/ INR N)). rewrite <- drive_power by lra.
    assert (H : Rpower (s t) (2 - 2 / INR N) * Rpower (s t) (/ INR N) = s t * Rpower (s t) (1 - / INR N)).
    { rewrite <- (Rpower_1 (s t)) at 3 by easy. rewrite <- !Rpower_plus. f_equal. field. lra. }
    transitivity (Rpower (s t) (2 - 2 / INR N) * Rpower (s t) (/ INR N) * (St.alignment Z a b t - s t) / s t); [field; lra|].
    rewrite H. field. lra.
Qed.

Notation residual t p q := (s t * a p t * b q t - St.entry Z p q).
Lemma residual_row t i : 0 <= t -> sum (fun q => residual t i q * b q t) (d 0%nat) = s t * a i t - St.diagonal Z i * b i t.
Proof using deep first last is_flow units.
  intros Ht. rewrite first. rewrite (sum_ext _ (fun q => s t * a i t * b q t ^ 2 + - 1 * (St.entry Z i q * b q t))) by (intros; ring).
  rewrite sum_plus, !sum_scal, sum_entry by apply St.rank_d_x. rewrite (flow_b_norm Z (INR N) a b s is_flow t Ht). ring.
Qed.
Lemma entry_symmetric i j : St.entry Z i j = St.entry Z j i.
Proof using. unfold St.entry. rewrite Nat.eqb_sym. destruct (Nat.eqb_spec j i) as [->|]; easy. Qed.
Lemma residual_column t j : 0 <= t -> sum (fun p => a p t * residual t p j) (d N) = s t * b j t - St.diagonal Z j * a j t.
Proof using deep first last is_flow units.
  intros Ht. rewrite last. rewrite (sum_ext _ (fun p => s t * b j t * a p t ^ 2 + - 1 * (St.entry Z j p * a p t))).
  - rewrite sum_plus, !sum_scal, sum_entry by apply St.rank_d_y. rewrite (flow_a_norm Z (INR N) a b s is_flow t Ht). ring.
  - intros p _. rewrite (entry_symmetric p j). ring.
Qed.
Lemma residual_both t : 0 <= t -> sum (fun p => a p t * sum (fun q => residual t p q * b q t) (d 0%nat)) (d N) = s t - St.alignment Z a b t.
Proof using deep first last is_flow units.
  intros Ht. rewrite (sum_ext _ (fun p => s t * a p t ^ 2 + - 1 * (St.diagonal Z p * (a p t * b p t)))).
  - rewrite last, sum_plus, !sum_scal, (sum_diagonal Z (fun p => a p t * b p t)) by apply St.rank_d_y.
    rewrite (flow_a_norm Z (INR N) a b s is_flow t Ht). unfold St.alignment.
    rewrite (sum_ext (fun i => St.sigma Z i * (a i t * b i t)) (fun i => St.sigma Z i * a i t * b i t)) by (intros; ring). ring.
  - intros p _. rewrite residual_row by easy. ring.
Qed.

Lemma gradient_sum l t i j : 0 <= t -> (l < N)%nat -> Sl.gradient Z N d W l t i j =
  sum (fun p => product (l + 1) (N - l - 1) t p i * sum (fun q => residual t p q * product 0 l t j q) (d 0%nat)) (d N).
Proof using deep first last is_flow units.
  intros Ht Hl. unfold Sl.gradient. apply sum_ext. intros p _. rewrite <- sum_scal. apply sum_ext. intros q Hq.
  rewrite whole by easy. ring.
Qed.

(* The layers before and behind. *)
Lemma before_first t p j : (j < d 0%nat)%nat -> sum (fun q => residual t p q * product 0 0 t j q) (d 0%nat) = residual t p j.
Proof using deep first last is_flow units.
  intros Hj. rewrite (sum_single _ (d 0%nat) j Hj).
  - cbn [Sl.layers_product]. rewrite Nat.eqb_refl. ring.
  - intros q _ Hq. cbn [Sl.layers_product]. rewrite (proj2 (Nat.eqb_neq j q)) by auto. ring.
Qed.
Lemma before_later l t p j : 0 <= t -> (0 < l <= N)%nat -> sum (fun q => residual t p q * product 0 l t j q) (d 0%nat) =
  rho t ^ l * side l t j * sum (fun q => residual t p q * b q t) (d 0%nat).
Proof using deep first last is_flow units.
  intros Ht Hl. rewrite <- sum_scal. apply sum_ext. intros q Hq. pose proof (product_sides 0 (l - 1) t j q Ht) as H.
  replace (S (l - 1)) with l in H by lia. rewrite H by (easy || lia). rewrite side_first. change (0 + l)%nat with l. ring.
Qed.
Lemma behind l t p i : 0 <= t -> (l + 1 < N)%nat -> (i < d (l + 1)%nat)%nat ->
  product (l + 1) (N - l - 1) t p i = rho t ^ (N - l - 1) * a p t * side (l + 1) t i.
Proof using deep first last is_flow units.
  intros Ht Hl Hi. pose proof (product_sides (l + 1) (N - l - 2) t p i Ht) as H.
  replace (S (N - l - 2)) with (N - l - 1)%nat in H by lia. rewrite H by (easy || lia).
  replace (l + 1 + (N - l - 1))%nat with N by lia. now rewrite side_last.
Qed.

Lemma follows l t i j : 0 < t -> (l < N)%nat -> (i < d (l + 1)%nat)%nat -> (j < d l)%nat ->
  is_derive (fun t => W l t i j) t (- Sl.gradient Z N d W l t i j).
Proof using deep first last is_flow units.
  intros Ht Hl Hi Hj. rewrite gradient_sum by (easy || lra).
  pose proof (rho_der t Ht) as Hr. pose proof (rho_speed t ltac:(lra)) as Hs.
  destruct (Nat.eq_dec l 0) as [H0|H0]; [|destruct (Nat.eq_dec (l + 1) N) as [HN|HN]].
  - subst l. cbn [Nat.add] in *.
    rewrite (sum_ext _ (fun p => drive t * w 1%nat i * (a p t * residual t p j))).
    + rewrite sum_scal, residual_column by lra. eapply derive_eq.
      * assert (HW : forall u, w 1%nat i * (rho u * b j u) = W 0%nat u i j).
        { intros u. rewrite layer_sides. cbn [Nat.add]. rewrite side_hidden, side_first by lia. ring. }
        apply (is_derive_ext _ _ t _ HW).
        apply is_derive_scal. apply (is_derive_mult rho (b j)); [exact Hr| |apply Rmult_comm].
        apply (St.flow_b _ _ _ _ _ is_flow); [now rewrite <- first|easy].
      * unfold plus, mult; simpl.
        transitivity (w 1%nat i * (drive t * (St.alignment Z a b t - s t) * b j t
          + rho t * St.speed (INR N) s t * (St.diagonal Z j * a j t - St.alignment Z a b t * b j t))); [ring|]. rewrite Hs. ring.
    + intros p _. rewrite before_first by easy. pose proof (behind 0 t p i ltac:(lra) ltac:(lia) Hi) as HB. cbn [Nat.add] in HB.
      rewrite HB. replace (N - 0 - 1)%nat with (N - 1)%nat by lia. rewrite side_hidden by lia. unfold drive. ring.
  - assert (HNl : N = (l + 1)%nat) by lia.
    rewrite (sum_single _ (d N) i); [|rewrite <- HN; easy|].
    + rewrite before_later, residual_row by (lra || lia). replace (N - l - 1)%nat with 0%nat by lia. cbn [Sl.layers_product]. rewrite Nat.eqb_refl.
      replace (rho t ^ l) with (drive t) by (unfold drive; f_equal; lia). rewrite side_hidden by lia. eapply derive_eq.
      * assert (HW : forall u, w l j * (rho u * a i u) = W l u i j).
        { intros u. rewrite layer_sides, HN, side_last, side_hidden by lia. ring. }
        apply (is_derive_ext _ _ t _ HW).
        apply is_derive_scal. apply (is_derive_mult rho (a i)); [exact Hr| |apply Rmult_comm].
        apply (St.flow_a _ _ _ _ _ is_flow); [rewrite <- last, <- HN; easy|easy].
      * unfold plus, mult; simpl.
        transitivity (w l j * (drive t * (St.alignment Z a b t - s t) * a i t
          + rho t * St.speed (INR N) s t * (St.diagonal Z i * b i t - St.alignment Z a b t * a i t))); [ring|]. rewrite Hs. ring.
    + intros p _ Hp. replace (N - l - 1)%nat with 0%nat by lia. cbn [Sl.layers_product]. rewrite (proj2 (Nat.eqb_neq p i)) by easy. ring.
  - rewrite (sum_ext _ (fun p => drive t * w (l + 1)%nat i * w l j * (a p t * sum (fun q => residual t p q * b q t) (d 0%nat)))).
    + rewrite sum_scal, residual_both by lra. eapply derive_eq.
      * assert (HW : forall u, w (l + 1)%nat i * w l j * rho u = W l u i j).
        { intros u. rewrite layer_sides, !side_hidden by lia. ring. }
        apply (is_derive_ext _ _ t _ HW).
        apply is_derive_scal. exact Hr.
      * ring.
    + intros p _. rewrite before_later, behind, !side_hidden by (easy || lra || lia).
      replace (drive t) with (rho t ^ (N - l - 1) * rho t ^ l); [ring|].
      rewrite <- pow_add. unfold drive. f_equal. lia.
Qed.
End Widths.
