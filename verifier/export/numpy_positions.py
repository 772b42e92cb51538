"""Positions, reads and conditions as NumPy: how the axes of expressions meet.

Axes are in the order in which their index variables were bound; to combine two expressions, axes of length one are put
where an index is missing.  A position that is guarded is clipped into its axis, since NumPy evaluates both branches.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager

from ..terms.index import (
    Affine,
    And,
    Compare,
    Guard,
    Holds,
    Index,
    Lookup,
    Not,
    Or,
    Quotient,
    Remainder,
    Same,
    Var,
)
from ..terms.sizes import Size
from ..terms.sorts import Fin, Range, Sort, extent
from ..terms.syntax import Symbol, Term
from .numpy_arrays import ATOM, CHOICE, POWER, PRODUCT, SUM, Array, Names, NoNumpy


class Positions(ABC):
    """Index variables in scope; collects the index arrays and sizes that a function needs."""

    def __init__(self, names: Names) -> None:
        self.names = names
        self.context: list[Var] = []
        self.ranges: dict[str, str] = {}  # index arrays: name -> definition
        self.sizes: dict[str, None] = {}
        self.lines: list[str] = []  # of the function's body, in order
        self._kept: dict[str, str] = {}
        self.guarded = 0
        self.choices = False

    @abstractmethod
    def term(self, t: Term) -> Array:
        """A term as an array."""

    def kept(self, text: str, wish: str) -> str:
        """The name of what is computed once, in a line of its own, however often it is asked for."""
        if text not in self._kept:
            self._kept[text] = self.names.of(("kept", text), wish)
            self.lines.append(f"{self._kept[text]} = {text}")
        return self._kept[text]

    # ---- axes

    @contextmanager
    def bound(self, indices: Sequence[Var]) -> Iterator[None]:
        """Inside, these indices are in scope, after all others."""
        before = len(self.context)
        self.context += indices
        try:
            yield
        finally:
            del self.context[before:]

    @contextmanager
    def branches(self) -> Iterator[None]:
        """Inside, what is written may have no value where nobody asks for it."""
        self.choices = True
        self.guarded += 1
        try:
            yield
        finally:
            self.guarded -= 1

    def order(self, axes: Iterable[Var]) -> tuple[Var, ...]:
        """Index variables in the order in which they were bound."""
        return tuple(sorted(dict.fromkeys(axes), key=self.context.index))

    def union(self, rows: Iterable[Array]) -> tuple[Var, ...]:
        """The axes of several expressions together."""
        return self.order(v for r in rows for v in r.axes)

    def aligned(self, a: Array, axes: Sequence[Var], level: int = CHOICE) -> str:
        """The expression with an axis of length one for each missing index, but for leading ones."""
        if not a.axes:
            return a.at(level)
        first = next(k for k, v in enumerate(axes) if v in a.axes)
        marks = [":" if v in a.axes else "None" for v in axes[first:]]
        return a.at(level) if "None" not in marks else f"{a.at(ATOM)}[{', '.join(marks)}]"

    def spread(self, a: Array, axes: tuple[Var, ...]) -> Array:
        """The expression with exactly these axes, repeated along those that it lacks."""
        if a.axes == axes:
            return a
        shape = ", ".join(self.size(extent(v.sort)).at(SUM) for v in axes)
        comma = "," if len(axes) == 1 else ""
        return Array(f"np.broadcast_to({self.aligned(a, axes)}, ({shape}{comma}))", ATOM, axes)

    # ---- positions

    def size(self, s: Size) -> Array:
        """A size as a number."""
        shown, level = "", ATOM
        for names, c in sorted(s.terms, key=lambda t: (t[1] < 0, not t[0])):
            self.sizes.update(dict.fromkeys(names))
            factors = [*([str(abs(c))] if abs(c) != 1 or not names else []), *(self.names.of(n, n) for n in names)]
            shown += (" - " if c < 0 else " + ") if shown else "-" if c < 0 else ""
            level = SUM if shown and len(s.terms) > 1 else PRODUCT if len(factors) > 1 else ATOM
            shown += "*".join(factors)
        return Array(shown or "0", SUM if shown.startswith("-") else level)

    def read(self, symbol: Symbol, index: Sequence[Index]) -> Array:
        """An entry of a tensor, for all values of the indices."""
        return self.entries(Array(self.names.of(symbol, symbol.label), ATOM), index, symbol.axes)

    def entries(self, whole: Array, index: Sequence[Index], axes: Sequence[Sort]) -> Array:
        """Entries of an array with these axes."""
        if not index:
            return whole
        # An index of a smaller range may stand on an axis: then the tensor is not read whole.
        plain = [i for i, axis in zip(index, axes, strict=True) if isinstance(i, Var) and axis == i.sort]
        if len(plain) == len(set(plain)) == len(index):
            order = self.order(plain)
            if tuple(plain) == order:
                return Array(whole.text, ATOM, order)
            turned = ", ".join(str(plain.index(v)) for v in order)
            shown = f"{whole.text}.T" if len(plain) == 2 else f"{whole.text}.transpose({turned})"
            return Array(shown, ATOM, order, (whole.text, tuple(plain)))
        rows = [self.position(i) for i in index]
        union = self.union(rows)
        pieces = []
        for r, i, axis in zip(rows, index, axes, strict=True):
            text = self.aligned(r, union)
            if self.guarded and not (isinstance(i, Var) and i.sort == axis) and isinstance(axis, Range):
                text = f"np.clip({text}, 0, {self.size(axis.size - 1).text})"
            pieces.append(text)
        return Array(f"{whole.text}[{', '.join(pieces)}]", ATOM, union)

    def position(self, i: Index) -> Array:
        """An index as an array of positions."""
        if isinstance(i, Var):
            if not isinstance(i.sort, Range):
                raise NoNumpy("an index that is no position")
            name = self.names.of(("index", i), i.name.split(".")[0])
            self.ranges[name] = f"np.arange({self.size(i.sort.size).text})"
            return Array(name, ATOM, (i,))
        if isinstance(i, Lookup):
            found = self.read(i.symbol, i.index)
            whole = isinstance(i.symbol.value, Fin)
            return found if whole else Array(f"np.int64({found.text})", ATOM, found.axes)
        if isinstance(i, Affine):
            return self._affine(i)
        if isinstance(i, Quotient | Remainder):
            inner, sign = self.position(i.index), "//" if isinstance(i, Quotient) else "%"
            return Array(f"{inner.at(POWER)} {sign} {self.size(i.divisor).at(ATOM)}", PRODUCT, inner.axes)
        raise NoNumpy("an index that is no position")

    def _affine(self, i: Affine) -> Array:
        rows = [(self.position(v), c) for v, c in i.terms]
        union = self.union(r for r, _ in rows)
        shown = ""
        for r, c in sorted(rows, key=lambda p: isinstance(p[1], int) and p[1] < 0):
            minus = isinstance(c, int) and c < 0
            shown += (" - " if minus else " + ") if shown else "-" if minus else ""
            times = self.size(c).at(PRODUCT) if isinstance(c, Size) else str(abs(c))
            shown += (f"{times}*" if times != "1" else "") + self.aligned(r, union, POWER)
        offset = self.size(i.offset).text
        if offset != "0" or not shown:
            sign = " + " if shown else ""
            shown += f" - {offset[1:]}" if shown and offset[0] == "-" and " " not in offset[1:] else f"{sign}{offset}"
        return Array(shown, SUM, union)

    # ---- conditions

    def guard(self, g: Guard) -> Array:
        """A condition as an array of truth values."""
        if isinstance(g, Compare):
            row = self.position(g.form)
            return Array(f"{row.at(SUM)} {g.relation} 0", CHOICE, row.axes)
        if isinstance(g, Same):
            return self._together([self.position(g.left), self.position(g.right)], " == ", SUM)
        if isinstance(g, Not):
            inner = self.guard(g.part)
            return Array(f"np.logical_not({inner.text})", ATOM, inner.axes)  # ~ of a bool of Python is true
        if isinstance(g, And | Or):
            if not g.parts:
                return Array(str(isinstance(g, And)), ATOM)
            return self._together([self.guard(p) for p in g.parts], " & " if isinstance(g, And) else " | ", ATOM)
        if isinstance(g, Holds):
            row = self.term(g.subject)
            return Array(f"{row.at(SUM)} {g.relation} 0", CHOICE, row.axes)
        raise NoNumpy("a condition of an unknown kind")

    def _together(self, rows: Sequence[Array], sign: str, level: int) -> Array:
        axes = self.union(rows)
        return Array(sign.join(self.aligned(r, axes, level) for r in rows), CHOICE, axes)


__all__ = ["Positions"]
