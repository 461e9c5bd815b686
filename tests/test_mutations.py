"""With a law deliberately wrong, the claims that guard it must fail.

Each mutation changes one expression in the source of a function of the library. The tables are then
made anew as the pipeline makes them, from config/config.yaml with smaller ensembles, and judged by
config/claims.yaml.
"""

import inspect
from functools import cache
from pathlib import Path
from textwrap import dedent

import pandas as pd
import pytest
import xarray as xr
import yaml

from dlnpaper.claims import Claim, judge
from dlnpaper.closed_form import _Reduced, solve
from dlnpaper.ensembles import generate, over_depths, select, starts_of, target_of, time_grid
from dlnpaper.flows import integrate
from dlnpaper.guarantees import guarantees, overlap_probability
from dlnpaper.limits import _escape_tau, limits
from dlnpaper.rates import _approach, _collapse, _shift, _slowest
from dlnpaper.stages import _bounds
from dlnpaper.studies.agreement import agreement, errors, integrations
from dlnpaper.studies.confusion import confusion
from dlnpaper.studies.coverage_sweeps import list_cases, sweep_coverage, tabulate_coverage
from dlnpaper.studies.depth_effects import end_rates, plateaus
from dlnpaper.studies.depth_effects import tabulate as tabulate_depth
from dlnpaper.studies.necessity import tabulate_examples
from dlnpaper.studies.plateau import plateau_law
from dlnpaper.studies.rate_table import measure, summarize
from dlnpaper.studies.stage_ensembles import summarize as summarize_stages
from dlnpaper.studies.stage_table import tabulate as tabulate_stages
from dlnpaper.studies.travel import compare_travel, tabulate_travel, travel
from dlnpaper.studies.unbalanced import follow_unbalanced
from dlnpaper.target import Target

ROOT = Path(__file__).parent.parent
STUDIES = yaml.safe_load((ROOT / "config/config.yaml").read_text(encoding="utf-8"))["studies"]
CLAIMS = [
    Claim(**entry)
    for entry in yaml.safe_load((ROOT / "config/claims.yaml").read_text(encoding="utf-8"))
]
STAGES = ["square", "wide", "null_directions", "rank_one"]


@cache
def starts(study):
    families = {name: smaller(study, family) for name, family in STUDIES[study]["starts"].items()}
    return generate(Target(**STUDIES[study]["target"]), families, STUDIES[study]["seed"])


def smaller(study, family):
    """Return a family of starts, with fewer of them where they are many."""
    ((kind, options),) = family.items()
    most = 2000 if study.startswith("stages") else 2 if study == "agreement" else 6
    if "size" in options:
        options = options | {"size": min(options["size"], most)}
    if kind == "tilted" and study == "lazy":
        options = options | {"s": options["s"] | {"count": 3}}
    return {kind: options}


def followed(solver, study, wanted, **options):
    settings = STUDIES[study]
    chosen = select(starts(study), wanted["families"])
    times = time_grid(**settings["times"])
    return over_depths(
        solver, chosen, settings["depths"], times, variables=wanted["variables"], **options
    )


@cache
def trajectories(study):
    return followed(solve, study, STUDIES[study]["trajectories"])


@cache
def witness(study):
    wanted = STUDIES[study]["witness"]
    return followed(integrate, study, wanted, **wanted["options"])


@cache
def unbalanced():
    settings, wanted = STUDIES["necessity"], STUDIES["necessity"]["unbalanced"]
    start = select(starts("necessity"), [wanted["family"]])
    arguments = wanted["factors"], time_grid(**wanted["times"]), settings["seed"]
    parts = [
        follow_unbalanced(target_of(start), depth, starts_of(start)[0], *arguments)
        for depth in settings["depths"]
    ]
    return xr.concat(parts, dim=xr.Variable("depth", settings["depths"]))


