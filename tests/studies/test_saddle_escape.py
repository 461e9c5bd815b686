"""Steps leave saddles: laws against plain layers, and what table, figure and claims do."""

from pathlib import Path

import mpmath
import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy.integrate import quad

from companion.claims import Claim, judge
from companion.registry import Studies, overridden
from dlnpaper import StartingPoints, Target, descend, solve
from studies.saddle_escape import balance, figure, law
from studies.saddle_escape import measure as measuring
from studies.saddle_escape.digits import decimal_overtaking
from studies.saddle_escape.symmetric import symmetric_starts
from studies.saddle_escape.table import table as tabulate
from tests.figure_checks import check_rendering
from tests.workflow.conftest import ROOT

TARGET = Target([2.0, 1.0, 0.5], shape=(4, 3))
METHODS = [("gradient_descent", 0.0), ("heavy_ball", 0.6), ("nesterov", 0.7)]


def stable_start(mode, seed=3):
    """Return a start on the stable set of the saddle of a mode, from 1."""
    return StartingPoints.on_stable_set(TARGET, mode - 1, 1, np.random.default_rng(seed), s=0.6)


def plain_layers(layers, step, method, momentum, steps):
    """Return explicit layers after each step, as arrays (steps + 1, out, in)."""
    now, before, path = layers, layers, [layers]
    for _ in range(steps):
        ahead = [w + momentum * (w - old) for w, old in zip(now, before, strict=True)]
        at = ahead if method == "nesterov" else now
        residual = np.linalg.multi_dot(at[::-1]) - TARGET.matrix
        gradients = []
        for j in range(len(at)):
            upper, lower = np.eye(4), np.eye(3)
            for w in at[:j:-1]:
                upper = upper @ w
            for w in at[:j]:
                lower = w @ lower
            gradients.append(upper.T @ residual @ lower.T)
        moved = [w - step * g for w, g in zip(ahead, gradients, strict=True)]
        now, before = moved, now
        path.append(now)
    return [np.array(each) for each in zip(*path, strict=True)]


def chain(start, depth):
    """Return the layers of a chain of one-neuron layers."""
    size = float(start.s[0]) ** (1 / depth)
    return [size * start.b, *[np.array([[size]])] * (depth - 2), size * start.a.T]


@pytest.mark.parametrize(("method", "momentum"), METHODS)
@pytest.mark.parametrize(("depth", "mode"), [(2, 2), (3, 3), (4, 2)])
def test_plain_layers_get_the_growing_part_and_the_imbalance_of_the_law(
    depth, mode, method, momentum
):
    start, effective = stable_start(mode), 2e-3
    step = effective * law.step_share(method, momentum)
    clock = step / (1 - momentum)
    first, *_, last = plain_layers(chain(start, depth), step, method, momentum, int(4 / clock))
    x, y, times = last[..., 0], first[:, 0], clock * np.arange(len(last))
    apart = (x**2).sum(axis=1) - (y**2).sum(axis=1)
    predicted = law.imbalance(TARGET, depth, start, times)[0]
    # First order: the next one is larger by step times curvature.
    assert_allclose(apart / effective, predicted, atol=0.02 * np.abs(predicted).max())
    # After the transient the part grows as that of a flow from α_1 = C η̂ would.
    made = law.growing_part(TARGET, depth, start)[0]
    near = law.moved(TARGET, depth, start, mode - 1, effective)
    flow = solve(TARGET, depth, near, times[-1:], variables=["a", "b"])
    ratio = (x[-1, 0] + y[-1, 0]) / (x[-1, mode - 1] + y[-1, mode - 1])
    a, b = flow["a"].values[0, 0], flow["b"].values[0, 0]
    expected = (a[0] + b[0]) / (a[mode - 1] + b[mode - 1])
    assert ratio == pytest.approx(expected, rel=0.03)
    assert near.alpha(TARGET)[0, 0] == pytest.approx(made * effective, rel=1e-6)


