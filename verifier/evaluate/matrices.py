"""Inverse, determinant and Cholesky's factor, of rationals exactly, of balls and dual numbers in their arithmetic."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

from .model import Place
from .numbers import Number, Undecided, Undefined, plus, power, sign, times

ONE, MINUS = Fraction(1), Fraction(-1)


def matrix(name: str, entries: Mapping[Place, Number], place: Place) -> Number:
    """An entry of the inverse or the factor, or the determinant.  Raises Undefined where there is none."""
    positions = sorted({p for p, _ in entries})
    n = len(positions)
    rows = [[entries[p, q] for q in positions] for p in positions]
    if name == "cholesky":
        i, j = (positions.index(p) for p in place)
        return _factor(rows)[i][j]
    extended = [row + [Fraction(int(i == k)) for k in range(n)] for i, row in enumerate(rows)]
    determinant: Number = ONE
    for c in range(n):
        pivot = _pivot(extended, c)
        if pivot is None:
            if name == "inv":
                raise Undefined("the inverse of a singular matrix")
            return _expanded(rows)
        if pivot != c:
            extended[c], extended[pivot] = extended[pivot], extended[c]
            determinant = times(MINUS, determinant)
        head = extended[c][c]
        determinant = times(determinant, head)
        unit = power(head, MINUS)
        extended[c] = [times(unit, x) for x in extended[c]]
        for r in range(n):
            if r != c:
                factor = times(MINUS, extended[r][c])
                extended[r] = [plus(x, times(factor, y)) for x, y in zip(extended[r], extended[c], strict=True)]
    if name == "det":
        return determinant
    i, j = (positions.index(p) for p in place)
    return extended[i][n + j]


def _factor(rows: list[list[Number]]) -> list[list[Number]]:
    """The lower triangular factor with a positive diagonal of the symmetric part, row by row."""
    half = Fraction(1, 2)
    factor: list[list[Number]] = []
    for i, row in enumerate(rows):
        factor.append([Fraction(0)] * len(rows))
        for j in range(i + 1):
            rest = times(half, plus(row[j], rows[j][i]))
            for k in range(j):
                rest = plus(rest, times(MINUS, times(factor[i][k], factor[j][k])))
            if i == j:
                if sign(rest) <= 0:
                    raise Undefined("the factor of a matrix that is not positive definite")
                factor[i][i] = power(rest, half)
            else:
                factor[i][j] = times(rest, power(factor[j][j], MINUS))
    return factor


def _pivot(rows: list[list[Number]], c: int) -> int | None:
    """A row whose entry is certainly not 0.  Raises Undecided if none is and one may be."""
    undecided = False
    for r in range(c, len(rows)):
        try:
            if sign(rows[r][c]) != 0:
                return r
        except Undecided:
            undecided = True
    if undecided:
        raise Undecided("a pivot that may be 0")
    return None


def _expanded(rows: list[list[Number]]) -> Number:
    """A determinant by its first row: of a singular matrix of dual numbers, whose derivative need not be 0."""
    if not rows:
        return ONE
    total: Number = Fraction(0)
    for c, x in enumerate(rows[0]):
        minor = [row[:c] + row[c + 1 :] for row in rows[1:]]
        total = plus(total, times(times(MINUS if c % 2 else ONE, x), _expanded(minor)))
    return total


__all__ = ["matrix"]
