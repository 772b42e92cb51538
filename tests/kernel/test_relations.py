"""Relations of known functions, powers with exponents that vary, logarithms; inverses and symmetric data."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from random import Random

import pytest

from tests.kernel.replay import Meaning
from tests.kernel.test_log import follows, places
from verifier.evaluate.model import Model
from verifier.evaluate.numbers import Undecided, Undefined, differ
from verifier.kernel import Kernel, relations
from verifier.kernel.algebra import Algebra
from verifier.kernel.data import Head
from verifier.terms import known
from verifier.terms.composed import COMPOSED
from verifier.terms.index import Index, Same, Var
from verifier.terms.known import KNOWN, call
from verifier.terms.matrices import below, function
from verifier.terms.sizes import Size
from verifier.terms.sorts import Range
from verifier.terms.syntax import (
    ONE,
    ZERO,
    Abstraction,
    Call,
    Constant,
    Equation,
    If,
    Pointwise,
    Read,
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

x, y, a, b = (Read(Symbol(n)) for n in "xyab")
HALF, PI, E = Fraction(1, 2), Constant("pi"), Constant("e")
SIN, COS = call("sin", x), call("cos", x)


def composed(name: str, *arguments: Term) -> Term:
    return COMPOSED[name].at(*arguments)


def pow_(t: Term, e: Term) -> Term:
    return call("pow", t, e)


TRUE: dict[str, tuple[Term, Term]] = {
    "circle": (add(power(SIN, 2), power(COS, 2)), ONE),
    "a fourth power": (sub(power(SIN, 4), power(COS, 4)), sub(ONE, mul(num(2), power(COS, 2)))),
    "slope of tan": (add(ONE, power(composed("tan", x), 2)), power(COS, -2)),
    "cotangent": (div(power(COS, 2), power(SIN, 2)), sub(power(SIN, -2), ONE)),
    "both below": (div(ONE, mul(power(SIN, 2), power(COS, 2))), add(power(COS, -2), power(SIN, -2))),
    "hyperbola": (sub(power(call("cosh", x), 2), power(call("sinh", x), 2)), ONE),
    "odd": (call("sin", sub(x, y)), neg(call("sin", sub(y, x)))),
    "even": (call("cos", sub(x, y)), call("cos", sub(y, x))),
    "odd by its definition": (call("tanh", neg(x)), neg(call("tanh", x))),
    "erf and erfc": (add(composed("erfc", x), call("erf", x)), ONE),
    "erfc mirrored": (composed("erfc", neg(x)), add(ONE, call("erf", x))),
    "an inverse": (call("erf", call("erfinv", x)), x),
    "an inverse mirrored": (call("sin", call("asin", neg(x))), neg(x)),
    "cos of asin": (call("cos", call("asin", x)), power(sub(ONE, power(x, 2)), HALF)),
    "tan of atan": (composed("tan", call("atan", x)), x),
    "asin and acos": (add(call("asin", x), call("acos", x)), mul(num(HALF), PI)),
    "product of powers": (mul(pow_(x, a), pow_(x, b)), pow_(x, add(a, b))),
    "a power less": (pow_(x, sub(a, ONE)), div(pow_(x, a), x)),
    "power 0": (pow_(x, ZERO), ONE),
    "power 1": (pow_(x, ONE), x),
    "power of a product": (pow_(mul(x, y), a), mul(pow_(x, a), pow_(y, a))),
    "power of a power": (pow_(pow_(x, a), b), pow_(x, mul(a, b))),
    "power as exp": (call("exp", mul(a, call("log", x))), pow_(x, a)),
    "log of a power": (call("log", pow_(x, a)), mul(a, call("log", x))),
    "powers of numbers": (mul(pow_(num(2), x), pow_(num(3), x)), pow_(num(6), x)),
    "log of a number": (call("log", num(72)), add(mul(num(3), call("log", num(2))), mul(num(2), call("log", num(3))))),
    "log of a quotient of numbers": (call("log", num(Fraction(3, 2))), sub(call("log", num(3)), call("log", num(2)))),
    "log of a multiple": (call("log", mul(num(HALF), add(x, y))), sub(call("log", add(x, y)), call("log", num(2)))),
    "log of a root": (call("log", power(num(2), HALF)), mul(num(HALF), call("log", num(2)))),
    "log10": (composed("log10", x), div(call("log", x), call("log", num(10)))),
    "log of e": (call("log", E), ONE),
    "powers of e": (call("exp", num(2)), power(E, 2)),
    "a root of 8": (power(num(8), HALF), mul(num(2), power(num(2), HALF))),
    "roots inside": (call("erf", div(x, power(num(2), HALF))), call("erf", mul(num(HALF), power(num(2), HALF), x))),
    "roots of pi": (mul(power(div(num(2), PI), HALF), power(PI, HALF)), power(num(2), HALF)),
    "a value": (add(call("erf", ZERO), call("i0", ZERO), call("acosh", ONE)), ONE),
}
FALSE: dict[str, tuple[Term, Term]] = {
    "circle": (add(power(SIN, 2), power(COS, 2)), num(2)),
    "two angles": (add(power(call("cos", y), 2), power(SIN, 2)), ONE),
    "hyperbola": (add(power(SIN, 2), ONE), power(COS, 2)),
    "even": (call("cos", neg(x)), neg(COS)),
    "odd": (call("erf", neg(x)), call("erf", x)),
    "no inverse": (call("asin", SIN), x),
    "another inverse": (call("erf", call("asin", x)), x),
    "sum of powers": (add(pow_(x, a), pow_(x, b)), pow_(x, add(a, b))),
    "exponents": (pow_(pow_(x, a), b), pow_(x, add(a, b))),
    "log": (call("log", num(6)), mul(num(2), call("log", num(3)))),
    "log of a sum": (call("log", add(x, y)), add(call("log", x), call("log", y))),
    "a root": (power(num(2), Fraction(-1, 2)), power(num(2), HALF)),
}
MODEL = Model({}, {n: {(): v} for n, v in zip("xyab", map(Fraction, ("1/3", "3/5", "2/7", "5/4")), strict=True)}, {})


def kernel(**more: object) -> Kernel:
    return Kernel({}, positive=("x", "y"), **more)  # type: ignore[arg-type]


@pytest.mark.parametrize("name", TRUE)
def test_relations(name: str) -> None:
    left, right = TRUE[name]
    k = kernel()
    assert k.equal(Equation((), left, right)).proved
    meaning = Meaning(k.algebra.heads, MODEL)
    for lemma in k.algebra.lemmas:
        assert follows(lemma, k.algebra, {})
        at = places(lemma, meaning, Random(0))
        for s in lemma.steps:
            try:
                sides = meaning.opens(s.instance.left, at), meaning.opens(s.instance.right, at)
            except (Undefined, Undecided):
                continue
            assert s.instance.rule == "cancel" or not differ(*sides)


@pytest.mark.parametrize("name", FALSE)
def test_what_is_no_relation(name: str) -> None:
    left, right = FALSE[name]
    assert not kernel().equal(Equation((), left, right)).proved


def _row(patch: pytest.MonkeyPatch, name: str, **changes: object) -> None:
    patch.setitem(known.KNOWN, name, replace(KNOWN[name], **changes))  # type: ignore[arg-type]


def _any_angle(patch: pytest.MonkeyPatch) -> None:
    true = relations.partner

    def partner(k: Algebra, h: Head) -> Head:
        cosines = [g for g in k.heads.values() if g.kind == "V" and g.data[0] == "cos"]
        return cosines[0] if h.data[0] == "sin" and cosines else true(k, h)

    patch.setattr(relations, "partner", partner)


MUTANTS: dict[str, Callable[[pytest.MonkeyPatch], None]] = {
    "even": lambda patch: _row(patch, "cos", parity="odd"),
    "odd": lambda patch: _row(patch, "erf", parity="even"),
    "no inverse": lambda patch: _row(patch, "asin", at=(("sin", Read(known.X)),)),
    "another inverse": lambda patch: _row(patch, "erf", at=(("asin", Read(known.X)),)),
    "two angles": _any_angle,
}


@pytest.mark.parametrize("name", MUTANTS)
def test_mutants_prove_what_is_false(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    MUTANTS[name](monkeypatch)
    left, right = FALSE[name]
    assert kernel().equal(Equation((), left, right)).proved


# ---- matrices

N = Range(Size.symbol("n"))
i, j, k, r, c = (Var(n, N) for n in "ijkrc")
A, B = Symbol("A", (N, N)), Symbol("B", (N, N))


def inverse(s: Symbol, *outputs: Index) -> Term:
    return Call(function("inv", N), (Abstraction((r, c), read(s, r, c)),), outputs)


UNIT = If(Same(i, j), ONE, ZERO)
MATRICES: dict[str, tuple[Term, Term, bool]] = {
    "right": (Total((k,), mul(read(A, i, k), inverse(A, k, j))), UNIT, True),
    "left": (Total((k,), mul(inverse(A, i, k), read(A, k, j))), UNIT, True),
    "another matrix": (Total((k,), mul(read(B, i, k), inverse(A, k, j))), UNIT, False),
    "transposed": (Total((k,), mul(read(A, k, i), inverse(A, k, j))), UNIT, False),
    "entry by entry": (mul(read(A, i, j), inverse(A, i, j)), ONE, False),
}


@pytest.mark.parametrize("name", MATRICES)
def test_inverses(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    left, right, true = MATRICES[name]
    assert Kernel({}).equal(Equation((i, j), left, right)).proved == true
    monkeypatch.setattr(Kernel, "_invert", lambda self, terms: None)
    assert not Kernel({}).equal(Equation((i, j), left, right)).proved


def factor(s: Symbol, *outputs: Index) -> Term:
    return Call(function("cholesky", N), (Abstraction((r, c), read(s, r, c)),), outputs)


HALF_SUM = mul(num(Fraction(1, 2)), add(read(A, i, j), read(A, j, i)))
FACTORS: dict[str, tuple[Term, Term, bool]] = {
    "squared": (Total((k,), mul(factor(A, i, k), factor(A, j, k))), HALF_SUM, True),
    "lower": (mul(If(below(j, i), ONE, ZERO), factor(A, i, j)), ZERO, True),
    "turned": (Total((k,), mul(factor(A, k, i), factor(A, k, j))), HALF_SUM, False),
    "not the symmetric part": (Total((k,), mul(factor(A, i, k), factor(A, j, k))), read(A, i, j), False),
    "upper": (mul(If(below(i, j), ONE, ZERO), factor(A, i, j)), ZERO, False),
    "another": (Total((k,), mul(factor(A, i, k), factor(B, j, k))), HALF_SUM, False),
}


@pytest.mark.parametrize("name", FACTORS)
def test_factors_of_cholesky(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    left, right, true = FACTORS[name]
    assert Kernel({}).equal(Equation((i, j), left, right)).proved == true
    monkeypatch.setattr(Kernel, "_invert", lambda self, terms: None)
    assert not Kernel({}).equal(Equation((i, j), left, right)).proved


def test_inverses_under_guards_are_left_alone() -> None:
    guarded = If(Same(i, j), inverse(A, i, j), ZERO)
    k_ = Kernel({})
    k_._invert([guarded])
    assert not k_.algebra.pointwise
    k_._invert([inverse(A, i, j)])
    assert len(k_.algebra.pointwise) == 2


def test_the_inverse_of_a_symmetric_matrix_is_symmetric() -> None:
    symmetric = Pointwise("symmetric", (i, j), read(A, i, j), read(A, j, i))
    turned = Equation((i, j), inverse(A, i, j), inverse(A, j, i))
    assert Kernel({}, pointwise=[symmetric]).equal(turned).proved
    assert not Kernel({}).equal(turned).proved
    assert not Kernel({}, pointwise=[symmetric]).equal(Equation((i, j), inverse(B, i, j), inverse(B, j, i))).proved
    gram = Total((k,), mul(read(B, r, k), read(B, c, k)))
    squared = Call(function("inv", N), (Abstraction((r, c), gram),), (i, j))
    transposed = Call(function("inv", N), (Abstraction((r, c), gram),), (j, i))
    assert Kernel({}).equal(Equation((i, j), squared, transposed)).proved


def test_symmetric_data() -> None:
    symmetric = Pointwise("symmetric", (i, j), read(A, i, j), read(A, j, i))
    pairs = [(read(A, i, j), read(A, j, i)), (Total((k,), read(A, i, k)), Total((k,), read(A, k, i)))]
    for left, right in pairs:
        assert Kernel({}, pointwise=[symmetric]).equal(Equation((i, j), left, right)).proved
        assert not Kernel({}).equal(Equation((i, j), left, right)).proved
    other = Equation((i, j), read(B, i, j), read(B, j, i))
    assert not Kernel({}, pointwise=[symmetric]).equal(other).proved
    diagonal = Pointwise("diagonal", (i,), read(A, i, i), read(A, i, i))
    assert not Kernel({}, pointwise=[diagonal]).equal(Equation((i, j), *pairs[0])).proved
