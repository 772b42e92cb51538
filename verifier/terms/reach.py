"""How far positions reach: whether a form is at least 0 for all indices in range, under guards.

A form is compared with its least value, each atom taken at an end of its range; a guard gives forms that are at least
0, and one or two of them may be subtracted first.  Quotients are taken apart by what they mean:
``q = f // E`` is at least r exactly if ``f - E*r >= 0``, and at most r exactly if ``E*r + E - 1 - f >= 0``;
where a guard speaks of f % E, f is E * (f // E) + f % E.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from .index import (
    Affine,
    And,
    Atom,
    Coefficient,
    Compare,
    Guard,
    Lookup,
    Not,
    Or,
    Quotient,
    Remainder,
    Same,
    Var,
    affine,
    position,
    quotient,
    sort_of,
)
from .sizes import Bounds, Size
from .sorts import Range

ZERO = Affine((), Size.number(0))
DEPTH = 4


def plus(a: Affine, b: Affine, factor: Coefficient = 1) -> Affine:
    """``a + factor * b``."""
    total = dict(a.terms)
    for v, c in b.terms:
        total[v] = total.get(v, 0) + factor * c
    return position(affine(total, a.offset + b.offset * factor))


def negative(a: Affine) -> Affine:
    return plus(ZERO, a, -1)


class Reach:
    """What is known of positions from the ranges of indices and the least values of sizes.

    >>> i, d = Var("i", Range(Size.symbol("n"))), Size.symbol("d")
    >>> Reach(Bounds.of({"n": 1, "d": 1})).nonnegative(Affine(((i, d),), Size.number(0)))
    True
    """

    def __init__(self, bounds: Bounds) -> None:
        self.bounds = bounds

    def nonnegative(self, form: Affine, guards: Iterable[Guard] = (), depth: int = DEPTH) -> bool:
        """Whether a form is at least 0 wherever all guards hold.  True is proved, False says nothing."""
        rows = tuple(guards)
        known = [f for g in rows for f in (*forms(g), *self._apart(g))]
        helpers = list(dict.fromkeys(h for f in known for h in self._meanings(f)))
        return self._follows(form, helpers, depth)

    def _follows(self, form: Affine, helpers: list[Affine], depth: int) -> bool:
        if self._at_least(form):
            return True
        for k, h in enumerate(helpers):
            rest = plus(form, h, -1)
            if self._at_least(rest) or any(self._at_least(plus(rest, g, -1)) for g in helpers[k:]):
                return True
        return depth > 0 and any(self._follows(f, helpers, depth - 1) for f in self._equivalents(form))

    def _at_least(self, form: Affine) -> bool:
        low = self.least(form)
        return low is not None and self.bounds.nonnegative(low)

    def _equivalents(self, form: Affine) -> Iterator[Affine]:
        """Forms each of which is at least 0 exactly if a form with a quotient is."""
        for atom, c in form.terms:
            if isinstance(atom, Quotient) and c in (1, -1):
                rest = plus(form, position(atom), -1 if c == 1 else 1)
                yield quotient_bound(atom, rest, c == 1)

    def _meanings(self, form: Affine) -> Iterator[Affine]:
        """What a form that is at least 0 says, and what its remainders are."""
        yield form
        yield from self._equivalents(form)
        for atom, _ in form.terms:
            if isinstance(atom, Remainder):  # f == E * (f // E) + f % E
                whole = position(quotient(atom.index, atom.divisor))
                equal = plus(plus(position(atom.index), whole, -atom.divisor), position(atom), -1)
                yield equal
                yield negative(equal)

    def _apart(self, g: Guard) -> Iterator[Affine]:
        """A form that is not 0, and never below or never above 0, is at least 1 away from it."""
        if isinstance(g, And):
            for p in g.parts:
                yield from self._apart(p)
        elif isinstance(g, Not) and isinstance(g.part, Or):
            for p in g.part.parts:
                yield from self._apart(Not(p))
        elif isinstance(g, Not) and isinstance(g.part, Compare) and g.part.relation == "==":
            form = position(g.part.form)
            for f in (form, negative(form)):
                if self._at_least(f):
                    yield plus(f, Affine((), Size.number(-1)))

    def least(self, form: Affine) -> Size | None:
        """A size that a form is never below, or None."""
        low = form.offset
        for atom, c in form.terms:
            sign = self.sign(c)
            end = None if sign is None else self._low(atom) if sign > 0 else self._high(atom)
            if end is None:
                return None
            low = low + end * c
        return low

    def greatest(self, form: Affine) -> Size | None:
        """A size that a form is never above, or None."""
        low = self.least(negative(form))
        return None if low is None else -low

    def sign(self, c: Coefficient) -> int | None:
        """1 for a coefficient that is at least 0, -1 for one that is at most 0."""
        if isinstance(c, int):
            return 1 if c >= 0 else -1
        return 1 if self.bounds.nonnegative(c) else -1 if self.bounds.nonnegative(-c) else None

    def _low(self, atom: Atom) -> Size | None:
        if isinstance(atom, Lookup):
            return Size.number(0) if sort_of(atom) is not None else None
        if not isinstance(atom, Quotient):
            return Size.number(0)
        low = self.least(position(atom.index))
        if low is None:
            return None
        q, r = low.divided(atom.divisor)
        if r == Size.number(0) or (low.constant() is not None and atom.divisor.constant() is not None):
            return q
        return Size.number(0) if self.bounds.nonnegative(low) else None

    def _high(self, atom: Atom) -> Size | None:
        if isinstance(atom, Var | Lookup):
            sort = sort_of(atom)
            return sort.size - 1 if isinstance(sort, Range) else None
        if isinstance(atom, Remainder):
            return atom.divisor - 1
        high = self.greatest(position(atom.index))
        if high is None:
            return None
        q, r = (high + 1).divided(atom.divisor)  # the least multiple of the divisor above it, if that is known
        if self.bounds.nonnegative(atom.divisor - r) and self.bounds.nonnegative(r - 1):
            return q
        if self.bounds.nonnegative(-r) and self.bounds.nonnegative(atom.divisor + r - 1):
            return q - 1
        return high if self.bounds.nonnegative(high) else None


def quotient_bound(atom: Quotient, rest: Affine, positive: bool) -> Affine:
    """A form that is at least 0 exactly if ``atom + rest`` (or ``rest - atom``) is."""
    inner, divisor = position(atom.index), atom.divisor
    if positive:
        return plus(inner, rest, divisor)
    return plus(plus(Affine((), divisor - 1), rest, divisor), inner, -1)


def forms(g: Guard) -> list[Affine]:
    """Forms that are at least 0 where a guard holds."""
    if isinstance(g, And):
        return [f for p in g.parts for f in forms(p)]
    if isinstance(g, Compare):
        form = position(g.form)
        return [form] if g.relation == ">=" else [form, negative(form)]
    if isinstance(g, Same):
        try:
            form = plus(position(g.left), position(g.right), -1)
        except TypeError:
            return []
        return [form, negative(form)]
    if isinstance(g, Not):
        return _failing(g.part)
    return []


def _failing(g: Guard) -> list[Affine]:
    """Forms that are at least 0 where a guard fails."""
    if isinstance(g, Compare) and g.relation == ">=":
        return [plus(Affine((), Size.number(-1)), position(g.form), -1)]
    if isinstance(g, Or):
        return [f for p in g.parts for f in _failing(p)]
    return forms(g.part) if isinstance(g, Not) else []


__all__ = ["Reach", "forms", "negative", "plus", "quotient_bound"]
