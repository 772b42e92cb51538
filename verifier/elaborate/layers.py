"""Layers from their declarations: ports, numbers, and the tensors that the body defines in order."""

from __future__ import annotations

from ..language import syntax as tree
from ..learn.layer import Layer, lifted
from ..learn.program import Scope
from ..terms.index import Var
from ..terms.sorts import Formal, Real
from ..terms.syntax import Symbol
from .arguments import bind_arguments, generic_arguments
from .environment import Environment, LayerTemplate, fault
from .equations import sided
from .expressions import Expressions
from .learners import declare_indices
from .objects import axis, types
from .scalars import constrain, declare_scalar
from .tensors import tensor_of

PORTS = ("input", "param", "data", "state")


class LayerBody:
    """One layer for arguments of which nothing but the header is known, elaborated into a scope of its own."""

    def __init__(self, template: LayerTemplate, env: Environment | None = None) -> None:
        self.declaration = template.declaration
        self.env: Environment = env if env is not None else generic_arguments(template)
        self.scope = Scope()
        self.expressions = Expressions(self.env, {}, self.scope)
        self.places: dict[str, tree.Node] = {}
        self.ports: dict[str, list[Symbol]] = {kind: [] for kind in PORTS}
        self.promised: dict[str, tuple[str, Symbol]] = {}
        self.names: dict[str, Symbol] = {}
        self.results: dict[str, list[Symbol]] = {"output": [], "aux": []}

    def layer(self) -> Layer:
        """The layer.  Raises diagnostics."""
        if self.declaration.row is not None:
            return self._lifted(self.declaration.row)
        for s in self.declaration.body:
            self._declare(s)
        for s in self.declaration.body:
            constrain(s, self.env)  # type: ignore[arg-type]
        for s in self.declaration.body:
            if isinstance(s, tree.Equation):
                self._define(s)
        for name, (role, _) in self.promised.items():
            if name not in self.names:
                raise fault("E141", self.places[name], f"the {role} {name} without a value", f"{name}[...] = ...")
        if not self.results["output"]:
            raise fault("E141", self.declaration, "a layer without output", "output y[i] = ...")
        layer = Layer(
            self.declaration.name,
            *(tuple(self.ports[kind]) for kind in PORTS),
            tuple(self.results["output"]),
            tuple(self.results["aux"]),
            self.names,
            tuple(self.scope.lets.values()),
            tuple(self.scope.kinks),
        )
        if not layer.differentiated:
            raise fault("E141", self.declaration, "a layer without input or param", "a real tensor to differentiate by")
        return layer

    def _lifted(self, e: tree.Expr) -> Layer:
        """``Row(C) over [B, T]``: inputs and data have the axes B, T before their own, parameters are shared."""
        named = e.function if isinstance(e, tree.Call) else e
        if not isinstance(named, tree.Name) or (isinstance(e, tree.Call) and e.keywords):
            raise fault("E115", e, "an expression that is no layer", "Row over [B], or Row(C) over [B, T]")
        template = self.env.kind(named.identifier, named, LayerTemplate, "a layer")
        assert isinstance(template, LayerTemplate)  # the kind was asked for
        arguments = e.arguments if isinstance(e, tree.Call) else ()
        bound = bind_arguments(template, arguments, e, self.env)[0]
        own = {**template.environment.least, **self.env.least}
        row = LayerBody(
            template, Environment(bound.parent, bound.entries, own, list(self.env.facts), most=self.env.most)
        )
        inner = row.layer()
        self.env.facts[:], self.places = row.env.facts, row.places
        self.env.least.update(row.env.least)
        for name, entry in row.env.entries.items():
            self.env.entries.setdefault(name, entry)
        batch = tuple(
            Var(f"{'bt'[k] if k < 2 else 'n'}.o{k}", axis(a, self.env)) for k, a in enumerate(self.declaration.over)
        )
        layer = lifted(inner, self.scope, batch, self.declaration.name)
        for name, symbol in layer.tensors.items():
            self.expressions.local[name] = tensor_of(symbol)
        return layer

    def _declare(self, s: tree.BodyStatement) -> None:
        if isinstance(s, tree.Indices):
            declare_indices(s, self.env)
        elif isinstance(s, tree.Scalars):
            for number in s.items:
                declare_scalar(s.kind, number, self.env)
        elif isinstance(s, tree.Tensors):
            for item in s.items:
                self._port(s.kind, item)

    def _port(self, kind: str, item: tree.Port) -> None:
        rows = types(item.type, self.env)
        if len(rows) != 1:
            raise fault("E115", item, "a tensor that is a product", "one tensor", "declare each factor")
        if isinstance(rows[0][1], Formal):
            raise fault("E115", item, "a tensor over Z2 in a layer", "real tensors", "write a learner: learn reverse")
        symbol = Symbol(item.name or "", *rows[0])
        self._new(symbol.name, item)
        if kind in self.ports:
            self.ports[kind].append(self.scope.input(symbol))
            self.expressions.local[symbol.name] = tensor_of(symbol)
        else:
            self.promised[symbol.name] = (kind, symbol)

    def _new(self, name: str, node: tree.Node) -> None:
        if name in self.places:
            first = self.places[name].span
            raise fault("E114", node, f"{name} is in use already (first at {first})", "a name of its own")
        self.places[name] = node

    def _define(self, s: tree.Equation) -> None:
        name = s.name or ""
        role, target = s.role, None
        if name in self.promised and name not in self.names:
            role, target = self.promised[name]
        else:
            self._new(name, s)
        indices, value = sided(self.expressions, s, target)
        symbol = self.scope.name(name, indices, value.entry(indices), value.value)
        self.names[name] = symbol
        self.expressions.local[name] = tensor_of(symbol)
        if role in self.results:
            if role == "output" and not isinstance(symbol.value, Real):
                raise fault(
                    "E115", s, f"an output of {symbol.value}", "a real tensor", "write aux: it has no cotangent"
                )
            self.results[role].append(symbol)


__all__ = ["LayerBody"]
