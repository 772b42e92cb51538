"""Sums of known sign leave roots: sqrt(v/(1 - b)) = sqrt(v)/sqrt(1 - b) where 1 - b > 0, and never without that."""

from __future__ import annotations

from fractions import Fraction

import pytest

from verifier.kernel import Kernel, powers
from verifier.terms.syntax import Condition, Equation, Symbol, Term, add, mul, num, power, read

HALF = Fraction(1, 2)
v, b = read(Symbol("v")), read(Symbol("b"))
LESS = add(num(1), mul(num(-1), b))
MORE = add(b, num(-1))


def proved(left: Term, right: Term, *facts: Term) -> bool:
    rows = [Condition(">", f) for f in facts]
    return Kernel({}, positive=["v"], facts=rows).equal(Equation((), left, right)).proved


def ratio(u: Term) -> Term:
    """sqrt(v/u)."""
    return power(mul(v, power(u, -1)), HALF)


def split(u: Term) -> Term:
    """sqrt(v)/sqrt(u)."""
    return mul(power(v, HALF), power(u, -HALF))


@pytest.mark.parametrize("u", [LESS, MORE])
def test_equal(u: Term) -> None:
    assert proved(ratio(u), split(u), u)


def test_a_cube_of_a_negative_sum() -> None:
    left = power(mul(num(-1), v, power(MORE, -3)), HALF)
    assert proved(left, mul(power(v, HALF), power(LESS, Fraction(-3, 2))), LESS)


@pytest.mark.parametrize("u", [LESS, MORE])
def test_different(u: Term) -> None:
    assert not proved(ratio(u), mul(num(-1), split(u)), u)
    assert not proved(power(mul(v, power(u, -2)), HALF), mul(power(v, HALF), power(MORE, -1)), LESS)


def test_a_wrong_sign_proves_what_is_false(monkeypatch: pytest.MonkeyPatch) -> None:
    """b - 1 taken for positive where 1 - b > 0: sqrt(v/(b - 1)^2) would be sqrt(v)/(b - 1), which is negative."""
    left, right = power(mul(v, power(MORE, -2)), HALF), mul(power(v, HALF), power(MORE, -1))
    assert not proved(left, right, LESS)
    monkeypatch.setattr(powers, "factor", lambda k, h, ix, e: frozenset({1}))
    assert proved(left, right, LESS)
