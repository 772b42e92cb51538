"""``grad(E, W)``: the gradient of a number by a parameter or port, through all lets in between."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..calculus.reverse import NotDifferentiable, reverse
from ..language import syntax as tree
from ..terms.index import Var
from ..terms.syntax import ONE, ZERO, Read, Symbol
from ..terms.traverse import cone, free_indices
from .environment import fault
from .tensors import Tensor, tensor_of

if TYPE_CHECKING:
    from .expressions import Expressions


def gradient_by(x: Expressions, e: tree.Call) -> Tensor:
    """The tensor that ``grad(E, W)`` denotes.  Raises a diagnostic."""
    if len(e.arguments) != 2 or not isinstance(e.arguments[1], tree.Name):
        raise fault("E115", e, "grad without a number and a name", "grad(E, W)")
    scope, by = x.builder, e.arguments[1]
    if scope is None:
        raise fault("E115", e, "grad outside a learner", "grad in implement, let, update or request")
    number, tensor = x.value(e.arguments[0]), x.value(by)
    if number.axes:
        raise fault("E103", e.arguments[0], f"the gradient of {number.shape}", "the gradient of a number")
    body = number.entry(())
    if free_indices(body) or x.guards:
        raise fault("E105", e, "grad where an index is bound or a guard holds", "grad of a let of its own")
    symbol = _symbol(tensor)
    if symbol is None or symbol.name in scope.lets:
        raise fault("E115", by, f"{by.identifier}, which is computed", "a parameter or port")
    goal = scope.define("E", (), body)
    one = scope.define("one", (), ONE)
    try:
        adjoints = reverse(cone([Read(goal)], scope.lets), {goal: one}, [symbol], scope.define)
    except NotDifferentiable as wrong:
        fix = f"declare it: function {wrong} : ... smooth"
        raise fault("E117", e, f"a gradient through {wrong}, not declared smooth", "smooth maps", fix) from None
    for kink in adjoints.kinks:
        scope.kinks[kink] = None
    found = adjoints.gradient[symbol]
    return tensor_of(found) if found is not None else Tensor(symbol.axes, lambda _: ZERO)


def _symbol(tensor: Tensor) -> Symbol | None:
    """The symbol whose entries a tensor has, if it has just those."""
    own = tuple(Var(f"?{k}", a) for k, a in enumerate(tensor.axes))
    entry = tensor.entry(own)
    return entry.symbol if isinstance(entry, Read) and entry.index == own else None


__all__ = ["gradient_by"]
