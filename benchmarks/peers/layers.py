"""The same work for every peer: Theorem III.2 for two dense layers R^n -> R^n -> R^n under the quadratic error.

Written once over a ring of any kind: numbers of the peer that add, subtract and multiply.  The activation enters as
values s and slopes d, so that the result is about every smooth activation, at the one size n.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

Row = Sequence[Any]
Map = Callable[[Any], Any]


def dot(x: Row, y: Row) -> Any:
    total = x[0] * y[0]
    for a, b in zip(x[1:], y[1:], strict=True):
        total = total + a * b
    return total


def column(matrix: Sequence[Row], j: int) -> list[Any]:
    return [row[j] for row in matrix]


class Layer:
    """The gradient learner of s(W a + v): update and request by hand, as the peers cannot differentiate."""

    def __init__(
        self, w: Sequence[Row], v: Row, eps: Any, value: Callable[[Any], Any], slope: Callable[[Any], Any]
    ) -> None:
        self.w, self.v, self.eps, self.value, self.slope = w, v, eps, value, slope

    def forward(self, a: Row) -> tuple[list[Any], list[Any]]:
        h = [dot(row, a) + b for row, b in zip(self.w, self.v, strict=True)]
        return h, [self.value(x) for x in h]

    def backward(self, a: Row, h: Row, seed: Row) -> tuple[list[Any], list[Any]]:
        """The entries of U, and the gradient by the source, of a cotangent of the output."""
        d = [g * self.slope(x) for g, x in zip(seed, h, strict=True)]
        update = [self.w[i][j] - self.eps * d[i] * a[j] for i in range(len(d)) for j in range(len(a))]
        update += [b - self.eps * x for b, x in zip(self.v, d, strict=True)]
        return update, [dot(d, column(self.w, j)) for j in range(len(a))]


def sides(first: Layer, second: Layer, a: Row, c: Row) -> tuple[list[Any], list[Any]]:
    """All components of U and R of L(f) ; L(g), and of L(f ; g)."""
    h, b = first.forward(a)
    k, y = second.forward(b)
    error = [p - q for p, q in zip(y, c, strict=True)]
    update, gradient = second.backward(b, k, error)
    target = [x - g for x, g in zip(b, gradient, strict=True)]
    composed_update, to_source = first.backward(a, h, [x - t for x, t in zip(b, target, strict=True)])
    composed = [*composed_update, *update, *(x - g for x, g in zip(a, to_source, strict=True))]
    whole_update, whole_source = first.backward(a, h, gradient)
    whole = [*whole_update, *update, *(x - g for x, g in zip(a, whole_source, strict=True))]
    return composed, whole
