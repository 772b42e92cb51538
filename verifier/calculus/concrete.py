"""Indices and guards at concrete sizes: what an index term is once every size and variable has a number."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import product
from typing import TypeAlias

from ..terms.index import (
    Affine,
    And,
    Compare,
    Guard,
    Holds,
    Index,
    Inject,
    Lookup,
    Or,
    Pair,
    Quotient,
    Remainder,
    Same,
    Var,
)
from ..terms.sorts import Product, Range, Sort

Entry: TypeAlias = "int | tuple[Entry, ...]"
"""A concrete index: a number of a range, a tuple of a product, (part, index in the part) of a sum."""

Sizes: TypeAlias = Mapping[str, int]
Environment: TypeAlias = Mapping[Var, Entry]


def entries(sort: Sort, sizes: Sizes) -> list[Entry]:
    """All concrete indices of a sort, in order."""
    if isinstance(sort, Range):
        return list(range(sort.size.value(sizes)))
    if isinstance(sort, Product):
        return list(product(*(entries(p, sizes) for p in sort.parts)))
    return [(k, e) for k, p in enumerate(sort.parts) for e in entries(p, sizes)]


def inside(entry: Entry, sort: Sort, sizes: Sizes) -> bool:
    """Whether a concrete index is one of a sort."""
    if isinstance(sort, Range):
        return isinstance(entry, int) and 0 <= entry < sort.size.value(sizes)
    if not isinstance(entry, tuple):
        return False
    if isinstance(sort, Product):
        return all(inside(e, p, sizes) for e, p in zip(entry, sort.parts, strict=True))
    k, e = part_of(entry)
    return inside(e, sort.parts[k], sizes)


def places(axes: Iterable[Sort], sizes: Sizes) -> list[tuple[Entry, ...]]:
    """All entries of a tensor with these axes, in order.

    >>> from ..terms.sizes import Size
    >>> places((Range(Size.symbol("n")), Range(Size.number(2))), {"n": 1})
    [(0, 0), (0, 1)]
    """
    return list(product(*(entries(a, sizes) for a in axes)))


def locate(index: Index, env: Environment, sizes: Sizes) -> Entry:
    """The concrete index that an index term is."""
    if isinstance(index, Var):
        return env[index]
    if isinstance(index, Affine):
        total = index.offset.value(sizes)
        for v, c in index.terms:
            total += (c if isinstance(c, int) else c.value(sizes)) * _number(locate(v, env, sizes))
        return total
    if isinstance(index, Pair):
        return tuple(locate(p, env, sizes) for p in index.parts)
    if isinstance(index, Inject):
        return index.position, locate(index.index, env, sizes)
    if isinstance(index, Quotient | Remainder):
        q, r = divmod(_number(locate(index.index, env, sizes)), index.divisor.value(sizes))
        return q if isinstance(index, Quotient) else r
    if isinstance(index, Lookup):
        raise TypeError(f"an index that the tensor {index.symbol.label} holds")
    whole = locate(index.index, env, sizes)
    if not isinstance(whole, tuple):
        raise TypeError(f"{index} takes a component of a number")
    return whole[index.position]


def holds(guard: Guard, env: Environment, sizes: Sizes) -> bool:
    """Whether a guard holds at concrete indices."""
    if isinstance(guard, Compare):
        value = _number(locate(guard.form, env, sizes))
        return value == 0 if guard.relation == "==" else value >= 0
    if isinstance(guard, Same):
        return locate(guard.left, env, sizes) == locate(guard.right, env, sizes)
    if isinstance(guard, And):
        return all(holds(g, env, sizes) for g in guard.parts)
    if isinstance(guard, Or):
        return any(holds(g, env, sizes) for g in guard.parts)
    if isinstance(guard, Holds):
        raise TypeError("a condition on data is not decided by indices")
    return not holds(guard.part, env, sizes)


def _number(entry: Entry) -> int:
    if isinstance(entry, tuple):
        raise TypeError(f"{entry} is not a number")
    return entry


def part_of(e: Entry) -> tuple[int, Entry]:
    """An index of a sum as the number of its part and the index in that part."""
    if not isinstance(e, tuple) or len(e) != 2:
        raise TypeError(f"{e} is no index of a sum")
    return _number(e[0]), e[1]


__all__ = ["Entry", "Environment", "Sizes", "entries", "holds", "inside", "locate", "part_of", "places"]
