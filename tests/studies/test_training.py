"""What is measured of training, with NumPy in the place of the framework, but for one test."""

import numpy as np
import pytest
from numpy.testing import assert_allclose

from companion import bundled
from companion.claims import Claim, judge
from companion.registry import EVERY_STUDY, Studies
from studies.training import figure, framework, networks
from studies.training import measure as measuring
from studies.training import table as tabulating
from tests.figure_checks import check_rendering
from tests.studies import training_in_numpy as numpy_framework
from tests.workflow.conftest import ROOT

SIZES = {
    "depth": 3,
    "width": 2,
    "magnitude": 1.0,
    "time": 0.5,
    "counts": [200, 400],
    "batch": 6,
    "runs": 10,
    "long_time": 60.0,
    "long_count": 2400,
    "seed": 3,
}


def few_samples(name):
    """Return a small data set in the place of the digits, with well-separated singular values."""
    assert name == "digits"
    rng = np.random.default_rng(8)
    inputs = rng.standard_normal((3, 24))
    outputs = np.diag([0.3, 0.2, 0.1]) @ inputs + 0.02 * rng.standard_normal((3, 24))
    return bundled.whitened_data(inputs, outputs)


@pytest.fixture
def in_numpy(monkeypatch):
    monkeypatch.setattr(networks, "data_target", few_samples)
    monkeypatch.setattr(networks, "train", numpy_framework.train)
    return monkeypatch


@pytest.fixture(scope="module")
def measured():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(networks, "data_target", few_samples)
        patch.setattr(networks, "train", numpy_framework.train)
        return measuring.measure(**SIZES)


def outcomes(measured):
    """Judge the claims, which are for the digits, on the rows of another data set."""
    claims = [each for each in Studies(EVERY_STUDY, ROOT).claims() if each["study"] == "training"]
    tables = {"training": tabulating.table(measured)}
    found = {}
    for entry in claims:
        if "steps" in entry["where"]:
            entry = {**entry, "where": {**entry["where"], "steps": SIZES["counts"]}}
        if entry["id"] == "training_ends":
            sigma = measured["singular_values"].values
            entry = {**entry, "expected": float(np.hypot(1, sigma[1] / sigma[0]))}
        found[entry["id"]] = judge(Claim(**entry), tables).outcome
    return found


def test_the_claims_hold_in_numpy(measured):
    found = outcomes(measured)
    # Two exponents need more steps than a test has time for.
    for fitted in ("training_momentum_order", "training_adam_limit"):
        found.pop(fitted)
    assert set(found.values()) == {"supported"}


def test_numpy_has_the_gradient_of_the_loss():
    rng = np.random.default_rng(1)
    layers = [rng.standard_normal(shape) for shape in ((3, 4), (1, 3), (2, 1))]
    inputs, outputs = rng.standard_normal((4, 7)), rng.standard_normal((2, 7))

    def loss(j, change):
        weights = [each + change if i == j else each for i, each in enumerate(layers)]
        residual = outputs[:, [0, 5]] - numpy_framework.product(weights) @ inputs[:, [0, 5]]
        return 0.5 * 7 / 2 * np.sum(residual**2)

    network = numpy_framework.Network(layers, inputs, outputs)
    for j, slope in enumerate(network.slopes(layers, [0, 5])):
        for place in np.ndindex(slope.shape):
            change = np.zeros(slope.shape)
            change[place] = 1e-5
            # The loss is a polynomial; central differences err by the square of the change.
            difference = (loss(j, change) - loss(j, -change)) / 2e-5
            assert_allclose(slope[place], difference, rtol=1e-7, atol=1e-7)


