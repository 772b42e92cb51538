"""Derivations step by step: lines of terms, each with the reason why it equals the line before it.

The lines are those of the reverse derivative itself (`calculus.reverse` logs what every adjoint is the sum of); nothing
here is believed: `proof.steps` has the kernel prove each line equal to the one before.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from fractions import Fraction

from ..calculus.reverse import Contribution, partials, reverse, slots
from ..terms.index import Var
from ..terms.syntax import (
    ONE,
    ZERO,
    Add,
    If,
    Let,
    Mul,
    Num,
    Power,
    Read,
    Symbol,
    Term,
    Total,
    add,
    mul,
    power,
    sub,
    total,
)
from ..terms.traverse import fresh, rename_indices, subterms
from .errors import Error
from .layer import Layer
from .learner import Learner
from .program import Scope

NODES = 60  # a value is put in the place of a name if the line stays smaller than this


class Reason(Enum):
    """Why a line equals the one before it."""

    ERROR = "definition of E"
    CHAIN = "chain rule"
    IDLE = "E does not depend on it"
    PARTS = "derivatives of the parts"
    DELTA = "sum over a delta"
    SLOPE = "slope of the error"
    COTANGENT = "the cotangent that is given"
    NAMES = "names of the forward pass"
    WRITTEN = "names of the written pass"
    UPDATE = "definition of U"
    REQUEST = "definition of R"
    INVERSE = "inverse of the slope"
    PUT = "substitution"


@dataclass(frozen=True)
class Spelled:
    """What a generated tensor stands for, for whoever prints it.

    ``partial``: of ``over`` (None: of E) by ``by``; ``slope`` of the error at an output and its target; ``inverse`` of
    the slope at a source and the gradient by it; ``map``: a component of U or R (``letter``) at a port.
    """

    kind: str
    over: Symbol | None = None
    by: Symbol | None = None
    letter: str = ""


@dataclass(frozen=True)
class Step:
    """A line, and why it equals the one before."""

    term: Term
    reason: Reason


@dataclass(frozen=True)
class Steps:
    """``subject[indices]``, and the lines that follow it; ``known``: what its last line must be as well."""

    subject: Symbol
    indices: tuple[Var, ...]
    steps: tuple[Step, ...]
    known: Term | None = None

    @property
    def lines(self) -> list[Term]:
        """The left side, and all lines."""
        return [Read(self.subject, self.indices), *(s.term for s in self.steps)]


@dataclass
class Worked:
    """A derivation: the forward program, the error, and the steps of every gradient and map, in a scope.

    ``spelled`` says what generated names stand for, ``gradients`` which symbol is dE/dX, by the name of X.
    """

    scope: Scope
    forward: list[Let]
    outputs: tuple[Symbol, ...]
    targets: tuple[Symbol, ...]
    total: Let
    adjoints: list[Steps] = field(default_factory=list)
    update: list[Steps] = field(default_factory=list)
    request: list[Steps] = field(default_factory=list)
    spelled: dict[Symbol, Spelled] = field(default_factory=dict)
    gradients: dict[str, Symbol] = field(default_factory=dict)

    @property
    def all(self) -> list[Steps]:
        """Every chain of lines."""
        return [*self.adjoints, *self.update, *self.request]


def of_learner(f: Learner) -> Worked:
    """The derivation of a learner that learns by gradient descent.  Raises ValueError for any other."""
    if f.learned is None:
        raise ValueError(f"{f.name} is given its update and request")
    error, rate = f.learned
    scope = Scope()
    inputs = [scope.input(s) for s in (*f.parameters, *f.source, *f.target)]
    p, a = inputs[: len(f.parameters)], inputs[len(f.parameters) : len(f.parameters) + len(f.source)]
    b = tuple(inputs[len(p) + len(a) :])
    y = scope.run(f.implement, (*p, *a))
    outputs, forward = _owned(scope, y)
    worked = _begin(scope, forward, outputs, b, error)
    moving = [s for k, s in enumerate(p) if not f.constants[k]]
    _adjoints(worked, [*moving, *a], error)
    known = scope.run(f.step, inputs)
    for s, out in zip(p, known, strict=False):
        if s in moving:
            _update(worked, s, rate, out)
    for s, out in zip(a, known[len(p) :], strict=True):
        _request(worked, s, error, out)
    return worked


def of_layer(layer: Layer, scope: Scope, cotangents: Sequence[Symbol], derived: Mapping[str, Symbol]) -> Worked:
    """The derivation of the gradients of a layer; ``derived``: what they must be, by the name of a tensor."""
    worked = _begin(scope, list(layer.lets), layer.outputs, tuple(cotangents), None)
    _adjoints(worked, layer.differentiated, None, derived)
    return worked


# ---- the error


def _owned(scope: Scope, outputs: tuple[Symbol, ...]) -> tuple[tuple[Symbol, ...], list[Let]]:
    """Outputs that are lets, each with a name of its own: an output that is an input, or twice one, gets a let."""
    rows: list[Symbol] = []
    for y in outputs:
        if y.name not in scope.lets or y in rows:
            i = slots(y)
            y = scope.name(f"y.{y.label}", i, Read(y, i))
        rows.append(y)
    return tuple(rows), list(scope.lets.values())


def _begin(
    scope: Scope, forward: list[Let], outputs: Sequence[Symbol], targets: tuple[Symbol, ...], error: Error | None
) -> Worked:
    """E: the error of all entries, or what the cotangents pair with the outputs."""
    parts = []
    for y, b in zip(outputs, targets, strict=True):
        i = slots(y)
        read, goal = Read(y, i), Read(b, i)
        if error is not None and error.value is not None:
            parts.append(total(i, error.loss(read, goal)))
        else:
            parts.append(total(i, mul(goal, read)))
    e = scope.name("E", (), add(*parts))
    return Worked(scope, forward, tuple(outputs), targets, scope.lets[e.name])


def _adjoints(
    w: Worked, wrt: Sequence[Symbol], error: Error | None, derived: Mapping[str, Symbol] | None = None
) -> None:
    """The steps of dE/dX for every tensor on the way, outputs first."""
    scope = w.scope
    seeds: dict[Symbol, Symbol] = {}
    for y in w.outputs:
        variables, body, kinks = partials(w.total, y)
        seeds[y] = scope.name(f"e.{y.name}", variables, body)
        scope.kinks.update(dict.fromkeys(kinks))
    found = reverse(w.forward, seeds, wrt, scope.name)
    scope.kinks.update(dict.fromkeys(found.kinks))
    adjoint = {s: d for s, d in (*found.lets.items(), *found.gradient.items()) if d is not None}
    for s in wrt:
        if s not in adjoint:
            adjoint[s] = scope.name(f"d.{s.name}", slots(s), ZERO)
    for s, d in adjoint.items():
        w.spelled[d] = Spelled("partial", None, s)
        w.gradients[s.name] = d
    table = {let.symbol.name: let for let in w.forward}
    order = [let.symbol for let in reversed(w.forward) if let.symbol in adjoint]
    for s in [*order, *wrt]:
        known = (derived or {}).get(s.name)
        steps = _gradient(w, s, adjoint, found.log.get(s.name, ()), table, error, known)
        w.adjoints.append(_called(steps, _indices(w, s)))


def _gradient(
    w: Worked,
    s: Symbol,
    adjoint: Mapping[Symbol, Symbol],
    rows: Sequence[Contribution],
    table: Mapping[str, Let],
    error: Error | None,
    known: Symbol | None,
) -> Steps:
    """dE/ds: the chain rule over everything that reads s, the derivatives written out, the deltas summed."""
    d, i = adjoint[s], slots(s)
    must = None if known is None else Read(known, i)
    if not rows:
        return Steps(d, i, (Step(ZERO, Reason.IDLE),), must)
    direct = [(Read(x, i), reason) for x, reason in _direct(w, s, i, error)] if s in w.outputs else []
    users = list(dict.fromkeys(c.through for c in rows if c.through is not None))
    if not users:
        steps = [Step(t, reason) for t, reason in direct]
        if error is not None and error.value is not None:
            steps.append(Step(w.scope.lets[direct[0][0].symbol.name].body, Reason.SLOPE))
        return Steps(d, i, _without_repetition(steps), must)
    own = [t for t, _ in direct]
    inner = [c for c in rows if c.through is not None]
    steps = [
        Step(add(*own, *(_chained(w, u, s, adjoint, table) for u in users)), Reason.CHAIN),
        Step(tidy(add(*own, *(c.written_out for c in inner))), Reason.PARTS),
        Step(tidy(add(*own, *(c.summed for c in inner))), Reason.DELTA),
    ]
    return Steps(d, i, _without_repetition(steps), must)


def _indices(w: Worked, s: Symbol) -> tuple[Var, ...]:
    """Names for the entries of a tensor: those with which the forward pass defines it, or first reads it."""
    for let in w.forward:
        if let.symbol == s:
            return let.indices
        for t in subterms(let.body):
            if isinstance(t, Read) and t.symbol == s and len({*t.index}) == len(t.index):
                own = [v for v in t.index if isinstance(v, Var)]
                if [v.sort for v in own] == [*s.axes]:
                    return tuple(own)
    return slots(s)


def _called(s: Steps, indices: tuple[Var, ...]) -> Steps:
    """The same steps over other indices."""
    table = dict(zip(s.indices, indices, strict=True))
    steps = tuple(Step(rename_indices(x.term, table), x.reason) for x in s.steps)
    return Steps(s.subject, indices, steps, None if s.known is None else rename_indices(s.known, table))


def _chained(w: Worked, user: Symbol, s: Symbol, adjoint: Mapping[Symbol, Symbol], table: Mapping[str, Let]) -> Term:
    """The sum of dE/du du/ds over the entries of u."""
    variables, body, _ = partials(table[user.name], s)
    jacobian = w.scope.name(f"j.{user.name}.{s.name}", variables, body)
    k = len(user.axes)
    w.spelled[jacobian] = Spelled("partial", user, s)
    taken = list(slots(s))
    bound: list[Var] = []
    for v in slots(user):
        bound.append(fresh(v, [*taken, *bound]))
    return total(bound, mul(Read(adjoint[user], tuple(bound)), Read(jacobian, (*bound, *variables[k:]))))


def _direct(w: Worked, s: Symbol, i: tuple[Var, ...], error: Error | None) -> list[tuple[Symbol, Reason]]:
    """What E has of an output itself: the slope of the error there, or the cotangent."""
    b = w.targets[w.outputs.index(s)]
    if error is None or error.value is None:
        return [(b, Reason.COTANGENT)]
    slope = w.scope.name(f"s.{s.name}", i, error.slope(Read(s, i), Read(b, i)))
    w.spelled[slope] = Spelled("slope", s, b)
    return [(slope, Reason.ERROR)]


# ---- the maps


def _update(w: Worked, p: Symbol, rate: Term, known: Symbol) -> None:
    """U: the parameter less the rate times its gradient."""
    d = w.gradients[p.name]
    i, value = _last(w, d)
    body = sub(Read(p, i), mul(rate, Read(d, i)))
    u = w.scope.name(f"u.{p.name}", i, body)
    w.spelled[u] = Spelled("map", None, p, "U")
    steps = [Step(body, Reason.UPDATE)]
    if value is not None:
        steps.append(Step(sub(Read(p, i), mul(rate, value)), Reason.PUT))
    w.update.append(Steps(u, i, _without_repetition(steps), Read(known, i)))


def _request(w: Worked, a: Symbol, error: Error, known: Symbol) -> None:
    """R: the target at which the slope of the error is the gradient."""
    d = w.gradients[a.name]
    i, value = _last(w, d)
    body = error.invert(Read(a, i), Read(d, i))
    r = w.scope.name(f"r.{a.name}", i, body)
    w.spelled[r] = Spelled("map", None, a, "R")
    named = w.scope.name(f"f.{a.name}", i, body)
    w.spelled[named] = Spelled("inverse", a, d)
    steps = [Step(Read(named, i), Reason.REQUEST), Step(body, Reason.INVERSE)]
    if value is not None:
        steps.append(Step(error.invert(Read(a, i), value), Reason.PUT))
    w.request.append(Steps(r, i, _without_repetition(steps), Read(known, i)))


def _last(w: Worked, d: Symbol) -> tuple[tuple[Var, ...], Term | None]:
    """The indices of a gradient, and its last line, if that is short enough to be put in the place of its name."""
    found = next(x for x in w.adjoints if x.subject == d)
    last = found.steps[-1].term
    return found.indices, last if size(last) <= NODES else None


def tidy(t: Term) -> Term:
    """A term with numbers multiplied, and before sums and deltas, and the powers of what has a root multiplied."""
    if isinstance(t, Add):
        return add(*map(tidy, t.parts))
    if isinstance(t, Mul):
        return mul(*_powers([*map(tidy, t.parts)]))
    if isinstance(t, Total):
        number, rest = _number(tidy(t.body))
        return mul(number, Total(t.indices, rest))
    if isinstance(t, If) and t.other == ZERO:
        number, rest = _number(tidy(t.then))
        return mul(number, If(t.guard, rest, ZERO))
    return t


def _powers(factors: Sequence[Term]) -> Iterator[Term]:
    """The factors, powers of one base as one power, if an even root of that base is among them: it is not negative."""
    rows: dict[Term, Fraction] = {}
    rooted: set[Term] = set()
    for f in factors:
        base, exponent = (f.base, f.exponent) if isinstance(f, Power) else (f, Fraction(1))
        if isinstance(base, Power) and base.exponent.denominator % 2 == 0:
            base, exponent = base.base, base.exponent * exponent
            rooted.add(base)
        elif exponent.denominator % 2 == 0:
            rooted.add(base)
        rows[base] = rows.get(base, Fraction(0)) + exponent
    for f in factors:
        base = f.base if isinstance(f, Power) else f
        base = base.base if isinstance(base, Power) and base.base in rooted else base
        if base not in rooted:
            yield f
        elif base in rows:
            yield power(base, rows.pop(base))


def _number(t: Term) -> tuple[Term, Term]:
    """The number that a product begins with, and the rest."""
    if isinstance(t, Mul) and isinstance(t.parts[0], Num):
        return t.parts[0], mul(*t.parts[1:])
    return ONE, t


def size(t: Term) -> int:
    """The number of nodes of a term."""
    return sum(1 for _ in subterms(t))


def _without_repetition(steps: Sequence[Step]) -> tuple[Step, ...]:
    """The steps without lines that read as the one before."""
    rows: list[Step] = []
    for s in steps:
        if not rows or s.term != rows[-1].term:
            rows.append(s)
    return tuple(rows)


__all__ = ["Reason", "Spelled", "Step", "Steps", "Worked", "of_layer", "of_learner", "size", "tidy"]
