"""Circuits over Z2: equations between polynomials with coefficients modulo 2, for all sizes.

left = right over Z2 is proved by an integer polynomial q such that left = right + 2 q as real numbers: what holds for
all real numbers, all sizes and all smooth functions is an identity of polynomials with integer coefficients, in which
any integer polynomial may be put for a function.  Modulo 2 the 2 q is 0; and every polynomial over Z2 comes from an
integer one, as does its derivative.  What the kernel leaves of left - right says what q may be (`half`), and the kernel
proves the equation with it.

It is refuted where coefficients differ at some sizes, which the evaluator multiplies out (`evaluate.circuits`).  Where
no size and no function is open, that decides the equation both ways.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import product

from ..calculus.reverse import slots
from ..evaluate.circuits import Circuits
from ..evaluate.model import positions
from ..evaluate.numbers import Undecided
from ..kernel import Kernel
from ..learn.laws import Goal
from ..terms.circuits import no_circuit, no_polynomial
from ..terms.sizes import Bounds
from ..terms.sorts import extent
from ..terms.syntax import ZERO, Equation, Read, Symbol, Term, add, mul, num
from ..terms.traverse import cone, reads
from .half import half
from .judge import Contradiction, undischarged
from .limits import TimeUp, stopped
from .problem import Problem
from .show import quantified, sizes_of
from .verdict import PROVED, REFUTED, UNKNOWN, Component, Witness

FUEL = 40_000
ROUNDS = 6
STEPS = (1, 2, 3, 4)
SEEDS = (0, 1, 2)


def circuits(problem: Problem, group: str = "") -> list[Component]:
    """A component for each goal of a problem about circuits."""
    about = quantified(problem)
    return [_judged(problem, goal, group, about) for goal in problem.goals]


def _judged(problem: Problem, goal: Goal, group: str, about: str) -> Component:
    def found(verdict: str, witness: Witness | None = None, reason: str = "", model: str = "") -> Component:
        return Component(
            goal.component,
            verdict,
            goal.label,
            group,
            witness=witness,
            reason=reason,
            model=model,
            quantified=about,
        )

    lets = cone([Read(goal.left), Read(goal.right)], problem.scope.lets)
    wrong = no_circuit(problem.inputs(), lets)
    if wrong:
        return found(UNKNOWN, reason=f"no circuit over Z2: it is made of {wrong}")
    one = Problem(problem.theory, problem.scope, (goal,))
    asked = undischarged(one, "left") + undischarged(one, "right")
    if asked:
        return found(UNKNOWN, reason=f"not known to be defined at all sizes: {asked[0].reason}")
    try:
        held = list(_evaluated(one, goal))
        proof = _proved(problem, goal)
    except TimeUp:
        return found(UNKNOWN, reason=stopped())
    different = next((w for _, w in held if w is not None), None)
    if different is not None:
        if proof:
            raise Contradiction(f"{goal.component} {goal.label}: proved over Z2, and refuted by a coefficient")
        return found(REFUTED, different)
    at = "; ".join(dict.fromkeys(text for text, _ in held if text))
    points = f"{at}, in every coefficient" if at else "every coefficient"
    if held and (proof or not (_sizes_of(one) or one.functions())):
        return found(PROVED, model=points)
    if proof:
        return found(UNKNOWN, reason="no sizes were found at which both sides could be multiplied out")
    return found(UNKNOWN, reason="no rule applies" + (f"; holds at {at} only: not proved" if at else ""))


# ---- the prover


def _proved(problem: Problem, goal: Goal) -> bool:
    """Whether left = right + 2 q for an integer polynomial q; what is left over says what q may be."""
    e = goal.equation
    q: Term = ZERO
    for _ in range(ROUNDS):
        outcome = _kernel(problem).equal(Equation(e.indices, e.left, add(e.right, mul(num(2), q))), FUEL)
        if outcome.proved:
            return not no_polynomial(q)
        more = half(outcome.residue) if outcome.residue is not None else ZERO
        if more == ZERO:
            return False
        q = add(q, more)
    return False


def _kernel(problem: Problem) -> Kernel:
    return Kernel(problem.scope.lets, problem.theory.bounds)


# ---- the refuter


def _evaluated(problem: Problem, goal: Goal) -> Iterator[tuple[str, Witness | None]]:
    """Sizes at which both sides were multiplied out, smallest first, and the coefficients that differ."""
    for sizes in _sizes(problem.theory.bounds, sorted(_sizes_of(problem))):
        shown = ", ".join(f"{n} = {v}" for n, v in sorted(sizes.items()))
        for seed in SEEDS if problem.functions() else SEEDS[:1]:
            if stopped():
                raise TimeUp
            try:
                witness = _compared(problem, goal, sizes, seed)
            except Undecided:
                continue
            yield shown, witness
            if witness is not None:
                return


def _sizes_of(problem: Problem) -> set[str]:
    """The sizes that are open: those of the report, and of every tensor and function on the way."""
    axes = [a for f in problem.functions() for more in (f.axes, *(own for own, _ in f.arguments)) for a in more]
    axes += [v.sort for let in cone(problem.terms(), problem.scope.lets) for v in let.indices]
    axes += [a for g in problem.goals for a in g.left.axes]
    return sizes_of(problem).union(*(extent(a).symbols() for a in axes))


def _sizes(bounds: Bounds, names: Sequence[str]) -> Iterator[Mapping[str, int]]:
    """All sizes equal and small, then some that differ; each at least what is declared."""
    most = dict(bounds.most)
    seen: list[Mapping[str, int]] = []
    rows = [[s] * len(names) for s in STEPS[:2]]
    rows += [[STEPS[1:][(k + s) % 3] for k in range(len(names))] for s in range(2)]
    for row in rows:
        sizes = {n: max(v, bounds.get(n) or 0) for n, v in zip(names, row, strict=True)}
        if sizes not in seen and all(v <= most.get(n, v) for n, v in sizes.items()):
            seen.append(sizes)
            yield sizes


def _compared(problem: Problem, goal: Goal, sizes: Mapping[str, int], seed: int) -> Witness | None:
    machine = Circuits(_inputs(problem, goal), sizes, problem.scope.lets, seed)
    left, right = machine.tensor(goal.left), machine.tensor(goal.right)
    for place in product(*(positions(a, sizes) for a in goal.left.axes)):
        if left[place] != right[place]:
            label = goal.label + (f"[{', '.join(map(str, place))}]" if place else "")
            named = tuple((n, str(v)) for n, v in sorted(sizes.items()))
            functions = tuple((n.lstrip("$"), str(f)) for n, f in sorted(machine.functions().items()))
            return Witness(
                "coefficients", named, (), functions, label, machine.text(left[place]), machine.text(right[place])
            )
    return None


def _inputs(problem: Problem, goal: Goal) -> list[Symbol]:
    terms = [Read(s, slots(s)) for s in (goal.left, goal.right)]
    used = {s for t in (*terms, *(let.body for let in cone(terms, problem.scope.lets))) for s in reads(t)}
    return [s for s in problem.inputs() if s in used]


__all__ = ["circuits"]
