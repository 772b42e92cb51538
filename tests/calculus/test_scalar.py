"""Scalar calculus: what sympy proposes about errors, the stored facts, and the known functions against sympy."""

from __future__ import annotations

import json
import subprocess
import sys
from fractions import Fraction
from importlib.resources import files

import pytest
import sympy as sp
from hypothesis import given, settings
from hypothesis import strategies as st

from verifier.calculus import scalar
from verifier.calculus.codec import canonical, decode_term, encode_term
from verifier.calculus.standard import STANDARD, Standard
from verifier.calculus.sympy_bridge import NotConvertibleError, from_sympy, to_sympy
from verifier.calculus.sympy_scalar import diff_by_sympy
from verifier.terms.definedness import of_term
from verifier.terms.index import Var
from verifier.terms.known import KNOWN, call
from verifier.terms.known import X as ARGUMENT
from verifier.terms.sizes import Size
from verifier.terms.sorts import Range, Real
from verifier.terms.syntax import (
    Constant,
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
from verifier.terms.traverse import map_reads

X, Y, Z, K = Symbol("x"), Symbol("y"), Symbol("z"), Symbol("k")
x, y, z, k = Read(X), Read(Y), Read(Z), Read(K)
ONE = num(1)

# sympy's own functions for those that the bridge models by classes of its own: an independent source.
NATIVE = {
    "sigmoid": lambda a: 1 / (1 + sp.exp(-a)),
    "softplus": lambda a: sp.log(1 + sp.exp(a)),
    "logit": lambda a: sp.log(a / (1 - a)),
    "cbrt": lambda a: sp.sign(a) * sp.Abs(a) ** sp.Rational(1, 3),
    "abs": sp.Abs,
    "sign": sp.sign,
    "step": lambda a: sp.Integer(1 if a > 0 else 0),
    "relu": lambda a: sp.Max(a, 0),
}
NATIVE |= {n: getattr(sp, n) for n in "exp log sin cos tanh sinh cosh asin acos atan asinh acosh erf erfinv".split()}
NATIVE |= {"artanh": sp.atanh, "lgamma": sp.loggamma, "digamma": lambda a: sp.polygamma(0, a), "floor": sp.floor}
NATIVE |= {"i0": lambda a: sp.besseli(0, a), "i1": lambda a: sp.besseli(1, a)}


def value(t: Term, point: dict[Symbol, Fraction]) -> sp.Expr:
    """A scalar term at a rational point, to 40 digits."""
    numbers = {s: sp.Rational(v.numerator, v.denominator) for s, v in point.items()}
    return to_sympy(t, lambda s, _: numbers[s]).evalf(40)


def close(a: sp.Expr, b: sp.Expr) -> bool:
    return bool(abs(a - b) < sp.Float("1e-30"))


def put(t: Term, table: dict[Symbol, Term]) -> Term:
    return map_reads(t, lambda s, ix: table.get(s, Read(s, ix)))


def points(s: Standard) -> list[dict[Symbol, Fraction]]:
    """Generic points of the domain of a standard error."""

    def choices(v: Symbol) -> list[Fraction]:
        if v in s.intervals:
            low, high = s.intervals[v]
            return [low + (high - low) * Fraction(t) for t in ("2/7", "3/5", "8/9")]
        return [Fraction(t) for t in ("2/7", "3/5", "17/9" if v in s.positive else "-17/9")]

    return [{X: a, Y: b, K: Fraction(5, 3)} for a in choices(X) for b in choices(Y) if a != b]


INVERSES: dict[str, Term] = {
    "half square": sub(x, z),
    "square": sub(x, div(z, num(2))),
    "weighted half square": sub(x, div(z, k)),
    "weighted square": sub(x, div(z, mul(num(2), k))),
    "product": z,
    "quartic": sub(x, call("cbrt", div(z, num(4)))),
    "binary cross entropy": sub(x, mul(x, sub(ONE, x), z)),
    "cross entropy": neg(mul(x, z)),
    "kl": neg(mul(x, z)),
    "generalised kl": mul(x, sub(ONE, z)),
    "reverse kl": mul(x, call("exp", neg(z))),
    "reverse binary kl": call("sigmoid", sub(call("logit", x), z)),
    "itakura-saito": sub(x, mul(power(x, 2), z)),
    "hellinger": mul(x, power(sub(ONE, z), 2)),
    "log cosh": sub(x, call("artanh", z)),
    "exponential": sub(x, call("log", z)),
}
ALL = pytest.mark.parametrize("s", STANDARD, ids=lambda s: s.name)


@ALL
def test_inverse_is_the_one_of_the_table_or_there_is_none(s: Standard) -> None:
    found = scalar.facts(s.error, X, Y, positive=s.positive, intervals=s.intervals)
    if s.name not in INVERSES:
        assert found.inverse is None
        return
    assert found.inverse is not None
    for point in points(s):
        at = {**point, Z: Fraction(1, 3)}  # in the range of every slope of the table
        assert close(value(found.inverse, at), value(INVERSES[s.name], at))


@ALL
def test_derivative_at_points_and_left_law(s: Standard) -> None:
    found = scalar.facts(s.error, X, Y, positive=s.positive, intervals=s.intervals)
    t = sp.Symbol("t", real=True)
    for point in points(s):
        numbers = {v: sp.Rational(q.numerator, q.denominator) for v, q in point.items()} | {X: t}
        native = to_sympy(s.error, lambda v, _, n=numbers: n[v])
        h = sp.Rational(1, 10**12)
        a = sp.Rational(point[X].numerator, point[X].denominator)
        slope = ((native.subs(t, a + h) - native.subs(t, a - h)) / (2 * h)).evalf(40)
        assert abs(slope - value(found.derivative, point)) < sp.Float("1e-18")
        if found.inverse is not None:
            back = put(found.inverse, {found.z: found.derivative})
            assert close(value(back, point), value(y, point))


def conditions(t: Term) -> set[tuple[str, str]]:
    return {(c.relation, json.dumps(encode_term(c.subject))) for c in of_term(t)}  # type: ignore[arg-type]


def test_conditions_are_visible_in_the_inverse() -> None:
    by_name = {
        s.name: scalar.facts(s.error, X, Y, positive=s.positive, intervals=s.intervals).inverse for s in STANDARD
    }
    one_minus_z = json.dumps(encode_term(add(neg(z), ONE)))
    assert (">=", one_minus_z) in conditions(by_name["hellinger"])
    assert {r for r, _ in conditions(by_name["log cosh"])} == {">"}
    assert conditions(by_name["exponential"]) == {(">", json.dumps(encode_term(z)))}
    assert conditions(by_name["weighted half square"]) == {("!=", json.dumps(encode_term(k)))}
    for total in ("half square", "quartic", "binary cross entropy", "reverse kl", "product"):
        assert conditions(by_name[total]) == set()


def test_stored_facts_are_what_sympy_computes() -> None:
    assert (files("verifier.calculus") / "facts.json").read_text(encoding="utf-8") == scalar.text()


@pytest.mark.parametrize("name", [n for n, row in KNOWN.items() if len(row.slopes) == 1])
def test_known_derivative_against_sympy(name: str) -> None:
    for text in ("1/3", "3/4", "-2/5", "5/2", "-7/3"):
        q = Fraction(text)
        conditions = (*KNOWN[name].domain, *KNOWN[name].differentiable)
        holds = {">": lambda v: v > 0, "!=": lambda v: v != 0, ">=": lambda v: v >= 0}
        if not all(holds[c.relation](value(c.subject, {ARGUMENT: q})) for c in conditions):
            continue
        a = sp.Rational(q.numerator, q.denominator)
        # Away from kinks the sign of the argument is constant, so a symbol of that sign differentiates rightly.
        u = sp.Symbol("u", positive=True)
        expression = NATIVE[name](u if a > 0 else -u)
        expected = sp.diff(expression, u) * (1 if a > 0 else -1) if name != "floor" else sp.Integer(0)
        assert close(value(KNOWN[name].derivative, {ARGUMENT: q}), expected.subs(u, abs(a)).evalf(40))
        if KNOWN[name].definition is not None:
            assert close(value(KNOWN[name].definition, {ARGUMENT: q}), NATIVE[name](a).evalf(40))
        assert close(value(call(name, Read(ARGUMENT)), {ARGUMENT: q}), NATIVE[name](a).evalf(40))


def test_standard_error_does_not_import_sympy() -> None:
    program = """
import sys
from verifier.calculus.scalar import facts
from verifier.calculus.standard import STANDARD, X, Y
for s in STANDARD:
    facts(s.error, X, Y, positive=s.positive, intervals=s.intervals)
assert "sympy" not in sys.modules and "mpmath" not in sys.modules
"""
    subprocess.run([sys.executable, "-c", program], check=True)


def test_stored_fact_is_found_under_other_names_order_and_spelling() -> None:
    left, t, lam = Symbol("left"), Symbol("t"), Symbol("lam")
    error = mul(power(add(neg(Read(t)), Read(left)), 2), Read(lam), power(num(2), -1))
    found = scalar.facts(error, left, t)
    assert found.inverse is not None
    assert found.z == Z
    point = {left: Fraction(2, 3), t: Fraction(-5, 4), lam: Fraction(7, 3), Z: Fraction(1, 5)}
    assert close(value(found.derivative, point), value(mul(Read(lam), sub(Read(left), Read(t))), point))
    assert close(value(found.inverse, point), value(sub(Read(left), div(z, Read(lam))), point))


def test_symbol_of_the_slope_is_new() -> None:
    error = mul(num(Fraction(1, 2)), z, power(sub(x, y), 2))
    found = scalar.facts(error, X, Y)
    assert found.z == Symbol("z_1")
    swapped = scalar.facts(power(sub(z, x), 2), Z, X)
    assert swapped.z == Symbol("z_1")
    assert swapped.inverse is not None


def test_swapped_arguments_are_another_error() -> None:
    error = sub(sub(div(y, x), call("log", div(y, x))), ONE)
    found = scalar.facts(error, Y, X, positive=(X, Y))  # 1/x - 1/y
    point = {X: Fraction(2, 3), Y: Fraction(5, 4), Z: Fraction(1, 7)}
    assert found.inverse is not None
    assert close(value(found.derivative, point), value(sub(div(ONE, x), div(ONE, y)), point))
    back = put(found.inverse, {found.z: found.derivative})
    assert close(value(back, point), value(x, point))


@pytest.mark.parametrize(
    ("error", "positive", "found"),
    [
        (call("softplus", sub(x, y)), (), True),  # slope sigmoid(x - y)
        (call("cosh", sub(x, y)), (), True),  # sinh
        (power(sub(x, y), 6), (), True),  # a fifth root
        (mul(x, power(y, 2)), (Y,), True),  # y^2, y > 0
        (mul(x, power(y, 2)), (), False),  # y^2: two solutions
        (mul(x, power(y, 3)), (), True),
        (mul(x, call("exp", add(mul(num(2), y), call("exp", num(1))))), (), True),
        (mul(x, add(call("exp", y), call("exp", neg(y)))), (), False),  # even in y
        (mul(x, sub(call("exp", y), call("exp", neg(y)))), (), True),
        (mul(x, add(y, call("exp", y))), (), False),  # Lambert's W
        (mul(x, add(y, call("sin", y))), (), False),
        (mul(x, call("abs", y)), (), False),
        (power(x, 2), (), False),  # y does not occur
        (mul(num(Fraction(1, 3)), power(x, 3), power(y, Fraction(2, 3))), (X, Y), True),
    ],
)
def test_other_errors(error: Term, positive: tuple[Symbol, ...], found: bool) -> None:
    result = scalar.facts(error, X, Y, positive=positive)
    assert (result.inverse is not None) == found
    if result.inverse is not None:
        for point in points(Standard("", error, positive)):
            back = put(result.inverse, {result.z: result.derivative})
            if positive or point[Y] > 0 or power(y, 2) != error:
                assert close(value(back, point), value(y, point))


def test_declared_values_are_domains() -> None:
    positive = Symbol("t", (), Real(Fraction(0), None))
    found = scalar.facts(mul(x, power(Read(positive), 2)), X, positive)  # slope t^2, t > 0
    assert found.inverse == power(Read(found.z), Fraction(1, 2))
    assert scalar.facts(mul(x, power(y, 2)), X, Y).inverse is None
    unit = Symbol("t", (), Real(Fraction(0), Fraction(1)))
    assert scalar.facts(mul(x, call("logit", Read(unit))), X, unit).inverse == call("sigmoid", Read(found.z))


def test_none_for_one_domain_is_not_used_for_another() -> None:
    cauchy = next(s for s in STANDARD if s.name == "cauchy")
    assert scalar.facts(cauchy.error, X, Y, positive=(X,)).inverse is None  # computed anew, still none


def test_what_is_not_scalar_is_refused() -> None:
    n = Range(Size.symbol("n"))
    vector = Symbol("v", (n,))
    i = Var("i", n)
    with pytest.raises(ValueError, match="not a scalar term"):
        scalar.facts(Total((i,), read(vector, i)), X, Y)


def test_names_are_never_evaluated() -> None:
    evil = Symbol("__import__('os').abort()")
    found = scalar.facts(mul(Read(evil), call("sinh", sub(x, y))), X, Y)
    assert found.derivative == diff_by_sympy(mul(Read(evil), call("sinh", sub(x, y))), X)


def test_expressions_without_a_term_are_refused() -> None:
    a = sp.Symbol("a", real=True)
    for e in (sp.LambertW(a), sp.Piecewise((a, a > 0), (0, True)), sp.I * a, sp.oo, sp.Symbol("b")):
        with pytest.raises(NotConvertibleError):
            from_sympy(sp.sympify(e), {a: X})


# --- the codec ---------------------------------------------------------------------------------------------------

rationals = st.fractions(min_value=-9, max_value=9, max_denominator=9)
leaves = st.one_of(rationals.map(num), st.sampled_from([x, y, k, Constant("pi"), Constant("e")]))
terms = st.recursive(
    leaves,
    lambda inner: st.one_of(
        st.lists(inner, min_size=2, max_size=3).map(lambda ps: add(*ps)),
        st.lists(inner, min_size=2, max_size=3).map(lambda ps: mul(*ps)),
        st.tuples(inner, rationals).map(lambda p: power(*p)),
        st.tuples(st.sampled_from(sorted(n for n, row in KNOWN.items() if len(row.slopes) == 1)), inner).map(
            lambda p: call(*p)
        ),
    ),
    max_leaves=8,
)


@given(terms)
@settings(max_examples=200, deadline=None)
def test_codec_round_trip(t: Term) -> None:
    assert decode_term(json.loads(json.dumps(encode_term(t)))) == t


@given(st.permutations([x, y, k, num(3), call("exp", k)]))
@settings(max_examples=30, deadline=None)
def test_key_forgets_order(parts: list[Term]) -> None:
    roles = {X: "x", Y: "y"}
    assert canonical(add(*parts), roles)[0] == canonical(add(x, y, k, num(3), call("exp", k)), roles)[0]


def test_key_keeps_what_matters() -> None:
    roles = {X: "x", Y: "y"}
    different = [sub(x, y), sub(y, x), add(x, y), mul(x, y), mul(num(0), x), power(x, 0), num(0), num(1), mul(x, k)]
    assert len({canonical(t, roles)[0] for t in different}) == len(different)


@pytest.mark.parametrize(
    "data",
    [
        {"num": "1", "extra": 1},
        {"num": 1},
        {"num": "2/4"},
        {"num": "1/0"},
        {"num": "1e9"},
        {"num": "01"},
        {"constant": "tau"},
        {"symbol": "unknown"},
        {"symbol": 3},
        {"add": []},
        {"add": [{"num": "1"}]},
        {"mul": {"num": "1"}},
        {"power": {"num": "1"}},
        {"power": {"num": "1"}, "exponent": 2},
        {"call": "eval", "of": {"num": "1"}},
        {"call": ["exp"], "of": {"num": "1"}},
        {},
        [],
        None,
        "x",
    ],
)
def test_decoding_is_strict(data: object) -> None:
    with pytest.raises(ValueError, match=r"."):
        decode_term(data, {"x": X})


def test_decoding_is_bounded() -> None:
    deep: object = {"num": "1"}
    for _ in range(500):
        deep = {"power": deep, "exponent": "2"}
    with pytest.raises(ValueError, match="deeply"):
        decode_term(deep)
