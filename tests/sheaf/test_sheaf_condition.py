"""The sheaf condition on the space of a chain, by trying everything: why there are p + 2 opens, and not p + 1."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import combinations, product

import pytest

from tests.sheaf.test_squares import chain

Open = frozenset[int]
Presheaf = Callable[[Open], list[tuple[int, ...]]]
Restrict = Callable[[Open, Open, tuple[int, ...]], tuple[int, ...]]


def layer(k: int, p: int, a: int) -> int:
    """Some map of bits, another for each layer."""
    return (p + a * (k + 1)) % 2


def weights(length: int, u: Open) -> list[tuple[int, ...]]:
    """W(U_i): a bit for each layer from i on; over the empty set the empty product."""
    return list(product(range(2), repeat=length - min(u, default=length)))


def states(length: int, u: Open, over_empty: int) -> list[tuple[int, ...]]:
    """X(U_i): an activity of layer i and its weights; over the empty set so many sections."""
    if not u:
        return [(k,) for k in range(over_empty)]
    return [(a, *w) for a in range(2) for w in weights(length, u)]


def run(u: Open, v: Open, s: tuple[int, ...]) -> tuple[int, ...]:
    """rho: run the layers between two opens."""
    a, w = s[0], s[1:]
    for k in range(min(u), min(v)):
        a, w = layer(k, w[0], a), w[1:]
    return (a, *w)


def is_sheaf(opens: Sequence[Open], sections: Presheaf, restrict: Restrict) -> tuple[bool, set[Open]]:
    """Whether every cover has unique gluing, and the opens of which a cover has not."""
    bad: set[Open] = set()
    for u in opens:
        inside = [v for v in opens if v <= u]
        for size in range(len(inside) + 1):
            for cover in combinations(inside, size):
                if frozenset().union(*cover) != u:
                    continue
                families = set()
                for family in product(*(sections(v) for v in cover)):
                    pairs = zip(cover, family, strict=True)
                    if all(
                        restrict(v, v & w, s) == restrict(w, v & w, t)
                        for (v, s), (w, t) in combinations(list(pairs), 2)
                    ):
                        families.add(family)
                images = [tuple(restrict(u, v, s) for v in cover) for s in sections(u)]
                if len(set(images)) < len(images) or set(images) != families:
                    bad.add(u)
    return not bad, bad


@pytest.mark.parametrize("length", [1, 2])
def test_with_one_section_over_the_empty_set_x_is_a_sheaf(length: int) -> None:
    def restrict(u: Open, v: Open, s: tuple[int, ...]) -> tuple[int, ...]:
        return s if u == v else (0,) if not v else run(u, v, s)

    opens = chain(length).opens()
    assert is_sheaf(opens, lambda u: states(length, u, 1), restrict) == (True, set())


@pytest.mark.parametrize("length", [1, 2])
def test_with_u_p_as_the_empty_set_x_is_none(length: int) -> None:
    """The opens of the post: U_p is empty and has the sections A_p.  Exactly the empty cover of it fails."""
    last = frozenset({length})
    full = {u - last: u for u in chain(length).opens() if u}  # each open of the post, and what it should have been

    def restrict(u: Open, v: Open, s: tuple[int, ...]) -> tuple[int, ...]:
        return run(full[u], full[v], s)

    found = is_sheaf(list(full), lambda u: states(length, full[u], 1), restrict)
    assert found == (False, {frozenset()})


@pytest.mark.parametrize("length", [1, 2, 3])
def test_w_is_a_sheaf_either_way(length: int) -> None:
    last = frozenset({length})
    full = {u - last: u for u in chain(length).opens() if u}

    def restrict(u: Open, v: Open, s: tuple[int, ...]) -> tuple[int, ...]:
        return s[min(full[v]) - min(full[u]) :]

    assert is_sheaf(list(full), lambda u: weights(length, full[u]), restrict) == (True, set())
