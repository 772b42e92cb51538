"""``via isometry``: distances are kept, nothing else is taken for an isometry, and what is found is proved."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

import pytest

from verifier.learn.relation import Reparametrisation
from verifier.proof import isometries
from verifier.proof.verdict import Verdict

Checks = Callable[[str], dict[str, Verdict]]
SPEC = """
size n
real c != 0
real Q : R[n, n]
error half(x, y) = (x - y)^2 / 2
set Two = {{0, 1}}
learner One : a : R -> b : R {{
  param p : R
  implement p * a
  learn gradient(half, rate = 1/2)
}}
learner Minus : a : R -> b : R {{
  param q : R
  implement -q * a
  learn gradient(half, rate = 1/2)
}}
learner Double : a : R -> b : R {{
  param q : R
  implement 2 * q * a
  learn gradient(half, rate = 1/2)
}}
learner Mixed : a : R -> b : R {{
  param u : R, v : R
  implement u * a + v
  learn gradient(half, rate = 1/2)
}}
learner Sheared : a : R -> b : R {{
  param r : R, s : R
  implement (r - s) * a + s
  learn gradient(half, rate = 1/2)
}}
learner Row : a : R[n] -> b : R {{
  param w : R[n]
  implement sum[i](w[i] * a[i])
  learn gradient(half, rate = 1/2)
}}
learner Turned : a : R[n] -> b : R {{
  param z : R[n]
  implement sum[i,j](Q[j,i] * z[j] * a[i])
  learn gradient(half, rate = 1/2)
}}
learner Bit : a : R -> b : R {{
  param x : Two
  implement a
  update x = x
  request a
}}
check claim: {claim}
"""
ORTHOGONAL = "assuming sum[i](Q[i,j] * Q[i,k]) == (1 if j == k else 0)"


@pytest.mark.parametrize(
    ("claim", "kept"),
    [
        ("One ~ Minus via isometry, q = -p", "proved"),
        ("One ~ Minus via isometry, q = 1 - p", "proved"),  # no equivalence, but an isometry
        ("One ~ Minus via isometry, q = c * p", "refuted"),
        ("One ~ Minus via isometry, q = c * p when c^2 == 1", "proved"),
        ("One ~ Minus via isometry, q = abs(p)", "refuted"),
        ("One ~ Minus via isometry, q = 0 * p", "refuted"),
        ("One ~ Double via isometry, q = p / 2", "refuted"),
        ("Mixed ~ Mixed via isometry, right.u = 3/5*left.u - 4/5*left.v, right.v = 4/5*left.u + 3/5*left.v", "proved"),
        ("Mixed ~ Mixed via isometry, right.u = 3/5*left.u + 4/5*left.v, right.v = 4/5*left.u + 3/5*left.v", "refuted"),
        ("Mixed ~ Sheared via isometry, s = v, r = u + v", "refuted"),
        (f"Row ~ Turned via isometry, z = Q @ w {ORTHOGONAL}", "proved"),
        (
            f"Row ~ Turned via isometry, z = Q.T @ w {ORTHOGONAL}",
            "unknown",
        ),  # rows too: true, and not known to the kernel
        ("Row ~ Turned via isometry, z = Q @ w", "refuted"),
        ("Row ~ Row via isometry, right.w[i] = sum[j](left.w[j])", "refuted"),
    ],
)
def test_distances(verdicts: Checks, claim: str, kept: str) -> None:
    found = verdicts(SPEC.format(claim=claim))["claim"]
    (row,) = [c for c in found.components if c.name == "isometry"]
    assert row.verdict == kept
    assert (row.witness is not None) == (kept == "refuted")
    if kept == "proved":
        assert found.of("bijection") == "proved"


def test_what_keeps_distances_need_not_be_onto(verdicts: Checks) -> None:
    claim = "Row ~ Row via isometry, right.w = left.w"
    pair = SPEC.replace("check claim: {claim}", "check claim: One ~ Mixed via isometry, u = p, v = 0")
    assert verdicts(SPEC.format(claim=claim))["claim"].verdict == "proved"
    found = verdicts(pair.format())["claim"]
    assert found.of("isometry") == "proved" and found.of("bijection") != "proved"
    assert found.verdict != "proved"


@pytest.mark.parametrize(
    ("claim", "verdict"),
    [
        ("One ~ Minus via isometry", "proved"),
        ("Minus ; One ~ One ; Minus via isometry", "proved"),
        ("One ~ Double via isometry", "unknown"),
        ("Mixed ~ Sheared via isometry", "unknown"),
        ("One ~ Mixed via isometry", "unknown"),
        ("One ~ Minus", "unknown"),  # not asked for
        ("One == Minus", "refuted"),
    ],
)
def test_the_search(verdicts: Checks, claim: str, verdict: str) -> None:
    assert verdicts(SPEC.format(claim=claim))["claim"].verdict == verdict


def test_a_wrong_proposal_is_not_believed(verdicts: Checks, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever the search proposes is judged: here the map that doubles."""

    def proposals(claim):
        left, right = claim.learners
        matrix = [{(0, ()): Fraction(1, 2)}]
        yield Reparametrisation(isometries._program(left, right, matrix), None, (), True)

    monkeypatch.setattr("verifier.proof.decide.candidates", proposals)
    assert verdicts(SPEC.format(claim="One ~ Double via isometry"))["claim"].verdict == "unknown"


@pytest.mark.parametrize(
    ("claim", "words"),
    [
        ("One == Minus via isometry", "no equation"),
        ("One == Minus via isometry, q = p", "no equation"),
        ("Bit ~ Bit via isometry", "element of Two"),
        ("getput(One) via isometry", "via on a claim"),
    ],
)
def test_faults(spec, claim: str, words: str) -> None:
    (fault,) = spec(SPEC.format(claim=claim)).faults
    assert fault.code == "E130" and words in f"{fault.found} {fault.expected}"


def test_a_condition_on_a_parameter_says_nothing_of_the_bijection(verdicts: Checks) -> None:
    """w^2 is injective for w > 0 alone; what is declared of a matrix may be used, what is said of a parameter not."""
    for clause in ("when w[i] > 0", "assuming sum[i](w[i]) == 1"):
        found = verdicts(SPEC.format(claim=f"Row ~ Turned via z[i] = w[i]^2, w[i] = sqrt(z[i]) {clause}"))["claim"]
        assert found.of("bijection") != "proved"
    found = verdicts(SPEC.format(claim="One ~ Minus via q = c * p, p = q / c when c > 1"))["claim"]
    assert found.of("bijection") == "proved"
