"""Conditions on data as polynomials: [p > 0] and [p = 0], each 1 where it holds and 0 elsewhere.

[p > 0] + [p = 0] + [-p > 0] = 1, so two heads for a subject up to a factor are enough.  A subject is reduced first:
  a condition inside it is decided both ways:  [g p + (1 - g) q > 0] = g [p > 0] + (1 - g) [q > 0];
  the sign of a product is the product of the signs, and positive factors are dropped;
  exp is monotone:  c exp(u) - d exp(v), for c, d > 0, has the sign of u - v + log(c/d);
  a subject whose sign is known is decided.
In a monomial (`rules`):  brackets are idempotent, [p > 0][p = 0] = 0, [p = 0] p = 0, and a bracket that follows from
the others is dropped, one that contradicts them is 0.
"""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from ..terms.sizes import Size
from .brackets import Form
from .canonical import sorted_indices
from .data import EMPTY, Factor, Idx, Mono, Poly, Rat, add, constant, head_keys, rat, scale, slots, whole
from .extremes import against
from .functions import logarithm
from .onehot import through
from .order import weight
from .positivity import ALLOWED, signs
from .powers import close, factored

if TYPE_CHECKING:
    from .algebra import Algebra

Place = tuple[str, tuple[Idx, ...]]
Split = tuple[Poly, Poly]
ONE, NONE = constant(1), constant(0)


def condition(k: Algebra, relation: str, p: Poly) -> Poly:
    """[p relation 0] for a relation ``==``, ``>=`` or ``>``."""
    above, zero = split(k, p)
    return above if relation == ">" else zero if relation == "==" else add(above, zero)


def split(k: Algebra, p: Poly) -> Split:
    """[p > 0] and [p = 0]."""
    k.spend(2)
    if not p:
        return NONE, ONE
    counted = _positions(k, p)
    if counted is not None:
        return counted
    apart = through(k, [p], lambda ps: split(k, ps[0])[0])
    if apart is not None:
        zero = through(k, [p], lambda ps: split(k, ps[0])[1])
        assert zero is not None
        for relation, value in ((">", apart), ("==", zero)):
            k.axiom("choice", relation, [(1, [], [_head(k, relation, p)])], value)
        return apart, zero
    once = against(k, p)
    if once is not None and once[2] is not None and once[1] == ONE:
        zero = once[2]
        found = (NONE if once[0] > 0 else add(ONE, scale(zero, -1)), zero)
        for relation, value in zip((">", "=="), found, strict=True):
            k.axiom("condition", relation, [(1, [], [_head(k, relation, p)])], value)
        return found
    inner = first_bracket(k, p)
    found = _by_cases(k, p, inner) if inner is not None else _plain(k, p)
    if len(p) > 1 or EMPTY not in p:
        for relation, value in zip((">", "=="), found, strict=True):
            raw = _head(k, relation, p)
            if value != {((raw,), ()): 1}:
                k.axiom("condition", raw[0], [(1, [], [raw])], value)
    return found


def absolute(k: Algebra, p: Poly) -> Poly:
    """|p| = p (2 [p > 0] + [p = 0] - 1)."""
    above, zero = split(k, p)
    return k.multiply(p, add(scale(above, 2), zero, scale(ONE, -1)))


def _positions(k: Algebra, p: Poly) -> Split | None:
    """The signs of a position as a number: a condition on indices; None for any other polynomial."""
    linear: Form = {}
    offset = Size.number(0)
    for (free, comps), c in p.items():
        if comps or not isinstance(c, int) or any(k.heads[h].kind != "T" or e < 0 or not whole(e) for h, _, e in free):
            return None
        kinds = {k.heads[h].data[0] for h, _, _ in free}
        if kinds == {"iota"} and len(free) == 1 and free[0][2] == 1:
            linear[free[0][1][0]] = c
        elif kinds <= {"size"}:
            offset = offset + Size.of({tuple(sorted(k.heads[h].data[1] for h, _, e in free for _ in range(int(e)))): c})
        else:
            return None
    if not linear:
        return None
    above, zero = (k.collect(k.bracket(op, linear, offset - d)) for op, d in ((">=", 1), ("==", 0)))
    for relation, value in ((">", above), ("==", zero)):
        k.axiom("condition", relation, [(1, [], [_head(k, relation, p)])], value)
    return above, zero


def first_bracket(k: Algebra, p: Poly) -> Place | None:
    """A bracket, on data or on indices, among the free factors of a polynomial."""
    places = sorted((h, ix) for free, _ in p for h, ix, _ in free if k.heads[h].kind in "DI")
    return places[0] if places else None


def regions(k: Algebra, place: Place) -> list[tuple[Poly, dict[Place, int]]]:
    """A partition of all points by one bracket: each part as a polynomial, and the values of brackets there."""
    key, ix = place
    h = k.heads[key]
    own: Poly = {(((key, ix, 1),), ()): 1}
    if h.kind == "I":
        return [(own, {place: 1}), (add(ONE, scale(own, -1)), {place: 0})]
    above, zero = (twin(k, place, r) for r in (">", "=="))
    a: Poly = {(((*above, 1),), ()): 1}
    z: Poly = {(((*zero, 1),), ()): 1}
    rest = add(ONE, scale(a, -1), scale(z, -1))
    return [(a, {above: 1, zero: 0}), (z, {above: 0, zero: 1}), (rest, {above: 0, zero: 0})]


def twin(k: Algebra, place: Place, relation: str) -> Place:
    """The bracket of the same subject with another relation."""
    h = k.heads[place[0]]
    if h.data[0] == relation:
        return place
    other = k.head("D", (relation, h.data[1]), h.dims, h.perms or (), h.rank)
    return other.key, sorted_indices(other, place[1])


