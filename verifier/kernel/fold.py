"""A difference in the names of the user: lets that may be named stay, and what they were made of is put back into them.

A let X whose body is c·a^q·r, or a^q·r + o with an atom a that nothing else of it has, is solved for a, and the
solution put in the place of a wherever that makes the difference shorter.  Untrusted: it proposes what is then proved.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from .algebra import product
from .data import Factor, Idx, Open, Poly, Rat, Stuck, constant, head_keys, rat, scale, slots, subtract, whole
from .powers import power

if TYPE_CHECKING:
    from .algebra import Algebra
    from .lets import LetTable

ROUNDS = 4


@dataclass(frozen=True)
class Fold:
    """``atom(indices)^exponent`` is ``value``, over the indices of the atom; ``linear``: natural powers alone."""

    atom: str
    indices: tuple[Idx, ...]
    value: Poly
    exponent: Rat
    linear: bool


def folded(k: Algebra, table: LetTable, gap: Poly, keep: Collection[str]) -> Poly:
    """A polynomial with every let unfolded that is not to be kept, folded back into those that are.

    ``keep``: names of lets.
    """
    named = {key for key, (symbol, *_) in table.sources.items() if symbol.name in keep}
    while True:
        loose = table.visible(gap) - named
        if not loose:
            break
        gap = table.unfold(gap, max(loose, key=lambda h: (k.heads[h].rank, h)))
    rows = [f for key in sorted(named, key=lambda h: (k.heads[h].rank, h)) for f in _folds(k, key)]
    for _ in range(ROUNDS):
        before = gap
        for f in rows:
            try:
                shorter = _applied(k, f, gap)
            except Stuck:
                continue
            if _length(k, shorter) < _length(k, gap):
                gap = shorter
        if gap == before:
            break
    return gap


def _length(k: Algebra, p: Poly) -> int:
    """How long a polynomial is to read."""

    def of(factors: Iterable[Factor]) -> int:
        inside = [k.heads[h] for h, _, _ in factors]
        return len(inside) + sum(_length(k, dict(h.data)) for h in inside if h.kind in "BE")

    return sum(2 + of(free) + sum(len(dims) + of(factors) for dims, factors in comps) for free, comps in p)


def _folds(k: Algebra, key: str) -> list[Fold]:
    """The atoms that the body of a let can be solved for."""
    let = k.heads[key]
    own = slots(let)
    body: Poly = dict(let.data)
    whole_let = k.collect([(1, [], [(key, own, 1)])])
    rows: list[Fold] = []
    for m, c in body.items():
        free, comps = m
        other = {n: d for n, d in body.items() if n != m}
        for place, (h, ix, q) in enumerate(free):
            if k.heads[h].kind == "I" or set(ix) != set(own) or len(set(ix)) < len(ix):
                continue
            if (k.heads[h].kind == "T" and k.heads[h].data[0] != "tensor") or h in head_keys(other):
                continue
            rest: Poly = {((*free[:place], *free[place + 1 :]), comps): c}
            try:
                value = k.multiply(subtract(whole_let, other), power(k, rest, -1))
            except Stuck:
                continue
            rows.append(Fold(h, ix, value, q, bool(other)))
    return rows


def _applied(k: Algebra, f: Fold, p: Poly) -> Poly:
    """A polynomial with the value of a fold in the place of its atom."""
    rows: list[Open] = []
    for c, bound, factors in k.opens(p):
        terms: list[Open] = [(c, bound, [])]
        for h, ix, e in factors:
            q = rat(Fraction(e) / Fraction(f.exponent)) if h == f.atom else 0
            if h != f.atom or not whole(q) or (f.linear and q < 0):
                terms = [(d, b, [*fs, (h, ix, e)]) for d, b, fs in terms]
                continue
            value = k.rename(f.value, dict(zip(f.indices, ix, strict=True)))
            value = power(k, value, q) if q else scale(constant(1), 1)
            terms = list(product(terms, k.opens(value)))
        rows += terms
    return k.collect(rows)


__all__ = ["folded"]
