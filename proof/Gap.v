(* Section 5.1: the rates of the table have a least one, unless there are none. *)
Require Import Reals Lra Lia Psatz.
From Coquelicot Require Import Coquelicot.
From OneNeuron Require Statements.
From OneNeuron Require Import Calculus Matrices.
Open Scope R_scope.

(* A set of numbers that is empty or has a least element. *)
Definition has_least (T : R -> Prop) : Prop :=
  (forall x, ~ T x) \/ exists x, T x /\ forall z, T z -> x <= z.
Lemma least_ext (T U : R -> Prop) : (forall x, T x <-> U x) -> has_least T -> has_least U.
Proof using.
  intros H [Hn|[x [Hx Hm]]]; [left|right].
  - intros x Hx. now apply (Hn x), H.
  - exists x. split; [now apply H|]. intros z Hz. now apply Hm, H.
Qed.
Lemma least_single (P : Prop) x : has_least (fun z => P /\ z = x).
Proof using.
  destruct (Classical_Prop.classic P) as [H|H]; [right|left].
  - exists x. split; [easy|]. intros z [_ ->]. lra.
  - intros z [Hz _]. easy.
Qed.
Lemma least_union (T U : R -> Prop) : has_least T -> has_least U -> has_least (fun x => T x \/ U x).
Proof using.
  intros [Ht|[x [Hx Hm]]] [Hu|[z [Hz Hn]]].
  - left. intros w [Hw|Hw]; [now apply (Ht w)|now apply (Hu w)].
  - right. exists z. split; [now right|]. intros w [Hw|Hw]; [now destruct (Ht w)|auto].
  - right. exists x. split; [now left|]. intros w [Hw|Hw]; [auto|now destruct (Hu w)].
  - right. destruct (Rle_dec x z) as [H|H].
    + exists x. split; [now left|]. intros w [Hw|Hw]; [auto|]. apply Rle_trans with z; auto.
    + exists z. split; [now right|]. intros w [Hw|Hw]; [|auto]. apply Rle_trans with x; [lra|auto].
Qed.
Lemma least_finite (P : nat -> Prop) (f : nat -> R) n : has_least (fun x => exists i, (i < n)%nat /\ P i /\ x = f i).
Proof using.
  induction n as [|n IH].
  - left. intros x [i [Hi _]]. lia.
  - apply (least_ext _ _) with (2 := least_union _ _ IH (least_single (P n) (f n))). intros x. split.
    + intros [[i [Hi Hx]]|Hx]; [exists i|exists n]; split; try lia; easy.
    + intros [i [Hi Hx]]. destruct (Nat.eq_dec i n) as [->|Hne]; [now right|left].
      exists i. split; [lia|easy].
Qed.

Lemma sum_positive f n i : (i < n)%nat -> (forall j, (j < n)%nat -> 0 <= f j) -> 0 < f i -> 0 < sum f n.
Proof using. intros Hi Hf Hp. apply Rlt_le_trans with (1 := Hp). now apply sum_term. Qed.

Section Gap.
Variables (Z : St.target) (u v : nat -> R -> R) (k : R).
Hypothesis k_limit : St.limit_value Z u v k.
Notation r := (St.rank Z).
Notation sigma := (St.sigma Z).
Notation alpha := (St.alpha u v).
Notation beta := (St.beta u v).
Notation rho2 := (St.rho2 Z u v).

(* The rates of the table. *)
Definition slower x := exists i, (i < r)%nat /\ (sigma i < k /\ alpha i <> 0) /\ x = k - sigma i.
Definition faster x := exists i, (i < r)%nat /\ beta i <> 0 /\ x = k + sigma i.
Definition null x := rho2 <> 0 /\ x = k.
Definition rate x := slower x \/ faster x \/ null x.

Lemma k_above : 0 < k.
Proof using k_limit. destruct k_limit as [_ Hex]. destruct Hex as [i [Hi [<- _]]]. now apply St.sigma_pos. Qed.
Lemma rate_positive x : rate x -> 0 < x.
Proof using k_limit.
  pose proof k_above as Hk. intros [[i [Hi [[Hs _] ->]]]|[[i [Hi [_ ->]]]|[_ ->]]]; [lra| |easy].
  pose proof (St.sigma_pos Z i Hi). lra.
Qed.
Lemma gap_of_rates g : 0 < g -> (forall x, rate x -> g <= x) <-> St.gap Z u v k g.
Proof using.
  intros Hg. split.
  - intros H. split; [easy| | |].
    + intros i Hi Hs Ha. apply H. left. now exists i.
    + intros i Hi Hb. apply H. right. left. now exists i.
    + intros Hr. apply H. right. now right.
  - intros [_ Ha Hb Hr] x [[i [Hi [[Hs Hn] ->]]]|[[i [Hi [Hn ->]]]|[Hn ->]]]; auto.
Qed.
Lemma rates_least : has_least rate.
Proof using.
  apply least_union; [apply least_finite|]. apply least_union; [apply least_finite|apply least_single].
