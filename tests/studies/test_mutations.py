"""With a law deliberately wrong, the claims that guard it must fail.

Each mutation replaces one function of the library, which states one formula, by a wrong one. The
tables are then made anew as the pipeline makes them, with smaller ensembles, and judged by the
claims of the cards.
"""

from functools import cache
from importlib import import_module

import numpy as np
import pytest

from companion.claims import Claim, judge
from companion.ensembles import generate, over_depths, select, target_from, time_grid
from companion.registry import Studies
from companion.validation import read_yaml
from dlnpaper.one_neuron import (
    _approach,
    _chains,
    _collapse,
    _distance,
    _guarantees,
    _limits,
    _plateau,
    _reduced,
    _stages,
)
from dlnpaper.one_neuron._closed_form import solve
from dlnpaper.one_neuron._flows import integrate
from dlnpaper.two_layers import _closed_form as two_layers
from dlnpaper.two_layers import _echelon
from studies.agreement import measure as agreement
from studies.staircase import steps
from studies.width import measure as width
from tests.workflow.conftest import ROOT

# The studies whose claims guard a law of the library; the others guard solvers and data.
GUARDING = (
    "agreement limits rates depth stage_bounds coverage lazy necessity inner_imbalance"
    " staircase width"
).split()


def smaller(name, ensemble):
    """Return the families of an ensemble, with fewer starts where they are many."""
    most = 2000 if name.startswith("stages") else 2 if name == "agreement" else 6
    families = {}
    for family, kinds in ensemble["starts"].items():
        ((kind, options),) = kinds.items()
        if "size" in options:
            options = options | {"size": min(options["size"], most)}
        if kind == "tilted" and name == "lazy":
            options = options | {"s": options["s"] | {"count": 3}}
        families[family] = {kind: options}
    return {**ensemble, "starts": families}


def small_studies():
    studies = Studies(read_yaml(ROOT / "config/config.yaml"), ROOT)
    ensembles = studies.config["ensembles"]
    for name, ensemble in ensembles.items():
        ensembles[name] = smaller(name, ensemble)
    return studies


STUDIES = small_studies()
# What is claimed is claimed of the full sizes.
CLAIMS = [
    Claim(**entry) for entry in Studies(read_yaml(ROOT / "config/config.yaml"), ROOT).claims()
]


@cache
def starts(name):
    ensemble = STUDIES.config["ensembles"][name]
    return generate(target_from(**ensemble["target"]), ensemble["starts"], ensemble["seed"])


@cache
def followed(kind, name):
    ensemble = STUDIES.config["ensembles"][name]
    wanted = ensemble[kind]
    return over_depths(
        solve if kind == "trajectories" else integrate,
        select(starts(name), wanted["families"]),
        ensemble["depths"],
        time_grid(**ensemble["times"]),
        variables=wanted["variables"],
        **wanted.get("options", {}),
    )


def dataset(file):
    """Return what a file under results/ holds, made as the pipeline makes it."""
    kind, name = file.removeprefix("results/").removesuffix(".nc").split("/", 1)
    if kind == "starts":
        return starts(name)
    if kind == "measured":
        study, part = name.split("/")
        return made(study, "measure", part)
    # What the closed form says is computed anew, since a mutation may change it.
    return followed.__wrapped__(kind, name) if name == "agreement" else followed(kind, name)


def made(study, step, *part):
    """Run a step of a study as the pipeline does."""
    inputs = {
        name: dataset(files) if isinstance(files, str) else list(map(dataset, files))
        for name, files in STUDIES.inputs(study, step, *part).items()
    }
    module = import_module(f"studies.{study}.{step}")
    return getattr(module, step)(**inputs, **STUDIES.settings(study, step, *part))


def overlap(starts):
    return starts.a[:, 0] * starts.b[:, 0]


