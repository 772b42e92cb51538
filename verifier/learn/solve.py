"""The inverse of a linear map of parameters, by elimination.  It only proposes: the kernel proves it to be one.

A map q_k[i] = sum_j c_kj p_j[pi(i)] + d_k, with pi a permutation of the indices and c, d free of p, is solved for p.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ..calculus.reverse import slots
from ..terms.index import Index, Var
from ..terms.signs import SignTable
from ..terms.syntax import ONE, ZERO, Add, Mul, Num, Power, Read, Symbol, Term, add, mul, neg, power
from ..terms.traverse import free_indices, map_reads, reads, rename_indices
from .program import Program, Scope

Places = Mapping[tuple[Symbol, tuple[Index, ...]], Term]


@dataclass(frozen=True)
class _Solved:
    """``symbol[indices] = value``."""

    indices: tuple[Var, ...]
    value: Term


def solved(forward: Program, signs: SignTable) -> Program | None:
    """The inverse of a linear program, if elimination finds one; ``signs`` chooses pivots that are not 0."""
    unknown = set(forward.inputs)
    outputs = [Symbol(f"q.{k}", s.axes, s.value) for k, s in enumerate(forward.outputs)]
    lets = {let.symbol: let for let in forward.lets}
    rows: list[tuple[Symbol, tuple[Var, ...], Term]] = []
    for q, s in zip(outputs, forward.outputs, strict=True):
        let = lets.get(s)
        i = let.indices if let is not None else slots(s)
        rows.append((q, i, let.body if let is not None else Read(s, i)))
    found: dict[Symbol, _Solved] = {}
    while rows:
        step = _pivot(rows, unknown, signs)
        if step is None:
            return None
        k, p, solution = step
        rows.pop(k)
        unknown.remove(p)
        found[p] = solution
        rows = [(q, i, _put(t, {p: solution})) for q, i, t in rows]
    if unknown:
        return None
    scope = Scope()
    for q in outputs:
        scope.input(q)
    values: dict[Symbol, Symbol] = {}
    for p in reversed(list(found)):
        row = found[p]
        body = map_reads(row.value, lambda s, ix: Read(values.get(s, s), ix))
        values[p] = scope.define(f"p.{p.name}", row.indices, body, p.value)
    return scope.program(outputs, tuple(values[p] for p in forward.inputs))


def _pivot(
    rows: list[tuple[Symbol, tuple[Var, ...], Term]], unknown: set[Symbol], signs: SignTable
) -> tuple[int, Symbol, _Solved] | None:
    """A row, an unknown of it whose coefficient is not 0, and the unknown by that row; the surest coefficient first."""
    best: tuple[int, int, Symbol, _Solved] | None = None
    for k, (q, i, t) in enumerate(rows):
        form = linear(t, unknown)
        if form is None:
            continue
        rest, places = form
        for (p, ix), written in places.items():
            c = _folded(written)
            if sum(s == p for s, _ in places) > 1 or len(set(ix)) != len(ix) or set(ix) != set(i) or c == ZERO:
                continue
            grade = 0 if isinstance(c, Num) else 1 if 0 not in signs.of(c) else 2
            if best is not None and best[0] <= grade:
                continue
            others = [neg(mul(d, Read(s, jx))) for (s, jx), d in places.items() if s != p]
            value = mul(add(Read(q, i), neg(rest), *others), _reciprocal(c))
            own = slots(p)
            table = {v: w for v, w in zip(ix, own, strict=True) if isinstance(v, Var)}
            best = (grade, k, p, _Solved(own, rename_indices(value, table)))
    return best[1:] if best is not None else None


def _folded(c: Term) -> Term:
    """A coefficient whose parts are numbers as one number; ``3/5`` is written as a product."""
    if isinstance(c, Add | Mul):
        parts = [_folded(p) for p in c.parts]
        return add(*parts) if isinstance(c, Add) else mul(*parts)
    if isinstance(c, Power) and c.exponent.denominator == 1:
        base = _folded(c.base)
        if isinstance(base, Num) and base.value:
            return Num(base.value**c.exponent.numerator)
    return c


def _reciprocal(c: Term) -> Term:
    return Num(1 / c.value) if isinstance(c, Num) else power(c, -1)


def linear(t: Term, unknown: set[Symbol]) -> tuple[Term, dict[tuple[Symbol, tuple[Index, ...]], Term]] | None:
    """A term as a rest and coefficients of reads of unknowns; None if it is not linear in them, or sums over them."""
    if not set(reads(t)) & unknown:
        return t, {}
    if isinstance(t, Read):
        return ZERO, {(t.symbol, t.index): ONE}
    if isinstance(t, Add):
        rest, places = ZERO, dict[tuple[Symbol, tuple[Index, ...]], Term]()
        for part in t.parts:
            form = linear(part, unknown)
            if form is None:
                return None
            rest = add(rest, form[0]) if form[0] != ZERO else rest
            for place, c in form[1].items():
                places[place] = add(places[place], c) if place in places else c
        return rest, places
    if isinstance(t, Mul):
        inside = [p for p in t.parts if set(reads(p)) & unknown]
        factors = [p for p in t.parts if not set(reads(p)) & unknown]
        form = linear(inside[0], unknown) if len(inside) == 1 else None
        if form is None or any(free_indices(f) for f in factors):
            return None
        return mul(*factors, form[0]) if form[0] != ZERO else ZERO, {p: mul(*factors, c) for p, c in form[1].items()}
    return None


def _put(t: Term, table: Mapping[Symbol, _Solved]) -> Term:
    def reader(s: Symbol, index: tuple[Index, ...]) -> Term:
        row = table.get(s)
        if row is None:
            return Read(s, index)
        return rename_indices(row.value, dict(zip(row.indices, index, strict=True)))

    return map_reads(t, reader)
