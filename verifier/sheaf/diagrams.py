"""What is drawn of a network: its graph, the poset of its cuts, the squares X -> W over it, its category with forks.

A `Drawing` has boxes, arrows and lines of text; how it looks is a matter of who prints it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from ..learn.learner import show_object
from . import fork
from .graph import Cut, Graph

MOST = 64  # cuts that are drawn
LISTED = 8  # names in one label


@dataclass(frozen=True)
class Box:
    """``kind``: input, layer, output, cut, activities, weights, fork."""

    label: str
    kind: str


@dataclass(frozen=True)
class Arrow:
    """From one box to another, by their numbers; what stands beside it."""

    source: int
    target: int
    label: str = ""


@dataclass
class Drawing:
    """Boxes and arrows without cycles."""

    title: str
    boxes: list[Box] = field(default_factory=list)
    arrows: list[Arrow] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def box(self, label: str, kind: str) -> int:
        self.boxes.append(Box(label, kind))
        return len(self.boxes) - 1


def graph(g: Graph) -> Drawing:
    """Inputs, layers and outputs, and an arrow for each use of a wire."""
    d = Drawing(f"graph of {g.name}")
    made: dict[str, int] = {w: d.box(f"{w} : {show_object((g.wires[w],))}", "input") for w in g.inputs}
    for n in g.nodes:
        here = d.box(f"{', '.join(n.makes)} = {n.learner.name}", "layer")
        d.arrows += [Arrow(made[w], here, w) for w in n.reads]
        made |= dict.fromkeys(n.makes, here)
    for w in g.outputs:
        d.arrows.append(Arrow(made[w], d.box(f"output {w} : {show_object((g.wires[w],))}", "output"), w))
    if g.merging is not None:
        d.notes += [f"{w} is used {g.uses(w)} times; {g.merging.name} merges the requests" for w in g.fans]
    return d


def cuts(g: Graph) -> Drawing:
    """The lattice of cuts: an arrow for each covering step, labelled with the layer that it runs."""
    d = Drawing(f"cuts of {g.name}")
    rows, steps = _drawn(g, d)
    at = {cut: d.box(f"{shown(g, cut)}: {', '.join(_short(g.frontier(cut))) or 'nothing'}", "cut") for cut in rows}
    d.arrows += [Arrow(at[cut], at[cut | {k}], g.nodes[k].name) for cut, k in steps]
    d.notes.append("behind the colon the frontier: the wires whose activities X has there")
    return d


def squares(g: Graph) -> Drawing:
    """X and W over the cuts: each covering step is one square, of two restrictions and two maps X -> W."""
    d = Drawing(f"squares X -> W of {g.name}")
    rows, steps = _drawn(g, d)
    x = {cut: d.box(f"X({shown(g, cut)}) = {_sections(g, cut, g.frontier(cut))}", "activities") for cut in rows}
    w = {cut: d.box(f"W({shown(g, cut)}) = {_sections(g, cut, [])}", "weights") for cut in rows}
    for cut, k in steps:
        n = g.nodes[k]
        d.arrows.append(Arrow(x[cut], x[cut | {k}], f"run {n.name}"))
        d.arrows.append(Arrow(w[cut], w[cut | {k}], f"forget P_{n.name}" if n.learner.parameters else "="))
    d.arrows += [Arrow(x[cut], w[cut], "U") for cut in rows]
    return d


def forks(g: Graph) -> Drawing:
    """The generators of the category with forks; two paths with the same ends are why it is no poset."""
    d = Drawing(f"category with forks of {g.name}")
    plain = fork.layers(g)
    c = fork.category(plain)
    at = {x: d.box(fork.shown([x]), "fork" if isinstance(x, tuple) else "layer") for x in c}
    d.arrows += [Arrow(at[x], at[y]) for x, y in c.edges]
    found = fork.two_morphisms(plain)
    if found is None:
        d.notes.append("a poset: no two paths have the same ends")
    else:
        d.notes += ["no poset: two paths with the same ends", *(f"  {fork.shown(path)}" for path in found)]
    return d


DIAGRAMS: dict[str, Callable[[Graph], Drawing]] = {"graph": graph, "cuts": cuts, "squares": squares, "forks": forks}


def shown(g: Graph, cut: Cut) -> str:
    """``{h, k}``: a cut by its layers."""
    return "{" + ", ".join(_short([g.nodes[k].name for k in sorted(cut)])) + "}"


def _drawn(g: Graph, d: Drawing) -> tuple[list[Cut], list[tuple[Cut, int]]]:
    """The cuts that are drawn, smaller ones first, and the steps between them."""
    rows = list(g.cuts(MOST + 1))
    if len(rows) > MOST:
        rows = rows[:MOST]
        d.notes.append(f"there are more than {MOST} cuts: the first {MOST} are drawn")
    there = set(rows)
    steps = [(cut, k) for cut in rows for k in g.ready(cut) if cut | {k} in there]
    if len(rows) < MOST or not d.notes:
        d.notes.append(f"{len(rows)} cuts, {len(steps)} covering steps")
    return rows, steps


def _sections(g: Graph, cut: Cut, wires: list[str]) -> str:
    """The factors of a product: activities, then the weights of the layers outside the cut."""
    weights = [f"P_{n.name}" for k, n in enumerate(g.nodes) if k not in cut and n.learner.parameters]
    return " x ".join(_short([*(f"A_{w}" for w in wires), *weights])) or "1"


def _short(names: list[str]) -> list[str]:
    """A long list by its ends."""
    return names if len(names) <= LISTED else [*names[:2], "...", *names[-2:]]


__all__ = ["DIAGRAMS", "MOST", "Arrow", "Box", "Drawing", "cuts", "forks", "graph", "shown", "squares"]
