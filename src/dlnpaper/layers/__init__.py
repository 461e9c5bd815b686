"""Deep linear networks layer by layer: any widths, balanced or not.

A public name is imported on first use; `__init__.pyi` lists them all.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
