"""Two points of one slope between exact ones: only where the map is continuous, and comes back."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

import pytest

from verifier.evaluate.functions import known
from verifier.evaluate.numbers import Number, plus, power, times
from verifier.learn.between import continuous, level

GRID = [Fraction(n) for n in (-3, -2, -1, 0, 1, 2, 3)]
Map = Callable[[Number], Number]


def square(x: Number) -> Number:
    return times(x, x)


def jump(x: Number) -> Number:
    """Up, a jump down, and down again: it comes back over a jump only."""
    return plus(x, times(Fraction(-4), known("step", x)))


@pytest.mark.parametrize(
    ("f", "found"),
    [
        (square, True),
        (lambda x: known("cosh", x), True),
        (lambda x: times(x, known("exp", times(Fraction(-1), x))), True),
        (lambda x: known("exp", x), False),
        (lambda x: plus(x, known("tanh", x)), False),
        (lambda x: power(x, Fraction(-2)), False),  # it has two points, and a pole between them
        (lambda x: power(x, Fraction(-1)), False),
        (jump, False),
        (lambda x: Fraction(1), False),
    ],
)
def test_levels(f: Map, found: bool) -> None:
    assert (level(f, GRID) is not None) == found


def test_what_is_enclosed() -> None:
    """Both intervals hold a root of x^2 = v, and are apart."""
    found = level(square, GRID)
    assert found is not None
    (a, b), (c, d) = found.first, found.second
    assert a < b <= c < d
    assert b**2 < found.value < a**2 and c**2 < found.value < d**2


def test_continuity_is_seen_piece_by_piece() -> None:
    wide = lambda x: power(plus(Fraction(1), plus(times(x, x), x)), Fraction(-1))  # noqa: E731
    assert continuous(wide, Fraction(-3), Fraction(3))
    assert not continuous(lambda x: power(x, Fraction(-1)), Fraction(-1), Fraction(3))
    assert not continuous(lambda x: known("sign", x), Fraction(-1), Fraction(3))
    assert not continuous(lambda x: known("log", x), Fraction(-1), Fraction(3))
