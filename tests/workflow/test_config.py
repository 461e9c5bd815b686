"""What a user can get wrong in a configuration or a card: each mistake is named in one sentence."""

import re

import pytest
import yaml

from companion.registry import Studies
from companion.validation import file_problem, read_yaml
from tests.workflow.conftest import ROOT

SHARED = read_yaml(ROOT / "config/config.yaml")

# Entries of a file for --configfile, and what is said of them.
BAD = {
    "text for a number": (
        "{ensembles: {limit_map: {times: {last: long}}}}",
        r"ensembles\.limit_map\.times\.last is 'long', which does not fit: its type must be number",
    ),
    "truth value for a number": (
        "{ensembles: {limit_map: {seed: true}}}",
        r"ensembles\.limit_map\.seed is True, which does not fit: its type must be integer",
    ),
    "number with a point for a count": (
        "{ensembles: {limit_map: {times: {count: 20.0}}}}",
        r"ensembles\.limit_map\.times\.count is 20\.0, .*its type must be integer",
    ),
    "number for a mapping": (
        "{ensembles: {limit_map: {times: 3}}}",
        r"ensembles\.limit_map\.times is 3, which does not fit: its type must be object",
    ),
    "nothing for a mapping": (
        "{ensembles: {limit_map: }}",
        r"ensembles\.limit_map is None, which does not fit: its type must be object",
    ),
    "list for everything": (
        "{ensembles: [1, 2]}",
        r"ensembles is \[1, 2\], which does not fit: its type must be object",
    ),
    "date for a number": (
        "{ensembles: {limit_map: {times: {last: 2020-01-01}}}}",
        r"ensembles\.limit_map\.times\.last is datetime\.date\(2020, 1, 1\), which does not fit",
    ),
    "misspelt key at the top": (
        "{larg_study: true}",
        r"larg_study is not a known key; did you mean large_study\?",
    ),
    "misspelt ensemble": (
        "{ensembles: {limits_map: {}}}",
        r"ensembles\.limits_map is not a known ensemble; did you mean ensembles\.limit_map\?",
    ),
    "misspelt key in an ensemble": (
        "{ensembles: {digits: {sede: 3}}}",
        r"ensembles\.digits\.sede is not a known key; did you mean ensembles\.digits\.seed\?",
    ),
    "misspelt key four levels down": (
        "{ensembles: {lazy: {starts: {near: {tilted: {s: {frist: 1}}}}}}}",
        r"ensembles\.lazy\.starts\.near\.tilted\.s\.frist is not a known key; did you mean .*t\?",
    ),
    "number for a key": (
        "{ensembles: {limit_map: {5: 3}}}",
        r"ensembles\.limit_map\.5 is not a known key; known here: ",
    ),
    "key of many lines": (
        '{ensembles: {"a\\nb": 3}}',
        r"ensembles\.'a\\nb' is not a known ensemble; known here: ",
    ),
    "negative time": (
        "{ensembles: {limit_map: {times: {first: -1.0}}}}",
        r"times\.first is -1\.0, which does not fit: it must be at least 0 \(First time\)",
    ),
    "depth one": (
        "{ensembles: {limit_map: {depths: [3, 1]}}}",
        r"ensembles\.limit_map\.depths\[1\] is 1, which does not fit: it must be at least 2",
    ),
    "depth of billions": (
        "{ensembles: {limit_map: {depths: [1000000000000]}}}",
        r"depths\[0\] is 1000000000000, which does not fit: it must be at most 1000000",
    ),
    "trillions of starts": (
        "{ensembles: {limit_map: {starts: {saddle: {stable_set: {size: 1000000000000}}}}}}",
        r"stable_set\.size is 1000000000000, .*it must be at most 1000000000",
    ),
    "tolerance above one": (
        "{ensembles: {digits: {reference: {options: {rtol: 2.0}}}}}",
        r"reference\.options\.rtol is 2\.0, which does not fit: it must be less than 1",
    ),
    "not a number": (
        "{ensembles: {limit_map: {times: {last: .nan}}}}",
        r"ensembles\.limit_map\.times\.last is nan where a finite number is expected; write its",
    ),
    "infinity": (
        "{ensembles: {limit_map: {target: {singular_values: [.inf, 1.0]}}}}",
        r"target\.singular_values\[0\] is inf where a finite number is expected; write its value",
    ),
    "integer that no float holds": (
        f"{{ensembles: {{limit_map: {{seed: 1{'0' * 400}}}}}}}",
        r"ensembles\.limit_map\.seed is 1000*\.\.\. where a finite number is expected; write its",
    ),
    "empty list": (
        "{ensembles: {limit_map: {depths: []}}}",
        r"ensembles\.limit_map\.depths is \[\], which does not fit: it needs at least 1 entries",
    ),
    "the same depth twice": (
        "{ensembles: {limit_map: {depths: [3, 3]}}}",
        r"ensembles\.limit_map\.depths is \[3, 3\], which does not fit: its entries must differ",
    ),
    "name with a slash": (
        "{ensembles: {limit_map: {starts: {a/b: {grid: {angles: 3, s: 1}}}}}}",
        r"ensembles\.limit_map\.starts holds the name 'a/b', which does not fit: a name takes",
    ),
    "name with a space": (
        "{ensembles: {limit_map: {starts: {a b: {grid: {angles: 3, s: 1}}}}}}",
        r"starts holds the name 'a b', which does not fit: a name takes lower-case letters",
    ),
    "number for a name": (
        "{ensembles: {limit_map: {starts: {5: {grid: {angles: 3, s: 1}}}}}}",
        r"ensembles\.limit_map\.starts holds the name 5, which does not fit: a name takes",
    ),
    "two kinds of starts in one family": (
        "{ensembles: {limit_map: {starts: {saddle: {sample: {size: 1, s: [1, 1]}}}}}}",
        r"starts\.saddle is .*, which does not fit: it takes at most 1 key",
    ),
    "family that does not exist": (
        "{ensembles: {limit_map: {trajectories: {families: [sadle]}}}}",
        r"trajectories\.families: sadle is not a known family of the ensemble; did you mean",
    ),
    "text in the form of a number": (
        "{ensembles: {limit_map: {times: {first: '1.5E6'}}}}",
        r"times\.first is the text '1\.5E6' where a number is expected: .*; write 1\.5e\+6$",
    ),
    "misspelt kind of starts": (
        "{ensembles: {limit_map: {starts: {more: {sampel: {}}}}}}",
        r"starts\.more\.sampel is not a known kind of starts; did you mean .*\.sample\?",
    ),
    "limit in words": (
        "{ensembles: {limit_map: {starts: {saddle: {stable_set: {limit: second}}}}}}",
        r"stable_set\.limit is 'second', which does not fit: Index of the limit's singular value",
    ),
    "shape without singular values": (
        "{ensembles: {digits: {target: {shape: [2, 2]}}}}",
        r"ensembles\.digits\.target .*which does not fit",
    ),
    "misspelt setting": (
        "{studies: {stages: {drawn_dept: 3}}}",
        r"studies\.stages\.drawn_dept is not a known setting; did you mean .*drawn_depth\?",
    ),
    "setting of another type": (
        "{studies: {stages: {drawn_depth: three}}}",
        r"studies\.stages\.drawn_depth is 'three', which does not fit: its type must be integer",
    ),
    "study without settings": (
        "{studies: {limit_map: {seed: 1}}}",
        r"studies\.limit_map is not a known study with settings; ",
    ),
}


