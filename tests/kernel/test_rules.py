"""Every rule of the kernel: an equation that needs it, and a mutant of it that some false equation gets past."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

import pytest

import verifier.kernel.brackets as brackets
import verifier.kernel.functions as functions
import verifier.kernel.hypotheses as hypotheses
import verifier.kernel.lets as lets_room
import verifier.kernel.powers as powers
import verifier.kernel.rules as rules
import verifier.kernel.translate as translate
from verifier.kernel import Kernel
from verifier.kernel.algebra import Algebra
from verifier.terms.index import Affine, And, Compare, Holds, Lookup, Not, Same, Var, combine
from verifier.terms.known import call
from verifier.terms.sizes import Bounds, Size
from verifier.terms.sorts import REAL, Fin, Range
from verifier.terms.syntax import (
    ONE,
    ZERO,
    Abstraction,
    Call,
    Condition,
    Equation,
    Extreme,
    Function,
    If,
    Let,
    Pointwise,
    Power,
    Prod,
    Read,
    Schematic,
    SizeOf,
    Symbol,
    Term,
    Total,
    Where,
    add,
    div,
    mul,
    neg,
    num,
    power,
    read,
    sub,
)

N, K0 = Range(Size.symbol("n")), Range(Size.symbol("k"))  # n >= 1, k >= 0
BOUNDS = Bounds.of({"n": 1, "k": 0})
i, j, l = (Var(name, N) for name in "ijl")  # noqa: E741
A, B, X = Symbol("a", (N,)), Symbol("b", (N,)), Symbol("X", (N, N))
x, y, p = read(Symbol("x")), read(Symbol("y")), read(Symbol("p"))  # p > 0
a, b = (lambda v: read(A, v)), (lambda v: read(B, v))
C = Function("c", (((N,), REAL),), (N,), REAL, frozenset({"smooth"}))
E2 = Function("e", (((), REAL), ((), REAL)), (), REAL)
F2 = Function("f", (((), REAL), ((), REAL)), (), REAL)
HALF = Fraction(1, 2)
POSITIVE = Function("g", (((), REAL),), (), REAL, frozenset({"positive"}))
T = Symbol("t", (N,), Fin(N.size))
ONE_ON = Affine((), Size.number(1))


def c(out: Var, bound: Var, body: Term) -> Term:
    return Call(C, (Abstraction((bound,), body),), (out,))


def two(f: Function, s: Term, t: Term) -> Term:
    return Call(f, (Abstraction((), s), Abstraction((), t)))


def total(v: Var, t: Term) -> Term:
    return Total((v,), t)


def delta(u: Var, v: Var, t: Term) -> Term:
    return If(Same(u, v), t, ZERO)


SUM_B = total(j, read(B, j))
S = Symbol("s", (N,))
Z = [Symbol(n) for n in "uvw"]
INVERSE = Schematic("right", (Z[0], Z[1]), (), two(E2, Read(Z[0]), two(F2, Read(Z[0]), Read(Z[1]))), Read(Z[1]))
ROWS = Pointwise("rows", (i,), total(j, read(X, i, j)), ONE)


def proved(left: Term, right: Term, *, let: dict[str, Let] | None = None, **more: Any) -> bool:
    return Kernel(let or {}, BOUNDS, positive=("p",), **more).equal(Equation((i, l), left, right)).proved


# ---- what each rule is for: with the rule off, the equation is not proved

GAP = sub(a(i), a(l))
NEXT = Compare("==", combine(combine(i, l, -1), Affine((), Size.number(-1))))
NEEDED: dict[str, tuple[str, Term, Term, dict[str, Any]]] = {
    "squares of sin and cos": ("_circle", add(power(call("sin", x), 2), power(call("cos", x), 2)), ONE, {}),
    "a free delta renames": ("_free_delta", delta(i, l, a(i)), delta(i, l, a(l)), {}),
    "a denominator meets itself": ("_expand", mul(add(x, y), div(ONE, power(add(x, y), -1))), power(add(x, y), 2), {}),
    "an equation decides a guard": (
        "_implied",
        If(NEXT, If(Compare(">=", combine(i, l, -1)), x, ZERO), ZERO),
        If(NEXT, x, ZERO),
        {},
    ),
    "an index that is not used": ("_bound", total(j, x), mul(SizeOf(N.size), x), {}),
    "a leading monomial over its denominator": (
        "_reciprocal",
        div(add(x, y), add(x, y)),
        ONE,
        {},
    ),
    "partial fractions": (
        "_fractions",
        div(ONE, mul(p, add(ONE, p))),
        sub(div(ONE, p), div(ONE, add(ONE, p))),
        {},
    ),
    "a cube root of a cube": (
        "_cube",
        mul(power(call("cbrt", x), 4), y),
        mul(x, y, call("cbrt", x)),
        {},
    ),
    "roots of a number": (
        "_number",
        mul(power(num(2), HALF), power(num(8), HALF)),
        num(4),
        {},
    ),
    "an equation about data": ("_data", total(j, mul(y, read(X, i, j))), y, {"pointwise": [ROWS]}),
}


@pytest.mark.parametrize("name", NEEDED)
def test_what_a_rule_proves(name: str) -> None:
    _, left, right, more = NEEDED[name]
    assert proved(left, right, **more)


@pytest.mark.parametrize("name", [n for n, row in NEEDED.items() if row[0] != "_fractions"])
def test_without_the_rule_it_is_not_proved(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    rule, left, right, more = NEEDED[name]
    monkeypatch.setattr(rules, "RULES", tuple(row for row in rules.RULES if row[0].__name__ != rule))
    assert len(rules.RULES) == 13
    try:
        assert not proved(left, right, **more)
    except AssertionError:
        if rule not in ("_expand", "_reciprocal"):
            raise  # clearing denominators is a second way to these


# ---- identities that the kernel should know


H = Symbol("h", (N,))
LET = {"h": Let(H, (i,), add(a(i), ONE))}
m = Var("m", K0)
Q = read(Symbol("q", (K0,)), m)
IDENTITIES: dict[str, tuple[Term, Term, dict[str, Any]]] = {
    "sums commute": (total(i, total(j, read(X, i, j))), total(j, total(i, read(X, i, j))), {}),
    "a delta in a sum": (total(j, delta(i, j, a(j))), a(i), {}),
    "bound names": (c(i, j, a(j)), c(i, l, a(l)), {}),
    "a let is its body": (read(H, i), add(a(i), ONE), {"let": LET}),
    "a let in a function": (c(i, j, read(H, j)), c(i, j, add(a(j), ONE)), {"let": LET}),
    "exp of a sum": (call("exp", add(x, y)), mul(call("exp", x), call("exp", y)), {}),
    "log of a power": (call("log", power(p, 3)), mul(num(3), call("log", p)), {}),
    "softmax does not see a shift": (
        div(call("exp", add(a(i), x)), total(j, call("exp", add(a(j), x)))),
        div(call("exp", a(i)), total(j, call("exp", a(j)))),
        {},
    ),
    "a root of a square of something positive": (power(power(p, 2), HALF), p, {}),
    "a schematic hypothesis": (two(E2, x, two(F2, x, y)), y, {"schematic": [INVERSE]}),
    "a guarded denominator": (
        If(Not(Same(i, l)), div(mul(x, GAP), GAP), ZERO),
        If(Not(Same(i, l)), x, ZERO),
        {},
    ),
    "the cube root of a polynomial": (
        call(
            "cbrt",
            add(power(x, 3), mul(num(-6), power(x, 2), y), mul(num(12), x, power(y, 2)), mul(num(-8), power(y, 3))),
        ),
        sub(x, mul(num(2), y)),
        {},
    ),
    "log of a quotient": (
        call("log", div(add(ONE, p), add(p, power(p, 2)))),
        neg(call("log", p)),
        {},
    ),
    "a function at 0": (add(call("sin", sub(x, x)), call("cos", sub(x, x))), ONE, {}),
    "a sum that may be empty": (Total((m,), div(Q, x)), div(Total((m,), Q), x), {}),
    "a hypothesis below a function": (
        c(i, j, total(l, read(X, j, l))),
        c(i, j, ONE),
        {"pointwise": [ROWS]},
    ),
    "a sum, entry by entry": (
        total(j, call("exp", call("abs", a(j)))),
        total(j, If(Holds(">", a(j)), call("exp", a(j)), call("exp", neg(a(j))))),
        {},
    ),
    "a greatest value over one index": (Extreme("max", (j,), Same(j, i), a(j)), a(i), {}),
    "a product without one factor": (
        div(Prod((j,), a(j)), a(i)),
        Prod((j,), If(Not(Same(j, i)), a(j), ONE)),
        {},
    ),
    "a positive function": (
        power(power(Call(POSITIVE, (Abstraction((), x),)), 2), HALF),
        Call(POSITIVE, (Abstraction((), x),)),
        {},
    ),
    "a whole number looked up": (
        total(j, If(Same(j, Lookup(T, (i,))), a(j), ZERO)),
        read(A, Lookup(T, (i,))),
        {},
    ),
    "positions that are moved alike": (
        total(j, If(Same(combine(j, ONE_ON), combine(i, ONE_ON)), a(j), ZERO)),
        a(i),
        {},
    ),
    "one whole number of all": (total(j, If(Same(j, Lookup(T, (i,))), x, ZERO)), x, {}),
    "a fact decides a branch": (
        If(Holds(">", add(x, y)), x, y),
        x,
        {"facts": [Condition(">", x), Condition(">", y)]},
    ),
}


@pytest.mark.parametrize("name", IDENTITIES)
def test_identities(name: str) -> None:
    left, right, more = IDENTITIES[name]
    assert proved(left, right, **more)


# ---- false equations, and the mutants of the kernel that let them pass

Mutant = Callable[[pytest.MonkeyPatch], None]


def _off_by_one(patch: pytest.MonkeyPatch) -> None:
    true = brackets.least

    def least(linear: brackets.Form, const: Size, bounds: Bounds) -> Size | None:
        low = true(linear, const, bounds)
        return None if low is None else low + 1

    patch.setattr(brackets, "least", least)


def _any_common_factor(patch: pytest.MonkeyPatch) -> None:
    true = powers._common
    patch.setattr(powers, "_common", lambda k, p, any_sign: true(k, p, True))


def _every_head_is_positive(patch: pytest.MonkeyPatch) -> None:
    true = Algebra.head

    def head(self: Algebra, *given: Any, **named: Any) -> Any:
        found = true(self, *given, **named)
        found.positive = True
        return found

    patch.setattr(Algebra, "head", head)


def _no_guards(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(translate.Translator, "asked", lambda self, p: p)


def _binder_escapes(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(hypotheses, "free_indices", lambda p: set())


def _one_for_an_extent(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Algebra, "extent", lambda self, size: [(1, [], [])])


def _every_guard_of_a_size_holds(patch: pytest.MonkeyPatch) -> None:
    true = brackets.decided

    def decided(op: str, linear: Any, const: Any, bounds: Any) -> bool | None:
        return True if op == ">=" and not linear else true(op, linear, const, bounds)

    patch.setattr(brackets, "decided", decided)


def _outputs_forgotten(patch: pytest.MonkeyPatch) -> None:
    true = functions._orders
    patch.setattr(
        functions, "_orders", lambda n, by, rest, perms: [*true(n, by, rest, perms), tuple(reversed(range(n + rest)))]
    )


def _lets_read_anywhere(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(lets_room.LetTable, "read", lambda self, symbol, indices, parts: self.values[(symbol.name, parts)][1])


G = Symbol("g", (N, N))
GAPS = {"g": Let(G, (i, j), sub(a(i), a(j)))}
NESTED = Schematic(
    "nested",
    (Symbol("u", (N,)),),
    (i,),
    Call(C, (Abstraction((j,), Call(C, (Abstraction((l,), Read(Symbol("u", (N,)), (l,))),), (j,))),), (i,)),
    ZERO,
)
AFTER = Compare("==", combine(combine(j, i, -1), Affine((), Size.number(-1))))  # j == i + 1
BEFORE = Compare("==", combine(combine(j, i, -1), Affine((), Size.number(1))))  # j == i - 1
FALSE: dict[str, tuple[Term, Term, dict[str, Any], Mutant | None]] = {
    "i >= 1 is not always": (If(Compare(">=", combine(i, Affine((), Size.number(-1)))), x, ZERO), x, {}, _off_by_one),
    "sqrt(x^2 y^2) is not x y": (power(mul(power(x, 2), power(y, 2)), HALF), mul(x, y), {}, _every_head_is_positive),
    "sqrt(x^2 + x^2 y) is not x sqrt(1 + y)": (
        power(add(power(x, 2), mul(power(x, 2), y)), HALF),
        mul(x, power(add(ONE, y), HALF)),
        {},
        _any_common_factor,
    ),
    "log(x^2) is not 2 log x": (call("log", power(x, 2)), mul(num(2), call("log", x)), {}, _every_head_is_positive),
    "a sum of x is n x": (total(j, x), x, {}, _one_for_an_extent),
    "c has several outputs": (c(i, j, mul(a(j), a(l))), c(l, j, mul(a(j), a(i))), {}, _outputs_forgotten),
    "a let at another index": (
        read(H, i),
        read(H, l),
        {"let": LET},
        _lets_read_anywhere,
    ),
    "a size that may be 0": (
        mul(Total((m,), Q), If(Compare(">=", Affine((), Size.symbol("k") - 2)), ONE, ZERO)),
        Total((m,), Q),
        {},
        _every_guard_of_a_size_holds,
    ),
    "a variable that would hold a binder": (
        Call(C, (Abstraction((j,), Call(C, (Abstraction((l,), read(X, j, l)),), (j,))),), (i,)),
        ZERO,
        {"schematic": [NESTED]},
        _binder_escapes,
    ),
    "a guarded denominator says nothing elsewhere": (
        If(Same(i, l), div(x, sub(a(i), a(l))), x),
        x,
        {},
        None,
    ),
    "rows are not columns": (total(j, read(X, j, i)), ONE, {"pointwise": [ROWS]}, None),
    "the diagonal is no row": (total(j, read(X, j, j)), ONE, {"pointwise": [ROWS]}, None),
    "0/x is 0 only with a condition, and 1/0 is nothing": (power(sub(x, x), -1), ZERO, {}, None),
    "x^0 is 1, not x": (Power(x, Fraction(0)), x, {}, None),
    "sum of a product": (total(j, mul(a(j), b(j))), mul(total(j, a(j)), total(j, b(j))), {}, None),
    "exp of a product": (call("exp", mul(x, y)), mul(call("exp", x), call("exp", y)), {}, None),
    "a cube root of no cube": (call("cbrt", add(power(x, 3), power(y, 3))), add(x, y), {}, None),
    "neg is not nothing": (neg(x), x, {}, None),
    "a value of a function may be negative": (power(power(c(i, j, a(j)), 2), HALF), c(i, j, a(j)), {}, None),
    "a value of sin may be negative": (power(power(call("sin", x), 2), HALF), call("sin", x), {}, None),
    "a delta may miss the axis": (total(j, If(AFTER, ONE, ZERO)), ONE, {}, None),
    "a delta may miss the axis at its start": (total(j, If(BEFORE, ONE, ZERO)), ONE, {}, None),
    "the next index is not the one before": (If(AFTER, x, ZERO), If(BEFORE, x, ZERO), {}, None),
    "a greatest value is not always the first": (Where("max", (j,), And(()), a(j), 0), ZERO, {}, None),
    "a greatest value is no other one": (
        Where("max", (j,), And(()), a(j), 0),
        Where("max", (j,), And(()), read(B, j), 0),
        {},
        None,
    ),
    "a fact under two conditions is none under one": (
        If(Holds(">", y), power(power(x, 2), HALF), ZERO),
        If(Holds(">", y), x, ZERO),
        {"facts": [Condition(">", x, (), (Holds(">", y), Not(Holds(">", read(Symbol("z"))))))]},
        None,
    ),
    "a fact under a condition is none elsewhere": (
        power(power(x, 2), HALF),
        x,
        {"facts": [Condition(">", x, (), (Holds(">", y),))]},
        None,
    ),
    "a fact about one entry is none about another": (
        power(power(a(i), 2), HALF),
        a(i),
        {"facts": [Condition(">", a(l))]},
        None,
    ),
    "a fact about a column is none about another": (
        power(power(read(X, i, l), 2), HALF),
        read(X, i, l),
        {"facts": [Condition(">", Read(X, (i, Affine((), Size.number(0)))), (i,))]},
        None,
    ),
    "products of powers": (
        Prod((j,), power(add(a(j), ONE), -1)),
        power(add(Prod((j,), a(j)), ONE), -1),
        {},
        None,
    ),
}


@pytest.mark.parametrize("name", FALSE)
def test_false_equations_are_not_proved(name: str) -> None:
    left, right, more, _ = FALSE[name]
    assert not proved(left, right, **more)


@pytest.mark.parametrize("name", [n for n, row in FALSE.items() if row[3] is not None])
def test_mutants_of_the_kernel_prove_them(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    left, right, more, mutant = FALSE[name]
    assert mutant is not None  # the parametrisation keeps these only
    mutant(monkeypatch)
    assert proved(left, right, **more)


def test_fuel_is_deterministic_and_ends() -> None:
    big = power(add(x, y, p, total(j, a(j))), 12)
    outcomes = [Kernel({}, BOUNDS, fuel=200).equal(Equation((), big, ZERO)) for _ in range(2)]
    assert [o.proved for o in outcomes] == [False, False]
    assert outcomes[0].reason == outcomes[1].reason == "fuel"


def test_the_residue_is_what_is_left() -> None:
    outcome = Kernel({}, BOUNDS).equal(Equation((), add(mul(x, y), x), mul(x, y)))
    assert outcome.residue == x
