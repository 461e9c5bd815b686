from ._closed_form import solve as solve
from ._limits import limits as limits
from ._rates import rates as rates
from ._starts import Starts as Starts

__all__: list[str]
