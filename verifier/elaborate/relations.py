"""``via``: equations between the parameters of two learners.

``A ~ B via B.q = A.p / 2`` gives a reparametrisation, every parameter of B by those of A; equations for parameters of
A give its inverse.  ``via isometry, B.s = ...`` claims that it is an isometry, ``via isometry`` that there is one.
``A == B via B.v = -lr * A.v`` gives a relation between states.  A parameter is named after its learner as the claim
writes it, by ``left`` or ``right``, or alone where only one of the two has the name.  Parameters of one name and type
that no equation mentions are the same on both sides.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

from ..calculus.reverse import slots
from ..language import syntax as tree
from ..language.show import show
from ..learn.learner import Learner, Ports
from ..learn.program import Program, Scope
from ..learn.relation import AnyIsometry, Relation, Reparametrisation
from ..terms.signs import SignTable, domain_facts
from ..terms.sorts import REAL
from ..terms.syntax import Symbol
from .environment import Environment, fault
from .equations import sided
from .expressions import Expressions
from .learners import mentions
from .tensors import tensor_of

LEFT, RIGHT = "left", "right"


@dataclass(frozen=True)
class _Row:
    """``parameter[indices] = value``, with parameters under their unique names; ``node`` is what is written."""

    parameter: Symbol
    indices: tuple[tree.Expr, ...] | None
    value: tree.Expr
    node: tree.Node


class _Names:
    """The parameters of the two learners of a claim, under names that no spec can write."""

    def __init__(self, check: tree.Check, left: Learner, right: Learner, env: Environment) -> None:
        self.check, self.env = check, env
        self.sides: dict[str, Ports] = {
            side: tuple(Symbol(f"{side}.{s.label}", s.axes, s.value) for s in f.parameters)
            for side, f in ((LEFT, left), (RIGHT, right))
        }
        self.symbols = {s.name: s for group in self.sides.values() for s in group}

    def parameter(self, e: tree.Expr) -> Symbol | None:
        """The parameter that a name denotes; None if it denotes something else.  Raises a diagnostic."""
        if isinstance(e, tree.Name):
            found = [s for s in self.symbols.values() if _label(s) == e.identifier]
            if not found:
                return None
            if len(found) > 1 or self.env.find(e.identifier) is not None:
                first, second = (show(s) for s in self.check.subjects)
                fix = f"write {first}.{e.identifier} or {second}.{e.identifier}, or left.{e.identifier}"
                raise fault("E130", e, f"{e.identifier}, which names more than one thing", "one meaning", fix)
            return found[0]
        if not isinstance(e, tree.Attribute):
            return None
        side = self._side(e.base)
        if side is None:
            return None
        found = [s for s in self.sides[side] if _label(s) == e.name]
        if not found:
            known = ", ".join(map(_label, self.sides[side])) or "none"
            raise fault("E130", e, f"{show(e)}, which is no parameter", f"a parameter of {show(e.base)}: {known}")
        return found[0]

    def _side(self, base: tree.Expr) -> str | None:
        if isinstance(base, tree.Name) and base.identifier in self.sides and self.env.find(base.identifier) is None:
            return base.identifier
        subjects = dict(zip((LEFT, RIGHT), self.check.subjects, strict=True))
        same = [side for side, s in subjects.items() if show(s) == show(base)]
        if not same:
            same = [side for side, s in subjects.items() if isinstance(s, tree.Call) and show(s.function) == show(base)]
        if len(same) > 1:
            fix = "write left. and right. for the two sides"
            raise fault("E130", base, f"{show(base)}, which is both sides", "one of the two learners", fix)
        return same[0] if same else None

    def renamed(self, e: Any) -> Any:
        """An expression with each parameter under its unique name; positions and heads of calls are left alone."""
        if isinstance(e, tuple):
            return tuple(map(self.renamed, e))
        if not isinstance(e, tree.Node):
            return e
        symbol = self.parameter(e) if isinstance(e, tree.Name | tree.Attribute) else None
        if symbol is not None:
            return tree.Name(symbol.name, span=e.span)
        if isinstance(e, tree.Index):
            return replace(e, base=self.renamed(e.base))
        if isinstance(e, tree.Call):
            return replace(e, arguments=self.renamed(e.arguments))
        if isinstance(e, tree.Name | tree.Attribute):
            return e
        return replace(e, **{f.name: self.renamed(getattr(e, f.name)) for f in fields(e) if f.name != "span"})

    def row(self, target: tree.Expr, value: tree.Expr, node: tree.Node) -> _Row | None:
        """The equation solved for its one side, if that is a parameter, alone or with an index on each axis."""
        base = target.base if isinstance(target, tree.Index) else target
        symbol = self.parameter(base)
        if symbol is None:
            return None
        return _Row(symbol, target.indices if isinstance(target, tree.Index) else None, self.renamed(value), node)

    def uses(self, row: _Row) -> list[Symbol]:
        """The parameters that the value of a row is made of."""
        return [s for s in self.symbols.values() if mentions(row.value, {s.name: ""})]

    def twins(self, taken: set[Symbol]) -> list[tuple[Symbol, Symbol]]:
        """Parameters of one name and type, of which no equation speaks."""
        left, right = ([s for s in self.sides[k] if s not in taken] for k in (LEFT, RIGHT))
        return [(s, t) for s in left for t in right if (_label(s), s.axes, s.value) == (_label(t), t.axes, t.value)]


def _label(s: Symbol) -> str:
    return s.name.split(".", 1)[1]


def _equations(check: tree.Check) -> list[tuple[tree.Relation, tree.Expr]]:
    rows = []
    for r in check.via:
        if r.right is None and check.form == "equivalent" and _is_isometry(r):
            continue
        if r.right is None:
            raise fault("E130", r, f"{show(r.left)}, which is no equation", "such as B.q = A.p / 2", "write equations")
        rows.append((r, r.right))
    return rows


def _is_isometry(r: tree.Relation) -> bool:
    return r.right is None and isinstance(r.left, tree.Name) and r.left.identifier == "isometry"


def relation_of(check: tree.Check, left: Learner, right: Learner, env: Environment) -> Relation:
    """The relation of ``A == B via ...``.  Each equation gives a parameter by others.  Raises a diagnostic."""
    names = _Names(check, left, right, env)
    rows: list[_Row] = []
    given: set[Symbol] = set()
    used: set[Symbol] = set()
    for r, written in _equations(check):
        choices = [names.row(r.left, written, r), names.row(written, r.left, r)]
        for row in choices:
            if row is not None and row.parameter not in given | used | set(names.uses(row)):
                break
        else:
            fix = "solve it for a parameter that no other equation speaks of: B.v = -lr * A.v"
            raise fault(
                "E130", r, "an equation that gives no parameter", "a parameter on one side, given by others", fix
            )
        rows.append(row)
        given.add(row.parameter)
        used |= {s for s in names.uses(row) if s not in given}
    twins = names.twins(given | used)
    for s, t in twins:
        rows.append(_Row(t, None, tree.Name(s.name, span=check.span), check))
        given.add(t)
    free = tuple(s for s in names.symbols.values() if s not in given)
    states = _program(names, rows, free, (*names.sides[LEFT], *names.sides[RIGHT]), env)
    every = (*names.sides[LEFT], *names.sides[RIGHT])
    sides: list[Symbol] = []
    scope, x = _scope(every, env)
    for row in rows:
        value = _value(scope, x, row)
        first = row.parameter in names.sides[LEFT]
        sides += [row.parameter, value] if first else [value, row.parameter]
    notes = [f"{_label(s)} is the same on both sides" for s, _ in twins]
    alone = [s for s in free if s not in used and not any(s in pair for pair in twins)]
    subjects = dict(zip((LEFT, RIGHT), check.subjects, strict=True))
    notes += [f"the relation says nothing of {show(subjects[s.name.split('.')[0]])}.{_label(s)}" for s in alone]
    return Relation(free, states, scope.program(every, sides), tuple(_label(r.parameter) for r in rows), tuple(notes))


def reparametrisation_of(
    check: tree.Check, left: Learner, right: Learner, env: Environment
) -> Reparametrisation | AnyIsometry:
    """The map of ``A ~ B via ...`` and, if all of it is given, its inverse.  Raises a diagnostic."""
    names = _Names(check, left, right, env)
    asked = [r for r in check.via if _is_isometry(r)]
    for s in names.symbols.values() if asked else ():
        if s.value != REAL:
            found = f"an isometry where {_label(s)} is an element of {s.value}"
            raise fault("E130", asked[0], found, "parameters that are real tensors", "give equations alone")
    if asked and len(asked) == len(check.via):
        return AnyIsometry()
    rows: dict[str, dict[Symbol, _Row]] = {LEFT: {}, RIGHT: {}}
    for r, written in _equations(check):
        row = names.row(r.left, written, r)
        if row is None:
            raise fault("E130", r.left, f"{show(r.left)}, which is no parameter", "a parameter: B.q = A.p / 2")
        side, other = (LEFT, RIGHT) if row.parameter in names.sides[LEFT] else (RIGHT, LEFT)
        if row.parameter in rows[side]:
            raise fault("E130", r, f"a second equation for {show(r.left)}", "one for each parameter")
        if any(s not in names.sides[other] for s in names.uses(row)):
            found = "parameters of the same learner on both sides"
            raise fault("E130", r, found, "the parameters of one learner by those of the other")
        rows[side][row.parameter] = row
    mentioned = {*rows[LEFT], *rows[RIGHT]}.union(*(names.uses(r) for side in rows.values() for r in side.values()))
    twins = names.twins(mentioned)
    for s, t in twins:
        rows[RIGHT][t] = _Row(t, None, tree.Name(s.name, span=check.span), check)
        rows[LEFT][s] = _Row(s, None, tree.Name(t.name, span=check.span), check)
    missing = [s for s in names.sides[RIGHT] if s not in rows[RIGHT]]
    if missing:
        found = f"no equation for {_label(missing[0])} of {right.name}"
        raise fault("E130", check.via[0], found, f"every parameter of {right.name} by those of {left.name}")
    forward = _program(names, list(rows[RIGHT].values()), names.sides[LEFT], names.sides[RIGHT], env)
    absent = [s for s in names.sides[LEFT] if s not in rows[LEFT]]
    written_back = [s for s in rows[LEFT] if all(s != t for t, _ in twins)]
    if written_back and absent:
        found = f"no equation for {_label(absent[0])} of {left.name}"
        raise fault("E130", check.via[0], found, "the whole inverse, or nothing of it")
    backward = None
    if not absent:
        backward = _program(names, list(rows[LEFT].values()), names.sides[RIGHT], names.sides[LEFT], env)
    notes = tuple(f"{_label(s)} is the same on both sides" for s, _ in twins)
    return Reparametrisation(forward, backward, notes, bool(asked))


def _scope(inputs: Ports, env: Environment) -> tuple[Scope, Expressions]:
    scope = Scope()
    local = {}
    for s in inputs:
        scope.input(s)
        local[s.name] = tensor_of(s)
    return scope, Expressions(env, local, scope)


def _value(scope: Scope, x: Expressions, row: _Row) -> Symbol:
    p = row.parameter
    own, value = sided(x, tree.Equation("let", p.name, row.indices, row.value, span=row.node.span), p)
    if not own and p.axes:
        own = slots(p)
    return scope.define(f"h.{_label(p)}", own, value.entry(own), value.value)


def _program(names: _Names, rows: Sequence[_Row], inputs: Ports, outputs: Ports, env: Environment) -> Program:
    """The parameters ``outputs`` from some others, by equations in order; each must lie in its domain."""
    scope, x = _scope(inputs, env)
    values: dict[Symbol, Symbol] = {s: s for s in inputs}
    for row in rows:
        p = row.parameter
        values[p] = _value(scope, x, row)
        x.local[p.name] = tensor_of(values[p])
        signs = SignTable(scope.lets, env.bounds, [*env.facts, *domain_facts(inputs)])
        if not all(signs.implies(c) for c in domain_facts([Symbol(values[p].name, p.axes, p.value)])):
            found = f"a value of {_label(p)} that is not known to lie in {p.value}"
            raise fault(
                "E130", row.node, found, f"an element of {p.value}", "write a formula that shows it: exp, squares"
            )
    return scope.program(inputs, tuple(values[s] for s in outputs))