# Where a wrong function is the right one with other arguments or another result.
amplitudes = _reduced._amplitudes
chain = _chains._chain
directions = _chains._directions
log_inverse_s_bound = _stages._log_inverse_s_bound
overtaking_tau = _limits._overtaking_tau
rise_curve = steps.rise_curve
best_losses, descend = width.best_losses, width.descend
coefficients, run = _echelon._coefficients, two_layers._run


def with_growing_parts_doubled(target, starts):
    rows = coefficients(target, starts)
    growing = np.arange(rows.factors.shape[1]) < target.rank
    return rows._replace(factors=rows.factors * np.where(growing, 2, 1))


# The function, what takes its place, and the claims that must notice.
MUTATIONS = {
    "null directions counted twice in the closed form": (
        _reduced._amplitudes,
        lambda alpha, beta, rho: amplitudes(alpha, beta, 2**0.5 * rho),
        ["agreement_induced", "agreement_layers"],
    ),
    "excess decays half as fast": (
        _approach._excess_decay,
        lambda gap, free: np.minimum(gap, 2 * free),
        ["rate_excess", "end_rate"],
    ),
    "directions decay twice as fast": (
        _approach._directions_decay,
        lambda gap: 2 * gap,
        ["rate_directions", "rate_free_directions"],
    ),
    "s always approaches freely": (
        _approach._s_decay,
        lambda gap, free: free,
        ["rate_s_gap"],
    ),
    "excess from exact directions without the square": (
        _approach._excess_decay,
        lambda gap, free: np.minimum(2 * gap, free),
        ["rate_exact_excess", "rate_free_excess"],
    ),
    "the matrix ignores that s is slower": (
        _approach._end_to_end_decay,
        lambda gap, free: np.where(np.isinf(gap), 1.0, gap),
        ["rate_free_end_to_end", "rate_exact_s_gap"],
    ),
    "depth enters time with another exponent": (
        _approach._final_speed,
        lambda value, depth: value ** (1 - 1 / depth),
        ["rate_directions", "rate_alignment_gap", "rate_excess", "rate_s_gap", "rate_end_to_end"],
    ),
    "prefactor of directions without its root of two": (
        _approach._log_directions,
        lambda log_q: 0.5 * log_q,
        ["prefactor_driven", "prefactor_free"],
    ),
    "prefactor of the free approach with one power of the limit": (
        _approach._log_free,
        lambda value, log_h: np.log(value) + log_h,
        ["prefactor_free", "prefactor_exact"],
    ),
    "tau taken for time without its shift": (
        _approach._shift,
        lambda problem: np.zeros(len(problem.starts)),
        ["prefactor_driven", "prefactor_free", "prefactor_exact"],
    ),
    "the fastest mode sets the gap": (
        _approach._gap,
        lambda decays, log_weights: np.where(log_weights > -np.inf, decays, np.inf).max(axis=1),
        ["rate_directions", "rate_excess"],
    ),
    "power law to the origin with another exponent": (
        _collapse._power_exponent,
        lambda depth: depth / (depth - 1),
        ["origin_power", "necessity_collapse"],
    ),
    "law with null components twice as fast": (
        _collapse._null_exponent,
        lambda depth: depth / (depth - 1),
        ["origin_null", "necessity_collapse"],
    ),
    "prefactor with null components": (
        _collapse._log_null_prefactor,
        lambda depth: -depth / (2 * (depth - 1)) * np.log(depth - 1),
        ["prefactor_origin_null"],
    ),
    "the fastest mode sets the rate to the origin": (
        _collapse._slowest_mode,
        lambda sigma, beta: np.where(beta != 0, sigma, 0.0).max(axis=1),
        ["origin_exponential", "prefactor_origin_power"],
    ),
    "prefactor to the origin without the start": (
        _collapse._log_denominator,
        lambda sigma, beta, s: np.log(beta**2 @ (1 / sigma)),
        ["prefactor_origin_exponential"],
    ),
    "the last group decides the limit": (
        _limits._lead,
        lambda present: present.shape[1] - 1 - present[:, ::-1].argmax(axis=1),
        ["limits_convergent_point"],
    ),
    "saddles and global minimizers swapped": (
        _limits._kind,
        lambda rank_stable, convergent: 2 * rank_stable.astype(int) - convergent,
        ["limits_sampled", "limits_saddle", "limits_near_saddle"],
    ),
    "a start on the stable set of a saddle taken for one of the origin": (
        _limits._kind,
        lambda rank_stable, convergent: 2 * convergent,
        ["limits_origin", "limits_saddle"],
    ),
    "the limit's directions from the decaying part": (
        _limits._limit_direction,
        lambda target, starts, in_lead, scale: np.where(in_lead, starts.beta(target), 0.0) / scale,
        ["limits_convergent_point", "necessity_tie"],
    ),
    "a saddle is left later": (
        _limits._overtaking_tau,
        lambda *arguments: 2 * overtaking_tau(*arguments),
        ["necessity_escape"],
    ),
    "stage 1 bounded by half its bound": (
        _stages._tau_0_bound,
        lambda first, log_c0: np.maximum(0.0, log_c0) / (4 * first),
        ["bound_tau_0", "bound_ratios"],
    ),
    "stage 2 bounded by half its bound": (
        _stages._tau_1_bound,
        lambda first, gap, log_c1: np.maximum(0.0, np.log(2 / first) + log_c1) / (4 * gap),
        ["bound_tau_1"],
    ),
    "time of stage 1 without the plateau": (
        _stages._t_0_bound,
        lambda first, depth, s, tau_0: 0.5 * _stages._growth((depth - 2) * first, tau_0),
        ["bound_t_0"],
    ),
    "time of stage 2 without the plateau": (
        _stages._t_1_bound,
        lambda depth, log_inverse_s, tau_1: 0.1 * tau_1,
        ["bound_t_1"],
    ),
    "s bounded by its limit alone": (
        _stages._s_max_bound,
        lambda first, s: first + 0 * s,
        ["bound_s_max"],
    ),
    "rank bounded as if the alignment were never negative": (
        _stages._log_inverse_s_bound,
        lambda first, depth, s, tau_0, tau_1: log_inverse_s_bound(first, depth, s, 0 * s, tau_1),
        ["bound_rank"],
    ),
    "envelope without the decaying part of the modes": (
        _stages._log_c1_terms,
        lambda sigma, log_alpha, log_beta, log_rho: [
            log_alpha[:, 1:] + np.log(sigma[0] - sigma[1:]),
            log_rho[:, None] + np.log(4 * sigma[0]),
        ],
        ["bound_envelope"],
    ),
    "restricted set enlarged": (
        _guarantees._in_restricted_union,
        lambda target, starts: overlap(starts) > 0.8 * _guarantees._ratio(target),
        ["coverage_restricted_union", "coverage_over_ratios"],
    ),
    "restricted set with another margin": (
        _guarantees._in_restricted_set,
        lambda target, starts, omega: (
            (starts.s > (omega - _guarantees._ratio(target)) * target.singular_values[0])
            & (overlap(starts) > omega**2)
        ),
        ["coverage_restricted_set"],
    ),
    "deficiency margin too generous": (
        _guarantees._has_deficiency_margin,
        lambda target, starts: (
            _guarantees._margin_surplus(target, starts) < target.singular_values[0] ** 2
        ),
        ["coverage_deficiency_margin", "coverage_no_margin"],
    ),
    "both orientations of a vector counted": (
        _guarantees._with_equal_signs,
        lambda share: share,
        ["coverage_restricted_set", "coverage_restricted_union", "coverage_deficiency_margin"],
    ),
    "global minimizers only in the restricted set": (
        _guarantees._is_convergent,
        lambda target, starts: (
            _limits.limits(target, starts).global_minimizer_convergent.values
            & (overlap(starts) > 0)
        ),
        ["coverage_theory"],
    ),
    "plateau with another exponent": (
        _plateau._exponent,
        lambda depth: 1 - 1 / depth,
        ["plateau_power"],
    ),
    "plateau of depth two twice as short": (
        _plateau._growth_rate,
        lambda sigma: 4 * sigma,
        ["plateau_logarithm"],
    ),
    "weights move as at depth two": (
        _distance._scale_ratio,
        lambda value, s, depth: (value / s) ** (1 / 2),
        ["lazy_travel"],
    ),
    "directions of a chain at half their time": (
        _chains._directions,
        lambda of, tau: directions(of, tau / 2),
        ["inner_agreement"],
    ),
    "u keeps its sign where W has passed through zero": (
        _chains._side,
        np.ones_like,
        ["inner_agreement", "inner_beta"],
    ),
    "neurons that a larger mode has taken counted twice": (
        steps.growing_parts,
        lambda target, starts: np.linalg.norm(
            (starts.first.mT + starts.second[:, : starts.shape[1]]) / np.sqrt(2), axis=2
        )[:, : min(starts.hidden, target.rank)],
        ["staircase_times", "staircase_times_all"],
    ),
    "two layers at half their time": (
        two_layers._run,
        lambda target, starts, times, *others: run(target, starts, times / 2, *others),
        [
            "staircase_integrated",
            "staircase_times",
            "staircase_slope",
            "staircase_rise",
            "width_rate",
            "width_order",
        ],
    ),
    "growing parts of two layers twice as large": (
        _echelon._coefficients,
        with_growing_parts_doubled,
        ["staircase_integrated", "staircase_times"],
    ),
    "a step with the shape of another depth": (
        steps.rise_curve,
        lambda depth, shares: rise_curve(2 * depth, shares),
        ["staircase_rise", "staircase_deeper_rise"],
    ),
    "one neuron learns two modes": (
        width.best_losses,
        lambda target, ranks: best_losses(target, [2 * rank for rank in ranks]),
        ["width_final", "width_descent", "width_gain"],
    ),
    "steps longer than the clock says": (
        width.descend,
        lambda target, starts, step, times: descend(target, starts, 1.01 * step, 1.01 * times),
        ["width_order", "width_extrapolated"],
    ),
    "squares of the scalars differ by another constant": (
        _chains._chain,
        lambda *arguments: chain(*arguments)._replace(end_gap=chain(*arguments).end_gap / 2),
        ["inner_agreement"],
    ),
}


