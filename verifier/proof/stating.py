"""What a claim says, at the level of its source, as data for a certificate: layers, learners, errors and programs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import Any

from ..calculus.reverse import slots
from ..elaborate.claims import Claim
from ..elaborate.environment import OpaqueError
from ..language.show import show
from ..learn import coherence
from ..learn.errors import Error
from ..learn.gradient import of_learner
from ..learn.laws import LENS, by_name
from ..learn.learner import Learner, Ports, compose, identity, product, types
from ..learn.program import Program, Scope
from ..learn.relation import AnyIsometry, Relation, Reparametrisation
from ..learn.solve import solved
from ..sheaf.graph import chain_graph
from ..terms import index as ix
from ..terms import syntax as t
from ..terms.index import INDICES
from ..terms.signs import SignTable
from ..terms.sorts import Element, Formal, Range, Real, Sort, Value
from ..terms.syntax import Function, Pointwise, Read, Schematic, Symbol
from ..terms.traverse import cone, subterms
from .decide import matching
from .problem import Theory
from .theory import theory_of

DEFINED = {"sinh", "cosh", "tanh", "sigmoid", "silu", "exp", "sqrt"}
SIGNS = {
    frozenset({1}): "pos",
    frozenset({-1}): "neg",
    frozenset({0, 1}): "nonnegative",
    frozenset({-1, 0}): "nonpositive",
    frozenset({-1, 1}): "nonzero",
}


SIGNED = (">", ">=", "!=")
FACTS = {">": "pos", "!=": "nonzero"}


class Uncertified(Exception):
    """A claim that no certificate can be written of yet, and why."""


class Stating:
    """Terms as data; collects the functions that they call and the tensors that they read."""

    def __init__(self) -> None:
        self.functions: dict[str, Function] = {}
        self.reads: dict[str, Symbol] = {}
        self.ports: dict[str, Symbol] = {}
        self.assumed: list[Schematic] = []  # hypotheses for all arguments that are stated
        self.data: list[Pointwise] = []  # equations about tensors that are stated

    def extents(self, axes: Sequence[Sort]) -> list[str]:
        for a in axes:
            if not isinstance(a, Range):
                raise Uncertified("an axis that is packed or put together")
        return [str(a) for a in axes]

    def port(self, s: Symbol) -> list[Any]:
        return [s.name, *self.type(s.axes, s.value)]

    def named(self, symbols: Iterable[Symbol]) -> list[str]:
        """The names of tensors that a law quantifies over."""
        rows = list(symbols)
        self.ports.update((x.name, x) for x in rows)
        return [x.name for x in rows]

    def type(self, axes: Sequence[Sort], value: Value) -> list[Any]:
        """Extents, and the set of the entries; of an interval only the sign is stated: the claim is then about more."""
        if isinstance(value, Formal):
            raise Uncertified("a circuit over Z2")
        if not isinstance(value, Real | Element):
            raise Uncertified("a tensor of whole numbers")
        return [self.extents(axes), "" if isinstance(value, Real) else f"in {value.set}"]

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
            self.type((), e.symbol.value)
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

    def apart(self, *sides: t.Term) -> list[Any]:
        """Terms whose reads are of variables, not of tensors."""
        before = dict(self.reads)
        found = [self.term(x) for x in sides]
        self.reads = before | {n: x for n, x in self.reads.items() if n.startswith("$")}
        return found

    def _call(self, e: t.Call) -> list[Any]:
        f = e.function
        if f.known and f.name not in DEFINED:
            raise Uncertified(f"the function {f.name}")
        if not f.known:
            others = f.properties - {"smooth", "positive"}
            if others:
                raise Uncertified(f"what is declared of {f.name.lstrip('$')}: {' '.join(sorted(others))}")
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
            row[part] = [self.type(s.axes, s.value) for s in getattr(f, part)]
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
        if e.value is None or e.inverse is None or e.domain or e.asked or not (e.total and e.stays):
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


def stated(claim: Claim, weaker: bool = True) -> tuple[dict[str, Any], Stating, Theory]:
    """The statement of a claim, what it is about, and the theory of it.  Raises Uncertified.

    ``weaker``: hypotheses that have no place in a statement may be left out, as a proof may do without them; a
    counterexample must not.
    """
    if claim.axioms or claim.cites:
        raise Uncertified("axioms")
    if isinstance(claim.via, AnyIsometry) or (isinstance(claim.via, Reparametrisation) and claim.via.isometric):
        raise Uncertified("an isometry")
    if claim.at or (claim.within and weaker):
        raise Uncertified("at, or within")
    law, scope, s = _LAWS.get(claim.form, _no_law)(claim)
    theory = theory_of(claim, scope)
    if not weaker and (claim.environment.inverses or theory.bounds.most):
        raise Uncertified("a counterexample to what rests on more than equations and signs")
    return _declared(claim, law, theory, s, weaker), s, theory


def _declared(claim: Claim, law: dict[str, Any], theory: Theory, s: Stating, weaker: bool) -> dict[str, Any]:
    table = SignTable({}, theory.bounds, theory.known)
    assuming = _assuming(theory, s, weaker)

    def sign(symbol: Symbol) -> str:
        return SIGNS.get(frozenset(table.of(Read(symbol, slots(symbol)))), "")

    free = {n: x for n, x in s.reads.items() if n.startswith("$")} | s.ports
    inputs = sorted([*s.port(x)[:2], s.port(x)[2] or sign(x)] for x in free.values())
    functions = {
        n: {
            "arguments": [s.type(axes, value) for axes, value in f.arguments],
            "value": s.type(f.axes, f.value),
            "properties": sorted(f.properties),
        }
        for n, f in sorted(s.functions.items())
    }
    sizes = {n: low for n, low in theory.bounds.least if low is not None}
    errors = []
    for entry in claim.environment.visible().values():
        if isinstance(entry.value, OpaqueError):
            names = [entry.value.value.name, entry.value.inverse.name]
            if set(names) <= set(functions):
                errors.append(names)
    return {
        "sizes": sizes,
        "functions": functions,
        "errors": sorted(errors),
        "inputs": inputs,
        "assuming": assuming,
        "on": [show(e) for e in claim.on],
        "law": law,
    }


def _assuming(theory: Theory, s: Stating, weaker: bool) -> list[Any]:
    """The hypotheses that are about functions and tensors of the law; all of them, unless the claim may be weaker."""
    rows: list[Any] = []
    s.assumed = []
    for h in theory.schematic:
        if h.name.startswith("left and diagonal"):  # it follows
            continue
        about = {u.function.name for side in (h.left, h.right) for u in subterms(side) if isinstance(u, t.Call)}
        if about <= set(s.functions):
            variables = [[x.name, s.type(x.axes, x.value)] for x in h.variables]
            rows.append(["schematic", h.name, variables, list(map(s.var, h.indices)), *s.apart(h.left, h.right)])
            s.assumed.append(h)
        elif not weaker and about & set(s.functions):
            raise Uncertified("a hypothesis about other functions")
    for k, p in enumerate(theory.pointwise):
        s.data.append(replace(p, name=f"{p.name} ({k})"))
        rows.append(["equation", f"{p.name} ({k})", list(map(s.var, p.indices)), s.term(p.left), s.term(p.right)])
    for c in theory.known:
        subject = c.subject
        if isinstance(subject, Read) and not c.guards and c.relation in SIGNED and subject.index == c.indices:
            continue  # the sign of a tensor
        if not isinstance(subject, INDICES) and not c.guards and c.relation in FACTS and c.unless is None:
            rows.append(["fact", FACTS[c.relation], list(map(s.var, c.indices)), s.term(subject)])
        elif not weaker:
            raise Uncertified("a counterexample under hypotheses that have no place in a statement")
    return rows


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
        "inputs": s.named(layer.inputs),
        "parameters": s.named(layer.parameters),
        "data": s.named((*layer.data, *layer.state)),
        "cotangents": s.named(written.cotangents),
        "outputs": [y.name for y in layer.outputs],
        "lets": s.lets(forward),
        "written": s.lets([let for let in derived if let.symbol.name not in known]),
        "gradients": [[line.of, line.written.name] for line in lines],
    }
    return law, written.scope, s


def _own(symbol: Symbol) -> tuple[ix.Var, ...]:
    return tuple(ix.Var(f"i{k}", a) for k, a in enumerate(symbol.axes))


def _equal(claim: Claim) -> tuple[dict[str, Any], Any, Stating]:
    left, right = claim.learners
    s, scope = Stating(), Scope()
    if isinstance(claim.via, Relation):
        return _simulation(s, scope, left, right, claim.via), scope, s
    return _equality(s, scope, left, right, by_name(left, right)), scope, s


def _ports_of(s: Stating, scope: Scope, **groups: Ports) -> dict[str, Any]:
    """New tensors of a scope for groups of ports."""
    found = {}
    for part, row in groups.items():
        found[part] = s.named(scope.fresh(x) for x in row)
    return found


def _simulation(s: Stating, scope: Scope, left: Learner, right: Learner, via: Relation) -> dict[str, Any]:
    return {
        "kind": "simulation",
        "ports": _ports_of(s, scope, free=via.free, source=left.source, target=left.target),
        "left": s.learner(left),
        "right": s.learner(right),
        "states": s.program(via.states),
        "sides": s.program(via.sides),
    }


def _equivalent(claim: Claim) -> tuple[dict[str, Any], Any, Stating]:
    left, right = claim.learners
    s, scope = Stating(), Scope()
    if not isinstance(claim.via, Reparametrisation):
        order = matching(claim)
        if order is None:
            raise Uncertified("learners that no permutation of parameters makes equal")
        return _equality(s, scope, left, right, order), scope, s
    back = claim.via.backward or solved(claim.via.forward, SignTable({}, claim.bounds, claim.environment.facts))
    if back is None:
        raise Uncertified("a map of parameters without an inverse")
    ports = {"parameters": left.parameters, "image": right.parameters, "source": left.source, "target": left.target}
    law = {
        "kind": "equivalent",
        "ports": _ports_of(s, scope, **ports),
        "left": s.learner(left),
        "right": s.learner(right),
        "forward": s.program(claim.via.forward),
        "backward": s.program(back),
    }
    return law, scope, s


def _natural(claim: Claim) -> tuple[dict[str, Any], Any, Stating]:
    s = Stating()
    graph = claim.graph or chain_graph("", claim.net.layers)
    squares: Any = "all"
    if claim.reading == "gradient":
        squares = [[[], list(range(k + 1))] for i, j in claim.squares for k in range(i, j)]
    elif claim.graph is None and claim.squares != tuple((i, i + 1) for i in range(claim.net.length)):
        squares = [[list(range(i)), list(range(i, j))] for i, j in claim.squares]
    law = {
        "kind": "natural",
        "reading": claim.reading,
        "inputs": list(graph.inputs),
        "outputs": list(graph.outputs),
        "wires": [[w, s.type(x.axes, x.value)] for w, x in graph.wires.items()],
        "nodes": [
            {"learner": s.learner(n.learner), "reads": list(n.reads), "makes": list(n.makes)} for n in graph.nodes
        ],
        "merging": s.error(graph.merging) if graph.merging is not None else None,
        "squares": squares,
    }
    return law, Scope(), s


def _equality(s: Stating, scope: Scope, left: Learner, right: Learner, order: Sequence[int]) -> dict[str, Any]:
    """The law that two learners are equal, about new ports of a scope; the right one is the specification."""
    ports = {"parameters": left.parameters, "source": left.source, "target": left.target}
    return {
        "kind": "equal",
        "ports": _ports_of(s, scope, **ports),
        "left": s.learner(left),
        "right": s.learner(right),
        "order": list(order),
    }


def _category(claim: Claim) -> tuple[dict[str, Any], Any, Stating]:
    s, scope = Stating(), Scope()
    rows = [_equality(s, scope, law.left, law.right, law.order) for law in coherence.laws(claim.learners)]
    return {"kind": "all", "laws": rows}, scope, s


def _functor(claim: Claim) -> tuple[dict[str, Any], Any, Stating]:
    assert claim.functor is not None  # elaboration fills it for this form
    error, rate, alpha = claim.functor
    if not (error.total and error.stays):
        raise Uncertified(f"the error {error.name}, which has a domain or no formula")

    def learn(f: Learner) -> Learner:
        return of_learner(f, error, rate, alpha=alpha)

    subjects = claim.learners
    pairs = []
    for f, g in zip(subjects, subjects[1:], strict=False):
        if types(f.target) == types(g.source):
            pairs.append((compose([learn(f), learn(g)]), learn(compose([f, g]))))
    unit = identity(subjects[0].source)
    pairs.append((learn(unit), unit))
    f, g = subjects[0], subjects[-1]
    pairs.append((product([learn(f), learn(g)]), learn(product([f, g]))))
    s, scope = Stating(), Scope()
    rows = [_equality(s, scope, one, two, range(len(one.parameters))) for one, two in pairs]
    return {"kind": "all", "laws": rows}, scope, s


def _predicate(claim: Claim) -> tuple[dict[str, Any], Any, Stating]:
    if claim.law not in LENS and claim.form != "lens":
        return _error(claim)
    s, scope = Stating(), Scope()
    rows = [_lens(s, scope, claim.learners[0], law) for law in ([claim.law] if claim.law in LENS else LENS)]
    return {"kind": "all", "laws": rows} if len(rows) > 1 else rows[0], scope, s


def _lens(s: Stating, scope: Scope, f: Learner, law: str) -> dict[str, Any]:
    again = tuple(Symbol(x.name + "'", x.axes, x.value) for x in f.target) if law == "putput" else ()
    ports = {"parameters": f.parameters, "source": f.source, "target": f.target, "second": again}
    return {"kind": law, "ports": _ports_of(s, scope, **ports), "learner": s.learner(f)}


def _error(claim: Claim) -> tuple[dict[str, Any], Any, Stating]:
    s, given = Stating(), claim.error
    if given is None or claim.law not in ("left", "right", "diagonal", "invertible"):
        raise Uncertified(f"claims of the law {claim.law}")
    error = given.error if isinstance(given, OpaqueError) else given
    names = ["left", "right"] if claim.law == "invertible" else [claim.law]
    return {"kind": "error", "error": s.error(error), "laws": names}, Scope(), s


def _no_law(claim: Claim) -> tuple[dict[str, Any], Any, Stating]:
    raise Uncertified(f"claims of the form {claim.form}")


_LAWS: dict[str, Callable[[Claim], tuple[dict[str, Any], Any, Stating]]] = {
    "backward": _backward,
    "equal": _equal,
    "category": _category,
    "functor": _functor,
    "predicate": _predicate,
    "lens": _predicate,
    "equivalent": _equivalent,
    "natural": _natural,
    "square": _natural,
    "error": _error,
    "invertible": _error,
}
