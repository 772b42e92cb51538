"""A term modulo 2: half of what vanishes.  Only a proposal: whatever uses it has it proved.

c t = r t + 2 q t          for a whole number c = r + 2 q, r one of -1, 0, 1
(sum_i t_i)^2 = sum_i t_i^2 + 2 sum_(i<j) t_i t_j        and so for any sum that is symmetric in two of its indices
"""

from __future__ import annotations

from collections import Counter
from fractions import Fraction

from ..terms.index import Compare, Var, affine
from ..terms.sizes import Size
from ..terms.sorts import Range
from ..terms.syntax import ZERO, Add, If, Mul, Num, Power, Term, Total, add, mul, num, total
from ..terms.traverse import form, free_indices, fresh, rename_indices


def half(t: Term) -> Term:
    """A term q such that t - 2 q has smaller coefficients, or sums over fewer pairs; 0 if there is none to see.

    >>> from ..terms.syntax import Read, Symbol
    >>> x = Read(Symbol("x"))
    >>> half(mul(num(6), x)) == mul(num(3), x), half(mul(num(3), x)) == x, half(x) == ZERO
    (True, True, True)
    """
    found = [_half(p) for p in (t.parts if isinstance(t, Add) else (t,))]
    rows = [q for q in found if q != ZERO]
    return add(*rows) if rows else ZERO


def _half(t: Term) -> Term:
    c, factors = Fraction(1), list[Term]()
    for p in t.parts if isinstance(t, Mul) else (t,):
        if isinstance(p, Num):
            c *= p.value
        elif (
            isinstance(p, Power) and p.exponent.denominator == 1 and 2 <= p.exponent <= 8 and isinstance(p.base, Total)
        ):
            factors += [p.base] * int(p.exponent)
        else:
            factors.append(p)
    if c.denominator != 1:
        return ZERO
    whole = int(c / 2)  # towards 0, so that 1 and -1 are left
    odd = int(c) - 2 * whole
    rows = [mul(num(whole), *factors)] if whole else []
    rows += [mul(num(odd), pair) for pair in (_pairs(factors) if odd else ())]
    return add(*rows) if rows else ZERO


def _pairs(factors: list[Term]) -> list[Term]:
    """The half of a product that is a square of a sum, or a sum that is symmetric in two indices."""
    for k, s in enumerate(factors):
        if not isinstance(s, Total):
            continue
        rest = factors[:k] + factors[k + 1 :]
        twin = next((j for j, other in enumerate(rest) if form(other) == form(s)), None)
        if twin is not None and len(s.indices) == 1:
            (u,) = s.indices
            v = fresh(u, [u, *free_indices(s.body)])
            pair = _ordered((u, v), mul(s.body, rename_indices(s.body, {u: v})), u, v)
            if pair is not None:
                return [mul(*rest[:twin], *rest[twin + 1 :], pair)]
        for a, u in enumerate(s.indices):
            for v in s.indices[a + 1 :]:
                pair = _ordered(s.indices, s.body, u, v) if _symmetric(s.body, u, v) else None
                if pair is not None:
                    return [mul(*rest, pair)]
    return []


def _symmetric(body: Term, u: Var, v: Var) -> bool:
    """Whether a product has the same factors when two indices are exchanged."""
    if u.sort != v.sort:
        return False
    return _factors(body) == _factors(rename_indices(body, {u: v, v: u}))


def _factors(t: Term) -> Counter[object]:
    found: Counter[object] = Counter()
    for p in t.parts if isinstance(t, Mul) else (t,):
        if isinstance(p, Power) and p.exponent.denominator == 1:
            found[form(p.base)] += int(p.exponent)
        else:
            found[form(p)] += 1
    return found


def _ordered(indices: tuple[Var, ...], body: Term, u: Var, v: Var) -> Term | None:
    """The sum over those indices with u < v."""
    if not isinstance(u.sort, Range):
        return None
    below = Compare(">=", affine({v: 1, u: -1}, Size.number(-1)))
    return total(indices, If(below, body, ZERO))


__all__ = ["half"]
