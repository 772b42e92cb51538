"""Numbers that are counted by sizes: n - 1, n*m/2 - 1/2."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from math import lcm

from .sizes import Size
from .syntax import Add, Mul, Num, SizeOf, Term

Count = tuple[Size, int]


def count(t: Term) -> Count | None:
    """A size p and a positive number q with ``t == p/q``; None if a term is made of anything else.

    >>> from .syntax import num, sub
    >>> str(count(sub(SizeOf(Size.symbol("n")), num(1)))[0])
    'n - 1'
    """
    if isinstance(t, Num):
        return Size.number(t.value.numerator), t.value.denominator
    if isinstance(t, SizeOf):
        return t.size, 1
    if not isinstance(t, Add | Mul):
        return None
    parts: list[Count] = []
    for p in t.parts:
        found = count(p)
        if found is None:
            return None
        parts.append(found)
    return _sum(parts) if isinstance(t, Add) else reduce(_times, parts, (Size.number(1), 1))


def _sum(parts: Sequence[Count]) -> Count:
    shared = lcm(*(q for _, q in parts))
    return reduce(lambda total, p: total + p[0] * (shared // p[1]), parts, Size.number(0)), shared


def _times(a: Count, b: Count) -> Count:
    return a[0] * b[0], a[1] * b[1]


__all__ = ["count"]
