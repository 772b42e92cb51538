"""Random learners over {0, 1}: an oracle in plain Python, the exhaustive verdict, and what the kernel proves."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product
from random import Random
from typing import Any

from verifier.kernel import Kernel
from verifier.learn.learner import Learner
from verifier.learn.program import Program, Scope
from verifier.proof.exhaust import exhausted, finite
from verifier.proof.problem import Problem, Theory
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


def near_getput(tables: tuple[Table, Table, Table]) -> tuple[Table, Table, Table]:
    """The same learner, with GetPut: squares that commute are rare at random."""
    i, u, r = tables
    places = list(product(BITS, BITS, BITS))
    u = tuple(p if i[2 * p + a] == b else x for (p, a, b), x in zip(places, u, strict=True))
    r = tuple(a if i[2 * p + a] == b else x for (p, a, b), x in zip(places, r, strict=True))
    return i, u, r
