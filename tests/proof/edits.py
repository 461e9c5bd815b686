"""Deliberate edits of the statements in proof/, each of which makes one false or unproved.

An edit is a text that occurs once and what takes its place: another exponent, factor or sign, a
missing term, a weaker hypothesis, a stronger conclusion.
"""

THEOREM = {
    "loss_factor": ("/ 2 * \\sum_(i < d_y Z) \\sum_", "2 * \\sum_(i < d_y Z) \\sum_"),
    "diagonal_null": ("then sigma Z i else 0.", "then sigma Z i else 1."),
    "speed_exponent": ("Rpower (s t) (1 - 2 / N).", "Rpower (s t) (1 - 1 / N)."),
    "alignment_factor": (
        "R := \\sum_(i < r) sigma i * a i t",
        "R := \\sum_(i < r) 2 * sigma i * a i t",
    ),
    "depth": ("flow_depth : 2 <= N", "flow_depth : 1 <= N"),
    "unit_vector": ("\\sum_(i < d_y Z) a i 0 ^ 2 = 1;", "\\sum_(i < d_y Z) a i 0 ^ 2 = 2;"),
    "unit_vector_missing": ("  flow_b_unit : \\sum_(i < d_x Z) b i 0 ^ 2 = 1;\n", ""),
    "magnitude_zero": ("0 <= t -> 0 < s t;", "0 <= t -> 0 <= s t;"),
    "continuity_missing": (
        "  flow_s_0 : filterlim s (at_right 0) (locally (s 0));\n",
        "",
    ),
    "flow_sign": ("diagonal Z i * b i t - alignment", "diagonal Z i * b i t + alignment"),
    "flow_other_entry": ("diagonal Z i * a i t - alignment", "diagonal Z i * b i t - alignment"),
    "flow_factor": ("is_derive s t (N * Rpower", "is_derive s t (Rpower"),
    "flow_exponent": ("Rpower (s t) (2 - 2 / N)", "Rpower (s t) (1 - 2 / N)"),
    "alpha_sign": ("alpha (i : nat) : R := a i 0 + b", "alpha (i : nat) : R := a i 0 - b"),
    "rho_factor": ("/ 2 * (\\sum_(i < d_y Z - r)", "1 * (\\sum_(i < d_y Z - r)"),
    "E_factor": ("(- 2 * sigma i * x)) / 4", "(- 2 * sigma i * x)) / 2"),
    "E_missing_rho": (" / 4\n  + rho2.", " / 4."),
    "p_sign": ("alpha i * exp (sigma i * x) + beta", "alpha i * exp (sigma i * x) - beta"),
    "y_factor": ("/ s 0 + N * RInt", "/ s 0 + RInt"),
    "y_exponent": ("RInt (fun z => Rpower (E z) (N / 2))", "RInt (fun z => Rpower (E z) N)"),
    "limit_order": ("k < sigma i -> alpha i = 0", "sigma i < k -> alpha i = 0"),
    "limit_unreached": ("sigma i = k /\\ alpha i <> 0.", "sigma i = k."),
    "group_all": ("then alpha i else 0 else 0.", "then alpha i else alpha i else 0."),
    "norm_without_root": ("sqrt (\\sum_(i < r) group k i ^ 2)", "(\\sum_(i < r) group k i ^ 2)"),
    "limit_square": ("R := k * (group k i / A k)", "R := k * k * (group k i / A k)"),
    "C0_without_value": ("\\sum_(i < r) sigma i * beta i ^ 2", "\\sum_(i < r) beta i ^ 2"),
    "C1_rho_factor": ("+ 4 * sigma one * rho2) / alpha", "+ 2 * sigma one * rho2) / alpha"),
    "tau0_bound_halved": ("/ (2 * sigma one).", "/ (4 * sigma one)."),
    "tau1_bound_halved": ("/ (2 * (sigma one - sigma2)).", "/ (4 * (sigma one - sigma2))."),
    "t0_bound_exponent": ("(/ s 0 + / sigma one) (1 - 2 / N)", "(/ s 0 + / sigma one) (1 - 3 / N)"),
    "Y0_without_time": ("/ sigma one\n        + N * tau1_bound one sigma2)", "/ sigma one)"),
    "t1_bound_without_power": ("Rpower (Y0 one sigma2) (1 - 2 / N) * tau1", "tau1"),
    "time_exponent": (
        "RInt (fun x => Rpower (y x) (1 - 2 / N))",
        "RInt (fun x => Rpower (y x) (2 - 2 / N))",
    ),
    "alignment_log_derivative": ("/ (2 * E (tau t)) /\\", "/ E (tau t) /\\"),
    "tau_bounded": ("is_lim tau p_infty p_infty", "is_lim tau p_infty 1"),
    "alignment_strict": ("alignment t <= alignment t'.", "alignment t < alignment t'."),
    "gap_rho_factor": ("+ 4 * k * rho2)", "+ k * rho2)"),
    "gap_sign": ("(k + sigma i) * (beta", "(k - sigma i) * (beta"),
    "zero_without_hypothesis": (
        "flow -> (forall i, (i < r)%nat -> alpha i = 0) ->\n  is_lim s",
        "flow ->\n  is_lim s",
    ),
    "loss_at_factor": (
        "R := / 2 * ((\\sum_(i < r) sigma i ^ 2) - k ^ 2)",
        "R := ((\\sum_(i < r) sigma i ^ 2) - k ^ 2)",
    ),
    "excess_sign": (
        "(k - alignment t) * (k + alignment t).",
        "(k - alignment t) * (k - alignment t).",
    ),
    "minimum_without_top": (
        "  (forall i, (i < r)%nat -> sigma i <= k) ->\n  forall x z",
        "  forall x z",
    ),
    "gap_too_large": (
        "sigma i < k -> alpha i <> 0 -> g <= k - sigma i;",
        "sigma i < k -> alpha i <> 0 -> g <= k + sigma i;",
    ),
    "gap_without_beta": (
        "  gap_beta : forall i, (i < r)%nat -> beta i <> 0 -> g <= k + sigma i;\n",
        "",
    ),
    "gap_not_the_least": ("gap k g' -> g' <= g) \\/", "gap k g' -> g <= g') \\/"),
    "gap_of_any_number": (
        "Prop := forall k, limit_value k ->\n  (exists g, gap",
        "Prop := forall k,\n  (exists g, gap",
    ),
    "gap_always": (
        "g' <= g) \\/\n  (forall g, 0 < g -> gap k g /\\ Q k g = 0).",
        "g' <= g).",
    ),
    "Q_rho_factor": ("at_gap g k (4 * rho2))", "at_gap g k (2 * rho2))"),
    "free_integrand_factor": (
        "- Rpower (A k / 2) N * exp (N * k * x)) I.",
        "- Rpower (A k) N * exp (N * k * x)) I.",
    ),
    "H_missing_term": ("(/ s 0 + N * I) - / k.", "(/ s 0 + N * I)."),
    "nu_exponent": ("R := Rpower k (1 - 2 / N).", "R := Rpower k (2 - 2 / N)."),
    "shift_sign": ("1 - nu k * Rpower (y x)", "1 + nu k * Rpower (y x)"),
    "shift_halved": (
        "is_lim (fun t => tau t - nu k * t) p_infty theta.",
        "is_lim (fun t => tau t - nu k * t) p_infty (theta / 2).",
    ),
    "directions_prefactor": (
        "    (sqrt (2 * Q k g) * exp (- g * theta)).",
        "    (sqrt (Q k g) * exp (- g * theta)).",
    ),
    "alignment_prefactor": (
        "    (g * Q k g * exp (- (2 * g) * theta)).",
        "    (Q k g * exp (- (2 * g) * theta)).",
    ),
    "driven_prefactor": (
        "N * k * g * Q k g / (N * k - 2 * g) *",
        "N * k * g * Q k g / (N * k - g) *",
    ),
    "resonant_without_speed": (
        "exp (- (2 * g) * theta) * nu k)) /\\",
        "exp (- (2 * g) * theta))) /\\",
    ),
    "free_prefactor": ("(k ^ 2 * H k I * exp", "(k * H k I * exp"),
    "excess_rate": ("exp (2 * (N * k) * nu k * t)) p_infty", "exp (N * k * nu k * t)) p_infty"),
    "excess_prefactor": ("    (k * (g * Q k g) * exp", "    (k * Q k g * exp"),
    "end_to_end_prefactor": ("(k * sqrt (2 * Q k g) * exp", "(sqrt (2 * Q k g) * exp"),
    "end_to_end_sum": (
        "k ^ 4 * H k I ^ 2 + 2 * k ^ 2 * Q k g",
        "k ^ 4 * H k I ^ 2 + k ^ 2 * Q k g",
    ),
    "slowest_order": ("sigma i < k -> beta i = 0) /\\", "k < sigma i -> beta i = 0) /\\"),
    "slowest_all": ("then beta i ^ 2 else 0).", "then beta i ^ 2 else beta i ^ 2)."),
    "origin_without_null": ("  0 < rho2 \\/ rho2 = 0 /\\ exists", "  rho2 = 0 /\\ exists"),
    "origin_rate": ("s t * exp (2 * k * t)) p_infty", "s t * exp (k * t)) p_infty"),
    "origin_start": ("(B2 k / (4 / s 0 +", "(B2 k / (1 / s 0 +"),
    "origin_exponent": (
        "s t * Rpower t (N / (N - 2))) p_infty",
        "s t * Rpower t (N / (N - 1))) p_infty",
    ),
    "origin_factor": ("(Rpower ((N - 2) * k) (-", "(Rpower (N * k) (-"),
    "origin_depth_2": ("2 < N -> rho2 = 0 -> forall k", "2 <= N -> rho2 = 0 -> forall k"),
    "origin_null_exponent": (
        "s t * Rpower t (N / (2 * (N - 1)))) p_infty",
        "s t * Rpower t (N / (2 * N - 1))) p_infty",
    ),
    "origin_null_factor": ("(Rpower (2 * (N - 1)) (-", "(Rpower (2 * N) (-"),
    "origin_excess_factor": ("/ s t ^ 2) p_infty (/ 2)).", "/ s t ^ 2) p_infty 1)."),
    "origin_excess_value": ("/ s t) p_infty k) /\\", "/ s t) p_infty (2 * k)) /\\"),
    "plateau_integrand": ("(- (N / 2 - 1))) J.", "(- (N / 2 - 2))) J."),
    "plateau_power": (
        "Rabs (Rpower (s 0) (1 - 2 / N) * t - J)",
        "Rabs (Rpower (s 0) (1 - 1 / N) * t - J)",
    ),
    "plateau_above_the_limit": ("k -> 0 < level < k ->", "k -> 0 < level <= k ->"),
    "plateau_depth_2": (
        "2 < N -> \\sum_(i < d_y Z) a0 i ^ 2 = 1",
        "2 <= N -> \\sum_(i < d_y Z) a0 i ^ 2 = 1",
    ),
    "plateau_from_any_size": ("-> s 0 < delta ->", "->"),
    "stage_2_later": ("sigma one / 2 <= alignment t.", "sigma one <= alignment t."),
    "envelope_rate": (
        "exp (- 2 * (sigma one - sigma2) * tau t)",
        "exp (- 3 * (sigma one - sigma2) * tau t)",
    ),
    "rank_bound": ("/ s t <= Y0 one sigma2.", "2 / s t <= Y0 one sigma2."),
    "start_of_any_size": (
        "\\sum_(i < d_x Z) b0 i ^ 2 = 1 -> 0 < s0 ->",
        "\\sum_(i < d_x Z) b0 i ^ 2 = 1 ->",
    ),
    "start_of_any_depth": ("  2 <= N -> \\sum_(i < d_y Z) a0", "  1 <= N -> \\sum_(i < d_y Z) a0"),
}

