"""Signs of polynomials: from the heads in them, and from what is known to be positive, nonnegative, zero or nonzero.

The sign of a polynomial is the set of signs (-1, 0, 1) that it may have: a superset of the truth at every point in
question.  A fact ``f > 0`` bounds p where p - c f has a sign for some number c; the number is read off the leading
monomial of f.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import islice, product
from typing import TYPE_CHECKING

from ..terms.known import KNOWN
from .data import Factor, Idx, Mono, Poly, Rat, free_indices, scale, slots, subtract, whole
from .order import weight

if TYPE_CHECKING:
    from .algebra import Algebra

Signs = frozenset[int]
ANY: Signs = frozenset({-1, 0, 1})
POSITIVE: Signs = frozenset({1})
ALLOWED: dict[str, Signs] = {
    ">": POSITIVE,
    ">=": frozenset({0, 1}),
    "!=": frozenset({-1, 1}),
    "==": frozenset({0}),
    "<": frozenset({-1}),
}
DEPTH = 2
TERMS = 12
INSTANCES = 24


@dataclass(frozen=True)
class Fact:
    """``polynomial relation 0`` for all values of the indices ``own``."""

    relation: str
    polynomial: Poly
    own: frozenset[Idx] = frozenset()

    @property
    def signs(self) -> Signs:
        return ALLOWED[self.relation]


def signs(k: Algebra, p: Poly, facts: Sequence[Fact] = (), depth: int = DEPTH) -> Signs:
    """The possible signs of a polynomial, under the facts of the proof and further ones."""
    if not p:
        return frozenset({0})
    found = _sum(k, p)
    if len(found) == 1 or len(p) > TERMS:
        return found
    for f in (*k.facts, *facts):
        for lead, row in _instances(k, f, p):
            k.spend()
            ratio = Fraction(p[lead]) / row[lead]
            rest = subtract(p, scale(row, ratio))
            if rest and (not depth or len(rest) > len(p)):
                continue
            own = frozenset(s * (1 if ratio > 0 else -1) for s in f.signs)
            found &= _plus(own, signs(k, rest, facts, depth - 1))
            if len(found) <= 1:
                return found
    return found


def _instances(k: Algebra, f: Fact, p: Poly) -> Iterator[tuple[Mono, Poly]]:
    """What a fact says at the indices of a polynomial, with a monomial that the two share."""
    lead = max((m for m in f.polynomial if m != ((), ())), key=weight, default=None)
    if lead is None:
        return
    if not f.own:
        if lead in p:
            yield lead, f.polynomial
        return
    if not lead[0] or not f.own <= set(lead[0][0][1]):
        yield from _anywhere(k, f, p)
        return
    h, ix, _ = lead[0][0]
    places = dict.fromkeys(jx for free, _ in p for g, jx, _ in free if g == h)
    for jx in places:
        table = {x: y for x, y in zip(ix, jx, strict=True) if x in f.own}
        if all(table.get(x, x) == y for x, y in zip(ix, jx, strict=True)):
            row = k.rename(f.polynomial, table)
            shared = [m for m in row if m in p and m != ((), ())]
            if shared:
                yield max(shared, key=weight), row


def _anywhere(k: Algebra, f: Fact, p: Poly) -> Iterator[tuple[Mono, Poly]]:
    """Instances of a fact whose indices stand below sums: every index of the polynomial is tried for each of them."""
    own, here = sorted(f.own), sorted(free_indices(p))
    choices = product(*([y for y in here if y[2] == x[2]] for x in own))
    for places in islice(choices, INSTANCES):
        row = k.rename(f.polynomial, dict(zip(own, places, strict=True)))
        shared = [m for m in row if m in p and m != ((), ())]
        if shared:
            yield max(shared, key=weight), row


def _sum(k: Algebra, p: Poly) -> Signs:
    total: Signs = frozenset({0})
    for m, c in p.items():
        s = monomial(k, m)
        total = _plus(total, s if c > 0 else frozenset(-x for x in s))
        if total == ANY:
            break
    return total


def monomial(k: Algebra, m: Mono) -> Signs:
    """The possible signs of a product of factors and sums."""
    free, comps = m
    result = _product(k, free)
    for dims, factors in comps:
        s = _product(k, factors)
        if not all(k.bounds.nonnegative(d - 1) for d in dims):
            s |= {0}
        if {-1, 1} <= s:
            s = ANY  # a sum of numbers of both signs may be 0
        result = _times(result, s)
    return result


def _product(k: Algebra, factors: Sequence[Factor]) -> Signs:
    result = POSITIVE
    for h, ix, e in factors:
        result = _times(result, factor(k, h, ix, e))
    return result


def factor(k: Algebra, key: str, ix: tuple[Idx, ...], e: Rat) -> Signs:
    """The possible signs of an atom to a power."""
    h = k.heads[key]
    if h.positive or h.kind == "E":
        return POSITIVE
    if h.kind in "DI":
        return ALLOWED[">="]
    base = ANY
    if h.kind == "B":
        body = dict(h.data)
        base = signs(k, k.rename(body, dict(zip(slots(h), ix, strict=True)))) if k.facts else _sum(k, body)
    elif h.kind == "V" and not h.data[2] and h.data[0] in KNOWN:
        base = ALLOWED.get(KNOWN[h.data[0]].sign, ANY)
    elif h.kind == "T":
        base = k.signs.get(key, ANY)
    if e < 0:
        base -= {0}
    if not whole(e):
        return base & ALLOWED[">="]
    return base if int(e) % 2 else frozenset(s * s for s in base)


def indicators(k: Algebra, p: Poly) -> bool:
    """Whether a polynomial is a sum of products of brackets, each taken positively: it is 0 only if all of them are."""
    brackets = all(k.heads[h].kind in "DI" for free, _ in p for h, _, _ in free)
    return brackets and all(c > 0 and not comps for (_, comps), c in p.items())


def _times(a: Signs, b: Signs) -> Signs:
    return frozenset(x * y for x, y in product(a, b))


def _plus(a: Signs, b: Signs) -> Signs:
    found: set[int] = set()
    for x, y in product(a, b):
        found |= {x + y} if x == 0 or y == 0 else {x} if x == y else ANY
    return frozenset(found)


__all__ = ["ALLOWED", "ANY", "Fact", "Signs", "factor", "monomial", "signs"]
