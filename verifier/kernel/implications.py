"""What the brackets of one monomial say of each other.

an equation q = 0:    [l >= 0] is decided where l + q or l - q is;  [l % E == 0] is dropped, 0 or an equation where
                      l + q or l - q makes it one;
two inequalities:     a is dropped where a - b >= 0 always;  0 where a + b < 0 always;  [a >= 0][-a >= 0] = [a == 0];
a remainder:          [g >= 0][E - 1 - g >= 0][l % E == 0] = [g == 0] where E divides g - l or g + l.
"""

from __future__ import annotations

from collections.abc import Sequence

from ..terms.sizes import Bounds, Size
from .brackets import Row, at_least, decided, negated, plus, split

Change = tuple[tuple[int, ...], list[Row]]
NEVER: Row = ("==", {}, Size.number(1))


def implication(rows: Sequence[Row], bounds: Bounds) -> Change | None:
    """The numbers of brackets that go, and the brackets that come for them; None if nothing follows."""
    for n, row in enumerate(rows):
        for m, other in enumerate(rows):
            if n == m:
                continue
            found = _by_equation(row, other, bounds) if other[0] == "==" else None
            if found is not None:
                return (n,), found
            if row[0] == ">=" and other[0] == ">=":
                change = _inequalities(n, row, m, other, bounds)
                if change is not None:
                    return change
        if isinstance(row[0], tuple):
            change = _remainder(n, row, rows, bounds)
            if change is not None:
                return change
    return None


def _by_equation(row: Row, equation: Row, bounds: Bounds) -> list[Row] | None:
    op, linear, const = row
    if op == "==":
        return None
    for sign in (1, -1):
        moved, rest = plus(linear, equation[1], sign), const + equation[2] * sign
        if op == ">=":
            known = decided(op, moved, rest, bounds)
            if known is not None:
                return [] if known else [NEVER]
            continue
        parts = split(op, moved, rest, bounds)
        if parts is None:
            return [NEVER]
        if all(not isinstance(p[0], tuple) for p in parts):
            return parts
    return None


def _inequalities(n: int, a: Row, m: int, b: Row, bounds: Bounds) -> Change | None:
    if at_least(plus(a[1], b[1], -1), a[2] - b[2], bounds):
        return (n,), []
    total, rest = plus(a[1], b[1]), a[2] + b[2]
    if not total and not rest.terms:
        return (n, m), [("==", a[1], a[2])]
    if at_least(*_below(total, rest), bounds):
        return (n, m), [NEVER]
    return None


def _below(linear: dict, const: Size) -> tuple[dict, Size]:  # type: ignore[type-arg]
    """The form that is at least 0 where another is at most -1."""
    minus, rest = negated(linear, const)
    return minus, rest - 1


def _remainder(n: int, row: Row, rows: Sequence[Row], bounds: Bounds) -> Change | None:
    modulus: Size = row[0][1]
    inequalities = [(m, r[1], r[2]) for m, r in enumerate(rows) if r[0] == ">="]
    for m, low, const in inequalities:
        for flipped in (False, True):
            g, at = negated(low, const - modulus + 1) if flipped else (low, const)
            if not any(split(row[0], plus(g, row[1], s), at + row[2] * s, bounds) == [] for s in (1, -1)):
                continue
            rest, back = negated(g, at - modulus + 1)  # E - 1 - g
            partner, place = (g, at) if flipped else (rest, back)
            there = [p for p, other, c in inequalities if p != m and (other, c) == (partner, place)]
            if there or at_least(partner, place, bounds):
                return (n, m, *there), [("==", g, at)]
    return None


__all__ = ["implication"]
