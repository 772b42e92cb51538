"""Cube roots: exact values, and polynomials that are cubes.  Only the product q q q = p makes a root count."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from .data import Factor, Mono, Poly, Rat, Stuck, add, constant, rat, scale, subtract

if TYPE_CHECKING:
    from .algebra import Algebra

TERMS = 6


def cube_root(k: Algebra, p: Poly) -> Poly | None:
    """The polynomial q with q^3 = p, if p is one of few terms; every real number has one cube root."""
    if not p:
        return {}
    atoms = sorted({(h, ix) for free, _ in p for h, ix, _ in free})

    def order(m: Mono) -> tuple[Rat, ...]:
        """Lexicographic in the exponents, so that leading monomials multiply."""
        exponents = {(h, ix): e for h, ix, e in m[0]}
        return tuple(exponents.get(a, 0) for a in atoms)

    lead = max(p, key=order)
    first = _root(lead, p[lead])
    if first is None:
        return None
    q: Poly = first
    ((m, c),) = first.items()
    try:
        for _ in range(TERMS):
            rest = subtract(p, k.multiply(q, k.multiply(q, q)))
            if not rest:
                return q
            top = max(rest, key=order)
            term = _quotient(top, m, Fraction(rest[top]) / (3 * Fraction(c) ** 2))
            if term is None:
                return None
            q = add(q, term)
    except Stuck:
        return None
    return None


def _root(m: Mono, c: Rat) -> Poly | None:
    """The cube root of one monomial."""
    value = Fraction(c)
    size = Fraction(_whole_root(abs(value.numerator)), _whole_root(value.denominator))
    if m[1] or size**3 != abs(value) or any(Fraction(e) % 3 for _, _, e in m[0]):
        return None
    factors = tuple((h, ix, rat(Fraction(e) / 3)) for h, ix, e in m[0])
    return scale({(factors, ()): 1}, size if value > 0 else -size)


def _whole_root(n: int) -> int:
    """The nearest whole number to a cube root; the caller checks."""
    return round(n ** (1 / 3)) if n < 1 << 150 else 0


def _quotient(top: Mono, m: Mono, c: Fraction) -> Poly | None:
    """``c * top / m^2``."""
    if top[1]:
        return None
    exponents: dict[tuple[str, object], Rat] = {(h, ix): e for h, ix, e in top[0]}
    places = {(h, ix): ix for h, ix, _ in (*top[0], *m[0])}
    for h, ix, e in m[0]:
        exponents[(h, ix)] = rat(exponents.get((h, ix), 0) - 2 * e)
    factors: list[Factor] = [(h, places[(h, ix)], e) for (h, ix), e in exponents.items() if e]  # type: ignore[index]
    return scale({(tuple(sorted(factors)), ()): 1}, rat(c)) if c else constant(0)


__all__ = ["cube_root"]
