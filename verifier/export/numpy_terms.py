"""Terms as NumPy expressions: index notation becomes whole-array code.

Every expression knows the index variables of its axes (`numpy_positions`); reductions and functions have modules of
their own.  Guards are `np.where`.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from ..terms.syntax import (
    Add,
    Call,
    Constant,
    Extreme,
    If,
    IndexOf,
    Let,
    Mul,
    Num,
    Power,
    Prod,
    Read,
    SizeOf,
    Term,
    Total,
    Where,
)
from .numpy_arrays import ATOM, POWER, PRODUCT, SUM, UNARY, Array, NoNumpy, number
from .numpy_functions import Functions
from .numpy_reductions import Reductions


class Terms(Reductions, Functions):
    """Translates the terms of one function.  Raises NoNumpy for what has no spelling."""

    def let(self, let: Let) -> Array:
        """The value of a let, with exactly the axes of its indices."""
        with self.bound(let.indices):
            return self.spread(self.term(let.body), let.indices)

    def term(self, t: Term) -> Array:
        """A term as an array."""
        if isinstance(t, Num):
            return number(t.value)
        if isinstance(t, Constant):
            return Array(f"np.{t.name}", ATOM)
        if isinstance(t, SizeOf):
            return self.size(t.size)
        if isinstance(t, Read):
            return self.read(t.symbol, t.index)
        if isinstance(t, Add):
            return self._sum(t.parts)
        if isinstance(t, Mul):
            return self._product(t.parts)
        if isinstance(t, Power):
            return self._power(self.term(t.base), t.exponent)
        if isinstance(t, Total):
            return self.total(t)
        if isinstance(t, Prod):
            return self.product_over(t)
        if isinstance(t, Extreme):
            return self.extreme(t)
        if isinstance(t, Where):
            return self.where(t)
        if isinstance(t, IndexOf):
            return self.position(t.index)
        if isinstance(t, Call):
            return self.call(t)
        if isinstance(t, If):
            return self._choice(t)
        raise NoNumpy(f"{type(t).__name__.lower()} has no NumPy spelling yet")

    def _sum(self, parts: Sequence[Term]) -> Array:
        rows = [self.term(p) for p in parts]
        axes = self.union(rows)
        shown = ""
        for r in sorted(rows, key=lambda r: r.text.startswith("-")):  # what is added comes first
            piece = self.aligned(r, axes, SUM if not shown else PRODUCT)
            if shown and r.level == UNARY and piece.startswith("-"):
                shown += " - " + piece[1:]
            else:
                shown += (" + " if shown else "") + piece
        return Array(shown, SUM, axes)

    def _product(self, parts: Sequence[Term]) -> Array:
        sign, above, below = "", [], []
        for p in parts:
            if isinstance(p, Num) and p.value < 0:
                sign = "" if sign else "-"
                p = Num(-p.value)
            if isinstance(p, Num) and p.value == 1:
                continue
            if isinstance(p, Power) and p.exponent < 0:
                below.append(self._power(self.term(p.base), -p.exponent))
            else:
                above.append(self.term(p))
        axes = self.union((*above, *below))
        shown = "*".join(self.aligned(r, axes, PRODUCT if k == 0 else POWER) for k, r in enumerate(above)) or "1"
        for r in below:
            shown += "/" + self.aligned(r, axes, POWER)
        level = PRODUCT if below or len(above) != 1 else max(above[0].level, PRODUCT)
        return Array(sign + shown, UNARY, axes) if sign else Array(shown, level, axes)

    def _power(self, base: Array, e: Fraction) -> Array:
        if e == 1:
            return base
        if e < 0:
            return Array("1/" + self._power(base, -e).at(POWER), PRODUCT, base.axes)
        if e == Fraction(1, 2):
            return Array(f"np.sqrt({base.text})", ATOM, base.axes)
        shown = str(e.numerator) if e.denominator == 1 else f"({e})"
        return Array(f"{base.at(ATOM)}**{shown}", POWER, base.axes)

    def _choice(self, t: If) -> Array:
        with self.branches():
            rows = [self.guard(t.guard), self.term(t.then), self.term(t.other)]
        axes = self.union(rows)
        return Array(f"np.where({', '.join(self.aligned(r, axes) for r in rows)})", ATOM, axes)


__all__ = ["Terms"]
