"""Points of a claim that are given by terms: what the claim says there of every instance of what it leaves open.

The values of the inputs are constant tensors, 0 or 1, so that one point serves all sizes; or the point of a
counterexample; or, for an input that an error compares with an output, that output plus 1: a target that is never met.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import combinations, product

from ..calculus.reverse import slots
from ..evaluate.model import Model
from ..kernel import Kernel
from ..learn.laws import Goal
from ..terms.definedness import of_symbols, of_terms
from ..terms.index import INDICES, Index
from ..terms.mathematics import text
from ..terms.signs import SignTable
from ..terms.sorts import Fin, Range
from ..terms.syntax import ONE, ZERO, Condition, Equation, Let, Num, Read, Symbol, Term, add
from ..terms.traverse import cone, map_reads, reads, rename_indices
from .incompatible import FUEL, Fact
from .problem import Problem
from .prove import positive_names
from .refute import relevant

Values = Mapping[Symbol, Term]
"""For each input a term over its own indices (`slots`): a number, or a let plus 1."""


@dataclass(frozen=True)
class Point:
    """A point, and the equation that the goal is there, as a fact."""

    shown: str
    fact: Fact


class Points:
    """The points of one goal.  Declared numbers, functions and sizes stay open."""

    def __init__(self, problem: Problem, goal: Goal) -> None:
        self.problem, self.goal = problem, goal
        lets = cone([goal.equation.left, goal.equation.right], problem.scope.lets)
        self.lets = {let.symbol.name: let for let in lets}
        self.inputs = [s for s in relevant(problem, goal) if not s.name.startswith("$")]
        theory = problem.theory
        self.facts = [c for c in theory.facts if not self._about_inputs(c)]
        self.asked = [c for c in (*theory.facts, *problem.kinks) if self._about_inputs(c)]
        self.asked += of_symbols(self.inputs)
        self.positive = [n for n in positive_names(problem) if n.startswith("$")]

    def _about_inputs(self, c: Condition) -> bool:
        if isinstance(c.subject, INDICES):
            return False
        lets = self.problem.scope.lets
        terms = [c.subject, *(let.body for let in cone([c.subject], lets))]
        return any(not s.name.startswith("$") and s.name not in lets for t in terms for s in reads(t))

    @property
    def possible(self) -> bool:
        """Whether such points are points for every instance: no sets that may be points, no
        whole numbers below a size, no places that may be none."""
        sets = any(isinstance(s.value, Fin) or getattr(s.value, "elements", True) == () for s in self.inputs)
        places = self.goal.left.axes
        bounds = self.problem.theory.bounds
        return not sets and all(isinstance(a, Range) and bounds.nonnegative(a.size - 1) for a in places)

    def along(self, model: Model) -> Iterator[Values]:
        """The point of a counterexample, if all its tensors are constant; then others, few inputs changed at a time."""
        found = [set(model.values[s.name].values()) for s in self.inputs]
        own = [[Num(x) for x in xs if isinstance(x, Fraction) and len(xs) == 1] for xs in found]
        if all(own):
            yield dict(zip(self.inputs, (row[0] for row in own), strict=True))
        options = [list(dict.fromkeys([*self._beside(k), *row, ZERO, ONE])) for k, row in enumerate(own)]
        for changed in range(3):
            for places in combinations(range(len(options)), changed):
                for row in product(*(options[k][1:] for k in places)):
                    values = dict(zip(self.inputs, (o[0] for o in options), strict=True))
                    values |= {self.inputs[k]: v for k, v in zip(places, row, strict=True)}
                    yield values

    def _beside(self, k: int) -> Iterator[Term]:
        """For an input that is compared with a let of earlier inputs alone: that let, plus 1."""
        s, earlier = self.inputs[k], set(self.inputs[:k])
        for let in self.lets.values():
            if not any(r == s for r in reads(let.body)):
                continue
            for h in dict.fromkeys(reads(let.body)):
                below = [r for x in cone([Read(h)], self.lets) for r in reads(x.body)]
                own = {r for r in below if r.name not in self.lets and not r.name.startswith("$")}
                if below and h.axes == s.axes and own <= earlier:
                    yield add(Read(h, slots(s)), ONE)

    def at(self, values: Values) -> Point | None:
        """What the goal says at a point; None where that is not known to be defined for every instance."""

        def put(s: Symbol, index: tuple[Index, ...]) -> Term:
            if s not in values:
                return Read(s, index)
            return rename_indices(values[s], dict(zip(slots(s), index, strict=True)))

        def placed(terms: Sequence[Term]) -> tuple[list[Term], dict[str, Let]]:
            every = {
                let.symbol.name: replace(let, body=map_reads(let.body, put))
                for let in cone([*terms, *values.values()], self.problem.scope.lets)
            }
            rows = [map_reads(t, put) for t in terms]
            return rows, {let.symbol.name: let for let in cone(rows, every)}

        equation, theory = self.goal.equation, self.problem.theory
        (left, right), lets = placed([equation.left, equation.right])
        signs = SignTable(lets, theory.bounds, self.facts)
        if not all(signs.implies(c) for c in of_terms([left, right], lets)):
            return None
        for c in self.asked:  # domains, extents, and where what was differentiated has a derivative
            below: dict[str, Let] = {}
            if not isinstance(c.subject, INDICES):
                (subject,), below = placed([c.subject])
                c = replace(c, subject=subject, guards=())  # a guard may be about data: ask it everywhere
            if not SignTable(below, theory.bounds, self.facts).implies(c):
                return None
        kernel = Kernel(lets, theory.bounds, schematic=theory.schematic, positive=self.positive)
        term = kernel.reduced(Equation(equation.indices, left, right), FUEL)
        if term is None or any(s.name in lets for s in reads(term)):
            return None
        rows = []
        for s, v in values.items():
            (value,), lets = placed([v])
            kernel = Kernel(lets, theory.bounds, schematic=theory.schematic, positive=self.positive)
            shown = kernel.reduced(Equation(slots(s), value, ZERO), FUEL)
            rows.append(f"{s.label} = {text(shown if shown is not None else value)}")
        return Point(", ".join(rows), Fact(equation.indices, term))
