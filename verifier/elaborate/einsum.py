"""``einsum("bthd,bshd->bhts", q, k)``: a product of tensors, summed over the letters that the result does not have."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..language import syntax as tree
from ..terms.index import Index, Var
from ..terms.sorts import Sort
from ..terms.syntax import Term, mul, total
from . import tensors
from .environment import fault
from .tensors import Tensor

if TYPE_CHECKING:
    from .expressions import Expressions


def einsum(x: Expressions, e: tree.Call) -> Tensor:
    """The tensor that an ``einsum`` denotes.  Raises a diagnostic."""
    written, *operands = e.arguments or (e,)
    if not isinstance(written, tree.String):
        raise fault("E115", written, "einsum without its subscripts", 'a text such as "ij,jk->ik", then the tensors')
    left, arrow, out = written.value.replace(" ", "").partition("->")
    groups = left.split(",")
    letters = set(left.replace(",", ""))
    if not arrow or not all(c.isalpha() for c in letters | set(out)):
        raise fault("E115", written, f'the subscripts "{written.value}"', 'letters, commas and one arrow: "ij,jk->ik"')
    if len(set(out)) < len(out) or not set(out) <= letters:
        raise fault("E104", written, f'the result "{out}"', "letters of the operands, each once")
    if len(groups) != len(operands):
        raise fault("E115", e, f"{len(operands)} tensors", f"{len(groups)}: one for each group of subscripts")
    values = [x.value(o) for o in operands]
    tensors.real(*values)
    sorts: dict[str, Sort] = {}
    for group, value, operand in zip(groups, values, operands, strict=True):
        if len(group) != len(value.axes):
            raise fault("E103", operand, f'the subscripts "{group}" of {value.shape}', "a letter for each axis")
        for letter, axis in zip(group, value.axes, strict=True):
            if sorts.setdefault(letter, axis) != axis:
                raise fault("E102", operand, f"the extent {axis} for the index {letter}", f"{sorts[letter]}, as before")
    bound = {c: Var(x.fresh(c), sorts[c]) for c in sorts if c not in out}

    def entry(index: tuple[Index, ...]) -> Term:
        at: dict[str, Index] = {**bound, **dict(zip(out, index, strict=True))}
        rows = (v.entry(tuple(at[c] for c in group)) for group, v in zip(groups, values, strict=True))
        return total(bound.values(), mul(*rows))

    return Tensor(tuple(sorts[c] for c in out), entry)
