"""Numbers of the evaluator: exact rationals, balls where a value is irrational, and dual numbers over both.

A ball is a real interval that contains the true value.  Overlapping balls decide nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from math import isqrt
from typing import Any

PRECISION = 160
DIGITS = 1 << 17  # bits of a numerator or denominator beyond which an exact value is not pursued
LONGEST = 10**400  # a numerator or denominator that is printed digit by digit; Python itself refuses more than 4300
Number = Any  # Fraction | flint.arb | Dual


class Undefined(Exception):
    """A term has no value at the point: a zero denominator, a logarithm of a negative number, a read out of range."""


class Undecided(Exception):
    """A ball is too wide to tell."""


def ball(x: Fraction | int) -> Any:
    """A ball around a rational number."""
    arb, fmpq = _flint()
    return arb(fmpq(x.numerator, x.denominator))


@cache
def _flint() -> tuple[Any, Any]:
    """Balls and rationals of python-flint, at our precision; loaded once a value is irrational."""
    from flint import arb, ctx, fmpq

    ctx.prec = PRECISION
    return arb, fmpq


def covering(low: Fraction, high: Fraction) -> Any:
    """A ball that holds the whole of an interval."""
    return ball(low).union(ball(high))


def is_ball(x: Number) -> bool:
    return not isinstance(x, Fraction | Dual)


def _pair(x: Number, y: Number) -> tuple[Number, Number]:
    exact, other = type(x) is Fraction, type(y) is Fraction
    if exact == other:
        return x, y
    return (ball(x), y) if exact else (x, ball(y))


def plus(x: Number, y: Number) -> Number:
    if type(x) is Fraction and type(y) is Fraction:
        return x + y
    if type(x) is Dual or type(y) is Dual:
        x, y = Dual.of(x), Dual.of(y)
        return Dual(plus(x.value, y.value), plus(x.slope, y.slope))
    a, b = _pair(x, y)
    return a + b


def times(x: Number, y: Number) -> Number:
    """A product; an exact zero annihilates."""
    if type(x) is Fraction and type(y) is Fraction:
        return bounded(x * y)
    if type(x) is Dual or type(y) is Dual:
        x, y = Dual.of(x), Dual.of(y)
        return Dual(times(x.value, y.value), plus(times(x.value, y.slope), times(x.slope, y.value)))
    if (type(x) is Fraction and not x) or (type(y) is Fraction and not y):
        return Fraction(0)
    a, b = _pair(x, y)
    return a * b


def bounded(x: Number) -> Number:
    """The number, unless it is an exact one with too many digits: then Undecided is raised."""
    if type(x) is Fraction and (x.numerator.bit_length() > DIGITS or x.denominator.bit_length() > DIGITS):
        raise Undecided("an exact value with too many digits")
    return x


def sign(x: Number) -> int:
    """-1, 0 or 1.  Raises Undecided for a ball that contains 0 and more."""
    if isinstance(x, Dual):
        return sign(x.value)
    if isinstance(x, Fraction):
        return (x > 0) - (x < 0)
    if x > 0:
        return 1
    if x < 0:
        return -1
    raise Undecided("a ball contains 0")


def greatest(values: list[Number], name: str) -> Number:
    """The greatest (``max``) or least (``min``) of some numbers.  Raises Undecided if a ball has more than one."""
    return first(list(enumerate(values)), name, values=True)


def first(rows: list[tuple[Any, Number]], name: str, values: bool = False) -> Any:
    """The first key whose number is the greatest (``max``) or least (``min``); with ``values`` the number itself.

    Equal dual numbers with different slopes have no greatest one that could be differentiated: Undefined is raised.
    """
    key, best = rows[0]
    for k, x in rows[1:]:
        gap = plus(x, times(Fraction(-1), best))
        s = sign(gap) if name == "max" else -sign(gap)
        if s == 0 and values and isinstance(gap, Dual) and gap.slope != 0:
            raise Undefined("no derivative at a tie")
        if s > 0:
            key, best = k, x
    return best if values else key


def power(x: Number, e: Fraction) -> Number:
    """``x ** e`` for a rational exponent.  Raises Undefined outside its domain."""
    if isinstance(x, Dual):
        if e == 0:
            return Dual(Fraction(1), Fraction(0))
        slope = times(times(e, power(x.value, e - 1)), x.slope)
        return Dual(power(x.value, e), slope)
    if e == 0:
        return Fraction(1)
    if e.denominator == 1:
        n = int(e)
        if n < 0 and sign(x) == 0:
            raise Undefined("division by 0")
        return _natural(x, n)
    s = sign(x)
    if s < 0:
        raise Undefined("a root of a negative number")
    if s == 0:
        if e < 0:
            raise Undefined("division by 0")
        return Fraction(0)
    if isinstance(x, Fraction):
        exact = _root(x, e.denominator)
        if exact is not None:
            return _natural(exact, e.numerator)
        x = ball(x)
    return x ** ball(e)


def _natural(x: Number, n: int) -> Number:
    """A power with an integer exponent; the exact value only where its digits can be written."""
    if isinstance(x, Fraction):
        digits = max(x.numerator.bit_length(), x.denominator.bit_length())
        if abs(x) not in (0, 1) and digits * abs(n) > 2 * DIGITS:
            raise Undecided("an exact value with too many digits")
        return bounded(x**n)
    return x**n


def _root(x: Fraction, n: int) -> Fraction | None:
    """The exact n-th root of a positive rational, or None."""
    top, bottom = _integer_root(x.numerator, n), _integer_root(x.denominator, n)
    return Fraction(top, bottom) if top is not None and bottom is not None else None


def _integer_root(a: int, n: int) -> int | None:
    if n >= a.bit_length():
        return a if a <= 1 else None
    if n == 2:
        r = isqrt(a)
        return r if r * r == a else None
    if n >= a.bit_length():  # then 2**n is more than a: only 1 is a power
        return 1 if a == 1 else None
    low, high = 0, 1 << (a.bit_length() // n + 1)
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if middle**n <= a else (low, middle - 1)
    return low if low**n == a else None


@dataclass(frozen=True)
class Dual:
    """``value + slope * d`` with d * d = 0: forward-mode derivatives."""

    value: Number
    slope: Number

    @staticmethod
    def of(x: Number) -> Dual:
        return x if isinstance(x, Dual) else Dual(x, Fraction(0))


def differ(x: Number, y: Number) -> bool:
    """Whether two numbers are certainly different."""
    if isinstance(x, Fraction) and isinstance(y, Fraction):
        return x != y
    a, b = _pair(x, y)
    return not a.overlaps(b)


def same(x: Number, y: Number) -> bool:
    """Whether two numbers are certainly equal: exact rationals only."""
    return isinstance(x, Fraction) and isinstance(y, Fraction) and x == y


def show_number(x: Number) -> str:
    """``5/9``, or the certain digits of a ball, or of a fraction that nobody would read.

    >>> show_number(Fraction(5, 9)), show_number(Fraction(10) ** 5000 / 3)
    ('5/9', '3.33333333333e+4999...')
    """
    if isinstance(x, Fraction) and max(abs(x.numerator), x.denominator) < LONGEST:
        return str(x)
    x = ball(x) if isinstance(x, Fraction) else x
    return f"{x.mid().str(12, radius=False)}..."


def constant(name: str) -> Number:
    """``pi`` or ``e`` as a ball."""
    from flint import arb, ctx

    ctx.prec = PRECISION
    return arb.pi() if name == "pi" else arb(1).exp()
