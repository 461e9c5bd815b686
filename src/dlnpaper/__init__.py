"""Exact trajectories of deep linear networks with a one-neuron layer.

Where gradient flow takes such a network from any balanced start: the trajectory in closed form, an
independent integration to check it against, the limit of every start, and the rates and stages on
the way. The mathematics that docstrings cite is in docs/theory.md, docs/two_layers.md and
docs/weight_decay.md: of the project, and of this package where it is installed.

A public name is imported on first use; `__init__.pyi` lists them all.
"""

import lazy_loader

from ._version import __version__ as __version__

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
