"""Graphs: cuts and covering steps by brute force, squares of random graphs, forks against counting paths."""

from __future__ import annotations

from collections.abc import Callable
from itertools import combinations, product
from random import Random

import networkx
import pytest

from verifier.diagnostics import SpecError
from verifier.elaborate.environment import NetworkValue
from verifier.elaborate.modules import Module
from verifier.proof import naturality
from verifier.proof.decide import decide
from verifier.sheaf import fork
from verifier.sheaf.graph import Cut, Graph

Spec = Callable[..., Module]
HEAD = """import std.errors
import std.layers
size n
real eps > 0
function s : R -> R smooth
learner Plus : (a : R[n], b : R[n]) -> y : R[n] {
  implement y[i] = a[i] + b[i]
  learn gradient(quadratic, rate = eps)
}
"""


def graph(module: Module, name: str = "N") -> Graph:
    assert not module.faults, module.faults
    value = module.environment.entries[name].value
    assert isinstance(value, NetworkValue) and value.graph is not None
    return value.graph


def text(random: Random, layers: int) -> str:
    """A graph of layers with one or two wires each; what nothing reads is an output."""
    wires, read, rows = ["x"], set(), []
    for k in range(layers):
        if random.random() < 0.4 and len(wires) > 1:
            a, b = random.choice(wires), random.choice(wires)
            rows.append(f"  w{k} = Plus({a}, {b})")
            read |= {a, b}
        else:
            a = random.choice(wires)
            rows.append(f"  w{k} = Dense(n, n, s, quadratic, eps)({a})")
            read.add(a)
        wires.append(f"w{k}")
    outputs = [w for w in wires if w not in read]
    lines = ["  input x : R[n]", *rows, f"  output {', '.join(outputs)}"]
    return "wire N using quadratic {\n" + "\n".join(lines) + "\n}\n"


def down_closed(g: Graph) -> set[Cut]:
    """The cuts, by trying all sets of layers."""
    maker = {w: k for k, node in enumerate(g.nodes) for w in node.makes}
    before = [{maker[w] for w in node.reads if w in maker} for node in g.nodes]
    every = range(len(g.nodes))
    sets = (frozenset(c) for r in range(len(g.nodes) + 1) for c in combinations(every, r))
    return {cut for cut in sets if all(before[k] <= cut for k in cut)}


@pytest.mark.parametrize("seed", range(12))
def test_cuts_and_covers(seed: int, spec: Spec) -> None:
    g = graph(spec(HEAD + text(Random(seed), 6)))
    cuts = list(g.cuts(10_000))
    assert len(cuts) == len(set(cuts)) and set(cuts) == down_closed(g)
    covers = g.covers(10_000)
    assert set(covers) == {(d, k) for d in cuts for k in range(6) if k not in d and d | {k} in set(cuts)}
    assert len(g.covers(3)) == min(3, len(covers))


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(6))
def test_random_graphs(seed: int, spec: Spec) -> None:
    """X -> W is natural, the composite is the gradient learner, and the target reading fails at every fan-out."""
    claims = "check N == gradient(N, quadratic, rate = eps)\ncheck natural N reading weights\n"
    module = spec(HEAD + text(Random(seed), 5) + claims)
    verdicts = [decide(c) for c in module.claims]
    assert [v.verdict for v in verdicts] in (["proved", "proved"], ["proved", "vacuous"])


def test_a_step_that_forgets_to_merge_is_refuted(spec: Spec, monkeypatch: pytest.MonkeyPatch) -> None:
    """Mutants: the first use alone; the sum of the requests."""
    source = HEAD + (
        "wire N using quadratic {\n  input x : R[n]\n  h = Dense(n, n, s, quadratic, eps)(x)\n"
        "  y = Plus(h, x)\n  output y\n}\n"
        "check N == gradient(N, quadratic, rate = eps)\n"
    )
    assert decide(spec(source).claims[0]).verdict == "proved"
    monkeypatch.setattr(Graph, "_merged", lambda self, scope, wire, uses: uses[0])
    assert decide(spec(source).claims[0]).verdict == "refuted"


