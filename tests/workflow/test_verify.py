"""The recorded numbers: another run's must be near them, and whatever is not is said."""

import os
import shutil
import subprocess
import sys

import pandas as pd
import pytest

from companion.registry import Studies
from companion.validation import read_yaml
from companion.verify import compare, record
from tests.workflow.conftest import ROOT

WINDOW = {"columns": ["measured"], "relative": 1e-6, "absolute": 1e-8, "reason": "a fit"}
LAYOUTS = {
    "rates": {"rows": ["limit", "s"], "tolerances": [WINDOW]},
    "counts": {"rows": ["shape"]},
}
RATES = """limit,s,predicted,measured,reached
saddle,0.31622776601683794,2.0,2.0000012345678,True
saddle,1.0,0.5,0.5,True
origin,1.0,0.0,,False
"""
STUDIES = Studies(read_yaml(ROOT / "config/config.yaml"), ROOT)
RECORDED = STUDIES.layouts()
COUNTS = "shape,starts\n4 x 3,100000\n"


@pytest.fixture
def folders(tmp_path):
    """Return the folder of a run's tables, and that of the studies in which they are recorded."""
    tables, studies = tmp_path / "tables", tmp_path / "studies"
    for name, text in (("rates", RATES), ("counts", COUNTS)):
        (studies / name).mkdir(parents=True)
        tables.mkdir(exist_ok=True)
        (tables / f"{name}.csv").write_text(text)
    record(LAYOUTS, tables, studies)
    return tables, studies


def test_a_run_agrees_with_its_own_record(folders):
    agree, text = compare(LAYOUTS, *folders)
    assert agree
    # Three columns of three rows, and one of one.
    assert text.startswith("all 10 values agree with those recorded; the largest deviation is ")
    # 2.0000012345678 is recorded with as many digits as make out a thousandth of 2e-6.
    assert "rates.csv, measured where limit = saddle, s = 0.316227766" in text
    recorded = (folders[1] / "rates/recorded.csv").read_text()
    assert recorded.splitlines()[1].split(",")[3] == "2.000001235"


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
    agree, text = compare(LAYOUTS, *folders)
    assert agree, text


FIRST = "measured where limit = saddle, s = 0.316227766: "
SECOND = "where limit = saddle, s = 1: "
WHERE = "where 5e-11 is tolerated"


@pytest.mark.parametrize(
    ("before", "after", "lines"),
    [
        (
            "2.0000012345678",
            "2.00001",
            [f", {FIRST}2.00001, recorded 2.000001235, off by 8.8e-06 where 2e-06 is tolerated"],
        ),
        (
            "saddle,1.0,0.5",
            "saddle,1.0,0.5000000002",
            [f", predicted {SECOND}0.5000000002, recorded 0.5, off by 2e-10 {WHERE}"],
        ),
        (
            "2.0000012345678",
            "nan",
            [f", {FIRST}nan, recorded 2.000001235, off by nan where 2e-06 is tolerated"],
        ),
        ("2.0000012345678", "", [f", {FIRST}nothing, recorded 2.000001235"]),
        ("origin,1.0,0.0,,False\n", "", [" lacks the row limit = origin, s = 1"]),
        (
            "origin,1.0",
            "origin,2.0",
            [
                " has a row that is not recorded: limit = origin, s = 2",
                " lacks the row limit = origin, s = 1",
            ],
        ),
        (
            "origin,1.0",
            "saddle,1.0",
            [
                " has two rows limit = saddle, s = 1; name them otherwise",
                " lacks the row limit = origin, s = 1",
                f", predicted {SECOND}0.0, recorded 0.5, off by 0.5 {WHERE}",
                f", measured {SECOND}nothing, recorded 0.5",
                f", reached {SECOND}False, recorded True",
            ],
        ),
        (
            "limit,s,predicted,measured",
            "limit,s,expected,measured",
            [
                " has the columns ['limit', 's', 'expected', 'measured', 'reached'], "
                "recorded ['limit', 's', 'predicted', 'measured', 'reached']"
            ],
        ),
    ],
)
def test_each_difference_has_its_line(folders, before, after, lines):
    change(folders[0] / "rates.csv", before, after)
    agree, text = compare(LAYOUTS, *folders)
    assert not agree
    *said, last = text.splitlines()
    assert said == [f"rates.csv{line}" for line in lines]
    assert last.startswith(f"{len(lines)} differences from the ")
    assert last.endswith("record it: make record")


def test_a_count_has_no_tolerance_and_a_missing_table_is_named_with_its_command(folders):
    change(folders[0] / "counts.csv", "100000", "100001")
    assert compare(LAYOUTS, *folders)[1].splitlines()[0] == (
        "counts.csv, starts where shape = 4 x 3: 100001, "
        "recorded 100000, off by 1 where 1e-05 is tolerated"
    )
    (folders[0] / "counts.csv").unlink()
    assert compare(LAYOUTS, *folders)[1].splitlines()[0] == (
        "counts.csv is missing; make it: snakemake --cores 1 results/tables/counts.csv"
    )


def test_the_command_fails_for_other_numbers_and_records_them(tmp_path):
    for name in ("studies", "config", "workflow"):
        shutil.copytree(ROOT / name, tmp_path / name)
    tables = tmp_path / "results/tables"
    tables.mkdir(parents=True)
    for study in RECORDED:
        shutil.copy(ROOT / "studies" / study / "recorded.csv", tables / f"{study}.csv")
    assert command(tmp_path).returncode == 0
    cells = (tables / "coverage.csv").read_text().split("\n")[1].split(",")
    change(tables / "coverage.csv", cells[5], f"{float(cells[5]) + 1e-6}")
    run = command(tmp_path)
    assert run.returncode == 1
    assert run.stdout.startswith("coverage.csv, predicted where guarantee = ")
    assert command(tmp_path, "--record").returncode == 0
    assert command(tmp_path).returncode == 0


def test_every_table_is_recorded():
    assert set(RECORDED) == set(STUDIES.names("table"))


@pytest.mark.parametrize("study", RECORDED)
def test_rows_are_named_and_every_tolerance_has_its_columns_and_reason(study):
    layout = RECORDED[study]
    file = ROOT / "studies" / study / "recorded.csv"
    assert file.stat().st_size < 30_000  # text that one may look through
    rows = pd.read_csv(file, dtype=str)
    assert len(rows) > 1
    assert not rows.duplicated(layout["rows"]).any()
    for part in layout.get("tolerances", []):
        assert part.keys() - {"relative", "absolute"} == {"columns", "reason"}
        assert part.get("relative", 0) + part.get("absolute", 0) > 0
        assert set(part["columns"]) <= set(rows)


def change(file, before, after):
    text = file.read_text(encoding="utf-8")
    assert before in text
    file.write_text(text.replace(before, after, 1), encoding="utf-8")


def command(folder, *arguments):
    return subprocess.run(
        [sys.executable, "-m", "companion.verify", *arguments],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": f"{ROOT}/src"},
        capture_output=True,
        text=True,
        check=False,
    )