Qed.

Lemma rho2_nonneg : 0 <= rho2.
Proof using.
  unfold St.rho2.
  assert (H1 : 0 <= sum (fun i => u (r + i)%nat 0 ^ 2) (St.d_y Z - r)) by (apply sum_nonneg; intros; apply pow2_ge_0).
  assert (H2 : 0 <= sum (fun i => v (r + i)%nat 0 ^ 2) (St.d_x Z - r)) by (apply sum_nonneg; intros; apply pow2_ge_0).
  lra.
Qed.
Lemma at_gap_nonneg g x w : 0 <= w -> 0 <= St.at_gap g x w.
Proof using. intros Hw. unfold St.at_gap. destruct Req_EM_T; lra. Qed.
Lemma at_gap_self x w : St.at_gap x x w = w.
Proof using. unfold St.at_gap. now destruct Req_EM_T. Qed.
Lemma group_positive : 0 < sum (fun i => St.group Z u v k i ^ 2) r.
Proof using k_limit.
  destruct k_limit as [_ Hex]. destruct Hex as [i [Hi [Hs Ha]]].
  apply (sum_positive _ _ i Hi); [intros; apply pow2_ge_0|]. unfold St.group.
  rewrite (proj2 (Nat.ltb_lt i r) Hi). destruct Req_EM_T; [now apply pow2_gt_0|easy].
Qed.

Lemma weight_positive g : rate g -> 0 < St.Q Z u v k g.
Proof using k_limit.
  intros Hg. unfold St.Q. apply Rdiv_lt_0_compat; [|exact group_positive].
  set (f1 := fun i => St.at_gap g (k - sigma i) (alpha i ^ 2)).
  set (f2 := fun i => St.at_gap g (k + sigma i) (beta i ^ 2)).
  assert (P1 : forall i, 0 <= f1 i) by (intros i; apply at_gap_nonneg, pow2_ge_0).
  assert (P2 : forall i, 0 <= f2 i) by (intros i; apply at_gap_nonneg, pow2_ge_0).
  pose proof (sum_nonneg f1 r (fun i _ => P1 i)) as S1. pose proof (sum_nonneg f2 r (fun i _ => P2 i)) as S2.
  pose proof rho2_nonneg as Hr.
  assert (S3 : 0 <= St.at_gap g k (4 * rho2)) by (apply at_gap_nonneg; lra).
  destruct Hg as [[i [Hi [[_ Hn] ->]]]|[[i [Hi [Hn ->]]]|[Hn ->]]].
  - assert (H : 0 < sum f1 r); [|lra]. apply (sum_positive f1 r i Hi); [auto|].
    unfold f1. rewrite at_gap_self. now apply pow2_gt_0.
  - assert (H : 0 < sum f2 r); [|lra]. apply (sum_positive f2 r i Hi); [auto|].
    unfold f2. rewrite at_gap_self. now apply pow2_gt_0.
  - rewrite at_gap_self. lra.
Qed.
Lemma weight_zero g : 0 < g -> (forall x, ~ rate x) -> St.Q Z u v k g = 0.
Proof using k_limit.
  intros Hg Hn. unfold St.Q.
  rewrite (sum_zero (fun i => St.at_gap g (k - sigma i) (alpha i ^ 2))), (sum_zero (fun i => St.at_gap g (k + sigma i) (beta i ^ 2))).
  - unfold St.at_gap. destruct Req_EM_T as [He|He]; [|unfold Rdiv; ring].
    destruct (Req_dec rho2 0) as [->|H]; [unfold Rdiv; ring|]. exfalso. apply (Hn k). right. now right.
  - intros i Hi. unfold St.at_gap. destruct Req_EM_T as [He|He]; [|easy].
    destruct (Req_dec (beta i) 0) as [->|H]; [ring|]. exfalso. apply (Hn g). right. left. exists i. auto.
  - intros i Hi. unfold St.at_gap. destruct Req_EM_T as [He|He]; [|easy].
    destruct (Req_dec (alpha i) 0) as [->|H]; [ring|]. exfalso. apply (Hn g). left. exists i. repeat split; auto. lra.
Qed.

Lemma least_gap : (exists g, St.gap Z u v k g /\ 0 < St.Q Z u v k g /\ forall g', St.gap Z u v k g' -> g' <= g) \/
  (forall g, 0 < g -> St.gap Z u v k g /\ St.Q Z u v k g = 0).
Proof using k_limit.
  destruct rates_least as [Hn|[g [Hg Hm]]]; [right|left].
  - intros g Hg. split; [|now apply weight_zero]. apply gap_of_rates; [easy|]. intros x Hx. now destruct (Hn x).
  - exists g. split; [apply gap_of_rates; [now apply rate_positive|exact Hm]|]. split; [now apply weight_positive|].
    intros g' Hg'. pose proof (St.gap_pos _ _ _ _ _ Hg') as H0. now apply (proj2 (gap_of_rates g' H0) Hg').
Qed.
End Gap.
