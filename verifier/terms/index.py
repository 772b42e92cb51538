"""Index terms: variables, affine positions in a range, tuples and injections; conditions on them, and on data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from .sizes import Size
from .sorts import Product, Range, Sort, Sum

if TYPE_CHECKING:
    from .syntax import Term


@dataclass(frozen=True, slots=True)
class Var:
    """An index variable; two variables are one if their names and sorts agree."""

    name: str
    sort: Sort


@dataclass(frozen=True, slots=True)
class Affine:
    """A position ``sum coefficient * variable + offset``; the variables are of sort Range.

    A sole variable with coefficient 1 is always written as the Var itself (see `affine`).
    """

    terms: tuple[tuple[Var, int], ...]
    offset: Size


@dataclass(frozen=True, slots=True)
class Pair:
    """An index of a product sort."""

    parts: tuple[Index, ...]


@dataclass(frozen=True, slots=True)
class Part:
    """The component of an index of a product sort."""

    index: Index
    position: int


@dataclass(frozen=True, slots=True)
class Inject:
    """An index of a part of a sum sort, as an index of the sum."""

    position: int
    index: Index
    sort: Sum


Index: TypeAlias = Var | Affine | Pair | Part | Inject


@dataclass(frozen=True, slots=True)
class Compare:
    """``form == 0`` or ``form >= 0`` for a position computed from indices and sizes."""

    relation: str  # "==" or ">="
    form: Index


@dataclass(frozen=True, slots=True)
class Same:
    """Two indices of one sort are equal (Kronecker's delta as a condition)."""

    left: Index
    right: Index


@dataclass(frozen=True, slots=True)
class Holds:
    """A condition on data: ``subject relation 0`` for a real term, relation one of ``==``, ``>=``, ``>``."""

    relation: str
    subject: Term


@dataclass(frozen=True, slots=True)
class And:
    """All of some conditions, asked in order: a later one need be defined only where the earlier ones hold."""

    parts: tuple[Guard, ...]


@dataclass(frozen=True, slots=True)
class Or:
    """One of some conditions, asked in order: a later one need be defined only where the earlier ones fail."""

    parts: tuple[Guard, ...]


@dataclass(frozen=True, slots=True)
class Not:
    part: Guard


Guard: TypeAlias = Compare | Same | Holds | And | Or | Not


def position(index: Index) -> Affine:
    """An index of a range sort as an affine form.

    Raises TypeError for an index that is no position in a range.
    """
    if isinstance(index, Affine):
        return index
    if isinstance(index, Var) and isinstance(index.sort, Range):
        return Affine(((index, 1),), Size.number(0))
    raise TypeError(f"not a position: {index}")


def affine(terms: Mapping[Var, int], offset: Size) -> Index:
    """The canonical index term of an affine form: sorted, no zero coefficient, a bare variable as Var."""
    kept = tuple(sorted(((v, c) for v, c in terms.items() if c), key=lambda t: (t[0].name, str(t[0].sort))))
    if len(kept) == 1 and kept[0][1] == 1 and offset == Size.number(0):
        return kept[0][0]
    return Affine(kept, offset)


def combine(left: Index, right: Index, factor: int = 1) -> Index:
    """``left + factor * right`` for two positions."""
    a, b = position(left), position(right)
    total = dict(a.terms)
    for v, c in b.terms:
        total[v] = total.get(v, 0) + factor * c
    return affine(total, a.offset + b.offset * factor)


def part(index: Index, k: int) -> Index:
    """The k-th component, computed where the index is a tuple already."""
    return index.parts[k] if isinstance(index, Pair) else Part(index, k)


def sort_of(index: Index) -> Sort | None:
    """The sort of an index; None for a computed position, which fits any range."""
    if isinstance(index, Var):
        return index.sort
    if isinstance(index, Inject):
        return index.sort
    if isinstance(index, Part):
        whole = sort_of(index.index)
        return whole.parts[index.position] if isinstance(whole, Product) else None
    return None


Renaming: TypeAlias = Mapping[Var, Index]


def replace(index: Index, env: Renaming) -> Index:
    """Substitute index terms for variables."""
    if isinstance(index, Var):
        return env.get(index, index)
    if isinstance(index, Pair):
        return Pair(tuple(replace(i, env) for i in index.parts))
    if isinstance(index, Part):
        return part(replace(index.index, env), index.position)
    if isinstance(index, Inject):
        return Inject(index.position, replace(index.index, env), index.sort)
    if not any(v in env for v, _ in index.terms):
        return index
    result: Index = affine({}, index.offset)
    for v, c in index.terms:
        result = combine(result, env.get(v, v), c)
    return result


def variables(index: Index) -> frozenset[Var]:
    """The variables of an index term."""
    if isinstance(index, Var):
        return frozenset({index})
    if isinstance(index, Affine):
        return frozenset(v for v, _ in index.terms)
    if isinstance(index, Pair):
        return frozenset().union(*(variables(i) for i in index.parts))
    return variables(index.index)
