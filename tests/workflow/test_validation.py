"""What is said about a configuration that does not fit the schema."""

from pathlib import Path

import pytest
import yaml

from tests.workflow.conftest import ROOT
from workflow.validation import config_problem

SCHEMA = ROOT / "workflow/schemas/config.schema.yaml"
CONFIG = (ROOT / "config/config.yaml").read_text(encoding="utf-8")


def problem(old: str, new: str) -> str | None:
    """Return what is said when the first `old` in the configuration is replaced by `new`."""
    assert old in CONFIG
    return config_problem(yaml.safe_load(CONFIG.replace(old, new, 1)), SCHEMA)


def test_the_configuration_fits():
    assert config_problem(yaml.safe_load(CONFIG), SCHEMA) is None


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        (
            "    depths:",
            "    dephts:",
            "config: studies.limit_map.dephts is not a known key; "
            "did you mean studies.limit_map.depths?",
        ),
        (
            "  limit_map:",
            "  limt_map:",
            "config: studies.limt_map is not a known study; did you mean studies.limit_map?",
        ),
        (
            "studies:",
            "study:",
            "config: study is not a known key; did you mean studies?",
        ),
        (
            "first: 1.0e-2",
            "first: 1e-8",
            "config: studies.limit_map.times.first is the text '1e-8' where a number is expected: "
            "YAML reads a power of ten without a decimal point, or in quotes, as text; "
            "write 1.0e-8",
        ),
        (
            "first: 1.0e-2",
            "first: '1.5E6'",
            "config: studies.limit_map.times.first is the text '1.5E6' where a number is expected: "
            "YAML reads a power of ten without a decimal point, or in quotes, as text; "
            "write 1.5e+6",
        ),
        (
            "{stable_set: {limit: 2,",
            "{stable_sets: {limit: 2,",
            "config: studies.limit_map.starts.saddle.stable_sets is not a known kind of starts; "
            "did you mean studies.limit_map.starts.saddle.stable_set?",
        ),
        (
            "    seed: 1\n",
            "",
            "config: studies.limit_map lacks the key seed; add it",
        ),
        (
            "    seed: 1\n",
            "    seed: -1\n",
            "config: studies.limit_map.seed is -1, which does not fit: it must be at least 0 "
            "(Seed of the study's random draws)",
        ),
        (
            "spacing: geometric",
            "spacing: log",
            "config: studies.limit_map.times.spacing is 'log', which does not fit: "
            "it must be one of linear, geometric",
        ),
        (
            "depths: [3]",
            "depths: [3, 2.5]",
            "config: studies.limit_map.depths[1] is 2.5, which does not fit: "
            "its type must be integer",
        ),
        (
            "limit: 2,",
            "limit: second,",
            "config: studies.limit_map.starts.saddle.stable_set.limit is 'second', which does not "
            "fit: Index k of the limit's singular value counted from 1, or the word origin",
        ),
    ],
)
def test_one_sentence_names_the_key_and_the_remedy(old, new, sentence):
    assert problem(old, new) == sentence


def test_the_remedy_for_a_number_written_as_text_is_read_as_that_number():
    sentence = problem("first: 1.0e-2", "first: 1e-8")
    assert yaml.safe_load(sentence.rpartition("write ")[2]) == 1e-8


def test_an_unlike_key_is_told_what_keys_there_are():
    sentence = problem("    depths:", "    zzz:")
    assert sentence.startswith("config: studies.limit_map.zzz is not a known key; known here: ")
    assert "depths, drawn_depth, seed, starts" in sentence


def objects(schema, path=""):
    """Yield every part of a schema that describes a mapping, with its path."""
    if isinstance(schema, dict):
        if schema.get("type") == "object":
            yield path, schema
        for name, part in schema.items():
            yield from objects(part, f"{path}/{name}")


def test_the_schema_is_closed_at_every_level():
    schema = yaml.safe_load(Path(SCHEMA).read_text(encoding="utf-8"))
    # Families of starts have names of the user's choice, each then a closed mapping.
    chosen = {"type": "object", "$ref": "#/$defs/family"}
    for path, part in objects(schema):
        rest = part["additionalProperties"]
        assert rest is False or rest["$ref"] == chosen["$ref"], path
