"""One regression for each entry of SOUNDNESS.md, under the entry's number."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from tests.fuzz.generate import BOUNDS, C, N
from tests.fuzz.properties import models, values
from verifier.checker import document
from verifier.checker.proof import Prover
from verifier.checker.ring import Head, Reject
from verifier.diagnostics import SpecError
from verifier.evaluate.machine import Machine
from verifier.evaluate.numbers import differ
from verifier.kernel import Kernel
from verifier.learn.program import Scope
from verifier.proof.verdict import Verdict
from verifier.terms.index import Compare, Same, Var, combine
from verifier.terms.syntax import (
    ONE,
    ZERO,
    Abstraction,
    Call,
    Equation,
    Function,
    If,
    Pointwise,
    Symbol,
    Term,
    Total,
    add,
    mul,
    power,
    read,
    sub,
)
from verifier.terms.traverse import rename_indices

ROOT = Path(__file__).parents[2]
Checks = Callable[[str], dict[str, Verdict]]
Loads = Callable[[str], Any]
HEAD = "import std.errors\nimport std.layers\nsize n, m\nreal eps > 0\nfunction s : R -> R smooth\n"

i, j, k, l = (Var(name, N) for name in "ijkl")  # noqa: E741
X, Y = Symbol("X", (N, N)), Symbol("v", (N,))


def c(out: Var, bound: Var, body: Term) -> Term:
    return Call(C, (Abstraction((bound,), body),), (out,))


# ---- 1: capture when an atom is built again

CAPTURE = [
    c(i, l, c(l, j, add(mul(read(X, j, l), read(X, l, j)), read(X, j, i)))),
    c(i, l, c(l, j, Total((k,), If(Same(k, l), mul(read(X, j, k), read(X, l, k)), ZERO)))),
    Total((k,), If(Same(k, i), c(i, l, c(k, j, add(read(X, j, l), mul(read(X, i, k), read(X, j, k))))), ZERO)),
    c(i, l, Total((k,), If(Same(k, l), c(l, j, add(read(X, j, k), mul(read(X, l, k), read(X, j, l)))), ZERO))),
]


@pytest.mark.parametrize("t", CAPTURE)
def test_1_normal_forms_of_nested_functions_keep_their_value(t: Term) -> None:
    outcome = Kernel({}, BOUNDS).equal(Equation((i,), t, ZERO))
    assert outcome.residue is not None
    for model in models({}, 3, 2):
        machine = Machine(model, {})
        for (_, a), (_, b) in zip(values(machine, t), values(machine, outcome.residue), strict=True):
            assert a is not None and b is not None and not differ(a, b)


# ---- 2: a hypothesis about rows used on the diagonal


def test_2_a_bound_index_of_a_hypothesis_is_not_its_variable() -> None:
    rows = Pointwise("rows", (i,), Total((j,), read(X, i, j)), ONE)
    kernel = Kernel({}, BOUNDS, pointwise=[rows])
    assert kernel.equal(Equation((i,), Total((k,), read(X, i, k)), ONE)).proved
    assert not kernel.equal(Equation((), Total((k,), read(X, k, k)), ONE)).proved
    assert not kernel.equal(Equation((i,), Total((k,), read(X, k, i)), ONE)).proved


# ---- 3: two quantified tensors of one name


def test_3_a_new_input_is_never_an_old_one() -> None:
    scope = Scope()
    a = Symbol("a", (N,))
    assert len({scope.fresh(a).name, scope.fresh(a).name, scope.input(a).name}) > 1


def test_3_a_target_with_the_name_of_a_source(verdicts: Checks) -> None:
    """The fixed target of the reading is quantified by itself, whatever ports are called."""
    text = "learner P : c : R -> b : R {\n  param p : R\n  implement p * c\n  learn gradient(product, rate = eps)\n}\n"
    found = verdicts(HEAD + text + "check claim: natural P ; P reading target\n")["claim"]
    assert found.of("A") == "refuted"


# ---- 4: names of known functions, and generated names


def test_4_the_names_of_known_functions_are_taken(spec: Loads) -> None:
    for name in ("exp", "log", "sqrt", "relu", "pi"):
        module = spec(f"function {name} : R -> R smooth\ncheck getput(id(R))\n")
        assert {d.code for d in module.faults} == {"E114"}


@pytest.mark.parametrize("name", ["y", "c", "E", "one", "tail", "U", "R", "d", "e", "t0", "h"])
def test_4_no_generated_name_is_a_user_s(name: str, verdicts: Checks) -> None:
    text = (
        f"learner L : {name} : R -> b : R {{\n  param p : R\n  let z = p * {name}\n  implement s(z)\n"
        f"  update p = p - eps * (s(z) - b) * s'(z) * {name}\n  request {name} - (s(z) - b) * s'(z) * p\n}}\n"
        "check good: L == gradient(L, quadratic, rate = eps)\n"
        "check bad: L == gradient(L, quadratic, rate = 2*eps) expect { U: refuted, R: proved }\n"
    )
    found = verdicts(HEAD + text)
    assert found["good"].verdict == "proved" and found["bad"].met


# ---- 5: a positive tensor is no positive function


def test_5_positivity_is_of_tensors_or_of_functions() -> None:
    s = Function("s", (((), Symbol("x").value),), (), Symbol("x").value, frozenset({"smooth"}))
    value = Call(s, (Abstraction((), read(Symbol("x"))),))
    root = power(power(value, 2), Fraction(1, 2))
    assert not Kernel({}, BOUNDS, positive=("s",)).equal(Equation((), root, value)).proved
    positive = Function("s", s.arguments, (), s.value, frozenset({"smooth", "positive"}))
    value = Call(positive, value.arguments)
    root = power(power(value, 2), Fraction(1, 2))
    assert Kernel({}, BOUNDS).equal(Equation((), root, value)).proved


# ---- 6: opaque learners with long arguments


def test_6_opaque_learners_are_told_apart_by_their_arguments(spec: Loads, verdicts: Checks) -> None:
    terms = " + ".join("1" for _ in range(80))
    text = "set A\nlearner F(r : real) : A -> A opaque\n"
    assert verdicts(f"{text}check same: F({terms}) == F({terms})\n")["same"].verdict == "proved"
    # Their parameters are elements of two sets: there is nothing to compare.
    assert {d.code for d in spec(f"{text}check F({terms} + 2) == F({terms} + 3)\n").faults} == {"E119"}


# ---- 7: a fact about the diagonal is not one about the matrix

DIAGONAL = """
learner L(n) : a : R[n] -> b : R[n, n] {
  param W : R[n, n]
  implement y[i,j] = a[i] / W[i,j]
  update W = W
  request a
}
check claim: L(n) == L(n) when W[i,i] > 0
check whole: L(n) == L(n) when W[i,j] > 0
"""


def test_7_a_fact_about_some_entries_is_not_about_all(verdicts: Checks) -> None:
    found = verdicts(HEAD + DIAGONAL)
    assert found["whole"].met
    assert not found["claim"].met and found["claim"].open_conditions


# ---- 8: substitution of indices captures nothing


def test_8_bound_indices_make_way() -> None:
    inner = Total((j,), mul(read(X, i, j), read(Y, j)))
    moved = rename_indices(inner, {i: j})
    for model in models({}, 1, 1):
        machine = Machine(model, {})
        for p in range(model.sizes["n"]):
            assert machine.value(moved, {j: p}) == machine.value(inner, {i: p})


# ---- 9: an inverse may leave the domain of the error


def test_9_a_request_that_may_leave_the_domain(verdicts: Checks) -> None:
    text = (
        "error bounded(x : interval(0, 1), y) = (x - y)^2 / 2 inverse f(x, z) = x - z\n"
        "learner P : a : R -> b : R {\n  param p : R\n  implement p * a\n  learn gradient(bounded, rate = eps)\n}\n"
        "check claim: P ; P == gradient(P ; P, bounded, rate = eps)\n"
    )
    claim = verdicts(HEAD + text)["claim"]
    assert "unknown" in {c.verdict for c in claim.components if c.group == "total"}


# ---- 10: an equation under `when`

ON_WHEN = """
learner L(n) : a : R[n] -> b : R {
  implement sum[j](a[j])
  request a
}
learner M(n) : a : R[n] -> b : R {
  implement 1
  request a
}
check claim: L(n) == M(n) when sum[j](a[j]) == 1
"""


def test_10_equations_under_when_are_hypotheses(verdicts: Checks) -> None:
    claim = verdicts(HEAD + ON_WHEN)["claim"]
    assert claim.verdict == "proved", "a witness that breaks the hypothesis refutes nothing"


# ---- 11: a denominator under a guard


def test_11_guarded_denominators_say_nothing_elsewhere() -> None:
    """What stands under a guard is 1 where the guard fails, so nothing is divided by 0 and nothing is cleared away."""
    gap = sub(read(Y, i), read(Y, j))
    apart = Compare(">=", combine(i, j, -1))
    kernel = Kernel({}, BOUNDS)
    x = read(Symbol("x"))
    left = If(Same(i, j), ZERO, mul(x, gap, power(gap, -1)))
    assert kernel.equal(Equation((i, j), left, If(Same(i, j), ZERO, x))).proved
    assert not kernel.equal(Equation((i, j), left, x)).proved
    guarded = If(apart, mul(x, power(read(Y, i), -1)), ZERO)
    assert not kernel.equal(Equation((i, j), mul(guarded, read(Y, i)), x)).proved


# ---- 12: negative extents


@pytest.mark.parametrize("size", ["int z", "size p\nsize z = p - 5"])
def test_12_extents_are_not_negative(size: str, verdicts: Checks) -> None:
    text = (
        f"{size}\nlearner A : a : R -> b : R {{\n  index i:z\n  implement a + sum[i](1)\n  request a\n}}\n"
        "learner B : a : R -> b : R {\n  implement a + z\n  request a\n}\n"
    )
    found = verdicts(text + "check claim: A == B\n")["claim"]
    assert not found.met
    assert any(">= 0 (an extent)" in t for c in found.components for t in c.conditions.open)


def test_12_an_extent_that_is_never_positive_proves_nothing(verdicts: Checks) -> None:
    text = (
        "learner A : a : R[-n] -> b : R {\n  implement sum[i](a[i]^2 + 1)\n  request a\n}\n"
        "learner B : a : R[-n] -> b : R {\n  implement sum[i](a[i]^2) - n\n  request a\n}\n"
    )
    assert verdicts(HEAD + text + "check claim: A == B\n")["claim"].verdict == "unknown"


# ---- 13: laws of errors are claimed for all numbers


@pytest.mark.parametrize(
    "error",
    [
        "e(x, y) = k * x * y",
        "e(x, y) = x^2 * y / 2",
        "e(x, y) = (x - y)^2 / 2 inverse f(x, z) = (x - z) * z / z",
        "e(x, y) = (x - y)^2 / 2 inverse f(x, z) = x - sqrt(z)^2",
        "e(x, y) = (x - y)^2 / 2 inverse f(x, z) = x - z * x / x",
    ],
)
def test_13_an_inverse_that_is_not_defined_is_none(error: str, verdicts: Checks) -> None:
    found = verdicts(f"real k\nerror {error}\ncheck left: left(e)\ncheck right: right(e)\n")
    assert not any(v.met for v in found.values())


# ---- 14: witnesses keep to the declarations


def test_14_numbers_of_witnesses_are_as_declared(verdicts: Checks) -> None:
    text = (
        "real j < 0\nerror one(x, y) = j * (j - 2) * x * y\nerror two(x, y) = x * (y^3 - j * y / 2)\n"
        "error three(x, y) = (x - y)^2 * (x - y)^2 * j + j * x * y^2\n"
        "check one: invertible one\ncheck two: invertible two\ncheck three: invertible three\n"
    )
    found = verdicts(text)
    assert found["one"].verdict == "proved"
    assert found["two"].verdict == "unknown"
    for c in found["three"].components:
        assert c.witness is None or Fraction(dict(c.witness.values)["j"]) < 0


# ---- 15: parameters by name, however a chain is bracketed

BRACKETS = """
learner L : a : R -> b : R {
  param p : R, q : R
  implement p*a + q
  learn gradient(quadratic, rate = eps)
}
learner Same : a : R -> b : R {
  param q : R, p : R
  implement p*a + q
  learn gradient(quadratic, rate = eps)
}
learner Other : a : R -> b : R {
  param q : R, p : R
  implement q*a + p
  learn gradient(quadratic, rate = eps)
}
"""


@pytest.mark.parametrize("left", ["L ; L ; L", "L^3", "L ; (L ; L)", "L^2 ; L"])
@pytest.mark.parametrize("rest", ["L ; L ; {}", "L^2 ; {}", "L ; (L ; {})"])
def test_15_brackets_do_not_matter(left: str, rest: str, verdicts: Checks) -> None:
    claims = f"check same: {left} == {rest.format('Same')}\ncheck other: {left} == {rest.format('Other')}\n"
    found = verdicts(HEAD + BRACKETS + claims)
    assert found["same"].verdict == "proved" and found["other"].verdict == "refuted"


# ---- 16: the domain of an error

DOMAIN = """
error rt(x : interval(0, oo), y) = (x - y)^2/2
error q(x : interval(0, 1), y : interval(0, 1)) = (x - y)^2 / 2
learner L : a : R -> b : R {
  param p : R
  implement p*a
  learn gradient(rt, rate = eps)
}
learner A : a : interval(0, 1) -> b : interval(0, 1) {
  param p : R
  implement sigmoid(p*a)
  learn gradient(q, rate = eps)
}
check getput: getput(L)
check functor: functor gradient(q, rate = eps) of A, A
"""


def test_16_the_domain_is_a_condition(verdicts: Checks) -> None:
    found = verdicts(HEAD + DOMAIN)
    assert not found["getput"].met
    assert {c.split(" (")[0] for c in found["getput"].open_conditions} == {"p*a > 0", "a > 0"}
    assert not found["functor"].met
    assert "unknown" in {c.verdict for c in found["functor"].components if "total" in c.group}


# ---- 17: one meaning for a name under `when`


def test_17_a_name_that_means_two_things_is_a_fault(verdicts: Checks) -> None:
    text = (
        "real k\nlearner G(r : real) : a : R -> b : R {\n  param k : R\n  implement a*r/r\n"
        "  update k = k\n  request a\n}\ncheck claim: G(k) == G(k) when k != 0\n"
    )
    with pytest.raises(SpecError) as caught:
        verdicts(HEAD + text)
    assert caught.value.diagnostics[0].code == "E114"


# ---- 18: the finite step stays where the error has a value


def test_18_the_finite_step_counts_only_where_the_error_has_a_value(verdicts: Checks) -> None:
    text = """
