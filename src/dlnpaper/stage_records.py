"""What is kept of the stages of ensembles (docs/theory.md, section 6)."""

from __future__ import annotations

import numpy as np

from dlnpaper.schema import Field, Schema

__all__ = [
    "BOUNDED",
    "LONG_NAMES",
    "OBSERVED_EDGES",
    "RATIO_EDGES",
    "STAGES",
    "SUMMARY",
]

#: Every measured quantity with its bound, by the variables of `dlnpaper.stages.stages`.
BOUNDED = {
    "tau_0": "tau_0_bound",
    "tau_1": "tau_1_bound",
    "t_0": "t_0_bound",
    "t_1": "t_1_bound",
    "log_inverse_s": "log_inverse_s_bound",
    "s_max": "s_max_bound",
    "log_envelope": "log_envelope_bound",
}

#: Edges of the bins in log10 of what is observed, and of the ratio of observed to bound. The last
#: bins also hold what lies beyond them. A ratio of one is an edge, so that no bin straddles it.
OBSERVED_EDGES = np.arange(-40, 81) / 10
RATIO_EDGES = np.arange(-80, 11) / 10

#: What a file of measured stages holds (`dlnpaper.storage`), for each of its starts.
STAGES = Schema(
    "dlnpaper stages",
    version=1,
    required={
        **{name: Field(("start",)) for pair in BOUNDED.items() for name in pair},
        "family": Field(("start",), "int8"),
    },
)

#: What a file of summaries holds (`dlnpaper.storage`).
SUMMARY = Schema(
    "dlnpaper summary of bounds",
    version=1,
    required={
        "starts": Field((), "int64"),
        "positive": Field(("quantity",), "int64"),
        "observed_median": Field(("quantity",)),
        "observed_largest": Field(("quantity",)),
        "bound_median": Field(("quantity",)),
        "ratio_median": Field(("quantity",)),
        "ratio_largest": Field(("quantity",)),
        "violations": Field(("quantity",), "int64"),
        "count": Field(("quantity", "observed", "ratio"), "int64"),
    },
)

#: What the variables of a summary are.
LONG_NAMES = {
    "starts": "number of starts",
    "positive": "number of starts in which the observed value is positive",
    "observed_median": "median of the positive observed values",
    "observed_largest": "largest observed value",
    "bound_median": "median of the bounds of these starts",
    "ratio_median": "median of observed / bound over these starts",
    "ratio_largest": "largest observed / bound: the tightest a bound comes",
    "violations": "number of starts beyond their bound",
    "count": "number of these starts by log10 of the observed value and of observed / bound",
}