DECAY = {
    "decay_factor": ("(alignment t - s t) - N * mu * s t)", "(alignment t - s t) - mu * s t)"),
    "decay_negative": ("decay_mu : 0 <= mu;", "decay_mu : - 1 <= mu;"),
    "decay_exponent": ("exp (- 2 * mu * x).", "exp (- mu * x)."),
    "decay_integral": ("(/ s 0 + 2 * RInt E_hat 0 t)", "(/ s 0 + RInt E_hat 0 t)"),
    "decay_of_any_depth": (
        "decay_closed_form : Prop := decay_flow -> N = 2 ->",
        "decay_closed_form : Prop := decay_flow -> N = 3 ->",
    ),
    "decay_unthresholded": ("is_lim s p_infty (Rmax 0 (k - mu)) /\\", "is_lim s p_infty k /\\"),
    "decay_negative_limit": (
        "is_lim s p_infty (Rmax 0 (k - mu)) /\\",
        "is_lim s p_infty (k - mu) /\\",
    ),
    "decay_zero_from_any": (
        "decay_flow -> N = 2 ->\n  (forall i, (i < r)%nat -> alpha a b i = 0) ->\n",
        "decay_flow -> N = 2 ->\n",
    ),
    "decay_start_of_any_size": ("b0 i ^ 2 = 1 -> 0 < s0 ->", "b0 i ^ 2 = 1 -> 0 <= s0 ->"),
    "threshold_exponent": ("s + mu * Rpower s (- (1 - 2 / N)).", "s + mu * Rpower s (- (2 / N))."),
    "threshold_root": (
        "((N - 2) / N * mu) (N / (2 * N - 2)).",
        "((N - 2) / N * mu) (N / (N - 2)).",
    ),
    "threshold_factor": ("((N - 2) / N * mu)", "((N - 2) * mu)"),
    "threshold_collapse": ("(2 * N - 2) / (N - 2) * s_c.", "(N - 2) / (N - 2) * s_c."),
    "threshold_global": ("R := (N - 1) / (N - 2) * s_g.", "R := N / (N - 2) * s_g."),
    "threshold_penalty": ("+ N / 2 * mu * Rpower s (2 / N).", "+ mu * Rpower s (2 / N)."),
    "threshold_depth_2": ("two_above : Prop := 2 < N ->", "two_above : Prop := 2 <= N ->"),
    "threshold_ends": (
        "(f s < sigma <-> s_minus < s < s_plus).",
        "(f s < sigma <-> s_minus <= s <= s_plus).",
    ),
    "threshold_negative": (
        "none_below : Prop := 2 < N -> 0 < mu ->",
        "none_below : Prop := 2 < N ->",
    ),
    "threshold_lower": ("(mode_loss sigma s < 0 <-> sigma_g < sigma).", "(mode_loss sigma s < 0)."),
    "threshold_lower_branch": (
        "sigma s, s_c < s -> f s = sigma ->",
        "sigma s, 0 < s -> f s = sigma ->",
    ),
    "threshold_ratio": ("2 * Rpower N (- (N / (2 * N - 2))).", "Rpower N (- (N / (2 * N - 2)))."),
}

