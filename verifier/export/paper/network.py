"""A network on paper: its string diagram, what its layers compose to, its opens and their restriction maps."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from ...learn.learner import Learner, Ports
from .blocks import Block, Box, Heading, Line, Lines, Math, Paragraph, Strings
from .learner import Style, maps_of, object_of
from .notation import Paper

DRAWN = 5  # layers of a string diagram; of longer networks the ends


def strings(f: Learner, n: Paper) -> Strings:
    """The layers of a network, a product as boxes above each other."""
    names = iter([n.read(s.label, []) for s in f.parameters])
    tied = sum(len(g.parameters) for g in f.layers) != len(f.parameters)
    layers = [_boxes(g, n, None if tied else names) for g in f.layers]
    wires = [object_of(f.layers[0].source, n), *(object_of(g.target, n) for g in f.layers)]
    if len(layers) > DRAWN:
        layers = [*layers[:2], (Box(r"\cdots"),), *layers[-2:]]
        wires = [*wires[:3], *wires[-3:]]
    return Strings(tuple(layers), tuple(wires))


def _boxes(f: Learner, n: Paper, names: Iterator[str] | None) -> tuple[Box, ...]:
    """The factors of a layer, with the names that its parameters have in the composite; its own, if some are tied."""
    rows = []
    for g in f.factors or (f,):
        own = [n.read(s.label, []) for s in g.parameters]
        rows.append(
            Box(n.name(g.name.split("(")[0].strip()), ", ".join(own if names is None else islice(names, len(own))))
        )
    return tuple(rows)


def composite(f: Learner, style: Style) -> list[Block]:
    """How a composite acts: forward through the layers, backward with the request of each as the target before it."""
    n = style.paper()
    p = len(f.layers)
    blocks: list[Block] = [
        Heading(2, ("The composite",)),
        strings(f, n),
        Paragraph(("Activities run forward, requests run back below them. With the map ", Math("I"), ", the update ",
                   Math("U"), " and the request ", Math("R"), " of each layer, ", Math("a"), " at the input and ",
                   Math("c"), " at the output:")),
        Lines(tuple(_two() if p == 2 else _many(p))),
    ]  # fmt: skip
    written = maps_of(f, style) if p <= DRAWN else Lines(())
    return [*blocks, Paragraph(("Written out:",)), written] if written.rows else blocks


def _two() -> Iterator[Line]:
    """Of two layers, (P, I, U, R) and (Q, J, V, S)."""
    yield Line("b", "I(p, a)", "the first layer")
    yield Line("t", "S(q, b, c)", "what the second asks of it")
    yield Line("(I ; J)(p, q, a)", "J(q, b)", "implementation")
    yield Line("U'(p, q, a, c)", r"\left(U(p, a, t),\; V(q, b, c)\right)", "update")
    yield Line("R'(p, q, a, c)", "R(p, a, t)", "request")


def _many(p: int) -> Iterator[Line]:
    yield Line("b_{0}", "a", "input")
    yield Line("b_{k+1}", rf"I_{{k}}(p_{{k}}, b_{{k}}) \qquad k = 0, \ldots, {p - 1}", "forward")
    yield Line(f"t_{{{p}}}", "c", "target")
    yield Line("t_{k}", r"R_{k}(p_{k}, b_{k}, t_{k+1})", "what layer k asks")
    yield Line("p_{k}'", r"U_{k}(p_{k}, b_{k}, t_{k+1})", "update")
    yield Line("R", "t_{0}", "request")


def site(f: Learner, style: Style) -> list[Block]:
    """The chain of opens of a network, the two sheaves on it, and their restriction maps."""
    n = style.paper()
    p = len(f.layers)
    chain = r" \supset ".join(f"U_{{{k}}}" for k in _few(p))
    rows = [Line("", rf"{chain} \supset \emptyset", "opens of the chain", "")]
    weights = rf"P_{{i}} \times \cdots \times P_{{{p - 1}}}" if p > 1 else "P_{i}"
    rows += [
        Line("X(U_{i})", rf"A_{{i}} \times {weights}", f"i < {p}: activity and weights"),
        Line(f"X(U_{{{p}}})", f"A_{{{p}}}", "the output alone"),
        Line("W(U_{i})", weights, "weights alone"),
        Line(r"\rho_{i,i+1}(a, p_{i}, w)", r"\left(I_{i}(p_{i}, a),\; w\right)", "restriction of X: run layer i"),
        Line(r"\pi_{i,i+1}(p_{i}, w)", "w", "restriction of W: forget its weights"),
    ]
    spaces = [Line(f"A_{{{k}}}", object_of(_activity(f, k), n), "") for k in _some(p + 1)]
    spaces += [Line(f"P_{{{k}}}", object_of(f.layers[k].parameters, n), f.layers[k].name) for k in _some(p)]
    intro = Paragraph(("The network is a chain; its opens are the layers from one on. Each has sections: ",))
    return [Heading(2, ("The sheaf of the network",)), intro, Lines(tuple(rows)), Lines(tuple(spaces))]


def _activity(f: Learner, k: int) -> Ports:
    return f.layers[k].source if k < len(f.layers) else f.layers[-1].target


def _few(p: int) -> list[object]:
    return list(range(p + 1)) if p <= 6 else [0, 1, 2, r"\cdots", p - 1, p]


def _some(count: int) -> list[int]:
    return list(range(count)) if count <= 6 else [0, 1, 2, count - 1]


__all__ = ["composite", "site", "strings"]
