"""Expressions as polynomials in atoms under sums: what `verifier/coq/SumRing.v` decides equality of.

Lets are unfolded; reciprocals, roots, exponentials and logarithms are taken apart as far as their rules go; what is
left is a closed head at index variables.  Heads that are the same up to the names of their variables are one head.
Coq is told the result and asked whether it is the same (tactic ``same``), so that nothing here is trusted.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction

from ..terms import index as ix
from ..terms.index import Guard, Index, Var
from ..terms.sizes import Size
from .real import ONE, Node, NotStated, add, free, fun, guard_at, inverse, mul, neg, num, rebuilt

MOST = 20_000  # nodes of one side


@dataclass
class Definition:
    """A let: its indices and what it is."""

    indices: tuple[Var, ...]
    body: Node


@dataclass
class Head:
    """A closed expression at some variables."""

    expression: Node
    places: tuple[Var, ...]


@dataclass
class Flattener:
    """Makes polynomials, and collects the heads, sizes and rules that they need.

    ``unfold``: the lets that are looked into; of others the entries are atoms.
    """

    lets: Mapping[str, Definition]
    unfold: Callable[[str], bool] = lambda name: True
    heads: dict[object, int] = field(default_factory=dict)
    rows: list[Head | Size] = field(default_factory=list)
    _fresh: int = 0
    _count: int = 0

    def flat(self, e: Node) -> Node:
        """The polynomial of an expression.  Its binders have names of their own."""
        self._count += 1
        if self._count > MOST:
            raise NotStated("an expression too large to unfold")
        op, parts = e.op, e.parts
        if op in ("num", "atom"):
            return e
        if op in ("add", "sub", "mul", "neg"):
            return Node(op, tuple(map(self.flat, parts)))
        if op == "sum":
            v = self.new(e.data)
            return Node("sum", (self.flat(rebuilt(parts[0], {e.data: v})),), v)
        if op == "pow":
            result = ONE
            for _ in range(e.data):
                result = mul(self.flat(parts[0]), result)
            return result
        if op == "slope":
            return self.flat(_slope(e.data, *parts))
        if op == "choose":
            here = self.guard(e.data)
            then = mul(here, self.flat(parts[0]))
            return add(then, mul(Node("sub", (ONE, self.guard(e.data))), self.flat(parts[1])))
        if op == "bit":
            return self.guard(e.data)
        if op == "delta":
            if all(isinstance(i, Var) for i in e.data):
                return e
            return self.guard(ix.Same(*e.data))
        if op == "entry":
            body = self.body(e)
            return self.atom(e) if body is None else self.flat(body)
        if op == "fun" and e.data == "/":
            return self.inverse(parts[0])
        if op == "fun" and e.data == "exp":
            return self.exponential(parts[0])
        return self.atom(e)

    def new(self, v: Var) -> Var:
        """A variable of the same sort with a name that no other has."""
        self._fresh += 1
        return Var(f"k{self._fresh}", v.sort)

    def body(self, e: Node) -> Node | None:
        """What an entry of a let is, if it is looked into."""
        name, index = e.data
        d = self.lets.get(name)
        if d is None or not self.unfold(name):
            return None
        return self.fresh(d.body, dict(zip(d.indices, index, strict=True)))

    def fresh(self, e: Node, env: Mapping[Var, Index]) -> Node:
        """An expression at other indices, its binders renamed so that they bind nothing of these."""
        if e.op == "sum":
            v = self.new(e.data)
            return Node("sum", (self.fresh(e.parts[0], {**env, e.data: v}),), v)
        top = rebuilt(Node(e.op, (), e.data), env) if e.op != "atom" else e
        return Node(e.op, tuple(self.fresh(p, env) for p in e.parts), top.data)

    # ---- rules of functions

    def inverse(self, a: Node) -> Node:
        """The polynomial of 1/a."""
        if a.op == "mul":
            return mul(self.inverse(a.parts[0]), self.inverse(a.parts[1]))
        if a.op == "num" and a.data:
            return self.rational(1 / a.data)
        if a.op == "neg":
            return neg(self.inverse(a.parts[0]))
        if a.op == "pow":
            result = ONE
            for _ in range(a.data):
                result = mul(self.inverse(a.parts[0]), result)
            return result
        if a.op == "fun" and a.data == "/":
            return self.whole(a.parts[0])
        if a.op == "fun" and a.data == "exp":
            return self.exponential(neg(a.parts[0]))
        if a.op == "entry":
            body = self.body(a)
            if body is not None:
                return self.inverse(body)
        return self.atom(inverse(a))

    def rational(self, q: Fraction) -> Node:
        return num(q)

    def whole(self, a: Node) -> Node:
        """The polynomial of an expression whose sums stay as they are, so that they cancel against their inverse."""
        if a.op == "mul":
            return mul(self.whole(a.parts[0]), self.whole(a.parts[1]))
        if a.op == "entry":
            body = self.body(a)
            if body is not None:
                return self.whole(body)
        if a.op in ("add", "sub", "sum"):
            return self.atom(a)
        return self.flat(a)

    def exponential(self, a: Node) -> Node:
        """The polynomial of exp(a): a product where a is a sum; exp(log b) is b."""
        a, sign = self.seen(a), 1
        if a.op == "add":
            return mul(self.exponential(a.parts[0]), self.exponential(a.parts[1]))
        if a.op == "sub":
            return mul(self.exponential(a.parts[0]), self.exponential(neg(a.parts[1])))
        while a.op == "neg":
            a, sign = self.seen(a.parts[0]), -sign
        if a.op in ("add", "sub") and sign < 0:
            return self.exponential(_negated(a))
        if a.op in ("add", "sub"):
            return self.exponential(a)
        if a.op == "fun" and a.data == "ln":
            return self.whole(a.parts[0]) if sign > 0 else self.inverse(a.parts[0])
        return self.atom(fun("exp", a) if sign > 0 else inverse(fun("exp", a)))

    def seen(self, a: Node) -> Node:
        """A let's body in its place, if what it is matters here."""
        while a.op == "entry":
            body = self.body(a)
            if body is None or body.op not in ("add", "sub", "neg", "fun", "entry"):
                return a
            if body.op == "fun" and body.data != "ln":
                return a
            a = body
        return a

    def guard(self, g: Guard) -> Node:
        """The polynomial of a guard as 0 or 1."""
        if isinstance(g, ix.And):
            result: Node | None = None
            for p in reversed(g.parts):
                result = self.guard(p) if result is None else mul(self.guard(p), result)
            return ONE if result is None else result
        if isinstance(g, ix.Not):
            return Node("sub", (ONE, self.guard(g.part)))
        if isinstance(g, ix.Or):
            if not g.parts:
                return num(0)
            return Node("sub", (ONE, self.guard(ix.And(tuple(map(ix.Not, g.parts))))))
        if isinstance(g, ix.Same):
            g = ix.Compare("==", ix.combine(g.left, g.right, -1))
        assert isinstance(g, ix.Compare)
        if g.relation == "==":
            form = ix.position(g.form)
            equal = [v for v, c in form.terms]
            if (
                len(form.terms) == 2
                and not form.offset.terms
                and all(isinstance(v, Var) for v in equal)
                and {c for _, c in form.terms} == {1, -1}
                and equal[0].sort == equal[1].sort  # type: ignore[union-attr]
            ):
                return Node("delta", (), tuple(equal))
            first = form.terms[0][1] if form.terms else 1
            if isinstance(first, int) and first < 0:
                g = ix.Compare("==", ix.combine(ix.affine({}, Size.number(0)), g.form, -1))
        return self.atom(Node("bit", (), g))

    # ---- atoms

    def atom(self, e: Node) -> Node:
        """An expression as a head at variables."""
        places = self.places(e)
        canonical = self.key(e, dict(zip(places, range(len(places)), strict=True)))
        if canonical not in self.heads:
            self.heads[canonical] = len(self.rows)
            self.rows.append(Head(e, places))
        return Node("atom", (e,), (self.heads[canonical], places))

    def places(self, e: Node) -> tuple[Var, ...]:
        """The free variables of an expression, in the order in which its unfolded form reads them."""
        order: dict[Var, None] = {}
        self.key(e, {}, order)
        return tuple(order)

    def key(self, e: Node, env: Mapping[Var, object], order: dict[Var, None] | None = None) -> object:
        """What an expression is: lets unfolded, variables by ``env``; new ones are put into ``order``."""
        if e.op == "entry":
            name, index = e.data
            d = self.lets.get(name)
            if d is not None:
                return self.key(rebuilt_fresh(d, index, self), env, order)
            return ("entry", name, tuple(_index_key(i, env, order) for i in index))
        if e.op == "sum":
            inner = {**env, e.data: ("bound", len(env))}
            return ("sum", str(e.data.sort), self.key(e.parts[0], inner, order))
        parts = tuple(self.key(p, env, order) for p in e.parts)
        if e.op == "delta":
            return ("delta", tuple(_index_key(i, env, order) for i in e.data))
        if e.op in ("choose", "bit"):
            return (e.op, _guard_key(e.data, env, order), parts)
        if e.op == "atom":
            return parts[0]
        return (e.op, e.data, parts)


