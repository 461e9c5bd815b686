(* Weight decay, section 2: two layers. The directions are those without decay, and the magnitude solves
   the linear equation of section 3.2 of the theory with the alignment lowered by the decay. *)
Require Import Reals Lra Lia Psatz.
From Coquelicot Require Import Coquelicot.
From OneNeuron Require StatementsDecay Theorems.
From OneNeuron Require Import Calculus Linear Matrices ClosedForm Uniqueness Time Limits Rates Flow FlowLaws.
Module Sd := StatementsDecay.
Open Scope R_scope.

(* In the rescaled time, which is time. *)
Section Lowered.
Context {X : start}.
Variables mu size : R.
Hypothesis size_pos : 0 < size.

Definition E_hat x := E x * exp (- 2 * mu * x).
Definition y_hat x := (/ size + 2 * RInt E_hat 0 x) / E_hat x.
Lemma E_hat_pos x : 0 < E_hat x.
Proof using. apply Rmult_lt_0_compat; [apply E_pos|apply exp_pos]. Qed.
Lemma E_hat_der x : is_derive E_hat x (2 * (c x - mu) * E_hat x).
Proof using.
  pose proof (E_pos x) as HE. unfold E_hat. eapply derive_eq.
  - apply (is_derive_mult E (fun x => exp (- 2 * mu * x))); [apply E_der| |apply Rmult_comm].
    auto_derive; [easy|reflexivity].
  - unfold plus, mult; simpl. unfold c. field. lra.
Qed.
Lemma E_hat_cont x : continuous E_hat x.
Proof using. apply (ex_derive_continuous (V := R_NormedModule)). eexists. apply E_hat_der. Qed.
Lemma E_hat_RInt x z : ex_RInt E_hat x z.
Proof using. apply (ex_RInt_continuous (V := R_CompleteNormedModule)). intros. apply E_hat_cont. Qed.
Lemma E_hat_0 : E_hat 0 = 1.
Proof using. unfold E_hat. rewrite E_0, Rmult_0_r, exp_0. ring. Qed.
Lemma E_hat_int x : is_derive (fun x => RInt E_hat 0 x) x (E_hat x).
Proof using.
  apply (is_derive_RInt (V := R_NormedModule) E_hat _ 0); [|apply E_hat_cont].
  apply filter_forall. intros z. apply (RInt_correct (V := R_CompleteNormedModule)), E_hat_RInt.
Qed.
Lemma y_hat_der x : is_derive y_hat x (2 * (1 - (c x - mu) * y_hat x)).
Proof using size_pos.
  pose proof (E_hat_pos x) as HE. unfold y_hat. eapply derive_eq.
  - apply is_derive_div; [|apply E_hat_der|lra].
    apply (is_derive_plus (V := R_NormedModule)); [apply (is_derive_const (V := R_NormedModule))|].
    apply is_derive_scal, E_hat_int.
  - rewrite plus_zero_l. field. lra.
Qed.
Lemma y_hat_pos x : 0 <= x -> 0 < y_hat x.
Proof using size_pos.
  intros Hx. apply Rdiv_lt_0_compat; [|apply E_hat_pos].
  assert (HI : 0 <= RInt E_hat 0 x).
  { apply RInt_ge_0; [easy|apply E_hat_RInt|]. intros; left; apply E_hat_pos. }
  pose proof (Rinv_0_lt_compat _ size_pos). lra.
Qed.
Lemma y_hat_0 : y_hat 0 = / size.
Proof using size_pos. unfold y_hat. rewrite RInt_point, E_hat_0. unfold zero; simpl. field. lra. Qed.
Lemma y_hat_lim k : limit_value k -> mu < k -> is_lim y_hat p_infty (/ (k - mu)).
Proof using size_pos.
  intros Hk Hm. apply (lin_lim 2 (k - mu) (fun x => c x - mu)); [lra|lra|exact y_hat_pos| |].
  - intros x _. apply y_hat_der.
  - apply is_lim_minus'; [now apply c_lim|apply is_lim_const].
Qed.
Lemma y_hat_grows : (forall x, c x <= mu) -> is_lim y_hat p_infty p_infty.
Proof using size_pos.
  intros Hc. apply (is_lim_le_p_loc (fun x => / size + 2 * x)); [|apply lim_line; lra].
  exists 0. intros x Hx. rewrite <- y_hat_0. cut (y_hat 0 - 2 * 0 <= y_hat x - 2 * x); [lra|].
  apply (increasing_closed (fun x => y_hat x - 2 * x) (fun x => 2 * (1 - (c x - mu) * y_hat x) - 2)); [lra| |]; intros z Hz.
  - apply (is_derive_minus (V := R_NormedModule)); [apply y_hat_der|auto_derive; [easy|ring]].
  - replace (_ - 2) with (2 * ((mu - c z) * y_hat z)) by ring.
    pose proof (Hc z). pose proof (y_hat_pos z ltac:(lra)). apply Rmult_le_pos; [lra|]. apply Rmult_le_pos; lra.
