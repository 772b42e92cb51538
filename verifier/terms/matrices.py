"""Functions of square matrices: the inverse and the determinant, with their derivatives, as data.

They are smooth function symbols like declared ones, with the property ``matrix``: both judges know what they are.
inv(A) has a value where det(A) is not 0;  d inv(A)[i,j] / dA[k,l] = -inv(A)[i,k] inv(A)[l,j];
d det(A) / dA[k,l] = det(A) inv(A)[l,k], where that has a value (det is smooth everywhere).
"""

from __future__ import annotations

from .index import Index, Same, Var
from .sorts import REAL, Sort
from .syntax import ONE, ZERO, Call, Function, If, Pointwise, Term, Total, mul, neg
from .traverse import free_indices, fresh, rename_indices

MATRIX = ("inv", "det")
"""The names of the functions."""


def function(name: str, axis: Sort) -> Function:
    """``inv`` or ``det`` of matrices with both axes of one sort."""
    axes = (axis, axis) if name == "inv" else ()
    return Function(name, (((axis, axis), REAL),), axes, REAL, frozenset({"smooth", "matrix"}))


def is_matrix(f: Function) -> bool:
    """Whether a function symbol is one of this table."""
    return "matrix" in f.properties


def determinant(t: Call) -> Call:
    """The determinant of the matrix whose inverse a call is an entry of."""
    return Call(function("det", t.function.axes[0]), t.arguments)


def laws(t: Call) -> tuple[Pointwise, Pointwise]:
    """A inv(A) = 1 = inv(A) A, for the matrix of a call of inv: they hold wherever that has a value."""
    a, axis = t.arguments[0], t.function.axes[0]
    taken = free_indices(a.body) | set(a.indices)
    i, j, k = (fresh(Var(n, axis), taken) for n in ("i.r", "i.c", "i.m"))

    def entry(x: Var, y: Var) -> Term:
        return rename_indices(a.body, dict(zip(a.indices, (x, y), strict=True)))

    def inverse(x: Var, y: Var) -> Term:
        return Call(t.function, t.arguments, (x, y))

    unit = If(Same(i, j), ONE, ZERO)
    return (
        Pointwise("A inv(A) = 1", (i, j), Total((k,), mul(entry(i, k), inverse(k, j))), unit),
        Pointwise("inv(A) A = 1", (i, j), Total((k,), mul(inverse(i, k), entry(k, j))), unit),
    )


def slope(t: Call, k: Index, l: Index) -> Term:  # noqa: E741 (row and column, as in the formulas)
    """The derivative of a call by the entry [k, l] of its argument."""
    inverse = function("inv", t.function.arguments[0][0][0])

    def entry(i: Index, j: Index) -> Term:
        return Call(inverse, t.arguments, (i, j))

    if t.function.name == "det":
        return mul(t, entry(l, k))
    i, j = t.outputs
    return neg(mul(entry(i, k), entry(l, j)))


__all__ = ["MATRIX", "determinant", "function", "is_matrix", "laws", "slope"]
