(* The flow of the statements is the closed form: from a start of the statements to one of
   section 3, existence and uniqueness, and what holds for the closed form holds for the flow. *)
Require Import Reals Lra Lia Psatz.
From Coquelicot Require Import Coquelicot.
From OneNeuron Require Statements.
From OneNeuron Require Import Calculus Inverse Matrices ClosedForm Uniqueness Time.
Open Scope R_scope.

Lemma ext_cont (f : R -> R) : filterlim f (at_right 0) (locally (f 0)) -> continuity_pt (fun t => f (Rmax 0 t)) 0.
Proof using.
  intros H. apply continuity_pt_filterlim. apply filterlim_locally. intros eps.
  pose proof (proj1 (filterlim_locally f (f 0)) H eps) as He. unfold at_right, within in He.
  revert He. apply filter_imp. intros x Hx. rewrite Rmax_left by lra. destruct (Rlt_dec 0 x).
  - rewrite Rmax_right by lra. auto.
  - rewrite Rmax_left by lra. apply ball_center.
Qed.
Lemma ext_der (f : R -> R) t (d : R) : 0 < t -> is_derive f t d -> is_derive (fun t => f (Rmax 0 t)) t d.
Proof using.
  intros Ht. apply is_derive_ext_loc. exists (mkposreal t Ht). intros x Hx. simpl in Hx.
  apply Rabs_def2 in Hx. unfold minus, plus, opp in Hx; simpl in Hx. rewrite Rmax_right; [easy|lra].
Qed.
Lemma ext_all (f d : R -> R) t : 0 <= t -> filterlim f (at_right 0) (locally (f 0)) ->
  (forall t, 0 < t -> is_derive f t (d t)) -> continuity_pt (fun t => f (Rmax 0 t)) t.
Proof using.
  intros Ht H0 Hd. destruct (Req_dec t 0) as [->|]; [now apply ext_cont|].
  eapply derive_continuous. apply ext_der; [lra|]. apply Hd. lra.
Qed.

Lemma ext_everywhere (f d : R -> R) : filterlim f (at_right 0) (locally (f 0)) ->
  (forall t, 0 < t -> is_derive f t (d t)) -> forall t, continuity_pt (fun t => f (Rmax 0 t)) t.
Proof using.
  intros H0 Hd t. destruct (Rle_dec 0 t) as [Ht|Ht]; [now apply (ext_all f d)|].
  apply (derive_continuous _ t 0). apply (is_derive_ext_loc (fun _ => f 0)).
  - assert (Hp : 0 < - t) by lra. exists (mkposreal _ Hp). intros x Hx. simpl in Hx.
    apply Rabs_def2 in Hx. unfold minus, plus, opp in Hx; simpl in Hx. rewrite Rmax_left by lra. easy.
  - apply (is_derive_const (V := R_NormedModule)).
Qed.
(* At depth 2 the rescaled time is time. *)
Lemma speed_2 x : Rpower x (1 - 2 / 2) = 1.
Proof using. replace (1 - 2 / 2) with 0 by field. unfold Rpower. now rewrite Rmult_0_l, exp_0. Qed.
Lemma tau_is_time (m : R -> R) t : St.tau 2 m t = t.
Proof using.
  unfold St.tau, St.speed. rewrite (RInt_ext _ (fun _ => 1)) by (intros; apply speed_2).
  rewrite (RInt_const (V := R_CompleteNormedModule)). unfold scal; simpl; unfold mult; simpl. ring.
Qed.

