"""``at x == z: subgradient``: what is written lies in Clarke's subdifferential of the layer, for every cotangent.

On both sides of a smooth hypersurface u = 0, grad u != 0, let f be smooth up to the surface, and continuous across it.
Then the subdifferential of f at a point of it is the segment between the limits g- and g+ of its gradient from the two
sides (Clarke, Optimization and Nonsmooth Analysis, Theorem 2.5.1: a null set may be left out).  The limits are the
derived gradients with every choice by the sign of u made: ``sign(u)``, ``step(u)`` and guards that compare u with 0.

Claimed is: the layer does not jump there, and the written gradients of all inputs together are (1 - c) g- + c g+ for
one number c from 0 to 1.  It is refuted where they are so for another c, or where no c does for two entries.  ``when``
holds here as well, but for what it says of u: entries of one kind do not meet their kinks together.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from fractions import Fraction
from functools import partial
from itertools import product

from ..calculus.reverse import NotDifferentiable, reverse, slots
from ..evaluate.numbers import Undecided, Undefined
from ..learn.laws import Goal
from ..terms.index import And, Index, Lookup, Not, Same, Var
from ..terms.sorts import Fin, Range
from ..terms.syntax import (
    ONE,
    ZERO,
    Condition,
    If,
    Read,
    Symbol,
    Term,
    add,
    mul,
    num,
    power,
    sub,
    total,
)
from ..terms.traverse import cone, subterms
from .kinks import Point, entries, unfolded
from .pieces import Pieces
from .problem import Problem
from .refute import Refuter
from .theory import theory_of
from .verdict import PROVED, REFUTED, UNKNOWN, Component

MULTIPLES = tuple(Fraction(*q) for q in ((1, 1), (-1, 1), (2, 1), (-2, 1), (1, 2), (-1, 2)))
MODELS = 4
AT = " at the position"
VARIES = "the weight of the two sides is not one number everywhere"
_SIGNED = {"sign": (num(-1), ZERO, ONE), "step": (ZERO, ZERO, ONE)}  # below 0, at 0, above


Entry = Callable[[tuple[Index, ...]], Term]
Row = tuple[str, Symbol, Symbol, Symbol]
"""A gradient: its name, what is written of it on the surface, and its limits from below and above."""


def subgradient(point: Point) -> list[Component]:
    """The components of a clause of mode ``subgradient``."""
    (equation,) = point.equations()
    if equation.indices:
        return _unknown(point, "the equation is one about many entries; name one position by an index")
    return _Clause(point, sub(equation.left, equation.right)).components()


def _unknown(point: Point, reason: str) -> list[Component]:
    return [Component("at", UNKNOWN, group=point.group, reason=reason, line=point.kink.span.line)]


class _Clause:
    def __init__(self, point: Point, u: Term) -> None:
        assert point.claim.written is not None  # elaboration lets the mode stand on a backward pass only
        self.point, self.written, self.scope = point, point.claim.written, point.inner()
        self.pieces = Pieces(point.scope, point.claim.bounds, u)
        self.equal = entries(point.equations(), point.scope)

    def components(self) -> list[Component]:
        try:
            self._conditions()
        except NotDifferentiable as e:
            return self._unknown(f"the equation is about {e}, which is not smooth")
        lines = [x for x in self.written.lines if x.claimed]
        below, above = (self._piece(sign, [x.derived for x in lines]) for sign in (-1, 1))
        there = self._piece(0, [x.written for x in lines])
        rows = [
            (x.name, there.get(x.written, x.written), below.get(x.derived, x.derived), above.get(x.derived, x.derived))
            for x in lines
        ]
        jumps = [
            goal
            for let in self.written.layer.lets
            for side, new in (("below", below), ("above", above))
            if (s := let.symbol) in there or s in new
            for goal in self._goals(f"{s.label} {side}", s, new.get(s, s), there.get(s, s))
        ]
        numbers = list(self._numbers(rows, jumps))
        if not numbers:
            return self._unknown("no point with rational values was found")
        if any(n is None for n in numbers):
            return self._no_number(rows)
        c = next((n for n in numbers if n is not None and n != "any"), Fraction(1))
        assert isinstance(c, Fraction)
        found = self._at(rows, jumps, c)
        if any(x.verdict != PROVED for x in found):
            torn = [x for x in found[: len(jumps)] if x.verdict != PROVED]
            if not torn:
                return self._unknown(VARIES)
            outputs = {f"{y.label} {side}" for y in self.written.layer.outputs for side in ("below", "above")}
            jump = [x for x in torn if x.verdict == REFUTED and x.port.removesuffix(AT) in outputs]
            return jump or self._unknown(f"whether {torn[0].port.split()[0]} jumps there is not decided by its output")
        if 0 <= c <= 1:
            return found
        outside = [x for x in self._at(rows, [], Fraction(0) if c < 0 else Fraction(1)) if x.verdict == REFUTED]
        return outside or self._unknown(f"it is (1 - c) g- + c g+ with c = {c}")

    def _unknown(self, reason: str) -> list[Component]:
        return _unknown(self.point, reason)

    # ---- the two sides

    def _conditions(self) -> None:
        """What the derived side needs: its kinks, but for this one; and that u has a gradient that is not 0."""
        for c in filter(None, map(self.pieces.elsewhere, self.point.scope.kinks)):
            self.scope.kinks[c] = None
        u = self.scope.name("u.at", (), self.pieces.u)
        one = self.scope.name("one.at", (), ONE)
        wrt = self.written.layer.differentiated
        found = reverse([self.scope.lets[u.name]], {u: one}, wrt, self.scope.define)
        for k in found.kinks:
            self.scope.kinks[k] = None
        squares = [total(slots(s), power(Read(d, slots(s)), 2)) for s, d in found.gradient.items() if d is not None]
        slope = self.scope.name("slope.at", (), add(*squares) if squares else ZERO)
        self.scope.kinks[Condition("!=", Read(slope), (), (), "both sides are met")] = None

    def _piece(self, sign: int, goals: Sequence[Symbol]) -> dict[Symbol, Symbol]:
        """The layer and some gradients on one side of the surface, or on it: what changes, in new lets."""
        layer = [let.symbol for let in self.written.layer.lets]
        lets = cone([Read(s, slots(s)) for s in (*goals, *layer)], self.point.scope.lets)
        return self.pieces.piece(self.scope, lets, sign)

    # ---- goals

    def _goals(self, label: str, s: Symbol, left: Symbol, right: Symbol) -> Iterator[Goal]:
        """``left == right`` entry by entry: at the positions of the clause, and elsewhere."""
        yield from self._split(label, s, lambda i: Read(left, i), lambda i: Read(right, i))

    def _split(self, label: str, s: Symbol, left: Entry, right: Entry) -> Iterator[Goal]:
        own = slots(s)
        places = {v: self._positions(v) for v in own}
        for choice in product(*([None, *places[v]] for v in own)):
            index = tuple(v if at is None else at for v, at in zip(own, choice, strict=True))
            free = tuple(v for v, at in zip(own, choice, strict=True) if at is None)
            apart = [Not(Same(v, at)) for v in free for at in places[v]]
            sides = []
            for make in (left, right):
                t = unfolded(make(index), self.scope.lets, self.equal)
                sides.append(If(And(tuple(apart)), t, ZERO) if apart else t)
            shown = label if not any(choice) else label + AT
            names = [self.scope.name(f"{n}.at", free, t) for n, t in zip(("left", "right"), sides, strict=True)]
            yield Goal("at", shown, *names)

    def _positions(self, v: Var) -> list[Index]:
        """The positions of the clause that an index of an axis may be."""
        if not isinstance(v.sort, Range):
            return []
        found = {s: None for t in subterms(self.pieces.u) for s in _lookups(t)}
        return [Lookup(s, ()) for s in found if s.value == Fin(v.sort.size)]

    def _at(self, rows: Sequence[Row], jumps: Sequence[Goal], c: Fraction) -> list[Component]:
        goals = list(jumps)
        for name, w, low, high in rows:

            def between(i: tuple[Index, ...], low: Symbol = low, high: Symbol = high) -> Term:
                return add(mul(num(1 - c), Read(low, i)), mul(num(c), Read(high, i)))

            goals += self._split(name, w, partial(Read, w), between)
        return self._judged(goals)

    def _judged(self, goals: Sequence[Goal]) -> list[Component]:
        return self.point.told(self._problem(goals))

    def _problem(self, goals: Sequence[Goal]) -> Problem:
        """Goals on the set of the clause, and where the claim itself is made, but for this kink."""
        claim, kink = self.point.claim, self.point.kink
        theory = theory_of(replace(claim, when=(*claim.when, kink.condition)), self.scope, self.point.names)
        stated = [c for c in map(self.pieces.elsewhere, theory.stated) if c is not None]
        return Problem(replace(theory, stated=(*stated, *self.point.apart)), self.scope, tuple(goals))

    def _numbers(self, rows: Sequence[Row], jumps: Sequence[Goal]) -> Iterator[Fraction | str | None]:
        """c at some points; "any" where the sides agree and what is written agrees with them, None where none does."""
        dummy = [g for name, w, low, _ in rows for g in self._goals(name, w, w, low)]
        refuter = Refuter(self._problem([*dummy, *jumps]), MODELS)
        for machine in refuter.machines:
            found: list[Fraction] = []
            wrong = False
            try:
                for _, w, low, high in rows:
                    values = (machine.tensor(s) for s in (w, low, high))
                    for x, a, b in zip(*(v.values() for v in values), strict=True):
                        if not all(isinstance(y, Fraction) for y in (x, a, b)):
                            raise Undecided("no rational number")
                        if a == b:
                            wrong |= x != a
                        else:
                            found.append((x - a) / (b - a))
            except (Undefined, Undecided):
                continue
            yield None if wrong or len(set(found)) > 1 else found[0] if found else "any"

    def _no_number(self, rows: Sequence[Row]) -> list[Component]:
        """No c does for all entries at a point: what is written is off the line through g- and g+."""
        name, w, low, high = rows[0]
        goals: list[Goal] = []
        for other, v, less, more in rows:
            own, its = slots(w), tuple(replace(x, name=x.name + "'") for x in slots(v))
            one = mul(sub(Read(w, own), Read(low, own)), sub(Read(more, its), Read(less, its)))
            two = mul(sub(Read(v, its), Read(less, its)), sub(Read(high, own), Read(low, own)))
            sides = [self.scope.name(f"{n}.at", (*own, *its), t) for n, t in (("left", one), ("right", two))]
            goals.append(Goal("at", f"{name} and {other} on one line", *sides))
        same = [g for name, _, low, high in rows for g in self._goals(name, low, low, high)]
        if all(x.verdict == PROVED for x in self._judged(same)):  # the segment is a point
            goals += [g for name, w, low, _ in rows for g in self._goals(name, w, w, low)]
        found = [x for x in self._judged(goals) if x.verdict == REFUTED]
        return found or self._unknown(VARIES)


def _lookups(t: Term) -> list[Symbol]:
    return [i.symbol for i in t.index if isinstance(i, Lookup)] if isinstance(t, Read) else []


__all__ = ["subgradient"]
