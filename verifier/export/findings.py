"""What machine outputs say of a run: a finding for each diagnostic, failure and claim."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ..diagnostics import Span
from ..proof.verdict import UNKNOWN, Verdict
from .report import FileReport, Report
from .text_report import Style, claim, statement

if TYPE_CHECKING:
    from ..proof.corrections import Correction

PASS, OPEN, FAIL = "pass", "open", "fail"


@dataclass(frozen=True)
class Finding:
    """``kind``: `PASS`, `OPEN` (nobody knows) or `FAIL`.  ``title`` is one line, ``text`` everything.

    ``identity`` stays the same while the claim does, wherever in its file it stands.
    """

    code: str
    kind: str
    span: Span
    title: str
    text: str
    identity: str
    verdict: Verdict | None = None
    corrections: tuple[Correction, ...] = ()


def findings(report: Report) -> Iterator[Finding]:
    """All findings in order of files."""
    for f in report.files:
        yield from of_file(f)


def of_file(f: FileReport) -> Iterator[Finding]:
    """Diagnostics (also those that lie in a file it imports), then an internal failure, then claims."""
    for d in f.diagnostics:
        text = f"{d.found}; expected {d.expected}" + (f"\nfix: {d.fix}" if d.fix else "")
        yield Finding(d.code, FAIL, d.span, d.found, text, f"{d.code} {d.found}")
    if f.failure:
        text = f"internal error: {f.failure}\nthis is a bug in learnlaw, please report it"
        yield Finding("P005", FAIL, Span(f.path, 1, 1, 1, 1), f"internal error: {f.failure}", text, "P005")
    for c in f.claims:
        yield replace(_of_claim(c), corrections=tuple(x for x in f.corrections if x.claim == c.id))


def _of_claim(c: Verdict) -> Finding:
    text = "\n".join(claim(c, Style(False)))
    if c.met:
        code, kind, how = "P001", PASS, f"{c.word}, as expected"
    elif c.verdict == UNKNOWN:
        code, kind, how = "P003", OPEN, "unknown"
    elif c.open_conditions:
        code, kind, how = "P004", FAIL, f"{c.word} only under a condition that nobody stated"
    else:
        wanted = ", ".join(f"{key}: {want}" if key else want for key, want in c.expect)
        code, kind, how = "P002", FAIL, f"{c.word}, and the spec expects {wanted}"
    return Finding(code, kind, c.span, f"{c.id}: {how}", text, f"{c.id} {statement(c)}", c)


__all__ = ["FAIL", "OPEN", "PASS", "Finding", "findings", "of_file"]
