"""The report as text for a terminal: what is not as expected in full, the rest on request."""

from __future__ import annotations

from collections.abc import Iterator

from ..proof.verdict import Component, Verdict, Witness, worst
from .report import Report

WIDTH = 78
COLORS = {"proved": "32", "vacuous": "36", "refuted": "31", "unknown": "33"}


class Style:
    """Colour, or none."""

    def __init__(self, color: bool) -> None:
        self.color = color

    def verdict(self, word: str, width: int = 8) -> str:
        text = f"{word:<{width}}"
        return f"\x1b[{COLORS[word]}m{text}\x1b[0m" if self.color and word in COLORS else text


def render(report: Report, verbose: bool = False, color: bool = False) -> str:
    """The whole report; ends in one summary line."""
    style = Style(color)
    lines: list[str] = []
    for f in report.files:
        for d in f.diagnostics:
            lines += [str(d), ""]
        if f.failure:
            lines += [f"{f.path}: internal error: {f.failure}", "  this is a bug in learnlaw, please report it", ""]
        for c in f.claims:
            if verbose or not c.met:
                lines += [*claim(c, style), ""]
    lines.append(summary(report))
    return "\n".join(lines) + "\n"


def summary(report: Report) -> str:
    """``11 claims: 8 proved, 1 vacuous. as expected, 0.21 s``"""
    faults = sum(len(f.diagnostics) for f in report.files)
    counts = ", ".join(f"{k} {name}" for name, k in report.counts.items() if k) or "nothing decided"
    claims = len(report.claims)
    text = f"{claims} claim{'s' * (claims != 1)}: {counts}." if claims or not faults else ""
    if faults:
        text = f"{faults} fault{'s' * (faults != 1)}; {text}".rstrip("; ")
    wrong = sum(not c.met for c in report.claims)
    state = f"{wrong} not as expected (exit {report.exit_code})" if wrong else "all as expected"
    if report.exit_code not in (0, 4):
        state = f"exit {report.exit_code}"
    return f"{text} {state}, {report.seconds:.2f} s (over the real numbers, not rounding)"


def claim(c: Verdict, style: Style) -> Iterator[str]:
    """One claim in full."""
    title = f"{c.id}: {statement(c)}"
    place = f"{c.span.path}:{c.span.line}"
    yield f"{style.verdict(c.verdict)} {title:<{WIDTH - 9 - len(place)}} {place}"
    if not c.met:
        wanted = ", ".join(f"{key}: {want}" if key else want for key, want in c.expect)
        yield f"  expected {wanted}"
    if c.vacuous:
        yield from _vacuous(c)
    assumed = [*c.hypotheses, *c.assuming, *(f"when {s}" for s in c.stated)]
    if c.quantified or assumed:
        yield "  for all " + "; ".join([x for x in (c.quantified, ", ".join(assumed)) if x])
    for group in dict.fromkeys(p.group for p in c.components):
        yield from _group(c, group, style)
    for note in c.notes:
        yield f"  {note}"
    if c.open_conditions:
        yield "  not declared anywhere: add to the claim"
        for text in c.open_conditions:
            yield f"    when {text.split(' (')[0]}"


def statement(c: Verdict) -> str:
    """The claim as the spec states it."""
    if c.law in ("natural", "square"):
        return f"{c.law} {c.subject} reading {c.reading}"
    return c.subject if c.law in ("equal", "equivalent") else f"{c.law} {c.subject}"


def _vacuous(c: Verdict) -> Iterator[str]:
    if c.vacuous == "identity":
        yield "  every square commutes only because the map is the identity:"
        yield "    U(p,a,I(p,a)) = p   and   R(p,a,I(p,a)) = a"
        yield "  It says nothing about learning. For a reading with content: target, weights."
    else:
        yield "  it says nothing: the target is a point"


def _group(c: Verdict, group: str, style: Style) -> Iterator[str]:
    parts = [p for p in c.components if p.group == group]
    indent = "  "
    if group:
        words = ", ".join(f"{name} {_worst(parts, name)}" for name in dict.fromkeys(p.name for p in parts))
        word = "square " if c.law in ("natural", "square") else ""
        reason = next((p.vacuous for p in parts if p.vacuous), "")
        yield f"  {word}{group}: {words}" + (f" (vacuous: {reason})" if reason else "")
        indent = "    "
    for p in parts:
        yield from _component(p, indent, style)


def _worst(parts: list[Component], name: str) -> str:
    return worst(p.verdict for p in parts if p.name == name)


def _component(p: Component, indent: str, style: Style) -> Iterator[str]:
    label = f"{p.name}.{p.port}" if p.port and p.port != p.name else p.name
    yield f"{indent}{style.verdict(p.verdict)} {label:<6} {p.statement}".rstrip()
    inner = indent + "  "
    if p.witness:
        yield from _witness(p.witness, inner)
    if p.residue:
        yield f"{inner}{'left - right' if p.verdict == 'refuted' else 'left over'}:  {p.residue}"
    if p.reason:
        yield f"{inner}{p.reason}"
    for text in p.conditions.discharged:
        yield f"{inner}needs {text}: follows from the declarations"
    for text in p.conditions.stated:
        yield f"{inner}needs {text}: stated"
    for text in p.conditions.open:
        yield f"{inner}needs {text}: OPEN"
    if p.model:
        yield f"{inner}checked also at {p.model}"


def _witness(w: Witness, indent: str) -> Iterator[str]:
    sizes = ", ".join(f"{n} = {v}" for n, v in w.sizes)
    functions = ", ".join(f"{n}: {f}" for n, f in w.functions)
    values = ", ".join(f"{n} = {v}" for n, v in w.values)
    at = "; ".join(x for x in (sizes, functions, values) if x)
    yield f"{indent}at {at}" if at else f"{indent}everywhere"
    if w.kind == "undefined":
        yield f"{indent}{w.place}: left undefined ({w.left}), right {w.right}"
    elif w.kind == "two-points":
        yield f"{indent}{w.place} = {w.left}"
    else:
        yield f"{indent}{w.place}: left {w.left} != right {w.right}"
