"""Terms as mathematics: the printed form of each construct, brackets, and escaping."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from verifier.terms.index import And, Compare, Inject, Not, Or, Pair, Part, Same, Var, affine, combine
from verifier.terms.known import call
from verifier.terms.mathematics import latex, text
from verifier.terms.sizes import Size
from verifier.terms.sorts import REAL, Product, Range, Sum
from verifier.terms.syntax import (
    ZERO,
    Abstraction,
    Add,
    Call,
    Case,
    Constant,
    Equation,
    Function,
    If,
    Let,
    Mul,
    Read,
    SizeOf,
    Symbol,
    Term,
    add,
    div,
    mul,
    neg,
    num,
    power,
    read,
    sub,
    total,
)

n, m = Size.symbol("n"), Size.symbol("m")
N, M, TWO = Range(n), Range(m), Range(Size.number(2))
i, j, k, t, u = Var("i", N), Var("j", M), Var("k", N), Var("t", N), Var("u", N)
W, A, V, H = Symbol("W", (N, M)), Symbol("a", (M,)), Symbol("v", (N,)), Symbol("h", (N,))
x, y, z, eps, rstd = (read(Symbol(s)) for s in ("x", "y", "z", "eps", "rstd"))
ONE = num(1)
HALF = num(Fraction(1, 2))
DENSE = add(total([j], mul(read(W, i, j), read(A, j))), read(V, i))
S = Function("c", (((), REAL),))
C = Function("c", (((N,), REAL),), (N,))
E = Function("e", (((), REAL), ((), REAL)))
VECTOR = (Abstraction((k,), read(H, k)),)
EARLIER = Compare(">=", combine(t, u, -1))
PACKED = Product((N, M))
JOINED = Sum((N, M))
p, q = Var("p", PACKED), Var("q", JOINED)

CASES: list[tuple[Term | Let | Equation, str, str]] = [
    (DENSE, "sum[j](W[i,j]*a[j]) + v[i]", r"\sum_{j} W_{ij} a_{j} + v_{i}"),
    (add(x, neg(y), num(-2)), "x - y - 2", "x - y - 2"),
    (neg(x), "-x", "-x"),
    (num(-3), "-3", "-3"),
    (num(Fraction(-2, 3)), "-2/3", r"-\frac{2}{3}"),
    (Add((mul(num(-2), x), y)), "-2*x + y", "-2 x + y"),
    (sub(x, add(y, z)), "x - (y + z)", r"x - \left(y + z\right)"),
    (mul(x, sub(y, z)), "x*(y - z)", r"x \left(y - z\right)"),
    (mul(HALF, power(sub(x, y), 2)), "(x - y)^2/2", r"\frac{\left(x - y\right)^{2}}{2}"),
    (div(x, mul(y, z)), "x/(y*z)", r"\frac{x}{y z}"),
    (div(sub(x, y), mul(x, sub(ONE, x))), "(x - y)/(x*(1 - x))", r"\frac{x - y}{x \left(1 - x\right)}"),
    (power(x, -1), "1/x", r"\frac{1}{x}"),
    (power(x, -2), "1/x^2", r"\frac{1}{x^{2}}"),
    (power(add(x, eps), Fraction(-1, 2)), "1/sqrt(x + eps)", r"\frac{1}{\sqrt{x + \varepsilon}}"),
    (power(x, Fraction(3, 2)), "x^(3/2)", "x^{3/2}"),
    (power(power(sub(ONE, z), Fraction(1, 2)), 4), "sqrt(1 - z)^4", r"\sqrt{1 - z}^{4}"),
    (power(neg(x), 2), "(-x)^2", r"\left(-x\right)^{2}"),
    (power(power(x, 2), 3), "(x^2)^3", r"\left(x^{2}\right)^{3}"),
    (power(num(Fraction(1, 2)), 3), "(1/2)^3", r"\left(\frac{1}{2}\right)^{3}"),
    (power(x, 0), "x^0", "x^{0}"),
    (neg(div(x, y)), "-x/y", r"-\frac{x}{y}"),
    (Mul((x, neg(y))), "x*(-y)", r"x \left(-y\right)"),
    (Mul((x, Mul((y, z)))), "x*y*z", "x y z"),
    (Mul((x, num(2))), "x*2", r"x \cdot 2"),
    (mul(num(0), x), "0*x", "0 x"),
    (div(x, div(y, z)), "x/(y/z)", r"\frac{x}{\frac{y}{z}}"),
    (sub(x, div(y, num(3))), "x - y/3", r"x - \frac{y}{3}"),
    (mul(read(V, i), total([j], read(A, j))), "v[i]*sum[j](a[j])", r"v_{i} \sum_{j} a_{j}"),
    (mul(total([j], read(A, j)), x), "sum[j](a[j])*x", r"\left(\sum_{j} a_{j}\right) x"),
    (total([j], add(read(A, j), x)), "sum[j](a[j] + x)", r"\sum_{j} \left(a_{j} + x\right)"),
    (total([i, j], read(W, i, j)), "sum[i,j](W[i,j])", r"\sum_{i, j} W_{ij}"),
    (power(total([j], read(A, j)), 2), "sum[j](a[j])^2", r"\left(\sum_{j} a_{j}\right)^{2}"),
    (
        total([u], If(EARLIER, read(V, u), ZERO)),
        "sum[u if t >= u](v[u])",
        r"\sum_{\substack{u \\ t \ge u}} v_{u}",
    ),
    (
        If(Not(EARLIER), x, add(y, z)),
        "x if t < u else y + z",
        r"\begin{cases} x & \text{if } t < u \\ y + z & \text{otherwise} \end{cases}",
    ),
    (mul(x, If(Same(i, k), y, z)), "x*(y if i == k else z)", None),
    (If(And((Same(i, k), Or((EARLIER, Not(Same(t, u)))))), x, y), "x if i == k and (t >= u or t != u) else y", None),
    (If(Not(And((Same(i, k), EARLIER))), x, y), "x if not (i == k and t >= u) else y", None),
    (call("exp", sub(x, y)), "exp(x - y)", r"\exp\left(x - y\right)"),
    (call("relu", x), "relu(x)", r"\operatorname{relu}\left(x\right)"),
    (call("abs", x), "abs(x)", r"\left|x\right|"),
    (Call(S, (Abstraction((), read(H, i)),)), "c(h[i])", r"c\left(h_{i}\right)"),
    (Call(S, (Abstraction((), read(H, i)),), (), ((0, ()),)), "c'(h[i])", r"c'\left(h_{i}\right)"),
    (Call(S, (Abstraction((), read(H, i)),), (), ((0, ()),) * 2), "c''(h[i])", r"c''\left(h_{i}\right)"),
    (Call(C, VECTOR, (i,)), "c(h)[i]", r"c\left(h\right)_{i}"),
    (
        Call(C, VECTOR, (i,), ((0, (t,)),)),
        "partial(c, 0)[t](h)[i]",
        r"{\partial_{0, t} c\left(h\right)}_{i}",
    ),
    (
        Call(C, (Abstraction((k,), mul(num(2), read(H, k))),), (i,)),
        "c(tensor[k](2*h[k]))[i]",
        r"{c\left(\left(2 h_{k}\right)_{k}\right)}_{i}",
    ),
    (Call(E, (Abstraction((), x), Abstraction((), y)), (), ((0, ()),)), "partial(e, 0)(x, y)", None),
    (Call(E, (Abstraction((), x), Abstraction((), y)), (), ((0, ()), (1, ()))), "partial(e, 0, 1)(x, y)", None),
    (mul(Constant("pi"), Constant("e")), "pi*e", r"\pi e"),
    (div(x, SizeOf(n)), "x/n", r"\frac{x}{n}"),
    (div(x, SizeOf(n * m - 1)), "x/(m*n - 1)", r"\frac{x}{m n - 1}"),
    (mul(SizeOf(n - 1), x), "(n - 1)*x", r"\left(n - 1\right) x"),
    (power(SizeOf(n * m), 2), "(m*n)^2", r"\left(m n\right)^{2}"),
    (read(V, combine(affine({}, n - 1), i, -1)), "v[n - i - 1]", "v_{n - i - 1}"),
    (read(V, affine({i: 2}, Size.number(1))), "v[2*i + 1]", "v_{2 i + 1}"),
    (read(V, affine({}, Size.number(0))), "v[0]", "v_{0}"),
    (read(Symbol("q", (PACKED,)), Pair((i, j))), "q[i*m + j]", "q_{i m + j}"),
    (read(W, Part(p, 0), Part(p, 1)), "W[p//m,p%m]", r"W_{\lfloor p / m \rfloor, p \bmod m}"),
    (read(Symbol("k", (JOINED,)), Inject(1, j, JOINED)), "k[n + j]", "k_{n + j}"),
    (read(Symbol("k", (JOINED,)), Inject(0, i, JOINED)), "k[i]", "k_{i}"),
    (Case(q, ((i, read(V, i)), (j, read(A, j)))), "v[q] if q < n else a[q - n]", None),
    (Case(q, ((i, read(V, affine({i: 2}, n))), (j, x))), "v[2*q + n] if q < n else x", None),
    (Let(Symbol("h", (N,)), (i,), DENSE), "h[i] = sum[j](W[i,j]*a[j]) + v[i]", None),
    (Let(Symbol("y"), (), x), "y = x", "y = x"),
    (
        Equation((i,), read(H, i), mul(rstd, read(V, i))),
        "h[i] == rstd*v[i]  for all i < n",
        r"h_{i} = \mathrm{rstd} v_{i} \qquad 0 \le i < n",
    ),
    (Equation((), x, num(0)), "x == 0", "x = 0"),
    (read(Symbol("h_1", (N,)), i), "h_1[i]", "{h_{1}}_{i}"),
    (read(Symbol("W", (N, M)), Var("i_1", N), j), "W[i_1,j]", "W_{i_{1}, j}"),
]


@pytest.mark.parametrize(("term", "expected", "tex"), CASES, ids=[c[1] for c in CASES])
def test_printed_forms(term: Term | Let | Equation, expected: str, tex: str | None) -> None:
    assert text(term) == expected
    if tex is not None:
        assert latex(term) == tex


def test_three_parts_of_a_sum() -> None:
    joined = Sum((N, M, TWO))
    w = Var("w", joined)
    b = Var("b", TWO)
    term = Case(w, ((i, read(V, i)), (j, read(A, j)), (b, read(Symbol("r", (TWO,)), b))))
    assert text(term) == "v[w] if w < n else a[w - n] if w < m + n else r[w - (m + n)]"


def test_three_parts_of_a_product() -> None:
    packed = Product((N, M, TWO))
    w = Var("w", packed)
    parts = [Part(w, a) for a in range(3)]
    assert text(read(Symbol("q", (N, M, TWO)), *parts)) == "q[w//(2*m),w//2%m,w%2]"
    triple = Pair((i, j, Var("b", TWO)))
    assert text(read(Symbol("q", (packed,)), triple)) == "q[(i*m + j)*2 + b]"


def test_made_up_names_become_letters() -> None:
    d3, d4, e1 = Var("i.d3", N), Var("i.d4", N), Var("j.1", M)
    matrix = Symbol("g", (N, N))
    two = total([d3], mul(read(V, d3), total([d4], read(matrix, d3, d4))))
    assert text(two) == "sum[i](v[i]*sum[j](g[i,j]))"
    # In sequence both may have the first letter; a letter that the scope uses is not taken.
    assert text(add(total([d3], read(V, d3)), total([d4], read(V, d4)))) == "sum[i](v[i]) + sum[i](v[i])"
    assert text(total([d3], read(matrix, d3, i))) == "sum[j](g[j,i])"
    inner = total([i], mul(read(V, i), read(V, d3)))
    assert text(total([d3], inner)) == "sum[j](sum[i](v[i]*v[j]))"
    assert text(Let(Symbol("h", (N, M)), (d3, e1), read(W, d3, e1))) == "h[i,j] = W[i,j]"
    assert text(Call(C, (Abstraction((d3,), mul(num(2), read(H, d3))),), (i,))) == "c(tensor[j](2*h[j]))[i]"
    assert text(read(matrix, d3, d4)) == "g[i,j]"
    assert latex(Equation((d3,), read(V, d3), ZERO)) == r"v_{i} = 0 \qquad 0 \le i < n"
    letters = total([d3], If(Compare(">=", combine(i, d3, -1)), read(V, d3), ZERO))
    assert text(letters) == "sum[j if i >= j](v[j])"


@pytest.mark.parametrize("name", ["a_b", "x^2", "\\input{f}", "$", "100%", "{", "}", "#", "~", "&", "𝒲", "h\nq"])
def test_no_name_reaches_latex_unescaped(name: str) -> None:
    out = latex(read(Symbol(name, (N,)), i))
    assert out.isascii()
    assert out.isprintable()
    bare = out.replace("\\{", "").replace("\\}", "")
    assert bare.count("{") == bare.count("}")
    assert "\\input" not in out
    for c in "$%#&":
        assert out.count(c) == out.count("\\" + c)


VALUES = {"x": Fraction(2, 3), "y": Fraction(-5, 7), "z": Fraction(11, 4)}
leaves = st.one_of(st.fractions(min_value=-5, max_value=5, max_denominator=6).map(num), st.sampled_from([x, y, z]))
terms = st.recursive(
    leaves,
    lambda inner: st.one_of(
        st.lists(inner, min_size=2, max_size=3).map(lambda ps: add(*ps)),
        st.lists(inner, min_size=2, max_size=3).map(lambda ps: Mul(tuple(ps))),
        st.tuples(inner, st.integers(min_value=-3, max_value=3)).map(lambda b: power(*b)),
        inner.map(neg),
    ),
    max_leaves=10,
)


def value(t: Term) -> Fraction:
    if isinstance(t, Add):
        return sum((value(q) for q in t.parts), Fraction(0))
    if isinstance(t, Mul):
        out = Fraction(1)
        for q in t.parts:
            out *= value(q)
        return out
    if isinstance(t, Read):
        return VALUES[t.symbol.name]
    return t.value if hasattr(t, "value") else value(t.base) ** int(t.exponent)


@given(terms)
@settings(max_examples=400, deadline=None)
def test_brackets_keep_the_value(t: Term) -> None:
    """Read back by Python's grammar, whose precedences are the language's for these operations."""
    try:
        expected = value(t)
    except ZeroDivisionError:
        return
    numbers = {**VALUES, "F": Fraction}
    source = "".join(f"F({c})" if c.isdigit() else c for c in _tokens(text(t)))
    assert eval(source.replace("^", "**").replace("**F(", "**int("), {}, numbers) == expected


def _tokens(source: str) -> list[str]:
    out: list[str] = []
    for c in source:
        if c.isdigit() and out and out[-1].isdigit():
            out[-1] += c
        else:
            out.append(c)
    return out
