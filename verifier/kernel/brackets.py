"""Iverson brackets of index forms: [form == 0], [form >= 0], and [form % E == 0] (its relation is ("%", E)).

A form is linear in indices, its coefficients are numbers or sizes.  A bracket is brought to a normal form that is a
product of brackets, by identities of integers:
  the ranges of its indices and the least values of sizes decide it;
  a common factor c > 0 is divided out: [c l + r == 0] is 0 unless c divides r; [c l + r >= 0] = [l + r // c >= 0];
  digits: where -E < low < E, [E high + low == 0] = [high == 0][low == 0]; where 0 <= low < E,
  [E high + low >= 0] = [high >= 0], and [E high + low % E == 0] = [low == 0];
  forms that are equal up to sign are one in an equation.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import permutations
from math import gcd
from typing import Any, TypeAlias

from ..terms.index import Coefficient, coefficient
from ..terms.sizes import Bounds, Size
from .data import Head, Idx

Form: TypeAlias = dict[Idx, Coefficient]
Relation: TypeAlias = Any  # "==", ">=", or ("%", modulus)
Row: TypeAlias = tuple[Relation, Form, Size]
NONE = Size.number(0)


def form_of(h: Head, indices: tuple[Idx, ...]) -> Row:
    """The relation, linear part and constant of a bracket applied to indices."""
    op, coefficients, const = h.data
    linear: Form = {}
    for c, x in zip(coefficients, indices, strict=True):
        linear[x] = linear.get(x, 0) + c
    return op, tidy(linear), const


def tidy(linear: Form) -> Form:
    """Without zero coefficients; numbers where coefficients are numbers."""
    return {x: k for x, c in linear.items() if (k := coefficient(c)) != 0}


def plus(a: Form, b: Form, factor: Coefficient = 1) -> Form:
    """``a + factor * b``."""
    total = dict(a)
    for x, c in b.items():
        total[x] = total.get(x, 0) + factor * c
    return tidy(total)


def least(linear: Form, const: Size, bounds: Bounds) -> Size | None:
    """A size that the form is never below: each index is taken at the end of its range."""
    low = const
    for x, c in linear.items():
        if isinstance(c, int):
            if c < 0:
                low = low + (x[2] - 1) * c
        elif not bounds.nonnegative(c):
            if not bounds.nonnegative(-c):
                return None
            low = low + (x[2] - 1) * c
    return low


def at_least(linear: Form, const: Size, bounds: Bounds) -> bool:
    """Whether a form is at least 0 for all indices in range."""
    low = least(linear, const, bounds)
    return low is not None and bounds.nonnegative(low)


def negated(linear: Form, const: Size) -> tuple[Form, Size]:
    return {x: -c for x, c in linear.items()}, -const


def decided(op: Relation, linear: Form, const: Size, bounds: Bounds) -> bool | None:
    """Whether a bracket is always 1, always 0, or neither."""
    if op != ">=" and not linear and not const.terms:
        return True
    minus, rest = negated(linear, const)
    if op == ">=":
        if at_least(linear, const, bounds):
            return True
        return False if at_least(minus, rest - 1, bounds) else None
    if op == "==":
        never = at_least(linear, const - 1, bounds) or at_least(minus, rest - 1, bounds)
        return False if never else None
    inside = at_least(linear, const - 1, bounds) and at_least(minus, rest + op[1] - 1, bounds)
    return False if inside else None  # between two multiples


def split(op: Relation, linear: Form, const: Size, bounds: Bounds) -> list[Row] | None:
    """The brackets whose product a bracket is, in normal form; None for 0."""
    done: list[Row] = []
    todo: list[Row] = [(op, linear, const)]
    while todo:
        op, linear, const = todo.pop()
        known = decided(op, linear, const, bounds)
        if known is True:
            continue
        if known is False:
            return None
        reduced = _content(op, linear, const, bounds)
        if reduced is None:
            return None
        if reduced != (op, linear, const):
            todo.append(reduced)
            continue
        parts = _digits(op, linear, const, bounds)
        if parts is None:
            done.append((op, linear, const))
        else:
            todo += parts
    return done


def _content(op: Relation, linear: Form, const: Size, bounds: Bounds) -> Row | None:
    """A bracket without a common factor of its coefficients; None for 0."""
    if isinstance(op, tuple):
        modulus: Size = op[1]
        return op, tidy({x: _rest(c, modulus) for x, c in linear.items()}), const.divided(modulus)[1]
    if not linear or any(c in (1, -1) for c in linear.values()):
        return op, linear, const
    factor = _common([c if isinstance(c, Size) else Size.number(c) for c in linear.values()], bounds)
    if factor == Size.number(1):
        return op, linear, const
    quotient, rest = const.divided(factor)
    if op == "==" and rest.terms:
        if factor.constant() is not None and rest.constant() is not None:
            return None
        if any(_digit(r, factor, bounds) and bounds.nonnegative(r - 1) for r in (rest, -rest)):
            return None
        return op, linear, const
    if rest.terms and not _digit(rest, factor, bounds):
        if not _digit(rest + factor, factor, bounds):
            return op, linear, const
        quotient = quotient - 1
    return op, {x: _over(c, factor) for x, c in linear.items()}, quotient


def _digit(rest: Size, factor: Size, bounds: Bounds) -> bool:
    """Whether 0 <= rest < factor."""
    return bounds.nonnegative(rest) and bounds.nonnegative(factor - 1 - rest)


def _rest(c: Coefficient, modulus: Size) -> Coefficient:
    return coefficient((c if isinstance(c, Size) else Size.number(c)).divided(modulus)[1])


def _over(c: Coefficient, factor: Size) -> Coefficient:
    return coefficient((c if isinstance(c, Size) else Size.number(c)).divided(factor)[0])


def _common(sizes: list[Size], bounds: Bounds) -> Size:
    """A common factor of sizes that is at least 1: a number times size symbols that are at least 1."""
    rows = [row for size in sizes for row in size.terms]
    shared = Counter(s for s in rows[0][0] if (bounds.get(s) or 0) >= 1)
    for monomial, _ in rows:
        shared &= Counter(monomial)
    return Size.of({tuple(sorted(shared.elements())): gcd(*(c for _, c in rows))})


def _digits(op: Relation, linear: Form, const: Size, bounds: Bounds) -> list[Row] | None:
    """The brackets of the digits of a form, or None."""
    if isinstance(op, tuple):
        modulus: Size = op[1]
        for shift in (NONE, modulus):  # low or low - modulus lies between -modulus and modulus
            rest = const - shift
            minus, back = negated(linear, rest)
            if at_least(linear, rest + modulus - 1, bounds) and at_least(minus, back + modulus - 1, bounds):
                return [("==", linear, rest)]
        return None
    for digit in _candidates(linear, bounds):
        high: Form = {}
        low: Form = {}
        for x, c in linear.items():
            q, r = (c if isinstance(c, Size) else Size.number(c)).divided(digit)
            high[x], low[x] = q, r
        high, low = tidy(high), tidy(low)
        if not high:
            continue
        q, r = const.divided(digit)
        for k in (0, 1, -1):
            above, below = q + k, r - digit * k
            minus, back = negated(low, below)
            if not at_least(minus, back + digit - 1, bounds):
                continue
            if op == "==" and at_least(low, below + digit - 1, bounds):
                return [("==", high, above), ("==", low, below)]
            if op == ">=" and at_least(low, below, bounds):
                return [(">=", high, above)]
    return None


def _candidates(linear: Form, bounds: Bounds) -> Iterator[Size]:
    """What a form may have digits by: coefficients that are above 1, the greatest first."""
    found: dict[Size, None] = {}
    for c in linear.values():
        if c in (1, -1):
            continue
        size = c if isinstance(c, Size) else Size.number(c)
        if not bounds.nonnegative(size):
            size = -size
        if bounds.nonnegative(size - 1):
            found[size] = None
    yield from sorted(found, key=lambda s: (max(len(m) for m, _ in s.terms), s.terms), reverse=True)


Canonical: TypeAlias = tuple[Relation, tuple[Coefficient, ...], Size, tuple[Idx, ...]]


def _rank(c: Coefficient) -> tuple[int, Any]:
    """An order of coefficients: sizes, then numbers, the greatest first."""
    return (0, c.terms) if isinstance(c, Size) else (1, -c)


def canonical(op: Relation, linear: Form, const: Size) -> Canonical:
    """Coefficients in a fixed order with their indices; of an equation and its negative, the smaller."""
    items = _ordered(linear)
    chosen = const
    if op != ">=":
        minus, rest = negated(linear, const)
        if isinstance(op, tuple):
            minus = tidy({x: _rest(c, op[1]) for x, c in minus.items()})
            rest = rest.divided(op[1])[1]
        other = _ordered(minus)
        if _key(other, rest) > _key(items, const):
            items, chosen = other, rest
    return op, tuple(c for _, c in items), chosen, tuple(x for x, _ in items)


def _ordered(linear: Form) -> list[tuple[Idx, Coefficient]]:
    return sorted(linear.items(), key=lambda t: (_rank(t[1]), t[0][2], t[0]))


def _key(items: list[tuple[Idx, Coefficient]], const: Size) -> tuple[Any, Size]:
    return tuple((k, v if k == 0 else -v) for k, v in (_rank(c) for _, c in items)), const


def symmetries(
    op: Relation, coefficients: tuple[Coefficient, ...], const: Size, dims: tuple[Size, ...]
) -> list[tuple[int, ...]]:
    """Permutations of a bracket's indices that leave it unchanged."""
    n = len(coefficients)
    if n > 5:
        return [tuple(range(n))]
    found = []
    for order in permutations(range(n)):
        moved = tuple(coefficients[k] for k in order)
        flipped = op == "==" and not const.terms and tuple(-c for c in moved) == coefficients
        if tuple(dims[k] for k in order) == dims and (moved == coefficients or flipped):
            found.append(order)
    return found


__all__ = [
    "Form",
    "Relation",
    "Row",
    "at_least",
    "canonical",
    "decided",
    "form_of",
    "least",
    "negated",
    "plus",
    "split",
    "symmetries",
    "tidy",
]
