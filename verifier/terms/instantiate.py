"""Terms at given sizes: every entry of a tensor is a number of its own, and sums are written out.

What stays open are the data: entries of inputs are symbols ``x[0,1]``, entries of lets are lets, and an entry of a
tensor of whole numbers decides by cases.  Untrusted: what is refuted here is evaluated again as it was stated.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import product
from typing import Any, TypeAlias

from .index import (
    INDICES,
    Affine,
    And,
    Compare,
    Guard,
    Holds,
    Index,
    Inject,
    Lookup,
    Not,
    Or,
    Pair,
    Part,
    Quotient,
    Same,
    Var,
    affine,
    combine,
    lookups,
)
from .sizes import Size
from .sorts import Fin, Product, Range, Sort
from .syntax import (
    Abstraction,
    Add,
    Call,
    Case,
    Condition,
    Extreme,
    If,
    IndexOf,
    Let,
    Lets,
    Mul,
    Pointwise,
    Power,
    Prod,
    Read,
    SizeOf,
    Symbol,
    Term,
    Total,
    Where,
    add,
    always,
    mul,
    num,
    power,
    sub,
)
from .traverse import cone

Position: TypeAlias = Any  # int, a tuple of positions, or (part, position), as in models
Env: TypeAlias = Mapping[Var, Position]


class NotWritten(Exception):
    """A term that is not written out: a function of tensors, the index of a greatest value, or too many entries."""


@dataclass
class Instance:
    """Terms at ``sizes``; ``lets`` are those of the entries that were asked for, at most ``most``."""

    given: Lets
    sizes: Mapping[str, int]
    most: int
    lets: dict[str, Let] = field(default_factory=dict)
    inputs: dict[tuple[str, tuple[Position, ...]], Symbol] = field(default_factory=dict)
    _work: int = 0

    def entry(self, s: Symbol, place: tuple[Position, ...]) -> Symbol:
        """The number that an entry of an input or let is.  Raises NotWritten."""
        if s.name not in self.given:
            return self._input(s, place)
        for let in cone([Read(s)], self.given):  # without recursion along chains of lets
            if let.symbol != s:
                for p in self.places(let.indices):
                    self._let(let, p)
        return self._let(self.given[s.name], place)

    def places(self, indices: tuple[Var, ...]) -> Iterator[tuple[Position, ...]]:
        """All positions of some indices."""
        return product(*(list(self.range(v.sort)) for v in indices))

    def range(self, sort: Sort) -> Iterator[Position]:
        """All positions of a sort, in order."""
        if isinstance(sort, Range):
            yield from range(sort.size.value(self.sizes))
        elif isinstance(sort, Product):
            yield from product(*(list(self.range(p)) for p in sort.parts))
        else:
            for k, part in enumerate(sort.parts):
                yield from ((k, p) for p in self.range(part))

    def condition(self, c: Condition) -> Iterator[Condition]:
        """A condition at every position of its indices."""
        for place in self.places(c.indices):
            env = dict(zip(c.indices, place, strict=True))
            guards = [self.guard(g, env) for g in c.guards]
            if Or(()) in guards:
                continue
            asked = tuple(g for g in guards if g != always())
            if isinstance(c.subject, INDICES):
                subject: Term = self.term(IndexOf(c.subject), env)
            else:
                subject = self.term(c.subject, env)
            unless = None if c.unless is None else self.term(c.unless, env)
            yield Condition(c.relation, subject, (), asked, c.reason, unless)

    def equation(self, h: Pointwise) -> Iterator[Pointwise]:
        """An equation about data at every position of its indices."""
        for place in self.places(h.indices):
            env = dict(zip(h.indices, place, strict=True))
            yield Pointwise(h.name, (), self.term(h.left, env), self.term(h.right, env))

    # ---- entries

    def _input(self, s: Symbol, place: tuple[Position, ...]) -> Symbol:
        if (s.name, place) not in self.inputs:
            shown = f"{s.name}[{','.join(map(str, place))}]" if s.axes else s.name
            value = Fin(self._size(s.value.size)) if isinstance(s.value, Fin) else s.value
            self.inputs[s.name, place] = Symbol(shown, (), value)
        return self.inputs[s.name, place]

    def _let(self, let: Let, place: tuple[Position, ...]) -> Symbol:
        name = f"{let.symbol.name}[{','.join(map(str, place))}]"
        if name not in self.lets:
            if len(self.lets) >= self.most:
                raise NotWritten("too many entries")
            body = self.term(let.body, dict(zip(let.indices, place, strict=True)))
            value = Fin(self._size(let.symbol.value.size)) if isinstance(let.symbol.value, Fin) else let.symbol.value
            symbol = Symbol(name, (), value)
            self.lets[name] = Let(symbol, (), body)
        return self.lets[name].symbol

    def _read(self, s: Symbol, index: tuple[Index, ...], env: Env) -> Term:
        found = [self.position(i, env) for i in index]
        open_ = [k for k, p in enumerate(found) if not isinstance(p, int | tuple)]
        if not open_:
            return Read(self._entry_inside(s, tuple(found)))
        k = open_[0]
        axis = s.axes[k]
        if not isinstance(axis, Range):
            raise NotWritten("an integer tensor on a packed axis")
        result: Term | None = None
        for p in reversed(list(self.range(axis))):
            fixed = (*index[:k], affine({}, Size.number(p)), *index[k + 1 :])
            own = self._read(s, fixed, env)
            met = Compare("==", combine(found[k], affine({}, Size.number(p)), -1))
            result = own if result is None else If(met, own, result)
        if result is None:
            raise NotWritten("an empty axis")
        return result

    def _entry_inside(self, s: Symbol, place: tuple[Position, ...]) -> Symbol:
        if s.name in self.given:
            return self._let(self.given[s.name], place)
        return self._input(s, place)

    # ---- terms

    def term(self, t: Term, env: Env) -> Term:
        """A term where its free indices have positions.  Raises NotWritten."""
        self._work += 1
        if self._work > 40 * self.most:
            raise NotWritten("too many terms")
        if isinstance(t, SizeOf):
            return num(t.size.value(self.sizes))
        if isinstance(t, IndexOf):
            p = self.position(t.index, env)
            return num(p) if isinstance(p, int) else IndexOf(p)
        if isinstance(t, Read):
            return self._read(t.symbol, t.index, env)
        if isinstance(t, Add | Mul):
            return (add if isinstance(t, Add) else mul)(*(self.term(p, env) for p in t.parts))
        if isinstance(t, Power):
            return power(self.term(t.base, env), t.exponent)
        if isinstance(t, Total | Prod):
            parts = [self.term(t.body, self._with(env, t.indices, p)) for p in self.places(t.indices)]
            return (add if isinstance(t, Total) else mul)(*parts)
        if isinstance(t, Extreme):
            return self._extreme(t, env)
        if isinstance(t, Call):
            return self._call(t, env)
        if isinstance(t, If):
            g = self.guard(t.guard, env)
            if g in (always(), Or(())):
                return self.term(t.then if g == always() else t.other, env)
            return If(g, self.term(t.then, env), self.term(t.other, env))
        if isinstance(t, Case):
            p = self.position(t.index, env)
            if not isinstance(p, tuple):
                raise NotWritten("an integer tensor on a concatenated axis")
            v, body = t.branches[p[0]]
            return self.term(body, {**env, v: p[1]})
        if isinstance(t, Where):
            raise NotWritten("the index of a greatest value")
        return t

    @staticmethod
    def _with(env: Env, indices: tuple[Var, ...], place: tuple[Position, ...]) -> Env:
        return {**env, **dict(zip(indices, place, strict=True))}

    def _extreme(self, t: Extreme, env: Env) -> Term:
        """The greatest of the entries so far is a let, so that the choices do not grow into each other."""
        result: Term | None = None
        for place in self.places(t.indices):
            inner = self._with(env, t.indices, place)
            g = self.guard(t.guard, inner)
            if g not in (always(), Or(())):
                raise NotWritten("a greatest value with a condition on data")
            if g == Or(()):
                continue
            own = self.term(t.body, inner)
            if result is not None:
                gap = sub(own, result) if t.name == "max" else sub(result, own)
                own = If(Holds(">", gap), own, result)
            symbol = Symbol(f"{t.name}.{len(self.lets)}")
            self.lets[symbol.name] = Let(symbol, (), own)
            result = Read(symbol)
        if result is None:
            raise NotWritten("a greatest value of nothing")
        return result

    def _call(self, t: Call, env: Env) -> Term:
        if t.outputs or any(a.indices for a in t.arguments):
            raise NotWritten("a function of tensors")
        return Call(t.function, tuple(Abstraction((), self.term(a.body, env)) for a in t.arguments), (), t.partials)

    # ---- positions and conditions on them

    def _size(self, s: Size) -> Size:
        return Size.number(s.value(self.sizes))

    def position(self, i: Index, env: Env) -> Position:
        """A position; an index term where an integer tensor decides it."""
        if isinstance(i, Var):
            return env[i]
        if isinstance(i, Pair):
            return tuple(self._decided(p, env) for p in i.parts)
        if isinstance(i, Part):
            return self._decided(i.index, env)[i.position]
        if isinstance(i, Inject):
            return (i.position, self._decided(i.index, env))
        if isinstance(i, Lookup):
            return self._lookup(i, env)
        if not isinstance(i, Affine):
            divisor = i.divisor.value(self.sizes)
            if divisor < 1:
                raise NotWritten("a division by a size below 1")
            q, r = divmod(self._decided(i.index, env), divisor)
            return q if isinstance(i, Quotient) else r
        whole = i.offset.value(self.sizes)
        rest: Index = affine({}, Size.number(0))
        for v, c in i.terms:
            factor = c.value(self.sizes) if isinstance(c, Size) else c
            p = self.position(v, env)
            if isinstance(p, int):
                whole += factor * p
            else:
                rest = combine(rest, p, factor)
        return combine(rest, affine({}, Size.number(whole))) if lookups(rest) else whole

    def _decided(self, i: Index, env: Env) -> Position:
        p = self.position(i, env)
        if not isinstance(p, int | tuple):
            raise NotWritten("arithmetic on an integer tensor")
        return p

    def _lookup(self, i: Lookup, env: Env) -> Index:
        place = tuple(self._decided(x, env) for x in i.index)
        return Lookup(self._entry_inside(i.symbol, place), ())

    def guard(self, g: Guard, env: Env) -> Guard:
        """A condition; `always()` or ``Or(())`` where positions decide it."""
        if isinstance(g, Compare):
            p = self.position(g.form, env)
            if not isinstance(p, int):
                return Compare(g.relation, p)
            return _truth(p == 0 if g.relation == "==" else p >= 0)
        if isinstance(g, Same):
            left, right = self.position(g.left, env), self.position(g.right, env)
            if all(isinstance(p, int | tuple) for p in (left, right)):
                return _truth(left == right)
            if isinstance(left, tuple) or isinstance(right, tuple):
                raise NotWritten("an integer tensor on a packed axis")
            a, b = (affine({}, Size.number(p)) if isinstance(p, int) else p for p in (left, right))
            return Compare("==", combine(a, b, -1))
        if isinstance(g, Holds):
            return Holds(g.relation, self.term(g.subject, env))
        if isinstance(g, Not):
            inner = self.guard(g.part, env)
            return Or(()) if inner == always() else always() if inner == Or(()) else Not(inner)
        neutral, final = (always(), Or(())) if isinstance(g, And) else (Or(()), always())
        parts: list[Guard] = []
        for p in g.parts:  # in order: a later one need be defined only where the earlier ones leave it open
            one = self.guard(p, env)
            if one != neutral:
                parts.append(one)
            if one == final:
                break
        if not parts or parts == [final]:
            return parts[0] if parts else neutral
        return parts[0] if len(parts) == 1 else type(g)(tuple(parts))


def _truth(value: bool) -> Guard:
    return always() if value else Or(())


__all__ = ["Instance", "NotWritten"]
