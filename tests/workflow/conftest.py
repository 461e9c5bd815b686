"""A copy of the project in which the tests run, and change, the pipeline."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from snakemake.utils import update_config

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))  # so that the tests can import workflow.validation and its neighbor


class Project:
    """A copy of what the pipeline needs, with the small configuration of the tests."""

    def __init__(self, folder: Path, caches: Path):
        self.folder = folder
        for name in ("workflow", "src", "envs", "profiles"):
            shutil.copytree(ROOT / name, folder / name)
        shutil.copy2(ROOT / "Snakefile", folder)
        (folder / "config").mkdir()
        config = yaml.safe_load((ROOT / "config" / "config.yaml").read_text(encoding="utf-8"))
        small = Path(__file__).with_name("small.yaml").read_text(encoding="utf-8")
        update_config(config, yaml.safe_load(small))
        self.write_config(config)
        shutil.copy2(Path(__file__).with_name("claims.yaml"), folder / "config")
        # Without compiled modules each call of Snakemake would take a second longer.
        kept = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
        python = {"PYTHONPATH": str(folder / "src"), "PYTHONPYCACHEPREFIX": str(caches)}
        self.environment = {**kept, **python}

    def config(self) -> dict:
        return yaml.safe_load((self.folder / "config" / "config.yaml").read_text(encoding="utf-8"))

    def write_config(self, config: dict) -> None:
        text = yaml.safe_dump(config, sort_keys=False)
        (self.folder / "config" / "config.yaml").write_text(text, encoding="utf-8")

    def snakemake(self, *arguments: str) -> subprocess.CompletedProcess:
        return self.python("-m", "snakemake", "--cores", "2", *arguments)

    def python(self, *arguments: str) -> subprocess.CompletedProcess:
        return subprocess.run(
            [sys.executable, *arguments],
            cwd=self.folder,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
        )

    def outputs(self, pattern: str = "*") -> dict[str, bytes]:
        """Return the content of every file that a run makes, but for what tells of the run."""
        files = (
            file for top in ("figures", "results") for file in (self.folder / top).rglob(pattern)
        )
        named = {str(file.relative_to(self.folder)): file for file in files if file.is_file()}
        return {
            name: file.read_bytes()
            for name, file in named.items()
            if not name.startswith(("results/logs/", "results/run.json"))
        }

    def planned(self, *targets: str) -> set[str]:
        """Return the jobs of a dry run, each as its rule and, if it has one, its study."""
        run = self.snakemake("--dry-run", "--", *targets)
        assert run.returncode == 0, run.stdout + run.stderr
        blocks = re.split(r"^(?:local)?rule ", run.stdout + run.stderr, flags=re.MULTILINE)[1:]
        jobs = set()
        for block in blocks:
            rule = block.partition(":")[0]
            study = re.search(r"^    wildcards: study=(\w+)", block, flags=re.MULTILINE)
            jobs.add(f"{rule} {study[1]}" if study else rule)
        return jobs - {"all"}


@pytest.fixture(scope="session")
def caches(tmp_path_factory):
    return tmp_path_factory.mktemp("caches")


@pytest.fixture
def project(tmp_path, caches):
    """Return a copy of the project in which nothing is built yet."""
    return Project(tmp_path, caches)


@pytest.fixture(scope="session")
def first_run(tmp_path_factory, caches):
    """Return a copy of the project, the small pipeline's first run in it, and its outputs."""
    project = Project(tmp_path_factory.mktemp("project"), caches)
    run = project.snakemake()
    assert run.returncode == 0, run.stdout + run.stderr
    return project


@pytest.fixture
def built(first_run, tmp_path):
    """Return the built copy; what a test changes in its sources is undone afterwards."""
    kept = tmp_path / "kept"
    for name in ("src", "config"):
        shutil.copytree(first_run.folder / name, kept / name)
    yield first_run
    for name in ("src", "config"):
        shutil.rmtree(first_run.folder / name)
        shutil.copytree(kept / name, first_run.folder / name)
