"""Finite sets and functions between them: ``set Two = {0, 1}``, and ``Two(0, 1, 1, 0)``, a table of all values.

A table lists its values for all inputs of the body that it stands in (parameters, then the source, then in ``update``
and ``request`` the target), the last input varying fastest.
"""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING

from ..language import syntax as tree
from ..language.show import show
from ..terms.sorts import Element
from ..terms.syntax import Abstraction, Call, Function, Read
from .environment import SetValue, fault
from .tensors import Tensor

if TYPE_CHECKING:
    from .expressions import Expressions

MOST = 10_000


def elements_of(item: tree.SetItem) -> tuple[str, ...]:
    """The names of the elements of a set; none for one of which nothing is known."""
    if item.elements is None:
        return ()
    names = tuple(show(e) for e in item.elements)
    if not names:
        raise fault("E115", item, f"the empty set {item.name}", "at least one element")
    for k, name in enumerate(names):
        if name in names[:k]:
            raise fault("E114", item.elements[k], f"the element {name} twice", "each element once")
    return names


def table(x: Expressions, e: tree.Call, value: SetValue) -> Tensor:
    """The function that ``Two(0, 1, 1, 0)`` denotes, at the inputs of the body.  Raises a diagnostic."""
    if not value.set.elements:
        raise fault("E115", e, f"a table into {value.set}, whose elements are not known", "a set with elements")
    if x.builder is None:
        raise fault("E115", e, "a table outside a learner", "a table in implement, update, request or let")
    inputs = x.builder.inputs
    for s in inputs:
        if not isinstance(s.value, Element) or not s.value.elements or s.axes:
            raise fault("E115", e, f"a table over {s.label}, which is of no finite set", "inputs of finite sets")
    sizes = [len(s.value.elements) for s in inputs if isinstance(s.value, Element)]
    if prod(sizes) > MOST or len(e.arguments) != prod(sizes):
        wanted = " * ".join(map(str, sizes)) or "1"
        names = ", ".join(s.label for s in inputs)
        raise fault("E115", e, f"{len(e.arguments)} values", f"{wanted}: one for all values of {names}")
    entries = []
    for a in e.arguments:
        if show(a) not in value.set.elements:
            raise fault("E101", a, f"{show(a)}, no element of {value.set}", "one of " + ", ".join(value.set.elements))
        entries.append(value.set.elements.index(show(a)))
    kinds = tuple(((), s.value) for s in inputs)
    # The name tells tables apart also for the kernel, which knows functions by name.
    name = f"{value.set}({', '.join(map(show, e.arguments))} over {' '.join(str(v) for _, v in kinds)})"
    function = Function(name, kinds, (), value.set, table=tuple(entries))
    arguments = tuple(Abstraction((), Read(s)) for s in inputs)
    return Tensor((), lambda _: Call(function, arguments), value.set)


__all__ = ["elements_of", "table"]
