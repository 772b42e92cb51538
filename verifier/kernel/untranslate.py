"""From polynomials back to terms over source names, for what is left over of a claim.  Untrusted: it only prints."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import TYPE_CHECKING

from ..terms import syntax as t
from ..terms.index import Atom, Coefficient, Compare, Holds, Index, Pair, Var, affine
from ..terms.known import call as known_call
from ..terms.sizes import Size
from ..terms.sorts import Product, Range
from ..terms.traverse import free_indices
from .brackets import form_of
from .conditions import subject
from .data import Factor, Idx, Poly, Stuck
from .functions import parts

if TYPE_CHECKING:
    from .algebra import Algebra
    from .lets import LetTable

LETTERS = "jklmnpqrstuvw"
MAX_TERMS = 40


class Untranslator:
    """Terms for polynomials; ``names`` are the free indices."""

    def __init__(self, k: Algebra, table: LetTable, symbols: Mapping[str, t.Symbol], names: Mapping[Idx, Var]) -> None:
        self.k, self.table, self.symbols = k, table, symbols
        self.names: dict[Idx, Index] = dict(names)
        self.used = {v.name for v in names.values()}

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
            variables: dict[Atom, Coefficient] = {}
            for x, c in linear.items():
                v = self.index(x)
                if not isinstance(v, Var):
                    raise Stuck("a guard on a computed index")
                variables[v] = c
            form = affine(variables, const)
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
        symbol = self.symbols[data[1]]
        if data[2] or any(not isinstance(a, Range) for a in symbol.axes):
            return t.Read(symbol, self._grouped(symbol, ix))
        return t.Read(symbol, tuple(self.index(x) for x in ix))

    def _grouped(self, symbol: t.Symbol, ix: tuple[Idx, ...]) -> tuple[Index, ...]:
        rest = [self.index(x) for x in ix]

        def take(sort: object) -> Index:
            if isinstance(sort, Range):
                return rest.pop(0)
            if isinstance(sort, Product):
                return Pair(tuple(take(p) for p in sort.parts))
            raise Stuck("a tensor with an axis of a sum sort")

        return tuple(take(a) for a in symbol.axes)

    def _let(self, key: str, ix: tuple[Idx, ...]) -> t.Term:
        found = self.table.sources.get(key)
        if found is None or found[1] or any(not isinstance(a, Range) for a in found[0].axes):
            raise Stuck("a let without a name")
        symbol, _, order = found
        own: dict[int, Index] = {place: self.index(x) for place, x in zip(order, ix, strict=True)}
        if len(own) < len(symbol.axes):
            raise Stuck("a let that does not depend on all its indices")
        return t.Read(symbol, tuple(own[n] for n in range(len(symbol.axes))))

    def _call(self, key: str, ix: tuple[Idx, ...]) -> t.Term:
        name, outputs, arguments, partials = parts(self.k, self.k.heads[key], ix)
        if name in ("log", "sin", "cos", "abs", "sign", "step", "cbrt"):
            return known_call(name, self.term(arguments[0][1]))
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
