(* What is proved about layers. The sections are those of docs/theory.md, or of docs/two_layers.md where
   that is said; target and induced flow are those of Statements.v, which is to be read first. Every
   definition that ends in [: Prop] is proved, under its own name, in TheoremsLayers.v. *)
Require Import Reals.
From Coquelicot Require Import Coquelicot.
From OneNeuron Require Export Statements.
Open Scope R_scope.

(* The product of f i over i < n. *)
Fixpoint product (f : nat -> R) (n : nat) : R :=
  match n with O => 1 | S m => product f m * f m end.
Notation "\prod_ ( i < n ) F" := (product (fun i => F) n)
  (at level 41, F at level 41, i name, n at level 50).

(* ---------------------------------------------------------------------------------------- *)
(* Section 1. A network of n + 2 layers whose hidden layers have one neuron each: a column y, scalars
   z_l for l < n, a row x. *)
Section Chain.
Variables (Z : target) (n : nat) (y z x : nat -> R -> R).

Definition kappa (t : R) : R := \prod_(l < n) z l t.
(* The product of all scalars but z_l. *)
Definition kappa_but (l : nat) (t : R) : R := \prod_(j < n) (if (j =? l)%nat then 1 else z j t).
Definition matrix (t : R) (i j : nat) : R := y i t * kappa t * x j t.
Definition residual (t : R) (i j : nat) : R := matrix t i j - entry Z i j.
Definition row_norm2 (t : R) : R := \sum_(j < d_x Z) x j t ^ 2.
Definition column_norm2 (t : R) : R := \sum_(i < d_y Z) y i t ^ 2.

(* Gradient flow of the layers for t > 0, continuous from the right at t = 0. *)
Record layers_flow : Prop := {
  layers_y_0 : forall i, (i < d_y Z)%nat -> filterlim (y i) (at_right 0) (locally (y i 0));
  layers_z_0 : forall l, (l < n)%nat -> filterlim (z l) (at_right 0) (locally (z l 0));
  layers_x_0 : forall j, (j < d_x Z)%nat -> filterlim (x j) (at_right 0) (locally (x j 0));
  layers_y : forall i t, (i < d_y Z)%nat -> 0 < t ->
    is_derive (y i) t (- \sum_(j < d_x Z) residual t i j * (kappa t * x j t));
  layers_z : forall l t, (l < n)%nat -> 0 < t ->
    is_derive (z l) t
      (- \sum_(i < d_y Z) \sum_(j < d_x Z) kappa_but l t * y i t * residual t i j * x j t);
  layers_x : forall j t, (j < d_x Z)%nat -> 0 < t ->
    is_derive (x j) t (- \sum_(i < d_y Z) y i t * kappa t * residual t i j) }.

(* A balanced start. The signs of two layers may be changed until the product is positive. *)
Record balanced : Prop := {
  balanced_ends : column_norm2 0 = row_norm2 0;
  balanced_scalars : forall l, (l < n)%nat -> z l 0 ^ 2 = row_norm2 0;
  balanced_norm : 0 < row_norm2 0;
  balanced_sign : 0 < kappa 0 }.

(* The norm that balanced layers share. *)
Definition eta (t : R) : R := sqrt (row_norm2 t).

(* 1: what balance compares is conserved, from any start. *)
Definition conserved_balance : Prop := layers_flow -> forall t, 0 <= t ->
  column_norm2 t - row_norm2 t = column_norm2 0 - row_norm2 0 /\
  forall l, (l < n)%nat -> z l t ^ 2 - row_norm2 t = z l 0 ^ 2 - row_norm2 0.

(* 1: balanced layers stay balanced, and their product follows the induced flow. *)
Definition induced_flow : Prop := layers_flow -> balanced ->
  let a := fun i t => y i t / eta t in
  let b := fun j t => x j t / eta t in
  let s := fun t => eta t ^ (n + 2) in
  flow Z (INR (n + 2)) a b s /\
  forall t, 0 <= t -> 0 < eta t /\ column_norm2 t = eta t ^ 2 /\ kappa t = eta t ^ n /\
    forall i j, matrix t i j = end_to_end a b s t i j.
End Chain.

(* ---------------------------------------------------------------------------------------- *)
(* Section 1. Layers of any widths: layer l, for l < N, is a matrix of d (l + 1) rows and d l columns. *)
Section Widths.
Variables (Z : target) (N : nat) (d : nat -> nat) (W : nat -> R -> nat -> nat -> R).

(* The product of m layers, from layer l on. *)
Fixpoint layers_product (l m : nat) (t : R) (i j : nat) : R :=
  match m with
  | O => if (i =? j)%nat then 1 else 0
  | S m => \sum_(k < d (l + m)%nat) W (l + m)%nat t i k * layers_product l m t k j
  end.
Definition gradient (l : nat) (t : R) (i j : nat) : R :=
  \sum_(p < d N) \sum_(q < d 0%nat) layers_product (l + 1) (N - l - 1) t p i
    * (layers_product 0 N t p q - entry Z p q) * layers_product 0 l t j q.
End Widths.

(* The vectors between the layers: b, hidden unit vectors that do not move, and a; and the layers that
   have them as singular vectors and s^(1/N) as singular value. *)
Definition between (N : nat) (a b : nat -> R -> R) (w : nat -> nat -> R) (l : nat) (t : R) (i : nat) : R :=
  if (l =? 0)%nat then b i t else if (l =? N)%nat then a i t else w l i.