error edge(x : interval(0, oo), y) = (x - y)^2/2
learner L : a : R -> b : R {
  param p : R
  implement p
  learn gradient(edge, rate = 3)
}
check claim: descent L
"""
    step = next(c for c in verdicts(HEAD + text)["claim"].components if c.group == "finite" and c.name == "U")
    assert step.verdict == "refuted" and step.witness is not None
    p, b = (Fraction(dict(step.witness.values)[name]) for name in "pb")
    assert p > 0 and p - 3 * (p - b) > 0


# ---- 19: what is said of every instance


def test_19_an_opaque_set_may_be_a_point(verdicts: Checks) -> None:
    text = "set A0\nlearner Lazy : a : A0 -> b : A0 {\n  implement a\n  request a\n}\n"
    found = verdicts(HEAD + text + "check claim: Lazy == id(A0) expect never\n")
    assert found["claim"].verdict == "refuted" and not found["claim"].met


# ---- 20 to 22: interpretations of declared functions


@pytest.mark.parametrize(
    ("properties", "verdict"),
    [
        ("injective even", "unknown"),
        ("regular even", "unknown"),
        ("positive odd", "unknown"),
        ("injective positive", "proved"),
        ("injective odd", "proved"),
        ("odd even", "proved"),
    ],
)
def test_20_properties_hold_together(properties: str, verdict: str, verdicts: Checks) -> None:
    text = f"function z : R -> R smooth {properties}\n"
    text += "learner Z : a : R -> b : R {\n  implement z(a)\n  request a\n}\ncheck same: Z == Z\n"
    text += "learner O : a : R -> b : R {\n  implement 0*a\n  request a\n}\ncheck zero: Z == O\n"
    found = verdicts(HEAD + text)
    assert found["same"].verdict == verdict
    assert (found["zero"].verdict == "refuted") == (verdict == "proved" and properties != "odd even")


RANGE = """
function r : R -> interval(0, 1) smooth{more}
learner Root : a : R -> b : R {{
  implement sqrt(r(a)^2)
  request a
}}
learner Plain : a : R -> b : R {{
  implement r(a)
  request a
}}
learner Half : a : R -> b : R {{
  implement 1/2
  request a
}}
check claim: Root == Plain
check half: Plain == Half expect refuted
"""


@pytest.mark.parametrize("more", ["", " injective", " even", " regular"])
def test_21_values_lie_in_the_declared_interval(more: str, verdicts: Checks) -> None:
    found = verdicts(HEAD + RANGE.format(more=more))
    assert found["claim"].verdict == "proved"
    assert found["half"].verdict == "refuted"


def test_22_arguments_lie_in_the_declared_interval(verdicts: Checks) -> None:
    text = "function w : interval(0, 1) -> R smooth\n"
    for name, body in (("A", "w(2) + a"), ("B", "w(3) + a"), ("C", "w(a)"), ("D", "w(a) + a - a")):
        text += f"learner {name} : a : R -> b : R {{\n  implement {body}\n  request a\n}}\n"
    text += "check outside: A == B\ncheck open: C == D\ncheck stated: C == D when a > 0, a < 1\n"
    found = verdicts(HEAD + text)
    assert found["outside"].verdict == "unknown"
    assert not found["open"].met and len(found["open"].open_conditions) == 2
    assert found["stated"].met


# ---- 23: two points of one slope say nothing of the right law


def test_23_a_slope_that_is_onto_and_not_injective_may_have_a_right_inverse(verdicts: Checks) -> None:
    """z = y^3 - y is onto: some f has f^3 - f = z, though no inverse is one on the left."""
    found = verdicts("error wave(x, y) = x * (y^3 - y)\ncheck l: left(wave)\ncheck r: right(wave)\n")
    assert found["l"].verdict == "refuted"
    assert found["r"].verdict == "unknown"


# ---- 24: an inverse that is defined everywhere does not make a slope onto


def test_24_onto_needs_the_right_law(verdicts: Checks) -> None:
    text = """
