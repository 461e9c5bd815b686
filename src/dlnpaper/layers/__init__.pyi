from ._descent import descend as descend
from ._flow import integrate as integrate

__all__: list[str]
