"""When small starts make a step, and how fast: laws and measurements."""

from collections.abc import Sequence

import numpy as np
import scipy
import xarray as xr

from companion.datasets import variable
from dlnpaper._target import Target
from dlnpaper.two_layers._starts import Starts

__all__ = ["RISE", "by_mode", "crossings", "growing_parts", "rise_curve", "rise_law", "step_law"]

#: Shares of its limit between which the rise of a singular value is timed.
RISE = (0.1, 0.9)


def growing_parts(target: Target, starts: Starts) -> np.ndarray:
    """Return ``|P_ii|``, what grows of mode i at the start, (M, steps), for min(h, r) steps.

    Row i of P is ``(W_1[:, i] + W_2[i]) / √2``, over the hidden neurons, and in lower echelon form
    ``|P_ii|`` is its distance from the span of the rows above: larger singular values have taken
    the rest of it (docs/two_layers.md, section 6).
    """
    modes = target.rank
    growing = (starts.first[:, :, :modes] + np.swapaxes(starts.second[:, :modes], 1, 2)) / np.sqrt(
        2
    )
    return np.abs(np.diagonal(np.linalg.qr(growing)[1], axis1=1, axis2=2))


def step_law(target: Target, starts: Starts) -> np.ndarray:
    """Return when each singular value is half its limit, (M, steps), for vanishing starts.

    ``t_i = ln(2σ_i/P_ii²) / (2σ_i)``, with P of `growing_parts` (docs/two_layers.md, section 6).
    """
    sizes = growing_parts(target, starts)
    sigma = target.singular_values[: sizes.shape[1]]
    return np.log(2 * sigma / sizes**2) / (2 * sigma)


def rise_curve(depth: int, shares: np.ndarray) -> np.ndarray:
    """Return when ``ds/dt = N s^(2-2/N) (1 - s)`` has s at some shares, from s = 1/2 on."""
    power = 2 - 2 / depth

    def slowness(odds: float) -> float:
        return scipy.special.expit(odds) ** (1 - power) / depth

    ends = scipy.special.logit(shares)
    return np.array([scipy.integrate.quad(slowness, 0.0, end)[0] for end in ends])


def rise_law(depth: int) -> float:
    """Return the time that `rise_curve` takes between the shares `RISE`."""
    before, after = rise_curve(depth, np.array(RISE))
    return after - before


def crossings(times: np.ndarray, shares: np.ndarray, levels: Sequence[float]) -> np.ndarray:
    """Return when singular values, as shares of their limits, first reach some levels.

    ``log(s/(1 - s))`` is interpolated: for two layers it is linear in time up to faded modes.

    Parameters
    ----------
    times : ndarray, (T,)
    shares : ndarray, (..., T)
    levels : sequence of float
        Between 0 and 1.

    Returns
    -------
    ndarray, (..., levels)
        nan where a level is not reached.
    """
    found = np.full((*shares.shape[:-1], len(levels)), np.nan)
    for at in np.ndindex(found.shape):
        share, level = shares[at[:-1]], levels[at[-1]]
        after = int(np.argmax(share >= level))
        pair = slice(after - 1, after + 1)
        if after and share[after] < 1:
            found[at] = np.interp(
                scipy.special.logit(level), scipy.special.logit(share[pair]), times[pair]
            )
    return found


def by_mode(dim: str, values: np.ndarray, rank: int, long_name: str) -> xr.Variable:
    """Return values (dim, steps) over all modes, nan for those in which no step is made."""
    wide = np.pad(values, ((0, 0), (0, rank - values.shape[1])), constant_values=np.nan)
    missing = "a network of this width makes no such step, or not by the last time"
    return variable((dim, "mode"), wide, long_name, missing_data=missing)
