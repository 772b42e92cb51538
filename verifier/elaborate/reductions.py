"""Reductions with binders and filters: sums, averages, products, greatest values and their indices."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from ..language import syntax as tree
from ..terms import syntax as t
from ..terms.index import Guard, Var
from ..terms.known import call as known_call
from ..terms.sizes import Size
from ..terms.sorts import REAL, Fin, Value, extent
from ..terms.traverse import rename_indices, replace_guard
from . import tensors
from .environment import fault, unknown
from .tensors import Tensor

if TYPE_CHECKING:
    from .expressions import Expressions

Bound = tuple[Var, ...]


def _total(bound: Bound, guard: Guard, x: t.Term) -> t.Term:
    return t.Total(bound, x if guard == t.always() else t.If(guard, x, t.ZERO))


def _count(bound: Bound, guard: Guard) -> t.Term:
    """How many indices a reduction is over."""
    if guard != t.always():
        return t.Total(bound, t.If(guard, t.ONE, t.ZERO))
    size = Size.number(1)
    for v in bound:
        size = size * extent(v.sort)
    return t.SizeOf(size)


def _mean(bound: Bound, guard: Guard, x: t.Term) -> t.Term:
    return t.div(_total(bound, guard, x), _count(bound, guard))


def _variance(bound: Bound, guard: Guard, x: t.Term) -> t.Term:
    other = {v: Var(f"{v.name}.v", v.sort) for v in bound}
    average = _mean(tuple(other.values()), replace_guard(guard, other), rename_indices(x, other))
    return _mean(bound, guard, t.power(t.sub(x, average), 2))


def _log_sum_exp(bound: Bound, guard: Guard, x: t.Term) -> t.Term:
    return known_call("log", _total(bound, guard, known_call("exp", x)))


def _product(bound: Bound, guard: Guard, x: t.Term) -> t.Term:
    return t.Prod(bound, x if guard == t.always() else t.If(guard, x, t.ONE))


def _extreme(name: str) -> Callable[[Bound, Guard, t.Term], t.Term]:
    return lambda bound, guard, x: t.Extreme(name, bound, guard, x)


def _where(name: str) -> Callable[[Bound, Guard, t.Term], t.Term]:
    return lambda bound, guard, x: t.Where(name, bound, guard, x)


REDUCTIONS: dict[str, Callable[[Bound, Guard, t.Term], t.Term]] = {
    "sum": _total,
    "mean": _mean,
    "var": _variance,
    "logsumexp": _log_sum_exp,
    "prod": _product,
    "max": _extreme("max"),
    "min": _extreme("min"),
    "argmax": _where("max"),
    "argmin": _where("min"),
}


def reduction(x: Expressions, e: tree.Reduction) -> Tensor:
    """The tensor that a reduction denotes.  Raises a diagnostic.

    A filter is an index guard or a condition on data.  A greatest value and its index become lets of their own where
    no guard is around them: their cotangent is then one sum, which may be 0 where its parts are not.
    """
    if e.name not in REDUCTIONS:
        raise unknown(e.name, e, list(REDUCTIONS))
    scope = [e.body] if e.condition is None else [e.body, e.condition]
    with x.binding([(b.name, b.range) for b in e.binders], e, *scope) as bound:
        guard = t.always() if e.condition is None else x.guard(e.condition)
        with x.under(guard) if e.condition is not None else x.unchanged():
            body = x.value(e.body)
    value: Value = REAL
    if e.name.startswith("arg"):
        if len(bound) != 1:
            fix = "take it over one packed axis, or over one index after the other"
            raise fault("E116", e, f"{e.name} over {len(bound)} indices", "one index", fix)
        value = Fin(extent(bound[0].sort))
    reduced = tensors.elementwise(lambda y: REDUCTIONS[e.name](bound, guard, y), e.name, body)
    result = Tensor(reduced.axes, reduced.entry, value)
    return x.hoist(result, e.name) if e.name in ("max", "min", "argmax", "argmin") else result


__all__ = ["REDUCTIONS", "reduction"]
