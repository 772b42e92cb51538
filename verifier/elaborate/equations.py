"""Equations in bodies: ``name[i, j] = e``, whose left side names the indices, and ``name = e``."""

from __future__ import annotations

from ..language import syntax as tree
from ..language.show import show
from ..terms.index import Index, Var
from ..terms.sorts import Real
from ..terms.syntax import Symbol, Term
from ..terms.traverse import rename_indices
from .environment import IndexValue, fault
from .expressions import Expressions
from .tensors import Tensor, shape, tensor_of


def sided(x: Expressions, s: tree.Equation, target: Symbol | None) -> tuple[tuple[Var, ...], Tensor]:
    """The indices and value of ``name[i, j] = e`` or ``name = e``; shapes are checked against ``target``."""
    if s.indices is None:
        value = x.value(s.value)
        own = tuple(Var(x.fresh("ijlmn"[k % 5]), a) for k, a in enumerate(value.axes))
        result = value
    else:
        names: list[tuple[str, tree.Expr | None]] = []
        for i in s.indices:
            if not isinstance(i, tree.Name):
                fix = f"a sum with a filter: {s.name}[..., u, ...] = sum[... if {show(i)} == u](...)"
                raise fault("E104", i, "an index on the left that is no name", "a new index name on each axis", fix)
            names.append((i.identifier, None))
        if target is not None:
            if len(names) != len(target.axes):
                raise fault("E103", s, f"{len(names)} indices on {shape(target.axes)}", "one for each axis")
            own = tuple(Var(n, a) for (n, _), a in zip(names, target.axes, strict=True))
            if len({v.name for v in own}) < len(own):
                raise fault("E104", s, "a repeated index on the left", "a new index name on each axis")
            for i, v in zip(s.indices, own, strict=True):
                _one_range(x, i, v)
            saved = dict(x.bound)
            x.bound |= {v.name: v for v in own}
            inner = x.value(s.value)
            x.bound = saved
        else:
            with x.binding(names, s, s.value) as own:
                inner = x.value(s.value)
        if inner.axes:
            fix = "index it, or drop the indices on the left"
            raise fault("E103", s.value, f"{inner.shape} at an entry", "a number", fix)
        result = Tensor(tuple(v.sort for v in own), lambda ix: _entry(inner, own, ix), inner.value)
    if target is not None and (result.axes != target.axes or _kind(result) != _kind(tensor_of(target))):
        found, expected = result.shape, f"{shape(target.axes, target.value)} for {target.label}"
        number = not result.axes and s.indices is None
        letters = ", ".join("ijklmn"[k % 6] for k in range(len(target.axes)))
        fix = f"for every entry: {s.name}[{letters}] = ..." if number and s.name else ""
        raise fault("E102" if len(result.axes) == len(target.axes) else "E103", s.value, found, expected, fix)
    return own, result


def _one_range(x: Expressions, node: tree.Expr, v: Var) -> None:
    """An index that is declared keeps its range on the left of an equation too."""
    found = x.env.find(v.name)
    value = x.env.get(v.name, node) if found is not None else None
    if isinstance(value, IndexValue) and value.sort != v.sort:
        what = f"the index {v.name} of range {value.sort} on an axis of extent {v.sort}"
        raise fault("E104", node, what, "one range for each index", "use another index")


def _entry(inner: Tensor, own: tuple[Var, ...], index: tuple[Index, ...]) -> Term:
    table = {v: i for v, i in zip(own, index, strict=True) if v != i}
    return rename_indices(inner.entry(()), table)


def _kind(x: Tensor) -> object:
    return Real() if isinstance(x.value, Real) else x.value
