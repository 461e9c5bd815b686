"""With a law deliberately wrong, the claims that guard it must fail.

Each mutation changes one expression in the source of a function of the library. The tables are then
made anew as the pipeline makes them, with smaller ensembles, and judged by the claims of the cards.
"""

import inspect
from functools import cache
from importlib import import_module
from textwrap import dedent

import pytest

from companion.claims import Claim, judge
from companion.ensembles import generate, over_depths, select, target_from, time_grid
from companion.registry import Studies
from companion.validation import read_yaml
from dlnpaper.one_neuron._closed_form import _amplitudes, solve
from dlnpaper.one_neuron._distance import distance_from_initialization
from dlnpaper.one_neuron._flows import integrate
from dlnpaper.one_neuron._guarantees import guarantees, overlap_probability
from dlnpaper.one_neuron._limits import _escape_tau, limits
from dlnpaper.one_neuron._plateau import plateau_law
from dlnpaper.one_neuron._rates import _approach, _collapse, _shift, _slowest
from dlnpaper.one_neuron._stages import _bounds
from studies.agreement import measure as agreement
from tests.workflow.conftest import ROOT

# The studies whose claims guard a law of the library; the others guard solvers and data.
GUARDING = [
    "agreement",
    "limits",
    "rates",
    "depth",
    "stage_bounds",
    "coverage",
    "lazy",
    "necessity",
]


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
CLAIMS = [Claim(**entry) for entry in STUDIES.claims()]


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


