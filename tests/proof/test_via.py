"""``via``: what is no bijection is never taken for one, and relations are asked for after the step."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

import pytest

from verifier.learn.program import Program, Scope
from verifier.learn.solve import solved
from verifier.proof.verdict import Verdict
from verifier.terms.signs import SignTable
from verifier.terms.sizes import Bounds
from verifier.terms.syntax import Read, Symbol, add, mul, num

Checks = Callable[[str], dict[str, Verdict]]
SPEC = """
real c, d != 0
error half(x, y) = (x - y)^2 / 2
set Two = {{0, 1}}
function s : R -> R smooth
learner One : a : R -> b : R {{
  param p : R
  implement p * a
  learn gradient(half, rate = 1/2)
}}
learner Other : a : R -> b : R {{
  param q : R
  implement q * a
  learn gradient(half, rate = 1/2)
}}
learner Pair : a : R -> b : R {{
  param u : R, v : R
  implement (u + v) * a
  learn gradient(half, rate = 1/4)
}}
learner Positive : a : R -> b : R {{
  param r : interval(0, oo)
  implement log(r) * a
  update r = r * exp(-1/2 * (log(r) * a - b) * a)
  request a - log(r) * (log(r) * a - b)
}}
learner Bit : a : Two -> b : Two {{
  param x : Two
  implement Two(0, 1, 1, 0)
  update x = x
  request a
}}
learner Tib : a : Two -> b : Two {{
  param y : Two
  implement Two(1, 0, 0, 1)
  update y = y
  request a
}}
check claim: {claim}
"""


def _bijection(v: Verdict) -> str:
    return v.of("bijection")


@pytest.mark.parametrize(
    ("claim", "expected"),
    [
        ("One ~ Other via q = p", "proved"),
        ("One ~ Other via q = d * p + c", "proved"),
        ("One ~ Other via q = -p", "proved"),
        ("One ~ Other via q = c * p", "refuted"),  # c may be 0
        ("One ~ Other via q = 0 * p", "refuted"),
        ("One ~ Other via q = p^2", "refuted"),
        ("One ~ Other via q = p^2, p = sqrt(q)", "refuted"),
        ("One ~ Other via q = p^2, p = sqrt(q) when p > 0", "refuted"),
        ("One ~ Other via q = abs(p)", "refuted"),
        ("One ~ Other via q = 1 / p", "refuted"),  # 0 has no image
        ("One ~ Other via q = exp(p), p = log(q)", "refuted"),  # an inverse on one side: -1 is not reached
        ("One ~ Other via q = exp(p)", "unknown"),
        ("One ~ Other via q = s(p)", "unknown"),
        ("One ~ Other via q = p, p = q + 1", "unknown"),  # a bijection, and what is given is not its inverse
        ("One ~ Other via q = p^3, p = cbrt(q)", "proved"),
        ("Pair ~ Other via q = u + v", "refuted"),
        ("Pair ~ Other via q = u + v, u = q, v = 0", "refuted"),
        ("Other ~ Pair via u = q, v = q", "unknown"),
        ("Other ~ Pair via u = q, v = q, q = u", "refuted"),  # not onto
        ("One ~ Positive via r = exp(p), p = log(r)", "proved"),
        ("Positive ~ One via p = log(r), r = exp(p)", "proved"),
        ("Bit ~ Tib via y = x", "proved"),
    ],
)
def test_bijections(verdicts: Checks, claim: str, expected: str) -> None:
    verdict = verdicts(SPEC.format(claim=claim))["claim"]
    assert _bijection(verdict) == expected
    for c in verdict.components:
        if c.name == "bijection":
            assert not (c.verdict == "proved" and c.conditions.open)
            assert (c.witness is not None) == (expected == "refuted")
            assert c.witness is None or c.witness.kind == "forced-bijection"


def test_two_parameters_apart_need_not_be_of_least_size(verdicts: Checks) -> None:
    """sum(w) in each place tells no two w of one sum apart; at n = 1 it does."""
    text = (
        "size n\nlearner L(n) : a : R[n] -> b : R {\n  param w : R[n]\n  implement sum[j](w[j] * a[j])\n"
        "  update w = w\n  request a\n}\ncheck claim: L(n) ~ L(n) via right.w[k] = sum[j](left.w[j])\n"
    )
    found = verdicts(text)["claim"]
    assert _bijection(found) == "refuted"
    (row,) = [c for c in found.components if c.name == "bijection"]
    assert row.witness is not None and int(dict(row.witness.sizes)["n"]) > 1


def test_an_equivalence_that_is_one(verdicts: Checks) -> None:
    """The update of Positive is that of One, moved along exp: proved, though the parameters live in another space."""
    verdict = verdicts(SPEC.format(claim="One ~ Positive via r = exp(p), p = log(r)"))["claim"]
    assert verdict.met, [(c.name, c.verdict, c.reason) for c in verdict.components]


@pytest.mark.parametrize("clauses", ["on I", "expect { I: proved }", "on I expect { I: proved }", "on I, R"])
def test_no_part_is_claimed_along_what_is_no_bijection(verdicts: Checks, clauses: str) -> None:
    verdict = verdicts(SPEC.format(claim=f"Pair ~ Other via q = u + v {clauses}"))["claim"]
    assert verdict.of("I") == "proved" and _bijection(verdict) == "refuted"
    assert not verdict.met


@pytest.mark.parametrize(
    ("claim", "words"),
    [
        ("One ~ Other via q = p * a", "unknown name a"),
        ("One ~ Other via q = p * b", "unknown name b"),
        ("One ~ Other via Other.q = One.a", "no parameter"),
        ("One ~ Other via q = q", "same learner"),
        ("One ~ Other via q = p, q = 2 * p", "second equation"),
        ("Other ~ Pair via u = q", "no equation for v"),
        ("Pair ~ Other via q = u + v, u = q", "no equation for v"),
        ("One ~ One via p = 2 * p", "more than one thing"),
        ("One ~ One via One.p = 2 * p", "both sides"),
        ("One ~ Positive via r = p", "not known to lie in"),
        ("One == Positive via r = p", "not known to lie in"),
        ("One ~ Other via h", "no equation"),
        ("One ~ Other via 2 * q = p", "no parameter"),
        ("One == Other via p + q = 1", "gives no parameter"),
        ("One == Other via q = p, p = q", "gives no parameter"),
        ("One == Other via q = q + p", "gives no parameter"),
        ("getput(One) via p = p", "via on a claim"),
    ],
)
def test_faults(spec, claim: str, words: str) -> None:
    faults = spec(SPEC.format(claim=claim)).faults
    assert len(faults) == 1 and faults[0].code in ("E130", "E101")
    assert words in f"{faults[0].found} {faults[0].expected}"


@pytest.mark.parametrize(
    ("claim", "verdict"),
    [
        ("One == Other via q = p", "proved"),
        ("One == Other via p = q", "proved"),
        ("One == Other via q = 2 * p", "refuted"),
        ("One ~ One via right.p = left.p", "proved"),
        ("One == One via right.p = left.p", "proved"),
        ("Pair == Other via q = u + v", "proved"),
        ("Pair == Other via u = q - v", "proved"),  # the same relation, solved for another parameter
        ("Pair == Other via q = u - v", "refuted"),
        ("One == Other via q = 1 / (1 / p)", "refuted"),  # after a step to 0 it has no value
    ],
)
def test_simulations(verdicts: Checks, claim: str, verdict: str) -> None:
    found = verdicts(SPEC.format(claim=claim))["claim"]
    assert found.verdict == verdict


def test_after_the_step(verdicts: Checks) -> None:
    """Equal implementations and requests at related states are not enough: the relation must be kept."""
    found = verdicts(SPEC.format(claim="Pair == Other via q = u + v").replace("1/4", "1/2"))["claim"]
    assert [found.of(k) for k in "IRU"] == ["proved", "proved", "refuted"]


@pytest.mark.parametrize("rows", [[[3, 4], [4, -3]], [[0, 1], [1, 0]], [[1, 2], [2, 4]], [[2, 1], [1, 1]]])
def test_elimination(rows: list[list[int]]) -> None:
    """A linear map is inverted exactly when its determinant is not 0."""
    p = tuple(Symbol(n) for n in "xy")
    scope = Scope()
    for s in p:
        scope.input(s)
    out = []
    for k, row in enumerate(rows):
        body = add(*(mul(num(c), Read(s)) for c, s in zip(row, p, strict=True)), num(1))
        out.append(scope.define(f"h{k}", (), body))
    forward: Program = scope.program(p, out)
    back = solved(forward, SignTable({}, Bounds(), ()))
    determinant = Fraction(rows[0][0] * rows[1][1] - rows[0][1] * rows[1][0])
    assert (back is not None) == (determinant != 0)
