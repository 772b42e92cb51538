"""``expect approx(within T)``: a bound on |written - derived| over the whole stated box, by balls.

The mean value form f(m) + f'(box) (box - m) is evaluated with dual balls and the box is split until the bound is at
most T everywhere, or a point shows more.  Only formulas that act entry by entry are bounded: then one entry stands for
all, at every size.  Both sides are linear in the cotangent (the kernel proves it), so it is put to 1.  Where the
missing term of a line is known and proved, it is evaluated itself: there the cancellation is done already.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import product
from typing import Any

from ..calculus.reverse import slots
from ..evaluate.machine import Machine
from ..evaluate.model import Model, positions
from ..evaluate.numbers import Dual, Number, Undecided, Undefined, ball, is_ball, plus, times
from ..evaluate.sample import ranges
from ..kernel import Kernel
from ..learn.laws import Goal
from ..terms.index import Holds, Index
from ..terms.syntax import (
    ONE,
    Add,
    Call,
    Condition,
    Constant,
    Equation,
    If,
    Let,
    Mul,
    Num,
    Power,
    Read,
    Symbol,
    Term,
    mul,
)
from ..terms.traverse import cone, map_reads, reads, subterms
from .problem import Problem
from .prove import positive_names
from .show import sizes_of

BOXES = 4_000
FUEL = 40_000
Box = tuple[tuple[Fraction, Fraction], ...]


@dataclass(frozen=True)
class Deviation:
    """``bound``: a number that |written - derived| nowhere exceeds, as text; None if there is none, then ``reason``."""

    bound: float | None
    reason: str = ""


def deviation(
    problem: Problem, goal: Goal, cotangents: Sequence[Symbol], within: Fraction, lacks: Symbol | None = None
) -> Deviation:
    """Whether both sides of a goal differ by at most ``within`` times the size of the cotangent, on the stated box.

    ``lacks``: a tensor that is proved to be right - left.
    """
    sides: list[Term] = [goal.equation.left, goal.equation.right]
    if lacks is not None:
        sides.append(Read(lacks, slots(lacks)))
    lets = cone(sides, problem.scope.lets)
    inputs = [s for s in problem.inputs() if any(s in reads(let.body) for let in lets)]
    given = [s for s in inputs if s in cotangents]
    if problem.theory.pointwise or not all(_entrywise(let) for let in lets):
        return Deviation(None, "a deviation is bounded only of formulas that act entry by entry")
    if len(given) > 1 or not (given and _linear(problem, goal, lets, given[0])):
        return Deviation(None, "the written gradient is not shown to be linear in one cotangent")
    free = [s for s in inputs if s not in given]
    known = ranges([c for c in problem.theory.known if _of_all_entries(c)])
    box: list[tuple[Fraction, Fraction]] = []
    for s in free:
        low, high = known.get(s.name, (None, None))
        if low is None or high is None:
            return Deviation(None, f"{s.label} has no bounds: state them, as in when -6 <= {s.label} <= 6")
        box.append((low, high))
    return _bounded(_Gap(problem, goal, free, given[0], lacks), tuple(box), within)


def _entrywise(let: Let) -> bool:
    """Whether an entry depends on scalars and on the same entries of tensors of the same shape alone."""
    axes = tuple(v.sort for v in let.indices)
    for t in subterms(let.body):
        if isinstance(t, Read):
            if t.index and (t.index != let.indices or t.symbol.axes != axes):
                return False
        elif isinstance(t, Call):
            if not t.function.known:
                return False
        elif isinstance(t, If):
            if not isinstance(t.guard, Holds):
                return False
        elif not isinstance(t, Num | Constant | Add | Mul | Power):
            return False
    return True


def _of_all_entries(c: Condition) -> bool:
    """Whether a condition is about every entry of the tensors that it reads."""
    rows = [t for t in subterms(c.subject) if isinstance(t, Read)] if isinstance(c.subject, Term) else []
    return bool(rows) and not c.guards and all(set(t.index) <= set(c.indices) and _distinct(t.index) for t in rows)


def _distinct(index: tuple[Index, ...]) -> bool:
    return len(set(index)) == len(index)


def _linear(problem: Problem, goal: Goal, lets: Sequence[Let], cotangent: Symbol) -> bool:
    """Whether each side is the cotangent times its value at cotangent 1, entry by entry: by the kernel."""
    names = {let.symbol.name for let in lets}

    def other(s: Symbol) -> Symbol:
        return Symbol(f"{s.name}@1", s.axes, s.value)

    def put(s: Symbol, index: tuple[Index, ...]) -> Term:
        return ONE if s == cotangent else Read(other(s) if s.name in names else s, index)

    table = {let.symbol.name: let for let in lets}
    for let in lets:
        table[f"{let.symbol.name}@1"] = Let(other(let.symbol), let.indices, map_reads(let.body, put))
    for side in (goal.left, goal.right):
        i = slots(side)
        if side.name not in table:
            return False
        unit = mul(Read(cotangent, i if cotangent.axes else ()), Read(other(side), i))
        kernel = Kernel(table, problem.theory.bounds, positive=positive_names(problem))
        if not kernel.equal(Equation(i, Read(side, i), unit), FUEL).proved:
            return False
    return True


class _Gap:
    """written - derived at one entry, as a function of the free inputs."""

    def __init__(
        self, problem: Problem, goal: Goal, free: Sequence[Symbol], cotangent: Symbol, lacks: Symbol | None
    ) -> None:
        self.problem, self.goal, self.free, self.cotangent, self.lacks = problem, goal, free, cotangent, lacks
        self.sizes = {n: max(problem.theory.bounds.get(n) or 1, 1) for n in sizes_of(problem)}

    def at(self, values: Sequence[Number]) -> Number:
        rows = dict(zip([s.name for s in self.free], values, strict=True)) | {self.cotangent.name: Fraction(1)}
        symbols = [*self.free, self.cotangent]
        entries = {s.name: dict.fromkeys(self._places(s), rows[s.name]) for s in symbols}
        machine = Machine(Model(self.sizes, entries, {}), self.problem.scope.lets)
        if self.lacks is not None:
            return next(iter(machine.tensor(self.lacks).values()))
        left, right = machine.tensor(self.goal.left), machine.tensor(self.goal.right)
        place = next(iter(right))
        return plus(left[place], times(Fraction(-1), right[place]))

    def _places(self, s: Symbol) -> list[tuple[object, ...]]:
        return list(product(*(positions(a, self.sizes) for a in s.axes)))


def _bounded(gap: _Gap, box: Box, within: Fraction) -> Deviation:
    limit, most = ball(within), 0.0
    stack = [box]
    for _ in range(BOXES):
        if not stack:
            return Deviation(most)
        now = stack.pop()
        middle = [(low + high) / 2 for low, high in now]
        try:
            centre = _as_ball(gap.at(middle))
            if abs(centre) > limit:
                place = ", ".join(f"{s.label} = {m}" for s, m in zip(gap.free, middle, strict=True))
                return Deviation(None, f"at {place} the deviation is {float(abs(centre).mid()):.3g} already")
            plain = abs(_as_ball(gap.at([ball(low).union(ball(high)) for low, high in now])))
            size = plain if plain <= limit else abs(_mean_value(gap, now, middle, centre))
            if size <= limit:
                most = max(most, float(size.abs_upper()) * (1 + 1e-9))
                continue
        except (Undecided, Undefined):
            pass
        k = max(range(len(now)), key=lambda k: now[k][1] - now[k][0])
        low, high = now[k]
        for half in ((low, middle[k]), (middle[k], high)):
            stack.append((*now[:k], half, *now[k + 1 :]))
    return Deviation(None, f"{BOXES} boxes were not enough to bound the deviation")


def _mean_value(gap: _Gap, box: Box, middle: Sequence[Fraction], centre: Any) -> Any:
    """An enclosure of the gap on a box."""
    balls = [ball(low).union(ball(high)) for low, high in box]
    total = centre
    for k, x in enumerate(balls):
        values = [Dual(b, Fraction(int(j == k))) for j, b in enumerate(balls)]
        slope = _as_ball(Dual.of(gap.at(values)).slope)
        total = total + slope * (x - ball(middle[k]))
    return total


def _as_ball(x: Number) -> Any:
    return x if is_ball(x) else ball(x)


__all__ = ["Deviation", "deviation"]
