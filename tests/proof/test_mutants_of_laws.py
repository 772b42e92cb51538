"""Every law has mutants that it refutes: a wrong identity, a swapped braiding, a moved eps, a dropped component, ...

The last test counts them: killed of total.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pytest

from verifier.proof.verdict import Verdict

Checks = Callable[[str], dict[str, Verdict]]

HEAD = """
set A, B, C
error flat(x, y) = x * y^2
error only_left(x, y) opaque inverse g1(left)
error only_right(x, y) opaque inverse g2(right)
error both(x, y) opaque inverse g3(left, right)
size n, m
real eps > 0
error half(x, y) = (x - y)^2 / 2
error xy(x, y) = x * y
function s : R -> R smooth
learner F : A -> B opaque
learner G : B -> C opaque
learner Lazy : a : A -> b : A {
  implement a
  request a
}
learner Swap : (a : A, b : A) -> (x : A, y : A) {
  implement (b, a)
  request (x, y)
}
learner Times(e : error) : a : R -> b : R {
  param p : R
  implement p * a
  learn gradient(e, rate = eps)
}
learner Dense(n, m) : a : R[n] -> b : R[m] {
  param W : R[m, n], v : R[m]
  implement s(W @ a + v)
  learn gradient(half, rate = eps)
}
learner Pythagoras : a : R -> b : R {
  param p : R
  implement 3/5 * a + p
  learn gradient(half, rate = 16/25)
}
learner Turn : (x : R, y : R) -> (u : R, v : R) {
  implement (3/5 * x - 4/5 * y, 4/5 * x + 3/5 * y)
  learn gradient(half, rate = eps)
}
learner NoFactor : a : R -> b : R {
  param p : R
  implement p * a
  update p = p - (p * a - b) * a
  request a - (p * a - b) * p
}
learner EpsInRequest : a : R -> b : R {
  param p : R
  implement p * a
  update p = p - eps * (p * a - b) * a
  request a - eps * (p * a - b) * p
}
learner NoBias(n, m) : a : R[n] -> b : R[m] {
  param W : R[m, n], v : R[m]
  let h = W @ a + v
  let d = (s(h) - b) * s'(h)
  implement s(h)
  update W[i,j] = W[i,j] - eps * d[i] * a[j]
  update v = v
  request a - W.T @ d
}
learner NoTranspose(n) : a : R[n] -> b : R[n] {
  param W : R[n, n]
  implement W @ a
  update W[i,j] = W[i,j] - eps * (sum[k](W[i,k] * a[k]) - b[i]) * a[j]
  request a - W @ (W @ a - b)
}
learner Sign : a : R -> b : R {
  param p : R
  implement p * a
  update p = p + eps * (p * a - b) * a
  request a - (p * a - b) * p
}
learner NoSlope : a : R -> b : R {
  param p : R
  implement s(p * a)
  update p = p - eps * (s(p * a) - b) * a
  request a - (s(p * a) - b) * p
}
learner Last : a : R -> b : R {
  param p : R, q : R
  implement q * (p * a)
  update p = p - eps * (p * a - b) * a
  update q = q - eps * (q * p * a - b) * p * a
  request a - (p * a - b) * p
}
"""


@dataclass(frozen=True)
class Mutant:
    """``law`` with something wrong in it; ``right`` is the same claim without the mistake."""

    law: str
    wrong: str
    right: str


MUTANTS = {
    "a lazy identity": Mutant("unit", "Lazy == id(A)", "id(A) == id(A)"),
    "a braiding that swaps nothing back": Mutant("symmetry", "Swap == braid(A, A)", "braid(A, A) == braid(A, A)"),
    "braiding twice is not braiding": Mutant(
        "symmetry", "braid(A, A) ; braid(A, A) == braid(A, A)", "braid(A, A) ; braid(A, A) == id(A * A)"
    ),
    "composition the other way": Mutant(
        "composition",
        "Times(half) ; Times(xy) == Times(xy) ; Times(half)",
        "Times(half) ; Times(xy) == Times(half) ; Times(xy)",
    ),
    "eps missing in the update": Mutant("gradient", "NoFactor == Times(half)", "Times(half) == Times(half)"),
    "eps in the request": Mutant("gradient", "EpsInRequest == Times(half)", "Times(half) == Times(half)"),
    "a bias that is not trained": Mutant("gradient", "NoBias(n, m) == Dense(n, m)", "Dense(n, m) == Dense(n, m)"),
    "a transpose dropped": Mutant(
        "gradient",
        "NoTranspose(n) == gradient(NoTranspose(n), half, rate = eps)",
        "gradient(NoTranspose(n), half, rate = eps) == gradient(NoTranspose(n), half, rate = eps)",
    ),
    "uphill": Mutant("gradient", "Sign == Times(half)", "Times(half) == Times(half)"),
    "the slope of the activation dropped": Mutant(
        "gradient", "NoSlope == gradient(NoSlope, half, rate = eps)", "Times(half) == Times(half)"
    ),
    "the first layer trained on the last target": Mutant(
        "functor",
        "Last == gradient(Last, half, rate = eps)",
        "Times(half) ; Times(half) == gradient(Times(half) ; Times(half), half, rate = eps)",
    ),
    "another error in the functor": Mutant(
        "functor",
        "gradient(Times(half) ; Times(half), xy, rate = eps) == Times(half) ; Times(half)",
        "gradient(Times(half) ; Times(half), half, rate = eps) == Times(half) ; Times(half)",
    ),
    "another step in the functor": Mutant(
        "functor",
        "gradient(Times(half) ; Times(half), half, rate = 2*eps) == Times(half) ; Times(half)",
        "gradient(Times(half) ; Times(half), half, rate = eps) == Times(half) ; Times(half)",
    ),
    "GetPut of an error with a slope": Mutant("getput", "getput(Times(xy))", "getput(Times(half))"),
    "PutGet of a gradient learner": Mutant("putget", "putget(Times(half))", "putget(id(A))"),
    "PutPut of a gradient learner": Mutant("putput", "putput(Times(half))", "putput(id(A))"),
    "a lens law of an unknown learner": Mutant("getput", "getput(F)", "getput(F) assuming getput(F)"),
    "a diagonal that is not critical": Mutant("diagonal", "diagonal(xy)", "diagonal(half)"),
    "local squares of unknown learners": Mutant(
        "local",
        "natural F ; G reading local",
        "natural F ; G reading local assuming getput(F), getput(G) expect vacuous",
    ),
    "local squares of an error with a slope": Mutant(
        "local",
        "natural Times(xy) ; Times(xy) reading local",
        "natural Times(half) ; Times(half) reading local expect vacuous",
    ),
    "the last square of the wrong reading": Mutant(
        "target", "square F ; G at 1 reading target", "square F ; G at 1 reading weights expect vacuous"
    ),
    "the target reading": Mutant(
        "target", "natural F ; G reading target", "natural F ; G reading target assuming putget(F), putget(G)"
    ),
    "an error that is not injective": Mutant("left", "left(flat)", "left(half)"),
    "an inverse on one side only": Mutant("right", "right(only_left)", "right(only_right)"),
    "an inverse on the other side only": Mutant("left", "left(only_right)", "left(only_left)"),
    "the identity without the left law": Mutant(
        "functor of id",
        "gradient(id(R), only_right, rate = eps) == id(R)",
        "gradient(id(R), only_left, rate = eps) == id(R)",
    ),
    "composition without the right law": Mutant(
        "functor of ;",
        "gradient(Pythagoras ; Pythagoras, only_left, rate = eps)"
        " == gradient(Pythagoras, only_left, rate = eps) ; gradient(Pythagoras, only_left, rate = eps)",
        "gradient(Pythagoras ; Pythagoras, only_right, rate = eps)"
        " == gradient(Pythagoras, only_right, rate = eps) ; gradient(Pythagoras, only_right, rate = eps)",
    ),
    "a product with another step on one side": Mutant(
        "functor of *",
        "gradient(Times(half) * Times(half), both, rate = eps)"
        " == gradient(Times(half), both, rate = eps) * gradient(Times(half), both, rate = 2*eps)",
        "gradient(Times(half) * Times(half), both, rate = eps)"
        " == gradient(Times(half), both, rate = eps) * gradient(Times(half), both, rate = eps)",
    ),
    "a step that goes too far": Mutant("descent", "descent Times(half)", "descent Pythagoras"),
    "activity alone": Mutant(
        "activity", "natural Times(half) ; Times(half) reading activity", "natural Turn ; Turn reading activity"
    ),
    "weights alone": Mutant(
        "frozen",
        "natural Times(half) ; Times(half) reading frozen",
        "natural Turn ; Turn reading frozen",
    ),
    "weights to weights": Mutant("gradient flow", "natural F ; G reading gradient", "natural F ; G reading weights"),
}


def killed(name: str, verdicts: Checks) -> bool:
    m = MUTANTS[name]
    found = verdicts(f"{HEAD}check wrong: {m.wrong}\ncheck right: {m.right}\n")
    return found["right"].met and found["wrong"].verdict == "refuted"


@pytest.mark.slow
def test_every_mutant_is_killed(verdicts: Checks, capsys: pytest.CaptureFixture[str]) -> None:
    dead = [name for name in MUTANTS if killed(name, verdicts)]
    with capsys.disabled():
        print(f"\nmutants of laws: {len(dead)} killed of {len(MUTANTS)}")
    assert dead == list(MUTANTS)
