"""Rules 1 to 12 of the contract, each with a regression test that fails when the rule is switched off.

``test_rule`` runs the regression.  ``test_rule_switched_off`` runs the same regression with a mutant in which the
rule is missing, and demands that it fails: a regression that cannot fail is no regression.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

import pytest

import verifier.elaborate.errors as elaborate_errors
import verifier.elaborate.learners as learners
import verifier.elaborate.positions as positions
import verifier.learn.gradient as gradient
import verifier.proof.judge as judge
import verifier.proof.problem as problem
from verifier.evaluate import bank
from verifier.evaluate.model import Model
from verifier.learn.program import Program
from verifier.proof.refute import Refuter
from verifier.proof.verdict import Verdict
from verifier.terms import definedness
from verifier.terms.sizes import Bounds
from verifier.terms.syntax import ONE, Let, Mul, Total

Checks = Callable[[str], dict[str, Verdict]]
Loads = Callable[[str], Any]

HEAD = "import std.errors\nimport std.layers\nsize n, m\nreal eps > 0\nfunction s : R -> R smooth\n"


@dataclass(frozen=True)
class Rule:
    """``regression(verdicts, spec)`` asserts; ``mutant(patch)`` switches the rule off."""

    regression: Callable[[Checks, Loads], None]
    mutant: Callable[[pytest.MonkeyPatch], None]


RULES: dict[str, Rule] = {}


def rule(name: str, mutant: Callable[[pytest.MonkeyPatch], None]) -> Callable[[Any], Any]:
    def add(regression: Callable[[Checks, Loads], None]) -> Callable[[Checks, Loads], None]:
        RULES[name] = Rule(regression, mutant)
        return regression

    return add


def codes(module: Any) -> set[str]:
    return {d.code for d in module.faults}


# ---- 1: the specification side fixes the domain

SQUARE = """
learner Square : x : R -> b : R {
  implement x^2
  request b * 2*x*x/x
}
check claim: Square == gradient(Square, product, rate = 1)
"""


@rule("1 the specification fixes the domain", lambda p: p.setattr(Refuter, "violate", lambda *_: None))
def specification_side(verdicts: Checks, spec: Loads) -> None:
    claim = verdicts(HEAD + SQUARE)["claim"]
    assert claim.verdict == "refuted"
    witness = next(c.witness for c in claim.components if c.name == "R")
    assert witness is not None and witness.kind == "undefined" and witness.values[0] == ("x", "0")


# ---- 2: conditions come from the terms as written

QUOTIENT = """
learner Plain : x : R -> b : R {
  implement x
  request x - (x - b)
}
learner Quotient : x : R -> b : R {
  implement x * (x / x)
  learn gradient(quadratic, rate = eps)
}
check claim: Plain == Quotient
check stated: Plain == Quotient when x != 0
"""


def no_conditions(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(problem, "of_terms", lambda *_: [])
    patch.setattr(judge, "of_terms", lambda *_: [])


@rule("2 conditions come from the terms as written", no_conditions)
def as_written(verdicts: Checks, spec: Loads) -> None:
    claim = verdicts(HEAD + QUOTIENT)["claim"]
    assert claim.verdict == "proved" and not claim.met
    assert any("x != 0" in c for c in claim.open_conditions)


# ---- 3: conditions are discharged, stated or open; open ones are no green build


@rule(
    "3 open conditions are not met",
    lambda p: p.setattr(Verdict, "open_conditions", property(lambda v: ())),
)
def open_conditions(verdicts: Checks, spec: Loads) -> None:
    found = verdicts(HEAD + QUOTIENT)
    assert not found["claim"].met
    assert found["stated"].met and found["stated"].verdict == "proved"


# ---- 4: no proof without a model

CONTRADICTORY = """
learner Id(n) : a : R[n] -> b : R[n] {
  implement a
  request b
}
check claim: Id(n) == id(R[n]) when sum[j](a[j]) == 1, sum[j](a[j]) == 2
"""


@rule(
    "4 no proof without a model",
    lambda p: p.setattr(Refuter, "model_of", lambda self, goal: Model({}, {}, {})),
)
def model(verdicts: Checks, spec: Loads) -> None:
    claim = verdicts(HEAD + CONTRADICTORY)["claim"]
    assert claim.verdict == "unknown"
    assert "not shown satisfiable" in claim.components[0].reason


# ---- 5: hypotheses about data rewrite nothing that is still to be differentiated

ON_THE_SIMPLEX = """
learner Sum(n) : a : R[n] -> b : R {
  param p : R
  implement p * sum[j](a[j])
  learn gradient(quadratic, rate = eps)
}
learner Constant(n) : a : R[n] -> b : R {
  param p : R
  implement p * sum[j](a[j])
  update p = p - eps * (p - b)
  request a
}
check claim: Constant(n) == Sum(n) assuming sum[j](a[j]) == 1
"""


def rewrites_before_differentiating(patch: pytest.MonkeyPatch) -> None:
    """The derivation sees 1 where the implementation has sum[j](a[j])."""
    true = learners.gradient

    def early(name: str, p: Any, a: Any, b: Any, implement: Program, error: Any, rate: Any) -> Any:
        lets = tuple(Let(let.symbol, let.indices, ones(let.body)) for let in implement.lets)
        return true(name, p, a, b, replace(implement, lets=lets), error, rate)

    def ones(t: Any) -> Any:
        if isinstance(t, Mul):
            return Mul(tuple(map(ones, t.parts)))
        return ONE if isinstance(t, Total) else t

    patch.setattr(learners, "gradient", early)


@rule("5 hypotheses are typed", rewrites_before_differentiating)
def typed_hypotheses(verdicts: Checks, spec: Loads) -> None:
    claim = verdicts(HEAD + ON_THE_SIMPLEX)["claim"]
    assert claim.of("U") == "proved"
    assert claim.of("R") == "refuted"


# ---- 6: differentiation goes through the let graph

TWO_LETS = """
learner Hand(n) : a : R[n] -> b : R[n] {
  param w : R[n]
  let h = w * a
  let g = s(h)
  implement g
  let d = (g - b) * s'(h)
  update w = w - eps * d * a
  request a - w * d
}
check claim: Hand(n) == gradient(Hand(n), quadratic, rate = eps)
"""


def lets_are_opaque(patch: pytest.MonkeyPatch) -> None:
    true = gradient.reverse
    patch.setattr(gradient, "reverse", lambda forward, *rest: true(forward[-1:], *rest))


@rule("6 differentiation never stops at a let", lets_are_opaque)
def through_lets(verdicts: Checks, spec: Loads) -> None:
    assert verdicts(HEAD + TWO_LETS)["claim"].verdict == "proved"


# ---- 7: guards are lazy, reads are checked

GUARDED = """
learner Shift(n) : a : R[n] -> b : R[n] {
  implement y[i] = a[i] + (a[i+1] / a[i+1] if i + 1 < n else 0)
  request b
}
check claim: Shift(n) == Shift(n)
"""
UNGUARDED = GUARDED.replace("a[i+1] / a[i+1] if i + 1 < n else 0", "a[i+1]")


def reads_are_not_checked(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(positions, "inside", lambda *_: True)


@rule("7 reads are checked", reads_are_not_checked)
def checked_reads(verdicts: Checks, spec: Loads) -> None:
    assert codes(spec(HEAD + UNGUARDED)) == {"E125"}
    assert codes(spec(HEAD + GUARDED)) == set()


def guards_are_forgotten(patch: pytest.MonkeyPatch) -> None:
    """Conditions under a guard are collected as if it were always true."""
    true = definedness.of_terms

    def unguarded(terms: Any, lets: Any) -> Any:
        return [replace(c, guards=()) for c in true(terms, lets)]

    patch.setattr(problem, "of_terms", unguarded)
    patch.setattr(judge, "of_terms", unguarded)


@rule("7 guards are lazy", guards_are_forgotten)
def lazy_guards(verdicts: Checks, spec: Loads) -> None:
    claim = verdicts(HEAD + GUARDED)["claim"]
    assert [c for c in claim.open_conditions if "!= 0" in c] == [
        "a[i + 1] != 0 where n >= i + 2 for all i (a denominator)"
    ]


# ---- 8: sorts of sizes


def every_size_will_do(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Bounds, "nonnegative", lambda self, size: True)


@rule("8 sizes have least values", every_size_will_do)
def sorts_of_sizes(verdicts: Checks, spec: Loads) -> None:
    assert codes(spec(HEAD + "nat k\ncheck getput(Bias(k, quadratic, eps))\n")) == {"E113"}
    assert codes(spec(HEAD + "check getput(Bias(n - m, quadratic, eps))\n")) == {"E113"}
    assert codes(spec(HEAD + "check getput(Bias(n + m - 1, quadratic, eps))\n")) == set()


# ---- 9: kinks are conditions

KINK = """
learner Hinge(n) : a : R[n] -> b : R[n] {
  implement relu(a)
  request a[i] = a[i] - (relu(a[i]) - b[i]) * step(a[i])
}
check claim: Hinge(n) == gradient(Hinge(n), quadratic, rate = eps)
check stated: Hinge(n) == gradient(Hinge(n), quadratic, rate = eps) when a[i] != 0
"""


def no_kinks(patch: pytest.MonkeyPatch) -> None:
    true = gradient.reverse
    patch.setattr(gradient, "reverse", lambda *given: replace(true(*given), kinks=()))


@rule("9 kinks are printed", no_kinks)
def kinks(verdicts: Checks, spec: Loads) -> None:
    found = verdicts(HEAD + KINK)
    assert found["claim"].verdict == "proved" and not found["claim"].met
    assert [c.split(" (")[0] for c in found["claim"].open_conditions] == ["a[i] != 0 for all i"]
    assert found["stated"].met


# ---- 10: an instance must satisfy what is assumed of it

ANY_ERROR = """
error e(x, y) opaque inverse f(left, right)
learner P : a : R -> b : R {
  param p : R
  implement p * a
  learn gradient(e, rate = eps)
}
check claim: gradient(P ; P, e, rate = eps) == P ; P
"""


def untrue_pairs(patch: pytest.MonkeyPatch) -> None:
    slope = lambda x, y: bank.times(x, y)  # noqa: E731
    patch.setattr(bank, "_pair", lambda laws, seed: (slope, lambda x, z: bank.plus(x, bank.times(Fraction(2), z))))


@rule("10 instances satisfy the hypotheses", untrue_pairs)
def true_instances(verdicts: Checks, spec: Loads) -> None:
    try:
        claim = verdicts(HEAD + ANY_ERROR)["claim"]
    except judge.Contradiction:
        pytest.fail("the two judges disagree")
    assert claim.verdict == "proved"


# ---- 11: sympy and users propose, the kernel disposes

WRONG_INVERSE = """
error wrong(x, y) = (x - y)^2 inverse f(x, z) = x - z
learner L : a : R -> b : R {
  implement a
  learn gradient(wrong, rate = eps)
}
check claim: L == id(R)
"""


def inverses_are_believed(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(elaborate_errors, "certify", lambda e, *_: replace(e, laws=frozenset({"left", "right"})))


@rule("11 an inverse is proved to be one", inverses_are_believed)
def proved_inverses(verdicts: Checks, spec: Loads) -> None:
    assert codes(spec(HEAD + WRONG_INVERSE)) == {"E110"}
    right = WRONG_INVERSE.replace("x - z", "x - z/2")
    assert verdicts(HEAD + right)["claim"].verdict == "proved"


# ---- 12: requests may leave the domain of a partial error

PARTIAL = """
error expo(x, y) = exp(x - y)
learner P : a : R -> b : R {
  param p : R
  implement p + a
  learn gradient(expo, rate = eps)
}
check claim: gradient(P ; P, expo, rate = eps) == P ; P
"""


def every_inverse_is_total(patch: pytest.MonkeyPatch) -> None:
    true = elaborate_errors.certify
    patch.setattr(elaborate_errors, "certify", lambda e, *a: replace(true(e, *a), total=True, stays=True))


@rule("12 composites may leave the domain", every_inverse_is_total)
def partial_errors(verdicts: Checks, spec: Loads) -> None:
    claim = verdicts(HEAD + PARTIAL)["claim"]
    assert {c.group for c in claim.components} == {"where the request stays inside", "total"}


# ---- the tests


@pytest.mark.parametrize("name", RULES)
def test_rule(name: str, verdicts: Checks, spec: Loads) -> None:
    RULES[name].regression(verdicts, spec)


@pytest.mark.parametrize("name", RULES)
def test_rule_switched_off(name: str, verdicts: Checks, spec: Loads, monkeypatch: pytest.MonkeyPatch) -> None:
    RULES[name].mutant(monkeypatch)
    with pytest.raises((AssertionError, pytest.fail.Exception)):
        RULES[name].regression(verdicts, spec)


def test_every_rule_is_here() -> None:
    assert {name.split()[0] for name in RULES} == {str(k) for k in range(1, 13)}
