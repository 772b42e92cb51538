"""From terms to polynomials.

Index sorts are eliminated (`places`).  A read at a computed position X[l] is sum_b [b = l] X[b]; it is 0 out of range
(definedness is checked elsewhere).

A denominator b under a guard g must not be 0 where g holds, and elsewhere may be anything.  It is translated as
g b + 1 - g, which is the same where g holds and 1 elsewhere: so what stands under a negative power is nowhere 0, and
rules that divide by it need no guard.  The same is done for fractional powers and logarithms.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import product as cartesian
from typing import TYPE_CHECKING

from ..terms import index as ix
from ..terms import syntax as t
from ..terms.definedness import substitute
from ..terms.known import KNOWN
from ..terms.sizes import Size
from ..terms.sorts import Fin, Range, Sort, Sum
from .conditions import absolute, condition
from .data import Idx, Poly, Stuck, add, constant, scale, whole
from .extremes import MAX, PROD
from .functions import Argument, call
from .lets import parts_of
from .onehot import ARG, AT, FEW, at, few
from .places import SYMBOLIC, Env, Placed, Places, Value
from .positivity import ALLOWED
from .powers import exponential, is_positive, power

if TYPE_CHECKING:
    from .algebra import Algebra

Reader = Callable[[t.Symbol, list[Idx], tuple[int, ...]], Poly]


class Translator:
    """Translates terms; ``read(symbol, indices, parts)`` gives the polynomial of a tensor at plain indices."""

    def __init__(self, k: Algebra, read: Reader, lets: t.Lets | None = None) -> None:
        self.k, self.read = k, read
        self.lets: t.Lets = lets if lets is not None else {}
        self.integers: dict[str, t.Symbol] = {}
        self.places = Places(k)
        self.region = constant(1)  # 1 where the term that is being translated is asked for, 0 elsewhere

    @contextmanager
    def under(self, guard: Poly) -> Iterator[None]:
        """Inside, terms are asked for only where a guard holds too."""
        before = self.region
        self.region = self.k.multiply(before, guard)
        try:
            yield
        finally:
            self.region = before

    @contextmanager
    def over(self, own: Sequence[Idx]) -> Iterator[None]:
        """Inside, terms are asked for only where there are such indices: their extents are not 0."""
        guard = constant(1)
        for extent in dict.fromkeys(x[2] for x in own):
            guard = self.k.multiply(guard, self.k.collect(self.k.bracket(">=", {}, extent - 1)))
        with self.under(guard):
            yield

    def asked(self, p: Poly) -> Poly:
        """A polynomial where it is asked for, and 1 elsewhere."""
        if self.region == constant(1) or is_positive(self.k, p):
            return p
        return add(self.k.multiply(self.region, p), constant(1), scale(self.region, -1))

    # ---- terms

    def term(self, e: t.Term, env: Env) -> Poly:
        """The normal form of a term."""
        k = self.k
        k.spend()
        if isinstance(e, t.Num):
            return constant(e.value)
        if isinstance(e, t.Read):
            if isinstance(e.symbol.value, Fin) and e.symbol.name not in self.lets:
                count = e.symbol.value.size.constant()
                if count is not None and count <= FEW:
                    numbers = [scale(self.onehot(e, ("form", ({}, Size.number(n))), env), n) for n in range(1, count)]
                    return add({}, *numbers)
                entry = k.fresh_free("v", e.symbol.value.size)
                hot = self.onehot(e, ("index", entry), env)
                return k.sum_over(k.multiply(hot, self._number(("index", entry))), [entry])
            return self._read(e.symbol.axes, e.index, env, lambda own, parts: self.read(e.symbol, own, parts))
        if isinstance(e, t.Add):
            return add({}, *(self.term(p, env) for p in e.parts))
        if isinstance(e, t.Mul):
            value = constant(1)
            for p in e.parts:
                value = k.multiply(value, self.term(p, env))
            return value
        if isinstance(e, t.Power):
            if isinstance(e.base, t.Power) and e.exponent.denominator == 2 and e.base.exponent == 2:
                size = absolute(k, self.term(e.base.base, env))  # (u^2)^(n/2) = |u|^n
                return power(k, size if e.exponent > 0 else self.asked(size), e.exponent * 2)
            base = self.term(e.base, env)
            return power(k, base if whole(e.exponent) and e.exponent >= 0 else self.asked(base), e.exponent)
        if isinstance(e, t.Total):
            total: Poly = {}
            for own, inner in self.bind(e.indices, env):
                with self.over(own):
                    total = add(total, k.sum_over(self.term(e.body, inner), own))
            return total
        if isinstance(e, t.Call):
            return self._call(e, env)
        if isinstance(e, t.If):
            settled = _settled(e)
            if settled != e:
                return self.term(settled, env)
            holds = self.guard(e.guard, env)
            fails = add(constant(1), scale(holds, -1))
            result: Poly = {}
            for guard, branch in ((holds, e.then), (fails, e.other)):
                if guard:
                    with self.under(guard):
                        result = add(result, k.multiply(guard, self.term(branch, env)))
            return result
        if isinstance(e, t.Case):
            return self._case(e, env)
        if isinstance(e, t.SizeOf):
            return k.collect(k.extent(e.size))
        if isinstance(e, t.IndexOf):
            return self.chosen((e.index,), env, lambda: self._number(self.places.index(e.index, env)))
        if isinstance(e, t.Prod):
            return self._product(e, env)
        if isinstance(e, t.Extreme):
            arguments = self._candidates(e, env)
            name = MAX if len(arguments) == 2 else f"{MAX}{len(arguments) // 2}"
            return scale(call(k, name, (), arguments), 1 if e.name == "max" else -1)
        if isinstance(e, t.Where):
            rows = self.where(e, env)
            return add({}, *(k.sum_over(k.multiply(taken, self._number(at)), own) for own, at, taken in rows))
        if e.name == "e":
            return exponential(k, constant(1))
        return k.atom(k.head("T", ("constant", e.name), (), positive=True), ())

    # ---- whole numbers and one-hots

    def _number(self, value: Value) -> Poly:
        """A position as a real number."""
        k = self.k
        linear, offset = self.places.form(value)
        rows = [k.collect(k.extent(offset))]
        for x, c in linear.items():
            if x[0] == SYMBOLIC:
                raise Stuck("a quotient as a number")
            h = k.head("T", ("iota",), (x[2],))
            k.signs[h.key] = ALLOWED[">="]
            by = scale(constant(1), c) if isinstance(c, int) else k.collect(k.extent(c))
            rows.append(k.multiply(by, k.atom(h, [x])))
        return add(*rows)

    def chosen(self, indices: Sequence[ix.Index], env: Env, make: Callable[[], Poly]) -> Poly:
        """What is made of index terms, summed over what the entries of integer tensors in them may be."""
        found = list(dict.fromkeys(x for i in indices for x in ix.lookups(i)))
        if not found:
            return make()
        k, total = self.k, constant(0)
        for way in cartesian(*(self._values(x, env) for x in found)):
            before, self.places.looked_up = (
                self.places.looked_up,
                {x: v for x, (_, v, _) in zip(found, way, strict=True)},
            )
            try:
                value = make()
            finally:
                self.places.looked_up = before
            for _, _, hot in way:
                value = k.multiply(hot, value)
            total = add(total, k.sum_over(value, [i for own, _, _ in way for i in own]))
        return total

    def _values(self, x: ix.Lookup, env: Env) -> list[tuple[list[Idx], Value, Poly]]:
        """What an entry of an integer tensor may be: each of few values, or a new index; with the one-hot."""
        if not isinstance(x.symbol.value, Fin):
            raise Stuck("a real number as an index")
        size, entry = x.symbol.value.size, t.Read(x.symbol, x.index)
        count = size.constant()
        ways: list[tuple[list[Idx], Value]] = []
        if count is not None and 1 < count <= FEW and x.symbol.name not in self.lets:
            ways = [([], ("form", ({}, Size.number(n)))) for n in range(count)]
        else:
            v = self.k.fresh_free("v", size)
            ways = [([v], ("index", v))]
        return [(own, value, self.onehot(entry, value, env)) for own, value in ways]

    def onehot(self, e: t.Term, value: Value, env: Env) -> Poly:
        """1 where a whole number is an index, else 0."""
        k = self.k
        if isinstance(e, t.Read) and isinstance(e.symbol.value, Fin):
            return self._read(e.symbol.axes, e.index, env, lambda own, parts: self._hot(e.symbol, own, parts, value))
        if isinstance(e, t.IndexOf):
            return self.chosen((e.index,), env, lambda: self.places.same(self.places.index(e.index, env), value))
        if isinstance(e, t.Where):
            rows = self.where(e, env)
            equal = (k.multiply(taken, self.places.same(at, value)) for _, at, taken in rows)
            return add({}, *(k.sum_over(p, own) for p, (own, _, _) in zip(equal, rows, strict=True)))
        if isinstance(e, t.If):
            holds = self.guard(e.guard, env)
            fails = add(constant(1), scale(holds, -1))
            result: Poly = {}
            for guard, branch in ((holds, e.then), (fails, e.other)):
                with self.under(guard):
                    result = add(result, k.multiply(guard, self.onehot(branch, value, env)))
            return result
        return condition(k, "==", add(self.term(e, env), scale(self._number(value), -1)))

    def _hot(self, symbol: t.Symbol, own: list[Idx], parts: tuple[int, ...], value: Value) -> Poly:
        """1 where an entry of an integer tensor is an index: a head of its own, or what a let says."""
        let = self.lets.get(symbol.name)
        if let is None:
            assert isinstance(symbol.value, Fin)  # the caller asked
            self.integers[symbol.name] = symbol
            entry = self.k.fresh_free("v", symbol.value.size)
            h = self.k.head("T", ("onehot", symbol.name, parts), tuple(x[2] for x in (*own, entry)))
            form, offset = self.places.form(value)
            fixed = offset.constant()
            if not form and fixed is not None and few(h) is not None:
                return at(self.k, (h.key, tuple(own)), fixed)
            hot = self.k.atom(h, (*own, entry))
            return self.k.sum_over(self.k.multiply(hot, self.places.same(("index", entry), value)), [entry])
        for new, inner in self.bind(let.indices, {}):
            if parts_of(inner, let.indices) == parts:
                region, self.region = self.region, constant(1)
                try:
                    found = self.onehot(let.body, value, inner)
                finally:
                    self.region = region
                return self.k.rename(found, dict(zip(new, own, strict=True)))
        raise Stuck("an integer tensor with other parts")

    def where(self, e: t.Where, env: Env) -> list[tuple[list[Idx], Value, Poly]]:
        """Where a greatest or least value is taken first: new indices, what they are an index of, and the one-hot."""
        arguments = self._candidates(e, env)
        rows = self.bind(e.indices, {})
        if len(rows) == 1:
            ((own, inner),) = rows
            return [(own, inner[e.indices[e.position]], call(self.k, ARG, own, arguments))]
        found = []
        for n, (own, inner) in enumerate(rows):
            found.append((own, inner[e.indices[e.position]], call(self.k, f"{AT}{n}", own, arguments)))
        return found

    def _candidates(self, e: t.Extreme | t.Where, env: Env) -> list[Argument]:
        """For each part of the range the body and the filter; the filter lets something through where it is asked."""
        arguments: list[Argument] = []
        for own, inner in self.bind(e.indices, env):
            with self.over(own):
                filter_ = self.guard(e.guard, inner)
                with self.under(filter_):
                    value = scale(self.term(e.body, inner), 1 if e.name == "max" else -1)
            arguments += [(tuple(own), value), (tuple(own), self.asked(filter_))]
        return arguments

    def _product(self, e: t.Prod, env: Env) -> Poly:
        guard, body = filtered(e)
        result = constant(1)
        for own, inner in self.bind(e.indices, env):
            with self.over(own):
                filter_ = self.guard(guard, inner)
                with self.under(filter_):
                    value = self.term(body, inner)
            result = self.k.multiply(result, call(self.k, PROD, (), [(tuple(own), value), (tuple(own), filter_)]))
        return result

    def _call(self, e: t.Call, env: Env) -> Poly:
        f = e.function
        if f.known:
            definition = KNOWN[f.name].definition
            bodies = tuple(a.body for a in e.arguments)
            if definition is not None:
                return self.term(substitute(definition, *bodies), env)
            body = bodies[0]
            if f.name == "cbrt":
                outside, body = _cubes(body)
                if body == t.ONE:
                    return self.term(outside, env)
                return self.k.multiply(self.term(outside, env), call(self.k, f.name, (), [((), self.term(body, env))]))
            values = [self.term(b, env) for b in bodies]
            if f.name == "log":
                values = [self.asked(p) for p in values]
            return call(self.k, f.name, (), [((), p) for p in values])
        arguments = [self.abstraction(a, env) for a in e.arguments]
        flat = list(e.outputs)
        axes = list(f.axes)
        for a, where in e.partials:
            flat += where
            axes += f.arguments[a][0]
        self.k.functions.setdefault(f.name, f)

        def at(own: list[Idx], parts: tuple[int, ...]) -> Poly:
            if parts:
                raise Stuck("a function with an axis of a sum sort")
            n = sum(_width(x) for x in f.axes)
            rest, partials = own[n:], []
            for a, _ in e.partials:
                width = sum(_width(x) for x in f.arguments[a][0])
                partials.append((a, tuple(rest[:width])))
                rest = rest[width:]
            return call(self.k, f.name, own[:n], arguments, partials)

        return self._read(tuple(axes), tuple(flat), env, at)

    def abstraction(self, a: t.Abstraction, env: Env) -> Argument:
        """An argument: its bound indices as fresh free ones, and its body."""
        rows = list(self.bind(a.indices, env))
        if len(rows) != 1:
            raise Stuck("an argument with an axis of a sum sort")
        own, inner = rows[0]
        with self.over(own):
            return tuple(own), self.term(a.body, inner)

    def _case(self, e: t.Case, env: Env) -> Poly:
        kind, value = self.places.index(e.index, env)
        if kind != "part":
            raise Stuck("a case on an index that is not split")
        position, inner = value
        v, body = e.branches[position]
        return self.term(body, {**env, v: inner})

    # ---- indices

    def bind(self, indices: Sequence[ix.Var], env: Env) -> list[tuple[list[Idx], dict[ix.Var, Value]]]:
        """New indices for variables: one way for each choice of parts of their axes."""
        ways: list[tuple[list[Idx], dict[ix.Var, Value]]] = [([], dict(env))]
        for v in indices:
            rows = self.places.new(v.sort)
            ways = [(own + more, {**inner, v: value}) for own, inner in ways for more, value in rows]
        return ways

    def _read(
        self,
        axes: tuple[Sort, ...],
        index: tuple[ix.Index, ...],
        env: Env,
        at: Callable[[list[Idx], tuple[int, ...]], Poly],
    ) -> Poly:
        """A tensor at index terms: computed positions become sums with a delta, looked up ones sums with a one-hot."""
        return self.chosen(index, env, lambda: self._at(axes, index, env, at))

    def _at(
        self,
        axes: tuple[Sort, ...],
        index: tuple[ix.Index, ...],
        env: Env,
        at: Callable[[list[Idx], tuple[int, ...]], Poly],
    ) -> Poly:
        ways = [Placed()]
        for sort, i in zip(axes, index, strict=True):
            rows = self.places.place(sort, self.places.index(i, env))
            ways = [way.then(row) for way in ways for row in rows]
        total: Poly = {}
        for way in ways:
            value = at(way.own, way.parts)
            for form, offset in way.deltas:
                value = self.k.multiply(value, self.places.compare("==", form, offset))
            total = add(total, self.k.sum_over(value, way.bound) if way.bound else value)
        return total

    # ---- conditions

    def guard(self, g: ix.Guard, env: Env) -> Poly:
        """A condition as a polynomial that is 1 where it holds and 0 elsewhere."""
        k = self.k
        if isinstance(g, ix.Compare):
            form = g.form
            return self.chosen(
                (form,),
                env,
                lambda: self.places.compare(g.relation, *self.places.form(self.places.index(form, env))),
            )
        if isinstance(g, ix.Same):
            both = (g.left, g.right)
            return self.chosen(both, env, lambda: self.places.same(*(self.places.index(i, env) for i in both)))
        if isinstance(g, ix.Holds):
            entry = _entry(g)
            if entry is not None:
                return self.onehot(entry[0], self.places.index(entry[1], env), env)
            return condition(k, g.relation, self.term(g.subject, env))
        if isinstance(g, ix.Not):
            return add(constant(1), scale(self.guard(g.part, env), -1))
        result = constant(1)
        for p in g.parts:
            with self.under(result):  # a later part is asked only where the earlier ones decide nothing
                value = self.guard(p, env)
            if isinstance(g, ix.Or):
                value = add(constant(1), scale(value, -1))
            result = k.multiply(result, value)
        return add(constant(1), scale(result, -1)) if isinstance(g, ix.Or) else result


def _entry(g: ix.Holds) -> tuple[t.Term, ix.Var] | None:
    """For ``u == argmax[...](...)``: the index of the greatest value, and u."""
    if g.relation != "==" or not isinstance(g.subject, t.Add) or len(g.subject.parts) != 2:
        return None
    for a, b in (g.subject.parts, g.subject.parts[::-1]):
        negated = isinstance(b, t.Mul) and len(b.parts) == 2 and b.parts[0] == t.num(-1)
        other = b.parts[1] if negated and isinstance(b, t.Mul) else b
        for i, where in ((a, other), (other, a)) if negated else ():
            if isinstance(i, t.IndexOf) and isinstance(i.index, ix.Var) and isinstance(where, t.Where):
                return (where, i.index) if i.index.sort == where.indices[where.position].sort else None
    return None


def filtered(e: t.Prod) -> tuple[ix.Guard, t.Term]:
    """The filter of a product, and what it is a product of."""
    guards: list[ix.Guard] = []
    body = e.body
    while isinstance(body, t.If) and t.ONE in (body.then, body.other):
        negated = body.then == t.ONE
        guards.append(ix.Not(body.guard) if negated else body.guard)
        body = body.other if negated else body.then
    return ix.And(tuple(guards)), body


def _settled(e: t.Term) -> t.Term:
    """A choice between equal terms is the term: it is asked for wherever the whole is."""
    if isinstance(e, t.If):
        then, other = _settled(e.then), _settled(e.other)
        return then if then == other else e
    return e


def _cubes(e: t.Term) -> tuple[t.Term, t.Term]:
    """The cube root of the cubes among the factors of a term, and the other factors: cbrt(u^3 v) = u cbrt(v)."""
    outside: list[t.Term] = []
    inside: list[t.Term] = []

    def factors(f: t.Term) -> Iterator[t.Term]:
        if isinstance(f, t.Mul):
            for p in f.parts:
                yield from factors(p)
        else:
            yield f

    flat = t.mul(*factors(e))
    for f in flat.parts if isinstance(flat, t.Mul) else (flat,):
        if isinstance(f, t.Power) and whole(f.exponent) and f.exponent % 3 == 0 and f.exponent > 0:
            outside.append(t.power(f.base, f.exponent / 3))
        elif isinstance(f, t.Num) and f.value in (1, -1):
            outside.append(f)
        else:
            inside.append(f)
    return t.mul(*outside), t.mul(*inside)


def _width(sort: Sort) -> int:
    """How many kernel indices an index of a sort is."""
    if isinstance(sort, Range):
        return 1
    if isinstance(sort, Sum):
        raise Stuck("a function with an axis of a sum sort")
    return sum(_width(p) for p in sort.parts)
