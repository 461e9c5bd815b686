"""What theory says of an ensemble by its settings alone, for claims and captions.

None of it comes from the library: a claim compares this with what the library and the solvers say.
Sections are those of docs/theory.md.
"""

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from itertools import pairwise
from typing import Any, NamedTuple

from companion.own_targets import singular_values
from companion.templates import dotted

#: Two rates that differ by less, relative to one, cannot be told apart by a fit.
_APART = 0.05


class _Start(NamedTuple):
    """Which components of a start do not vanish: those of α and β by mode, and the null part."""

    alpha: list[bool]
    beta: list[bool]
    null: bool


class Ensemble:
    """An ensemble's settings as attributes, and what follows from them.

    ``depths``, ``starts`` and so on are the settings. The target has ``singular_values`` and
    ``shape`` however it was given.
    """

    def __init__(self, settings: Mapping[str, Any]):
        self._settings = settings

    def __getattr__(self, key: str) -> Any:
        """Return a setting."""
        if key.startswith("_") or key not in self._settings:
            raise AttributeError(f"an ensemble has no {key}")
        return dotted(self._settings[key])

    @property
    def is_bundled(self) -> bool:
        """Whether the target is that of a bundled data set."""
        return "data" in self._settings["target"]

    @cached_property
    def target(self) -> Any:
        """The target, with its positive ``singular_values`` and its ``shape``."""
        values, shape = singular_values(self._settings["target"])
        return dotted({"singular_values": values, "shape": shape})

    @property
    def sigma(self) -> list[float]:
        """The positive singular values, in falling order."""
        return self.target.singular_values

    @property
    def gap(self) -> float:
        """The gap g at the global minimizer, of starts drawn at random."""
        lower = [each for each in self.sigma if each < self.sigma[0]]
        null = [0.0] if max(self.target.shape) > len(self.sigma) else [-self.sigma[-1]]
        return self.sigma[0] - max(lower + null)

    @property
    def label(self) -> str:
        """The singular values as tables name the target."""
        return ", ".join(f"{value:g}" for value in self.sigma)

    @property
    def resolution(self) -> float:
        """The least distance of two stationary values, the origin's 0 included, over σ_1."""
        values = [*sorted({0.0, *self.sigma})]
        gaps = [high - low for low, high in pairwise(values)]
        return min(gaps) / self.sigma[0]

    @property
    def settled(self) -> float:
        """By how many e-folds the slowest end-to-end matrix approaches its limit (section 5)."""
        folds = []
        for value, gap, *_ in self._approaches():
            speed = min(gap, value)
            folds += [speed * value ** (1 - 2 / depth) * self.times.last for depth in self.depths]
        return min(folds, default=float("inf"))

    @property
    def origin_distance(self) -> float:
        """The largest s at the last time on the way to the origin, by the laws of section 5.4."""
        laws = []
        for null in (start.null for start in self._starts() if not any(start.alpha)):
            for depth in self.depths:
                if null:
                    laws.append((2 * (depth - 1) * self.times.last) ** (-depth / (2 * (depth - 1))))
                elif depth > 2:
                    laws.append(
                        ((depth - 2) * self.sigma[-1] * self.times.last) ** (-depth / (depth - 2))
                    )
        return max(laws, default=0.0)

    def leading_to(self, kind: str) -> list[int]:
        """Return the depths, or nothing if no constructed start ends in this kind of limit."""
        kinds = {
            "origin": lambda start: not any(start.alpha),
            "saddle": lambda start: any(start.alpha) and self._limit(start) < self.sigma[0],
            "global_minimizer": lambda start: self._limit(start) == self.sigma[0],
        }
        made = {
            name: kinds_of
            for name, kinds_of in self._settings["starts"].items()
            if name != "sampled"
        }
        return self.depths if any(map(kinds[kind], self._starts(made))) else []

    def saddles(self) -> list[float]:
        """Return the singular values of the saddles in which starts end."""
        ends = {self._limit(start) for start in self._starts() if any(start.alpha)}
        return sorted(ends - {self.sigma[0]})

    def laws(self, case: str) -> list[dict[str, Any]]:
        """Return the limits and depths at which starts approach a limit σ_k > 0 in this case.

        The case is "driven" (2g < Nσ_k), "free" (2g > Nσ_k) or "exact" (g infinite). Those are left
        out whose rates, or whose gap and the next one, are too close for a fit to tell apart.
        """
        rows = []
        for value, gap, following, limit in self._approaches():
            if gap == float("inf"):
                depths = self.depths if case == "exact" else []
            elif following - gap < _APART * gap:
                depths = []
            else:
                factor = {"driven": 1, "free": -1, "exact": 0}[case]
                apart = {depth: factor * (depth * value - 2 * gap) for depth in self.depths}
                depths = [
                    depth for depth in apart if factor and apart[depth] > _APART * depth * value
                ]
            row = {"limit": limit, "case": case, "depth": depths}
            if depths and row not in rows:
                rows.append(row)
        return rows

    def origins(self, case: str, depths: Sequence[int]) -> list[dict[str, Any]]:
        """Return the row of starts to the origin in the case "null_component" or its opposite.

        It holds those of some depths that the ensemble has; none, if no start is in this case.
        Without a null component the mode of σ_r decides in the end; if σ_{r-1} is less than twice
        as large, the others fade too slowly at N ≥ 3 for a fit.
        """
        found = {start.null for start in self._starts() if not any(start.alpha)}
        wanted = [depth for depth in self.depths if depth in depths]
        if case != "null_component" and _one_decides(self.sigma) < 1:
            wanted = [depth for depth in wanted if depth == 2]
        there = (case == "null_component") in found
        return [{"limit": "origin", "case": case, "depth": wanted}] if there else []

    def _approaches(self) -> Iterator[tuple[float, float, float, str]]:
        """Yield σ_k, the gap, the next larger gap and the limit's name of starts with σ_k > 0."""
        for start in self._starts():
            if not any(start.alpha):
                continue
            value = self._limit(start)
            decays = {
                value - each
                for each, is_there in zip(self.sigma, start.alpha, strict=True)
                if is_there
            }
            decays |= {
                value + each
                for each, is_there in zip(self.sigma, start.beta, strict=True)
                if is_there
            }
            decays |= {value} if start.null else set()
            gap, following = [*sorted(decays - {0.0}), float("inf"), float("inf")][:2]
            k = self.sigma.index(value) + 1
            yield value, gap, following, "global_minimizer" if k == 1 else f"saddle_{k}"

    def _limit(self, start: _Start) -> float:
        return self.sigma[start.alpha.index(True)] if any(start.alpha) else 0.0

    def _starts(self, families: Mapping[str, Any] | None = None) -> Iterator[_Start]:
        """Yield the starts of families, one for each way of vanishing components."""
        rank, shape = len(self.sigma), self.target.shape
        full = [True] * rank
        for family in (self._settings["starts"] if families is None else families).values():
            ((kind, options),) = family.items()
            if kind == "stable_set":
                limit = options["limit"]
                m = rank if limit == "origin" else _position(self.sigma, limit)
                if m:
                    null = min(shape) > rank if m == rank else max(shape) > rank
                    # Where one direction is left on each side, both vectors end in it.
                    beta = [not (k == m == shape[0] - 1 == shape[1] - 1) for k in range(rank)]
                    yield _Start([False] * m + full[m:], beta, null)
            elif kind == "vectors":
                for a, b in zip(options["a"], options["b"], strict=True):
                    yield _of_vectors(a, b, rank)
            elif kind == "tilted" and options["angle"] == 0:
                yield _Start([True] + [False] * (rank - 1), [False] * rank, False)
            else:
                yield _Start(full, full, max(shape) > rank)


def _one_decides(sigma: list[float]) -> float:
    """Return the relative distance of the smallest singular value and the next larger one."""
    larger = [each for each in sigma if each > sigma[-1]]
    return (larger[-1] - sigma[-1]) / sigma[-1] if larger else float("inf")


def _position(sigma: list[float], limit: int) -> int:
    """Return the first index of a tie; 0 if the limit is no saddle of this target."""
    return sigma.index(sigma[limit]) if limit < len(sigma) else 0


def _of_vectors(a: list[float], b: list[float], rank: int) -> _Start:
    first, second = ([*vector, *[0.0] * rank][: max(rank, len(vector))] for vector in (a, b))
    modes = list(zip(first[:rank], second[:rank], strict=True))
    null = any(first[rank:]) or any(second[rank:])
    return _Start([x + y != 0 for x, y in modes], [x - y != 0 for x, y in modes], null)
