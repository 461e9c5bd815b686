"""What the settings alone say of an ensemble, against numbers worked out by hand."""

import numpy as np
import pytest

from companion.expectations import Ensemble
from companion.own_targets import singular_values
from companion.templates import filled, value

TIMES = {"spacing": "linear", "first": 0.0, "last": 100.0, "count": 3}


def ensemble(starts, sigma=(3.0, 2.2, 1.0), shape=(4, 3), depths=(2, 3, 4)):
    target = {"singular_values": list(sigma), "shape": list(shape)}
    return Ensemble({"target": target, "depths": list(depths), "times": TIMES, "starts": starts})


def test_cases_of_approach_are_those_of_section_5():
    starts = {
        "sampled": {"sample": {"size": 1, "s": [1, 1]}},
        "exact": {"vectors": {"a": [[0, 1]], "b": [[0, 1]], "s": [1]}},
        # α_1 = 0, α_2 = 1.6, β_1 = 1.2, β_2 = 0: the gap is σ_1 + σ_2 = 5.2, and 2g = 10.4.
        "free": {"vectors": {"a": [[0.6, 0.8]], "b": [[-0.6, 0.8]], "s": [1]}},
    }
    made = ensemble(starts, depths=(2, 3, 4, 5))
    # g = 3 - 2.2 = 0.8 at the global minimizer, and 2g < 2 σ_1 at every depth.
    driven = [
        {"limit": "global_minimizer", "case": "driven", "depth": [2, 3, 4, 5]},
        # 5 σ_2 = 11 is 6 % more than 10.4.
        {"limit": "saddle_2", "case": "driven", "depth": [5]},
    ]
    assert made.laws("driven") == driven
    assert made.laws("free") == [{"limit": "saddle_2", "case": "free", "depth": [2, 3, 4]}]
    assert made.laws("exact") == [{"limit": "saddle_2", "case": "exact", "depth": [2, 3, 4, 5]}]


def test_laws_that_a_fit_cannot_tell_apart_are_left_out():
    sampled = {"sampled": {"sample": {"size": 1, "s": [1, 1]}}}
    # Rank one: g = σ_1, so that N = 2 is the resonance 2g = Nσ_1.
    one = ensemble(sampled, sigma=(2.0,))
    assert one.laws("driven") == [{"limit": "global_minimizer", "case": "driven", "depth": [3, 4]}]
    # σ_2 and σ_3 give two gaps, 0.80 and 0.82.
    assert ensemble(sampled, sigma=(3.0, 2.2, 2.18)).laws("driven") == []


def test_saddles_and_origins_are_those_that_the_target_has():
    stable = {
        f"limit_{limit}": {"stable_set": {"limit": limit, "size": 1, "s": [1, 1]}}
        for limit in (1, 2, "origin")
    }
    assert ensemble(stable).saddles() == [1.0, 2.2]
    assert ensemble(stable, sigma=(2.0, 2.0, 1.0)).saddles() == [1.0]
    assert ensemble(stable, sigma=(2.0,)).saddles() == []
    assert ensemble(stable, sigma=(2.0,)).leading_to("saddle") == []
    assert ensemble(stable).leading_to("origin") == [2, 3, 4]
    # With every mode taken in by the target on one side, no null part is left.
    assert ensemble(stable).origins("null_component", [3]) == []
    assert ensemble(stable, shape=(5, 4)).origins("null_component", [3])[0]["depth"] == [3]
    # With σ_2 < 2 σ_3 the law of section 5.4 sets in too slowly for N ≥ 3.
    close = ensemble(stable, sigma=(3.0, 1.9, 1.0))
    assert close.origins("no_null_component", [2, 3])[0]["depth"] == [2]
    assert ensemble(stable).origins("no_null_component", [2, 3])[0]["depth"] == [2, 3]
    # ((N - 2) σ_3 t)^(-N/(N - 2)) at t = 100: 100^-3, 200^-2; and (2 (N - 1) t)^(-N/(2N - 2)).
    assert ensemble(stable).origin_distance == pytest.approx(200.0**-2, rel=1e-14)
    assert ensemble(stable, shape=(4, 4)).origin_distance == pytest.approx(
        600.0 ** (-2 / 3), rel=1e-14
    )


def test_the_singular_values_of_files_are_those_of_the_decomposition(tmp_path):
    rng = np.random.default_rng(1)
    left, right = (np.linalg.qr(rng.standard_normal((n, n)))[0] for n in (4, 3))
    matrix = left[:, :2] @ np.diag([3.0, 0.5]) @ right[:, :2].T
    np.save(tmp_path / "z.npy", matrix)
    np.savetxt(tmp_path / "z.csv", matrix, delimiter=",")
    for name in ("z.npy", "z.csv"):
        values, shape = singular_values({"matrix": str(tmp_path / name)})
        np.testing.assert_allclose(values, [3.0, 0.5], rtol=1e-14)
        assert shape == [4, 3]
    # Y = Z X_w, with orthonormal rows of X_w and a doubled row in X.
    whitened = np.linalg.qr(rng.standard_normal((9, 3)))[0].T
    np.save(tmp_path / "x.npy", np.vstack([5 * whitened, 10 * whitened[0]]))
    np.save(tmp_path / "y.npy", matrix @ whitened)
    files = {"inputs": str(tmp_path / "x.npy"), "outputs": str(tmp_path / "y.npy")}
    values, shape = singular_values(files)
    np.testing.assert_allclose(values, [3.0, 0.5], rtol=1e-13)
    assert shape == [4, 3]


def test_templates_are_filled_with_values_of_settings():
    names = {"depth": ensemble({}), "s": 0.8, "many": list(range(20))}
    assert filled("σ = ({depth[target][singular_values]})", names) == "σ = (3, 2.2, 1)"
    assert filled("{depth.depths}, {s:.2f} and {{k+1}}", names) == "2, 3, 4, 0.80 and {k+1}"
    assert filled("{many}", names) == "0, 1, 2, 3, ..., 19"
    assert value({"depth": "{[n for n in depth.depths if n > 2]}"}, names) == {"depth": [3, 4]}
    with pytest.raises(ValueError, match=r"^\{depht\} cannot be evaluated .*; check its names$"):
        filled("{depht}", names)
