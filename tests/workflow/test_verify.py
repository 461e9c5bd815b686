"""The recorded numbers: another run's must be near them, and whatever is not is said."""

import csv
import os
import re
import shutil
import subprocess
import sys

import pytest
import yaml

from tests.workflow.conftest import ROOT
from workflow.verify import RECORDED, compare, read_layouts, record, summary

TOLERANCES = """
relative: 1.0e-10
tables:
  rates:
    rows: [limit, s]
    tolerances:
      - {columns: [measured], relative: 1.0e-6, absolute: 1.0e-8, reason: a fit}
  counts:
    rows: [shape]
"""
RATES = """limit,s,predicted,measured,reached
saddle,0.31622776601683794,2.0,2.0000012345678,True
saddle,1.0,0.5,0.5,True
origin,1.0,0.0,,False
"""
COUNTS = "shape,starts\n4 x 3,100000\n"


@pytest.fixture
def folders(tmp_path):
    """Return the folder of a run's tables, and the one in which they are recorded."""
    made, recorded = tmp_path / "made", tmp_path / "recorded"
    made.mkdir()
    recorded.mkdir()
    (recorded / "tolerances.yaml").write_text(TOLERANCES)
    (made / "rates.csv").write_text(RATES)
    (made / "counts.csv").write_text(COUNTS)
    record(made, recorded)
    return made, recorded


def test_a_run_agrees_with_its_own_record(folders):
    agree, text = summary(compare(*folders))
    assert agree
    # Three columns of three rows, and one of one.
    assert text.startswith("all 10 values agree with those recorded; the largest deviation is ")
    # 2.0000012345678 is recorded with as many digits as make out a thousandth of 2e-6.
    assert "rates.csv, measured where limit = saddle, s = 0.316227766" in text
    assert (folders[1] / "rates.csv").read_text().splitlines()[1].split(",")[3] == "2.000001235"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("2.0000012345678", "2.0000030"),  # within 1e-6 × 2 + 1e-8
        ("0.5,True", "0.5000005,True"),
        ("saddle,1.0,0.5", "saddle,1.0,0.50000000004"),  # within 1e-10 × 0.5
        ("0.31622776601683794", "0.316227766016838"),  # the name of a row, in other last digits
        ("2.0,2", "2,2"),
    ],
)
def test_what_is_tolerated(folders, before, after):
    change(folders[0] / "rates.csv", before, after)
    agree, text = summary(compare(*folders))
    assert agree, text


@pytest.mark.parametrize(
    ("file", "before", "after", "lines"),
    [
        (
            "rates.csv",
            "2.0000012345678",
            "2.00001",
            [
                "rates.csv, measured where limit = saddle, s = 0.316227766: 2.00001, "
                "recorded 2.000001235, off by 8.8e-06 where 2e-06 is tolerated"
            ],
        ),
        (
            "rates.csv",
            "saddle,1.0,0.5",
            "saddle,1.0,0.5000000002",
            [
                "rates.csv, predicted where limit = saddle, s = 1: 0.5000000002, "
                "recorded 0.5, off by 2e-10 where 5e-11 is tolerated"
            ],
        ),
        (
            "counts.csv",
            "100000",
            "100001",
            [
                "counts.csv, starts where shape = 4 x 3: 100001, "
                "recorded 100000, off by 1 where 1e-05 is tolerated"
            ],
        ),
        (
            "rates.csv",
            "2.0000012345678",
            "nan",
            [
                "rates.csv, measured where limit = saddle, s = 0.316227766: nan, "
                "recorded 2.000001235, off by nan where 2e-06 is tolerated"
            ],
        ),
        (
            "rates.csv",
            "2.0000012345678,True",
            ",False",
            [
                "rates.csv, measured where limit = saddle, s = 0.316227766: nothing, "
                "recorded 2.000001235",
                "rates.csv, reached where limit = saddle, s = 0.316227766: False, recorded True",
            ],
        ),
        (
            "rates.csv",
            "origin,1.0,0.0,,False\n",
            "",
            ["rates.csv lacks the row limit = origin, s = 1"],
        ),
        (
            "rates.csv",
            "origin,1.0",
            "origin,2.0",
            [
                "rates.csv has a row that is not recorded: limit = origin, s = 2",
                "rates.csv lacks the row limit = origin, s = 1",
            ],
        ),
        (
            "rates.csv",
            "origin,1.0",
            "saddle,1.0",
            [
                "rates.csv has 3 rows by 2 names; name them otherwise",
                "rates.csv, predicted where limit = saddle, s = 1: 0.0, "
                "recorded 0.5, off by 0.5 where 5e-11 is tolerated",
                "rates.csv, measured where limit = saddle, s = 1: nothing, recorded 0.5",
                "rates.csv, reached where limit = saddle, s = 1: False, recorded True",
                "rates.csv lacks the row limit = origin, s = 1",
            ],
        ),
        (
            "counts.csv",
            "shape,starts",
            "shape,size",
            ["counts.csv has the columns ['shape', 'size'], recorded ['shape', 'starts']"],
        ),
    ],
)
def test_each_difference_has_its_line(folders, file, before, after, lines):
    change(folders[0] / file, before, after)
    agree, text = summary(compare(*folders))
    assert not agree
    *said, last = text.splitlines()
    assert said == lines
    assert last.startswith(f"{len(lines)} differences from the ")
    assert last.endswith("record it: make record")


