"""Functions of square matrices: inverse, determinant and Cholesky's factor, with their derivatives, as data.

They are smooth function symbols like declared ones, with the property ``matrix``: both judges know what they are.
inv(A) has a value where det(A) is not 0;  d inv(A)[i,j] / dA[k,l] = -inv(A)[i,k] inv(A)[l,j];
d det(A) / dA[k,l] = det(A) inv(A)[l,k], where that has a value (det is smooth everywhere).
cholesky(A) is the lower triangular L with a positive diagonal and L L^T = (A + A^T) / 2, where that is positive
definite: it depends on the symmetric part alone.  dL = L phi(inv(L) dS inv(L)^T) for S that part; phi keeps what is
below the diagonal, and half of what is on it.
"""

from __future__ import annotations

from fractions import Fraction

from .index import Compare, Index, Same, Var, affine, combine, position
from .sizes import Size
from .sorts import REAL, Sort
from .syntax import ONE, ZERO, Abstraction, Call, Function, If, Lets, Pointwise, Read, Term, Total, add, mul, neg, num
from .traverse import free_indices, fresh, rename_indices

MATRIX = ("inv", "det", "cholesky")
"""The names of the functions."""


def function(name: str, axis: Sort) -> Function:
    """A function of matrices with both axes of one sort: ``det`` is a number, the others are such matrices."""
    axes = () if name == "det" else (axis, axis)
    return Function(name, (((axis, axis), REAL),), axes, REAL, frozenset({"smooth", "matrix"}))


def is_matrix(f: Function) -> bool:
    """Whether a function symbol is one of this table."""
    return "matrix" in f.properties


def determinant(t: Call) -> Call:
    """The determinant of the matrix whose inverse a call is an entry of."""
    return Call(function("det", t.function.axes[0]), t.arguments)


def laws(t: Call) -> tuple[Pointwise, ...]:
    """What holds of the value of a call, wherever it has one.

    A inv(A) = 1 = inv(A) A;  L L^T = (A + A^T) / 2 and L[i,j] = 0 above the diagonal, for L = cholesky(A).
    """
    a, axis = t.arguments[0], t.function.axes[0]
    taken = free_indices(a.body) | set(a.indices)
    i, j, k = (fresh(Var(n, axis), taken) for n in ("i.r", "i.c", "i.m"))

    def entry(x: Var, y: Var) -> Term:
        return rename_indices(a.body, dict(zip(a.indices, (x, y), strict=True)))

    def value(x: Var, y: Var) -> Term:
        return Call(t.function, t.arguments, (x, y))

    if t.function.name == "cholesky":
        symmetric = mul(num(Fraction(1, 2)), add(entry(i, j), entry(j, i)))
        return (
            Pointwise("L L^T = A", (i, j), Total((k,), mul(value(i, k), value(j, k))), symmetric),
            Pointwise("L is lower", (i, j), If(below(j, i), value(i, j), ZERO), ZERO),
        )
    unit = If(Same(i, j), ONE, ZERO)
    return (
        Pointwise("A inv(A) = 1", (i, j), Total((k,), mul(entry(i, k), value(k, j))), unit),
        Pointwise("inv(A) A = 1", (i, j), Total((k,), mul(value(i, k), entry(k, j))), unit),
    )


def below(i: Index, j: Index) -> Compare:
    """The condition i > j on two indices of a range."""
    return Compare(">=", combine(position(combine(position(i), position(j), -1)), affine({}, Size.number(1)), -1))


def is_factor(t: Call, lets: Lets) -> bool:
    """Whether the argument of a call is a factor of Cholesky, entry for entry: then it has an inverse."""
    (a,) = t.arguments
    body = a.body
    while isinstance(body, Read) and body.symbol.name in lets:
        let = lets[body.symbol.name]
        body = rename_indices(let.body, dict(zip(let.indices, body.index, strict=True)))
    return (
        isinstance(body, Call)
        and is_matrix(body.function)
        and body.function.name == "cholesky"
        and (body.outputs == a.indices and not free_indices(Call(body.function, body.arguments)) & set(a.indices))
    )


def slope(t: Call, k: Index, l: Index) -> Term:  # noqa: E741 (row and column, as in the formulas)
    """The derivative of a call by the entry [k, l] of its argument."""
    inverse = function("inv", t.function.arguments[0][0][0])

    def entry(i: Index, j: Index) -> Term:
        return Call(inverse, t.arguments, (i, j))

    if t.function.name == "det":
        return mul(t, entry(l, k))
    i, j = t.outputs
    if t.function.name == "inv":
        return neg(mul(entry(i, k), entry(l, j)))
    axis = t.function.axes[0]
    taken = free_indices(t) | {v for a in t.arguments for v in a.indices}
    taken |= {x for x in (k, l) if isinstance(x, Var)}
    m, row, column = (fresh(Var(n, axis), taken) for n in ("i.m", "i.r", "i.c"))
    factor = (Abstraction((row, column), Call(t.function, t.arguments, (row, column))),)

    def lower(x: Index, y: Index) -> Term:
        return Call(inverse, factor, (x, y))

    half = num(Fraction(1, 2))
    phi = If(Same(m, j), half, If(below(m, j), ONE, ZERO))
    moved = mul(half, add(mul(lower(m, k), lower(j, l)), mul(lower(m, l), lower(j, k))))
    return Total((m,), mul(Call(t.function, t.arguments, (i, m)), phi, moved))


__all__ = ["MATRIX", "below", "determinant", "function", "is_factor", "is_matrix", "laws", "slope"]
