(* Weight decay, section 3: the stationary points of one mode. *)
Require Import Reals Ranalysis5 Lra Lia Psatz.
From Coquelicot Require Import Coquelicot.
From OneNeuron Require Import StatementsDecay Calculus.
Open Scope R_scope.

Lemma power_less x z e : 0 < e -> 0 < x < z -> Rpower x e < Rpower z e.
Proof using. intros He Hx. unfold Rpower. apply exp_increasing, Rmult_lt_compat_l; [easy|]. now apply ln_increasing. Qed.
Lemma power_less_iff x z e : 0 < e -> 0 < x -> 0 < z -> (Rpower x e < Rpower z e <-> x < z).
Proof using.
  intros He Hx Hz. split; intros H; [|now apply power_less].
  destruct (Rtotal_order x z) as [Hl|[->|Hg]]; [easy|lra|].
  pose proof (power_less z x e He ltac:(lra)). lra.
Qed.
Lemma power_power x e d : e * d = 1 -> 0 < x -> Rpower (Rpower x e) d = x.
Proof using. intros He Hx. rewrite Rpower_mult, He. now apply Rpower_1. Qed.

Section Thresholds.
Variables (N mu : R).
Hypothesis N_2 : 2 < N.
Hypothesis mu_pos : 0 < mu.
Notation f := (f N mu).
Notation s_c := (s_c N mu).
Notation s_g := (s_g N mu).
Notation e := (1 - 2 / N).
Notation sigma_c := (sigma_c N mu).
Notation sigma_g := (sigma_g N mu).

Lemma e_range : 0 < e < 1.
Proof using N_2.
  assert (H : 0 < 2 / N < 1); [|lra]. split; [apply Rdiv_lt_0_compat; lra|].
  apply (Rmult_lt_reg_r N); [lra|]. unfold Rdiv. rewrite Rmult_assoc, Rinv_l; lra.
Qed.
Lemma root : N / (2 * N - 2) * (e + 1) = 1.
Proof using N_2. field. lra. Qed.
Lemma s_c_pos : 0 < s_c. Proof using. apply exp_pos. Qed.
Lemma s_g_pos : 0 < s_g. Proof using. apply exp_pos. Qed.
Lemma e_mu : (N - 2) / N * mu = e * mu.
Proof using N_2. field. lra. Qed.
Lemma s_c_power : Rpower s_c (e + 1) = e * mu.
Proof using N_2 mu_pos.
  unfold StatementsDecay.s_c. rewrite e_mu. apply power_power; [exact root|]. pose proof e_range.
  apply Rmult_lt_0_compat; lra.
Qed.
Lemma s_g_power : Rpower s_g (e + 1) = (N - 2) * mu.
Proof using N_2 mu_pos. apply power_power; [exact root|]. apply Rmult_lt_0_compat; lra. Qed.
Lemma c_less_g : s_c < s_g.
Proof using N_2 mu_pos.
  pose proof e_range as He. apply (power_less_iff s_c s_g (e + 1)); [lra|exact s_c_pos|exact s_g_pos|].
  rewrite s_c_power, s_g_power. apply Rmult_lt_compat_r; [easy|]. replace (N - 2) with (N * e) by (field; lra). nra.
Qed.
(* s^(-e) by the power of the threshold *)
Lemma inverse_power s : 0 < s -> Rpower s (- e) = s * / Rpower s (e + 1).
Proof using.
  intros Hs. rewrite Rpower_plus, Rpower_Ropp, Rpower_1 by easy. pose proof (exp_pos (e * ln s)) as Hp.
  fold (Rpower s e) in Hp. field. lra.
Qed.

Lemma f_der s : 0 < s -> derivable_pt_lim f s (1 - e * mu / Rpower s (e + 1)).
Proof using N_2.
  intros Hs. apply is_derive_Reals. unfold StatementsDecay.f, Rpower at 1. auto_derive; [easy|].
  fold (Rpower s (- e)). rewrite inverse_power by easy.
  assert (Hp : 0 < Rpower s (e + 1)) by apply exp_pos. unfold Rminus at 1. field. lra.