function E : R -> R smooth convex
function H : R -> R inverse of E'(left)
error partial(x, y) = E(x) - E(y) - E'(y) * (x - y) inverse f(x, z) = H(E'(x) - z)
check claim: invertible partial
"""
    found = verdicts(text)["claim"]
    assert found.of("left") == "proved"
    assert found.of("right") == "refuted"
    assert found.of("onto") != "proved"


# ---- 25: kinks of values and of steps


def test_25_a_gradient_that_a_map_computes_has_its_kinks(verdicts: Checks) -> None:
    """abs has no derivative at 0, also where it is a value and not a step that holds it."""
    ends = "  request x = x\n  request g = g\n}\n"
    text = "learner A : (x : R, g : R) -> z : R {\n  implement grad(g * abs(x), x)\n" + ends
    text += "learner B : (x : R, g : R) -> z : R {\n  implement (g if x > 0 else -g)\n" + ends
    text += "check open: A == B\ncheck stated: A == B when x != 0\n"
    text += "learner C : (x : R, g : R) -> z : R {\n  implement (abs(x) if x != 0 else 1)\n"
    text += "  request x = grad(g * abs(x), x)\n"
    text += "  request g = g\n}\nlearner D : (x : R, g : R) -> z : R {\n  implement abs(x)\n  request x = g * sign(x)\n"
    text += "  request g = g\n}\ncheck values: D == C\n"
    found = verdicts(HEAD + text)
    assert not found["open"].met and found["open"].open_conditions == ("x != 0 (abs has no derivative there)",)
    assert found["stated"].met
    assert not found["values"].met  # the values differ at 0, where only the step has no derivative


# ---- 26: whole exponents


def test_26_a_whole_exponent_takes_any_base(verdicts: Checks) -> None:
    def power(gradient: str, exponent: str = "data t : Fin(2)", y: str = "(-1)^t * x") -> str:
        text = f"layer L {{\n  input x : R\n  {exponent}\n  output y = {y}\n}}\n"
        (found,) = verdicts(f"{text}backward of L given gy {{\n  dx = {gradient}\n}}\n").values()
        return found.verdict

    assert power("gy * (1 if t == 0 else -1)") == "proved"
    assert power("gy * (1 + 2 * t)") == "refuted"
    # x^n has a value for every x, where n is at least 1.
    assert power("gy * n * x^(n - 1)", "int n >= 1", "x^n") != "refuted"
    assert power("gy * n * abs(x)^(n - 1)", "int n >= 1", "x^n") == "refuted"
    # 0 is an exponent too.
    assert power("gy * n * x^(n - 1) if n != 0 else gy", "int n >= 0", "x^n") == "refuted"
    assert power("(gy * n * x^(n - 1) if x > 0 else 0)", "int n >= 1", "(x^n if x > 0 else 0)") == "proved"


# ---- 27: greatest values of whole numbers


def test_27_a_header_has_sizes_of_its_own(verdicts: Checks) -> None:
    body = "{\n  input x : R\n  output y = x * (k - 1) * (k - 2)\n}\n"
    backward = "backward of L given dy {\n  dx = 0\n}\n"
    (bounded,) = verdicts(f"int 1 <= k <= 2\nlayer L {body}{backward}").values()
    assert bounded.verdict == "proved" and "k >= 1 and <= 2" in bounded.components[0].quantified
    for text in (f"int 1 <= k <= 2\nlayer L(k) {body}{backward}", f"layer L(k) {body}{backward}int 1 <= k <= 2\n"):
        (free,) = verdicts(text).values()
        assert free.verdict == "refuted"


# ---- 28, 29: a tolerance is met under the conditions of a proof

NEAR = """
layer L(n) {{
  index i:n
  input x : R[n]
  output y[i] = {y}
}}
backward of L given dy {{
  dx[i] = ({dx}) * dy[i]
}} when -2 <= x[i], x[i] <= 2{more} expect approx(within 0.01)
"""


@pytest.mark.parametrize("dx", ["2.001 * x[i]", "2 * x[i]"])
def test_28_a_tolerance_needs_a_point(dx: str, verdicts: Checks) -> None:
    (empty,) = verdicts(HEAD + NEAR.format(y="x[i]^2", dx=dx, more=", x[i] > 5")).values()
    (there,) = verdicts(HEAD + NEAR.format(y="x[i]^2", dx=dx, more="")).values()
    assert there.met and not empty.met


@pytest.mark.parametrize(
    ("y", "dx", "condition"),
    [
        ("x[i]^2", "2 * x[i] + 0.001 * (x[i] - 1/3) / (x[i] - 1/3)", "x[i] != 1/3"),
        ("x[i]^2", "2 * x[i] + 0.001 * (x[i]^2 - 2) / (x[i]^2 - 2)", "x[i]^2 != 2"),
        ("x[i]^2", "2 * x[i] * (x[i] - 1/3) / (x[i] - 1/3)", "x[i] != 1/3"),
        ("relu(x[i])", "step(x[i]) + 0.001", "x[i] != 0"),
    ],
)
def test_29_a_tolerance_needs_values_in_the_whole_box(y: str, dx: str, condition: str, verdicts: Checks) -> None:
    (loose,) = verdicts(HEAD + NEAR.format(y=y, dx=dx, more="")).values()
    (stated,) = verdicts(HEAD + NEAR.format(y=y, dx=dx, more=f", {condition}")).values()
    assert not loose.met and loose.open_conditions
    assert stated.met


# ---- 30: one-hots


def test_30_a_one_hot_of_itself_is_not_summed_to_one(verdicts: Checks) -> None:
    text = "size n\nlearner A(n) : X : R[n, n] -> z : R {\n  implement BODY\n  request X = X\n}\n"
    one = text.replace("learner A", "learner B").replace("BODY", "1").removeprefix("size n\n")
    claim = "check claim: A(n) == B(n)\n"
    for body, verdict in (
        ("sum[k:n](1 if k == argmax[j](X[j,k]) else 0)", "refuted"),
        ("sum[k:n](1 if k == argmax[j](X[j,0]) else 0)", "proved"),
    ):
        assert verdicts(text.replace("BODY", body) + one + claim)["claim"].verdict == verdict


# ---- 31: squares to a point


def test_31_a_square_to_a_point_proves_no_other(verdicts: Checks) -> None:
    """At {a} no weights are behind k; at {b}, where k has the same wires, there are those of a."""
    text = (
        "import std.errors\nimport std.layers\nsize n\nreal eps > 0\nfunction s : R -> R smooth\n"
        "wire N using quadratic {\n  input x : R[n], z : R[n]\n  a = Dense(n, n, s, quadratic, eps)(x)\n"
        "  b = Activation(n, s, quadratic, eps)(x)\n  k = Bias(n, quadratic, eps)(z)\n  output a, b, k\n}\n"
        "check claim: natural N reading weights\n"
    )
    parts = {c.group: c for c in verdicts(text)["claim"].components}
    assert (parts["{a} + k"].vacuous, parts["{a} + k"].port) == ("point", "")
    assert (parts["{b} + k"].vacuous, parts["{b} + k"].port) == ("", "p")


# ---- 32: licences of the checker


def test_32_what_is_zero_or_may_be_is_not_licensed() -> None:
    prover = Prover()
    prover.heads |= {"x": Head("input", ()), "|N|": Head("size", ())}
    prover.facts["x"], prover.least["N"] = "nonzero", 0
    prover.line(["def", "%z", [], []])
    square = [["0", [], [["x", [], "1"]]], ["1", [], [["%z", [], "2"]]]]
    prover.line(["lemma", "n", [], square, [[["1", [], [["%z", [], "1"]]], ["unfold", "%z", []]]]])
    with pytest.raises(Reject, match="says nothing"):
        prover.line(["licence", "%z", "n"])
    prover.line(["def", "%n", [], [["1", ["b0:N"], []]]])
    for name in ("%z", "%n"):
        with pytest.raises(Reject, match="licence"):
            prover.line(["lemma", name, [], [["1", [], [[name, [], "-1"]]]], []])


# ---- 33, 34: certificates made by hand

X_, DY, FZ = ["read", "x", []], ["read", "dy", []], ["call", "f", [[[], ["read", "z", []]]], [], []]
Data = dict[str, Any]


def certified(functions: Data, lets: list[Any], written: Any, model: Data) -> Data:
    """A certificate, as yet without lines, that the gradient of y by x is what is written."""
    law = {
        "kind": "backward",
        "inputs": ["x"],
        "parameters": [],
        "data": ["z"],
        "cotangents": ["dy"],
        "outputs": ["y"],
        "lets": [*lets, ["y", [], X_]],
        "written": [["dx", [], written]],
        "gradients": [["x", "dx"]],
    }
    inputs = [[name, [], ""] for name in ("x", "z", "dy")]
    names = {"sizes": {}, "functions": functions, "errors": [], "inputs": inputs}
    statement = {**names, "assuming": [], "on": [], "law": law}
    return {
        "certificate": "learnlaw",
        "version": document.VERSION,
        "tool": "by hand",
        "claim": "claim",
        "verdict": "refuted",
        "statement": statement,
        "model": {
            "sizes": {},
            "functions": model,
            "values": {name: ["1"] for name in ("x", "z", "dy")},
        },
        "lines": [],
        "proofs": [],
        "conditions": [list(row) for row in document.conditions(document.prepared(statement)[0])],
        "depends": [],
    }


def checked(data: Data) -> document.Checked:
    """The document under the hash that belongs to it."""
    return document.check(json.dumps({**data, "hash": document.digest(data)}))


def of_size(f: Any) -> Any:
    """f / |f|, which is 1 where f is positive."""
    return ["mul", DY, f, ["pow", ["pow", f, "2"], "-1/2"]]


def test_33_a_positive_function_has_a_positive_model() -> None:
    shape = {"arguments": [[[], ""], [[], ""]], "value": [[], ""], "properties": ["smooth", "positive"]}
    f = ["call", "f", [[[], ["read", "z", []]]] * 2, [], []]
    for kind in ("inverse", "error"):
        model = {"f": {"pair": kind, "factor": "1/2", "polynomial": ["1"]}}
        with pytest.raises(Reject, match="is not positive"):
            checked(certified({"f": shape}, [], of_size(f), model))
    with pytest.raises(Reject, match="equal at the counterexample"):
        checked(certified({"f": shape}, [], of_size(f), {"f": {"polynomial": ["1"]}}))


def test_34_conditions_on_values_of_functions_hold_at_the_point() -> None:
    shape = {"arguments": [[[], ""]], "value": [[], ""], "properties": ["smooth"]}
    lets = [["a", [], ["pow", FZ, "-1/2"]], ["b", [], ["pow", ["pow", FZ, "2"], "-1/2"]]]
    data = certified({"f": shape}, lets, of_size(FZ), {"f": {"polynomial": ["-1"]}})
    assert [text for text, _ in data["conditions"]] == ["f(z) > 0", "(f(z)^2) > 0"]
    with pytest.raises(Reject, match="breaks a condition"):
        checked(data)
    zero = certified({"f": shape}, [["a", [], ["pow", FZ, "-1"]]], ["num", "0"], {"f": {"polynomial": ["0"]}})
    with pytest.raises(Reject, match="breaks a condition"):
        checked(zero)
    zero["model"]["functions"]["f"]["polynomial"] = ["1"]
    assert checked(zero).verdict == "refuted"


def test_a_written_line_cannot_read_what_is_derived() -> None:
    """Then anything would be its own gradient."""
    with pytest.raises(Reject, match="reads a derived gradient"):
        checked(certified({}, [], ["mul", ["num", "2"], ["read", "adjoint/x", []]], {}))


@pytest.mark.parametrize("text", ["1e999999999", "0.5", "1_0", " 1", "\u0661", "1/0", "", 1, "9" * 5000])
def test_numbers_of_certificates_are_fractions_of_bounded_length(text: object) -> None:
    shape = {"arguments": [[[], ""]], "value": [[], ""], "properties": ["smooth"]}
    data = certified({"f": shape}, [], ["num", "0"], {"f": {"polynomial": ["1"]}})
    assert checked(data).verdict == "refuted"
    point = data["model"]["values"]["x"]
    point[0] = text
    with pytest.raises(Reject):
        checked(data)
    point[0] = "1"
    data["statement"]["law"]["written"][0][2] = ["num", text]
    with pytest.raises(Reject):
        checked(data)


KINKED = """
error e(x, y) = {error}
learner L : a : R -> b : R {{
  param p : R
  implement p * a
  learn gradient(e, rate = 1)
}}
check invertible: invertible e
check functor: L ; L == gradient(L ; L, e, rate = 1){when}
"""


@pytest.mark.parametrize(
    ("error", "asked"),
    [
        ("x*y + relu(x)", ["x != 0", "a != 0", "p0*a != 0", "p1*p0*a != 0"]),
        ("x^2*y / x", ["x != 0", "a != 0", "p0*a != 0", "p1*p0*a != 0", "y != 0"]),
        ("x*y + sqrt(x)^2 - x", ["x > 0", "a > 0", "p0*a > 0", "p1*p0*a > 0", "y > 0"]),
    ],
)
def test_35_an_error_has_a_slope_only_where_it_has_one(error: str, asked: list[str], verdicts: Checks) -> None:
    found = verdicts(KINKED.format(error=error, when=""))
    assert not found["invertible"].met and not found["functor"].met
    conditions = {c.split(" (")[0] for v in found.values() for c in v.open_conditions}
    assert conditions == set(asked)
    assert verdicts(KINKED.format(error="x*y + x^2", when=""))["functor"].met


@pytest.mark.parametrize("error", ["abs(x - y)", "floor(x - y)", "sqrt((x - y)^2)"])
def test_35_a_kink_on_the_diagonal(error: str, verdicts: Checks) -> None:
    (found,) = verdicts(f"error e(x, y) = {error}\ncheck diagonal(e)\n").values()
    assert found.verdict == "unknown"
    (within,) = verdicts("error e(x : interval(0, 1), y) = x*y + log(x)\ncheck left(e)\n").values()
    assert within.met  # the domain says that log has a value


# ---- 36: a layer over a batch forgot where the gradients of its row have no value

LIFTED = """
size B, C
layer Row(C) {
  index c:C
  input x : R[C]
  F = sum[c](abs(x[c]))
  output y[c] = grad(F, x)[c]
}
backward of Row given dy { dx[c] = 0 } when x[c] != 0
layer Rows(B, C) = Row(C) over [B]
backward of Rows given dy { dx[b,c] = 0 } when x[b,c] != 0
learner Signs(B, C) : x : R[B, C] -> y : R[B, C] {
  implement y[b,c] = sign(x[b,c])
  request x[b,c] = 0
}
check open: Signs(B, C) == Rows(B, C) on I
check stated: Signs(B, C) == Rows(B, C) on I when x[b,c] != 0
"""


def test_36_a_layer_over_a_batch_keeps_the_conditions_of_its_row(verdicts: Checks) -> None:
    found = verdicts(LIFTED)
    assert not found["open"].met and found["stated"].met
    assert {c.split(" (")[0] for c in found["open"].open_conditions} == {"x[b,c] != 0 for all b, c"}
    assert found["Rows"].met


# ---- 37: a tensor named like a gradient


@pytest.mark.parametrize("kind", ["input", "param", "data", "state"])
@pytest.mark.parametrize("line", ["dx[i] += dy[i] * dx[i] - dx[i]", "dx[i] = dy[i] * dx[i]"])
def test_37_a_gradient_has_a_name_of_its_own(kind: str, line: str, spec: Loads) -> None:
    layer = f"layer L(n) {{\n  input x : R[n]\n  {kind} dx : R[n]\n  output y[i] = x[i] * dx[i]\n}}\n"
    more = "ddx[i] = dy[i] * x[i]\n" if kind in ("input", "param") else ""
    module = spec(f"{layer}backward of L given dy {{\n{line}\n{more}}}\n")
    assert [d.code for d in module.faults] == ["E114"]


def test_37_a_tangent_has_a_name_of_its_own(spec: Loads) -> None:
    layer = "layer L(n) {\n  input x : R[n]\n  data ty : R[n]\n  output y[i] = x[i] * ty[i]\n}\n"
    module = spec(f"{layer}jvp of L given tx {{\nty[i] += tx[i] * ty[i] - ty[i]\n}}\n")
    assert [d.code for d in module.faults] == ["E114"]


# ---- the file and the tests


def test_every_entry_has_a_test_and_every_test_an_entry() -> None:
    rows = re.findall(r"^\| (\d+) \|", (ROOT / "SOUNDNESS.md").read_text(encoding="utf-8"), re.MULTILINE)
    tests = {name.split("_")[1] for name in globals() if re.match(r"test_\d", name)}
    assert rows == [str(n + 1) for n in range(len(rows))]
    assert set(rows) == tests
