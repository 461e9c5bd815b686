"""Texts of cards with expressions in braces, as in ``{depth.depths}``, filled from the settings."""

import re
import string
from collections.abc import Mapping, Sequence
from types import SimpleNamespace
from typing import Any

#: What an expression may call; the cards are a part of the project, as its modules are.
_FUNCTIONS = {each.__name__: each for each in (abs, all, any, int, len, list, max, min, vars)}

#: As in formats of Python, ``a[key]`` is the value of a key.
_KEY = re.compile(r"\[([a-z_][a-z0-9_]*)\]")

#: So many entries of a list are shown; of a longer one the first and the last.
_LONGEST = 8


def filled(template: str, names: Mapping[str, Any]) -> str:
    """Return a text in which each expression in braces is replaced by its value.

    Lists are joined by commas, and numbers written as one reads them; what follows a colon is a
    format of Python. A brace itself is written twice.

    Raises
    ------
    ValueError
        If an expression cannot be evaluated with these names.
    """
    return " ".join(_Formatter().vformat(template, (), names).split())


def value(entry: Any, names: Mapping[str, Any]) -> Any:
    """Return what an entry of a card stands for: the value of one expression, or a filled text.

    Lists and mappings are gone through; anything else stands for itself. Raises like `filled`.
    """
    if isinstance(entry, Mapping):
        return {key: value(each, names) for key, each in entry.items()}
    if isinstance(entry, list):
        return [value(each, names) for each in entry]
    if not isinstance(entry, str):
        return entry
    match list(string.Formatter().parse(entry)):
        case [("", str(expression), "", None)]:
            return _evaluated(expression, names)
    return filled(entry, names)


def dotted(settings: Any) -> Any:
    """Return nested mappings as objects whose attributes are the keys."""
    if isinstance(settings, Mapping):
        return SimpleNamespace(**{str(key): dotted(each) for key, each in settings.items()})
    return settings


class _Formatter(string.Formatter):
    def get_field(self, field_name: str, args: Sequence, kwargs: Mapping) -> tuple[Any, str]:
        return _evaluated(field_name, kwargs), field_name

    def format_field(self, value: Any, format_spec: str) -> str:
        if isinstance(value, Sequence) and not isinstance(value, str):
            shown = [self.format_field(each, format_spec) for each in value]
            if len(shown) > _LONGEST:
                shown[_LONGEST // 2 : -1] = ["..."]
            return ", ".join(shown)
        if isinstance(value, float) and not format_spec:
            return f"{value:g}"
        return format(value, format_spec)


def _evaluated(expression: str, names: Mapping[str, Any]) -> Any:
    expression = _KEY.sub(r".\1", expression)
    try:
        # As globals, since only those are known within a list comprehension.
        return eval(expression, {"__builtins__": _FUNCTIONS, **names})
    except Exception as error:
        raise ValueError(
            f"{{{expression}}} cannot be evaluated ({error}); check its names"
        ) from error
