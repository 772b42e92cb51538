"""Layers and their backward passes: a let program with several outputs, and what somebody wrote for its gradients.

A backward pass of a layer x -> y is a map of the cotangents dy; it is right if it is the transpose of the
derivative at x.  `adjoints` derives that transpose over the graph of lets; a `Pass` holds it beside the written one.
A backward pass is the request and update of the learner with error ``dot`` and rate -1: one notion, two spellings.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from ..calculus.reverse import active, reverse, slots
from ..diagnostics import Span
from ..terms.definedness import of_terms
from ..terms.index import Index, Var
from ..terms.sorts import Real
from ..terms.syntax import ZERO, Condition, Let, Read, Symbol, Term
from ..terms.traverse import cone, map_reads, reads, rename_symbols
from .laws import Goal
from .learner import Ports
from .program import Scope, map_condition


@dataclass(frozen=True)
class Layer:
    """A let program in a scope.

    ``inputs`` and ``parameters`` are differentiated, ``data`` and ``state`` are not; ``outputs`` have a cotangent
    each, ``aux`` results have none.  ``names`` are the tensors that the layer defines itself, in order.
    """

    name: str
    inputs: Ports
    parameters: Ports
    data: Ports
    state: Ports
    outputs: Ports
    aux: Ports
    names: Mapping[str, Symbol]
    lets: tuple[Let, ...]
    kinks: tuple[Condition, ...] = ()

    @property
    def differentiated(self) -> Ports:
        """The tensors that a backward pass must give a gradient of."""
        return tuple(s for s in (*self.inputs, *self.parameters) if isinstance(s.value, Real))

    @property
    def tensors(self) -> dict[str, Symbol]:
        """Everything that has a name in the layer."""
        ports = (*self.inputs, *self.parameters, *self.data, *self.state)
        return {s.name: s for s in ports} | dict(self.names)


def lifted(row: Layer, scope: Scope, batch: tuple[Var, ...], name: str) -> Layer:
    """A layer of rows for a batch of them: what depends on a row has the axes of the batch before its own.

    Parameters and states are shared, so that the gradients of all rows add.
    """
    axes = tuple(v.sort for v in batch)
    table: dict[Symbol, Symbol] = {}
    for s in (*row.inputs, *row.data):
        table[s] = scope.input(Symbol(s.name, (*axes, *s.axes), s.value))
    for s in (*row.parameters, *row.state):
        scope.input(s)

    def read(s: Symbol, index: tuple[Index, ...]) -> Term:
        new = table.get(s, s)
        return Read(new, (*batch, *index) if len(new.axes) > len(s.axes) else index)

    for let in row.lets:
        moves = let.symbol in row.outputs or any(len(table.get(s, s).axes) > len(s.axes) for s in reads(let.body))
        own = (*batch, *let.indices) if moves else let.indices
        table[let.symbol] = scope.name(let.symbol.name, own, map_reads(let.body, read), let.symbol.value)

    def of(symbols: Ports) -> Ports:
        return tuple(table.get(s, s) for s in symbols)

    names = {n: table[s] for n, s in row.names.items()}
    lets = tuple(scope.lets[table[let.symbol].name] for let in row.lets)
    kinks = tuple(map_condition(c, read, batch) for c in row.kinks)
    scope.kinks.update(dict.fromkeys(kinks))
    return Layer(
        name, of(row.inputs), row.parameters, of(row.data), row.state, of(row.outputs), of(row.aux), names, lets, kinks
    )


def adjoints(scope: Scope, layer: Layer, cotangents: Ports) -> dict[str, Symbol]:
    """The derived adjoint of every differentiated tensor and of every real name of the layer.

    The specification is defined where the outputs are, and have a derivative: these conditions join the scope.
    Raises NotDifferentiable.
    """
    seeds = dict(zip(layer.outputs, cotangents, strict=True))
    found = reverse(layer.lets, seeds, layer.differentiated, scope.define)
    for c in of_terms([Read(y, slots(y)) for y in layer.outputs], scope.lets):
        scope.kinks[c] = None
    for c in found.kinks:
        scope.kinks[c] = None
    through = dict(found.lets)
    moved = active((s.name for s in layer.differentiated), layer.lets)
    idle = [s.name for s in layer.names.values() if s.name not in moved]
    if idle:  # what is made of data alone has an adjoint as well, and where it has kinks is not asked
        through = {**reverse(layer.lets, seeds, (), scope.define, also=idle).lets, **through}
    rows: dict[str, Symbol] = {}
    for s in layer.differentiated:
        rows[s.name] = found.gradient[s] or scope.define(f"d.{s.name}", slots(s), ZERO)
    for name, s in layer.names.items():
        if isinstance(s.value, Real):
            rows[name] = through.get(s) or scope.define(f"d.{name}", slots(s), ZERO)
    return rows


def tangents(scope: Scope, layer: Layer, given: Ports) -> dict[str, Symbol]:
    """The derived tangent of every output, along the tangents that are given of the differentiated tensors.

    The transpose of the transpose: <tx, B(u)> is linear in the cotangents u, and its gradient by u is the tangent.
    """
    seeds = tuple(scope.input(Symbol(f"u.{y.name}", y.axes)) for y in layer.outputs)
    rows = adjoints(scope, layer, seeds)
    first: dict[Symbol, Symbol] = {}
    for s, t in zip(layer.differentiated, given, strict=True):
        i = slots(s)
        first[scope.name(f"g.{s.name}", i, Read(rows[s.name], i))] = t
    lets = cone([Read(g, slots(g)) for g in first], scope.lets)
    found = reverse(lets, first, seeds, scope.define)
    zero = {y: scope.define(f"t.{y.name}", slots(y), ZERO) for y in layer.outputs}
    return {y.name: found.gradient[u] or zero[y] for y, u in zip(layer.outputs, seeds, strict=True)}


@dataclass(frozen=True)
class Line:
    """A gradient that a backward pass assigns: ``name`` is that of the adjoint of ``of``.

    ``written`` is its final value; ``local`` is the same formula with every earlier gradient replaced by the derived
    one.  ``claimed``: it is the gradient of an input or parameter; else it is an intermediate line.
    """

    name: str
    of: str
    written: Symbol
    local: Symbol
    derived: Symbol
    claimed: bool
    span: Span
    source: str


@dataclass(frozen=True)
class Pass:
    """A written backward pass in the scope of its layer, beside the derived one."""

    layer: Layer
    scope: Scope
    cotangents: Ports
    lines: tuple[Line, ...]
    names: Mapping[str, Symbol] = field(default_factory=dict)
    kinks: tuple[Condition, ...] = ()
    settled: list[object] = field(
        default_factory=list, compare=False
    )  # what was found of it without further hypotheses

    def goals(self) -> Iterator[Goal]:
        """End to end: every claimed gradient is the derived one."""
        for line in self.lines:
            if line.claimed:
                yield Goal("gradient", line.name, line.written, line.derived)

    def local_goals(self) -> Iterator[Goal]:
        """Line by line: each formula is right if the gradients that it uses are."""
        for line in self.lines:
            if not line.claimed or line.local != line.written:
                yield Goal("local", line.name, line.local, line.derived)


def bound_lines(scope: Scope, written: Sequence[str], finals: Mapping[str, Symbol]) -> dict[str, Symbol]:
    """The lets named in ``written`` once more, each final gradient bound to the derived one after its line.

    ``finals``: the derived adjoint, by the name of the let that is a gradient's final value.  Returns the local
    value of each of those lets.
    """
    table: dict[Symbol, Symbol] = {}
    local: dict[str, Symbol] = {}
    for name in written:
        let = scope.lets[name]
        symbol = let.symbol
        if any(s in table for s in reads(let.body)):
            symbol = scope.name(f"l.{name}", let.indices, rename_symbols(let.body, table), let.symbol.value)
            table[let.symbol] = symbol
        if name in finals:
            local[name] = symbol
            table[let.symbol] = finals[name]
    return local


__all__ = ["Layer", "Line", "Pass", "adjoints", "bound_lines", "lifted", "tangents"]
