"""One-hot heads: h[b, v] is 1 for exactly one v, and 0 elsewhere.  Integer tensors are read through them.

An integer tensor t with values below V is the head [t[b] = v]: X[t[b]] is sum_v [t[b] = v] X[v], a scatter is a sum
with it.  The index of a greatest value is such a head too, over the slots of its outputs.  In a monomial:
  h h = h;  h[b, v] h[b, w] = [v = w] h[b, v];  sum_v h[b, v] = 1 if v occurs nowhere else and its range is not empty.
Outside of what is linear:  f(sum_v h[b, v] X[v]) = sum_v h[b, v] f(X[v]).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import product
from typing import TYPE_CHECKING

from ..terms.sizes import Size
from .data import Component, Factor, Head, Idx, Open, Poly, Rat, add, constant, rat, scale
from .matching import Products

if TYPE_CHECKING:
    from .algebra import Algebra

FEW = 4
ARG, AT = "?argmax", "?at"
"""The one-hot of the first index of a greatest value; the same, where its range is in parts, in one of the parts."""
Key = tuple[str, tuple[Idx, ...]]  # a head, and the indices that are no values


def values_of(h: Head) -> int:
    """How many slots are values of a head that is a one-hot (the last ones; of a call the first); 0 if it is none."""
    if h.kind == "T":
        return 1 if h.data[0] == "onehot" else 0
    return int(h.data[1]) if h.kind == "V" and h.data[0] == ARG else 0


def part_of(h: Head) -> int | None:
    """Which part of its range a head is the one-hot of a greatest value in; None for any other head."""
    name = h.data[0] if h.kind == "V" else ""
    return int(name.removeprefix(AT)) if name.startswith(AT) else None


def zero_or_one(h: Head) -> bool:
    """Whether a head is a one-hot, or a part of one."""
    return values_of(h) > 0 or part_of(h) is not None


def apart(h: Head, ix: tuple[Idx, ...]) -> tuple[tuple[Idx, ...], tuple[Idx, ...]]:
    """The indices of a one-hot that are values, and the others."""
    n = int(h.data[1]) if h.kind == "V" else values_of(h)
    return (ix[-n:], ix[:-n]) if h.kind == "T" else (ix[:n], ix[n:])


def joined(h: Head, values: Sequence[Idx], rest: Sequence[Idx]) -> tuple[Idx, ...]:
    return (*rest, *values) if h.kind == "T" else (*values, *rest)


def on_onehots(k: Algebra, c: Rat, bound: list[Idx], merged: Products) -> list[Open] | None:
    """One step with one-hots in a monomial."""
    places = [p for p in merged if zero_or_one(k.heads[p[0]])]
    if not places:
        return None
    seen: dict[tuple[object, tuple[Idx, ...]], tuple[str, tuple[Idx, ...]]] = {}
    used: dict[Idx, int] = {}
    for _, ix in merged:
        for x in dict.fromkeys(ix):
            used[x] = used.get(x, 0) + 1
    for place in places:
        h = k.heads[place[0]]
        own, rest = apart(h, place[1])
        others: list[Factor] = [(g, jx, e) for (g, jx), e in merged.items() if (g, jx) != place]
        family = place[0] if part_of(h) is None else (AT, h.data[2:])
        first = seen.setdefault((family, rest), place)
        if first[0] != place[0]:  # two parts
            kept = [f for f in others if f[:2] != first]
            k.log(c, bound, kept, k.instance("onehot", place[0], [(1, [], [(*first, 1), (*place, 1)])], []))
            return []
        if first != place:  # two values of one entry
            before = apart(h, first[1])[0]
            equal = [
                (k.bracket("==", {x: 1, y: -1}, Size.number(0))) for x, y in zip(own, before, strict=True) if x != y
            ]
            if not all(equal):
                return []
            brackets = [f for row in equal for f in row[0][2]]
            kept = [f for f in others if f[:2] != first]
            left: list[Factor] = [(*first, 1), (*place, 1)]
            k.log(c, bound, kept, k.instance("onehot", place[0], [(1, [], left)], [(1, [], [(*first, 1), *brackets])]))
            return [(c, bound, [*others, *brackets])]
        if part_of(h) is not None:
            continue
        free = all(x in bound and used[x] == 1 and x not in rest for x in own) and len(set(own)) == len(own)
        if free and all(k.bounds.nonnegative(x[2] - 1) for x in own):
            k.log(c, [b for b in bound if b not in own], others,
                  k.instance("onehot", place[0], [(1, list(own), [(*place, 1)])], [(1, [], [])]))  # fmt: skip
            return [(c, [b for b in bound if b not in own], others)]
    return None


def few(h: Head) -> int | None:
    """How many values an integer tensor has, if they are a few known ones."""
    count = h.dims[-1].constant() if values_of(h) and h.kind == "T" else None
    return count if count is not None and 1 < count <= FEW else None


def at(k: Algebra, place: Key, value: int) -> Poly:
    """1 where a tensor of few values has one of them; the last of them is what the others are not."""
    h = k.heads[place[0]]
    count = few(h)
    if count is not None and value == count - 1:
        return add(constant(1), *(scale(at(k, place, x), -1) for x in range(value)))
    v = k.fresh(h.dims[-1])
    equal = k.bracket("==", {v: 1}, Size.number(-value))
    hot: Factor = (place[0], joined(h, [v], place[1]), 1)
    return k.collect([(c, [v], [hot, *factors]) for c, _, factors in equal])


def selector(k: Algebra, polys: Sequence[Poly], hidden: frozenset[Idx] = frozenset()) -> Key | None:
    """A one-hot whose values are summed over somewhere in polynomials, and whose other indices are free in them."""
    found: set[Key] = set()
    for p in polys:
        for _, comps in p:
            for _, factors in comps:
                for key, ix, _ in factors:
                    h = k.heads[key]
                    if not values_of(h):
                        continue
                    own, rest = apart(h, ix)
                    if all(x[0] == 0 for x in own) and all(x[0] and x not in hidden for x in rest):
                        found.add((key, rest))
    return min(found, default=None)


def selected(k: Algebra, p: Poly, place: Key, values: Sequence[Idx | int]) -> Poly:
    """A polynomial where the one-hot is at given values."""
    rows: list[Open] = []
    for c, bound, factors in k.opens(p):
        ways: list[Open] = [(c, bound, [])]
        for key, ix, e in factors:
            h = k.heads[key]
            if key == place[0] and apart(h, ix)[1] == place[1]:
                for x, y in zip(apart(h, ix)[0], values, strict=True):
                    if isinstance(y, int):
                        equal = k.bracket("==", {x: 1}, Size.number(-y))
                    else:
                        equal = k.bracket("==", {x: 1, y: -1}, Size.number(0))
                    ways = [(rat(c * d), own, fs + more) for c, own, fs in ways for d, _, more in equal]
            else:
                ways = [(c, own, [*fs, (key, ix, e)]) for c, own, fs in ways]
        rows += ways
    return k.collect(rows)


def through(
    k: Algebra,
    polys: Sequence[Poly],
    make: Callable[[Sequence[Poly]], Poly],
    *,
    hidden: frozenset[Idx] = frozenset(),
    positive: Callable[[Poly], bool] | None = None,
) -> Poly | None:
    """``make`` of polynomials as a sum over the values of a one-hot in them; None if there is none.

    With ``positive``: what is made has a value for some arguments only; where the one-hot is 0 the argument is made 1.
    """
    place = selector(k, polys, hidden)
    if place is None:
        return None
    h = k.heads[place[0]]
    extents = apart(h, tuple((1, "", d) for d in h.dims))[0]
    if not all(k.bounds.nonnegative(x[2] - 1) for x in extents):
        return None

    count = few(h)
    if count is not None:
        cases = [[selected(k, p, place, [value]) for p in polys] for value in range(count)]
        # What is 0 in a case is not asked for there.
        asked = [[row if row or positive is None else constant(1) for row in rows] for rows in cases]
        if positive is None or all(positive(row) for rows in asked for row in rows):
            return add(*(k.multiply(at(k, place, value), make(rows)) for value, rows in enumerate(asked)))
    own = [k.fresh_free("s", x[2]) for x in extents]
    hot: Poly = {(((place[0], joined(h, own, place[1]), 1),), ()): 1}
    rows = []
    for p in polys:
        row = selected(k, p, place, own)
        if positive is not None and not positive(row):
            row = add(k.multiply(hot, row), constant(1), scale(hot, -1))
        rows.append(row)
    return k.sum_over(k.multiply(hot, make(rows)), own)


def picks(k: Algebra, component: Component) -> bool:
    """Whether a sum is one entry of what it is over: exactly one one-hot in it, all of whose values are summed over."""
    hots = [(k.heads[h], ix) for h, ix, _ in component[1] if values_of(k.heads[h])]
    if len(hots) != 1:
        return False
    own, rest = apart(*hots[0])
    summed = len(set(own)) == len(own) and all(x[0] == 0 and x not in rest for x in own)
    return summed and all(k.bounds.nonnegative(x[2] - 1) for x in own)


def assignments(bound: Sequence[Idx], indices: Sequence[Idx]) -> list[dict[Idx, Idx]]:
    """Ways to put indices for bound ones of the same extent."""
    ways = [[x for x in dict.fromkeys(indices) if x[2] == b[2]] for b in bound]
    return [dict(zip(bound, way, strict=True)) for way in product(*ways)]


__all__ = [
    "ARG",
    "AT",
    "apart",
    "assignments",
    "at",
    "few",
    "joined",
    "on_onehots",
    "part_of",
    "picks",
    "selected",
    "selector",
    "through",
    "values_of",
    "zero_or_one",
]
