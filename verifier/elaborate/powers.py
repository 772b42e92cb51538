"""Powers with a whole exponent that varies: of any base, where `pow` of real numbers asks for a positive one.

x^n is pow(x, n) for x > 0, pow(-x, n) or its negative for x < 0, as n is even or odd, and at 0 it is 0, 1 or without
a value, as n is positive, 0 or negative.  An exponent below a number that is written is taken value by value.
"""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from ..language import syntax as tree
from ..terms import index as ix
from ..terms import syntax as t
from ..terms.index import Guard
from ..terms.known import call as known_call
from ..terms.signs import SignTable, domain_facts
from ..terms.sorts import Fin
from . import tensors
from .tensors import Tensor

if TYPE_CHECKING:
    from .expressions import Expressions

FEW = 8


def whole_power(x: Expressions, e: tree.Binary, base: Tensor) -> Tensor:
    """``base ^ n`` for an exponent made of indices, sizes and entries of integer tensors."""
    exponent = x.value(e.right)
    limit = exponent.value.size.constant() if isinstance(exponent.value, Fin) else None

    def says(op: str, left: tree.Expr, number: int) -> Guard:
        right = tree.Number(Fraction(number), span=e.span)
        return x.guard(tree.Compare((left, right), (op,), span=e.span))

    if limit is not None and limit <= FEW:
        values = [says("==", e.right, k) for k in range(limit)]

        def by_value(b: t.Term) -> t.Term:
            result = t.Power(b, Fraction(limit - 1)) if limit != 2 else b
            for k in range(limit - 2, -1, -1):
                result = t.If(values[k], t.Power(b, Fraction(k)) if k != 1 else b, result)
            return result

        return tensors.elementwise(by_value, "^", base)
    remainder = tree.Binary("%", e.right, tree.Number(Fraction(2), span=e.span), span=e.span)
    even, above, zero = says("==", remainder, 0), says(">", e.right, 0), says("==", e.right, 0)
    inputs = x.builder.inputs if x.builder is not None else ()
    lets = x.builder.lets if x.builder is not None else {}
    signs = SignTable(lets, x.env.bounds, [*x.env.facts, *domain_facts(inputs)])

    def of_any_sign(b: t.Term, n: t.Term) -> t.Term:
        if signs.of(b) == {1}:
            return known_call("pow", b, n)
        size = known_call("pow", t.neg(b), n)
        below = t.If(even, size, t.neg(size))
        at_zero = t.If(above, t.ZERO, t.If(zero, t.ONE, t.Power(b, Fraction(-1))))
        return t.If(ix.Holds(">", b), known_call("pow", b, n), t.If(ix.Holds(">", t.neg(b)), below, at_zero))

    return tensors.elementwise(of_any_sign, "^", x.hoist(base), exponent)
