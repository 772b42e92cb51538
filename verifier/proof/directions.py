"""``along [1, 1]``: which entries of the inputs the numbers of a direction belong to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product

from ..calculus.reverse import slots
from ..elaborate.claims import Claim
from ..elaborate.environment import fault
from ..elaborate.expressions import Expressions
from ..language import syntax as tree
from ..language.show import show
from ..terms.index import Affine, Index, Var, affine, variables
from ..terms.sizes import Size
from ..terms.sorts import Range, extent
from ..terms.syntax import Pointwise, Read, Symbol, Term
from ..terms.traverse import subterms

MOST = 64


@dataclass(frozen=True)
class Direction:
    """An entry ``of[index]`` of an input moves by ``value``; with ``bound`` indices all its entries do."""

    of: Symbol
    index: tuple[Index, ...]
    bound: tuple[Var, ...]
    value: Term


def direction(claim: Claim, kink: tree.Kink, equations: Sequence[Pointwise], x: Expressions) -> list[Direction]:
    """The vector of a clause: a number for each entry that the condition names, in order of declaration and position.

    If there are as many numbers as the inputs have entries, and no size is open, they are all of these in order.  What
    is not mentioned stays.  Raises a diagnostic if the numbers fit neither, or are no numbers.
    """
    written = claim.written
    assert written is not None  # elaboration lets the mode stand on a backward pass only
    ports = written.layer.differentiated
    values: list[Term] = []
    for e in kink.arguments:
        t = x.value(e)
        if t.axes:
            raise fault("E103", e, f"{t.shape} in a direction", "numbers")
        values.append(t.entry(()))
    entries = _named(ports, equations)
    whole = _all(ports)
    for rows in (whole, entries):
        if rows and len(rows) == len(values):
            return [Direction(s, i, b, v) for (s, i, b), v in zip(rows, values, strict=True)]
    named = ", ".join(show_entry(s, i, b) for s, i, b in entries) or "no entry of an input"
    found = f"{len(values)} number{'s' * (len(values) != 1)} for a condition on {named}"
    what = f"{len(entries)} numbers, one for each of these" if entries else "a condition on inputs"
    raise fault("E103", kink, found, what, f"say of more entries what they are: at {show(kink.condition)} == ...")


Entry = tuple[Symbol, tuple[Index, ...], tuple[Var, ...]]


def show_entry(s: Symbol, index: tuple[Index, ...], bound: tuple[Var, ...]) -> str:
    """An entry by its name."""
    from ..terms.mathematics import text

    return s.label if bound else text(Read(s, index))


def _named(ports: Sequence[Symbol], equations: Sequence[Pointwise]) -> list[Entry]:
    """The entries of inputs in equations, once each; a tensor that is named as a whole is one."""
    rows: dict[Entry, None] = {}
    for h in equations:
        for t in (u for side in (h.left, h.right) for u in subterms(side)):
            if isinstance(t, Read) and t.symbol in ports:
                free = {v for i in t.index for v in variables(i)}
                bound = slots(t.symbol) if free else ()
                rows[t.symbol, bound or t.index, bound] = None

    def place(e: Entry) -> tuple[object, ...]:
        s, index, _ = e
        return (ports.index(s), tuple((isinstance(i, Affine) and not i.terms, _number(i)) for i in index))

    return sorted(rows, key=place)


def _number(i: Index) -> int:
    value = i.offset.constant() if isinstance(i, Affine) and not i.terms else None
    return -1 if value is None else value


def _all(ports: Sequence[Symbol]) -> list[Entry]:
    """Every entry of every input in order, if there are few and no size is open."""
    rows: list[Entry] = []
    for s in ports:
        extents = [extent(a).constant() for a in s.axes]
        if any(n is None for n in extents) or not all(isinstance(a, Range) for a in s.axes):
            return []
        for place in product(*(range(n or 0) for n in extents)):
            rows.append((s, tuple(affine({}, Size.number(p)) for p in place), ()))
            if len(rows) > MOST:
                return []
    return rows


__all__ = ["Direction", "direction"]
