"""Bounds of terms from declared ranges: a product of numbers of (0, 1) is one, tanh lies in (-1, 1).

Every bound is a superset of the truth where the term is defined.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction

from .index import Var
from .known import KNOWN, Known
from .sorts import Real
from .syntax import Add, Call, Condition, If, Lets, Mul, Num, Power, Read, Term, num


@dataclass(frozen=True)
class Interval:
    """From ``low`` to ``high`` (None: no bound); ``open_low`` and ``open_high``: the end itself is not taken."""

    low: Fraction | None = None
    high: Fraction | None = None
    open_low: bool = False
    open_high: bool = False

    @property
    def signs(self) -> frozenset[int]:
        """The signs of its numbers."""
        found = {-1, 0, 1}
        if self.low is not None and (self.low > 0 or (self.low == 0 and self.open_low)):
            found -= {-1, 0}
        elif self.low == 0:
            found -= {-1}
        if self.high is not None and (self.high < 0 or (self.high == 0 and self.open_high)):
            found -= {0, 1}
        elif self.high == 0:
            found -= {1}
        return frozenset(found)


ALL = Interval()
_ONE = Fraction(1)


class Ranges:
    """Bounds of terms under facts about every entry of a tensor: ``x > 0``, ``1 - x > 0``; lets are looked through.

    >>> from .syntax import Symbol, mul, read, sub
    >>> p = read(Symbol("p"))
    >>> unit = [Condition(">", p), Condition(">", sub(num(1), p))]
    >>> Ranges(unit, {}).of(sub(num(1), mul(p, p))).signs
    frozenset({1})
    """

    def __init__(self, facts: Iterable[Condition], lets: Lets) -> None:
        self.tensors: dict[str, Interval] = {}
        self.lets = lets
        for c in facts:
            if c.relation in (">", ">=") and not c.guards:
                self._note(c)

    def of(self, t: Term) -> Interval:
        """The bounds of a term."""
        if isinstance(t, Num):
            return Interval(t.value, t.value)
        if isinstance(t, Read):
            name = t.symbol.name
            if name in self.lets and name not in self.tensors:
                self.tensors[name] = ALL  # a let never refers to itself; this also bounds the work
                self.tensors[name] = self.of(self.lets[name].body)
            return self.tensors.get(name, ALL)
        if isinstance(t, Add):
            total = Interval(Fraction(0), Fraction(0))
            for p in t.parts:
                total = _plus(total, self.of(p))
            return total
        if isinstance(t, Mul):
            product, number = Interval(_ONE, _ONE), _ONE
            for p, times in Counter(t.parts).items():
                if isinstance(p, Num):
                    number *= p.value**times
                else:
                    product = _times(product, _natural(self.of(p), times))
            return _scaled(product, number)
        if isinstance(t, Power) and t.exponent.denominator == 1 and 0 < t.exponent <= 8:
            return _natural(self.of(t.base), int(t.exponent))
        if isinstance(t, Power) and t.exponent.denominator == 1 and -8 <= t.exponent < 0:
            return _natural(_reciprocal(self.of(t.base)), -int(t.exponent))
        if isinstance(t, Call) and t.function.known:
            row = KNOWN[t.function.name]
            values = Interval(row.low, row.high, not row.attained, not row.attained)
            x = self.of(t.arguments[0].body)
            if row.name == "abs" and len(x.signs & {-1, 1}) == 1:
                return x if 1 in x.signs else _scaled(x, -_ONE)
            return _meet(values, _increasing(row, x) if row.anchors else _above(row, x))
        if isinstance(t, Call) and not t.partials and isinstance(t.function.value, Real):
            low, high = t.function.value.low, t.function.value.high
            return Interval(low, high, low is not None, high is not None)
        if isinstance(t, If):
            return _hull(self.of(t.then), self.of(t.other))
        return ALL

    def _note(self, c: Condition) -> None:
        """A fact ``x - low > 0`` or ``high - x > 0`` about every entry of a tensor."""
        if isinstance(c.subject, Add) and len(c.subject.parts) == 2:
            part, constant = c.subject.parts
        else:
            part, constant = c.subject, num(0)  # type: ignore[assignment]
        if isinstance(part, Num):
            part, constant = constant, part
        if not isinstance(constant, Num):
            return
        flipped = isinstance(part, Mul) and len(part.parts) == 2 and part.parts[0] == num(-1)
        read = part.parts[1] if flipped and isinstance(part, Mul) else part
        if not isinstance(read, Read) or not _every_entry(read, c):
            return
        old, strict = self.tensors.get(read.symbol.name, ALL), c.relation == ">"
        if flipped:
            high = constant.value
            if old.high is None or high < old.high or (high == old.high and strict):
                self.tensors[read.symbol.name] = Interval(old.low, high, old.open_low, strict)
        elif old.low is None or -constant.value > old.low or (-constant.value == old.low and strict):
            self.tensors[read.symbol.name] = Interval(-constant.value, old.high, strict, old.open_high)


def _every_entry(t: Read, c: Condition) -> bool:
    plain = all(isinstance(i, Var) and i.sort == axis for i, axis in zip(t.index, t.symbol.axes, strict=True))
    return plain and len(set(t.index)) == len(t.index) and set(t.index) <= set(c.indices)


def _plus(a: Interval, b: Interval) -> Interval:
    low = a.low + b.low if a.low is not None and b.low is not None else None
    high = a.high + b.high if a.high is not None and b.high is not None else None
    return Interval(low, high, a.open_low or b.open_low, a.open_high or b.open_high)


def _times(a: Interval, b: Interval) -> Interval:
    """Products are bounded where both factors are not negative, or one of them is a number."""
    for x, y in ((a, b), (b, a)):
        if x.low is not None and x.low == x.high and not x.open_low:
            return _scaled(y, x.low)
    if a.low is None or b.low is None or a.low < 0 or b.low < 0:
        return ALL
    low_open = (a.open_low and (b.low > 0 or b.open_low)) or (b.open_low and (a.low > 0 or a.open_low))
    high, high_open = None, False
    if a.high is not None and b.high is not None:
        high = a.high * b.high
        high_open = (a.open_high and b.high > 0) or (b.open_high and a.high > 0)
    return Interval(a.low * b.low, high, low_open, high_open)


def _natural(x: Interval, n: int) -> Interval:
    """Powers of numbers; an even power is one of their sizes."""
    if n % 2 == 0 and x.low is not None and x.high is not None:
        size, strict = max((-x.low, x.open_low), (x.high, x.open_high), key=lambda e: (e[0], not e[1]))
        if x.low < 0:
            return Interval(Fraction(0), size**n, False, strict)
    if n % 2 == 0 and (x.low is None or x.low < 0):
        return Interval(Fraction(0))
    result = Interval(_ONE, _ONE)
    for _ in range(n):
        result = _times(result, x)
    return result


def _increasing(row: Known, x: Interval) -> Interval:
    """Values of a function that increases strictly, from those that are known."""
    low, high = None, None
    for q, value in row.anchors:
        if x.low is not None and x.low >= q and (low is None or value > low[0]):
            low = value, x.open_low or x.low > q
        if x.high is not None and x.high <= q and (high is None or value < high[0]):
            high = value, x.open_high or x.high < q
    return Interval(low and low[0], high and high[0], bool(low and low[1]), bool(high and high[1]))


def _above(row: Known, x: Interval) -> Interval:
    """Positive values inside the interval where they are known to be, and negative ones of an odd function opposite."""
    values = Interval(Fraction(0), None, True)
    if _inside(x, row.above):
        return values
    return _scaled(values, -_ONE) if row.parity == "odd" and _inside(_scaled(x, -_ONE), row.above) else ALL


def _inside(x: Interval, ends: tuple[Fraction, Fraction] | None) -> bool:
    """Whether all numbers of an interval lie strictly between two."""
    if ends is None or x.low is None or x.high is None:
        return False
    return (x.low > ends[0] or (x.low == ends[0] and x.open_low)) and (
        x.high < ends[1] or (x.high == ends[1] and x.open_high)
    )


def _reciprocal(x: Interval) -> Interval:
    """Of numbers of one sign."""
    if x.signs == {-1}:
        return _scaled(_reciprocal(_scaled(x, -_ONE)), -_ONE)
    if x.signs != {1}:
        return ALL
    assert x.low is not None  # all numbers are positive
    low = (Fraction(0), True) if x.high is None else (1 / x.high, x.open_high)
    high = (None, False) if x.low == 0 else (1 / x.low, x.open_low)
    return Interval(low[0], high[0], low[1], high[1])


def _meet(a: Interval, b: Interval) -> Interval:
    """The numbers in both."""
    lows = [(x.low, x.open_low) for x in (a, b) if x.low is not None]
    highs = [(-x.high, x.open_high) for x in (a, b) if x.high is not None]
    low, high = max(lows, default=(None, False)), max(highs, default=(None, False))
    return Interval(low[0], None if high[0] is None else -high[0], low[1], high[1])


def _scaled(x: Interval, c: Fraction) -> Interval:
    low, high = (None if e is None else c * e for e in (x.low, x.high))
    if c == 0:
        return Interval(c, c)
    return Interval(low, high, x.open_low, x.open_high) if c > 0 else Interval(high, low, x.open_high, x.open_low)


def _hull(a: Interval, b: Interval) -> Interval:
    low = min(a.low, b.low) if a.low is not None and b.low is not None else None
    high = max(a.high, b.high) if a.high is not None and b.high is not None else None
    lows, highs = [x for x in (a, b) if x.low == low], [x for x in (a, b) if x.high == high]
    return Interval(low, high, all(x.open_low for x in lows), all(x.open_high for x in highs))


__all__ = ["Interval", "Ranges"]
