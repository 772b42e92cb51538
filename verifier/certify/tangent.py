"""How an expression moves with one entry of one tensor: its tangent, in the shape that the rules of the library give.

The tactic ``derive`` of ``verifier/coq/Calculus.v`` goes by the same cases; where nothing moves the tangent is 0.
"""

from __future__ import annotations

from collections.abc import Callable, Collection

from ..terms.index import Var
from .real import ONE, ZERO, Node, add, entry, fun, inverse, mul, neg, num, power


def moves(e: Node, moving: Collection[str]) -> bool:
    """Whether an expression reads one of some tensors."""
    return any(n.op == "entry" and n.data[0] in moving for n in e.walk())


def tangent(e: Node, tensor: str, place: tuple[Var, ...], lets: Collection[str], name: Callable[[str], str]) -> Node:
    """The derivative of an expression by the entry of a tensor at a place.

    ``lets``: those that move with it, each with a tangent of its own, called ``name(let)``.
    """

    def of(e: Node) -> Node:
        if not moves(e, {tensor, *lets}):
            return ZERO
        op, parts = e.op, e.parts
        if op == "entry":
            symbol, index = e.data
            if symbol != tensor:
                return entry(name(symbol), *place, *index)
            result = ONE
            for k, (m, i) in enumerate(zip(place, index, strict=True)):
                here = Node("delta", (), (m, i))
                result = mul(result, here) if k else here
            return result
        if op in ("add", "sub", "neg", "sum", "choose"):
            return Node(op, tuple(map(of, parts)), e.data)
        if op == "mul":
            return add(mul(of(parts[0]), parts[1]), mul(parts[0], of(parts[1])))
        if op == "pow":
            return Node("slope", (parts[0], of(parts[0])), e.data)
        assert op == "fun", op
        (a,) = parts
        d = of(a)
        if e.data == "/":
            return neg(mul(d, mul(inverse(a), inverse(a))))
        return mul(d, _slope(e.data, a))

    return of(e)


def _slope(name: str, a: Node) -> Node:
    """The derivative of a function at an argument."""
    if name == "exp":
        return fun("exp", a)
    if name == "ln":
        return inverse(a)
    if name == "sqrt":
        return mul(Node("num", (), num(1).data / 2), inverse(fun("sqrt", a)))
    if name == "cos":
        return neg(fun("sin", a))
    if name in ("sin", "sinh", "cosh"):
        return fun({"sin": "cos", "sinh": "cosh", "cosh": "sinh"}[name], a)
    if name == "tanh":
        return Node("sub", (ONE, power(fun("tanh", a), 2)))
    if name == "sigmoid":
        return _logistic(a)
    if name == "softplus":
        return fun("sigmoid", a)
    if name == "silu":
        return add(fun("sigmoid", a), mul(a, _logistic(a)))
    return fun(name + "'", a)


def _logistic(a: Node) -> Node:
    s = fun("sigmoid", a)
    return mul(s, Node("sub", (ONE, s)))
