"""What the figures about the closed form and its witnesses draw."""

from itertools import combinations

import matplotlib as mpl
import numpy as np
import pytest
import xarray as xr
from numpy.testing import assert_allclose, assert_array_equal

from dlnpaper.figures import agreement, digits, saddle_trap, style

SOLVERS = ["LSODA", "RK45", "Radau", "DOP853", "BDF"]


@pytest.fixture(scope="module")
def errors():
    """Errors of 3 starts at 2 depths, that grow with the tolerance in a known way."""
    runs = [
        (flow, method, rtol)
        for flow in ("induced", "layers")
        for method in ("LSODA", "DOP853", "RK45", "Radau")
        for rtol in (1e-4, 1e-13)
    ]
    rtol = np.array([run[2] for run in runs])
    worst = rtol[:, None, None] * np.array([[10, 20, 600], [1, 2, 3]])
    dims = ("run", "depth", "start")
    return xr.Dataset(
        {"s": (dims, worst), "a": (dims, worst / 2), "b": (dims, worst * 0)},
        coords={
            "flow": ("run", [run[0] for run in runs]),
            "method": ("run", [run[1] for run in runs]),
            "rtol": ("run", rtol),
            "depth": [2, 3],
        },
    )


@pytest.fixture(scope="module")
def followed():
    """Curves that stay in place in singular coordinates, and are thrown off in rotated ones."""
    time = np.linspace(0, 50, 201)
    tau = 1.25 * time
    runs = [("closed form", 0.0), *((solver, rtol) for solver in SOLVERS for rtol in (1e-6, 1e-10))]
    shape = (2, len(runs), 2, 1, len(time))
    dims = ("coordinates", "run", "depth", "start", "time")
    s, alpha = np.full(shape, 2.0), np.zeros(shape)
    late = np.array([33 + 0.5 * k for k in range(len(runs))])
    s[1, 1:] = (2 + (tau > late[1:, None]))[:, None, None]
    alpha[1] = np.exp(np.minimum(tau - late[:, None], 0))[:, None, None]
    a, b = np.zeros((*shape, 3)), np.zeros((*shape, 3))
    a[..., 0] = b[..., 0] = -alpha / 2
    return xr.Dataset(
        {
            "s": (dims, s),
            "tau": (dims, np.broadcast_to(tau, shape)),
            "a": ((*dims, "left"), a),
            "b": ((*dims, "right"), b),
            "limit": ("start", [2.0]),
            "singular_values": ("mode", [3.0, 2.0, 1.0]),
        },
        coords={
            "coordinates": ["singular", "rotated"],
            "solver": ("run", [run[0] for run in runs]),
            "rtol": ("run", [run[1] for run in runs]),
            "depth": [2, 3],
            "time": time,
        },
    )


@pytest.fixture(scope="module")
def learned():
    """A small data set, and losses from 8 starts, 2 of them by the layers as well."""
    data = xr.Dataset({"singular_values": ("mode", [4.0, 3.0, 2.0])}, attrs={"loss_offset": 7.0})
    time = np.concatenate([[0.0], np.geomspace(0.01, 10, 30)])
    loss = 13.5 + 8 * np.exp(-time * np.linspace(0.5, 2, 8)[:, None])
    ensemble = xr.Dataset(
        {"loss": (("depth", "start", "time"), np.stack([loss, loss]))},
        coords={"depth": [2, 3], "time": time},
    )
    compared = ensemble.isel(start=slice(6, 8))
    return data, ensemble, compared, compared + 0.5


@pytest.fixture(scope="module")
def drawn(errors, followed, learned):
    """Module and numbers of each figure."""
    predicted = xr.Dataset({"predicted_tau": ("start", [36.7])})
    return {
        "agreement": (agreement, agreement.numbers(errors)),
        "saddle_trap": (saddle_trap, saddle_trap.numbers(followed, predicted)),
        "digits": (digits, digits.numbers(*learned)),
    }


