"""The distance from initialization, predicted and measured."""

import numpy as np


def table(measured):
    """Return one row for each depth and start of what `measure` returns."""
    columns = ["depth", "angle", "s", "predicted", "measured", "excess"]
    table = measured[columns[1:]].to_dataframe().reset_index()[columns]
    error = np.abs(table["measured"] - table["predicted"]) / table["predicted"]
    table.insert(5, "relative_error", error)
    table = table.rename(columns={"excess": "excess_at_end"})
    return table.sort_values(["depth", "angle", "s"], ignore_index=True)
