"""Backward passes: every gradient end to end, and line by line for blame."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction

from ..elaborate.claims import Claim
from ..learn.layer import Line, Pass
from ..terms.syntax import Read
from ..terms.traverse import cone
from .advice import lack_name, missing_term, would_do
from .deviation import deviation
from .judge import TRIES, components, conditions_of, judge
from .kinks import kinks
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
    _refutations(problem, written, rulings)
    advice = _advice(problem, written, rulings)
    for key, within in claim.within:
        for r in rulings:
            if r.goal.component == "gradient" and key in ("", r.goal.label) and r.verdict != PROVED:
                place = (r.goal.label, False)
                advice[place] = _deviation(problem, written, r, within, advice.get(place, Advice()))
    found: list[Component] = []
    for c, r in zip(components(problem, rulings), rulings, strict=True):
        line = _line(written, r)
        local = r.goal.component == "local"
        given = advice.get((line.name, local), Advice())
        residue = "" if given.lacks else c.residue
        found.append(
            replace(c, name=line.name, port="", local=local, line=line.span.line, advice=given, residue=residue)
        )
    result = Found([*found, *kinks(claim)])
    if plain:
        written.settled[:] = [result]
    return result


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
    linearity = Linearity(problem, written.cotangents, TRIES)
    refuter = Refuter(problem, TRIES)
    trials = max(LEAST_TRIALS, WORK // (len(problem.scope.lets) + 1))
    for k, r in enumerate(sorted(pending, key=lambda r: r.goal.component != "local")):
        found = linearity.search(r.goal)
        judge_of: Refuter = linearity if found is not None else refuter
        if found is not None:
            r.verdict, r.difference, r.reason = REFUTED, found, ""
        if r.difference is not None and k < SHRUNK and trials:
            r.difference = judge_of.shrink(r.difference, trials)
            trials = judge_of.left


def _advice(problem: Problem, written: Pass, rulings: Sequence[Ruling]) -> dict[tuple[str, bool], Advice]:
    """Advice on every gradient and line that is not proved, by name and whether it is the local verdict."""
    alone = {r.goal.label: r for r in rulings if r.goal.component == "gradient"}
    alone |= {r.goal.label: r for r in rulings if r.goal.component == "local"}
    wrong = {name for name, r in alone.items() if r.verdict == REFUTED}
    mended = {
        name: missing_term(problem, written, _line(written, r), r.goal) or Advice()
        for name, r in alone.items()
        if r.verdict != PROVED
    }
    rows: dict[tuple[str, bool], Advice] = {}
    for r in rulings:
        line, local = _line(written, r), r.goal.component == "local"
        if r.verdict == PROVED:
            continue
        advice = mended.get(line.name, Advice())
        if not local:
            blame = tuple(f"{x.name} (line {x.span.line})" for x in _above(written, line) if x.name in wrong)
            assuming = would_do(problem, written, r.goal) if line.name in mended else ()
            advice = replace(advice, blame=blame, assuming=assuming)
        rows[(line.name, local)] = advice
    return rows


def _above(written: Pass, line: Line) -> list[Line]:
    """The lines that the value of a line depends on, itself included."""
    names = {let.symbol.name for let in cone([Read(line.written)], written.scope.lets)}
    return [x for x in written.lines if x.written.name in names]
