"""What a claim says, at the level of its source, as data for a certificate: layers, learners, errors and programs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from ..elaborate.claims import Claim
from ..learn.errors import Error
from ..learn.gradient import of_learner
from ..learn.laws import by_name
from ..learn.learner import Learner, compose
from ..learn.program import Program
from ..terms import index as ix
from ..terms import syntax as t
from ..terms.signs import SignTable
from ..terms.sorts import Range, Real, Sort
from ..terms.syntax import Function, Read, Symbol
from ..terms.traverse import cone
from .theory import theory_of

DEFINED = {"sinh", "cosh", "tanh", "sigmoid", "silu", "exp", "sqrt"}
SIGNS = {frozenset({1}): "pos", frozenset({0, 1}): "nonnegative", frozenset({-1, 1}): "nonzero"}


class Uncertified(Exception):
    """A claim that no certificate can be written of yet, and why."""


class Stating:
    """Terms as data; collects the functions that they call and the tensors that they read."""

    def __init__(self) -> None:
        self.functions: dict[str, Function] = {}
        self.reads: dict[str, Symbol] = {}

    def extents(self, axes: Sequence[Sort]) -> list[str]:
        for a in axes:
            if not isinstance(a, Range):
                raise Uncertified("an axis that is packed or put together")
        return [str(a) for a in axes]

    def port(self, s: Symbol) -> list[Any]:
        if not isinstance(s.value, Real):  # of an interval only the sign is stated: the claim is then about more
            raise Uncertified("a tensor of whole numbers, or of elements of a set")
        return [s.name, self.extents(s.axes), ""]

    def var(self, v: ix.Var) -> str:
        (text,) = self.extents([v.sort])
        return f"{v.name}:{text}"

    def index(self, i: ix.Index, axis: Sort) -> str:
        if not isinstance(i, ix.Var) or i.sort != axis:
            raise Uncertified("a read at a computed position")
        return self.var(i)

    def term(self, e: t.Term) -> list[Any]:
        if isinstance(e, t.Num):
            return ["num", str(e.value)]
        if isinstance(e, t.SizeOf):
            return ["size", str(e.size)]
        if isinstance(e, t.Read):
            if not isinstance(e.symbol.value, Real):
                raise Uncertified("a tensor of whole numbers, or of elements of a set")
            self.reads[e.symbol.name] = e.symbol
            return ["read", e.symbol.name, [self.index(i, a) for i, a in zip(e.index, e.symbol.axes, strict=True)]]
        if isinstance(e, t.Add):
            return ["add", *map(self.term, e.parts)]
        if isinstance(e, t.Mul):
            return ["mul", *map(self.term, e.parts)]
        if isinstance(e, t.Power):
            return ["pow", self.term(e.base), str(e.exponent)]
        if isinstance(e, t.Total):
            return ["sum", [self.var(v) for v in e.indices], self.term(e.body)]
        if isinstance(e, t.If):
            return ["if", self.guard(e.guard), self.term(e.then), self.term(e.other)]
        if isinstance(e, t.Call):
            return self._call(e)
        raise Uncertified(f"a term of the kind {type(e).__name__}")

    def _call(self, e: t.Call) -> list[Any]:
        f = e.function
        if f.known and f.name not in DEFINED:
            raise Uncertified(f"the function {f.name}")
        if not f.known:
            others = f.properties - {"smooth", "positive"}
            if (
                others
                or f.table
                or not isinstance(f.value, Real)
                or any(not isinstance(v, Real) for _, v in f.arguments)
            ):
                raise Uncertified(f"what is declared of {f.name.lstrip('$')}: {' '.join(sorted(others)) or 'a table'}")
            self.functions[f.name] = f
        arguments = [[[self.var(v) for v in a.indices], self.term(a.body)] for a in e.arguments]
        outputs = [self.index(i, a) for i, a in zip(e.outputs, f.axes, strict=True)]
        partials = []
        for a, at in e.partials:
            partials.append([a, [self.index(i, axis) for i, axis in zip(at, f.arguments[a][0], strict=True)]])
        return ["call", f.name, arguments, outputs, partials]

    def guard(self, g: ix.Guard) -> list[Any]:
        if isinstance(g, ix.Same):
            if not (isinstance(g.left, ix.Var) and isinstance(g.right, ix.Var) and g.left.sort == g.right.sort):
                raise Uncertified("a comparison of computed positions")
            return ["same", self.var(g.left), self.var(g.right)]
        if isinstance(g, ix.Compare):
            form = ix.position(g.form)
            rows = []
            for v, c in form.terms:
                if not isinstance(v, ix.Var) or not isinstance(c, int):
                    raise Uncertified("a comparison of computed positions")
                rows.append([self.var(v), c])
            return [g.relation, rows, str(form.offset)]
        if isinstance(g, ix.Not):
            return ["not", self.guard(g.part)]
        if isinstance(g, ix.And | ix.Or):
            return ["and" if isinstance(g, ix.And) else "or", *map(self.guard, g.parts)]
        raise Uncertified("a condition on data")

    def lets(self, lets: Sequence[t.Let]) -> list[Any]:
        return [[let.symbol.name, [self.var(v) for v in let.indices], self.term(let.body)] for let in lets]

    def program(self, p: Program) -> dict[str, Any]:
        return {
            "inputs": [s.name for s in p.inputs],
            "lets": self.lets(p.lets),
            "outputs": [s.name for s in p.outputs],
        }

    def learner(self, f: Learner) -> dict[str, Any]:
        """A learner as it came about: composed, by the gradient of an error, or as two programs."""
        row: dict[str, Any] = {}
        for part in ("parameters", "source", "target"):
            row[part] = [self.port(s)[1] for s in getattr(f, part)]
        learned = f.learned if not f.partial else None
        if learned is not None and of_learner(f, *learned).step == f.step:
            error, rate = learned
            row["implement"] = self.program(f.implement)
            row["gradient"] = {"error": self.error(error), "rate": self.term(rate)}
            row["constant"] = list(f.constants)
        elif len(f.parts) > 1 and _same(compose(list(f.parts)), f):
            row["compose"] = [self.learner(g) for g in f.parts]
        else:
            row["implement"], row["step"] = self.program(f.implement), self.program(f.step)
        return row

    def error(self, e: Error) -> dict[str, Any]:
        if e.value is None or e.inverse is None or e.domain or not (e.total and e.stays):
            raise Uncertified(f"the error {e.name}, which has a domain or no formula")
        return {"name": e.name, "value": self.term(e.value), "inverse": self.term(e.inverse)}


def _same(f: Learner, g: Learner) -> bool:
    return (f.implement, f.step, f.parameters, f.source, f.target) == (
        g.implement,
        g.step,
        g.parameters,
        g.source,
        g.target,
    )


def stated(claim: Claim) -> tuple[dict[str, Any], dict[str, Function]]:
    """The statement of a claim.  Raises Uncertified."""
    if claim.assumptions or claim.data:
        raise Uncertified("hypotheses")
    if claim.at or claim.via is not None or claim.on or claim.within:
        raise Uncertified("at, via, on or within")
    law, scope, s = _LAWS.get(claim.form, _no_law)(claim)
    return _declared(claim, law, scope, s), s.functions


def _declared(claim: Claim, law: dict[str, Any], scope: Any, s: Stating) -> dict[str, Any]:
    theory = theory_of(claim, scope)
    table = SignTable({}, theory.bounds, theory.known)

    def sign(symbol: Symbol) -> str:
        from ..calculus.reverse import slots

        return SIGNS.get(frozenset(table.of(Read(symbol, slots(symbol)))), "")

    for part in _ports(law):
        for port in part:
            port[2] = sign(Symbol(port[0], s.reads[port[0]].axes)) if port[0] in s.reads else ""
    named = {port[0] for part in _ports(law) for port in part}
    free = [x for n, x in s.reads.items() if n.startswith("$") and n not in named]
    functions = {
        n: {
            "arguments": [s.extents(axes) for axes, _ in f.arguments],
            "extents": s.extents(f.axes),
            "properties": sorted(f.properties),
        }
        for n, f in sorted(s.functions.items())
    }
    sizes = {n: low for n, low in theory.bounds.least if low is not None}
    inputs = sorted([*s.port(x)[:2], sign(x)] for x in free)
    return {"sizes": sizes, "functions": functions, "inputs": inputs, "law": law}


def _ports(law: dict[str, Any]) -> list[list[Any]]:
    if law["kind"] == "equal":
        return [law["ports"][part] for part in ("parameters", "source", "target")]
    return [law[part] for part in ("inputs", "parameters", "data", "cotangents")]


def _backward(claim: Claim) -> tuple[dict[str, Any], Any, Stating]:
    written, s = claim.written, Stating()
    assert written is not None  # elaboration fills it for this form
    layer = written.layer
    if written.scope.kinks and any(c.reason == "a branch changes there" for c in written.scope.kinks):
        raise Uncertified("a layer with kinks")
    forward = cone([Read(y, _own(y)) for y in layer.outputs], {let.symbol.name: let for let in layer.lets})
    lines = [line for line in written.lines if line.claimed]
    known = {let.symbol.name for let in forward}
    derived = cone([Read(x.written, _own(x.written)) for x in lines], written.scope.lets)
    given = {x.name for x in (*layer.inputs, *layer.parameters)}
    if {line.of for line in lines} != given:
        raise Uncertified("a backward pass by tangents, or without a gradient")
    law = {
        "kind": "backward",
        "inputs": [s.port(x) for x in layer.inputs],
        "parameters": [s.port(x) for x in layer.parameters],
        "data": [s.port(x) for x in (*layer.data, *layer.state)],
        "cotangents": [s.port(x) for x in written.cotangents],
        "outputs": [y.name for y in layer.outputs],
        "lets": s.lets(forward),
        "written": s.lets([let for let in derived if let.symbol.name not in known]),
        "gradients": [[line.of, line.written.name] for line in lines],
    }
    return law, written.scope, s


def _own(symbol: Symbol) -> tuple[ix.Var, ...]:
    return tuple(ix.Var(f"i{k}", a) for k, a in enumerate(symbol.axes))


def _equal(claim: Claim) -> tuple[dict[str, Any], Any, Stating]:
    from ..learn.laws import declare
    from ..learn.program import Scope

    s, scope = Stating(), Scope()
    left, right = claim.learners
    p, a, b = declare(scope, left)
    law = {
        "kind": "equal",
        "ports": {part: [s.port(x) for x in row] for part, row in (("parameters", p), ("source", a), ("target", b))},
        "left": s.learner(left),
        "right": s.learner(right),
        "order": by_name(left, right),
    }
    for x in (*p, *a, *b):
        s.reads[x.name] = x
    return law, scope, s


def _no_law(claim: Claim) -> tuple[dict[str, Any], Any, Stating]:
    raise Uncertified(f"claims of the form {claim.form}")


_LAWS: dict[str, Callable[[Claim], tuple[dict[str, Any], Any, Stating]]] = {"backward": _backward, "equal": _equal}
