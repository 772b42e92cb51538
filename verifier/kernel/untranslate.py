"""From polynomials back to terms over source names, for what is left over of a claim.  Untrusted: it only prints."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import TYPE_CHECKING

from ..terms import syntax as t
from ..terms.choice import both
from ..terms.index import (
    Compare,
    Guard,
    Holds,
    Index,
    Inject,
    Lookup,
    Pair,
    Var,
    affine,
    combine,
    quotient,
    remainder,
    variables,
)
from ..terms.known import KNOWN
from ..terms.known import call as known_call
from ..terms.sizes import Size
from ..terms.sorts import Product, Range, Sort
from ..terms.traverse import free_indices
from .brackets import form_of
from .conditions import subject
from .data import Factor, Idx, Poly, Stuck
from .extremes import MAX, PROD
from .functions import parts
from .layout import Digits, Layouts
from .onehot import ARG

if TYPE_CHECKING:
    from .algebra import Algebra
    from .lets import LetTable
    from .places import Value

LETTERS = "jklmnpqrstuvw"
MAX_TERMS = 40


class Untranslator:
    """Terms for polynomials; ``names`` are the free indices."""

    def __init__(
        self, k: Algebra, table: LetTable, symbols: Mapping[str, t.Symbol], names: Mapping[Idx, Index]
    ) -> None:
        self.k, self.table, self.symbols = k, table, symbols
        self.names: dict[Idx, Index] = dict(names)
        self.used = {v.name for i in names.values() for v in variables(i)}

    def term(self, p: Poly) -> t.Term:
        """A sum of products.  Raises Stuck for what has no source form, or is too long to be read."""
        if len(p) > MAX_TERMS:
            raise Stuck("too many terms")
        rows: list[t.Term] = []
        for m, c in sorted(p.items(), key=lambda r: (r[1] < 0, r[0])):
            _, bound, factors = self.k.open(m)
            own: list[Var] = []
            saved = dict(self.names)
            for b in bound:
                own.append(self._new(b))
                self.names[b] = own[-1]
            inside = [self.factor(f) for f in factors]
            loose = [x for x in inside if not _mentions(x, own)]
            tied = [x for x in inside if _mentions(x, own)]
            self.names = saved
            self.used -= {v.name for v in own}
            total = [t.Total(tuple(own), t.mul(*tied) if tied else t.ONE)] if own else []
            rows.append(t.mul(t.num(Fraction(c)), *loose, *(total or tied)))
        return t.add(*rows)

    def _new(self, b: Idx) -> Var:
        name = next((x for x in LETTERS if x not in self.used), f"j{len(self.used)}")
        self.used.add(name)
        return Var(name, Range(b[2]))

    def index(self, x: Idx) -> Index:
        if x not in self.names:
            raise Stuck("an index without a name")
        return self.names[x]

    def factor(self, f: Factor) -> t.Term:
        key, ix, e = f
        return t.power(self.atom(key, ix), Fraction(e))

    def atom(self, key: str, ix: tuple[Idx, ...]) -> t.Term:
        h = self.k.heads[key]
        if h.kind == "T":
            return self._tensor(h.data, ix)
        if h.kind == "I":
            op, linear, const = form_of(h, ix)
            form = affine({}, const)
            for x, c in linear.items():
                form = combine(form, self.index(x), c)
            if isinstance(op, tuple):
                return t.If(Compare("==", remainder(form, op[1])), t.ONE, t.ZERO)
            return t.If(Compare(op, form), t.ONE, t.ZERO)
        if h.kind == "D":
            return t.If(Holds(h.data[0], self.term(subject(self.k, (key, ix)))), t.ONE, t.ZERO)
        if h.kind == "L":
            return self._let(key, ix)
        if h.kind == "E":
            return known_call("exp", self.term(self.k.collect(self.k.body(h, ix))))
        if h.kind == "B":
            return self.term(self.k.collect(self.k.body(h, ix)))
        return self._call(key, ix)

    def _tensor(self, data: tuple, ix: tuple[Idx, ...]) -> t.Term:  # type: ignore[type-arg]
        if data[0] == "size":
            return t.SizeOf(Size.symbol(data[1]))
        if data[0] == "number":
            return t.num(data[1])
        if data[0] == "constant":
            return t.Constant(data[1])
        if data[0] == "iota":
            return t.IndexOf(self.index(ix[0]))
        if data[0] == "onehot":
            return self._onehot(data[1], data[2], ix)
        symbol = self.symbols[data[1]]
        return t.Read(symbol, self._grouped(symbol, data[2], [self.index(x) for x in ix]))

    def _onehot(self, name: str, chosen: tuple[int, ...], ix: tuple[Idx, ...]) -> t.Term:
        """1 where an entry of an integer tensor is an index, else 0."""
        symbol = self.symbols[name]
        entry = Lookup(symbol, self._grouped(symbol, chosen, [self.index(x) for x in ix[:-1]]))
        return t.If(Compare("==", combine(entry, self.index(ix[-1]), -1)), t.ONE, t.ZERO)

    def _reduction(self, key: str, ix: tuple[Idx, ...]) -> t.Term:
        """A product, a greatest value or the one-hot of its index."""
        name, outputs, arguments, _ = parts(self.k, self.k.heads[key], ix)
        if name not in (MAX, ARG, PROD):
            raise Stuck("a greatest value over parts of a range")
        (bound, body), (other, guard) = arguments
        guard = self.k.rename(guard, dict(zip(other, bound, strict=True)))
        saved = dict(self.names)
        own = [self._new(b) for b in bound]
        self.names |= dict(zip(bound, own, strict=True))
        condition = t.always() if guard == {((), ()): 1} else Holds(">", self.term(guard))
        inside = self.term(body)
        self.names = saved
        self.used -= {v.name for v in own}
        if name == PROD:
            return t.Prod(tuple(own), inside if condition == t.always() else t.If(condition, inside, t.ONE))
        if name == MAX:
            return t.Extreme("max", tuple(own), condition, inside)
        where = (t.Where("max", tuple(own), condition, inside, k) for k in range(len(outputs)))
        rows = (Holds("==", t.sub(t.IndexOf(self.index(x)), w)) for x, w in zip(outputs, where, strict=True))
        return t.If(both(*rows), t.ONE, t.ZERO)

    def _grouped(self, symbol: t.Symbol, parts: tuple[int, ...], indices: list[Index]) -> tuple[Index, ...]:
        """One index for each axis, from the digits and parts that axes were taken apart into."""
        left, chosen = list(indices), list(parts)

        def whole(extent: Size) -> Index:
            layout = self.k.layouts.get(extent)
            if layout is None:
                return left.pop(0)
            if isinstance(layout, Digits):
                high = whole(layout.high)
                return combine(whole(layout.low), high, layout.low)
            n = chosen.pop(0)
            start, length = affine({}, layout.offsets()[n]), layout.extents[n]
            return start if length == Size.number(1) else combine(whole(length), start)

        def take(sort: Sort) -> Index:
            if isinstance(sort, Range):
                return whole(sort.size)
            if isinstance(sort, Product):
                return Pair(tuple(take(p) for p in sort.parts))
            n = chosen.pop(0)
            return Inject(n, take(sort.parts[n]), sort)

        return tuple(take(a) for a in symbol.axes)

    def _let(self, key: str, ix: tuple[Idx, ...]) -> t.Term:
        found = self.table.sources.get(key)
        if found is None:
            raise Stuck("a let without a name")
        symbol, chosen, order, width = found
        own: dict[int, Index] = {place: self.index(x) for place, x in zip(order, ix, strict=True)}
        if len(own) < width:
            raise Stuck("a let that does not depend on all its indices")
        return t.Read(symbol, self._grouped(symbol, chosen, [own[n] for n in range(width)]))

    def _call(self, key: str, ix: tuple[Idx, ...]) -> t.Term:
        if self.k.heads[key].data[0].startswith("?"):
            return self._reduction(key, ix)
        name, outputs, arguments, partials = parts(self.k, self.k.heads[key], ix)
        if name in KNOWN:
            return known_call(name, *(self.term(body) for _, body in arguments))
        function = self.k.functions.get(name)
        if function is None or any(not isinstance(a, Range) for row, _ in function.arguments for a in row):
            raise Stuck("a function without a name")
        rows = []
        for bound, body in arguments:
            saved = dict(self.names)
            own = []
            for b in bound:
                own.append(self._new(b))
                self.names[b] = own[-1]
            rows.append(t.Abstraction(tuple(own), self.term(body)))
            self.names = saved
            self.used -= {v.name for v in own}
        by = tuple((a, tuple(self.index(x) for x in where)) for a, where in partials)
        return t.Call(function, tuple(rows), tuple(self.index(x) for x in outputs), by)


def _mentions(e: t.Term, own: list[Var]) -> bool:
    return bool(free_indices(e) & set(own))


def named(table: Layouts, i: Index, value: Value) -> dict[Idx, Index]:
    """What the kernel indices are that an index was taken apart into, as positions of the index."""
    kind, x = value
    if kind == "index":
        return {x: i}
    if kind != "packed":
        return {}
    extent, (_, inner), _ = x
    layout = table[extent]
    if isinstance(layout, Digits):
        high, low = quotient(i, layout.low), remainder(i, layout.low)
        return named(table, high, inner[0]) | named(table, low, inner[1])
    return named(table, combine(i, affine({}, layout.offsets()[inner[0]]), -1), inner[1])


def where(table: Layouts, i: Index, value: Value) -> list[Guard]:
    """The conditions under which an index is in the parts that were chosen for it."""
    kind, x = value
    if kind != "packed":
        return []
    extent, (_, inner), _ = x
    layout = table[extent]
    if isinstance(layout, Digits):
        high, low = quotient(i, layout.low), remainder(i, layout.low)
        return where(table, high, inner[0]) + where(table, low, inner[1])
    n, value = inner
    start, length = affine({}, layout.offsets()[n]), layout.extents[n]
    inside = combine(i, start, -1)
    if length == Size.number(1):
        return [Compare("==", inside)]
    guards: list[Guard] = [Compare(">=", inside)] if n else []
    if n + 1 < len(layout.extents):
        guards.append(Compare(">=", combine(affine({}, length - 1), inside, -1)))
    return guards + where(table, inside, value)
