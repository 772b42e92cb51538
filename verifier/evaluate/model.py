"""A model: sizes, values of tensors and interpretations of functions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import product
from typing import Any

from ..terms.sorts import Product, Range, Sort

Position = Any  # int for a Range, a tuple for a Product, (k, position) for a Sum
Place = tuple[Position, ...]


@dataclass(frozen=True)
class Model:
    sizes: Mapping[str, int]
    values: Mapping[str, Mapping[Place, Any]]
    functions: Mapping[str, Any]


def positions(sort: Sort, sizes: Mapping[str, int]) -> Iterator[Position]:
    """All indices of a sort, in order."""
    if isinstance(sort, Range):
        yield from range(sort.size.value(sizes))
    elif isinstance(sort, Product):
        yield from product(*(list(positions(p, sizes)) for p in sort.parts))
    else:
        for k, p in enumerate(sort.parts):
            for i in positions(p, sizes):
                yield (k, i)
