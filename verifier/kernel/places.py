"""Index terms as positions of the kernel: digits and parts of axes, computed positions, quotients.

An index of a product sort is a tuple of kernel indices, an axis of a product sort several axes; a sum over a sum sort
is a sum over its parts, an axis of a sum sort a tensor for each part.  A range with a layout is treated likewise, and
its indices know the form that they are (h*D + d).  A position is put on such an axis digit by digit, where
form = E*high + low with 0 <= low < E is shown by ranges; else as a computed position.

A quotient that is no digit means what it is compared with: f // E >= r is f - E*r >= 0, f // E == r is
0 <= f - E*r < E, f % E == r is [(f - r) % E == 0][0 <= r < E].
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import product as cartesian
from typing import TYPE_CHECKING, Any, TypeAlias

from ..terms import index as ix
from ..terms.index import Coefficient
from ..terms.sizes import Size
from ..terms.sorts import Product, Range, Sort
from .brackets import Form, Relation, at_least, least, negated, plus, tidy
from .data import Idx, Poly, Stuck, add, constant
from .layout import FEW, Digits, Parts

if TYPE_CHECKING:
    from .algebra import Algebra

# what an index term is: a kernel index, a computed position, a tuple, a part of a sum, or an index of a range with a
# layout: (extent, the tuple or part that it is, its form)
Value: TypeAlias = tuple[str, Any]
Env: TypeAlias = Mapping[ix.Var, Value]
Shape: TypeAlias = tuple[Form, Size]

NONE = Size.number(0)
ONE = Size.number(1)
UNIT: Value = ("form", ({}, NONE))
SYMBOLIC = 3
"""The kind of a quotient or remainder in a form: (kind, (operator, form, divisor), divisor)."""


@dataclass
class Placed:
    """An index on an axis: kernel indices, chosen parts, and what the new ones among the indices are equal to."""

    own: list[Idx] = field(default_factory=list)
    parts: tuple[int, ...] = ()
    bound: list[Idx] = field(default_factory=list)
    deltas: list[Shape] = field(default_factory=list)

    def then(self, other: Placed) -> Placed:
        """This and then another, on the next axis or the next digit."""
        return Placed(
            self.own + other.own, self.parts + other.parts, self.bound + other.bound, self.deltas + other.deltas
        )


class Places:
    """Positions in one proof."""

    def __init__(self, k: Algebra) -> None:
        self.k = k
        self.looked_up: dict[ix.Lookup, Value] = {}  # what the entries of integer tensors in an index stand for

    # ---- new indices

    def new(self, sort: Sort) -> list[tuple[list[Idx], Value]]:
        """Fresh free indices for a sort: one way for each choice of parts."""
        if isinstance(sort, Range):
            return self._new(sort.size)
        if isinstance(sort, Product):
            rows: list[tuple[list[Idx], Value]] = []
            for choice in cartesian(*(self.new(p) for p in sort.parts)):
                rows.append(([i for own, _ in choice for i in own], ("pair", tuple(v for _, v in choice))))
            return rows
        return [(own, ("part", (n, v))) for n, p in enumerate(sort.parts) for own, v in self.new(p)]

    def _new(self, extent: Size) -> list[tuple[list[Idx], Value]]:
        layout = self.k.layouts.get(extent)
        rows: list[tuple[list[Idx], Value]] = []
        if layout is None:
            i = self.k.fresh_free("t", extent)
            return [([i], ("index", i))]
        if isinstance(layout, Digits):
            for (own, high), (more, low) in cartesian(self._new(layout.high), self._new(layout.low)):
                (f, at), (g, rest) = self.form(high), self.form(low)
                shape = plus(g, f, layout.low), rest + at * layout.low
                rows.append((own + more, ("packed", (extent, ("pair", (high, low)), shape))))
            return rows
        for n, (start, length) in enumerate(zip(layout.offsets(), layout.extents, strict=True)):
            for own, value in self._new(length) if length != ONE else [([], UNIT)]:
                f, at = self.form(value)
                rows.append((own, ("packed", (extent, ("part", (n, value)), (f, at + start)))))
        return rows

    # ---- what index terms are

    def index(self, i: ix.Index, env: Env) -> Value:
        """What an index term is under an environment."""
        if isinstance(i, ix.Var):
            if i not in env:
                raise Stuck(f"the index {i.name} is not bound")
            return env[i]
        if isinstance(i, ix.Pair):
            return ("pair", tuple(self.index(p, env) for p in i.parts))
        if isinstance(i, ix.Part):
            kind, value = self.index(i.index, env)
            if kind != "pair":
                raise Stuck("a component of an index that is no tuple")
            chosen: Value = value[i.position]
            return chosen
        if isinstance(i, ix.Inject):
            return ("part", (i.position, self.index(i.index, env)))
        if isinstance(i, ix.Quotient | ix.Remainder):
            return ("form", self._divided(isinstance(i, ix.Quotient), self.form(self.index(i.index, env)), i.divisor))
        if isinstance(i, ix.Lookup):
            if i not in self.looked_up:
                raise Stuck("an index that a tensor holds")
            return self.looked_up[i]
        linear: Form = {}
        offset = i.offset
        for v, c in i.terms:
            more, rest = self.form(self.index(v, env))
            linear = plus(linear, more, c)
            offset = offset + rest * c
        return ("form", (linear, offset))

    def form(self, value: Value) -> Shape:
        """The form of an index that is a position."""
        kind, x = value
        if kind == "index":
            return {x: 1}, NONE
        if kind in ("form", "packed"):
            shape: Shape = x if kind == "form" else x[2]
            return shape
        raise Stuck("arithmetic on an index that is no position")

    def _divided(self, quotient: bool, shape: Shape, divisor: Size) -> Shape:
        digits = self.digits(shape, divisor)
        if digits is not None:
            return digits[0 if quotient else 1]
        form, offset = shape
        label = ("//" if quotient else "%", tuple(sorted(form.items(), key=repr)), offset)
        return {(SYMBOLIC, label, divisor): 1}, NONE

    def digits(self, shape: Shape, divisor: Size) -> tuple[Shape, Shape] | None:
        """``high, low`` with form = divisor * high + low and 0 <= low < divisor, where ranges show that."""
        form, offset = shape
        if any(x[0] == SYMBOLIC for x in form):
            return None
        high: Form = {}
        low: Form = {}
        for x, c in form.items():
            high[x], low[x] = _size(c).divided(divisor)
        high, low = tidy(high), tidy(low)
        above, below = offset.divided(divisor)
        for k in (0, 1, -1):
            rest = below - divisor * k
            if self._within(low, rest, divisor):
                return (high, above + k), (low, rest)
        return None

    def _within(self, form: Form, offset: Size, extent: Size) -> bool:
        minus, rest = negated(form, offset)
        bounds = self.k.bounds
        return at_least(form, offset, bounds) and at_least(minus, rest + extent - 1, bounds)

    # ---- indices on axes

    def place(self, sort: Sort, value: Value) -> list[Placed]:
        """An index on an axis: a sum of ways, each with its parts."""
        kind, x = value
        if isinstance(sort, Range):
            return self._on(sort.size, value)
        if isinstance(sort, Product):
            if kind != "pair":
                raise Stuck("an index of a product that is no tuple")
            ways = [Placed()]
            for s, v in zip(sort.parts, x, strict=True):
                ways = [way.then(row) for way in ways for row in self.place(s, v)]
            return ways
        if kind != "part":
            raise Stuck("an index of a sum that is not split")
        n, v = x
        return [Placed(parts=(n,)).then(row) for row in self.place(sort.parts[n], v)]

    def _on(self, extent: Size, value: Value) -> list[Placed]:
        kind, x = value
        layout = self.k.layouts.get(extent)
        if layout is None:
            return [self._leaf(extent, value)]
        if kind == "packed" and x[0] == extent:
            _, (_, inner), _ = x
            if isinstance(layout, Digits):
                return [a.then(b) for a in self._on(layout.high, inner[0]) for b in self._on(layout.low, inner[1])]
            return [Placed(parts=(inner[0],)).then(row) for row in self._part(layout.extents[inner[0]], inner[1])]
        shape = self.form(value)
        if isinstance(layout, Parts):
            return self._parts(layout, shape)
        found = self.digits(shape, layout.low)
        if found is None:
            return self._computed(extent, shape)
        high, low = (("form", part) for part in found)
        return [a.then(b) for a in self._on(layout.high, high) for b in self._on(layout.low, low)]

    def _leaf(self, extent: Size, value: Value) -> Placed:
        form, offset = self.form(value)
        if len(form) == 1 and not offset.terms:
            ((i, c),) = form.items()
            if c == 1 and i[2] == extent and i[0] != SYMBOLIC:
                return Placed([i])
        b = self.k.fresh_free("b", extent)
        return Placed([b], (), [b], [(plus(form, {b: 1}, -1), offset)])

    def _part(self, extent: Size, value: Value) -> list[Placed]:
        """An index within a part; a single position holds it if it is 0."""
        if extent != ONE:
            return self._on(extent, value)
        form, offset = self.form(value)
        return [Placed(deltas=[(form, offset)] if form or offset.terms else [])]

    def _parts(self, layout: Parts, shape: Shape) -> list[Placed]:
        """A position on an axis of parts: in each part that it may reach."""
        form, offset = shape
        rows: list[Placed] = []
        for n, (start, length) in enumerate(zip(layout.offsets(), layout.extents, strict=True)):
            rest = offset - start
            if not self._misses(form, rest, length):
                rows += [Placed(parts=(n,)).then(row) for row in self._part(length, ("form", (form, rest)))]
        return rows

    def _misses(self, form: Form, offset: Size, extent: Size) -> bool:
        """Whether a position is never from 0 to extent - 1."""
        if any(x[0] == SYMBOLIC for x in form):
            return False
        minus, rest = negated(form, offset)
        bounds = self.k.bounds
        return at_least(minus, rest - 1, bounds) or at_least(form, offset - extent, bounds)

    def _computed(self, extent: Size, shape: Shape) -> list[Placed]:
        """A position that the layout does not fit: an index of the axis that equals it."""
        rows: list[Placed] = []
        for own, value in self._new(extent):
            (placed,) = self._on(extent, value)
            form, offset = self.form(value)
            rows.append(Placed(own, placed.parts, own, [(plus(shape[0], form, -1), shape[1] - offset)]))
        return rows

    # ---- comparisons

    def same(self, a: Value, b: Value) -> Poly:
        """1 where two indices are equal, 0 elsewhere."""
        if a[0] == "pair" and b[0] == "pair":
            result = constant(1)
            for x, y in zip(a[1], b[1], strict=True):
                result = self.k.multiply(result, self.same(x, y))
            return result
        if a[0] == "part" and b[0] == "part":
            (n, x), (m, y) = a[1], b[1]
            return self.same(x, y) if n == m else {}
        (f, offset), (g, rest) = self.form(a), self.form(b)
        return self.compare("==", plus(f, g, -1), offset - rest)

    def compare(self, op: Relation, form: Form, offset: Size) -> Poly:
        """[form op 0] as a polynomial; quotients in it are taken for what they mean."""
        k = self.k
        k.spend()
        symbolic = next((x for x in form if x[0] == SYMBOLIC), None)
        if symbolic is None:
            digits = self._digitwise(form, offset) if op == "==" else None
            if digits is not None:
                return k.multiply(*(self.compare("==", f, at) for f, at in digits))
            return k.collect(k.bracket(op, form, offset))
        (operator, inner, at), by = symbolic[1], symbolic[2]
        f: Form = dict(inner)
        c = form[symbolic]
        rest = {x: v for x, v in form.items() if x != symbolic}
        alone = c in (1, -1) and not isinstance(op, tuple)
        if alone and operator == "//" and op == ">=":
            if c == 1:
                return self.compare(">=", plus(f, rest, by), at + offset * by)
            return self.compare(">=", plus(negated(f, at)[0], rest, by), offset * by + by - 1 - at)
        if alone and op == "==":
            value, shift = (rest, offset) if c == -1 else negated(rest, offset)  # what the quotient equals
            if operator == "//":
                g, start = plus(f, value, -by), at - shift * by
                minus, back = negated(g, start)
                return k.multiply(self.compare(">=", g, start), self.compare(">=", minus, back + by - 1))
            minus, back = negated(value, shift)
            inside = k.multiply(self.compare(">=", value, shift), self.compare(">=", minus, back + by - 1))
            return k.multiply(inside, self.compare(("%", by), plus(f, value, -1), at - shift))
        return self._summed(op, operator, (f, at), by, rest, offset, c)

    def _digitwise(self, form: Form, offset: Size) -> tuple[Shape, Shape] | None:
        """``E*high + low == 0`` where -E < low < E is ``high == 0`` and ``low == 0``; None if there is no such E."""
        for c in dict.fromkeys(_size(c) for c in form.values()):
            by = c if self.k.bounds.nonnegative(c - 2) else -c
            if not self.k.bounds.nonnegative(by - 2):
                continue
            high: Form = {}
            low: Form = {}
            for x, d in form.items():
                sign = -1 if self.k.bounds.nonnegative(-_size(d)) else 1
                high[x], low[x] = (part * sign for part in (_size(d) * sign).divided(by))
            above, below = offset.divided(by)
            high, low = tidy(high), tidy(low)
            if high and low and self._within(low, below + by - 1, by * 2 - 1):
                return (high, above), (low, below)
        return None

    def _summed(
        self, op: Relation, operator: str, inner: Shape, by: Size, rest: Form, offset: Size, c: Coefficient
    ) -> Poly:
        """[rest + c * (quotient or remainder) op 0] as a sum over the values of that quotient or remainder."""
        f, at = inner
        count = by.constant()
        total: Poly = {}
        if operator == "%" and count is not None and count <= FEW:
            for r in range(count):
                here = self.compare(("%", by), f, at - r)
                total = add(total, self.k.multiply(here, self.compare(op, rest, offset + _size(c) * r)))
            return total
        extent = self._most(f, at, by)
        q = self.k.fresh_free("q", extent)
        low = plus(f, {q: 1}, -by)  # f - E*q, from 0 to E - 1
        minus, back = negated(low, at)
        here = self.k.multiply(self.compare(">=", low, at), self.compare(">=", minus, back + by - 1))
        if operator == "//":
            value = self.compare(op, plus(rest, {q: 1}, c), offset)
        else:
            value = self.compare(op, plus(rest, low, c), offset + at * c)
        return self.k.sum_over(self.k.multiply(here, value), [q])

    def _most(self, f: Form, at: Size, by: Size) -> Size:
        """An extent that holds the values of a quotient.  Raises Stuck if none is known."""
        bounds = self.k.bounds
        minus, rest = negated(f, at)
        low = None if any(x[0] == SYMBOLIC for x in f) else least(minus, rest, bounds)
        if low is None or not at_least(f, at, bounds):
            raise Stuck("a quotient of which no range is known")
        q, r = (1 - low).divided(by)  # f < 1 - low
        if not r.terms:
            return q
        if bounds.nonnegative(r - 1) and bounds.nonnegative(by - r):
            return q + 1
        return 1 - low


def _size(c: Coefficient) -> Size:
    return c if isinstance(c, Size) else Size.number(c)


__all__ = ["Env", "Placed", "Places", "Value"]
