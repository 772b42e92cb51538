"""Finite sets: which numbers are elements, and all models of inputs that are elements of finite sets."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from itertools import product
from math import prod

from ..terms.sorts import Element, Fin
from ..terms.syntax import Symbol
from .model import Model
from .numbers import Number

MOST = 100_000


def count(symbols: Sequence[Symbol]) -> int | None:
    """How many models there are, if all inputs are elements of finite sets."""
    sizes = [len(s.value.elements) if isinstance(s.value, Element) and not s.axes else 0 for s in symbols]
    return prod(sizes) if all(sizes) else None


def all_models(symbols: Sequence[Symbol]) -> Iterator[Model]:
    """Every model, smallest elements first."""
    ranges = [range(len(s.value.elements)) for s in symbols if isinstance(s.value, Element)]
    for row in product(*ranges):
        yield Model({}, {s.name: {(): Fraction(x)} for s, x in zip(symbols, row, strict=True)}, {})


def is_element(s: Symbol, x: Number, sizes: Mapping[str, int]) -> bool:
    """Whether a number may be a value of a symbol: anything may, unless its values are finitely many."""
    if isinstance(s.value, Fin):
        count = s.value.size.value(sizes)
    elif isinstance(s.value, Element) and s.value.elements:
        count = len(s.value.elements)
    else:
        return True
    return isinstance(x, Fraction) and x.denominator == 1 and 0 <= x < count
