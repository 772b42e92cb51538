"""Heads: the closed named objects that polynomials are made of, interned by their full structure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import permutations

from ..terms.sizes import Size
from .polynomial import Dimension, Factor, Index, Polynomial, Rational, Stuck, digest, natural

TENSOR, SIZE, PRIME, CONSTANT = "tensor", "size", "prime", "constant"
BRACKET, APPLY, EXP, BASE, LET = "bracket", "apply", "exp", "base", "let"
COMPOUND = frozenset({APPLY, EXP, BASE})


@dataclass(frozen=True, slots=True, eq=False)
class Head:
    """A closed object with numbered slots.

    tensor, size, prime, constant: named; bracket: [form == 0] or [form >= 0] over its slots; apply: a function
    with ``outputs`` and ``partials`` before the free slots of its argument ``bodies``; exp: of one monomial;
    base: a polynomial raised to negative or fractional powers; let: an opaque definition.

    ``symmetries`` are permutations of slots that leave the object the same.  ``positive``: all entries are > 0.
    ``partial``: may be undefined somewhere, so it must stay under the brackets that it came with.
    ``mentions``: tensors and lets in its bodies, not looking through lets.
    """

    id: str
    kind: str
    name: str
    dimensions: tuple[Dimension, ...]
    bodies: tuple[Polynomial, ...] = ()
    binders: tuple[tuple[Dimension, ...], ...] = ()
    outputs: int = 0
    partials: tuple[int, ...] = ()
    coefficients: tuple[int, ...] = ()
    offset: Size = Size(())
    symmetries: tuple[tuple[int, ...], ...] = ()
    fixed: int = 0
    positive: bool = False
    partial: bool = False
    mentions: frozenset[str] = frozenset()
    rank: int = 0

    def order(self, indices: tuple[Index, ...]) -> tuple[Index, ...]:
        """The least of the index tuples that the symmetries identify."""
        if not self.symmetries:
            return indices
        return min(tuple([indices[k] for k in p]) for p in self.symmetries)

    def slots(self) -> tuple[Index, ...]:
        return tuple(slot(k, d) for k, d in enumerate(self.dimensions))


def slot(k: int, dimension: Dimension) -> Index:
    return (1, f"${k}", dimension)


def binder(argument: int, k: int, dimension: Dimension) -> Index:
    return (1, f"@{argument}.{k}", dimension)


def bracket_symmetries(
    relation: str, coefficients: tuple[int, ...], offset: Size, dimensions: tuple[Dimension, ...]
) -> tuple[tuple[int, ...], ...]:
    """Permutations of slots that keep an affine form, or for an equation that negate it."""
    found = []
    if len(coefficients) > 6:
        return ()
    for p in permutations(range(len(coefficients))):
        if tuple(dimensions[k] for k in p) == dimensions:
            image = tuple(coefficients[k] for k in p)
            negated = tuple(-c for c in image)
            if image == coefficients or (relation == "==" and not offset.terms and negated == coefficients):
                found.append(p)
    return tuple(found) if len(found) > 1 else ()


class Heads:
    """The table of heads of one kernel.  Equal digests are checked to mean equal structure."""

    def __init__(self) -> None:
        self._table: dict[str, Head] = {}
        self._keys: dict[str, tuple[object, ...]] = {}

    def __getitem__(self, id: str) -> Head:
        return self._table[id]

    def intern(
        self,
        kind: str,
        name: str,
        dimensions: Iterable[Dimension] = (),
        bodies: tuple[Polynomial, ...] = (),
        binders: tuple[tuple[Dimension, ...], ...] = (),
        outputs: int = 0,
        partials: tuple[int, ...] = (),
        coefficients: tuple[int, ...] = (),
        offset: Size = Size(()),
        symmetries: tuple[tuple[int, ...], ...] = (),
        positive: bool = False,
        partial: bool = False,
    ) -> Head:
        """The head with this structure; Stuck if two structures had one digest."""
        dims = tuple(dimensions)
        shape = (kind, name, dims, binders, outputs, partials, coefficients, offset.terms)
        key = (*shape, tuple(b.digest for b in bodies))
        id = digest(key)
        if id in self._table:
            if self._keys[id] != shape or any(
                a is not b and a != b for a, b in zip(self._table[id].bodies, bodies, strict=True)
            ):
                raise Stuck("two heads have one digest")
            return self._table[id]
        inner = [self._table[h] for b in bodies for h, _, _ in b.factors()]
        mentions = frozenset({id} if kind in (TENSOR, LET) else ()).union(
            *(h.mentions for h in inner if kind in COMPOUND)
        )
        rank = max((h.rank for h in inner), default=0) + (kind == LET)
        leading = outputs + sum(len(binders[a]) for a in partials)
        body_partial = kind in COMPOUND and any(self.partial(f) for b in bodies for f in b.factors())
        head = Head(
            id, kind, name, dims, bodies, binders, outputs, partials, coefficients, offset,
            symmetries if len(symmetries) > 1 else (), leading, positive, partial or body_partial, mentions, rank,
        )  # fmt: skip
        self._table[id], self._keys[id] = head, shape
        return head

    def partial(self, factor: Factor) -> bool:
        """Whether a factor may be undefined for some values of what it is made of."""
        head = self._table[factor[0]]
        return head.partial or not (natural(factor[2]) or head.positive or head.kind == BRACKET)

    def any_partial(self, p: Polynomial) -> bool:
        return any(self.partial(f) for f in p.factors())

    def mentions(self, p: Polynomial) -> frozenset[str]:
        return frozenset().union(*(self._table[h].mentions for h, _, _ in p.factors()))

    def lets(self, p: Polynomial) -> list[Head]:
        """The lets that a polynomial mentions, not looking through lets, earliest first."""
        heads = [self._table[h] for h in self.mentions(p)]
        return sorted((h for h in heads if h.kind == LET), key=lambda h: (h.rank, h.id))

    def strict(self, factor: Factor) -> bool:
        """Whether a factor is > 0 wherever it is defined."""
        return self._table[factor[0]].positive

    def nonnegative(self, factor: Factor) -> bool:
        head, e = self._table[factor[0]], factor[2]
        return head.positive or head.kind == BRACKET or (natural(e) and _even(e))


def _even(e: Rational) -> bool:
    return isinstance(e, int) and e % 2 == 0
