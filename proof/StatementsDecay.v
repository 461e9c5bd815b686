(* What is proved about weight decay. The sections are those of docs/weight_decay.md; target, closed
   form and limit value are those of Statements.v, which is to be read first. Every definition that
   ends in [: Prop] below "Statements" is proved, under its own name, in TheoremsDecay.v. *)
Require Import Reals.
From Coquelicot Require Import Coquelicot.
From OneNeuron Require Export Statements.
Open Scope R_scope.

Section Decay.
Variables (Z : target) (N mu : R) (a b : nat -> R -> R) (s : R -> R).
Notation r := (rank Z).
Notation alignment := (alignment Z a b).
Notation speed := (speed N s).
Notation end_to_end := (end_to_end a b s).
Notation E := (E Z a b).
Notation limit_value := (limit_value Z a b).
Notation group := (group Z a b).
Notation A := (A Z a b).

(* Section 1. The induced flow with decay mu >= 0: it differs in the magnitude alone. *)
Record decay_flow : Prop := {
  decay_mu : 0 <= mu;
  decay_depth : 2 <= N;
  decay_a_unit : \sum_(i < d_y Z) a i 0 ^ 2 = 1;
  decay_b_unit : \sum_(i < d_x Z) b i 0 ^ 2 = 1;
  decay_s_pos : forall t, 0 <= t -> 0 < s t;
  decay_a_0 : forall i, (i < d_y Z)%nat -> filterlim (a i) (at_right 0) (locally (a i 0));
  decay_b_0 : forall i, (i < d_x Z)%nat -> filterlim (b i) (at_right 0) (locally (b i 0));
  decay_s_0 : filterlim s (at_right 0) (locally (s 0));
  decay_a : forall i t, (i < d_y Z)%nat -> 0 < t ->
    is_derive (a i) t (speed t * (diagonal Z i * b i t - alignment t * a i t));
  decay_b : forall i t, (i < d_x Z)%nat -> 0 < t ->
    is_derive (b i) t (speed t * (diagonal Z i * a i t - alignment t * b i t));
  decay_s : forall t, 0 < t ->
    is_derive s t (N * Rpower (s t) (2 - 2 / N) * (alignment t - s t) - N * mu * s t) }.

(* Section 2. What becomes of E at depth 2. *)
Definition E_hat (x : R) : R := E x * exp (- 2 * mu * x).

(* ---------------------------------------------------------------------------------------- *)
(* Statements about one flow of depth 2. *)

(* Weight decay 2: the flow is its closed form. *)
Definition decay_closed_form : Prop := decay_flow -> N = 2 -> forall t, 0 <= t ->
  (forall i, (i < d_y Z)%nat -> a i t = p Z a b i t / sqrt (E t)) /\
  (forall i, (i < d_x Z)%nat -> b i t = q Z a b i t / sqrt (E t)) /\
  / s t = (/ s 0 + 2 * RInt E_hat 0 t) / E_hat t.

(* Weight decay 2: the limit is that without decay, its singular value thresholded softly. *)
Definition decay_limit : Prop := decay_flow -> N = 2 -> forall k, limit_value k ->
  (forall i, (i < d_y Z)%nat -> is_lim (a i) p_infty (group k i / A k)) /\
  (forall i, (i < d_x Z)%nat -> is_lim (b i) p_infty (group k i / A k)) /\
  is_lim s p_infty (Rmax 0 (k - mu)) /\
  forall i j, (i < d_y Z)%nat -> (j < d_x Z)%nat -> is_lim (fun t => end_to_end t i j) p_infty
    (Rmax 0 (k - mu) * (group k i / A k) * (group k j / A k)).

(* Weight decay 2: without any growing part it is zero. *)
Definition decay_limit_zero : Prop := decay_flow -> N = 2 ->
  (forall i, (i < r)%nat -> alpha a b i = 0) ->
  is_lim s p_infty 0 /\
  forall i j, (i < d_y Z)%nat -> (j < d_x Z)%nat ->
    is_lim (fun t => end_to_end t i j) p_infty 0.

End Decay.

(* Weight decay 2: from every start there is a flow of depth 2, for all times. *)
Definition decay_existence : Prop :=
  forall (Z : target) (mu : R) (a0 b0 : nat -> R) (s0 : R),
  0 <= mu -> \sum_(i < d_y Z) a0 i ^ 2 = 1 -> \sum_(i < d_x Z) b0 i ^ 2 = 1 -> 0 < s0 ->
  exists a b s, decay_flow Z 2 mu a b s /\
    (forall i, a i 0 = a0 i) /\ (forall i, b i 0 = b0 i) /\ s 0 = s0.

(* ---------------------------------------------------------------------------------------- *)
(* Section 3. One mode with exact directions, alignment sigma, at depth N > 2, which may be any real
   number. Where s > 0, it moves as if decay lowered the alignment by mu s^(-(1 - 2/N)). *)
Section Thresholds.
Variables (N mu : R).
Definition f (s : R) : R := s + mu * Rpower s (- (1 - 2 / N)).
Definition s_c : R := Rpower ((N - 2) / N * mu) (N / (2 * N - 2)).
Definition sigma_c : R := (2 * N - 2) / (N - 2) * s_c.
Definition s_g : R := Rpower ((N - 2) * mu) (N / (2 * N - 2)).
Definition sigma_g : R := (N - 1) / (N - 2) * s_g.
(* The regularized loss for s > 0, above that of s = 0. *)
Definition mode_loss (sigma s : R) : R :=
  / 2 * s ^ 2 - s * sigma + N / 2 * mu * Rpower s (2 / N).

(* Weight decay 3: where the magnitude rests. *)
Definition stationary : Prop := 2 < N -> 0 < mu -> forall sigma s, 0 < s ->
  (N * Rpower s (2 - 2 / N) * (sigma - s) - N * mu * s = 0 <-> f s = sigma).

(* Weight decay 3: below sigma_c there is no stationary point, and at sigma_c there is one. *)
Definition none_below : Prop := 2 < N -> 0 < mu ->
  f s_c = sigma_c /\ forall s, 0 < s -> s <> s_c -> sigma_c < f s.

(* Weight decay 3: above sigma_c there are two, and between them the magnitude grows. *)
Definition two_above : Prop := 2 < N -> 0 < mu -> forall sigma, sigma_c < sigma ->
  exists s_minus s_plus, 0 < s_minus < s_c /\ s_c < s_plus /\
    forall s, 0 < s ->
      (f s = sigma <-> s = s_minus \/ s = s_plus) /\ (f s < sigma <-> s_minus < s < s_plus).

(* Weight decay 3: the larger of them is lower than zero exactly above sigma_g. *)
Definition lower_than_zero : Prop := 2 < N -> 0 < mu -> forall sigma s, s_c < s -> f s = sigma ->
  (mode_loss sigma s < 0 <-> sigma_g < sigma).

(* Weight decay 3: the order of the thresholds, and their ratio. *)
Definition thresholds_ordered : Prop := 2 < N -> 0 < mu ->
  0 < s_c < s_g /\ f s_g = sigma_g /\ 0 < sigma_c < sigma_g /\
  sigma_c / sigma_g = 2 * Rpower N (- (N / (2 * N - 2))).
End Thresholds.
