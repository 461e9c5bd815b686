(* The proofs of StatementsLayers.v, under the same names. *)
Require Import Reals Lra Lia Psatz.
From Coquelicot Require Import Coquelicot.
From OneNeuron Require StatementsLayers.
From OneNeuron Require Import Calculus Matrices Layers.
Open Scope R_scope.

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
