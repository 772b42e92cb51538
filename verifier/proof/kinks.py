"""``at x == y: value dx == dy/2``: what the written gradients are on a set that is left out of the claim itself.

The derived side has no value there, so ``value`` is about the written formula alone: wherever the equation holds and
the outputs of the layer are defined, the formula is defined and has the value that is stated.  ``along [1, 1]``
compares it with the one-sided derivative of the layer along a vector.  The equation is a pointwise hypothesis: both
judges are given it after everything was differentiated, so it meets no derivative.  What the claim is ``assuming``
holds here too; ``when`` says where the claim itself is made, so it does not.  An index in the condition is any one
position of its axis, and two indices of one axis are two positions.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from ..calculus.directional import directional
from ..calculus.reverse import NotDifferentiable, delta, slots
from ..elaborate.claims import Claim
from ..elaborate.environment import fault
from ..language import syntax as tree
from ..language.show import show
from ..learn import laws
from ..learn.laws import Goal
from ..learn.program import Scope
from ..terms.definedness import of_terms
from ..terms.index import Index, Lookup, combine
from ..terms.sorts import Fin, Range, Real
from ..terms.syntax import ZERO, Condition, Lets, Pointwise, Read, Symbol, Term, add, mul, total
from ..terms.traverse import map_reads, rename_indices, subterms
from .directions import Direction, direction
from .judge import components, judge
from .problem import Problem
from .theory import equations_of, names_in, open_indices, theory_of
from .verdict import PROVED, UNKNOWN, Component

UNFOLDED = 100


@dataclass(frozen=True)
class Point:
    """A clause, read: what is written by name, in its scope, and what must have a value there.

    ``apart``: positions of one axis that are not the same.
    """

    claim: Claim
    kink: tree.Kink
    scope: Scope
    names: Mapping[str, Symbol]
    specified: Sequence[Symbol]
    apart: tuple[Condition, ...]

    def inner(self) -> Scope:
        """A scope for goals of the clause.  That the outputs have a value is asked, and no more of the derived side."""
        given = dict.fromkeys(of_terms([Read(y, slots(y)) for y in self.specified], self.scope.lets))
        scope = Scope(dict(self.scope.lets), kinks=given)
        for s in self.scope.inputs:
            scope.input(s)
        return scope

    @property
    def group(self) -> str:
        """The clause as reports print it."""
        shown = ", ".join(map(show, self.kink.arguments))
        shown = f" [{shown}]" if self.kink.mode == "along" else f" {shown}" if shown else ""
        return f"{show(self.kink.condition)}: {self.kink.mode}{shown}"

    def equations(self) -> list[Pointwise]:
        return equations_of(self.claim, self.scope, self.kink.condition, self.names)

    def problem(self, scope: Scope, goals: Sequence[Goal]) -> Problem:
        """Goals in a scope, on the set of the clause."""
        theory = theory_of(replace(self.claim, when=(self.kink.condition,)), scope, self.names)
        return Problem(replace(theory, stated=(*theory.stated, *self.apart)), scope, tuple(goals))

    def judged(self, scope: Scope, goals: Sequence[Goal]) -> list[Component]:
        """Components for goals in a scope on the set of the clause."""
        return self.told(self.problem(scope, goals))

    def told(self, problem: Problem) -> list[Component]:
        """Components for the goals of a problem on the set of the clause."""
        rows = components(problem, judge(problem), self.group)
        return [replace(c, line=self.kink.span.line) for c in rows]


def kinks(claim: Claim) -> list[Component]:
    """A component ``at`` for each clause of a claim; none for a claim that has no such clause.

    Raises a diagnostic for names that the claim does not have, and for shapes that do not fit.
    """
    rows: list[Component] = []
    for kink in claim.at:
        point = point_of(claim, kink)
        if kink.mode == "subgradient":
            from .subgradient import subgradient

            rows += subgradient(point)
        else:
            rows += _along(point) if kink.mode == "along" else valued(point)
    return rows


def point_of(claim: Claim, kink: tree.Kink) -> Point:
    """A clause of a claim, read.  Raises a diagnostic for what the claim does not have."""
    # A condition such as n >= 2 makes position 1 one of the axis.
    claim = replace(claim, environment=replace(claim.environment, least=dict(claim.bounds.least)))
    if claim.written is not None:
        scope, names = claim.written.scope, {line.name: line.written for line in claim.written.lines}
        specified: Sequence[Symbol] = claim.written.layer.outputs
    else:
        scope = Scope()
        left, right = claim.learners
        goals = laws.equal(scope, left, right, laws.by_name(left, right))
        names = {f"{g.component}.{g.label}": g.left for g in goals}
        specified = [g.left for g in goals if g.component == "I"]
    x = names_in(claim, scope)
    positions: dict[str, Symbol] = {}
    for name in dict.fromkeys(open_indices(kink.condition, claim)):
        if name in x.local:
            continue
        with x.binding([(name, None)], kink.condition, *_operands(kink.condition)) as (v,):
            if not isinstance(v.sort, Range):
                what = f"the index {name} of a packed axis in a condition of at"
                raise fault("E115", kink.condition, what, "an index of a plain axis")
            positions[name] = Symbol(f"at.{name}", (), Fin(v.sort.size))
    rows = list(positions.values())
    apart = tuple(
        Condition("!=", combine(Lookup(a, ()), Lookup(b, ()), -1), (), (), "stated")
        for k, a in enumerate(rows)
        for b in rows[:k]
        if a.value == b.value
    )
    return Point(claim, kink, scope, names | positions, specified, apart)


def _operands(e: tree.Expr) -> tuple[tree.Expr, ...]:
    return e.operands if isinstance(e, tree.Compare) else (e,)


# ---- value


def valued(point: Point) -> list[Component]:
    """The components of a clause of mode ``value``."""
    found = _valued(point, {})
    equal = entries(point.equations(), point.scope)
    if not equal or all(c.verdict != UNKNOWN for c in found):
        return found
    again = _valued(point, equal)
    return [b if (a.verdict, b.verdict) == (UNKNOWN, PROVED) else a for a, b in zip(found, again, strict=True)]


def _valued(point: Point, equal: Mapping[Term, Term]) -> list[Component]:
    """Components of a clause; ``equal``: entries of inputs for which a value is put before it is judged."""
    scope = point.inner()
    goals = []
    for e in point.kink.arguments:
        for h in equations_of(point.claim, scope, e, point.names):
            left, right = (
                scope.name(f"{name}.at", h.indices, unfolded(side, point.scope.lets, equal))
                for name, side in (("left", h.left), ("right", h.right))
            )
            goals.append(Goal("at", show(e), left, right))
    return point.judged(scope, goals)


def entries(equations: Sequence[Pointwise], scope: Scope) -> dict[Term, Term]:
    """The entries of inputs that the equations say the value of: ``x[0] == y`` is about x[0]."""
    rows: dict[Term, Term] = {}
    for h in equations:
        for entry, value in ((h.left, h.right), (h.right, h.left)):
            given = isinstance(entry, Read) and entry.symbol.name not in scope.lets and not h.indices
            if given and entry not in rows and entry not in subterms(value):
                rows[entry] = value
                break
    return rows


def unfolded(t: Term, lets: Lets, equal: Mapping[Term, Term]) -> Term:
    """A term with definitions put for names, entry by entry: then it shows the entries that the equation is about.

    So dx[0] reads x[0], and no other entry of x; for an entry in ``equal`` its value is put, once.
    After UNFOLDED definitions names are kept.
    """
    left = UNFOLDED

    def read(s: Symbol, index: tuple[Index, ...]) -> Term:
        nonlocal left
        if s.name not in lets or left == 0 or not isinstance(s.value, Real):  # a whole number that indexes is a name
            return equal.get(Read(s, index), Read(s, index))
        left -= 1
        let = lets[s.name]
        return map_reads(rename_indices(let.body, dict(zip(let.indices, index, strict=True))), read)

    return map_reads(t, read)


# ---- along


def _along(point: Point) -> list[Component]:
    """The written gradients, applied to a vector, are the one-sided derivative of the layer along it."""
    written = point.claim.written
    assert written is not None  # elaboration lets the mode stand on a backward pass only
    scope = point.inner()
    rows = direction(point.claim, point.kink, point.equations(), names_in(point.claim, scope, point.names))
    given = {s: _vector(scope, s, rows) for s in written.layer.differentiated}
    try:
        found = directional(written.layer.lets, given, scope.define, scope.lets)
    except NotDifferentiable as e:
        raise fault(
            "E117", point.kink, f"a one-sided derivative through {e}", "smooth maps, and greatest values"
        ) from None
    for c in found.conditions:
        scope.kinks[c] = None
    lines = {x.of: x.written for x in written.lines}
    left = [mul(r.value, total(r.bound, Read(lines[r.of.name], r.index))) for r in rows]
    right = [
        total(i, mul(Read(dy, i), Read(found.tangents[y], i)))
        for y, dy in zip(written.layer.outputs, written.cotangents, strict=True)
        if y in found.tangents
        for i in (slots(y),)
    ]
    goal = Goal("at", "along", scope.name("left.at", (), add(*left)), scope.name("right.at", (), add(*right)))
    return point.judged(scope, [goal])


def _vector(scope: Scope, s: Symbol, rows: Sequence[Direction]) -> Symbol:
    """The part of a direction that an input moves along."""
    i = slots(s)
    parts: list[Term] = []
    for r in rows:
        if r.of != s:
            continue
        part = r.value
        if not r.bound:
            for here, there, axis in zip(i, r.index, s.axes, strict=True):
                part = delta(here, there, axis, part)
        parts.append(part)
    return scope.name(f"v.{s.name}", i, add(*parts) if parts else ZERO)


__all__ = ["Point", "entries", "kinks", "point_of", "unfolded", "valued"]
