"""Index terms: variables, affine positions in a range, tuples and injections; conditions on them, and on data."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

from .sizes import Size
from .sorts import Fin, Product, Range, Sort, Sum

if TYPE_CHECKING:
    from .syntax import Symbol, Term


@dataclass(frozen=True, slots=True)
class Var:
    """An index variable; two variables are one if their names and sorts agree."""

    name: str
    sort: Sort
    _hash: int = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_hash", hash((self.name, self.sort)))  # kept: it is asked for very often

    def __hash__(self) -> int:
        return self._hash


@dataclass(frozen=True, slots=True)
class Affine:
    """A position ``sum coefficient * atom + offset``; the atoms are variables of sort Range, quotients, remainders
    and entries of integer tensors.

    A coefficient is a number where it is one, else a size.  A sole atom with coefficient 1 is always written as the
    atom itself (see `affine`).
    """

    terms: tuple[tuple[Atom, Coefficient], ...]
    offset: Size


@dataclass(frozen=True, slots=True)
class Quotient:
    """``index // divisor``, rounded downwards; the divisor is at least 1."""

    index: Index
    divisor: Size


@dataclass(frozen=True, slots=True)
class Remainder:
    """``index % divisor``, from 0 to divisor - 1, also for a negative index."""

    index: Index
    divisor: Size


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


@dataclass(frozen=True, slots=True)
class Lookup:
    """An entry of an integer tensor (its value is a `Fin`), as an index: ``tgt[b,t]`` in ``wte[tgt[b,t],c]``."""

    symbol: Symbol
    index: tuple[Index, ...]


Index: TypeAlias = Var | Affine | Pair | Part | Inject | Quotient | Remainder | Lookup
Atom: TypeAlias = Var | Quotient | Remainder | Lookup
Coefficient: TypeAlias = int | Size
INDICES = (Var, Affine, Pair, Part, Inject, Quotient, Remainder, Lookup)
"""The nodes of index terms, to tell them from terms."""


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
    if isinstance(index, Quotient | Remainder | Lookup) or (isinstance(index, Var) and isinstance(index.sort, Range)):
        return Affine(((index, 1),), Size.number(0))
    raise TypeError(f"not a position: {index}")


def coefficient(c: Coefficient) -> Coefficient:
    """A number where a coefficient is one."""
    value = c.constant() if isinstance(c, Size) else None
    return c if value is None else value


def _order(atom: Atom) -> tuple[str, str]:
    return (atom.name, str(atom.sort)) if isinstance(atom, Var) else (repr(atom), "")


def affine(terms: Mapping[Atom, Coefficient], offset: Size) -> Index:
    """The canonical index term of an affine form: sorted, no zero coefficient, a bare atom as itself."""
    rows = ((v, coefficient(c)) for v, c in terms.items())
    kept = tuple(sorted(((v, c) for v, c in rows if c != 0), key=lambda t: _order(t[0])))
    if len(kept) == 1 and kept[0][1] == 1 and offset == Size.number(0):
        return kept[0][0]
    return Affine(kept, offset)


def combine(left: Index, right: Index, factor: Coefficient = 1) -> Index:
    """``left + factor * right`` for two positions."""
    a, b = position(left), position(right)
    total = dict(a.terms)
    for v, c in b.terms:
        total[v] = total.get(v, 0) + factor * c
    return affine(total, a.offset + b.offset * factor)


def closed(index: Index) -> Size | None:
    """The size that a position is, if no index occurs in it."""
    return index.offset if isinstance(index, Affine) and not index.terms else None


def quotient(index: Index, divisor: Size) -> Index:
    """``index // divisor``; a size where both are and the division is exact, or both are numbers."""
    whole = closed(index)
    if divisor == Size.number(1):
        return index
    if whole is not None:
        q, r = whole.divided(divisor)
        if r == Size.number(0) or (whole.constant() is not None and divisor.constant() is not None):
            return affine({}, q)
    return Quotient(index, divisor)


def remainder(index: Index, divisor: Size) -> Index:
    """``index % divisor``."""
    whole = closed(index)
    if divisor == Size.number(1):
        return affine({}, Size.number(0))
    if whole is not None:
        r = whole.divided(divisor)[1]
        if r == Size.number(0) or (whole.constant() is not None and divisor.constant() is not None):
            return affine({}, r)
    return Remainder(index, divisor)


def part(index: Index, k: int) -> Index:
    """The k-th component, computed where the index is a tuple already."""
    return index.parts[k] if isinstance(index, Pair) else Part(index, k)


