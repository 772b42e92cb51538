"""Certifying the inverse of a slope: sympy proposes f, and it counts only when the kernel proves the inverse laws.

right:  e_x(x, f(x, z)) = z        left:  f(x, e_x(x, y)) = y
total:  f(x, z) is defined for every real z (else a request may leave its domain)
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import product

from ..evaluate.machine import Machine
from ..evaluate.model import Model
from ..evaluate.numbers import Number, Undecided, Undefined, same, show_number
from ..kernel import Kernel
from ..terms.definedness import of_term
from ..terms.signs import SignTable
from ..terms.sizes import Bounds
from ..terms.syntax import Condition, Equation, Num, Read, Schematic, Symbol, Term, sub
from ..terms.traverse import reads
from .between import level
from .errors import Error, X, Y, Z, inverse_laws, put
from .slope import uninterpreted

GRID = [Fraction(n, d) for d in (1, 2) for n in (0, 1, -1, 2, -2, 3, -3, 5)]


def certify(error: Error, facts: Iterable[Condition] = (), schematic: Sequence[Schematic] = ()) -> Error:
    """The error with the inverse laws that the kernel proves; ``facts`` are about x, y and parameters.

    ``schematic``: what is declared of functions that the error is made of.
    """
    if error.inverse is None:
        return error
    declared = [*facts, *error.domain]
    signs = SignTable({}, Bounds(), declared)
    symbols = {s for t in (error.derivative, error.inverse) for s in reads(t)}
    positive = sorted(s.name for s in symbols if signs.of(Read(s)) == {1})
    proved = set()
    for law, (_, left, right) in inverse_laws(error).items():
        kernel = Kernel({}, Bounds(), schematic=schematic, positive=positive)
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
    parameters: tuple[tuple[str, str], ...] = ()


def missed(error: Error, facts: Iterable[Condition] = ()) -> Missed | None:
    """An exact point at which f(x, z) is undefined or outside the domain, smallest first; None if none is found.

    The caller knows that f is defined wherever z is a slope (the left law, with no condition left open); so where it
    is not, z is missed.
    """
    others = parameter_values(error.inverse, facts) if error.inverse is not None else None
    if error.inverse is not None and uninterpreted(error.inverse):
        return None
    if error.inverse is None or others is None:
        return None
    for z, x in product(GRID, GRID):
        point = {X.name: {(): x}, Z.name: {(): z}, **{name: {(): v} for name, v in others.items()}}
        machine = Machine(Model({}, {**point, Y.name: {(): Fraction(0)}}, {}), {})
        about_x = [c for c in error.domain if reads(c.subject) == (X,)]  # type: ignore[arg-type]
        try:
            if not all(machine.holds(c) for c in about_x):
                continue
            value = machine.value(error.inverse)
        except Undefined:
            return Missed(str(x), str(z), "undefined", _shown(others))
        except Undecided:
            continue
        try:
            if not all(machine.holds(_at(c, error.inverse)) for c in error.domain):
                return Missed(str(x), str(z), show_number(value), _shown(others))
        except (Undefined, Undecided):
            continue
    return None


@dataclass(frozen=True)
class TwoPoints:
    """Two targets y that the slope at one x does not tell apart: e_x(x, -) is not injective.

    The targets are exact numbers, or ``a number in (p, q)`` where one is shown to exist.
    """

    x: str
    first: str
    second: str
    value: str
    parameters: tuple[tuple[str, str], ...] = ()


def parameter_values(t: Term, facts: Iterable[Condition]) -> dict[str, Fraction] | None:
    """Values of the numbers that a term reads besides x, y and z, at which all that is declared of them holds."""
    names = [s for s in reads(t) if s not in (X, Y, Z)]
    about = [c for c in facts if isinstance(c.subject, Term) and set(reads(c.subject)) <= set(names)]
    for row in product([Fraction(2), Fraction(5), Fraction(-1), *GRID], repeat=len(names)):
        machine = Machine(Model({}, {s.name: {(): v} for s, v in zip(names, row, strict=True)}, {}), {})
        try:
            if all(machine.holds(c) for c in about):
                return {s.name: v for s, v in zip(names, row, strict=True)}
        except (Undefined, Undecided):
            continue
    return None


def two_points(error: Error, facts: Iterable[Condition] = ()) -> TwoPoints | None:
    """Exact points at which a slope is not injective, smallest first; None if none is found."""
    others = parameter_values(error.derivative, facts)
    if others is None or uninterpreted(error.derivative):
        return None
    for x, first, second in product(GRID, GRID, GRID):
        if first >= second:
            continue
        values = []
        for y in (first, second):
            point = {X.name: {(): x}, Y.name: {(): y}, **{name: {(): v} for name, v in others.items()}}
            machine = Machine(Model({}, point, {}), {})
            try:
                if not all(machine.holds(c) for c in error.domain):
                    break
                values.append(machine.value(error.derivative))
            except (Undefined, Undecided):
                break
        if len(values) == 2 and same(values[0], values[1]):
            return TwoPoints(str(x), str(first), str(second), str(values[0]), _shown(others))
    return _level(error, others)


def unreached(error: Error, facts: Iterable[Condition] = ()) -> Missed | None:
    """A slope that de/dx(x, -) does not take at an x, by signs and ranges of terms; None if none is seen."""
    others = parameter_values(error.derivative, facts)
    if others is None or uninterpreted(error.derivative):
        return None
    table = {Symbol(name): Num(v) for name, v in others.items()}
    signs = SignTable({}, Bounds(), [c for c in error.domain if X not in reads(c.subject)])  # type: ignore[arg-type]
    for z, x in product(GRID, GRID):
        gap = sub(put(error.derivative, {**table, X: Num(x)}), Num(z))
        if _inside_x(error, x) and 0 not in signs.of(gap):
            return Missed(str(x), str(z), "", _shown(others))
    return None


def _inside_x(error: Error, x: Fraction) -> bool:
    machine = Machine(Model({}, {X.name: {(): x}}, {}), {})
    return all(machine.holds(c) for c in error.domain if reads(c.subject) == (X,))  # type: ignore[arg-type]


def _level(error: Error, others: dict[str, Fraction]) -> TwoPoints | None:
    """Two points that are shown to exist between exact ones: where no formula gives them."""
    for x in GRID:

        def slope(y: Number, x: Fraction = x) -> Number:
            point = {X.name: {(): x}, Y.name: {(): y}, **{name: {(): v} for name, v in others.items()}}
            return Machine(Model({}, point, {}), {}).value(error.derivative)

        points = [y for y in GRID if _inside(error, x, y, others)]
        found = level(slope, points)
        if found is not None:
            first, second = (f"a number in ({low}, {high})" for low, high in (found.first, found.second))
            return TwoPoints(str(x), first, second, str(found.value), _shown(others))
    return None


def _inside(error: Error, x: Fraction, y: Fraction, others: dict[str, Fraction]) -> bool:
    """Whether a point lies in the domain of an error: an interval of each argument."""
    point = {X.name: {(): x}, Y.name: {(): y}, **{name: {(): v} for name, v in others.items()}}
    machine = Machine(Model({}, point, {}), {})
    try:
        return all(machine.holds(c) for c in error.domain)
    except (Undefined, Undecided):
        return False


def _shown(values: dict[str, Fraction]) -> tuple[tuple[str, str], ...]:
    return tuple((Symbol(name).label, str(v)) for name, v in values.items())
