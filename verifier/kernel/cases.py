"""Case splits: what is left of a difference is tried on each side of the conditions on data in it.

On a part of the points where p > 0, p = 0 or p < 0 the brackets of p are numbers, inside functions and denominators
too; p = 0 is used as an equation, and the sign of p decides other brackets.  A part is left out only if the sign of p
there contradicts what is known.  A sum over an index is 0 if its body is 0 at every index, so sums over one range are
tried entry by entry.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from .conditions import subject, twin
from .data import EMPTY, Factor, Idx, Open, Poly, add, bodies, rat, scale, slot
from .functions import rebuild
from .log import frozen
from .order import weight
from .positivity import Fact, signs
from .powers import power
from .rules import Rewrite

if TYPE_CHECKING:
    from collections.abc import Callable

    from .algebra import Algebra

Place = tuple[str, tuple[Idx, ...]]
RELATIONS = ((">", 1), ("==", 0), ("<", -1))
DEPTH = 8


def vanishes(k: Algebra, gap: Poly, cleared: Callable[[Poly], Poly], depth: int = DEPTH) -> bool:
    """Whether a polynomial is 0 in every case."""
    if not gap:
        return True
    if depth == 0:
        return False
    place = _free(k, gap)
    if place is None:
        return _entrywise(k, gap, cleared, depth)
    p = subject(k, place)
    known = signs(k, p)
    above, zero = twin(k, place, ">"), twin(k, place, "==")
    for relation, sign in RELATIONS:
        if sign not in known or (sign == 0 and _divides(p, gap)):
            continue
        with assumed(k, Fact(relation, p) if sign >= 0 else Fact(">", scale(p, -1))):
            part = _changed(k, gap, {above: int(sign > 0), zero: int(sign == 0)})
            if not vanishes(k, cleared(part), cleared, depth - 1):
                return False
    return True


def _divides(p: Poly, gap: Poly) -> bool:
    """Whether an atom has a negative power in a polynomial: then it is not 0 at any point in question."""
    ((free, comps), *_) = p
    if len(p) > 1 or comps or len(free) != 1:
        return False
    return any((h, ix) == free[0][:2] and e < 0 for factors, _ in gap for h, ix, e in factors)


@contextmanager
def assumed(k: Algebra, fact: Fact) -> Iterator[None]:
    """Within, a fact is relied on: it holds of the part of the points in question."""
    facts, pointwise, region = list(k.facts), list(k.pointwise), k.region
    k.facts.append(fact)
    k.region = (*region, (fact.relation, frozen(k.opens(fact.polynomial))))
    if fact.relation == "==":
        p = fact.polynomial
        lead = max(p, key=weight)
        if lead != EMPTY:
            _, bound, factors = k.open(lead)
            rest = {m: rat(-c) for m, c in p.items() if m != lead}
            k.pointwise.append(Rewrite("case", p[lead], bound, factors, set(), k.opens(p), [], rest))
    try:
        yield
    finally:
        k.facts, k.pointwise, k.region = facts, pointwise, region


def _free(k: Algebra, gap: Poly) -> Place | None:
    """A condition that holds no bound index and no other condition, also inside functions and denominators."""
    found: dict[Place, None] = {}
    for free, comps in gap:
        for factors in (free, *(fs for _, fs in comps)):
            for h, ix, _ in factors:
                for place in _inside(k, h, ix):
                    if all(x[0] == 1 and not str(x[1]).startswith(("$", "@")) for x in place[1]):
                        found[place] = None
    rows = [p for p in found if k.heads[p[0]].kind == "D"]
    return min(rows, key=lambda p: (len(k.heads[p[0]].data[1]), p), default=None)


def _inside(k: Algebra, key: str, ix: tuple[Idx, ...]) -> Iterator[Place]:
    """The conditions on data in an atom, at the indices that the atom gives them."""
    h = k.heads[key]
    if h.kind == "D":
        yield key, ix
        return
    lead = h.fixed if h.kind == "V" else 0  # the slots of a call's bodies stand after its outputs
    table = {slot(n, d): x for n, (d, x) in enumerate(zip(h.dims[lead:], ix[lead:], strict=True))}
    for body in bodies(h) if h.kind != "L" else ():
        for (free, comps), _ in body:
            for factors in (free, *(fs for _, fs in comps)):
                for g, jx, _ in factors:
                    yield from _inside(k, g, tuple(table.get(x, x) for x in jx))


def _changed(k: Algebra, gap: Poly, values: dict[Place, int]) -> Poly:
    """A polynomial with numbers for some brackets, and built again from the inside."""
    with k.lemma(k.opens(gap)) as (rows, total):
        for c, bound, factors in rows:
            terms: list[Open] = [(c, bound, [])]
            rest = list(factors)
            while rest:
                f = rest.pop(0)
                value = _value(k, f, values)
                if value is None:
                    terms = [(d, b, [*fs, f]) for d, b, fs in terms]
                    continue
                for d, more, fs in terms:
                    k.log(d, more, [*fs, *rest], k.instance("case", f[0], [(1, [], [f])], k.opens(value)))
                terms = [(rat(d * e), b + more, fs + gs) for d, b, fs in terms for e, more, gs in k.opens(value)]
            for d, more, fs in terms:
                k.normalise(total, d, more, fs)
    return total


def _value(k: Algebra, f: Factor, values: dict[Place, int]) -> Poly | None:
    """What a factor is on a part of the points; None if it is what it was."""
    key, ix, e = f
    if (key, ix) in values:
        return {EMPTY: 1} if values[(key, ix)] else {}
    h = k.heads[key]
    if h.kind in "TIL":
        return None
    value = rebuild(k, h, ix, lambda p: _changed(k, p, values))
    if h.kind != "D":
        value = power(k, value, e)
    return None if value == {((f,), ()): 1} else value


def _entrywise(k: Algebra, gap: Poly, cleared: Callable[[Poly], Poly], depth: int) -> bool:
    """Sums over the same ranges, entry by entry; what has no sum must be 0 by itself."""
    groups: dict[tuple[object, ...], Poly] = {}
    for m, c in gap.items():
        holding = [n for n, (_, fs) in enumerate(m[1]) if any(list(_inside(k, h, ix)) for h, ix, _ in fs)]
        chosen = next(iter(holding or range(len(m[1]))), None)
        if chosen is None:
            return False
        dims, factors = m[1][chosen]
        named: dict[Idx, Idx] = {(0, n, d): (1, f"~{depth}.{n}", d) for n, d in enumerate(dims)}
        opened: list[Factor] = [*m[0], *((h, tuple(named.get(x, x) for x in ix), e) for h, ix, e in factors)]
        _, bound, rest = k.open(((), m[1][:chosen] + m[1][chosen + 1 :]))
        body = k.collect([(c, bound, [*opened, *rest])])
        groups[dims] = add(groups.get(dims, {}), body)
    return all(vanishes(k, cleared(p), cleared, depth - 1) for p in groups.values())


__all__ = ["assumed", "vanishes"]
