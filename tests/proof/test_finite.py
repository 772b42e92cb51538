"""Finite learners: verdicts by trying everything, against an oracle in plain Python and against the kernel."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from itertools import product
from random import Random
from typing import Any

import pytest

from verifier.kernel import Kernel
from verifier.learn import laws
from verifier.learn.learner import Learner, compose
from verifier.learn.program import Program, Scope
from verifier.proof.exhaust import exhausted, finite
from verifier.proof.problem import Problem, Theory
from verifier.sheaf.readings import square
from verifier.sheaf.site import Chain
from verifier.terms.sorts import Element
from verifier.terms.syntax import Abstraction, Call, Function, Let, Read, Symbol

BITS = range(2)
TWO = Element("Two", ("0", "1"))
Table = tuple[int, ...]
P, A, B = Symbol("p", (), TWO), Symbol("a", (), TWO), Symbol("b", (), TWO)


def learner(implement: Table, update: Table, request: Table) -> Learner:
    def let(name: str, table: Table, inputs: tuple[Symbol, ...]) -> Let:
        f = Function(f"{name}{table}", tuple(((), TWO) for _ in inputs), (), TWO, table=table)
        return Let(Symbol(name, (), TWO), (), Call(f, tuple(Abstraction((), Read(s)) for s in inputs)))

    i, u, r = let("I", implement, (P, A)), let("U", update, (P, A, B)), let("R", request, (P, A, B))
    first = Program((P, A), (i,), (i.symbol,))
    second = Program((P, A, B), (u, r), (u.symbol, r.symbol))
    return Learner("F", (P,), (A,), (B,), first, second)


def drawn(random: Random) -> tuple[Table, Table, Table]:
    return tuple(tuple(random.choice(BITS) for _ in range(k)) for k in (4, 8, 8))  # type: ignore[return-value]


def holds(goals: Callable[[Scope], list[Any]]) -> bool:
    """By trying everything; and what the kernel proves of it, holds."""
    scope = Scope()
    rows = goals(scope)
    problem = Problem(Theory(), scope, tuple(rows))
    assert finite(problem)
    rulings = exhausted(problem)
    kernel = Kernel(scope.lets)
    for goal, ruling in zip(rows, rulings, strict=True):
        if kernel.equal(goal.equation).proved:
            assert ruling.verdict == "proved"
    return all(r.verdict == "proved" for r in rulings)


def oracle(i: Table, u: Table, r: Table) -> tuple[bool, bool, bool]:
    """GetPut, PutGet and PutPut in plain Python."""

    def at(p: int, a: int, b: int) -> tuple[int, int]:
        return u[4 * p + 2 * a + b], r[4 * p + 2 * a + b]

    def value(p: int, a: int) -> int:
        return i[2 * p + a]

    getput = all(at(p, a, value(p, a)) == (p, a) for p, a in product(BITS, BITS))
    putget = all(value(*at(p, a, b)) == b for p, a, b in product(BITS, BITS, BITS))
    putput = all(at(*at(p, a, b), c) == at(p, a, c) for p, a, b, c in product(BITS, BITS, BITS, BITS))
    return getput, putget, putput


@pytest.mark.slow
def test_lens_laws_against_the_oracle() -> None:
    random = Random(1)
    seen = set()
    for n in range(400):
        i, u, r = drawn(random)
        if n % 4 == 0:  # GetPut on purpose, which is rare at random
            u = tuple(p if i[2 * p + a] == b else x for (p, a, b), x in zip(product(BITS, BITS, BITS), u, strict=True))
            r = tuple(a if i[2 * p + a] == b else x for (p, a, b), x in zip(product(BITS, BITS, BITS), r, strict=True))
        f = learner(i, u, r)
        found = tuple(holds(partial(laws.LENS[law], f=f)) for law in ("getput", "putget", "putput"))
        assert found == oracle(i, u, r)
        seen.add(found)
    assert len(seen) >= 4


def local_square(first: tuple[Table, Table, Table], second: tuple[Table, Table, Table]) -> bool:
    """The square 0 -> 1 of the local reading, in plain Python."""
    (i, u, r), (_, v, s) = first, second
    for p, a, q in product(BITS, BITS, BITS):
        b = i[2 * p + a]
        moved = i[2 * u[4 * p + 2 * a + b] + r[4 * p + 2 * a + b]]
        c = second[0][2 * q + b]
        if v[4 * q + 2 * b + c] != q or s[4 * q + 2 * b + c] != moved:
            return False
    return True


@pytest.mark.slow
def test_local_squares_against_the_oracle() -> None:
    random = Random(2)
    good = 0
    for n in range(300):
        first, second = drawn(random), drawn(random)
        if n % 2:  # squares that commute are rare at random: let the second layer satisfy GetPut
            i, u, r = second
            places = list(product(BITS, BITS, BITS))
            u = tuple(p if i[2 * p + a] == b else x for (p, a, b), x in zip(places, u, strict=True))
            r = tuple(a if i[2 * p + a] == b else x for (p, a, b), x in zip(places, r, strict=True))
            second = i, u, r
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
