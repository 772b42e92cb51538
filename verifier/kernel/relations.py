"""Relations that known functions obey, as oriented rewrite steps; each is a row of `terms.known` or stated here.

Values at rational anchors;  f(-x) = -f(x) for odd and f(-x) = f(x) for even f, to the argument whose first coefficient
is positive;  f(g(x)) where the table has it, such as erf(erfinv(x)) = x on the domain of erfinv;
sin^2 + cos^2 = 1, by which no monomial keeps sin^a cos^b with a >= 2, with a < 0 and b >= 2, or with a, b < 0: each
step takes 2 from an exponent, or adds 2 to a negative one.
"""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from ..terms import syntax as t
from ..terms.known import ARGUMENTS, KNOWN
from .data import EMPTY, Head, Idx, Open, Poly, Rat, Stuck, add, constant, rat, scale, slot
from .matching import Products
from .powers import close, power

if TYPE_CHECKING:
    from .algebra import Algebra

AT_ZERO = {"abs": 0, "sign": 0, "step": 0, "floor": 0, "cos": 1, "i0": 1}
"""Values at 0 of functions that are not odd and not strictly increasing."""


def value(name: str, p: Poly) -> Poly | None:
    """The value of a known function of one argument where it is known exactly."""
    if name not in KNOWN or set(p) - {EMPTY}:
        return None
    if not p and (name in AT_ZERO or KNOWN[name].parity == "odd"):
        return constant(AT_ZERO.get(name, 0))
    found = dict(KNOWN[name].anchors).get(Fraction(p.get(EMPTY, 0)))
    return None if found is None else constant(found)


def mirrored(k: Algebra, name: str, p: Poly) -> bool:
    """Whether a function that is odd or even is rather taken at -p: by the closed polynomials, not by names."""
    if name not in KNOWN or not KNOWN[name].parity:
        return False
    here, there = close(k, [p]), close(k, [scale(p, -1)])
    return (there[0], there[1]) > (here[0], here[1])


def composed(k: Algebra, name: str, p: Poly) -> Poly | None:
    """f(g(x)) by the table, if p is g(x)."""
    rows = dict(KNOWN[name].at) if name in KNOWN else {}
    if not rows or len(p) != 1:
        return None
    (((free, comps), c),) = p.items()
    if comps or c != 1 or len(free) != 1 or free[0][2] != 1:
        return None
    h, ix = k.heads[free[0][0]], free[0][1]
    if h.kind != "V" or h.data[2] or h.data[0] not in rows:
        return None
    inner = k.rename(dict(h.data[3][0]), {slot(n, x[2]): x for n, x in enumerate(ix)})
    return template(k, rows[h.data[0]], inner)


def template(k: Algebra, e: t.Term, p: Poly) -> Poly:
    """A term of the table at a polynomial."""
    if isinstance(e, t.Num):
        return constant(e.value)
    if isinstance(e, t.Read) and e.symbol == ARGUMENTS[0]:
        return p
    if isinstance(e, t.Add):
        return add({}, *(template(k, part, p) for part in e.parts))
    if isinstance(e, t.Mul):
        total = constant(1)
        for part in e.parts:
            total = k.multiply(total, template(k, part, p))
        return total
    if isinstance(e, t.Power):
        return power(k, template(k, e.base, p), e.exponent)
    raise Stuck("a relation beyond arithmetic")


def circle(k: Algebra, c: Rat, bound: list[Idx], merged: Products) -> list[Open] | None:
    """sin^2 + cos^2 = 1, in the three directions of the head of this module."""
    for (key, ix), e in merged.items():
        h = k.heads[key]
        if h.kind != "V" or h.data[0] not in ("sin", "cos"):
            continue
        other = partner(k, h).key
        f = merged.get((other, ix), 0)
        rest = [(g, jx, d) for (g, jx), d in merged.items() if (g, jx) != (key, ix)]
        square: list[Open] = [(1, [], [(key, ix, 2)])]
        if e >= 2 and (h.data[0] == "sin" or f < 0):
            low = [(key, ix, rat(e - 2))] if e != 2 else []
            right: list[Open] = [(1, [], []), (-1, [], [(other, ix, 2)])]
            k.log(c, bound, rest + low, k.instance("relation", key, square, right))
            return [(c, bound, rest + low), (-c, bound, [*rest, *low, (other, ix, 2)])]
        if h.data[0] == "sin" and e < 0 and f < 0:
            mine = [*rest, (key, ix, e)]
            one: list[Open] = [(1, [], [])]
            k.log(c, bound, mine, k.instance("relation", key, one, [*square, (1, [], [(other, ix, 2)])]))
            return [(c, bound, [*mine, (key, ix, 2)]), (c, bound, [*mine, (other, ix, 2)])]
    return None


def partner(k: Algebra, h: Head) -> Head:
    """cos of the argument of a sine, and the other way round."""
    data = ("cos" if h.data[0] == "sin" else "sin", *h.data[1:])
    return k.head("V", data, h.dims, h.perms or (), h.rank, False, h.fixed)


__all__ = ["circle", "composed", "mirrored", "value"]
