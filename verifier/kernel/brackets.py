"""Iverson brackets of affine index forms: [form == 0] and [form >= 0].

A bracket is decided where the ranges of its indices and the least values of sizes decide it; equal forms up to
sign are one bracket.
"""

from __future__ import annotations

from itertools import permutations

from ..terms.sizes import Bounds, Size
from .data import Head, Idx

Form = dict[Idx, int]


def form_of(h: Head, indices: tuple[Idx, ...]) -> tuple[str, Form, Size]:
    """The relation, linear part and constant of a bracket applied to indices."""
    op, coefficients, const = h.data
    linear: Form = {}
    for c, x in zip(coefficients, indices, strict=True):
        linear[x] = linear.get(x, 0) + c
    return op, {x: c for x, c in linear.items() if c}, const


def least(linear: Form, const: Size) -> Size:
    """A size that the form is never below: each index is taken at the end of its range."""
    low = const
    for x, c in linear.items():
        if c < 0:
            low = low + (x[2] - 1) * c
    return low


def negated(linear: Form, const: Size) -> tuple[Form, Size]:
    return {x: -c for x, c in linear.items()}, -const


def decided(op: str, linear: Form, const: Size, bounds: Bounds) -> bool | None:
    """Whether a bracket is always 1, always 0, or neither."""
    if op == "==" and not linear and not const.terms:
        return True
    minus, rest = negated(linear, const)
    if op == ">=":
        if bounds.nonnegative(least(linear, const)):
            return True
        return False if bounds.nonnegative(least(minus, rest) - 1) else None
    never = bounds.nonnegative(least(linear, const) - 1) or bounds.nonnegative(least(minus, rest) - 1)
    return False if never else None


Canonical = tuple[str, tuple[int, ...], Size, tuple[Idx, ...]]


def canonical(op: str, linear: Form, const: Size) -> Canonical:
    """Coefficients in a fixed order with their indices; of an equation and its negative, the smaller."""
    items = sorted(linear.items(), key=lambda t: (-t[1], t[0][2], t[0]))
    row = (tuple(c for _, c in items), const)
    if op == "==":
        minus, rest = negated(linear, const)
        other = sorted(minus.items(), key=lambda t: (-t[1], t[0][2], t[0]))
        if (tuple(c for _, c in other), rest) > row:
            items, row = other, (tuple(c for _, c in other), rest)
    return op, row[0], row[1], tuple(x for x, _ in items)


def symmetries(op: str, coefficients: tuple[int, ...], const: Size, dims: tuple[Size, ...]) -> list[tuple[int, ...]]:
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
