"""Orders of indices: [x > y] + [x = y] + [y > x] = 1.

Which of [x > y] and [y > x] a normal form should keep cannot be said of indices that a sum binds: their names are not
theirs.  So each is replaced by what is even under the exchange of x and y, and what is odd:
[x > y] = (1 - [x = y] + [x > y] - [y > x]) / 2.  Two polynomials that are equal by the identity come out the same.
"""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from ..terms.sizes import Size
from .data import Factor, Idx, Open, Poly, Rat, rat

if TYPE_CHECKING:
    from .algebra import Algebra

MOST = 3  # orders in a monomial, each of which becomes three or four


def balanced(k: Algebra, p: Poly) -> Poly | None:
    """A polynomial with its orders of two indices written evenly; None if there are none, or too many."""
    rows: list[Open] = []
    changed = False
    for c, bound, factors in k.opens(p):
        orders = [f for f in factors if _order(k, f) is not None]
        if len(orders) > MOST:
            return None
        changed = changed or bool(orders)
        terms: list[Open] = [(c, bound, [f for f in factors if f not in orders])]
        for f in orders:
            terms = [(rat(d * e), b, [*fs, *gs]) for d, b, fs in terms for e, gs in _even(k, f)]
        rows += terms
    return k.collect(rows) if changed else None


def _order(k: Algebra, f: Factor) -> tuple[Idx, Idx, bool] | None:
    """x, y and whether equality is included, of a factor [x >= y] or [x > y]."""
    h, ix, _ = k.heads[f[0]], f[1], f[2]
    if h.kind != "I" or h.data[0] != ">=" or len(ix) != 2 or set(h.data[1]) != {1, -1}:
        return None
    const = h.data[2].constant()
    if const not in (0, -1):
        return None
    x, y = (ix[0], ix[1]) if h.data[1][0] == 1 else (ix[1], ix[0])
    return x, y, const == 0


def _even(k: Algebra, f: Factor) -> list[tuple[Rat, list[Factor]]]:
    """An order as a sum of products of brackets."""
    found = _order(k, f)
    assert found is not None  # asked before
    x, y, equal = found
    half = Fraction(1, 2)
    parts = [
        (1 if equal else -1, k.bracket("==", {x: 1, y: -1}, Size.number(0))),
        (1, k.bracket(">=", {x: 1, y: -1}, Size.number(-1))),
        (-1, k.bracket(">=", {y: 1, x: -1}, Size.number(-1))),
    ]
    rows: list[tuple[Rat, list[Factor]]] = [(half, [])]
    for c, opens in parts:
        rows += [(rat(half * c * d), factors) for d, _, factors in opens]
    return rows


__all__ = ["balanced"]