def test_updates_towards_another_target_are_no_map_to_weights(spec: Spec, monkeypatch: pytest.MonkeyPatch) -> None:
    """Mutant of the reading: over the smaller cut another layer's update."""
    source = HEAD + text(Random(1), 4) + "check natural N reading weights\n"
    assert decide(spec(source).claims[0]).verdict == "proved"
    plain = naturality.near_step

    def turned(*front: object) -> object:
        chain = plain(*front)  # type: ignore[arg-type]
        return type(chain)((chain.layers[0], *chain.layers[1:]))

    monkeypatch.setattr("verifier.sheaf.readings.READINGS", {"weights": (_own_output, False)})
    monkeypatch.setattr(naturality, "near_step", turned)
    assert decide(spec(source).claims[0]).verdict != "proved"


def _own_output(scope, net, s):  # type: ignore[no-untyped-def]
    """Every layer trained on its own output if it is the first, else as it should be."""
    from verifier.sheaf.readings import local, target

    return local(scope, net, s) if s.start == 0 else target(scope, net, s)


def matching_families(g: Graph, left: Cut, right: Cut) -> tuple[int, int]:
    """Sections over the union of two opens, and families over the two that agree on their overlap, over bits.

    Layers are sums of their inputs and have no weights.  The open of a cut is all that is not behind it; a section over
    it is an activity of its frontier, and restriction runs layers.  The union of the opens is that of the smaller cut.
    """

    def sections(cut: Cut) -> list[dict[str, int]]:
        wires = g.frontier(cut)
        return [dict(zip(wires, bits, strict=True)) for bits in product(range(2), repeat=len(wires))]

    def restrict(cut: Cut, to: Cut, s: dict[str, int]) -> tuple[int, ...]:
        values = dict(s)
        for k in sorted(to - cut):
            node = g.nodes[k]
            values[node.makes[0]] = sum(values[w] for w in node.reads) % 2
        return tuple(values[w] for w in g.frontier(to))

    below, above = left & right, left | right
    agreeing = sum(
        restrict(left, above, s) == restrict(right, above, t) for s in sections(left) for t in sections(right)
    )
    return len(sections(below)), agreeing


def test_gluing_fails_at_a_fan_out_and_holds_without(spec: Spec) -> None:
    """Theory 7.2: x -> a, x -> b.  The halves agree on the overlap, and disagree on x."""
    one = "learner F(n) : x : R[n] -> y : R[n] {\n  implement x\n  learn gradient(quadratic, rate = eps)\n}\n"
    fan = "wire N using quadratic {\n  input x : R[n]\n  a = F(n)(x)\n  b = F(n)(x)\n  output a, b\n}\n"
    g = graph(spec(HEAD + one + fan))
    whole, families = matching_families(g, frozenset({0}), frozenset({1}))
    assert whole < families
    apart = "wire N {\n  input x : R[n], z : R[n]\n  a = F(n)(x)\n  b = F(n)(z)\n  output a, b\n}\n"
    g = graph(spec(HEAD + one + apart))
    assert matching_families(g, frozenset({0}), frozenset({1})) == (4, 4)


def thin_by_counting(plain: networkx.DiGraph) -> bool:
    """Whether the category has at most one path between any two objects."""
    c = fork.category(plain)
    order = list(networkx.topological_sort(c))
    for start in c:
        count = dict.fromkeys(c, 0)
        count[start] = 1
        for x in order:
            for y in c.successors(x):
                count[y] += count[x]
        if max(count.values()) > 1:
            return False
    return True


def thin_by_criterion(plain: networkx.DiGraph) -> bool:
    """No b with parents u != v such that u is reached from v by going back through vertices of in-degree one."""
    for b in plain:
        parents = list(plain.predecessors(b))
        if len(parents) < 2:
            continue
        for v in parents:
            x = v
            while plain.in_degree(x) == 1:
                (x,) = plain.predecessors(x)
                if x in parents and x != v:
                    return False
    return True


