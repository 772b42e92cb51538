"""Layouts: into which digits and parts the axes of one proof are taken apart.

A layout of an extent is a bijection of its positions: *digits*, i = low_extent * high + low (heads h*D + d in H*D), or
*parts*, one after another (the three thirds of a packed axis, the two sides of a concatenation).  All axes of one
extent have one layout; digits and parts have layouts in turn.  Which layout is chosen is no matter of soundness:
positions that do not fit it are computed (`Translator`).  It is chosen from what the terms ask for:
a multiple by E in a position, ``// E`` and ``% E`` ask for digits; a position that spans from one place of an axis to
another, and a comparison with a size, ask for parts.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import TypeAlias

from ..terms.index import (
    Affine,
    Compare,
    Index,
    Quotient,
    Remainder,
    Same,
    Var,
    affine,
    combine,
    comparisons,
    position,
)
from ..terms.reach import Reach
from ..terms.sizes import Bounds, Size
from ..terms.sorts import Fin, Range, Sort
from ..terms.syntax import Call, If, Read, Term
from ..terms.traverse import subterms

FEW = 8
"""Axes of at most so many positions may be taken apart into single positions."""


@dataclass(frozen=True, slots=True)
class Digits:
    """i = low * (high digit) + (low digit)."""

    high: Size
    low: Size


@dataclass(frozen=True, slots=True)
class Parts:
    """Intervals one after another; an extent 1 is a single position."""

    extents: tuple[Size, ...]

    def offsets(self) -> list[Size]:
        """Where each part starts."""
        starts = [Size.number(0)]
        for e in self.extents[:-1]:
            starts.append(starts[-1] + e)
        return starts


Layout: TypeAlias = Digits | Parts
Layouts: TypeAlias = dict[Size, Layout]


def layouts(terms: Iterable[Term], bounds: Bounds) -> Layouts:
    """The layouts that terms ask for."""
    requests = _Requests(bounds)
    for t in terms:
        requests.visit(t)
    return requests.settle()


@dataclass
class _Requests:
    bounds: Bounds
    digits: dict[Size, Counter[Size]] = field(default_factory=dict)
    cuts: dict[Size, set[Size]] = field(default_factory=dict)
    closed: set[Size] = field(default_factory=set)  # axes of functions and ranges of whole numbers stay whole

    def __post_init__(self) -> None:
        self.reach = Reach(self.bounds)

    def visit(self, t: Term) -> None:
        """Note what a term asks for."""
        for s in subterms(t):
            if isinstance(s, Read):
                self._positions(s.index, s.symbol.axes)
                if isinstance(s.symbol.value, Fin):
                    self.closed.add(s.symbol.value.size)
            elif isinstance(s, Call) and not s.function.known:
                axes = [*s.function.axes, *(a for row, _ in s.function.arguments for a in row)]
                self.closed.update(a.size for a in axes if isinstance(a, Range))
            elif isinstance(s, If):
                for g in comparisons(s.guard):
                    self._comparison(g)

    def _positions(self, index: tuple[Index, ...], axes: tuple[Sort, ...]) -> None:
        for i, axis in zip(index, axes, strict=True):
            if isinstance(axis, Range) and not (isinstance(i, Var) and i.sort == axis):
                self._on(i, axis.size)

    def _on(self, i: Index, extent: Size) -> None:
        """A position on an axis."""
        try:
            form = position(i)
        except TypeError:
            return
        self._divisions(form)
        low, high = self.reach.least(form), self.reach.greatest(form)
        own = extent
        if low is not None and high is not None:
            self._cut(extent, low)
            self._cut(extent, high + 1)
            own = high + 1 - low
        for _, c in form.terms:
            by = Size.number(abs(c)) if isinstance(c, int) else c if self.bounds.nonnegative(c) else -c
            for whole in dict.fromkeys((extent, own)):
                self._digit(whole, by)
            if all(_divides(by, Size.number(d) if isinstance(d, int) else d) for _, d in form.terms):
                self._singles(by)

    def _divisions(self, form: Affine) -> None:
        """What is divided, in a position."""
        for atom, _ in form.terms:
            if not isinstance(atom, Quotient | Remainder):
                continue
            try:
                inner = position(atom.index)
            except TypeError:
                continue
            self._divisions(inner)
            for v, c in inner.terms:
                if isinstance(v, Var) and isinstance(v.sort, Range) and c in (1, -1):
                    self._digit(v.sort.size, atom.divisor)
                    if inner.offset.terms:
                        for place in (inner.offset, -inner.offset):
                            self._cut(v.sort.size, place)
                            self._cut(v.sort.size, place + atom.divisor)

    def _comparison(self, g: Compare | Same) -> None:
        """A position that an index is compared with is one on the axis of that index."""
        try:
            form = position(g.form if isinstance(g, Compare) else combine(g.left, g.right, -1))
        except TypeError:
            return
        self._divisions(form)
        for v, c in form.terms:
            if isinstance(v, Remainder):
                self._singles(v.divisor)
            if isinstance(v, Var) and isinstance(v.sort, Range) and c in (1, -1):
                others = {w: -d if c == 1 else d for w, d in form.terms if w != v}
                self._on(affine(others, form.offset * (-1 if c == 1 else 1)), v.sort.size)

    def _digit(self, whole: Size, by: Size) -> None:
        if by != Size.number(1) and by != whole and not whole.divided(by)[1].terms and self.bounds.nonnegative(by - 1):
            self.digits.setdefault(whole, Counter())[by] += 1

    def _cut(self, whole: Size, place: Size) -> None:
        """A place inside an axis, if both sides are sums of products of sizes."""
        for side in (place, whole - place):
            if not side.terms or any(c < 0 for _, c in side.terms):
                return
        if (whole.constant() or 0) <= FEW:
            self.cuts.setdefault(whole, set()).add(place)

    def _singles(self, extent: Size) -> None:
        """A digit that is known, or compared: the few values that it may have."""
        if (extent.constant() or 0) > 1:
            self._cut(extent, Size.number(1))

    # ---- settling

    def settle(self) -> Layouts:
        """One layout for each extent: greater extents first, since they pass requests on to their parts."""
        found: Layouts = {}
        while True:
            open_ = [s for s in (*self.cuts, *self.digits) if s not in found and s not in self.closed]
            if not open_:
                return found
            whole = max(open_, key=lambda s: (max(len(m) for m, _ in s.terms), sum(c for _, c in s.terms), s.terms))
            by = self.digits.get(whole, Counter())
            if whole in self.cuts:
                found[whole] = parts = Parts(self._parts(whole, by))
                for part in parts.extents:
                    for digit in by:
                        self._digit(part, digit)
            else:
                found[whole] = self._digits(whole, by)

    def _parts(self, whole: Size, digits: Iterable[Size]) -> tuple[Size, ...]:
        count = whole.constant()
        if count is not None:
            return (Size.number(1),) * count
        places = set(self.cuts[whole])
        for digit in digits:
            few = whole.divided(digit)[0].constant()
            if few is not None and few <= FEW:
                places |= {digit * k for k in range(1, few)}
        return tuple(self._between(whole, places))

    def _between(self, whole: Size, places: set[Size]) -> Iterator[Size]:
        """The extents between places, which are put in order; a place that cannot be is left out."""
        chain: list[Size] = []
        for p in sorted(places, key=lambda s: s.terms):
            k = sum(1 for q in chain if self.bounds.nonnegative(p - q))
            if all(self.bounds.nonnegative(q - p) for q in chain[k:]):
                chain.insert(k, p)
        last = Size.number(0)
        for p in (*chain, whole):
            yield p - last
            last = p

    def _digits(self, whole: Size, by: Counter[Size]) -> Digits:
        """The greatest of the digits that divide each other, the most wanted first; the others are passed on."""
        chain: list[Size] = []
        for digit, _ in sorted(by.items(), key=lambda t: (-t[1], t[0].terms)):
            if all(_divides(a, digit) or _divides(digit, a) for a in chain):
                chain.append(digit)
        top = next(a for a in chain if all(_divides(b, a) for b in chain))
        for digit in chain:
            self._digit(top, digit)
        return Digits(whole.divided(top)[0], top)


def _divides(by: Size, whole: Size) -> bool:
    return not whole.divided(by)[1].terms


__all__ = ["Digits", "Layout", "Layouts", "Parts", "layouts"]
