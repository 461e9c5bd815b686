"""Weight decays that give networks of different depths the same threshold."""

from typing import Literal

from dlnpaper.one_neuron._shrinkage import thresholds

Rule = Literal["global_minimizer", "large_start"]

_THRESHOLDS = {"global_minimizer": "sigma_global", "large_start": "sigma_collapse"}


def decay_of_threshold(depth: int, threshold: float, rule: Rule = "global_minimizer") -> float:
    """Return the weight decay μ at which the rule of `dlnpaper.shrinkage` has this threshold.

    Both σ_c and σ_g are proportional to μ^(N/(2N-2)) (docs/weight_decay.md, section 3), so their
    values at μ = 1 give all others.
    """
    at_one = float(thresholds(depth, 1.0)[_THRESHOLDS[rule]])
    return (threshold / at_one) ** (2 - 2 / depth)
