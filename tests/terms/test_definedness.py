"""Definedness conditions of terms as they are written."""

from __future__ import annotations

from fractions import Fraction

from verifier.terms.definedness import of_term
from verifier.terms.syntax import Power, Symbol, add, mul, num, read


def test_a_denominator_is_said_of_its_factors() -> None:
    x, y = read(Symbol("x")), read(Symbol("y"))
    root = Power(x, Fraction(1, 2))
    cases = {
        mul(num(3), x, y): [("!=", x), ("!=", y)],
        Power(x, Fraction(4)): [("!=", x)],
        root: [(">", x), (">=", x)],  # and the root itself asks x >= 0
        Power(x, Fraction(-2)): [("!=", x)],  # no negative power is 0: only its own condition is left
        num(3): [],
        num(0): [("!=", num(0))],
        add(x, y): [("!=", add(x, y))],
    }
    for below, wanted in cases.items():
        found = [(c.relation, c.subject) for c in of_term(Power(below, Fraction(-1)))]
        assert found == wanted, below
