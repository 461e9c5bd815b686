"""What every file says of its making, and what is said of the run beside it."""

import hashlib
import json
import platform
import re
from pathlib import Path

import pytest
import xarray as xr
from PIL import Image

from companion.dependencies import modules_used
from companion.provenance import KEYS
from companion.provenance import manifest as make_manifest
from dlnpaper import __version__
from tests.workflow.conftest import ROOT


@pytest.fixture(scope="module")
def manifest(first_run):
    return json.loads((first_run.folder / "results/manifest.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def outputs(first_run):
    """Every NetCDF, figure and table that is in the folder."""
    patterns = ("figures/*.p??", "figures/data/*.nc", "results/**/*.nc", "results/tables/*.[cmt]*")
    found = [path for pattern in patterns for path in first_run.folder.glob(pattern)]
    return {str(path.relative_to(first_run.folder)) for path in found}


def test_the_manifest_lists_every_output_and_each_says_itself_what_made_it(
    first_run, manifest, outputs
):
    assert len(outputs) > 100
    assert set(manifest) == outputs
    for name, entry in manifest.items():
        path = first_run.folder / name
        content = path.read_bytes()
        assert entry["sha256"] == hashlib.sha256(content).hexdigest(), name
        assert entry["source"] == f"dlnpaper {__version__}"
        assert re.fullmatch("[0-9a-f]{64}", entry["code_sha256"])
        match path.suffix:
            case ".nc":
                with xr.open_dataset(path, engine="h5netcdf", decode_times=False) as dataset:
                    said = {key: dataset.attrs[key] for key in KEYS}
            case ".png":
                with Image.open(path) as image:
                    said = json.loads(image.text["Description"])
            case ".pdf":
                assert entry["code_sha256"].encode() in content, name
                continue
            case ".csv":
                continue
            case _:
                said = json.loads(re.search(r"{\"source.*}", content.decode())[0])
        assert said["rule"] == entry["rule"], name
        assert said["code_sha256"] == entry["code_sha256"], name
        assert json.loads(said["parameters"]) == entry["parameters"], name


def test_seed_and_settings_are_found_from_every_figure(first_run, manifest):
    entry = manifest["figures/limit_map.pdf"]
    assert "results/starts/limit_map.nc" in entry["made_from"]
    settings = manifest["results/starts/limit_map.nc"]["parameters"]["settings"]
    ensemble = first_run.card("limit_map")["ensembles"]["limit_map"]
    assert settings["seed"] == ensemble["seed"]
    assert settings["starts"] == ensemble["starts"]


def test_claims_are_listed_where_they_come_from(manifest):
    """The small pipeline has claims of the study `limits` alone."""
    for name in ("results/tables/limits.tex", "results/reference/limits_tied.nc"):
        assert manifest[name]["claims"] == ["sampled", "distance"], name
    for name in ("results/tables/rates.csv", "figures/limit_map.pdf"):
        assert manifest[name]["claims"] == [], name


def test_figures_show_the_claims_of_their_study_and_of_what_they_share(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    inputs = {
        "results/starts/rates.nc": [],
        "results/measured/rates_saddle.nc": ["results/starts/rates.nc"],
        "results/tables/rates.csv": ["results/measured/rates_saddle.nc"],
        "figures/rates_saddle.pdf": ["results/measured/rates_saddle.nc"],
        "figures/rates.pdf": [],
        "figures/map.pdf": ["results/starts/rates.nc"],
    }
    for name in inputs:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(name)
    records = {
        name: {"parameters": "{}", "inputs": "\n".join(files)} for name, files in inputs.items()
    }
    entries = make_manifest(records, [{"id": "fast", "study": "rates"}])
    assert entries["figures/rates_saddle.pdf"]["made_from"] == [
        "results/measured/rates_saddle.nc",
        "results/starts/rates.nc",
    ]
    # The starts alone are no evidence.
    without = [name for name, entry in entries.items() if not entry["claims"]]
    assert without == ["figures/map.pdf"]


def test_the_code_in_the_record_is_the_script_and_all_that_it_loads(manifest, monkeypatch):
    monkeypatch.chdir(ROOT)
    study, script = Path("studies/limit_map/figure.py"), "workflow/scripts/draw_figure.py"
    used = modules_used("workflow.scripts.draw_figure", "studies.limit_map.figure")
    code = hashlib.sha256((ROOT / script).read_bytes())
    for name in sorted({study.as_posix(), *(path.as_posix() for path in used)}):
        code.update(f"\n{name}\n".encode() + (ROOT / name).read_bytes())
    assert manifest["figures/data/limit_map.nc"]["code_sha256"] == code.hexdigest()


def test_host_and_time_are_in_the_side_file_alone(first_run, outputs):
    run = json.loads((first_run.folder / "results/run.json").read_text(encoding="utf-8"))
    assert run["host"] == platform.node()
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00", run["finished"])
    assert run["packages"]["numpy"]
    day = run["finished"][:10].encode()
    for name in outputs:
        content = (first_run.folder / name).read_bytes()
        assert day not in content, name
        assert str(first_run.folder).encode() not in content, name
