(* What is proved. Whoever trusts Coq has to read only this file and Sums.v: every definition that ends
   in [: Prop] below "Statements" is proved, under its own name, in Theorems.v.

   The sections are those of docs/theory.md. Everything is stated in the singular coordinates
   of section 2, in which the target is diagonal. All numbers are exact reals. *)
Require Import Reals.
From Coquelicot Require Import Coquelicot.
From OneNeuron Require Export Sums.
Open Scope R_scope.

(* The limit of the integral of f over [0, x] as x grows. *)
Definition is_improper_integral (f : R -> R) (l : R) : Prop :=
  is_lim (fun x => RInt f 0 x) p_infty l.

(* ---------------------------------------------------------------------------------------- *)
(* Section 1. A target: d_y x d_x, of rank r, with singular values sigma_i > 0 for i < r, in
   any order. Modes are counted from 0. *)
Record target := {
  d_y : nat; d_x : nat; rank : nat;
  sigma : nat -> R;
  rank_d_y : (rank <= d_y)%nat;
  rank_d_x : (rank <= d_x)%nat;
  sigma_pos : forall i, (i < rank)%nat -> 0 < sigma i }.

(* The i-th diagonal entry of the target, and its entry in row i and column j. *)
Definition diagonal (Z : target) (i : nat) : R := if (i <? rank Z)%nat then sigma Z i else 0.
Definition entry (Z : target) (i j : nat) : R := if (i =? j)%nat then diagonal Z i else 0.

(* Half the squared distance of a matrix from the target: the loss up to a constant. *)
Definition loss (Z : target) (W : nat -> nat -> R) : R :=
  / 2 * \sum_(i < d_y Z) \sum_(j < d_x Z) (W i j - entry Z i j) ^ 2.

Section Flow.
(* The flow in coordinates: W(t) = s(t) a(t) b(t)^T, at depth N. *)
Variables (Z : target) (N : R) (a b : nat -> R -> R) (s : R -> R).
Notation r := (rank Z).
Notation sigma := (sigma Z).

Definition alignment (t : R) : R := \sum_(i < r) sigma i * a i t * b i t.
(* The rescaled time runs at the speed s^(1 - 2/N). *)
Definition speed (t : R) : R := Rpower (s t) (1 - 2 / N).
Definition tau (t : R) : R := RInt speed 0 t.
Definition end_to_end (t : R) (i j : nat) : R := s t * a i t * b j t.

(* The induced flow for t > 0, from unit vectors and a positive magnitude at t = 0, where a,
   b and s are continuous from the right. The depth N >= 2 may be any real number. *)
Record flow : Prop := {
  flow_depth : 2 <= N;
  flow_a_unit : \sum_(i < d_y Z) a i 0 ^ 2 = 1;
  flow_b_unit : \sum_(i < d_x Z) b i 0 ^ 2 = 1;
  flow_s_pos : forall t, 0 <= t -> 0 < s t;
  flow_a_0 : forall i, (i < d_y Z)%nat -> filterlim (a i) (at_right 0) (locally (a i 0));
  flow_b_0 : forall i, (i < d_x Z)%nat -> filterlim (b i) (at_right 0) (locally (b i 0));
  flow_s_0 : filterlim s (at_right 0) (locally (s 0));
  flow_a : forall i t, (i < d_y Z)%nat -> 0 < t ->
    is_derive (a i) t (speed t * (diagonal Z i * b i t - alignment t * a i t));
  flow_b : forall i t, (i < d_x Z)%nat -> 0 < t ->
    is_derive (b i) t (speed t * (diagonal Z i * a i t - alignment t * b i t));
  flow_s : forall t, 0 < t ->
    is_derive s t (N * Rpower (s t) (2 - 2 / N) * (alignment t - s t)) }.

(* Section 2. The growing, the decaying and the null part of the start. *)
Definition alpha (i : nat) : R := a i 0 + b i 0.
Definition beta (i : nat) : R := a i 0 - b i 0.
Definition rho2 : R :=
  / 2 * (\sum_(i < d_y Z - r) a (r + i)%nat 0 ^ 2 + \sum_(i < d_x Z - r) b (r + i)%nat 0 ^ 2).

