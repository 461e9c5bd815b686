"""A parallel network of one-neuron chains, trained on noisy samples of a function."""

from collections.abc import Sequence

import numpy as np
import pywt
import scipy
import xarray as xr

from companion.datasets import depth_axis, flagged, variable
from dlnpaper.one_neuron._equal_thresholds import decay_of_threshold

#: What a chain does to the regularized loss, by the values of ``kept``.
EFFECTS = ("raises_the_loss", "lowers_the_loss")
#: Logarithms of the weights of a chain at the start deviate by this from their mean.
SPREAD = 0.5
#: Slow chains, near a threshold, come to rest until this time; ends attract, so that errors on the
#: way do not stay.
LAST, RTOL = 1e4, 1e-8


def measure(
    *,
    signal: str,
    wavelet: str,
    samples: int,
    signal_to_noise: float,
    depths: Sequence[int],
    seed: int,
) -> xr.Dataset:
    """Train a network of each depth, with the weight decay of the universal threshold.

    The network is ``Σ_k φ_k(x) Π_j w_kj``, with one chain of N weights for each function φ_k of an
    orthonormal basis. All weights follow the gradient of ``½ Σ (f(x_i) - y_i)² + ½ μ Σ w²``, in
    which the threshold σ_g is ``√(2 ln n)``. At the start it interpolates the samples and is not
    balanced, which does not matter (docs/weight_decay.md, section 8).

    Parameters
    ----------
    signal : str
        Name of a function of `pywt.data.demo_signal`.
    wavelet : str
        Name of an orthogonal wavelet.
    samples : int
        n, a power of two.
    signal_to_noise : float
        Standard deviation of the function over that of the noise, which is one.
    depths : sequence of int
    seed : int
        Draws the noise and the start.

    Returns
    -------
    xarray.Dataset
        truth, noisy : (sample,)
        observed : (coefficient,)
            The coefficients of the samples in the basis.
        trained : (depth, coefficient)
            ``Π_j w_kj`` at the end.
        kept : (depth, coefficient)
            One if the chain lowers the regularized loss of the trained network, else zero.
        recovered : (depth, sample)
            The function of the chains that are kept.
        weight_decay, penalty, imbalance, first_imbalance : (depth,)
            μ; ``½ Σ w²`` at the end; and the largest difference of the squares of a chain's
            weights, at the end and at the start.

    Raises
    ------
    ValueError
        If the wavelet is not orthogonal.
    """
    basis = orthonormal_basis(wavelet, samples)
    truth = pywt.data.demo_signal(signal, samples)
    truth = signal_to_noise * truth / truth.std()
    rng = np.random.default_rng(seed)
    noisy = truth + rng.standard_normal(samples)
    threshold = float(np.sqrt(2 * np.log(samples)))
    trained = [_trained(depth, threshold, basis, noisy, rng) for depth in depths]
    measured = xr.concat(trained, dim=depth_axis(depths))
    return measured.assign(
        truth=variable("sample", truth, "function, over the noise"),
        noisy=variable("sample", noisy, "noisy sample, over the noise"),
        observed=variable("coefficient", noisy @ basis, "coefficient of the samples"),
    ).assign_attrs(threshold=threshold, signal=signal)


def orthonormal_basis(wavelet: str, samples: int) -> np.ndarray:
    """Return the basis of a periodic wavelet transform, (sample, coefficient)."""
    if not pywt.Wavelet(wavelet).orthogonal:
        raise ValueError(
            f"wavelet must be orthogonal, got {wavelet}, which is not; take one such as sym8"
        )
    levels = pywt.wavedec(np.eye(samples), wavelet, mode="periodization", axis=0)
    return np.concatenate(levels).T


def _trained(
    depth: int, threshold: float, basis: np.ndarray, noisy: np.ndarray, rng: np.random.Generator
) -> xr.Dataset:
    """Return the network of one depth at the end of its training."""
    decay = decay_of_threshold(depth, threshold)
    start = _interpolating(depth, noisy @ basis, rng)
    weights = _flow(start, basis, noisy, decay)
    coefficients, squares = weights.prod(axis=1), weights**2
    residual = basis @ coefficients - noisy
    text = "largest difference of a chain's squared weights"
    # By how much the loss rises if one chain is taken out: its share of the fit, less its penalty.
    rise = 0.5 * coefficients**2 - coefficients * (residual @ basis)
    kept = rise > 0.5 * decay * squares.sum(axis=1)
    return xr.Dataset(
        {
            "trained": variable("coefficient", coefficients, "coefficient of the trained network"),
            "kept": ("coefficient", kept.astype(np.int8), flagged("effect of the chain", EFFECTS)),
            "recovered": variable("sample", basis @ (kept * coefficients), "recovered function"),
            "weight_decay": variable((), decay, "weight decay"),
            "penalty": variable((), 0.5 * squares.sum(), "half the sum of all squared weights"),
            "imbalance": variable((), _imbalance(weights), f"{text} at the end"),
            "first_imbalance": variable((), _imbalance(start), f"{text} at the start"),
        }
    )


def _imbalance(weights: np.ndarray) -> float:
    return float(np.ptp(weights**2, axis=1).max())


def _interpolating(depth: int, observed: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Return weights (chain, layer) whose products are the observed coefficients."""
    logarithms = SPREAD * rng.standard_normal((observed.size, depth))
    logarithms += (np.log(np.abs(observed)) - logarithms.sum(axis=1))[:, None] / depth
    signs = rng.choice([-1.0, 1.0], size=(observed.size, depth))
    signs[:, -1] = np.sign(observed) * signs[:, :-1].prod(axis=1)
    return signs * np.exp(logarithms)


def _flow(start: np.ndarray, basis: np.ndarray, noisy: np.ndarray, decay: float) -> np.ndarray:
    """Return the weights (chain, layer) at the end of gradient flow."""
    chains, depth = start.shape
    others = [[i for i in range(depth) if i != j] for j in range(depth)]

    def rhs(_: float, state: np.ndarray) -> np.ndarray:
        weights = state.reshape(chains, depth)
        force = (noisy - basis @ weights.prod(axis=1)) @ basis
        return (force[:, None] * weights[:, others].prod(axis=2) - decay * weights).ravel()

    # The chains couple by rounding alone, so the solver's own Jacobian may leave that out.
    band = {"lband": depth - 1, "uband": depth - 1}
    result = scipy.integrate.solve_ivp(
        rhs, (0.0, LAST), start.ravel(), "LSODA", t_eval=[LAST], rtol=RTOL, atol=RTOL, **band
    )
    if not result.success:
        raise RuntimeError(f"the flow of {depth} layers must reach time {LAST:g}: {result.message}")
    return result.y[:, -1].reshape(chains, depth)
