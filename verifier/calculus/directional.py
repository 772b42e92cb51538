"""One-sided directional derivatives over the graph of lets: the limit of (f(x + t v) - f(x)) / t as t falls to 0.

Unlike the reverse derivative it has values where branches meet.  |u| grows by |Du| where u = 0; a greatest value grows
by the greatest derivative among the indices at which it is taken (Danskin); a choice by the sign of u goes to the
branch that the sign of Du leads to, if the branches meet there, and if Du = 0 as well they must have one derivative.
The chain rule holds for these derivatives because every step is Lipschitz near the point (Shapiro 1990, J. Optim.
Theory Appl. 66, proposition 3.5): what is not, a jump or a root of 0, leaves a condition or has no value.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from ..terms.choice import both, greatest
from ..terms.definedness import required, substitute
from ..terms.index import And, Compare, Guard, Holds, Index, Not, Or, Same, Var, guard_positions
from ..terms.known import KNOWN, call
from ..terms.matrices import is_matrix
from ..terms.matrices import slope as slope_of
from ..terms.sorts import Real
from ..terms.syntax import (
    ONE,
    ZERO,
    Add,
    Call,
    Case,
    Condition,
    Extreme,
    If,
    Let,
    Lets,
    Mul,
    Num,
    Power,
    Prod,
    Read,
    Symbol,
    Term,
    Total,
    add,
    always,
    mul,
    neg,
    num,
    power,
    sub,
    total,
)
from ..terms.traverse import guard_terms, looked_up, reads, rename_indices
from .reverse import Define, NotDifferentiable, active


@dataclass
class Directional:
    """The result: the derivative of every let that moves, and where it has one (conditions, under guards)."""

    tangents: Mapping[Symbol, Symbol]
    conditions: tuple[Condition, ...]


def directional(lets: Iterable[Let], given: Mapping[Symbol, Symbol], define: Define, defined: Lets) -> Directional:
    """One-sided derivatives of lets along ``given``, the direction of each input that moves (of the same shape).

    ``define`` names each of them, and ``defined`` are all definitions, in which those of numbers are looked up.
    Raises NotDifferentiable for what has none in general: functions not declared smooth, positions of greatest values.
    """
    program = list(lets)
    pass_ = _Pass(active((s.name for s in given), program), dict(given), defined)
    for let in program:
        if let.symbol.name not in pass_.active:
            continue
        if not isinstance(let.symbol.value, Real):
            raise NotDifferentiable("what a position is computed by")
        body = pass_.along(let.body, let.indices, ())
        pass_.tangents[let.symbol] = define(f"t.{let.symbol.name}", let.indices, body)
    rows = {s: t for s, t in pass_.tangents.items() if s not in given}
    return Directional(rows, tuple(dict.fromkeys(pass_.conditions)))


@dataclass
class _Pass:
    active: frozenset[str]
    tangents: dict[Symbol, Symbol]
    defined: Lets
    conditions: list[Condition] = field(default_factory=list)
    counter: int = 0

    def moves(self, t: Term) -> bool:
        return any(s.name in self.active for s in reads(t))

    def along(self, t: Term, binders: tuple[Var, ...], guards: tuple[Guard, ...]) -> Term:
        """The derivative of a term, under the indices and guards around it."""
        if not self.moves(t):
            return ZERO
        if isinstance(t, Read):
            if any(map(self.moves, looked_up(t.index))):
                raise NotDifferentiable("what a position is computed by")
            return self._entry(self.tangents[t.symbol], t.index)
        if isinstance(t, Add):
            return add(*(self.along(p, binders, guards) for p in t.parts if self.moves(p)))
        if isinstance(t, Mul):
            rows = ((k, p) for k, p in enumerate(t.parts) if self.moves(p))
            return add(*(mul(*t.parts[:k], self.along(p, binders, guards), *t.parts[k + 1 :]) for k, p in rows))
        if isinstance(t, Power):
            if not t.exponent:
                return ZERO
            if t.exponent.denominator != 1 and t.exponent > 1:  # at 0 it may leave its domain
                self.conditions.append(Condition(">", t.base, binders, guards, "a root"))
            return mul(num(t.exponent), power(t.base, t.exponent - 1), self.along(t.base, binders, guards))
        if isinstance(t, Total):
            return Total(t.indices, self.along(t.body, (*binders, *t.indices), guards))
        if isinstance(t, Prod):
            return self._product(t, binders, guards)
        if isinstance(t, Extreme):
            return self._extreme(t, binders, guards)
        if isinstance(t, Call):
            return self._call(t, binders, guards)
        if isinstance(t, If):
            return self._choice(t, binders, guards)
        if isinstance(t, Case):
            return Case(t.index, tuple((v, self.along(body, (*binders, v), guards)) for v, body in t.branches))
        raise NotDifferentiable("the position of a greatest value")

    def _entry(self, s: Symbol, index: tuple[Index, ...]) -> Term:
        """An entry of a direction: as the number that it is, if positions alone decide that."""
        let = self.defined.get(s.name)
        if let is None or not _constant(let.body):
            return Read(s, index)
        return rename_indices(let.body, dict(zip(let.indices, index, strict=True)))

    def _product(self, t: Prod, binders: tuple[Var, ...], guards: tuple[Guard, ...]) -> Term:
        self.counter += 1
        other = tuple(Var(f"{v.name.split('.')[0]}.t{self.counter}", v.sort) for v in t.indices)
        rest = rename_indices(t.body, dict(zip(t.indices, other, strict=True)))
        apart = Not(both(*(Same(v, w) for v, w in zip(other, t.indices, strict=True))))
        if isinstance(rest, If) and rest.other == ONE:
            factor = If(both(rest.guard, apart), rest.then, ONE)
        else:
            factor = If(apart, rest, ONE)
        own = self.along(t.body, (*binders, *t.indices), guards)
        return total(t.indices, mul(own, Prod(other, factor)))

    def _extreme(self, t: Extreme, binders: tuple[Var, ...], guards: tuple[Guard, ...]) -> Term:
        self._still(t.guard)
        where = guards if t.guard == always() else (*guards, t.guard)
        taken = Holds("==", sub(t.body, greatest(t)))
        own = self.along(t.body, (*binders, *t.indices), (*where, taken))
        return Extreme(t.name, t.indices, taken if t.guard == always() else both(t.guard, taken), own)

    def _still(self, g: Guard) -> None:
        """Raises NotDifferentiable for a filter that changes with the data."""
        if any(map(self.moves, (*guard_terms(g), *looked_up(guard_positions(g))))):
            raise NotDifferentiable("a filter that changes with the data")

    def _choice(self, t: If, binders: tuple[Var, ...], guards: tuple[Guard, ...]) -> Term:
        g = t.guard
        if not any(map(self.moves, (*guard_terms(g), *looked_up(guard_positions(g))))):
            then = self.along(t.then, binders, (*guards, g))
            return If(g, then, self.along(t.other, binders, (*guards, Not(g))))
        if isinstance(g, Not):
            return self.along(If(g.part, t.other, t.then), binders, guards)
        if isinstance(g, And | Or):
            if not g.parts:
                return self.along(t.then if isinstance(g, And) else t.other, binders, guards)
            rest = If(type(g)(g.parts[1:]), t.then, t.other)
            inner = If(g.parts[0], rest, t.other) if isinstance(g, And) else If(g.parts[0], t.then, rest)
            return self.along(inner, binders, guards)
        if isinstance(g, Compare | Same):
            raise NotDifferentiable("a position that changes with the data")
        return self._sided(t, g, binders, guards)

    def _sided(self, t: If, g: Holds, binders: tuple[Var, ...], guards: tuple[Guard, ...]) -> Term:
        """A choice by the sign of u: on u = 0 the branch that is taken just after, which must begin where t is."""
        u, meets = g.subject, Holds("==", g.subject)
        du = self.along(u, binders, guards)
        up, down, rests = _holds(">", du), _holds(">", _each(du, neg)), _holds("==", du)
        after = {">": up, ">=": Not(down), "==": rests}[g.relation]
        # Inside of a branch u need not be 0: a branch is asked for a derivative where it is taken, or where u = 0.
        then = self.along(t.then, binders, (*guards, Or((g, meets))))
        other = self.along(t.other, binders, (*guards, Or((Not(g), meets))))
        for path, d in _leaves(du):
            jump = {">": _not(_holds(">", neg(d))), ">=": _not(_holds(">", d)), "==": always()}[g.relation]
            ahead = "which branch comes next is not decided by first derivatives"
            rows = (
                (jump, sub(t.then, t.other), "a jump has no derivative"),
                (_holds("==", d), sub(_taken(then, path), _taken(other, path)), ahead),
            )
            for where, gap, why in rows:
                if where != Or(()) and gap != ZERO:
                    asked = tuple(w for w in (*path, meets, where) if w != always())
                    self.conditions.append(Condition(">=", neg(power(gap, 2)), binders, (*guards, *asked), why))
        strict = Holds(">", u) if g.relation != "==" else g
        if g.relation == "==":
            return If(both(meets, after), then, other)
        return If(Or((strict, both(meets, after))), then, other)

    def _call(self, t: Call, binders: tuple[Var, ...], guards: tuple[Guard, ...]) -> Term:
        if t.function.known:
            return self._known(t, binders, guards)
        if "smooth" not in t.function.properties:
            raise NotDifferentiable(t.function.name)
        parts = []
        for k, a in enumerate(t.arguments):
            if not self.moves(a.body):
                continue
            partial: Term
            if is_matrix(t.function):
                partial = slope_of(t, a.indices[0], a.indices[1])
            else:
                partial = Call(t.function, t.arguments, t.outputs, (*t.partials, (k, a.indices)))
            self.counter += 1
            parts.append(total(a.indices, mul(partial, self.along(a.body, (*binders, *a.indices), guards))))
        return add(*parts)

    def _known(self, t: Call, binders: tuple[Var, ...], guards: tuple[Guard, ...]) -> Term:
        row, arguments = KNOWN[t.function.name], tuple(a.body for a in t.arguments)
        if t.function.name in ("abs", "relu"):
            (u,) = arguments
            du = self.along(u, binders, guards)
            below = neg(du) if t.function.name == "abs" else ZERO
            after = _each(du, lambda d: call(t.function.name, d))
            return If(Holds(">", u), du, If(Holds("==", u), after, below))
        if row.differentiable and row.definition is not None:
            return self.along(substitute(row.definition, *arguments), binders, guards)
        why = f"{t.function.name} has no derivative there"
        self.conditions += required(row.differentiable, arguments, binders, guards, why)
        parts = []
        for argument, slope in zip(arguments, row.slopes, strict=True):
            if not self.moves(argument):
                continue
            if slope is None:
                raise NotDifferentiable(t.function.name)
            parts.append(mul(substitute(slope, *arguments), self.along(argument, binders, guards)))
        return add(*parts)


def _constant(t: Term) -> bool:
    """Whether a term is one of some numbers, and positions decide which."""
    if isinstance(t, If):
        return not guard_terms(t.guard) and _constant(t.then) and _constant(t.other)
    return isinstance(t, Num)


def _each(t: Term, f: Callable[[Term], Term]) -> Term:
    """A function of a term, of each of its numbers where it is one of some."""
    return If(t.guard, _each(t.then, f), _each(t.other, f)) if isinstance(t, If) and _constant(t) else f(t)


def _leaves(t: Term, path: tuple[Guard, ...] = ()) -> Iterator[tuple[tuple[Guard, ...], Term]]:
    """Each of the numbers that a term is one of, and where it is that."""
    if isinstance(t, If) and _constant(t):
        yield from _leaves(t.then, (*path, t.guard))
        yield from _leaves(t.other, (*path, Not(t.guard)))
    else:
        yield path, t


def _taken(t: Term, path: tuple[Guard, ...]) -> Term:
    """A term where some conditions hold, as far as its sums and products are choices by these."""
    if isinstance(t, If) and (t.guard in path or Not(t.guard) in path):
        return _taken(t.then if t.guard in path else t.other, path)
    if isinstance(t, Add | Mul):
        return (add if isinstance(t, Add) else mul)(*(_taken(p, path) for p in t.parts))
    return t


def _not(g: Guard) -> Guard:
    return Or(()) if g == always() else always() if g == Or(()) else Not(g)


def _holds(relation: str, t: Term) -> Guard:
    """``t relation 0``, decided for numbers."""
    if isinstance(t, Num):
        return And(()) if (t.value > 0 if relation == ">" else t.value == 0) else Or(())
    if isinstance(t, If) and _constant(t):
        return Or((both(t.guard, _holds(relation, t.then)), both(Not(t.guard), _holds(relation, t.other))))
    return Holds(relation, t)


__all__ = ["Directional", "directional"]
