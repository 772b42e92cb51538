"""Evaluates terms and lets at a model.  Every tensor is computed once; guards and cases are lazy."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from fractions import Fraction
from itertools import product
from typing import Any

from ..terms.index import (
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
    Pair,
    Part,
    Quotient,
    Same,
    Var,
)
from ..terms.matrices import is_matrix
from ..terms.sizes import Size
from ..terms.sorts import REAL, Element, Range, Real, Sort
from ..terms.syntax import (
    Add,
    Call,
    Case,
    Condition,
    Constant,
    Extreme,
    If,
    IndexOf,
    Lets,
    Mul,
    Num,
    Power,
    Prod,
    Read,
    SizeOf,
    Symbol,
    Term,
    Total,
    Where,
)
from ..terms.traverse import cone, free_indices
from .functions import known
from .matrices import matrix
from .model import Model, Place, Position, positions
from .numbers import Dual, Number, Undecided, Undefined, constant, first, greatest, plus, power, sign, times

Env = Mapping[Var, Position]
ZERO, ONE = Fraction(0), Fraction(1)


class Machine:
    """Values of terms at one model, under one table of lets."""

    def __init__(self, model: Model, lets: Lets) -> None:
        self.model, self.lets = model, lets
        self._tensors: dict[str, dict[Place, Number]] = {}
        self._failed: dict[str, Exception] = {}
        self._shared: dict[int, tuple[Call, list[Var], dict[Place, tuple[dict[Place, Number], ...]]]] = {}
        self._sizes: dict[Size, int] = {}
        self._positions: dict[Sort, list[Position]] = {}

    # ---- tensors

    def tensor(self, symbol: Symbol) -> Mapping[Place, Number]:
        """All entries of an input or let.  Raises Undefined or Undecided if one has no value."""
        if symbol.name not in self.lets:
            return self.model.values[symbol.name]
        if symbol.name not in self._tensors:
            for let in cone([Read(symbol)], self._missing()):
                self._compute(let.symbol.name)
        if symbol.name in self._failed:
            raise self._failed[symbol.name]
        return self._tensors[symbol.name]

    def _missing(self) -> Mapping[str, Any]:
        return _Without(self.lets, self._tensors)

    def _compute(self, name: str) -> None:
        let = self.lets[name]
        try:
            self._tensors[name] = {
                place: self.value(let.body, dict(zip(let.indices, place, strict=True)))
                for place in product(*(self.range(v.sort) for v in let.indices))
            }
        except (Undefined, Undecided) as fault:
            self._tensors[name], self._failed[name] = {}, fault

    def range(self, sort: Sort) -> list[Position]:
        if sort not in self._positions:
            self._positions[sort] = list(positions(sort, self.model.sizes))
        return self._positions[sort]

    # ---- terms

    def value(self, t: Term, env: Env | None = None) -> Number:
        """The value of a term at index positions.  Raises Undefined or Undecided."""
        return _VALUES[type(t)](self, t, env or {})

    def _num(self, t: Num, env: Env) -> Number:
        return t.value

    def _read(self, t: Read, env: Env) -> Number:
        place = tuple([self.index(i, env) for i in t.index])
        entries = self.tensor(t.symbol)
        if place not in entries:
            raise Undefined(f"{t.symbol.label} is read out of range")
        return entries[place]

    def _add(self, t: Add, env: Env) -> Number:
        total: Number = ZERO
        for p in t.parts:
            total = plus(total, self.value(p, env))
        return total

    def _mul(self, t: Mul, env: Env) -> Number:
        result: Number = ONE
        for v in [self.value(p, env) for p in t.parts]:
            result = times(result, v)
        return result

    def _power(self, t: Power, env: Env) -> Number:
        return power(self.value(t.base, env), t.exponent)

    def _total(self, t: Total, env: Env) -> Number:
        total: Number = ZERO
        inner = dict(env)
        for place in product(*(self.range(v.sort) for v in t.indices)):
            inner.update(zip(t.indices, place, strict=True))
            total = plus(total, self.value(t.body, inner))
        return total

    def _prod(self, t: Prod, env: Env) -> Number:
        result: Number = ONE
        inner = dict(env)
        for place in product(*(self.range(v.sort) for v in t.indices)):
            inner.update(zip(t.indices, place, strict=True))
            result = times(result, self.value(t.body, inner))
        return result

    def _extreme(self, t: Extreme, env: Env) -> Number:
        return greatest([v for _, v in self._candidates(t, env)], t.name)

    def _where(self, t: Where, env: Env) -> Number:
        return Fraction(first(self._candidates(t, env), t.name)[t.position])

    def _index_of(self, t: IndexOf, env: Env) -> Number:
        return Fraction(self.index(t.index, env))

    def _if(self, t: If, env: Env) -> Number:
        return self.value(t.then if self.guard(t.guard, env) else t.other, env)

    def _case(self, t: Case, env: Env) -> Number:
        k, inner = self.index(t.index, env)
        v, body = t.branches[k]
        return self.value(body, {**env, v: inner})

    def _size_of(self, t: SizeOf, env: Env) -> Number:
        return Fraction(self.size(t.size))

    def _constant(self, t: Constant, env: Env) -> Number:
        return constant(t.name)

    def _candidates(self, t: Extreme | Where, env: Env) -> list[tuple[Place, Number]]:
        """The values that a greatest or least one is chosen from, with their indices."""
        rows = []
        for place in product(*(self.range(v.sort) for v in t.indices)):
            inner = {**env, **dict(zip(t.indices, place, strict=True))}
            if self.guard(t.guard, inner):
                rows.append((place, self.value(t.body, inner)))
        if not rows:
            raise Undefined("a reduction over nothing")
        return rows

    def _call(self, t: Call, env: Env) -> Number:
        if t.function.known:
            return known(t.function.name, *(self.value(a.body, env) for a in t.arguments))
        arguments = self._arguments(t, env)
        if is_matrix(t.function):
            return matrix(t.function.name, arguments[0], tuple(self.index(i, env) for i in t.outputs))
        if t.function.table:
            return Fraction(t.function.table[_place(t, arguments)])
        for (_, kind), entries in zip(t.function.arguments, arguments, strict=True):
            if isinstance(kind, Real) and kind != REAL:
                _inside(kind, entries, t.function.name)
        outputs = tuple(self.index(i, env) for i in t.outputs)
        partials = tuple((k, tuple(self.index(i, env) for i in ix)) for k, ix in t.partials)
        return self.model.functions[t.function.name](outputs, arguments, partials, self.model.sizes)

    def _arguments(self, t: Call, env: Env) -> tuple[dict[Place, Number], ...]:
        """The arguments of a call as whole tensors: computed once for all entries of the value."""
        key = id(t.arguments)
        if key not in self._shared:  # the call is kept, so that no other term can have its id
            free = sorted(free_indices(Call(t.function, t.arguments)), key=lambda v: v.name)
            self._shared[key] = (t, free, {})
        _, free, known = self._shared[key]
        at = tuple(env[v] for v in free)
        if at not in known:
            rows = []
            for a in t.arguments:
                entries: dict[Place, Number] = {}
                for place in product(*(self.range(v.sort) for v in a.indices)):
                    entries[place] = self.value(a.body, {**env, **dict(zip(a.indices, place, strict=True))})
                rows.append(entries)
            known[at] = tuple(rows)
        return known[at]

    # ---- indices and guards

    def size(self, s: Size) -> int:
        if s not in self._sizes:
            self._sizes[s] = s.value(self.model.sizes)
        return self._sizes[s]

    def index(self, i: Index, env: Env) -> Position:
        """The value of an index term.  Raises Undefined where a divisor is not positive."""
        if isinstance(i, Var):
            return env[i]
        if isinstance(i, Affine):
            total = self.size(i.offset)
            for v, c in i.terms:
                total += (c if isinstance(c, int) else self.size(c)) * self.index(v, env)
            return total
        if isinstance(i, Pair):
            return tuple(self.index(p, env) for p in i.parts)
        if isinstance(i, Part):
            return self.index(i.index, env)[i.position]
        if isinstance(i, Lookup):
            return self._lookup(i, env)
        if isinstance(i, Inject):
            return (i.position, self.index(i.index, env))
        divisor = self.size(i.divisor)
        if divisor < 1:
            raise Undefined("a division by a size below 1")
        q, r = divmod(self.index(i.index, env), divisor)
        return q if isinstance(i, Quotient) else r

    def _lookup(self, i: Lookup, env: Env) -> int:
        """An entry of an integer tensor.  Raises Undefined where it is no whole number."""
        x = self.value(Read(i.symbol, i.index), env)
        x = x.value if isinstance(x, Dual) else x
        if not isinstance(x, Fraction):
            raise Undecided(f"{i.symbol.label} is used as an index and is not known exactly")
        if x.denominator != 1:
            raise Undefined(f"{i.symbol.label} is used as an index and is no whole number")
        return int(x)

    def guard(self, g: Guard, env: Env) -> bool:
        if isinstance(g, Compare):
            x = self.index(g.form, env)
            return bool(x == 0 if g.relation == "==" else x >= 0)
        if isinstance(g, Same):
            return bool(self.index(g.left, env) == self.index(g.right, env))
        if isinstance(g, Holds):
            s = sign(self.value(g.subject, env))
            return s == 0 if g.relation == "==" else s > 0 if g.relation == ">" else s >= 0
        if isinstance(g, And):
            return all(self.guard(p, env) for p in g.parts)
        if isinstance(g, Not):
            return not self.guard(g.part, env)
        return any(self.guard(p, env) for p in g.parts)

    def holds(self, c: Condition) -> bool:
        """Whether a condition is true at the model.  Raises Undefined or Undecided."""
        for place in product(*(self.range(v.sort) for v in c.indices)):
            env = dict(zip(c.indices, place, strict=True))
            if not all(self.guard(g, env) for g in c.guards):
                continue
            if isinstance(c.subject, INDICES):
                x = self.index(c.subject, env)
                s = (x > 0) - (x < 0)
            else:
                s = sign(self.value(c.subject, env))
            if not {"!=": s != 0, ">": s > 0, ">=": s >= 0}[c.relation]:
                return False
        return True

    def pairs(self, indices: tuple[Var, ...], left: Term, right: Term) -> Iterator[tuple[Place, Number, Number]]:
        """Both sides of an equation at every position of its free indices."""
        for place in product(*(self.range(v.sort) for v in indices)):
            env = dict(zip(indices, place, strict=True))
            yield place, self.value(left, env), self.value(right, env)


_VALUES: dict[type, Callable[[Machine, Any, Env], Number]] = {
    Num: Machine._num,
    Read: Machine._read,
    Add: Machine._add,
    Mul: Machine._mul,
    Power: Machine._power,
    Total: Machine._total,
    Prod: Machine._prod,
    Extreme: Machine._extreme,
    Where: Machine._where,
    IndexOf: Machine._index_of,
    Call: Machine._call,
    If: Machine._if,
    Case: Machine._case,
    SizeOf: Machine._size_of,
    Constant: Machine._constant,
}


def _inside(kind: Real, entries: Mapping[Place, Number], name: str) -> None:
    """Raises Undefined where an argument leaves the interval that a function is declared on."""
    for x in entries.values():
        below = kind.low is not None and sign(plus(x, -kind.low)) <= 0
        if below or (kind.high is not None and sign(plus(x, -kind.high)) >= 0):
            raise Undefined(f"an argument outside the domain of {name}")


def _place(t: Call, arguments: tuple[dict[Place, Number], ...]) -> int:
    """Where the value of a function between finite sets stands in its table."""
    place = 0
    for (_, value), entries in zip(t.function.arguments, arguments, strict=True):
        assert isinstance(value, Element)  # elaboration makes tables over finite sets only
        place = place * len(value.elements) + int(entries[()])
    return place


class _Without(Mapping[str, Any]):
    """A table of lets without those that are computed already."""

    def __init__(self, lets: Lets, done: Mapping[str, object]) -> None:
        self.lets, self.done = lets, done

    def __getitem__(self, name: str) -> Any:
        return self.lets[name]

    def __contains__(self, name: object) -> bool:
        return name in self.lets and name not in self.done

    def __iter__(self) -> Iterator[str]:
        return (n for n in self.lets if n not in self.done)

    def __len__(self) -> int:
        return sum(1 for _ in self)


def derivative(model: Model, lets: Lets, term: Term, env: Env, symbol: Symbol, place: Place) -> Number:
    """The derivative of a term by one entry of an input, by dual numbers."""
    values = {
        name: {p: Dual(v, Fraction(int(name == symbol.name and p == place))) for p, v in entries.items()}
        for name, entries in model.values.items()
    }
    result = Machine(Model(model.sizes, values, model.functions), lets).value(term, env)
    return Dual.of(result).slope


__all__ = ["Machine", "Range", "derivative"]
