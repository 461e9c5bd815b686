"""Weight decays that give networks of different depths the same threshold."""

from dlnpaper.one_neuron._shrinkage import thresholds


def decay_of_threshold(depth: int, threshold: float) -> float:
    """Return the weight decay μ at which σ_g is the threshold.

    σ_g is proportional to μ^(N/(2N-2)) (docs/weight_decay.md, section 3), so its value at μ = 1
    gives all others.
    """
    at_one = float(thresholds(depth, 1.0)["sigma_global"])
    return (threshold / at_one) ** (2 - 2 / depth)
