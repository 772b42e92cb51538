"""Products, greatest values and their indices, integer tensors: values, definedness, traversals."""

from __future__ import annotations

from fractions import Fraction

import pytest

from verifier.evaluate.machine import Machine, derivative
from verifier.evaluate.model import Model
from verifier.evaluate.numbers import Undefined
from verifier.terms.definedness import NOTHING, of_term
from verifier.terms.index import Affine, Compare, Index, Lookup, Not, Same, Var, combine, variables
from verifier.terms.mathematics import text
from verifier.terms.signs import SignTable
from verifier.terms.sizes import Bounds, Size
from verifier.terms.sorts import Fin, Range
from verifier.terms.syntax import (
    ONE,
    Extreme,
    If,
    IndexOf,
    Prod,
    Read,
    Symbol,
    Term,
    Total,
    Where,
    always,
    mul,
    num,
)
from verifier.terms.traverse import free_indices, reads, rename_indices, rename_symbols, whole

N, V = Size.symbol("n"), Size.symbol("v")
Q, J, K = (Var(name, Range(N)) for name in "ijk")
X = Symbol("x", (Range(N),))
W = Symbol("w", (Range(V),))
T = Symbol("t", (Range(N),), Fin(V))
BELOW = Compare(">=", combine(Q, J, -1))


def machine(x: list[int], t: list[int] | None = None) -> Machine:
    values = {
        "x": {(k,): Fraction(v) for k, v in enumerate(x)},
        "w": {(k,): Fraction(10 * k + 1) for k in range(3)},
        "t": {(k,): Fraction(v) for k, v in enumerate(t or [0] * len(x))},
    }
    return Machine(Model({"n": len(x), "v": 3}, values, {}), {})


def x(i: Index) -> Term:
    return Read(X, (i,))


def test_products_and_filters() -> None:
    m = machine([2, -3, 5])
    assert m.value(Prod((J,), x(J))) == -30
    assert m.value(Prod((J,), If(Not(Same(Q, J)), x(J), ONE)), {Q: 1}) == 10
    assert m.value(Prod((J,), If(BELOW, x(J), ONE)), {Q: 1}) == -6
    assert machine([]).value(Prod((J,), x(J))) == 1


@pytest.mark.parametrize(("name", "value", "place"), [("max", 5, 1), ("min", -3, 2)])
def test_greatest_values_are_taken_first_where_they_are_taken_twice(name: str, value: int, place: int) -> None:
    m = machine([2, 5, -3, 5, -3])
    assert m.value(Extreme(name, (J,), always(), x(J))) == value
    assert m.value(Where(name, (J,), always(), x(J))) == place


def test_a_filter_leaves_candidates_out_and_must_leave_some() -> None:
    m = machine([2, 5, 9])
    assert m.value(Extreme("max", (J,), BELOW, x(J)), {Q: 1}) == 5
    with pytest.raises(Undefined, match="over nothing"):
        m.value(Extreme("max", (J,), Not(Same(J, J)), x(J)))


def test_a_pair_of_indices_at_which_a_value_is_greatest() -> None:
    m = machine([2, 5, 3])
    gap = mul(x(Q), x(J), If(Same(Q, J), num(0), ONE))
    where = [Where("max", (Q, J), always(), gap, k) for k in (0, 1)]
    assert [m.value(w) for w in where] == [1, 2]


def test_entries_of_integer_tensors_are_indices_and_numbers() -> None:
    m = machine([4, 4], [2, 0])
    assert m.value(Read(W, (Lookup(T, (Q,)),)), {Q: 0}) == 21
    assert m.value(Read(T, (Q,)), {Q: 0}) == 2
    assert m.value(IndexOf(combine(Lookup(T, (Q,)), Q)), {Q: 1}) == 1
    assert m.guard(Compare("==", combine(Lookup(T, (Q,)), Affine((), Size.number(2)), -1)), {Q: 0})


def test_a_greatest_value_has_the_derivative_of_the_entry_that_is_greatest() -> None:
    top = Extreme("max", (J,), always(), x(J))
    assert [derivative(machine([2, 5, 3]).model, {}, top, {}, X, (k,)) for k in range(3)] == [0, 1, 0]
    with pytest.raises(Undefined, match="tie"):
        derivative(machine([5, 5]).model, {}, top, {}, X, (0,))


def test_traversals_see_integer_tensors_inside_indices() -> None:
    t = Read(W, (Lookup(T, (Q,)),))
    assert reads(t) == (W, T)
    assert free_indices(t) == {Q}
    other = Symbol("s", (Range(N),), Fin(V))
    assert rename_symbols(t, {T: other}) == Read(W, (Lookup(other, (Q,)),))
    assert rename_indices(t, {Q: J}) == Read(W, (Lookup(T, (J,)),))
    assert variables(combine(Lookup(T, (Q,)), J)) == {Q, J}


def test_binders_of_filters_make_way() -> None:
    t = Extreme("max", (J,), BELOW, mul(x(Q), x(J)))
    renamed = rename_indices(t, {Q: J})
    assert isinstance(renamed, Extreme)
    (bound,) = renamed.indices
    assert bound != J
    assert free_indices(renamed) == {J}
    m = machine([2, -5, 3])
    assert [m.value(renamed, {J: k}) for k in range(3)] == [m.value(t, {Q: k}) for k in range(3)]


def test_what_is_printed_can_be_read() -> None:
    assert text(Extreme("max", (J,), BELOW, x(J))) == "max[j if i >= j](x[j])"
    assert text(Prod((J,), If(Not(Same(J, Q)), x(J), ONE))) == "prod[j if j != i](x[j])"
    assert text(Where("min", (J,), always(), x(J))) == "argmin[j](x[j])"
    assert text(Read(W, (Lookup(T, (Q,)),))) == "w[t[i]]"


def test_whole_numbers() -> None:
    assert whole(mul(num(2), IndexOf(Q)))
    assert not whole(mul(num(Fraction(1, 2)), IndexOf(Q)))
    assert not whole(x(Q))


def test_a_reduction_over_nothing_is_a_condition_that_a_witness_discharges() -> None:
    table = SignTable({}, Bounds.of({"n": 1}), ())
    (through,) = [c for c in of_term(Extreme("max", (J,), BELOW, x(J)), (Q,)) if c.reason == NOTHING]
    assert isinstance(through.subject, Total)
    assert table.implies(through)
    strict = Compare(">=", combine(combine(Q, J, -1), Affine((), Size.number(1)), -1))
    (nothing,) = [c for c in of_term(Extreme("max", (J,), strict, x(J)), (Q,)) if c.reason == NOTHING]
    assert not table.implies(nothing)  # at i = 0 there is no j < i
    (size,) = [c for c in of_term(Extreme("max", (J,), always(), x(J)), (Q,)) if c.reason == NOTHING]
    assert table.implies(size)
    assert not SignTable({}, Bounds.of({"n": 0}), ()).implies(size)
