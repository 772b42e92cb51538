"""``expect never``: a law that fails for every instance of what the spec leaves open, not for one alone.

Numbers, functions and sizes are left open; the points are chosen here.  The law fails for every instance if at one
point left = right cannot be, or if at two points it cannot be at both, for one and the same instance (Theorem D).  What
is used of the declared functions is printed, step by step.
"""

from __future__ import annotations

from itertools import islice

from ..terms.mathematics import text
from .incompatible import Fact, Incompatible
from .points import Point, Points
from .problem import Problem
from .refute import Difference, relevant
from .show import sizes_of

MOST = 32


def never(problem: Problem, found: Difference) -> tuple[str, ...]:
    """Why the goal that a counterexample refutes holds for no instance, line by line; empty if that was not found."""
    if not _open(problem, found):
        return ("nothing is left open: this point refutes the only instance",)
    theory, points = problem.theory, Points(problem, found.goal)
    # What is assumed of the data holds at a point for one instance, and need not for all.
    if found.kind != "unequal" or theory.pointwise or theory.stated or not points.possible:
        return ()
    decider = Incompatible(theory.bounds, points.facts, theory.schematic, points.positive)
    seen: list[tuple[Point, list[Fact]]] = []
    for values in islice(points.along(found.model), MOST):
        point = points.at(values)
        if point is None or any(p.fact.term == point.fact.term for p, _ in seen):
            continue
        why, facts = decider.alone(point.fact)
        if why is not None:
            return _told([point], why)
        for other, known in seen:
            why = decider.together(known, facts)
            if why is not None:
                return _told([other, point], why)
        seen.append((point, facts))
    return ()


def _open(problem: Problem, found: Difference) -> bool:
    """Whether anything that the goal depends on is not fixed: a declared number, a function, a set, or a size."""
    inputs = relevant(problem, found.goal)
    free = any(s.name.startswith("$") or getattr(s.value, "elements", True) == () for s in inputs)
    alone = Problem(problem.theory, problem.scope, (found.goal,))
    return free or bool(alone.functions()) or bool(sizes_of(alone))


def _told(points: list[Point], why: tuple[str, ...]) -> tuple[str, ...]:
    rows = [f"at {p.shown or 'the point'} it asks for {text(p.fact.term)} = 0" for p in points]
    return (*rows, *why)


__all__ = ["never"]
