"""How long steps stay near saddles in which the flow ends, from starts exactly on stable sets."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
import xarray as xr

from companion.datasets import depth_axis, variable
from dlnpaper._descent import DESCENT_METHODS, DescentMethod
from dlnpaper._target import Target
from dlnpaper.one_neuron._closed_form import solve
from dlnpaper.one_neuron._descent import descend
from dlnpaper.one_neuron._starting_points import StartingPoints
from studies.saddle_escape.balance import identity_error
from studies.saddle_escape.digits import decimal_overtaking
from studies.saddle_escape.law import (
    growing_part,
    imbalance,
    leaving_times,
    overtaking,
    step_share,
)
from studies.saddle_escape.symmetric import symmetric_starts

#: So many starts are drawn for each that is kept.
DRAWN_FOR_ONE = 8
#: Descent is followed for this multiple of the longest predicted time.
BEYOND = 1.15
#: Time between two states that are kept; moments interpolated between them err by 1e-5.
SPACING = 0.01
#: No start that is not symmetric stays longer than this, by the law.
LONGEST = 200.0
DRAWN_POINTS = 300
#: Steps over which the identity of the imbalance is checked, and their size.
CHECKED_STEPS, CHECKED_STEP = 400, 0.05
#: States of symmetric starts that are looked at.
LOOKS = 100


class _Family(NamedTuple):
    """Starts on the stable set of a saddle."""

    saddle: int  # number of its mode, from 1
    starts: StartingPoints


def measure(
    *,
    target: Mapping,
    depths: Sequence[int],
    saddles: Sequence[int],
    size: int,
    s: Sequence[float],
    effective_steps: Sequence[float],
    momentum: float,
    symmetric_step: float,
    symmetric_steps: int,
    drawn_depth: int,
    seed: int,
) -> xr.Dataset:
    """Descend from starts on stable sets with several effective steps, by all methods.

    Returns
    -------
    xarray.Dataset
        growing_part (depth, saddle, start)
            What steps make of α_1 = 0, over the effective step, by the law.
        leaving, side (depth, descent, effective_step, saddle, start)
            Time at which mode 1 overtakes the mode of the saddle, and the sign of its growing part
            in the end.
        leaving_law (depth, effective_step, saddle, start)
            That time by the law.
        symmetric_part, symmetric_excess (depth, descent, limit)
            The largest growing part of a mode that the limit misses, over all steps from a
            symmetric start, and how far the last loss is from that of the limit.
        identity_error (depth, descent)
            Largest violation of the exact identity of the imbalance, over the largest square.
        leaving_decimal (depth)
            As ``leaving`` of the first start at the largest effective step, with 50 digits.
        excess (effective_step, time), flow_excess (time), imbalance (descent, time),
        imbalance_law (time)
            What `_drawn` returns, at the drawn depth.
    """
    goal, steps = Target(**target), sorted(effective_steps, reverse=True)
    families = [
        _Family(k, _strong(goal, k, size, s, drawn_depth, np.random.default_rng([seed, k])))
        for k in saddles
    ]
    limits = [*saddles, 0]
    symmetric = symmetric_starts(goal, limits, s, np.random.default_rng(seed))
    by_depth = [
        xr.merge(
            [
                _leaving(goal, depth, families, steps, momentum),
                _symmetric(
                    goal, depth, symmetric, limits, symmetric_step, symmetric_steps, momentum
                ),
                _checks(goal, depth, families, steps[0], momentum),
            ]
        )
        for depth in depths
    ]
    drawn = _drawn(goal, drawn_depth, families[0], steps, momentum)
    return (
        xr.concat(by_depth, dim=depth_axis(depths))
        .merge(drawn)
        .assign_attrs(drawn_depth=drawn_depth)
        .assign_coords(
            descent=variable("descent", list(DESCENT_METHODS), "method of descent"),
            effective_step=variable("effective_step", steps, "effective step"),
            saddle=variable("saddle", list(saddles), "number of the saddle's mode"),
            limit=variable("limit", limits, "number of the limit's mode, 0 for the origin"),
            singular_values=variable("mode", goal.singular_values, "singular values of the target"),
        )
        .sortby("limit")
    )


def _strong(
    target: Target,
    saddle: int,
    size: int,
    s: Sequence[float],
    depth: int,
    rng: np.random.Generator,
) -> StartingPoints:
    """Return starts in which steps make a large growing part, of `DRAWN_FOR_ONE` times as many.

    Where its first order almost vanishes, the second one hides the law unless steps are tiny.
    """
    starts = StartingPoints.on_stable_set(
        target, saddle - 1, DRAWN_FOR_ONE * size, rng, s=(s[0], s[1])
    )
    made = np.abs(growing_part(target, depth, starts))
    return starts[np.sort(np.argsort(-made, kind="stable")[:size])]


def _leaving(
    target: Target,
    depth: int,
    families: Sequence[_Family],
    steps: Sequence[float],
    momentum: float,
) -> xr.Dataset:
    """Measure when all starts leave, at one depth, and what the law says."""
    times = np.arange(0.0, LONGEST, SPACING)
    law = np.array(
        [
            [
                leaving_times(target, depth, one.starts, one.saddle - 1, step, times)
                for one in families
            ]
            for step in steps
        ]
    )
    until, shape = BEYOND * np.nanmax(law), (len(DESCENT_METHODS), *law.shape)
    found, side = np.empty(shape), np.empty(shape)
    for i, method in enumerate(DESCENT_METHODS):
        for j, step in enumerate(steps):
            path = _descend(target, depth, families, method, step, momentum, until)
            last, first = path["last"].values, path["first"].values
            for k, one in enumerate(families):
                rows = slice(k * law.shape[2], (k + 1) * law.shape[2])
                found[i, j, k] = overtaking(
                    path["time"].values, last[rows], first[rows], one.saddle - 1
                )
                side[i, j, k] = np.sign(last[rows, -1, 0] + first[rows, -1, 0])
    parts = [growing_part(target, depth, one.starts) for one in families]
    run = ("descent", "effective_step", "saddle", "start")
    text = "time at which mode 1 leads"
    never = {"missing_data": "not defined where mode 1 does not come to lead"}
    return xr.Dataset(
        {
            "growing_part": variable(run[2:], parts, "growing part of mode 1 over the step"),
            "leaving": variable(run, found, text, **never),
            "leaving_law": variable(run[1:], law, f"{text}, by the law", **never),
            "side": variable(run, side, "sign of the growing part of mode 1 in the end"),
        }
    )


def _drawn(
    target: Target,
    depth: int,
    family: _Family,
    steps: Sequence[float],
    momentum: float,
) -> xr.Dataset:
    """Follow the first start of a family for the figure.

    Returns the ``excess`` (effective_step, time) by gradient descent and that of the flow,
    ``flow_excess`` (time); and ``imbalance`` (descent, time), ‖x‖² − ‖y‖² over the effective step
    at the second smallest one, with its ``imbalance_law`` (time).
    """
    one = family._replace(starts=family.starts[[0]])
    grid = np.arange(0.0, LONGEST, SPACING)
    latest = leaving_times(target, depth, one.starts, one.saddle - 1, steps[-1], grid)
    times = np.linspace(0.0, BEYOND * float(latest[0]), DRAWN_POINTS)

    def followed(method: DescentMethod, step: float) -> xr.Dataset:
        path = _descend(target, depth, [one], method, step, momentum, times[-1] + 2 * SPACING)
        apart = (path["last"] ** 2).sum("left") - (path["first"] ** 2).sum("right")
        whole = path[["excess"]].assign(imbalance=apart / step).isel(start=0)
        return whole.swap_dims(step="time").interp(time=times)

    excess = [followed("gradient_descent", step)["excess"].values for step in steps]
    made = [followed(method, steps[-2])["imbalance"].values for method in DESCENT_METHODS]
    flow = solve(target, depth, one.starts, times, variables=["loss"])["loss"].values[0]
    least = 0.5 * float((target.singular_values[1:] ** 2).sum())
    law = imbalance(target, depth, one.starts, times)[0]
    text = "‖x‖² − ‖y‖² over the effective step"
    return xr.Dataset(
        {
            "excess": variable(("effective_step", "time"), excess, "excess loss"),
            "flow_excess": variable("time", flow - least, "excess loss of the flow"),
            "imbalance": variable(("descent", "time"), made, text),
            "imbalance_law": variable("time", law, f"{text}, by the law"),
        },
        coords={"time": variable("time", times, "time")},
    )


def _descend(
    target: Target,
    depth: int,
    families: Sequence[_Family],
    method: DescentMethod,
    effective_step: float,
    momentum: float,
    until: float,
) -> xr.Dataset:
    """Descend from all families, one after the other, until a time; states have their ``time``."""
    momentum = 0.0 if method == "gradient_descent" else momentum
    step = effective_step * step_share(method, momentum)
    clock = step / (1 - momentum)
    path = descend(
        target,
        depth,
        StartingPoints.concatenate([one.starts for one in families]),
        step=step,
        steps=int(until / clock) + 1,
        every=max(1, round(SPACING / clock)),
        method=method,
        momentum=momentum,
        variables=["last", "first", "excess"],
    )
    return path.assign_coords(time=path["step"] * clock)


def _symmetric(
    target: Target,
    depth: int,
    starts: StartingPoints,
    limits: Sequence[int],
    step: float,
    steps: int,
    momentum: float,
) -> xr.Dataset:
    """Follow a symmetric start to each limit, 0 for the origin, by all methods."""
    sigma, shape = target.singular_values, (len(DESCENT_METHODS), len(limits))
    missed = [k - 1 if k else len(sigma) for k in limits]
    ends = np.array([sigma[k - 1] if k else 0.0 for k in limits])
    part, excess = np.empty(shape), np.empty(shape)
    for i, method in enumerate(DESCENT_METHODS):
        path = descend(
            target,
            depth,
            starts,
            step=step,
            steps=steps,
            every=max(1, steps // LOOKS),
            method=method,
            momentum=0.0 if method == "gradient_descent" else momentum,
            variables=["last", "first", "excess"],
        )
        r = len(sigma)
        alpha = np.abs(path["last"].values[..., :r] + path["first"].values[..., :r])
        part[i] = [alpha[j, :, :count].max() for j, count in enumerate(missed)]
        excess[i] = path["excess"].values[:, -1] - (sigma[0] ** 2 - ends**2) / 2
    dims, text = ("descent", "limit"), "from a symmetric start"
    return xr.Dataset(
        {
            "symmetric_part": variable(
                dims, part, f"largest growing part of a mode missed, {text}"
            ),
            "symmetric_excess": variable(dims, excess, f"last loss above the limit's, {text}"),
        }
    )


def _checks(
    target: Target, depth: int, families: Sequence[_Family], step: float, momentum: float
) -> xr.Dataset:
    """Check the identity of the imbalance, and follow a start with many digits."""
    starts = StartingPoints.concatenate([one.starts for one in families])
    errors = [
        identity_error(target, depth, starts, method, CHECKED_STEP, momentum, CHECKED_STEPS)
        for method in DESCENT_METHODS
    ]
    mode = families[0].saddle - 1
    time = decimal_overtaking(target, depth, families[0].starts[[0]], mode, step, LONGEST)
    return xr.Dataset(
        {
            "identity_error": variable("descent", errors, "error of the imbalance's identity"),
            "leaving_decimal": variable((), time, "time at which mode 1 leads, with 50 digits"),
        }
    )