def sort_of(index: Index) -> Sort | None:
    """The sort of an index; None for a computed position, which fits any range."""
    if isinstance(index, Var):
        return index.sort
    if isinstance(index, Inject):
        return index.sort
    if isinstance(index, Lookup):
        return Range(index.symbol.value.size) if isinstance(index.symbol.value, Fin) else None
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
    if isinstance(index, Quotient):
        return quotient(replace(index.index, env), index.divisor)
    if isinstance(index, Remainder):
        return remainder(replace(index.index, env), index.divisor)
    if isinstance(index, Lookup):
        return Lookup(index.symbol, tuple(replace(i, env) for i in index.index))
    if not any(w in env for v, _ in index.terms for w in variables(v)):
        return index
    result: Index = affine({}, index.offset)
    for v, c in index.terms:
        result = combine(result, replace(v, env), c)
    return result


def variables(index: Index) -> frozenset[Var]:
    """The variables of an index term."""
    if isinstance(index, Var):
        return frozenset({index})
    if isinstance(index, Affine):
        return frozenset().union(*(variables(v) for v, _ in index.terms))
    if isinstance(index, Pair):
        return frozenset().union(*(variables(i) for i in index.parts))
    if isinstance(index, Lookup):
        return frozenset().union(*(variables(i) for i in index.index))
    return variables(index.index)


def lookups(index: Index) -> tuple[Lookup, ...]:
    """The entries of integer tensors that an index term reads, outermost first; not those inside of others."""
    if isinstance(index, Lookup):
        return (index,)
    if isinstance(index, Affine):
        return tuple(x for v, _ in index.terms for x in lookups(v))
    if isinstance(index, Pair):
        return tuple(x for i in index.parts for x in lookups(i))
    return () if isinstance(index, Var) else lookups(index.index)


def renamed(index: Index, reader: Callable[[Lookup], Index]) -> Index:
    """An index term with others put for the entries of integer tensors in it (not for those inside of others)."""
    if isinstance(index, Var) or not lookups(index):
        return index
    if isinstance(index, Lookup):
        return reader(index)
    if isinstance(index, Pair):
        return Pair(tuple(renamed(i, reader) for i in index.parts))
    if isinstance(index, Part):
        return part(renamed(index.index, reader), index.position)
    if isinstance(index, Inject):
        return Inject(index.position, renamed(index.index, reader), index.sort)
    if isinstance(index, Quotient | Remainder):
        return type(index)(renamed(index.index, reader), index.divisor)
    result: Index = affine({}, index.offset)
    for v, c in index.terms:
        result = combine(result, renamed(v, reader), c)
    return result


def comparisons(guard: Guard) -> tuple[Compare | Same, ...]:
    """The comparisons of index terms in a condition."""
    if isinstance(guard, Compare | Same):
        return (guard,)
    if isinstance(guard, Holds):
        return ()
    if isinstance(guard, Not):
        return comparisons(guard.part)
    return tuple(c for g in guard.parts for c in comparisons(g))


def guard_positions(guard: Guard) -> tuple[Index, ...]:
    """The index terms that a condition compares."""
    return tuple(i for c in comparisons(guard) for i in ((c.form,) if isinstance(c, Compare) else (c.left, c.right)))


def sizes_in(index: Index) -> frozenset[str]:
    """The size symbols that occur in an index term."""
    if isinstance(index, Affine):
        more = (c.symbols() for _, c in index.terms if isinstance(c, Size))
        return index.offset.symbols().union(*more, *(sizes_in(v) for v, _ in index.terms))
    if isinstance(index, Pair):
        return frozenset().union(*(sizes_in(i) for i in index.parts))
    if isinstance(index, Lookup):
        own = index.symbol.value.size.symbols() if isinstance(index.symbol.value, Fin) else frozenset()
        return own.union(*(sizes_in(i) for i in index.index))
    if isinstance(index, Quotient | Remainder):
        return sizes_in(index.index) | index.divisor.symbols()
    return sizes_in(index.index) if isinstance(index, Part | Inject) else frozenset()


def divisors(index: Index) -> tuple[Size, ...]:
    """The divisors that occur in an index term."""
    if isinstance(index, Quotient | Remainder):
        return (*divisors(index.index), index.divisor)
    if isinstance(index, Affine):
        return tuple(d for v, _ in index.terms for d in divisors(v))
    if isinstance(index, Pair):
        return tuple(d for i in index.parts for d in divisors(i))
    if isinstance(index, Lookup):
        return tuple(d for i in index.index for d in divisors(i))
    return divisors(index.index) if isinstance(index, Part | Inject) else ()
