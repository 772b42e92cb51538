"""Sizes with least values, definedness as written, and signs: what conditions are discharged with."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from verifier.terms.definedness import of_term, of_terms
from verifier.terms.index import Compare, Var, combine
from verifier.terms.known import call
from verifier.terms.signs import SignTable
from verifier.terms.sizes import Bounds, Size
from verifier.terms.sorts import Range
from verifier.terms.syntax import (
    ONE,
    ZERO,
    Condition,
    If,
    Let,
    Mul,
    Power,
    Read,
    SizeOf,
    Symbol,
    Term,
    Total,
    add,
    div,
    mul,
    neg,
    num,
    power,
    read,
    sub,
)

n, m = Size.symbol("n"), Size.symbol("m")
BOUNDS = Bounds.of({"n": 1, "m": 0})
N = Range(n)
i, j = Var("i", N), Var("j", N)
A = Symbol("a", (N,))
x, y = read(Symbol("x")), read(Symbol("y"))
POSITIVE = Condition(">", x)

sizes = st.lists(
    st.tuples(st.sampled_from([(), ("n",), ("m",), ("m", "n"), ("n", "n")]), st.integers(-3, 3)), max_size=4
)


def size(rows: list[tuple[tuple[str, ...], int]]) -> Size:
    total = Size.number(0)
    for monomial, c in rows:
        term = Size.number(c)
        for s in monomial:
            term = term * Size.symbol(s)
        total = total + term
    return total


@given(sizes, sizes, st.integers(1, 4), st.integers(0, 4))
@settings(max_examples=200, deadline=None)
def test_sizes_are_polynomials(a: list, b: list, p: int, q: int) -> None:  # type: ignore[type-arg]
    at = {"n": p, "m": q}
    s, t = size(a), size(b)
    assert (s + t).value(at) == s.value(at) + t.value(at)
    assert (s * t).value(at) == s.value(at) * t.value(at)
    assert (s - t == Size.number(0)) == (s == t)


@given(sizes)
@settings(max_examples=300, deadline=None)
def test_a_size_that_is_said_to_be_nonnegative_is(rows: list) -> None:  # type: ignore[type-arg]
    if BOUNDS.nonnegative(size(rows)):
        assert all(size(rows).value({"n": p, "m": q}) >= 0 for p in range(1, 6) for q in range(6))


@pytest.mark.parametrize(
    ("t", "conditions"),
    [
        (div(x, x), [("!=", x)]),
        (mul(ZERO, div(ONE, x)), [("!=", x)]),  # 0/x is not 0 where x is 0
        (power(x, Fraction(1, 2)), [(">=", x)]),
        (power(x, Fraction(-1, 2)), [(">", x)]),
        (Power(x, Fraction(0)), []),
        (power(power(x, 2), Fraction(1, 2)), [(">=", power(x, 2))]),
        (call("log", sub(x, y)), [(">", sub(x, y))]),
        (call("exp", div(x, y)), [("!=", y)]),
        (Mul((power(x, -1), power(x, 1))), [("!=", x)]),
    ],
)
def test_conditions_of_terms_as_written(t: Term, conditions: list[tuple[str, Term]]) -> None:
    assert [(c.relation, c.subject) for c in of_term(t)] == conditions


def test_conditions_are_quantified_and_guarded() -> None:
    guard = Compare(">=", combine(i, j, -1))
    t = Total((i,), If(guard, div(ONE, Read(A, (i,))), ZERO))
    (c,) = (c for c in of_term(t, (j,)) if c.reason != "an extent")
    assert c.indices == (j, i) and c.guards == (guard,) and c.subject == Read(A, (i,))


def test_lets_are_defined_at_all_entries() -> None:
    let = Let(Symbol("h", (N,)), (i,), div(ONE, Read(A, (i,))))
    found = of_terms([If(Compare("==", i), Read(let.symbol, (i,)), ZERO)], {"h": let})
    (c,) = (c for c in found if c.reason != "an extent")
    assert c.relation == "!=" and c.indices == (i,) and c.guards == ()


@pytest.mark.parametrize(
    ("t", "relation", "follows"),
    [
        (x, ">", True),
        (y, ">", False),
        (power(y, 2), ">=", True),
        (power(y, 2), "!=", False),
        (add(power(y, 2), x), ">", True),
        (add(power(y, 2), y), ">=", False),
        (call("exp", y), "!=", True),
        (Total((i,), call("exp", Read(A, (i,)))), ">", True),
        (neg(x), "!=", True),
        (mul(x, y), "!=", False),
        (sub(x, num(1)), ">", False),
        (div(ONE, x), ">", True),
        (call("log", num(10)), ">", True),
        (call("log", num(1)), "!=", False),
        (call("log", add(x, ONE)), ">", True),
        (call("log", x), "!=", False),
    ],
)
def test_signs(t: Term, relation: str, follows: bool) -> None:
    assert SignTable({}, BOUNDS, [POSITIVE]).implies(Condition(relation, t)) == follows


def test_a_sum_over_a_range_that_may_be_empty_may_be_0() -> None:
    k = Var("k", Range(m))
    t = Total((k,), call("exp", read(Symbol("b", (Range(m),)), k)))
    table = SignTable({}, BOUNDS, [])
    assert table.implies(Condition(">=", t))
    assert not table.implies(Condition("!=", t))


UNIT = [Condition(">", x), Condition(">", sub(num(1), x)), Condition(">=", y), Condition(">=", sub(num(2), y))]


@pytest.mark.parametrize(
    ("t", "signs"),
    [
        (sub(num(1), mul(x, x)), {1}),
        (sub(num(2), y), {0, 1}),
        (sub(num(2), mul(x, y)), {1}),
        (sub(mul(x, y), num(2)), {-1}),
        (add(call("tanh", read(Symbol("u"))), num(1)), {1}),
        (sub(call("sin", read(Symbol("u"))), num(1)), {-1, 0}),
        (sub(num(1), mul(x, read(Symbol("u")))), {-1, 0, 1}),
        (sub(num(4), power(y, 2)), {0, 1}),
        (sub(x, num(1)), {-1}),
        (sub(num(1), neg(x)), {1}),
    ],
)
def test_signs_by_ranges(t: Term, signs: set[int]) -> None:
    """Exact here; and a superset of the truth at sample points, which are drawn from the ranges."""
    table = SignTable({}, BOUNDS, UNIT)
    assert table.of(t) == signs


@given(st.fractions(0, 1), st.fractions(0, 2), st.integers(-3, 3), st.integers(-2, 2), st.integers(-2, 2))
@settings(max_examples=300, deadline=None)
def test_ranges_hold_at_every_point(p: Fraction, q: Fraction, a: int, b: int, c: int) -> None:
    if not 0 < p < 1:
        return
    t = add(num(a), mul(num(b), x, power(y, 2)), mul(num(c), power(x, 2)))
    value = a + b * p * q**2 + c * p**2
    assert ((value > 0) - (value < 0)) in SignTable({}, BOUNDS, UNIT).of(t)


def test_sizes_with_few_values() -> None:
    bounds = Bounds.of({"t": 1, "n": 1}, {"t": 6})
    t, n = Size.symbol("t"), Size.symbol("n")
    assert list(bounds.values("t") or ()) == [1, 2, 3, 4, 5, 6]
    assert bounds.values("n") is None
    assert bounds.between(3 - 2 * t) == (-9, 1)
    assert bounds.between(t + n) is None
    assert bounds.nonnegative(6 - t)
    assert not bounds.nonnegative(5 - t)


@pytest.mark.parametrize(
    ("least", "t", "signs"),
    [
        (2, sub(SizeOf(n), ONE), {1}),
        (1, sub(SizeOf(n), ONE), {0, 1}),
        (2, sub(ONE, SizeOf(n)), {-1}),
        (2, sub(mul(SizeOf(n), SizeOf(n)), num(3)), {1}),
        (2, sub(mul(num(Fraction(1, 2)), SizeOf(n)), num(Fraction(1, 3))), {1}),
        (2, sub(SizeOf(n), num(3)), {-1, 0, 1}),
        (2, sub(mul(num(2), SizeOf(n)), num(5)), {-1, 0, 1}),
    ],
)
def test_signs_of_counts(least: int, t: Term, signs: set[int]) -> None:
    """n - 1 is positive where n >= 2, and not where n >= 1."""
    assert SignTable({}, Bounds.of({"n": least}), []).of(t) == signs


@given(sizes, st.booleans())
@settings(max_examples=200, deadline=None)
def test_the_sign_of_a_sum_of_sizes_is_among_those_found(rows: list, apart: bool) -> None:  # type: ignore[type-arg]
    parts = [mul(num(c), *(SizeOf(Size.symbol(s)) for s in monomial)) for monomial, c in rows]
    t = add(*parts) if apart else SizeOf(size(rows))
    found = SignTable({}, BOUNDS, []).of(t)
    values = [size(rows).value({"n": p, "m": q}) for p in range(1, 6) for q in range(6)]
    assert {(v > 0) - (v < 0) for v in values} <= found
