"""Finite learners: verdicts by trying everything, against an oracle in plain Python and against the kernel."""

from __future__ import annotations

from functools import partial
from itertools import product
from random import Random

import pytest

from tests.fuzz.finite import BITS, drawn, holds, learner, local_square, near_getput, oracle
from verifier.learn import laws
from verifier.learn.learner import compose
from verifier.sheaf.readings import square
from verifier.sheaf.site import Chain


@pytest.mark.slow
def test_lens_laws_against_the_oracle() -> None:
    random = Random(1)
    seen = set()
    for n in range(400):
        i, u, r = drawn(random)
        if n % 4 == 0:  # GetPut on purpose, which is rare at random
            i, u, r = near_getput((i, u, r))
        f = learner(i, u, r)
        found = tuple(holds(partial(laws.LENS[law], f=f)) for law in ("getput", "putget", "putput"))
        assert found == oracle(i, u, r)
        seen.add(found)
    assert len(seen) >= 4


@pytest.mark.slow
def test_local_squares_against_the_oracle() -> None:
    random = Random(2)
    good = 0
    for n in range(300):
        first, second = drawn(random), drawn(random)
        if n % 2:  # squares that commute are rare at random: let the second layer satisfy GetPut
            second = near_getput(second)
        net = Chain((learner(*first), learner(*second)))
        found = holds(partial(square, net=net, reading="local", start=0))
        assert found == local_square(first, second)
        good += found
    assert good > 10


def test_how_many_pairs_of_two_element_layers_make_the_local_square_commute() -> None:
    """151552 of 4096^2, where only I, u(q, a) and r(q, a) at b = I(q, a) matter.

    Counted by what the second layer has to satisfy on the pairs (b, value) that the first one gives.
    """
    layers = list(product(product(BITS, repeat=4), product(BITS, repeat=4), product(BITS, repeat=4)))
    given: dict[frozenset[tuple[int, int]], int] = {}
    for i, u, r in layers:
        key = frozenset((i[k], i[2 * u[k] + r[k]]) for k in range(4))
        given[key] = given.get(key, 0) + 1
    total = 0
    for key, many in given.items():
        fits = 0
        for v, s in product(product(BITS, repeat=4), product(BITS, repeat=4)):
            fits += all(v[2 * q + b] == q and s[2 * q + b] == t for q in BITS for b, t in key)
        total += many * fits * 16  # the implementation of the second layer does not matter
    assert total == 151552


def test_composites_of_finite_learners_obey_the_laws_of_learn() -> None:
    random = Random(3)
    for _ in range(40):
        f, g, h = (learner(*drawn(random)) for _ in range(3))
        left, right = compose([compose([f, g]), h]), compose([f, compose([g, h])])
        assert holds(partial(laws.equal, f=left, g=right))


@pytest.mark.slow
def test_the_count_of_all_pairs() -> None:
    """The benchmark's count, with few of its checks of classes."""
    finite = pytest.importorskip("benchmarks.finite")  # not part of the source distribution
    total, _, agree = finite.count(checks=40)
    assert (total, agree) == (finite.TRUTH, 40)
