"""Networks that are graphs: layers joined by wires, their cuts, and the presheaves on the lattice of cuts.

A wire is an input or one output of a layer.  A cut D is a set of layers that holds with a layer all layers before it;
its frontier is the wires that are there and are still wanted: read by a layer outside D, or an output.

    X(D) = product of the frontier's activities  x  W(D)        W(D) = product of P_v over the layers v outside D

For D and D + {v} the restriction runs v and forgets its weights.  So it is the implementation of one learner, the
*step* of v at D: v beside the identity of what passes by, with a copy of each wire that is read more than once.
Requests for copies are merged as the copy learner of an error merges them: f_a(sum of e_x(a, t) over the uses).  Every
order in which the layers may run is a chain of steps from no layer to all; a graph without fan-out in which one layer
follows another is a chain.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from ..learn.errors import Error
from ..learn.gradient import gradient
from ..learn.learner import Learner, Ports, apart, scope_of, types
from ..learn.program import Program, Scope
from ..terms.syntax import ONE, Symbol
from .site import Chain

Cut = frozenset[int]


@dataclass(frozen=True)
class Node:
    """A layer of a graph: the wires that it reads, one for each source port, and those that it makes."""

    name: str
    learner: Learner
    reads: tuple[str, ...]
    makes: tuple[str, ...]


@dataclass(frozen=True)
class Graph:
    """Layers in an order in which they may run.  ``wires`` has the type of each wire, in order of creation.

    ``merging``: the error whose copy learner merges requests where a wire has several uses; None where no wire has.
    """

    name: str
    inputs: tuple[str, ...]
    nodes: tuple[Node, ...]
    outputs: tuple[str, ...]
    wires: dict[str, Symbol]
    merging: Error | None = None
    _frontiers: dict[Cut, list[str]] = field(default_factory=dict, init=False, compare=False, repr=False)
    _readies: dict[Cut, list[int]] = field(default_factory=dict, init=False, compare=False, repr=False)

    @cached_property
    def _readers(self) -> dict[str, list[int]]:
        """The layers that read a wire, each as often as it does."""
        rows: dict[str, list[int]] = {w: [] for w in self.wires}
        for k, n in enumerate(self.nodes):
            for w in n.reads:
                rows[w].append(k)
        return rows

    @cached_property
    def _maker(self) -> dict[str, int]:
        return {w: k for k, n in enumerate(self.nodes) for w in n.makes}

    @cached_property
    def _place(self) -> dict[str, tuple[bool, int]]:
        """Where a wire stands in a frontier: outputs last and in their order, the others in order of creation."""
        rows = {w: (False, k) for k, w in enumerate(self.wires)}
        return rows | {w: (True, k) for k, w in enumerate(self.outputs)}

    def uses(self, wire: str) -> int:
        """How often a wire is wanted: by layers, and as an output."""
        return len(self._readers[wire]) + self.outputs.count(wire)

    @property
    def fans(self) -> list[str]:
        """The wires that are wanted more than once, in order of creation."""
        return [w for w in self.wires if self.uses(w) > 1]

    def frontier(self, cut: Cut) -> list[str]:
        """The wires of a cut, outputs last and in their order, the others in order of creation."""
        if cut not in self._frontiers:
            there = [*self.inputs, *(w for k in cut for w in self.nodes[k].makes)]
            self._frontiers[cut] = self._wanted(cut, there)
        return self._frontiers[cut]

    def _wanted(self, cut: Cut, wires: Sequence[str]) -> list[str]:
        wanted = [w for w in wires if self._place[w][0] or any(k not in cut for k in self._readers[w])]
        return sorted(wanted, key=self._place.__getitem__)

    def ready(self, cut: Cut) -> list[int]:
        """The layers that may run next."""
        if cut not in self._readies:
            self._readies[cut] = [k for k in range(len(self.nodes)) if k not in cut and self._runs(cut, k)]
        return self._readies[cut]

    def _runs(self, cut: Cut, k: int) -> bool:
        return all(w not in self._maker or self._maker[w] in cut for w in self.nodes[k].reads)

    def after(self, cut: Cut, k: int) -> Cut:
        """The cut with one layer more; what is known of the first is carried on, so that walks are linear."""
        ahead = cut | {k}
        made = self.nodes[k].makes
        if ahead not in self._frontiers:
            self._frontiers[ahead] = self._wanted(ahead, [*self.frontier(cut), *made])
        if ahead not in self._readies:
            free = {j for w in made for j in self._readers[w] if self._runs(ahead, j)}
            self._readies[ahead] = sorted({*self.ready(cut), *free} - {k})
        return ahead

    def cuts(self, most: int) -> Iterator[Cut]:
        """The cuts, smaller ones first, and no more than ``most``."""
        level, count = {frozenset[int]()}, 0
        while level:
            for cut in sorted(level, key=sorted):
                count += 1
                if count > most:
                    return
                yield cut
            level = {self.after(cut, k) for cut in level for k in self.ready(cut)}

    def covers(self, most: int) -> list[tuple[Cut, int]]:
        """The covering steps D, v of the lattice of cuts, and no more than ``most``."""
        rows: list[tuple[Cut, int]] = []
        for cut in self.cuts(most):
            rows += [(cut, k) for k in self.ready(cut)]
            if len(rows) >= most:
                break
        return rows[:most]

    def step(self, cut: Cut, k: int) -> Learner:
        """The learner from the frontier of a cut to that of the cut with one layer more."""
        before, after = self.frontier(cut), self.frontier(self.after(cut, k))
        node = self.nodes[k]
        p = node.learner.parameters
        source = tuple(_named(self.wires[w], w) for w in before)
        target = tuple(_named(self.wires[w], w) for w in after)
        _, a, b = apart(p, source, target)
        wire = dict(zip(before, a, strict=True))
        goal = dict(zip(after, b, strict=True))

        def forward(scope: Scope) -> tuple[Ports, Ports]:
            read = tuple(wire[w] for w in node.reads)
            return read, node.learner.run_implement(scope, p, read)

        scope = scope_of(p, a)
        made = dict(zip(node.makes, forward(scope)[1], strict=True))
        implement = scope.program((*p, *a), [made[w] if w in made else wire[w] for w in after])
        scope = scope_of(p, a, b)
        read, _ = forward(scope)
        updates, requests = node.learner.run_step(scope, p, read, tuple(goal[w] for w in node.makes))
        asked = []
        partial = node.learner.partial
        for w in before:
            uses = [r for name, r in zip(node.reads, requests, strict=True) if name == w]
            uses += [goal[w]] if w in goal else []
            asked.append(uses[0] if len(uses) == 1 else self._merged(scope, wire[w], uses))
            partial = partial or (len(uses) > 1 and not (self.merging and self.merging.total and self.merging.stays))
        step = scope.program((*p, *a, *b), [*updates, *asked])
        errors = (self.merging.name,) if self.merging is not None else ()
        return Learner(
            node.name,
            p,
            a,
            b,
            implement,
            step,
            partial=partial,
            errors=tuple(dict.fromkeys((*node.learner.errors, *errors))),
            origin=node.learner.origin,
            constant=node.learner.constant,
        )

    def _merged(self, scope: Scope, wire: Symbol, uses: Sequence[Symbol]) -> Symbol:
        """What is asked of a wire by several uses: the request of the copy learner."""
        assert self.merging is not None  # elaboration asks for an error where a wire fans out
        a = Symbol("a", wire.axes, wire.value)
        copies = tuple(Symbol(f"a{k}", wire.axes, wire.value) for k in range(len(uses)))
        copy = gradient("copy", (), (a,), copies, Program((a,), (), (a,) * len(uses)), self.merging, ONE)
        _, (asked,) = copy.run_step(scope, (), (wire,), tuple(uses))
        return asked

    def chain(self, cut: Cut = frozenset(), first: int | None = None) -> Chain:
        """The steps from a cut on, in the order of the layers but for the first."""
        steps = []
        while len(cut) < len(self.nodes):
            ready = self.ready(cut)
            k = first if first is not None else ready[0]
            first = None
            steps.append(self.step(cut, k))
            cut = self.after(cut, k)
        return Chain(tuple(steps))


def fits(a: Symbol, b: Symbol) -> bool:
    """Whether a wire has the type of a port."""
    return types((a,)) == types((b,))


def chain_graph(name: str, layers: Sequence[Learner]) -> Graph:
    """A chain as a graph: a wire x, a0, a1, ... for each port, and no wire that is used more than once."""
    wires: dict[str, Symbol] = {}

    def make(stem: str, ports: Ports) -> tuple[str, ...]:
        names = tuple(stem if len(ports) == 1 else f"{stem}.{k}" for k in range(len(ports)))
        wires.update((n, _named(s, n)) for n, s in zip(names, ports, strict=True))
        return names

    inputs = reads = make("x", layers[0].source)
    nodes = []
    for k, f in enumerate(layers):
        makes = make(f"a{k}", f.target)
        nodes.append(Node(makes[0] if makes else f"a{k}", f, reads, makes))
        reads = makes
    return Graph(name, inputs, tuple(nodes), reads, wires)


def _named(s: Symbol, name: str) -> Symbol:
    return Symbol(name, s.axes, s.value)


__all__ = ["Cut", "Graph", "Node", "chain_graph", "fits"]
