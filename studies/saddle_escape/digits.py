"""Gradient descent with many digits (docs/steps.md, section 7.4)."""

from decimal import Decimal, localcontext

from dlnpaper._target import Target
from dlnpaper.one_neuron._starting_points import StartingPoints

_DIGITS = 50


def decimal_overtaking(
    target: Target,
    depth: int,
    start: StartingPoints,
    mode: int,
    step: float,
    until: float,
) -> float:
    """Return when gradient descent from one start leaves a saddle, with 50 digits; else NaN."""
    each_layer = start.s[0] ** (1 / depth)
    with localcontext() as context:
        context.prec = _DIGITS
        x, y = (
            [Decimal(float(each)) for each in row[0] * each_layer] for row in (start.a, start.b)
        )
        z, eta = Decimal(float(each_layer)), Decimal(step)
        sigma = [Decimal(float(each)) for each in target.singular_values]
        before = Decimal(0)
        for taken in range(1, int(until / step)):
            x, y, z = _decimal_step(sigma, x, y, z, depth - 2, eta)
            lead = abs(x[0] + y[0]) / abs(x[mode] + y[mode])
            if lead >= 1:
                high, low = float(lead.ln()), float(before.ln())
                return step * (taken - high / (high - low))
            before = lead
    return float("nan")


def _decimal_step(sigma, x, y, z, inner, eta):
    """Return x, y and z after a step of gradient descent (docs/steps.md, section 2)."""
    m, others = z**inner, z ** max(inner - 1, 0)
    squares_x, squares_y = sum(each * each for each in x), sum(each * each for each in y)
    aligned = sum(value * p * q for value, p, q in zip(sigma, x, y, strict=False))
    pulled_x, pulled_y = eta * m * m * squares_y, eta * m * m * squares_x
    pushed = [eta * m * value for value in sigma] + [Decimal(0)] * max(len(x), len(y))
    new_x, new_y = [each - pulled_x * each for each in x], [each - pulled_y * each for each in y]
    for i in range(len(sigma)):
        new_x[i] += pushed[i] * y[i]
        new_y[i] += pushed[i] * x[i]
    moved = eta * others * (m * squares_x * squares_y - aligned)
    return new_x, new_y, z - moved if inner else z
