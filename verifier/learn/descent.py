"""Descent: whether a step of a gradient learner brings its output closer to the target, in the sense of its error.

    E(p, a, b) = sum_j e(I_j(p, a), b_j)
    first order   <grad_p E, U - p> = -eps |grad_p E|^2      <grad_a E, R - a> = -|grad_a E|^2
    finite step   E(U, a, b) <= E(p, a, b)                   E(p, R, b) <= E(p, a, b)

The first two say that the step goes downhill (unless the gradient vanishes).  The others are what is often said of
learners, and false in general: a step may go too far.  Where the output is affine along the step,

    new E = (1 - k)^2 E,    k the step of the output from y, for the target y - 1

so that the error falls exactly where 0 < k < 2.  (For x p and the error (x - y)^2/2: k = eps a^2 for U, p^2 for R.)
"""

from __future__ import annotations

from dataclasses import dataclass

from ..calculus.reverse import reverse, slots
from ..terms.sorts import extent
from ..terms.syntax import ONE, ZERO, Condition, Read, SizeOf, Symbol, Term, add, div, mul, neg, num, power, sub, total
from ..terms.traverse import cone
from .gradient import domain
from .laws import Goal, declare
from .learner import Learner, Ports
from .program import Scope


@dataclass(frozen=True)
class Step:
    """The error before and after a step: numbers of a scope.  ``name`` is the map that makes the step.

    ``inside``: where the error has a value after the step.  ``factor``: the number k, and ``scaled``: (1 - k)^2 E.
    """

    name: str
    before: Symbol
    after: Symbol
    inside: tuple[Condition, ...]
    factor: Symbol
    scaled: Symbol


def descent(scope: Scope, f: Learner) -> tuple[list[Goal], list[Step]]:
    """The first-order equations and the finite steps.  Raises ValueError for a learner without an error of its own."""
    if f.learned is None:
        raise ValueError(f"{f.name} does not learn by gradient: it has no error that could descend")
    error, rate = f.learned
    p, a, b = declare(scope, f)

    def error_at(q: Ports, x: Ports, name: str) -> tuple[Symbol, tuple[Condition, ...]]:
        outputs = f.run_implement(scope, q, x, f".{name}")
        rows: list[Term] = []
        for y, goal in zip(outputs, b, strict=True):
            i = slots(y)
            rows.append(total(i, error.loss(Read(y, i), Read(goal, i))))
        return scope.define(f"E.{name}", (), add(*rows)), tuple(domain(error, outputs, (), b))

    before, _ = error_at(p, a, "before")
    one = scope.define("one", (), ONE)
    adjoints = reverse(cone([Read(before)], scope.lets), {before: one}, (*p, *a), scope.define)
    for kink in adjoints.kinks:
        scope.kinks[kink] = None
    u, r = f.run_step(scope, p, a, b)
    goals: list[Goal] = []
    for name, old, new, factor in (("U", p, u, rate), ("R", a, r, num(1))):
        along: list[Term] = []
        square: list[Term] = []
        for x, y in zip(old, new, strict=True):
            g, i = adjoints.gradient[x], slots(x)
            slope: Term = Read(g, i) if g is not None else ZERO
            along.append(total(i, mul(slope, sub(Read(y, i), Read(x, i)))))
            square.append(total(i, power(slope, 2)))
        if along:
            left = scope.define(f"along.{name}", (), add(*along))
            right = scope.define(f"square.{name}", (), neg(mul(factor, add(*square))))
            goals.append(Goal(name, "slope", left, right))
    # The same step for a target that is 1 below the output: how far the output moves there is k.
    outputs = f.run_implement(scope, p, a, ".before")
    near = tuple(scope.define(f"near.{y.name}", slots(y), sub(Read(y, slots(y)), ONE)) for y in outputs)
    u1, r1 = f.run_step(scope, p, a, near)

    def step(name: str, q: Ports, x: Ports, q1: Ports, x1: Ports) -> Step:
        after, inside = error_at(q, x, name)
        y, moved = outputs[0], f.run_implement(scope, q1, x1, f".near.{name}")[0]
        i = slots(y)
        count = mul(*(SizeOf(extent(v.sort)) for v in i))
        mean = div(total(i, sub(Read(y, i), Read(moved, i))), count) if i else sub(Read(y), Read(moved))
        k = scope.define(f"k.{name}", (), mean)
        scaled = scope.define(f"scaled.{name}", (), mul(power(sub(ONE, Read(k)), 2), Read(before)))
        return Step(name, before, after, inside, k, scaled)

    steps = [step("U", u, a, u1, a)] if p else []
    return goals, [*steps, step("R", p, r, p, r1)]


__all__ = ["Step", "descent"]
