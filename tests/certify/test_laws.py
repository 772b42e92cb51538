"""Laws of Learn, of lenses, of squares and of the functor in Coq."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from verifier.certify.coqc import Accepted, Unavailable
from verifier.certify.real import NotStated
from verifier.certify.statement import Theorem
from verifier.certify.theorem import theorems
from verifier.elaborate.claims import Claim

from .conftest import needs_coq

Claims = Callable[[str], list[Claim]]
Accepts = Callable[[Theorem], Accepted]

OPAQUE = """
set A0, A1, A2
learner F : A0 -> A1 opaque
learner G : A1 -> A2 opaque
"""
GRADIENT = """
size n, m, k
real eps > 0
error both(x, y) opaque inverse f(left, right)
error onto(x, y) opaque inverse g(right)
error neither(x, y) opaque
function s : R -> R smooth
learner Dense(n, m, e : error) : a : R[n] -> b : R[m] {
  param W : R[m, n], v : R[m]
  implement s(W @ a + v)
  learn gradient(e, rate = eps)
}
"""


def accepted(found: Claim, accepts: Accepts) -> Accepted:
    """What coqc says of the first theorem of a claim that it accepts."""
    last: Unavailable | None = None
    for theorem in theorems(found):
        try:
            return accepts(theorem)
        except Unavailable as e:
            last = e
    assert last is not None
    raise last


@needs_coq
@pytest.mark.slow
@pytest.mark.parametrize(
    "check",
    [
        "category of F, G",
        "F ; id(A1) == F",
        "(F * G) * F == F * (G * F)",
        "(F * G) ; braid(A1, A2) ~ braid(A0, A1) ; (G * F)",
        "(F * F) ; (G * G) ~ (F ; G) * (F ; G)",
        "getput(F ; G) assuming getput(F), getput(G)",
        "putput(F ; G) assuming putput(F), putput(G), putget(F)",
        "natural F ; G reading weights",
        "natural F ; G reading target assuming putget(F), putget(G)",
        "natural F ; G reading local assuming getput(F), getput(G) expect vacuous",
    ],
)
def test_laws_of_all_learners_need_no_axiom(claims: Claims, accepts: Accepts, check: str) -> None:
    assert accepted(claims(f"{OPAQUE}check {check}\n")[0], accepts).axioms == ()


@needs_coq
@pytest.mark.slow
@pytest.mark.parametrize("check", ["getput(F ; G) assuming getput(F)", "putput(F ; G) assuming putput(F), putput(G)"])
def test_what_is_not_a_law_is_not_accepted(claims: Claims, accepts: Accepts, check: str) -> None:
    broken = next(iter(theorems(claims(f"{OPAQUE}check {check}\n")[0])))
    with pytest.raises(Unavailable, match="does not accept"):
        accepts(broken)


@needs_coq
@pytest.mark.slow
@pytest.mark.parametrize(
    "check",
    [
        "functor gradient(both, rate = eps) of Dense(n, m, both), Dense(m, k, both)",
        "gradient(Dense(n, m, both) ; Dense(m, k, both), both, rate = eps) == Dense(n, m, both) ; Dense(m, k, both)",
    ],
)
def test_the_gradient_functor(claims: Claims, accepts: Accepts, check: str) -> None:
    assert accepted(claims(f"{GRADIENT}check {check}\n")[0], accepts).axioms


@pytest.mark.parametrize("error", ["onto", "neither"])
def test_an_error_needs_both_laws(claims: Claims, error: str) -> None:
    """The theorem is about errors with both laws; it does not speak of others."""
    check = f"check functor gradient({error}, rate = eps) of Dense(n, m, {error}), Dense(m, k, {error})\n"
    with pytest.raises(NotStated, match="both laws"):
        list(theorems(claims(GRADIENT + check)[0]))


def test_squares_of_an_error_with_a_slope_have_no_statement(claims: Claims) -> None:
    """Theorem B needs de/dx(y, y) = 0, which is computed and not believed."""
    check = "check natural Dense(n, m, both) ; Dense(m, k, both) reading local expect vacuous\n"
    with pytest.raises(NotStated, match="diagonal"):
        list(theorems(claims(GRADIENT + check)[0]))