def problem(text):
    """Return what is said of a configuration that a file with this text extends."""
    with pytest.raises(ValueError) as raised:  # noqa: PT011
        Studies({**SHARED, **yaml.safe_load(text)}, ROOT)
    return str(raised.value)


@pytest.mark.parametrize("what", BAD)
def test_a_bad_entry_is_named_in_one_sentence(what):
    text, sentence = BAD[what]
    said = problem(text)
    assert re.match(r"config: \S", said)
    assert re.search(sentence, said), said
    assert "\n" not in said


def test_the_remedy_for_a_number_written_as_text_is_read_as_that_number():
    said = problem("{ensembles: {limit_map: {times: {first: '1e-8'}}}}")
    assert yaml.safe_load(said.rpartition("write ")[2]) == 1e-8


def test_the_configuration_and_the_cards_have_no_problem():
    assert file_problem(ROOT / "config/config.yaml") is None
    for card in ROOT.glob("studies/*/study.yaml"):
        assert file_problem(card) is None
    Studies(SHARED, ROOT)


BAD_CARDS = {
    "misspelt key": ({"titel": "x"}, "titel is not a known key; did you mean title?"),
    "unknown chapter": (
        {"chapter": "theorm"},
        "theorm is not a known chapter; did you mean theorem?",
    ),
    "claim without a reason": ({"claims": [{"id": "a"}]}, "claims[0] lacks the key "),
    "claim twice": (
        {"claims": [{"id": "limits_sampled"}]},
        "the claim limits_sampled must have a name of its own, but limits has it as well",
    ),
    "ensemble of another study": (
        {"ensembles": {"limit_map": {}}},
        "the ensemble limit_map must have a name of its own, but limit_map has it as well",
    ),
}
CLAIM = {
    "statement": "All is well.",
    "column": "s",
    "reduction": "max",
    "relation": "==",
    "expected": 1,
    "tolerance": 0,
    "reason": "It is.",
}


@pytest.mark.parametrize("what", BAD_CARDS)
def test_a_bad_card_is_named_in_one_sentence(project, what):
    changes, sentence = BAD_CARDS[what]
    if "twice" in what:
        changes = {"claims": [{**changes["claims"][0], **CLAIM}]}
        project.write_card("limits", {**project.card("limits"), **changes})
    card = {"title": "A study", "chapter": "theorem", "section": 3, **changes}
    (project.folder / "studies/zz").mkdir()
    project.write_card("zz", card)
    with pytest.raises(ValueError, match=re.escape(f"studies/zz/study.yaml: {sentence}")):
        Studies(SHARED, project.folder)


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
        ("mine.yaml", b"ensembles: {lazy: {seed: .inf}}\n", "config: ensembles.lazy.seed is inf"),
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


def objects(schema, path=""):
    """Yield every part of a schema that describes a mapping, with its path."""
    if isinstance(schema, dict):
        if schema.get("type") == "object":
            yield path, schema
        for name, part in schema.items():
            yield from objects(part, f"{path}/{name}")


def test_the_schema_of_the_configuration_is_closed_at_every_level():
    schema = read_yaml(ROOT / "workflow/schemas/config.schema.yaml")
    for path, part in objects(schema):
        # Families of starts have names of the user's choice, each then a closed mapping.
        rest = part["additionalProperties"]
        assert rest is False or rest["$ref"] == "#/$defs/family", path
