"""Exact trajectories of deep linear networks with a one-neuron layer.

The library computes where gradient flow takes a deep linear network that has a
layer with one neuron, on the way and in the limit: the trajectory in closed
form, an independent integration to check it against, and the limit of every
balanced start. docs/theory.md states the mathematics.
"""

from dlnpaper.limits import limits
from dlnpaper.starting_points import StartingPoints
from dlnpaper.target import Target

__all__ = ["StartingPoints", "Target", "limits"]

__version__ = "0.1.0"
