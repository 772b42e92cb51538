"""Bounds of terms from declared ranges: a product of numbers of (0, 1) is one, tanh lies in (-1, 1).

Every bound is a superset of the truth where the term is defined.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction

from .index import Var
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
KNOWN_RANGES = {
    "exp": Interval(Fraction(0), None, True),
    "sigmoid": Interval(Fraction(0), _ONE, True, True),
    "tanh": Interval(-_ONE, _ONE, True, True),
    "sin": Interval(-_ONE, _ONE),
    "cos": Interval(-_ONE, _ONE),
    "sign": Interval(-_ONE, _ONE),
    "step": Interval(Fraction(0), _ONE),
    "cosh": Interval(_ONE, None),
    "softplus": Interval(Fraction(0), None, True),
    "abs": Interval(Fraction(0), None),
    "relu": Interval(Fraction(0), None),
}


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
            for p in t.parts:
                if isinstance(p, Num):
                    number *= p.value
                else:
                    product = _times(product, self.of(p))
            return _scaled(product, number)
        if isinstance(t, Power) and t.exponent.denominator == 1 and 0 < t.exponent <= 8:
            base, result = self.of(t.base), Interval(_ONE, _ONE)
            for _ in range(int(t.exponent)):
                result = _times(result, base)
            return result
        if isinstance(t, Call) and t.function.known:
            return KNOWN_RANGES.get(t.function.name, ALL)
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


def _scaled(x: Interval, c: Fraction) -> Interval:
    low, high = (None if e is None else c * e for e in (x.low, x.high))
    if c == 0:
        return Interval(c, c)
    return Interval(low, high, x.open_low, x.open_high) if c > 0 else Interval(high, low, x.open_high, x.open_low)


def _hull(a: Interval, b: Interval) -> Interval:
    low = min(a.low, b.low) if a.low is not None and b.low is not None else None
    high = max(a.high, b.high) if a.high is not None and b.high is not None else None
    return Interval(low, high, a.open_low and b.open_low, a.open_high and b.open_high)


__all__ = ["Interval", "Ranges"]