Qed.
Lemma s_hat_lim k : limit_value k -> is_lim (fun x => / y_hat x) p_infty (Rmax 0 (k - mu)).
Proof using size_pos.
  intros Hk. destruct (Rlt_dec mu k) as [Hm|Hm].
  - rewrite Rmax_right by lra. pose proof (y_hat_lim k Hk Hm) as Hy. eapply lim_eq; [apply (is_lim_inv _ p_infty _ Hy)|].
    + intros He. injection He. pose proof (Rinv_0_lt_compat (k - mu) ltac:(lra)). lra.
    + simpl. field. lra.
  - rewrite Rmax_left by lra. apply (is_lim_inv y_hat p_infty p_infty); [|easy].
    apply y_hat_grows. intros x. pose proof (c_le k Hk x). lra.
Qed.
Lemma s_hat_lim_0 : 0 <= mu -> (forall i, (i < r)%nat -> alpha i = 0) -> is_lim (fun x => / y_hat x) p_infty 0.
Proof using size_pos.
  intros Hm Hn. apply (is_lim_inv y_hat p_infty p_infty); [|easy].
  apply y_hat_grows. intros x. pose proof (c_neg Hn x). lra.
Qed.
End Lowered.

Lemma power_2 x : 0 < x -> Rpower x (2 - 2 / 2) = x.
Proof using. intros Hx. replace (2 - 2 / 2) with 1 by field. now apply Rpower_1. Qed.
(* A flow with decay is one without, with another magnitude in place of its own. *)
Section OfDecay.
Variables (Z : St.target) (mu : R) (u v : nat -> R -> R) (m : R -> R).
Hypothesis is_flow : Sd.decay_flow Z 2 mu u v m.
Let alignment t := St.alignment Z u v (Rmax 0 t).
Lemma alignment_cont t : continuous alignment t.
Proof using is_flow.
  apply continuity_pt_filterlim. unfold alignment, St.alignment.
  apply (sum_cont (fun i t => St.sigma Z i * u i (Rmax 0 t) * v i (Rmax 0 t))). intros i Hi.
  pose proof (St.rank_d_y Z). pose proof (St.rank_d_x Z).
  apply continuity_pt_mult; [apply continuity_pt_scal|].
  - eapply ext_everywhere; [apply (Sd.decay_a_0 _ _ _ _ _ _ is_flow); lia|].
    intros x Hx. apply (Sd.decay_a _ _ _ _ _ _ is_flow); [lia|easy].
  - eapply ext_everywhere; [apply (Sd.decay_b_0 _ _ _ _ _ _ is_flow); lia|].
    intros x Hx. apply (Sd.decay_b _ _ _ _ _ _ is_flow); [lia|easy].
Qed.
Let growth t := exp (2 * RInt alignment 0 t).
Lemma growth_der t : is_derive growth t (2 * alignment t * growth t).
Proof using is_flow.
  unfold growth. eapply derive_eq.
  - apply (is_derive_comp exp (fun t => 2 * RInt alignment 0 t)).
    + apply is_derive_Reals, derivable_pt_lim_exp.
    + apply is_derive_scal. apply (is_derive_RInt (V := R_NormedModule) alignment _ 0); [|apply alignment_cont].
      apply filter_forall. intros z. apply (RInt_correct (V := R_CompleteNormedModule)).
      apply (ex_RInt_continuous (V := R_CompleteNormedModule)). intros; apply alignment_cont.
  - unfold scal; simpl; unfold mult; simpl. ring.
Qed.
Lemma growth_cont t : continuous growth t.
Proof using is_flow. apply (ex_derive_continuous (V := R_NormedModule)). eexists. apply growth_der. Qed.
Lemma growth_RInt x z : ex_RInt growth x z.
Proof using is_flow. apply (ex_RInt_continuous (V := R_CompleteNormedModule)). intros. apply growth_cont. Qed.
Definition undecayed t := growth t / (/ m 0 + 2 * RInt growth 0 t).
Lemma m_0_pos : 0 < m 0.
Proof using is_flow. apply (Sd.decay_s_pos _ _ _ _ _ _ is_flow). lra. Qed.
Lemma denominator_pos t : 0 <= t -> 0 < / m 0 + 2 * RInt growth 0 t.
Proof using is_flow.
  intros Ht. pose proof (Rinv_0_lt_compat _ m_0_pos).
  assert (HI : 0 <= RInt growth 0 t); [|lra].
  apply RInt_ge_0; [easy|apply growth_RInt|]. intros; left; apply exp_pos.
