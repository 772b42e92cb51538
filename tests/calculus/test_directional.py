"""One-sided directional derivatives against difference quotients, exactly where pieces are linear or quadratic."""

from __future__ import annotations

from fractions import Fraction
from random import Random

import pytest

from verifier.calculus.directional import directional
from verifier.calculus.reverse import NotDifferentiable
from verifier.evaluate.machine import Machine
from verifier.evaluate.model import Model
from verifier.evaluate.numbers import Undefined
from verifier.learn.program import Scope
from verifier.terms.choice import both
from verifier.terms.index import Holds, Var
from verifier.terms.known import call
from verifier.terms.sizes import Size
from verifier.terms.sorts import REAL, Range
from verifier.terms.syntax import (
    Abstraction,
    Call,
    Extreme,
    Function,
    If,
    Prod,
    Read,
    Symbol,
    Term,
    Total,
    Where,
    add,
    always,
    mul,
    num,
    power,
    sub,
)

AXIS = Range(Size.number(3))
I = Var("i", AXIS)  # noqa: E741
X, Z = Symbol("x", (AXIS,)), Symbol("z")
x, z = Read(X, (I,)), Read(Z)
STEP = Fraction(1, 10**9)

TERMS: dict[str, Term] = {
    "abs": Total((I,), call("abs", sub(x, z))),
    "relu": Total((I,), mul(x, call("relu", sub(x, z)))),
    "abs of abs": Total((I,), call("abs", sub(call("abs", x), call("abs", z)))),
    "greatest": Extreme("max", (I,), always(), mul(x, x)),
    "least of greatest": Extreme("min", (I,), always(), call("relu", sub(x, z))),
    "choice": Total((I,), If(Holds(">", sub(x, z)), mul(num(3), sub(x, z)), sub(power(x, 2), power(z, 2)))),
    "closed choice": Total((I,), If(Holds(">=", x), x, mul(num(2), x))),
    "both": Total((I,), If(both(Holds(">", x), Holds(">", z)), mul(x, z), num(0))),
    "product": Prod((I,), call("abs", x)),
    "equal": Total((I,), If(Holds("==", sub(x, z)), num(0), mul(sub(x, z), x))),
    "sign": Total((I,), mul(x, call("sign", x))),
    "root": Total((I,), power(power(call("abs", x), 2), Fraction(1))),
}


def both_sides(t: Term, values: dict, step: dict) -> tuple[Fraction, Fraction] | None:
    """The difference quotient and the derivative; None where the derivative has no value."""
    scope = Scope()
    y = scope.name("y", (), t)
    v, w = Symbol("v", (AXIS,)), Symbol("w")
    found = directional(list(scope.lets.values()), {X: v, Z: w}, scope.define, scope.lets)
    if y not in found.tangents:
        return None
    model = Model({}, {**values, "v": step["x"], "w": step["z"]}, {})
    machine = Machine(model, scope.lets)
    try:
        if not all(machine.holds(c) for c in found.conditions):
            return None
        slope = machine.tensor(found.tangents[y])[()]
    except Undefined:
        return None
    moved = {n: {p: e + STEP * step[n][p] for p, e in rows.items()} for n, rows in values.items()}
    after, now = (Machine(Model({}, rows, {}), scope.lets).tensor(y)[()] for rows in (moved, values))
    return (after - now) / STEP, slope


@pytest.mark.parametrize("name", TERMS)
def test_difference_quotients(name: str) -> None:
    random, decided = Random(name), 0
    for k in range(300):
        few = (-1, 0, 1) if k % 3 else (0, 1)
        values = {
            "x": {(j,): Fraction(random.choice(few)) for j in range(3)},
            "z": {(): Fraction(random.choice((-1, 0, 1)))},
        }
        step = {
            "x": {(j,): Fraction(random.choice((-1, 0, 0, 1, 2))) for j in range(3)},
            "z": {(): Fraction(random.choice((-1, 0, 1)))},
        }
        found = both_sides(TERMS[name], values, step)
        if found is not None:
            decided += 1
            quotient, slope = found
            assert abs(quotient - slope) < 100 * STEP, (values, step)
    assert decided > 60


def test_a_jump_has_no_derivative_on_the_side_that_it_jumps_to() -> None:
    jump = If(Holds(">", z), num(1), num(0))
    t = add(jump, Total((I,), x))
    values = {"x": {(j,): Fraction(1) for j in range(3)}, "z": {(): Fraction(0)}}
    for up, decided in ((1, False), (0, False), (-1, True)):
        step = {"x": {(j,): Fraction(1) for j in range(3)}, "z": {(): Fraction(up)}}
        assert (both_sides(t, values, step) is not None) == decided


def test_branches_that_part_to_second_order_only_are_not_guessed() -> None:
    """max(z^2 - x, 0) on the parabola, along its tangent: the first derivative of z^2 - x is 0 there."""
    t = If(Holds(">", sub(mul(z, z), Total((I,), x))), mul(num(5), z), mul(num(5), z))
    values = {"x": {(0,): Fraction(1), (1,): Fraction(0), (2,): Fraction(0)}, "z": {(): Fraction(1)}}
    along = {"x": {(0,): Fraction(2), (1,): Fraction(0), (2,): Fraction(0)}, "z": {(): Fraction(1)}}
    assert both_sides(t, values, along) == (5, 5)  # equal branches: nothing to decide
    t = If(Holds(">", sub(mul(z, z), Total((I,), x))), z, mul(z, z))
    assert both_sides(t, values, along) is None


@pytest.mark.parametrize(
    "t",
    [
        Where("max", (I,), always(), x),
        Extreme("max", (I,), Holds(">", x), x),
        Call(Function("g", (((), REAL),)), (Abstraction((), z),)),
    ],
)
def test_what_has_none_in_general_is_refused(t: Term) -> None:
    scope = Scope()
    scope.name("y", (), mul(t, num(2)))
    with pytest.raises(NotDifferentiable):
        directional(list(scope.lets.values()), {X: X, Z: Z}, scope.define, scope.lets)
