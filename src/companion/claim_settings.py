"""A claim under the settings of a run: its rows and values, and whether it is about them at all."""

from collections.abc import Mapping, Sequence
from typing import Any

from companion.templates import filled, value

#: What an entry ``only_for`` says of a claim that holds for everything as it is in the cards.
ALL = "all"


def stated_under(
    claim: Mapping[str, Any],
    names: Mapping[str, Any],
    default: Mapping[str, Any],
    changed: Sequence[str],
) -> dict[str, Any]:
    """Return a claim of a card as it stands under some settings.

    Expressions in braces are replaced by their values, with these names. ``own`` says whether
    anything on which the claim rests has ``changed``, and ``not_applicable`` why the claim is not
    about these settings, or nothing; such a claim is stated as it is with the ``default`` names.

    Raises
    ------
    ValueError
        If an expression cannot be evaluated.
    """
    own = bool(changed)
    names, default = {**names, "own": own}, {**default, "own": False}
    entries = {key: each for key, each in claim.items() if key not in ("only_for", "applies")}
    reason = _default_only(claim.get("only_for", []), changed)
    for condition in claim.get("applies", []):
        if not reason and not value(condition["if"], names):
            reason = filled(condition["else"], names)
    if not reason:
        stated = value(entries, names)
        stated["cases"] = [each for each in stated.get("cases", [{}]) if _has_values(each)]
        if stated["cases"] and _has_values(stated.get("where", {})):
            return {**stated, "own": own, "not_applicable": ""}
        reason = "these settings leave nothing to measure for it"
    return {**value(entries, default), "own": own, "not_applicable": reason}


def differences(path: str, default: Any, current: Any) -> list[str]:
    """Return the dotted paths of the values that are not those of the default."""
    if isinstance(default, Mapping) and isinstance(current, Mapping):
        return [
            found
            for key in sorted({*default, *current})
            for found in differences(f"{path}.{key}", default.get(key), current.get(key))
        ]
    return [] if default == current else [path]


def _default_only(only_for: Sequence[str] | str, changed: Sequence[str]) -> str:
    """Return why a claim that holds for some settings as they are in the cards does not apply."""
    for path in changed:
        if only_for == ALL or any(f"{path}.".startswith(f"{each}.") for each in only_for):
            return f"it holds for the default settings, and {path} is another"
    return ""


def _has_values(where: Mapping[str, Any]) -> bool:
    return all(values != [] for values in where.values())