Qed.
Lemma undecayed_pos t : 0 <= t -> 0 < undecayed t.
Proof using is_flow. intros Ht. apply Rdiv_lt_0_compat; [apply exp_pos|now apply denominator_pos]. Qed.
Lemma undecayed_der t : 0 <= t -> is_derive undecayed t (2 * undecayed t * (alignment t - undecayed t)).
Proof using is_flow.
  intros Ht. pose proof (denominator_pos t Ht) as Hd. unfold undecayed. eapply derive_eq.
  - apply is_derive_div; [apply growth_der| |lra].
    apply (is_derive_plus (V := R_NormedModule)); [apply (is_derive_const (V := R_NormedModule))|].
    apply is_derive_scal. apply (is_derive_RInt (V := R_NormedModule) growth _ 0); [|apply growth_cont].
    apply filter_forall. intros z. apply (RInt_correct (V := R_CompleteNormedModule)), growth_RInt.
  - rewrite plus_zero_l. set (d := / m 0 + 2 * RInt growth 0 t) in *. field. lra.
Qed.
Lemma undecayed_0 : undecayed 0 = m 0.
Proof using is_flow.
  pose proof m_0_pos. unfold undecayed, growth. rewrite !RInt_point. unfold zero; simpl.
  rewrite Rmult_0_r, exp_0. field. lra.
Qed.
Lemma flow_without_decay : St.flow Z 2 u v undecayed.
Proof using is_flow.
  split.
  - lra.
  - apply (Sd.decay_a_unit _ _ _ _ _ _ is_flow).
  - apply (Sd.decay_b_unit _ _ _ _ _ _ is_flow).
  - exact undecayed_pos.
  - apply (Sd.decay_a_0 _ _ _ _ _ _ is_flow).
  - apply (Sd.decay_b_0 _ _ _ _ _ _ is_flow).
  - eapply right_cont, undecayed_der. lra.
  - intros i t Hi Ht. pose proof (Sd.decay_a _ _ _ _ _ _ is_flow i t Hi Ht) as Hd.
    unfold St.speed in *. rewrite speed_2 in Hd |- *. exact Hd.
  - intros i t Hi Ht. pose proof (Sd.decay_b _ _ _ _ _ _ is_flow i t Hi Ht) as Hd.
    unfold St.speed in *. rewrite speed_2 in Hd |- *. exact Hd.
  - intros t Ht. rewrite power_2 by (apply undecayed_pos; lra). eapply derive_eq; [apply undecayed_der; lra|].
    unfold alignment. now rewrite Rmax_right by lra.
Qed.
#[local] Instance undecayed_start : start := given Z 2 u v undecayed flow_without_decay.
Lemma decayed_magnitude t : 0 <= t -> / m t = y_hat mu (m 0) t.
Proof using is_flow.
  intros Ht. set (f := fun t => E_hat mu t / m (Rmax 0 t) - 2 * RInt (E_hat mu) 0 t).
  assert (Hm : forall t, 0 < m (Rmax 0 t)).
  { intros x. apply (Sd.decay_s_pos _ _ _ _ _ _ is_flow). apply Rmax_l. }
  assert (H : f t = f 0).
  { apply (constant_on f); [easy| |].
    - intros x Hx. pose proof (Hm x) as Hp. rewrite Rmax_right in Hp by lra.
      assert (Hd : is_derive (fun t => m (Rmax 0 t)) x (2 * m x * (c x - m x) - 2 * mu * m x)).
      { apply ext_der; [lra|]. eapply derive_eq; [apply (Sd.decay_s _ _ _ _ _ _ is_flow); lra|].
        rewrite power_2 by easy. rewrite (flow_c Z 2 u v undecayed flow_without_decay x) by lra.
        rewrite <- (flow_tau Z 2 u v undecayed flow_without_decay), tau_is_time by lra. reflexivity. }
      unfold f. eapply derive_eq.
      + apply (is_derive_minus (V := R_NormedModule)).
        * apply is_derive_div; [apply E_hat_der|exact Hd|]. rewrite Rmax_right by lra. lra.
        * apply is_derive_scal, E_hat_int.
      + unfold minus, plus, opp; simpl. rewrite Rmax_right by lra. field. lra.
    - intros x Hx. apply continuity_pt_minus.
      + apply continuity_pt_div.
        * eapply derive_continuous, E_hat_der.
        * eapply ext_everywhere; [apply (Sd.decay_s_0 _ _ _ _ _ _ is_flow)|].
          intros z Hz. now apply (Sd.decay_s _ _ _ _ _ _ is_flow).
        * pose proof (Hm x). lra.
      + apply continuity_pt_scal. eapply derive_continuous, E_hat_int. }
  unfold f in H. rewrite Rmax_right, Rmax_left in H by lra. rewrite E_hat_0, RInt_point in H. unfold zero in H; simpl in H.
  pose proof (E_hat_pos mu t) as HE. pose proof m_0_pos. pose proof (Hm t) as Hp. rewrite Rmax_right in Hp by easy.
  unfold y_hat. replace (/ m 0 + 2 * RInt (E_hat mu) 0 t) with (E_hat mu t / m t) by (unfold Rdiv in *; lra).
  field. lra.
Qed.
End OfDecay.
