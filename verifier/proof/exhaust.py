"""Problems over finite sets are decided by trying everything: exact both ways, and independent of the kernel."""

from __future__ import annotations

from ..evaluate.finite import MOST, all_models, count
from ..evaluate.machine import Machine
from ..terms.syntax import Symbol
from ..terms.traverse import cone, reads
from .problem import Problem
from .refute import Difference, Refuter
from .ruling import NONE, Ruling
from .verdict import PROVED, REFUTED


def finite(problem: Problem) -> bool:
    """Whether every input and every value is an element of a finite set, every function a table, nothing assumed."""
    own = _inputs(problem)
    n = count([*own, *(s for g in problem.goals for s in (g.left, g.right))])
    theory, inputs = problem.theory, count(own)
    small = n is not None and inputs is not None and inputs <= MOST
    if not small or problem.functions() or theory.pointwise or theory.stated:
        return False
    # What is declared of other numbers must have a model all the same.
    return len(own) == len(problem.inputs()) or bool(Refuter(problem, 1).models)


def _inputs(problem: Problem) -> list[Symbol]:
    """The inputs that the goals depend on: others are declared, and no matter here."""
    terms = problem.terms()
    used = {s for t in (*terms, *(let.body for let in cone(terms, problem.scope.lets))) for s in reads(t)}
    return [s for s in problem.inputs() if s in used]


def exhausted(problem: Problem) -> list[Ruling]:
    """A ruling for each goal, by evaluating both sides at every point."""
    inputs = _inputs(problem)
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
