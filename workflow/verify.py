"""Compare the tables of a finished run with the recorded ones, or record them.

A recorded table has the columns and rows of the run's own. How far its numbers may be from those of
another run is stated beside it, in tolerances.yaml, with the reasons; whatever is no number must be
the same. `make verify` compares, `make record` records.
"""

import csv
import io
import math
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from dlnpaper.files import write_text
from workflow.validation import read_yaml

TABLES = Path("results/tables")
RECORDED = Path("tests/reference/tables")

# A number that names a row, one of a geometric sequence say, names it whatever its last digits.
_KEY_DIGITS = 9
# A number is recorded to this part of its tolerance.
_RESOLUTION = 1e-3


class Tolerance(NamedTuple):
    """The largest deviation from a recorded number: ``absolute + relative * abs(number)``."""

    relative: float = 0.0
    absolute: float = 0.0

    def allowed(self, recorded: float) -> float:
        """Return the largest deviation from this number."""
        return self.absolute + self.relative * abs(recorded)


class Layout(NamedTuple):
    """The columns of a table that name a row, and the tolerances of its other columns."""

    keys: list[str]
    tolerances: dict[str, Tolerance]
    default: Tolerance

    def tolerance(self, column: str) -> Tolerance:
        """Return the tolerance of a column."""
        return self.tolerances.get(column, self.default)

    def key(self, row: dict[str, str]) -> str:
        """Return what names a row."""
        pairs = ((name, _number(row[name])) for name in self.keys)
        return ", ".join(
            f"{name} = {row[name] if number is None else f'{number:.{_KEY_DIGITS}g}'}"
            for name, number in pairs
        )


class Comparison(NamedTuple):
    """A value beside the recorded one, or what only one side has.

    ``ratio`` is the deviation over its tolerance, infinite where nothing can be tolerated.
    """

    sentence: str
    ratio: float = math.inf


def read_layouts(recorded: Path) -> dict[str, Layout]:
    """Read tolerances.yaml: the layout of every recorded table."""
    stated = read_yaml(recorded / "tolerances.yaml")
    default = Tolerance(stated["relative"])
    layouts = {}
    for name, table in stated["tables"].items():
        tolerances = {
            column: Tolerance(part.get("relative", 0.0), part.get("absolute", 0.0))
            for part in table.get("tolerances", [])
            for column in part["columns"]
        }
        layouts[name] = Layout(table["rows"], tolerances, default)
    return layouts


def compare(tables: Path, recorded: Path) -> list[Comparison]:
    """Compare a run's tables with all that is recorded.

    Parameters
    ----------
    tables, recorded : Path
        The folder of the run's tables, and that of the recorded ones and their tolerances.

    Returns
    -------
    list of Comparison
        One for every recorded value outside the columns that name rows; further ones for files,
        columns and rows that only one side has. All is well if no ratio is above 1.
    """
    return [
        comparison
        for name, layout in read_layouts(recorded).items()
        for comparison in _compare_table(layout, f"{name}.csv", tables, recorded)
    ]


def record(tables: Path, recorded: Path) -> None:
    """Record a run's tables, each number as exactly as its comparison needs it."""
    for name, layout in read_layouts(recorded).items():
        columns, rows = _read(tables / f"{name}.csv")
        text = io.StringIO()
        writer = csv.DictWriter(text, columns, lineterminator="\n")
        writer.writeheader()
        for row in rows:
            writer.writerow({name: _rounded(row[name], layout.tolerance(name)) for name in columns})
        write_text(recorded / f"{name}.csv", text.getvalue())


def summary(comparisons: Sequence[Comparison]) -> tuple[bool, str]:
    """Return whether all values agree, and the lines that say so or what differs."""
    # Said like this, a NaN does not agree.
    differing = [comparison for comparison in comparisons if not comparison.ratio <= 1]
    if differing:
        lines = [comparison.sentence for comparison in differing]
        lines.append(
            f"{len(differing)} differences from the {len(comparisons)} recorded values; "
            "if this is what should come out now, record it: make record"
        )
        return False, "\n".join(lines)
    largest = max(comparisons, key=lambda comparison: comparison.ratio)
    return True, (
        f"all {len(comparisons)} values agree with those recorded; the largest deviation is "
        f"{largest.ratio:.2g} of its tolerance: {largest.sentence}"
    )


def _compare_table(layout: Layout, file: str, tables: Path, recorded: Path) -> Iterator[Comparison]:
    if not (tables / file).exists():
        yield Comparison(f"{file} is missing; make it: snakemake --cores 1 {TABLES / file}")
        return
    columns, rows = _read(tables / file)
    known_columns, known_rows = _read(recorded / file)
    if columns != known_columns:
        yield Comparison(f"{file} has the columns {columns}, recorded {known_columns}")
        return
    found = {layout.key(row): row for row in rows}
    known = {layout.key(row): row for row in known_rows}
    if len(found) < len(rows):
        yield Comparison(f"{file} has {len(rows)} rows by {len(found)} names; name them otherwise")
    for key in found:
        if key not in known:
            yield Comparison(f"{file} has a row that is not recorded: {key}")
    for key, row in known.items():
        if key not in found:
            yield Comparison(f"{file} lacks the row {key}")
            continue
        for column in (column for column in columns if column not in layout.keys):
            where = f"{file}, {column} where {key}"
            yield _compare_value(where, found[key][column], row[column], layout.tolerance(column))


def _compare_value(where: str, value: str, recorded: str, tolerance: Tolerance) -> Comparison:
    both = f"{where}: {value or 'nothing'}, recorded {recorded or 'nothing'}"
    number, expected = _number(value), _number(recorded)
    if number is None or expected is None:
        return Comparison(both, 0.0 if value == recorded else math.inf)
    deviation, allowed = abs(number - expected), tolerance.allowed(expected)
    ratio = deviation / allowed if allowed else math.inf if deviation else 0.0
    return Comparison(f"{both}, off by {deviation:.2g} where {allowed:.2g} is tolerated", ratio)


def _read(file: Path) -> tuple[list[str], list[dict[str, str]]]:
    """Return the columns and the rows of a table."""
    with open(file, newline="", encoding="utf-8") as stream:
        reader = csv.DictReader(stream)
        return list(reader.fieldnames or []), list(reader)


def _number(value: str) -> float | None:
    try:
        return float(value)
    except ValueError:
        return None


def _rounded(value: str, tolerance: Tolerance) -> str:
    number = _number(value)
    if not number:
        return value
    finest = math.floor(math.log10(_RESOLUTION * tolerance.allowed(number)))
    digits = math.floor(math.log10(abs(number))) - finest + 1
    return f"{number:.{min(max(digits, 1), 17)}g}"


def main(arguments: Sequence[str]) -> int:
    """Compare, or with ``--record`` record; return the exit code."""
    if arguments == ["--record"]:
        record(TABLES, RECORDED)
        return 0
    agree, text = summary(compare(TABLES, RECORDED))
    print(text)
    return 0 if agree else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