Section Start.
Variables (Z : St.target) (depth : R) (u0 v0 : nat -> R) (size : R).
Hypothesis depth_2 : 2 <= depth.
Hypothesis u0_unit : sum (fun i => u0 i ^ 2) (St.d_y Z) = 1.
Hypothesis v0_unit : sum (fun i => v0 i ^ 2) (St.d_x Z) = 1.
Hypothesis size_pos : 0 < size.
Notation rank := (St.rank Z).
Let null := / 2 * (sum (fun i => u0 (rank + i)%nat ^ 2) (St.d_y Z - rank) + sum (fun i => v0 (rank + i)%nat ^ 2) (St.d_x Z - rank)).
Lemma null_nonneg : 0 <= null.
Proof using Z u0 v0.
  assert (H1 : 0 <= sum (fun i => u0 (rank + i)%nat ^ 2) (St.d_y Z - rank)) by (apply sum_nonneg; intros; apply pow2_ge_0).
  assert (H2 : 0 <= sum (fun i => v0 (rank + i)%nat ^ 2) (St.d_x Z - rank)) by (apply sum_nonneg; intros; apply pow2_ge_0).
  unfold null. lra.
Qed.
Lemma start_unit : sum (fun i => ((u0 i + v0 i) ^ 2 + (u0 i - v0 i) ^ 2) / 4) rank + null = 1.
Proof using u0_unit v0_unit.
  rewrite (sum_ext _ (fun i => / 2 * (u0 i ^ 2 + v0 i ^ 2))) by (intros; field).
  rewrite sum_scal, sum_plus. unfold null.
  pose proof u0_unit as Hu. pose proof v0_unit as Hv.
  replace (St.d_y Z) with (rank + (St.d_y Z - rank))%nat in Hu by (pose proof (St.rank_d_y Z); lia).
  replace (St.d_x Z) with (rank + (St.d_x Z - rank))%nat in Hv by (pose proof (St.rank_d_x Z); lia).
  rewrite sum_split in Hu, Hv. lra.
Qed.
Definition start_of : start := {|
  r := rank; sigma := St.sigma Z; alpha := fun i => u0 i + v0 i; beta := fun i => u0 i - v0 i; rho2 := null;
  N := depth; s0 := size; sigma_pos := St.sigma_pos Z; rho2_nonneg := null_nonneg; unit := start_unit;
  N_2 := depth_2; s0_pos := size_pos |}.
#[local] Existing Instance start_of.
Definition U i t := if (i <? rank)%nat then a i (tau t) else u0 i / sqrt (E (tau t)).
Definition V i t := if (i <? rank)%nat then b i (tau t) else v0 i / sqrt (E (tau t)).
Definition magnitude t := s (tau t).

Lemma UV_c t : St.alignment Z U V t = c (tau t).
Proof using.
  rewrite c_sum. apply sum_ext. intros i Hi. unfold U, V.
  now rewrite (proj2 (Nat.ltb_lt i rank) Hi).
Qed.
Lemma speed_tau t : St.speed depth magnitude t = Rpower (s (tau t)) exponent.
Proof using. reflexivity. Qed.
Lemma null_der w t : 0 <= t -> is_derive (fun t => w / sqrt (E (tau t))) t
  (St.speed depth magnitude t * (- c (tau t) * (w / sqrt (E (tau t))))).
Proof using.
  intros Ht. rewrite speed_tau. apply (derive_comp (fun x => w / sqrt (E x))); [|now apply tau_der].
  pose proof (sqrt_E_pos (tau t)). eapply derive_eq.
  - apply is_derive_div; [apply (is_derive_const (V := R_NormedModule))|
      apply sqrt_E_der|lra].
  - unfold zero; simpl. field. lra.
Qed.
Lemma U_der i t : 0 <= t -> is_derive (U i) t
  (St.speed depth magnitude t * (St.diagonal Z i * V i t - St.alignment Z U V t * U i t)).
Proof using.
  intros Ht. rewrite UV_c, speed_tau. unfold U, V, St.diagonal. destruct (i <? rank)%nat.
  - exact (a_flow i t Ht).
  - eapply derive_eq; [exact (null_der _ t Ht)|rewrite speed_tau; ring].
Qed.
Lemma V_der i t : 0 <= t -> is_derive (V i) t
  (St.speed depth magnitude t * (St.diagonal Z i * U i t - St.alignment Z U V t * V i t)).
