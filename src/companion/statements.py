"""The map of statements: what a chapter states, and what shows and decides it."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Set
from dataclasses import dataclass
from typing import Any

from companion.registry import Studies


@dataclass(frozen=True)
class Statement:
    """A statement, or a group of claims; its entries are described in the chapters' schema."""

    id: str
    title: str
    statement: str
    sections: tuple[int, ...]
    #: The title of its chapter, and the page whose sections these are.
    chapter: str
    theory: str
    #: Names of those studies that are made under the configuration.
    studies: tuple[str, ...]
    claims: tuple[str, ...]
    #: Theorems that Coq has checked; docs/proof.md says what they state.
    proved: tuple[str, ...] = ()
    detail: str = ""
    headline: str = ""
    #: Its place among the statements, from 1; 0 for a group of claims.
    number: int = 0

    def verdict(self, outcomes: Mapping[str, str]) -> str:
        """Return how many of its claims came out how, from the outcome of each claim."""
        counts = Counter(outcomes[claim] for claim in self.claims if claim in outcomes)
        if len(counts) < 2:
            return next(iter(counts), "nothing claimed")
        return ", ".join(f"{count} {outcome}" for outcome, count in counts.most_common())

    @property
    def support(self) -> str:
        """How it is known: proved by Coq, measured, both or neither."""
        ways = [("proved", self.proved), ("measured", self.claims)]
        return " and ".join(way for way, names in ways if names) or "neither"

    def number_in_words(self, measured: Mapping[str, float | None]) -> str:
        """Return the headline with its numbers; empty where one was not measured."""
        known = {claim: value for claim, value in measured.items() if value is not None}
        try:
            return self.headline.format_map(known)
        except KeyError:
            return ""


def statements(studies: Studies) -> list[Statement]:
    """Return, for each chapter, its statements in order, then the checks of its method.

    Studies and claims that no statement names make a last group of their chapter.
    """
    claims = studies.claims()
    found = {
        chapter: [
            _statement(studies, chapter, entry, {claim["id"] for claim in claims}, number)
            for number, entry in _entries(content)
        ]
        for chapter, content in studies.chapters.items()
    }
    named = [statement for group in found.values() for statement in group]
    return [
        statement
        for chapter, group in found.items()
        for statement in [*group, *_rest(studies, chapter, named, claims)]
    ]


def _entries(chapter: Mapping[str, Any]) -> Iterator[tuple[int, Mapping[str, Any]]]:
    yield from enumerate(chapter.get("statements", []), start=1)
    if "checks" in chapter:
        yield 0, chapter["checks"]


def _statement(
    studies: Studies, chapter: str, entry: Mapping[str, Any], known: Set[str], number: int = 0
) -> Statement:
    made = studies.names()
    lists = {
        "sections": tuple(entry["sections"]),
        "studies": tuple(name for name in entry.get("studies", []) if name in made),
        "claims": tuple(claim for claim in entry.get("claims", []) if claim in known),
        "proved": tuple(entry.get("proved", [])),
    }
    place = {"chapter": studies.chapters[chapter]["title"], "theory": studies.theory(chapter)}
    return Statement(**{**entry, **lists, **place}, number=number)


def _rest(
    studies: Studies,
    chapter: str,
    named: Iterable[Statement],
    every: Iterable[Mapping[str, Any]],
) -> Iterator[Statement]:
    named, made = [*named], studies.names(chapter=chapter)
    claimed = {claim for statement in named for claim in statement.claims}
    shown = {study for statement in named for study in statement.studies}
    claims = {
        claim["id"]: claim["study"]
        for claim in every
        if claim["study"] in made and claim["id"] not in claimed
    }
    names = [name for name in made if name not in shown]
    owners = {*names, *claims.values()}
    if owners:
        entry = {
            "id": f"others_{chapter}",
            "title": "Further studies",
            "statement": "Studies and claims that the chapter has assigned to no statement yet.",
            "sections": sorted({studies.cards[name]["section"] for name in owners}),
            "studies": names,
            "claims": [*claims],
        }
        yield _statement(studies, chapter, entry, claims.keys())
