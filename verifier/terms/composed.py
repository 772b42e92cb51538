"""Functions that are written by known functions, arithmetic and guards: each declared once, as data.

Where a spec uses one, its term is put in its place; so values, derivatives, conditions and kinks are those of the term.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from .index import Guard, Holds
from .known import call
from .syntax import Constant, If, Read, Symbol, Term, add, div, mul, neg, num, power, sub
from .traverse import map_reads, subterms

_SYMBOLS = tuple(Symbol(n) for n in "xab")
_x, _a, _b = (Read(s) for s in _SYMBOLS)


@dataclass(frozen=True, slots=True)
class Composed:
    """``term`` over the first ``arity`` of the symbols x, a, b; ``defaults``: of the last arguments."""

    name: str
    term: Term
    arity: int = 1
    defaults: tuple[Fraction, ...] = ()

    def shares(self, argument: int) -> bool:
        """Whether the term has an argument more than once."""
        return sum(isinstance(t, Read) and t.symbol == _SYMBOLS[argument] for t in subterms(self.term)) > 1

    def at(self, *arguments: Term) -> Term:
        """The term at arguments; the last ones may be left out where they have defaults.

        >>> from .mathematics import text
        >>> text(COMPOSED["leaky_relu"].at(Read(Symbol("u"))))
        'u if u > 0 else u/100'
        """
        missing = self.arity - len(arguments)
        values = (
            (*arguments, *(num(d) for d in self.defaults[len(self.defaults) - missing :])) if missing else arguments
        )
        table = dict(zip(_SYMBOLS, values, strict=False))
        return map_reads(self.term, lambda s, ix: table[s])


def _f(name: str, *arguments: Term) -> Term:
    return call(name, *arguments)


def _above(t: Term, u: Term | None = None) -> Guard:
    """``t > u``, or ``t > 0``."""
    return Holds(">", t if u is None else sub(t, u))


def _q(text: str) -> Term:
    return num(Fraction(text))


def _either(t: Term, u: Term, *, greater: bool) -> Term:
    """The greater or the smaller of two numbers."""
    return If(_above(t, u) if greater else _above(u, t), t, u)


_one, _two, _half, _pi = num(1), num(2), _q("1/2"), Constant("pi")
_exp, _root2 = _f("exp", _x), power(num(2), Fraction(-1, 2))
_normal = mul(_half, add(_one, _f("erf", mul(_x, _root2))))  # the distribution function of the normal law
_expm1 = sub(_exp, _one)
_hard = If(_above(_x, num(-3)), If(_above(num(3), _x), mul(_q("1/6"), add(_x, num(3))), _one), num(0))
_nearest = _f("floor", add(_x, _half))
_SCALE, _ALPHA = _q("1.0507009873554804934193349852946"), _q("1.6732632423543772848170429916717")
_truncated = If(Holds(">=", _x), _f("floor", _x), neg(_f("floor", neg(_x))))
_ratio = div(_x, _a)

COMPOSED: dict[str, Composed] = {
    c.name: c
    for c in (
        # powers, exponentials, logarithms
        Composed("sqrt", power(_x, Fraction(1, 2))),
        Composed("rsqrt", power(_x, Fraction(-1, 2))),
        Composed("square", power(_x, 2)),
        Composed("reciprocal", power(_x, -1)),
        Composed("hypot", power(add(power(_x, 2), power(_a, 2)), Fraction(1, 2)), 2),
        Composed("exp2", _f("exp", mul(_x, _f("log", _two)))),
        Composed("expm1", _expm1),
        Composed("log1p", _f("log", add(_one, _x))),
        Composed("log2", div(_f("log", _x), _f("log", _two))),
        Composed("log10", div(_f("log", _x), _f("log", num(10)))),
        Composed("logaddexp", _f("log", add(_exp, _f("exp", _a))), 2),
        Composed("xlogy", If(Holds("==", _x), num(0), mul(_x, _f("log", _a))), 2),
        # circular and hyperbolic functions, other names
        Composed("tan", div(_f("sin", _x), _f("cos", _x))),
        *(Composed(f"arc{n}", _f(f"a{n}", _x)) for n in ("sin", "cos", "tan", "sinh", "cosh")),
        Composed("atanh", _f("artanh", _x)),
        Composed("arctanh", _f("artanh", _x)),
        Composed("arctan2", _f("atan2", _x, _a), 2),
        # error and gamma functions
        Composed("erfc", sub(_one, _f("erf", _x))),
        Composed("erfcx", mul(_f("exp", power(_x, 2)), sub(_one, _f("erf", _x)))),
        Composed("ndtr", _normal),
        Composed("log_ndtr", _f("log", _normal)),
        Composed("trigamma", _f("polygamma", _one, _x)),
        # activations
        Composed("logsigmoid", neg(_f("softplus", neg(_x)))),
        Composed("silu", mul(_x, _f("sigmoid", _x))),
        Composed("swish", mul(_x, _f("sigmoid", mul(_a, _x))), 2, (Fraction(1),)),
        Composed("gelu", mul(_x, _normal)),
        Composed(
            "gelu_tanh",
            mul(
                _half,
                _x,
                add(
                    _one,
                    _f("tanh", mul(power(div(_two, _pi), Fraction(1, 2)), add(_x, mul(_q("0.044715"), power(_x, 3))))),
                ),
            ),
        ),
        Composed("mish", mul(_x, _f("tanh", _f("softplus", _x)))),
        Composed("softsign", div(_x, add(_one, _f("abs", _x)))),
        Composed("tanhshrink", sub(_x, _f("tanh", _x))),
        Composed("elu", If(_above(_x), _x, mul(_a, _expm1)), 2, (Fraction(1),)),
        Composed("celu", If(_above(_x), _x, mul(_a, sub(_f("exp", _ratio), _one))), 2, (Fraction(1),)),
        Composed("selu", If(_above(_x), mul(_SCALE, _x), mul(_SCALE, _ALPHA, _expm1))),
        Composed("leaky_relu", If(_above(_x), _x, mul(_a, _x)), 2, (Fraction(1, 100),)),
        Composed("relu6", _either(_either(_x, num(0), greater=True), num(6), greater=False)),
        Composed("threshold", If(_above(_x, _a), _x, _b), 3),
        Composed("hardsigmoid", _hard),
        Composed("hardswish", mul(_x, _hard)),
        Composed(
            "hardtanh",
            _either(_either(_x, _a, greater=True), _b, greater=False),
            3,
            (Fraction(-1), Fraction(1)),
        ),
        Composed(
            "softshrink",
            If(_above(_x, _a), sub(_x, _a), If(_above(neg(_x), _a), add(_x, _a), num(0))),
            2,
            (Fraction(1, 2),),
        ),
        Composed("hardshrink", If(_above(_x, _a), _x, If(_above(neg(_x), _a), _x, num(0))), 2, (Fraction(1, 2),)),
        # whole numbers
        Composed("ceil", neg(_f("floor", neg(_x)))),
        Composed("trunc", _truncated),
        Composed(
            "round",  # to the nearest whole number, halves to the even one
            If(
                Holds("==", sub(add(_x, _half), _nearest)), mul(_two, _f("floor", mul(_half, add(_x, _half)))), _nearest
            ),
        ),
        Composed("remainder", sub(_x, mul(_a, _f("floor", _ratio))), 2),
        Composed(
            "fmod",
            sub(_x, mul(_a, If(Holds(">=", _ratio), _f("floor", _ratio), neg(_f("floor", neg(_ratio)))))),
            2,
        ),
    )
}

__all__ = ["COMPOSED", "Composed"]
