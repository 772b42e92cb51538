"""``wire N using e { … }``: networks that are graphs, from lines ``h = F(x)`` to layers joined by wires."""

from __future__ import annotations

from dataclasses import replace

from ..language import syntax as tree
from ..language.show import show
from ..learn.errors import Error
from ..learn.learner import Learner, compose, show_object
from ..sheaf.graph import Graph, Node, fits
from ..terms.sorts import Real
from ..terms.syntax import Symbol
from .environment import Environment, OpaqueError, fault
from .networks import learner, sized
from .objects import ports


def graph_of(s: tree.Wire, env: Environment) -> Graph:
    """The graph of a ``wire``.  Raises diagnostics."""
    build = _Builder(s, env)
    for line in s.body:
        build.line(line)
    return build.graph()


def composite(g: Graph) -> Learner:
    """The learner of a graph: the composite of its layers' steps.  It is one layer of a chain."""
    return replace(compose(g.chain().layers, g.name), parts=())


class _Builder:
    def __init__(self, s: tree.Wire, env: Environment) -> None:
        self.s, self.env = s, env
        self.wires: dict[str, Symbol] = {}
        self.places: dict[str, tree.Node] = {}
        self.read: dict[str, tree.Node] = {}
        self.inputs: list[str] = []
        self.outputs: dict[str, tree.Node] = {}
        self.nodes: list[Node] = []

    def line(self, line: tree.Tensors | tree.Wiring) -> None:
        if isinstance(line, tree.Wiring):
            self._layer(line)
        elif line.kind == "input":
            for s, port in zip(ports(line.items, self.env, "x"), line.items, strict=True):
                self._new(s.name, s, port)
                self.inputs.append(s.name)
        else:
            for port in line.items:
                if port.type is not None:
                    raise fault("E143", port, f"a shape of the output {port.name}", "the name of a wire alone")
                assert port.name is not None  # the grammar gives a name
                self._known(port.name, port)
                if port.name in self.outputs:
                    fix = "make a second wire with a layer that copies"
                    raise fault("E143", port, f"the output {port.name} twice", "different outputs", fix)
                self.outputs[port.name] = port

    def _new(self, name: str, s: Symbol, place: tree.Node) -> None:
        if name in self.wires:
            first = self.places[name].span
            raise fault("E114", place, f"a second wire called {name} (first at {first})", "a name for each wire")
        self.wires[name] = Symbol(name, s.axes, s.value)
        self.places[name] = place

    def _known(self, name: str, place: tree.Node) -> Symbol:
        if name not in self.wires:
            below = [n.span for x in self.s.body if isinstance(x, tree.Wiring) for n in x.names if n.identifier == name]
            fix = "a graph has no cycles: give a layer what lines above it make" if below else ""
            made = f" (it is made at {below[0]})" if below else ""
            known = ", ".join(self.wires) or "an input first"
            raise fault("E101", place, f"no wire {name} above this line{made}", f"one of {known}", fix)
        return self.wires[name]

    def _layer(self, line: tree.Wiring) -> None:
        call = line.value
        if not isinstance(call, tree.Call) or call.keywords:
            expected = "F(x), or F(n, m)(x, y) for one with arguments"
            if isinstance(call, tree.Name):
                raise fault("E143", call, "a layer without wires", expected, f"for example {show(call)}(x)")
            fix = "a layer does it: `import std.layers`, then Add(n, e, rate)(x, y) for x + y"
            raise fault("E143", call, f"{show(call)}, which applies no layer to wires", expected, fix)
        f = learner(call.function, self.env)
        if len(call.arguments) != len(f.source):
            found = f"{len(call.arguments)} wires into {f.name}, which starts in {show_object(f.source)}"
            raise fault("E111", call, found, f"{len(f.source)} wires, one for each port")
        reads = []
        for e, port in zip(call.arguments, f.source, strict=True):
            if not isinstance(e, tree.Name):
                fix = f"name it on a line of its own: h = {show(e)}" if isinstance(e, tree.Call) else ""
                expected = "the name of an input, or of what a line above makes"
                raise fault("E143", e, f"{show(e)} as a wire", expected, fix)
            wire = self._known(e.identifier, e)
            if not fits(wire, port):
                made = self.places[e.identifier].span
                found = f"the wire {e.identifier} : {show_object((wire,))} (made at {made})"
                raise fault("E111", e, found, f"{show_object((port,))}, the port {port.label} of {f.name}")
            reads.append(e.identifier)
            self.read[e.identifier] = e
        if len(line.names) != len(f.target):
            found = f"{len(line.names)} wires out of {f.name}, which ends in {show_object(f.target)}"
            raise fault(
                "E111", line, found, f"{len(f.target)} names" + (", as in (u, v) = F(x)" if f.target[1:] else "")
            )
        for name, port in zip(line.names, f.target, strict=True):
            self._new(name.identifier, port, name)
        makes = tuple(n.identifier for n in line.names)
        self.nodes.append(Node(makes[0], f, tuple(reads), makes))

    def graph(self) -> Graph:
        if not self.outputs:
            raise fault("E143", self.s, f"the graph {self.s.name} without an output", "a line `output y`")
        if not self.nodes:
            raise fault("E143", self.s, f"the graph {self.s.name} without a layer", "lines such as h = F(x)")
        for name, place in self.places.items():
            if name not in self.read and name not in self.outputs:
                fix = f"add `output {name}`, or leave it out"
                raise fault(
                    "E143", place, f"the wire {name}, which nothing reads", "wires that are read, or outputs", fix
                )
        sized([n.learner for n in self.nodes], self.s)
        g = Graph(self.s.name, tuple(self.inputs), tuple(self.nodes), tuple(self.outputs), self.wires, self._merging())
        for w in g.fans:
            if g.merging is None:
                fix = f"wire {self.s.name} using e {{ … }}, with an error e that has an inverse"
                found = f"the wire {w}, which is used {g.uses(w)} times"
                raise fault("E143", self.places[w], found, "the error that merges its requests", fix)
            if not isinstance(g.wires[w].value, Real):
                found = f"{g.uses(w)} uses of {w}, an element of {g.wires[w].value}"
                raise fault("E143", self.places[w], found, "one use: requests of real tensors alone are merged")
        return g

    def _merging(self) -> Error | None:
        named = self.s.merging
        if named is None:
            return None
        value = self.env.kind(named.identifier, named, (Error, OpaqueError), "an error function")
        assert isinstance(value, Error | OpaqueError)  # the kind was asked for
        error = value.error if isinstance(value, OpaqueError) else value
        if error.inverse is None:
            raise fault("E110", named, f"no proved inverse for {named.identifier}", "an error with an inverse")
        return error


__all__ = ["composite", "graph_of"]
