"""Small finite learners that satisfy all equations of a square but one: each equation is needed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import product
from random import Random

from ..evaluate.machine import Machine
from ..evaluate.model import Model, Place
from ..evaluate.numbers import Number
from ..evaluate.smooth import Entries, Entry
from ..learn.laws import Goal
from ..learn.learner import Learner
from ..learn.program import Scope
from ..terms.sorts import Element
from ..terms.syntax import Call, Function

BITS = (Fraction(0), Fraction(1))
TRIES = 4_000


@dataclass(frozen=True)
class Table:
    """A function of bits, by its values in order, the last argument varying fastest."""

    values: tuple[int, ...]

    def __call__(
        self, outputs: Place, arguments: tuple[Entries, ...], partials: Sequence[Entry], sizes: Mapping[str, int]
    ) -> Number:
        place = 0
        for entries in arguments:
            place = 2 * place + int(entries[()])
        return Fraction(self.values[place])

    def __str__(self) -> str:
        return f"({', '.join(map(str, self.values))})"


def violator(layers: Sequence[Learner], scope: Scope, goals: Sequence[Goal], alone: int) -> str | None:
    """Tables of the layers over {0, 1} at which one goal fails and the others hold; None if none is found."""
    functions = [_functions(f) for f in layers]
    if any(rows is None for rows in functions) or any(not isinstance(s.value, Element) for s in scope.inputs):
        return None
    random = Random(0)
    for attempt in range(TRIES):
        tables: dict[str, Table] = {}
        for rows in functions:
            assert rows is not None  # checked above
            tables |= _near_getput(rows, random, attempt)
        broken = _broken(scope, goals, tables)
        if set(broken) == {alone}:
            shown = ", ".join(f"{name} = {t}" for name, t in tables.items())
            return f"{shown}; at {broken[alone]}"
    return None


def _functions(f: Learner) -> tuple[Function, Function, Function] | None:
    """I, U and R of an opaque learner with one parameter and one port on each side."""
    lets = (*f.implement.lets, *f.step.lets)
    found = [let.body.function for let in lets if isinstance(let.body, Call) and not let.body.function.known]
    return (found[0], found[1], found[2]) if len(found) == len(lets) == 3 else None


def _near_getput(rows: tuple[Function, Function, Function], random: Random, attempt: int) -> dict[str, Table]:
    """A learner with GetPut, with a few values changed: then most equations of a local square hold."""
    i = tuple(random.randrange(2) for _ in range(4))
    places = list(product(range(2), repeat=3))
    u = [p if i[2 * p + a] == b else random.randrange(2) for p, a, b in places]
    r = [a if i[2 * p + a] == b else random.randrange(2) for p, a, b in places]
    for _ in range(attempt % 3):
        table = random.choice((u, r))
        table[random.randrange(8)] ^= 1
    return dict(zip((f.name for f in rows), (Table(i), Table(tuple(u)), Table(tuple(r))), strict=True))


def _broken(scope: Scope, goals: Sequence[Goal], tables: Mapping[str, Table]) -> dict[int, str]:
    """The goals that fail somewhere, each with its first point."""
    found: dict[int, str] = {}
    for row in product(BITS, repeat=len(scope.inputs)):
        values = {s.name: {(): x} for s, x in zip(scope.inputs, row, strict=True)}
        machine = Machine(Model({}, values, tables), scope.lets)
        for k, g in enumerate(goals):
            if k not in found and machine.tensor(g.left) != machine.tensor(g.right):
                found[k] = ", ".join(f"{s.label} = {x}" for s, x in zip(scope.inputs, row, strict=True))
    return found


__all__ = ["Table", "violator"]
