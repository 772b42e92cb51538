"""Proved corrections of backward passes, put into the text.

Advice was proved about terms; what is written is text.  So a correction counts only once the text that has it was read,
elaborated and decided anew, its gradient is proved there, and nothing that was proved is lost.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ..elaborate.claims import Claim
from ..elaborate.modules import elaborated
from ..language.parser import read_tokens
from ..language.source import line_ends
from ..language.syntax import Backward, Equation
from .advice import added, summand
from .verdict import PROVED, Component, Verdict

Judge = Callable[[Claim], Verdict | None]
Part = tuple[str, str]  # the name and group of a component


@dataclass(frozen=True)
class Correction:
    """What is to be written at some places, in order, so that a line of a claim is right.

    ``insertions``: line, column and text, in the text as it was before any correction; lines stay the same.
    """

    claim: str
    name: str
    line: int
    insertions: tuple[tuple[int, int, str], ...]


def corrected(text: str, path: str, verdicts: list[Verdict], judge: Judge) -> tuple[str, list[Correction]]:
    """The text with all corrections that can be proved, and what they are.

    ``verdicts`` are those of the text; of claims that ended as the spec expects nothing is corrected.  ``judge``
    decides a claim, or gives None.  Raises SpecError if the text has faults.
    """
    found: list[Correction] = []
    text = line_ends(text)
    for verdict in verdicts:
        after, more = _claim(text, path, verdict, judge)
        text, found = after, found + more
    return text, found


def _claim(text: str, path: str, verdict: Verdict, judge: Judge) -> tuple[str, list[Correction]]:
    """The same for one claim.  A line that is right by itself, in a gradient that is still wrong, is no correction."""
    before, found, tried = text, list[Correction](), set[Part]()
    while not verdict.met and (part := _next(verdict, tried)) is not None:
        tried.add((part.name, part.group))
        correction = _correction(text, path, verdict, part)
        if correction is None:
            continue
        changed = _with(text, correction)
        then = _decided(changed, path, verdict.id, judge)
        if then is not None and _better(verdict, then, part):
            text, verdict, tried = changed, then, set()
            found.append(correction)
    names = {c.name for c in found}
    if any(c.name in names and c.verdict != PROVED for c in verdict.components):
        return before, []
    return text, found


def _next(verdict: Verdict, tried: set[Part]) -> Component | None:
    """The first line that has a correction left to try."""
    rows = [c for c in verdict.components if c.advice.correction and c.line and c.verdict != PROVED]
    return min((c for c in rows if (c.name, c.group) not in tried), key=lambda c: (c.line, not c.local), default=None)


def _wrong(verdict: Verdict) -> set[Part]:
    """The lines that are not proved by themselves."""
    alone = {(c.name, c.group): c.verdict for c in sorted(verdict.components, key=lambda c: c.local)}
    return {part for part, v in alone.items() if v != PROVED}


def _better(before: Verdict, after: Verdict, part: Component) -> bool:
    """Whether what was to be corrected is proved, under no condition that nobody stated, and nothing is lost."""
    right = {(c.name, c.group) for c in before.components if c.verdict == PROVED and not c.local}
    lost = [c for c in after.components if (c.name, c.group) in right and c.verdict != PROVED]
    wrong = _wrong(after)
    stated = set(after.open_conditions) <= set(before.open_conditions)
    return stated and not lost and (part.name, part.group) not in wrong and wrong < _wrong(before)


def _decided(text: str, path: str, claim: str, judge: Judge) -> Verdict | None:
    module = elaborated(text, path)
    found = next((c for c in module.claims if c.id == claim), None)
    return None if module.faults or found is None else judge(found)


def _correction(text: str, path: str, verdict: Verdict, part: Component) -> Correction | None:
    """The missing term, put behind the last line that adds to the gradient."""
    spec, tokens = read_tokens(text, path)
    passes = [s for s in spec.statements if isinstance(s, Backward) and s.span == verdict.span]
    lines = [e for s in passes for e in s.body if isinstance(e, Equation) and e.role != "let" and e.name == part.name]
    if not lines:
        return None
    start = (lines[-1].span.line, lines[-1].span.column)
    k = next(k for k, t in enumerate(tokens) if (t.line, t.column) == start)
    depth, value = 0, []
    for token in tokens[k:]:
        depth += (token.type in _OPEN) - (token.type in _CLOSE)
        if token.type == "_NEWLINE" or depth < 0:
            break
        value.append(token)
    sign = next(i for i, t in enumerate(value) if t.type in ("EQUAL", "PLUS_EQUAL"))
    first, last = value[sign + 1], value[-1]
    written = text[first.start_pos : last.end_pos]
    insertions = [(last.end_line or 0, last.end_column or 0, added(part.advice.lacks))]
    if summand(written) != written:
        insertions = [(first.line or 0, first.column or 0, "("), (*insertions[0][:2], ")" + insertions[0][2])]
    return Correction(verdict.id, part.name, lines[-1].span.line, tuple(insertions))


_OPEN = frozenset({"_LPAR", "_LSQB", "_LBRACE", "_BLOCK"})
_CLOSE = frozenset({"_RPAR", "_RSQB", "_RBRACE"})


def _with(text: str, correction: Correction) -> str:
    lines = text.split("\n")
    for line, column, new in reversed(correction.insertions):
        row = lines[line - 1]
        lines[line - 1] = row[: column - 1] + new + row[column - 1 :]
    return "\n".join(lines)


__all__ = ["Correction", "Judge", "corrected"]
