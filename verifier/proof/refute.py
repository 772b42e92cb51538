"""The refuter: exact evaluation at generic points, then at points chosen to break conditions; then shrinking.

A counterexample is an instance at which every declaration and hypothesis holds, the specification side is
defined, and the written side is not, or differs.  It is re-evaluated from nothing before it is reported.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import islice, product
from random import Random

from ..evaluate.finite import is_element
from ..evaluate.machine import Machine
from ..evaluate.model import Model, positions
from ..evaluate.numbers import Number, Undecided, Undefined, differ
from ..evaluate.sample import CANDIDATES, Sampler, with_function, with_value
from ..evaluate.smooth import simplest
from ..learn.laws import Goal
from ..terms.index import INDICES
from ..terms.sorts import Fin
from ..terms.syntax import Condition, Symbol, Term
from ..terms.traverse import cone, reads
from .problem import Problem
from .sides import points

SEEK = 60
SMALL = 40
NEAR = [Fraction(n, d) for n, d in ((0, 1), (1, 1), (-1, 1), (1, 2), (-1, 2), (1, 3), (2, 1), (1, 5))]


@dataclass(frozen=True)
class Difference:
    """A goal that fails at a model: ``kind`` unequal or undefined, the entry, and both sides there.

    Kind nonlinear: the left side with the cotangents ``scale`` times as large, and ``scale`` times its value.
    """

    kind: str
    model: Model
    goal: Goal
    position: tuple[object, ...]
    left: Number | str
    right: Number
    scale: Fraction | None = None


class Refuter:
    """Searches for counterexamples to the goals of a problem."""

    def __init__(self, problem: Problem, tries: int = 3, seed: int = 0) -> None:
        self.problem = problem
        self.models = list(islice(self._sampler(seed).models(tries), tries))
        self.machines = [Machine(m, problem.scope.lets) for m in self.models]
        self._agreeing: dict[Goal, Model] = {}
        self._regular: dict[int, bool] = {}
        self._kept: list[Machine] = []
        self._extents: list[Condition] | None = None
        self._trials: int | None = None
        self.left = 0  # of the trials of the last shrinking
        self._sides: list[Machine] | None = None

    def _sampler(self, seed: int) -> Sampler:
        theory = self.problem.theory
        bound = {f for s in theory.structures for f in s.functions}
        return Sampler(
            self.problem.inputs(),
            [f for f in self.problem.functions() if f not in bound],
            theory.bounds,
            facts=theory.known,
            pointwise=theory.pointwise,
            structures=theory.structures,
            lets=self.problem.scope.lets,
            seed=seed,
        )

    def search(self, goal: Goal) -> Difference | None:
        """A generic point at which a goal fails; remembers a point at which it holds."""
        for machine in self.machines:
            found = self.compare(machine, goal)
            if isinstance(found, Difference):
                return found
            if found:
                self._agreeing.setdefault(goal, machine.model)
        return self._turned(goal)

    def _turned(self, goal: Goal) -> Difference | None:
        """A point on another side of a condition on data at which a goal fails."""
        if self._sides is None:
            machines = (Machine(m, self.problem.scope.lets) for m in self._around())
            self._sides = [m for m in machines if self.admissible(m)]
        for machine in self._sides:
            found = self.compare(machine, goal)
            if isinstance(found, Difference):
                return found
        return None

    def small(self, goal: Goal) -> Difference | None:
        """A point of small values at which a goal fails: generic values may all leave a narrow domain."""
        random = Random(0)
        for model in self.models[:1]:
            for size in model.sizes:
                model = self.cropped(model, size, self.least(size))
            for _ in range(SMALL):
                values = {s.name: {p: random.choice(NEAR) for p in model.values[s.name]} for s in self.problem.inputs()}
                machine = Machine(Model(model.sizes, values, model.functions), self.problem.scope.lets)
                found = self.compare(machine, goal) if self.admissible(machine) else False
                if isinstance(found, Difference):
                    return found
        return None

    def _around(self) -> Iterator[Model]:
        """Whole numbers at 0 or below, where they may be; sides of conditions on data, few where evaluation is dear."""
        lets = self.problem.scope.lets
        most = max(8, min(80, 4000 // (1 + len(lets))))
        for model in self.models[:1]:
            for name in model.sizes:
                low = self.problem.theory.bounds.get(name)
                yield from (self.cropped(model, name, n) for n in (0, -1) if low is None or low <= n)
            yield from islice(points(model, self.problem.terms(), lets), most)

    def model_of(self, goal: Goal) -> Model | None:
        """A model of all hypotheses at which both sides were evaluated and found equal."""
        return self._agreeing.get(goal)

    def seek(self, goal: Goal) -> Model | None:
        """`model_of`, and if there is none, further models at least sizes: narrow domains are met more easily there."""
        for seed in range(SEEK) if goal not in self._agreeing else ():
            for model in self._sampler(seed + 2).models(1):
                for size in model.sizes:
                    model = self.cropped(model, size, self.least(size))
                machine = Machine(model, self.problem.scope.lets)
                if self.admissible(machine) and self.compare(machine, goal) is True:
                    self._agreeing[goal] = model
                    return model
        return self.model_of(goal)

    def compare(self, machine: Machine, goal: Goal) -> Difference | bool:
        """A difference; True if both sides are defined and agree; False if the point decides nothing."""
        model = machine.model
        try:
            if not self.claimed(machine):
                return False
            right = machine.tensor(goal.right)
        except (Undefined, Undecided):
            return False
        try:
            left = machine.tensor(goal.left)
        except Undecided:
            return False
        except Undefined as fault:
            if self.problem.inside:
                return False
            place = next(iter(right))
            return Difference("undefined", model, goal, place, str(fault), right[place])
        for place, value in right.items():
            if differ(left[place], value):
                return Difference("unequal", model, goal, place, left[place], value)
        return True

    def claimed(self, machine: Machine) -> bool:
        """Whether anything is claimed at a model: derivatives and errors have values, and no extent is negative."""
        return self._smooth(machine) and self._extended(machine)

    def _smooth(self, machine: Machine) -> bool:
        """Whether the maps that were differentiated have derivatives at a model."""
        if id(machine) not in self._regular:
            self._kept.append(machine)  # keeps the id from being used again
            self._regular[id(machine)] = all(machine.holds(k) for k in self.problem.kinks)
        return self._regular[id(machine)]

    def _extended(self, machine: Machine) -> bool:
        """Whether every extent is at least 0 at a model: where one is not, nothing is claimed."""
        if self._extents is None:
            both = (*self.problem.conditions("left"), *self.problem.conditions("right"))
            self._extents = [c for c in dict.fromkeys(both) if c.reason == "an extent" and not c.guards]
        return all(machine.holds(c) for c in self._extents)

    def violate(self, goal: Goal, conditions: Sequence[Condition]) -> Difference | None:
        """A point at which a condition of the written side fails while the specification is defined."""
        for c in conditions:
            if isinstance(c.subject, INDICES):
                continue
            for model in self._specials(c):
                machine = Machine(model, self.problem.scope.lets)
                if not self.admissible(machine):
                    continue
                found = self.compare(machine, goal)
                if isinstance(found, Difference):
                    return found
        return None

    def _specials(self, c: Condition) -> Iterator[Model]:
        """Models in which the entries that a condition reads are 0, 1, -1, singly and all together."""
        lets = self.problem.scope.lets
        if isinstance(c.subject, INDICES):
            return
        terms: list[Term] = [c.subject]
        for let in cone(terms, lets):
            terms.append(let.body)
        symbols = list(dict.fromkeys(s for t in terms for s in reads(t) if s.name not in lets))
        for model in self.models:
            entries = [(s, p) for s in symbols for p in model.values[s.name]]
            for value in (Fraction(0), Fraction(1), Fraction(-1)):
                together = model
                for s, place in entries:
                    yield with_value(model, s.name, place, value)
                    together = with_value(together, s.name, place, value)
                yield together

    def admissible(self, machine: Machine) -> bool:
        """Whether every declared fact and every hypothesis holds at a model."""
        theory = self.problem.theory
        values, sizes = machine.model.values, machine.model.sizes
        if not all(is_element(s, x, sizes) for s in self.problem.inputs() for x in values[s.name].values()):
            return False
        try:
            if not all(machine.holds(c) for c in theory.known):
                return False
            for h in theory.pointwise:
                for _, left, right in machine.pairs(h.indices, h.left, h.right):
                    if left != right:
                        return False
        except (Undefined, Undecided):
            return False
        return True

    # ---- shrinking

    def shrink(self, found: Difference, trials: int | None = None) -> Difference:
        """The same failure at a smaller point: least sizes, simplest functions, then simplest values in order.

        With ``trials`` it stops after so many points.
        """
        self._trials = trials
        best = self._smaller(found)
        self.left, self._trials = self._trials or 0, None
        again = self._fails(best.model, found)
        return again if again is not None else found

    def _smaller(self, found: Difference) -> Difference:
        best = found
        for size in found.model.sizes:
            for n in range(self.least(size), best.model.sizes[size]):
                smaller = self.cropped(best.model, size, n)
                better = self._fails(smaller, found)
                if better:
                    best = better
                    break
        fixed = {f.name for s in self.problem.theory.structures if s.laws for f in s.functions}
        for f in self.problem.functions():
            for simple in simplest(f) if f.name not in fixed else ():
                better = self._fails(with_function(best.model, f.name, simple), found)
                if better:
                    best = better
                    break
        for s in relevant(self.problem, found.goal):
            for place in list(best.model.values[s.name]):
                for value in CANDIDATES:
                    if best.model.values[s.name][place] == value:
                        break
                    better = self._fails(with_value(best.model, s.name, place, value), found)
                    if better:
                        best = better
                        break
        return best

    def _fails(self, model: Model, found: Difference) -> Difference | None:
        if self._trials is not None:
            if self._trials <= 0:
                return None
            self._trials -= 1
        machine = Machine(model, self.problem.scope.lets)
        if not self.admissible(machine):
            return None
        result = self.compare(machine, found.goal)
        return result if isinstance(result, Difference) and result.kind == found.kind else None

    def least(self, size: str) -> int:
        """The least value of a size, at least 1."""
        low = self.problem.theory.bounds.get(size)
        return low if low is not None and low > 0 else 1

    def cropped(self, model: Model, size: str, value: int) -> Model:
        """The model with a smaller size, and the entries that are left."""
        sizes = {**model.sizes, size: value}
        values = dict(model.values)
        for s in self.problem.inputs():
            places = set(_product(s, sizes))
            values[s.name] = {p: v for p, v in model.values[s.name].items() if p in places}
            if isinstance(s.value, Fin):
                last = Fraction(s.value.size.value(sizes) - 1)
                values[s.name] = {p: min(v, last) for p, v in values[s.name].items()}
        return Model(sizes, values, model.functions)


def relevant(problem: Problem, goal: Goal) -> list[Symbol]:
    """The inputs that the two sides of a goal depend on."""
    lets = problem.scope.lets
    terms = [goal.equation.left, goal.equation.right]
    below = [let.body for let in cone(terms, lets)]
    used = {s.name for t in (*terms, *below) for s in reads(t)}
    return [s for s in problem.inputs() if s.name in used]


def _product(s: Symbol, sizes: dict[str, int]) -> Iterator[tuple[object, ...]]:
    return product(*(positions(axis, sizes) for axis in s.axes))
