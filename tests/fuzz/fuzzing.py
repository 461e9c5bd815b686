"""What fuzz tests share: how many examples, and what an answer or a refusal must look like."""

import functools
import os
import re
import warnings
from collections import Counter
from contextlib import suppress
from datetime import timedelta

import numpy as np
from hypothesis import HealthCheck, Phase, settings

from dlnpaper.one_neuron._flows import IntegrationError

#: For `make test` a few for each test, the same in every run; `make fuzz` asks for thousands.
EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES", "0"))

# Without the phase that explains a failure, which takes minutes.
PHASES = (Phase.explicit, Phase.reuse, Phase.generate, Phase.shrink)

SETTINGS = settings(
    max_examples=EXAMPLES or 25,
    derandomize=not EXAMPLES,
    # Nothing may hang: what takes seconds for a handful of starts has lost its way.
    deadline=timedelta(seconds=20),
    phases=PHASES,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)

#: How many examples each test was run on.
RUN: Counter[str] = Counter()

REFUSALS = (ValueError, TypeError, ArithmeticError, IndexError, MemoryError, IntegrationError)

#: Name, expectation, what was found, remedy.
SENTENCE = re.compile(r"[^\n]+ must [^\n]+; [^\n]+")


def fuzz_test(test):
    """Run a property on as many examples as are asked for, and count them."""
    inner = test.hypothesis.inner_test

    @functools.wraps(inner)
    def counted(*arguments, **options):
        RUN[test.__name__] += 1
        with suppress(RefusedError):
            inner(*arguments, **options)

    test.hypothesis.inner_test = counted
    return SETTINGS(test)


def outcome(call, *arguments, **options):
    """Return what a call returns, or None where it refuses with one sentence of our own form.

    A warning is neither, and raises; so does any other exception.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            return call(*arguments, **options)
        except REFUSALS as error:
            said = error
    assert SENTENCE.fullmatch(str(said)), f"not a sentence: {type(said)} {said}"
    assert len(str(said)) < 600, f"longer than anyone reads: {said}"
    return None


def answer(call, *arguments, **options):
    """Return what a call returns; a refusal, with one sentence of our own form, ends the test."""
    result = outcome(call, *arguments, **options)
    if result is None:
        raise RefusedError
    return result


class RefusedError(Exception):
    """There is no answer to test."""


def assert_finite(dataset, infinite=()):
    """Assert that all numbers of a dataset are finite, but for variables that are documented so."""
    for name, variable in dataset.variables.items():
        if variable.dtype.kind in "iufb":
            values = np.asarray(variable, float)
            allowed = np.isinf(values) if name in infinite else np.zeros(values.shape, bool)
            assert (np.isfinite(values) | allowed).all(), f"{name}: {values}"
