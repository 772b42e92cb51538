"""The derivation of a learner: its maps, its error, every gradient step by step, and what it all comes to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ...learn.errors import Error, inverse_laws
from ...learn.learner import Learner, Ports
from ...learn.steps import Steps, Worked
from ...terms.mathematics import written
from ...terms.sorts import Real, extent
from ...terms.syntax import Call, Let, SizeOf, Symbol
from ..derivation import derivation
from .blocks import Block, Heading, Inline, Line, Lines, Math, Paragraph
from .matrix_latex import equation
from .notation import Paper
from .widths import width

LONG = 1.25  # a form in matrices that is so many times wider than the one with indices is not printed


@dataclass(frozen=True)
class Style:
    """How formulas are written: ``matrices`` where they allow it, and the LaTeX of names."""

    matrices: bool = True
    spelling: Mapping[str, str] | None = None

    def paper(self, w: Worked | None = None, names: Sequence[Symbol] = ()) -> Paper:
        """The notation of one derivation."""
        taken = {s.label for s in (w.scope.inputs if w is not None else names)}
        taken |= {name for name in (w.scope.lets if w is not None else ()) if not {".", "~"} & set(name)}
        return Paper(w.spelled if w is not None else {}, self.spelling or {}, taken)


def ports(row: Ports, n: Paper) -> str:
    r"""``W \in \mathbb{R}^{m \times n},\; v \in \mathbb{R}^{m}``."""
    return r",\; ".join(rf"{n.read(s.label, [])} \in {space(s, n)}" for s in row) or r"\ast"


def space(s: Symbol, n: Paper) -> str:
    """The space of a tensor."""
    base = n.name(str(s.value))
    if isinstance(s.value, Real):
        low, high = s.value.low, s.value.high
        whole = low is None and high is None
        left, right = "-\\infty" if low is None else str(low), "\\infty" if high is None else str(high)
        base = r"\mathbb{R}" if whole else f"({left}, {right})"
    shape = r" \times ".join(written(SizeOf(extent(a)), n) for a in s.axes)
    return base + (f"^{{{shape}}}" if shape else "")


def object_of(row: Ports, n: Paper) -> str:
    """The product of the spaces of some ports."""
    return r" \times ".join(space(s, n) for s in row) or r"\ast"


def signature(f: Learner, n: Paper) -> Paragraph:
    """Between which objects a learner is, and its parameters."""
    rows: list[Inline] = ["A learner from ", Math(ports(f.source, n)), " to ", Math(ports(f.target, n))]
    if f.parameters:
        rows += [" with parameters ", Math(ports(f.parameters, n))]
    else:
        rows.append(" without parameters")
    return Paragraph((*rows, "."))


def shown(let: Let, style: Style, n: Paper) -> tuple[str, str]:
    """Both sides of an equation, in matrices where that is allowed and not much wider."""
    left, _, right = written(let, n).partition(" = ")
    if style.matrices:
        found = equation(let, n)
        if found is not None and width(found[1]) <= LONG * width(right) + 4:
            return found
    return left, right


def table(rows: Sequence[Let], style: Style, n: Paper) -> Lines:
    """Equations below each other."""
    return Lines(tuple(Line(*shown(let, style, n)) for let in rows))


def steps_of(s: Steps, n: Paper) -> Lines:
    """One derivation, in indices: each line with its reason; lines that read alike are one."""
    rows: list[Line] = []
    for step in s.steps:
        left, _, right = written(Let(s.subject, s.indices, step.term), n).partition(" = ")
        if rows and rows[-1].right == right:
            continue
        rows.append(Line(left if not rows else "", right, step.reason.value))
    return Lines(tuple(rows))


def error_of(e: Error, style: Style) -> list[Block]:
    """The error function, its slope, and the inverse of that with its domain."""
    n = style.paper()
    rows = []
    if e.value is not None:
        rows.append(Line(r"e(x, y)", written(e.value, n), "error function"))
    rows.append(Line(r"\partial_x e(x, y)", written(e.derivative, n), "slope"))
    blocks: list[Block] = []
    if e.inverse is not None:
        rows.append(Line(r"f(x, z)", written(e.inverse, n), "its inverse in y"))
    blocks.append(Lines(tuple(rows)))
    if e.inverse is not None:
        blocks.append(Paragraph(tuple(_domain(e, n))))
    return blocks


def _domain(e: Error, n: Paper) -> list[Inline]:
    laws = inverse_laws(e)
    forms = {
        "right": r"\partial_x e(x, f(x, z)) = z",
        "left": r"f(x, \partial_x e(x, y)) = y",
    }
    held = [Math(forms[k]) for k in laws if k in e.laws]
    opaque = isinstance(e.derivative, Call) and not e.derivative.function.known
    out: list[Inline] = ["The laws " if len(held) == 2 else "The law "]
    for k, m in enumerate(held):
        out += [" and ", m] if k else [m]
    out.append(" are assumed" if opaque else " are proved")
    if not held:
        out = ["No inverse law is known"]
    where = "for every z" if e.total else "where the formula is defined: not for every z"
    out += ["; ", Math("f(x, z)"), f" is defined {where}"]
    if not e.stays:
        out.append(", and may leave the domain of the error")
    return [*out, "."]


def derived(f: Learner, w: Worked, style: Style, level: int = 2) -> list[Block]:
    """The derivation of a learner that learns by gradient descent."""
    n = style.paper(w)
    assert f.learned is not None  # it has a derivation
    error, rate = f.learned
    blocks: list[Block] = [Heading(level, ("The map",)), table(w.forward, style, n), _implementation(w, f, n)]
    blocks += [Heading(level, (f"The error {error.name}",)), *error_of(error, style)]
    total = Line("E", written(Let(w.total.symbol, (), w.total.body), n).partition(" = ")[2], "definition of E")
    blocks += [
        Heading(level, ("Gradients, step by step",)),
        Paragraph(("The total error at parameters, input and target is",)),
        Lines((total,)),
    ]
    blocks += [steps_of(s, n) for s in w.adjoints]
    blocks += [
        Heading(level, ("Update and request",)),
        Paragraph(("The update goes down the gradient at the rate ", Math(written(rate, n)),
                   "; the request is the target at which the slope of the error is the gradient.")),
    ]  # fmt: skip
    blocks += [steps_of(s, n) for s in (*w.update, *w.request)]
    blocks += [Heading(level, ("The result",)), result(w, style, n)]
    return blocks


def _implementation(w: Worked, f: Learner, n: Paper) -> Paragraph:
    shown_outputs = ", ".join(n.read(y.label, []) for y in w.outputs)
    arguments = ", ".join(n.read(s.label, []) for s in (*f.parameters, *f.source))
    return Paragraph(("so that ", Math(rf"I({arguments}) = {shown_outputs}"), "."))


def maps_of(f: Learner, style: Style) -> Lines:
    """I, U and R as they are, each component by its letter and port, below the values that they share."""
    n = style.paper(names=(*f.parameters, *f.source, *f.target))
    d = derivation(f.name, f)
    rows = [Line(*shown(let, style, n)) for let in d.where]
    for letter, let in d.maps:
        left, right = shown(let, style, n)
        index = left.removeprefix(n.read(let.symbol.label, []))
        rows.append(Line(rf"{letter}^{{{n.name(let.symbol.label)}}}{index}", right))
    return Lines(tuple(rows))


def result(w: Worked, style: Style, n: Paper) -> Lines:
    """I, U and R with the gradients that they need."""
    needed = set(w.gradients.values())
    rows = [Let(s.subject, s.indices, s.steps[-1].term) for s in w.adjoints if s.subject in needed]
    inner = [let for let in rows if w.spelled[let.symbol].by in {x.symbol for x in w.forward}]
    maps = [Let(s.subject, s.indices, s.steps[-1].term) for s in (*w.update, *w.request)]
    return table([*inner, *maps], style, n)


__all__ = [
    "Style",
    "derived",
    "error_of",
    "maps_of",
    "object_of",
    "ports",
    "result",
    "shown",
    "signature",
    "space",
    "steps_of",
    "table",
]
