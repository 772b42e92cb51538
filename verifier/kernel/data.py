"""The data of normal forms: indices, factors, monomials, polynomials, heads.  All orders are structural.

An index is (kind, label, extent): kind 0 a canonical bound index, 1 a free one, 2 an open bound one, fresh.
A head is a closed interned object; a factor is a head's key applied to indices, with a rational exponent.
A monomial is a product of free factors and of components; a component is a sum over its bound indices of a
product of factors that are connected by them.  A polynomial maps monomials to nonzero rationals.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, TypeAlias

from ..terms.sizes import Size

Idx: TypeAlias = tuple[int, Any, Size]
Rat: TypeAlias = int | Fraction
Factor: TypeAlias = tuple[str, tuple[Idx, ...], Rat]
Component: TypeAlias = tuple[tuple[Size, ...], tuple[Factor, ...]]
Mono: TypeAlias = tuple[tuple[Factor, ...], tuple[Component, ...]]
Poly: TypeAlias = dict[Mono, Rat]
Frozen: TypeAlias = tuple[tuple[Mono, Rat], ...]
Open: TypeAlias = tuple[Rat, list[Idx], list[Factor]]

EMPTY: Mono = ((), ())


class Stuck(Exception):
    """The kernel gives up: fuel is spent, or a construction is beyond it.  Never a verdict by itself."""


@dataclass(slots=True, eq=False)
class Head:
    """A closed object that factors apply to indices.

    ``kind``: T tensor or size symbol; I Iverson bracket; V function call; E exp of a monomial;
    B polynomial under a negative or fractional power; L let; D a condition on data, (relation, polynomial).
    ``perms``: permutations of its slots that leave it unchanged (None if only the identity).
    ``fixed``: leading slots that are outputs and derivative entries.
    ``mark``: which rules it may concern: its kind, but N for a number, H for a one-hot tensor.
    """

    key: str
    kind: str
    data: Any
    dims: tuple[Size, ...]
    perms: tuple[tuple[int, ...], ...] | None
    rank: int
    positive: bool
    fixed: int = 0
    mark: str = field(init=False)

    def __post_init__(self) -> None:
        self.mark = {"number": "N", "onehot": "H"}.get(self.data[0], "T") if self.kind == "T" else self.kind


def rat(q: Rat) -> Rat:
    """An integer where a rational is one: faster, and the same number."""
    return int(q) if isinstance(q, Fraction) and q.denominator == 1 else q


def magnitude(q: Rat) -> Rat:
    return -q if q < 0 else q


def whole(q: Rat) -> bool:
    return isinstance(q, int) or q.denominator == 1


def constant(c: Rat) -> Poly:
    return {EMPTY: rat(c)} if c else {}


def add(*polys: Poly) -> Poly:
    """The sum of polynomials."""
    total = dict(polys[0])
    for p in polys[1:]:
        for m, c in p.items():
            put(total, m, c)
    return total


def put(p: Poly, m: Mono, c: Rat) -> None:
    """Add ``c * m`` to a polynomial in place."""
    v = p.get(m, 0) + c
    if v:
        p[m] = rat(v)
    else:
        p.pop(m, None)


def scale(p: Poly, c: Rat) -> Poly:
    return {m: rat(v * c) for m, v in p.items()} if c else {}


def subtract(a: Poly, b: Poly) -> Poly:
    return add(a, scale(b, -1))


def freeze(p: Poly) -> Frozen:
    """A polynomial as a sorted tuple: equal for equal polynomials."""
    return tuple(sorted(p.items()))


def free_indices(p: Poly) -> set[Idx]:
    """The indices of a polynomial that are not bound in it."""
    found: set[Idx] = set()
    for free, comps in p:
        for _, ix, _ in free:
            found.update(ix)
        for _, factors in comps:
            for _, ix, _ in factors:
                found.update(x for x in ix if x[0])
    return found


def head_keys(p: Poly) -> dict[str, None]:
    """The keys of the heads of a polynomial, in order of occurrence."""
    found: dict[str, None] = {}
    for free, comps in p:
        for h, _, _ in free:
            found[h] = None
        for _, factors in comps:
            for h, _, _ in factors:
                found[h] = None
    return found


def bodies(h: Head) -> tuple[Frozen, ...]:
    """The polynomials that a head is made of, over its slots."""
    if h.kind in "EBL":
        return (h.data,)
    if h.kind == "D":
        return (h.data[1],)
    arguments: tuple[Frozen, ...] = h.data[3] if h.kind == "V" else ()
    return arguments


def slot(k: int, extent: Size) -> Idx:
    """The k-th slot of a closed head."""
    return (1, f"${k:03d}", extent)


def binder(argument: int, k: int, extent: Size) -> Idx:
    """The k-th bound index of an argument of a function call."""
    return (1, f"@{argument:03d}.{k:03d}", extent)


def slots(h: Head) -> tuple[Idx, ...]:
    return tuple(slot(k, d) for k, d in enumerate(h.dims))