def test_the_growing_part_is_the_double_integral_of_the_theory():
    start, depth = stable_start(2), 3
    alpha, beta, rho = (getattr(start, name)(TARGET)[0] for name in ("alpha", "beta", "rho"))
    sigma = TARGET.singular_values

    def energy(tau):
        grown = (alpha * np.exp(sigma * tau)) ** 2 + (beta * np.exp(-sigma * tau)) ** 2
        return grown.sum() / 4 + rho**2

    def s(tau):
        total = 1 / start.s[0] + depth * quad(lambda x: energy(x) ** 1.5, 0, tau, epsabs=1e-12)[0]
        return energy(tau) ** 1.5 / total

    def inner(tau):
        return quad(lambda x: s(x) / energy(x), 0, tau, epsabs=1e-9)[0]

    def integrand(tau):
        return s(tau) ** (1 / 3) * np.exp(-2 * sigma[0] * tau) * inner(tau)

    value = quad(integrand, 0, 6, epsabs=1e-8, limit=60)[0]
    lean = (sigma**2 * (start.a[0, :3] ** 2 - start.b[0, :3] ** 2)).sum()
    expected = -0.5 * beta[0] * lean * value
    assert law.growing_part(TARGET, depth, start)[0] == pytest.approx(expected, rel=1e-6)


@pytest.mark.parametrize("mode", [1, 2])
def test_overtaking_is_found_between_the_times(mode):
    times = np.linspace(0.0, 3.0, 8)
    a = np.zeros((2, 8, 3))
    # α_1 = e^(2t - 2.4), the other e^t: they meet at 2.4, or never.
    a[0, :, 0], a[:, :, mode] = np.exp(2 * times - 2.4), np.exp(times)
    found = law.overtaking(times, a, np.zeros((2, 8, 3)), mode)
    assert found[0] == pytest.approx(2.4, rel=1e-12)
    assert np.isnan(found[1])


def test_fifty_digits_are_those_of_another_implementation():
    start, depth, eta = stable_start(2), 3, 0.02
    with mpmath.workdps(40):
        size = mpmath.mpf(float(start.s[0] ** (1 / depth)))
        # The float of the product, as the layers hold it.
        x, y = (
            mpmath.matrix([mpmath.mpf(float(v * float(size))) for v in row[0]])
            for row in (start.a, start.b)
        )
        goal, z = mpmath.matrix(TARGET.matrix.tolist()), size
        ratios = []
        for _ in range(2000):
            error = z * x * y.T - goal
            pull = (x.T * error * y)[0]
            x, y, z = x - eta * z * error * y, y - eta * z * error.T * x, z - eta * pull
            ratios.append(mpmath.log(abs(x[0] + y[0]) / abs(x[1] + y[1])))
            if ratios[-1] >= 0:
                break
        expected = eta * float(len(ratios) - ratios[-1] / (ratios[-1] - ratios[-2]))
    found = decimal_overtaking(TARGET, depth, start, 1, eta, 40.0)
    assert found == pytest.approx(expected, abs=1e-12)
    assert np.isnan(decimal_overtaking(TARGET, depth, start, 1, eta, expected - 1))


@pytest.mark.parametrize(("method", "momentum"), METHODS)
def test_the_identity_holds_for_matrices_of_any_width(method, momentum):
    # As in the theory, 7.1, with explicit gradients, here of two layers with two hidden neurons.
    rng = np.random.default_rng(4)
    layers = [rng.standard_normal((2, 3)), rng.standard_normal((4, 2))]
    step = 0.01
    first, second = plain_layers(layers, step, method, momentum, 30)

    def form(one, two):
        return np.swapaxes(two, 1, 2) @ two - one @ np.swapaxes(one, 1, 2)

    moves = [np.diff(w, axis=0, prepend=w[:1]) for w in (first, second)]
    found, made = np.diff(form(first, second), axis=0), form(*moves)
    before = np.concatenate([0 * found[:1], found[:-1]])
    if method == "heavy_ball":
        added = made[1:] + momentum * made[:-1]
    else:
        at = [w + momentum * v for w, v in zip((first, second), moves, strict=True)]
        error = at[1] @ at[0] - TARGET.matrix
        pulls = np.swapaxes(at[1], 1, 2) @ error, error @ np.swapaxes(at[0], 1, 2)
        added = momentum * (1 + momentum) * made[:-1] + step**2 * form(*pulls)[:-1]
    assert_allclose(found, momentum * before + added, atol=1e-14)
    assert np.abs(found).max() > 1e-4


