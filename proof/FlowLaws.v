(* Section 5 on the flow: gap, weights, shift and distances of the statements are those of Laws.v. *)
Require Import Reals Lra Lia Psatz.
From Coquelicot Require Import Coquelicot.
From OneNeuron Require Statements.
From OneNeuron Require Import Calculus Matrices ClosedForm Time Limits Rates Laws Flow.
Open Scope R_scope.

Section FlowLaws.
Variables (Z : St.target) (depth : R) (u v : nat -> R -> R) (m : R -> R).
Hypothesis is_flow : St.flow Z depth u v m.
#[local] Instance given : start := start_of_flow Z depth u v m is_flow.
Variable k : R.
Hypothesis k_limit : St.limit_value Z u v k.
Let k_leads : limit_value k := k_limit.
Notation direction i := (St.group Z u v k i / St.A Z u v k).

Lemma group_leading i : (i < r)%nat -> St.group Z u v k i = leading k i.
Proof using. intros Hi. unfold St.group. now rewrite (proj2 (Nat.ltb_lt i (St.rank Z)) Hi). Qed.
Lemma group_null i : (r <= i)%nat -> St.group Z u v k i = 0.
Proof using. intros Hi. unfold St.group. now rewrite (proj2 (Nat.ltb_ge i (St.rank Z)) Hi). Qed.
Lemma group_squares : sum (fun i => St.group Z u v k i ^ 2) r = A_squared k.
Proof using. apply sum_ext. intros i Hi. now rewrite group_leading. Qed.
Lemma A_given : St.A Z u v k = sqrt (A_squared k).
Proof using. unfold St.A. f_equal. exact group_squares. Qed.
Lemma gap_given g : St.gap Z u v k g -> gap k g.
Proof using. intros [H1 H2 H3 H4]. now split. Qed.
Lemma Q_given g : St.Q Z u v k g = Q k g.
Proof using. unfold St.Q. unfold Q. rewrite <- group_squares. reflexivity. Qed.

Lemma direction_unit n : (r <= n)%nat -> sum (fun i => direction i ^ 2) n = 1.
Proof using k_leads.
  intros Hn. pose proof (A_squared_pos k k_leads) as HA. pose proof (A_pos k k_leads) as HA1.
  pose proof (A_square k k_leads) as HAA.
  replace n with (r + (n - r))%nat by lia. rewrite sum_split, (sum_zero (fun i => direction (r + i)%nat ^ 2)).
  - rewrite (sum_ext _ (fun i => / A_squared k * St.group Z u v k i ^ 2)).
    + rewrite sum_scal, group_squares. field. lra.
    + intros i _. rewrite A_given. replace (/ A_squared k) with (/ (sqrt (A_squared k) * sqrt (A_squared k))).
      * field. lra.
      * f_equal. exact HAA.
  - intros i _. rewrite group_null by lia. unfold Rdiv. ring.
Qed.
Lemma cos_a_given t : 0 <= t -> sum (fun i => u i t * direction i) (St.d_y Z) = cos_a k (tau t).
Proof using.
  intros Ht. pose proof (St.rank_d_y Z) as Hr. replace (St.d_y Z) with (r + (St.d_y Z - r))%nat by (simpl; lia).
  rewrite sum_split, (sum_zero (fun i => u (r + i)%nat t * direction (r + i)%nat)).
  - rewrite Rplus_0_r. apply sum_ext. intros i Hi. rewrite A_given, group_leading by easy. f_equal.
    exact (flow_a Z depth u v m is_flow t i Ht Hi).
  - intros i _. rewrite group_null by lia. unfold Rdiv. ring.
Qed.
Lemma cos_b_given t : 0 <= t -> sum (fun i => v i t * direction i) (St.d_x Z) = cos_b k (tau t).
Proof using.
  intros Ht. pose proof (St.rank_d_x Z) as Hr. replace (St.d_x Z) with (r + (St.d_x Z - r))%nat by (simpl; lia).
  rewrite sum_split, (sum_zero (fun i => v (r + i)%nat t * direction (r + i)%nat)).
  - rewrite Rplus_0_r. apply sum_ext. intros i Hi. rewrite A_given, group_leading by easy. f_equal.
    exact (flow_b Z depth u v m is_flow t i Ht Hi).
  - intros i _. rewrite group_null by lia. unfold Rdiv. ring.
Qed.
Lemma a_distance t : 0 <= t ->
  sum (fun i => (u i t - direction i) ^ 2) (St.d_y Z) = 2 - 2 * cos_a k (tau t).
Proof using k_leads.
  intros Ht. rewrite <- cos_a_given by easy. apply (vector_distance (fun i => u i t)).
  - now apply (flow_a_norm Z depth u v m is_flow).
  - apply direction_unit, St.rank_d_y.
