"""Known functions of real numbers: each declared once, as data.

Both judges read this table and nothing else about these functions: the domain, the derivative by each argument and
where the function has one, a definition by other functions that holds on the whole domain, and what its values obey.
Tests recompute the derivatives with sympy, and the rest with balls.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from .index import Guard, Holds, Not
from .sorts import REAL
from .syntax import (
    Abstraction,
    Call,
    Condition,
    Constant,
    Function,
    If,
    Read,
    Symbol,
    Term,
    add,
    div,
    mul,
    neg,
    num,
    power,
    sub,
)

X, Y = Symbol("x"), Symbol("y")
ARGUMENTS = (X, Y)
"""The symbols that stand for the arguments of a known function, in order."""
_x, _y = Read(X), Read(Y)


@dataclass(frozen=True, slots=True)
class Known:
    """A known function; its terms are over the symbols `ARGUMENTS`.

    ``slopes``: the derivative by each argument, valid on the domain where ``differentiable`` holds too; None: the
    function is not differentiated by it.
    ``domain``: what is required for the value; ``differentiable``: what more for the derivatives (elsewhere: kinks).
    ``definition``: an equal term, valid on the whole domain, or None for a primitive.
    ``low``, ``high``: bounds of all values, which are ``attained`` or not.
    ``anchors``: pairs (q, f(q)) of rational numbers; only of functions that increase strictly on their domain, an
    interval.
    ``above``: ends of an interval inside which all values are positive, for functions without anchors.
    ``parity``: "odd" where f(-x) = -f(x), "even" where f(-x) = f(x).
    ``at``: pairs (g, t) with f(g(x)) = t for all x in the domain of g.
    """

    name: str
    slopes: tuple[Term | None, ...]
    domain: tuple[Condition, ...] = ()
    differentiable: tuple[Condition, ...] = ()
    definition: Term | None = None
    low: Fraction | None = None
    high: Fraction | None = None
    attained: bool = False
    anchors: tuple[tuple[Fraction, Fraction], ...] = ()
    above: tuple[Fraction, Fraction] | None = None
    parity: str = ""
    at: tuple[tuple[str, Term], ...] = ()

    @property
    def derivative(self) -> Term:
        """The derivative of a function of one argument."""
        (slope,) = self.slopes
        assert slope is not None
        return slope

    @property
    def sign(self) -> str:
        """What is known of the sign of all values: ">", ">=" or ""."""
        if self.low is None or self.low < 0:
            return ""
        return ">" if self.low > 0 or not self.attained else ">="


def symbol(name: str, arity: int = 1) -> Function:
    """The function symbol of a known function."""
    return Function(name, (((), REAL),) * arity, (), REAL, frozenset({"smooth"}), known=True)


def call(name: str, *arguments: Term) -> Call:
    """The known function applied to terms."""
    return Call(symbol(name, len(arguments)), tuple(Abstraction((), a) for a in arguments))


def needs(subject: Term, relation: str, guard: Guard | None = None) -> Condition:
    """``subject relation 0`` is required where the guard holds."""
    return Condition(relation, subject, (), () if guard is None else (guard,))


_zero, _one, _two, _half, _pi = num(0), num(1), num(2), num(Fraction(1, 2)), Constant("pi")
_exp, _log, _tanh, _sig = (call(f, _x) for f in ("exp", "log", "tanh", "sigmoid"))
_square = power(_x, 2)
_below = sub(_one, _square)  # 1 - x^2
_F0, _F1 = Fraction(0), Fraction(1)
_origin = ((_F0, _F0),)
_kink = (needs(_x, "!="),)
_positive = (needs(_x, ">"),)
_inner = (needs(_below, ">"),)
_above = Holds(">", _x)

KNOWN: dict[str, Known] = {
    k.name: k
    for k in (
        # exponentials and logarithms
        Known("exp", (_exp,), low=_F0, anchors=((_F0, _F1),)),
        Known("log", (power(_x, -1),), domain=_positive, anchors=((_F1, _F0),)),
        Known(
            "pow",
            (mul(_y, call("pow", _x, sub(_y, _one))), mul(call("pow", _x, _y), _log)),
            domain=_positive,
            definition=call("exp", mul(_y, _log)),
            low=_F0,
        ),
        Known(
            "sigmoid",
            (mul(_sig, sub(_one, _sig)),),
            definition=power(add(_one, call("exp", neg(_x))), -1),
            low=_F0,
            high=_F1,
            anchors=((_F0, Fraction(1, 2)),),
        ),
        Known("softplus", (_sig,), definition=call("log", add(_one, _exp)), low=_F0),
        Known(
            "logit",
            (power(mul(_x, sub(_one, _x)), -1),),
            domain=(needs(_x, ">"), needs(sub(_one, _x), ">")),
            definition=sub(_log, call("log", sub(_one, _x))),
            anchors=((Fraction(1, 2), _F0),),
        ),
        # circular functions
        Known(
            "sin",
            (call("cos", _x),),
            low=-_F1,
            high=_F1,
            attained=True,
            above=(_F0, Fraction(3)),
            parity="odd",
            at=(("asin", _x), ("atan", mul(_x, power(add(_one, _square), Fraction(-1, 2))))),
        ),
        Known(
            "cos",
            (neg(call("sin", _x)),),
            low=-_F1,
            high=_F1,
            attained=True,
            above=(Fraction(-3, 2), Fraction(3, 2)),
            parity="even",
            at=(("asin", power(_below, Fraction(1, 2))), ("atan", power(add(_one, _square), Fraction(-1, 2)))),
        ),
        Known(
            "asin",
            (power(_below, Fraction(-1, 2)),),
            domain=(needs(_below, ">="),),
            low=Fraction(-2),
            high=Fraction(2),
            anchors=_origin,
            parity="odd",
        ),
        Known(
            "acos",
            (neg(power(_below, Fraction(-1, 2))),),
            domain=(needs(_below, ">="),),
            definition=sub(mul(_half, _pi), call("asin", _x)),
            low=_F0,
            high=Fraction(4),
            attained=True,
        ),
        Known(
            "atan",
            (power(add(_one, _square), -1),),
            low=Fraction(-2),
            high=Fraction(2),
            anchors=_origin,
            parity="odd",
        ),
        Known(
            "atan2",  # the angle of the point (y, x), between -pi and pi; it jumps on the ray x = 0, y < 0
            (div(_y, add(_square, power(_y, 2))), neg(div(_x, add(_square, power(_y, 2))))),
            domain=(needs(_x, "!=", Holds("==", _y)),),
            differentiable=(needs(_x, "!=", Not(Holds(">", _y))),),
            low=Fraction(-4),
            high=Fraction(4),
        ),
        # hyperbolic functions
        Known(
            "tanh",
            (sub(_one, power(_tanh, 2)),),
            definition=div(sub(call("exp", mul(_two, _x)), _one), add(call("exp", mul(_two, _x)), _one)),
            low=-_F1,
            high=_F1,
            anchors=_origin,
            parity="odd",
        ),
        Known(
            "sinh",
            (call("cosh", _x),),
            definition=mul(_half, sub(_exp, call("exp", neg(_x)))),
            anchors=_origin,
            parity="odd",
        ),
        Known(
            "cosh",
            (call("sinh", _x),),
            definition=mul(_half, add(_exp, call("exp", neg(_x)))),
            low=_F1,
            attained=True,
            parity="even",
        ),
        Known("asinh", (power(add(_one, _square), Fraction(-1, 2)),), anchors=_origin, parity="odd"),
        Known(
            "acosh",
            (power(sub(_square, _one), Fraction(-1, 2)),),
            domain=(needs(sub(_x, _one), ">="),),
            low=_F0,
            attained=True,
            anchors=((_F1, _F0),),
        ),
        Known(
            "artanh",
            (power(_below, -1),),
            domain=(needs(add(_one, _x), ">"), needs(sub(_one, _x), ">")),
            definition=mul(_half, sub(call("log", add(_one, _x)), call("log", sub(_one, _x)))),
            anchors=_origin,
            parity="odd",
        ),
        # error and gamma functions
        Known(
            "erf",
            (mul(_two, power(_pi, Fraction(-1, 2)), call("exp", neg(_square))),),
            low=-_F1,
            high=_F1,
            anchors=_origin,
            parity="odd",
            at=(("erfinv", _x),),
        ),
        Known(
            "erfinv",
            (mul(_half, power(_pi, Fraction(1, 2)), call("exp", power(call("erfinv", _x), 2))),),
            domain=_inner,
            anchors=_origin,
            parity="odd",
            at=(("erf", _x),),
        ),
        Known("lgamma", (call("digamma", _x),), domain=_positive),
        Known("digamma", (call("polygamma", _one, _x),), domain=_positive),
        Known(  # the derivative of order x of digamma at y; the order is a natural number
            "polygamma",
            (None, call("polygamma", add(_x, _one), _y)),
            domain=(needs(_y, ">"),),
        ),
        Known(  # the lower incomplete gamma function, divided by gamma
            "igamma",
            (None, call("exp", sub(mul(sub(_x, _one), call("log", _y)), add(_y, call("lgamma", _x))))),
            domain=(needs(_x, ">"), needs(_y, ">=")),
            differentiable=(needs(_y, ">"),),
            low=_F0,
            high=_F1,
            attained=True,
        ),
        Known("i0", (call("i1", _x),), low=_F1, attained=True, parity="even"),
        Known(
            "i1",
            (If(Holds("==", _x), _half, sub(call("i0", _x), div(call("i1", _x), _x))),),
            anchors=_origin,
            parity="odd",
        ),
        # functions with kinks and jumps
        Known(
            "cbrt",
            (mul(num(Fraction(1, 3)), power(call("cbrt", _x), -2)),),
            differentiable=_kink,
            anchors=_origin,
        ),
        Known(
            "abs",
            (call("sign", _x),),
            differentiable=_kink,
            definition=If(_above, _x, neg(_x)),
            low=_F0,
            attained=True,
        ),
        Known(
            "sign",
            (_zero,),
            differentiable=_kink,
            definition=If(_above, _one, If(Holds("==", _x), _zero, num(-1))),
            low=-_F1,
            high=_F1,
            attained=True,
        ),
        Known(
            "step",
            (_zero,),
            differentiable=_kink,
            definition=If(_above, _one, _zero),
            low=_F0,
            high=_F1,
            attained=True,
        ),
        Known(
            "relu",
            (call("step", _x),),
            differentiable=_kink,
            definition=If(_above, _x, _zero),
            low=_F0,
            attained=True,
        ),
        Known("floor", (_zero,), differentiable=(needs(sub(_x, call("floor", _x)), "!="),)),
    )
}
"""``step(x)`` is 1 for x > 0 and 0 for x <= 0; ``sign(0)`` is 0.  A square root is a `Power`."""

__all__ = ["ARGUMENTS", "KNOWN", "Known", "X", "Y", "call", "needs", "symbol"]
