"""Two points of one slope that no formula gives: they are shown to exist by the intermediate value theorem.

Where y -> e_x(x, y) is continuous on [p, q] and comes from one side of a number v at p, to the other side at some m
between, and back at q, it takes the value v in (p, m) and again in (m, q).  Values are enclosed in balls; continuity
is read off the evaluation over balls that cover [p, q]: every operation is continuous wherever it has a ball as value,
for those that jump have none over a ball that holds the place.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations

from ..evaluate.numbers import Number, Undecided, Undefined, covering, is_ball, plus, sign

Map = Callable[[Number], Number]
DEPTH = 7
STEPS = 9


@dataclass(frozen=True)
class Level:
    """Two disjoint open intervals, in each of which a map takes the same value."""

    first: tuple[Fraction, Fraction]
    second: tuple[Fraction, Fraction]
    value: Fraction


def level(f: Map, points: Sequence[Fraction]) -> Level | None:
    """Two intervals between given points where a continuous map takes one value; None if none is found."""
    ordered = sorted(set(points))
    for p, m, q in combinations(ordered, 3):
        value = _level(f, p, m, q)
        if value is not None and continuous(f, p, q):
            return Level(_narrowed(f, p, m, value), _narrowed(f, m, q, value), value)
    return None


def _level(f: Map, p: Fraction, m: Fraction, q: Fraction) -> Fraction | None:
    """A number that separates the value at m from those at p and q."""
    values = [_rational(f, x) for x in (p, m, q)]
    if any(v is None for v in values):
        return None
    first, middle, last = (v for v in values if v is not None)
    near = min(first, last) if middle < min(first, last) else max(first, last)
    v = _simple(*sorted((middle, near))) if middle != near else middle
    sides = [_side(f, x, v) for x in (p, m, q)]
    return v if sides in ([1, -1, 1], [-1, 1, -1]) else None


def _rational(f: Map, x: Fraction) -> Fraction | None:
    """A rational near the value; it only proposes."""
    try:
        value = f(x)
    except (Undefined, Undecided):
        return None
    if not is_ball(value):
        return value if isinstance(value, Fraction) else None
    return Fraction(round(float(value.mid()) * 4096), 4096) if value.is_finite() else None


def _simple(low: Fraction, high: Fraction) -> Fraction:
    """A rational of small denominator in the middle half between two numbers."""
    quarter = (high - low) / 4
    for n in range(1, 4096):
        v = Fraction(round((low + high) / 2 * n), n)
        if low + quarter <= v <= high - quarter:
            return v
    return (low + high) / 2


def _side(f: Map, x: Fraction, v: Fraction) -> int:
    """On which side of v the value at x certainly is; 0 if that is not known."""
    try:
        return sign(plus(f(x), -v))
    except (Undefined, Undecided):
        return 0


def continuous(f: Map, low: Fraction, high: Fraction, depth: int = DEPTH) -> bool:
    """Whether a map is seen to be defined and continuous on [low, high], by balls over pieces of it."""
    try:
        value = f(covering(low, high))
    except (Undefined, Undecided):
        value = None
    if value is not None and (not is_ball(value) or value.is_finite()):
        return True
    middle = (low + high) / 2
    return depth > 0 and continuous(f, low, middle, depth - 1) and continuous(f, middle, high, depth - 1)


def _narrowed(f: Map, low: Fraction, high: Fraction, v: Fraction) -> tuple[Fraction, Fraction]:
    """A smaller interval at whose ends the map is still on opposite sides of v."""
    side = _side(f, low, v)
    for _ in range(STEPS):
        middle = (low + high) / 2
        now = _side(f, middle, v)
        if now == 0:
            break
        low, high = (middle, high) if now == side else (low, middle)
    return low, high
