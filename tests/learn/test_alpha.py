"""The normalised gradient: what alpha may be, and what it changes."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from verifier.proof.verdict import Verdict

Checks = Callable[[str], dict[str, Verdict]]
HEAD = """
size n, m
real eps > 0, k
function al : R -> R positive
function any : R -> R
error half(x, y) = (x - y)^2 / 2
learner L(n, m) : a : R[n] -> b : R[m] {{
  param W : R[m, n]
  implement W @ a
  learn gradient(half, rate = eps{alpha})
}}
"""


@pytest.mark.parametrize(
    ("alpha", "verdict"),
    [
        (", alpha = al(dim)", "proved"),
        (", alpha = dim", "proved"),
        (", alpha = 1/dim", "proved"),
        (", alpha = dim^2 + 1", "proved"),
        (", alpha = dim - 2", "refuted"),  # 0 between the layers: the composite is undefined where the whole is not
        (", alpha = k", "refuted"),
        (", alpha = any(dim)", "proved"),  # under a condition that is open
    ],
)
def test_composition(verdicts: Checks, alpha: str, verdict: str) -> None:
    claim = "check claim: L(n, m) ; L(m, n) == gradient(L(n, m) ; L(m, n), half, rate = eps{alpha})\n"
    found = verdicts((HEAD + claim).format(alpha=alpha))["claim"]
    assert found.verdict == verdict
    assert found.met == (verdict == "proved" and "any" not in alpha)


def test_another_alpha_is_another_learner(verdicts: Checks) -> None:
    claim = "check claim: L(n, m) == gradient(L(n, m), half, rate = eps)\n"
    found = verdicts((HEAD + claim).format(alpha=", alpha = dim"))["claim"]
    assert (found.of("I"), found.of("U"), found.of("R")) == ("proved", "refuted", "refuted")


def test_the_number_one_changes_nothing(verdicts: Checks) -> None:
    claim = "check claim: L(n, m) == gradient(L(n, m), half, rate = eps)\n"
    assert verdicts((HEAD + claim).format(alpha=", alpha = 1"))["claim"].met


@pytest.mark.parametrize(
    "alpha", [", alpha = b", ", alpha = W", ", beta = 1", ", alpha = 1, alpha = 2", ", alpha = n2"]
)
def test_faults(spec, alpha: str) -> None:
    assert spec(HEAD.format(alpha=alpha)).faults
