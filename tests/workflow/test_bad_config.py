"""What a user can get wrong in a configuration: each mistake is named in one sentence."""

import re

import pytest
import yaml
from snakemake.utils import update_config

from tests.workflow.conftest import ROOT
from workflow.config_files import file_problem, studies_problem
from workflow.validation import config_problem

SCHEMA = ROOT / "workflow/schemas/config.schema.yaml"
CONFIG = (ROOT / "config/config.yaml").read_text(encoding="utf-8")
RIGHT = yaml.safe_load(CONFIG)

# Entries of a file for --configfile, and what is said of them.
BAD = {
    "text for a number": (
        "{studies: {limit_map: {times: {last: long}}}}",
        r"studies\.limit_map\.times\.last is 'long', which does not fit: its type must be number",
    ),
    "truth value for a number": (
        "{studies: {limit_map: {seed: true}}}",
        r"studies\.limit_map\.seed is True, which does not fit: its type must be integer",
    ),
    "number with a point for a count": (
        "{studies: {limit_map: {times: {count: 20.0}}}}",
        r"studies\.limit_map\.times\.count is 20\.0, .*its type must be integer",
    ),
    "number for a mapping": (
        "{studies: {limit_map: {times: 3}}}",
        r"studies\.limit_map\.times is 3, which does not fit: its type must be object",
    ),
    "nothing for a mapping": (
        "{studies: {limit_map: }}",
        r"studies\.limit_map is None, which does not fit: its type must be object",
    ),
    "list for everything": (
        "{studies: [1, 2]}",
        r"studies is \[1, 2\], which does not fit: its type must be object",
    ),
    "date for a number": (
        "{studies: {limit_map: {times: {last: 2020-01-01}}}}",
        r"studies\.limit_map\.times\.last is datetime\.date\(2020, 1, 1\), which does not fit",
    ),
    "misspelt key at the top": (
        "{larg_study: true}",
        r"larg_study is not a known key; did you mean large_study\?",
    ),
    "misspelt study": (
        "{studies: {limits_map: {}}}",
        r"studies\.limits_map is not a known study; did you mean studies\.limit_map\?",
    ),
    "misspelt key in a study": (
        "{studies: {digits: {sede: 3}}}",
        r"studies\.digits\.sede is not a known key; did you mean studies\.digits\.seed\?",
    ),
    "misspelt key four levels down": (
        "{studies: {lazy: {starts: {near: {tilted: {s: {frist: 1}}}}}}}",
        r"studies\.lazy\.starts\.near\.tilted\.s\.frist is not a known key; did you mean .*first\?",
    ),
    "number for a key": (
        "{studies: {limit_map: {5: 3}}}",
        r"studies\.limit_map\.5 is not a known key; known here: ",
    ),
    "key of many lines": (
        '{studies: {"a\\nb": 3}}',
        r"studies\.'a\\nb' is not a known study; known here: ",
    ),
    "negative time": (
        "{studies: {limit_map: {times: {first: -1.0}}}}",
        r"times\.first is -1\.0, which does not fit: it must be at least 0 \(First time\)",
    ),
    "depth one": (
        "{studies: {limit_map: {depths: [3, 1]}}}",
        r"studies\.limit_map\.depths\[1\] is 1, which does not fit: it must be at least 2",
    ),
    "depth of billions": (
        "{studies: {limit_map: {depths: [1000000000000]}}}",
        r"depths\[0\] is 1000000000000, which does not fit: it must be at most 1000000",
    ),
    "trillions of starts": (
        "{studies: {limit_map: {starts: {saddle: {stable_set: {size: 1000000000000}}}}}}",
        r"stable_set\.size is 1000000000000, .*it must be at most 1000000000",
    ),
    "tolerance above one": (
        "{studies: {digits: {witness: {options: {rtol: 2.0}}}}}",
        r"witness\.options\.rtol is 2\.0, which does not fit: it must be less than 1",
    ),
    "not a number": (
        "{studies: {limit_map: {times: {last: .nan}}}}",
        r"studies\.limit_map\.times\.last is nan where a finite number is expected; write its",
    ),
    "infinity": (
        "{studies: {limit_map: {target: {singular_values: [.inf, 1.0]}}}}",
        r"target\.singular_values\[0\] is inf where a finite number is expected; write its value",
    ),
    "integer that no float holds": (
        f"{{studies: {{limit_map: {{seed: 1{'0' * 400}}}}}}}",
        r"studies\.limit_map\.seed is 1000*\.\.\. where a finite number is expected; write its",
    ),
    "empty list": (
        "{studies: {limit_map: {depths: []}}}",
        r"studies\.limit_map\.depths is \[\], which does not fit: it needs at least 1 entries",
    ),
    "the same depth twice": (
        "{studies: {limit_map: {depths: [3, 3]}}}",
        r"studies\.limit_map\.depths is \[3, 3\], which does not fit: its entries must differ",
    ),
    "name with a slash": (
        "{studies: {limit_map: {starts: {a/b: {grid: {angles: 3, s: 1}}}}}}",
        r"studies\.limit_map\.starts holds the name 'a/b', which does not fit: a name takes lower",
    ),
    "name with a space": (
        "{studies: {limit_map: {starts: {a b: {grid: {angles: 3, s: 1}}}}}}",
        r"starts holds the name 'a b', which does not fit: a name takes lower-case letters",
    ),
    "number for a name": (
        "{studies: {limit_map: {starts: {5: {grid: {angles: 3, s: 1}}}}}}",
        r"studies\.limit_map\.starts holds the name 5, which does not fit: a name takes",
    ),
    "two kinds of starts in one family": (
        "{studies: {limit_map: {starts: {saddle: {sample: {size: 1, s: [1, 1]}}}}}}",
        r"starts\.saddle is .*, which does not fit: it takes at most 1 key",
    ),
    "singular values that rise": (
        "{studies: {limit_map: {target: {singular_values: [1.0, 2.0]}}}}",
        r"limit_map\.target\.singular_values must fall, got \[1\.0, 2\.0\]; sort",
    ),
    "singular values of zero": (
        "{studies: {limit_map: {target: {singular_values: [0.0, 0.0]}}}}",
        r"target\.singular_values must hold a positive one, got \[0\.0, 0\.0\]; add one",
    ),
    "more singular values than dimensions": (
        "{studies: {limit_map: {target: {singular_values: [3.0, 2.0, 1.0]}}}}",
        r"target\.singular_values must be at most min\(shape\) = 2, got 3; drop some",
    ),
    "times that fall": (
        "{studies: {limit_map: {times: {first: 5.0, last: 1.0}}}}",
        r"studies\.limit_map\.times\.last must exceed first, 5\.0, got 1\.0; raise it",
    ),
    "geometric times from zero": (
        "{studies: {limit_map: {times: {first: 0}}}}",
        r"limit_map\.times\.first must be positive for geometric spacing, got 0; raise it",
    ),
    "interval of s the wrong way round": (
        "{studies: {limits_tied: {starts: {sampled: {sample: {s: [2.0, 0.1]}}}}}}",
        r"starts\.sampled\.sample\.s must be .*got \[2\.0, 0\.1\]; order its ends",
    ),
    "limit beyond the rank": (
        "{studies: {limits_tied: {starts: {saddle_3: {stable_set: {limit: 4}}}}}}",
        r"saddle_3\.stable_set\.limit must be a saddle of the target, got 4; take 3, origin",
    ),
    "limit in the largest tie": (
        "{studies: {limits_tied: {starts: {saddle_3: {stable_set: {limit: 2}}}}}}",
        r"saddle_3\.stable_set\.limit must be a saddle of the target, got 2; take 3, origin",
    ),
    "grid for a target that is not two by two": (
        "{studies: {limits_tied: {starts: {more: {grid: {angles: 3, s: 1.0}}}}}}",
        r"starts\.more\.grid\.angles must be two, .* got \[3, 3\]; take sample",
    ),
    "vectors of another dimension": (
        "{studies: {rates_global: {starts: {exact: {vectors: {a: [[1, 0], [1, 0]]}}}}}}",
        r"exact\.vectors\.a must hold 2 rows, one for each s, of 4 numbers, got rows of \[2, 2\]",
    ),
    "family that does not exist": (
        "{studies: {limit_map: {trajectories: {families: [sadle]}}}}",
        r"trajectories\.families: sadle is not a known family of the study; did you mean saddle\?",
    ),
    "near to a family that comes later": (
        "{studies: {necessity: {starts: {near: {near: {family: saddel}}}}}}",
        r"near\.near\.family: saddel is not a known family before this one; did you mean saddle\?",
    ),
    "drawn depth that is not solved": (
        "{studies: {stages: {drawn_depth: 7}}}",
        r"studies\.stages\.drawn_depth must be one of the depths \[2, 3, 5\], got 7; add it there",
    ),
}


