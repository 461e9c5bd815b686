"""Exact trajectories of deep linear networks with a one-neuron layer.

The library computes where gradient flow takes a deep linear network that has a layer with one
neuron, on the way and in the limit: the trajectory in closed form, an independent integration to
check it against, the limit of every balanced start, and the rates and stages on the way.
docs/theory.md states the mathematics.
"""

import importlib
import sys
import types

__version__ = "0.1.0"

_HOMES = {
    "Target": "target",
    "StartingPoints": "starting_points",
    "solve": "closed_form",
    "integrate": "flows",
    "limits": "limits",
    "rates": "rates",
    "stages": "stages",
    "fit_rate": "fits",
    "guarantees": "guarantees",
    "coverage": "guarantees",
    "exact_coverage": "guarantees",
}

__all__ = [*_HOMES]


def __getattr__(name):
    # A name is imported when it is first used: a program that only reads and draws trajectories
    # should not wait for a compiler and an ODE solver to load.
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(importlib.import_module(f"{__name__}.{_HOMES[name]}"), name)
    globals()[name] = value
    return value


def __dir__():
    return sorted({*globals(), *__all__})


class _Package(types.ModuleType):
    """Keeps the names of public functions from being taken by the modules that hold them."""

    def __setattr__(self, name, value):
        if not (name in _HOMES and isinstance(value, types.ModuleType)):
            super().__setattr__(name, value)


sys.modules[__name__].__class__ = _Package