LAYERS = {
    "layers_product": ("product f m * f m end.", "product f m + f m end."),
    "layers_own_factor": ("(if (j =? l)%nat then 1 else z j t).", "(z j t)."),
    "layers_target_sign": (
        "R := matrix t i j - entry Z i j.",
        "R := matrix t i j + entry Z i j.",
    ),
    "layers_discontinuous": (
        "  layers_z_0 : forall l, (l < n)%nat -> filterlim (z l) (at_right 0) (locally (z l 0));\n",
        "",
    ),
    "layers_column_rate": (
        "residual t i j * (kappa t * x j t));",
        "residual t i j * x j t);",
    ),
    "layers_scalar_rate": ("kappa_but l t * y i t * residual", "y i t * residual"),
    "layers_row_sign": (
        "(- \\sum_(i < d_y Z) y i t * kappa t * residual t i j) }.",
        "(\\sum_(i < d_y Z) y i t * kappa t * residual t i j) }.",
    ),
    "layers_other_norm": ("column_norm2 0 = row_norm2 0;", "column_norm2 0 = 2 * row_norm2 0;"),
    "layers_scalars_free": (
        "  balanced_scalars : forall l, (l < n)%nat -> z l 0 ^ 2 = row_norm2 0;\n",
        "",
    ),
    "layers_zero": ("balanced_norm : 0 < row_norm2 0;", "balanced_norm : 0 <= row_norm2 0;"),
    "layers_negative": (";\n  balanced_sign : 0 < kappa 0 }.", " }."),
    "layers_eta": ("R := sqrt (row_norm2 t).", "R := row_norm2 t."),
    "layers_conserved": ("z l t ^ 2 - row_norm2 t =", "z l t ^ 2 + row_norm2 t ="),
    "layers_depth": ("flow Z (INR (n + 2)) a b s /\\", "flow Z (INR (n + 1)) a b s /\\"),
    "widths_order": (
        "W (l + m)%nat t i k * layers_product l m t k j",
        "W (l + m)%nat t k i * layers_product l m t k j",
    ),
    "widths_gradient": (
        "layers_product (l + 1) (N - l - 1) t p i",
        "layers_product l (N - l) t p i",
    ),
    "widths_target": (
        "(layers_product 0 N t p q - entry Z p q)",
        "(layers_product 0 N t p q + entry Z p q)",
    ),
    "widths_root": ("Rpower (s t) (/ INR N) *", "Rpower (s t) (/ 2) *"),
    "widths_ends": (
        "then b i t else if (l =? N)%nat then a i t",
        "then a i t else if (l =? N)%nat then b i t",
    ),
    "widths_any_hidden": (
        "  (forall l, (0 < l < N)%nat -> \\sum_(i < d l) w l i ^ 2 = 1) ->\n",
        "",
    ),
    "widths_ascent": ("(- gradient Z N d W l t i j)).", "(gradient Z N d W l t i j))."),
    "tilted_eigenvalue": ("imbalance ^ 2 / 4).", "imbalance ^ 2)."),
    "tilted_angle": ("(eigenvalue k + imbalance / 2) / k.", "(eigenvalue k - imbalance / 2) / k."),
    "tilted_cosine": ("R := / sqrt (1 + tan_phi k ^ 2).", "R := / (1 + tan_phi k ^ 2)."),
    "tilted_growing": (
        "x i 0 + sin_phi (sigma i) * y i 0.",
        "x i 0 - sin_phi (sigma i) * y i 0.",
    ),
    "tilted_rate": (
        "decaying i ^ 2 * exp (- 2 * eigenvalue",
        "decaying i ^ 2 * exp (2 * eigenvalue",
    ),
    "tilted_null_norm": ("exp (imbalance * t) * (", "exp (imbalance / 2 * t) * ("),
    "tilted_S": ("R := 1 + RInt linear_norm2 0 t.", "R := 2 + RInt linear_norm2 0 t."),
    "tilted_sign": (
        "- sin_phi (sigma i) * decaying i * exp",
        "+ sin_phi (sigma i) * decaying i * exp",
    ),
    "tilted_null_rate": ("y i 0 * exp (imbalance / 2 * t)", "y i 0 * exp (imbalance * t)"),
    "tilted_limit_eigenvalue": ("(k * tilted_group k i *", "(eigenvalue k * tilted_group k i *"),
    "tilted_limit_smallest": (
        "k < sigma i -> growing i = 0) ->",
        "sigma i < k -> growing i = 0) ->",
    ),
    "tilted_zero_from_any": (
        "two_layers_flow ->\n  (forall i, (i < r)%nat -> growing i = 0) ->\n",
        "two_layers_flow ->\n",
    ),
    "layers_power": ("kappa t = eta t ^ n /\\", "kappa t = eta t ^ (n + 1) /\\"),
}

EDITS = {"Statements.v": THEOREM, "StatementsDecay.v": DECAY, "StatementsLayers.v": LAYERS}
