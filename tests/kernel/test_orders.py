"""Orders of indices: one of x > y, x = y, y > x holds, also of indices that sums bind."""

from __future__ import annotations

import pytest

from verifier.kernel import Kernel, orders
from verifier.kernel.algebra import Algebra
from verifier.kernel.data import Factor, Rat
from verifier.terms.index import Same, Var
from verifier.terms.matrices import below
from verifier.terms.sizes import Bounds, Size
from verifier.terms.sorts import Range
from verifier.terms.syntax import ZERO, Equation, If, Read, Symbol, Term, Total, add, mul, num

N = Range(Size.symbol("n"))
i, j, k = (Var(x, N) for x in "ijk")
A, B = Symbol("A", (N, N)), Symbol("B", (N, N))


def a(x: Var, y: Var) -> Term:
    return Read(A, (x, y))


def b(x: Var, y: Var) -> Term:
    return Read(B, (x, y))


def total(t: Term) -> Term:
    return Total((i, j), t)


SYMMETRIC = mul(a(i, j), a(j, i))
CASES: dict[str, tuple[Term, Term, bool]] = {
    "all three": (
        total(add(*(If(g, mul(a(i, j), b(j, i)), ZERO) for g in (below(i, j), below(j, i), Same(i, j))))),
        total(mul(a(i, j), b(j, i))),
        True,
    ),
    "twice the lower part of what is symmetric": (
        add(total(mul(num(2), If(below(i, j), SYMMETRIC, ZERO))), total(If(Same(i, j), SYMMETRIC, ZERO))),
        total(SYMMETRIC),
        True,
    ),
    "turned": (
        total(If(below(i, j), add(a(i, j), a(j, i)), ZERO)),
        total(add(a(i, j), mul(num(-1), If(Same(i, j), a(i, j), ZERO)))),
        True,
    ),
    "without the diagonal": (
        total(add(*(If(g, mul(a(i, j), b(j, i)), ZERO) for g in (below(i, j), below(j, i))))),
        total(mul(a(i, j), b(j, i))),
        False,
    ),
    "twice the lower part of what is not": (
        add(total(mul(num(2), If(below(i, j), a(i, j), ZERO))), total(If(Same(i, j), a(i, j), ZERO))),
        total(a(i, j)),
        False,
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_orders(name: str) -> None:
    left, right, true = CASES[name]
    assert Kernel({}, Bounds.of({"n": 1})).equal(Equation((), left, right)).proved == true


@pytest.mark.parametrize("name", [n for n, row in CASES.items() if row[2]])
def test_without_the_rule_it_is_not_proved(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("verifier.kernel.prove.balanced", lambda *_: None)
    left, right, _ = CASES[name]
    assert not Kernel({}, Bounds.of({"n": 1})).equal(Equation((), left, right)).proved


def test_a_mutant_proves_something_false(monkeypatch: pytest.MonkeyPatch) -> None:
    """Equality forgotten: then the sum without its diagonal is the whole."""
    plain = orders._even

    def forgetful(k: Algebra, f: Factor) -> list[tuple[Rat, list[Factor]]]:
        return [row for row in plain(k, f) if not row[1] or k.heads[row[1][0][0]].data[0] != "=="]

    monkeypatch.setattr(orders, "_even", forgetful)
    left, right, _ = CASES["without the diagonal"]
    assert Kernel({}, Bounds.of({"n": 1})).equal(Equation((), left, right)).proved
