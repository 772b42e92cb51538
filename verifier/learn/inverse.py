"""Certifying the inverse of a slope: sympy proposes f, and it counts only when the kernel proves the inverse laws.

right:  e_x(x, f(x, z)) = z        left:  f(x, e_x(x, y)) = y
total:  f(x, z) is defined for every real z (else a request may leave its domain)
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import product

from ..evaluate.machine import Machine
from ..evaluate.model import Model
from ..evaluate.numbers import Undecided, Undefined, same, show_number
from ..kernel import Kernel
from ..terms.definedness import of_term
from ..terms.signs import SignTable
from ..terms.sizes import Bounds
from ..terms.syntax import Condition, Equation, Read, Term
from ..terms.traverse import reads
from .errors import Error, X, Y, Z, inverse_laws, put

GRID = [Fraction(n, d) for d in (1, 2) for n in (0, 1, -1, 2, -2, 3, -3, 5)]


def certify(error: Error, facts: Iterable[Condition] = ()) -> Error:
    """The error with the inverse laws that the kernel proves; ``facts`` are about x, y and parameters."""
    if error.inverse is None:
        return error
    declared = [*facts, *error.domain]
    signs = SignTable({}, Bounds(), declared)
    symbols = {s for t in (error.derivative, error.inverse) for s in reads(t)}
    positive = sorted(s.name for s in symbols if signs.of(Read(s)) == {1})
    proved = set()
    for law, (_, left, right) in inverse_laws(error).items():
        kernel = Kernel({}, Bounds(), positive=positive)
        if kernel.equal(Equation((), left, right)).proved:
            proved.add(law)
    total = all(signs.implies(c) for c in of_term(error.inverse))
    stays = all(signs.implies(_at(c, error.inverse)) for c in error.domain)
    return replace(error, laws=frozenset(proved), total=total, stays=stays)


def _at(c: Condition, inverse: Term) -> Condition:
    """A condition on the domain of x or y, about f(x, z) instead: a request is a source and becomes a target."""
    return Condition(c.relation, put(c.subject, {X: inverse, Y: inverse}))  # type: ignore[arg-type]


@dataclass(frozen=True)
class Missed:
    """A slope z that de/dx(x, -) does not take at x, or whose f(x, z) lies outside the domain: a request leaves it."""

    x: str
    z: str
    value: str


def missed(error: Error) -> Missed | None:
    """An exact point at which f(x, z) is undefined or outside the domain, smallest first; None if none is found.

    With the left law proved, f is defined wherever z is a slope; so where it is not, z is missed.
    """
    if error.inverse is None:
        return None
    others = [s for s in reads(error.inverse) if s not in (X, Z)]
    for z, x in product(GRID, GRID):
        point = {X.name: {(): x}, Z.name: {(): z}, **{s.name: {(): Fraction(2)} for s in others}}
        machine = Machine(Model({}, {**point, Y.name: {(): Fraction(0)}}, {}), {})
        about_x = [c for c in error.domain if reads(c.subject) == (X,)]  # type: ignore[arg-type]
        try:
            if not all(machine.holds(c) for c in about_x):
                continue
            value = machine.value(error.inverse)
        except Undefined:
            return Missed(str(x), str(z), "undefined")
        except Undecided:
            continue
        try:
            if not all(machine.holds(_at(c, error.inverse)) for c in error.domain):
                return Missed(str(x), str(z), show_number(value))
        except (Undefined, Undecided):
            continue
    return None


@dataclass(frozen=True)
class TwoPoints:
    """Two targets y that the slope at one x does not tell apart: e_x(x, -) is not injective."""

    x: str
    first: str
    second: str
    value: str


def two_points(error: Error) -> TwoPoints | None:
    """Exact points at which a slope is not injective, smallest first; None if none is found."""
    others = [s for s in reads(error.derivative) if s not in (X, Y)]
    for x, first, second in product(GRID, GRID, GRID):
        if first >= second:
            continue
        values = []
        for y in (first, second):
            point = {X.name: {(): x}, Y.name: {(): y}, **{s.name: {(): Fraction(2)} for s in others}}
            machine = Machine(Model({}, point, {}), {})
            try:
                if not all(machine.holds(c) for c in error.domain):
                    break
                values.append(machine.value(error.derivative))
            except (Undefined, Undecided):
                break
        if len(values) == 2 and same(values[0], values[1]):
            return TwoPoints(str(x), str(first), str(second), str(values[0]))
    return None