Definition layer (N : nat) (a b : nat -> R -> R) (s : R -> R) (w : nat -> nat -> R)
    (l : nat) (t : R) (i j : nat) : R :=
  Rpower (s t) (/ INR N) * between N a b w (l + 1) t i * between N a b w l t j.

(* 1: in any widths the induced flow is the product of balanced layers of rank one that follow the
   gradient flow. *)
Definition layers_of_flow : Prop :=
  forall (Z : target) (N : nat) (d : nat -> nat) (a b : nat -> R -> R) (s : R -> R) (w : nat -> nat -> R),
  (2 <= N)%nat -> d 0%nat = d_x Z -> d N = d_y Z -> flow Z (INR N) a b s ->
  (forall l, (0 < l < N)%nat -> \sum_(i < d l) w l i ^ 2 = 1) ->
  let W := layer N a b s w in
  (forall t i j, 0 <= t -> (j < d 0%nat)%nat ->
    layers_product d W 0 N t i j = end_to_end a b s t i j) /\
  (forall l t i j, 0 <= t -> (l + 1 < N)%nat ->
    \sum_(p < d (l + 2)%nat) W (l + 1)%nat t p i * W (l + 1)%nat t p j =
    \sum_(q < d l) W l t i q * W l t j q) /\
  (forall l t i j, 0 < t -> (l < N)%nat -> (i < d (l + 1)%nat)%nat -> (j < d l)%nat ->
    is_derive (fun t => W l t i j) t (- gradient Z N d W l t i j)).

(* ---------------------------------------------------------------------------------------- *)
(* docs/two_layers.md, sections 1 to 4. One hidden neuron, n = 0 above, and a start with any imbalance. *)
Section Tilted.
Variables (Z : target) (y z x : nat -> R -> R).
Notation r := (rank Z).
Notation sigma := (sigma Z).
Notation two_layers_flow := (layers_flow Z 0 y z x).

Definition imbalance : R := column_norm2 Z y 0 - row_norm2 Z x 0.
(* Of a mode with singular value k: the eigenvalue, and the angle of the growing eigenvector. *)
Definition eigenvalue (k : R) : R := sqrt (k ^ 2 + imbalance ^ 2 / 4).
Definition tan_phi (k : R) : R := (eigenvalue k + imbalance / 2) / k.
Definition cos_phi (k : R) : R := / sqrt (1 + tan_phi k ^ 2).
Definition sin_phi (k : R) : R := tan_phi k / sqrt (1 + tan_phi k ^ 2).
(* The growing and the decaying part of the start. *)
Definition growing (i : nat) : R := cos_phi (sigma i) * x i 0 + sin_phi (sigma i) * y i 0.
Definition decaying (i : nat) : R := cos_phi (sigma i) * y i 0 - sin_phi (sigma i) * x i 0.
(* The squared norm of the linear flow, and S. *)
Definition linear_norm2 (t : R) : R :=
  (\sum_(i < r) (growing i ^ 2 * exp (2 * eigenvalue (sigma i) * t)
                 + decaying i ^ 2 * exp (- 2 * eigenvalue (sigma i) * t)))
  + exp (imbalance * t) * (\sum_(i < d_y Z - r) y (r + i)%nat 0 ^ 2)
  + exp (- imbalance * t) * (\sum_(i < d_x Z - r) x (r + i)%nat 0 ^ 2).
Definition S (t : R) : R := 1 + RInt linear_norm2 0 t.
Definition tilted_group (k : R) (i : nat) : R :=
  if (i <? r)%nat then if Req_EM_T (sigma i) k then growing i else 0 else 0.

(* Two layers 2, 3: the weights are the linear flow, divided by the root of S. *)
Definition tilted_closed_form : Prop := two_layers_flow -> forall t, 0 <= t ->
  (forall i, (i < r)%nat ->
    x i t = (cos_phi (sigma i) * growing i * exp (eigenvalue (sigma i) * t)
             - sin_phi (sigma i) * decaying i * exp (- eigenvalue (sigma i) * t)) / sqrt (S t) /\
    y i t = (sin_phi (sigma i) * growing i * exp (eigenvalue (sigma i) * t)
             + cos_phi (sigma i) * decaying i * exp (- eigenvalue (sigma i) * t)) / sqrt (S t)) /\
  (forall i, (r <= i < d_y Z)%nat -> y i t = y i 0 * exp (imbalance / 2 * t) / sqrt (S t)) /\
  (forall j, (r <= j < d_x Z)%nat -> x j t = x j 0 * exp (- (imbalance / 2) * t) / sqrt (S t)).

(* Two layers 4: the first singular value with a growing part decides the limit, whatever the imbalance. *)
Definition tilted_limit : Prop := two_layers_flow -> forall k,
  (forall i, (i < r)%nat -> k < sigma i -> growing i = 0) ->
  (exists i, (i < r)%nat /\ sigma i = k /\ growing i <> 0) ->
  forall i j, (i < d_y Z)%nat -> (j < d_x Z)%nat ->
    is_lim (fun t => matrix 0 y z x t i j) p_infty
      (k * tilted_group k i * tilted_group k j / (\sum_(l < r) tilted_group k l ^ 2)).

(* Two layers 4: without any growing part the limit is zero. *)
Definition tilted_limit_zero : Prop := two_layers_flow ->
  (forall i, (i < r)%nat -> growing i = 0) ->
  forall i j, (i < d_y Z)%nat -> (j < d_x Z)%nat ->
    is_lim (fun t => matrix 0 y z x t i j) p_infty 0.
End Tilted.
