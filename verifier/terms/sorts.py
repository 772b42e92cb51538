"""Index sorts, closed under product and sum, and the types of values.

A packed axis of extent H*D is the product of two ranges, a concatenation of extent m + n is their sum:
packing, splitting and concatenating are pairs, projections and injections, and no arithmetic on positions.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TypeAlias

from .sizes import Size


@dataclass(frozen=True, slots=True)
class Range:
    """The indices 0, ..., size - 1."""

    size: Size

    def __str__(self) -> str:
        return str(self.size)


@dataclass(frozen=True, slots=True)
class Product:
    """Tuples of indices, one of each part; its order is row-major."""

    parts: tuple[Sort, ...]

    def __str__(self) -> str:
        return "(" + " * ".join(map(str, self.parts)) + ")"


@dataclass(frozen=True, slots=True)
class Sum:
    """Indices of the first part, then of the second, and so on: a concatenation."""

    parts: tuple[Sort, ...]

    def __str__(self) -> str:
        return "(" + " + ".join(map(str, self.parts)) + ")"


Sort: TypeAlias = Range | Product | Sum


def extent(sort: Sort) -> Size:
    """The number of indices of a sort, as a size."""
    if isinstance(sort, Range):
        return sort.size
    total = Size.number(1 if isinstance(sort, Product) else 0)
    for part in sort.parts:
        total = total * extent(part) if isinstance(sort, Product) else total + extent(part)
    return total


@dataclass(frozen=True, slots=True)
class Real:
    """Real numbers, or those strictly between two rational bounds (None: no bound on that side)."""

    low: Fraction | None = None
    high: Fraction | None = None

    def __str__(self) -> str:
        if self.low is None and self.high is None:
            return "R"
        low = "-oo" if self.low is None else str(self.low)
        return f"interval({low}, {'oo' if self.high is None else self.high})"


@dataclass(frozen=True, slots=True)
class Formal(Real):
    """Z2, for circuits: what is made of such tensors are polynomials, equal if their coefficients are modulo 2.

    So x^2 and x are two circuits, though they are one function of bits.  Arithmetic and derivatives are those of
    integer polynomials; claims about them are decided by `proof.circuits` and by nothing else.
    """

    def __str__(self) -> str:
        return "Z2"


@dataclass(frozen=True, slots=True)
class Element:
    """Elements of a set: one that the spec names and says nothing more about, or a finite one with its elements.

    Elements of a finite set are numbered from 0 in the order of their list.
    """

    set: str
    elements: tuple[str, ...] = ()

    def __str__(self) -> str:
        return self.set


@dataclass(frozen=True, slots=True)
class Fin:
    """Whole numbers from 0 to size - 1, which may be used as indices; their sums and products are real numbers."""

    size: Size

    def __str__(self) -> str:
        return f"Fin({self.size})"


Value: TypeAlias = Real | Element | Fin
REAL = Real()
Z2 = Formal()