def problem(text):
    """Return what is said of the configuration that a file with this text extends."""
    config = yaml.safe_load(CONFIG)
    update_config(config, yaml.safe_load(text))
    return config_problem(config, SCHEMA) or studies_problem(config["studies"])


@pytest.mark.parametrize("what", BAD)
def test_a_bad_entry_is_named_in_one_sentence(what):
    text, sentence = BAD[what]
    said = problem(text)
    assert said is not None
    assert re.match(r"config: \S", said)
    assert re.search(sentence, said), said
    assert "\n" not in said


def test_the_configuration_itself_has_no_problem():
    assert file_problem(ROOT / "config/config.yaml") is None
    assert config_problem(RIGHT, SCHEMA) is None
    assert studies_problem(RIGHT["studies"]) is None


BAD_FILES = {
    "study twice": (
        b"studies:\n  lazy: {seed: 1}\n  lazy: {seed: 2}\n",
        "it must be valid YAML, got the key 'lazy' twice, in line 2 and in line 3, column 3; "
        "remove or rename one of the two",
    ),
    "key twice in brackets": (
        b"{studies: {lazy: {seed: 1, seed: 1}}}\n",
        "it must be valid YAML, got the key 'seed' twice, in line 1 and in line 1, column 28; "
        "remove or rename one of the two",
    ),
    "bracket that is not closed": (b"studies: {lazy: [1, 2\n", "it must be valid YAML, got "),
    "tab": (b"studies:\n\tlazy: {}\n", "it must be valid YAML, got "),
    "tab that libyaml takes": (
        b"studies: {lazy:\t {}}\n",
        "it must be valid YAML, got found character",
    ),
    "a tag that runs code": (
        b"studies: !!python/object/apply:os.getcwd []\n",
        "it must be valid YAML, got could not determine a constructor for the tag ",
    ),
    "date that is none": (b"studies: 2020-99-99\n", "it must be valid YAML, got month must be "),
    "Latin-1": (
        b"# r\xe9sum\xe9\nstudies: {}\n",
        "it must be UTF-8 text, got other bytes in line 1; save it as UTF-8",
    ),
    "UTF-16": (
        "studies: {}\n".encode("utf-16"),
        "it must be UTF-8 text, got other bytes in line 1; save it as UTF-8",
    ),
    "control characters": (b"studies: \x00\n", "it must be valid YAML, got "),
    "nothing": (b"", "it must hold keys and values, got None; write key: value"),
    "list": (b"- 1\n- 2\n", "it must hold keys and values, got [1, 2]; write key: value"),
    "text": (b"lazy\n", "it must hold keys and values, got 'lazy'; write key: value"),
    "brackets without end": (b"[" * 5000, "it must be valid YAML, got "),
}