def test_batches_hold_what_they_should():
    rng = np.random.default_rng(4)
    drawn = measuring._drawn("reshuffled", 24, (2, 10, 7), rng)
    assert drawn.shape == (2, 10, 7)
    for run in drawn:
        for epoch in np.split(run[:9], 3):  # of three batches, which leave three samples out
            assert len(np.unique(epoch)) == 21
    assert not np.array_equal(drawn[0, :3], drawn[0, 3:6])
    drawn = measuring._drawn("independent", 24, (50, 20, 7), rng)
    assert drawn.shape == (50, 20, 7)
    # 7000 draws: each of 24 samples comes 292 ± 17 times.
    counts = np.bincount(drawn.ravel(), minlength=24)
    assert np.all(np.abs(counts - 7000 / 24) < 5 * 17)


def test_the_framework_takes_the_same_steps(monkeypatch):
    pytest.importorskip("jax", reason="only `make training` has the framework")
    rng = np.random.default_rng(1)
    layers = [rng.standard_normal(shape) / 2 for shape in ((3, 4), (1, 3), (2, 1))]
    inputs, outputs = rng.standard_normal((4, 9)) / 3, rng.standard_normal((2, 9)) / 3
    batches = rng.integers(9, size=(2, 12, 4))
    for optimizer, options in (("sgd", {}), ("sgd", {"momentum": 0.9}), ("adam", {})):
        for drawn in (None, batches):
            how = {"optimizer": optimizer, "records": 3, "every": 4, "learning_rate": 0.05}
            made, expected = (
                each.train(layers, inputs, outputs, batches=drawn, **how, **options)
                for each in (framework, numpy_framework)
            )
            assert_allclose(made, expected, rtol=1e-11, atol=1e-12)


def unweighted(network, layers, batch):
    """Return gradients of the loss of a batch alone."""
    inputs, outputs = network.data
    some = slice(None) if batch is None else batch
    part = numpy_framework.Network(layers, inputs[:, some], outputs[:, some])
    return original_slopes(part, layers, None)


def of_one_batch(network, layers, batch):
    """Return gradients of the same few samples at every step."""
    return original_slopes(network, layers, None if batch is None else np.arange(6))


def twice(slopes, memory, k, *, learning_rate, momentum=0.0):
    """Return the updates of heavy ball with a gradient of 1 - β, as some frameworks have it."""
    slopes = [(1 - momentum) * each for each in slopes]
    return original_sgd(slopes, memory, k, learning_rate=learning_rate, momentum=momentum)


original_slopes, original_sgd = numpy_framework.Network.slopes, numpy_framework.sgd

MUTATIONS = {
    "batches that are not weighted": (
        (numpy_framework.Network, "slopes", unweighted),
        {"training_reshuffled"},
    ),
    "the same batch at every step": (
        (numpy_framework.Network, "slopes", of_one_batch),
        {"training_reshuffled"},
    ),
    "momentum of averaged gradients": (
        (numpy_framework.OPTIMIZERS, "sgd", twice),
        {"training_same_steps"},
    ),
    "gradient descent under Adam's name": (
        (numpy_framework.OPTIMIZERS, "adam", original_sgd),
        {"training_adam_apart"},
    ),
}


@pytest.mark.parametrize("name", MUTATIONS)
def test_wrong_training_falsifies_claims(in_numpy, name):
    (owner, key, wrong), noticed = MUTATIONS[name]
    change = in_numpy.setitem if isinstance(owner, dict) else in_numpy.setattr
    change(owner, key, wrong)
    found = outcomes(measuring.measure(**{**SIZES, "long_count": 1200}))
    assert noticed <= {name for name, outcome in found.items() if outcome == "falsified"}


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"counts": [800, 400]}, "must begin with the smallest"),
        ({"counts": [20, 400]}, "below the edge of stability"),
        ({"long_time": 1000.0}, "below the edge of stability"),
        ({"counts": [50, 100]}, "multiple"),
    ],
)
def test_bad_settings_get_one_sentence(settings, sentence):
    with pytest.raises(ValueError, match=sentence):
        Studies({**EVERY_STUDY, "studies": {"training": settings}}, ROOT)


def test_texts_fit_and_bytes_are_the_same(measured, monkeypatch):
    drawn = figure.data(measured)
    check_rendering(lambda: figure.draw(drawn), monkeypatch)
