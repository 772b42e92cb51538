"""One step with conditions on data in a monomial.

Ring identities of 0 and 1 (nothing to log):  [p > 0][p = 0] = 0.
Logged:  [p = 0] lead(p) t = -[p = 0] tail(p) t;  [x = 0] x^-1 = 0, since what has a negative power is not 0;
a bracket that follows from the others is dropped, and one that contradicts them is 0.
"""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from .data import EMPTY, Factor, Idx, Open, Poly, Rat, head_keys, rat, scale, slots
from .matching import Products, match
from .order import weight
from .positivity import ALLOWED, Fact, signs

if TYPE_CHECKING:
    from .algebra import Algebra

Place = tuple[str, tuple[Idx, ...]]


def on_data(k: Algebra, c: Rat, bound: list[Idx], merged: Products) -> list[Open] | None:
    """The open monomials that replace a product with conditions on data in it, or None if nothing applies."""
    places = [place for place in merged if k.heads[place[0]].kind == "D"]
    if not places:
        return None
    bodies: dict[tuple[object, tuple[Idx, ...]], Place] = {}
    for place in places:
        same = (k.heads[place[0]].data[1], place[1])
        if same in bodies:
            return []
        bodies[same] = place
    for place in places:
        if k.heads[place[0]].data[0] == "==":
            out = _zero(k, c, bound, merged, place)
            if out is not None:
                return out
    return _follows(k, c, bound, merged, places)


def _subject(k: Algebra, place: Place) -> Poly:
    """What a condition is about; remembered outside of case splits, where no more is known later."""
    found = k.subjects.get(place) if not k.region else None
    if found is None:
        h = k.heads[place[0]]
        found = k.rename(dict(h.data[1]), dict(zip(slots(h), place[1], strict=True)))
        if not k.region:
            k.subjects[place] = found
    return found


def _items(merged: Products, without: Place | None = None) -> list[Factor]:
    return [(h, ix, e) for (h, ix), e in merged.items() if (h, ix) != without]


def _zero(k: Algebra, c: Rat, bound: list[Idx], merged: Products, place: Place) -> list[Open] | None:
    """[p = 0] times the leading monomial of p, or times a negative power of p."""
    p = _subject(k, place)
    condition: Factor = (*place, 1)
    if not p:  # what is 0 is only seen at these indices
        k.log(c, bound, _items(merged, place), k.instance("condition", place[0], [(1, [], [condition])], [(1, [], [])]))
        return [(c, bound, _items(merged, place))]
    lead = max(p, key=weight)
    if len(p) == 1 and not lead[1] and len(lead[0]) == 1:
        h, ix, _ = lead[0][0]
        if merged.get((h, ix), 0) < 0:
            rest = [f for f in _items(merged, place) if f[:2] != (h, ix)]
            left: list[Factor] = [condition, (h, ix, merged[(h, ix)])]
            k.log(c, bound, rest, k.instance("condition", place[0], [(1, [], left)], []))
            return []
    if lead == EMPTY:
        return None
    _, own, pattern = k.open(lead)
    found = match(pattern, own, set(), merged, set(bound), k.heads, skip=place)
    if found is None:
        return None
    left_over = [f for f in ((h, ix, e) for (h, ix), e in found.left.items()) if f[:2] != place]
    kept = [x for x in bound if x not in found.consumed]
    tail = scale({m: d for m, d in p.items() if m != lead}, Fraction(-1) / p[lead])
    rows = [(d, more, [*fs, condition]) for d, more, fs in k.opens(tail)]
    k.log(c, kept, left_over, k.instance("condition", place[0], [(1, own, [*pattern, condition])], rows))
    return [(rat(c * d), kept + more, left_over + fs) for d, more, fs in rows]


def _follows(k: Algebra, c: Rat, bound: list[Idx], merged: Products, places: list[Place]) -> list[Open] | None:
    """Decide each condition by the others, and by the facts of the proof."""
    if len(places) < 2 and not k.region:
        return None
    names = {p: frozenset(head_keys(dict(k.heads[p[0]].data[1]))) for p in places}
    related = [p for p in places if k.region or any(q != p and names[p] & names[q] for q in places)]
    facts = {p: Fact(k.heads[p[0]].data[0], _subject(k, p)) for p in related}
    for place, fact in facts.items():
        others = [f for p, f in facts.items() if p != place and names[p] & names[place]]
        known = signs(k, fact.polynomial, others)
        wanted = ALLOWED[fact.relation]
        if known <= wanted or not known & wanted:
            reasons: list[Factor] = [(*p, 1) for p in places if p != place]
            left: list[Factor] = [*reasons, (*place, 1)]
            value: list[Open] = [(1, [], reasons)] if known <= wanted else []
            rest = [f for f in _items(merged) if (f[0], f[1]) not in places]
            k.log(c, bound, rest, k.instance("condition", place[0], [(1, [], left)], value))
            return [(c, bound, _items(merged, place))] if known <= wanted else []
    return None


__all__ = ["on_data"]