Qed.
Lemma f_cont s : 0 < s -> continuity_pt f s.
Proof using N_2. intros Hs. apply derivable_continuous_pt. eexists. apply (f_der s Hs). Qed.
Lemma f_up x z : s_c <= x < z -> f x < f z.
Proof using N_2 mu_pos.
  intros [H1 H2]. pose proof s_c_pos as Hc. pose proof e_range as He.
  destruct (MVT_cor2 f (fun s => 1 - e * mu / Rpower s (e + 1)) x z H2) as [w [Hw Hr]].
  { intros s Hs. apply f_der. lra. }
  assert (Hp : Rpower s_c (e + 1) < Rpower w (e + 1)) by (apply power_less; lra). rewrite s_c_power in Hp.
  assert (H0 : 0 < e * mu) by (apply Rmult_lt_0_compat; lra).
  assert (Hq : e * mu / Rpower w (e + 1) < 1).
  { apply (Rmult_lt_reg_r (Rpower w (e + 1))); [lra|]. unfold Rdiv. rewrite Rmult_assoc, Rinv_l; lra. }
  cut (0 < f z - f x); [lra|]. rewrite Hw. apply Rmult_lt_0_compat; lra.
Qed.
Lemma f_down x z : 0 < x < z -> z <= s_c -> f z < f x.
Proof using N_2 mu_pos.
  intros H1 H2. pose proof e_range as He.
  destruct (MVT_cor2 f (fun s => 1 - e * mu / Rpower s (e + 1)) x z ltac:(lra)) as [w [Hw Hr]].
  { intros s Hs. apply f_der. lra. }
  assert (Hp : Rpower w (e + 1) < Rpower s_c (e + 1)) by (apply power_less; lra). rewrite s_c_power in Hp.
  assert (H0 : 0 < Rpower w (e + 1)) by apply exp_pos.
  assert (Hq : 1 < e * mu / Rpower w (e + 1)).
  { apply (Rmult_lt_reg_r (Rpower w (e + 1))); [lra|]. unfold Rdiv. rewrite Rmult_assoc, Rinv_l; lra. }
  cut (0 < f x - f z); [lra|]. replace (f x - f z) with (- (f z - f x)) by ring. rewrite Hw.
  replace (- _) with ((e * mu / Rpower w (e + 1) - 1) * (z - x)) by ring. apply Rmult_lt_0_compat; lra.
Qed.

Lemma f_c : f s_c = sigma_c.
Proof using N_2 mu_pos.
  pose proof e_range as He. unfold StatementsDecay.f. rewrite inverse_power, s_c_power by exact s_c_pos.
  unfold StatementsDecay.sigma_c. field. lra.
Qed.
Lemma f_g : f s_g = sigma_g.
Proof using N_2 mu_pos.
  unfold StatementsDecay.f. rewrite inverse_power, s_g_power by exact s_g_pos.
  unfold StatementsDecay.sigma_g. field. lra.
Qed.
Lemma f_least s : 0 < s -> s <> s_c -> sigma_c < f s.
Proof using N_2 mu_pos.
  intros Hs Hn. rewrite <- f_c. destruct (Rtotal_order s s_c) as [Hl|[He|Hg]]; [now apply f_down; lra|easy|].
  apply f_up. lra.
Qed.

Lemma crossing sigma : sigma_c < sigma ->
  exists s_minus s_plus, 0 < s_minus < s_c /\ s_c < s_plus /\ f s_minus = sigma /\ f s_plus = sigma.
