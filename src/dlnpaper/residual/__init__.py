"""Linear residual networks (docs/scaling.md): chains exactly, others by their layers."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
