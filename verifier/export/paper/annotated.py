"""A source, annotated: a spec whose comments go along a text becomes a document of two columns.

A part is a block of comment lines and what follows it, up to the next.  On the left is the place in the source, what
stands before the first colon, and what the source says, in double quotes; on the right the rest of the comment, the
declarations, and the claims with their verdicts.  ``# ==== Title`` starts a section.  ``(slip)`` in a comment marks
what is wrong in the source, for the table at the end.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from ...elaborate.claims import Claim
from ...elaborate.modules import Module
from ...proof.verdict import Verdict
from ..text_report import statement
from .blocks import Block, Code, Document, Heading, Listing, Marked, Paragraph, Squares, Table
from .build import decided
from .prose import prose, quoted
from .verdicts import natural, short, why_short

_QUOTE = re.compile(r'"([^"]+)"')
_SLIP = re.compile(r"\s*\(slip(?: \d+)?\)")
_MARKS = re.compile(r"^[\s#]*(?:-{2,}\s*)?")
_SECTION = re.compile(r"#\s*=+\s*(.+?)\s*=*$")
_PLACE = re.compile(r'([^":]{1,48}?)\s*:\s+')
_WIDTHS, _SLIPS = (0.3, 0.66), (0.26, 0.3, 0.4)


@dataclass
class Part:
    """A comment, the declarations below it, and the claims, each with the comment on its line."""

    comment: str
    source: list[str] = field(default_factory=list)
    claims: list[tuple[Claim, str]] = field(default_factory=list)

    @property
    def slip(self) -> bool:
        """Whether the source is wrong here."""
        return bool(_SLIP.search(self.comment))

    @property
    def place(self) -> str:
        """Where in the source: ``Theorem 1.1``."""
        found = _PLACE.match(self._text)
        return found[1] if found else ""

    @property
    def quotes(self) -> list[str]:
        """What the source says."""
        return _QUOTE.findall(self._text)

    @property
    def remark(self) -> str:
        """What is said of it: the comment without the place and a quotation that it begins with."""
        rest = _PLACE.sub("", self._text, count=1) if self.place else self._text
        rest = re.sub(r'^"[^"]+"\s*(\[\w\])?\s*[:,.]?\s*', "", rest)
        return rest[:1].upper() + rest[1:]

    @property
    def _text(self) -> str:
        return _SLIP.sub("", self.comment)


def annotated(module: Module) -> Document:
    """The document of a spec that goes along a source."""
    title, introduction, sections = _read(module)
    d = Document(quoted(title))
    d.subtitle = ("From ", Code(Path(module.path).name), ". Left: what the source says; right: what is true of it.")
    d.blocks += [Paragraph(prose(introduction))] if introduction else []
    slips: list[tuple[tuple[Block, ...], ...]] = []
    for heading, parts in sections:
        rows: list[tuple[tuple[Block, ...], ...]] = []
        for part in parts:
            verdicts = [(decided(c), remark) for c, remark in part.claims]
            rows += _rows(part, verdicts)
            slips += [_slip(part, [v for v, _ in verdicts])] if part.slip else []
        d.blocks += [Heading(1, prose(heading))] if heading else []
        d.blocks += [Table((("the source",), ("what is true",)), tuple(rows), _WIDTHS)] if rows else []
    if slips:
        head = (("the source",), ("what is true",), ("what shows it",))
        d.blocks += [Heading(1, ("Slips",)), Table(head, tuple(slips), _SLIPS)]
    return d


# ---- from lines to parts


def _read(module: Module) -> tuple[str, str, list[tuple[str, list[Part]]]]:
    """The first sentence of the file, what follows it in the first comment, and the parts of each section."""
    lines = module.text.splitlines()
    start = next((k for k, line in enumerate(lines) if not line.startswith("#")), len(lines))
    title, _, introduction = " ".join(line.lstrip("# ").rstrip() for line in lines[:start]).partition(". ")
    at: dict[int, list[Claim]] = {}
    ends: dict[int, int] = {}
    for c in module.claims:
        if c.span.path == module.path:
            at.setdefault(c.span.line, []).append(c)
            ends[c.span.line] = max(ends.get(c.span.line, 0), c.span.end_line)
    sections: list[tuple[str, list[Part]]] = [("", [])]
    commented, until = False, 0
    for number, line in enumerate(lines[start:], start + 1):
        parts = sections[-1][1]
        if found := _SECTION.match(line):
            sections.append((found[1], []))
        elif line.startswith("#") and commented and parts:
            parts[-1].comment += " " + _MARKS.sub("", line)
        elif line.startswith("#"):
            parts.append(Part(_MARKS.sub("", line)))
        elif parts and number in at:
            remark = line.partition("#")[2].strip() if line.lstrip().startswith("check") else ""
            parts[-1].claims += [(c, remark) for c in at[number]]
            until = ends[number]
            shown = lines[number - 1 : until] if not line.lstrip().startswith("check") else []
            parts[-1].source += shown
        elif parts and number > until and line.strip():
            parts[-1].source.append(line)
        commented = line.startswith("#") and not _SECTION.match(line)
    return title.rstrip("."), introduction, sections


# ---- from parts to rows


def _rows(part: Part, verdicts: Sequence[tuple[Verdict, str]]) -> Iterator[tuple[tuple[Block, ...], ...]]:
    """A row for each claim, the source beside the first; a comment that nothing follows is a row of its own."""
    right: list[Block] = [Paragraph(prose(part.remark))] if part.remark else []
    right += [Listing(tuple(part.source))] if part.source else []
    left = _left(part)
    for v, remark in verdicts:
        yield left, (*right, *_claim(v, remark))
        left, right = (), []
    if left or right:
        yield left, tuple(right)


def _left(part: Part) -> tuple[Block, ...]:
    rows: list[Block] = [Paragraph(prose(part.place))] if part.place else []
    rows += [Paragraph(prose(f'"{q}"')) for q in part.quotes]
    return (*rows, Paragraph((Marked("refuted", "slip"),))) if part.slip else tuple(rows)


def _claim(v: Verdict, remark: str) -> Iterator[Block]:
    yield Paragraph((Marked(v.verdict), " ", Code(short(f"{v.id}: {statement(v)}"))))
    yield from [Paragraph(prose(remark))] if remark else []
    squares, why = tuple(natural(v)), why_short(v)
    if squares:
        yield Squares(squares[:1])
        yield from [Paragraph((f"and {len(squares) - 1} more of the kind.",))] if len(squares) > 1 else []
    elif why:
        yield Paragraph(why)


def _slip(part: Part, verdicts: Sequence[Verdict]) -> tuple[tuple[Block, ...], ...]:
    says = [Paragraph(prose(part.place))] if part.place else []
    shows = tuple(Paragraph((Marked(v.verdict), " ", Code(short(f"{v.id}: {statement(v)}")))) for v in verdicts)
    return (*says, *(Paragraph(prose(f'"{q}"')) for q in part.quotes)), (Paragraph(prose(part.remark)),), shows


__all__ = ["annotated"]
