"""The standard error functions, with the domains on which they are meant.  Source: theory, section 9."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import TypeAlias

from ..terms.known import call
from ..terms.syntax import Read, Symbol, Term, add, div, mul, neg, num, power, sub

X, Y, K = Symbol("x"), Symbol("y"), Symbol("k")
Interval: TypeAlias = tuple[Fraction, Fraction]


@dataclass(frozen=True, slots=True)
class Standard:
    """An error e(x, y) over the symbols `X` and `Y`; ``positive`` and ``intervals`` say where its symbols range."""

    name: str
    error: Term
    positive: tuple[Symbol, ...] = ()
    intervals: Mapping[Symbol, Interval] = field(default_factory=dict)


_x, _y, _k = Read(X), Read(Y), Read(K)
_one, _half = num(1), Fraction(1, 2)
_both = (X, Y)
_unit = (Fraction(0), Fraction(1))


def _log(t: Term) -> Term:
    return call("log", t)


def _square(t: Term) -> Term:
    return power(t, 2)


_u = sub(_x, _y)

STANDARD: tuple[Standard, ...] = (
    Standard("half square", div(_square(_u), num(2))),
    Standard("square", _square(_u)),
    Standard("weighted half square", mul(div(_k, num(2)), _square(_u)), (K,)),
    Standard("weighted square", mul(_k, _square(_u)), (K,)),
    Standard("product", mul(_x, _y)),
    Standard("quartic", power(_u, 4)),
    Standard(
        "binary cross entropy",
        neg(add(mul(_y, _log(_x)), mul(sub(_one, _y), _log(sub(_one, _x))))),
        (),
        {X: _unit},
    ),
    Standard("cross entropy", neg(mul(_y, _log(_x))), (X,)),
    Standard("kl", mul(_y, _log(div(_y, _x))), _both),
    Standard("generalised kl", add(sub(mul(_y, _log(div(_y, _x))), _y), _x), _both),
    Standard("reverse kl", add(sub(mul(_x, _log(div(_x, _y))), _x), _y), _both),
    Standard(
        "reverse binary kl",
        add(mul(_x, _log(div(_x, _y))), mul(sub(_one, _x), _log(div(sub(_one, _x), sub(_one, _y))))),
        (),
        {X: _unit, Y: _unit},
    ),
    Standard("itakura-saito", sub(sub(div(_y, _x), _log(div(_y, _x))), _one), _both),
    Standard("hellinger", _square(sub(power(_x, _half), power(_y, _half))), _both),
    Standard("log cosh", _log(call("cosh", _u))),
    Standard("exponential", call("exp", _u)),
    Standard("absolute", call("abs", _u)),
    Standard("cauchy", _log(add(_one, _square(_u)))),
    Standard("hinge", call("relu", sub(_one, mul(_x, _y)))),
    Standard("logistic", _log(add(_one, call("exp", neg(mul(_x, _y)))))),
    Standard("softplus logistic", call("softplus", neg(mul(_x, _y)))),
)

__all__ = ["STANDARD", "Interval", "Standard"]
