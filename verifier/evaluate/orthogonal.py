"""Rational matrices with orthogonal rows and columns: points for hypotheses such as sum_k P[k,i] P[k,j] = N [i = j]."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from itertools import product
from random import Random

from ..terms.index import Compare, Guard, Same, Var, variables
from ..terms.sorts import Range
from ..terms.syntax import ZERO, If, Mul, Num, Pointwise, Power, Read, SizeOf, Symbol, Term, Total

Matrix = list[list[Fraction]]
LEAST, SQUARES = (2, 4, 1), 12


def gram(h: Pointwise) -> tuple[Symbol, Term] | None:
    """The tensor and the number c of an equation that says P P^T = c or P^T P = c, for all i and j."""
    for left, right in ((h.left, h.right), (h.right, h.left)):
        if not isinstance(left, Total) or len(left.indices) != 1 or not isinstance(left.body, Mul | Power):
            continue
        factors = left.body.parts if isinstance(left.body, Mul) else ()
        if len(factors) != 2 or not all(isinstance(f, Read) and len(f.index) == 2 for f in factors):
            continue
        p, q = factors
        assert isinstance(p, Read) and isinstance(q, Read)  # checked above
        if p.symbol != q.symbol or len(set(p.symbol.axes)) != 1 or not isinstance(p.symbol.axes[0], Range):
            continue
        k = left.indices[0]
        for at in (0, 1):
            ends = {p.index[1 - at], q.index[1 - at]}
            if p.index[at] == q.index[at] == k and ends == set(h.indices) and len(ends) == 2:
                c = _diagonal(right, set(h.indices))
                if c is not None:
                    return p.symbol, c
    return None


def _diagonal(t: Term, ends: set[Var]) -> Term | None:
    """c of ``c if i == j else 0``."""
    if isinstance(t, If) and t.other == ZERO and _equal(t.guard, ends) and isinstance(t.then, Num | SizeOf):
        return t.then
    return None


def _equal(g: Guard, ends: set[Var]) -> bool:
    if isinstance(g, Same):
        return {g.left, g.right} == ends
    if not isinstance(g, Compare) or g.relation != "==" or set(variables(g.form)) != ends:
        return False
    terms = getattr(g.form, "terms", ())
    return sorted(c for _, c in terms) == [-1, 1] and g.form.offset == g.form.offset * 0  # type: ignore[union-attr]


def orthogonal(n: int, c: Fraction, random: Random) -> Matrix | None:
    """A rational n x n matrix M with M M^T = M^T M = c, generic; None where none is found.

    For odd n there is one only if c is a square; for n = 2 c is a sum of two squares; for n = 4 quaternions serve.

    >>> m = orthogonal(4, Fraction(3), Random(1))
    >>> [[str(sum(a * b for a, b in zip(r, s))) for s in m] for r in m][1]
    ['0', '3', '0', '0']
    """
    scale = _scale(n, c)
    if scale is None:
        return None
    return _product(_cayley(n, random), scale)


def _scale(n: int, c: Fraction) -> Matrix | None:
    """One matrix with M M^T = c."""
    if c <= 0:
        return None
    whole = c.numerator * c.denominator  # c = whole / denominator^2
    width = n if n in LEAST else 1
    for roots in product(range(SQUARES), repeat=width):
        if sum(r * r for r in roots) == whole:
            found = [Fraction(r, c.denominator) for r in roots]
            return _block(found) if width == n else [[found[0] * (i == j) for j in range(n)] for i in range(n)]
    return None


def _block(r: list[Fraction]) -> Matrix:
    if len(r) == 1:
        return [r]
    if len(r) == 2:
        a, b = r
        return [[a, b], [-b, a]]
    a, b, c, d = r
    return [[a, -b, -c, -d], [b, a, -d, c], [c, d, a, -b], [d, -c, b, a]]


def _cayley(n: int, random: Random) -> Matrix:
    """(1 - S) (1 + S)^-1 of a random antisymmetric S."""
    from .matrices import matrix

    s = [[Fraction(0)] * n for _ in range(n)]
    for i in range(n):
        for j in range(i):
            s[i][j] = Fraction(random.choice((-2, -1, 1, 2)), random.choice((1, 2, 3)))
            s[j][i] = -s[i][j]
    plus = {(i, j): s[i][j] + (i == j) for i in range(n) for j in range(n)}
    inverse: Mapping[tuple[int, int], Fraction] = {place: matrix("inv", plus, place) for place in plus}
    minus = [[(i == j) - s[i][j] for j in range(n)] for i in range(n)]
    return _product(minus, [[inverse[i, j] for j in range(n)] for i in range(n)])


def _product(a: Matrix, b: Matrix) -> Matrix:
    return [[sum((x * b[k][j] for k, x in enumerate(row)), Fraction(0)) for j in range(len(b))] for row in a]


__all__ = ["gram", "orthogonal"]
