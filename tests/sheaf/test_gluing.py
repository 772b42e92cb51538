"""Gluing over unions of opens of the cut presheaf, by trying everything: 2000 random graphs over bits."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import product
from random import Random

import pytest

from tests.fuzz.finite import TWO
from verifier.learn.learner import Learner
from verifier.learn.program import Program
from verifier.sheaf.gluing import Tear, tear
from verifier.sheaf.graph import Cut, Graph, Node
from verifier.terms.sorts import REAL, Element
from verifier.terms.syntax import Symbol

NOTHING = Program((), (), ())
Section = tuple[tuple[tuple[str, int], ...], tuple[tuple[int, int], ...]]
Tables = Mapping[tuple[int, tuple[int, ...]], tuple[int, ...]]


def node(k: int, reads: tuple[str, ...], makes: tuple[str, ...], weight: bool) -> Node:
    p = (Symbol("p", (), TWO),) if weight else ()
    return Node(makes[0], Learner(f"F{k}", p, (), (), NOTHING, NOTHING), reads, makes)


def drawn(random: Random) -> Graph:
    """Layers that read any wires above them, each wire as often as it comes; few bits, so that all are tried."""
    wires, nodes = ["x"], []
    for k in range(random.randint(1, 4)):
        reads = tuple(random.sample(wires, min(len(wires), random.choice((1, 1, 2)))))
        makes = (f"w{k}", f"v{k}") if random.random() < 0.2 else (f"w{k}",)
        nodes.append(node(k, reads, makes, random.random() < 0.4))
        wires += makes
    read = {w for n in nodes for w in n.reads}
    outputs = tuple(w for w in wires if w not in read or random.random() < 0.15)
    return Graph("N", ("x",), tuple(nodes), outputs, {w: Symbol(w, (), TWO) for w in wires})


def tables(g: Graph, random: Random) -> Tables:
    rows = {}
    for k, n in enumerate(g.nodes):
        for bits in product(range(2), repeat=len(n.reads) + len(n.learner.parameters)):
            rows[k, bits] = tuple(random.randint(0, 1) for _ in n.makes)
    return rows


def sections(g: Graph, cut: Cut) -> list[Section]:
    front = g.frontier(cut)
    later = [k for k, n in enumerate(g.nodes) if k not in cut and n.learner.parameters]
    return [
        (tuple(zip(front, bits, strict=False)), tuple(zip(later, bits[len(front) :], strict=True)))
        for bits in product(range(2), repeat=len(front) + len(later))
    ]


def restrict(g: Graph, f: Tables, s: Section, cut: Cut, end: Cut) -> Section:
    value, weights = dict(s[0]), dict(s[1])
    for k in sorted(end - cut):
        n = g.nodes[k]
        bits = tuple(value[w] for w in n.reads) + ((weights[k],) if n.learner.parameters else ())
        value |= zip(n.makes, f[k, bits], strict=True)
    return tuple((w, value[w]) for w in g.frontier(end)), tuple((k, p) for k, p in s[1] if k not in end)


def glues(g: Graph, f: Tables, one: Cut, other: Cut) -> bool:
    """Whether each pair of sections that agree over the union of two cuts comes from exactly one over their meet."""
    meet, union = one & other, one | other
    images = [(restrict(g, f, s, meet, one), restrict(g, f, s, meet, other)) for s in sections(g, meet)]
    matching = {
        (s, t)
        for s in sections(g, one)
        for t in sections(g, other)
        if restrict(g, f, s, one, union) == restrict(g, f, t, other, union)
    }
    assert set(images) <= matching and len(set(images)) == len(images)  # a presheaf, and separated
    return len(images) == len(matching)


def test_the_criterion_is_exact() -> None:
    random = Random(11)
    outcomes = {True: 0, False: 0}
    for _ in range(2000):
        g = drawn(random)
        if max(len(g.frontier(c)) for c in g.cuts(100)) > 4:
            continue
        f, cuts = tables(g, random), list(g.cuts(100))
        pairs = [(a, b) for a in cuts for b in cuts if not (a <= b or b <= a) and sorted(a) < sorted(b)]
        found = tear(g)
        assert (found is None) == all(glues(g, f, a, b) for a, b in pairs), g
        if found is not None:
            assert {found.one, found.other} <= set(cuts)
            assert not glues(g, f, found.one, found.other)
            seen, both = (set(g.frontier(c)) for c in (found.one & found.other, found.one | found.other))
            assert found.wire in seen - both
        outcomes[found is None] += 1
    assert min(outcomes.values()) > 300, outcomes


def test_the_fan_out_of_a_bit() -> None:
    """x -> a, x -> b: 8 sections, and 16 families that match."""
    g = Graph(
        "N",
        ("x",),
        (node(0, ("x",), ("a",), True), node(1, ("x",), ("b",), True)),
        ("a", "b"),
        {w: Symbol(w, (), TWO) for w in "xab"},
    )
    f = tables(g, Random(0))
    assert tear(g) == Tear("x", frozenset({0}), frozenset({1}))
    assert len(sections(g, frozenset())) == 8
    one, other, union = frozenset({0}), frozenset({1}), frozenset({0, 1})
    agree = [
        (s, t)
        for s in sections(g, one)
        for t in sections(g, other)
        if restrict(g, f, s, one, union) == restrict(g, f, t, other, union)
    ]
    assert len(agree) == 16


@pytest.mark.parametrize(
    ("reads", "outputs", "torn"),
    [
        ([("x",), ("w0", "x")], ("w1",), False),  # a residual block: the cuts are a chain
        ([("x",), ("x",)], ("w0", "w1", "x"), False),  # what is an output is seen over every open
        ([("x",), ("x",)], ("w0", "w1"), True),
        ([("x",), ("x",), ("x", "w0", "w1")], ("w2",), False),  # one reader comes after the others
    ],
)
def test_examples(reads: list[tuple[str, ...]], outputs: tuple[str, ...], torn: bool) -> None:
    nodes = tuple(node(k, r, (f"w{k}",), False) for k, r in enumerate(reads))
    wires = {w: Symbol(w, (), REAL) for w in ("x", *(f"w{k}" for k in range(len(reads))))}
    assert (tear(Graph("N", ("x",), nodes, outputs, wires)) is not None) == torn


def test_a_set_of_one_element_glues() -> None:
    one = Element("One", ("0",))
    nodes = (node(0, ("x",), ("a",), False), node(1, ("x",), ("b",), False))
    wires = {"x": Symbol("x", (), one), "a": Symbol("a", (), TWO), "b": Symbol("b", (), TWO)}
    assert tear(Graph("N", ("x",), nodes, ("a", "b"), wires)) is None
    unknown = wires | {"x": Symbol("x", (), Element("A"))}
    assert tear(Graph("N", ("x",), nodes, ("a", "b"), unknown)) is not None
