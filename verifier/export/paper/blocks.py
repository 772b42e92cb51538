"""What documents are made of.  Text is plain text, escaped by whoever writes it; `Math` is LaTeX that was generated."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeAlias


@dataclass(frozen=True)
class Math:
    """A formula, for math mode."""

    latex: str


@dataclass(frozen=True)
class Code:
    """Source, as it is written in a spec."""

    text: str


@dataclass(frozen=True)
class Marked:
    """A word that is a verdict, in its colour."""

    verdict: str
    text: str = ""


Inline: TypeAlias = str | Math | Code | Marked
Words: TypeAlias = tuple[Inline, ...]


@dataclass(frozen=True)
class Heading:
    level: int  # 1: of a learner; 2: of a part of it
    words: Words


@dataclass(frozen=True)
class Paragraph:
    words: Words


@dataclass(frozen=True)
class Items:
    """A list."""

    rows: tuple[Words, ...]


@dataclass(frozen=True)
class Listing:
    """Lines of source."""

    lines: tuple[str, ...]


@dataclass(frozen=True)
class Line:
    """``left = right``, and why; a line without a left side goes on from the one before."""

    left: str
    right: str
    reason: str = ""
    sign: str = "="


@dataclass(frozen=True)
class Lines:
    """Formulas one below the other, their signs aligned."""

    rows: tuple[Line, ...]


@dataclass(frozen=True)
class Square:
    """A square of maps: two ways from the first corner to the last, and what was found of them.

    ``corners``: top left, top right, bottom left, bottom right; ``sides``: top, left, right, bottom.
    """

    corners: tuple[str, str, str, str]
    sides: tuple[str, str, str, str]
    centre: str
    verdict: str
    below: Words = ()


@dataclass(frozen=True)
class Squares:
    """Squares beside each other."""

    rows: tuple[Square, ...]


@dataclass(frozen=True)
class Box:
    """A learner in a string diagram: its name, and the parameters that enter from above."""

    name: str
    parameters: str = ""


@dataclass(frozen=True)
class Strings:
    """A string diagram: layers from left to right, each of boxes above each other; ``wires`` between them.

    Forward wires carry activities, backward ones requests.
    """

    layers: tuple[tuple[Box, ...], ...]
    wires: tuple[str, ...]


@dataclass(frozen=True)
class Table:
    """Rows of cells below a head; ``widths`` are shares of the line."""

    head: tuple[Words, ...]
    rows: tuple[tuple[tuple[Block, ...], ...], ...]
    widths: tuple[float, ...]


Block: TypeAlias = Heading | Paragraph | Items | Listing | Lines | Squares | Strings | Table


@dataclass
class Document:
    """A title, and blocks below it."""

    title: str
    subtitle: Words = ()
    blocks: list[Block] = field(default_factory=list)


__all__ = [
    "Block",
    "Box",
    "Code",
    "Document",
    "Heading",
    "Inline",
    "Items",
    "Line",
    "Lines",
    "Listing",
    "Marked",
    "Math",
    "Paragraph",
    "Square",
    "Squares",
    "Strings",
    "Table",
    "Words",
]
