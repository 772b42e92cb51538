"""A model: sizes, values of tensors and interpretations of functions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import product
from typing import Any

from ..terms.sorts import Product, Range, Sort
from .numbers import Undecided

Position = Any  # int for a Range, a tuple for a Product, (k, position) for a Sum
Place = tuple[Position, ...]
PLACES = 1 << 18  # positions of an axis, or entries of a tensor, beyond which nothing is evaluated


@dataclass(frozen=True)
class Model:
    sizes: Mapping[str, int]
    values: Mapping[str, Mapping[Place, Any]]
    functions: Mapping[str, Any]


def positions(sort: Sort, sizes: Mapping[str, int]) -> Iterator[Position]:
    """All indices of a sort, in order.  Raises Undecided where there are too many."""
    if isinstance(sort, Range):
        n = sort.size.value(sizes)
        if n > PLACES:
            raise Undecided(f"an axis of {n} positions")
        yield from range(n)
    elif isinstance(sort, Product):
        yield from product(*(list(positions(p, sizes)) for p in sort.parts))
    else:
        for k, p in enumerate(sort.parts):
            for i in positions(p, sizes):
                yield (k, i)