Qed.
Lemma b_distance t : 0 <= t ->
  sum (fun i => (v i t - direction i) ^ 2) (St.d_x Z) = 2 - 2 * cos_b k (tau t).
Proof using k_leads.
  intros Ht. rewrite <- cos_b_given by easy. apply (vector_distance (fun i => v i t)).
  - now apply (flow_b_norm Z depth u v m is_flow).
  - apply direction_unit, St.rank_d_x.
Qed.
Lemma time_nonneg x : 0 <= x -> 0 <= time x.
Proof using.
  intros Hx. rewrite <- time_0. apply (increasing_closed time pace); [easy|intros; apply time_der|].
  intros z _. pose proof (pace_ge z). pose proof pace_min_pos. lra.
Qed.
Lemma cos_a_le x : 0 <= x -> cos_a k x <= 1.
Proof using k_leads.
  intros Hx. rewrite <- (tau_time x). pose proof (a_distance (time x) (time_nonneg x Hx)) as H.
  assert (0 <= sum (fun i => (u i (time x) - direction i) ^ 2) (St.d_y Z)) by (apply sum_nonneg; intros; apply pow2_ge_0).
  lra.
Qed.
Lemma cos_b_le x : 0 <= x -> cos_b k x <= 1.
Proof using k_leads.
  intros Hx. rewrite <- (tau_time x). pose proof (b_distance (time x) (time_nonneg x Hx)) as H.
  assert (0 <= sum (fun i => (v i (time x) - direction i) ^ 2) (St.d_x Z)) by (apply sum_nonneg; intros; apply pow2_ge_0).
  lra.
Qed.
Lemma directions_given t : 0 <= t ->
  St.directions_distance Z u v k t = sqrt (2 * (2 - (cos_a k (tau t) + cos_b k (tau t)))).
Proof using k_leads.
  intros Ht. unfold St.directions_distance. f_equal. rewrite a_distance, b_distance by easy. ring.
Qed.
Lemma distance_given t : 0 <= t -> St.distance Z u v m k t = sqrt (distance2 k (tau t)).
Proof using k_leads.
  intros Ht. unfold St.distance, distance2. f_equal. rewrite <- cos_a_given, <- cos_b_given by easy.
  assert (Hs : m t = s (tau t)) by exact (flow_s Z depth u v m is_flow t Ht). rewrite <- Hs. unfold St.end_to_end, St.limit_entry.
  apply rank_one_distance.
  - now apply (flow_a_norm Z depth u v m is_flow).
  - apply direction_unit, St.rank_d_y.
  - now apply (flow_b_norm Z depth u v m is_flow).
  - apply direction_unit, St.rank_d_x.
Qed.

Lemma shift_given theta : St.is_shift Z depth u v m k theta <->
  is_lim (fun x => RInt (fun z => 1 - nu k * pace z) 0 x) p_infty theta.
Proof using.
  assert (H : forall x, 0 < x -> RInt (fun z => 1 - nu k * pace z) 0 x =
    RInt (fun z => 1 - St.nu depth k * Rpower (St.y Z depth u v m z) (1 - 2 / depth)) 0 x).
  { intros x Hx. apply RInt_ext. intros z Hz. rewrite Rmin_left in Hz by lra. unfold pace.
    now rewrite Rmax_right by lra. }
  split; intros Hl; (eapply is_lim_ext_loc; [|exact Hl]); exists 0; intros x Hx; cbv beta.
  - symmetry. now apply H.
  - now apply H.
Qed.
Lemma free_given I : St.is_free_integral Z depth u v k I <-> is_free_integral k I.
Proof using.
  unfold St.is_free_integral, St.is_improper_integral, is_free_integral. rewrite A_given. reflexivity.
Qed.
Lemma H_given I : St.H Z depth u v m k I = H_free k I.
Proof using. unfold St.H. rewrite A_given. reflexivity. Qed.

(* A law in tau, as one of the flow in t. *)
Section InTime.
Variable theta : R.
Hypothesis is_shift : St.is_shift Z depth u v m k theta.
Lemma law_of_flow (f h : R -> R) (rate l : R) : (forall t, 0 <= t -> f t = h (tau t)) ->
  is_lim (fun x => h x * exp (rate * x)) p_infty l ->
  is_lim (fun t => f t * exp (rate * St.nu depth k * t)) p_infty (l * exp (- rate * theta)).
Proof using is_shift.
  intros Hf Hh. pose proof (law_in_time k theta (proj1 (shift_given theta) is_shift) h rate l Hh) as H.
  eapply is_lim_ext_loc; [|exact H]. exists 0. intros t Ht. cbv beta. rewrite Hf by lra. reflexivity.
Qed.
End InTime.
End FlowLaws.
