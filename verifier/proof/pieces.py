"""Both sides of a hypersurface u = 0: where a subject of choices is a multiple of u, and lets with the choices made."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import product

from ..kernel import Kernel
from ..learn.program import Scope
from ..terms.index import INDICES, And, Guard, Holds, Index, Lookup, Not, Or, Same, Var
from ..terms.sizes import Bounds
from ..terms.syntax import ONE, ZERO, Call, Condition, Equation, If, Let, Read, Symbol, Term, mul, num
from ..terms.traverse import free_indices, rename_indices, subterms
from .hypotheses import put
from .kinks import unfolded

MULTIPLES = tuple(Fraction(*q) for q in ((1, 1), (-1, 1), (2, 1), (-2, 1), (1, 2), (-1, 2)))
_SIGNED = {"sign": (num(-1), ZERO, ONE), "step": (ZERO, ZERO, ONE)}  # below 0, at 0, above


@dataclass(frozen=True)
class Side:
    """Where a subject is a multiple of u: at these positions of its indices; ``factor``: the sign of the multiple."""

    factor: int
    where: tuple[tuple[Var, Index], ...]

    @property
    def here(self) -> Guard:
        return And(tuple(Same(v, at) for v, at in self.where))


class Pieces:
    """Choices by the sign of u, made: in the lets of a scope, for one sign near the surface, or on it."""

    def __init__(self, scope: Scope, bounds: Bounds, u: Term) -> None:
        self.lets = dict(scope.lets)
        self.u = unfolded(u, self.lets, {})
        self.kernel = Kernel(self.lets, bounds)
        self.sides: dict[Term, Side | None] = {}

    def elsewhere(self, c: Condition) -> Condition | None:
        """A condition without what it says of u."""
        side = self.side(c.subject) if c.relation == "!=" and not isinstance(c.subject, INDICES) else None
        if side is None:
            return c
        return replace(c, guards=(*c.guards, Not(side.here))) if side.where else None

    def side(self, subject: Term) -> Side | None:
        """Where a subject is a multiple of u; None if it is nowhere known to be."""
        if subject not in self.sides:
            self.sides[subject] = self._matched(subject)
        return self.sides[subject]

    def piece(self, scope: Scope, lets: Sequence[Let], sign: int) -> dict[Symbol, Symbol]:
        """What changes where u has a sign, near the surface or on it, in new lets of a scope."""
        new: dict[Symbol, Symbol] = {}
        for let in lets:
            body = put(put(let.body, lambda x: self._chosen(x, sign)), lambda x: _moved(x, new))
            if body != let.body:
                new[let.symbol] = scope.name(f"{let.symbol.name}.{sign:+d}", let.indices, body)
        return new

    def _matched(self, subject: Term) -> Side | None:
        """Where a subject is a multiple of u, by the entries that both read; None if it is nowhere known to be."""
        plain = unfolded(subject, self.lets, {})
        free = sorted(free_indices(plain), key=lambda v: v.name)
        options: list[list[Index]] = [[] for _ in free]
        for r in (t for t in subterms(plain) if isinstance(t, Read)):
            for mine in (t for t in subterms(self.u) if isinstance(t, Read) and t.symbol == r.symbol):
                for k, v in enumerate(free):
                    at = [mine.index[d] for d, x in enumerate(r.index) if x == v]
                    options[k] += [x for x in at[:1] if isinstance(x, Lookup) and x not in options[k]]
        for places in product(*options):
            moved = rename_indices(plain, dict(zip(free, places, strict=True)))
            if free_indices(moved):
                continue
            for q in MULTIPLES:
                if self.kernel.equal(Equation((), moved, mul(num(q), self.u))).proved:
                    return Side(1 if q > 0 else -1, tuple(zip(free, places, strict=True)))
        return None

    def _chosen(self, x: object, sign: int) -> object:
        """A choice by the sign of u, made."""
        if isinstance(x, Call) and x.function.known and x.function.name in ("sign", "step"):
            side = self.side(x.arguments[0].body)
            if side is None:
                return None
            value = _SIGNED[x.function.name][1 + side.factor * sign]
            return If(side.here, value, x) if side.where else value
        if isinstance(x, Holds):
            side = self.side(x.subject)
            if side is None:
                return None
            now = side.factor * sign
            chosen = And(()) if {">": now > 0, ">=": now >= 0, "==": now == 0}[x.relation] else Or(())
            return Or((And((side.here, chosen)), And((Not(side.here), x)))) if side.where else chosen
        return None


def _moved(x: object, new: Mapping[Symbol, Symbol]) -> Read | None:
    return Read(new[x.symbol], x.index) if isinstance(x, Read) and x.symbol in new else None


__all__ = ["Pieces", "Side"]
