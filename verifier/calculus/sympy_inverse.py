"""Candidates for the inverse of a slope: solve e_x(x, y) = z for y, by unwinding.

Each step takes off the outermost operation, or brings an equation in which y occurs more than once to one in which it
does not.  No search and no general solver: the work is bounded by the size of the formula.  What comes out is a
proposal, checked at a few points; whether it is an inverse, and under which conditions, the kernel decides.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import sympy as sp

from .sympy_functions import CLASSES, Expr, Nonnegative

_DEPTH = 16

_INVERSES: dict[Any, Callable[[Expr], Expr]] = {
    CLASSES["exp"]: sp.log,
    CLASSES["log"]: sp.exp,
    CLASSES["tanh"]: sp.atanh,
    CLASSES["artanh"]: sp.tanh,
    CLASSES["sinh"]: lambda w: sp.log(w + sp.sqrt(w**2 + 1)),
    CLASSES["sigmoid"]: CLASSES["logit"],
    CLASSES["logit"]: CLASSES["sigmoid"],
    CLASSES["softplus"]: lambda w: sp.log(sp.exp(w) - 1),
    CLASSES["cbrt"]: lambda w: w**3,
}


def solve(left: Expr, right: Expr, y: Expr, depth: int = _DEPTH) -> Iterator[Expr]:
    """Solutions y of ``left(y) == right``, of which some may be spurious; ``right`` does not depend on y."""
    if left == y:
        yield right
    elif depth and left.has(y):
        inside = [a for a in left.args if a.has(y)]
        if len(inside) == 1:
            for inner, outer in _peel(left, inside[0], right):
                yield from solve(inner, outer, y, depth - 1)
        else:
            for inner, outer in (*_one_log(left, right, y), *_one_generator(left, right, y)):
                yield from solve(inner, outer, y, depth - 1)


def _peel(left: Expr, inside: Expr, right: Expr) -> Iterator[tuple[Expr, Expr]]:
    """Without the outermost operation, of which one argument depends on y."""
    if left.is_Add:
        yield inside, right - (left - inside)
    elif left.is_Mul:
        yield inside, right / (left / inside)
    elif left.is_Pow and inside is left.exp:
        if left.base.is_positive:
            yield inside, sp.log(right) / sp.log(left.base)
    elif left.is_Pow and left.exp.is_Rational:
        for w in _roots(right, left.exp):
            yield inside, w
    elif left.func in _INVERSES:
        yield inside, _INVERSES[left.func](right)


def _roots(right: Expr, exponent: Expr) -> Iterator[Expr]:
    """The real b with ``b ** exponent == right``."""
    if not exponent.is_Integer:
        # A fractional power is never negative, so neither is `right`: a condition, kept in the solution.
        yield _nonnegative(right) ** (1 / exponent)
    elif exponent % 2 == 0:
        yield right ** (1 / exponent)
        yield -(right ** (1 / exponent))
    else:
        value, degree = (right, exponent) if exponent > 0 else (1 / right, -exponent)
        if degree == 1:
            yield value
        elif degree == 3:
            yield CLASSES["cbrt"](value)
        else:
            yield CLASSES["sign"](value) * CLASSES["abs"](value) ** sp.Rational(1, degree)


def _nonnegative(w: Expr) -> Expr:
    """``w`` on the condition that it is not negative; factors that are positive anyway stay outside."""
    positive, rest = sp.factor(w).as_independent(lambda a: not a.is_positive, as_Add=False)
    positive, rest = (1, w) if not positive.is_positive else (positive, rest)
    factors = [a for a in sp.Mul.make_args(rest) if a.is_positive]
    rest = rest / sp.Mul(*factors)
    return positive * sp.Mul(*factors) * (rest if rest.is_nonnegative else Nonnegative(rest))


def _one_log(left: Expr, right: Expr, y: Expr) -> Iterator[tuple[Expr, Expr]]:
    """``c log a - c log b + rest``, with y in a and b alone, as one equation for ``a / b``."""
    if not left.is_Add:
        return
    dependent = [a for a in left.args if a.has(y)]
    parts = [a.as_independent(y, as_Add=False) for a in dependent]
    if not all(f.func is sp.log for _, f in parts):
        return
    unit = parts[0][0]
    ratios = [sp.cancel(c / unit) for c, _ in parts]
    if all(r in (1, -1) for r in ratios):
        argument = sp.Mul(*(f.args[0] ** r for r, (_, f) in zip(ratios, parts, strict=True)))
        yield sp.together(argument), sp.exp((right - (left - sp.Add(*dependent))) / unit)


def _one_generator(left: Expr, right: Expr, y: Expr) -> Iterator[tuple[Expr, Expr]]:
    """A rational equation in a single subterm g(y), of degree 1 or 2, solved for g(y)."""
    numerator = sp.fraction(sp.together(left - right))[0]
    try:
        polynomial = sp.Poly(sp.expand(numerator))
    except sp.PolynomialError:
        return
    generators = [g for g in polynomial.gens if g.has(y)]
    if len(generators) != 1:
        return
    (g,) = generators
    coefficients = sp.Poly(polynomial.as_expr(), g).all_coeffs()
    if len(coefficients) == 2:
        a, b = coefficients
        yield g, -b / a
    elif len(coefficients) == 3:
        a, b, c = coefficients
        root = sp.sqrt(b**2 - 4 * a * c)
        yield g, (-b + root) / (2 * a)
        yield g, (-b - root) / (2 * a)


def tidy(expression: Expr) -> Expr:
    """The shortest of a few equal forms; ties are broken by the printed form, so the choice never varies.

    Denominators are factored, so that their conditions are about simple terms, and each factor has the sign that it
    has in the expression as given: where that says ``log(1 - x)``, so does the result say ``1 - x``.
    """
    forms = [_hyperbolic(expression)]
    for change in (sp.expand, sp.factor, sp.cancel, sp.together, _collect):
        try:
            forms.append(change(forms[0]))
        except (sp.PolynomialError, NotImplementedError):
            continue
    forms.extend(sp.factor_terms(f) for f in list(forms))
    known = {f.args[0] for f in expression.atoms(sp.log)} | {sp.fraction(f)[1] for f in expression.atoms(sp.Pow)}
    known = {factor for f in known for part in sp.fraction(f) for factor in sp.Mul.make_args(part)}
    oriented = [_orient(f, known) for f in forms]
    return min(oriented, key=lambda f: (sp.count_ops(f), len(str(f)), str(f)))


def _orient(expression: Expr, known: set[Expr]) -> Expr:
    numerator, denominator = sp.fraction(expression)
    if not denominator.is_Add:
        return expression
    factored = sp.factor(denominator)
    if factored.is_Add:
        return expression
    for factor in sp.Mul.make_args(factored):
        base, exponent = factor.as_base_exp()
        if -base in known and exponent.is_Integer:
            factored = factored / factor * (-base) ** exponent
            numerator = numerator * (-1) ** exponent
    return numerator / factored


def _collect(expression: Expr) -> Expr:
    """Numerator and denominator as polynomials in their exponentials: a sum of positive terms then looks like one."""
    top, bottom = (sp.expand(p) for p in sp.fraction(sp.together(expression)))
    exponentials = sorted(expression.atoms(sp.exp), key=str)
    return sp.collect(top, exponentials) / sp.collect(bottom, exponentials) if exponentials else expression


def _hyperbolic(expression: Expr) -> Expr:
    """``sinh(u) / cosh(u)`` as ``tanh(u)``: the domains agree, and y then occurs once."""
    for sinh in sorted(expression.atoms(sp.sinh), key=str):
        expression = expression.replace(sinh / sp.cosh(sinh.args[0]), sp.tanh(sinh.args[0]))
    return expression


def plausible(slope: Expr, candidate: Expr, y: Expr, z: Expr, points: Sequence[Mapping[Expr, Expr]]) -> bool:
    """Whether ``candidate(x, slope(x, y)) == y`` at all points where the slope is a real number (three at least)."""
    tried = 0
    for point in points:
        value = slope.subs(point)
        if not value.is_real or not value.is_finite:
            continue
        back = candidate.subs({k: v for k, v in point.items() if k != y}).subs(z, value)
        difference = (back - point[y]).evalf(30)
        if not difference.is_number or not difference.is_real or abs(difference) > sp.Float("1e-20"):
            return False
        tried += 1
    return tried >= 3


def inverse(slope: Expr, y: Expr, z: Expr, points: Sequence[Mapping[Expr, Expr]]) -> Expr | None:
    """The first plausible solution y of ``slope(x, y) == z``, or None."""
    for found in solve(slope, z, y):
        candidate = tidy(found)
        if not candidate.has(sp.nan, sp.zoo, sp.oo, sp.I, y) and plausible(slope, candidate, y, z, points):
            return candidate
    return None


__all__ = ["inverse", "plausible", "solve", "tidy"]
