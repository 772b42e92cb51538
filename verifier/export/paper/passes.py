"""Hand-written backward passes on paper: the derivation, then what is derived and what is written side by side."""

from __future__ import annotations

from collections.abc import Iterator

from ...learn.layer import Line as Written
from ...learn.layer import Pass
from ...learn.steps import Worked
from ...proof.verdict import PROVED, Component, Verdict
from ...terms.mathematics import written
from ...terms.syntax import Let
from .blocks import Block, Code, Heading, Items, Line, Lines, Marked, Paragraph, Table, Words
from .learner import Style, shown, steps_of, table
from .verdicts import details


def layer_blocks(w: Worked, own: Pass | None, verdict: Verdict | None, style: Style) -> Iterator[Block]:
    """A layer, the gradient of everything in it, and a comparison with what is written."""
    n = style.paper(w)
    yield Heading(2, ("The map",))
    yield table(w.forward, style, n)
    yield Heading(2, ("Gradients, step by step",))
    yield Paragraph(("A cotangent is given for each output; E is what the cotangents pair with the outputs.",))
    yield Lines((Line("E", written(Let(w.total.symbol, (), w.total.body), n).partition(" = ")[2], "definition of E"),))
    for s in w.adjoints:
        yield steps_of(s, n)
    if own is None or verdict is None:
        return
    yield Heading(2, ("What is written, and what is right",))
    cells = []
    for line in own.lines:
        found = [c for c in verdict.components if c.name == line.name]
        cells.append((tuple(_derived(line, w, style)), tuple(_written(line, own, w, style)), tuple(_verdict(found))))
    yield Table((("derived",), ("written",), ("verdict",)), tuple(cells), (0.38, 0.38, 0.2))
    rows = list(details(verdict))
    if rows:
        yield Items(tuple(rows))


def _derived(line: Written, w: Worked, style: Style) -> Iterator[Block]:
    n = style.paper(w)
    found = next((s for s in w.adjoints if s.subject == w.gradients.get(line.of)), None)
    if found is not None:
        yield Lines((Line(*shown(Let(found.subject, found.indices, found.steps[-1].term), style, n)),))


def _written(line: Written, own: Pass, w: Worked, style: Style) -> Iterator[Block]:
    n = style.paper(w)
    let = own.scope.lets.get(line.written.name)
    if let is None:
        yield Lines((Line(n.name(line.name), n.read(line.written.label, [])),))
    else:
        yield Lines((Line(*shown(let, style, n)),))


def _verdict(found: list[Component]) -> Iterator[Block]:
    whole = [c for c in found if not c.local] or found
    for c in whole[:1]:
        words: Words = (Marked(c.verdict),)
        yield Paragraph(words)
        if c.advice.lacks:
            yield Paragraph((Marked("refuted", "missing: "), Code(c.advice.lacks)))
        elif c.residue and c.verdict != PROVED:
            yield Paragraph((Marked("refuted", "residue: "), Code(c.residue)))
        if c.advice.correction:
            yield Paragraph(("proved instead: ", Code(c.advice.correction)))


__all__ = ["layer_blocks"]
