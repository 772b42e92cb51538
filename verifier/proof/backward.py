"""Backward passes: every gradient end to end, and line by line for blame."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction

from ..elaborate.claims import Claim
from ..learn.laws import Goal
from ..learn.layer import Line, Pass
from ..terms.syntax import Read
from ..terms.traverse import cone
from .advice import lack_name, missing_term
from .deviation import deviation
from .fixed_sizes import at_fixed_sizes
from .hypotheses import would_do
from .judge import TRIES, components, conditions_of, judge
from .kinks import kinks
from .limits import TimeUp, spared
from .linearity import Linearity
from .problem import Problem
from .refute import Refuter
from .ruling import Ruling
from .theory import theory_of
from .verdict import PROVED, REFUTED, Advice, Component, Found

SHRUNK = 8  # so many counterexamples of one backward pass are made small
WORK, LEAST_TRIALS = 12_000, 60  # lets that are evaluated for all of that, and the least number of points


def backward(claim: Claim) -> Found:
    """The gradients of a backward pass; local verdicts of its lines are labelled so and prove nothing.

    One forward and one reverse evaluation at each model serve all gradients and all lines.
    """
    written = claim.written
    assert written is not None  # elaboration fills it for this form
    plain = not (claim.assumptions or claim.data or claim.when or claim.stated or claim.within or claim.at)
    if plain and written.settled and isinstance(written.settled[0], Found):
        return written.settled[0]
    goals = (*written.goals(), *written.local_goals())
    problem = Problem(theory_of(claim, written.scope), written.scope, goals)
    rulings = judge(problem, shrink=False, residues=False)
    named = replace(problem, goals=_named(written, rulings))
    more = judge(named, shrink=False, residues=False) if named.goals else []
    for part, found_of in ((problem, rulings), (named, more)):
        _refutations(part, written, found_of)
        with spared():
            at_fixed_sizes(part, found_of)
    advice: dict[tuple[str, bool], Advice] = {}
    with spared():
        _advise(problem, written, [*rulings, *more], advice)
    for key, within in claim.within:
        for r in rulings:
            if r.goal.component == "gradient" and key in ("", r.goal.label) and r.verdict != PROVED:
                place = (r.goal.label, False)
                advice[place] = _deviation(problem, written, r, within, advice.get(place, Advice()))
    found: list[Component] = []
    parts = [*components(problem, rulings), *components(named, more)]
    for c, r in zip(parts, [*rulings, *more], strict=True):
        line = _line(written, r)
        local = r.goal.component == "local"
        given = advice.get((line.name, local), Advice())
        residue = "" if given.lacks else c.residue
        found.append(
            replace(c, name=line.name, port="", local=local, line=line.span.line, advice=given, residue=residue)
        )
    result = Found([*found, *kinks(claim)], notes=_notes(written, found))
    if plain:
        written.settled[:] = [result]
    return result


def _named(written: Pass, rulings: Sequence[Ruling]) -> tuple[Goal, ...]:
    """The gradients of forward names that are still to be decided end to end.

    Lines that are each proved alone are right together, one after the other; and once a gradient of an input is
    refuted, what is wrong before it is blamed.  What is left is named as a gradient, is none, and is made good later.
    """
    if any(r.goal.component == "gradient" and r.verdict == REFUTED for r in rulings):
        return ()
    wrong = {r.goal.label for r in rulings if r.goal.component == "local" and r.verdict != PROVED}
    return tuple(
        Goal("gradient", x.name, x.written, x.derived)
        for x in written.lines
        if not x.claimed and wrong & {y.name for y in _above(written, x)}
    )


def _notes(written: Pass, found: Sequence[Component]) -> list[str]:
    """What to say of names that are no gradients where all the gradients of inputs and parameters are right."""
    claimed = {x.name for x in written.lines if x.claimed}
    if any(c.verdict != PROVED for c in found if c.name in claimed and not c.local):
        return []
    of = {x.name: x.of for x in written.lines}
    right = f"{'those' if len(claimed) > 1 else 'that'} of {', '.join(of[n] for n in of if n in claimed)}"
    return [
        f"{c.name} (line {c.line}) is not the gradient of {of[c.name]}, though {right} "
        f"{'are' if len(claimed) > 1 else 'is'} right: a value of your own is written let NAME = ..."
        for c in found
        if c.name not in claimed and not c.local and c.verdict == REFUTED
    ]


def _deviation(problem: Problem, written: Pass, r: Ruling, within: Fraction, advice: Advice) -> Advice:
    """Advice with the deviation of a gradient that is no identity.

    As for a proof there must be a point of the claim, and what both sides need in order to be defined is a condition:
    where the box holds a point at which the written side has no value, it is not near to the derived one.
    """
    if r.difference is None and Refuter(problem, TRIES).seek(r.goal) is None:
        return replace(advice, deviation="hypotheses not shown satisfiable: no model point was found")
    line = _line(written, r)
    known = written.scope.lets.get(lack_name(line)) if line.local == line.written else None
    d = deviation(problem, r.goal, written.cotangents, within, known.symbol if known is not None else None)
    if d.bound is None:
        return replace(advice, deviation=d.reason)
    r.conditions = conditions_of(problem, r.goal)
    shown = f"at most {d.bound:.3g} times the size of the cotangent, on the whole box"
    return replace(advice, deviation=shown, within=str(within))


def _line(written: Pass, r: Ruling) -> Line:
    return next(x for x in written.lines if x.name == r.goal.label)


def _refutations(problem: Problem, written: Pass, rulings: Sequence[Ruling]) -> None:
    """What is not proved is first of all tried for linearity; then some counterexamples are made small.

    Lines that are wrong by themselves come first; of the gradients that are wrong because of them, a few are enough.
    """
    pending = [r for r in rulings if r.verdict != PROVED]
    if not pending:
        return
    pending.sort(key=lambda r: r.goal.component != "local")
    linearity, refuter = Linearity(problem, written.cotangents, TRIES), Refuter(problem, TRIES)
    judges: dict[str, Refuter] = {"nonlinear": linearity}
    try:
        for r in pending:
            found = linearity.search(r.goal)
            if found is not None:
                r.verdict, r.difference, r.reason = REFUTED, found, ""
    except TimeUp:  # what was found before stays
        pass
    trials = max(LEAST_TRIALS, WORK // (len(problem.scope.lets) + 1))
    with spared():
        for r in pending[:SHRUNK]:
            if r.difference is not None and trials:
                judge_of = judges.get(r.difference.kind, refuter)
                r.difference = judge_of.shrink(r.difference, trials)
                trials = judge_of.left


def _advise(problem: Problem, written: Pass, rulings: Sequence[Ruling], rows: dict[tuple[str, bool], Advice]) -> None:
    """Advice on every gradient and line that is not proved, by name and whether it is the local verdict.

    What is known already comes first, so that it is there if the time for the rest is not.
    """
    alone = {r.goal.label: r for r in rulings if r.goal.component == "gradient"}
    alone |= {r.goal.label: r for r in rulings if r.goal.component == "local"}
    wrong = {name for name, r in alone.items() if r.verdict == REFUTED}
    open_ = [r for r in rulings if r.verdict != PROVED]
    for r in open_:
        blame = tuple(f"{x.name} (line {x.span.line})" for x in _above(written, _line(written, r)) if x.name in wrong)
        local = r.goal.component == "local"
        rows[r.goal.label, local] = Advice(blame=() if local else blame)
    for name, r in alone.items():
        if r.verdict == PROVED:
            continue
        found = missing_term(problem, written, _line(written, r), r.goal) or Advice()
        for local in (False, True):
            if (name, local) in rows:
                rows[name, local] = replace(found, blame=rows[name, local].blame)
    for r in open_:
        if r.goal.component == "gradient" and alone[r.goal.label].verdict != PROVED:
            place = (r.goal.label, False)
            rows[place] = replace(rows[place], assuming=would_do(problem, written, r.goal))


def _above(written: Pass, line: Line) -> list[Line]:
    """The lines that the value of a line depends on, itself included."""
    names = {let.symbol.name for let in cone([Read(line.written)], written.scope.lets)}
    return [x for x in written.lines if x.written.name in names]
