"""The staircase of small starts: when singular values rise (docs/two_layers.md, section 6)."""

from collections.abc import Mapping, Sequence

import numpy as np
import xarray as xr

from companion.datasets import depth_axis, variable
from companion.ensembles import time_grid
from dlnpaper._target import Target
from dlnpaper.layers._flow import integrate
from dlnpaper.two_layers._closed_form import solve
from dlnpaper.two_layers._starts import Starts
from studies.staircase.deeper import steps_at_depth
from studies.staircase.steps import RISE, by_mode, crossings, step_law

#: Of the exact times, those at which the integrated layers are compared.
MARKS_EVERY = 20

#: The scales from which deeper networks start, over the least of them.
FACTORS = (9.0, 3.0, 1.0)

_RTOL = 1e-10


def measure(
    *,
    target: Mapping,
    widths: Sequence[int],
    scales: Sequence[float],
    drawn_scale: float,
    depths: Sequence[int],
    deep_scale: float,
    times: Mapping,
    seed: int,
) -> xr.Dataset:
    """Measure when and how fast singular values rise, at each width and scale of the start.

    Starts of one width differ in scale alone. Deeper networks have the largest width, and begin at
    the end-to-end matrices of its starts at `FACTORS` times the deep scale.

    Returns
    -------
    xarray.Dataset
        sigma (mode)
            Singular values of the target.
        step_time, step_law, rise (width, scale, mode)
            When the singular value of a mode reaches half its limit, by the exact W(t) and by
            `studies.staircase.steps.step_law`, and how long it takes between the shares `RISE`.
        plateau_loss (width, scale, mode)
            The loss of the exact W(t) between the step of a mode and that of the next one.
        steps, final_loss (width, scale)
            How many values are above half their limits, and the loss, at the last time.
        loss (width, time), singular_values (width, mode, time)
            Of the exact W(t) from the drawn scale.
        integrated_loss (width, mark), integrated_values (width, mode, mark)
            The same by integration of the layers.
        deep_time, deep_rise, deep_loss, path_time, path_share (depth, ...)
            What `studies.staircase.deeper.steps_at_depth` returns, from depth 2 on.
    """
    goal, grid, scales = Target(**target), time_grid(**times), sorted(scales)
    drawn = scales.index(drawn_scale)
    by_width = [_two_layers(goal, _starts(goal, h, scales, seed), drawn, grid) for h in widths]
    deep_scales = [factor * deep_scale for factor in FACTORS]
    widest = _starts(goal, max(widths), deep_scales, seed)
    by_depth = [steps_at_depth(goal, widest, depth) for depth in (2, *depths)]
    width = variable("width", np.array(widths), "number of hidden neurons")
    shallow = xr.concat(by_width, dim=width)
    deep = xr.concat(by_depth, dim=depth_axis([2, *depths]))
    scale = "scale of the layers at the start"
    return shallow.merge(deep).assign_coords(
        scale=variable("scale", np.array(scales), scale),
        deep_scale=variable("deep_scale", np.array(deep_scales), scale),
        sigma=variable("mode", goal.singular_values, "singular value of the target"),
    )


def _starts(target: Target, width: int, scales: Sequence[float], seed: int) -> Starts:
    """Return one start for each scale, all with the same draws."""
    return Starts.concatenate(
        Starts.sample(target, 1, np.random.default_rng([seed, width]), hidden=width, scale=scale)
        for scale in scales
    )


def _two_layers(target: Target, starts: Starts, drawn: int, times: np.ndarray) -> xr.Dataset:
    """Measure the steps of starts of one width, and integrate the layers of the drawn one."""
    exact = solve(target, starts, times, variables=["end_to_end", "loss"])
    values, loss = _singular_values(target, exact), exact["loss"].values
    law, rank = step_law(target, starts), target.rank
    sigma = target.singular_values[: law.shape[1]]
    shares = values[:, : len(sigma)] / sigma[:, None]
    before, half, after = np.moveaxis(crossings(times, shares, [RISE[0], 0.5, RISE[1]]), -1, 0)
    half_name, law_name = "time at which a value is half its limit", "that time by the law"
    plateaus, path = _plateaus(sigma, law, times, loss), ("mode", "time")
    steps = xr.Dataset(
        {
            "step_time": by_mode("scale", half, rank, half_name),
            "step_law": by_mode("scale", law, rank, law_name),
            "rise": by_mode("scale", after - before, rank, "time that its rise takes"),
            "plateau_loss": by_mode("scale", plateaus, rank, "loss between two steps"),
            "steps": variable("scale", (shares[..., -1] > 0.5).sum(axis=1), "number of steps"),
            "final_loss": variable("scale", loss[:, -1], "loss at the last time"),
            "loss": variable("time", loss[drawn], "loss of the exact matrix"),
            "singular_values": variable(path, values[drawn], "singular value of the exact matrix"),
        },
        coords={"time": variable("time", times, "gradient flow time")},
    )
    return steps.merge(_integrated(target, starts[[drawn]], times[::MARKS_EVERY]))


def _integrated(target: Target, start: Starts, marks: np.ndarray) -> xr.Dataset:
    """Integrate the layers of one start."""
    flow = integrate(target, [start.first[0], start.second[0]], marks, rtol=_RTOL)
    values, text = _singular_values(target, flow)[0], "by integration of the layers"
    return xr.Dataset(
        {
            "integrated_loss": variable("mark", flow["loss"].values[0], f"loss {text}"),
            "integrated_values": variable(("mode", "mark"), values, f"singular value {text}"),
        },
        coords={"mark": variable("mark", marks, "gradient flow time")},
    )


def _singular_values(target: Target, path: xr.Dataset) -> np.ndarray:
    """Return as many as the target has, (M, r, T); a width below the rank leaves zeros."""
    values = np.linalg.svd(path["end_to_end"].values, compute_uv=False)
    return values.mT[:, : target.rank]


def _plateaus(
    sigma: np.ndarray, law: np.ndarray, times: np.ndarray, loss: np.ndarray
) -> np.ndarray:
    """Return the loss, (M, steps - 1), where one value is as near its limit as the next is to 0."""
    weighted = law * sigma
    between = (weighted[:, :-1] + weighted[:, 1:]) / (sigma[:-1] + sigma[1:])
    found = [np.interp(row, times, each) for row, each in zip(between, loss, strict=True)]
    return np.array(found)
