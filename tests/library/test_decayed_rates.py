"""Laws with weight decay, against what the exact trajectories do at late times."""

import numpy as np
import pytest

from dlnpaper import StartingPoints, Target, rates, solve

TARGET = Target([3.0, 2.0, 0.8], shape=(4, 3))
STARTS = StartingPoints.concatenate(
    [
        StartingPoints.sample(TARGET, 3, rng=0, s=(2.0, 6.0)),
        StartingPoints.on_stable_set(TARGET, 1, 3, rng=1, s=(2.0, 6.0)),
    ]
)
COLLAPSING = StartingPoints.concatenate(
    [STARTS, StartingPoints.on_stable_set(TARGET, "origin", 2, rng=2, s=(0.5, 6.0))]
)


def logarithms(depth, start, times, mu, limit):
    """Return the logarithms of what has a law, over the times; the limit has one mode."""
    path = solve(TARGET, depth, start, times, weight_decay=mu).isel(start=0)
    mode = 0 if start.alpha(TARGET)[0, 0] else 1
    # Beside the limit's entry, and ``1 - cos`` from these without cancellation.
    beside_a, beside_b = path.a.values.copy(), path.b.values.copy()
    beside_a[:, mode] = beside_b[:, mode] = 0
    squares = (beside_a**2).sum(axis=1), (beside_b**2).sum(axis=1)
    off_a, off_b = (square / (1 + np.sqrt(1 - square)) for square in squares)
    s = path.s.values
    turned = off_a + off_b - off_a * off_b
    with np.errstate(divide="ignore"):
        return {
            "directions": np.log(2 * (off_a + off_b)) / 2,
            "excess": np.log(path.excess.values),
            "s_gap": np.log(np.abs(s - limit)),
            "end_to_end": np.log((s - limit) ** 2 + 2 * s * limit * turned) / 2,
        }


def law(laws, quantity, times):
    """Return the logarithm of a law of one start, over the times."""
    own = laws.sel(quantity=quantity)
    assert own.kind_name.item() == ("exponential" if own.rate else "power")
    slope = own.rate.item() * times + own.exponent.item() * np.log(times)
    return own.log_prefactor.item() - slope


@pytest.mark.parametrize("mu", [0.1, 0.4])
@pytest.mark.parametrize("depth", [2, 3, 5])
def test_the_approach_follows_its_laws_prefactors_included(depth, mu):
    laws = rates(TARGET, depth, STARTS, weight_decay=mu)
    converging = np.flatnonzero(laws.value > 0)
    assert converging.size >= 2
    for i in converging:
        own = laws.isel(start=i)
        assert own.prefactor_known.all()
        rate = own.rate.sel(quantity="directions").item()
        # |s - s_∞| is a difference, known only where the next term, e^{-0.8t} for two layers at
        # the saddle, still counts; of the others nothing cancels.
        for quantity, share, tolerance in (
            ("directions", 22, 1e-5),
            ("excess", 22, 1e-5),
            ("end_to_end", 16, 1e-5),
            ("s_gap", 11, 3e-2),
        ):
            times = np.array([0.97, 1.0]) * share / rate
            found = logarithms(depth, STARTS[[i]], times, mu, own.value.item())[quantity]
            # The next terms have decayed below the tolerance.
            np.testing.assert_allclose(
                found, law(own, quantity, times), rtol=0, atol=tolerance, err_msg=quantity
            )


@pytest.mark.parametrize("depth", [2, 3, 6])
def test_exact_directions_relax_at_the_rate_of_s_alone(depth):
    # s + μ s^-q = σ; δ' = -N (s - q (σ - s)) δ in τ, and dτ = s^q dt.
    mu, q = 0.4, 1 - 2 / depth
    target, start = Target([2.0], (1, 1)), StartingPoints([[1.0]], [[1.0]], 3.0)
    laws = rates(target, depth, start, weight_decay=mu).isel(start=0)
    s = laws.value.item()
    rate = depth * (s - q * (2 - s)) * s**q
    assert s + mu * s**-q == pytest.approx(2, rel=1e-15)
    assert laws.rate.sel(quantity="excess").item() == pytest.approx(2 * rate, rel=1e-14)
    assert laws.prefactor_known.sel(quantity="s_gap").item() == (depth == 2)
    times = np.array([18.0, 20.0]) / rate
    excess = np.log(solve(target, depth, start, times, weight_decay=mu).excess.values[0])
    assert np.diff(excess) / np.diff(times) == pytest.approx(-2 * rate, rel=1e-7)
    if depth == 2:
        np.testing.assert_allclose(excess, law(laws, "excess", times), rtol=0, atol=1e-6)


def test_the_law_is_resonant_where_decay_makes_both_rates_equal():
    # N = 2, σ_1 - σ_2 = 1 and σ_1 - μ = 1: δ_s' = 2 (δ_c - δ_s), δ_c ~ e^-2t.
    laws = rates(TARGET, 2, STARTS[:1], weight_decay=2.0).isel(start=0).sel(quantity="s_gap")
    assert laws.kind_name.item() == "resonant"
    assert laws.rate.item() == pytest.approx(2, rel=1e-14)
    times = np.array([10.0, 11.0])
    s = solve(TARGET, 2, STARTS[:1], times, weight_decay=2.0).s.values[0]
    scaled = (1 / s - 1) * np.exp(2 * times)
    # The part without t has no share in the difference.
    assert np.diff(scaled) == pytest.approx(np.exp(laws.log_prefactor.item()), rel=1e-5)


@pytest.mark.parametrize("mu", [3.0, 3.5])
@pytest.mark.parametrize("depth", [2, 3, 5])
def test_a_collapse_follows_its_laws_prefactors_included(depth, mu):
    laws = rates(TARGET, depth, COLLAPSING, weight_decay=mu)
    assert (laws.value == 0).all()
    assert (laws.kind_name.sel(quantity=["directions", "alignment_gap"]) == "undefined").all()
    power = (depth == 2) & (mu == 3) & (COLLAPSING.alpha(TARGET)[:, 0] != 0)
    for i in range(len(COLLAPSING)):
        own = laws.isel(start=i)
        assert (own.sel(quantity="excess").kind_name == "power").item() == power[i]
        time = np.array([1e11 if power[i] else 40.0])
        path = solve(TARGET, depth, COLLAPSING[[i]], time, weight_decay=mu).isel(start=0)
        # On the threshold the next term is 1/t, and elsewhere exponentially small.
        options = {"rtol": 0, "atol": 1e-6}
        np.testing.assert_allclose(path.log_s, law(own, "s_gap", time), **options)
        np.testing.assert_allclose(path.log_s, law(own, "end_to_end", time), **options)
        np.testing.assert_allclose(np.log(path.excess), law(own, "excess", time), **options)


def test_several_depths_have_their_own_limits():
    laws = rates(TARGET, [2, 3], STARTS, weight_decay=0.4, prefactors=False)
    assert laws.value.dims == ("depth", "start")
    assert not laws.prefactor_known.any()
    alone = rates(TARGET, 3, STARTS, weight_decay=0.4, prefactors=False)
    np.testing.assert_array_equal(laws.rate.sel(depth=3), alone.rate)
