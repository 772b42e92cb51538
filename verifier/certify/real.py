"""Real expressions as Coq writes them: binary, with index variables, sums, and lets that are definitions.

A node has an operation, parts and data:

=========== ===================== ====================================================
operation   data                  value
=========== ===================== ====================================================
num         Fraction              a number
size        str                   a size as a real number
constant    str                   a closed Coq term
entry       (name, indices)       an entry of an input or a let
add sub mul                       of two parts
neg                               of one
pow         int                   a natural power
slope       int                   the derivative of a power: of its base and the base's
fun         str                   a function of one part; ``/`` is the reciprocal
sum         Var                   a sum over an index
choose      Guard                 the first part where the guard holds, else the second
bit         Guard                 1 where the guard holds, else 0
delta       (Index, Index)        1 where both are equal, else 0
atom        (head, variables)     its part, which is not looked into
=========== ===================== ====================================================
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from ..terms import index as ix
from ..terms import syntax as t
from ..terms.index import Guard, Index, Var
from ..terms.sizes import Size
from ..terms.sorts import Range, Real

KNOWN = {
    "exp": "exp",
    "log": "ln",
    "sin": "sin",
    "cos": "cos",
    "sinh": "sinh",
    "cosh": "cosh",
    "tanh": "tanh",
    "sigmoid": "sigmoid",
    "softplus": "softplus",
    "silu": "silu",
}
"""The functions that have a meaning and a rule for their derivative in the library, by their names here."""


class NotStated(Exception):
    """A claim that has no statement in Coq yet, and why."""


@dataclass(frozen=True)
class Node:
    """An expression; see the table above."""

    op: str
    parts: tuple[Node, ...] = ()
    data: Any = None

    def walk(self) -> Iterator[Node]:
        """The node and all below it."""
        yield self
        for p in self.parts:
            yield from p.walk()


def num(value: Fraction | int) -> Node:
    return Node("num", (), Fraction(value))


def add(a: Node, b: Node) -> Node:
    return Node("add", (a, b))


def mul(a: Node, b: Node) -> Node:
    return Node("mul", (a, b))


def neg(a: Node) -> Node:
    return Node("neg", (a,))


def fun(name: str, a: Node) -> Node:
    return Node("fun", (a,), name)


def inverse(a: Node) -> Node:
    return fun("/", a)


def power(a: Node, n: int) -> Node:
    return a if n == 1 else Node("pow", (a,), n)


def entry(name: str, *index: Index) -> Node:
    return Node("entry", (), (name, tuple(index)))


def sums(indices: tuple[Var, ...], body: Node) -> Node:
    """The sum over some indices, the first outermost."""
    for v in reversed(indices):
        body = Node("sum", (body,), v)
    return body


ZERO, ONE = num(0), num(1)


def of_term(e: t.Term) -> Node:
    """A term as an expression.  Raises NotStated for what the library has no meaning of."""
    if isinstance(e, t.Num):
        return num(e.value) if e.value >= 0 else neg(num(-e.value))
    if isinstance(e, t.SizeOf):
        return of_size(e.size)
    if isinstance(e, t.Constant):
        return Node("constant", (), {"pi": "PI", "e": "(exp 1)"}[e.name])
    if isinstance(e, t.Read):
        if not isinstance(e.symbol.value, Real):
            raise NotStated(f"{e.symbol.label}, which is no tensor of real numbers, as a number")
        return entry(e.symbol.name, *e.index)
    if isinstance(e, t.Add):
        return _added([of_term(p) for p in e.parts])
    if isinstance(e, t.Mul):
        return _product(e.parts)
    if isinstance(e, t.Power):
        return _power(of_term(e.base), e.exponent)
    if isinstance(e, t.Total):
        for v in e.indices:
            plain(v)
        return sums(e.indices, of_term(e.body))
    if isinstance(e, t.If):
        return Node("choose", (of_term(e.then), of_term(e.other)), about_indices(e.guard))
    if isinstance(e, t.Call):
        return _call(e)
    raise NotStated(f"a term of the kind {type(e).__name__}")


def _added(parts: list[Node]) -> Node:
    total = parts[0]
    for p in parts[1:]:
        total = Node("sub", (total, p.parts[0])) if p.op == "neg" else add(total, p)
    return total


def _product(parts: tuple[t.Term, ...]) -> Node:
    first = parts[0]
    if isinstance(first, t.Num) and first.value < 0:
        rest = parts[1:] if first.value == -1 and len(parts) > 1 else (t.Num(-first.value), *parts[1:])
        return neg(_product(rest))
    total = of_term(first)
    for p in parts[1:]:
        total = mul(total, of_term(p))
    return total


def _power(base: Node, exponent: Fraction) -> Node:
    if exponent.denominator == 2:
        base, exponent = fun("sqrt", base), exponent * 2
    if exponent.denominator != 1:
        raise NotStated(f"the power {exponent}")
    n = int(exponent)
    return power(base, n) if n >= 0 else inverse(power(base, -n))


def of_size(size: Size) -> Node:
    """A size as a real number: the polynomial that it is."""
    rows: list[Node] = []
    for monomial, c in size.terms:
        factors = [Node("size", (), s) for s in monomial]
        if abs(c) != 1 or not factors:
            factors.insert(0, num(abs(c)))
        row = factors[0]
        for f in factors[1:]:
            row = mul(row, f)
        rows.append(row if c > 0 else neg(row))
    rows.sort(key=lambda r: r.op == "neg")
    return _added(rows) if rows else ZERO


def _call(e: t.Call) -> Node:
    f = e.function
    if f.known:
        if f.name not in KNOWN:
            raise NotStated(f"the function {f.name}")
        return fun(KNOWN[f.name], of_term(e.arguments[0].body))
    scalar = len(f.arguments) == 1 and not f.axes and not f.arguments[0][0] and not f.table
    if not scalar or f.value != Real() or f.arguments[0][1] != Real() or "smooth" not in f.properties:
        raise NotStated(f"{f.name.lstrip('$')}, which is no smooth function from R to R")
    return fun(f.name + "'" * len(e.partials), of_term(e.arguments[0].body))


def plain(v: Var) -> None:
    """Raises NotStated for an index that is no number."""
    if not isinstance(v.sort, Range):
        raise NotStated("an index that is packed or put together")


def about_indices(g: Guard) -> Guard:
    """The guard, if it compares indices alone.  Raises NotStated."""
    if isinstance(g, ix.Holds):
        raise NotStated("a condition on data")
    for p in g.parts if isinstance(g, ix.And | ix.Or) else (g.part,) if isinstance(g, ix.Not) else ():
        about_indices(p)
    return g


def rebuilt(e: Node, env: Mapping[Var, Index]) -> Node:
    """An expression with other indices for free variables; the bound ones must not occur in them."""
    if not env:
        return e
    parts = tuple(rebuilt(p, env) for p in e.parts)
    data = e.data
    if e.op == "entry":
        data = (e.data[0], tuple(ix.replace(i, env) for i in e.data[1]))
    elif e.op == "delta":
        data = tuple(ix.replace(i, env) for i in e.data)
    elif e.op in ("choose", "bit"):
        data = guard_at(e.data, env)
    elif e.op == "sum":
        inner = {v: i for v, i in env.items() if v != e.data}
        parts = tuple(rebuilt(p, inner) for p in e.parts)
    return Node(e.op, parts, data)


def guard_at(g: Guard, env: Mapping[Var, Index]) -> Guard:
    """A guard about other indices."""
    if isinstance(g, ix.Compare):
        return ix.Compare(g.relation, ix.replace(g.form, env))
    if isinstance(g, ix.Same):
        return ix.Same(ix.replace(g.left, env), ix.replace(g.right, env))
    if isinstance(g, ix.And | ix.Or):
        return type(g)(tuple(guard_at(p, env) for p in g.parts))
    if isinstance(g, ix.Not):
        return ix.Not(guard_at(g.part, env))
    raise NotStated("a condition on data")


def guard_variables(g: Guard) -> frozenset[Var]:
    """The index variables of a guard."""
    return frozenset(v for i in ix.guard_positions(g) for v in ix.variables(i))


def free(e: Node) -> frozenset[Var]:
    """The free index variables of an expression."""
    found: frozenset[Var] = frozenset().union(*(free(p) for p in e.parts))
    if e.op == "entry":
        found = found.union(*(ix.variables(i) for i in e.data[1]))
    elif e.op == "delta":
        found = found.union(*(ix.variables(i) for i in e.data))
    elif e.op in ("choose", "bit"):
        found |= guard_variables(e.data)
    elif e.op == "sum":
        found -= {e.data}
    return found
