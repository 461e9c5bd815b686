"""What is wrong with a YAML file, in one sentence: as text, or against a schema."""

import argparse
import math
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import yaml
from jsonschema import Draft202012Validator, ValidationError
from jsonschema.validators import extend

_SHOWN = 80  # characters of a value that a sentence shows
_NAMES = "a name takes lower-case letters, digits and underscores, and begins with a letter"


def read_yaml(file: Path) -> dict[str, Any]:
    """Read a file of keys and values by libyaml where it is there: every start waits for this.

    Raises
    ------
    ValueError
        If it cannot be read, holds something else, or holds a key twice; the sentence names the
        file, the place and a remedy.
    """
    try:
        text = file.read_bytes().decode("utf-8")
    except OSError as error:
        said = f"it must be a file that can be read, got {error.strerror}; check the name"
        raise ValueError(f"{file}: {said}") from error
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        said = f"it must be UTF-8 text, got other bytes in line {line}; save it as UTF-8"
        raise ValueError(f"{file}: {said}") from error
    try:
        content = yaml.load(text, _NoKeyTwice)
        if "\t" in text:  # which libyaml takes where Snakemake's own reader does not
            list(yaml.scan(text))
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise ValueError(f"{file}: it must be valid YAML, got {_yaml_problem(error)}") from error
    if not isinstance(content, dict):
        said = f"it must hold keys and values, got {shown(content)}; write key: value"
        raise ValueError(f"{file}: {said}")
    return content


def file_problem(file: Path) -> str | None:
    """Return what `read_yaml` says is wrong with a file, or None."""
    try:
        read_yaml(file)
    except ValueError as error:
        return str(error)
    return None


def config_files(arguments: Sequence[str]) -> list[Path]:
    """Return the files that arguments name as configuration."""
    # What argparse does not understand, Snakemake explains.
    parser = argparse.ArgumentParser(add_help=False, allow_abbrev=False, exit_on_error=False)
    parser.add_argument("--configfile", "--configfiles", nargs="+", default=[], action="extend")
    with suppress(argparse.ArgumentError):
        return [Path(name) for name in parser.parse_known_args(list(arguments))[0].configfile]
    return []


def require_config_files() -> None:
    """Leave with one sentence if a file on the command line is no configuration.

    Snakemake's profile in ``profiles/default`` calls this, since Snakemake itself would show a
    traceback before it reads the Snakefile.
    """
    for file in config_files(sys.argv[1:]):
        if sentence := file_problem(file):
            sys.exit(sentence)


def problem_of(content: Any, schema: Mapping[str, Any]) -> str | None:
    """Check what a YAML file holds against a JSON schema.

    The sentence names the path of the first key that does not fit, what is expected there and a
    remedy; None if all is well.
    """
    errors = list(_VALIDATOR(schema).iter_errors(content))
    return _sentence(min(errors, key=_rank)) if errors else None


def unknown(kind: str, name: str, known: list[str], prefix: str = "") -> str:
    """Return the sentence for a name that is not among those known."""
    remedy = f"known here: {', '.join(sorted(known))}"
    if nearest := get_close_matches(name, known, n=1, cutoff=0.5):
        remedy = f"did you mean {prefix}{nearest[0]}?"
    name = name if len(name) <= _SHOWN and name.isprintable() else shown(name)
    return f"{prefix}{name} is not a known {kind}; {remedy}"


def shown(value: Any) -> str:
    """Return a value as a sentence shows it: on one line, and no longer than one reads."""
    try:
        text = " ".join(repr(value).split())
    except ValueError:  # an integer of thousands of digits has no repr
        text = "a huge number"
    return text if len(text) <= _SHOWN else f"{text[: _SHOWN - 3]}..."


def _is_finite(value: Any) -> bool:
    try:
        return isinstance(value, int | float) and math.isfinite(value)
    except OverflowError:  # an integer that no float can hold
        return False


