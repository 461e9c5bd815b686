(* The one definition that Statements.v takes from elsewhere: the sum of f i over i < n. *)
Require Import Reals.
Open Scope R_scope.

Fixpoint sum (f : nat -> R) (n : nat) : R :=
  match n with O => 0 | S m => sum f m + f m end.
Notation "\sum_ ( i < n ) F" := (sum (fun i => F) n)
  (at level 41, F at level 41, i name, n at level 50).
