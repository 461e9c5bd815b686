"""Steps and the flow, cycles above the edge: against plain recursions and another integration."""

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy.integrate import solve_ivp

from companion.claims import Claim, judge
from companion.registry import Studies
from dlnpaper import StartingPoints, Target
from studies.step_sizes import cycles, edge, figure, first_order, flow, orbits
from studies.step_sizes import table as tabulating
from studies.step_sizes.measure import measure
from tests.figure_checks import check_rendering
from tests.workflow.conftest import ROOT

SMALL = Studies({"memory_mb": 1}, ROOT).cards["step_sizes"]["small"]["studies"]["step_sizes"]
STUDIES = Studies({"memory_mb": 1, "studies": {"step_sizes": SMALL}}, ROOT)
SETTINGS = STUDIES.settings("step_sizes", "measure")
CLAIMS = [Claim(**entry) for entry in STUDIES.claims() if entry["study"] == "step_sizes"]
METHODS = [("gradient_descent", 0.0), ("heavy_ball", 0.5), ("nesterov", 0.5)]


@pytest.fixture(scope="module")
def measured():
    return measure(**SETTINGS)


def outcomes(measured):
    table = tabulating.table(measured, **STUDIES.settings("step_sizes", "table"))
    return {claim.id: judge(claim, {"step_sizes": table}).outcome for claim in CLAIMS}


def chain_step(weights, before, step, method, momentum):
    """Return scalar layers with the target 1 after one step, by the definition of the method."""
    ahead = weights + momentum * (weights - before)
    at = ahead if method == "nesterov" else weights
    residual = at.prod() - 1
    slopes = [residual * np.delete(at, j).prod() for j in range(len(at))]
    return ahead - step * np.array(slopes)


def test_the_claims_hold(measured):
    # "random starts" are about the seed of the card and the full number of targets.
    found = outcomes(measured)
    assert set(found.values()) <= {"supported", "not applicable"}
    assert [name for name, outcome in found.items() if outcome != "supported"] in (
        [],
        ["step_sizes_random_starts"],
    )


def test_the_two_cycle_of_two_layers_is_known_by_hand():
    for ratio in (1.001, 1.01, 1.2):
        # With σ = 1 and η = r: φ_+ φ_- = 1/η, and φ_+² + φ_-² = 1 + 1/η.
        lower, upper = cycles.two_cycle(2, ratio)
        assert lower * upper == pytest.approx(1 / ratio, rel=1e-13)
        assert lower**2 + upper**2 == pytest.approx(1 + 1 / ratio, rel=1e-13)
    assert cycles.doubling(2) == pytest.approx(np.sqrt(5) - 1, rel=1e-12)


@pytest.mark.parametrize(("method", "momentum"), METHODS)
@pytest.mark.parametrize("depth", [2, 3, 6])
def test_scalar_layers_alternate_between_the_predicted_values(depth, method, momentum):
    scale = {"gradient_descent": 1.0, "heavy_ball": 1.5, "nesterov": 0.75}[method]
    values = cycles.method_cycle(depth, 1.02, method, momentum)
    before, now = (np.full(depth, value) for value in values)
    for _ in range(2):
        before, now = now, chain_step(now, before, 1.02 * scale * 2 / depth, method, momentum)
    assert_allclose(before, values[0], rtol=1e-12)
    assert_allclose(now, values[1], rtol=1e-12)


@pytest.mark.parametrize("depth", [2, 3, 5])
def test_the_four_cycle_begins_where_predicted(depth):
    for side, length in ((0.995, 2), (1.005, 4)):
        w = np.full(depth, 1.01)
        for _ in range(4000):
            w = chain_step(w, w, side * cycles.doubling(depth) * 2 / depth, "", 0.0)
        points = [w]
        for _ in range(4):
            points.append(
                chain_step(
                    points[-1], points[-1], side * cycles.doubling(depth) * 2 / depth, "", 0.0
                )
            )
        assert_allclose(points[length], points[0], rtol=1e-6)
        assert length == 2 or np.abs(points[2] - points[0]).max() > 1e-3