@pytest.mark.parametrize("what", BAD_FILES)
def test_a_bad_file_is_named_in_one_sentence(tmp_path, what):
    content, sentence = BAD_FILES[what]
    file = tmp_path / "mine.yaml"
    file.write_bytes(content)
    said = file_problem(file)
    assert said is not None
    assert said.startswith(f"{file}: {sentence}")
    assert "\n" not in said
    assert "; " in said


def test_a_file_that_is_not_there_is_named(tmp_path):
    said = file_problem(tmp_path / "mine.yaml")
    assert said.startswith(f"{tmp_path / 'mine.yaml'}: it must be a file that can be read, got ")
    assert said.endswith("; check the name")


def test_what_a_merge_brings_may_be_overridden(tmp_path):
    file = tmp_path / "mine.yaml"
    file.write_text("first: &first {a: 1, b: 2}\nsecond: {<<: *first, b: 3}\n")
    assert file_problem(file) is None


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("mine.yaml", b"studies: {lazy: {seed: .inf}}\n", "config: studies.lazy.seed is inf where"),
        (
            "mine.yaml",
            b"large_study: false\nlarge_study: true\n",
            "mine.yaml: it must be valid YAML, got the key 'large_study' twice, in line 1 and",
        ),
        (
            "config/config.yaml",
            b"studies: \xff\n",
            "config/config.yaml: it must be UTF-8 text, got",
        ),
    ],
)
def test_snakemake_stops_with_that_sentence(project, name, content, sentence):
    (project.folder / name).write_bytes(content)
    arguments = ["--configfile", name] if name == "mine.yaml" else []
    run = project.snakemake("--quiet", "all", *arguments, "--", "results/starts/lazy.nc")
    assert run.returncode == 1
    said = [line for line in run.stderr.splitlines() if not line.endswith("arguments.")]
    said = [line for line in said if not line.startswith("Config file config/config.yaml is ext")]
    assert len(said) == 1, run.stderr
    # The command line gives the whole path of a file.
    assert said[0].removeprefix(f"{project.folder}/").startswith(sentence)
    assert not (project.folder / "results/starts").exists()
