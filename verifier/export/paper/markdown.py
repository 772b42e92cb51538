"""A document in Markdown, with formulas between dollar signs."""

from __future__ import annotations

import re

from .blocks import (
    Block,
    Code,
    Document,
    Heading,
    Inline,
    Items,
    Lines,
    Listing,
    Marked,
    Math,
    Paragraph,
    Squares,
    Strings,
    Table,
    Words,
)
from .html import square_array
from .tex import escaped


def markdown_document(d: Document) -> str:
    """The document as a file."""
    return f"# {plain(d.title)}\n\n{words(d.subtitle)}\n\n" + "\n\n".join(map(block, d.blocks)) + "\n"


def block(b: Block) -> str:
    if isinstance(b, Heading):
        return "#" * (b.level + 1) + " " + words(b.words)
    if isinstance(b, Paragraph):
        return words(b.words)
    if isinstance(b, Items):
        return "\n".join(f"- {words(r)}" for r in b.rows)
    if isinstance(b, Listing):
        longest = max((len(x) for line in b.lines for x in re.findall("`+", line)), default=2)
        fence = "`" * max(3, longest + 1)
        return "\n".join([f"{fence}learn", *b.lines, fence])
    if isinstance(b, Lines):
        rows = []
        for r in b.rows:
            reason = rf" && \text{{{escaped(r.reason)}}}" if r.reason else ""
            rows.append(f"{r.left} &{r.sign} {r.right}{reason}")
        return "$$\n\\begin{aligned}\n" + " \\\\\n".join(rows) + "\n\\end{aligned}\n$$"
    if isinstance(b, Squares):
        return "\n\n".join(f"$$\n{square_array(s)}\n$$\n\n{words(s.below)}" for s in b.rows)
    if isinstance(b, Strings):
        return _strings(b)
    return _table(b)


def words(row: Words) -> str:
    return "".join(map(_inline, row))


def _inline(x: Inline) -> str:
    if isinstance(x, Math):
        return f"${x.latex}$"
    if isinstance(x, Code):
        fence = "`" * (1 + max((len(m) for m in re.findall("`+", x.text)), default=0))
        pad = " " if "`" in x.text else ""
        return f"{fence}{pad}{x.text}{pad}{fence}".replace("|", r"\|")
    if isinstance(x, Marked):
        return f"**{plain(x.text or x.verdict)}**"
    return plain(x)


def plain(text: str) -> str:
    r"""Text in which no character is a mark.

    >>> print(plain("a_b <b> $x$"))
    a\_b &lt;b> \$x\$
    """
    return re.sub(r"([\\`*_{}\[\]#|$~])", r"\\\1", text).replace("<", "&lt;")


def _strings(s: Strings) -> str:
    parts = []
    for k, wire in enumerate(s.wires):
        parts.append(rf"\xrightarrow{{\; {wire} \;}}")
        if k < len(s.layers):
            boxes = r" \\ ".join(rf"\boxed{{{b.name}}}" for b in s.layers[k])
            parts.append(boxes if len(s.layers[k]) == 1 else rf"\begin{{array}}{{c}} {boxes} \end{{array}}")
    return "$$\n" + " ".join(parts) + "\n$$"


def _table(t: Table) -> str:
    """Cells in one line each, as Markdown has them; what has more lines follows below the table."""
    rows = ["| " + " | ".join(words(h) or " " for h in t.head) + " |", "|" + "---|" * len(t.head)]
    for row in t.rows:
        cells = ["; ".join(_cell(b) for b in cell) for cell in row]
        rows.append("| " + " | ".join(cells) + " |")
    return "\n".join(rows)


def _cell(b: Block) -> str:
    if isinstance(b, Lines):
        return ", ".join(f"${r.left} {r.sign} {r.right}$" for r in b.rows)
    return block(b).replace("\n\n", " ").replace("\n", " ")


__all__ = ["markdown_document"]
