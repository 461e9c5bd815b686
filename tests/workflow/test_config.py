"""What a user can get wrong in a configuration or a card: each mistake is named in one sentence."""

import re
import shutil

import pytest
import yaml

from companion.registry import Studies
from companion.validation import file_problem, read_yaml
from tests.workflow.conftest import ROOT

SHARED = read_yaml(ROOT / "config/config.yaml")

# Entries of a file for --configfile, and below each what is said of it.
BAD = r"""
ensembles: {limit_map: {times: {last: long}}}
    ensembles\.limit_map\.times\.last is 'long', which does not fit: its type must be number
ensembles: {limit_map: {seed: true}}
    ensembles\.limit_map\.seed is True, which does not fit: its type must be integer
ensembles: {limit_map: {times: {count: 20.0}}}
    ensembles\.limit_map\.times\.count is 20\.0, .*its type must be integer
ensembles: {limit_map: {times: 3}}
    ensembles\.limit_map\.times is 3, which does not fit: its type must be object
ensembles: {limit_map: }
    ensembles\.limit_map is None, which does not fit: its type must be object
ensembles: [1, 2]
    ensembles is \[1, 2\], which does not fit: its type must be object
ensembles: {limit_map: {times: {last: 2020-01-01}}}
    ensembles\.limit_map\.times\.last is datetime\.date\(2020, 1, 1\), which does not fit
larg_study: true
    larg_study is not a known key; did you mean large_study\?
ensembles: {limits_map: {}}
    ensembles\.limits_map is not a known ensemble; did you mean ensembles\.limit_map\?
ensembles: {digits: {sede: 3}}
    ensembles\.digits\.sede is not a known key; did you mean ensembles\.digits\.seed\?
ensembles: {lazy: {starts: {near: {tilted: {s: {frist: 1}}}}}}
    ensembles\.lazy\.starts\.near\.tilted\.s\.frist is not a known key; did you mean .*t\?
ensembles: {limit_map: {5: 3}}
    ensembles\.limit_map\.5 is not a known key; known here:
ensembles: {"a\nb": 3}
    ensembles\.'a\\nb' is not a known ensemble; known here:
ensembles: {limit_map: {times: {first: -1.0}}}
    times\.first is -1\.0, which does not fit: it must be at least 0 \(First time\)
ensembles: {limit_map: {depths: [3, 1]}}
    ensembles\.limit_map\.depths\[1\] is 1, which does not fit: it must be at least 2
ensembles: {limit_map: {depths: [1000000000000]}}
    depths\[0\] is 1000000000000, which does not fit: it must be at most 1000000
ensembles: {limit_map: {starts: {saddle: {stable_set: {size: 1000000000000}}}}}
    stable_set\.size is 1000000000000, .*it must be at most 1000000000
ensembles: {digits: {reference: {options: {rtol: 2.0}}}}
    reference\.options\.rtol is 2\.0, which does not fit: it must be less than 1
ensembles: {limit_map: {times: {last: .nan}}}
    ensembles\.limit_map\.times\.last is nan where a finite number is expected; write its
ensembles: {limit_map: {target: {singular_values: [.inf, 1.0]}}}
    target\.singular_values\[0\] is inf where a finite number is expected; write its value
ensembles: {limit_map: {seed: HUGE}}
    ensembles\.limit_map\.seed is 1000*\.\.\. where a finite number is expected; write its
ensembles: {limit_map: {depths: []}}
    ensembles\.limit_map\.depths is \[\], which does not fit: it needs at least 1 entries
ensembles: {limit_map: {depths: [3, 3]}}
    ensembles\.limit_map\.depths is \[3, 3\], which does not fit: its entries must differ
ensembles: {limit_map: {starts: {a/b: {grid: {angles: 3, s: 1}}}}}
    ensembles\.limit_map\.starts holds the name 'a/b', which does not fit: a name takes
ensembles: {limit_map: {starts: {a b: {grid: {angles: 3, s: 1}}}}}
    starts holds the name 'a b', which does not fit: a name takes lower-case letters
ensembles: {limit_map: {starts: {5: {grid: {angles: 3, s: 1}}}}}
    ensembles\.limit_map\.starts holds the name 5, which does not fit: a name takes
ensembles: {limit_map: {starts: {saddle: {sample: {size: 1, s: [1, 1]}}}}}
    starts\.saddle is .*, which does not fit: it takes at most 1 key
ensembles: {limit_map: {trajectories: {families: [sadle]}}}
    trajectories\.families: sadle is not a known family of the ensemble; did you mean
ensembles: {limit_map: {times: {first: '1.5E6'}}}
    times\.first is the text '1\.5E6' where a number is expected: .*; write 1\.5e\+6$
ensembles: {limit_map: {starts: {more: {sampel: {}}}}}
    starts\.more\.sampel is not a known kind of starts; did you mean .*\.sample\?
ensembles: {limit_map: {starts: {saddle: {stable_set: {limit: second}}}}}
    stable_set\.limit is 'second', which does not fit: Index of the limit's singular value
ensembles: {digits: {target: {shape: [2, 2]}}}
    ensembles\.digits\.target .*which does not fit
studies: {stages: {drawn_dept: 3}}
    studies\.stages\.drawn_dept is not a known setting; did you mean .*drawn_depth\?
studies: {stages: {drawn_depth: three}}
    studies\.stages\.drawn_depth is 'three', which does not fit: its type must be integer
run: tables
    run is 'tables', which does not fit: it must be another \(Name of a run, whose files are in
run: Mine
    run is 'Mine', which does not fit: a name takes lower-case letters, digits and underscores,
run: 7
    run is 7, which does not fit: its type must be string \(Name of a run
ensembles: {limit_map: {seed: '7'}}
    limit_map\.seed is the text '7' where a number is expected; write 7$
ensembles: {necessity: {starts: {near: {near: {alpha: [0.0]}}}}}
    near\.near\.alpha\[0\] is 0\.0, .*another \(A value of alpha_1 that is not zero; at zero
ensembles: {trajectories: {trajectories: {variables: [s]}}}
    trajectories\.variables must hold those that the study reads, got none called alignment;
ensembles: {depth: {depths: [3]}}
    ensembles\.depth\.depths must hold 2, to which others are compared, got 3; add it
ensembles: {lazy: {depths: [2, 4]}}
    drawn_depth must be one of ensembles\.lazy\.depths, 2, 4, got 3; choose one of them
ensembles: {lazy: {starts: {mine: {sample: {size: 2, s: [1, 1]}}}}}
    ensembles\.lazy\.starts must hold families of the kind tilted, all with the same s; make
ensembles: {saddle_trap: {starts: {mine: {sample: {size: 2, s: [1, 1]}}}}}
    saddle_trap\.starts must hold families on the stable sets of saddles; make a family of
ensembles: {stages_wide: {depths: [2]}}
    stages_null_directions and stages_rank_one must have the same depths; change all
ensembles: {rates_origin: {times: {count: 900}}}
    rates_origin_null must have the same depths and times; change both
ensembles: {limit_map: {target: {singular_values: [1.0, 1.0]}}}
    limit_map\.target must be 2 x 2 with two different positive singular values, got 1, 1 and
ensembles: {necessity: {target: {singular_values: [1.0, 0.0]}}}
    necessity\.target must have singular values σ_1 > σ_2 > 0, got 1; its examples need a
ensembles: {digits: {target: {singular_values: [1.0], shape: [2, 2]}}}
    digits\.target must be a bundled data set, whose samples the study reads; write data:
ensembles: {lazy: {target: {matrix: z.npy, data: digits}}}
    ensembles\.lazy\.target is .*, which does not fit: The target Z = Y X\^T: its singular_
ensembles: {lazy: {target: {inputs: x.npy}}}
    ensembles\.lazy\.target is .*, which does not fit: The target Z
studies: {staircase: {drawn_scale: 0.5}}
    staircase\.drawn_scale must be one of the scales, 1e-08, .*, 0\.01, got 0\.5; choose one
studies: {staircase: {target: {shape: [4, 4]}}}
    studies\.staircase\.target must not be square and of full rank, got 4 singular values and
studies: {staircase: {widths: [1, 2]}}
    studies\.staircase\.widths must hold one of the rank 4 at least, got 1, 2; add it
studies: {staircase: {depths: [2, 3]}}
    studies\.staircase\.depths must be those of deeper networks, from 3 on, got 2, 3; two
studies: {limit_map: {seed: 1}}
    studies\.limit_map is not a known study with settings;
"""
HUGE = f"1{'0' * 400}"  # an integer that no float holds


