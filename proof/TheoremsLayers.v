(* The proofs of StatementsLayers.v, under the same names. *)
Require Import Reals Lra Lia Psatz.
From Coquelicot Require Import Coquelicot.
From OneNeuron Require StatementsLayers.
From OneNeuron Require Import Calculus Matrices Layers Widths Imbalance.
Open Scope R_scope.
(* What is not the statement is refused at once, instead of being computed. *)
#[local] Opaque is_lim Rpower exp ln sqrt.

Section Chain.
Variables (Z : St.target) (n : nat) (y z x : nat -> R -> R).

(* 1: what balance compares is conserved. *)
Theorem conserved_balance : Sl.conserved_balance Z n y z x.
Proof using. intros F t Ht. now apply (balance Z n y z x). Qed.

(* 1: balanced layers stay balanced, and their product follows the induced flow. *)
Theorem induced_flow : Sl.induced_flow Z n y z x.
Proof using.
  intros F B. split; [exact (induced Z n y z x F B)|]. intros t Ht.
  pose proof (eta_pos Z n y z x F B t Ht) as He. pose proof (kappa_eta Z n y z x F B t Ht) as Hk.
  split; [exact He|split; [|split; [exact Hk|]]].
  - rewrite (eta_square Z n y z x F B t Ht). apply (column_row Z n y z x F); [|easy].
    exact (Sl.balanced_ends _ _ _ _ _ B).
  - intros i j. unfold Sl.matrix, St.end_to_end. rewrite Hk, pow_add. field. lra.
Qed.
End Chain.

(* 1: in any widths the induced flow is the product of layers that follow the gradient flow. *)
Theorem layers_of_flow : Sl.layers_of_flow.
Proof using.
  intros Z N d a b s w HN H0 Hlast F Hw W. split; [|split].
  - intros t i j Ht Hj. exact (whole Z N d a b s w HN H0 Hlast F Hw t i j Ht Hj).
  - intros l t i j Ht Hl. exact (Widths.balanced Z N d a b s w HN H0 Hlast F Hw l t i j Ht Hl).
  - intros l t i j Ht Hl Hi Hj. exact (follows Z N d a b s w HN H0 Hlast F Hw l t i j Ht Hl Hi Hj).
Qed.

Section Tilted.
Variables (Z : St.target) (y z x : nat -> R -> R).

(* Two layers 2, 3: the weights are the linear flow, divided by the root of S. *)
Theorem tilted_closed_form : Sl.tilted_closed_form Z y z x.
Proof using.
  intros F t Ht. destruct (closed Z y z x F t Ht) as [Hs [_ [Hy Hx]]]. split; [|split].
  - intros i Hi. rewrite <- (x_mode Z y z x F i t Hi Ht), <- (y_mode Z y z x F i t Hi Ht). split; field; lra.
  - intros i Hi. rewrite <- (Hy i Hi). field. lra.
  - intros j Hj. rewrite <- (Hx j Hj). field. lra.
Qed.

(* Two layers 4: the first singular value with a growing part decides the limit. *)
Theorem tilted_limit : Sl.tilted_limit Z y z x.
Proof using. intros F k Ha Hp i j Hi Hj. exact (matrix_leads Z y z x F k Ha Hp i j Hi Hj). Qed.

(* Two layers 4: without any growing part the limit is zero. *)
Theorem tilted_limit_zero : Sl.tilted_limit_zero Z y z x.
Proof using. intros F Hn i j Hi Hj. exact (matrix_vanishes Z y z x F Hn i j Hi Hj). Qed.
End Tilted.
