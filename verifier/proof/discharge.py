"""Which conditions of definedness follow from what is known: by signs, and where signs do not see it, by the kernel.

The kernel is asked whether the indicator of the condition's failure is 0 at every point in question.  It relies on
terms being defined as written; that is sound, because the conditions of a condition's own terms are conditions too,
and concern smaller terms.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ..calculus.reverse import slots
from ..kernel import Kernel
from ..terms.index import INDICES, And, Guard, Holds, Not
from ..terms.signs import SignTable
from ..terms.sorts import Range
from ..terms.syntax import ONE, ZERO, Condition, Equation, If, Read, Term
from .problem import Problem

FUEL = 2_000
CONDITIONS = 40  # so many conditions are put to the kernel


class Discharge:
    """Decides conditions of a problem from some of its facts; what it does not find is left open."""

    def __init__(self, problem: Problem, facts: Sequence[Condition]) -> None:
        self.problem, self.facts = problem, tuple(facts)
        self.signs = SignTable(problem.scope.lets, problem.theory.bounds, self.facts)
        self._kernel: Kernel | None = None
        self._asked = 0

    def implies(self, c: Condition) -> bool:
        """Whether a condition follows."""
        if self.signs.implies(c):
            return True
        self._asked += 1
        if isinstance(c.subject, INDICES) or self._asked > CONDITIONS:
            return False
        return self._excluded(c, c.subject) or self._reduced(c, c.subject)

    def _excluded(self, c: Condition, subject: Term) -> bool:
        """Whether the indicator of the condition's failure is 0."""
        fails: Guard = Holds("==", subject) if c.relation == "!=" else Not(Holds(c.relation, subject))
        indicator = If(And((*c.guards, fails)) if c.guards else fails, ONE, ZERO)
        return self.kernel.equal(Equation(c.indices, indicator, ZERO), FUEL).proved

    def _reduced(self, c: Condition, subject: Term) -> bool:
        """Whether a condition follows by sign once the kernel has reduced its subject: 1 - tanh(y - y) > 0."""
        if not all(isinstance(v.sort, Range) for v in c.indices):
            return False
        reduced = self.kernel.reduced(Equation(c.indices, subject, ZERO), FUEL)
        if reduced is None or not self.signs.implies(replace(c, subject=reduced)):
            return False
        return self.kernel.equal(Equation(c.indices, subject, reduced), FUEL).proved

    @property
    def kernel(self) -> Kernel:
        """One kernel for all conditions."""
        if self._kernel is None:
            theory = self.problem.theory
            self._kernel = Kernel(
                self.problem.scope.lets,
                theory.bounds,
                schematic=theory.schematic,
                positive=[s.name for s in self.problem.inputs() if self.signs.of(Read(s, slots(s))) == {1}],
                facts=self.facts,
            )
        return self._kernel
