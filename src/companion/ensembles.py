"""Families of starting points, and their trajectories at several depths, as datasets."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any
from zlib import crc32

import numpy as np
import xarray as xr

from companion.bundled import data_target
from companion.own_targets import load_matrix
from dlnpaper._target import Target
from dlnpaper.one_neuron._depths import for_each_depth
from dlnpaper.one_neuron._draws import leave_stable_set
from dlnpaper.one_neuron._starting_points import StartingPoints


def generate(target: Target, families: Mapping[str, Mapping], seed: int) -> xr.Dataset:
    """Make families of starting points and join them in one dataset.

    Each family, by its name, is one kind of starts with its arguments, which
    `workflow/schemas/config.schema.yaml` explains. A family draws from a generator of its own,
    seeded with ``seed`` and its name, so that adding a family changes no other. A family on the
    stable set of a saddle is empty, and so are those near it, where the target has no such saddle,
    because its rank is too low or the singular value is σ_1.

    Returns ``a`` (start, left), ``b`` (start, right), ``s`` and ``coordinate_error`` (start), the
    flag variable ``family`` (start), and ``singular_values`` (mode); attributes ``shape`` and
    ``loss_offset``.

    Raises
    ------
    ValueError
        If a family asks for an unknown kind of starts or for what its kind cannot make, or all
        families are empty.
    """
    parts: dict[str, StartingPoints] = {}
    for name, family in families.items():
        ((kind, options),) = family.items()
        rng = np.random.Generator(np.random.Philox([seed, crc32(name.encode())]))
        parts[name] = _make(target, kind, options, rng, parts)
    if not any(map(len, parts.values())):
        raise ValueError(
            f"starts must hold a family for a target of rank {target.rank}, got only families of"
            f" saddles that it does not have ({', '.join(parts)}); add one of another kind"
        )
    labels = np.repeat(np.arange(len(parts), dtype=np.int8), [len(part) for part in parts.values()])
    return to_dataset(target, StartingPoints.concatenate(parts.values()), labels, list(parts))


def target_from(
    singular_values: Sequence[float] | None = None,
    shape: Sequence[int] | None = None,
    data: str | None = None,
    matrix: str | None = None,
    inputs: str | None = None,
    outputs: str | None = None,
) -> Target:
    """Return the target that a configuration names.

    It has singular values and a shape, is a matrix in a file, or is defined by data: a bundled set,
    or files of inputs (features, n) and outputs (d_y, n), which are taken as they are.
    """
    if data is not None:
        return data_target(data)[0]
    if matrix is not None:
        return Target.from_matrix(load_matrix("matrix", matrix))
    if inputs is not None and outputs is not None:
        return Target.from_data(load_matrix("inputs", inputs), load_matrix("outputs", outputs))
    return Target(singular_values, shape=shape)  # type: ignore[arg-type]


def to_dataset(
    target: Target, starts: StartingPoints, labels: np.ndarray, names: Sequence[str]
) -> xr.Dataset:
    """Return starts, the family of each and their target as a dataset like that of `generate`."""
    flags = {
        "long_name": "family of starting points",
        "flag_values": np.arange(len(names), dtype=np.int8),
        "flag_meanings": " ".join(names),
    }
    uncertainty, sigma = starts.coordinate_error, target.singular_values
    return xr.Dataset(
        {
            "a": (("start", "left"), starts.a, _described("left singular vector at the start")),
            "b": (("start", "right"), starts.b, _described("right singular vector at the start")),
            "s": ("start", starts.s, _described("singular value at the start")),
            "coordinate_error": (
                "start",
                uncertainty,
                _described("uncertainty of each entry of a and b"),
            ),
            "family": ("start", labels, flags),
            "singular_values": ("mode", sigma, _described("singular values of the target")),
        },
        attrs={"shape": np.array(target.shape), "loss_offset": target.loss_offset},
    )


def target_of(dataset: xr.Dataset) -> Target:
    """Return the target of a dataset of starts, in singular coordinates."""
    d_y, d_x = (int(size) for size in dataset.attrs["shape"])
    offset = float(dataset.attrs["loss_offset"])
    return Target(dataset["singular_values"].values, shape=(d_y, d_x), loss_offset=offset)


def starts_of(dataset: xr.Dataset) -> StartingPoints:
    """Return the starting points of a dataset of starts, bit for bit."""
    names = ("a", "b", "s", "coordinate_error")
    return StartingPoints(*(dataset[name].values for name in names))


def family_names(dataset: xr.Dataset) -> list[str]:
    """Return the names of the families in a dataset, in the order of their flags."""
    names = dataset["family"].attrs["flag_meanings"].split()
    return [names[flag] for flag in np.unique(dataset["family"])]


def select(dataset: xr.Dataset, families: Sequence[str]) -> xr.Dataset:
    """Return the rows of a dataset that belong to some families, in the order of the dataset.

    Raises
    ------
    ValueError
        If the dataset has no family of that name.
    """
    names = dataset["family"].attrs["flag_meanings"].split()
    for family in families:
        if family not in names:
            raise ValueError(
                f"families must be among those of the starts, got {family!r}; "
                f"choose from {', '.join(names)}"
            )
    wanted = [names.index(family) for family in families]
    return dataset.isel(start=np.flatnonzero(np.isin(dataset["family"], wanted)))


def time_grid(spacing: str, first: float, last: float, count: int) -> np.ndarray:
    """Return time 0 and ``count`` linear or geometric times from ``first`` to ``last``."""
    if not 0 <= first < last or (spacing == "geometric" and first == 0):
        raise ValueError(
            f"times must increase from a positive first to a last one (0 is allowed if linear), "
            f"got {first} and {last}; order them"
        )
    space = np.linspace if spacing == "linear" else np.geomspace
    times = space(first, last, count)
    return times if first == 0 else np.concatenate([[0.0], times])


def over_depths(
    solver: Callable[..., xr.Dataset],
    dataset: xr.Dataset,
    depths: Sequence[int],
    times: np.ndarray,
    **options,
) -> xr.Dataset:
    """Follow the starts of a dataset, which `generate` returns, at several depths.

    The solver is `dlnpaper.solve` or `dlnpaper.integrate`, to which the options are handed on; the
    result has its layout with a leading dimension ``depth``, and the ``family`` of every start.
    """
    target, starts = target_of(dataset), starts_of(dataset)
    each = partial(solver, target, starts=starts, times=times, **options)
    joined = for_each_depth(each, depths, shared=["singular_values"])
    return joined.assign(family=dataset["family"])


def follow(
    solver: Callable[..., xr.Dataset],
    starts: xr.Dataset,
    settings: Mapping[str, Any],
    kind: str,
    **options,
) -> xr.Dataset:
    """Follow starts as an ensemble's settings ask for its "trajectories" or its "reference"."""
    wanted = settings[kind]
    return over_depths(
        solver,
        select(starts, wanted["families"]),
        settings["depths"],
        time_grid(**settings["times"]),
        variables=wanted["variables"],
        **options,
    )