@pytest.mark.parametrize("depth", [2, 3, 6])
def test_differences_of_layers_shrink_by_the_predicted_factor(depth):
    lower, _ = cycles.two_cycle(depth, 1.05)
    w = np.full(depth, lower)
    w[0] += 1e-7
    apart = [w[0] - w[1]]
    for _ in range(2):
        w = chain_step(w, w, 1.05 * 2 / depth, "", 0.0)
        apart.append(w[0] - w[1])
    assert apart[2] / apart[0] == pytest.approx(cycles.balance_factor(depth, 1.05), rel=1e-5)


def test_the_amplitude_tends_to_its_law():
    for depth in (2, 3, 6, 20):
        lower, upper = cycles.two_cycle(depth, 1 + 1e-5)
        law = cycles.amplitude_law(depth, 1e-5)
        assert (upper - lower) / 2 == pytest.approx(law, rel=1e-5)


@pytest.mark.parametrize("depth", [2, 3, 4])
def test_first_order_is_that_of_layers_on_a_bent_flow(depth):
    target = Target([2.0, 1.0], shape=(3, 2))
    start, times, small = StartingPoints.sample(target, 1, 3, s=0.5), np.array([0.5, 2.0]), 1e-5
    layers = start.layers(0, depth, 1, 0)
    sizes = [layer.size for layer in layers]

    def gradient(flat):
        parts = [
            part.reshape(layer.shape)
            for part, layer in zip(np.split(flat, np.cumsum(sizes)[:-1]), layers, strict=True)
        ]
        residual = np.linalg.multi_dot(parts[::-1]) - target.matrix
        slopes = []
        for j in range(depth):
            above = np.eye(3)
            for part in parts[:j:-1]:
                above = above @ part
            below = np.eye(2)
            for part in parts[:j]:
                below = part @ below
            slopes.append((above.T @ residual @ below.T).ravel())
        return np.concatenate(slopes), np.linalg.multi_dot(parts[::-1])

    def product(bend, lag):
        def slope(_, w):
            g, _ = gradient(w)
            further, nearer = gradient(w + 1e-5 * g)[0], gradient(w - 1e-5 * g)[0]
            return -g - bend * (further - nearer) / 2e-5

        initial = np.concatenate([layer.ravel() for layer in layers])
        initial = initial + lag * gradient(initial)[0]
        options = {"t_eval": times, "rtol": 1e-12, "atol": 1e-13, "method": "DOP853"}
        return np.array([gradient(w)[1] for w in solve_ivp(slope, (0, 2), initial, **options).y.T])

    by_bend, by_lag = first_order.responses(target, depth, start, times)
    # Central differences leave the square of the step, and 1e-12 over it.
    assert_allclose((product(small, 0) - product(-small, 0)) / (2 * small), by_bend, atol=1e-5)
    assert_allclose((product(0, small) - product(0, -small)) / (2 * small), by_lag, atol=1e-5)


def test_momentum_bends_and_lags_by_the_rules_of_a_scalar_quadratic():
    # f = w²/2 from 1: after the momentum has built up, w_k tends to (1 + c) exp(-r k).
    for method, ahead in (("heavy_ball", 0.0), ("nesterov", 1.0)):
        step, momentum = 1e-6, 0.8
        h = first_order.clock(step, momentum)
        bend, lag = first_order.bend_and_lag(method, step, momentum)
        inner = (1 + momentum) - step * (1 + ahead * momentum)
        root = (inner + np.sqrt(inner**2 - 4 * momentum * (1 - ahead * step))) / 2
        assert (-np.log(root) / h - 1) / h == pytest.approx(bend / h, rel=1e-3)
        # w_{-1} = w_0 = 1 = A + B, with the other root z: A/root + B/z = 1.
        other = momentum * (1 - ahead * step) / root
        large = (1 - 1 / other) / (1 / root - 1 / other)
        assert large - 1 == pytest.approx(lag, rel=1e-3)


def test_random_targets_and_starts_are_as_stated():
    for k, target in enumerate(edge.random_targets(5, 1)):
        shares = target.singular_values / target.singular_values[0]
        assert target.rank == 4
        assert ((shares[1:] >= 0.1) & (shares[1:] <= 0.9)).all()
        near = edge.near_starts(target, [1, k])
        assert 1e-4 < np.abs(near.s / target.singular_values[0] - 1).max() < 1e-2
        assert (near.a[:, 0] > 0.99).all()


def test_periods_are_counted():
    assert orbits.period(np.tile([1.0, 1.1, 1.2, 1.1], 4)) == 4
    assert orbits.period(np.ones(16)) == 1
    assert orbits.period(np.arange(16.0)) == 0


