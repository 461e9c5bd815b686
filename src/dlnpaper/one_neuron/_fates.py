"""Which starts keep a positive s under weight decay at depths from 3 on."""

import numpy as np

from dlnpaper.one_neuron import _kernel as kernel
from dlnpaper.one_neuron._panels import panel_tables
from dlnpaper.one_neuron._reduced import Reduced
from dlnpaper.one_neuron._shrinkage import collapse_threshold, stable_point

#: A singular value that is relatively closer than this to σ_c is on neither side of it.
TIE = 1e-14


class Fate:
    """What all starts with one limit of the alignment share, under weight decay and N ≥ 3."""

    def __init__(self, reduced: Reduced, c_limit: float) -> None:
        depth, mu = reduced.depth, reduced.decay
        q = 1 - 2 / depth
        # No mode of the limit lies on the threshold: rounding would decide.
        least = collapse_threshold(depth, mu)
        self.tied = abs(c_limit - least) <= TIE * least
        limit = float(stable_point(np.array(c_limit), depth, mu)) if c_limit > 0 else 0.0
        feedback = mu * limit**-q if limit > 0 else 0.0
        self.problem = reduced.problem(c_limit, c_limit)
        self.decay = kernel.Decay(
            strength=mu,
            limit=self.problem._replace(c_limit=limit),
            feedback=feedback,
            relaxation=max(limit - q * feedback, 0.0),
        )
        self.starts = reduced.starts(limit)
        self.tables = panel_tables(depth, c_limit, self.problem.rates.tobytes())

    def decide(self, which: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return which of some starts keep a positive s, and which of them are decided."""
        survives = np.zeros(self.starts.inverses.size, bool)
        errors = np.full(survives.size, np.inf if self.tied else 0.0)
        if self.decay.limit.c_limit > 0:
            arguments = self.starts, self.problem, self.decay, self.tables
            kernel.decide(0, which.size, which, *arguments, survives, errors)
        decided = np.isfinite(errors[which]) & (not self.tied)
        return survives[which], decided
