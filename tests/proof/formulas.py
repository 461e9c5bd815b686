"""The formulas of proof/Statements.v as Python functions, translated from their very text."""

import math
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from scipy.integrate import quad

_TOKEN = re.compile(r"\\sum_|=>|<\?|=\?|[A-Za-z_][\w']*|\d+|[-+*/^()<,]")
_DEFINITION = re.compile(
    r"Definition (?P<name>\w+)(?P<arguments>(?:\s*\([^()]*\))*)\s*: R :=(?P<body>.*?)\.(?=\s*\n\S)",
    re.DOTALL,
)


def definitions(text: str) -> Iterator[tuple[str, list[str], str]]:
    """Yield name, arguments and body of every definition of a real number or function."""
    text = re.sub(r"\(\*.*?\*\)", "", text, flags=re.DOTALL)
    for found in _DEFINITION.finditer(text):
        groups = re.findall(r"\(([^:()]*):[^()]*\)", found["arguments"])
        yield found["name"], " ".join(groups).split(), found["body"]


def functions(text: str, given: Mapping[str, Any]) -> dict[str, Any]:
    """Return all definitions as functions, or as numbers where they have no arguments.

    Definitions whose names are given keep the given meaning.
    """
    names = {**PRIMITIVE, **given}
    for name, arguments, body in definitions(text):
        if name not in given:
            code = translated(body)
            source = f"lambda {', '.join(arguments)}: {code}" if arguments else code
            names[name] = eval(source, names)
    return names


def translated(coq: str) -> str:
    """Return a real-valued expression of Coq in Python."""
    reader = _Reader(_TOKEN.findall(coq.replace("%nat", "")))
    code = reader.sum()
    assert not reader.tokens, f"not understood: {' '.join(reader.tokens)}"
    return code


class _Reader:
    """A reader of Coq's terms, one method for each level of precedence."""

    def __init__(self, tokens: list[str]) -> None:
        self.tokens = tokens

    def next(self, expected: str = "") -> str:
        token = self.tokens.pop(0)
        assert expected in ("", token), f"expected {expected}, got {token}"
        return token

    def peek(self) -> str:
        return self.tokens[0] if self.tokens else ""

    def sum(self) -> str:
        code = self.product()
        while self.peek() in ("+", "-"):
            code += f" {self.next()} {self.product()}"
        return f"({code})"

    def product(self) -> str:
        code = self.sign()
        while self.peek() in ("*", "/"):
            code += f" {self.next()} {self.sign()}"
        return f"({code})"

    def sign(self) -> str:
        if self.peek() == "-":
            return f"({self.next()}{self.sign()})"
        if self.peek() == "/":
            self.next()
            return f"(1 / {self.sign()})"
        code = self.application()
        if self.peek() == "^":
            self.next()
            code = f"({code} ** {self.sign()})"
        return code

    def application(self) -> str:
        if self.peek() == "\\sum_":
            return self.big_sum()
        if self.peek() == "if":
            return self.choice()
        if self.peek() == "fun":
            self.next()
            variable = self.next()
            self.next("=>")
            return f"(lambda {variable}: {self.sum()})"
        head, arguments = self.atom(), []
        while re.match(r"[\w(]", self.peek()) and self.peek() not in ("then", "else"):
            arguments.append(self.atom())
        return f"{head}({', '.join(arguments)})" if arguments else head

    def atom(self) -> str:
        token = self.next()
        if token != "(":
            return token
        code = self.sum()
        self.next(")")
        return code

    def big_sum(self) -> str:
        self.next("\\sum_")
        self.next("(")
        index = self.next()
        self.next("<")
        bound = self.sum()
        self.next(")")
        return f"sum_(lambda {index}: {self.product()}, {bound})"

    def choice(self) -> str:
        self.next("if")
        if self.peek() == "Req_EM_T":
            self.next()
            condition = f"{self.atom()} == {self.atom()}"
        else:
            self.next("(")
            left, sign, right = self.sum(), self.next(), self.sum()
            condition = f"{left} {'<' if sign == '<?' else '=='} {right}"
            self.next(")")
        self.next("then")
        yes = self.sum()
        self.next("else")
        return f"({yes} if {condition} else {self.sum()})"


def _sum(term: Callable[[int], float], bound: int) -> float:
    return math.fsum(term(index) for index in range(bound))


def _integral(function: Callable[[float], float], start: float, end: float) -> float:
    return quad(function, start, end, epsabs=1e-14, epsrel=1e-12, limit=400)[0]


PRIMITIVE: Mapping[str, Any] = {
    "sum_": _sum,
    "exp": math.exp,
    # Coq's logarithm of what is not positive is 0.
    "ln": lambda x: math.log(x) if x > 0 else 0.0,
    "sqrt": math.sqrt,
    "Rmax": max,
    "Rpower": lambda x, y: math.exp(y * math.log(x)),
    "RInt": _integral,
}
