"""Positions with quotients, remainders and multiples by sizes: canonical forms, and how far they reach."""

from __future__ import annotations

import random
from itertools import product

import pytest

from verifier.evaluate.machine import Machine
from verifier.evaluate.model import Model
from verifier.terms.index import (
    Affine,
    Compare,
    Index,
    Not,
    Quotient,
    Remainder,
    Var,
    affine,
    combine,
    position,
    quotient,
    remainder,
    replace,
)
from verifier.terms.known import call
from verifier.terms.mathematics import text_index
from verifier.terms.reach import Reach
from verifier.terms.signs import SignTable
from verifier.terms.sizes import Bounds, Size
from verifier.terms.sorts import Range
from verifier.terms.syntax import ZERO, If, Let, Symbol, read, total

H, D = Size.symbol("H"), Size.symbol("D")
BOUNDS = Bounds.of({"H": 1, "D": 1})
h, d, c, k = Var("h", Range(H)), Var("d", Range(D)), Var("c", Range(H * D)), Var("k", Range(Size.number(5)))
REACH = Reach(BOUNDS)


def number(x: Size | int) -> Index:
    return affine({}, x if isinstance(x, Size) else Size.number(x))


def less(i: Index, size: Size) -> Affine:
    return position(combine(number(size - 1), i, -1))


PACKED = combine(combine(number(0), h, D), d)


def test_a_packed_position_stays_in_its_axis() -> None:
    assert REACH.nonnegative(position(PACKED)) and REACH.nonnegative(less(PACKED, H * D))
    assert not REACH.nonnegative(less(PACKED, H * D - 1))


@pytest.mark.parametrize(
    ("index", "size", "inside"),
    [
        (quotient(c, D), H, True),
        (quotient(c, D), H - 1, False),
        (remainder(c, D), D, True),
        (remainder(c, D), D - 1, False),
        (quotient(c, H), D, True),
        (remainder(combine(k, number(1)), Size.number(5)), Size.number(5), True),
        (quotient(k, Size.number(2)), Size.number(3), True),
        (quotient(k, Size.number(2)), Size.number(2), False),
    ],
)
def test_quotients_and_remainders_have_ranges(index: Index, size: Size, inside: bool) -> None:
    assert REACH.nonnegative(position(index)) and REACH.nonnegative(less(index, size)) == inside


def test_guards_bound_quotients() -> None:
    """Where 0 <= c - d and (c - d) // D < H - 1, that quotient is a position in H - 1."""
    q = quotient(combine(c, d, -1), D)
    low, high = Compare(">=", combine(c, d, -1)), Compare(">=", less(q, H - 1))
    assert not REACH.nonnegative(position(q)) and REACH.nonnegative(position(q), [low])
    assert not REACH.nonnegative(less(q, H - 1)) and REACH.nonnegative(less(q, H - 1), [low, high])


def test_an_equation_with_a_quotient_places_the_rest() -> None:
    """Where c // D == h, c - h*D is a position in D."""
    rest, where = combine(c, h, -D), Compare("==", combine(quotient(c, D), h, -1))
    assert not REACH.nonnegative(position(rest))
    assert REACH.nonnegative(position(rest), [where]) and REACH.nonnegative(less(rest, D), [where])
    assert not REACH.nonnegative(less(rest, D), [Not(where)])


def test_closed_quotients_are_sizes() -> None:
    assert quotient(number(H * D), D) == number(H) and remainder(number(7), Size.number(3)) == number(1)
    assert quotient(number(-1), Size.number(2)) == number(-1)
    assert quotient(number(H), Size.number(2)) == Quotient(number(H), Size.number(2))
    assert remainder(number(H), Size.number(2)) == Remainder(number(H), Size.number(2))
    assert quotient(c, Size.number(1)) == c and remainder(c, Size.number(1)) == number(0)


def test_substitution_reaches_into_quotients() -> None:
    i = combine(quotient(c, D), remainder(c, D), 2)
    assert replace(i, {c: number(0)}) == number(0)
    assert text_index(replace(i, {c: PACKED})) == "(d + h*D)//D + 2*((d + h*D)%D)"


def test_reach_agrees_with_evaluation() -> None:
    """Whatever is said to be at least 0 is, at all small sizes and all places."""
    r = random.Random(5)
    said = 0
    for _ in range(600):
        form = position(_form(r, 2))
        guards = [Compare(r.choice((">=", "==")), _form(r, 1)) for _ in range(r.randrange(3))]
        if not REACH.nonnegative(form, guards):
            continue
        said += 1
        for sizes in ({"H": 1, "D": 1}, {"H": 2, "D": 3}, {"H": 3, "D": 2}, {"H": 4, "D": 1}):
            machine = Machine(Model(sizes, {}, {}), {})
            for place in product(*(range(v.sort.size.value(sizes)) for v in (h, d, c, k))):  # type: ignore[union-attr]
                env = dict(zip((h, d, c, k), place, strict=True))
                if all(machine.guard(g, env) for g in guards):
                    assert machine.index(form, env) >= 0, (form, guards, sizes, env)
    assert said > 40


def _form(r: random.Random, depth: int) -> Index:
    result = number(r.choice((0, 1, -1, 2, H, D, H * D - 1, -D)))
    for _ in range(r.choice((1, 1, 2))):
        atom: Index = r.choice((h, d, c, k))
        if depth and r.random() < 0.6:
            atom = r.choice((quotient, remainder))(
                _form(r, depth - 1), r.choice((D, H, Size.number(2), Size.number(3)))
            )
        result = combine(result, atom, r.choice((1, 1, -1, 2, D, -D)))
    return result


def test_parity_is_a_range() -> None:
    """Where j % 2 == 0, j + 1 is a position in 2*D; where it is not, j - 1 is."""
    j = Var("j", Range(D * 2))
    even = Compare("==", remainder(j, Size.number(2)))
    after, before = combine(j, number(1)), combine(j, number(1), -1)
    assert REACH.nonnegative(less(after, D * 2), [even]) and not REACH.nonnegative(less(after, D * 2))
    assert REACH.nonnegative(position(before), [Not(even)]) and not REACH.nonnegative(position(before), [even])


def test_a_causal_sum_is_positive() -> None:
    """sum[w](exp(x[w]) if w <= t else 0) has a term at w = t; with w < t it may have none."""
    axis = Range(H)
    t, w = Var("t", axis), Var("w", axis)
    weight = call("exp", read(Symbol("x", (axis,)), w))
    e = Symbol("e", (axis, axis))
    for step, signs in ((0, {1}), (1, {0, 1})):
        guard = Compare(">=", combine(combine(t, w, -1), number(step), -1))
        lets = {"e": Let(e, (t, w), If(guard, weight, ZERO))}
        for body in (If(guard, weight, ZERO), read(e, t, w)):
            assert SignTable(lets, BOUNDS, ()).of(total([w], body)) == signs