(* Section 3. The closed form, in the rescaled time x. *)
Definition E (x : R) : R :=
  \sum_(i < r) (alpha i ^ 2 * exp (2 * sigma i * x) + beta i ^ 2 * exp (- 2 * sigma i * x)) / 4
  + rho2.
Definition p (i : nat) (x : R) : R :=
  if (i <? r)%nat then (alpha i * exp (sigma i * x) + beta i * exp (- sigma i * x)) / 2 else a i 0.
Definition q (i : nat) (x : R) : R :=
  if (i <? r)%nat then (alpha i * exp (sigma i * x) - beta i * exp (- sigma i * x)) / 2 else b i 0.
Definition y (x : R) : R :=
  (/ s 0 + N * RInt (fun z => Rpower (E z) (N / 2)) 0 x) / Rpower (E x) (N / 2).

(* Section 4. The limit's singular value is k: the largest with a growing part. *)
Definition limit_value (k : R) : Prop :=
  (forall i, (i < r)%nat -> k < sigma i -> alpha i = 0) /\
  exists i, (i < r)%nat /\ sigma i = k /\ alpha i <> 0.
(* alpha_i where sigma_i = k, zero elsewhere, and the norm A of these entries *)
Definition group (k : R) (i : nat) : R :=
  if (i <? r)%nat then if Req_EM_T (sigma i) k then alpha i else 0 else 0.
Definition A (k : R) : R := sqrt (\sum_(i < r) group k i ^ 2).
(* The entries of the limit: W_oo = k a_oo b_oo^T with a_oo = b_oo = group / A. *)
Definition limit_entry (k : R) (i j : nat) : R := k * (group k i / A k) * (group k j / A k).

(* Section 5.1. The gap g: no term of the table in section 5.1 decays more slowly. If it is the
   least of their rates, Q is positive; otherwise Q = 0, and what follows is an upper bound. *)
Record gap (k g : R) : Prop := {
  gap_pos : 0 < g;
  gap_alpha : forall i, (i < r)%nat -> sigma i < k -> alpha i <> 0 -> g <= k - sigma i;
  gap_beta : forall i, (i < r)%nat -> beta i <> 0 -> g <= k + sigma i;
  gap_rho : rho2 <> 0 -> g <= k }.
Definition at_gap (g rate weight : R) : R := if Req_EM_T rate g then weight else 0.
Definition Q (k g : R) : R :=
  ((\sum_(i < r) at_gap g (k - sigma i) (alpha i ^ 2))
   + (\sum_(i < r) at_gap g (k + sigma i) (beta i ^ 2)) + at_gap g k (4 * rho2))
  / (\sum_(i < r) group k i ^ 2).

(* Section 5.2. The integral in the coefficient H of the free part, and H. *)
Definition is_free_integral (k I : R) : Prop := is_improper_integral
  (fun x => Rpower (E x) (N / 2) - Rpower (A k / 2) N * exp (N * k * x)) I.
Definition H (k I : R) : R := / Rpower (A k / 2) N * (/ s 0 + N * I) - / k.

(* Section 5.3. The speed of the rescaled time in the end, and its shift. *)
Definition nu (k : R) : R := Rpower k (1 - 2 / N).
Definition is_shift (k theta : R) : Prop :=
  is_improper_integral (fun x => 1 - nu k * Rpower (y x) (1 - 2 / N)) theta.

(* Section 5.4. The smallest singular value with a decaying part, and the squares of this part. *)
Definition slowest (k : R) : Prop :=
  (forall i, (i < r)%nat -> sigma i < k -> beta i = 0) /\
  exists i, (i < r)%nat /\ sigma i = k /\ beta i <> 0.
Definition B2 (k : R) : R := \sum_(i < r) (if Req_EM_T (sigma i) k then beta i ^ 2 else 0).

(* Section 5.5. The integral J in the length of the plateau. *)
Definition is_plateau_integral (J : R) : Prop :=
  is_improper_integral (fun x => Rpower (E x) (- (N / 2 - 1))) J.

(* The distances from the limit: of both directions, and of the end-to-end matrix. *)
Definition directions_distance (k t : R) : R :=
  sqrt ((\sum_(i < d_y Z) (a i t - group k i / A k) ^ 2)
        + \sum_(i < d_x Z) (b i t - group k i / A k) ^ 2).
Definition distance (k t : R) : R :=
  sqrt (\sum_(i < d_y Z) \sum_(j < d_x Z) (end_to_end t i j - limit_entry k i j) ^ 2).

(* Section 6. Mode [one] has the largest singular value and a growing part; sigma2, smaller than
   that, bounds the others. Coq's ln is 0 at 0. *)
Record top_mode (one : nat) (sigma2 : R) : Prop := {
  top_mode_rank : (one < r)%nat;
  top_mode_nonneg : 0 <= sigma2;
  top_mode_max : forall i, (i < r)%nat -> i <> one -> sigma i <= sigma2;
  top_mode_less : sigma2 < sigma one;
  top_mode_alpha : alpha one <> 0 }.
Definition C0 (one : nat) : R :=
  (\sum_(i < r) sigma i * beta i ^ 2) / (sigma one * alpha one ^ 2).
Definition C1 (one : nat) : R :=
  ((\sum_(i < r) (sigma one - sigma i) * alpha i ^ 2)
   + (\sum_(i < r) (sigma one + sigma i) * beta i ^ 2) + 4 * sigma one * rho2) / alpha one ^ 2.
Definition tau0_bound (one : nat) : R := Rmax 0 (ln (C0 one)) / (2 * sigma one).
Definition tau1_bound (one : nat) (sigma2 : R) : R :=
  Rmax 0 (ln (2 * C1 one / sigma one)) / (2 * (sigma one - sigma2)).
Definition t0_bound (one : nat) : R :=
  if Req_EM_T N 2 then tau0_bound one
  else Rpower (/ s 0 + / sigma one) (1 - 2 / N)
       * (exp ((N - 2) * sigma one * tau0_bound one) - 1) / ((N - 2) * sigma one).
Definition Y0 (one : nat) (sigma2 : R) : R :=
  Rmax ((/ s 0 + / sigma one) * Rpower (Rmax (C0 one) 1) (N / 2) - / sigma one
        + N * tau1_bound one sigma2)
       (2 / sigma one).
Definition t1_bound (one : nat) (sigma2 : R) : R :=
  Rpower (Y0 one sigma2) (1 - 2 / N) * tau1_bound one sigma2.

(* The loss of a stationary point of rank one with singular value k, and of zero for k = 0. *)
Definition loss_at (k : R) : R := / 2 * ((\sum_(i < r) sigma i ^ 2) - k ^ 2).

(* ---------------------------------------------------------------------------------------- *)
(* Statements about one flow. *)

(* 3.1 to 3.3: the flow is its closed form. *)
Definition closed_form : Prop := flow -> forall t, 0 <= t ->
  (forall i, (i < d_y Z)%nat -> a i t = p i (tau t) / sqrt (E (tau t))) /\
  (forall i, (i < d_x Z)%nat -> b i t = q i (tau t) / sqrt (E (tau t))) /\
  / s t = y (tau t) /\
  alignment t = Derive E (tau t) / (2 * E (tau t)) /\
  t = RInt (fun x => Rpower (y x) (1 - 2 / N)) 0 (tau t).

(* 1 and 4: both times go on for ever, and nothing blows up or vanishes on the way. *)
Definition tau_unbounded : Prop := flow -> is_lim tau p_infty p_infty.

(* 1: the alignment never decreases. *)
Definition alignment_monotone : Prop := flow ->
  forall t t', 0 <= t <= t' -> alignment t <= alignment t'.

(* 3.4: the gap of the alignment as a sum, for any k. *)
Definition alignment_gap : Prop := flow -> forall k t, 0 <= t ->
  k - alignment t =
  ((\sum_(i < r) (k - sigma i) * (alpha i ^ 2 * exp (2 * sigma i * tau t)))
   + (\sum_(i < r) (k + sigma i) * (beta i ^ 2 * exp (- 2 * sigma i * tau t)))
   + 4 * k * rho2) / (4 * E (tau t)).

(* 3.4: the loss above that of a limit, for any k. *)
Definition excess_loss : Prop := flow -> forall k t, 0 <= t ->
  loss Z (end_to_end t) - loss_at k =
  / 2 * (s t - alignment t) ^ 2 + / 2 * (k - alignment t) * (k + alignment t).

(* 4: with a growing part the flow converges to a matrix of rank one, with any ties. *)
Definition limit_of_rank_one : Prop := flow -> forall k, limit_value k ->
  (forall i, (i < d_y Z)%nat -> is_lim (a i) p_infty (group k i / A k)) /\
  (forall i, (i < d_x Z)%nat -> is_lim (b i) p_infty (group k i / A k)) /\
  is_lim s p_infty k /\
  forall i j, (i < d_y Z)%nat -> (j < d_x Z)%nat ->
    is_lim (fun t => end_to_end t i j) p_infty (limit_entry k i j).

(* 4: without any growing part it converges to zero. *)
Definition limit_zero : Prop := flow -> (forall i, (i < r)%nat -> alpha i = 0) ->
  is_lim s p_infty 0 /\
  forall i j, (i < d_y Z)%nat -> (j < d_x Z)%nat ->
    is_lim (fun t => end_to_end t i j) p_infty 0.

(* 4: the loss of the limit. *)
Definition limit_loss : Prop := forall k, limit_value k -> loss Z (limit_entry k) = loss_at k.

(* 4: no matrix of rank at most one has a smaller loss than the limit with the largest value. *)
Definition global_minimum : Prop := forall k, (exists i, (i < r)%nat /\ sigma i = k) ->
  (forall i, (i < r)%nat -> sigma i <= k) ->
  forall x z : nat -> R, loss_at k <= loss Z (fun i j => x i * z j).

(* 4: one of the two holds. *)
Definition limit_cases : Prop :=
  (forall i, (i < r)%nat -> alpha i = 0) \/ exists k, limit_value k.

(* 5.1: there is one gap that is the least of the rates; only exact directions have no such terms,
   and then every number is a gap. *)
Definition gap_exists : Prop := forall k, limit_value k ->
  (exists g, gap k g /\ 0 < Q k g /\ forall g', gap k g' -> g' <= g) \/
  (forall g, 0 < g -> gap k g /\ Q k g = 0).

(* 5.2: where the coefficient of the free part is needed, it exists. *)
Definition free_integral_exists : Prop := flow -> forall k g, limit_value k -> gap k g ->
  N * k < 2 * g -> exists I, is_free_integral k I.

(* 5.3: the shift exists, and is what its name says. *)
Definition shift_exists : Prop := flow -> forall k g, limit_value k -> gap k g ->
  exists theta, is_shift k theta /\ is_lim (fun t => tau t - nu k * t) p_infty theta.

(* 5.1 and 5.3: the law of the directions. *)
Definition directions_law : Prop := flow -> forall k g theta,
  limit_value k -> gap k g -> is_shift k theta ->
  is_lim (fun t => directions_distance k t * exp (g * nu k * t)) p_infty
    (sqrt (2 * Q k g) * exp (- g * theta)).

(* 5.1 and 5.3: the law of the alignment. *)
Definition alignment_law : Prop := flow -> forall k g theta,
  limit_value k -> gap k g -> is_shift k theta ->
  is_lim (fun t => (k - alignment t) * exp (2 * g * nu k * t)) p_infty
    (g * Q k g * exp (- (2 * g) * theta)).

(* 5.2 and 5.3: the law of the magnitude, driven, resonant or free. *)
Definition magnitude_law : Prop := flow -> forall k g theta,
  limit_value k -> gap k g -> is_shift k theta ->
  (2 * g < N * k -> is_lim (fun t => (k - s t) * exp (2 * g * nu k * t)) p_infty
    (N * k * g * Q k g / (N * k - 2 * g) * exp (- (2 * g) * theta))) /\
  (2 * g = N * k -> is_lim (fun t => (k - s t) * (exp (2 * g * nu k * t) / t)) p_infty
    (N * k * g * Q k g * exp (- (2 * g) * theta) * nu k)) /\
  (N * k < 2 * g -> forall I, is_free_integral k I ->
    is_lim (fun t => (k - s t) * exp (N * k * nu k * t)) p_infty
      (k ^ 2 * H k I * exp (- (N * k) * theta))).

(* 5.3: the law of the excess loss. *)
Definition excess_law : Prop := flow -> forall k g theta,
  limit_value k -> gap k g -> is_shift k theta ->
  (g < N * k -> is_lim (fun t =>
      (loss Z (end_to_end t) - loss_at k) * exp (2 * g * nu k * t)) p_infty
    (k * (g * Q k g) * exp (- (2 * g) * theta))) /\
  (g = N * k -> forall I, is_free_integral k I -> is_lim (fun t =>
      (loss Z (end_to_end t) - loss_at k) * exp (2 * g * nu k * t)) p_infty
    ((/ 2 * k ^ 4 * H k I ^ 2 + k * (g * Q k g)) * exp (- (2 * g) * theta))) /\
  (N * k < g -> forall I, is_free_integral k I -> is_lim (fun t =>
      (loss Z (end_to_end t) - loss_at k) * exp (2 * (N * k) * nu k * t)) p_infty
    (/ 2 * k ^ 4 * H k I ^ 2 * exp (- (2 * (N * k)) * theta))).

(* 5.3: the law of the end-to-end matrix. *)
Definition end_to_end_law : Prop := flow -> forall k g theta,
  limit_value k -> gap k g -> is_shift k theta ->
  (g < N * k -> is_lim (fun t => distance k t * exp (g * nu k * t)) p_infty
    (k * sqrt (2 * Q k g) * exp (- g * theta))) /\
  (g = N * k -> forall I, is_free_integral k I ->
    is_lim (fun t => distance k t * exp (g * nu k * t)) p_infty
    (sqrt (k ^ 4 * H k I ^ 2 + 2 * k ^ 2 * Q k g) * exp (- g * theta))) /\
  (N * k < g -> forall I, is_free_integral k I ->
    is_lim (fun t => distance k t * exp (N * k * nu k * t)) p_infty
    (k ^ 2 * Rabs (H k I) * exp (- (N * k) * theta))).

(* 5.4: on the way to the origin one of the three laws holds. *)
Definition origin_cases : Prop := flow -> (forall i, (i < r)%nat -> alpha i = 0) ->
  0 < rho2 \/ rho2 = 0 /\ exists k, slowest k.

(* 5.4: the law of two layers without null parts. *)
Definition origin_exponential : Prop := flow -> (forall i, (i < r)%nat -> alpha i = 0) ->
  N = 2 -> rho2 = 0 -> forall k, slowest k ->
  is_lim (fun t => s t * exp (2 * k * t)) p_infty
    (B2 k / (4 / s 0 + \sum_(i < r) beta i ^ 2 / sigma i)).

(* 5.4: the law of deeper networks without null parts. *)
Definition origin_power : Prop := flow -> (forall i, (i < r)%nat -> alpha i = 0) ->
  2 < N -> rho2 = 0 -> forall k, slowest k ->
  is_lim (fun t => s t * Rpower t (N / (N - 2))) p_infty
    (Rpower ((N - 2) * k) (- (N / (N - 2)))).

(* 5.4: the law with a null part, at every depth. *)
Definition origin_null : Prop := flow -> (forall i, (i < r)%nat -> alpha i = 0) -> 0 < rho2 ->
  is_lim (fun t => s t * Rpower t (N / (2 * (N - 1)))) p_infty
    (Rpower (2 * (N - 1)) (- (N / (2 * (N - 1))))).

(* 5.4: the excess loss follows from the magnitude. *)
Definition origin_excess : Prop := flow -> (forall i, (i < r)%nat -> alpha i = 0) ->
  (rho2 = 0 -> forall k, slowest k ->
    is_lim (fun t => (loss Z (end_to_end t) - loss_at 0) / s t) p_infty k) /\
  (0 < rho2 -> is_lim (fun t => (loss Z (end_to_end t) - loss_at 0) / s t ^ 2) p_infty (/ 2)).

(* 5.5: the integral in the length of the plateau converges. *)
Definition plateau_integral_exists : Prop := flow -> 2 < N ->
  forall k, limit_value k -> exists J, is_plateau_integral J.

(* 6: the end of stage 1, in both times. *)
Definition stage_1 : Prop := flow -> forall one sigma2, top_mode one sigma2 ->
  forall t, 0 <= t -> tau0_bound one <= tau t \/ t0_bound one <= t -> 0 <= alignment t.

(* 6: the end of stage 2, in both times. *)
Definition stage_2 : Prop := flow -> forall one sigma2, top_mode one sigma2 ->
  forall t, 0 <= t -> tau1_bound one sigma2 <= tau t \/ t1_bound one sigma2 <= t ->
  sigma one / 2 <= alignment t.

(* 6: the envelope of the alignment. *)
Definition alignment_envelope : Prop := flow -> forall one sigma2, top_mode one sigma2 ->
  forall t, 0 <= t ->
  sigma one - alignment t <= C1 one * exp (- 2 * (sigma one - sigma2) * tau t).

(* 6: the rank never drops. *)
Definition rank_stays : Prop := flow -> forall one sigma2, top_mode one sigma2 ->
  forall t, 0 <= t -> / s t <= Y0 one sigma2.

End Flow.

(* ---------------------------------------------------------------------------------------- *)
(* Statements about all flows. *)

(* 1 and 3: from every start there is a flow, for all times, and no other. *)
Definition existence_and_uniqueness : Prop :=
  forall (Z : target) (N : R) (a0 b0 : nat -> R) (s0 : R),
  2 <= N -> \sum_(i < d_y Z) a0 i ^ 2 = 1 -> \sum_(i < d_x Z) b0 i ^ 2 = 1 -> 0 < s0 ->
  exists a b s, flow Z N a b s /\
    ((forall i, a i 0 = a0 i) /\ (forall i, b i 0 = b0 i) /\ s 0 = s0) /\
    forall a' b' s', flow Z N a' b' s' ->
      (forall i, (i < d_y Z)%nat -> a' i 0 = a0 i) ->
      (forall i, (i < d_x Z)%nat -> b' i 0 = b0 i) -> s' 0 = s0 ->
      forall t, 0 <= t ->
        (forall i, (i < d_y Z)%nat -> a' i t = a i t) /\
        (forall i, (i < d_x Z)%nat -> b' i t = b i t) /\ s' t = s t.

(* 5.5: the length of the plateau of deeper networks. For given directions at the start the time t
   until s reaches any level below its limit is asymptotic to J s_0^-(1 - 2/N) as s_0 vanishes. *)
Definition plateau_law : Prop :=
  forall (Z : target) (N : R) (a0 b0 : nat -> R) (k level J : R),
  2 < N -> \sum_(i < d_y Z) a0 i ^ 2 = 1 -> \sum_(i < d_x Z) b0 i ^ 2 = 1 ->
  limit_value Z (fun i _ => a0 i) (fun i _ => b0 i) k -> 0 < level < k ->
  is_plateau_integral Z N (fun i _ => a0 i) (fun i _ => b0 i) J ->
  forall eps, 0 < eps -> exists delta, 0 < delta /\
    forall a b s, flow Z N a b s -> (forall i, (i < d_y Z)%nat -> a i 0 = a0 i) ->
      (forall i, (i < d_x Z)%nat -> b i 0 = b0 i) -> s 0 < delta ->
      (exists t, 0 <= t /\ s t = level) /\
      forall t, 0 <= t -> s t = level -> Rabs (Rpower (s 0) (1 - 2 / N) * t - J) < eps.
