"""Configurations that are nearly right: each is taken, or named in one sentence."""

import copy
from pathlib import Path

from fuzzing import fuzz_test, outcome
from hypothesis import given
from hypothesis import strategies as st

from companion.ensembles import generate, target_from, time_grid
from companion.registry import Studies
from companion.validation import file_problem, read_yaml

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "studies/limit_map/study.yaml").read_text(encoding="utf-8")
SHARED = read_yaml(ROOT / "config/config.yaml")
RIGHT = Studies(SHARED, ROOT).config
ONE_START = {"sample": {"size": 1}, "stable_set": {"size": 1}, "grid": {"angles": 1}}

names = st.sampled_from(
    ["seed", "sede", "target", "times", "origin", "near", "a b", "a/b", "", "é"]
)
names |= st.text(max_size=5)
scalars = st.none() | st.booleans() | st.integers(-3, 5) | st.floats() | names | st.dates()
scalars |= st.sampled_from([10**9, 10**30, 10**400, 5e-324, 1e-300, 1e300, "1e-8", ".nan"])
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names | scalars, inner, max_size=2),
    max_leaves=5,
)


def places(part, path=()):
    """Yield the path of every entry of nested mappings and lists."""
    entries = part.items() if isinstance(part, dict) else enumerate(part)
    for key, value in entries:
        yield (*path, key)
        if isinstance(value, dict | list):
            yield from places(value, (*path, key))


PLACES = list(places(RIGHT))


@st.composite
def configs(draw):
    """Draw the project's configuration with a few entries replaced, renamed, left out or added."""
    config = copy.deepcopy(RIGHT)
    for _ in range(draw(st.integers(1, 2))):
        *path, key = draw(st.sampled_from(PLACES))
        part = config
        try:
            for step in path:
                part = part[step]
            match draw(st.sampled_from(["replace", "replace", "scale", "rename", "drop", "add"])):
                case "replace":
                    part[key] = draw(values)
                case "scale":
                    part[key] *= draw(st.sampled_from([-1, 0, 0.5, 2, 1e308]))
                case "rename":
                    part[draw(names)] = part.pop(key)
                case "drop":
                    del part[key]
                case "add":
                    part[draw(names | scalars)] = draw(values)
        except (KeyError, IndexError, TypeError):
            continue  # an earlier change took this place away
    return config


def assert_sentence(said, beginning):
    assert said.startswith(beginning), said
    assert said.isprintable(), said
    assert "; " in said or "which does not fit: " in said, said
    assert len(said) < 1000, said


def problem(config):
    """Return what is said of a configuration, or None."""
    try:
        Studies(config, ROOT)
    except ValueError as error:
        return str(error)
    return None


@fuzz_test
@given(configs())
def test_a_configuration_is_right_or_named_in_one_sentence(config):
    said = problem(config)
    if said is not None:
        assert_sentence(said, "config: ")
        return
    # What is taken here may still be refused by the library, in a sentence as well.
    for study in Studies(config, ROOT).config["ensembles"].values():
        if "times" in study:
            outcome(time_grid, **study["times"] | {"count": 2})
        target = outcome(target_from, **study["target"])
        if target is not None:
            families = {
                name: {kind: {**options, **ONE_START.get(kind, {})}}
                for name, family in study["starts"].items()
                for kind, options in family.items()
            }
            outcome(generate, target, families, study["seed"])


@fuzz_test
@given(st.data())
def test_a_file_is_right_or_named_in_one_sentence(tmp_path_factory, data):
    text = TEXT.encode()
    for _ in range(data.draw(st.integers(1, 3))):
        start = data.draw(st.integers(0, len(text) - 1))
        stop = data.draw(st.integers(start, min(len(text), start + 40)))
        middle = data.draw(st.binary(max_size=8) | st.just(text[start:stop] * 2))
        text = text[:start] + middle + text[stop:]
    text = data.draw(st.sampled_from([text]) | st.binary(max_size=30))
    file = tmp_path_factory.getbasetemp() / "fuzzed.yaml"
    file.write_bytes(text)
    said = file_problem(file)
    if said is not None:
        assert_sentence(said, f"{file}: ")
