"""Values of known functions: exact where they are rational, else balls; of dual numbers with their derivatives."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from math import factorial, floor

from ..terms.index import And, Guard, Holds, Not
from ..terms.known import ARGUMENTS, KNOWN
from ..terms.syntax import Add, Call, Condition, Constant, If, Mul, Num, Power, Read, Term
from .numbers import Dual, Number, Undecided, Undefined, ball, constant, is_ball, plus, power, sign, times

ONE, HALF = Fraction(1), Fraction(1, 2)


def _ball(x: Number) -> Number:
    return ball(x) if isinstance(x, Fraction) else x


def _minus(x: Number, y: Number) -> Number:
    return plus(x, times(Fraction(-1), y))


def _by(method: str, argument: int | None = None, value: int = 0) -> Callable[[Number], Number]:
    """A method of balls; at one rational argument the value is rational."""

    def evaluate(x: Number) -> Number:
        if isinstance(x, Fraction) and x == argument:
            return Fraction(value)
        return _finite(getattr(_ball(x), method)())

    return evaluate


def _finite(x: Number) -> Number:
    if is_ball(x) and not x.is_finite():
        raise Undecided("a value that is not bounded")
    return x


def _require(x: Number, strict: bool, fault: str) -> None:
    """Raises Undefined, with this fault, unless a number is positive or, not strictly, at least 0."""
    s = sign(x)
    if s < 0 or (strict and s == 0):
        raise Undefined(fault)


def _log(x: Number) -> Number:
    _require(x, True, "the logarithm of a number that is not positive")
    return _by("log", 1)(x)


def _pow(x: Number, y: Number) -> Number:
    _require(x, True, "a power of a number that is not positive, with an exponent that varies")
    if isinstance(y, Fraction):
        return power(x, y)
    return Fraction(1) if x == 1 and isinstance(x, Fraction) else _ball(x) ** y


def _sigmoid(x: Number) -> Number:
    if isinstance(x, Fraction) and x == 0:
        return HALF
    return power(plus(ONE, _exp(times(Fraction(-1), x))), Fraction(-1))


def _logit(x: Number) -> Number:
    rest = _minus(ONE, x)
    _require(x, True, "logit of a number that is not positive")
    _require(rest, True, "logit beyond 1")
    return _log(times(x, power(rest, Fraction(-1))))


def _artanh(x: Number) -> Number:
    _require(plus(ONE, x), True, "artanh outside (-1, 1)")
    _require(_minus(ONE, x), True, "artanh outside (-1, 1)")
    return _by("atanh", 0)(x)


def _arc(name: str) -> Callable[[Number], Number]:
    def evaluate(x: Number) -> Number:
        for edge, side in ((ONE, 1), (-ONE, -1)):
            if isinstance(x, Fraction) and x == edge:
                return ball(0 if (name, side) == ("acos", 1) else side * HALF if name == "asin" else 1) * constant("pi")
        _require(_minus(ONE, times(x, x)), False, f"{name} outside [-1, 1]")
        return _by(name, 0 if name == "asin" else 1)(x)

    return evaluate


def _acosh(x: Number) -> Number:
    _require(_minus(x, ONE), False, "acosh below 1")
    return _by("acosh", 1)(x)


def _atan2(x: Number, y: Number) -> Number:
    """The angle of the point (y, x): by the quotient that is bounded, on the side of the plane that is certain."""
    from flint import arb

    s, right = sign(x), sign(y) if isinstance(y, Fraction) or not y.overlaps(ball(0)) else 0
    if s == 0:
        if right == 0:
            raise Undefined("an angle at the origin")
        return Fraction(0) if right > 0 else constant("pi")
    return arb.atan2(_ball(x), _ball(y))


def _erfinv(x: Number) -> Number:
    _require(_minus(ONE, times(x, x)), True, "erfinv outside (-1, 1)")
    return _by("erfinv", 0)(x)


def _lgamma(x: Number) -> Number:
    _require(x, True, "lgamma of a number that is not positive")
    return Fraction(0) if isinstance(x, Fraction) and x in (1, 2) else _by("lgamma")(x)


def _digamma(x: Number) -> Number:
    _require(x, True, "digamma of a number that is not positive")
    return _by("digamma")(x)


def _polygamma(order: Number, x: Number) -> Number:
    """By the zeta function of Hurwitz: (-1)^(n+1) n! zeta(n + 1, x) for x > 0."""
    if not isinstance(order, Fraction) or order.denominator != 1 or order < 0:
        raise Undefined("polygamma of an order that is no natural number")
    _require(x, True, "polygamma of a number that is not positive")
    n = int(order)
    if n == 0:
        return _digamma(x)
    return _finite(ball((-1) ** (n + 1) * factorial(n)) * ball(n + 1).zeta(_ball(x)))


def _igamma(a: Number, x: Number) -> Number:
    _require(a, True, "igamma of an order that is not positive")
    _require(x, False, "igamma of a negative number")
    if isinstance(x, Fraction) and x == 0:
        return Fraction(0)
    return _finite(_ball(x).gamma_lower(_ball(a), regularized=1))


def _bessel(order: int) -> Callable[[Number], Number]:
    def evaluate(x: Number) -> Number:
        if isinstance(x, Fraction) and x == 0:
            return Fraction(1 - order)
        return _finite(_ball(x).bessel_i(ball(order)))

    return evaluate


def _cbrt(x: Number) -> Number:
    s = sign(x)
    return Fraction(0) if s == 0 else times(Fraction(s), power(times(Fraction(s), x), Fraction(1, 3)))


def _floor(x: Number) -> Number:
    """Raises Undecided for a ball that meets two floors."""
    if isinstance(x, Fraction):
        return Fraction(floor(x))
    low, high = (end.floor().unique_fmpz() for end in (x.lower(), x.upper()))
    if low is None or low != high:
        raise Undecided("a ball that holds a whole number")
    return Fraction(int(low))


_exp = _by("exp", 0, 1)

FUNCTIONS: dict[str, Callable[..., Number]] = {
    "exp": _exp,
    "log": _log,
    "pow": _pow,
    "sigmoid": _sigmoid,
    "softplus": lambda x: _log(plus(ONE, _exp(x))),
    "logit": _logit,
    "sin": _by("sin", 0),
    "cos": _by("cos", 0, 1),
    "asin": _arc("asin"),
    "acos": _arc("acos"),
    "atan": _by("atan", 0),
    "atan2": _atan2,
    "tanh": _by("tanh", 0),
    "sinh": _by("sinh", 0),
    "cosh": _by("cosh", 0, 1),
    "asinh": _by("asinh", 0),
    "acosh": _acosh,
    "artanh": _artanh,
    "erf": _by("erf", 0),
    "erfinv": _erfinv,
    "lgamma": _lgamma,
    "digamma": _digamma,
    "polygamma": _polygamma,
    "igamma": _igamma,
    "i0": _bessel(0),
    "i1": _bessel(1),
    "cbrt": _cbrt,
    "abs": lambda x: times(Fraction(sign(x)), x),
    "sign": lambda x: Fraction(sign(x)),
    "step": lambda x: Fraction(1 if sign(x) > 0 else 0),
    "relu": lambda x: x if sign(x) > 0 else Fraction(0),
    "floor": _floor,
}
"""The value of each known function at numbers that are no dual ones."""


def known(name: str, *arguments: Number) -> Number:
    """A known function of numbers; of dual numbers with its derivative.  Raises Undefined, also at a kink."""
    if not any(isinstance(x, Dual) for x in arguments):
        return FUNCTIONS[name](*arguments)
    row = KNOWN[name]
    values = [x.value if isinstance(x, Dual) else x for x in arguments]
    total: Number = Fraction(0)
    for c in row.differentiable:
        if not _holds(c, values):
            raise Undefined(f"no derivative of {name} there")
    for x, slope in zip(arguments, row.slopes, strict=True):
        if not isinstance(x, Dual) or (isinstance(x.slope, Fraction) and x.slope == 0):
            continue
        if slope is None:
            raise Undefined(f"no derivative of {name} by this argument")
        total = plus(total, times(template(slope, values), x.slope))
    return Dual(known(name, *values), total)


def template(t: Term, values: list[Number]) -> Number:
    """The value of a term over the arguments of a known function."""
    if isinstance(t, Num):
        return t.value
    if isinstance(t, Constant):
        return constant(t.name)
    if isinstance(t, Read):
        return values[ARGUMENTS.index(t.symbol)]
    if isinstance(t, Add | Mul):
        total: Number = Fraction(int(isinstance(t, Mul)))
        for p in t.parts:
            total = (plus if isinstance(t, Add) else times)(total, template(p, values))
        return total
    if isinstance(t, Power):
        return power(template(t.base, values), t.exponent)
    if isinstance(t, If):
        return template(t.then if _guard(t.guard, values) else t.other, values)
    if isinstance(t, Call) and t.function.known:
        return known(t.function.name, *(template(a.body, values) for a in t.arguments))
    raise ValueError(f"not a term over the arguments of a known function: {t}")


def _guard(g: Guard, values: list[Number]) -> bool:
    if isinstance(g, Holds):
        s = sign(template(g.subject, values))
        return s == 0 if g.relation == "==" else s > 0 if g.relation == ">" else s >= 0
    if isinstance(g, Not):
        return not _guard(g.part, values)
    if isinstance(g, And):
        return all(_guard(p, values) for p in g.parts)
    raise ValueError(f"not a condition on the arguments of a known function: {g}")


def _holds(c: Condition, values: list[Number]) -> bool:
    if not all(_guard(g, values) for g in c.guards):
        return True
    s = sign(template(c.subject, values))  # type: ignore[arg-type]
    return s > 0 if c.relation == ">" else s >= 0 if c.relation == ">=" else s != 0


__all__ = ["FUNCTIONS", "known", "template"]