def test_a_table_that_was_not_made_is_named_with_its_command(folders):
    (folders[0] / "counts.csv").unlink()
    _, text = summary(compare(*folders))
    assert text.splitlines()[0] == (
        "counts.csv is missing; make it: snakemake --cores 1 results/tables/counts.csv"
    )


def test_the_command_fails_for_other_numbers_and_records_them(tmp_path):
    tables = tmp_path / "results" / "tables"
    shutil.copytree(ROOT / RECORDED, tmp_path / RECORDED)
    shutil.copytree(ROOT / RECORDED, tables)
    assert command(tmp_path).returncode == 0
    cells = (tables / "coverage.csv").read_text().split("\n")[1].split(",")
    change(tables / "coverage.csv", cells[5], f"{float(cells[5]) + 1e-6}")
    run = command(tmp_path)
    assert run.returncode == 1
    assert run.stdout.startswith("coverage.csv, predicted where guarantee = ")
    assert command(tmp_path, "--record").returncode == 0
    assert command(tmp_path).returncode == 0


def test_every_table_is_recorded_and_every_tolerance_is_one_of_its_columns():
    text = (ROOT / "Snakefile").read_text(encoding="utf-8")
    names = re.findall(r'"(\w+)"', re.search(r"^TABLES = \[(.*?)\]", text, re.M | re.S)[1])
    layouts = read_layouts(ROOT / RECORDED)
    assert sorted(names) == sorted(layouts)
    for name, layout in layouts.items():
        with open(ROOT / RECORDED / f"{name}.csv", newline="", encoding="utf-8") as file:
            columns, *rows = csv.reader(file)
        assert {*layout.keys, *layout.tolerances} <= set(columns)
        named = [layout.key(dict(zip(columns, row, strict=True))) for row in rows]
        assert len(set(named)) == len(named) > 1


def test_every_tolerance_has_its_reason_and_allows_something():
    stated = yaml.safe_load((ROOT / RECORDED / "tolerances.yaml").read_text(encoding="utf-8"))
    for table in stated["tables"].values():
        for part in table.get("tolerances", []):
            assert part.keys() - {"relative", "absolute"} == {"columns", "reason"}
            assert part.keys() & {"relative", "absolute"}
    for layout in read_layouts(ROOT / RECORDED).values():
        assert all(tolerance.allowed(1e-3) > 0 for tolerance in layout.tolerances.values())


def test_the_record_stays_small():
    sizes = [file.stat().st_size for file in (ROOT / RECORDED).iterdir()]
    assert sum(sizes) < 100_000


def change(file, before, after):
    text = file.read_text(encoding="utf-8")
    assert before in text
    file.write_text(text.replace(before, after, 1), encoding="utf-8")


def command(folder, *arguments):
    return subprocess.run(
        [sys.executable, "-m", "workflow.verify", *arguments],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
