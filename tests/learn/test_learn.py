"""Learn: its laws for opaque learners, what breaks them, and learners compared by the names of their parameters."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest

import verifier.learn.coherence as coherence
from verifier.kernel import Kernel
from verifier.learn.coherence import laws
from verifier.learn.laws import Mismatch, equal
from verifier.learn.learner import Learner, MeetingError, compose
from verifier.learn.opaque import opaque_learner
from verifier.learn.program import Program, Scope
from verifier.proof.verdict import Verdict
from verifier.terms.sorts import Element
from verifier.terms.syntax import Symbol

Checks = Callable[[str], dict[str, Verdict]]


def opaque(name: str, source: str = "A", target: str = "A") -> Learner:
    a, b = Symbol("a", (), Element(source)), Symbol("b", (), Element(target))
    return opaque_learner(name, (a,), (b,)).learner


def holds(f: Learner, g: Learner, order: Sequence[int]) -> bool:
    scope = Scope()
    try:
        goals = equal(scope, f, g, order)
    except Mismatch:
        return False
    kernel = Kernel(scope.lets)
    return all(kernel.equal(goal.equation).proved for goal in goals)


def test_the_laws_hold_on_the_nose_or_up_to_the_printed_permutation() -> None:
    found = list(laws([opaque("F", "A", "B"), opaque("G", "B", "C"), opaque("H", "C", "D")]))
    assert all(holds(law.left, law.right, law.order) for law in found)
    assert {law.name.split(":")[0] for law in found if not law.strict} == {
        "(F * H) ; braid ~ braid ; (H * F)",
        "(F * F) ; (G * G) ~ (F ; G) * (F ; G)",
        "(G * G) ; (H * H) ~ (G ; H) * (G ; H)",
    }


def test_laws_that_are_not_strict_fail_on_the_nose() -> None:
    for law in laws([opaque("F"), opaque("G"), opaque("H")]):
        if not law.strict:
            assert not holds(law.left, law.right, range(len(law.order)))


def first_on_the_last_target(layers: Sequence[Learner], name: str = "") -> Learner:
    """Composition, but every learner is trained on the last target (for learners A -> A)."""
    true = compose(layers, name)
    if len(layers) != 2:
        return true
    f, g = layers
    scope = Scope()
    p = tuple(scope.input(s) for s in true.parameters)
    a = tuple(scope.input(s) for s in true.source)
    c = tuple(scope.input(s) for s in true.target)
    k = len(f.parameters)
    b = f.run_implement(scope, p[:k], a, ".0")
    u, r = f.run_step(scope, p[:k], a, c, ".0")
    v, _ = g.run_step(scope, p[k:], b, c, ".1")
    step: Program = scope.program((*p, *a, *c), (*u, *v, *r))
    return Learner(true.name, p, a, c, true.implement, step, true.parts)


def backwards(layers: Sequence[Learner], name: str = "") -> Learner:
    """Composition in the wrong order (for learners A -> A)."""
    return compose(list(reversed(layers)), name)


@pytest.mark.parametrize("mutant", [first_on_the_last_target, backwards])
def test_other_compositions_break_a_law(mutant: Callable[..., Learner], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(coherence, "compose", mutant)
    found = list(laws([opaque("F"), opaque("G"), opaque("H")]))
    assert not all(holds(law.left, law.right, law.order) for law in found)


def test_ends_must_meet() -> None:
    with pytest.raises(MeetingError, match="F ends in B, G starts in C"):
        compose([opaque("F", "A", "B"), opaque("G", "C", "D")])


ORDER = """
import std.errors
size n, m
real eps > 0
learner One(n, m) : a : R[n] -> b : R[m] {
  param W : R[m, n], v : R[m]
  implement W @ a + v
  learn gradient(quadratic, rate = eps)
}
learner Two(n, m) : a : R[n] -> b : R[m] {
  param v : R[m], W : R[m, n]
  implement W @ a + v
  learn gradient(quadratic, rate = eps)
}
learner Twins : a : R -> b : R {
  param p : R, q : R
  implement p * a + q
  learn gradient(quadratic, rate = eps)
}
learner Swapped : a : R -> b : R {
  param q : R, p : R
  implement q * a + p
  learn gradient(quadratic, rate = eps)
}
check order: One(n, m) == Two(n, m)
check names: Twins == Swapped
check up_to: Twins ~ Swapped
"""


def test_parameters_correspond_by_name(verdicts: Checks) -> None:
    found = verdicts(ORDER)
    assert found["order"].verdict == "proved"
    assert found["names"].verdict == "refuted"
    assert found["up_to"].verdict == "proved"
