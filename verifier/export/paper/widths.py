"""How wide a formula is, roughly, and where it may be broken."""

from __future__ import annotations

import re
from collections.abc import Iterator

_TOKEN = re.compile(r"\\begin\{\w+\}|\\end\{\w+\}|\\\\|\\[A-Za-z]+\*?|\\.|[{}^_&]|\s+|.", re.S)
_NONE = {"left", "right", "displaystyle", "limits", "textstyle", "substack"}
_WORDS = {"operatorname", "operatorname*", "mathrm", "text", "mathbf", "mathbb", "mathcal"}


def width(latex: str) -> float:
    """In letters: scripts count 0.7, of a fraction the wider part counts.

    >>> width("a + b"), width(r"\\frac{a b}{c}"), round(width("x_{ij}"), 1)
    (4.0, 2.0, 2.4)
    """
    return _width(_TOKEN.findall(latex), 0)[0]


def _width(tokens: list[str], k: int) -> tuple[float, int]:
    """The width up to the end of a group, and where that is."""
    total = 0.0
    while k < len(tokens):
        t = tokens[k]
        if t == "}":
            return total, k
        if t in "^_":
            w, k = _argument(tokens, k + 1)
            total += 0.7 * w
            continue
        if t.startswith(r"\frac"):
            above, k = _argument(tokens, k + 1)
            below, k = _argument(tokens, k)
            total += max(above, below)
            continue
        w, k = _argument(tokens, k)
        total += w
    return total, k


def _argument(tokens: list[str], k: int) -> tuple[float, int]:
    """The width of one token or group, and where the next begins."""
    if k >= len(tokens):
        return 0.0, k
    t = tokens[k]
    if t == "{":
        w, end = _width(tokens, k + 1)
        return w, end + 1
    if t.startswith("\\"):
        name = t[1:]
        if name in _NONE or t.startswith((r"\begin", r"\end")):
            return 0.0, k + 1
        if name in ("quad", "qquad"):
            return 2.0, k + 1
        if name in _WORDS:
            return _argument(tokens, k + 1)
        return (1.5 if name in ("sum", "prod") else 1.0), k + 1
    if t.isspace() or t == "&":
        return 0.0, k + 1
    return (2.0 if t in "+-=" else 1.0), k + 1


def broken(latex: str, room: float) -> list[str]:
    r"""A sum in lines that each have room, broken before signs that stand in no brackets; one line where it has.

    >>> broken("a + b - c", 5.0)
    ['a + b', '{} - c']
    """
    if width(latex) <= room or r"\begin" in latex:
        return [latex]
    lines: list[str] = []
    for part in _summands(latex):
        if lines and width(lines[-1]) + width(part) <= room:
            lines[-1] += part
        else:
            lines.append(part)
    return [lines[0], *(f"{{}}{line}" for line in lines[1:])]


def _summands(latex: str) -> Iterator[str]:
    depth, start = 0, 0
    for found in _TOKEN.finditer(latex):
        t = found[0]
        depth += (t == "{" or t in (r"\left",)) - (t == "}" or t in (r"\right",))
        # A sign that stands between blanks is no sign of a number.
        if t in "+-" and depth == 0 and found.start() > start and latex[found.start() - 1 : found.start()] == " ":
            yield latex[start : found.start() - 1]
            start = found.start() - 1
    yield latex[start:]


__all__ = ["broken", "width"]
