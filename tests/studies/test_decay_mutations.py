"""With a law of weight decay deliberately wrong, the claims that guard it must fail.

As in `test_mutations`, but at the small sizes of the cards, and the layers are trained once: no law
that is changed here has a part in the training.
"""

from functools import cache
from importlib import import_module

import pytest

from companion.claims import Claim, judge
from companion.registry import Studies
from companion.validation import read_yaml
from dlnpaper.one_neuron import _shrinkage
from studies.sparsity import risks, sequences
from tests.workflow.conftest import ROOT

TRAINED = ("thresholding", "parallel")
GUARDING = (*TRAINED, "sparsity")


def small_studies():
    """Return the studies with the small sizes of the cards in place of the defaults."""
    studies = Studies(read_yaml(ROOT / "config/config.yaml"), ROOT)
    for study in GUARDING:
        card = studies.cards[study]
        for name, size in card["small"]["studies"][study].items():
            card["settings"][name]["default"] = studies.config["studies"][study][name] = size
    return studies


STUDIES = small_studies()
CLAIMS = {entry["id"]: Claim(**entry) for entry in STUDIES.claims() if entry["study"] in GUARDING}


@cache
def measured(study):
    measure = import_module(f"studies.{study}.measure").measure
    return measure(**STUDIES.settings(study, "measure"))


def tabulated(study):
    table = import_module(f"studies.{study}.table").table
    made = measured if study in TRAINED else measured.__wrapped__
    return table(made(study), **STUDIES.settings(study, "table"))


def outcome(name):
    claim = CLAIMS[name]
    return judge(claim, {claim.study: tabulated(claim.study)}).outcome


# Where a wrong function is the right one with other arguments or another result.
stable_point = _shrinkage.stable_point
known = _shrinkage._thresholds
within = risks._within

# The function, what takes its place, and the claims that must notice.
MUTATIONS = {
    "global minimizers from the fold on": (
        _shrinkage.global_threshold,
        lambda depth, mu: known(depth, mu)["sigma_collapse"],
        ["thresholding_lower", "parallel_global_minimizer"],
    ),
    "large starts collapse below the global threshold": (
        _shrinkage.collapse_threshold,
        lambda depth, mu: known(depth, mu)["sigma_global"],
        ["thresholding_large", "parallel_large_start"],
    ),
    "the larger root with the pull of another depth": (
        _shrinkage.stable_point,
        lambda sigma, depth, mu, least=None: stable_point(sigma, 2 * depth, mu, least),
        ["thresholding_large", "thresholding_lower", "thresholding_wide", "sparsity_two_layers"],
    ),
    "the fold where the pull equals s": (
        _shrinkage._thresholds,
        lambda depth, mu: (
            known(depth, mu) | {"sigma_collapse": 2 * mu ** (depth / (2 * depth - 2))}
        ),
        ["thresholding_sigma_collapse"],
    ),
    "a jump of half the threshold at any depth": (
        _shrinkage._thresholds,
        lambda depth, mu: known(depth, mu) | {"s_global": known(depth, mu)["sigma_global"] / 2},
        ["thresholding_jump"],
    ),
    "a global threshold without its root": (
        _shrinkage._thresholds,
        lambda depth, mu: known(depth, mu) | {"sigma_global": mu * (depth - 1)},
        ["thresholding_sigma_global"],
    ),
    "a probability below the threshold of half its size": (
        risks._within,
        lambda threshold, theta: 0.5 * within(threshold, theta),
        ["sparsity_simulated", "sparsity_simulated_besov"],
    ),
    "linear estimators that lose no smoothness": (
        sequences.linear_smoothness,
        lambda smoothness, integrability: smoothness,
        ["sparsity_linear_rate", "sparsity_rate"],
    ),
}


# What is claimed of the full size alone.
LEFT_OUT = {"parallel_depth_pays", "parallel_two_layers_shrink"} | {
    f"sparsity_{name}"
    for name in (
        "depth_pays deeper better_than_hard oracle near_threshold large_start besov".split()
    )
}


@pytest.mark.parametrize("name", [name for name in CLAIMS if name not in LEFT_OUT])
def test_claims_hold_as_long_as_nothing_is_wrong(name):
    assert outcome(name) == "supported"


@pytest.mark.parametrize(("right", "wrong", "guards"), MUTATIONS.values(), ids=MUTATIONS.keys())
def test_claims_notice_what_is_wrong(right, wrong, guards, monkeypatch):
    module = import_module(right.__module__)
    for study in TRAINED:
        measured(study)
    monkeypatch.setattr(module, right.__name__, wrong)
    assert {name: outcome(name) for name in guards} == dict.fromkeys(guards, "falsified")
