"""How many integrated starts reach the fates that are predicted."""

from itertools import product

import numpy as np
import pandas as pd

from companion.datasets import flag_names

#: What a row is about; every family has all three, random starts no saddle.
PREDICTED = ("collapse", "saddle", "minimizer")


def table(measured):
    """Return one row for each depth, family, weight decay and predicted fate."""
    rows = []
    family, decays = flag_names(measured["family"]), measured["weight_decay"].values
    kinds = [
        (str(name), float(mu), predicted)
        for name in dict.fromkeys(family)
        for mu in np.unique(decays[family == name])
        for predicted in PREDICTED
        if (name, predicted) != ("random", "saddle")
    ]
    for depth, (name, mu, predicted) in product(measured["depth"].values, kinds):
        found = measured.sel(depth=depth)
        fates = flag_names(found["predicted"])
        of_family = (family == name) & (decays == mu) & (fates != "absent")
        chosen = of_family & (fates == predicted)
        share = chosen.sum() / max(of_family.sum(), 1)
        if name == "random":
            collapse = float(found["share"].sel(decay=mu))
            share = collapse if predicted == "collapse" else 1 - collapse
        rows.append(
            {
                "depth": int(depth),
                "family": name,
                "weight_decay": mu,
                "predicted": predicted,
                "share": float(share),
                "integrated": int(chosen.sum()),
                "other": int((flag_names(found["reached"]) != predicted)[chosen].sum()),
                "largest_distance": float(found["distance"].values[chosen].max(initial=0.0)),
            }
        )
    return pd.DataFrame(rows)
