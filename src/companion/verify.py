"""Compare the tables of a finished run with the recorded ones, or record them.

A study's card says which columns name a row of its table, and how far the numbers of another run
may be from those in its ``recorded.csv``: ``absolute + relative * abs(recorded)``. A value that is
no number must be the same. `make verify` compares, `make record` records.

Usage: ``python -m companion.verify [--record] [study ...]``, by default all that are always made.
"""

import math
import sys
from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd

from companion.files import write_text
from companion.registry import EVERY_STUDY, Studies
from companion.validation import read_yaml, unknown

TABLES = Path("results/tables")
STUDIES = Path("studies")

#: The relative tolerance of a column for which a card states none. Exact numbers, and fits to the
#: closed form, came out within 2e-14 with every vector instruction of the processor switched off
#: for NumPy, BLAS, Numba and the C library; the rest is room for another order of the operations.
RELATIVE = 1e-10

_KEY_DIGITS = 9  # of a number that names a row: its last digits do not matter
_RESOLUTION = 1e-3  # of a recorded number, as a part of its tolerance

#: By study: ``rows``, the columns that name a row, and ``tolerances``, each with its ``columns``,
#: ``relative``, ``absolute`` and ``reason``.
Layouts = Mapping[str, Mapping[str, Any]]

_read = partial(pd.read_csv, dtype=str, keep_default_na=False)


def compare(layouts: Layouts, tables: Path = TABLES, studies: Path = STUDIES) -> tuple[bool, str]:
    """Return whether a run's tables agree with the recorded ones, and the lines that say so."""
    # A ratio of deviation to tolerance, and a sentence, for each recorded value and each misfit.
    found = [
        comparison
        for study, layout in layouts.items()
        for comparison in _compare_table(study, layout, tables, studies)
    ]
    # Said like this, a NaN does not agree.
    if lines := [sentence for ratio, sentence in found if not ratio <= 1]:
        lines.append(
            f"{len(lines)} differences from the {len(found)} recorded values; "
            "if this is what should come out now, record it: make record"
        )
        return False, "\n".join(lines)
    ratio, sentence = max(found)
    return True, (
        f"all {len(found)} values agree with those recorded; the largest deviation is "
        f"{ratio:.2g} of its tolerance: {sentence}"
    )


def record(layouts: Layouts, tables: Path = TABLES, studies: Path = STUDIES) -> None:
    """Record a run's tables, each number as exactly as its comparison needs it."""
    for study, layout in layouts.items():
        table = _read(tables / f"{study}.csv")
        for column in table:
            table[column] = [_rounded(value, layout, column) for value in table[column]]
        text = table.to_csv(index=False, lineterminator="\n")
        write_text(studies / study / "recorded.csv", text)


def _compare_table(
    study: str, layout: Mapping[str, Any], tables: Path, studies: Path
) -> Iterator[tuple[float, str]]:
    file = f"{study}.csv"
    if not (tables / file).exists():
        yield math.inf, f"{file} is missing; make it: snakemake --cores 1 {TABLES / file}"
        return
    made, known = _read(tables / file), _read(studies / study / "recorded.csv")
    if list(made) != list(known):
        yield math.inf, f"{file} has the columns {list(made)}, recorded {list(known)}"
        return
    made, known = (_named(table, layout["rows"]) for table in (made, known))
    twice = made.index.duplicated(keep="last")
    for name in made.index[twice]:
        yield math.inf, f"{file} has two rows {name}; name them otherwise"
    for name in made.index.difference(known.index):
        yield math.inf, f"{file} has a row that is not recorded: {name}"
    for name in known.index.difference(made.index):
        yield math.inf, f"{file} lacks the row {name}"
    values = known.stack().to_frame("known").join(made[~twice].stack().rename("made"), how="inner")
    for (name, column), expected, value in values.itertuples():
        both = f"{value or 'nothing'}, recorded {expected or 'nothing'}"
        ratio, remark = _deviation(value, expected, _allowed(expected, layout, column))
        yield ratio, f"{file}, {column} where {name}: {both}{remark}"


def _named(table: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
    """Return the other columns of a table, indexed by what names a row."""

    def shortened(value):
        number = _number(value)
        return value if number is None else f"{number:.{_KEY_DIGITS}g}"

    columns = [[f"{key} = {shortened(value)}" for value in table[key]] for key in keys]
    names = pd.Index([", ".join(parts) for parts in zip(*columns, strict=True)])
    return table.drop(columns=keys).set_index(names)


def _deviation(value: str, recorded: str, allowed: float) -> tuple[float, str]:
    """Return the deviation over its tolerance, and both in words if there are two numbers."""
    number, expected = _number(value), _number(recorded)
    if number is None or expected is None:
        return 0.0 if value == recorded else math.inf, ""
    deviation = abs(number - expected)
    ratio = deviation / allowed if allowed else math.inf if deviation else 0.0
    return ratio, f", off by {deviation:.2g} where {allowed:.2g} is tolerated"


def _allowed(recorded: str, layout: Mapping[str, Any], column: str) -> float:
    """Return the largest deviation from a recorded number."""
    stated = (part for part in layout.get("tolerances", ()) if column in part["columns"])
    tolerance = next(stated, {"relative": RELATIVE})
    size = abs(_number(recorded) or 0.0)
    return tolerance.get("absolute", 0.0) + tolerance.get("relative", 0.0) * size


def _rounded(value: str, layout: Mapping[str, Any], column: str) -> str:
    number = _number(value)
    if not number:
        return value
    finest = math.floor(math.log10(_RESOLUTION * _allowed(value, layout, column)))
    digits = math.floor(math.log10(abs(number))) - finest + 1
    return f"{number:.{min(max(digits, 1), 17)}g}"


def _number(value: str) -> float | None:
    try:
        return float(value)
    except ValueError:
        return None


if __name__ == "__main__":
    studies = Studies(read_yaml(Path("config/config.yaml")))
    if studies.config["run"]:
        sys.exit(
            f"config/config.yaml: recorded tables are those of the run without a name, got the run"
            f" {studies.config['run']}; leave its name empty there"
        )
    flags = [each for each in sys.argv[1:] if each.startswith("-")]
    recorded = studies.layouts()
    if named := [each for each in sys.argv[1:] if each not in flags]:
        every = Studies({**studies.config, **EVERY_STUDY}).layouts()
        if strange := [each for each in named if each not in every]:
            sys.exit(unknown("study with a recorded table", strange[0], list(every)))
        recorded = {name: every[name] for name in named}
    if flags == ["--record"]:
        record(recorded)
    else:
        agree, text = compare(recorded)
        print(text)
        sys.exit(not agree)