Proof using.
  intros Ht. rewrite UV_c, speed_tau. unfold U, V, St.diagonal. destruct (i <? rank)%nat.
  - exact (b_flow i t Ht).
  - eapply derive_eq; [exact (null_der _ t Ht)|rewrite speed_tau; ring].
Qed.
Lemma magnitude_der t : 0 <= t -> is_derive magnitude t (N * Rpower (magnitude t) (2 - 2 / N) * (St.alignment Z U V t - magnitude t)).
Proof using. intros Ht. rewrite UV_c. exact (s_flow t Ht). Qed.
Lemma right_cont (f : R -> R) t (d : R) : is_derive f t d -> filterlim f (at_right t) (locally (f t)).
Proof using.
  intros H. eapply filterlim_filter_le_1; [apply filter_le_within|].
  apply continuity_pt_filterlim. eapply derive_continuous, H.
Qed.
Lemma starts : (forall i, U i 0 = u0 i) /\ (forall i, V i 0 = v0 i) /\ magnitude 0 = size.
Proof using.
  unfold U, V, magnitude. rewrite tau_0. split; [|split].
  - intros i. destruct (i <? rank)%nat; [rewrite a_0; simpl; field|].
    rewrite E_0, sqrt_1. field.
  - intros i. destruct (i <? rank)%nat; [rewrite b_0; simpl; field|].
    rewrite E_0, sqrt_1. field.
  - exact s_0.
Qed.

Lemma solves : St.flow Z depth U V magnitude.
Proof using.
  destruct starts as [Hu [Hv Hs]]. split; intros.
  - exact depth_2.
  - rewrite <- u0_unit. apply sum_ext. intros i _. now rewrite Hu.
  - rewrite <- v0_unit. apply sum_ext. intros i _. now rewrite Hv.
  - apply s_pos. now apply tau_pos.
  - eapply right_cont, U_der; lra.
  - eapply right_cont, V_der; lra.
  - eapply right_cont, magnitude_der; lra.
  - apply U_der; lra.
  - apply V_der; lra.
  - apply magnitude_der; lra.
Qed.

Lemma only u v s : St.flow Z depth u v s -> (forall i, (i < (St.d_y Z))%nat -> u i 0 = u0 i) ->
  (forall i, (i < (St.d_x Z))%nat -> v i 0 = v0 i) -> s 0 = size -> forall t, 0 <= t ->
  (forall i, (i < (St.d_y Z))%nat -> u i t = U i t) /\ (forall i, (i < (St.d_x Z))%nat -> v i t = V i t) /\ s t = magnitude t.
