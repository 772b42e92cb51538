"""The finite oracle: how many of all pairs of two-element layers make the local square U_0 -> U_1 commute.

A layer enters the square by I(p, a), U(p, a, I(p, a)) and R(p, a, I(p, a)): 16^3 = 4096 layers.  The square says that
u_1(q, b) = q and r_1(q, b) = I_0(u_0(p, a), r_0(p, a)) for all p, a, q with b = I_0(p, a).  So the first layer enters
by the set of its pairs (b, I_0(u_0, r_0)); the second, for each b, by the one value that r_1(q, b) has for all q, where
there is one and u_1(q, b) = q.  Every pair of such classes is decided by the product, by exhaustion, and counted as
often as it has members; random pairs of layers are decided one by one, to check the classes.
"""

from __future__ import annotations

from collections import defaultdict
from itertools import product
from random import Random

from tests.fuzz.finite import BITS, Table, learner
from verifier.learn.program import Scope
from verifier.proof.exhaust import exhausted
from verifier.proof.problem import Problem, Theory
from verifier.sheaf.readings import square
from verifier.sheaf.site import Chain

TRUTH = 151_552
Layer = tuple[Table, Table, Table]
TABLES: list[Table] = list(product(BITS, repeat=4))


def layers() -> list[Layer]:
    """All (I, u, r), as tables in (p, a)."""
    return list(product(TABLES, TABLES, TABLES))


def whole(layer: Layer) -> tuple[Table, Table, Table]:
    """A learner with these values on its own outputs, and 0 for every other target."""
    i, u, r = layer
    places = list(product(range(4), BITS))
    return i, tuple(u[k] * (i[k] == b) for k, b in places), tuple(r[k] * (i[k] == b) for k, b in places)


def commutes(first: Layer, second: Layer) -> bool:
    """The square, by the product."""
    scope = Scope()
    net = Chain((learner(*whole(first)), learner(*whole(second))))
    goals = square(scope, net, "local", 0)
    return all(r.verdict == "proved" for r in exhausted(Problem(Theory(), scope, tuple(goals))))


def first_class(layer: Layer) -> frozenset[tuple[int, int]]:
    i, u, r = layer
    return frozenset((i[k], i[2 * u[k] + r[k]]) for k in range(4))


def second_class(layer: Layer) -> tuple[int | None, ...]:
    _, u, r = layer
    return tuple(r[b] if (u[b], u[2 + b], r[b]) == (0, 1, r[2 + b]) else None for b in BITS)


def count(checks: int = 300) -> tuple[int, int, int]:
    """Pairs that commute; pairs of classes that were decided; random pairs that agree with their classes."""
    firsts: dict[frozenset[tuple[int, int]], list[Layer]] = defaultdict(list)
    seconds: dict[tuple[int | None, ...], list[Layer]] = defaultdict(list)
    for layer in layers():
        firsts[first_class(layer)].append(layer)
        seconds[second_class(layer)].append(layer)
    decided = {(x, y): commutes(a[0], b[0]) for x, a in firsts.items() for y, b in seconds.items()}
    total = sum(len(firsts[x]) * len(seconds[y]) for (x, y), holds in decided.items() if holds)
    random, agree = Random(0), 0
    holding = [pair for pair, holds in decided.items() if holds]
    for n in range(checks):
        x, y = random.choice(holding if n % 2 else list(decided))
        agree += commutes(random.choice(firsts[x]), random.choice(seconds[y])) == decided[x, y]
    return total, len(decided), agree
