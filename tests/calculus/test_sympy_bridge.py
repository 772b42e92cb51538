"""Terms at concrete sizes as sympy expressions: sums, guards, sorts, uninterpreted functions, every hash seed."""

from __future__ import annotations

import os
import subprocess
import sys
from fractions import Fraction

import pytest
import sympy as sp

from verifier.calculus.concrete import Entry, entries, places
from verifier.calculus.sympy_bridge import to_sympy, unfold
from verifier.calculus.sympy_functions import Functions
from verifier.terms.index import Affine, And, Compare, Inject, Not, Or, Pair, Part, Same, Var, affine, combine
from verifier.terms.known import call
from verifier.terms.sizes import Size
from verifier.terms.sorts import REAL, Product, Range, Sum
from verifier.terms.syntax import (
    ZERO,
    Abstraction,
    Call,
    Case,
    Constant,
    Function,
    If,
    Let,
    Read,
    SizeOf,
    Symbol,
    add,
    div,
    mul,
    num,
    power,
    read,
    sub,
    total,
)

N, M = Range(Size.symbol("n")), Range(Size.symbol("m"))
i, j, t = Var("i", N), Var("j", M), Var("t", N)
W, A, V = Symbol("W", (N, M)), Symbol("a", (M,)), Symbol("v", (N,))
SIZES = {"n": 2, "m": 3}


def entry(symbol: Symbol, where: tuple[Entry, ...]) -> sp.Expr:
    return sp.Symbol(symbol.name + "".join(map(str, where)), real=True)


def scalar_function(name: str) -> Function:
    return Function(name, (((), REAL),))


def test_dense_layer_is_derived_by_sympy() -> None:
    s = scalar_function("S")
    h = add(total([j], mul(read(W, i, j), read(A, j))), read(V, i))
    loss = total([i], mul(num(Fraction(1, 2)), power(Call(s, (Abstraction((), h),)), 2)))
    classes = Functions()
    e = to_sympy(loss, entry, classes, sizes=SIZES)
    got = sp.diff(e, entry(W, (1, 2)))
    pre = sum(entry(W, (1, c)) * entry(A, (c,)) for c in range(3)) + entry(V, (1,))
    first = classes.entry("S", 1, (), (0,))
    assert sp.expand(got - entry(A, (2,)) * classes.entry("S", 1)(pre) * first(pre)) == 0
    assert not got.has(sp.Derivative, sp.Subs)
    # The same derivative written as a term is the same expression.
    primed = Call(s, (Abstraction((), h),), (), ((0, ()),))
    assert to_sympy(primed, entry, classes, sizes=SIZES, env={i: 1}) == first(pre)


def test_vector_function_by_its_entries() -> None:
    c = Function("c", (((M,), REAL), ((), REAL)), (N,))
    classes = Functions()
    arguments = (Abstraction((j,), power(read(A, j), 2)), Abstraction((), read(V, i)))
    env = {i: 1, t: 0}
    e = to_sympy(Call(c, arguments, (t,)), entry, classes, sizes=SIZES, env=env)
    flat = [*(entry(A, (q,)) ** 2 for q in range(3)), entry(V, (1,))]
    assert e == classes.entry("c", 4, (0,))(*flat)
    by_entry = to_sympy(Call(c, arguments, (t,), ((0, (j,)),)), entry, classes, sizes=SIZES, env={**env, j: 2})
    assert sp.diff(e, entry(A, (2,))) == 2 * entry(A, (2,)) * by_entry
    by_scalar = to_sympy(Call(c, arguments, (t,), ((1, ()),)), entry, classes, sizes=SIZES, env=env)
    assert sp.diff(e, entry(V, (1,))) == by_scalar
    # Partial derivatives commute.
    p, q = (0, (Affine((), Size.number(1)),)), (1, ())
    both = [to_sympy(Call(c, arguments, (t,), o), entry, classes, sizes=SIZES, env=env) for o in ((p, q), (q, p))]
    assert both[0] == both[1]
    assert sp.diff(by_scalar, entry(A, (1,))) == 2 * entry(A, (1,)) * both[0]


def test_guards_are_lazy_and_reads_are_checked() -> None:
    earlier = combine(t, affine({}, Size.number(1)), -1)
    shifted = read(V, earlier)
    guarded = If(Compare(">=", earlier), shifted, ZERO)
    assert [to_sympy(guarded, entry, sizes=SIZES, env={t: k}) for k in (0, 1)] == [0, entry(V, (0,))]
    with pytest.raises(IndexError, match="v is read at"):
        to_sympy(shifted, entry, sizes=SIZES, env={t: 0})
    with pytest.raises(ZeroDivisionError):
        to_sympy(div(num(1), sub(num(1), num(1))), entry)


