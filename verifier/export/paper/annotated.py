"""A paper, annotated: a spec whose comments quote a source becomes a document of two columns.

A part is a block of comment lines with the claims that follow it, up to the next comment.  What stands in double quotes
is what the source says; the rest of the comment is what is true of it.  ``# ==== Title`` starts a section.
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
from .blocks import Block, Code, Document, Heading, Marked, Paragraph, Squares, Table, Words
from .build import decided
from .verdicts import natural, short, why_short

_QUOTE = re.compile(r'"([^"]+)"')
_SECTION = re.compile(r"#\s*=+\s*(.+?)\s*=*$")


@dataclass
class Part:
    """A comment, and the claims below it."""

    section: str
    comment: str
    claims: list[Claim] = field(default_factory=list)

    @property
    def quotes(self) -> list[str]:
        """What the source says."""
        return _QUOTE.findall(self.comment)

    @property
    def remark(self) -> str:
        """What is said of it: the comment without a quotation that it begins with."""
        rest = re.sub(r'^\s*"[^"]+"\s*[:,.]?\s*', "", self.comment)
        return rest[:1].upper() + rest[1:]


def annotated(module: Module) -> Document:
    """The document of a spec that follows a source."""
    title, *introduction = _header(module.text)
    d = Document(title)
    d.subtitle = ("From ", Code(Path(module.path).name), ". Left: what the source says; right: what is true of it.")
    if introduction:
        d.blocks.append(Paragraph((" ".join(introduction),)))
    section = ""
    rows: list[tuple[tuple[Block, ...], ...]] = []
    slips: list[tuple[Part, Verdict]] = []
    for part in _parts(module):
        if part.section != section:
            d.blocks += _table(rows)
            section, rows = part.section, []
            d.blocks.append(Heading(1, (section,)))
        verdicts = [decided(c) for c in part.claims]
        rows += _rows(part, verdicts)
        slips += [(part, v) for v in verdicts if part.quotes and v.verdict in ("refuted", "vacuous")]
    d.blocks += _table(rows)
    if slips:
        d.blocks.append(Heading(1, ("Slips",)))
        d.blocks.append(
            Paragraph(("Claims beside a statement of the source that are refuted, or hold and say nothing.",))
        )
        d.blocks.append(Table((("the source",), ("claim",), ("verdict",), ("what is true",)), tuple(_slips(slips)),
                              (0.24, 0.26, 0.1, 0.36)))  # fmt: skip
    return d


def is_annotated(module: Module) -> bool:
    """Whether some comment with a quotation has claims below it."""
    return any(p.quotes and p.claims for p in _parts(module))


def _header(text: str) -> list[str]:
    """The first block of comments: its first sentence is the title."""
    rows = []
    for line in text.splitlines():
        if not line.startswith("#"):
            break
        rows.append(line.lstrip("# ").rstrip())
    whole = " ".join(rows)
    title, dot, rest = whole.partition(", in the order")
    if not dot:
        title, _, rest = whole.partition(". ")
    else:
        rest = "In the order" + rest
    return [title.rstrip("."), *([rest] if rest else [])]


def _parts(module: Module) -> Iterator[Part]:
    lines = module.text.splitlines()
    at: dict[int, list[Claim]] = {}
    for c in module.claims:
        if c.span.path == module.path:
            at.setdefault(c.span.line, []).append(c)
    section, part, open_comment, started = "", None, False, False
    for number, line in enumerate(lines, 1):
        text = line.strip()
        if not text.startswith("#"):
            started = started or bool(text)
            open_comment = False
        elif not started:
            continue  # the header
        elif found := _SECTION.match(text):
            if part is not None:
                yield part
            part, section, open_comment = None, found[1], False
        elif open_comment and part is not None:
            part.comment += " " + text.lstrip("# ")
        elif line.startswith("#"):
            if part is not None:
                yield part
            part, open_comment = Part(section, text.lstrip("# ")), True
        if number in at:
            part = part if part is not None else Part(section, "")
            part.claims += at[number]
    if part is not None:
        yield part


def _rows(part: Part, verdicts: Sequence[Verdict]) -> Iterator[tuple[tuple[Block, ...], ...]]:
    """A row for each claim, the quotation beside the first; a comment that nothing follows is a row of its own."""
    left: tuple[Block, ...] = tuple(Paragraph((f"“{q}”",)) for q in part.quotes)
    remark: tuple[Block, ...] = (Paragraph((part.remark,)),) if part.remark else ()
    if not verdicts:
        if left or remark:
            yield left, remark
        return
    for k, v in enumerate(verdicts):
        yield (left if k == 0 else ()), ((*remark, *_claim(v)) if k == 0 else tuple(_claim(v)))


def _claim(v: Verdict) -> Iterator[Block]:
    yield Paragraph((Marked(v.verdict), " ", Code(short(f"{v.id}: {statement(v)}"))))
    why = why_short(v)
    squares = tuple(natural(v))
    if squares:
        yield Squares(squares[:1])
        if len(squares) > 1:
            yield Paragraph((f"and {len(squares) - 1} more of the kind.",))
    elif why:
        yield Paragraph(why)


def _table(rows: Sequence[tuple[tuple[Block, ...], ...]]) -> list[Block]:
    head: tuple[Words, ...] = (("the source",), ("what is true",))
    return [Table(head, tuple(rows), (0.34, 0.62))] if rows else []


def _slips(slips: Sequence[tuple[Part, Verdict]]) -> Iterator[tuple[tuple[Block, ...], ...]]:
    for part, v in slips:
        yield (
            (Paragraph((f"“{part.quotes[0]}”",)),),
            (Paragraph((Code(short(f"{v.id}: {statement(v)}")),)),),
            (Paragraph((Marked(v.verdict),)),),
            (Paragraph((part.remark,)),),
        )


__all__ = ["annotated", "is_annotated"]
