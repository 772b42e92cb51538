"""Known functions of one real variable: each declared once, as data.

Both judges read this table and nothing else about these functions: the domain, the derivative and where the
function has one, and, where there is one, a definition by other functions that holds on the whole domain.
A test recomputes the derivatives with sympy.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from .index import Holds
from .sorts import REAL
from .syntax import Abstraction, Call, Function, If, Read, Symbol, Term, add, div, mul, neg, num, power, sub

X = Symbol("x")
_x = Read(X)


@dataclass(frozen=True, slots=True)
class Known:
    """A known function; its terms are over the symbol `X`, the argument.

    ``domain``: pairs (term, relation) with ``term relation 0`` required for the value.
    ``differentiable``: further such pairs required for the derivative; what they exclude are the kinks.
    ``derivative``: valid on the domain where ``differentiable`` holds too.
    ``definition``: an equal term, valid on the whole domain, or None for a primitive.
    ``sign``: what is known of all values: ">", ">=" or "".
    """

    name: str
    derivative: Term
    domain: tuple[tuple[Term, str], ...] = ()
    differentiable: tuple[tuple[Term, str], ...] = ()
    definition: Term | None = None
    sign: str = ""


def symbol(name: str) -> Function:
    """The function symbol of a known function."""
    return Function(name, (((), REAL),), (), REAL, frozenset({"smooth"}), known=True)


def call(name: str, argument: Term) -> Call:
    """The known function applied to a term."""
    return Call(symbol(name), (Abstraction((), argument),))


_one, _two, _half = num(1), num(2), Fraction(1, 2)
_above = Holds(">", _x)
_exp, _tanh, _sig = call("exp", _x), call("tanh", _x), call("sigmoid", _x)

KNOWN: dict[str, Known] = {
    k.name: k
    for k in (
        Known("exp", _exp, sign=">"),
        Known("log", power(_x, -1), domain=((_x, ">"),)),
        Known("sin", call("cos", _x)),
        Known("cos", neg(call("sin", _x))),
        Known(
            "tanh",
            sub(_one, power(_tanh, 2)),
            definition=div(sub(call("exp", mul(_two, _x)), _one), add(call("exp", mul(_two, _x)), _one)),
        ),
        Known("sinh", call("cosh", _x), definition=mul(num(_half), sub(_exp, call("exp", neg(_x))))),
        Known("cosh", call("sinh", _x), definition=mul(num(_half), add(_exp, call("exp", neg(_x)))), sign=">"),
        Known(
            "sigmoid",
            mul(_sig, sub(_one, _sig)),
            definition=power(add(_one, call("exp", neg(_x))), -1),
            sign=">",
        ),
        Known("softplus", _sig, definition=call("log", add(_one, _exp)), sign=">"),
        Known(
            "logit",
            power(mul(_x, sub(_one, _x)), -1),
            domain=((_x, ">"), (sub(_one, _x), ">")),
            definition=sub(call("log", _x), call("log", sub(_one, _x))),
        ),
        Known(
            "artanh",
            power(sub(_one, power(_x, 2)), -1),
            domain=((add(_one, _x), ">"), (sub(_one, _x), ">")),
            definition=mul(num(_half), sub(call("log", add(_one, _x)), call("log", sub(_one, _x)))),
        ),
        Known("cbrt", mul(num(Fraction(1, 3)), power(call("cbrt", _x), -2)), differentiable=((_x, "!="),)),
        Known("abs", call("sign", _x), differentiable=((_x, "!="),), definition=If(_above, _x, neg(_x)), sign=">="),
        Known(
            "sign",
            num(0),
            differentiable=((_x, "!="),),
            definition=If(_above, _one, If(Holds("==", _x), num(0), num(-1))),
        ),
        Known("step", num(0), differentiable=((_x, "!="),), definition=If(_above, _one, num(0)), sign=">="),
        Known("relu", call("step", _x), differentiable=((_x, "!="),), definition=If(_above, _x, num(0)), sign=">="),
    )
}
"""``step(x)`` is 1 for x > 0 and 0 for x <= 0; ``sign(0)`` is 0.  A square root is a `Power`."""

__all__ = ["KNOWN", "Known", "X", "call", "symbol"]
