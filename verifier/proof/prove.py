"""The prover: sweeps the lets of a problem, merging those that are equal, then decides the goals.

Lets whose values agree at the sample models are candidates for being equal; the kernel decides each candidate in
the order of dependency, so that every single proof is small and the whole is linear in the number of lets.
(The evaluator proposes, the kernel disposes: a merge that it does not prove is not made.)
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from ..calculus.reverse import slots
from ..evaluate.machine import Machine
from ..evaluate.numbers import Number, Undecided, Undefined
from ..kernel import Kernel, Outcome
from ..learn.laws import Goal
from ..terms.signs import SignTable
from ..terms.sorts import Real
from ..terms.syntax import ONE, ZERO, Condition, Lets, Read, Symbol, Term
from ..terms.traverse import cone, reads
from .problem import Problem

LET_FUEL = 2_000
GOAL_FUEL = 40_000


@dataclass
class Proofs:
    """Outcomes by goal, and the kernel that found them (it can express residues in source terms)."""

    outcomes: dict[Goal, Outcome]
    kernel: Kernel


def prove(
    problem: Problem,
    machines: Sequence[Machine],
    goals: Sequence[Goal],
    refuted: Collection[Goal] = (),
    also: Sequence[Term] = (),
) -> Proofs:
    """Try to prove goals; ``machines`` evaluate the problem's lets at sample models.

    Of ``refuted`` goals only what is left of left - right is of interest, if it is found with little fuel.
    ``also``: further terms that the kernel is to know of.
    """
    scope = problem.scope
    terms = [*problem.terms(goals), *also]
    lets = cone(terms, scope.lets)
    table = {let.symbol.name: let for let in lets}
    kinks = problem.kinks
    outcomes: dict[Goal, Outcome] = {}
    # Where a derivative has no value, only the values of the forward map are claimed.
    plain = [g for g in goals if g.component == "I"] if kinks else []
    kernel: Kernel | None = None
    for own, facts in ((plain, tuple(scope.valued)), ([g for g in goals if g not in plain], kinks)):
        # What follows from the declarations is rarely needed, and dear to bring into normal form: without it first.
        signs = SignTable(scope.lets, problem.theory.bounds, problem.theory.facts) if own and facts else None
        news = facts if signs is None else tuple(c for c in facts if not signs.implies(c))
        for relied in dict.fromkeys((news, facts)):
            left = [g for g in own if g not in outcomes or not (outcomes[g].proved or g in refuted)]
            if not left:
                break
            kernel = _kernel(problem, table, relied)
            if machines:
                _sweep(kernel, problem, table, machines)
            for g in left:
                outcomes[g] = kernel.equal(g.equation, LET_FUEL if g in refuted else GOAL_FUEL)
    return Proofs({g: outcomes[g] for g in goals}, kernel or _kernel(problem, table, ()))


def _kernel(problem: Problem, lets: Lets, kinks: tuple[Condition, ...]) -> Kernel:
    theory = problem.theory
    return Kernel(
        lets,
        theory.bounds,
        schematic=theory.schematic,
        pointwise=theory.pointwise,
        positive=positive_names(problem),
        facts=(*theory.known, *kinks),
    )


def positive_names(problem: Problem) -> list[str]:
    """The tensors of which every entry is declared to be positive."""
    signs = SignTable({}, problem.theory.bounds, problem.theory.known)
    return [s.name for s in problem.inputs() if signs.of(Read(s, slots(s))) == {1}]


def _sweep(kernel: Kernel, problem: Problem, table: Lets, machines: Sequence[Machine]) -> None:
    classes: dict[tuple[object, ...], Symbol] = {}
    lets = problem.scope.lets
    inputs = dict.fromkeys(s for name in table for s in reads(lets[name].body) if s.name not in lets)
    for s in [*inputs, *(lets[name].symbol for name in table)]:
        key = _signature(s, machines)
        if key is None:
            continue
        candidate: Term | Symbol | None = _constant(machines, s)
        if candidate is None:
            candidate = classes.setdefault(key, s)
        if candidate is s or s.name not in lets:
            continue
        i = slots(s)
        replacement = Read(candidate, i) if isinstance(candidate, Symbol) else candidate
        kernel.identify(s.name, i, replacement, LET_FUEL)


def _signature(s: Symbol, machines: Sequence[Machine]) -> tuple[object, ...] | None:
    """What a tensor is at the sample models; None where it cannot be evaluated."""
    try:
        rows = [tuple(map(_key, m.tensor(s).values())) for m in machines]
    except (Undefined, Undecided):
        return None
    return (s.axes, s.value, *rows)


def _key(x: Number) -> object:
    """Equal for equal rationals, and for balls whose middles agree to many digits (they only propose).

    A ball around 0 is 0: what cancels leaves noise, of which no digit means anything.
    """
    if not hasattr(x, "mid"):
        return x
    return ZERO.value if x.contains(0) else x.mid().str(12, radius=False)


def _constant(machines: Sequence[Machine], s: Symbol) -> Term | None:
    """0 or 1, where all entries at all sample models are."""
    if not isinstance(s.value, Real):
        return None
    values = {_key(v) for m in machines for v in m.tensor(s).values()}
    return ZERO if values == {ZERO.value} else ONE if values == {ONE.value} else None