# JSON Schema takes 3.0 for an integer, which a seed or a size is not, and NaN for a number.
_VALIDATOR = extend(
    Draft202012Validator,
    type_checker=Draft202012Validator.TYPE_CHECKER.redefine_many(
        {
            "number": lambda _, value: not isinstance(value, bool) and _is_finite(value),
            "integer": lambda _, value: type(value) is int and _is_finite(value),
        }
    ),
)


def _rank(error: ValidationError) -> tuple[bool, list[str]]:
    """Order the errors: an unknown key first, since it also explains the key that is missing."""
    return error.validator != "additionalProperties", [str(part) for part in error.absolute_path]


def _sentence(error: ValidationError) -> str:
    path, value, expected = _dotted(error), error.instance, error.validator_value
    match error.validator:
        case "additionalProperties":
            known = list(error.schema["properties"])
            name = next(key for key in value if key not in known)
            kind = error.schema.get("title", "key")
            return unknown(kind, str(name), known, f"{path}." if path else "")
        case "required":
            missing = next(key for key in expected if key not in value)
            return f"{path or 'it'} lacks the key {missing}; add it"
        # One type or a list of them.
        case "type" if "number" in expected or "integer" in expected:
            if isinstance(value, int | float) and not _is_finite(value):
                remedy = "write its value"
                return f"{path} is {shown(value)} where a finite number is expected; {remedy}"
            if whole := _whole(value, expected):
                return f"{path} is the text '{value}' where a number is expected; write {whole}"
            if number := _with_point(value):
                return (
                    f"{path} is the text '{value}' where a number is expected: YAML reads a power "
                    f"of ten without a decimal point, or in quotes, as text; write {number}"
                )
    if "propertyNames" in error.absolute_schema_path:
        return f"{path} holds the name {shown(value)}, which does not fit: {_NAMES}"
    return f"{path or 'it'} is {shown(value)}, which does not fit: {_expectation(error)}"


def _dotted(error: ValidationError) -> str:
    parts = [f"[{part}]" if isinstance(part, int) else f".{part}" for part in error.absolute_path]
    return "".join(parts).removeprefix(".")


def _whole(text: Any, expected: Any) -> str | None:
    """Return an integer's text where an integer is expected, as "7" in quotes is none, or None."""
    if not isinstance(text, str) or "integer" not in expected:
        return None
    try:
        return str(int(text))
    except ValueError:
        return None


def _with_point(text: Any) -> str | None:
    """Return a number's text in the form that YAML reads as a number, 1.0e-8 for 1e-8, or None."""
    if not isinstance(text, str):
        return None
    try:
        float(text)
    except ValueError:
        return None
    mantissa, _, exponent = text.lower().partition("e")
    mantissa = mantissa if "." in mantissa else f"{mantissa}.0"
    if not exponent:
        return mantissa
    return f"{mantissa}e{exponent if exponent[0] in '+-' else '+' + exponent}"


def _expectation(error: ValidationError) -> str:
    """Say what the schema expects: the rule that the value breaks, and the key's description."""
    rules = {
        "type": "its type must be {}",
        "enum": "it must be one of {}",
        "minimum": "it must be at least {}",
        "exclusiveMinimum": "it must be greater than {}",
        "maximum": "it must be at most {}",
        "exclusiveMaximum": "it must be less than {}",
        "multipleOf": "it must be a multiple of {}",
        "minItems": "it needs at least {} entries",
        "maxItems": "it takes at most {} entries",
        "minProperties": "it needs at least {} key",
        "maxProperties": "it takes at most {} key",
        "uniqueItems": "its entries must differ",
        "pattern": _NAMES,
        "not": "it must be another",
    }
    value = error.validator_value
    listed = ", ".join(map(str, value)) if isinstance(value, list) else value
    rule = rules.get(error.validator, "").format(listed)
    description = error.schema.get("description", "").rstrip(".")
    return f"{rule} ({description})" if rule and description else rule or description


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
