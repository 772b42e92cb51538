"""The report as text for a terminal: what is not as expected in full, the rest on request."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import partial
from io import StringIO
from itertools import islice
from pathlib import Path

from ..diagnostics import Diagnostic
from ..proof.verdict import Component, Verdict, Witness, worst
from .backward_text import gradients
from .report import Report

WIDTH = 78
PORTS = 8
FOLLOW = 4  # so many conditions that follow from the declarations are printed; JSON has all of them
RUN = 4  # so many squares in a row that read the same are printed as one line
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
            lines += [*diagnostic(d), ""]
        if f.failure:
            lines += [f"{f.path}: internal error: {f.failure}", "  this is a bug in learnlaw, please report it", ""]
        for c in f.claims:
            if verbose or not c.met:
                lines += [*claim(c, style), ""]
    lines.append(summary(report))
    return "\n".join(lines) + "\n"


def diagnostic(d: Diagnostic, text: str | None = None) -> Iterator[str]:
    """A fault with the line that it is on, a mark under the place, and the fix; ``text``: of what is in no file."""
    yield f"{d.span}: error {d.code}: {d.found}"
    line = _source_line(d, text)
    if line is not None:
        width = max(d.span.end_column - d.span.column, 1) if d.span.end_line == d.span.line else 1
        margin = " " * len(str(d.span.line))
        yield f"  {d.span.line} | {line}"
        yield f"  {margin} | {' ' * (d.span.column - 1)}{'^' * min(width, max(len(line) - d.span.column + 1, 1))}"
    yield f"  expected {d.expected}"
    if d.fix:
        yield f"  fix: {d.fix}"


def _source_line(d: Diagnostic, text: str | None) -> str | None:
    """The line of a fault, if the file can be read and the line is short enough to be shown."""
    try:
        with StringIO(text) if text is not None else Path(d.span.path).open(encoding="utf-8") as file:
            line = next(islice(file, d.span.line - 1, None), None)
    except (OSError, ValueError):
        return None
    if line is None or len(line) > 160 or not line.strip():
        return None
    return line.rstrip("\n").replace("\t", " ")


def summary(report: Report) -> str:
    """``11 claims: 8 proved, 1 vacuous. as expected, 0.21 s``"""
    faults = sum(len(f.diagnostics) for f in report.files)
    counts = ", ".join(f"{k} {name}" for name, k in report.counts.items() if k) or "nothing decided"
    claims = len(report.claims)
    resting = sum(bool(c.axioms) for c in report.claims)
    counts += f", {resting} of them assuming axioms" if resting else ""
    text = f"{claims} claim{'s' * (claims != 1)}: {counts}." if claims or not faults else ""
    if faults:
        text = f"{faults} fault{'s' * (faults != 1)}; {text}".rstrip("; ")
    wrong = sum(not c.met for c in report.claims)
    state = f"{wrong} not as expected (exit {report.exit_code})" if wrong else "all as expected"
    if report.exit_code not in (0, 4):
        state = f"(exit {report.exit_code})"
    elif not claims:
        text, state = "0 claims:", "nothing decided"
    cached = f", {report.cached} of them from the cache" if report.cached else ""
    return f"{text} {state}, {report.seconds:.2f} s{cached} (over the real numbers, not rounding)"


def claim(c: Verdict, style: Style) -> Iterator[str]:
    """One claim in full."""
    title = f"{c.id}: {statement(c)}" + c.word.removeprefix(c.verdict)
    place = f"{c.span.path}:{c.span.line}"
    yield f"{style.verdict(c.verdict)} {title:<{max(WIDTH - 9 - len(place), 1)}} {place}"
    if not c.met:
        wanted = ", ".join(f"{key}: {want}" if key else want for key, want in c.expect)
        open_end = c.verdict in ("proved", "vacuous") and c.open_conditions
        yield f"  NOT AS EXPECTED: the spec says expect {wanted}" + ", and its conditions are not stated" * bool(
            open_end
        )
    if c.vacuous:
        yield from _vacuous(c)
    about = next((p.quantified for p in c.components if p.quantified), "")
    if about:
        yield f"  for all {about}"
    for axiom in c.axioms:
        yield f"  {c.verdict} assuming the axiom {axiom}"
    if c.cites:
        yield f'  an axiom, cites "{c.cites}": taken from there, and not refuted here' if c.met else "  A REFUTED AXIOM"
    if c.assuming:
        yield f"  assuming {', '.join(c.assuming)}"
    if c.depends_on:
        yield f"  rests on {', '.join(c.depends_on)}"
    if c.stated:
        yield f"  when {', '.join(c.stated)}"
    meaning = MEANING.get(c.law)
    if meaning:
        yield f"  {meaning}"
    if c.law == "backward":
        yield from gradients(c, style.verdict, partial(_detail, sides=("written", "derived")))
    else:
        yield from _groups(c, style)
    for note in c.notes:
        yield f"  {note}"
    models = dict.fromkeys(p.model for p in c.components if p.model and p.verdict == "proved")
    if models:
        whole = c.verdict in ("proved", "vacuous")
        said = "evaluated exactly, and equal" if whole else "what is proved was evaluated exactly, and is equal"
        yield f"  {said}, at {'; '.join(list(models)[:3])}"
    if c.open_conditions and not c.cites:
        where = "behind the closing brace of the backward pass" if c.law == "backward" else "to the claim"
        what = "proved" if c.verdict in ("proved", "vacuous") else "what is proved is so"
        yield f"  {what} only under conditions that nobody stated; add {where}:"
        kinks = {text for p in c.components if p.name == "at" for text in p.conditions.open}
        for text in c.open_conditions:  # `when` does not apply at kinks
            word = "assuming" if text in kinks else "when"
            yield f"    {word} {re.sub(r' for all [^()]*$', '', re.sub(r' [(][^()]*[)]$', '', text))}"


MEANING = {
    "equal": "both sides have the same I, U and R, entry by entry",
    "simulation": "equal I and R wherever the equations hold before a step, and then they hold after it",
    "equivalent": "equal I, U and R, once the parameters of one side are sent to those of the other by a bijection",
    "getput": "U(p, a, I(p, a)) = p  and  R(p, a, I(p, a)) = a",
    "putget": "I(U(p, a, b), R(p, a, b)) = b",
    "putput": "(U, R)(U(p, a, b), R(p, a, b), c) = (U, R)(p, a, c)",
    "left": "f(x, de/dx(x, y)) = y",
    "right": "de/dx(x, f(x, z)) = z",
    "diagonal": "de/dx(x, x) = 0",
    "descent": "first: the step goes downhill, <grad E, U - p> = -eps |grad E|^2;  finite: the error does not grow",
}


def statement(c: Verdict) -> str:
    """The claim as the spec states it."""
    if c.law in ("natural", "square"):
        return f"{c.law} {c.subject} reading {c.reading}"
    plain = c.law in ("equal", "equivalent", "simulation", "backward") or c.subject.startswith(f"{c.law}(")
    return c.subject if plain else f"{c.law} of {c.subject}" if c.law == "category" else f"{c.law} {c.subject}"


def _vacuous(c: Verdict) -> Iterator[str]:
    if c.vacuous == "identity":
        yield "  every square commutes only because the map is the identity:"
        yield "    U(p, a, I(p, a)) = p   and   R(p, a, I(p, a)) = a"
        yield "  It says nothing about learning. For a reading with content: target, weights."
    else:
        yield "  it says nothing: the target is a point"


def _groups(c: Verdict, style: Style) -> Iterator[str]:
    """All groups in order; a run of squares that read the same is one line."""
    run: list[tuple[str, str]] = []
    for group in [*dict.fromkeys(p.group for p in c.components), None]:
        lines = list(_group(c, group, style)) if group is not None else []
        same = group and len(lines) == 1 and (not run or _tail(run[0]) == lines[0].partition(group)[2])
        if not same and run:
            yield from (line for _, line in run) if len(run) < RUN else [_merged(run)]
            run = []
        if group and len(lines) == 1:
            run.append((group, lines[0]))
        else:
            yield from lines


def _tail(entry: tuple[str, str]) -> str:
    return entry[1].partition(entry[0])[2]


def _merged(run: list[tuple[str, str]]) -> str:
    first, last = run[0], run[-1]
    return f"  {len(run)} squares {first[0]} to {last[0]}{_tail(first)}"


def _group(c: Verdict, group: str, style: Style) -> Iterator[str]:
    """Proved parts in one line; what is not proved, or has conditions, in full."""
    parts = [p for p in c.components if p.group == group]
    names = list(dict.fromkeys(p.name for p in parts))
    reason = next((p.vacuous for p in parts if p.vacuous), "")
    words = []
    for name in names:
        own = [p for p in parts if p.name == name]
        verdict = worst(p.verdict for p in own)
        ports = _ports([p.port for p in own if p.port and p.port != name])
        words.append(f"{name}{f' ({ports})' if ports else ''} {verdict}")
    square = "square " if c.law in ("natural", "square") else ""
    label = f"{square}{group}: " if group else ""
    yield f"  {label}{', '.join(words)}" + (f"   [vacuous: {reason}]" if reason else "")
    seen: set[object] = set()
    for p in parts:
        if p.verdict != "proved" or (p.conditions not in seen and p.conditions != type(p.conditions)()):
            alone = len(parts) == 1 and words == [f"{p.name} {p.verdict}"]  # then the line above has said so
            yield from _detail(p, "    ") if alone else _component(p, "    ", style)
        seen.add(p.conditions)


def _ports(names: list[str]) -> str:
    few = names if len(names) <= PORTS else [*names[:3], "...", names[-1]]
    return " ".join(few)


def _component(p: Component, indent: str, style: Style) -> Iterator[str]:
    label = f"{p.name}.{p.port}" if p.port and p.port != p.name else p.name
    yield f"{indent}{label} {style.verdict(p.verdict, 0)}"
    yield from _detail(p, indent + "  ")


Sides = tuple[str, str]


def _detail(p: Component, inner: str, sides: Sides = ("left", "right")) -> Iterator[str]:
    """Witness, residue, reason and conditions of a part; ``sides``: what is compared, but for a value on a kink."""
    sides = sides if p.name != "at" else ("left", "right")
    if p.witness:
        yield from witness_text(p.witness, inner, sides)
    if p.never:
        yield f"{inner}never true, whatever is left open:"
        yield from (f"{inner}  {line}" for line in p.never)
    if p.residue:
        yield f"{inner}{' - '.join(sides) if p.verdict == 'refuted' else 'left over'} = {p.residue}"
    if p.reason:
        yield f"{inner}{p.reason}"
    follow = sorted(p.conditions.discharged, key=len)
    for text in follow[:FOLLOW]:
        yield f"{inner}needs {text}: follows from the declarations"
    if len(follow) > FOLLOW:
        yield f"{inner}needs {len(follow) - FOLLOW} more conditions, which follow from the declarations"
    for text in p.conditions.stated:
        yield f"{inner}needs {text}: stated"
    for text in p.conditions.open:
        yield f"{inner}needs {text}: OPEN"


def witness_text(w: Witness, indent: str = "", sides: Sides = ("left", "right")) -> Iterator[str]:
    """The lines that show a counterexample."""
    sizes = ", ".join(f"{n} = {v}" for n, v in w.sizes)
    functions = ", ".join(f"{n}: {f}" for n, f in w.functions)
    values = ", ".join(f"{n} = {v}" for n, v in w.values)
    at = "; ".join(x for x in (sizes, functions, values) if x)
    if w.kind == "two-morphisms":
        yield f"{indent}two morphisms {w.place}"
        yield from (f"{indent}  {path}" for path in (w.left, w.right))
        return
    if w.kind == "gluing":
        yield f"{indent}two sections that agree where they meet, and come from no one: {w.place}"
        yield from (f"{indent}  {section}" for section in (w.left, w.right))
        return
    if w.kind == "coefficients":
        at = "; ".join(["as polynomials over Z2", *([at] if at else [])])
        yield f"{indent}{at}"
    else:
        yield f"{indent}at {at}" if at else f"{indent}everywhere"
    if w.kind == "undefined":
        yield f"{indent}{w.place}: {sides[0]} undefined ({w.left}), {sides[1]} {w.right}"
    elif w.kind == "two-points":
        yield f"{indent}{w.place} = {w.left}"
    elif w.kind == "missed-value":
        ends = {"undefined": "is undefined", "": "has no solution"}
        yield f"{indent}{w.place} {ends.get(w.left, f'= {w.left}, outside the domain')}"
    elif w.kind == "forced-bijection":
        yield f"{indent}{w.place}{f': {w.left}' if w.left else ''}"
    elif w.kind == "nonlinear":
        yield f"{indent}not linear in the cotangents: {w.scale} times as large, they give {w.place} = {w.left}"
        yield f"{indent}{w.scale} times its value is {w.right}"
    elif w.kind == "ascent":
        yield f"{indent}the error goes from {w.right} up to {w.left}"
    else:
        yield f"{indent}{w.place}: {sides[0]} {w.left} != {sides[1]} {w.right}"
