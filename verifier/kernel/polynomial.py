"""Polynomials over applied heads: sums of products with bound indices, as plain data.

An index is (kind, label, dimension).  A factor is a head applied to indices and raised to a rational power.  A
monomial has free factors and connected components; a component is a closed sum, with dimensions of its bound indices.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fractions import Fraction
from hashlib import blake2b
from itertools import count
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from .log import Lemma

Dimension: TypeAlias = str
Index: TypeAlias = tuple[int, int | str, Dimension]
Rational: TypeAlias = int | Fraction
Factor: TypeAlias = tuple[str, tuple[Index, ...], Rational]
Component: TypeAlias = tuple[tuple[Dimension, ...], tuple[Factor, ...]]
Monomial: TypeAlias = tuple[tuple[Factor, ...], tuple[Component, ...]]
Open: TypeAlias = tuple[Rational, tuple[Index, ...], tuple[Factor, ...]]
Renaming: TypeAlias = Mapping[Index, Index]

BOUND, FREE, FRESH = 0, 1, 2
UNIT: Monomial = ((), ())


class Stuck(Exception):
    """The kernel gives up: out of fuel, or a term that its rules do not cover.  The claim stays unproved."""


def rational(q: Rational) -> Rational:
    """One representation for each rational number: an int where it is one."""
    return q.numerator if isinstance(q, Fraction) and q.denominator == 1 else q


def natural(q: Rational) -> bool:
    return isinstance(q, int) and q >= 0


def digest(key: object) -> str:
    """A name that depends on structure alone, so that no order depends on the order of creation."""
    return blake2b(repr(key).encode(), digest_size=12).hexdigest()


class Polynomial:
    """A finite sum of monomials with nonzero coefficients, and the lemma that it is the right side of."""

    __slots__ = ("_digest", "lemma", "terms")

    def __init__(self, terms: dict[Monomial, Rational], lemma: Lemma | None = None) -> None:
        self.terms, self.lemma = terms, lemma
        self._digest = ""

    def __bool__(self) -> bool:
        return bool(self.terms)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Polynomial) and self.terms == other.terms

    __hash__ = None  # type: ignore[assignment]

    @property
    def digest(self) -> str:
        if not self._digest:
            self._digest = digest(self.sorted())
        return self._digest

    def sorted(self) -> list[tuple[Monomial, Rational]]:
        return sorted(self.terms.items())

    def constant(self) -> Rational | None:
        """The rational number that this polynomial is, or None."""
        if not self.terms:
            return 0
        return self.terms.get(UNIT) if len(self.terms) == 1 else None

    def factors(self) -> Iterable[Factor]:
        """All factors, also those below bound indices."""
        for free, components in self.terms:
            yield from free
            for _, inner in components:
                yield from inner

    def sole(self) -> Factor | None:
        """The factor that the polynomial consists of, if it is one factor with coefficient 1."""
        if len(self.terms) == 1:
            ((free, components), c) = next(iter(self.terms.items()))
            if c == 1 and not components and len(free) == 1:
                return free[0]
        return None

    def indices(self) -> dict[Index, None]:
        """The free indices, in order of first occurrence."""
        return dict.fromkeys(i for _, ix, _ in self.factors() for i in ix if i[0] != BOUND)


def constant(value: Rational) -> Polynomial:
    return Polynomial({UNIT: rational(value)} if value else {})


class Names:
    """Supply of index names that nothing else has; they never decide an order between results."""

    def __init__(self) -> None:
        self._count = count()

    def fresh(self, dimension: Dimension) -> Index:
        return (FRESH, next(self._count), dimension)

    def open(self, monomial: Monomial, renaming: Renaming | None = None) -> tuple[list[Index], list[Factor]]:
        """The factors of a monomial with fresh names for bound indices and the free ones renamed, all at once."""
        free, components = monomial
        bounds: list[Index] = []
        if renaming:
            get = renaming.get
            factors = [(h, tuple([get(x, x) for x in ix]), e) for h, ix, e in free]
        else:
            factors = list(free)
        for dimensions, inner in components:
            own = [self.fresh(d) for d in dimensions]
            bounds += own
            table: dict[Index, Index] = {(BOUND, k, x[2]): x for k, x in enumerate(own)}
            if renaming:
                table.update(renaming)
            factors += [(h, tuple([table.get(x, x) for x in ix]), e) for h, ix, e in inner]
        return bounds, factors
