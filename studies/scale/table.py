"""A million starts: what was measured beside what is known exactly (docs/theory.md, 4 to 7)."""

import pandas as pd
import xarray as xr

from companion.survey.table import survey_table


def table(ensemble: xr.Dataset) -> pd.DataFrame:
    """Return shares, means, quantiles and extremes, with error bars."""
    return survey_table(ensemble, quantiles=[0.05, 0.5, 0.95], levels=[2.0, 4.0, 6.0, 8.0])
