"""The map of statements: what a chapter states, and what shows and decides it."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
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
    #: Names of those studies that are made under the configuration.
    studies: tuple[str, ...]
    claims: tuple[str, ...]
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

    def number_in_words(self, measured: Mapping[str, float | None]) -> str:
        """Return the headline with its numbers; empty where one was not measured."""
        known = {claim: value for claim, value in measured.items() if value is not None}
        try:
            return self.headline.format_map(known)
        except KeyError:
            return ""


def statements(studies: Studies) -> list[Statement]:
    """Return the statements of all chapters in order, then the checks of the method.

    Studies and claims that a chapter's file does not name make a last group.
    """
    made, claims = studies.names(), studies.claims()
    known = {claim["id"] for claim in claims}
    found = [
        _statement(entry, made, known, number)
        for chapter in studies.chapters.values()
        for number, entry in _entries(chapter)
    ]
    found.sort(key=lambda statement: statement.number == 0)
    return [*found, *_rest(found, studies, claims)]


def _entries(chapter: Mapping[str, Any]) -> Iterator[tuple[int, Mapping[str, Any]]]:
    yield from enumerate(chapter.get("statements", []), start=1)
    if "checks" in chapter:
        yield 0, chapter["checks"]


def _statement(
    entry: Mapping[str, Any], made: Sequence[str], known: Set[str], number: int
) -> Statement:
    lists = {
        "sections": tuple(entry["sections"]),
        "studies": tuple(name for name in entry.get("studies", []) if name in made),
        "claims": tuple(claim for claim in entry.get("claims", []) if claim in known),
    }
    return Statement(**{**entry, **lists}, number=number)


def _rest(
    found: Iterable[Statement], studies: Studies, every: Iterable[Mapping[str, Any]]
) -> Iterator[Statement]:
    named = [*found]
    claimed = {claim for statement in named for claim in statement.claims}
    shown = {study for statement in named for study in statement.studies}
    claims = [claim for claim in every if claim["id"] not in claimed]
    names = [name for name in studies.names() if name not in shown]
    owners = {*names, *(claim["study"] for claim in claims)}
    if owners:
        yield Statement(
            id="others",
            title="Further studies",
            statement="Studies and claims that no chapter has assigned to a statement yet.",
            sections=tuple(sorted({studies.cards[name]["section"] for name in owners})),
            studies=tuple(names),
            claims=tuple(claim["id"] for claim in claims),
        )
