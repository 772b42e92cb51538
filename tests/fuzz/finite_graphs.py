"""Random graphs of random learners over {0, 1}: squares of the lattice of cuts, and composites, against plain Python.

A wire of bits is read once: where a value is wanted twice, there is a learner that copies it, with requests of its own.
The oracle knows layers, wires and tables, and nothing of steps, chains and sections.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import product
from random import Random
from typing import Any

from verifier.learn.laws import Goal
from verifier.learn.learner import Learner, compose
from verifier.learn.program import Program, Scope
from verifier.sheaf.graph import Cut, Graph, Node
from verifier.sheaf.readings import square
from verifier.terms.syntax import Abstraction, Call, Function, Let, Read, Symbol

from .finite import BITS, TWO, holds

Bits = tuple[int, ...]
State = tuple[dict[str, int], dict[int, int]]  # activities by wire, weights by layer


@dataclass(frozen=True)
class Layer:
    """Tables for all inputs, the last one varying fastest: of the outputs, of the update, of the requests."""

    reads: tuple[str, ...]
    makes: tuple[str, ...]
    weight: bool
    implement: tuple[Bits, ...]
    update: Bits
    request: tuple[Bits, ...]

    def run(self, p: int, a: Bits) -> Bits:
        return tuple(t[_place((p, *a) if self.weight else a)] for t in self.implement)

    def step(self, p: int, a: Bits, b: Bits) -> tuple[int, Bits]:
        k = _place((p, *a, *b) if self.weight else (*a, *b))
        return self.update[k] if self.weight else 0, tuple(t[k] for t in self.request)


def _place(bits: Sequence[int]) -> int:
    k = 0
    for b in bits:
        k = 2 * k + b
    return k


def drawn(random: Random) -> tuple[list[Layer], tuple[str, ...], tuple[str, ...]]:
    """Layers with the inputs and the outputs: joins, copies and plain layers; all that nothing reads is an output."""
    inputs = tuple(f"x{k}" for k in range(random.choice((1, 1, 2))))
    free, layers, tame = list(inputs), [], random.random() < 0.7
    for k in range(random.randint(2, 3)):
        kind = random.choice(["plain", "copy", *["join"] * (2 if len(free) > 1 else 0)])
        reads = tuple(random.sample(free, 2 if kind == "join" else 1))
        makes = (f"w{k}", f"v{k}") if kind == "copy" else (f"w{k}",)
        weight = kind != "copy" and random.random() < 0.8
        size = 2 ** (len(reads) + weight)
        table = partial(table_of, random)
        implement = ((0, 1), (0, 1)) if kind == "copy" else tuple(table(size) for _ in makes)
        whole = size * 2 ** len(makes)
        layer = Layer(reads, makes, weight, implement, table(whole), tuple(table(whole) for _ in reads))
        layers.append(lawful(random, layer) if tame and random.random() < 0.9 else layer)
        free = [w for w in free if w not in reads] + list(makes)
    return layers, inputs, tuple(free)


def table_of(random: Random, size: int) -> Bits:
    return tuple(random.choice(BITS) for _ in range(size))


def lawful(random: Random, x: Layer) -> Layer:
    """The same layer with GetPut, and PutGet where a target can be met: squares that commute are rare at random."""
    states = list(product(BITS, repeat=len(x.reads) + x.weight))
    rows = []
    for s, b in product(states, product(BITS, repeat=len(x.makes))):
        met = [t for t in states if tuple(table[_place(t)] for table in x.implement) == b]
        rows.append(s if s in met else random.choice(met or states))
    columns = [tuple(column) for column in zip(*rows, strict=True)]
    return replace(x, update=columns[0] if x.weight else x.update, request=tuple(columns[x.weight :]))


# ---- the same as learners and a graph


def learner(layer: Layer, k: int) -> Learner:
    p = (Symbol("p", (), TWO),) if layer.weight else ()
    a = tuple(Symbol(f"a{i}", (), TWO) for i in range(len(layer.reads)))
    b = tuple(Symbol(f"b{i}", (), TWO) for i in range(len(layer.makes)))

    def program(name: str, tables: Sequence[Bits], inputs: tuple[Symbol, ...]) -> Program:
        lets = []
        for i, table in enumerate(tables):
            f = Function(f"{name}{k}.{i}{table}", tuple(((), TWO) for _ in inputs), (), TWO, table=table)
            call = Call(f, tuple(Abstraction((), Read(s)) for s in inputs))
            lets.append(Let(Symbol(f"{name}{i}", (), TWO), (), call))
        return Program(inputs, tuple(lets), tuple(let.symbol for let in lets))

    step = [*([layer.update] if layer.weight else []), *layer.request]
    return Learner(f"F{k}", p, a, b, program("I", layer.implement, (*p, *a)), program("S", step, (*p, *a, *b)))


def graph(layers: Sequence[Layer], inputs: tuple[str, ...], outputs: tuple[str, ...]) -> Graph:
    names = [*inputs, *(w for x in layers for w in x.makes)]
    nodes = tuple(Node(x.makes[0], learner(x, k), x.reads, x.makes) for k, x in enumerate(layers))
    return Graph("N", inputs, nodes, outputs, {w: Symbol(w, (), TWO) for w in names})


# ---- the oracle


@dataclass(frozen=True)
class Oracle:
    layers: Sequence[Layer]
    outputs: tuple[str, ...]

    def forward(self, state: State, order: Sequence[int]) -> dict[str, int]:
        """The values of all wires from the activities of a section on."""
        value, weights = dict(state[0]), state[1]
        for k in order:
            x = self.layers[k]
            value |= zip(x.makes, x.run(weights.get(k, 0), tuple(value[w] for w in x.reads)), strict=True)
        return value

    def back(self, state: State, order: Sequence[int], goal: dict[str, int]) -> State:
        """One step of training towards a target: what is asked of each wire of the section, and new weights."""
        value, asked, weights = self.forward(state, order), dict(goal), dict(state[1])
        for k in reversed(order):
            x = self.layers[k]
            goals = tuple(asked[w] for w in x.makes)
            u, requests = x.step(state[1].get(k, 0), tuple(value[w] for w in x.reads), goals)
            if x.weight:
                weights[k] = u
            asked |= zip(x.reads, requests, strict=True)
        return {w: asked[w] for w in state[0]}, weights

    def local(self, state: State, first: int | None) -> State:
        """A layer trained on its own output, beside the identity."""
        if first is None:
            return state
        x = self.layers[first]
        a = tuple(state[0][w] for w in x.reads)
        p = state[1].get(first, 0)
        u, requests = x.step(p, a, x.run(p, a))
        weights = state[1] | ({first: u} if x.weight else {})
        return state[0] | dict(zip(x.reads, requests, strict=True)), weights

    def ahead(self, state: State, k: int) -> State:
        """The restriction: run a layer, forget its weights."""
        value, x = self.forward(state, [k]), self.layers[k]
        there = [w for w in state[0] if w not in x.reads] + list(x.makes)
        return {w: value[w] for w in there}, {j: p for j, p in state[1].items() if j != k}

    def states(self, cut: Cut, inputs: Sequence[str]) -> Iterator[State]:
        there = [*inputs, *(w for k in sorted(cut) for w in self.layers[k].makes)]
        read = {w for k in cut for w in self.layers[k].reads}
        front = [w for w in there if w not in read]
        later = [k for k, x in enumerate(self.layers) if k not in cut and x.weight]
        for bits in product(BITS, repeat=len(front) + len(later)):
            yield dict(zip(front, bits, strict=False)), dict(zip(later, bits[len(front) :], strict=True))

    def square(self, reading: str, cut: Cut, k: int, inputs: Sequence[str]) -> bool:
        """Whether the square of a covering step commutes, by trying all sections and targets."""
        rest = [j for j in range(len(self.layers)) if j not in cut and j != k]
        there = {*inputs, *(w for j in (*cut, k) for w in self.layers[j].makes)}
        after = next((j for j in rest if there.issuperset(self.layers[j].reads)), None)
        targets = product(BITS, repeat=len(self.outputs)) if reading != "local" else [()]
        goals = [dict(zip(self.outputs, bits, strict=False)) for bits in targets]
        for state in self.states(cut, inputs):
            for goal in goals:
                if reading == "local":
                    one, two = self.local(state, k), self.local(self.ahead(state, k), after)
                else:
                    one = self.back(state, [k, *rest], goal)
                    two = self.back(self.ahead(state, k), rest, goal)
                one = self.ahead(one, k)
                if one[1] != two[1] or (reading != "weights" and one[0] != two[0]):
                    return False
        return True


def finite_graphs_agree(seed: int) -> str:
    """A square of a random graph at a random covering step, exhaustively and by the oracle; the kernel proves no other.

    Every tenth seed: the composite along a random order, and the one along the order of the layers, are the same.
    """
    random = Random(seed)
    layers, inputs, outputs = drawn(random)
    g, oracle = graph(layers, inputs, outputs), Oracle(layers, outputs)
    if seed % 10 == 0:
        return _composites(random, g, oracle)
    cut, k = random.choice(g.covers(100))
    reading = ("local", "target", "weights")[seed % 3]
    found = holds(partial(square, net=g.chain(cut, k), reading=reading, start=0))
    if found == oracle.square(reading, cut, k, inputs):
        return ""
    return f"{reading} at {sorted(cut)} + {k} of {layers}, outputs {outputs}: {found}"


def _composites(random: Random, g: Graph, oracle: Oracle) -> str:
    """The learner of the graph along a random order against one pass of training in the order of the layers."""
    cut, steps, order = frozenset[int](), [], []
    while len(cut) < len(g.nodes):
        k = random.choice(g.ready(cut))
        steps.append(g.step(cut, k))
        order.append(k)
        cut |= {k}
    whole = compose(steps)
    # Each order has its own order of parameters and of wires; outputs keep theirs.
    weights = [k for k in order if oracle.layers[k].weight]
    first = g.frontier(frozenset())
    ports = (*whole.parameters, *whole.source, *whole.target)
    right = _tabled(oracle, weights, first, g.outputs)

    def goals(scope: Scope) -> list[Any]:
        p, a, b = (tuple(scope.input(s) for s in group) for group in (whole.parameters, whole.source, whole.target))
        left = (*whole.run_implement(scope, p, a), *(s for group in whole.run_step(scope, p, a, b) for s in group))
        rows = []
        for i, (s, table) in enumerate(zip(left, right, strict=True)):
            f = Function(f"oracle{i}", tuple(((), TWO) for _ in ports), (), TWO, table=table)
            call = Call(f, tuple(Abstraction((), Read(x)) for x in (*p, *a, *b)))
            rows.append(Goal("N", str(i), s, scope.define(f"oracle{i}", (), call, TWO)))
        return rows

    return "" if holds(goals) else f"the composite along {order} of {oracle.layers}, outputs {g.outputs}"


def _tabled(oracle: Oracle, weights: Sequence[int], first: Sequence[str], outputs: Sequence[str]) -> list[Bits]:
    """Outputs, new weights and requests as tables of weights, inputs and targets."""
    order = range(len(oracle.layers))
    rows = []
    for bits in product(BITS, repeat=len(weights) + len(first) + len(outputs)):
        p = dict(zip(weights, bits, strict=False))
        a = dict(zip(first, bits[len(weights) :], strict=False))
        goal = dict(zip(outputs, bits[len(weights) + len(first) :], strict=True))
        value = oracle.forward((a, p), order)
        asked, new = oracle.back((a, p), order, goal)
        rows.append([*(value[w] for w in outputs), *(new[k] for k in weights), *(asked[w] for w in first)])
    return [tuple(column) for column in zip(*rows, strict=True)]


__all__ = ["finite_graphs_agree"]