def problem(text):
    """Return what is said of a configuration that a file with this text extends."""
    with pytest.raises(ValueError) as raised:  # noqa: PT011
        Studies({**SHARED, **yaml.safe_load(text)}, ROOT)
    return str(raised.value)


@pytest.mark.parametrize(("text", "sentence"), re.findall(r"^(\S.*)\n +(.*)$", BAD, re.MULTILINE))
def test_a_bad_entry_is_named_in_one_sentence(text, sentence):
    said = problem(f"{{{text.replace('HUGE', HUGE)}}}")
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


CLAIM = {
    "id": "limits_sampled",
    "statement": "All is well.",
    "column": "s",
    "reduction": "max",
    "relation": "==",
    "expected": 1,
    "tolerance": 0,
    "reason": "It is.",
}


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"titel": "x"}, "titel is not a known key; did you mean title?"),
        ({"chapter": "theorm"}, "theorm is not a known chapter; did you mean theorem?"),
        ({"claims": [{"id": "a"}]}, "claims[0] lacks the key "),
        (
            {"claims": [CLAIM]},
            "the claim limits_sampled must have a name of its own, but limits has it as well",
        ),
        (
            {"ensembles": {"limit_map": {}}},
            "the ensemble limit_map must have a name of its own, but limit_map has it as well",
        ),
    ],
)
def test_a_bad_card_is_named_in_one_sentence(tmp_path, changes, sentence):
    for name in ("studies", "workflow/schemas"):
        shutil.copytree(ROOT / name, tmp_path / name)
    card = {"title": "A study", "chapter": "theorem", "section": 3, **changes}
    (tmp_path / "studies/zz").mkdir()
    (tmp_path / "studies/zz/study.yaml").write_text(yaml.safe_dump(card), encoding="utf-8")
    with pytest.raises(ValueError, match=re.escape(f"studies/zz/study.yaml: {sentence}")):
        Studies(SHARED, tmp_path)


