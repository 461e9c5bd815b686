"""How trajectories come to the global minimizer (docs/theory.md, section 5)."""

from companion.approach import data, draw

__all__ = ["data", "draw"]
