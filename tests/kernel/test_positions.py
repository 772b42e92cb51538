"""Positions in the kernel: digits and parts of axes, brackets with sizes as coefficients, remainders."""

from __future__ import annotations

from collections.abc import Callable

import pytest

import verifier.kernel.brackets as brackets
import verifier.kernel.implications as implications
from verifier.kernel import Kernel
from verifier.kernel.layout import Digits, Parts, layouts
from verifier.kernel.places import Places
from verifier.terms.index import And, Compare, Guard, Index, Not, Var, affine, combine, quotient, remainder
from verifier.terms.mathematics import text
from verifier.terms.sizes import Bounds, Size
from verifier.terms.sorts import Range
from verifier.terms.syntax import ONE, ZERO, Equation, If, Symbol, Term, add, mul, num, read, total

H, D, K = Size.symbol("H"), Size.symbol("D"), Size.symbol("K")
BOUNDS = Bounds.of({"H": 1, "D": 1, "K": 1})
TWO, THREE = Size.number(2), Size.number(3)
h, d, c = Var("h", Range(H)), Var("d", Range(D)), Var("c", Range(H * D))
j, k, u, s = Var("j", Range(D * 2)), Var("k", Range(K)), Var("u", Range(THREE)), Var("s", Range(H + D))
q = Var("q", c.sort)
X, Y, Z, W = Symbol("X", (c.sort,)), Symbol("Y", (h.sort,)), Symbol("Z", (j.sort,)), Symbol("W", (d.sort,))
V, T = Symbol("V", (u.sort,)), Symbol("T", (s.sort,))


def number(x: Size | int) -> Index:
    return affine({}, x if isinstance(x, Size) else Size.number(x))


def minus(a: Index, b: Index | Size | int) -> Index:
    return combine(a, number(b) if isinstance(b, int | Size) else b, -1)


def plus(a: Index, b: Index | Size | int) -> Index:
    return combine(a, number(b) if isinstance(b, int | Size) else b)


def at_least(a: Index, b: Index | Size | int) -> Guard:
    return Compare(">=", minus(a, b))


def below(a: Index, b: Index | Size | int) -> Guard:
    return Not(at_least(a, b))


def where(g: Guard, t: Term) -> Term:
    return If(g, t, ZERO)


PACKED = combine(d, h, D)
TRUE: dict[str, tuple[Term, Term]] = {
    "a sum over a packed axis": (total([c], read(X, c)), total([h, d], read(X, PACKED))),
    "its digits": (read(X, PACKED), read(X, combine(remainder(PACKED, D), quotient(PACKED, D), D))),
    "a digit of a packed index": (
        total([c], mul(read(X, c), read(Y, quotient(c, D)))),
        total([h], mul(read(Y, h), total([d], read(X, PACKED)))),
    ),
    "two halves": (total([j], read(Z, j)), total([d], add(read(Z, d), read(Z, plus(d, D))))),
    "halves exchanged": (
        total([j], mul(read(Z, j), read(Z, remainder(plus(j, D), D * 2)))),
        mul(num(2), total([d], mul(read(Z, d), read(Z, plus(d, D))))),
    ),
    "pairs": (
        total([j], where(Compare("==", remainder(j, TWO)), read(Z, j))),
        total([d], read(Z, combine(number(0), d, 2))),
    ),
    "a concatenation": (
        total([s], where(below(s, H), mul(read(T, s), read(Y, s)))),
        total([h], mul(read(T, h), read(Y, h))),
    ),
    "a cyclic shift of three": (
        total([u], mul(read(V, u), read(V, remainder(plus(u, 1), THREE)))),
        add(*(mul(read(V, number(a)), read(V, number(b))) for a, b in ((0, 1), (1, 2), (0, 2)))),
    ),
    "a cyclic shift": (
        total([c], mul(read(X, c), read(X, remainder(plus(c, 1), H * D)))),
        total([c], mul(read(X, c), read(X, remainder(minus(c, 1), H * D)))),
    ),
    "a stride that is no digit": (
        where(And((Compare("==", remainder(minus(c, k), K)), at_least(c, k))), read(X, quotient(minus(c, k), K))),
        total([q], where(Compare("==", combine(minus(c, k), q, -K)), read(X, q))),
    ),
    "a bracket of digits": (
        total([h, d], where(Compare("==", minus(c, PACKED)), mul(read(Y, h), read(W, d)))),
        mul(read(Y, quotient(c, D)), read(W, remainder(c, D))),
    ),
    "a guard on a digit": (
        total([c], where(at_least(quotient(c, D), 1), read(X, c))),
        total([h, d], where(at_least(h, 1), read(X, PACKED))),
    ),
    "two inequalities are an equation": (
        where(And((at_least(h, k), at_least(k, h))), read(Y, h)),
        where(Compare("==", minus(h, k)), read(Y, h)),
    ),
    "one inequality implies another": (
        where(And((at_least(h, k), at_least(plus(h, 1), k))), ONE),
        where(at_least(h, k), ONE),
    ),
    "inequalities that exclude each other": (where(And((at_least(h, k), at_least(k, plus(h, 1)))), ONE), ZERO),
    "a flip": (total([c], read(X, minus(number(H * D - 1), c))), total([c], read(X, c))),
}
FREE = (h, d, c, k)


