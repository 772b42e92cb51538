"""``at x == y: value dx == dy/2``: what the written gradients are on a set that is left out of the claim itself.

The derived side has no value there, so the claim is about the written formula alone: wherever the equation holds and
the outputs of the layer are defined, the formula is defined and has the value that is stated.  The equation is a
pointwise hypothesis: both judges are given it after everything was differentiated, so it meets no derivative.
What the claim is ``assuming`` holds here too; ``when`` says where the claim itself is made, so it does not.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from ..calculus.reverse import slots
from ..elaborate.claims import Claim
from ..elaborate.environment import fault
from ..language import syntax as tree
from ..language.show import show
from ..learn.laws import Goal
from ..learn.program import Scope
from ..terms.definedness import of_terms
from ..terms.index import Index
from ..terms.syntax import Lets, Pointwise, Read, Symbol, Term
from ..terms.traverse import map_reads, rename_indices, subterms
from .judge import components, judge
from .problem import Problem
from .theory import equations_of, open_indices, theory_of
from .verdict import PROVED, UNKNOWN, Component

UNFOLDED = 100


def kinks(claim: Claim) -> list[Component]:
    """A component ``at`` for each clause of a backward pass; none for a claim that has no such clause.

    Raises a diagnostic for names that the claim does not have, and for shapes that do not fit.
    """
    return [row for kink in claim.at for row in _value(claim, kink)]


def _value(claim: Claim, kink: tree.Kink) -> list[Component]:
    for name in open_indices(kink.condition, claim):
        what = f"the index {name} in a condition of at"
        raise fault("E115", kink.condition, what, "entries at positions, such as x[0] == 0, or whole tensors")
    # A condition such as n >= 2 makes position 1 one of the axis.
    claim = replace(claim, environment=replace(claim.environment, least=dict(claim.bounds.least)))
    assert claim.written is not None  # elaboration lets the clause stand on a backward pass only
    found = _judged(claim, kink, {})
    equal = _entries(equations_of(claim, claim.written.scope, kink.condition, {}), claim.written.scope)
    if not equal or all(c.verdict != UNKNOWN for c in found):
        return found
    again = _judged(claim, kink, equal)
    return [b if (a.verdict, b.verdict) == (UNKNOWN, PROVED) else a for a, b in zip(found, again, strict=True)]


def _judged(claim: Claim, kink: tree.Kink, equal: Mapping[Term, Term]) -> list[Component]:
    """Components of a clause; ``equal``: entries of inputs for which a value is put before it is judged."""
    written = claim.written
    assert written is not None  # as above
    # What the derived side needs is not asked here; that the outputs have a value is.
    given = dict.fromkeys(of_terms([Read(y, slots(y)) for y in written.layer.outputs], written.scope.lets))
    scope = Scope(dict(written.scope.lets), kinks=given)
    for s in written.scope.inputs:
        scope.input(s)
    names = {line.name: line.written for line in written.lines}
    goals = []
    for e in kink.arguments:
        for h in equations_of(claim, scope, e, names):
            left, right = (
                scope.name(f"at.{name}", h.indices, _unfolded(side, written.scope.lets, equal))
                for name, side in (("left", h.left), ("right", h.right))
            )
            goals.append(Goal("at", show(e), left, right))
    theory = theory_of(replace(claim, when=(kink.condition,)), scope)
    problem = Problem(theory, scope, tuple(goals))
    group = f"{show(kink.condition)}: value {', '.join(map(show, kink.arguments))}"
    return [replace(c, line=kink.span.line) for c in components(problem, judge(problem), group)]


def _entries(equations: Sequence[Pointwise], scope: Scope) -> dict[Term, Term]:
    """The entries of inputs that the equations say the value of: ``x[0] == y`` is about x[0]."""
    rows: dict[Term, Term] = {}
    for h in equations:
        for entry, value in ((h.left, h.right), (h.right, h.left)):
            given = isinstance(entry, Read) and entry.symbol.name not in scope.lets and not h.indices
            if given and entry not in rows and entry not in subterms(value):
                rows[entry] = value
                break
    return rows


def _unfolded(t: Term, lets: Lets, equal: Mapping[Term, Term]) -> Term:
    """A term with definitions put for names, entry by entry: then it shows the entries that the equation is about.

    So dx[0] reads x[0], and no other entry of x; for an entry in ``equal`` its value is put, once.
    After UNFOLDED definitions names are kept.
    """
    left = UNFOLDED

    def read(s: Symbol, index: tuple[Index, ...]) -> Term:
        nonlocal left
        if s.name not in lets or left == 0:
            return equal.get(Read(s, index), Read(s, index))
        left -= 1
        let = lets[s.name]
        return map_reads(rename_indices(let.body, dict(zip(let.indices, index, strict=True))), read)

    return map_reads(t, read)


__all__ = ["kinks"]
