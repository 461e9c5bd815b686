"""Which claims a file bears on, from what it was made of."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import PurePosixPath


def lineage(path: str, inputs: Mapping[str, Sequence[str]]) -> set[str]:
    """Return a file and everything that it was made from, near and far.

    Parameters
    ----------
    path : str
    inputs : mapping of str to sequence of str
        The inputs of every file that was made; files without an entry were not.
    """
    found = {path}
    for made_from in inputs.get(path, ()):
        found |= lineage(made_from, inputs)
    return found


def supported_claims(
    path: str, claims: Iterable[Mapping], inputs: Mapping[str, Sequence[str]]
) -> list[str]:
    """Return the ids of the claims that a file bears on.

    A claim is measured by the rows of a table, so it rests on that table in every format and on all
    that the table was made from; and it is shown by the figures that are made from a file of one of
    its studies.

    Parameters
    ----------
    path : str
    claims : iterable of mapping
        The entries of the claims file: ``id``, ``table`` and ``study``, a name or several.
    inputs : mapping of str to sequence of str
        As in `lineage`.
    """
    return [claim["id"] for claim in claims if _bears_on(path, claim, inputs)]


def _bears_on(path: str, claim: Mapping, inputs: Mapping[str, Sequence[str]]) -> bool:
    table = f"results/tables/{claim['table']}.csv"
    if path in lineage(table, inputs) or path.startswith(table.removesuffix("csv")):
        return True
    studies = [claim["study"]] if isinstance(claim["study"], str) else claim["study"]
    sources = {PurePosixPath(name).stem for name in lineage(path, inputs) - {path}}
    return path.startswith("figures/") and not sources.isdisjoint(studies)
