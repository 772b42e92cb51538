"""Judging a problem: conditions, refutation, proof, the model point, and the cross-check of the two judges."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ..learn.laws import Goal
from ..terms.circuits import formal
from ..terms.definedness import of_terms
from ..terms.index import INDICES
from ..terms.signs import SignTable
from ..terms.sorts import extent
from ..terms.syntax import Call, Condition, Num, SizeOf
from ..terms.traverse import form, free_indices, guard_variables
from .discharge import Discharge
from .exhaust import exhausted, finite
from .limits import TimeUp, stopped
from .never import never
from .problem import Problem
from .prove import prove
from .refute import Refuter
from .ruling import Ruling
from .show import Shower, quantified
from .verdict import PROVED, REFUTED, UNKNOWN, Component, Conditions

CHECK_SEED = 1
TRIES = 2
MORE, MORE_SEED = 4, 101


class Contradiction(Exception):
    """The two judges disagree: a bug in one of them, never a verdict."""


def judge(problem: Problem, shrink: bool = True, residues: bool = True) -> list[Ruling]:
    """A ruling for each goal of a problem, in order.

    ``shrink``: make counterexamples small; ``residues``: say what is left over of left - right where it is refuted.
    """
    if formal(problem.inputs()):
        raise Contradiction("a circuit over Z2 was put to the judges of real numbers")
    rulings: dict[Goal, Ruling] = {}
    try:
        if not stopped():
            _judge(problem, shrink, residues, rulings)
    except TimeUp:  # a counterexample stays one; nothing else counts before all of it is done
        rulings = {g: r for g, r in rulings.items() if r.verdict == REFUTED}
    return [rulings[g] if g in rulings else Ruling(g, UNKNOWN, reason=stopped()) for g in problem.goals]


def _judge(problem: Problem, shrink: bool, residues: bool, rulings: dict[Goal, Ruling]) -> None:
    """Fill in the ruling of each goal; a counterexample as soon as it is found."""
    if finite(problem):
        rulings.update(zip(problem.goals, exhausted(problem), strict=True))
        return
    refuter = Refuter(problem, TRIES)
    shower = Shower(problem)
    left_open = undischarged(problem, "left")
    spec = set(problem.conditions("right"))
    for goal in problem.goals:
        found = refuter.search(goal)
        if found is None and not problem.inside:
            found = refuter.violate(goal, [c for c in _of_goal(problem, goal, left_open) if c not in spec])
        if found is not None:
            rulings[goal] = Ruling(goal, REFUTED, found)
            if shrink:
                rulings[goal] = Ruling(goal, REFUTED, refuter.shrink(found))
    pending = [g for g in problem.goals if g not in rulings]
    proofs = prove(problem, refuter.machines, problem.goals if residues else pending, rulings)
    for goal, ruling in rulings.items():
        outcome = proofs.outcomes.get(goal)
        if outcome is not None and outcome.proved and ruling.difference and ruling.difference.kind == "unequal":
            raise Contradiction(f"{goal.component} {goal.label}: proved, and refuted at a point")
        if outcome is not None and outcome.residue is not None:
            ruling.residue = shower.short(outcome.residue)
    unproved = [g for g in pending if not proofs.outcomes[g].proved]
    if unproved:  # the few generic points may have been special: look at more of them
        more = Refuter(problem, MORE, MORE_SEED)
        for goal in unproved:
            found = more.search(goal) or more.small(goal)
            if found is not None:
                rest = proofs.outcomes[goal].residue
                shown = shower.short(rest) if rest is not None else ""
                rulings[goal] = Ruling(goal, REFUTED, found, residue=shown)
                pending.remove(goal)
                if shrink:
                    rulings[goal].difference = more.shrink(found)
    if pending:
        report = _Report(problem, shower)
        for goal in pending:
            outcome = proofs.outcomes[goal]
            conditions = report.of(goal)
            model = refuter.seek(goal) if outcome.proved else None
            if not outcome.proved:
                residue = shower.short(outcome.residue) if outcome.residue is not None else ""
                rulings[goal] = Ruling(goal, UNKNOWN, None, conditions, residue, outcome.reason or "no rule applies")
            elif model is None:
                why = "hypotheses not shown satisfiable: no model point was found"
                rulings[goal] = Ruling(goal, UNKNOWN, None, conditions, "", why)
            else:
                rulings[goal] = Ruling(goal, PROVED, None, conditions, "", "", shower.model(model, goal))
        _cross_check(problem, [g for g in pending if rulings[g].verdict == PROVED])


def conditions_of(problem: Problem, goal: Goal) -> Conditions:
    """The definedness conditions of both sides of a goal, and its kinks, whatever its verdict is."""
    return _Report(problem, Shower(problem)).of(goal)


def _cross_check(problem: Problem, proved: Sequence[Goal]) -> None:
    """Every proved goal is evaluated at further points; a difference there is a bug."""
    if not proved:
        return
    further = Refuter(problem, tries=1, seed=CHECK_SEED)
    for goal in proved:
        found = further.search(goal)
        if found is not None and found.kind == "unequal":
            raise Contradiction(
                f"{goal.component} {goal.label}: proved, yet {found.left} != {found.right} "
                f"at sizes {dict(found.model.sizes)}"
            )


def undischarged(problem: Problem, side: str) -> list[Condition]:
    """The conditions of a side that do not follow from what is declared."""
    table = SignTable(problem.scope.lets, problem.theory.bounds, problem.theory.facts)
    return [c for c in problem.conditions(side) if not table.implies(c)]


def _of_goal(problem: Problem, goal: Goal, conditions: Sequence[Condition]) -> list[Condition]:
    """Those conditions that come from the left side of a goal."""
    if not conditions:
        return []
    own = set(of_terms([goal.equation.left], problem.scope.lets))
    return [c for c in conditions if c in own]


class _Report:
    """The conditions of goals as texts, by how they are met."""

    def __init__(self, problem: Problem, shower: Shower) -> None:
        self.problem, self.shower = problem, shower
        theory, self.lets = problem.theory, problem.scope.lets
        self.declared = Discharge(problem, theory.facts)
        self.stated = Discharge(problem, theory.known) if theory.stated else self.declared
        self._known: dict[Condition, str] = {}
        self._keys: dict[Condition, object] = {}
        self._shown: dict[object, str] = {}
        both = dict.fromkeys((*problem.conditions("left"), *problem.conditions("right")))
        # Nothing need be said of sizes that are sizes, and to look for it goal by goal would be slow.
        self.any = any(c.reason != "an extent" or not self.declared.signs.implies(c) for c in both)

    def of(self, goal: Goal) -> Conditions:
        """Discharged, stated and open conditions of one goal.

        Kinks concern what is derived, not the implementation.  In a problem about points where the written side
        is defined, its conditions are stated by that.
        """
        if not self.any:
            return Conditions()
        right = of_terms([goal.equation.right], self.lets)
        left = of_terms([goal.equation.left], self.lets)
        kinks = list(self.problem.scope.valued if goal.component == "I" else self.problem.kinks)
        discharged: dict[str, None] = {}
        stated: dict[str, None] = {}
        loose: list[Condition] = []
        rows: dict[object, Condition] = {}
        for c in dict.fromkeys(map(self._plain, (*right, *left, *kinks))):
            rows.setdefault(self._key(c), c)
        of_right = {self._key(self._plain(c)) for c in right} if self.problem.inside else set()
        for key, c in rows.items():
            met = self._met(c)
            if met == "declared":
                # That sizes are sizes, that a number is not 0, or exp positive, need not be said.
                if not _plain_truth(c):
                    discharged[self._text(c)] = None
            elif met == "stated" or (self.problem.inside and key not in of_right):
                stated[self._text(c)] = None
            else:
                loose.append(c)
        return Conditions(tuple(discharged), tuple(stated), tuple(self._needed(loose)))

    def _met(self, c: Condition) -> str:
        """How a condition is met: by declarations, by what the claim states, or not."""
        if c not in self._known:
            self._known[c] = (
                "declared" if self._follows(self.declared, c) else "stated" if self._follows(self.stated, c) else ""
            )
        return self._known[c]

    def _key(self, c: Condition) -> object:
        """What conditions have in common that read the same but for the names of indices."""
        if c not in self._keys:
            subject = c.subject if isinstance(c.subject, INDICES) else self.shower.source(c.subject)
            self._keys[c] = form(replace(c, subject=subject, reason=""))
        return self._keys[c]

    def _text(self, c: Condition) -> str:
        """The text of a condition: one for all that read the same but for the names of indices."""
        key = self._key(c), c.reason
        if key not in self._shown:
            self._shown[key] = self.shower.condition(c)
        return self._shown[key]

    def _plain(self, c: Condition) -> Condition:
        """A condition without the indices that nothing in it reads, if their ranges are never empty."""
        if isinstance(c.subject, INDICES):
            return c
        read = free_indices(c.subject).union(*(guard_variables(g) for g in c.guards))
        sizes = self.problem.theory.bounds
        kept = tuple(v for v in c.indices if v in read or not sizes.nonnegative(extent(v.sort) - 1))
        return replace(c, indices=kept)

    def _follows(self, table: Discharge, c: Condition) -> bool:
        """Whether a condition follows, as it stands or over the names of the spec."""
        return table.implies(c) or table.implies(self.shower.sourced(c))

    def _needed(self, loose: list[Condition]) -> list[str]:
        """Open conditions without those that follow from others of them, the shortest first."""
        rows = sorted(((self._text(c), c) for c in loose), key=lambda r: (len(r[0]), r[0]))
        kept: list[Condition] = []
        texts: list[str] = []
        known = self.problem.theory.known
        for text, c in rows:
            if text not in texts and not Discharge(self.problem, [*known, *kept]).implies(c):
                kept.append(c)
                texts.append(text)
        return texts


def _plain_truth(c: Condition) -> bool:
    """Whether a condition that follows from the declarations need not be said."""
    known = isinstance(c.subject, Call) and c.subject.function.known
    return known or isinstance(c.subject, (Num, SizeOf, *INDICES))


def components(problem: Problem, rulings: Sequence[Ruling], group: str = "", always: bool = False) -> list[Component]:
    """Rulings as parts of a verdict: one component for each goal, named after its port.

    ``always``: of what is refuted it is asked whether it fails for every instance.
    """
    shower, about = Shower(problem), quantified(problem)
    return [
        Component(
            r.goal.component,
            r.verdict,
            r.goal.label,
            group,
            conditions=r.conditions,
            witness=shower.witness(r.difference) if r.difference else None,
            residue=r.residue,
            reason=r.reason,
            model=r.model,
            quantified=about,
            never=never(problem, r.difference) if always and r.difference is not None else (),
        )
        for r in rulings
    ]
