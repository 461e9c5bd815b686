"""The problem as the compiled code takes it: in reduced units, by modes, in classes of starts."""

import math
from collections.abc import Iterator

import numpy as np

from dlnpaper._target import Target
from dlnpaper.one_neuron import _kernel as kernel
from dlnpaper.one_neuron._starting_points import StartingPoints

RANGE = (1e-300, 1e150)  # of s relative to σ_1: reciprocals and squares are representable
SMALLEST_AMPLITUDE = 1e-140  # its square still has all its digits


class Reduced:
    """The problem in units where σ_1 lies in [1, 2), with the modes of the compiled code."""

    def __init__(
        self,
        target: Target,
        depth: int,
        starts: StartingPoints,
        times: np.ndarray,
        weight_decay: float,
    ) -> None:
        self.scale = 2.0 ** math.floor(math.log2(target.singular_values[0]))
        self.sigma = target.singular_values / self.scale
        self.depth = depth
        with np.errstate(over="ignore", divide="ignore"):  # out_of_range finds these
            speed = np.float64(self.scale) ** (2.0 - 2.0 / depth)
            self.times = times * speed
            self.decay = float(weight_decay / speed) if weight_decay else 0.0
            self.target_loss = 0.5 * float(target.singular_values @ target.singular_values)
            self.s = starts.s / self.scale
        self.offset = target.loss_offset
        self.alpha, self.beta = starts.alpha(target), starts.beta(target)
        self.rho = starts.rho(target)
        self.amplitudes = _amplitudes(self.alpha, self.beta, self.rho)
        # One factor for a and b, so that an exact zero of α stays one.
        norm = np.sqrt(np.einsum("ij,ij->i", self.amplitudes, self.amplitudes))
        self.amplitudes /= norm[:, None]
        self.null_scales = np.where(self.rho > 0, 1 / norm, 0.0)
        self.a, self.b = starts.a, starts.b

    def out_of_range(self) -> np.ndarray:
        """Return for which starts 1/s, a square or a time in these units is not representable."""
        low, high = RANGE
        known = (self.s >= low) & (self.s * max(self.scale, 1.0) <= high)
        known &= math.isfinite(self.times[-1]) and self.decay <= high
        return ~(known & (1 / high <= self.scale <= high))

    def classes(self) -> Iterator[tuple[float, np.ndarray]]:
        """Yield each limit of the alignment, and the starts that have it."""
        falling = self.sigma[::-1]
        last = falling[(self.beta[:, ::-1] != 0).argmax(axis=1)]
        c_limit = np.where(self.rho > 0, 0.0, -last)
        present = self.alpha != 0
        c_limit = np.where(present.any(axis=1), self.sigma[present.argmax(axis=1)], c_limit)
        for value in np.unique(c_limit)[::-1]:
            yield float(value), np.flatnonzero(c_limit == value)

    def problem(self, c_limit: float, growth: float) -> kernel.Problem:
        """Return what starts share whose alignment and, less decay, its limit are these."""
        rates = np.zeros(self.amplitudes.shape[1])
        modes = np.concatenate([c_limit - self.sigma, c_limit + self.sigma, [c_limit]])
        # An exponential that outgrows the dominant one has no amplitude.
        rates[: modes.size] = np.maximum(modes, 0.0)
        limit = max(c_limit, 0.0) * self.scale
        return kernel.Problem(
            depth=self.depth,
            times=self.times,
            c_limit=growth,
            alignment=c_limit,
            rates=rates,
            rank=self.sigma.size,
            sigma=self.sigma,
            scale=self.scale,
            limit_loss=self.target_loss - 0.5 * limit**2 + self.offset,
        )

    def starts(self, limit: float) -> kernel.Starts:
        """Return all starts, with their deviations from a limit of s."""
        return kernel.Starts(
            amplitudes=self.amplitudes,
            null_scales=self.null_scales,
            inverses=1 / self.s,
            s_deviations=(limit - self.s) / self.s,
            a=self.a,
            b=self.b,
        )

    def squares_keep_digits(self, which: np.ndarray) -> bool:
        """Return whether the squares of all amplitudes of these starts have all their digits."""
        amplitudes = np.abs(self.amplitudes[which])
        return not ((amplitudes > 0) & (amplitudes < SMALLEST_AMPLITUDE)).any()


def _amplitudes(alpha: np.ndarray, beta: np.ndarray, rho: np.ndarray) -> np.ndarray:
    """Amplitudes of the modes, (M, P), not normalized, with zeros up to whole vector registers."""
    modes = alpha.shape[1] + beta.shape[1] + 1
    amplitudes = np.zeros((len(rho), -8 * (-modes // 8)))
    amplitudes[:, : modes - 1] = 0.5 * np.hstack([alpha, beta])
    amplitudes[:, modes - 1] = rho
    return amplitudes
