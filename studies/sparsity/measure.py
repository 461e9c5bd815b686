"""Risk of the thresholding rules of weight decay in the Gaussian sequence model."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import NamedTuple, get_args

import numpy as np
import xarray as xr

from companion.datasets import variable
from dlnpaper.one_neuron._equal_thresholds import Rule, decay_of_threshold
from dlnpaper.one_neuron._shrinkage import shrinkage
from studies.sparsity.risks import hard_risk, risk_of_rule, soft_risk
from studies.sparsity.sequences import Case, besov, sparse

#: The decays among which the best is sought, by the thresholds that they give, over the noise.
THRESHOLDS = np.linspace(1.0, 6.0, 51)
#: Values of the nonzero means for the lines of the figure.
LINE = np.linspace(0.0, 10.0, 41)

#: What a rule makes of data beyond its threshold.
_Above = Callable[[np.ndarray], np.ndarray]


class Estimator(NamedTuple):
    """An estimator with a threshold."""

    name: str
    depth: int  # number of layers, 0 for what is no network
    risk: Callable[[float, np.ndarray], np.ndarray]  # of threshold and means
    rule: Callable[[float], _Above] | None = None  # of the threshold


def measure(
    *,
    depths: Sequence[int],
    size: int,
    nonzero: int,
    values: Sequence[float],
    smoothness: float,
    integrability: float,
    radius: float,
    octaves: Sequence[int],
    most_simulated: int,
    replicates: int,
    seed: int,
) -> xr.Dataset:
    """Compute the risk of each estimator at its best threshold, and simulate networks there.

    Parameters
    ----------
    depths : sequence of int
    size, nonzero : int
        Length of the sparse sequences, and how many of their means are not zero.
    values : sequence of float
        These means, over the noise.
    smoothness, integrability, radius : float
        As in `studies.sparsity.sequences.besov`.
    octaves : sequence of int
        Logarithms to base two of the lengths of those sequences.
    most_simulated, replicates, seed : int
        The largest of these octaves that is simulated, and how often everything is.

    Returns
    -------
    xarray.Dataset
        risk, threshold : (estimator, case)
            Expected squared error, summed over a sparse sequence and per mean of the others; and
            the threshold at which it is least, over the noise.
        simulated, standard_error : (estimator, case)
            Mean of the squared error over the replicates; NaN where nothing is simulated.
        name, depth : (estimator,)
            The rules of `dlnpaper.shrinkage` by depth, "soft" and "hard" thresholding, the "oracle"
            that knows which means exceed the noise, and "linear", the best factor of each level.
        sequence, at : (case,)
            As in `studies.sparsity.sequences.Case`.
    """
    lines = sorted({*LINE.tolist(), *values})
    cases = [sparse(value, size, nonzero) for value in lines]
    cases += [besov(octave, smoothness, integrability, radius) for octave in octaves]
    estimators = list(_estimators(depths))
    names = [*(each.name for each in estimators), "oracle", "linear"]
    found = np.full((4, len(names), len(cases)), np.nan)
    found[0, -2] = [case.summed(np.minimum(case.means**2, 1.0)) for case in cases]
    found[0, -1] = [case.linear for case in cases]
    wanted = np.isin(lines, values).tolist() + [octave <= most_simulated for octave in octaves]
    noises = {}  # the same for all estimators and values
    for n in {cases[c].counts.sum() for c in np.flatnonzero(wanted)}:
        noises[n] = np.random.default_rng([seed, n]).standard_normal((replicates, n))
    for k, estimator in enumerate(estimators):
        found[:2, k] = _best(estimator, cases)
        if estimator.rule is None:
            continue
        for c in np.flatnonzero(wanted):
            losses = _losses(estimator.rule, found[1, k, c], cases[c], noises)
            found[2:, k, c] = losses.mean(), losses.std(ddof=1) / np.sqrt(replicates)
    return _assembled(found, names, [each.depth for each in estimators] + [0, 0], cases)


def _estimators(depths: Sequence[int]) -> Iterator[Estimator]:
    def of_depth(depth: int, rule: Rule, threshold: float) -> _Above:
        decay = decay_of_threshold(depth, threshold, rule)
        return partial(shrinkage, depth=depth, weight_decay=decay, rule=rule)

    def risk(of: Callable[[float], _Above], threshold: float, means: np.ndarray) -> np.ndarray:
        return risk_of_rule(of(threshold), threshold, means)

    for rule in get_args(Rule):
        for depth in depths:
            of = partial(of_depth, depth, rule)
            yield Estimator(rule, depth, partial(risk, of), of)
    yield Estimator("soft", 0, soft_risk)
    yield Estimator("hard", 0, hard_risk)


def _best(estimator: Estimator, cases: Sequence[Case]) -> tuple[np.ndarray, np.ndarray]:
    """Return the least risk in each case among `THRESHOLDS`, and the threshold that has it."""
    means, place = np.unique(np.concatenate([case.means for case in cases]), return_inverse=True)
    places = np.split(place, np.cumsum([case.means.size for case in cases])[:-1])
    risks = np.array([estimator.risk(threshold, means) for threshold in THRESHOLDS])
    totals = np.array([case.summed(risks[:, at]) for case, at in zip(cases, places, strict=True)])
    return totals.min(axis=1), THRESHOLDS[totals.argmin(axis=1)]


def _losses(
    rule: Callable[[float], _Above], threshold: float, case: Case, noises: Mapping[int, np.ndarray]
) -> np.ndarray:
    """Return the squared error of each replicate."""
    means = np.repeat(case.means, case.counts)
    data = means + noises[means.size]
    estimates, beyond = np.zeros_like(data), np.abs(data) > threshold
    estimates[beyond] = rule(threshold)(data[beyond])
    return case.scale * ((estimates - means) ** 2).sum(axis=1)


def _assembled(
    found: np.ndarray, names: Sequence[str], depths: Sequence[int], cases: Sequence[Case]
) -> xr.Dataset:
    texts = {
        "risk": "expected squared error at the best threshold",
        "threshold": "best threshold over the noise",
        "simulated": "mean squared error of the replicates",
        "standard_error": "standard error of this mean",
    }
    missing = {"missing_data": "it has no threshold, or is not simulated"}
    dims = ("estimator", "case")
    return xr.Dataset(
        {
            name: variable(dims, values, text, **({} if name == "risk" else missing))
            for (name, text), values in zip(texts.items(), found, strict=True)
        },
        coords={
            "name": ("estimator", list(names), {"long_name": "name of the estimator"}),
            "depth": variable("estimator", list(depths), "number of layers"),
            "sequence": ("case", [case.sequence for case in cases], {"long_name": "kind of means"}),
            "at": variable("case", [case.at for case in cases], "value, or number of means"),
        },
    )
