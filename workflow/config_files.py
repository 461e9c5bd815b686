"""Check what a user wrote in configuration files, beyond what a schema can tell."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from workflow.validation import shown, unknown

_PARTS = ("trajectories", "witness")


def file_problem(file: Path) -> str | None:
    """Check that a YAML file can be read, holds a mapping, and holds no key twice.

    Returns
    -------
    str or None
        One sentence that names the file, the place and a remedy; None if all is well.
    """
    try:
        text = file.read_bytes().decode("utf-8")
    except OSError as error:
        return f"{file}: it must be a file that can be read, got {error.strerror}; check the name"
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        return f"{file}: it must be UTF-8 text, got other bytes in line {line}; save it as UTF-8"
    try:
        content = yaml.load(text, _NoKeyTwice)
        if "\t" in text:  # which libyaml takes where Snakemake's own reader does not
            list(yaml.scan(text))
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        return f"{file}: it must be valid YAML, got {_yaml_problem(error)}"
    if not isinstance(content, dict):
        return f"{file}: it must hold keys and values, got {shown(content)}; write key: value"
    return None


def studies_problem(studies: dict[str, dict[str, Any]]) -> str | None:
    """Check what no schema can: that entries of a study which are valid alone fit each other.

    The library checks the same and more, but in the jobs; here a wrong entry is found before the
    first of them, and without the seconds that importing the library takes.

    Parameters
    ----------
    studies : dict
        The studies of a configuration that fits its schema.

    Returns
    -------
    str or None
        One sentence with the path of the first key that does not fit; None if all is well.
    """
    for name, study in studies.items():
        for problem in _misfits(study):
            return f"config: studies.{name}.{problem}"
    return None


def _misfits(study: dict[str, Any]) -> Iterator[str]:
    """Yield what does not fit in a study, each a sentence that begins with the key's path."""
    target, families = study.get("target"), list(study.get("starts", {}))
    if target:
        yield from _target_misfits(**target)
    for position, (family, kind) in enumerate(study.get("starts", {}).items()):
        ((word, options),) = kind.items()
        for problem in _start_misfits(word, options, target, families[:position]):
            yield f"starts.{family}.{word}.{problem}"
    for owner, path in ((study, "times"), (study.get("unbalanced", {}), "unbalanced.times")):
        times = owner.get("times", {"spacing": "linear", "first": 0, "last": 1})
        if not times["first"] < times["last"]:
            yield f"{path}.last must exceed first, {times['first']}, got {times['last']}; raise it"
        if times["spacing"] == "geometric" and times["first"] == 0:
            yield f"{path}.first must be positive for geometric spacing, got 0; raise it"
    named = {f"{part}.families": study[part]["families"] for part in _PARTS if part in study}
    if "unbalanced" in study:
        named["unbalanced.family"] = [study["unbalanced"]["family"]]
    for path, names in named.items():
        for name in names:
            if name not in families:
                yield f"{path}: {unknown('family of the study', name, families)}"
    if "drawn_depth" in study and study["drawn_depth"] not in study["depths"]:
        yield (
            f"drawn_depth must be one of the depths {study['depths']}, got "
            f"{study['drawn_depth']}; add it there"
        )


def _target_misfits(singular_values: list[float], shape: list[int]) -> Iterator[str]:
    path, most = "target.singular_values", min(shape)
    if len(singular_values) > most:
        yield f"{path} must be at most min(shape) = {most}, got {len(singular_values)}; drop some"
    if singular_values != sorted(singular_values, reverse=True):
        yield f"{path} must fall, got {shown(singular_values)}; sort them in falling order"
    if not any(singular_values):
        yield f"{path} must hold a positive one, got {shown(singular_values)}; add one"


def _start_misfits(
    kind: str, options: dict[str, Any], target: dict[str, Any] | None, before: list[str]
) -> Iterator[str]:
    """Yield what does not fit in a family; a target from data is not known here."""
    if kind in ("sample", "stable_set") and options["s"][0] > options["s"][1]:
        yield f"s must be the least and the greatest s, got {options['s']}; order its ends"
    if kind == "near" and options["family"] not in before:
        sentence = unknown("family before this one", options["family"], before)
        yield f"family: {sentence if before else 'it must name a family before this one; add one'}"
    if target is None:
        return
    sigma, shape = target["singular_values"], target["shape"]
    match kind:
        case "stable_set" if options["limit"] != "origin":
            saddles = [k for k, value in enumerate(sigma, 1) if 0 < value < sigma[0]]
            if options["limit"] not in saddles:
                choice = ", ".join(map(str, [*saddles, "origin"]))
                yield f"limit must be a saddle of the target, got {options['limit']}; take {choice}"
        case "grid" if shape != [2, 2]:
            yield f"angles must be two, for a target of shape [2, 2], got {shape}; take sample"
        case "vectors":
            count = len(options["s"])
            for name, size in (("a", shape[0]), ("b", shape[1])):
                sizes = [len(row) for row in options[name]]
                if sizes != [size] * count:
                    yield (
                        f"{name} must hold {count} rows, one for each s, of {size} numbers, got "
                        f"rows of {shown(sizes)}; complete it"
                    )


class _NoKeyTwice(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """Loads YAML, but refuses a key that a mapping holds twice, of which YAML keeps the last."""

    def construct_mapping(self, node, deep=False):
        lines: dict[str, int] = {}
        for key, _ in node.value:
            # What a merge brings may be overridden: that is its use.
            if not isinstance(key, yaml.ScalarNode) or key.tag == "tag:yaml.org,2002:merge":
                continue
            if key.value in lines:
                raise yaml.MarkedYAMLError(
                    problem=f"the key {shown(key.value)} twice, in line {lines[key.value]} and",
                    problem_mark=key.start_mark,
                    note="remove or rename one of the two",
                )
            lines[key.value] = key.start_mark.line + 1
        return super().construct_mapping(node, deep)


def _yaml_problem(error: Exception) -> str:
    """Return what is wrong, where, and a remedy."""
    remedy = getattr(error, "note", None) or "check indentation, brackets and quotes there"
    mark = getattr(error, "problem_mark", None)
    what = getattr(error, "problem", None) or str(error)
    place = f" in line {mark.line + 1}, column {mark.column + 1}" if mark else ""
    return f"{' '.join(what.split())}{place}; {remedy}"
