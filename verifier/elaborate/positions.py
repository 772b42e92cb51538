"""Positions: what stands in brackets and in conditions on indices, and whether it stays on its axis.

Sums, differences, multiples by sizes, ``//`` and ``%`` by sizes of at least 1.  A packed axis needs no declaration:
``x[b, h*D + d]`` on an axis of extent ``H*D`` is a position like any other.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ..diagnostics import SpecError
from ..language import syntax as tree
from ..language.show import show
from ..terms import index as ix
from ..terms.index import Guard, Index, Var
from ..terms.signs import SignTable
from ..terms.sizes import Size
from ..terms.sorts import Range
from ..terms.syntax import Condition
from .environment import Environment, IndexValue, fault
from .objects import size

ZERO = ix.affine({}, Size.number(0))


def position(e: tree.Expr, known: Callable[[tree.Expr], Index | None], env: Environment) -> Index:
    """A position computed from known indices, sizes and integers.  Raises a diagnostic."""
    found = known(e)
    if found is not None:
        return found
    if isinstance(e, tree.Binary) and e.operator in ("+", "-", "*", "//", "%"):
        left, right = position(e.left, known, env), position(e.right, known, env)
        if e.operator in "+-":
            return ix.combine(left, right, 1 if e.operator == "+" else -1)
        if e.operator == "*":
            return _multiple(e, left, right)
        return _division(e, left, right, env)
    if isinstance(e, tree.Unary) and e.operator == "-":
        return ix.combine(ZERO, position(e.operand, known, env), -1)
    entry = env.find(e.identifier) if isinstance(e, tree.Name) else None
    if isinstance(e, tree.Name) and (entry is None or isinstance(entry.value, IndexValue)):
        fix = f"bind it: sum[{e.identifier}](...), or name it on the left"
        raise fault("E105", e, f"the free index {e.identifier}", "a bound index or a size", fix)
    return ix.affine({}, size(e, env))


def _multiple(e: tree.Binary, left: Index, right: Index) -> Index:
    for a, b in ((left, right), (right, left)):
        by = ix.closed(a)
        if by is not None:
            return ix.combine(ZERO, b, by)
    raise fault("E113", e, f"the product {show(e)} of two indices", "an index times a size or an integer")


def _division(e: tree.Binary, left: Index, right: Index, env: Environment) -> Index:
    by = ix.closed(right)
    if by is None:
        raise fault("E113", e.right, f"the divisor {show(e.right)} with an index in it", "a size or an integer")
    if not env.bounds.nonnegative(by - 1):
        fix = "divide by a size, or declare its least value: nat k >= 1"
        raise fault("E113", e.right, f"the divisor {by}, which may be below 1", "a divisor of at least 1", fix)
    return ix.quotient(left, by) if e.operator == "//" else ix.remainder(left, by)


def inside(i: Index, axis: Range, env: Environment, guards: Sequence[Guard]) -> bool:
    """Whether a position lies on an axis for all indices in range, where all guards hold."""
    signs = SignTable({}, env.bounds, ())
    last = ix.combine(ix.affine({}, axis.size - 1), i, -1)
    return all(signs.implies(Condition(">=", form, (), tuple(guards))) for form in (i, last))


def outside(e: tree.Expr, i: Index, axis: Range, env: Environment, guards: Sequence[Guard]) -> SpecError:
    """The diagnostic for a position that may leave its axis, at one end or both."""
    signs = SignTable({}, env.bounds, ())
    above, below = ix.combine(ix.affine({}, axis.size - 1), i, -1), i
    fits = [signs.implies(Condition(">=", form, (), tuple(guards))) for form in (below, above)]
    ends = [c for c, holds in zip((f"{show(e)} >= 0", f"{show(e)} < {axis}"), fits, strict=True) if not holds]
    guard = f"guard it: (... if {' and '.join(ends)} else 0), or declare larger sizes"
    if isinstance(i, Var):
        found = f"the index {i.name} of range {i.sort} on an axis of extent {axis}"
        return fault("E104", e, found, "one range for each index", f"use another index, or {guard}")
    found = f"the position {show(e)} on an axis of extent {axis}, which it may leave"
    return fault("E125", e, found, f"a position from 0 to {axis.size - 1}", guard)


__all__ = ["inside", "outside", "position"]
