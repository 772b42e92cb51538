"""z3, activation uninterpreted: ``python -m benchmarks.peers.functor_z3 N``."""

from __future__ import annotations

import sys

import z3

from .layers import Layer, sides


def main(n: int) -> None:
    real = z3.Real
    s, d = (z3.Function(name, z3.RealSort(), z3.RealSort()) for name in "sd")
    eps = real("eps")

    def layer(name: str) -> Layer:
        w = [[real(f"{name}{i}_{j}") for j in range(n)] for i in range(n)]
        return Layer(w, [real(f"{name}v{i}") for i in range(n)], eps, s, d)

    a, c = ([real(f"{x}{i}") for i in range(n)] for x in "ac")
    for left, right in zip(*sides(layer("W"), layer("X"), a, c), strict=True):
        solver = z3.Solver()
        solver.add(left != right)
        if solver.check() != z3.unsat:
            raise SystemExit("not proved")


if __name__ == "__main__":
    main(int(sys.argv[1]))
