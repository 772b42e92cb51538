"""Documents about learners, networks and layers: what is in them, in which order."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from ...diagnostics import Span
from ...elaborate.audit import audit_claims
from ...elaborate.claims import Claim
from ...elaborate.environment import LayerTemplate, Template
from ...elaborate.layers import LayerBody
from ...elaborate.modules import Module
from ...elaborate.selection import Selected
from ...learn.gradient import of_learner
from ...learn.layer import adjoints
from ...learn.learner import Learner
from ...learn.steps import Worked, of_layer
from ...learn.steps import of_learner as of_learner_steps
from ...proof.decide import decide
from ...proof.limits import TimeUp, limited
from ...proof.problem import Problem
from ...proof.show import Shower
from ...proof.steps import conditions, gaps, in_names
from ...proof.theory import theory_of
from ...proof.verdict import UNKNOWN, Component, Verdict
from ...terms.mathematics import text
from ...terms.syntax import Symbol
from .blocks import Block, Code, Document, Heading, Items, Listing, Marked, Math, Paragraph, Squares, Table
from .learner import Style, derived, maps_of, signature
from .network import composite, site
from .passes import layer_blocks
from .verdicts import READINGS, claim, natural, why_short

NAMES = {"getput": "GetPut", "putget": "PutGet", "putput": "PutPut", "descent": "descent"}
SECONDS = 10  # for one verdict in a document
DRAWN = ("local", "target", "weights")  # readings whose squares are drawn


class NotProved(Exception):
    """A line of a derivation that the kernel did not prove equal to the one before: a bug, never printed."""


def document(module: Module, rows: Sequence[Selected], layers: Sequence[LayerBody], style: Style) -> Document:
    """A document on some learners and layers of a file.  Raises NotProved."""
    names = [row.heading.split(" =")[0] for row in rows] + [b.declaration.name for b in layers]
    d = Document("Derivation of " + ", ".join(names[:4]) + (" and others" if len(names) > 4 else ""))
    d.subtitle = ("Derived from ", Code(Path(module.path).name), ". All numbers are real; nothing is said of rounding.")
    d.blocks.append(Paragraph(_notation(style)))
    done: set[str] = set()
    for row in rows:
        d.blocks += learner_blocks(module, row, style, done)
    for body in layers:
        d.blocks += _layer(module, body, style)
    return d


def _notation(style: Style) -> tuple[str, ...]:
    matrices = " Results are in matrix notation where they allow it." if style.matrices else ""
    return (
        "Every line of a derivation is proved equal to the line before it by the kernel, for all sizes, wherever both "
        "are defined; the reason stands beside it. A derivative by a tensor has the shape of that tensor; the "
        f"derivative of the entry k of a map by the entry i of its argument is written with both indices.{matrices}",
    )


# ---- learners


def learner_blocks(module: Module, row: Selected, style: Style, done: set[str]) -> Iterator[Block]:
    """One learner; ``done``: the layers that were derived already."""
    f = row.learner
    n = style.paper(names=(*f.parameters, *f.source, *f.target))
    yield Heading(1, (Code(row.heading),))
    yield signature(f, n)
    yield from source_of(module, row.name)
    if f.learned is not None:
        yield from _gradient_learner(module, row, style)
        done.add(_stem(f))
    elif len(f.layers) > 1:
        yield from composite(f, style)
        yield from _theorem(row, style)
        for g in f.layers:
            if _stem(g) not in done and g.learned is not None:
                done.add(_stem(g))
                yield Heading(2, ("The layer ", Code(g.name)))
                yield from _gradient_learner(module, replace(row, heading=g.name, learner=g), style, 3)
    else:
        yield from _given(row, style)
    yield from _laws(row, style, module.path)


def _stem(f: Learner) -> str:
    return f.name.split("(")[0]


def _gradient_learner(module: Module, row: Selected, style: Style, level: int = 2) -> list[Block]:
    w = of_learner_steps(row.learner)
    end = proved(w, next(iter(audit_claims(row, module.path))))
    return [*derived(row.learner, w, style, level), *end]


def proved(w: Worked, subject: Claim) -> list[Block]:
    """Have every line proved, and say where they hold.  Raises NotProved."""
    theory = theory_of(subject, w.scope)
    in_names(w, theory, [x.of for x in subject.written.lines] if subject.written is not None else ())
    for gap in gaps(w, theory):
        raise NotProved(f"line {gap.line} of {gap.steps.subject.label}: {gap.reason}")
    rows = conditions(w, theory)
    shower = Shower(Problem(theory, w.scope, ()))
    need = dict.fromkeys(shower.condition(c) for c, follows in rows if not follows)
    count = sum(len(s.steps) for s in w.all)
    sentence = f"{count} lines, each proved equal to the one before."
    if not need:
        return [Paragraph((sentence, " All of them are defined wherever the declarations hold."))]
    return [
        Paragraph((sentence, " They hold where")),
        Items(tuple((Code(text),) for text in list(need)[:8])),
    ]


def _given(row: Selected, style: Style) -> Iterator[Block]:
    """A learner whose update and request are given: its maps as they are."""
    yield Heading(2, ("Its maps",))
    yield Paragraph(("Update and request are given by the spec, not derived.",))
    yield maps_of(row.learner, style)


def source_of(module: Module, name: str) -> Iterator[Block]:
    """The declaration as it is written, of what this very file declares."""
    entry = module.environment.find(name.strip())
    if entry is None or entry.span.path != module.path:
        return
    value = entry.value
    node = value.declaration if isinstance(value, Template | LayerTemplate) else None
    first, last = (node.span.line, node.span.end_line) if node is not None else (entry.span.line, entry.span.end_line)
    lines = module.text.splitlines()[first - 1 : last]
    if lines:
        yield Listing(tuple(lines))


# ---- laws and squares


def decided(c: Claim) -> Verdict:
    """The verdict on a claim; unknown if it takes too long."""
    try:
        with limited(SECONDS):
            return decide(c)
    except TimeUp:
        part = Component("claim", UNKNOWN, reason=f"stopped after {SECONDS} s")
        return Verdict(c.id, c.law, c.subject, (part,), c.expect, c.span, reading=c.reading)


def _theorem(row: Selected, style: Style) -> Iterator[Block]:
    """Theorem III.2 for this network, if its layers learn alike."""
    f = row.learner
    learned = {g.learned for g in f.layers}
    if len(learned) != 1 or None in learned:
        return
    ((error, rate),) = learned  # type: ignore[misc]
    whole = of_learner(f, error, rate)
    name = row.heading.split(" =")[0]
    subject = f"{name} == gradient({name}, {error.name}, rate = {text(rate)})"
    env = row.environment
    c = Claim("theorem", "equal", subject, Span("", 1, 1, 1, 1), env, env.bounds, learners=(f, whole), law="equal")
    maps = ["I_{0}", "I_{1}"] if len(f.layers) == 2 else ["I_{0}", r"\cdots", f"I_{{{len(f.layers) - 1}}}"]
    parts = [m if m == r"\cdots" else rf"L_{{\varepsilon, e}}({m})" for m in maps]
    yield Heading(2, ("The theorem",))
    yield Paragraph((
        "Gradient descent is a functor (Fong, Spivak, Tuyéras, Backprop as Functor, Theorem III.2): the composite of "
        "the layers, each of which learns from what the next one asks of it, is the learner that gradient descent "
        "makes of the composite map: ", Math(rf"{' ; '.join(parts)} = L_{{\varepsilon, e}}({' ; '.join(maps)})"), ".",
    ))  # fmt: skip
    yield from claim(decided(c))


def _laws(row: Selected, style: Style, path: str) -> Iterator[Block]:
    """Every law and reading with its verdict; the squares of a network."""
    verdicts = [decided(c) for c in audit_claims(row, path)]
    if len(row.learner.layers) > 1:
        yield from site(row.learner, style)
        for c in verdicts:
            squares = tuple(natural(c)) if c.reading in DRAWN else ()
            if squares:
                yield Heading(3, (f"Reading {c.reading}: {READINGS[c.reading]}",))
                yield Squares(squares)
    yield Heading(2, ("Every law, and where it fails",))
    cells = []
    for c in verdicts:
        name = NAMES.get(c.law, f"natural, {c.reading}")
        cells.append(((Paragraph((name,)),), (Paragraph((Marked(c.verdict),)),), (Paragraph(why_short(c)),)))
    yield Table((("law",), ("verdict",), ("why",)), tuple(cells), (0.19, 0.11, 0.66))


def _layer(module: Module, body: LayerBody, style: Style) -> Iterator[Block]:
    """A layer: the pass that is written, if there is one, beside the derived one."""
    name = body.declaration.name
    yield Heading(1, ("Layer ", Code(name)))
    yield from source_of(module, name)
    written = [c for c in module.claims if c.written is not None and c.written.layer.name == name]
    own = next((c for c in written if not c.subject.startswith("jvp")), None)
    if own is not None and own.written is not None:
        verdict = decided(own)
        w = of_layer(own.written.layer, own.written.scope, own.written.cotangents,
                     {x.of: x.derived for x in own.written.lines})  # fmt: skip
        end = proved(w, own)
        yield from layer_blocks(w, own.written, verdict, style)
        yield from end
        return
    layer = body.layer()
    given = tuple(body.scope.input(Symbol(f"d{y.name}", y.axes)) for y in layer.outputs)
    w = of_layer(layer, body.scope, given, adjoints(body.scope, layer, given))
    end = proved(w, Claim("layer", "backward", name, body.declaration.span, body.env, body.env.bounds))
    yield from layer_blocks(w, None, None, style)
    yield from end


__all__ = ["NotProved", "document", "learner_blocks", "proved", "source_of"]
