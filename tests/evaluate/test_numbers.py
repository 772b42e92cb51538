"""Exact numbers, balls and dual numbers: the evaluator's own table of functions against sympy and against the terms."""

from __future__ import annotations

from fractions import Fraction

import pytest
import sympy as sp
from hypothesis import given, settings
from hypothesis import strategies as st

from verifier.calculus.sympy_functions import CLASSES
from verifier.evaluate.machine import Machine, derivative
from verifier.evaluate.model import Model
from verifier.evaluate.numbers import (
    FUNCTIONS,
    SLOPES,
    Dual,
    Undecided,
    Undefined,
    differ,
    is_ball,
    known,
    plus,
    power,
    same,
    times,
)
from verifier.terms.known import KNOWN, X
from verifier.terms.syntax import Read

POINTS = [Fraction(n, d) for n, d in ((-7, 3), (-1, 2), (0, 1), (1, 3), (3, 4), (1, 1), (5, 2))]
rationals = st.fractions(min_value=-20, max_value=20, max_denominator=12)


def test_both_judges_know_the_same_functions() -> None:
    assert set(FUNCTIONS) == set(SLOPES) == set(KNOWN)


@pytest.mark.parametrize("name", FUNCTIONS)
@pytest.mark.parametrize("x", POINTS, ids=str)
def test_value_and_slope_against_sympy(name: str, x: Fraction) -> None:
    q = sp.Rational(x.numerator, x.denominator)
    symbol = sp.Symbol("t", real=True)
    try:
        value = known(name, Dual(x, Fraction(1)))
    except Undefined:
        # Outside the domain, or on a kink: sympy has no real number there, or a jump.
        expected = CLASSES[name](q).evalf(30)
        slope = sp.diff(CLASSES[name](symbol), symbol).subs(symbol, q)
        assert not expected.is_real or not slope.is_number or not slope.is_finite or q == 0
        return
    for ours, theirs in (
        (value.value, CLASSES[name](q)),
        (value.slope, sp.diff(CLASSES[name](symbol), symbol).subs(symbol, q)),
    ):
        number = ours if isinstance(ours, Fraction) else Fraction(str(ours.mid().str(40, radius=False)))
        assert abs(sp.Rational(number.numerator, number.denominator) - theirs.evalf(40)) < sp.Rational(1, 10**30)


@pytest.mark.parametrize("name", KNOWN)
def test_the_derivative_as_a_term_has_the_slope_s_value(name: str) -> None:
    """The judges share no code: the term of `terms.known` is evaluated, and compared with the evaluator's slope."""
    tried = 0
    for x in POINTS:
        model = Model({}, {X.name: {(): x}}, {})
        try:
            slope = known(name, Dual(x, Fraction(1))).slope
            term = Machine(model, {}).value(KNOWN[name].derivative)
        except (Undefined, Undecided):
            continue
        tried += 1
        assert not differ(slope, term)
    assert tried >= 2


@pytest.mark.parametrize("name", [n for n, row in KNOWN.items() if row.definition is not None])
def test_the_definition_has_the_same_value(name: str) -> None:
    definition = KNOWN[name].definition
    assert definition is not None
    for x in POINTS:
        try:
            value = known(name, x)
        except Undefined:
            with pytest.raises(Undefined):
                Machine(Model({}, {X.name: {(): x}}, {}), {}).value(definition)
            continue
        assert not differ(value, Machine(Model({}, {X.name: {(): x}}, {}), {}).value(definition))


@given(rationals, rationals, rationals)
@settings(max_examples=200, deadline=None)
def test_duals_are_derivatives(x: Fraction, a: Fraction, b: Fraction) -> None:
    """d/dx of (a x + b)^3 (x - a)."""
    d = Dual(x, Fraction(1))
    value = times(power(plus(times(a, d), b), Fraction(3)), plus(d, -a))
    assert value.value == (a * x + b) ** 3 * (x - a)
    assert value.slope == 3 * a * (a * x + b) ** 2 * (x - a) + (a * x + b) ** 3


@given(rationals, st.sampled_from([Fraction(n, d) for n in (-3, -1, 1, 2) for d in (1, 2, 3)]))
@settings(max_examples=200, deadline=None)
def test_powers(x: Fraction, e: Fraction) -> None:
    try:
        value = power(x, e)
    except Undefined:
        assert (x == 0 and e < 0) or (x < 0 and e.denominator > 1)
        return
    if isinstance(value, Fraction):
        assert value**e.denominator == x**e.numerator
    else:
        assert not differ(power(value, Fraction(e.denominator)), x**e.numerator)


def test_balls_that_overlap_decide_nothing() -> None:
    one = plus(power(known("sin", Fraction(1)), Fraction(2)), power(known("cos", Fraction(1)), Fraction(2)))
    assert not differ(one, Fraction(1))
    assert not same(one, Fraction(1))
    assert differ(one, Fraction(2))


def test_a_derivative_by_an_entry() -> None:
    model = Model({}, {"x": {(): Fraction(3)}}, {})
    term = KNOWN["log"].derivative
    assert derivative(model, {}, Read(X), {}, X, ()) == 1
    assert derivative(model, {}, term, {}, X, ()) == Fraction(-1, 9)


def test_numbers_with_too_many_digits_are_not_pursued() -> None:
    def tower(x: Fraction) -> Fraction:
        for _ in range(40):
            x = times(x, x)
        return x

    with pytest.raises(Undecided):
        tower(Fraction(3))


def test_roots_of_high_order_are_bounded_work() -> None:
    assert power(Fraction(1), Fraction(1, 10**12)) == 1
    assert is_ball(power(Fraction(2), Fraction(3, 10**12)))
    assert power(Fraction(2**40), Fraction(1, 40)) == 2
