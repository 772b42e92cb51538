"""Theorem C as a decision aid: where PutGet of a gradient learner breaks to first order, a counterexample is near.

At b = I(p, a) + t d the left side I(U, R) is I(p, a) + t K d + o(t), for the error (x - y)^2/2 with
K = J_a J_a^T + eps J_p J_p^T.  Where K d is not d, small t refute the law.  The theorem says that such a point exists
unless I is affine with K = Id; it only directs the search: what is returned is an exact point at which the law was
evaluated.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from itertools import combinations, islice, product

from ..evaluate.machine import Machine, derivative
from ..evaluate.model import Model, Place
from ..evaluate.numbers import Number, Undecided, Undefined, differ, plus
from ..evaluate.sample import with_value
from ..learn.laws import Goal
from ..terms.syntax import Num, Symbol
from ..terms.traverse import cone, subterms
from .problem import Problem
from .refute import Difference, Refuter

SMALL = [Fraction(n) for n in (0, 1, -1, 2)] + [Fraction(1, 2)]
STEPS = [Fraction(s, 8**k) for k in range(5) for s in (1, -1)]
POINTS = 300
THRESHOLDS = 4


def near_isometry(problem: Problem, goal: Goal, outputs: dict[Symbol, Symbol]) -> Difference | None:
    """A counterexample to a PutGet goal near a point at which its derivative by the target is not the identity.

    ``outputs``: for each target the output I(p, a) of the learner.
    """
    refuter = Refuter(problem, 1)
    target = next((b for b in outputs if b == goal.right), None)
    if target is None:
        return None
    for model in islice(_points(problem, refuter, outputs), POINTS):
        try:
            met = _met(problem, model, outputs)
            for place in met.values[target.name]:
                if not _moves(problem, goal, met, target, place):
                    continue
                for t in STEPS:
                    near = with_value(met, target.name, place, plus(met.values[target.name][place], t))
                    machine = Machine(near, problem.scope.lets)
                    found = refuter.compare(machine, goal) if refuter.admissible(machine) else False
                    if isinstance(found, Difference) and found.kind == "unequal":
                        return found
        except (Undefined, Undecided):
            continue
    return None


def _met(problem: Problem, model: Model, outputs: dict[Symbol, Symbol]) -> Model:
    """The model with every target at the output: b = I(p, a)."""
    machine = Machine(model, problem.scope.lets)
    values = dict(model.values)
    for b, y in outputs.items():
        values[b.name] = dict(machine.tensor(y))
    return Model(model.sizes, values, model.functions)


def _moves(problem: Problem, goal: Goal, model: Model, target: Symbol, place: Place) -> bool:
    """Whether the derivative of the left side by one entry of the target is not that of the target itself."""
    equation = goal.equation
    for at in model.values[target.name]:
        env = dict(zip(equation.indices, at, strict=True))
        slope: Number = derivative(model, problem.scope.lets, equation.left, env, target, place)
        if differ(slope, Fraction(int(at == place))):
            return True
    return False


def _points(problem: Problem, refuter: Refuter, outputs: dict[Symbol, Symbol]) -> Iterator[Model]:
    """Models at least sizes; small values, and values about the numbers that the claim mentions, where it may bend."""
    lets = cone(problem.terms(), problem.scope.lets)
    numbers = dict.fromkeys(abs(t.value) for let in lets for t in subterms(let.body) if isinstance(t, Num))
    beyond = [x for n in numbers if n not in SMALL for x in (n + 1, -n - 1, n - 1, 1 - n)]
    values = [*SMALL, *beyond[: 4 * THRESHOLDS]]
    for model in refuter.models:
        for size in model.sizes:
            model = refuter.cropped(model, size, refuter.least(size))
        inputs = [s for s in problem.inputs() if s not in outputs and not s.name.startswith("$")]
        entries = [(s.name, place) for s in inputs for place in model.values[s.name]]
        for base in (Fraction(0), Fraction(1)):
            start = model
            for name, place in entries:
                start = with_value(start, name, place, base)
            for changed in range(3):
                for chosen in combinations(entries, changed):
                    for row in product(values, repeat=changed):
                        point = start
                        for (name, place), x in zip(chosen, row, strict=True):
                            point = with_value(point, name, place, x)
                        yield point


__all__ = ["near_isometry"]
