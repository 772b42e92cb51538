"""Terms to sympy and back, by structure: no text is ever parsed or evaluated.

`to_sympy` reads a term at concrete sizes and indices, so that sympy can derive each component on its own;
`from_sympy` reads back what has the form of a scalar term and refuses everything else.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from fractions import Fraction
from math import isqrt
from typing import TypeAlias

import sympy as sp

from ..terms.index import And, Guard, Holds, Not, Or, Var
from ..terms.known import call
from ..terms.matrices import is_matrix
from ..terms.syntax import (
    Add,
    Call,
    Constant,
    Extreme,
    If,
    IndexOf,
    Lets,
    Mul,
    Num,
    Power,
    Prod,
    Read,
    SizeOf,
    Symbol,
    Term,
    Total,
    Where,
    add,
    mul,
    num,
    power,
)
from .concrete import Entry, Environment, Sizes, holds, inside, locate, part_of, places
from .sympy_functions import CLASSES, NAMES, Expr, Functions, Nonnegative

Lookup: TypeAlias = Callable[[Symbol, tuple[Entry, ...]], Expr]


class NotConvertibleError(ValueError):
    """A sympy expression that no scalar term stands for."""


def to_sympy(
    term: Term,
    lookup: Lookup,
    functions: Functions | None = None,
    *,
    sizes: Sizes | None = None,
    env: Environment | None = None,
) -> Expr:
    """The sympy expression of a term at concrete sizes and indices.

    ``lookup(symbol, entry)`` gives the expression of each tensor entry; ``functions`` the classes of uninterpreted
    functions (share one among expressions that are to be compared).  Guards are lazy: only the chosen branch is read.
    Raises IndexError for a read outside its range, ZeroDivisionError for a denominator that is 0 as it stands.

    >>> from ..terms.syntax import read
    >>> to_sympy(power(read(Symbol("x")), 2), lambda s, ix: sp.Symbol(s.name, real=True))
    x**2
    """
    return _Reader(lookup, functions or Functions(), sizes or {}).term(term, env or {})


class _Reader:
    def __init__(self, lookup: Lookup, functions: Functions, sizes: Sizes) -> None:
        self.lookup, self.functions, self.sizes = lookup, functions, sizes

    def term(self, t: Term, env: Environment) -> Expr:
        if isinstance(t, Num):
            return sp.Rational(t.value.numerator, t.value.denominator)
        if isinstance(t, Constant):
            return {"pi": sp.pi, "e": sp.E}[t.name]
        if isinstance(t, SizeOf):
            return sp.Integer(t.size.value(self.sizes))
        if isinstance(t, Read):
            where = tuple(locate(i, env, self.sizes) for i in t.index)
            if not all(inside(e, axis, self.sizes) for e, axis in zip(where, t.symbol.axes, strict=True)):
                raise IndexError(f"{t.symbol.name} is read at {where}, out of range")
            return self.lookup(t.symbol, where)
        if isinstance(t, Add):
            return sp.Add(*(self.term(p, env) for p in t.parts))
        if isinstance(t, Mul):
            return sp.Mul(*(self.term(p, env) for p in t.parts))
        if isinstance(t, Power):
            base = self.term(t.base, env)
            if base == 0 and t.exponent < 0:
                raise ZeroDivisionError("a denominator is 0")
            return sp.Pow(base, sp.Rational(t.exponent.numerator, t.exponent.denominator))
        if isinstance(t, Total):
            return sp.Add(*(self.term(t.body, e) for e in self._bind(t.indices, env)))
        if isinstance(t, Prod):
            return sp.Mul(*(self.term(t.body, e) for e in self._bind(t.indices, env)))
        if isinstance(t, Extreme):
            guards = [(self.guard(t.guard, e), e) for e in self._bind(t.indices, env)]
            if any(g not in (sp.true, sp.false) for g, _ in guards):
                raise NotConvertibleError("a greatest value over a choice by data")
            values = [self.term(t.body, e) for g, e in guards if g == sp.true]
            return (sp.Max if t.name == "max" else sp.Min)(*values)
        if isinstance(t, IndexOf):
            return sp.Integer(locate(t.index, env, self.sizes))
        if isinstance(t, Where):
            raise NotConvertibleError("the index of a greatest value")
        if isinstance(t, Call):
            return self._call(t, env)
        if isinstance(t, If):
            guard = self.guard(t.guard, env)
            if guard in (sp.true, sp.false):
                return self.term(t.then if guard == sp.true else t.other, env)
            return sp.Piecewise((self.term(t.then, env), guard), (self.term(t.other, env), True))
        where_, inner = part_of(locate(t.index, env, self.sizes))
        v, body = t.branches[where_]
        return self.term(body, {**env, v: inner})

    def guard(self, g: Guard, env: Environment) -> Expr:
        """A condition; true or false at once where it is about indices."""
        if isinstance(g, Holds):
            subject = self.term(g.subject, env)
            return {"==": sp.Eq, ">=": sp.Ge, ">": sp.Gt}[g.relation](subject, 0)
        if isinstance(g, Not):
            return sp.Not(self.guard(g.part, env))
        if isinstance(g, And | Or):
            joined = sp.true if isinstance(g, And) else sp.false
            for p in g.parts:  # a later part is asked only where the earlier ones decide nothing
                if joined == (sp.false if isinstance(g, And) else sp.true):
                    break
                joined = (sp.And if isinstance(g, And) else sp.Or)(joined, self.guard(p, env))
            return joined
        return sp.true if holds(g, env, self.sizes) else sp.false

    def _bind(self, bound: tuple[Var, ...], env: Environment) -> Iterator[Environment]:
        for place in places((v.sort for v in bound), self.sizes):
            yield {**env, **dict(zip(bound, place, strict=True))}

    def _call(self, t: Call, env: Environment) -> Expr:
        flat = [self.term(a.body, e) for a in t.arguments for e in self._bind(a.indices, env)]
        if t.function.known:
            if not t.partials:
                return CLASSES[t.function.name](*flat)
            places_ = [sp.Dummy(real=True) for _ in flat]
            value = sp.diff(CLASSES[t.function.name](*places_), *(places_[k] for k, _ in t.partials))
            return value.xreplace(dict(zip(places_, flat, strict=True)))
        if is_matrix(t.function):
            matrix = sp.Matrix(isqrt(len(flat)), isqrt(len(flat)), flat)
            if not t.outputs:
                return matrix.det()
            symmetric = (matrix + matrix.T) / 2
            value = matrix.inv() if t.function.name == "inv" else symmetric.cholesky(hermitian=False)
            return value[tuple(locate(i, env, self.sizes) for i in t.outputs)]
        shapes = [places(axes, self.sizes) for axes, _ in t.function.arguments]
        partials = []
        for k, ix in t.partials:
            before = sum(len(s) for s in shapes[:k])
            partials.append(before + shapes[k].index(tuple(locate(i, env, self.sizes) for i in ix)))
        results = places(t.function.axes, self.sizes)
        where = tuple(locate(i, env, self.sizes) for i in t.outputs)
        output = (results.index(where),) if t.function.axes else ()
        if not flat:
            return sp.Symbol(f"{t.function.name}{list(output) or ''}", real=True)
        return self.functions.entry(t.function.name, len(flat), output, tuple(partials))(*flat)


def unfold(lets: Lets, lookup: Lookup, functions: Functions, sizes: Sizes) -> Lookup:
    """A lookup that also knows the lets: every entry of every let is computed once, in their order."""
    table: dict[tuple[str, tuple[Entry, ...]], Expr] = {}

    def known(symbol: Symbol, where: tuple[Entry, ...]) -> Expr:
        return table[symbol.name, where] if symbol.name in lets else lookup(symbol, where)

    for name, let in lets.items():
        for place in places(let.symbol.axes, sizes):
            env = dict(zip(let.indices, place, strict=True))
            table[name, place] = to_sympy(let.body, known, functions, sizes=sizes, env=env)
    return known


def from_sympy(expression: Expr, symbols: Mapping[Expr, Symbol]) -> Term:
    """The scalar term of a sympy expression.

    Raises NotConvertibleError for anything else (Piecewise, LambertW, complex numbers, infinities, ...).

    >>> a = sp.Symbol("a", real=True)
    >>> from_sympy(1 / a, {a: Symbol("a")}) == power(Read(Symbol("a")), -1)
    True
    """
    if expression in symbols:
        return Read(symbols[expression])
    if expression.is_Rational:
        return num(Fraction(int(expression.p), int(expression.q)))
    if expression is sp.pi or expression is sp.E:
        return Constant("pi" if expression is sp.pi else "e")
    if expression.is_Add:
        return add(*(from_sympy(p, symbols) for p in expression.as_ordered_terms()))
    if expression.is_Mul:
        return mul(*(from_sympy(p, symbols) for p in expression.as_ordered_factors()))
    if expression.is_Pow and expression.exp.is_Rational:
        exponent = Fraction(int(expression.exp.p), int(expression.exp.q))
        return _power(from_sympy(expression.base, symbols), exponent)
    if expression.is_Pow and expression.base.is_positive:
        return call("exp", mul(from_sympy(expression.exp, symbols), call("log", from_sympy(expression.base, symbols))))
    if expression.func is Nonnegative:
        return Power(Power(from_sympy(expression.args[0], symbols), Fraction(1, 2)), Fraction(2))
    if expression.func is sp.tan:
        a = from_sympy(expression.args[0], symbols)
        return mul(call("sin", a), power(call("cos", a), -1))
    name = NAMES.get(expression.func)
    if name is None:
        raise NotConvertibleError(f"no term for {expression.func.__name__}")
    return call(name, *(from_sympy(a, symbols) for a in expression.args))


def _power(base: Term, exponent: Fraction) -> Term:
    """A power; one of ``sqrt(a) ** 2`` (see `Nonnegative`) keeps its root, and with it its condition."""
    if isinstance(base, Power) and base.exponent == 2:
        root = base.base
        if isinstance(root, Power) and root.exponent == Fraction(1, 2):
            return power(root, 2 * exponent)
    return power(base, exponent)


__all__ = ["Lookup", "NotConvertibleError", "from_sympy", "to_sympy", "unfold"]
