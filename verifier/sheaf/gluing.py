"""Gluing for unions of opens of the cut presheaf: a larger cut is a smaller open, and U_D u U_E the open of D n E.

Sections over D and E that agree over the cut D u E glue, and in one way, unless a frontier wire of D n E is seen over
both and not over D u E.  That is: it is no output, every layer that reads it is in D or in E, one is not in D, one not
in E.  Such cuts exist just where a wire has two last readers (no reader comes after them): if one comes after all
others, a cut that has it has all of them.  It takes two values of the wire to tell.  Unions are of any number of opens,
but not of none.
"""

from __future__ import annotations

from dataclasses import dataclass

from ..terms.sorts import REAL, Element
from .graph import Cut, Graph


@dataclass(frozen=True)
class Tear:
    """A wire that two cuts see and their union does not: sections over the two need not have one value there."""

    wire: str
    one: Cut
    other: Cut

    def values(self, g: Graph) -> tuple[str, str]:
        """Two different values of the wire."""
        value = g.wires[self.wire].value
        if isinstance(value, Element) and value.elements:
            return value.elements[0], value.elements[1]
        return ("0", "1") if value == REAL else ("one value", "another")


def tear(g: Graph) -> Tear | None:
    """The first wire at which gluing fails, with smallest cuts; None if X has gluing, whatever the layers are."""
    before = _before(g)
    for w, s in g.wires.items():
        if w in g.outputs or (isinstance(s.value, Element) and len(s.value.elements) == 1):
            continue
        readers = [k for k, n in enumerate(g.nodes) if w in n.reads]
        last = [k for k in readers if not any(j != k and before[j] >> k & 1 for j in readers)]
        if len(last) > 1:
            there = 0
            for k in readers:
                there |= before[k] if k != last[-1] else 0
            return Tear(w, _members(there), _members(before[last[-1]]))
    return None


def _before(g: Graph) -> list[int]:
    """Of each layer the set of the layers before it and itself, as bits."""
    maker = {w: k for k, n in enumerate(g.nodes) for w in n.makes}
    rows: list[int] = []
    for k, n in enumerate(g.nodes):
        bits = 1 << k
        for w in n.reads:
            bits |= rows[maker[w]] if w in maker else 0
        rows.append(bits)
    return rows


def _members(bits: int) -> Cut:
    return frozenset(k for k in range(bits.bit_length()) if bits >> k & 1)


__all__ = ["Tear", "tear"]
