"""sympy, undefined activation, derivatives by sympy, ``expand``: ``python -m benchmarks.peers.functor_sympy N``."""

from __future__ import annotations

import sys

import sympy as sp

from .layers import Layer, dot


class slope(sp.Function):
    """s'."""


class activation(sp.Function):
    """s: undefined but for its derivative."""

    def fdiff(self, argindex: int = 1) -> sp.Expr:
        return slope(self.args[0])


def main(n: int) -> None:
    span = range(n)
    eps = sp.Symbol("eps")

    def layer(name: str) -> Layer:
        w = [[sp.Symbol(f"{name}{i}_{j}") for j in span] for i in span]
        return Layer(w, [sp.Symbol(f"{name}v{i}") for i in span], eps, activation, slope)

    first, second = layer("W"), layer("X")
    a, c = ([sp.Symbol(f"{x}{i}") for i in span] for x in "ac")
    b = first.forward(a)[1]
    y = second.forward(b)[1]
    total = dot([p - q for p, q in zip(y, c, strict=True)], [p - q for p, q in zip(y, c, strict=True)]) / 2
    derived = [p - eps * sp.diff(total, p) for f in (first, second) for p in (*(x for r in f.w for x in r), *f.v)]
    derived += [x - sp.diff(total, x) for x in a]
    h, _ = first.forward(a)
    k, _ = second.forward(b)
    update, gradient = second.backward(b, k, [p - q for p, q in zip(y, c, strict=True)])
    target = [x - g for x, g in zip(b, gradient, strict=True)]
    mine, source = first.backward(a, h, [x - t for x, t in zip(b, target, strict=True)])
    for left, right in zip([*mine, *update, *(x - g for x, g in zip(a, source, strict=True))], derived, strict=True):
        if sp.expand(left - right) != 0:
            raise SystemExit("not proved")


if __name__ == "__main__":
    main(int(sys.argv[1]))
