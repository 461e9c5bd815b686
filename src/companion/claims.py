"""Claims: a statement, the rows of a table that measure it, and the verdict.

A verdict is one of three. *Supported* and *falsified* are about what was measured; *not applicable*
says that there is nothing to measure: the claim is not about these settings, or settings other
than the cards' do not let its measurement come to an end. It fails nothing, and has its reason.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from itertools import product

import numpy as np
import pandas as pd

#: How the selected values become one number; ``each`` takes the value farthest on the wrong side.
REDUCTIONS: dict[str, Callable[[np.ndarray], float]] = {
    "max": np.max,
    "min": np.min,
    "max_abs": lambda values: np.max(np.abs(values)),
    "sum": np.sum,
    "count": np.size,
}

#: By how much a value is beyond what a relation allows without tolerance.
RELATIONS: dict[str, Callable[[np.ndarray, float], np.ndarray]] = {
    "<=": lambda values, expected: values - expected,
    ">=": lambda values, expected: expected - values,
    "==": lambda values, expected: np.abs(values - expected),
    "within": lambda values, expected: np.abs(values - expected),
}


#: Relative difference of two numbers that name the same row: one that is computed in two ways.
_ROUND_OFF = 1e-12


@dataclass(frozen=True)
class Claim:
    """A statement that rows of a table support or falsify.

    What the entries mean is said in `workflow/schemas/study.schema.yaml`; beside them stand the
    ``study`` that claims it, whose table measures it, and the ``source``, its chapter and section.
    """

    id: str
    statement: str
    source: str
    study: str
    column: str | Sequence[str]
    reduction: str
    relation: str
    expected: float
    tolerance: float
    reason: str
    where: Mapping[str, object] = field(default_factory=dict)
    #: Sets of rows, each narrowed by ``where``.
    cases: Sequence[Mapping[str, object]] = ({},)
    #: Whether the settings are a user's own: what they leave unmeasured contradicts nothing then.
    own: bool = False
    #: Why the claim is not about these settings, or empty.
    not_applicable: str = ""

    def __post_init__(self) -> None:
        """Check the tolerance; the schema of the cards checks the words."""
        most = 0.0 if self.relation == "==" else np.inf
        if not 0 <= self.tolerance <= most:
            raise ValueError(
                f"claim {self.id}: the tolerance of {self.relation} must lie between 0 and {most},"
                f" got {self.tolerance}; state a distance, or use within"
            )

    @property
    def expectation(self) -> str:
        """What is expected, in words."""
        columns = ", ".join(_listed(self.column))
        margin = f" ± {self.tolerance:g}" if self.tolerance else ""
        relation = "=" if self.relation in ("==", "within") else self.relation
        reduction = "each" if self.reduction == "each" else f"{self.reduction} of"
        return f"{reduction} {columns} {relation} {self.expected:g}{margin}"


@dataclass(frozen=True)
class Verdict:
    """What was measured for a claim."""

    claim: Claim
    #: Number of rows that the claim selects.
    rows: int
    #: The reduced value; None if there is a problem.
    measured: float | None = None
    #: Why the rows do not measure anything, or empty.
    problem: str = ""

    @property
    def supported(self) -> bool:
        """Whether what was measured is what is expected."""
        if self.measured is None:
            return False
        beyond = RELATIONS[self.claim.relation](np.array([self.measured]), self.claim.expected)
        return bool(beyond[0] <= self.claim.tolerance)

    @property
    def outcome(self) -> str:
        """The words ``supported``, ``falsified`` or ``not applicable``."""
        if self.claim.not_applicable or (self.problem and self.claim.own):
            return "not applicable"
        return "supported" if self.supported else "falsified"

    @property
    def falsified(self) -> bool:
        """Whether the claim is about these settings and what was measured is not what it says."""
        return self.outcome == "falsified"

    @property
    def found(self) -> str:
        """The measured number, or why there is none."""
        if self.measured is None:
            return self.claim.not_applicable or self.problem
        return f"{self.measured:.4g}"

    @property
    def sentence(self) -> str:
        """What is expected and what was measured, or why nothing is."""
        if self.outcome == "not applicable":
            return f"{self.claim.id} is not applicable: {self.found}"
        # Two more digits, so that what is just beyond a bound is seen to be.
        found = self.problem if self.measured is None else f"{self.measured:.6g}"
        return (
            f"{self.claim.id} is {self.outcome}: expected {self.claim.expectation}, measured "
            f"{found} ({self.rows} rows of {self.claim.study})"
        )


def judge(claim: Claim, tables: Mapping[str, pd.DataFrame]) -> Verdict:
    """Judge a claim by its study's table.

    No claim is supported by nothing: it is falsified if a combination of listed key values has no
    row, if a selected cell is empty or not a finite number, or if a selected row says in a
    column ``reached`` that its measurement did not reach its window. Under settings of a user's own
    it is judged by the rows that were measured, and is not applicable if there are none, or if some
    ends are undecided (column ``undecided``). The tables are those of the studies, with one row for
    each thing measured.

    Raises
    ------
    ValueError
        If the claim's study has no table, or its table no such column.
    """
    if claim.not_applicable:
        return Verdict(claim, 0)
    _known(claim.id, "study with a table", claim.study, tables)
    table = tables[claim.study]
    columns = list(_listed(claim.column))
    cases = [{**case, **claim.where} for case in claim.cases]
    for name in [*(key for case in cases for key in case), *columns]:
        _known(claim.id, f"column of the table {claim.study}", name, table.columns)
    selected = [_select(table, case) for case in cases]
    rows = table.loc[sorted({row for found, _ in selected for row in found.index})]
    missing = next(filter(None, (missing for _, missing in selected)), "")
    is_late = ~rows["reached"].eq(True) if "reached" in rows else pd.Series(False, rows.index)
    open_ends = int(rows["undecided"].sum()) if "undecided" in rows and claim.own else 0
    if claim.own:
        # What a user's own settings leave unmeasured says nothing against the rest.
        measured = rows[~is_late].dropna(subset=columns)
        if len(measured):
            rows, is_late, missing = measured, is_late[measured.index], ""
    values, late = _numbers(rows[columns]), int(is_late.sum())
    absent = int((~np.isfinite(values)).sum())
    if missing:
        problem = f"nothing, since no row has {missing}"
    elif late:
        problem = f"nothing, since {late} of the rows did not reach their window"
    elif open_ends:
        problem = f"nothing, since {open_ends} ends are undecided at the last time"
    elif absent:
        problem = f"nothing, since {absent} cells hold no number"
    else:
        return Verdict(claim, len(rows), measured=_reduced(claim, values))
    return Verdict(claim, len(rows), problem=problem)


def verdict_table(verdicts: Iterable[Verdict]) -> pd.DataFrame:
    """Return the verdicts as a table for people: one row for each claim."""
    return pd.DataFrame(
        {
            "claim": verdict.claim.id,
            "verdict": verdict.outcome,
            "expected": verdict.claim.expectation,
            "measured": verdict.found,
            "rows": verdict.rows,
            "study": verdict.claim.study,
            "source": verdict.claim.source,
            "statement": verdict.claim.statement,
        }
        for verdict in verdicts
    )


def _select(table: pd.DataFrame, where: Mapping[str, object]) -> tuple[pd.DataFrame, str]:
    """Return the rows, and the first combination of values that none of them has."""
    wanted = {key: _listed(values) for key, values in where.items()}
    keys = {key: _named(table[key], values) for key, values in wanted.items()}
    chosen = pd.Series(True, index=table.index)
    for key, values in wanted.items():
        chosen &= keys[key].isin(values)
    rows = table[chosen]
    present = set(zip(*(keys[key][chosen] for key in wanted), strict=True))
    for combination in product(*wanted.values()):
        if len(rows) == 0 or (wanted and combination not in present):
            pairs = zip(wanted, combination, strict=True)
            return rows, " and ".join(f"{key} = {value}" for key, value in pairs) or "any content"
    return rows, ""


def _named(column: pd.Series, values: list) -> pd.Series:
    """Return a column in which a number is the wanted one that equals it but for round-off."""
    named = column.copy()
    for value in values:
        if isinstance(value, float) and pd.api.types.is_float_dtype(column):
            named[np.isclose(column, value, rtol=_ROUND_OFF, atol=0.0)] = value
    return named


def _numbers(cells: pd.DataFrame) -> np.ndarray:
    """Return cells as numbers: true is one, and NaN stands for what is not a number."""
    return cells.apply(pd.to_numeric, errors="coerce").to_numpy(float).ravel()


def _reduced(claim: Claim, values: np.ndarray) -> float:
    if claim.reduction == "each":
        return float(values[np.argmax(RELATIONS[claim.relation](values, claim.expected))])
    return float(REDUCTIONS[claim.reduction](values))


def _listed(values: object) -> list:
    return list(values) if isinstance(values, list | tuple) else [values]


def _known(claim: str, kind: str, name: str, known: Iterable[str]) -> None:
    names = list(known)
    if name in names:
        return
    nearest = get_close_matches(name, names, n=1, cutoff=0.5)
    remedy = f"did you mean {nearest[0]}?" if nearest else f"choose from {', '.join(names)}"
    raise ValueError(f"claim {claim}: {name} is not a known {kind}; {remedy}")
