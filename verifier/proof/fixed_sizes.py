"""What is unknown for open sizes is tried at a few fixed ones: there sums are written out, and data stay open.

Right at n = 2, 3 and 4 is no proof, and is never called one: the verdict stays unknown, and the reason says what holds.
Wrong at one of them is a refutation, once the point was evaluated again as the claim states it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from fractions import Fraction

from ..calculus.reverse import slots
from ..evaluate.machine import Machine
from ..evaluate.model import Model
from ..evaluate.numbers import Number
from ..learn.laws import Goal
from ..learn.program import Scope
from ..terms.instantiate import Instance, NotWritten
from ..terms.sizes import Bounds
from ..terms.syntax import Symbol
from .judge import judge
from .problem import Problem, Theory
from .refute import Difference, Refuter
from .ruling import Ruling
from .show import sizes_of
from .verdict import PROVED, REFUTED, UNKNOWN

STEPS = (2, 3, 4)
ENTRIES = 600


def at_fixed_sizes(problem: Problem, rulings: Sequence[Ruling]) -> None:
    """Add to the reason of each unknown ruling at which sizes it holds; a refutation at one of them replaces it."""
    for r in rulings:
        if r.verdict == UNKNOWN and r.difference is None and not r.reason.startswith(("hypotheses", "stopped")):
            _try(problem, r)


def _try(problem: Problem, r: Ruling) -> None:
    one = replace(problem, goals=(r.goal,))
    names = [n for n, _ in problem.theory.bounds if n in sizes_of(one)]
    held: list[dict[str, int]] = []
    for step in STEPS if names else ():
        sizes = _sizes(problem.theory.bounds, names, step)
        if sizes is None or sizes in held:
            continue
        try:
            verdict, found = _at(one, r.goal, sizes)
        except (NotWritten, RecursionError, ArithmeticError):
            break
        if found is not None:
            r.verdict, r.difference, r.reason = REFUTED, found, ""
            return
        if verdict != PROVED:
            break
        held.append({n: sizes[n] for n in names})
    if held:
        r.reason += f"; holds at {_shown(names, held)} only: not proved"


def _shown(names: Sequence[str], held: Sequence[Mapping[str, int]]) -> str:
    """``n = 2, 3, 4``, or ``(n, m) = (2, 3), (3, 4)``."""
    if len(names) == 1:
        return f"{names[0]} = {', '.join(str(s[names[0]]) for s in held)}"
    return f"({', '.join(names)}) = {', '.join('(' + ', '.join(str(s[n]) for n in names) + ')' for s in held)}"


def _sizes(bounds: Bounds, names: Sequence[str], step: int) -> dict[str, int] | None:
    """Sizes near to a number, of which neighbours differ; None where bounds leave none."""
    result = {n: max(low if low is not None else 1, 1) for n, low in bounds}
    most = dict(bounds.most)
    for k, n in enumerate(names):
        size = STEPS[(STEPS.index(step) + k) % len(STEPS)]
        low = bounds.get(n)
        result[n] = max(size, low if low is not None else size)
        if n in most and result[n] > most[n]:
            return None
    return result


def _at(problem: Problem, goal: Goal, sizes: Mapping[str, int]) -> tuple[str, Difference | None]:
    """The worst verdict on the entries of a goal at given sizes, and a counterexample to the goal as it was stated."""
    small = Instance(problem.scope.lets, sizes, ENTRIES)
    places = list(small.places(slots(goal.right)))
    goals = tuple(Goal(goal.component, f"{goal.label}{list(p)}", *_sides(small, goal, p)) for p in places)
    old = problem.theory
    theory = Theory(
        Bounds.of({}),
        tuple(c for f in old.facts for c in small.condition(f)),
        tuple(c for f in old.stated for c in small.condition(f)),
        old.schematic,
        tuple(e for h in old.pointwise for e in small.equation(h)),
        old.structures,
    )
    kinks = {c: None for k in problem.kinks for c in small.condition(k)}
    valued = {c: None for k in problem.scope.valued for c in small.condition(k)}
    scope = Scope(small.lets, kinks, valued)
    for s in small.inputs.values():
        scope.input(s)
    rulings = judge(Problem(theory, scope, goals, problem.inside), shrink=False, residues=False)
    for r in rulings:
        if r.difference is not None:
            found = _again(problem, goal, sizes, small, r.difference.model)
            if found is not None:
                return REFUTED, found
    clear = all(r.verdict == PROVED and not r.conditions.open for r in rulings)
    return (PROVED if clear and rulings else UNKNOWN), None


def _sides(small: Instance, goal: Goal, place: tuple[object, ...]) -> tuple[Symbol, Symbol]:
    return small.entry(goal.left, place), small.entry(goal.right, place)


def _again(problem: Problem, goal: Goal, sizes: Mapping[str, int], small: Instance, point: Model) -> Difference | None:
    """The point as one of the claim: entries that nothing depends on are 0, or 1 where 0 may not be."""
    refuter = Refuter(problem, 0)
    for rest in (0, 1):
        values: dict[str, dict[tuple[object, ...], Number]] = {}
        for s in problem.inputs():
            places = small.places(slots(s))
            values[s.name] = {p: _value(point, small, s, p, rest) for p in places}
        machine = Machine(Model(sizes, values, point.functions), problem.scope.lets)
        if refuter.admissible(machine):
            found = refuter.compare(machine, goal)
            if isinstance(found, Difference):
                return refuter.shrink(found)
    return None


def _value(point: Model, small: Instance, s: Symbol, place: tuple[object, ...], rest: int) -> Number:
    entry = small.inputs.get((s.name, place))
    found = point.values.get(entry.name, {}) if entry is not None else {}
    return found.get((), Fraction(rest))


__all__ = ["at_fixed_sizes"]
