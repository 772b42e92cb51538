"""Signs of terms from declarations: squares, sums of nonnegative terms, exponentials, declared facts.

The sign of a term is the set of signs (-1, 0, 1) that it may have where it is defined: a superset of the truth.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from fractions import Fraction
from itertools import product

from .index import INDICES, Guard, Index, Var, position
from .intervals import Ranges
from .known import KNOWN
from .reach import Reach
from .sizes import Bounds, Size
from .sorts import Real, extent
from .syntax import (
    Add,
    Call,
    Case,
    Condition,
    Constant,
    If,
    Lets,
    Mul,
    Num,
    Power,
    Read,
    SizeOf,
    Symbol,
    Term,
    Total,
    num,
    sub,
)
from .traverse import rename_indices

Signs = frozenset[int]
ANY: Signs = frozenset({-1, 0, 1})
_ALLOWED: dict[str, Signs] = {">": frozenset({1}), ">=": frozenset({0, 1}), "!=": frozenset({-1, 1})}


class SignTable:
    """Signs under declared facts and bounds of sizes; lets are looked through once each."""

    def __init__(self, lets: Lets, bounds: Bounds, facts: Iterable[Condition]) -> None:
        self.lets, self.bounds = lets, bounds
        self.facts = [f for f in facts if not f.guards]
        self._symbols: dict[str, Signs] = {}
        for f in self.facts:
            if isinstance(f.subject, Read) and _all_entries(f.subject):
                name = f.subject.symbol.name
                self._symbols[name] = self._symbols.get(name, ANY) & _ALLOWED[f.relation]
        self._lets: dict[str, Signs] = {}
        self.ranges = Ranges(self.facts, lets)
        self._reach = Reach(bounds)

    def implies(self, c: Condition) -> bool:
        """Whether a condition follows from the declarations, by signs alone."""
        if isinstance(c.subject, INDICES):
            return self._position(c.subject, c.relation, c.guards)
        return self.of(c.subject) <= _ALLOWED[c.relation] or any(self._follows(f, c) for f in self.facts)

    def of(self, t: Term) -> Signs:
        """The possible signs of a term."""
        result = self._of(t)
        if isinstance(t, Add | Read | Call) and len(result) > 1:
            result &= self.ranges.of(t).signs
        for f in self.facts:
            if f.subject == t and not f.indices:
                result &= _ALLOWED[f.relation]
        return result

    def _follows(self, fact: Condition, c: Condition) -> bool:
        """A fact that is the condition word for word, after renaming its indices in order."""
        stronger = {">": {">", ">=", "!="}, ">=": {">="}, "!=": {"!="}}
        if c.relation not in stronger[fact.relation] or isinstance(fact.subject, INDICES):
            return False
        if [v.sort for v in fact.indices] != [v.sort for v in c.indices] or c.guards:
            return False
        table: Mapping[Var, Index] = dict(zip(fact.indices, c.indices, strict=True))
        return rename_indices(fact.subject, table) == c.subject

    def _of(self, t: Term) -> Signs:
        if isinstance(t, Num):
            return frozenset({(t.value > 0) - (t.value < 0)})
        if isinstance(t, Constant):
            return frozenset({1})
        if isinstance(t, SizeOf):
            return self._size(t.size)
        if isinstance(t, Read):
            return self._read(t)
        if isinstance(t, Add):
            result = frozenset({0})
            for p in t.parts:
                result = frozenset(s for a, b in product(result, self.of(p)) for s in _plus(a, b))
            return result
        if isinstance(t, Mul):
            result = frozenset({1})
            for factor, times in Counter(t.parts).items():
                s = self.of(factor)
                result = frozenset(a * b**times for a, b in product(result, s))
            return result
        if isinstance(t, Power):
            return self._power(self.of(t.base), t.exponent)
        if isinstance(t, Total):
            s = self.of(t.body)
            nonempty = all(self.bounds.nonnegative(extent(v.sort) - 1) for v in t.indices)
            return s if len(s) == 1 and nonempty else s | {0} if s <= {0, 1} or s <= {0, -1} else ANY
        if isinstance(t, Call):
            if t.function.known:
                return _ALLOWED.get(KNOWN[t.function.name].sign, ANY)
            if len(t.partials) == 1 and "regular" in t.function.properties:
                return _ALLOWED["!="]
            return _ALLOWED[">"] if "positive" in t.function.properties and not t.partials else ANY
        if isinstance(t, If):
            return self.of(t.then) | self.of(t.other)
        assert isinstance(t, Case)
        return frozenset().union(*(self.of(b) for _, b in t.branches))

    def _read(self, t: Read) -> Signs:
        name = t.symbol.name
        if name in self._symbols:
            return self._symbols[name]
        if name not in self.lets:
            return ANY
        if name not in self._lets:
            self._lets[name] = ANY  # a let never refers to itself; this also bounds the work
            self._lets[name] = self.of(self.lets[name].body)
        return self._lets[name]

    def _size(self, size: Size) -> Signs:
        if self.bounds.nonnegative(size - 1):
            return frozenset({1})
        return frozenset({0, 1}) if self.bounds.nonnegative(size) else ANY

    @staticmethod
    def _power(base: Signs, e: Fraction) -> Signs:
        if e == 0:
            return frozenset({1})
        if e.denominator != 1:
            return frozenset({1}) if e < 0 or base == {1} else frozenset({0, 1})
        base = base - {0} if e < 0 else base
        return frozenset(s ** abs(e.numerator) for s in base)

    def _position(self, i: Index, relation: str, guards: tuple[Guard, ...]) -> bool:
        """Whether an index form is >= 0 for all indices in range, under guards."""
        try:
            form = position(i)
        except TypeError:
            return False
        return relation == ">=" and self._reach.nonnegative(form, guards)


def _all_entries(t: Read) -> bool:
    """Whether a read with its free indices ranges over the whole tensor; ``W[i,i]`` says nothing about W."""
    plain = all(isinstance(i, Var) and i.sort == axis for i, axis in zip(t.index, t.symbol.axes, strict=True))
    return plain and len(set(t.index)) == len(t.index)


def _plus(a: int, b: int) -> Iterable[int]:
    if a == 0 or b == 0 or a == b:
        return (a + b if a == 0 or b == 0 else a,)
    return (-1, 0, 1)


def domain_facts(symbols: Iterable[Symbol]) -> list[Condition]:
    """What the types of tensors say: entries of ``interval(a, b)`` lie strictly between a and b."""
    facts = []
    for s in symbols:
        if not isinstance(s.value, Real):
            continue
        index = tuple(Var(f"x{k}", axis) for k, axis in enumerate(s.axes))
        if s.value.low is not None:
            above = sub(Read(s, index), num(s.value.low)) if s.value.low else Read(s, index)
            facts.append(Condition(">", above, index, (), "its domain"))
        if s.value.high is not None:
            facts.append(Condition(">", sub(num(s.value.high), Read(s, index)), index, (), "its domain"))
    return facts
