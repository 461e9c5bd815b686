"""Predicted and integrated fates under weight decay (docs/weight_decay.md, section 4)."""

import numpy as np
import xarray as xr

from companion.datasets import depth_axis, flagged, variable
from dlnpaper._target import Target
from dlnpaper.one_neuron._decayed_limits import limits
from dlnpaper.one_neuron._end_to_end import end_to_end
from dlnpaper.one_neuron._flows import integrate
from dlnpaper.one_neuron._starting_points import StartingPoints

#: Flag meanings of ``predicted`` and ``reached``; absent is a start beside no boundary.
FATES = ("collapse", "saddle", "minimizer", "elsewhere", "absent")
COLLAPSE, SADDLE, MINIMIZER, ELSEWHERE, ABSENT = range(len(FATES))
FAMILIES = ("map", "beside", "random")
#: An end closer than this to a limit has reached it, in units of σ_1.
REACHED = 0.05
#: Relative tolerances of a step of an integration, and of one that starts beside the boundary.
RTOL, BESIDE_RTOL = 1e-9, 1e-12
#: Magnitudes between which the boundary is sought, in units of σ_1, and halvings of their ratio.
LEAST, MOST, HALVINGS = 1e-8, 1e6, 60
#: Weight decays of the lines in the figure.
LINE_DECAYS = np.geomspace(0.02, 1.5, 41)


def measure(
    *,
    singular_values,
    depths,
    weight_decay,
    separation,
    angles,
    scales,
    line_points,
    offset,
    share_s,
    share_starts,
    share_integrated,
    share_decays,
    last,
    seed,
):
    """Integrate a map of starts, starts beside its boundary, and random starts.

    Returns over ``start`` their ``family``, ``weight_decay`` and mean ``angle``, and by ``depth``
    also ``s``, ``predicted``, ``reached`` and ``distance``; by ``depth`` the ``boundary``
    (line_angle), NaN where every start collapses or none does, and the exact share of collapse
    among random starts, ``share`` (decay) and ``line_share`` (line_decay).
    """
    target = Target(singular_values, shape=(2, 2))
    line_angle = np.linspace(0.0, 90.0, line_points)
    random = StartingPoints.sample(target, share_starts, seed, s=share_s)
    parts = []
    for depth in depths:
        edge, beside = (
            boundary(target, depth, directions(where, separation, 1.0), weight_decay)
            for where in (line_angle, np.asarray(angles, float))
        )
        sides = np.outer(beside, [1 - offset, 1 + offset]).ravel()
        cases = [
            ("map", weight_decay, np.repeat(angles, len(scales)), np.tile(scales, len(angles))),
            ("beside", weight_decay, np.repeat(angles, 2), sides),
        ]
        found = [
            fates(target, depth, directions(angle, separation, s), family, mu, last, angle, s)
            for family, mu, angle, s in cases
        ]
        few = random[:share_integrated]
        found += [fates(target, depth, few, "random", mu, last) for mu in share_decays]
        share, line_share = (
            [float((_values(target, depth, random, mu) == 0).mean()) for mu in decays]
            for decays in (share_decays, LINE_DECAYS)
        )
        exact = {
            "boundary": variable(
                "line_angle",
                edge,
                "magnitude on the boundary of collapse",
                missing_data="every start collapses, or none",
            ),
            "share": variable("decay", share, "share of random starts that collapse"),
            "line_share": variable("line_decay", line_share, "share of starts that collapse"),
        }
        parts.append(xr.concat(found, dim="start").assign(exact))
    same = ["family", "weight_decay", "angle"]
    joined = xr.concat(
        [part.drop_vars(same) for part in parts],
        dim=depth_axis(depths),
        combine_attrs="drop_conflicts",
    )
    return joined.assign(parts[0][same]).assign_coords(
        line_angle=variable("line_angle", line_angle, _ANGLE, units="degree"),
        decay=variable("decay", share_decays, "weight decay"),
        line_decay=variable("line_decay", LINE_DECAYS, "weight decay"),
    )


_ANGLE = "mean angle of u and v from the first mode"