Proof using.
  intros [_ _ _ Hp Hu0 Hv0 Hs0 Hu Hv Hs] Iu Iv Is t Ht.
  set (x := fun i t => u i (Rmax 0 t)). set (z := fun i t => v i (Rmax 0 t)). set (m := fun t => s (Rmax 0 t)).
  assert (Hd : forall t, 0 < t -> St.alignment Z u v t = St.alignment Z x z t).
  { intros q Hq. unfold St.alignment, x, z. now rewrite Rmax_right by lra. }
  assert (Rx : forall f q, 0 <= q -> f (Rmax 0 q) = f q :> R) by (intros f q Hq; now rewrite Rmax_right).
  assert (Hy : forall i, (i < r)%nat -> (i < St.d_y Z)%nat) by (pose proof (St.rank_d_y Z); simpl; lia).
  assert (Hx : forall i, (i < r)%nat -> (i < St.d_x Z)%nat) by (pose proof (St.rank_d_x Z); simpl; lia).
  destruct (unique_flow t x z m) as [Hab [Hm Hn]]; [exact Ht|..].
  - intros i Hi. unfold x. rewrite Rmax_left, Iu by (auto || lra). simpl. field.
  - intros i Hi. unfold z. rewrite Rmax_left, Iv by (auto || lra). simpl. field.
  - unfold m. rewrite Rmax_left by lra. easy.
  - intros q Hq. unfold m. apply Hp. apply Rmax_l.
  - intros i q Hi Hq. eapply ext_all; [lra|apply Hu0; auto|]. intros. apply Hu; auto.
  - intros i q Hi Hq. eapply ext_all; [lra|apply Hv0; auto|]. intros. apply Hv; auto.
  - intros q Hq. eapply ext_all; [lra|apply Hs0|]. intros. now apply Hs.
  - intros i q Hi Hq. apply ext_der; [lra|]. unfold m, z. rewrite !Rx by lra. eapply derive_eq; [apply Hu; auto; lra|].
    rewrite (diagonal_mode Z) by easy. rewrite (Hd q) by lra. unfold St.alignment, x, z. now rewrite !Rx by lra.
  - intros i q Hi Hq. apply ext_der; [lra|]. unfold m, x. rewrite !Rx by lra. eapply derive_eq; [apply Hv; auto; lra|].
    rewrite (diagonal_mode Z) by easy. rewrite (Hd q) by lra. unfold St.alignment, x, z. now rewrite !Rx by lra.
  - intros q Hq. apply ext_der; [lra|]. unfold m. rewrite !Rx by lra. eapply derive_eq; [apply Hs; lra|].
    rewrite (Hd q) by lra. easy.
  - split; [|split].
    + intros i Hi. destruct (Nat.ltb_spec i rank) as [Hl|Hl].
      * unfold U. rewrite (proj2 (Nat.ltb_lt i rank) Hl). rewrite <- (proj1 (Hab i Hl)). unfold x. now rewrite Rx.
      * unfold U. rewrite (proj2 (Nat.ltb_ge i rank) Hl). rewrite <- Iu by easy.
        transitivity (x i t); [unfold x; now rewrite Rx|]. replace (u i 0) with (x i 0) by (unfold x; now rewrite Rx by lra).
        apply Hn.
        -- intros q Hq. eapply ext_all; [lra|now apply Hu0|]. intros. now apply Hu.
        -- intros q Hq. apply ext_der; [lra|]. eapply derive_eq; [apply Hu; easy || lra|].
           rewrite (diagonal_null Z), (Hd q) by (easy || lra). unfold m, x. rewrite !Rx by lra. unfold St.alignment, St.speed, x, z.
           change exponent with (1 - 2 / depth). change r with rank. change sigma with (St.sigma Z). ring.
    + intros i Hi. destruct (Nat.ltb_spec i rank) as [Hl|Hl].
      * unfold V. rewrite (proj2 (Nat.ltb_lt i rank) Hl). rewrite <- (proj2 (Hab i Hl)). unfold z. now rewrite Rx.
      * unfold V. rewrite (proj2 (Nat.ltb_ge i rank) Hl). rewrite <- Iv by easy.
        transitivity (z i t); [unfold z; now rewrite Rx|]. replace (v i 0) with (z i 0) by (unfold z; now rewrite Rx by lra).
        apply Hn.
        -- intros q Hq. eapply ext_all; [lra|now apply Hv0|]. intros. now apply Hv.
        -- intros q Hq. apply ext_der; [lra|]. eapply derive_eq; [apply Hv; easy || lra|].
           rewrite (diagonal_null Z), (Hd q) by (easy || lra). unfold m, z. rewrite !Rx by lra. unfold St.alignment, St.speed, x, z.
           change exponent with (1 - 2 / depth). change r with rank. change sigma with (St.sigma Z). ring.
    + unfold magnitude. rewrite <- Hm. unfold m. now rewrite Rx.
Qed.
End Start.

(* A flow of the statements: its start as one of section 3, and its closed form. *)
Section OfFlow.
Variables (Z : St.target) (depth : R) (u v : nat -> R -> R) (m : R -> R).
Hypothesis is_flow : St.flow Z depth u v m.

