"""Conditions on data: what the kernel proves of piecewise terms, what it must not, and mutants of each rule."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

import pytest

from verifier.kernel import Kernel, conditions, implied, positivity
from verifier.kernel.data import Poly
from verifier.terms.index import Guard, Holds, Not, Var
from verifier.terms.known import call
from verifier.terms.sizes import Bounds, Size
from verifier.terms.sorts import Range
from verifier.terms.syntax import (
    ZERO,
    Condition,
    Equation,
    If,
    Power,
    Symbol,
    Term,
    add,
    div,
    mul,
    neg,
    num,
    power,
    read,
    sub,
    total,
)

x, y, z = (read(Symbol(n)) for n in "xyz")
N = Range(Size.symbol("n"))
i = Var("i", N)
v = read(Symbol("v", (N,)), i)
HALF = Fraction(1, 2)


def above(a: Term, b: Term = ZERO) -> Guard:
    return Holds(">", sub(a, b))


def same(a: Term, b: Term = ZERO) -> Guard:
    return Holds("==", sub(a, b))


def greatest(a: Term, b: Term) -> Term:
    return mul(num(HALF), add(a, b, call("abs", sub(a, b))))


def root(t: Term) -> Term:
    return Power(t, HALF)


def proved(left: Term, right: Term, facts: tuple[Condition, ...] = ()) -> bool:
    return Kernel({}, Bounds.of({"n": 1}), facts=facts).equal(Equation((), left, right)).proved


def absolute(t: Term) -> Term:
    return call("abs", t)


EQUAL = {
    "square of abs": (power(absolute(x), 2), power(x, 2)),
    "x sign x": (mul(x, call("sign", x)), absolute(x)),
    "root of a square": (root(power(x, 2)), absolute(x)),
    "root of a square of a sum": (root(power(sub(x, y), 2)), absolute(sub(y, x))),
    "root of a common square": (
        root(add(power(x, 2), mul(power(x, 2), power(y, 2)))),
        mul(absolute(x), root(add(num(1), power(y, 2)))),
    ),
    "fourth root of a fourth power": (root(power(x, 4)), power(x, 2)),
    "abs of a product": (absolute(mul(x, y)), mul(absolute(x), absolute(y))),
    "max and min": (
        greatest(x, y),
        neg(mul(num(HALF), add(neg(x), neg(y), neg(absolute(sub(neg(x), neg(y))))))),
    ),
    "max of three": (greatest(greatest(x, y), z), greatest(x, greatest(z, y))),
    "max of bounds": (greatest(greatest(x, num(2)), num(5)), greatest(x, num(5))),
    "relu": (sub(call("relu", x), call("relu", neg(x))), x),
    "exp is monotone": (call("sign", sub(call("exp", x), call("exp", y))), call("sign", sub(x, y))),
    "sign of tanh": (call("sign", call("tanh", x)), call("sign", x)),
    "sign of a shifted sigmoid": (call("sign", sub(call("sigmoid", x), num(HALF))), call("sign", x)),
    "where equal": (If(same(x, y), x, z), If(same(x, y), y, z)),
    "where equal, inside": (If(same(x, y), call("exp", x), z), If(same(x, y), call("exp", y), z)),
    "a denominator under a guard": (
        If(above(x), power(x, -1), num(0)),
        If(above(x), mul(x, power(x, -2)), num(0)),
    ),
    "guards in another order": (
        If(above(x), If(above(y), x, y), z),
        If(above(y), If(above(x), x, z), If(Not(above(x)), z, y)),
    ),
    "entry by entry": (
        total([i], If(above(v), v, num(0))),
        mul(num(HALF), add(total([i], v), total([i], absolute(v)))),
    ),
    "a let's guard": (If(above(If(above(x), x, mul(num(2), x))), y, z), If(above(x), y, z)),
}


@pytest.mark.parametrize("name", EQUAL)
def test_equal(name: str) -> None:
    assert proved(*EQUAL[name])


DIFFERENT = {
    "root of a square": (root(power(x, 2)), x),
    "edge": (If(above(x), y, z), If(Holds(">=", x), y, z)),
    "side": (If(above(x), y, z), If(above(neg(x)), z, y)),
    "shift": (call("sign", add(x, num(1))), call("sign", x)),
    "sign at 0": (power(call("sign", x), 2), num(1)),
    "scale": (call("sign", mul(y, x)), call("sign", x)),
    "root of a product": (root(mul(power(x, 2), y)), mul(x, root(y))),
    "sum of signs": (total([i], call("sign", v)), call("sign", total([i], v))),
    "another index": (total([i], If(above(v), num(1), num(0))), total([i], If(above(x), num(1), num(0)))),
}


@pytest.mark.parametrize("name", DIFFERENT)
def test_different(name: str) -> None:
    assert not proved(*DIFFERENT[name])


def test_facts_decide() -> None:
    positive, nonzero = (Condition(r, x) for r in (">", "!="))
    assert proved(absolute(x), x, (positive,))
    assert not proved(absolute(x), x, (nonzero,))
    assert proved(power(call("sign", x), 2), num(1), (nonzero,))
    ordered = Condition(">", sub(y, x))
    assert proved(If(above(z, y), If(above(z, x), num(1), num(2)), num(3)), If(above(z, y), num(1), num(3)), (ordered,))
    every = Condition("!=", v, (i,))
    assert proved(total([i], If(same(v), num(1), num(0))), num(0), (every,))
    guarded = Condition("!=", sub(x, y), (), (above(x),))
    inside = If(above(x), If(same(x, y), z, num(0)), num(0))
    assert proved(inside, num(0), (guarded,)) and not proved(If(same(x, y), z, num(0)), num(0), (guarded,))


def test_a_fact_about_one_part_holds_nowhere_else() -> None:
    """What a case split relies on is forgotten after it, also where it gives up."""
    kernel = Kernel({})
    assert not kernel.equal(Equation((), If(above(x), y, z), If(above(x), y, add(z, absolute(x))))).proved
    assert not kernel.algebra.facts and not kernel.algebra.region and not kernel.algebra.pointwise
    assert not kernel.equal(Equation((), absolute(x), x)).proved


Change = Callable[[pytest.MonkeyPatch], None]


def _always_positive(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(positivity, "_sum", lambda k, p: frozenset({1}))


def _signs_of_products_forgotten(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(conditions, "_factor", lambda k, h, ix, e: ({((), ()): 1}, {}))


def _edges_dropped(patch: pytest.MonkeyPatch) -> None:
    true = conditions.split

    def split(k: object, p: Poly) -> tuple[Poly, Poly]:
        return true(k, p)[0], {}  # type: ignore[arg-type]

    patch.setattr(conditions, "split", split)


def _shift_forgotten(patch: pytest.MonkeyPatch) -> None:
    true = conditions._atoms
    patch.setattr(conditions, "_atoms", lambda k, p: true(k, {m: c for m, c in p.items() if m != ((), ())} or p))


def _follows_always(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(implied, "signs", lambda k, p, facts=(): frozenset({1}))


MUTANTS: dict[str, tuple[Change, Term, Term]] = {
    "signs: everything is positive": (_always_positive, *DIFFERENT["root of a square"]),
    "split: factors have no sign": (_signs_of_products_forgotten, *DIFFERENT["scale"]),
    "split: nothing is 0": (_edges_dropped, *DIFFERENT["edge"]),
    "split: constants are forgotten": (_shift_forgotten, *DIFFERENT["shift"]),
    "implied: every condition follows from another": (
        _follows_always,
        If(above(x), If(above(add(x, y)), z, num(0)), num(0)),
        If(above(add(x, y)), z, num(0)),
    ),
}


@pytest.mark.parametrize("name", MUTANTS)
def test_mutants_prove_what_is_false(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The false equations above are there for a rule each: without the rule's condition they are proved."""
    change, left, right = MUTANTS[name]
    assert not proved(left, right)
    change(monkeypatch)
    assert proved(left, right)


def test_the_quotient_of_a_number_by_its_size() -> None:
    assert proved(div(x, absolute(x)), call("sign", x), (Condition("!=", x),))
