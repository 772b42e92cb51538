"""``descent F``: the first order is proved; a finite step is refuted by an exact point at which the error grows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from itertools import islice, product
from random import Random

from ..elaborate.claims import Claim
from ..evaluate.machine import Machine
from ..evaluate.model import Model
from ..evaluate.numbers import Undecided, Undefined, plus, sign, times
from ..evaluate.sample import with_function
from ..evaluate.smooth import simplest
from ..kernel import Kernel
from ..learn.descent import Step, descent
from ..learn.laws import Goal
from ..learn.program import Scope
from ..terms.signs import SignTable
from ..terms.syntax import ZERO, Condition, Equation, Read, num, sub
from .judge import components, judge
from .problem import Problem
from .refute import Difference, Refuter
from .show import Shower
from .theory import theory_of
from .verdict import PROVED, REFUTED, UNKNOWN, Component, Found

VALUES = [Fraction(n) for n in (0, 1, -1, 2, 3)]
TRIES = 2_000


def decide_descent(claim: Claim) -> Found:
    """First order and finite step, for the update and for the request."""
    (f,) = claim.learners
    scope = Scope()
    goals, steps = descent(scope, f)
    theory = theory_of(claim, scope)
    first = Problem(theory, scope, tuple(goals))
    found = components(first, judge(first), "first")
    finite = Problem(theory, scope, tuple(Goal(s.name, "E", s.after, s.before) for s in steps))
    refuter = Refuter(finite, 1)
    for step, goal in zip(steps, finite.goals, strict=True):
        found.append(_finite(finite, refuter, step, goal))
    return Found(found)


def _finite(problem: Problem, refuter: Refuter, step: Step, goal: Goal) -> Component:
    """A point at which the error grows, smallest values first, and where exactly it does, if that is an equation.

    From E' = (1 - k)^2 E and E >= 0: the error does not grow where 0 <= k <= 2, which signs may show.
    """
    exact, always = _exact(problem, step)
    for model in islice(_models(problem, refuter), TRIES):
        machine = Machine(model, problem.scope.lets)
        try:
            if not refuter.admissible(machine) or not refuter.claimed(machine):
                continue
            before, after = machine.tensor(step.before)[()], machine.tensor(step.after)[()]
            if not all(machine.holds(c) for c in step.inside):
                continue
            grows = sign(plus(after, times(Fraction(-1), before))) > 0
        except (Undefined, Undecided):
            continue
        if grows:
            witness = Shower(problem).witness(Difference("ascent", model, goal, (), after, before))
            return Component(step.name, REFUTED, group="finite", witness=witness, reason=exact)
    if always:
        return Component(step.name, PROVED, group="finite", reason=exact)
    reason = exact or "the error grew at none of the points that were tried"
    return Component(step.name, UNKNOWN, group="finite", reason=reason)


def _exact(problem: Problem, step: Step) -> tuple[str, bool]:
    """Where exactly the error falls, by the kernel; and whether the declarations say that it never grows."""
    theory, lets = problem.theory, problem.scope.lets
    if step.inside or 1 not in (signs := SignTable(lets, theory.bounds, theory.known)).of(Read(step.before)):
        return "", False
    if -1 in signs.of(Read(step.before)):
        return "", False
    alone = replace(problem, goals=(Goal(step.name, "E", step.after, step.scaled),))
    (ruling,) = judge(alone, shrink=False)
    if ruling.verdict != PROVED or ruling.conditions.open:
        return "", False
    kernel = Kernel(lets, theory.bounds, schematic=theory.schematic, pointwise=theory.pointwise)
    k = kernel.reduced(Equation((), Read(step.factor), ZERO))
    shown = Shower(problem).short(k) if k is not None else ""
    if k is None or not shown:
        return "", False
    always = signs.implies(Condition(">=", k)) and signs.implies(Condition(">=", sub(num(2), k)))
    told = f"E changes by the factor (1 - k)^2 with k = {shown}: unless E = 0, it falls exactly where 0 < k < 2"
    return told, always


def _models(problem: Problem, refuter: Refuter) -> Iterator[Model]:
    """Models at least sizes with small values: all of them if there are few, else some."""
    for model in refuter.models:
        for size in model.sizes:
            model = refuter.cropped(model, size, refuter.least(size))
        for f in problem.functions():
            for simple in simplest(f)[:1]:
                model = with_function(model, f.name, simple)
        entries = [(s.name, place) for s in problem.inputs() for place in model.values[s.name]]
        random = Random(0)
        few = len(VALUES) ** len(entries) <= TRIES
        rows = product(VALUES, repeat=len(entries)) if few else _random(random, len(entries))
        for row in rows:
            values = {name: dict(places) for name, places in model.values.items()}
            for (name, place), x in zip(entries, row, strict=True):
                values[name][place] = x
            yield Model(model.sizes, values, model.functions)


def _random(random: Random, count: int) -> Iterator[tuple[Fraction, ...]]:
    while True:
        yield tuple(random.choice(VALUES) for _ in range(count))


__all__ = ["decide_descent"]
