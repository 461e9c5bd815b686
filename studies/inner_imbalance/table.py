"""What chains with balanced and unbalanced ends reach, by family of starts."""

from itertools import product

import pandas as pd

from companion.ensembles import family_names, select


def table(measured):
    """Return one row for each depth, case and family of what `measure` returns."""
    rows = []
    axes = (measured["depth"].values, measured["case"].values, family_names(measured))
    for depth, case, family in product(*axes):
        chosen = select(measured.sel(depth=depth, case=case), [family])
        passes = chosen["passes"].values
        rows.append(
            {
                "depth": int(depth),
                "case": str(case),
                "family": family,
                "starts": len(passes),
                "passed": int((passes > 0).sum()),
                "share_passed": float((passes > 0).mean()),
                "most_passes": int(passes.max()),
                "distance": float(chosen["distance"].max()),
                "from_balanced": float(chosen["from_balanced"].min()),
                "agreement": float(chosen["agreement"].max()),
                "drift": float(chosen["drift"].max()),
            }
        )
    return pd.DataFrame(rows)
