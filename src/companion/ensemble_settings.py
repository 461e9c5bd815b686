"""What the schema cannot say of a configuration's ensembles."""

from collections.abc import Mapping
from typing import Any

from companion.validation import unknown

Ensembles = Mapping[str, Mapping[str, Any]]


def ensembles_problem(ensembles: Ensembles, defaults: Ensembles) -> str | None:
    """Return what is wrong with an ensemble, in one sentence; None if all are as they must be.

    The families that are followed must exist, and of the variables that are stored none may be
    missing that the card names, since the study reads them.
    """
    for name, ensemble in ensembles.items():
        for kind in ("trajectories", "reference"):
            path = f"ensembles.{name}.{kind}"
            for family in ensemble.get(kind, {}).get("families", []):
                if family not in ensemble["starts"]:
                    problem = unknown("family of the ensemble", family, list(ensemble["starts"]))
                    return f"{path}.families: {problem}"
            stored = ensemble.get(kind, {}).get("variables", [])
            for variable in defaults[name].get(kind, {}).get("variables", []):
                if variable not in stored:
                    return (
                        f"{path}.variables must hold those that the study reads, got none called"
                        f" {variable}; add to the card's, and leave none out"
                    )
    return None
