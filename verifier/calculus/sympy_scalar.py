"""Derivatives and candidate inverses of scalar terms, computed by sympy."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from itertools import product

import sympy as sp

from ..terms.syntax import Symbol, Term
from ..terms.traverse import reads
from .concrete import Entry
from .standard import Interval
from .sympy_bridge import NotConvertibleError, from_sympy, to_sympy
from .sympy_functions import Expr
from .sympy_inverse import inverse, tidy

# Generic values: no two add up, cancel or are equal.
_REAL = ("2/3", "-5/4", "3", "-1/7")
_POSITIVE = ("2/3", "5/4", "3", "1/7")
_UNIT = ("1/3", "4/5", "1/7", "5/9")


class Symbols:
    """sympy symbols for scalar symbols: real, and positive where that is known."""

    def __init__(self, positive: Collection[Symbol] = (), intervals: Mapping[Symbol, Interval] | None = None) -> None:
        self._intervals = intervals or {}
        self._positive = {*positive, *(s for s, (low, _) in self._intervals.items() if low >= 0)}
        self._made: dict[Symbol, Expr] = {}

    def get(self, s: Symbol) -> Expr:
        if s not in self._made:
            assumption = {"positive": True} if s in self._positive else {"real": True}
            self._made[s] = sp.Symbol(s.name, **assumption)
        return self._made[s]

    def lookup(self, s: Symbol, where: tuple[Entry, ...]) -> Expr:
        """The lookup of `sympy_bridge.to_sympy` for scalars."""
        if where:
            raise ValueError(f"{s.name} is not a scalar")
        return self.get(s)

    def back(self) -> dict[Expr, Symbol]:
        """The symbol of each sympy symbol."""
        return {v: s for s, v in self._made.items()}

    def samples(self, s: Symbol) -> list[Expr]:
        """Four rational values in the domain of a symbol."""
        if s in self._intervals:
            low, high = (sp.Rational(b.numerator, b.denominator) for b in self._intervals[s])
            return [low + (high - low) * sp.Rational(t) for t in _UNIT]
        return [sp.Rational(t) for t in (_POSITIVE if s in self._positive else _REAL)]


def diff_by_sympy(
    term: Term,
    symbol: Symbol,
    *,
    positive: Collection[Symbol] = (),
    intervals: Mapping[Symbol, Interval] | None = None,
) -> Term:
    """The derivative of a scalar term by a scalar symbol, as sympy computes it.

    Raises ValueError if the term is not scalar or the derivative has no term.

    >>> from ..terms.syntax import Read, power
    >>> x = Symbol("x")
    >>> from ..terms.mathematics import text
    >>> text(diff_by_sympy(power(Read(x), 2), x))
    '2*x'
    """
    symbols = Symbols(positive, intervals)
    return from_sympy(_slope(term, symbol, symbols), symbols.back())


def _slope(term: Term, symbol: Symbol, symbols: Symbols) -> Expr:
    # A known function may have a kink where sympy's derivative jumps: `kinks` are conditions of the caller.
    return tidy(sp.diff(to_sympy(term, symbols.lookup), symbols.get(symbol)))


def propose(
    error: Term, x: Symbol, y: Symbol, z: Symbol, positive: Collection[Symbol], intervals: Mapping[Symbol, Interval]
) -> tuple[Term, Term | None]:
    """The derivative of an error by x, and a candidate f(x, z) for the inverse of that derivative in y, or None."""
    symbols = Symbols(positive, intervals)
    slope = _slope(error, x, symbols)
    derivative = from_sympy(slope, symbols.back())
    others = [s for s in reads(error) if s not in (x, y)]
    points = []
    for (a, b), shift in product(product(symbols.samples(x), symbols.samples(y)), (0, 1)):
        if shift and not others:
            continue
        point = {symbols.get(x): a, symbols.get(y): b}
        for k, s in enumerate(others):
            point[symbols.get(s)] = symbols.samples(s)[(k + 2 * shift) % 4]
        points.append(point)
    found = inverse(slope, symbols.get(y), symbols.get(z), points)
    if found is None:
        return derivative, None
    try:
        return derivative, from_sympy(found, symbols.back())
    except NotConvertibleError:
        return derivative, None


__all__ = ["Symbols", "diff_by_sympy", "propose"]