def _make(
    target: Target,
    kind: str,
    options: Mapping,
    rng: np.random.Generator,
    made: Mapping[str, StartingPoints],
) -> StartingPoints:
    match kind:
        case "sample":
            return StartingPoints.sample(target, options["size"], rng, s=tuple(options["s"]))
        case "grid":
            return StartingPoints.grid(target, options["angles"], options["s"])
        case "stable_set":
            limit, size = options["limit"], options["size"]
            if limit != "origin" and not _is_saddle(target, limit):
                return _no_starts(target)
            return StartingPoints.on_stable_set(target, limit, size, rng, s=tuple(options["s"]))
        case "near":
            return _moved(target, made, **options)
        case "tilted":
            return _tilted(target, rng, **options)
        case "vectors":
            a, b = map(_padded, (options["a"], options["b"]), target.shape, "ab")
            return StartingPoints(a, b, options["s"])
    raise ValueError(
        f"a family must be of a known kind, got {kind!r}; "
        "choose from sample, grid, stable_set, near, tilted, vectors"
    )


def _is_saddle(target: Target, limit: int) -> bool:
    """Whether the singular value of this index is that of a saddle."""
    return limit < target.rank and target.singular_values[limit] < target.singular_values[0]


def _no_starts(target: Target) -> StartingPoints:
    left, right = (np.empty((0, size)) for size in target.shape)
    return StartingPoints(left, right, np.empty(0))


def _padded(rows: Sequence[Sequence[float]], size: int, name: str) -> np.ndarray:
    """Return vectors of a size, of which a configuration gives the first entries."""
    if longest := [len(row) for row in rows if len(row) > size]:
        raise ValueError(
            f"{name} must hold rows of at most {size} entries, got {longest[0]}; write them for the"
            " shape of the target"
        )
    return np.array([[*row, *[0.0] * (size - len(row))] for row in rows], float)


def _moved(
    target: Target, made: Mapping[str, StartingPoints], family: str, alpha: Sequence[float]
) -> StartingPoints:
    """Move a start off a saddle's stable set: α_1 takes these values, other zeros stay exact."""
    if family not in made:
        raise ValueError(
            f"near must name a family listed before it, got {family!r}; list that one first"
        )
    if not len(made[family]):
        return _no_starts(target)
    start = made[family][0]
    zeros = start.alpha(target)[0] == 0
    shared = int(np.argmin(zeros))  # entries in which b = -a, none or all of them if this is 0
    if shared == 0:
        raise ValueError(
            f"near must name a family on the stable set of a saddle, got {family!r}; "
            "make that one with stable_set"
        )
    same = start[np.zeros(len(alpha), int)]
    values = np.pad(np.reshape(alpha, (-1, 1)), ((0, 0), (0, shared - 1)))
    a, b = leave_stable_set(same.a, same.b, values, target.rank)
    return StartingPoints(a, b, same.s)


def _tilted(
    target: Target, rng: np.random.Generator, angle: float, s: Mapping[str, Any]
) -> StartingPoints:
    if not 0 <= angle < 90 or (angle > 0 and min(target.shape) == 1):
        raise ValueError(
            f"angle must lie from 0 to below 90 degrees, and be 0 where u or v has one entry, got "
            f"{angle} for shape {target.shape}; choose it there"
        )
    radians = np.deg2rad(angle)
    magnitudes = np.geomspace(s["first"], s["last"], s["count"])
    vectors = [
        np.append(np.cos(radians), np.sin(radians) * rest / np.linalg.norm(rest))
        for rest in (rng.standard_normal(size - 1) for size in target.shape)
    ]
    a, b = (np.repeat(vector[None], len(magnitudes), axis=0) for vector in vectors)
    return StartingPoints(a, b, magnitudes)


def _described(long_name: str) -> dict[str, str]:
    return {"long_name": long_name, "units": "1"}
