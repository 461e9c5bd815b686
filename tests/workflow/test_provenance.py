"""What every file says of its making, and what is said of the run beside it."""

import hashlib
import json
import platform
import re

import pytest
import xarray as xr
import yaml
from PIL import Image

from dlnpaper import __version__
from dlnpaper.provenance import KEYS


@pytest.fixture(scope="module")
def manifest(first_run):
    return json.loads((first_run.folder / "results/manifest.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def outputs(first_run):
    """Every NetCDF, figure and table that is in the folder."""
    patterns = ("figures/*.p??", "figures/data/*.nc", "results/**/*.nc", "results/tables/*.[cmt]??")
    found = [path for pattern in patterns for path in first_run.folder.glob(pattern)]
    found += first_run.folder.glob("results/tables/*.md")
    return {str(path.relative_to(first_run.folder)) for path in found}


def test_the_manifest_lists_every_output_with_its_hash(first_run, manifest, outputs):
    assert len(outputs) > 100
    assert set(manifest) == outputs
    for name, entry in manifest.items():
        content = (first_run.folder / name).read_bytes()
        assert entry["sha256"] == hashlib.sha256(content).hexdigest(), name
        assert entry["source"] == f"dlnpaper {__version__}"
        assert re.fullmatch("[0-9a-f]{64}", entry["code_sha256"])


def test_every_file_says_itself_what_made_it(first_run, manifest):
    for name, entry in manifest.items():
        path = first_run.folder / name
        match path.suffix:
            case ".nc":
                with xr.open_dataset(path, engine="h5netcdf", decode_times=False) as dataset:
                    said = {key: dataset.attrs[key] for key in KEYS}
            case ".png":
                with Image.open(path) as image:
                    said = json.loads(image.text["Description"])
            case ".pdf":
                assert entry["code_sha256"].encode() in path.read_bytes(), name
                continue
            case ".csv":
                continue
            case _:
                said = json.loads(re.search(r"{\"source.*}", path.read_text(encoding="utf-8"))[0])
        assert said["rule"] == entry["rule"], name
        assert said["code_sha256"] == entry["code_sha256"], name
        assert json.loads(said["parameters"]) == entry["parameters"], name


def test_seed_and_settings_are_found_from_every_figure(first_run, manifest):
    entry = manifest["figures/limit_map.pdf"]
    assert "results/starts/limit_map.nc" in entry["made_from"]
    settings = manifest["results/starts/limit_map.nc"]["parameters"]["settings"]
    configured = first_run.config()["studies"]["limit_map"]
    assert settings["seed"] == configured["seed"]
    assert settings["starts"] == configured["starts"]


def test_claims_are_listed_where_they_come_from(first_run, manifest):
    text = (first_run.folder / "config/claims.yaml").read_text(encoding="utf-8")
    claims = yaml.safe_load(text)
    on_limits = [claim["id"] for claim in claims if claim["table"] == "limits"]
    assert on_limits
    for name in ("results/tables/limits.tex", "results/witness/limits_tied.nc"):
        assert set(on_limits) <= set(manifest[name]["claims"]), name
    assert manifest["results/tables/coverage.csv"]["claims"] == [
        claim["id"] for claim in claims if claim["table"] == "coverage"
    ]


def test_the_code_in_the_record_is_what_the_rule_declares(built, manifest):
    name = "figures/data/limit_map.nc"
    module = built.folder / "src/dlnpaper/figures/limit_map.py"
    module.write_text(module.read_text(encoding="utf-8") + "\n# changed\n", encoding="utf-8")
    run = built.snakemake("--quiet", "all", "--", name)
    assert run.returncode == 0, run.stderr
    with xr.open_dataset(built.folder / name, engine="h5netcdf") as dataset:
        assert dataset.attrs["code_sha256"] != manifest[name]["code_sha256"]
    # The fixture takes the change back: what was made from it is made again.
    module.write_text(module.read_text(encoding="utf-8").removesuffix("\n# changed\n"))
    assert built.snakemake("--quiet", "all").returncode == 0


def test_host_and_time_are_in_the_side_file_alone(first_run, outputs):
    path = first_run.folder / "results/run.json"
    run = json.loads(path.read_text(encoding="utf-8"))
    assert run["host"] == platform.node()
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00", run["finished"])
    assert run["packages"]["numpy"]
    before = path.read_bytes()
    assert first_run.planned() == set()
    assert path.read_bytes() == before
    day = run["finished"][:10].encode()
    for name in outputs:
        content = (first_run.folder / name).read_bytes()
        assert day not in content, name
        assert str(first_run.folder).encode() not in content, name
