"""Deliberate edits of proof/Statements.v, each of which makes a statement false or unproved.

An edit is a text that occurs once and what takes its place: another exponent, factor or sign, a
missing term, a weaker hypothesis, a stronger conclusion.
"""

EDITS = {
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
    "time_exponent": ("Rpower (y x) (1 - 2 / N)", "Rpower (y x) (2 - 2 / N)"),
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