def rebuilt_fresh(d: Definition, index: tuple[Index, ...], f: Flattener) -> Node:
    return f.fresh(d.body, dict(zip(d.indices, index, strict=True)))


def _index_key(i: Index, env: Mapping[Var, object], order: dict[Var, None] | None) -> object:
    if isinstance(i, Var):
        if i in env:
            return ("var", env[i])
        if order is not None:
            order.setdefault(i)
        return ("var", i)
    if isinstance(i, ix.Lookup):
        return ("lookup", i.symbol.name, tuple(_index_key(j, env, order) for j in i.index))
    if isinstance(i, ix.Quotient | ix.Remainder):
        return (type(i).__name__, _index_key(i.index, env, order), i.divisor)
    form = ix.position(i)
    terms = sorted(form.terms, key=lambda row: (str(row[1]), str(ix.sort_of(row[0])), repr(row[0])))
    rows = sorted(((str(c), _index_key(a, env, order)) for a, c in terms), key=repr)
    return ("affine", tuple(rows), form.offset)


def _guard_key(g: Guard, env: Mapping[Var, object], order: dict[Var, None] | None) -> object:
    if isinstance(g, ix.Compare):
        return ("compare", g.relation, _index_key(g.form, env, order))
    if isinstance(g, ix.Same):
        return ("same", _index_key(g.left, env, order), _index_key(g.right, env, order))
    if isinstance(g, ix.Not):
        return ("not", _guard_key(g.part, env, order))
    assert isinstance(g, ix.And | ix.Or)
    return (type(g).__name__, tuple(_guard_key(p, env, order) for p in g.parts))


def _slope(n: int, x: Node, d: Node) -> Node:
    """What ``power_tangent n x d`` is."""
    if n == 0:
        return num(0)
    return add(mul(d, Node("pow", (x,), n - 1)), mul(x, _slope(n - 1, x, d)))


def _negated(a: Node) -> Node:
    x, y = a.parts
    return Node("add", (neg(x), y)) if a.op == "sub" else Node("add", (neg(x), neg(y)))


__all__ = ["Definition", "Flattener", "Head", "free", "guard_at"]