def test_agreement_draws_the_worst_and_the_median_start(drawn):
    _, numbers = drawn["agreement"]
    assert_allclose(numbers["largest"].sel(depth=2), 600 * numbers["rtol"], rtol=1e-14)
    assert_allclose(numbers["median"].sel(depth=2), 20 * numbers["rtol"], rtol=1e-14)
    assert_allclose(numbers["largest"].sel(depth=3), 3 * numbers["rtol"], rtol=1e-14)


def test_saddle_trap_draws_the_finest_tolerance_at_the_largest_depth(drawn, followed):
    _, numbers = drawn["saddle_trap"]
    assert numbers["solver"].values.tolist() == SOLVERS
    assert (numbers["rtol"] == 1e-10).all()
    assert numbers["depth"] == 3
    rotated = followed["s"].sel(coordinates="rotated", depth=3).isel(start=0, run=slice(2, None, 2))
    assert_array_equal(numbers["s"].sel(coordinates="rotated"), rotated)
    # α_1 = a_1 + b_1 is negative here; its absolute value ends at 1.
    assert_allclose(numbers["alpha_1"].isel(time=-1), 1, rtol=1e-15)
    assert (numbers["exact_s"] == 2).all()


def test_the_predicted_growth_starts_at_a_unit_roundoff_and_ends_at_one(drawn):
    module, numbers = drawn["saddle_trap"]
    axes = module.draw(numbers).axes[2]
    (line,) = [
        line for line in axes.get_lines() if len(line.get_xdata()) == 2 and line.get_ydata()[0] > 0
    ]
    assert_allclose(line.get_xdata(), [0, 36.7])
    # e^{36.7} is 2^53 to the digits of 36.7.
    assert_allclose(line.get_ydata(), [2.0**-53, 1], rtol=0.04)


def test_digits_draw_the_losses_and_the_best_one(drawn, learned):
    _, numbers = drawn["digits"]
    # ½ (3² + 2²) + 7: what the largest mode leaves, and what no matrix can fit.
    assert numbers["best"] == 13.5
    assert numbers["time"].min() > 0
    assert_array_equal(
        numbers["exact_loss"], learned[1]["loss"].isel(start=[6, 7], time=slice(1, None))
    )
    assert_allclose(numbers["loss_of_layers"], numbers["exact_loss"] + 0.5, rtol=1e-15)


@pytest.mark.parametrize("name", ["agreement", "saddle_trap", "digits"])
def test_curves_differ_without_color(drawn, name):
    module, numbers = drawn[name]
    axes = module.draw(numbers).axes[1]
    lines = [line for line in axes.get_lines() if not line.get_label().startswith("_")]
    looks = {
        (line.get_marker(), str(line._unscaled_dash_pattern), line.get_linewidth())
        for line in lines
    }
    assert len(looks) == len(lines) > 2


@pytest.mark.parametrize("kind", ["pdf", "png"])
@pytest.mark.parametrize("name", ["agreement", "saddle_trap", "digits"])
def test_the_bytes_depend_on_the_numbers_alone(drawn, name, kind):
    module, numbers = drawn[name]
    first = style.rendered(module.draw(numbers), kind)
    with mpl.rc_context({"font.size": 20, "lines.linewidth": 5, "savefig.dpi": 30}):
        second = style.rendered(module.draw(numbers), kind)
    assert first == second


@pytest.mark.parametrize("name", ["agreement", "saddle_trap", "digits"])
def test_no_text_is_cut_off_or_overlaps_another(drawn, name, monkeypatch):
    boxes = {}
    draw_text = mpl.text.Text.draw

    def recorded(text, renderer):
        draw_text(text, renderer)
        if text.get_text() and text.get_visible():
            boxes[text] = text.get_window_extent(renderer)

    monkeypatch.setattr(mpl.text.Text, "draw", recorded)
    module, numbers = drawn[name]
    figure = module.draw(numbers)
    style.rendered(figure, "png")
    width, height = figure.get_size_inches() * 200  # in dots, as the boxes are
    assert len(boxes) > 15
    for text, box in boxes.items():
        assert min(box.x0, box.y0, width - box.x1, height - box.y1) >= 0, text
    for one, other in combinations(boxes, 2):
        assert not boxes[one].overlaps(boxes[other]), (one, other)