Definition start_of_flow : start :=
  start_of Z depth (fun i => u i 0) (fun i => v i 0) (m 0) (St.flow_depth _ _ _ _ _ is_flow)
    (St.flow_a_unit _ _ _ _ _ is_flow) (St.flow_b_unit _ _ _ _ _ is_flow)
    (St.flow_s_pos _ _ _ _ _ is_flow 0 (Rle_refl 0)).
#[local] Existing Instance start_of_flow.

Lemma flow_is_closed t : 0 <= t ->
  (forall i, (i < St.d_y Z)%nat ->
    u i t = if (i <? St.rank Z)%nat then a i (tau t) else u i 0 / sqrt (E (tau t))) /\
  (forall i, (i < St.d_x Z)%nat ->
    v i t = if (i <? St.rank Z)%nat then b i (tau t) else v i 0 / sqrt (E (tau t))) /\
  m t = s (tau t).
Proof using. intros Ht. now apply only. Qed.
Lemma flow_a t i : 0 <= t -> (i < r)%nat -> u i t = a i (tau t).
Proof using.
  intros Ht Hi. pose proof (St.rank_d_y Z). simpl in Hi.
  rewrite (proj1 (flow_is_closed t Ht)) by lia. now rewrite (proj2 (Nat.ltb_lt i (St.rank Z)) Hi).
Qed.
Lemma flow_b t i : 0 <= t -> (i < r)%nat -> v i t = b i (tau t).
Proof using.
  intros Ht Hi. pose proof (St.rank_d_x Z). simpl in Hi.
  rewrite (proj1 (proj2 (flow_is_closed t Ht))) by lia. now rewrite (proj2 (Nat.ltb_lt i (St.rank Z)) Hi).
Qed.
Lemma flow_a_null t i : 0 <= t -> (r <= i)%nat -> (i < St.d_y Z)%nat -> u i t = u i 0 / sqrt (E (tau t)).
Proof using.
  intros Ht Hr Hi. rewrite (proj1 (flow_is_closed t Ht)) by easy.
  now rewrite (proj2 (Nat.ltb_ge i (St.rank Z)) Hr).
Qed.
Lemma flow_b_null t i : 0 <= t -> (r <= i)%nat -> (i < St.d_x Z)%nat -> v i t = v i 0 / sqrt (E (tau t)).
Proof using.
  intros Ht Hr Hi. rewrite (proj1 (proj2 (flow_is_closed t Ht))) by easy.
  now rewrite (proj2 (Nat.ltb_ge i (St.rank Z)) Hr).
Qed.
Lemma flow_s t : 0 <= t -> m t = s (tau t).
Proof using. intros Ht. now apply flow_is_closed. Qed.
Lemma flow_c t : 0 <= t -> St.alignment Z u v t = c (tau t).
Proof using.
  intros Ht. rewrite c_sum. apply sum_ext. intros i Hi. now rewrite flow_a, flow_b.
Qed.
Lemma flow_speed t : 0 <= t -> St.speed depth m t = Rpower (s (tau t)) exponent.
Proof using. intros Ht. unfold St.speed. now rewrite flow_s. Qed.
Lemma flow_tau t : 0 <= t -> St.tau depth m t = tau t.
Proof using.
  intros Ht. unfold St.tau.
  rewrite (RInt_ext _ (fun x => Rpower (s (tau x)) exponent)).
  2:{ intros x Hx. rewrite Rmin_left, Rmax_right in Hx by easy. apply flow_speed. lra. }
  apply is_RInt_unique. replace (tau t) with (minus (tau t) (tau 0)).
  2:{ rewrite tau_0. unfold minus, plus, opp; simpl. ring. }
  apply (is_RInt_derive (V := R_CompleteNormedModule) tau).
  - intros x Hx. rewrite Rmin_left in Hx by easy. apply tau_der. lra.
  - intros x Hx. rewrite Rmin_left in Hx by easy. pose proof (tau_pos x ltac:(lra)) as Hp.
    apply (continuous_comp (fun x => s (tau x)) (fun z => Rpower z exponent)).
    + apply continuity_pt_filterlim, (continuity_pt_comp tau s).
      * eapply derive_continuous, tau_der. lra.
      * eapply derive_continuous, s_der, Hp.
    + apply (ex_derive_continuous (V := R_NormedModule)). pose proof (s_pos _ Hp). unfold Rpower.
      auto_derive. lra.