@pytest.fixture(scope="module", autouse=True)
def one_method():
    """Integrate for the agreement with the tightest tolerance alone, and each flow once."""
    integrated, known = agreement.integrated, {}

    def remembered(starts, depth, times, flow, method, rtol, *, seed):
        key = depth, flow, method, rtol
        if key not in known:
            known[key] = integrated(starts, depth, times, flow, method, rtol, seed=seed)
        return known[key]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(agreement, "TOLERANCES", {"LSODA": (1e-13,)})
        patch.setattr(agreement, "integrated", remembered)
        yield


@pytest.fixture(scope="module")
def tables():
    return {study: made(study, "table") for study in GUARDING}


# The small ensembles of these tests cannot show that the large ones are large, and one method says
# nothing of the others.
LEFT_OUT = ("bound_ensembles", "agreement_tolerances")


@pytest.mark.parametrize(
    "claim",
    [each for each in CLAIMS if each.study in GUARDING and each.id not in LEFT_OUT],
    ids=lambda claim: claim.id,
)
def test_claims_hold_as_long_as_nothing_is_wrong(claim, tables):
    verdict = judge(claim, tables)
    assert verdict.supported, verdict.sentence


@pytest.mark.parametrize(("right", "wrong", "guards"), MUTATIONS.values(), ids=MUTATIONS.keys())
def test_claims_notice_what_is_wrong(right, wrong, guards, monkeypatch):
    monkeypatch.setattr(import_module(right.__module__), right.__name__, wrong)
    guarding = [claim for claim in CLAIMS if claim.id in guards]
    assert len(guarding) == len(guards)
    tables = {study: made(study, "table") for study in {claim.study for claim in guarding}}
    deceived = [claim.id for claim in guarding if judge(claim, tables).supported]
    assert deceived == []
