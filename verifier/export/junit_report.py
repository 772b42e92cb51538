"""The report as JUnit XML: a suite a file, a case a claim; verdict, conditions and witness are properties."""

from __future__ import annotations

from collections.abc import Iterator
from xml.etree import ElementTree as xml

from ..proof.verdict import Verdict
from .findings import OPEN, PASS, Finding, of_file
from .report import Report
from .text_report import witness_text


def dumps(report: Report) -> str:
    """The document as text.  What was not decided is a failure too: an unknown never counts as a success."""
    root = xml.Element("testsuites", name=report.tool, time=f"{report.seconds:.3f}")
    for file in report.files:
        rows = list(of_file(file))
        suite = xml.SubElement(root, "testsuite", name=file.path, tests=str(len(rows)))
        for f in rows:
            _case(suite, file.path, f)
        suite.set("failures", str(sum(f.kind != PASS and f.verdict is not None for f in rows)))
        suite.set("errors", str(sum(f.verdict is None for f in rows)))
        suite.set("time", f"{sum(c.seconds for c in file.claims):.3f}")
    xml.indent(root)
    return xml.tostring(root, encoding="unicode", xml_declaration=True) + "\n"


def _case(suite: xml.Element, path: str, f: Finding) -> None:
    c = f.verdict
    name = c.id if c is not None else f"{f.code} line {f.span.line}"
    case = xml.SubElement(suite, "testcase", classname=path, name=_legal(name), file=path, line=str(f.span.line))
    if c is not None:
        case.set("time", f"{c.seconds:.3f}")
        rows = xml.SubElement(case, "properties")
        for key, value in properties(c):
            xml.SubElement(rows, "property", name=key, value=_legal(value))
    if f.kind != PASS:
        tag = "error" if c is None else "failure"
        kind = "unknown" if f.kind == OPEN else f.code
        xml.SubElement(case, tag, type=kind, message=_legal(f.title)).text = _legal(f.text)


def properties(c: Verdict) -> Iterator[tuple[str, str]]:
    """Verdict, conditions and witnesses of a claim as pairs of texts."""
    yield "verdict", c.word
    yield "law", c.law
    if c.reading:
        yield "reading", c.reading
    for p in c.components:
        label = ".".join(x for x in (p.group, p.name, p.port if p.port != p.name else "") if x)
        yield f"component {label}", p.verdict
        for kind in ("stated", "open"):
            for text in getattr(p.conditions, kind):
                yield f"condition {kind} {label}", text
        if p.witness is not None:
            yield f"witness {label}", "; ".join(witness_text(p.witness))


def _legal(text: str) -> str:
    """Without the characters that no XML document may hold."""
    return "".join(c if c in "\t\n" or (c >= " " and c not in "￾￿") else "?" for c in text)


__all__ = ["dumps", "properties"]