Proof using N_2 mu_pos.
  intros Hsigma. pose proof s_c_pos as Hc. pose proof e_range as He. pose proof f_c as Hf.
  assert (Hc0 : s_c < sigma_c).
  { rewrite <- Hf. unfold StatementsDecay.f. pose proof (exp_pos (- e * ln s_c)) as Hp. fold (Rpower s_c (- e)) in Hp.
    assert (0 < mu * Rpower s_c (- e)) by (apply Rmult_lt_0_compat; easy). lra. }
  set (x := Rmin (s_c / 2) (Rpower (mu / sigma) (/ e))).
  assert (Hx0 : 0 < x) by (apply Rmin_glb_lt; [lra|apply exp_pos]).
  assert (Hx1 : x <= s_c / 2) by apply Rmin_l.
  assert (Hx2 : x <= Rpower (mu / sigma) (/ e)) by apply Rmin_r.
  assert (Hx : sigma < f x).
  { assert (Hq : 0 < mu / sigma) by (apply Rdiv_lt_0_compat; lra).
    assert (Hp : Rpower x e <= mu / sigma).
    { rewrite <- (power_power (mu / sigma) (/ e) e) by (try easy; field; lra). apply Rle_Rpower_l; lra. }
    assert (H0 : 0 < Rpower x e) by apply exp_pos.
    unfold StatementsDecay.f. rewrite Rpower_Ropp.
    assert (Hm : sigma <= mu * / Rpower x e); [|lra].
    apply (Rmult_le_reg_r (Rpower x e)); [easy|]. rewrite Rmult_assoc, Rinv_l, Rmult_1_r by lra.
    apply Rle_trans with (sigma * (mu / sigma)); [apply Rmult_le_compat_l; lra|]. right. field. lra. }
  destruct (IVT_interv (fun s => sigma - f s) x s_c) as [s_minus [H1 H2]].
  { intros s Hs. apply continuity_pt_minus; [now apply continuity_pt_const|]. apply f_cont. lra. }
  { lra. } { lra. } { lra. }
  destruct (IVT_interv (fun s => f s - sigma) s_c sigma) as [s_plus [H3 H4]].
  { intros s Hs. apply continuity_pt_minus; [|now apply continuity_pt_const]. apply f_cont. lra. }
  { lra. } { lra. }
  { unfold StatementsDecay.f. pose proof (exp_pos (- e * ln sigma)) as Hp. fold (Rpower sigma (- e)) in Hp.
    assert (0 < mu * Rpower sigma (- e)) by (apply Rmult_lt_0_compat; easy). lra. }
  exists s_minus, s_plus.
  assert (s_minus <> s_c) by (intros ->; lra). assert (s_plus <> s_c) by (intros ->; lra).
  repeat split; lra.
Qed.

Lemma loss_at_rest s : 0 < s ->
  mode_loss N mu (f s) s = / 2 * Rpower s (2 / N) * ((N - 2) * mu - Rpower s (e + 1)).
Proof using N_2.
  intros Hs. unfold mode_loss, StatementsDecay.f.
  assert (H1 : s * Rpower s (- e) = Rpower s (2 / N)).
  { rewrite <- (Rpower_1 s) at 1 by easy. rewrite <- Rpower_plus. f_equal. ring. }
  assert (H2 : Rpower s (2 / N) * Rpower s (e + 1) = s ^ 2).
  { rewrite <- Rpower_plus. replace (2 / N + (e + 1)) with (INR 2) by (simpl; ring). now rewrite Rpower_pow. }
  replace (s * (s + mu * Rpower s (- e))) with (s ^ 2 + mu * (s * Rpower s (- e))) by ring.
  rewrite H1, Rmult_minus_distr_l, (Rmult_assoc (/ 2) _ (Rpower s (e + 1))), H2. field.
Qed.
Lemma lower s : s_c < s -> (mode_loss N mu (f s) s < 0 <-> sigma_g < f s).
Proof using N_2 mu_pos.
  intros Hs. pose proof s_c_pos as Hc. pose proof s_g_pos as Hg. pose proof e_range as He. pose proof c_less_g as Hcg.
  assert (H0 : 0 < Rpower s (2 / N)) by apply exp_pos.
  assert (H1 : Rpower s_g (e + 1) < Rpower s (e + 1) <-> s_g < s) by (apply power_less_iff; lra).
  rewrite s_g_power in H1. rewrite loss_at_rest, <- f_g by lra.
  transitivity (s_g < s); [rewrite <- H1; split; intros H; nra|].
  split; intros H; [apply f_up; lra|]. destruct (Rlt_dec s_g s) as [|Hn]; [easy|exfalso].
  destruct (Req_dec s s_g) as [->|Hne]; [lra|]. pose proof (f_up s s_g ltac:(lra)). lra.
Qed.
Lemma ratio : sigma_c / sigma_g = 2 * Rpower N (- (N / (2 * N - 2))).
Proof using N_2 mu_pos.
  unfold StatementsDecay.sigma_c, StatementsDecay.sigma_g, StatementsDecay.s_c, StatementsDecay.s_g.
  set (d := N / (2 * N - 2)).
  replace ((N - 2) / N * mu) with (/ N * ((N - 2) * mu)) by (field; lra).
  assert (HN : 0 < / N) by (apply Rinv_0_lt_compat; lra).
  assert (Hm : 0 < (N - 2) * mu) by (apply Rmult_lt_0_compat; lra).
  rewrite <- Rpower_mult_distr by easy. unfold Rpower at 4. rewrite <- (Rmult_opp_opp (- d) (ln N)).
  rewrite Ropp_involutive, <- ln_Rinv by lra. fold (Rpower (/ N) d).
  assert (Hp : 0 < Rpower ((N - 2) * mu) d) by apply exp_pos. field. lra.
Qed.
End Thresholds.
