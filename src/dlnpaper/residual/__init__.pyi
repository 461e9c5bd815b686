from ._limits import limits as limits
from ._matrices import descend as descend
from ._matrices import integrate as integrate

__all__: list[str]
