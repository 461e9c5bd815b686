from ._descent import descend as descend
from ._flow import integrate as integrate
from ._gaussian import gaussian as gaussian
from ._gaussian import gaussian_moments as gaussian_moments

__all__: list[str]
