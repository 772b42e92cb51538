"""Random networks of random learners over {0, 1} in one run: chains and graphs, laws and squares, against plain Python.

Every other seed is a chain of one to four layers.  Of a chain: a lens law of its composite, the composite itself on two
bracketings, the square of a reading at an open, or whether a new weight depends on weights before its layer.  Of a
graph: the square of a reading at a covering step, or the composite along a random order (`finite_graphs`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from itertools import product
from random import Random

from verifier.learn import laws
from verifier.learn.learner import compose
from verifier.sheaf.readings import square, triangular
from verifier.sheaf.site import Chain

from .finite import BITS, holds
from .finite_graphs import Bits, Layer, Oracle, State, finite_graphs_agree, lawful, learner, table_of

READINGS = ("local", "target", "weights", "activity", "frozen")


def finite_networks_agree(seed: int) -> str:
    """A chain, or a graph: what the verifier decides by trying everything is what the oracle finds."""
    return _chain(seed // 2) if seed % 2 == 0 else finite_graphs_agree(seed // 2)


def drawn(random: Random) -> list[Layer]:
    """A chain of layers with one wire between two of them; half of the chains are mostly lawful."""
    layers: list[Layer] = []
    tame = random.random() < 0.5
    for k in range(random.randint(1, 4)):
        weight = random.random() < 0.8
        size = 2 ** (1 + weight)
        implement, update, request = (table_of(random, n) for n in (size, 2 * size, 2 * size))
        layer = Layer((f"w{k}",), (f"w{k + 1}",), weight, (implement,), update, (request,))
        layers.append(lawful(random, layer) if tame and random.random() < 0.8 else layer)
    return layers


def _chain(seed: int) -> str:
    random = Random(seed)
    layers = drawn(random)
    net = [learner(x, k) for k, x in enumerate(layers)]
    oracle = Oracle(layers, (f"w{len(layers)}",))
    kind = seed % 8
    if kind < 5:
        reading, start = READINGS[kind], random.randrange(len(layers))
        found = holds(partial(square, net=Chain(tuple(net)), reading=reading, start=start))
        return _said(found, _square(oracle, reading, start), f"{reading} at {start}", layers)
    if kind == 5:
        law = random.choice(list(laws.LENS))
        found = holds(partial(laws.LENS[law], f=compose(net)))
        return _said(found, _lens(oracle)[law](), law, layers)
    if kind == 6:
        cut = random.randint(1, len(net))
        left = compose([compose(net[:cut]), compose(net[cut:])]) if cut < len(net) else compose(net)
        return _said(holds(partial(laws.equal, f=left, g=compose(net))), True, f"bracketed at {cut}", layers)
    start = random.randrange(len(layers))
    if not any(x.weight for x in layers[start + 1 :]):
        return ""
    found = holds(partial(triangular, net=Chain(tuple(net)), start=start))
    return _said(found, _triangular(oracle, start), f"gradient at {start}", layers)


def _said(found: bool, true: bool, what: str, layers: Sequence[Layer]) -> str:
    return "" if found == true else f"{what} of {layers}: {found}"


# ---- the oracle


def _square(o: Oracle, reading: str, i: int) -> bool:
    """Whether the square of a reading at U_i -> U_{i+1} commutes, at every section and target."""
    n = len(o.layers)

    def phi(state: State, start: int, goal: int) -> State:
        activity, weights = state
        if reading == "local":
            return o.local(state, start if start < n else None)
        asked, new = o.back(state, range(start, n), {f"w{n}": goal})
        if reading == "activity":
            return asked, weights
        return (activity, new) if reading == "frozen" else (asked, new)

    for state in o.states(frozenset(range(i)), ("w0",)):
        for goal in BITS:
            one, two = o.ahead(phi(state, i, goal), i), phi(o.ahead(state, i), i + 1, goal)
            if one[1] != two[1] or (reading != "weights" and one[0] != two[0]):
                return False
    return True


def _triangular(o: Oracle, i: int) -> bool:
    """Whether no new weight behind layer i depends on a weight up to it, for all inputs and targets."""
    n = len(o.layers)
    places = [k for k, x in enumerate(o.layers) if x.weight]
    for a, goal in product(BITS, BITS):
        seen: dict[Bits, tuple[int, ...]] = {}
        for bits in product(BITS, repeat=len(places)):
            weights = dict(zip(places, bits, strict=True))
            new = o.back(({"w0": a}, weights), range(n), {f"w{n}": goal})[1]
            behind = tuple(weights[k] for k in places if k > i)
            if seen.setdefault(behind, value := tuple(new[k] for k in places if k > i)) != value:
                return False
    return True


def _lens(o: Oracle) -> dict[str, Callable[[], bool]]:
    """The three laws of the composite."""
    n = len(o.layers)
    states = list(o.states(frozenset(), ("w0",)))

    def get(s: State) -> int:
        return o.forward(s, range(n))[f"w{n}"]

    def put(s: State, b: int) -> State:
        asked, weights = o.back(s, range(n), {f"w{n}": b})
        return {"w0": asked["w0"]}, weights

    return {
        "getput": lambda: all(put(s, get(s)) == s for s in states),
        "putget": lambda: all(get(put(s, b)) == b for s in states for b in BITS),
        "putput": lambda: all(put(put(s, b), c) == put(s, c) for s in states for b in BITS for c in BITS),
    }


__all__ = ["finite_networks_agree"]
