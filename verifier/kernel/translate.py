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
from typing import TYPE_CHECKING

from ..terms import index as ix
from ..terms import syntax as t
from ..terms.definedness import substitute
from ..terms.known import KNOWN
from ..terms.sorts import Range, Sort, Sum
from .conditions import condition
from .data import Idx, Poly, Stuck, add, constant, scale, whole
from .functions import Argument, call
from .places import Env, Placed, Places, Value
from .powers import is_positive, power

if TYPE_CHECKING:
    from .algebra import Algebra

Reader = Callable[[t.Symbol, list[Idx], tuple[int, ...]], Poly]


class Translator:
    """Translates terms; ``read(symbol, indices, parts)`` gives the polynomial of a tensor at plain indices."""

    def __init__(self, k: Algebra, read: Reader) -> None:
        self.k, self.read = k, read
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
            return self._read(e.symbol.axes, e.index, env, lambda own, parts: self.read(e.symbol, own, parts))
        if isinstance(e, t.Add):
            return add({}, *(self.term(p, env) for p in e.parts))
        if isinstance(e, t.Mul):
            value = constant(1)
            for p in e.parts:
                value = k.multiply(value, self.term(p, env))
            return value
        if isinstance(e, t.Power):
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
        if isinstance(e, t.Constant):
            return k.atom(k.head("T", ("constant", e.name), (), positive=True), ())
        raise Stuck(f"{type(e).__name__} is beyond the kernel")

    def _call(self, e: t.Call, env: Env) -> Poly:
        f = e.function
        if f.known:
            definition = KNOWN[f.name].definition
            body = e.arguments[0].body
            if definition is not None:
                return self.term(substitute(definition, body), env)
            if f.name == "cbrt":
                outside, body = _cubes(body)
                if body == t.ONE:
                    return self.term(outside, env)
                return self.k.multiply(self.term(outside, env), call(self.k, f.name, (), [((), self.term(body, env))]))
            argument = self.term(body, env)
            return call(self.k, f.name, (), [((), self.asked(argument) if KNOWN[f.name].domain else argument)])
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
        """A tensor at index terms: computed positions become sums with a delta."""
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
            return self.places.compare(g.relation, *self.places.form(self.places.index(g.form, env)))
        if isinstance(g, ix.Same):
            return self.places.same(self.places.index(g.left, env), self.places.index(g.right, env))
        if isinstance(g, ix.Holds):
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
