"""The goals that tensorgrad 0.3.0 states and proves with open sizes: gradient against the formula written by hand.

One JSON line: CPU seconds of each goal in this process, imports excluded, median of three runs with cold caches in
between as far as the library has none of its own; or null where it does not prove the goal.
"""

from __future__ import annotations

import json
import statistics
import sys
import time

import sympy
import tensorgrad.functions as F
from tensorgrad import Tensor, Variable, function


def equal(gradient: Tensor, written: Tensor) -> bool:
    """Gradients have edges with a trailing underscore."""
    plain = gradient.rename(**{x: x.rstrip("_") for x in gradient.edges if x.endswith("_")})
    return bool(plain.full_simplify() == written.full_simplify())


def attention(which: str) -> bool:
    s, t, d, e = sympy.symbols("s t d e")
    q, k, v = Variable("Q", q=s, h=d), Variable("K", k=t, h=d), Variable("V", k=t, v=e)
    out = Variable("dO", q=s, v=e)
    p = F.softmax(F.dot(q, k, dim="h"), dim="k")
    loss = F.sum(F.dot(p, v, dim="k") * out)
    dp = F.dot(out, v, dim="v")
    ds = p * (dp - F.sum(dp * p, "k", keepdims=True))
    written = {"V": F.dot(p, out, dim="q"), "Q": F.dot(ds, k, dim="k"), "K": F.dot(ds, q, dim="q")}
    return equal(loss.grad({"V": v, "Q": q, "K": k}[which]), written[which])


def cross_entropy() -> bool:
    n, b = sympy.symbols("n b")
    x, y = Variable("x", b=b, i=n), Variable("y", b=b, i=n)
    loss = F.sum(F.cross_entropy(x, y, dim="i"))
    return equal(loss.grad(x), F.sum(y, "i", keepdims=True) * F.softmax(x, dim="i") - y)


def layer_norm() -> bool:
    n = sympy.Symbol("n")
    x, g, w = Variable("x", i=n), Variable("g", i=n), Variable("w", i=n)

    def mean(t: Tensor) -> Tensor:
        return F.mean(t, "i", keepdims=True)

    c = x - mean(x)
    r = 1 / F.sqrt(mean(c * c))
    h, q = c * r, g * w
    return equal(F.sum(h * q).grad(x), r * (q - mean(q) - h * mean(q * h)))


def dense(which: str) -> bool:
    n, m = sympy.symbols("n m")
    w, a, v, g = Variable("W", i=m, j=n), Variable("a", j=n), Variable("v", i=m), Variable("g", i=m)

    def layer() -> Tensor:
        return F.dot(w, a, dim="j") + v

    loss = F.sum(function("s", {}, (layer(),)) * g)
    slope = function("D_0s", {}, (layer(),))
    delta = slope * g
    written = {"v": delta, "a": F.dot(delta, w, dim="i"), "W": delta @ a}
    return equal(loss.grad({"v": v, "a": a, "W": w}[which]), written[which])


GOALS = {
    "dense dW": lambda: dense("W"),
    "dense dv": lambda: dense("v"),
    "dense da": lambda: dense("a"),
    "softmax cross-entropy dx": cross_entropy,
    "attention dQ": lambda: attention("Q"),
    "attention dK": lambda: attention("K"),
    "attention dV": lambda: attention("V"),
    "layer norm dx": layer_norm,
}


def main() -> None:
    seconds: dict[str, float | None] = {}
    for name in sys.argv[1:] or GOALS:
        rows = []
        proved = True
        for _ in range(3):
            start = time.process_time()
            try:
                proved = proved and GOALS[name]()
            except Exception as e:
                print(name, type(e).__name__, e, file=sys.stderr)
                proved = False
            rows.append(time.process_time() - start)
        seconds[name] = statistics.median(rows) if proved else None
    print(json.dumps(seconds))


if __name__ == "__main__":
    main()
