"""Late times where a mode decays as s does, so that s responds to it like ``x exp(-N c_∞ x)``.

That takes 2 g_m = N c_∞, with g_m = c_∞ - σ_j for α_j, c_∞ for ρ and c_∞ + σ_j for β_j, hence ρ at
N = 2, and β_j with σ_j = (N/2 - 1) c_∞ for N >= 3. For N >= 5 this σ_j exceeds c_∞, and the limit
is a saddle. Only a σ_j that is next to nothing makes α_j and, at N = 2, β_j resonant.
"""

import mpmath as mp
import numpy as np
import pytest
from numpy.testing import assert_allclose

from dlnpaper import StartingPoints, Target, solve
from tests.references.high_precision import ExactTrajectory

# In the continuation c_∞ is 2. The square of an amplitude 1e-150 is no float: such a mode takes no
# part, but two layers then need the panels, and the continuation, of deeper networks.
TINY, NOTHING = 1e-150, 1e-9
#: By the resonant mode: N, singular values, a and b.
CASES = {
    "rho, N=2": (2, [2.0, 2.0], [0.8, TINY, 0.6], [1.0, 0.0, 0.0]),
    "rho, N=2, elementary": (2, [2.0], [0.8, 0.6], [1.0, 0.0]),
    "alpha_3, N=2": (2, [2.0, 2.0, NOTHING], [0.8, TINY, 0.6], [0.8, 0.0, 0.6]),
    "beta_3, N=2": (2, [2.0, 2.0, NOTHING], [0.8, TINY, 0.6], [0.8, 0.0, -0.6]),
    "beta_2, N=3": (3, [2.0, 1.0], [0.8, 0.6], [0.8, -0.6]),
    "beta_2, N=4": (4, [2.0, 2.0], [0.8, 0.6], [0.8, -0.6]),
    "beta_1, N=5": (5, [3.0, 2.0], [0.6, 0.8], [-0.6, 0.8]),
    "beta_1, N=6": (6, [4.0, 2.0], [0.6, 0.8], [-0.6, 0.8]),
}


@pytest.mark.parametrize("s", [0.7, 2.5])
@pytest.mark.parametrize("case", CASES)
def test_resonant_modes_are_continued_to_rounding(case, s):
    depth, sigma, a, b = CASES[case]
    target, starts = Target(sigma, (len(a), len(b))), StartingPoints([a], [b], s)
    # The continuation takes over at N c_∞ τ of about 20, at 40 s has all digits of its limit, and
    # at 800 the exponentials are no longer floats.
    times = np.append(np.linspace(0.2, 60, 100), 1000.0) / (depth * 2.0 ** (2 - 2 / depth))
    with mp.workdps(40):
        reference = ExactTrajectory(target, depth, starts)
        states = [reference.state(time) for time in times]
    result = solve(target, depth, starts, times).isel(start=0)
    # A few roundings, where a sign or a factor of the response makes 1e-11.
    for name in ("s", "alignment", "tau"):
        expected = np.array([float(state[name]) for state in states])
        assert_allclose(result[name], expected, rtol=2e-15, atol=4e-15, err_msg=name)
