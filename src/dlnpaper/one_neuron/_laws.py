"""Asymptotic laws of many starts: their kinds, and the arrays that hold them."""

import numpy as np
import xarray as xr
from numpy.typing import ArrayLike

#: What has a law, in the order of the coordinate ``quantity``.
LAW_QUANTITIES = ("directions", "alignment_gap", "excess", "s_gap", "end_to_end")

#: Values of ``kind``, as the positions of the words.
LAW_KINDS = ("undefined", "exact", "exponential", "resonant", "power")
UNDEFINED, EXACT, EXPONENTIAL, RESONANT, POWER = range(len(LAW_KINDS))

_UNITS = {"units": "1"}
#: Says of numbers that need not be finite why.
_EXACT = {"missing_data": "infinite for directions that are exact from the start"}


class Laws:
    """Arrays over start and quantity that fill up class by class."""

    def __init__(self, size: int) -> None:
        shape = (size, len(LAW_QUANTITIES))
        self.kind = np.full(shape, UNDEFINED, np.int8)
        self.rate, self.exponent, self.log_prefactor = np.zeros((3, *shape))
        self.prefactor_known = np.zeros(shape, bool)
        self.gap, self.shift = np.zeros((2, size))

    def set(
        self,
        quantity: str,
        which: np.ndarray,
        kind: ArrayLike,
        speed: ArrayLike,
        log_prefactor: ArrayLike,
        known: ArrayLike = True,
    ) -> None:
        """Give starts `which` a law; `speed` is its rate, or its exponent for a power law."""
        where = which, LAW_QUANTITIES.index(quantity)
        power = np.equal(kind, POWER)
        self.kind[where] = kind
        self.rate[where] = np.where(power, 0.0, speed)
        self.exponent[where] = np.where(power, speed, 0.0)
        self.log_prefactor[where] = np.where(known, log_prefactor, 0.0)
        self.prefactor_known[where] = known

    def dataset(self, value: np.ndarray, depth: int, shape: tuple[int, int]) -> xr.Dataset:
        """Return all laws, of starts whose limits have these singular values."""
        both, start = ("start", "quantity"), ("start",)
        flags = {
            "flag_values": np.arange(len(LAW_KINDS), dtype=np.int8),
            "flag_meanings": " ".join(LAW_KINDS),
        }
        variables: dict[str, tuple] = {
            "kind": (both, self.kind, "kind of the asymptotic law", flags),
            "kind_name": (both, np.array(LAW_KINDS)[self.kind], "kind of the law in words", {}),
            "rate": (both, self.rate, "rate of the exponential", _UNITS),
            "exponent": (both, self.exponent, "exponent of the power law", _UNITS),
            "log_prefactor": (both, self.log_prefactor, "logarithm of the prefactor", _UNITS),
            "prefactor_known": (both, self.prefactor_known, "whether the prefactor is known", {}),
            "value": (start, value, "singular value of the limit", _UNITS),
            "gap": (start, self.gap, "slowest decay of the directions in tau", _UNITS | _EXACT),
            "shift": (start, self.shift, "limit of tau minus its final speed times time", _UNITS),
        }
        return xr.Dataset(
            {
                name: (dims, array, {"long_name": long_name, **attrs})
                for name, (dims, array, long_name, attrs) in variables.items()
            },
            coords={
                "quantity": ("quantity", list(LAW_QUANTITIES), {"long_name": "what has a law"})
            },
            attrs={"Conventions": "CF-1.11", "depth": depth, "shape": shape},
        )