@cache
def integrated():
    settings = STUDIES["agreement"]
    wanted = settings["integrations"] | {"tolerances": {"LSODA": [1e-13]}}
    times = time_grid(**settings["times"])
    return integrations(
        starts("agreement"), settings["depths"], times, seed=settings["seed"], **wanted
    )


def agreement_table():
    exact = followed(solve, "agreement", STUDIES["agreement"]["trajectories"])
    return agreement(errors(exact, [integrated()]))


def limits_table():
    studies = ["limits_distinct", "limits_tied"]
    return pd.concat([confusion(starts(study), witness(study)) for study in studies])


def rates_table():
    studies = ["rates_global", "rates_saddle", "rates_origin", "rates_origin_null"]
    parts = [measure(starts(study), trajectories(study)) for study in studies]
    return summarize(pd.concat(parts, ignore_index=True))


def depth_table():
    settings, dataset = STUDIES["depth"], starts("depth")
    target, depths = target_of(dataset), settings["depths"]
    plateau, end = (starts_of(select(dataset, [name])) for name in ("plateau", "end"))
    times = time_grid(**settings["times"])
    parts = [
        plateaus(target, depths, plateau),
        end_rates(target, depths, end, settings["scales"], times),
    ]
    return tabulate_depth(xr.merge(parts))


def stages_table():
    summaries = {}
    for case in STAGES:
        dataset = starts(f"stages_{case}")
        depths = STUDIES[f"stages_{case}"]["depths"]
        summaries[case] = summarize_stages(target_of(dataset), starts_of(dataset), depths)
    return tabulate_stages(summaries)


def coverage_table():
    settings = STUDIES["coverage"]
    names = ("s", "omega_fraction", "size", "confidence", "seed")
    return tabulate_coverage(
        sweep_coverage(list_cases(**settings["cases"]), *(settings[name] for name in names))
    )


def lazy_table():
    settings = STUDIES["lazy"]
    arguments = settings["depths"], settings["travel"]["last"], settings["seed"]
    return tabulate_travel(compare_travel(starts("lazy"), *arguments))


def necessity_table():
    data = [
        make(study) for study in ("necessity", "necessity_tie") for make in (starts, trajectories)
    ]
    return tabulate_examples(*data, unbalanced())


TABLES = {
    "agreement": agreement_table,
    "limits": limits_table,
    "rates": rates_table,
    "depth": depth_table,
    "stages": stages_table,
    "coverage": coverage_table,
    "lazy": lazy_table,
    "necessity": necessity_table,
}

# The function, what stands in it, what is put in its place, and the claims that must notice.
MUTATIONS = {
    "null directions counted twice in the closed form": (
        _Reduced.__init__,
        "self.amplitudes[:, modes - 1] = self.rho",
        "self.amplitudes[:, modes - 1] = 2**0.5 * self.rho",
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
        "return min(0.5, 0.5 * share / whole)",
        "return share / whole",
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
    "weights travel as at depth two": (
        travel,
        "** (1 / depth)",
        "** (1 / 2)",
        ["lazy_travel"],
    ),
}


@pytest.fixture(scope="module")
def tables():
    return {name: make() for name, make in TABLES.items()}


# The small ensembles of these tests cannot show that the large ones are large, and one method says
# nothing of the others.
LEFT_OUT = ("bound_ensembles", "agreement_tolerances")


@pytest.mark.parametrize(
    "claim",
    [each for each in CLAIMS if each.table in TABLES and each.id not in LEFT_OUT],
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
    tables = {table: TABLES[table]() for table in {claim.table for claim in guarding}}
    deceived = [claim.id for claim in guarding if judge(claim, tables).supported]
    assert deceived == []


def mutated(function, old, new):
    source = dedent(inspect.getsource(function))
    assert source.count(old) == 1, f"{old!r} must stand once in {function.__qualname__}"
    names = dict(function.__globals__)
    exec(source.replace(old, new), names)
    return names[function.__name__].__code__
