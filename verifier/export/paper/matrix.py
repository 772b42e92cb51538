"""Terms in matrix notation, where they allow it: products, transposes, entrywise products, outer products, diagonals.

A term over one or two free indices is a vector or a matrix.  A sum of products is a network: indices are its vertices,
factors with two indices its edges, factors with one are vectors at a vertex; what is a path is a product of matrices.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TypeAlias

from ...terms.index import Var
from ...terms.sorts import Range
from ...terms.syntax import (
    Add,
    Call,
    Case,
    Extreme,
    If,
    IndexOf,
    Let,
    Mul,
    Num,
    Power,
    Prod,
    Read,
    Symbol,
    Term,
    Total,
    Where,
    mul,
)
from ...terms.traverse import free_indices, reads, subterms


class NoMatrix(ValueError):
    """A term that has no form in matrices here."""


@dataclass(frozen=True)
class Leaf:
    """A tensor as a whole, or a term in which there are numbers only."""

    term: Term | Symbol


@dataclass(frozen=True)
class Ones:
    """The vector of ones of an axis."""

    axis: Range


@dataclass(frozen=True)
class Op:
    """``kind``: sum, product (of matrices), entrywise, scale (scalars, then one matrix), transpose, diagonal."""

    kind: str
    parts: tuple[Matrix, ...]


@dataclass(frozen=True)
class Raised:
    """A power; of each entry, if its base is no number."""

    base: Matrix
    exponent: Fraction
    entrywise: bool


@dataclass(frozen=True)
class Apply:
    """A function of each entry; or of whole vectors, and then perhaps its Jacobian by its argument."""

    call: Call
    arguments: tuple[Matrix, ...]
    jacobian: bool = False


Matrix: TypeAlias = Leaf | Ones | Op | Raised | Apply
Out: TypeAlias = tuple[Var, ...]


def matrix(let: Let) -> Matrix:
    """The body of a let as a matrix with its indices.  Raises NoMatrix."""
    if len(let.indices) > 2 or not all(isinstance(v.sort, Range) for v in let.indices):
        raise NoMatrix
    return _of(let.body, let.indices)


def _of(t: Term, out: Out) -> Matrix:
    free = free_indices(t)
    if not free <= set(out):
        raise NoMatrix
    if out and set(out) - free:
        return _spread(t, out, free)
    if not out and _plain(t):
        return Leaf(t)
    if isinstance(t, Read):
        return _read(t, out)
    if isinstance(t, Add):
        return Op("sum", tuple(_of(p, out) for p in t.parts))
    if isinstance(t, Mul | Total):
        return _network(t, out)
    if isinstance(t, Power):
        return Raised(_of(t.base, out), t.exponent, bool(out))
    if isinstance(t, Call):
        return _call(t, out)
    raise NoMatrix


def _plain(t: Term) -> bool:
    """Whether a term has no indices and reads numbers only."""
    if any(isinstance(u, Total | IndexOf | If | Case | Prod | Extreme | Where) for u in subterms(t)):
        return False
    return not any(s.axes for s in reads(t)) and not any(
        a.indices for u in subterms(t) if isinstance(u, Call) for a in u.arguments
    )


def _spread(t: Term, out: Out, free: frozenset[Var]) -> Matrix:
    """A term that does not depend on all indices, as a matrix that is constant along the others."""
    ones = [Ones(v.sort) for v in out if isinstance(v.sort, Range)]
    if not free:
        whole: Matrix = ones[0] if len(out) == 1 else Op("product", (ones[0], Op("transpose", (ones[1],))))
        return whole if t == Num(Fraction(1)) else Op("scale", (_of(t, ()), whole))
    if out[0] in free:
        return Op("product", (_of(t, out[:1]), Op("transpose", (ones[1],))))
    return Op("product", (ones[0], Op("transpose", (_of(t, out[1:]),))))


def _read(t: Read, out: Out) -> Matrix:
    if t.index == out:
        return Leaf(t.symbol)
    if len(out) == 2 and t.index == (out[1], out[0]):
        return Op("transpose", (Leaf(t.symbol),))
    raise NoMatrix


def _call(t: Call, out: Out) -> Matrix:
    arguments = t.arguments
    if not t.function.axes and all(not a.indices for a in arguments):
        if any(ix for _, ix in t.partials):
            raise NoMatrix
        return Apply(t, tuple(_of(a.body, out) for a in arguments))
    whole = tuple(_of(a.body, a.indices) for a in arguments if len(a.indices) == 1)
    if len(whole) != len(arguments):
        raise NoMatrix
    if not t.partials and t.outputs == out and len(out) == 1:
        return Apply(t, whole)
    if len(arguments) == 1 and len(t.partials) == 1 and len(out) == 2 and len(t.outputs) == 1:
        row, column = t.outputs[0], t.partials[0][1][0]
        if (row, column) == out:
            return Apply(t, whole, True)
        if (column, row) == out:
            return Op("transpose", (Apply(t, whole, True),))
    raise NoMatrix


# ---- networks


def _flat(t: Term) -> tuple[list[Var], list[Term]]:
    """Bound indices and factors of sums of products; sums that stand in products are factors."""
    if isinstance(t, Total):
        bound, factors = _flat(t.body)
        return [*t.indices, *bound], factors
    if isinstance(t, Mul):
        rows: list[Term] = []
        for p in t.parts:
            rows += _flat(p)[1] if isinstance(p, Mul) else [p]
        return [], rows
    return [], [t]


def _network(t: Term, out: Out) -> Matrix:
    bound, factors = _flat(t)
    if len(set(bound)) < len(bound) or set(bound) & set(out) or len(out) + len(bound) > 6:
        raise NoMatrix
    if not all(isinstance(v.sort, Range) for v in bound):
        raise NoMatrix
    if bound and len(factors) == 1 and not isinstance(factors[0], Read | Call | Power | Add):
        raise NoMatrix
    numbers: list[Term] = []
    scalars: list[Matrix] = []
    vectors: dict[Var, list[Matrix]] = {}
    edges: dict[frozenset[Var], list[Term]] = {}
    for f in factors:
        free = free_indices(f)
        if isinstance(f, IndexOf) or len(free) > 2:
            raise NoMatrix
        if not free and _plain(f):
            numbers.append(f)
        elif not free:
            scalars.append(_of(f, ()))
        elif len(free) == 1:
            (v,) = free
            vectors.setdefault(v, []).append(_of(f, (v,)))
        else:
            edges.setdefault(free, []).append(f)
    net = _Net(vectors, edges, set(out))
    body = net.outer(out) if len(out) == 2 else net.path(out[0]) if out else net.closed(bound)
    if net.vectors or net.edges or set(bound) - net.seen:
        raise NoMatrix  # what is left is not on the path
    scalars = [*([Leaf(mul(*numbers))] if numbers else []), *scalars]
    parts = (*scalars, *([body] if body is not None else []))
    return parts[0] if len(parts) == 1 else Op("scale", parts)


@dataclass
class _Net:
    """What is left of a network while its paths are read off."""

    vectors: dict[Var, list[Matrix]]
    edges: dict[frozenset[Var], list[Term]]
    out: set[Var]

    def __post_init__(self) -> None:
        self.seen: set[Var] = set()

    def at(self, v: Var) -> Matrix | None:
        """The entrywise product of the vectors at a vertex."""
        self.seen.add(v)
        rows = self.vectors.pop(v, [])
        return None if not rows else rows[0] if len(rows) == 1 else Op("entrywise", tuple(rows))

    def step(self, v: Var) -> tuple[Var, Matrix] | None:
        """The only edge at a vertex, taken away, and where it leads."""
        here = [e for e in self.edges if v in e]
        if len(here) > 1:
            raise NoMatrix
        if not here:
            return None
        rows = self.edges.pop(here[0])
        (w,) = here[0] - {v}
        return w, _entrywise([_of(f, (v, w)) for f in rows])

    def walk(self, v: Var) -> tuple[list[Matrix], Var]:
        """Edges and diagonals from a vertex on, and the last vertex, whose vectors are not read."""
        factors: list[Matrix] = []
        while (found := self.step(v)) is not None:
            v, edge = found
            factors.append(edge)
            if v in self.out or not any(v in e for e in self.edges):
                break
            middle = self.at(v)
            factors += [Op("diagonal", (middle,))] if middle is not None else []
        return factors, v

    def path(self, v: Var) -> Matrix:
        """The vector over a free index."""
        own = self.at(v)
        factors, end = self.walk(v)
        if not factors:
            if own is None:
                raise NoMatrix
            return own
        if end in self.out:
            raise NoMatrix
        last = self.at(end) or _ones(end)
        rest = Op("product", (*factors, last))
        return rest if own is None else Op("entrywise", (own, rest))

    def outer(self, out: Out) -> Matrix:
        """The matrix over two free indices: a path between them, or one vector times another."""
        i, j = out
        if any(i in e for e in self.edges):
            own = self.at(i)
            factors, end = self.walk(i)
            if end == j:
                other = self.at(j)
                left = [Op("diagonal", (own,))] if own is not None else []
                right = [Op("diagonal", (other,))] if other is not None else []
                rows = (*left, *factors, *right)
                return rows[0] if len(rows) == 1 else Op("product", rows)
            last = self.at(end) or _ones(end)
            column: Matrix = Op("product", (*factors, last))
            column = column if own is None else Op("entrywise", (own, column))
        else:
            column = self.path(i)
        return Op("product", (column, Op("transpose", (self.path(j),))))

    def closed(self, bound: Sequence[Var]) -> Matrix | None:
        """A number: from one end of a path to the other."""
        if not bound:
            return None
        ends = [v for v in bound if sum(v in e for e in self.edges) == 1]
        if not self.edges:
            if len(bound) != 1:
                raise NoMatrix
            (v,) = bound
            rows = self.vectors.pop(v, [])
            self.seen.add(v)
            if not rows:
                raise NoMatrix
            first = _ones(v) if len(rows) == 1 else rows[0]
            return Op("product", (Op("transpose", (first,)), _entrywise(rows[min(1, len(rows) - 1) :])))
        if len(ends) != 2:
            raise NoMatrix
        start = ends[0]
        first = self.at(start) or _ones(start)
        factors, end = self.walk(start)
        last = self.at(end) or _ones(end)
        return Op("product", (Op("transpose", (first,)), *factors, last))


def _entrywise(rows: Sequence[Matrix]) -> Matrix:
    """The entrywise product; of transposes alone it is the transpose of one."""
    if len(rows) == 1:
        return rows[0]
    if all(isinstance(m, Op) and m.kind == "transpose" for m in rows):
        return Op("transpose", (Op("entrywise", tuple(m.parts[0] for m in rows if isinstance(m, Op))),))
    return Op("entrywise", tuple(rows))


def _ones(v: Var) -> Matrix:
    assert isinstance(v.sort, Range)  # bound indices are, by then
    return Ones(v.sort)


__all__ = ["Apply", "Leaf", "Matrix", "NoMatrix", "Ones", "Op", "Raised", "matrix"]
