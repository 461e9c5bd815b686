"""The README's example runs as printed, its links lead somewhere, and its config is a valid one."""

import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import yaml

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text()


def block(language):
    (text,) = re.findall(rf"^```{language}\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)
    return text


def snakemake(*arguments):
    command = [sys.executable, "-m", "snakemake", "--quiet", *arguments]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def example():
    """The names that the README's Python example leaves behind."""
    names = {}
    exec(block("python"), names)
    return names


def test_example_agrees_with_its_integration(example):
    # The error is the integration's: its tolerance of 1e-10 grows on the plateau, most (to 1.5e-7)
    # for the start whose s falls to 5e-4; with a tolerance of 1e-12 it is forty times smaller.
    assert np.abs(example["exact"].s - example["integrated"].s).max() < 1e-6


def test_example_reaches_the_limits_that_it_names(example):
    kinds = example["limits"].kind
    names = np.array(kinds.attrs["flag_meanings"].split())[kinds]
    assert list(names) == ["global_minimizer"] * 8 + ["saddle"] * 2
    # s nears its limit at the rate 2 (σ_k - σ_{k+1}) σ_k^{1/3} > 2.5 once it has left the plateau.
    np.testing.assert_allclose(example["exact"].s[:, -1], [3.0] * 8 + [2.0] * 2, rtol=1e-11)


def test_own_target_is_a_valid_change_of_the_study_that_it_names(tmp_path):
    own = tmp_path / "mine.yaml"
    own.write_text(block("yaml"))
    ((arguments, study),) = re.findall(r"^    snakemake (.*/(\w+)\.pdf .*mine.yaml)$", README, re.M)
    snakemake("--dry-run", *arguments.replace("mine.yaml", str(own)).split())
    own_target = yaml.safe_load(block("yaml"))["ensembles"][study]["target"]
    card = yaml.safe_load((ROOT / f"studies/{study}/study.yaml").read_text(encoding="utf-8"))
    assert own_target != card["ensembles"][study]["target"]


@pytest.mark.parametrize("link", sorted(set(re.findall(r"\]\(([^)#]+)\)", README))))
def test_linked_file_exists(link):
    assert (ROOT / link).exists()
