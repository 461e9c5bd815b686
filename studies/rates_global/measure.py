"""Rates to the global minimizer, measured (docs/theory.md, section 5)."""

from companion.rate_measurement import measure

__all__ = ["measure"]
