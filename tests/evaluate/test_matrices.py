"""Inverses, determinants and orthogonal matrices at exact points, and their derivatives."""

from __future__ import annotations

from fractions import Fraction
from itertools import product
from random import Random

import pytest

from verifier.evaluate.machine import Machine, derivative
from verifier.evaluate.matrices import matrix
from verifier.evaluate.model import Model
from verifier.evaluate.numbers import Dual, Number, Undefined, ball, differ, plus, times
from verifier.evaluate.orthogonal import orthogonal
from verifier.terms.index import Affine, Index, Var
from verifier.terms.matrices import function, slope
from verifier.terms.sizes import Size
from verifier.terms.sorts import Range
from verifier.terms.syntax import Abstraction, Call, Read, Symbol

N = Range(Size.symbol("n"))
A = Symbol("A", (N, N))
ROWS = (Var("r", N), Var("c", N))


def call(name: str, *outputs: Index) -> Call:
    return Call(function(name, N), (Abstraction(ROWS, Read(A, ROWS)),), outputs)


def at(k: int) -> Affine:
    return Affine((), Size.number(k))


def entries(n: int, seed: int) -> dict[tuple[int, int], Fraction]:
    random = Random(seed)
    return {p: Fraction(random.randint(-5, 5), random.choice((1, 2, 3))) for p in product(range(n), repeat=2)}


@pytest.mark.parametrize("n", [1, 2, 3, 4])
@pytest.mark.parametrize("seed", range(4))
def test_inverse_and_determinant(n: int, seed: int) -> None:
    rows = entries(n, seed)
    if matrix("det", rows, ()) == 0:
        with pytest.raises(Undefined):
            matrix("inv", rows, (0, 0))
        return
    inverse = {p: matrix("inv", rows, p) for p in rows}
    for i, j in rows:
        assert sum(rows[i, k] * inverse[k, j] for k in range(n)) == (i == j)
    balls = {p: ball(x) for p, x in rows.items()}
    assert not differ(matrix("det", balls, ()), matrix("det", rows, ()))
    assert matrix("det", inverse, ()) * matrix("det", rows, ()) == 1
    swapped = {(i if i > 1 else 1 - i, j): x for (i, j), x in rows.items()} if n > 1 else rows
    assert matrix("det", swapped, ()) == (-1 if n > 1 else 1) * matrix("det", rows, ())


def test_a_singular_matrix_has_a_determinant_with_a_derivative() -> None:
    rows = {(0, 0): Dual(Fraction(1), Fraction(0)), (0, 1): Dual(Fraction(2), Fraction(0))}
    rows |= {(1, 0): Dual(Fraction(2), Fraction(0)), (1, 1): Dual(Fraction(4), Fraction(1))}
    found = matrix("det", rows, ())
    assert (found.value, found.slope) == (0, 1)


@pytest.mark.parametrize("name", ["inv", "det"])
def test_slopes_are_dual_numbers_slopes(name: str) -> None:
    model = Model({"n": 3}, {"A": entries(3, 1)}, {})
    for i, j, k, m in product(range(3), repeat=4):
        t = call(name, *((at(i), at(j)) if name == "inv" else ()))
        assert derivative(model, {}, t, {}, A, (k, m)) == Machine(model, {}).value(slope(t, at(k), at(m)))


def positive_definite(n: int) -> dict[tuple[int, int], Fraction]:
    """B B^T + 1 of random B, and an antisymmetric part, on which nothing depends."""
    b, turned = entries(n, 2), entries(n, 3)
    return {
        (i, j): sum((b[i, k] * b[j, k] for k in range(n)), Fraction(int(i == j))) + turned[i, j] - turned[j, i]
        for i, j in b
    }


@pytest.mark.parametrize("n", [1, 2, 3])
def test_the_factor_of_cholesky(n: int) -> None:
    rows = positive_definite(n)
    factor = {p: matrix("cholesky", rows, p) for p in rows}
    for i, j in rows:
        total: Number = Fraction(0)
        for k in range(n):
            total = plus(total, times(factor[i, k], factor[j, k]))
        assert not differ(total, (rows[i, j] + rows[j, i]) / 2)
        assert factor[i, j] == 0 or i >= j
    assert all(factor[i, i] > 0 for i in range(n))
    with pytest.raises(Undefined):
        matrix("cholesky", {p: -x for p, x in rows.items()}, (0, 0))


def test_slopes_of_the_factor() -> None:
    model = Model({"n": 2}, {"A": positive_definite(2)}, {})
    for i, j, k, m in product(range(2), repeat=4):
        t = call("cholesky", at(i), at(j))
        assert not differ(derivative(model, {}, t, {}, A, (k, m)), Machine(model, {}).value(slope(t, at(k), at(m))))


@pytest.mark.parametrize(("n", "c"), [(1, 4), (2, 2), (2, 5), (3, 4), (4, 4), (4, 7), (5, 1)])
def test_orthogonal_matrices(n: int, c: int) -> None:
    m = orthogonal(n, Fraction(c), Random(n))
    assert m is not None
    for i, j in product(range(n), repeat=2):
        assert sum(m[i][k] * m[j][k] for k in range(n)) == (c if i == j else 0)
        assert sum(m[k][i] * m[k][j] for k in range(n)) == (c if i == j else 0)


def test_no_orthogonal_matrix_of_odd_size_for_a_number_that_is_no_square() -> None:
    assert orthogonal(3, Fraction(3), Random(0)) is None
    assert orthogonal(2, Fraction(-1), Random(0)) is None
