"""Sizes, types and objects: what is written ``R[n, m]``, ``A0``, ``interval(0, 1)[n]``, ``(x : R[n], y : R)``."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches
from fractions import Fraction

from ..language import syntax as tree
from ..terms.sizes import Size
from ..terms.sorts import REAL, Z2, Fin, Range, Real, Sort, Value, extent
from ..terms.syntax import Symbol
from .environment import Environment, SetValue, SizeValue, fault


def size(expr: tree.Expr, env: Environment) -> Size:
    """A size expression: names of sizes, integers, ``+ - *``.  Raises a diagnostic."""
    if isinstance(expr, tree.Number):
        if expr.value.denominator != 1:
            raise fault("E113", expr, f"the size {expr.value}", "an integer")
        return Size.number(int(expr.value))
    if isinstance(expr, tree.Name):
        value = env.kind(expr.identifier, expr, SizeValue, "a size")
        return value.size  # type: ignore[union-attr]
    if isinstance(expr, tree.Unary) and expr.operator == "-":
        return -size(expr.operand, env)
    if isinstance(expr, tree.Binary) and expr.operator in "+-*⊗":
        left, right = size(expr.left, env), size(expr.right, env)
        return left + right if expr.operator == "+" else left - right if expr.operator == "-" else left * right
    if isinstance(expr, tree.Binary) and expr.operator == "//":
        return _exact(expr, size(expr.left, env), size(expr.right, env), env)
    raise fault("E113", expr, "an expression that is no size", "names of sizes, integers, + - * and exact //")


def _exact(expr: tree.Binary, whole: Size, by: Size, env: Environment) -> Size:
    """A quotient of sizes that is exact for all sizes."""
    if not env.bounds.nonnegative(by - 1):
        raise fault("E113", expr.right, f"the divisor {by}, which may be below 1", "a divisor of at least 1")
    quotient, rest = whole.divided(by)
    if rest.terms:
        fix = f"name the quotient and define the whole by it: size q, then {by}*q in place of {whole}"
        raise fault("E113", expr, f"{whole} // {by}, a division of sizes that is not exact", "an exact one", fix)
    return quotient


def axis(expr: tree.Expr, env: Environment) -> Sort:
    """An axis of a tensor; an extent that can never be positive is a fault."""
    count = size(expr, env)
    constant = count.constant()
    if constant is not None and constant < 1:
        raise fault("E113", expr, f"an axis of extent {constant}", "an extent of at least 1", "sizes start at 1")
    return Range(count)


def types(expr: tree.Expr, env: Environment) -> list[tuple[tuple[Sort, ...], Value]]:
    """The ports of an object, as axes and value of each."""
    if isinstance(expr, tree.TupleExpr):
        return [t for item in expr.items for t in types(item, env)]
    if isinstance(expr, tree.Number) and expr.value == 1:
        return []
    if isinstance(expr, tree.Binary) and expr.operator in ("*", "⊗"):
        return types(expr.left, env) + types(expr.right, env)
    axes: tuple[Sort, ...] = ()
    base = expr
    if isinstance(expr, tree.Index):
        base, axes = expr.base, tuple(axis(i, env) for i in expr.indices)
    if isinstance(base, tree.Name) and base.identifier == "R" and env.find("R") is None:
        return [(axes, REAL)]
    if isinstance(base, tree.Name) and base.identifier == "Z2" and env.find("Z2") is None:
        return [(axes, Z2)]
    if isinstance(base, tree.Call) and isinstance(base.function, tree.Name) and base.function.identifier == "interval":
        return [(axes, _interval(base, env))]
    if isinstance(base, tree.Call) and isinstance(base.function, tree.Name) and base.function.identifier == "Fin":
        if len(base.arguments) != 1 or base.keywords:
            raise fault("E115", base, f"Fin with {len(base.arguments)} sizes", "Fin(n), the whole numbers below n")
        return [(axes, Fin(extent(axis(base.arguments[0], env))))]
    if isinstance(base, tree.Name):
        if env.find(base.identifier) is None and not get_close_matches(base.identifier, env.names(), 1):
            fix = f"give {base.identifier} its shape: {base.identifier} : R[n]; or declare `set {base.identifier}`"
            raise fault("E101", base, f"unknown name {base.identifier}", "an object: R[n], or a declared set", fix)
        value = env.get(base.identifier, base)
        if isinstance(value, SetValue):
            if axes:
                raise fault("E102", expr, f"{base.identifier} with axes", "an element of a set, which has none")
            return [((), value.set)]
    raise fault(
        "E115",
        expr,
        "something that is no object",
        "R[n, m], Z2[n], a set, interval(a, b)[n], Fin(n)[m], or a product of these",
    )


def ports(items: Iterable[tree.Port], env: Environment, default: str) -> tuple[Symbol, ...]:
    """The ports of a learner's source or target, named as written or after ``default``."""
    result: list[Symbol] = []
    for item in items:
        rows = types(item.type, env)
        for k, (axes, value) in enumerate(rows):
            name = item.name or default
            if len(rows) > 1:
                name += str(k)
            if any(s.name == name for s in result):
                if item.name:
                    raise fault("E114", item, f"two ports are called {name}", "a name of its own for each port")
                name += str(len(result))
            result.append(Symbol(name, axes, value))
    return tuple(result)


def _interval(call: tree.Call, env: Environment) -> Real:
    if len(call.arguments) != 2 or call.keywords:
        raise fault("E115", call, f"interval with {len(call.arguments)} bounds", "interval(low, high)")
    low, high = (_bound(a) for a in call.arguments)
    if low is not None and high is not None and low >= high:
        raise fault("E115", call, f"the empty interval({low}, {high})", "a lower bound below the upper one")
    return Real(low, high)


def _bound(expr: tree.Expr) -> Fraction | None:
    """A rational number, or ``oo`` and ``-oo`` for no bound."""
    if isinstance(expr, tree.Name) and expr.identifier == "oo":
        return None
    if isinstance(expr, tree.Unary) and expr.operator == "-":
        inner = _bound(expr.operand)
        return None if inner is None else -inner
    if isinstance(expr, tree.Number):
        return expr.value
    if isinstance(expr, tree.Binary) and expr.operator == "/":
        a, b = _bound(expr.left), _bound(expr.right)
        if a is not None and b:
            return a / b
    raise fault("E122", expr, "a bound that is no rational number", "an integer, a decimal, a quotient, oo or -oo")
