"""Exact gradient flow of two layers of any width (docs/two_layers.md)."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
