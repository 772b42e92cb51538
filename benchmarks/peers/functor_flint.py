"""python-flint, polynomials over Q: ``python -m benchmarks.peers.functor_flint N``."""

from __future__ import annotations

import sys
from collections import defaultdict
from typing import Any

from flint import Ordering, fmpq_mpoly_ctx

from .layers import Layer, sides


def main(n: int) -> None:
    span = range(n)
    names = [f"{x}{i}_{j}" for x in "WX" for i in span for j in span]
    names += [f"{x}{i}" for x in ("Wv", "Xv", "a", "c", "Ws", "Wd", "Xs", "Xd") for i in span] + ["eps"]
    ring = fmpq_mpoly_ctx.get(names, Ordering.lex)
    at = dict(zip(names, ring.gens(), strict=True))

    def layer(name: str) -> Layer:
        # The activation's values are variables of their own: one for each pre-activation, in order.
        seen: dict[str, list[Any]] = defaultdict(list)

        def of(kind: str, h: Any) -> Any:
            if h not in seen[kind]:
                seen[kind].append(h)
            return at[f"{name}{kind}{seen[kind].index(h)}"]

        w = [[at[f"{name}{i}_{j}"] for j in span] for i in span]
        return Layer(w, [at[f"{name}v{i}"] for i in span], at["eps"], lambda h: of("s", h), lambda h: of("d", h))

    a, c = ([at[f"{x}{i}"] for i in span] for x in "ac")
    for left, right in zip(*sides(layer("W"), layer("X"), a, c), strict=True):
        if left - right != 0:
            raise SystemExit("not proved")


if __name__ == "__main__":
    main(int(sys.argv[1]))
