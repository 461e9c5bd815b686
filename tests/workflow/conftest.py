"""A copy of the project in which the tests run, and change, the pipeline."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from companion.registry import overridden

ROOT = Path(__file__).parents[2]
#: What the tests of the pipeline change, and find as it was afterwards.
SOURCES = ("src", "studies", "config")
# The claims that the small pipeline is held to, by study: most of the others need the full sizes.
CLAIMS = yaml.safe_load(Path(__file__).with_name("claims.yaml").read_text(encoding="utf-8"))


class Project:
    """A copy of what the pipeline needs, with the small sizes that the cards state."""

    def __init__(self, folder: Path, caches: Path):
        self.folder = folder
        for name in (*SOURCES, "workflow", "envs", "profiles"):
            shutil.copytree(ROOT / name, folder / name)
        shutil.copy2(ROOT / "Snakefile", folder)
        for path in folder.glob("studies/*/study.yaml"):
            self.write_card(path.parent.name, small_card(path))
        self.assign_claims()
        # Without compiled modules each call of Snakemake would take a second longer.
        kept = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
        paths = os.pathsep.join([str(folder / "src"), str(folder)])
        self.environment = {**kept, "PYTHONPATH": paths, "PYTHONPYCACHEPREFIX": str(caches)}

    def card(self, study: str) -> dict:
        return yaml.safe_load((self.folder / f"studies/{study}/study.yaml").read_text("utf-8"))

    def write_card(self, study: str, card: dict) -> None:
        text = yaml.safe_dump(card, sort_keys=False, allow_unicode=True)
        (self.folder / f"studies/{study}/study.yaml").write_text(text, encoding="utf-8")

    def assign_claims(self) -> None:
        """Assign the claims that the cards hold now to the first statement of the theorem."""
        studies = [path.parent.name for path in self.folder.glob("studies/*/study.yaml")]
        claims = [claim["id"] for name in studies for claim in self.card(name).get("claims", [])]
        for file in self.folder.glob("studies/*.yaml"):
            chapter = yaml.safe_load(file.read_text(encoding="utf-8"))
            for statement in [*chapter.get("statements", []), chapter.get("checks", {})]:
                statement.pop("claims", None)
            if file.stem == "theorem":
                chapter["statements"][0]["claims"] = claims
            text = yaml.safe_dump(chapter, sort_keys=False, allow_unicode=True)
            file.write_text(text, encoding="utf-8")

    def configure(self, **changes) -> None:
        """Change the configuration as a user's file would."""
        file = self.folder / "config/config.yaml"
        config = overridden(yaml.safe_load(file.read_text(encoding="utf-8")), changes)
        file.write_text(yaml.safe_dump(config, sort_keys=False), encoding="utf-8")

    def snakemake(self, *arguments: str) -> subprocess.CompletedProcess:
        return self.python("-m", "snakemake", "--cores", "2", *arguments)

    def python(self, *arguments: str) -> subprocess.CompletedProcess:
        return self.run([sys.executable, *arguments])

    def run(self, command: list[str]) -> subprocess.CompletedProcess:
        return subprocess.run(
            command,
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
        """Return the jobs of a dry run, each as its rule and its wildcards' values."""
        run = self.snakemake("--dry-run", "--", *targets)
        assert run.returncode == 0, run.stdout + run.stderr
        blocks = re.split(r"^(?:local)?rule ", run.stdout + run.stderr, flags=re.MULTILINE)[1:]
        jobs = set()
        for block in blocks:
            rule = block.partition(":")[0]
            wildcards = re.search(r"^    wildcards: (.*)", block, flags=re.MULTILINE)
            values = re.findall(r"=([^,]+)", wildcards[1]) if wildcards else []
            jobs.add(" ".join([rule, *values]))
        return jobs - {"all", *(path.stem for path in self.folder.glob("studies/*.yaml"))}


def small_card(path: Path) -> dict:
    """Return a card with its small sizes as the defaults, and the few claims that hold for them."""
    card = yaml.safe_load(path.read_text(encoding="utf-8"))
    small = card.pop("small", {})
    if "ensembles" in card:
        card["ensembles"] = overridden(card["ensembles"], small.get("ensembles", {}))
    for name, value in small.get("studies", {}).get(path.parent.name, {}).items():
        schema = card["settings"][name]
        whole = isinstance(value, dict)
        schema["default"] = overridden(schema["default"], value) if whole else value
    card.pop("claims", None)
    return {**card, **CLAIMS.get(path.parent.name, {})}


@pytest.fixture(scope="session")
def caches(tmp_path_factory):
    return tmp_path_factory.mktemp("caches")


@pytest.fixture
def project(tmp_path, caches):
    """Return a copy of the project in which nothing is built yet."""
    return Project(tmp_path, caches)


@pytest.fixture(scope="session")
def unbuilt(tmp_path_factory, caches):
    """Return a copy in which nothing is built, for tests that leave it as it is."""
    return Project(tmp_path_factory.mktemp("unbuilt"), caches)


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
    for name in SOURCES:
        shutil.copytree(first_run.folder / name, tmp_path / "kept" / name)
    yield first_run
    for name in SOURCES:
        shutil.rmtree(first_run.folder / name)
        shutil.copytree(tmp_path / "kept" / name, first_run.folder / name)