Qed.
(* The directions stay unit vectors. *)
Lemma E_split (w : R) : E w = / 2 * (sum (fun i => p i w ^ 2) r + sum (fun i => q i w ^ 2) r) + rho2.
Proof using.
  rewrite <- sum_plus, <- sum_scal. unfold E. f_equal. apply sum_ext. intros i _. unfold p, q.
  replace (2 * sigma i * w) with (sigma i * w + sigma i * w) by ring.
  replace (- 2 * sigma i * w) with (- sigma i * w + - sigma i * w) by ring. rewrite !exp_plus. field.
Qed.
Lemma p_minus_q w : sum (fun i => p i w ^ 2) r - sum (fun i => q i w ^ 2) r = sum (fun i => alpha i * beta i) r.
Proof using.
  replace (_ - _) with (sum (fun i => p i w ^ 2) r + - 1 * sum (fun i => q i w ^ 2) r) by ring.
  rewrite <- (sum_scal (- 1)), <- sum_plus. apply sum_ext. intros i _. unfold p, q.
  transitivity (alpha i * beta i * (exp (sigma i * w) * exp (- sigma i * w))); [field|].
  rewrite <- exp_plus. replace (_ + _) with 0 by ring. rewrite exp_0. ring.
Qed.
Let null_a := sum (fun i => u (r + i)%nat 0 ^ 2) (St.d_y Z - r).
Let null_b := sum (fun i => v (r + i)%nat 0 ^ 2) (St.d_x Z - r).
Lemma rho2_null : rho2 = / 2 * (null_a + null_b).
Proof using. reflexivity. Qed.
Lemma null_difference : null_a - null_b = - sum (fun i => alpha i * beta i) r.
Proof using.
  pose proof (St.flow_a_unit _ _ _ _ _ is_flow) as Hu. pose proof (St.flow_b_unit _ _ _ _ _ is_flow) as Hv.
  replace (St.d_y Z) with (r + (St.d_y Z - r))%nat in Hu by (pose proof (St.rank_d_y Z); simpl; lia).
  replace (St.d_x Z) with (r + (St.d_x Z - r))%nat in Hv by (pose proof (St.rank_d_x Z); simpl; lia).
  rewrite sum_split in Hu, Hv. fold null_a in Hu. fold null_b in Hv.
  rewrite <- (p_minus_q 0). rewrite (sum_ext (fun i => p i 0 ^ 2) (fun i => u i 0 ^ 2)).
  2:{ intros i _. unfold p. rewrite !Rmult_0_r, exp_0.
      change (alpha i) with (u i 0 + v i 0). change (beta i) with (u i 0 - v i 0). field. }
  rewrite (sum_ext (fun i => q i 0 ^ 2) (fun i => v i 0 ^ 2)).
  2:{ intros i _. unfold q. rewrite !Rmult_0_r, exp_0.
      change (alpha i) with (u i 0 + v i 0). change (beta i) with (u i 0 - v i 0). field. }
  lra.
