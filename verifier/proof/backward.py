"""Backward passes: every gradient end to end, and line by line for blame."""

from __future__ import annotations

from dataclasses import replace

from ..elaborate.claims import Claim
from .judge import components, judge
from .problem import Problem
from .theory import theory_of
from .verdict import Component, Found


def backward(claim: Claim) -> Found:
    """The gradients of a backward pass; local verdicts of its lines are labelled so and prove nothing."""
    written = claim.written
    assert written is not None  # elaboration fills it for this form
    goals = (*written.goals(), *written.local_goals())
    problem = Problem(theory_of(claim, written.scope), written.scope, goals)
    rulings = judge(problem)
    found: list[Component] = []
    for c in components(problem, rulings):
        line = next(x for x in written.lines if x.name == c.port)
        found.append(replace(c, name=c.port, port="", local=c.name == "local", line=line.span.line))
    return Found(found)