@pytest.mark.parametrize(("method", "momentum"), METHODS)
def test_symmetric_starts_keep_their_zeros_and_others_do_not(method, momentum):
    starts = symmetric_starts(TARGET, [2, 3, 0], [0.3, 0.9], np.random.default_rng(1))
    assert_allclose(np.abs(starts.a[:, :3]), np.abs(starts.b), rtol=0)
    assert (starts.alpha(TARGET) == 0).sum(axis=1).min() >= 1
    how = {"step": 0.02, "steps": 3000, "method": method, "momentum": momentum}
    path = descend(TARGET, 3, starts, every=300, **how)
    alpha = path["last"].values[..., :3] + path["first"].values
    assert (alpha[0, :, 0] == 0).all()
    assert (alpha[1, :, :2] == 0).all()
    assert (alpha[2] == 0).all()
    # A last bit of asymmetry, and the first mode comes.
    other = StartingPoints(starts.a, np.nextafter(starts.b, 2), starts.s)
    path = descend(TARGET, 3, other[[0]], every=300, **how)
    assert abs(path["last"][0, -1, 0]) > 0.1


@pytest.fixture(scope="module")
def studies():
    small = overridden({}, Studies({"memory_mb": 1}, ROOT).cards["saddle_escape"]["small"])
    return Studies({**small, "memory_mb": 1}, ROOT)


@pytest.fixture(scope="module")
def measured(studies):
    return measuring.measure(**studies.settings("saddle_escape", "measure"))


def outcomes(studies, table):
    """Return the outcome of each claim of the study."""
    found = [Claim(**entry) for entry in studies.claims() if entry["study"] == "saddle_escape"]
    return {claim.id: judge(claim, {"saddle_escape": table}).outcome for claim in found}


def test_claims_hold_as_long_as_nothing_is_wrong(studies, measured):
    assert set(outcomes(studies, tabulate(measured)).values()) == {"supported"}


RIGHT = law.growing_part, law.step_share, balance._gradients, measuring.symmetric_starts

# Where a function is used, its name, what takes its place, and the claims that must notice.
MUTATIONS = {
    "a growing part of the opposite sign": (
        law,
        "growing_part",
        lambda *args: -RIGHT[0](*args),
        ["saddle_escape_side"],
    ),
    "a growing part a tenth larger": (
        law,
        "growing_part",
        lambda *args: 1.1 * RIGHT[0](*args),
        ["saddle_escape_time", "saddle_escape_order"],
    ),
    "an effective step that is the time of a step": (
        measuring,
        "step_share",
        lambda method, momentum: 1 - momentum,
        ["saddle_escape_time", "saddle_escape_imbalance"],
    ),
    "Nesterov's method as if it were heavy ball": (
        measuring,
        "step_share",
        lambda method, momentum: RIGHT[1]("heavy_ball", momentum),
        ["saddle_escape_time", "saddle_escape_imbalance"],
    ),
    "gradients without the pull of the product": (
        balance,
        "_gradients",
        lambda target, depth, y, z, x: RIGHT[2](target, depth, y, z, 0.999 * x),
        ["saddle_escape_identity"],
    ),
    "starts that are symmetric up to rounding": (
        measuring,
        "symmetric_starts",
        lambda *args: StartingPoints(
            RIGHT[3](*args).a, np.nextafter(RIGHT[3](*args).b, 2), RIGHT[3](*args).s
        ),
        ["saddle_escape_symmetric", "saddle_escape_symmetric_loss", "saddle_escape_collapse"],
    ),
}