Qed.
Lemma flow_a_norm t : 0 <= t -> sum (fun i => u i t ^ 2) (St.d_y Z) = 1.
Proof using null_a null_b.
  intros Ht. pose proof (E_pos (tau t)) as HE. pose proof (sqrt_E (tau t)) as Hq. pose proof (sqrt_E_pos (tau t)).
  replace (St.d_y Z) with (r + (St.d_y Z - r))%nat by (pose proof (St.rank_d_y Z); simpl; lia).
  rewrite sum_split.
  rewrite (sum_ext _ (fun i => / E (tau t) * p i (tau t) ^ 2)).
  2:{ intros i Hi. rewrite (flow_a t i Ht Hi). unfold a. replace (/ E (tau t)) with (/ (sqrt (E (tau t)) * sqrt (E (tau t)))) by now rewrite Hq.
      field. lra. }
  rewrite (sum_ext (fun i => u (r + i)%nat t ^ 2) (fun i => / E (tau t) * u (r + i)%nat 0 ^ 2)).
  2:{ intros i Hi. rewrite (flow_a_null t (r + i)%nat Ht) by lia.
      replace (/ E (tau t)) with (/ (sqrt (E (tau t)) * sqrt (E (tau t)))) by now rewrite Hq. field. lra. }
  rewrite !sum_scal. fold null_a. pose proof null_difference. pose proof rho2_null. pose proof (p_minus_q (tau t)).
  pose proof (E_split (tau t)). rewrite <- Rmult_plus_distr_l. apply (Rmult_eq_reg_l (E (tau t))); [|lra].
  rewrite <- Rmult_assoc, Rinv_r by lra. lra.
Qed.
Lemma flow_b_norm t : 0 <= t -> sum (fun i => v i t ^ 2) (St.d_x Z) = 1.
Proof using null_a null_b.
  intros Ht. pose proof (E_pos (tau t)) as HE. pose proof (sqrt_E (tau t)) as Hq. pose proof (sqrt_E_pos (tau t)).
  replace (St.d_x Z) with (r + (St.d_x Z - r))%nat by (pose proof (St.rank_d_x Z); simpl; lia).
  rewrite sum_split.
  rewrite (sum_ext _ (fun i => / E (tau t) * q i (tau t) ^ 2)).
  2:{ intros i Hi. rewrite (flow_b t i Ht Hi). unfold b. replace (/ E (tau t)) with (/ (sqrt (E (tau t)) * sqrt (E (tau t)))) by now rewrite Hq.
      field. lra. }
  rewrite (sum_ext (fun i => v (r + i)%nat t ^ 2) (fun i => / E (tau t) * v (r + i)%nat 0 ^ 2)).
  2:{ intros i Hi. rewrite (flow_b_null t (r + i)%nat Ht) by lia.
      replace (/ E (tau t)) with (/ (sqrt (E (tau t)) * sqrt (E (tau t)))) by now rewrite Hq. field. lra. }
  rewrite !sum_scal. fold null_b. pose proof null_difference. pose proof rho2_null. pose proof (p_minus_q (tau t)).
  pose proof (E_split (tau t)). rewrite <- Rmult_plus_distr_l. apply (Rmult_eq_reg_l (E (tau t))); [|lra].
  rewrite <- Rmult_assoc, Rinv_r by lra. lra.
Qed.
Lemma flow_a_le t i : 0 <= t -> (i < St.d_y Z)%nat -> - 1 <= u i t <= 1.
Proof using null_a null_b.
  intros Ht Hi. assert (H : u i t ^ 2 <= 1); [|split; nra].
  rewrite <- (flow_a_norm t Ht). apply (sum_term (fun i => u i t ^ 2)); [easy|]. intros; apply pow2_ge_0.
Qed.
Lemma flow_b_le t i : 0 <= t -> (i < St.d_x Z)%nat -> - 1 <= v i t <= 1.
Proof using null_a null_b.
  intros Ht Hi. assert (H : v i t ^ 2 <= 1); [|split; nra].
  rewrite <- (flow_b_norm t Ht). apply (sum_term (fun i => v i t ^ 2)); [easy|]. intros; apply pow2_ge_0.
Qed.
(* Limits in the rescaled time are limits in time. *)
Lemma flow_lim (f g : R -> R) (l : Rbar) : (forall t, 0 <= t -> f t = g (tau t)) ->
  is_lim g p_infty l -> is_lim f p_infty l.
Proof using.
  intros H Hg. apply is_lim_ext_loc with (fun t => g (tau t)); [|now apply in_time].
  exists 0. intros t Ht. symmetry. apply H. lra.
Qed.
End OfFlow.