YAML = "it must be valid YAML, got "
UTF_8 = "it must be UTF-8 text, got other bytes in line 1; save it as UTF-8"
MAPPING = "it must hold keys and values, got "


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (
            b"studies:\n  lazy: {seed: 1}\n  lazy: {seed: 2}\n",
            f"{YAML}the key 'lazy' twice, in line 2 and in line 3, column 3; "
            "remove or rename one of the two",
        ),
        (
            b"{studies: {lazy: {seed: 1, seed: 1}}}\n",
            f"{YAML}the key 'seed' twice, in line 1 and in line 1, column 28; "
            "remove or rename one of the two",
        ),
        (b"studies: {lazy: [1, 2\n", YAML),
        (b"studies:\n\tlazy: {}\n", YAML),
        (b"studies: {lazy:\t {}}\n", f"{YAML}found character"),  # a tab that libyaml takes
        (
            b"studies: !!python/object/apply:os.getcwd []\n",
            f"{YAML}could not determine a constructor for the tag ",
        ),
        (b"studies: 2020-99-99\n", f"{YAML}month must be "),
        (b"# r\xe9sum\xe9\nstudies: {}\n", UTF_8),
        ("studies: {}\n".encode("utf-16"), UTF_8),
        (b"studies: \x00\n", YAML),
        (b"", f"{MAPPING}None; write key: value"),
        (b"- 1\n- 2\n", f"{MAPPING}[1, 2]; write key: value"),
        (b"lazy\n", f"{MAPPING}'lazy'; write key: value"),
        (b"[" * 5000, YAML),
    ],
)
def test_a_bad_file_is_named_in_one_sentence(tmp_path, content, sentence):
    file = tmp_path / "mine.yaml"
    file.write_bytes(content)
    said = file_problem(file)
    assert said is not None
    assert said.startswith(f"{file}: {sentence}")
    assert "\n" not in said
    assert "; " in said


def test_a_file_that_is_not_there_is_named(tmp_path):
    assert file_problem(tmp_path / "mine.yaml") == (
        f"{tmp_path / 'mine.yaml'}: it must be a file that can be read, got No such file or "
        "directory; check the name"
    )


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
def test_snakemake_stops_with_that_sentence(unbuilt, name, content, sentence):
    file = unbuilt.folder / name
    before = file.read_bytes() if file.exists() else b""
    file.write_bytes(content)
    arguments = ["--configfile", name] if name == "mine.yaml" else []
    run = unbuilt.snakemake("--quiet", "all", *arguments, "--", "results/starts/lazy.nc")
    file.write_bytes(before)
    assert run.returncode == 1
    said = [line for line in run.stderr.splitlines() if not line.endswith("arguments.")]
    said = [line for line in said if not line.startswith("Config file config/config.yaml is ext")]
    assert len(said) == 1, run.stderr
    # The command line gives the whole path of a file.
    assert said[0].removeprefix(f"{unbuilt.folder}/").startswith(sentence)
    assert not (unbuilt.folder / "results/starts").exists()


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