@pytest.mark.parametrize(
    ("place", "name", "wrong", "guards"), MUTATIONS.values(), ids=MUTATIONS.keys()
)
def test_claims_notice_what_is_wrong(place, name, wrong, guards, studies, monkeypatch):
    monkeypatch.setattr(place, name, wrong)
    if name == "growing_part":
        monkeypatch.setattr(measuring, name, wrong)
    table = tabulate(measuring.measure(**studies.settings("saddle_escape", "measure")))
    found = outcomes(studies, table)
    assert {guard: found[guard] for guard in guards} == dict.fromkeys(guards, "falsified")


def test_errors_that_are_put_in_come_out(studies, measured):
    moved = measured.copy(deep=True)
    late = moved["leaving"]
    late[{"descent": 1, "depth": 0, "saddle": 0}] = (
        late[{"descent": 1, "depth": 0, "saddle": 0}] * 1.2
    )
    late[{"descent": 2, "depth": 0, "saddle": 0, "start": 0, "effective_step": -1}] = np.nan
    moved["symmetric_part"].loc[3, "gradient_descent", 2] = 1e-300
    found = tabulate(moved).set_index(["quantity", "depth", "descent", "limit"]).sort_index()
    slopes = found.loc["slope", 2, "heavy_ball", 2]["error"]
    # All slopes are a fifth steeper; the law itself errs by less than 0.04 at these steps.
    assert_allclose(slopes, 0.2, atol=0.05)
    assert np.isnan(found.loc["time", 2, "nesterov", 2]["error"]).sum() == 1
    part = found.loc["symmetric part", 3, "gradient_descent", 2]["measured"]
    assert part == 1e-300
    verdicts = outcomes(studies, tabulate(moved))
    for name in ("slope", "time", "symmetric"):
        assert verdicts[f"saddle_escape_{name}"] == "falsified"


def test_the_slope_of_the_table_is_written_out(measured):
    rows = tabulate(measured).query("quantity == 'slope' and depth == 3 and limit == 3")
    assert_allclose(rows["predicted"], 1 / (0.7 ** (1 / 3) * 1.3), rtol=1e-14)


def test_the_figure_can_be_read_and_has_the_same_bytes(measured, monkeypatch):
    drawn = figure.data(measured, drawn_depth=3)
    check_rendering(lambda: figure.draw(drawn), monkeypatch)


def test_the_figure_shows_the_saddle_that_the_flow_stays_at(measured):
    drawn = figure.data(measured, drawn_depth=3)
    # ½ (2² − 1.2²) above the loss of the best matrix of rank one.
    assert drawn.attrs["level"] == pytest.approx(1.28)
    assert float(drawn["flow_excess"][-1]) == pytest.approx(1.28, abs=1e-3)
    assert float(drawn["excess"][0, -1]) < 0.01


@pytest.mark.parametrize(
    ("own", "sentence"),
    [
        ({"saddles": [2, 4]}, "saddles must be modes of the target, up to 3, got 2, 4"),
        ({"drawn_depth": 6}, "drawn_depth must be one of the depths, 2, 3, 4, 5, got 6"),
        ({"s": [1.0, 0.5]}, "s must be an interval, from the smallest to the largest, got 1, 0.5"),
        (
            {"target": {"singular_values": [1.0, 2.0]}},
            "must have falling singular values, got 1, 2",
        ),
        ({"target": {"shape": [3, 3]}}, "must have a null direction and room for its singular"),
    ],
)
def test_settings_that_cannot_be_made_are_refused(own, sentence):
    with pytest.raises(ValueError, match=sentence):
        Studies({"studies": {"saddle_escape": own}, "memory_mb": 1}, Path(ROOT))
