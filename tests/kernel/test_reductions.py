"""Rules for one-hots, greatest values and products: what they prove, what they must not, and mutants of them."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

import pytest

import verifier.kernel.conditions as conditions
import verifier.kernel.extremes as extremes
import verifier.kernel.onehot as onehot
import verifier.kernel.powers as powers
import verifier.kernel.rules as rules
from verifier.kernel import Kernel
from verifier.kernel.data import Poly
from verifier.terms.choice import taken, tie
from verifier.terms.index import Affine, Compare, Guard, Holds, Index, Lookup, Not, Same, Var, combine
from verifier.terms.known import call
from verifier.terms.sizes import Bounds, Size
from verifier.terms.sorts import Fin, Range
from verifier.terms.syntax import (
    ONE,
    ZERO,
    Condition,
    Equation,
    Extreme,
    If,
    IndexOf,
    Let,
    Prod,
    Read,
    SizeOf,
    Symbol,
    Term,
    Total,
    Where,
    add,
    always,
    div,
    mul,
    neg,
    num,
    power,
    sub,
)

N, V, K0 = Range(Size.symbol("n")), Range(Size.symbol("v")), Range(Size.symbol("k"))  # n, v >= 1, k >= 0
BOUNDS = Bounds.of({"n": 1, "v": 1, "k": 0})
i, j, m = (Var(name, N) for name in "ijm")
v, w = (Var(name, V) for name in "vw")
X, Y, T, E = Symbol("x", (N,)), Symbol("y", (V,)), Symbol("t", (N,), Fin(V.size)), Symbol("e", (K0,))
A = Read(Symbol("a"))
P = Symbol("p", (V,))  # p > 0


def x(k: Index) -> Term:
    return Read(X, (k,))


def y(k: Index) -> Term:
    return Read(Y, (k,))


def t(k: Index) -> Lookup:
    return Lookup(T, (k,))


def is_(k: Index, value: Index, then: Term) -> Term:
    return If(Compare("==", combine(t(k), value, -1)), then, ZERO)


def biggest(body: Callable[[Index], Term] = x, guard: Guard | None = None) -> Extreme:
    return Extreme("max", (j,), guard or always(), body(j))


def others(at: Var, body: Callable[[Index], Term] = x) -> Term:
    return Prod((j,), If(Not(Same(j, at)), body(j), ONE))


def exp(s: Term) -> Term:
    return call("exp", s)


ONCE = (tie(biggest(), (m,)),)
UP = Compare(">=", combine(i, j, -1))


def proved(
    left: Term, right: Term, facts: tuple[Condition, ...] = (), lets: dict[str, Let] | None = None, free: tuple = (i, v)
) -> bool:
    kernel = Kernel(lets or {}, BOUNDS, positive=["p"], facts=facts)
    return kernel.equal(Equation(free, left, right)).proved


top = biggest()
IDENTITIES: dict[str, tuple[Term, Term, tuple[Condition, ...]]] = {
    "a read is a sum with the one-hot": (y(t(i)), Total((w,), is_(i, w, y(w))), ()),
    "a one-hot sums to 1": (Total((w,), is_(i, w, A)), A, ()),
    "a one-hot is its square": (is_(i, v, is_(i, v, A)), is_(i, v, A), ()),
    "two values exclude each other": (
        Total((v, w), mul(is_(i, v, y(v)), is_(i, w, y(w)))),
        Total((w,), is_(i, w, power(y(w), 2))),
        (),
    ),
    "a scatter and a gather": (
        Total((v,), mul(y(v), Total((i,), is_(i, v, x(i))))),
        Total((i,), mul(x(i), y(t(i)))),
        (),
    ),
    "a function of what is read": (exp(y(t(i))), Total((w,), is_(i, w, exp(y(w)))), ()),
    "a denominator that is read": (div(ONE, Read(P, (t(i),))), Total((w,), is_(i, w, div(ONE, Read(P, (w,))))), ()),
    "an entry as a number": (Read(T, (i,)), IndexOf(t(i)), ()),
    "a condition on what is read": (
        If(Holds(">", y(t(i))), A, ZERO),
        Total((w,), is_(i, w, If(Holds(">", y(w)), A, ZERO))),
        (),
    ),
    "the name of the index": (biggest(), Extreme("max", (m,), always(), x(m)), ()),
    "what does not depend on it": (biggest(lambda k: add(x(k), A)), add(top, A), ()),
    "a positive factor": (biggest(lambda k: mul(num(3), x(k))), mul(num(3), top), ()),
    "a positive factor by name": (biggest(lambda k: mul(Read(P, (v,)), x(k))), mul(Read(P, (v,)), top), ()),
    "min and max": (Extreme("min", (j,), always(), x(j)), neg(biggest(lambda k: neg(x(k)))), ()),
    "with a filter too": (biggest(lambda k: add(x(k), A), UP), add(biggest(x, UP), A), ()),
    "nothing is greater": (If(Holds(">", sub(x(i), top)), A, ZERO), ZERO, ()),
    "the index as a number": (
        Where("max", (j,), always(), add(x(j), A)),
        Total((m,), If(taken(top, (m,)), IndexOf(m), ZERO)),
        (),
    ),
    "the index is one": (Total((m,), If(taken(top, (m,)), A, ZERO)), A, ()),
    "taken once, it is where the value is": (
        If(Holds("==", sub(x(i), top)), A, ZERO),
        If(taken(top, (i,)), A, ZERO),
        ONCE,
    ),
    "taken once, one entry has the value": (Total((m,), If(Holds("==", sub(x(m), top)), A, ZERO)), A, ONCE),
    "a softmax does not see the maximum": (
        div(exp(sub(x(i), top)), Total((m,), exp(sub(x(m), top)))),
        div(exp(x(i)), Total((m,), exp(x(m)))),
        (),
    ),
    "a product and its others": (Prod((j,), x(j)), mul(x(i), others(i)), ()),
    "of a sum": (Prod((j,), add(x(j), A)), mul(add(x(i), A), others(i, lambda k: add(x(k), A))), ()),
    "divided": (div(mul(A, Prod((j,), x(j))), x(i)), mul(A, others(i)), ()),
    "the derivative of its logarithm": (div(others(i), Prod((j,), x(j))), div(ONE, x(i)), ()),
    "factor by factor": (
        Prod((j,), mul(x(j), x(j), exp(x(j)))),
        mul(power(Prod((j,), x(j)), 2), exp(Total((j,), x(j)))),
        (),
    ),
    "of ones": (Prod((j,), ONE), ONE, ()),
    "up to i": (
        Prod((j,), If(UP, x(j), ONE)),
        mul(x(i), Prod((j,), If(UP, If(Not(Same(j, i)), x(j), ONE), ONE))),
        (),
    ),
}
DIFFERENT: dict[str, tuple[Term, Term, tuple[Condition, ...]]] = {
    "two reads": (y(t(i)), y(v), ()),
    "a one-hot over what may be empty": (Total((Var("k", K0),), ONE), ONE, ()),
    "values of two entries": (Total((i,), is_(i, v, ONE)), ONE, ()),
    "a negative factor": (biggest(lambda k: mul(num(-3), x(k))), mul(num(-3), top), ()),
    "a factor of unknown sign": (biggest(lambda k: mul(A, x(k))), mul(A, top), ()),
    "a filter is dropped": (biggest(x, UP), top, ()),
    "a tie": (If(Holds("==", sub(x(i), top)), A, ZERO), If(taken(top, (i,)), A, ZERO), ()),
    "how often the value is taken": (Total((m,), If(Holds("==", sub(x(m), top)), A, ZERO)), A, ()),
    "once of something else": (
        If(Holds("==", sub(x(i), top)), A, ZERO),
        If(taken(top, (i,)), A, ZERO),
        (tie(biggest(lambda k: mul(x(k), x(k))), (m,)),),
    ),
    "a product over nothing of what may be 0": (Prod((j,), x(j)), others(i), ()),
    "up to i and over all": (Prod((j,), If(UP, x(j), ONE)), Prod((j,), x(j)), ()),
    "a constant factor": (Prod((j,), mul(num(2), x(j))), mul(num(2), Prod((j,), x(j))), ()),
    "a product of sums": (Prod((j,), add(x(j), A)), add(Prod((j,), x(j)), A), ()),
    "a sum for a product": (Prod((j,), x(j)), Total((j,), x(j)), ()),
    "the last index": (IndexOf(i), SizeOf(N.size - 1), ()),
}


@pytest.mark.parametrize("name", IDENTITIES)
def test_what_is_proved(name: str) -> None:
    left, right, facts = IDENTITIES[name]
    assert proved(left, right, facts)


@pytest.mark.parametrize("name", DIFFERENT)
def test_what_is_not(name: str) -> None:
    left, right, facts = DIFFERENT[name]
    assert not proved(left, right, facts)


def test_an_index_of_a_let_is_looked_through() -> None:
    am = Symbol("am", (), Fin(N.size))
    lets = {"am": Let(am, (), Where("max", (j,), always(), x(j)))}
    left = If(Compare("==", combine(Lookup(am, ()), i, -1)), A, ZERO)
    assert proved(left, If(taken(top, (i,)), A, ZERO), (), lets)
    assert proved(x(Lookup(am, ())), Total((m,), If(taken(top, (m,)), x(m), ZERO)), (), lets)


def test_a_least_value_of_a_tensor_leaves_out_the_smaller_ones() -> None:
    first = Affine((), Size.number(0))
    left = If(Not(Compare("==", combine(t(i), first, -1))), is_(i, v, A), ZERO)
    fact = Condition(">=", sub(Read(T, (j,)), ONE), (j,))
    assert proved(left, is_(i, v, A), (fact,))
    assert not proved(left, is_(i, v, A))


@pytest.mark.parametrize(
    ("rule", "name"),
    [
        ("on_onehots", "a one-hot sums to 1"),
        ("on_onehots", "two values exclude each other"),
        ("on_products", "a product and its others"),
        ("on_products", "divided"),
    ],
)
def test_without_the_rule_it_is_not_proved(rule: str, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rules, "RULES", tuple(row for row in rules.RULES if row[0].__name__ != rule))
    assert len(rules.RULES) == 13
    left, right, facts = IDENTITIES[name]
    assert not proved(left, right, facts)


# ---- mutants: each makes the kernel prove something false


def _any_sign(true: Callable) -> Callable:  # type: ignore[type-arg]
    return lambda k, p, any_sign: true(k, p, any_sign=True)


def test_mutant_factors_of_any_sign_leave_a_greatest_value(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(powers, "factored", _any_sign(powers.factored))
    left, right, _ = DIFFERENT["a factor of unknown sign"]
    assert proved(left, right)


def test_mutant_every_greatest_value_is_taken_once(monkeypatch: pytest.MonkeyPatch) -> None:
    true = Kernel.__init__

    class All(set):  # type: ignore[type-arg]
        def __contains__(self, key: object) -> bool:
            return True

    def planted(self: Kernel, *given: object, **named: object) -> None:
        true(self, *given, **named)  # type: ignore[arg-type]
        self.algebra.unique = All()

    monkeypatch.setattr(Kernel, "__init__", planted)
    left, right, _ = DIFFERENT["a tie"]
    assert proved(left, right)


def test_mutant_filters_are_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    true = extremes._raw
    monkeypatch.setattr(
        extremes,
        "_raw",
        lambda k, name, outputs, bound, guard, body: true(k, name, outputs, bound, {((), ()): 1}, body),
    )
    for name in ("a filter is dropped", "up to i and over all"):
        left, right, _ = DIFFERENT[name]
        assert proved(left, right)


def test_mutant_numbers_leave_a_product_once(monkeypatch: pytest.MonkeyPatch) -> None:
    true = extremes._product

    def planted(k, bound, guard, body):  # type: ignore[no-untyped-def]
        if len(body) == 1:
            ((mono, c),) = body.items()
            value: Poly = true(k, bound, guard, {mono: 1})
            return {key: c * d for key, d in value.items()}
        return true(k, bound, guard, body)

    monkeypatch.setattr(extremes, "_product", planted)
    left, right, _ = DIFFERENT["a constant factor"]
    assert proved(left, right)


def test_mutant_a_one_hot_has_its_value_everywhere(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(onehot, "apart", lambda h, ix: ((ix[-1],), ()))
    left, right = Total((v,), mul(is_(i, v, y(v)), is_(j, v, ONE))), y(t(i))
    assert proved(left, right, free=(i, j))
    monkeypatch.undo()
    assert not proved(left, right, free=(i, j))


def test_mutant_the_sign_of_what_is_below_a_maximum(monkeypatch: pytest.MonkeyPatch) -> None:
    true = extremes.against

    def planted(k, p):  # type: ignore[no-untyped-def]
        found = true(k, p)
        return found and (-found[0], found[1], found[2])

    monkeypatch.setattr(conditions, "against", planted)
    assert proved(If(Holds(">", sub(top, x(i))), A, ZERO), ZERO)
    monkeypatch.undo()
    assert not proved(If(Holds(">", sub(top, x(i))), A, ZERO), ZERO)


def test_numbers_and_positions_agree() -> None:
    one = Affine((), Size.number(1))
    below = Compare(">=", combine(combine(i, j, -1), one, -1))
    assert proved(If(Holds(">", sub(IndexOf(i), IndexOf(j))), A, ZERO), If(below, A, ZERO), free=(i, j))
    assert proved(IndexOf(combine(combine(i, i), one)), add(mul(num(2), IndexOf(i)), num(Fraction(1))))


# ---- few values


FEW_VALUES = Bounds.of({"n": 1, "v": 1, "s": 0}, {"s": 2})
S0, F3 = Size.symbol("s"), Symbol("f", (), Fin(Size.number(3)))


def at_size(value: int, then: Term, other: Term) -> Term:
    return If(Compare("==", Affine((), S0 - value)), then, other)


def at_entry(value: int, then: Term, other: Term) -> Term:
    return If(Compare("==", combine(Lookup(F3, ()), Affine((), Size.number(value)), -1)), then, other)


@pytest.mark.parametrize("case", [at_size, at_entry])
def test_a_number_of_few_values_is_one_of_them(case: Callable[[int, Term, Term], Term]) -> None:
    kernel = Kernel({}, FEW_VALUES)
    own = SizeOf(S0) if case is at_size else Read(F3)
    powers_ = case(0, ONE, case(1, A, power(A, 2)))
    for left, right in (
        (case(2, A, ZERO), case(0, ZERO, case(1, ZERO, A))),
        (mul(own, power(A, 2)), case(0, ZERO, case(1, power(A, 2), mul(num(2), power(A, 2))))),
        (mul(powers_, powers_), case(0, ONE, case(1, power(A, 2), power(A, 4)))),
        (case(1, case(2, A, ZERO), ZERO), ZERO),
    ):
        assert kernel.equal(Equation((), left, right)).proved, (left, right)
    assert not kernel.equal(Equation((), powers_, power(A, 2))).proved
    assert (
        not Kernel({}, Bounds.of({"s": 0}))
        .equal(Equation((), at_size(2, A, ZERO), at_size(0, ZERO, at_size(1, ZERO, A))))
        .proved
    )
