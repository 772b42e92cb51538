"""Drawings as text, DOT and SVG.  Names of a spec are escaped in each."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from html import escape

from ..sheaf.diagrams import Arrow, Drawing
from .layered import layout

FILLS = {
    "input": "#e8f1fb",
    "layer": "#ffffff",
    "output": "#e9f6ec",
    "cut": "#ffffff",
    "activities": "#fdf3e3",
    "weights": "#efeafa",
    "fork": "#fbe9e9",
}
CHARACTER, BOX, MARGIN, TITLE, NOTE = 7.3, 30.0, 24.0, 30.0, 18.0


def as_text(drawings: Sequence[Drawing]) -> str:
    """Boxes in order, below each the arrows that leave it."""
    blocks = []
    for d in drawings:
        lines = [_printable(d.title)]
        for k, box in enumerate(d.boxes):
            lines.append(f"  {_printable(box.label)}")
            for arrow in d.arrows:
                if arrow.source == k:
                    by = f"--{arrow.label}--> " if arrow.label else "--> "
                    lines.append(f"    {by}{d.boxes[arrow.target].label}")
        blocks.append("\n".join([*lines, *(f"  ({note})" for note in d.notes)]) + "\n")
    return "\n".join(blocks)


def as_dot(drawings: Sequence[Drawing]) -> str:
    """One directed graph, a cluster for each drawing."""
    lines = ["digraph learnlaw {", '  node [shape=box, style="filled,rounded", fontname="sans-serif"];']
    for n, d in enumerate(drawings):
        label = "\\n".join(map(_quoted, (d.title, *d.notes)))
        lines += [f"  subgraph cluster_{n} {{", f'    label="{label}";']
        for k, box in enumerate(d.boxes):
            lines.append(f'    n{n}_{k} [label="{_quoted(box.label)}", fillcolor="{FILLS[box.kind]}"];')
        for a in d.arrows:
            beside = f' [label="{_quoted(a.label)}"]' if a.label else ""
            lines.append(f"    n{n}_{a.source} -> n{n}_{a.target}{beside};")
        lines.append("  }")
    return "\n".join([*lines, "}"]) + "\n"


def as_svg(drawings: Sequence[Drawing]) -> str:
    """One picture, the drawings below each other.  Raises TooLarge."""
    shapes: list[str] = []
    top, right = MARGIN, 0.0
    for d in drawings:
        shapes.append(_text(MARGIN, top + 14, d.title, "start", "bold"))
        top += TITLE
        widths = [_wide(box.label) + 20 for box in d.boxes]
        arrows = _apart(d.arrows)
        found = layout(widths, [(a.source, a.target) for a in arrows])
        labels = []
        for a, line in zip(arrows, found.lines, strict=True):
            points = [(x + MARGIN, y + top) for x, y in line]
            points[0] = (points[0][0], points[0][1] + BOX / 2)
            points[-1] = (points[-1][0], points[-1][1] - BOX / 2)
            drawn = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
            shapes.append(f'<polyline points="{drawn}" fill="none" stroke="#556" marker-end="url(#tip)"/>')
            if a.label:
                (x0, y0), (x1, y1) = points[:2]
                labels.append(_text((x0 + x1) / 2 + 4, (y0 + y1) / 2 + 3, a.label, "start", "normal", 10))
        for box, wide, (x, y) in zip(d.boxes, widths, found.centres, strict=True):
            corner = (
                f'x="{x + MARGIN - wide / 2:.1f}" y="{y + top - BOX / 2:.1f}" width="{wide:.1f}" height="{BOX:.0f}"'
            )
            shapes.append(f'<rect {corner} rx="5" fill="{FILLS[box.kind]}" stroke="#556"/>')
            shapes.append(_text(x + MARGIN, y + top + 4, box.label, "middle"))
        shapes += labels
        top += found.height
        for note in d.notes:
            shapes.append(_text(MARGIN, top + 12, note, "start", "normal", 11))
            top += NOTE
        beside = max((_wide(s) for s in (d.title, *d.notes)), default=0.0)
        aside = max((_wide(a.label) for a in arrows), default=0.0)
        right = max(right, found.width + aside, beside)
        top += MARGIN
    width, height = right + 2 * MARGIN, top
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:.0f}" height="{height:.0f}" '
        f'viewBox="0 0 {width:.0f} {height:.0f}" font-family="sans-serif" font-size="12">'
    )
    tip = (
        '<defs><marker id="tip" markerWidth="8" markerHeight="8" refX="7" refY="4" orient="auto">'
        '<path d="M0,1 L7,4 L0,7 z" fill="#556"/></marker></defs>'
    )
    ground = '<rect width="100%" height="100%" fill="#ffffff"/>'
    return "\n".join([head, tip, ground, *shapes, "</svg>"]) + "\n"


def _apart(arrows: Sequence[Arrow]) -> list[Arrow]:
    """Arrows with the same ends as one, which would cover each other."""
    rows: dict[tuple[int, int], list[str]] = {}
    for a in arrows:
        rows.setdefault((a.source, a.target), []).append(a.label)
    return [Arrow(*ends, ", ".join(filter(None, labels))) for ends, labels in rows.items()]


FORMATS = {"text": as_text, "dot": as_dot, "svg": as_svg}


def _text(x: float, y: float, words: str, anchor: str, weight: str = "normal", size: int = 12) -> str:
    style = f'text-anchor="{anchor}" font-weight="{weight}" font-size="{size}"'
    return f'<text x="{x:.1f}" y="{y:.1f}" {style}>{escape(_printable(words))}</text>'


def _printable(words: str) -> str:
    """Without control characters, which XML does not allow."""
    return "".join(c if unicodedata.category(c)[0] != "C" else "\N{REPLACEMENT CHARACTER}" for c in words)


def _quoted(words: str) -> str:
    return _printable(words).replace("\\", "\\\\").replace('"', '\\"')


def _wide(words: str) -> float:
    """About how wide a text is, in pixels."""
    return CHARACTER * sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in words)


__all__ = ["FORMATS", "as_dot", "as_svg", "as_text"]
