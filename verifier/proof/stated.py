"""Points without a derivative at which a claim says what a gradient is: ``at x[0] == 0: value dx[0] == 0``.

Only clauses that are proved count, and of these the equations that give an entry of a gradient a value by itself.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import product

from ..elaborate.claims import Claim
from ..evaluate.model import Model, Place
from ..evaluate.numbers import Number, Undecided, Undefined
from ..language.show import show
from ..learn.laws import Goal
from ..learn.program import Scope
from ..terms.syntax import Pointwise, Read, Symbol
from ..terms.traverse import cone, reads
from .kinks import Point, point_of, valued
from .refute import Refuter
from .theory import equations_of
from .verdict import PROVED

MODELS = 2


@dataclass(frozen=True)
class Stated:
    """A model on the set of a clause, and entries of gradients there, by the tensor that they are gradients by."""

    why: str
    model: Model
    entries: Mapping[str, Mapping[Place, Number]]


def stated(claim: Claim) -> Iterator[Stated]:
    """Points of the clauses ``value`` of a backward pass."""
    for kink in claim.at:
        if kink.mode != "value":
            continue
        point = point_of(claim, kink)
        if all(c.verdict == PROVED for c in valued(point)):
            yield from _points(point)


def _points(point: Point) -> Iterator[Stated]:
    written = point.claim.written
    assert written is not None  # clauses of backward passes only
    gradients = {line.written: line.of for line in written.lines if line.claimed}
    lines = {line.written for line in written.lines}
    scope = point.inner()
    rows: list[tuple[str, Read, Pointwise]] = []
    goals = []
    for e in point.kink.arguments:
        for h in equations_of(point.claim, scope, e, point.names):
            entry = h.left
            if isinstance(entry, Read) and entry.symbol in gradients and not lines & set(_below(h, scope)):
                rows.append((gradients[entry.symbol], entry, h))
            left, right = (scope.name("value.at", h.indices, side) for side in (h.left, h.right))
            goals.append(Goal("at", show(e), left, right))
    refuter = Refuter(point.problem(scope, goals), MODELS)
    for machine in refuter.machines if rows else ():
        if not refuter.admissible(machine):
            continue
        entries: dict[str, dict[Place, Number]] = {}
        try:
            for of, entry, h in rows:
                for place in product(*(machine.range(v.sort) for v in h.indices)):
                    env = dict(zip(h.indices, place, strict=True))
                    at = tuple(machine.index(i, env) for i in entry.index)
                    entries.setdefault(of, {})[at] = machine.value(h.right, env)
        except (Undefined, Undecided):
            continue
        yield Stated(f"at {show(point.kink.condition)}, where the spec says what it gives", machine.model, entries)


def _below(h: Pointwise, scope: Scope) -> Iterator[Symbol]:
    """Everything that the right side of an equation is computed from."""
    yield from reads(h.right)
    for let in cone([h.right], scope.lets):
        yield let.symbol


__all__ = ["Stated", "stated"]
