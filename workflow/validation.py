"""Check the configuration against its schema and say in one sentence what is wrong with it."""

import math
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import yaml
from jsonschema import Draft202012Validator, ValidationError
from jsonschema.validators import extend

_SHOWN = 80  # characters of a value that a sentence shows
_NAMES = "a name takes lower-case letters, digits and underscores, and begins with a letter"


def read_yaml(file: Path) -> Any:
    """Read a file by libyaml where it is there: every start of Snakemake waits for this."""
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    return yaml.load(file.read_text(encoding="utf-8"), Loader=loader)


def config_problem(config: dict[str, Any], schema_file: Path) -> str | None:
    """Check a configuration against a JSON schema written as YAML.

    Returns
    -------
    str or None
        One sentence with the path of the first key that does not fit, what is expected there and a
        remedy; None if all is well.
    """
    return _problem("config", config, _validator(schema_file))


def claims_problem(
    claims: Any, schema_file: Path, studies: list[str], tables: list[str]
) -> str | None:
    """Check a file of claims: each against the schema, and the names of studies and tables.

    Returns
    -------
    str or None
        One sentence that names the claim, what is wrong with it and a remedy; None if all is well.
    """
    if not isinstance(claims, list) or not claims:
        return f"claims: a list of claims is expected, got {shown(claims)}; write each as - id: ..."
    validator = _validator(schema_file)
    seen: set[str] = set()
    for position, claim in enumerate(claims, start=1):
        named = isinstance(claim, dict) and "id" in claim
        label = f"claim {claim['id'] if named else position}"
        if problem := _problem(label, claim, validator):
            return problem
        if claim["id"] in seen:
            return f"{label}: two claims have this id; rename one"
        seen.add(claim["id"])
        if claim["table"] not in tables:
            return f"{label}: {unknown('table', claim['table'], tables)}"
        named_studies = claim["study"] if isinstance(claim["study"], list) else [claim["study"]]
        for study in named_studies:
            if study not in studies:
                return f"{label}: {unknown('study', study, studies)}"
    return None


def unknown(kind: str, name: str, known: list[str], prefix: str = "") -> str:
    """Return the sentence for a name that is not among those known."""
    nearest = get_close_matches(name, known, n=1, cutoff=0.5)
    name = name if len(name) <= _SHOWN and name.isprintable() else shown(name)
    remedy = (
        f"did you mean {prefix}{nearest[0]}?"
        if nearest
        else f"known here: {', '.join(sorted(known))}"
    )
    return f"{prefix}{name} is not a known {kind}; {remedy}"


def shown(value: Any) -> str:
    """Return a value as a sentence shows it: on one line, and no longer than one reads."""
    try:
        text = " ".join(repr(value).split())
    except ValueError:  # an integer of thousands of digits has no repr
        text = "a huge number"
    return text if len(text) <= _SHOWN else f"{text[: _SHOWN - 3]}..."


def _validator(schema_file: Path) -> Draft202012Validator:
    # JSON Schema takes 3.0 for an integer, which a seed or a size is not, and NaN for a number.
    types = Draft202012Validator.TYPE_CHECKER.redefine_many(
        {"number": _is_number, "integer": _is_integer}
    )
    return extend(Draft202012Validator, type_checker=types)(read_yaml(schema_file))


def _is_number(_: Any, value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and _is_finite(value)


def _is_integer(checker: Any, value: Any) -> bool:
    return isinstance(value, int) and _is_number(checker, value)


def _is_finite(number: float) -> bool:
    try:
        return math.isfinite(number)
    except OverflowError:  # an integer that no float can hold
        return False


def _problem(label: str, content: Any, validator: Draft202012Validator) -> str | None:
    errors = list(validator.iter_errors(content))
    return f"{label}: {_sentence(min(errors, key=_rank))}" if errors else None


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
        case "type" if _may_be_number(expected) and _is_endless(value):
            return f"{path} is {shown(value)} where a finite number is expected; write its value"
        case "type" if _is_number_as_text(value, expected):
            return (
                f"{path} is the text '{value}' where a number is expected: YAML reads a power "
                f"of ten without a decimal point, or in quotes, as text; write {_with_point(value)}"
            )
    if "propertyNames" in error.absolute_schema_path:
        return f"{path} holds the name {shown(value)}, which does not fit: {_NAMES}"
    return f"{path or 'it'} is {shown(value)}, which does not fit: {_expectation(error)}"


def _dotted(error: ValidationError) -> str:
    parts = [f"[{part}]" if isinstance(part, int) else f".{part}" for part in error.absolute_path]
    return "".join(parts).removeprefix(".")


def _may_be_number(expected: str | list[str]) -> bool:
    return bool({"number", "integer"} & ({expected} if isinstance(expected, str) else {*expected}))


def _is_endless(value: Any) -> bool:
    return isinstance(value, int | float) and not _is_finite(value)


def _is_number_as_text(value: Any, expected: str | list[str]) -> bool:
    if not isinstance(value, str) or not _may_be_number(expected):
        return False
    try:
        float(value)
    except ValueError:
        return False
    return True


def _with_point(text: str) -> str:
    """Return a number's text in the form that YAML reads as a number: 1e-8 becomes 1.0e-8."""
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
        "minItems": "it needs at least {} entries",
        "maxItems": "it takes at most {} entries",
        "minProperties": "it needs at least {} key",
        "maxProperties": "it takes at most {} key",
        "uniqueItems": "its entries must differ",
        "pattern": _NAMES,
    }
    value = error.validator_value
    listed = ", ".join(map(str, value)) if isinstance(value, list) else value
    rule = rules.get(error.validator, "").format(listed)
    description = error.schema.get("description", "").rstrip(".")
    return f"{rule} ({description})" if rule and description else rule or description
