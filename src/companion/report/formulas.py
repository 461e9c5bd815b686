"""Formulas of LaTeX as MathML, which a browser typesets without a script."""

import re

from latex2mathml.converter import convert

# What latex2mathml would show as text, or where an exponent would belong to the parenthesis alone.
_SOURCE = [
    (re.compile(r"\\\\\[[\d.]+ex\]"), r"\\\\"),
    (re.compile(r"\\[bB]ig\s*([(\[])"), r"\\left\1"),
    (re.compile(r"\\[bB]ig\s*([)\]])"), r"\\right\1"),
]
# Bars, slashes and names of functions, around which MathML would leave the space of a relation.
_TIGHT = re.compile(
    r"<mo(?: stretchy=\"false\")?>(&#x0007C;|&#x02016;|&#x02225;|&#x0002F;|[a-z]{3,})</mo>"
)
# Of a function's argument without parentheses; the function may be squared.
_SPACE = re.compile(
    r"(<msup><mi>[a-z]{2,}</mi><mn>\d</mn></msup>|(?<!<msup>)<mi>[a-z]{2,}</mi>)(?!<mo|</)"
)
_INFINITY = re.compile(r"<mo>(&#x0221E;)</mo>")


def mathml(formula: str, *, displayed: bool = False) -> str:
    """Return a formula as an element of HTML, in the line or displayed."""
    for pattern, replacement in _SOURCE:
        formula = pattern.sub(replacement, formula)
    element = convert(formula, display="block" if displayed else "inline")
    element = _TIGHT.sub(r'<mo stretchy="false" lspace="0" rspace="0">\1</mo>', element)
    element = _SPACE.sub(r'\1<mspace width="0.17em"></mspace>', element)
    return _INFINITY.sub(r"<mi>\1</mi>", element)