def proved(left: Term, right: Term) -> bool:
    return Kernel({}, BOUNDS).equal(Equation(FREE, left, right)).proved


@pytest.mark.parametrize("name", TRUE)
def test_it_is_proved(name: str) -> None:
    left, right = TRUE[name]
    assert proved(left, right), f"{text(left)} == {text(right)}"


Mutant = Callable[[pytest.MonkeyPatch], None]


def _digits_without_a_range(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Places, "_within", lambda *_: True)


def _brackets_without_a_range(patch: pytest.MonkeyPatch) -> None:
    true = brackets._digits

    def careless(op: object, linear: brackets.Form, const: Size, bounds: Bounds) -> object:
        patch.setattr(brackets, "at_least", lambda *_: True)
        try:
            return true(op, linear, const, bounds)
        finally:
            patch.setattr(brackets, "at_least", sure)

    sure = brackets.at_least
    patch.setattr(brackets, "_digits", careless)


def _parts_are_never_missed(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Places, "_misses", lambda self, form, offset, extent: bool(offset.terms))


def _any_inequality_implies(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(implications, "at_least", lambda *_: True)


def _any_remainder_is_an_equation(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(implications, "split", lambda *_: [])


def _content_is_always_divided(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(brackets, "_digit", lambda *_: True)


def _quotients_forget_the_divisor(patch: pytest.MonkeyPatch) -> None:
    true = Places._divided
    patch.setattr(Places, "_divided", lambda self, q, shape, by: true(self, q, shape, Size.number(1) if q else by))


FALSE: dict[str, tuple[Term, Term, Mutant]] = {
    "h*D + k has no digits k": (
        read(Y, quotient(combine(k, h, D), D)),
        read(Y, h),
        _digits_without_a_range,
    ),
    "h*D + k == c is no equation of digits": (
        where(Compare("==", combine(minus(c, k), h, -D)), ONE),
        where(Compare("==", minus(quotient(c, D), h)), where(Compare("==", minus(remainder(c, D), k)), ONE)),
        _brackets_without_a_range,
    ),
    "k + d reaches both halves": (
        add(total([d], read(Z, d)), where(below(plus(k, d), D * 2), read(Z, plus(k, d)))),
        add(total([d], read(Z, d)), where(below(plus(k, d), D), read(Z, plus(k, d)))),
        _parts_are_never_missed,
    ),
    "h >= k does not imply k >= h": (
        where(And((at_least(h, k), at_least(k, h))), ONE),
        where(at_least(k, h), ONE),
        _any_inequality_implies,
    ),
    "k % 2 == 0 is not h == 0": (
        where(And((Compare("==", remainder(k, TWO)), at_least(h, k), at_least(plus(k, 1), h))), ONE),
        where(Compare("==", minus(h, k)), ONE),
        _any_remainder_is_an_equation,
    ),
    "2*h >= 2*k + D is not h >= k + D": (
        where(at_least(combine(number(0), h, 2), plus(combine(number(0), k, 2), D)), ONE),
        where(at_least(h, plus(k, D)), ONE),
        _content_is_always_divided,
    ),
    "h // 2 is not h": (read(Y, quotient(h, TWO)), read(Y, h), _quotients_forget_the_divisor),
}


@pytest.mark.parametrize("name", FALSE)
def test_it_is_not_proved_and_a_mutant_proves_it(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    left, right, mutant = FALSE[name]
    assert not proved(left, right)
    mutant(monkeypatch)
    assert proved(left, right)


def test_layouts_are_what_terms_ask_for() -> None:
    third = combine(number(0), combine(c, number(H * D)), 1)
    whole = Symbol("Q", (Range(H * D * 3),))
    table = layouts([read(whole, third), read(Y, quotient(c, D)), read(T, plus(d, H)), read(V, number(1))], BOUNDS)
    assert table[H * D * 3] == Parts((H * D, H * D, H * D)) or table[H * D * 3] == Parts((H * D, H * D * 1, H * D))
    assert table[H * D] == Digits(H, D)
    assert table[H + D] == Parts((H, D)) and table[THREE] == Parts((Size.number(1),) * 3)
    assert not layouts([read(X, c), read(Y, h)], BOUNDS)
