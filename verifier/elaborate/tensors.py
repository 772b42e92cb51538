"""Tensor expressions: a value with axes, given by its entry at each index; and the operations on them.

`*` on equal shapes is elementwise; only scalars broadcast; everything else is a rank or shape mismatch.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ..terms.index import Index, Var
from ..terms.sorts import REAL, Fin, Real, Sort, Value
from ..terms.syntax import Read, Symbol, Term, Total, add, mul, neg, power


class ShapeError(Exception):
    """Operands that do not fit; the message says what was found, the second part what was expected."""

    def __init__(self, found: str, expected: str, fix: str = "", code: str = "E102") -> None:
        super().__init__(found)
        self.found, self.expected, self.fix, self.code = found, expected, fix, code


@dataclass(frozen=True)
class Tensor:
    """A tensor of values: ``entry(index)`` is the term at an index, one index term per axis."""

    axes: tuple[Sort, ...]
    entry: Callable[[tuple[Index, ...]], Term]
    value: Value = REAL

    @property
    def shape(self) -> str:
        return shape(self.axes, self.value)


def shape(axes: Sequence[Sort], value: Value = REAL) -> str:
    """A type as the spec writes it: ``R[n, m]``, ``R`` for a number, the name of a set."""
    return f"{value}[{', '.join(map(str, axes))}]" if axes else str(value)


def scalar(t: Term) -> Tensor:
    return Tensor((), lambda _: t)


def tensor_of(symbol: Symbol) -> Tensor:
    return Tensor(symbol.axes, lambda index: Read(symbol, index), symbol.value)


def real(*tensors: Tensor) -> None:
    """Arithmetic is on real numbers only; whole numbers of a range are real numbers."""
    for t in tensors:
        if not isinstance(t.value, Real | Fin):
            raise ShapeError(f"an element of {t.value}", "a real number", "elements of a set have no arithmetic")


def elementwise(op: Callable[..., Term], symbol: str, *tensors: Tensor) -> Tensor:
    """Entry by entry on equal shapes; numbers broadcast.  Raises ShapeError."""
    real(*tensors)
    axes = max((t.axes for t in tensors), key=len)
    for t in tensors:
        if t.axes and t.axes != axes:
            shapes = f" {symbol} ".join(u.shape for u in tensors)
            if len(t.axes) != len(axes):
                raise ShapeError(shapes, "equal shapes, or a number on one side", "index both sides", "E103")
            raise ShapeError(shapes, "equal shapes", "transpose with .T, or index both sides")
    return Tensor(axes, lambda ix: op(*(t.entry(ix if t.axes else ()) for t in tensors)))


def plus(a: Tensor, b: Tensor) -> Tensor:
    return elementwise(add, "+", a, b)


def minus(a: Tensor, b: Tensor) -> Tensor:
    return elementwise(lambda x, y: add(x, neg(y)), "-", a, b)


def times(a: Tensor, b: Tensor) -> Tensor:
    return elementwise(mul, "*", a, b)


def over(a: Tensor, b: Tensor) -> Tensor:
    return elementwise(lambda x, y: mul(x, power(y, -1)), "/", a, b)


def negative(a: Tensor) -> Tensor:
    return elementwise(neg, "-", a)


def matmul(a: Tensor, b: Tensor, name: str) -> Tensor:
    """``a @ b``: the last axis of a against the first of a vector b, or the second to last of b.

    ``name``: for the bound index; no other binder of the program has it.
    """
    real(a, b)
    if not a.axes or not b.axes:
        expected = "a vector or matrix on both sides"
        raise ShapeError(f"{a.shape} @ {b.shape}", expected, "multiply numbers with *", "E103")
    k = max(len(b.axes) - 2, 0)
    if a.axes[-1] != b.axes[k]:
        expected = f"the last axis of the left ({a.axes[-1]}) to be the contracted axis of the right ({b.axes[k]})"
        raise ShapeError(f"{a.shape} @ {b.shape}", expected, "transpose with .T")
    n, bound = len(a.axes) - 1, Var(name, a.axes[-1])
    axes = a.axes[:-1] + b.axes[:k] + b.axes[k + 1 :]

    def entry(ix: tuple[Index, ...]) -> Term:
        left, right = ix[:n], ix[n:]
        return Total((bound,), mul(a.entry((*left, bound)), b.entry((*right[:k], bound, *right[k:]))))

    return Tensor(axes, entry)


def transpose(a: Tensor) -> Tensor:
    """``a.T`` of a matrix."""
    if len(a.axes) != 2:
        raise ShapeError(f"the transpose of {a.shape}", "a matrix", "", "E103")
    return Tensor((a.axes[1], a.axes[0]), lambda ix: a.entry((ix[1], ix[0])), a.value)
