"""The report as workflow commands of GitHub: annotations at lines, the most severe first, since few are shown."""

from __future__ import annotations

from .findings import FAIL, OPEN, findings
from .report import Report
from .text_report import summary

_ESCAPES = (("%", "%25"), ("\r", "%0D"), ("\n", "%0A"))
_PROPERTY = (*_ESCAPES, (":", "%3A"), (",", "%2C"))


def dumps(report: Report) -> str:
    """One line for each finding that is not as expected, and the summary."""
    rows = sorted((f for f in findings(report) if f.kind in (FAIL, OPEN)), key=lambda f: f.kind != FAIL)
    lines = []
    for f in rows:
        s = f.span
        ends = [("endLine", s.end_line), ("endColumn", s.end_column)] if s.end_line == s.line else []
        place = [("file", s.path), ("line", s.line), ("col", s.column), *ends, ("title", f"{f.code} {f.title}")]
        properties = ",".join(f"{name}={escaped(str(value), _PROPERTY)}" for name, value in place)
        lines.append(f"::error {properties}::{escaped(f.text, _ESCAPES)}")
    return "\n".join([*lines, summary(report)]) + "\n"


def escaped(text: str, table: tuple[tuple[str, str], ...]) -> str:
    """Escape a message or property: no text of a spec ends the command or starts another.

    >>> escaped("a%b: c, d\\n::error::x", _PROPERTY)
    'a%25b%3A c%2C d%0A%3A%3Aerror%3A%3Ax'
    """
    for sign, escape in table:
        text = text.replace(sign, escape)
    return text


__all__ = ["dumps", "escaped"]
