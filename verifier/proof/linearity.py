"""Linearity in the cotangents: a decisive check of a backward pass that does not look at the forward pass.

The derivative's transpose is linear, so B(c g) = c B(g) for every number c.  Where that fails, the written gradient is
wrong at g or at c g, whatever the layer is.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from ..evaluate.machine import Machine
from ..evaluate.model import Model
from ..evaluate.numbers import Number, Undecided, Undefined, differ, times
from ..learn.laws import Goal
from ..terms.index import INDICES
from ..terms.syntax import Symbol, Term
from ..terms.traverse import cone, reads
from .problem import Problem
from .refute import Difference, Refuter

SCALES = (Fraction(0), Fraction(2), Fraction(-1))


class Linearity(Refuter):
    """Searches for points at which the left side of a goal is not linear in some inputs.

    Where a hypothesis is about the cotangents themselves, the scaled ones need not satisfy it, and nothing is tried.
    """

    def __init__(self, problem: Problem, cotangents: Sequence[Symbol], tries: int, seed: int = 0) -> None:
        super().__init__(problem, tries, seed)
        self.cotangents = [s.name for s in cotangents]
        theory = problem.theory
        terms: list[Term] = [c.subject for c in theory.known if not isinstance(c.subject, INDICES)]
        terms += [side for h in theory.pointwise for side in (h.left, h.right)]
        terms += [let.body for let in cone(terms, problem.scope.lets)]
        self._bound = any(s in cotangents for t in terms for s in reads(t))

    def compare(self, machine: Machine, goal: Goal) -> Difference | bool:
        """A difference of kind ``nonlinear``; True if none shows at this point; False if nothing is claimed there."""
        model = machine.model
        try:
            if self._bound or not self.claimed(machine):
                return False
            plain = machine.tensor(goal.left)
            for c in SCALES:
                scaled = Machine(self._scaled(model, c), self.problem.scope.lets).tensor(goal.left)
                for place, value in plain.items():
                    if differ(scaled[place], times(c, value)):
                        return Difference("nonlinear", model, goal, place, scaled[place], times(c, value), c)
        except (Undefined, Undecided):
            return False
        return True

    def _scaled(self, model: Model, c: Fraction) -> Model:
        def of(row: dict[tuple[object, ...], Number]) -> dict[tuple[object, ...], Number]:
            return {place: times(c, x) for place, x in row.items()}

        values = {n: of(dict(row)) if n in self.cotangents else row for n, row in model.values.items()}
        return Model(model.sizes, values, model.functions)


__all__ = ["Linearity"]