def test_guards() -> None:
    first = Compare("==", t)

    def truth(guard: object) -> list[int]:
        return [int(to_sympy(If(guard, num(1), ZERO), entry, sizes=SIZES, env={t: k, i: 1})) for k in (0, 1)]  # type: ignore[arg-type]

    assert truth(first) == [1, 0]
    assert truth(Not(first)) == [0, 1]
    assert truth(Same(t, i)) == [0, 1]
    assert truth(Or((first, Same(t, i)))) == [1, 1]
    assert truth(And((first, Same(t, i)))) == [0, 0]


def test_products_and_sums_of_sorts() -> None:
    packed, both = Product((N, M)), Sum((N, M))
    assert entries(packed, SIZES) == [(0, 0), (0, 1), (0, 2), (1, 0), (1, 1), (1, 2)]
    assert entries(both, SIZES) == [(0, 0), (0, 1), (1, 0), (1, 1), (1, 2)]
    assert places((), SIZES) == [()]
    p, u = Var("p", packed), Var("u", both)
    q, k = Symbol("q", (packed,)), Symbol("k", (both,))
    assert to_sympy(read(q, Pair((i, j))), entry, sizes=SIZES, env={i: 1, j: 2}) == entry(q, ((1, 2),))
    assert to_sympy(read(W, Part(p, 0), Part(p, 1)), entry, sizes=SIZES, env={p: (1, 2)}) == entry(W, (1, 2))
    assert to_sympy(read(k, Inject(1, j, both)), entry, sizes=SIZES, env={j: 2}) == entry(k, ((1, 2),))
    joined = Case(u, ((i, read(V, i)), (j, read(A, j))))
    total_ = to_sympy(total([u], joined), entry, sizes=SIZES)
    assert total_ == sum(entry(V, (a,)) for a in range(2)) + sum(entry(A, (b,)) for b in range(3))


def test_constants_sizes_and_known_functions() -> None:
    term = add(Constant("pi"), Constant("e"), SizeOf(Size.symbol("n") * Size.symbol("m")), call("relu", num(-3)))
    assert abs(to_sympy(term, entry, sizes=SIZES).evalf(30) - (sp.pi + sp.E + 6).evalf(30)) < 1e-25
    b = Symbol("b")
    tanh = call("tanh", read(b)).function
    second = Call(tanh, (Abstraction((), read(b)),), (), ((0, ()), (0, ())))
    s = entry(b, ())
    assert sp.simplify(to_sympy(second, entry) - sp.diff(sp.tanh(s), s, 2)) == 0


def test_lets_are_unfolded_once_in_order() -> None:
    h, y = Symbol("h", (N,)), Symbol("y")
    lets = {
        "h": Let(h, (i,), add(total([j], mul(read(W, i, j), read(A, j))), read(V, i))),
        "y": Let(y, (), total([t], power(read(h, t), 2))),
    }
    seen: list[tuple[str, tuple[Entry, ...]]] = []

    def once(s: Symbol, where: tuple[Entry, ...]) -> sp.Expr:
        seen.append((s.name, where))
        return entry(s, where)

    lookup = unfold(lets, once, Functions(), SIZES)
    value = to_sympy(Read(y), lookup, sizes=SIZES)
    assert sp.diff(value, entry(V, (0,))) == 2 * to_sympy(read(h, affine({}, Size.number(0))), lookup, sizes=SIZES)
    assert seen.count(("v", (1,))) == 1


@pytest.mark.slow
def test_same_result_for_every_hash_seed() -> None:
    program = """
import sympy as sp
from verifier.calculus.sympy_functions import Functions
from verifier.calculus.scalar import compute
from verifier.calculus.standard import STANDARD, X, Y
from verifier.terms.syntax import Symbol
f = Functions()
a, b = sp.symbols("a b", real=True)
e = sum(f.entry("c", 2, (k,))(a * b, b) * f.entry("S", 1)(a + k * b) for k in range(3))
d = sp.diff(e, a, b)
print(d, sp.srepr(d), sp.factor_terms(d))
for s in STANDARD:
    print(compute(s.error, X, Y, Symbol("z"), positive=s.positive, intervals=s.intervals))
"""
    outputs = set()
    for seed in ("0", "1", "2", "77"):
        environment = {**os.environ, "PYTHONHASHSEED": seed}
        run = subprocess.run(
            [sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=True
        )
        outputs.add(run.stdout)
    assert len(outputs) == 1