def directions(angle, separation, s):
    """Return starts whose u and v lie to both sides of an angle; at 90° α_1 is exactly zero."""
    angle = np.asarray(angle, float)
    cosine = np.where(angle == 90, 0.0, np.cos(np.radians(angle)))
    sine = np.sin(np.radians(angle))
    along, across = np.cos(np.radians(separation)), np.sin(np.radians(separation))
    growing = along * np.stack([cosine, sine], axis=1)
    decaying = across * np.stack([-sine, cosine], axis=1)
    # A start beside no boundary is made and not followed.
    return StartingPoints(growing + decaying, growing - decaying, np.nan_to_num(s, nan=1.0))


def boundary(target, depth, starts, weight_decay):
    """Bisect for the magnitudes from which on starts in these directions keep a positive s."""
    low, high = (np.full(len(starts), target.singular_values[0] * end) for end in (LEAST, MOST))

    def stays(s):
        there = StartingPoints(starts.a, starts.b, s)
        return _values(target, depth, there, weight_decay) > 0

    exists = stays(high) & ~stays(low)
    for _ in range(HALVINGS if exists.any() else 0):
        middle = np.sqrt(low * high)
        kept = stays(middle)
        low, high = np.where(kept, low, middle), np.where(kept, middle, high)
    return np.where(exists, np.sqrt(low * high), np.nan)


def fates(target, depth, starts, family, weight_decay, last, angle=np.nan, s=0.0):
    """Return what `measure` says of some integrated starts of one family and weight decay.

    Where ``s`` is NaN, there is no boundary beside which to start, and the start is absent.
    """
    absent = np.isnan(np.broadcast_to(s, len(starts)))
    limit = limits(target, starts, depth=depth, weight_decay=weight_decay)
    predicted = np.select(
        [limit["value"] == 0, limit["kind_name"] == "saddle"], [COLLAPSE, SADDLE], MINIMIZER
    )
    predicted[absent] = ABSENT
    rtol = BESIDE_RTOL if family == "beside" else RTOL
    options = {"weight_decay": weight_decay, "rtol": rtol, "variables": ("s", "a", "b")}
    path = integrate(target, depth, starts, [last], **options)
    end = end_to_end(target, path).values[:, 0]
    distance = np.linalg.norm(end - end_to_end(target, limit).values, axis=(1, 2))
    reached = _reached(target, depth, end, weight_decay)
    reached[absent], distance[absent] = ABSENT, 0.0
    flags = flagged("where the trajectory ends", FATES)
    every = np.ones(len(starts))
    return xr.Dataset(
        {
            "family": (
                "start",
                np.full(len(starts), FAMILIES.index(family), np.int8),
                flagged("family of starts", FAMILIES),
            ),
            "weight_decay": variable("start", every * weight_decay, "weight decay"),
            "angle": variable(
                "start", every * angle, _ANGLE, units="degree", missing_data="random directions"
            ),
            "s": variable("start", starts.s, "singular value of the start"),
            "predicted": ("start", predicted.astype(np.int8), flags),
            "reached": ("start", reached.astype(np.int8), flags),
            "distance": variable("start", distance, "distance of the end from the limit"),
        }
    )


def _reached(target, depth, end, weight_decay):
    """Return the fate that an end shows, (M,): which stationary point is near."""
    fate = np.full(len(end), ELSEWHERE)
    mode = StartingPoints(np.eye(2), np.eye(2), 10 * target.singular_values[0])
    points = end_to_end(target, limits(target, mode, depth=depth, weight_decay=weight_decay))
    near = REACHED * target.singular_values[0]
    # Both orientations of a pair of directions are one matrix.
    for name, point in zip((SADDLE, MINIMIZER), points.values[::-1], strict=True):
        fate[np.linalg.norm(end - point, axis=(1, 2)) < near] = name
    fate[np.linalg.norm(end, axis=(1, 2)) < near] = COLLAPSE
    return fate


def _values(target, depth, starts, weight_decay):
    """Return the limits of s, (M,)."""
    return limits(target, starts, depth=depth, weight_decay=weight_decay)["value"].values