def test_errors_that_are_put_in_come_out(measured):
    moved = measured.copy(deep=True)
    at = {"depth": 3, "method": "heavy_ball"}
    moved["distance"].loc[at] *= [1.0, 1.2]
    moved["period"].loc[{"depth": 3}] = [1, 2, 2, 0]
    moved["converged"].loc[at | {"side": "below"}] = 0.5
    table = tabulating.table(moved, **STUDIES.settings("step_sizes", "table"))
    rows = table.set_index(["quantity", "depth", "method"]).sort_index()
    slope = rows.loc[("slope", 3, "heavy_ball"), "error"].item()
    # The step is 0.3 times as large.
    assert slope == pytest.approx(np.log(1.2) / np.log(0.3), abs=0.01)
    errors = rows.loc[("period beyond", 3, "gradient_descent"), "error"]
    assert errors.tolist() == [0, -4]
    assert rows.loc[("targets converged", 3, "heavy_ball"), "error"].item() == -0.5
    falsified = {name for name, outcome in outcomes(moved).items() if outcome == "falsified"}
    assert falsified == {
        "step_sizes_slope",
        "step_sizes_constant",
        "step_sizes_period",
        "step_sizes_below",
    }


MUTATIONS = {
    "the clock of gradient descent for all": (
        (first_order, flow),
        "clock",
        lambda step, momentum: step,
        {"step_sizes_slope", "step_sizes_constant"},
    ),
    "no lag": (
        (flow,),
        "bend_and_lag",
        lambda *about: (first_order.bend_and_lag(*about)[0], 0.0),
        {"step_sizes_constant"},
    ),
    "the bend of heavy ball for Nesterov": (
        (flow,),
        "bend_and_lag",
        lambda method, *about: first_order.bend_and_lag("heavy_ball", *about),
        {"step_sizes_constant"},
    ),
    "an edge of 1.05 times that": (
        (edge,),
        "stable_step",
        lambda values, **about: 1.05 * right_edge(values, **about),
        {"step_sizes_below", "step_sizes_cycle", "step_sizes_amplitude"},
    ),
    "an edge of 0.95 times that": (
        (edge,),
        "stable_step",
        lambda values, **about: 0.95 * right_edge(values, **about),
        {"step_sizes_above", "step_sizes_cycle"},
    ),
    "the cycle of one more layer": (
        (edge,),
        "method_cycle",
        lambda depth, *about: cycles.method_cycle(depth + 1, *about),
        {"step_sizes_cycle"},
    ),
}
right_edge = edge.stable_step


@pytest.mark.parametrize(("modules", "name", "wrong", "noticed"), MUTATIONS.values(), ids=MUTATIONS)
def test_wrong_laws_falsify_claims(modules, name, wrong, noticed, monkeypatch):
    for module in modules:
        monkeypatch.setattr(module, name, wrong)
    found = outcomes(measure(**SETTINGS))
    assert noticed <= {name for name, outcome in found.items() if outcome == "falsified"}


@pytest.mark.parametrize(
    ("name", "wrong", "noticed"),
    [
        ("balance_factor", lambda *about: cycles.balance_factor(*about) ** 1.1, "balance"),
        ("amplitude_law", lambda *about: 1.1 * cycles.amplitude_law(*about), "amplitude"),
    ],
)
def test_wrong_laws_of_the_table_falsify_claims(measured, name, wrong, noticed, monkeypatch):
    monkeypatch.setattr(tabulating, name, wrong)
    found = outcomes(measured)
    assert {name for name, outcome in found.items() if outcome == "falsified"} == {
        f"step_sizes_{noticed}"
    }


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"drawn_depth": 7}, "drawn_depth must be one of the depths"),
        ({"horizon": 0.1}, "horizon must hold 400 of the largest steps of every depth, got 0.1"),
    ],
)
def test_bad_settings_get_one_sentence(settings, sentence):
    with pytest.raises(ValueError, match=sentence):
        Studies({"memory_mb": 1, "studies": {"step_sizes": settings}}, ROOT)


def test_texts_fit_and_bytes_are_the_same(measured, monkeypatch):
    drawn = figure.data(measured, drawn_depth=3, margin=0.01)
    check_rendering(lambda: figure.draw(drawn), monkeypatch)
