"""Problems over finite sets are decided by trying everything: exact both ways, and independent of the kernel."""

from __future__ import annotations

from ..evaluate.finite import MOST, all_models, count
from ..evaluate.machine import Machine
from .problem import Problem
from .refute import Difference
from .ruling import NONE, Ruling
from .verdict import PROVED, REFUTED


def finite(problem: Problem) -> bool:
    """Whether every input and every value is an element of a finite set, every function a table, nothing assumed."""
    n = count([*problem.inputs(), *(s for g in problem.goals for s in (g.left, g.right))])
    theory, inputs = problem.theory, count(problem.inputs())
    small = n is not None and inputs is not None and inputs <= MOST
    return small and not problem.functions() and not theory.pointwise and not theory.stated


def exhausted(problem: Problem) -> list[Ruling]:
    """A ruling for each goal, by evaluating both sides at every point."""
    inputs = problem.inputs()
    failed: dict[object, Difference] = {}
    for model in all_models(inputs):
        machine = Machine(model, problem.scope.lets)
        for goal in problem.goals:
            if goal in failed:
                continue
            left, right = machine.tensor(goal.left)[()], machine.tensor(goal.right)[()]
            if left != right:
                failed[goal] = Difference("unequal", model, goal, (), left, right)
        if len(failed) == len(problem.goals):
            break
    n = count(inputs)
    points = f"all {n} points" if n != 1 else "the one point"
    return [
        Ruling(g, REFUTED, failed[g]) if g in failed else Ruling(g, PROVED, None, NONE, "", "", points)
        for g in problem.goals
    ]