def valued(k: Algebra, p: Poly, values: dict[Place, int]) -> Poly:
    """A polynomial with numbers for some of the brackets among its free factors."""
    rows = []
    for c, bound, factors in k.opens(p):
        own = set(bound)
        kept: list[Factor] = []
        for h, ix, e in factors:
            if (h, ix) in values and own.isdisjoint(ix):
                c = rat(c * values[(h, ix)])
            else:
                kept.append((h, ix, e))
        if c:
            rows.append((c, bound, kept))
    return k.collect(rows)


def _by_cases(k: Algebra, p: Poly, place: Place) -> Split:
    above, zero = NONE, NONE
    for part, values in regions(k, place):
        a, z = split(k, valued(k, p, values))
        above, zero = add(above, k.multiply(part, a)), add(zero, k.multiply(part, z))
    return above, zero


def _plain(k: Algebra, p: Poly) -> Split:
    """A subject without brackets: factor by factor."""
    common, rest = factored(k, p, any_sign=True)
    above, zero = _sum(k, rest)
    for (h, ix), e in sorted(common.items()):
        if k.heads[h].positive or (not whole(e) and e < 0):
            continue
        a, z = _factor(k, h, ix, e)
        below, under = (add(ONE, scale(x, -1), scale(y, -1)) for x, y in ((above, zero), (a, z)))
        above, zero = (
            add(k.multiply(above, a), k.multiply(below, under)),
            add(zero, z, scale(k.multiply(zero, z), -1)),
        )
    return above, zero


def _factor(k: Algebra, h: str, ix: tuple[Idx, ...], e: Rat) -> Split:
    """The signs of one atom to a power; where the power is negative the atom is not 0."""
    head = k.heads[h]
    if head.kind == "B":
        a, z = split(k, k.collect(k.body(head, ix)))
    else:
        a, z = _atoms(k, {(((h, ix, 1),), ()): 1})
    z = z if e > 0 else NONE
    if not whole(e) or int(e) % 2 == 0:
        return add(ONE, scale(z, -1)), z
    return a, z


def _sum(k: Algebra, p: Poly) -> Split:
    """A subject without common factors."""
    if set(p) == {EMPTY}:
        return (ONE if p[EMPTY] > 0 else NONE), NONE
    gap = _exponents(k, p)
    if gap is not None:
        return split(k, gap)
    return _atoms(k, p)


def _exponents(k: Algebra, p: Poly) -> Poly | None:
    """For c exp(u) - d exp(v): u - v + log(c/d), or the negative of it, as the first term is."""
    if len(p) != 2 or not all(not comps and all(k.heads[h].kind == "E" for h, _, _ in free) for free, comps in p):
        return None
    (m, c), (n, d) = p.items()
    if (c > 0) == (d > 0):
        return None
    gap = add(_exponent(k, m), scale(_exponent(k, n), -1))
    ratio = Fraction(c) / -Fraction(d)
    if ratio != 1:
        gap = add(gap, logarithm(k, constant(ratio)))
    return gap if c > 0 else scale(gap, -1)


def _exponent(k: Algebra, m: Mono) -> Poly:
    return add(NONE, *(scale(k.collect(k.body(k.heads[h], ix)), e) for h, ix, e in m[0]))


def _atoms(k: Algebra, p: Poly) -> Split:
    """A subject that is not reduced further, up to a factor."""
    lead = p[max(p, key=weight)]
    q = scale(p, Fraction(1) / Fraction(lead))
    known = signs(k, q)
    above: Poly = ONE if known <= ALLOWED[">"] else NONE
    zero: Poly = ONE if known <= ALLOWED["=="] else NONE
    if len(known) > 1:
        raw_zero: Poly = {((_head(k, "==", q),), ()): 1}
        zero = raw_zero if 0 in known else NONE
        if 1 in known:
            above = add(ONE, scale(zero, -1)) if -1 not in known else {((_head(k, ">", q),), ()): 1}
        greatest = against(k, q)
        if greatest is not None:
            above, zero = _greatest(k, greatest, above, zero)
    if lead > 0:
        return above, zero
    return add(ONE, scale(above, -1), scale(zero, -1)), zero


def _greatest(k: Algebra, found: tuple[Rat, Poly, Poly | None], above: Poly, zero: Poly) -> Split:
    """For a multiple of X(u) - max X: it is not positive where u counts, and 0 only at the index of the maximum."""
    ratio, counts, taken = found
    fails = add(ONE, scale(counts, -1))
    equal = add(k.multiply(counts, taken), k.multiply(fails, zero)) if taken is not None else zero
    over = k.multiply(fails, above)
    if ratio < 0:
        over = add(over, counts, scale(k.multiply(counts, equal), -1))
    return over, equal


def _head(k: Algebra, relation: str, p: Poly) -> Factor:
    """The bracket of a polynomial as it stands."""
    (body,), order, perms = close(k, [p])
    rank = max((k.heads[h].rank for h in head_keys(p)), default=0)
    h = k.head("D", (relation, body), tuple(x[2] for x in order), perms, rank)
    return h.key, sorted_indices(h, order), 1


def subject(k: Algebra, place: Place) -> Poly:
    """The polynomial that a bracket is about."""
    h = k.heads[place[0]]
    return k.rename(dict(h.data[1]), dict(zip(slots(h), place[1], strict=True)))


__all__ = ["absolute", "condition", "first_bracket", "regions", "split", "subject", "twin", "valued"]
