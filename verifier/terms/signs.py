"""Signs of terms from declarations: squares, sums of nonnegative terms, exponentials, declared facts.

The sign of a term is the set of signs (-1, 0, 1) that it may have where it is defined: a superset of the truth.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from fractions import Fraction
from itertools import islice, product

from .choice import taken_once
from .counts import count
from .guarded import ALLOWED, Linear, facts_of, instance, kept, linear, signs_under
from .index import INDICES, Affine, And, Compare, Guard, Holds, Index, Lookup, Not, Or, Same, Var, affine, position
from .intervals import Ranges
from .known import KNOWN
from .reach import ZERO, Reach, plus
from .sizes import Bounds, Size
from .sorts import Range, Real, extent
from .summands import summand
from .syntax import (
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
    add,
    always,
    mul,
    neg,
    num,
    sub,
)
from .traverse import form as nameless
from .traverse import guard_variables, rename_indices, replace_guard, unfolded

Signs = frozenset[int]
_ONE = Affine((), Size.number(1))
_WITNESSES = 64
ENTRIES = 6
ANY: Signs = frozenset({-1, 0, 1})
_ALLOWED: dict[str, Signs] = {">": frozenset({1}), ">=": frozenset({0, 1}), "!=": frozenset({-1, 1})}


class SignTable:
    """Signs under declared facts and bounds of sizes; lets are looked through once each."""

    def __init__(self, lets: Lets, bounds: Bounds, facts: Iterable[Condition]) -> None:
        self.lets, self.bounds = lets, bounds
        self._entries = 0
        facts = list(facts)
        self.ties = [f for f in facts if taken_once(f) is not None]
        self.facts = [f for f in facts if not f.guards]
        self._symbols: dict[str, Signs] = {}
        for f in self.facts:
            if isinstance(f.subject, Read) and _all_entries(f.subject):
                name = f.subject.symbol.name
                self._symbols[name] = self._symbols.get(name, ANY) & _ALLOWED[f.relation]
        self._lets: dict[str, Signs] = {}
        self._local: tuple[tuple[Term, tuple[Linear, Signs]], ...] = ()  # what guards around a term say
        self.ranges = Ranges(self.facts, lets)
        self._reach = Reach(bounds)

    def implies(self, c: Condition) -> bool:
        """Whether a condition follows from the declarations, by signs alone."""
        if isinstance(c.subject, INDICES):
            return self._position(c.subject, c.relation, c.guards)
        once = taken_once(c)
        if once is not None:
            return any(self._same_choice(once, c, f) for f in self.ties)
        if any(self._follows(f, c) for f in self.facts):
            return True
        with self.under(c.guards):
            if self.of(c.subject) <= _ALLOWED[c.relation]:
                return True
        return isinstance(c.subject, Total) and self._counts(c.subject, c.guards)

    def _same_choice(self, once: Extreme, c: Condition, fact: Condition) -> bool:
        """Whether a fact says of the same greatest value, up to names and lets, that it is taken once."""
        other = taken_once(fact)
        if other is None:
            return False
        sides = []
        for e, d in ((once, c), (other, fact)):
            free = d.indices[: len(d.indices) - len(e.indices)]
            names: dict[Var, Index] = {v: Var(f"?{k}", v.sort) for k, v in enumerate(free)}
            sides.append((tuple(v.sort for v in free), nameless(unfolded(rename_indices(e, names), self.lets))))
        return sides[0] == sides[1]

    def _counts(self, t: Total, guards: tuple[Guard, ...]) -> bool:
        """Whether a sum of what is positive under a filter is positive: the filter lets something through."""
        body = t.body
        while isinstance(body, Read) and body.symbol.name in self.lets:
            let = self.lets[body.symbol.name]
            body = rename_indices(let.body, dict(zip(let.indices, body.index, strict=True)))
        return (
            isinstance(body, If)
            and self.of(body.then) == {1}
            and self.of(body.other) <= {0, 1}
            and (self._inhabited(t.indices, body.guard, guards) or self._taken(t.indices, body.guard))
        )

    def _taken(self, bound: tuple[Var, ...], g: Guard) -> bool:
        """Whether a condition holds where a greatest value is taken: ``x[u] == max[m](x[m])``."""
        parts = g.subject.parts if isinstance(g, Holds) and g.relation == "==" and isinstance(g.subject, Add) else ()
        if len(parts) != 2:
            return False
        rows = [unfolded(p, self.lets) for p in parts]
        for a, b in (rows, rows[::-1], [neg(p) for p in rows], [neg(p) for p in rows[::-1]]):
            if isinstance(a, Extreme) and a.guard == always() and len(a.indices) == len(bound):
                nonempty = all(self.bounds.nonnegative(extent(v.sort) - 1) for v in bound)
                return nonempty and nameless(Extreme(a.name, bound, a.guard, neg(b))) == nameless(a)
        return False

    def _attained(self, t: Total) -> bool:
        """Whether a sum has a positive summand; no summand is negative."""
        guards, body = summand(t, self.lets)
        return bool(guards) and self.of(body) == {1} and self._inhabited(t.indices, And(guards), ())

    def _inhabited(self, bound: tuple[Var, ...], g: Guard, guards: tuple[Guard, ...]) -> bool:
        """Whether a condition holds for some value of bound variables: those around it and both ends are tried."""
        scope = guard_variables(g).union(*map(guard_variables, guards))
        around = sorted(scope - set(bound), key=lambda v: (v.name, str(v.sort)))
        around += [v for v in bound if any(v in guard_variables(h) for h in guards)]
        ways: list[list[Index]] = []
        for v in bound:
            if not isinstance(v.sort, Range):
                return False
            ends: list[Index] = [affine({}, Size.number(0)), affine({}, v.sort.size - 1)]
            nonempty = self.bounds.nonnegative(v.sort.size - 1)
            ways.append([w for w in around if w.sort == v.sort] + (ends if nonempty else []))
        found = islice(product(*ways), _WITNESSES)
        return any(self._settled(replace_guard(g, dict(zip(bound, way, strict=True))), guards) for way in found)

    def _settled(self, g: Guard, guards: tuple[Guard, ...]) -> bool:
        """Whether a condition on indices holds wherever others do."""
        if g in guards:
            return True
        if isinstance(g, And):
            return all(self._settled(p, guards) for p in g.parts)
        if isinstance(g, Or):
            return any(self._settled(p, guards) for p in g.parts)
        negated = isinstance(g, Not)
        inner = g.part if isinstance(g, Not) else g
        if not isinstance(inner, Compare | Same):
            return False
        try:
            form = position(inner.form) if isinstance(inner, Compare) else _gap(inner)
        except TypeError:
            return False
        relation = inner.relation if isinstance(inner, Compare) else "=="
        above, below = plus(form, _ONE, -1), plus(plus(ZERO, form, -1), _ONE, -1)
        if negated:
            return self._reach.nonnegative(below, guards) or (
                relation == "==" and self._reach.nonnegative(above, guards)
            )
        both = relation == ">=" or self._reach.nonnegative(plus(ZERO, form, -1), guards)
        return both and self._reach.nonnegative(form, guards)

    @contextmanager
    def under(self, guards: Iterable[Guard]) -> Iterator[None]:
        """Within, guards hold."""
        before = self._local
        rows = [f for g in guards for f in facts_of(g)]
        self._local = (*before, *((u, (linear(u), ALLOWED[relation])) for relation, u in rows))
        try:
            yield
        finally:
            self._local = before

    @contextmanager
    def below(self, bound: Iterable[Var] | None) -> Iterator[None]:
        """Within, names are bound again; None: nothing around is known, as in the body of a let."""
        before = self._local
        self._local = tuple(kept(before, bound)) if bound is not None else ()
        try:
            yield
        finally:
            self._local = before

    def of(self, t: Term) -> Signs:
        """The possible signs of a term."""
        result = self._of(t)
        if isinstance(t, Add | Mul) and len(result) > 1:
            counted = count(t)
            result &= self._size(counted[0]) if counted is not None else ANY
        if isinstance(t, Add | Read | Call) and len(result) > 1:
            result &= self.ranges.of(t).signs
        if isinstance(t, Add) and len(result) > 1:
            flat = _spread(t)
            result &= self.of(flat) if flat != t else ANY
        for f in self.facts:
            if f.subject == t and not f.indices:
                result &= _ALLOWED[f.relation]
        if self._local and len(result) > 1:
            result &= signs_under(t, (row for _, row in self._local))
        return result

    def _follows(self, fact: Condition, c: Condition) -> bool:
        """A fact about the same terms at all indices, up to a factor and a constant."""
        if isinstance(fact.subject, INDICES) or isinstance(c.subject, INDICES):
            return False
        stronger = {">": {">", ">=", "!="}, ">=": {">="}, "!=": {"!="}}
        if c.relation in stronger[fact.relation] and [v.sort for v in fact.indices] == [v.sort for v in c.indices]:
            table: Mapping[Var, Index] = dict(zip(fact.indices, c.indices, strict=True))
            if rename_indices(fact.subject, table) == c.subject:
                return True
        found = instance(fact, c.subject)
        return found is not None and signs_under(c.subject, [found]) <= _ALLOWED[c.relation]

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
            with self.below(t.indices):
                s = self.of(t.body)
            nonempty = all(self.bounds.nonnegative(extent(v.sort) - 1) for v in t.indices)
            if s == {0, 1} and (self._counts(t, ()) or self._attained(t)):
                return frozenset({1})
            return s if len(s) == 1 and nonempty else s | {0} if s <= {0, 1} or s <= {0, -1} else ANY
        if isinstance(t, Prod):
            with self.below(t.indices):
                s = self.of(t.body)
            return next((x for x in (frozenset({1}), _ALLOWED[">="], _ALLOWED["!="]) if s <= x), ANY)
        if isinstance(t, Extreme):
            with self.below(t.indices):
                return self.of(t.body)
        if isinstance(t, Where | IndexOf):
            least = isinstance(t, Where) or self._position(t.index, ">=", ())
            return _ALLOWED[">="] if least else ANY
        if isinstance(t, Call):
            if t.function.name == "log" and t.function.known and not t.partials:
                return self.of(sub(t.arguments[0].body, num(1)))  # log(a) has the sign of a - 1
            if t.function.known:
                return _ALLOWED.get(KNOWN[t.function.name].sign, ANY) & self.ranges.of(t).signs
            if len(t.partials) == 1 and "regular" in t.function.properties:
                return _ALLOWED["!="]
            bent = "convex" in t.function.properties and len(t.partials) == 2  # a function of one number
            plain = "positive" in t.function.properties and not t.partials
            return _ALLOWED[">"] if bent or plain else ANY
        if isinstance(t, If):
            with self.under((t.guard,)):
                then = self.of(t.then)
            if self._settled(t.guard, ()):
                return then
            with self.under((Not(t.guard),)):
                return then | self.of(t.other)
        assert isinstance(t, Case)
        found: Signs = frozenset()
        for v, b in t.branches:
            with self.below((v,)):
                found |= self.of(b)
        return found

    def _read(self, t: Read) -> Signs:
        name = t.symbol.name
        if name in self._symbols:
            return self._symbols[name]
        if name not in self.lets:
            return ANY
        if name not in self._lets:
            self._lets[name] = ANY  # a let never refers to itself; this also bounds the work
            with self.below(None):
                self._lets[name] = self.of(self.lets[name].body)
        found = self._lets[name]
        if len(found) > 1 and self._entries < ENTRIES and any(isinstance(i, Affine | Lookup) for i in t.index):
            self._entries += 1  # an entry at a computed position may lie where a guard of the body holds
            let = self.lets[name]
            try:
                found &= self.of(rename_indices(let.body, dict(zip(let.indices, t.index, strict=True))))
            finally:
                self._entries -= 1
        return found

    def _size(self, size: Size) -> Signs:
        if self.bounds.nonnegative(size - 1):
            return frozenset({1})
        if self.bounds.nonnegative(-size - 1):
            return frozenset({-1})
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


def _gap(g: Same) -> Affine:
    return plus(position(g.left), position(g.right), -1)


def _spread(t: Add) -> Term:
    """A sum with numbers multiplied into the sums in it: 1 - (1 - s) is s.  Nothing else is cancelled."""
    rows: list[Term] = []
    for p in t.parts:
        sums = [q for q in p.parts if isinstance(q, Add)] if isinstance(p, Mul) else []
        if isinstance(p, Mul) and len(p.parts) == 2 and isinstance(p.parts[0], Num) and sums:
            rows += [mul(p.parts[0], q) for q in sums[0].parts]
        else:
            rows.append(p)
    whole = add(*rows)
    if isinstance(whole, Add):  # a number that came to nothing
        kept = [p for p in whole.parts if not (isinstance(p, Num) and p.value == 0)]
        whole = add(*kept)
    return whole


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