def random_dag(random: Random) -> networkx.DiGraph:
    count = random.randint(2, 9)
    dag = networkx.DiGraph()
    dag.add_nodes_from(range(count))
    share = random.choice((0.15, 0.3, 0.5))
    dag.add_edges_from((u, v) for v in range(count) for u in range(v) if random.random() < share)
    return dag


def test_forks_of_3000_random_graphs() -> None:
    random = Random(7)
    outcomes = set()
    for _ in range(3000):
        dag = random_dag(random)
        thin = thin_by_counting(dag)
        outcomes.add(thin)
        found = fork.two_morphisms(dag)
        assert (found is None) == thin == thin_by_criterion(dag)
        if found is not None:
            c = fork.category(dag)
            one, two = found
            assert one != two and (one[0], one[-1]) == (two[0], two[-1])
            assert all(networkx.is_path(c, list(path)) for path in found)
        assert thin_by_counting(fork.subdivided(dag))
    assert outcomes == {True, False}


FAULTS = {
    "a wire below": ("  y = Plus(h, x)\n  h = Plus(x, x)\n  output y\n", "E101", "a graph has no cycles"),
    "no such wire": ("  y = Plus(x, z)\n  output y\n", "E101", "no wire z above this line"),
    "unused": ("  h = Plus(x, x)\n  y = Plus(x, x)\n  output y\n", "E143", "the wire h, which nothing reads"),
    "unused input": ("  input z : R[n]\n  y = Plus(x, x)\n  output y\n", "E143", "the wire z, which nothing reads"),
    "shapes": ("  input z : R[2]\n  y = Plus(x, z)\n  output y\n", "E111", "the wire z : R[2] (made at "),
    "too few": ("  y = Plus(x)\n  output y\n", "E111", "1 wires into Plus"),
    "too many names": ("  (u, v) = Plus(x, x)\n  output u, v\n", "E111", "2 wires out of Plus"),
    "twice": ("  y = Plus(x, x)\n  y = Plus(y, x)\n  output y\n", "E114", "a second wire called y"),
    "no output": ("  y = Plus(x, x)\n", "E143", "without an output"),
    "no layer": ("  output x\n", "E143", "without a layer"),
    "output twice": ("  y = Plus(x, x)\n  output y, y\n", "E143", "the output y twice"),
    "no wires": ("  y = Plus\n  output y\n", "E143", "a layer without wires"),
    "no wire": ("  y = Plus(x, 2 * x)\n  output y\n", "E143", "as a wire"),
    "a shape of an output": ("  y = Plus(x, x)\n  output y : R[n]\n", "E143", "a shape of the output y"),
    "a stray line": ("  let y = Plus(x, x)\n  output y\n", "L040", "in a graph"),
}


@pytest.mark.parametrize("name", FAULTS)
def test_faults(name: str, spec: Spec) -> None:
    body, code, message = FAULTS[name]
    source = HEAD + "wire N using quadratic {\n  input x : R[n]\n" + body + "}\n"
    try:
        found = spec(source).faults
    except SpecError as e:
        found = list(e.diagnostics)
    assert any(d.code == code and message in f"{d.found} {d.fix}" for d in found), found


def test_a_fan_out_needs_an_error(spec: Spec) -> None:
    body = "  input x : R[n]\n  y = Plus(x, x)\n  output y\n}\n"
    (found,) = spec(HEAD + "wire N {\n" + body).faults
    assert found.code == "E143" and "the wire x, which is used 2 times" in found.found
    body = "  input x : A\n  y = F(x)\n  z = F(x)\n  output y, z\n}\n"
    sets = "import std.errors\nset A\nlearner F : A -> A opaque\nwire N using quadratic {\n"
    (found,) = spec(sets + body).faults
    assert found.code == "E143" and "2 uses of x, an element of A" in found.found