# The function, what stands in it, what is put in its place, and the claims that must notice.
MUTATIONS = {
    "null directions counted twice in the closed form": (
        _amplitudes,
        "amplitudes[:, modes - 1] = rho",
        "amplitudes[:, modes - 1] = 2**0.5 * rho",
        ["agreement_induced", "agreement_layers"],
    ),
    "excess decays half as fast": (
        _approach,
        'law("excess", first, 2 * finite, log_excess)',
        'law("excess", first, finite, log_excess)',
        ["rate_excess", "end_rate"],
    ),
    "directions decay twice as fast": (
        _approach,
        'law("directions", ~exact, finite,',
        'law("directions", ~exact, 2 * finite,',
        ["rate_directions", "rate_free_directions"],
    ),
    "s always approaches freely": (
        _approach,
        'law("s_gap", driven, 2 * finite, log_driven)',
        'law("s_gap", driven, free, log_driven)',
        ["rate_s_gap"],
    ),
    "excess from exact directions without the square": (
        _approach,
        'law("excess", last, 2 * free, log_excess_free, known=h_known)',
        'law("excess", last, free, log_excess_free, known=h_known)',
        ["rate_exact_excess", "rate_free_excess"],
    ),
    "the matrix ignores that s is slower": (
        _approach,
        'law("end_to_end", last, free, log_free, known=h_known)',
        'law("end_to_end", last, finite, log_free, known=h_known)',
        ["rate_free_end_to_end", "rate_exact_s_gap"],
    ),
    "depth enters time with another exponent": (
        _approach,
        "speed = value ** (1 - 2 / depth)",
        "speed = value ** (1 - 1 / depth)",
        ["rate_directions", "rate_alignment_gap", "rate_excess", "rate_s_gap", "rate_end_to_end"],
    ),
    "prefactor of directions without its root of two": (
        _approach,
        "0.5 * (np.log(2) + log_q)",
        "0.5 * log_q",
        ["prefactor_driven", "prefactor_free"],
    ),
    "prefactor of the free approach with one power of the limit": (
        _approach,
        "log_free = 2 * np.log(value) + log_h",
        "log_free = np.log(value) + log_h",
        ["prefactor_free", "prefactor_exact"],
    ),
    "tau taken for time without its shift": (
        _shift,
        "shift = end - speed * time - (1 - 2 / depth) * tail",
        "return 0 * time",
        ["prefactor_driven", "prefactor_free", "prefactor_exact"],
    ),
    "the fastest mode sets the gap": (
        _slowest,
        "np.where(log_weights > -np.inf, decays, np.inf).min(axis=1)",
        "np.where(log_weights > -np.inf, decays, np.inf).max(axis=1)",
        ["rate_directions", "rate_excess"],
    ),
    "power law to the origin with another exponent": (
        _collapse,
        "kind, speed = _POWER, n / (n - 2)",
        "kind, speed = _POWER, n / (n - 1)",
        ["origin_power", "necessity_collapse"],
    ),
    "law with null components twice as fast": (
        _collapse,
        "exponent = n / (2 * (n - 1))",
        "exponent = n / (n - 1)",
        ["origin_null", "necessity_collapse"],
    ),
    "prefactor with null components": (
        _collapse,
        "log_prefactor = -exponent * np.log(2 * (n - 1))",
        "log_prefactor = -exponent * np.log(n - 1)",
        ["prefactor_origin_null"],
    ),
    "the fastest mode sets the rate to the origin": (
        _collapse,
        "np.where(beta != 0, sigma, np.inf).min(axis=1)",
        "np.where(beta != 0, sigma, 0.0).max(axis=1)",
        ["origin_exponential", "prefactor_origin_power"],
    ),
    "prefactor to the origin without the start": (
        _collapse,
        "np.log(4 / starts.s + beta**2 @ (1 / sigma))",
        "np.log(beta**2 @ (1 / sigma))",
        ["prefactor_origin_exponential"],
    ),
    "the last group decides the limit": (
        limits,
        "lead = present.argmax(axis=1)",
        "lead = present.shape[1] - 1 - present[:, ::-1].argmax(axis=1)",
        ["limits_convergent_point"],
    ),
    "saddles and global minimizers swapped": (
        limits,
        "(rank_stable.astype(np.int8) + present[:, 0])",
        "(2 * rank_stable.astype(np.int8) - present[:, 0])",
        ["limits_sampled", "limits_saddle", "limits_near_saddle"],
    ),
    "a start on the stable set of a saddle taken for one of the origin": (
        limits,
        "(rank_stable.astype(np.int8) + present[:, 0])",
        "(2 * present[:, 0])",
        ["limits_origin", "limits_saddle"],
    ),
    "the limit's directions from the decaying part": (
        limits,
        "np.where(in_lead, alpha, 0.0)",
        "np.where(in_lead, beta, 0.0)",
        ["limits_convergent_point", "necessity_tie"],
    ),
    "a saddle is left later": (
        _escape_tau,
        "(log_alpha - log_lead) / (lead_sigma - sigma)",
        "2 * (log_alpha - log_lead) / (lead_sigma - sigma)",
        ["necessity_escape"],
    ),
    "stage 1 bounded by half its bound": (
        _bounds,
        "tau_0 = np.maximum(0.0, log_k) / (2 * first)",
        "tau_0 = np.maximum(0.0, log_k) / (4 * first)",
        ["bound_tau_0", "bound_ratios"],
    ),
    "stage 2 bounded by half its bound": (
        _bounds,
        "np.maximum(0.0, np.log(2 / first) + log_m) / (2 * gap)",
        "np.maximum(0.0, np.log(2 / first) + log_m) / (4 * gap)",
        ["bound_tau_1"],
    ),
    "time of stage 1 without the plateau": (
        _bounds,
        "t_0 = np.exp(exponent * log_plateau) * _growth((depth - 2) * first, tau_0)",
        "t_0 = 0.5 * _growth((depth - 2) * first, tau_0)",
        ["bound_t_0"],
    ),
    "time of stage 2 without the plateau": (
        _bounds,
        "np.exp(exponent * log_inverse_s) * tau_1",
        "0.1 * tau_1",
        ["bound_t_1"],
    ),
    "s bounded by its limit alone": (
        _bounds,
        "np.maximum(starts.s, first)",
        "first + 0 * starts.s",
        ["bound_s_max"],
    ),
    "rank bounded as if the alignment were never negative": (
        _bounds,
        "growth = depth * first * tau_0",
        "growth = 0.0 * tau_0",
        ["bound_rank"],
    ),
    "envelope without the decaying part of the modes": (
        _bounds,
        "            log_beta + np.log(first + sigma),\n",
        "",
        ["bound_envelope"],
    ),
    "restricted set enlarged": (
        guarantees,
        "overlap > _ratio(target)",
        "overlap > 0.8 * _ratio(target)",
        ["coverage_restricted_union", "coverage_over_ratios"],
    ),
    "restricted set with another margin": (
        guarantees,
        "(overlap > omega)",
        "(overlap > omega**2)",
        ["coverage_restricted_set"],
    ),
    "deficiency margin too generous": (
        guarantees,
        '"deficiency_margin": surplus < 0',
        '"deficiency_margin": surplus < sigma[0] ** 2',
        ["coverage_deficiency_margin", "coverage_no_margin"],
    ),
    "both orientations of a vector counted": (
        overlap_probability,
        "return float(min(0.5, 0.5 * share / whole))",
        "return float(share / whole)",
        ["coverage_restricted_set", "coverage_restricted_union", "coverage_deficiency_margin"],
    ),
    "global minimizers only in the restricted set": (
        guarantees,
        '"global_minimizer_convergent": convergent',
        '"global_minimizer_convergent": convergent & (overlap > 0)',
        ["coverage_theory"],
    ),
    "plateau with another exponent": (
        plateau_law,
        "rate = 1 - 2 / depth",
        "rate = 1 - 1 / depth",
        ["plateau_power"],
    ),
    "plateau of depth two twice as short": (
        plateau_law,
        "rate = 2 * sigma",
        "rate = 4 * sigma",
        ["plateau_logarithm"],
    ),
    "weights move as at depth two": (
        distance_from_initialization,
        "** (1 / depth)",
        "** (1 / 2)",
        ["lazy_travel"],
    ),
}


@pytest.fixture(scope="module", autouse=True)
def one_method():
    """Integrate for the agreement with the tightest tolerance alone."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(agreement, "TOLERANCES", {"LSODA": (1e-13,)})
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


@pytest.mark.parametrize("name", MUTATIONS)
def test_claims_notice_what_is_wrong(name, monkeypatch):
    function, old, new, guards = MUTATIONS[name]
    monkeypatch.setattr(function, "__code__", mutated(function, old, new))
    guarding = [claim for claim in CLAIMS if claim.id in guards]
    assert len(guarding) == len(guards)
    tables = {study: made(study, "table") for study in {claim.study for claim in guarding}}
    deceived = [claim.id for claim in guarding if judge(claim, tables).supported]
    assert deceived == []


def mutated(function, old, new):
    source = dedent(inspect.getsource(function))
    assert source.count(old) == 1, f"{old!r} must stand once in {function.__qualname__}"
    names = dict(function.__globals__)
    exec(source.replace(old, new), names)
    return names[function.__name__].__code__
