"""A layered layout of boxes and arrows without cycles: rows by longest path, order by barycentres, straight pieces.

Every arrow runs from a row to a later one; where it passes other rows it has a bend of its own there, so that it goes
between boxes and not through them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

ROW, GAP = 72.0, 24.0  # from a row to the next; between two boxes of a row
SWEEPS = 8
MOST = 20_000  # boxes and bends

Point = tuple[float, float]


class TooLarge(ValueError):
    """More boxes and bends than are laid out."""


@dataclass(frozen=True)
class Layout:
    """The centre of each box, the corners of each arrow from box to box, and the size of it all."""

    centres: tuple[Point, ...]
    lines: tuple[tuple[Point, ...], ...]
    width: float
    height: float


def layout(widths: Sequence[float], arrows: Sequence[tuple[int, int]]) -> Layout:
    """Places for boxes of the given widths.  Raises TooLarge, and ValueError on a cycle."""
    rows = _rows(len(widths), arrows)
    if len(widths) + sum(max(rows[b] - rows[a] - 1, 0) for a, b in arrows) > MOST:
        raise TooLarge(f"more than {MOST} boxes and bends")
    wide, level = list(widths), list(rows)
    paths: list[list[int]] = []
    for a, b in arrows:
        bends = range(len(wide), len(wide) + max(rows[b] - rows[a] - 1, 0))
        wide += [0.0] * len(bends)
        level += range(rows[a] + 1, rows[b])
        paths.append([a, *bends, b])
    x = _across(wide, level, [pair for path in paths for pair in zip(path, path[1:], strict=False)])
    points = [(x[k], level[k] * ROW + ROW / 2) for k in range(len(wide))]
    width = max((x[k] + wide[k] / 2 for k in range(len(wide))), default=0.0)
    height = (max(level, default=-1) + 1) * ROW
    return Layout(tuple(points[: len(widths)]), tuple(tuple(points[k] for k in path) for path in paths), width, height)


def _rows(count: int, arrows: Sequence[tuple[int, int]]) -> list[int]:
    """The length of a longest path to each box."""
    after: list[list[int]] = [[] for _ in range(count)]
    waiting = [0] * count
    for a, b in arrows:
        after[a].append(b)
        waiting[b] += 1
    rows = [0] * count
    free = [k for k in range(count) if not waiting[k]]
    for a in free:
        for b in after[a]:
            rows[b] = max(rows[b], rows[a] + 1)
            waiting[b] -= 1
            if not waiting[b]:
                free.append(b)
    if len(free) < count:
        raise ValueError("arrows in a cycle")
    return rows


def _across(wide: Sequence[float], level: Sequence[int], pieces: Sequence[tuple[int, int]]) -> list[float]:
    """The horizontal place of each box and bend: near those that it is joined to, without overlap."""
    rows: list[list[int]] = [[] for _ in range(max(level, default=-1) + 1)]
    for k, at in enumerate(level):
        rows[at].append(k)
    up: list[list[int]] = [[] for _ in wide]
    down: list[list[int]] = [[] for _ in wide]
    for a, b in pieces:
        down[a].append(b)
        up[b].append(a)
    x = [0.0] * len(wide)
    for row in rows:
        _place(row, wide, x, {k: float(i) for i, k in enumerate(row)})
    for sweep in range(SWEEPS):
        near = down if sweep % 2 else up
        for row in reversed(rows) if sweep % 2 else rows:
            wish = {k: sum(x[j] for j in near[k]) / len(near[k]) if near[k] else x[k] for k in row}
            row.sort(key=lambda k: (wish[k], x[k], k))
            _place(row, wide, x, wish)
    left = min((x[k] - wide[k] / 2 for k in range(len(wide))), default=0.0)
    return [c - left for c in x]


def _place(row: Sequence[int], wide: Sequence[float], x: list[float], wish: dict[int, float]) -> None:
    """Boxes of a row in their order at their wishes, pushed apart, then all moved by what they are off on average."""
    edge = float("-inf")
    for k in row:
        x[k] = max(wish[k], edge + wide[k] / 2)
        edge = x[k] + wide[k] / 2 + GAP
    shift = sum(wish[k] - x[k] for k in row) / max(len(row), 1)
    for k in row:
        x[k] += shift


__all__ = ["Layout", "TooLarge", "layout"]
