"""Backward passes: what is written for the gradients of a layer, in the scope of its forward program."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import get_close_matches

from ..calculus.reverse import NotDifferentiable, slots
from ..language import syntax as tree
from ..language.show import show
from ..learn.layer import Line, Pass, adjoints, bound_lines, tangents
from ..terms.syntax import Read, Symbol, add
from .environment import Environment, LayerTemplate, fault
from .equations import sided
from .layers import LayerBody
from .learners import declare_indices
from .tensors import tensor_of


@dataclass
class _Gradient:
    """A gradient while the body is read: its value so far, the first line of it, and what was written."""

    of: str
    value: Symbol
    node: tree.Equation
    sources: list[str]


def backward_pass(b: tree.Backward, env: Environment) -> tuple[Pass, Environment]:
    """A backward pass beside the derived one, and the environment that it was elaborated in.  Raises diagnostics."""
    template = env.kind(b.layer, b, LayerTemplate, "a layer")
    assert isinstance(template, LayerTemplate)  # the kind was asked for
    if id(b) not in template.passes:
        template.passes[id(b)] = (b, _Body(b, LayerBody(template)).elaborate())
    _, (written, inner) = template.passes[id(b)]
    return written, inner


def pass_in(b: tree.Backward, template: LayerTemplate, inner: Environment) -> Pass:
    """A backward pass of the layer for arguments that are bound in an environment.  Raises diagnostics."""
    return _Body(b, LayerBody(template, inner)).elaborate()[0]


class _Body:
    def __init__(self, b: tree.Backward, forward: LayerBody) -> None:
        self.b = b
        self.forward = forward
        self.layer = self.forward.layer()
        self.scope, self.x = self.forward.scope, self.forward.expressions
        self.letter = "t" if b.forward else "d"
        self.given = self.layer.differentiated if b.forward else self.layer.outputs
        self.claimed = self.layer.outputs if b.forward else self.layer.differentiated
        self.gradients: dict[str, _Gradient] = {}
        self.places: dict[str, tree.Node] = {}

    def elaborate(self) -> tuple[Pass, Environment]:
        cotangents = self._cotangents()
        try:
            derived = (tangents if self.b.forward else adjoints)(self.scope, self.layer, cotangents)
        except NotDifferentiable as e:
            fix = f"declare it: function {e} : ... smooth"
            raise fault("E117", self.b, f"a gradient through {e}, not declared smooth", "smooth maps", fix) from None
        self.meant = {self.letter + name: name for name in derived}
        self._saved()
        specified = set(self.scope.kinks)
        start = len(self.scope.lets)
        for s in self.b.body:
            self._line(s)
        self._complete()
        written = list(self.scope.lets)[start:]
        finals = {g.value.name: derived[g.of] for g in self.gradients.values()}
        local = bound_lines(self.scope, written, finals)
        claimed = {s.name for s in self.claimed}
        lines = [
            Line(
                name, g.of, g.value, local[g.value.name], derived[g.of], g.of in claimed, g.node.span,
                " + ".join(g.sources),
            )
            for name, g in self.gradients.items()
        ]  # fmt: skip
        names = self.layer.tensors | {s.name: s for s in cotangents}
        kinks = (*self.layer.kinks, *(k for k in self.scope.kinks if k not in specified))
        return Pass(self.layer, self.scope, cotangents, tuple(lines), names, kinks), self.forward.env

    # ---- the header

    def _cotangents(self) -> tuple[Symbol, ...]:
        outputs = self.given
        if len(self.b.cotangents) != len(outputs):
            names = ", ".join(s.label for s in outputs)
            found = f"{len(self.b.cotangents)} {'tangents' if self.b.forward else 'cotangents'} of {self.layer.name}"
            each = "input and param" if self.b.forward else "output"
            raise fault("E141", self.b, found, f"one for each {each}, in order: {names}")
        rows = []
        for name, output in zip(self.b.cotangents, outputs, strict=True):
            self._new(name.identifier, name)
            if name.identifier in self.x.local:
                first = self.forward.places[name.identifier].span
                raise fault("E114", name, f"{name.identifier} is a tensor of the layer (at {first})", "a new name")
            symbol = self.scope.input(Symbol(name.identifier, output.axes))
            self.x.local[name.identifier] = tensor_of(symbol)
            rows.append(symbol)
        return tuple(rows)

    def _saved(self) -> None:
        """``using`` lists the tensors that may be read; what is not listed is hidden."""
        tensors = self.layer.tensors
        for name in self.b.using or ():
            if name.identifier not in tensors:
                near = get_close_matches(name.identifier, list(tensors), 1)
                fix = f"did you mean {near[0]}?" if near else ""
                found = f"{name.identifier}, which is no tensor of {self.layer.name}"
                raise fault("E101", name, found, ", ".join(tensors), fix)
        if self.b.using is None:
            return
        saved = {n.identifier for n in self.b.using}
        listed = self.b.using[0].span if self.b.using else self.b.span
        for name in tensors:
            if name not in saved:
                why = f"{name} (defined at {self.forward.places[name].span}), which `using` at {listed} does not list"
                self.x.hidden[name] = why
        self.x.hidden_code = ("E140", "a saved tensor: " + ", ".join(n.identifier for n in self.b.using))

    def _new(self, name: str, node: tree.Node) -> None:
        if name in self.places:
            first = self.places[name].span
            raise fault("E114", node, f"{name} is in use already (first at {first})", "a name of its own")
        self.places[name] = node

    # ---- lines

    def _line(self, s: tree.BodyStatement) -> None:
        if isinstance(s, tree.Indices):
            declare_indices(s, self.forward.env)
        elif isinstance(s, tree.Equation):
            if s.role == "let":
                self._let(s)
            else:
                self._gradient(s)
        else:
            raise fault("E115", s, "a declaration in a backward pass", "lets and gradients", "declare it in the layer")

    def _let(self, s: tree.Equation) -> None:
        name = s.name or ""
        self._new(name, s)
        indices, value = sided(self.x, s, None)
        symbol = self.scope.name(name, indices, value.entry(indices), value.value)
        self._show(name, symbol)

    def _show(self, name: str, symbol: Symbol) -> None:
        self.x.local[name] = tensor_of(symbol)
        self.x.hidden.pop(name, None)

    def _gradient(self, s: tree.Equation) -> None:
        name = s.name or ""
        if name not in self.meant:
            raise self._unmeant(s, name)
        of = self.meant[name]
        if name in self.layer.tensors:
            first = self.forward.places[name].span
            found = f"{name}, which is a tensor of the layer (at {first}) and would be the gradient of {of}"
            raise fault("E114", s, found, "one meaning of a name", f"rename the tensor {name} of the layer")
        before = self.gradients.get(name)
        given = next((c for c in self.scope.inputs if c.name == name), None)  # the cotangent of that very output
        if s.role == "define" and (before is not None or given is not None):
            first = before.node.span if before is not None else self.places[name].span
            fix = f"write {name} += ... to accumulate"
            raise fault("E142", s, f"{name} is assigned a second time (first at {first})", "one assignment", fix)
        target = self.layer.tensors[of]
        indices, value = sided(self.x, s, Symbol(target.name, target.axes))
        body = value.entry(indices)
        so_far = before.value if before is not None else given
        if so_far is not None:
            body = add(Read(so_far, indices if indices else slots(so_far)), body)
        symbol = self.scope.name(name, indices, body)
        sources = [
            *(before.sources if before is not None else [given.name] if given is not None else []),
            show(s.value),
        ]
        self.gradients[name] = _Gradient(of, symbol, before.node if before is not None else s, sources)
        self._show(name, symbol)

    def _unmeant(self, s: tree.Equation, name: str) -> Exception:
        """What is assigned is no gradient of this layer."""
        fixed = {self.letter + p.name: p for p in (*self.layer.data, *self.layer.state)}
        known = ", ".join(self.meant)
        if name in fixed:
            port = fixed[name]
            place = self.forward.places[port.name].span
            found = f"a gradient of {port.name}, which is not differentiated (declared at {place})"
            return fault("E142", s, found, known, "declare it as input or param")
        near = get_close_matches(name, list(self.meant), 1, 0.75)
        fix = f"did you mean {near[0]}?" if near else f"write let {name} = ... for a value of your own"
        what = "tangent" if self.b.forward else "gradient"
        return fault("E142", s, f"{name}, the {what} of no tensor of {self.layer.name}", known, fix)

    def _complete(self) -> None:
        missing = [s.name for s in self.claimed if self.letter + s.name not in self.gradients]
        if missing:
            name = missing[0]
            what, each = ("tangent", "output") if self.b.forward else ("gradient", "input and param")
            found = f"no {what} of {', '.join(missing)} ({name} is declared at {self.forward.places[name].span})"
            raise fault("E142", self.b, found, f"one of every {each}", f"add: {self.letter}{name} = ...")


__all__ = ["backward_pass", "pass_in"]
