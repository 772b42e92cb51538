"""Random typed terms: nested binders whose names are used again, vector-valued functions, partials, lets, guards."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from random import Random

from verifier.terms.index import Affine, And, Compare, Guard, Holds, Index, Lookup, Not, Or, Same, Var, affine, combine
from verifier.terms.known import call
from verifier.terms.sizes import Bounds, Size
from verifier.terms.sorts import REAL, Fin, Range, Sort
from verifier.terms.syntax import (
    ONE,
    ZERO,
    Abstraction,
    Add,
    Call,
    Extreme,
    Function,
    If,
    IndexOf,
    Let,
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
    always,
)

N, M = Range(Size.symbol("n")), Range(Size.symbol("m"))
BOUNDS = Bounds.of({"n": 1, "m": 1})
MATRIX, MIXED = Symbol("X", (N, N)), Symbol("Y", (N, M))
VECTORS = (Symbol("v", (N,)), Symbol("w", (M,)), Symbol("u", (N,)))
SCALARS = (Symbol("x"), Symbol("y"))
INPUTS = (MATRIX, MIXED, *VECTORS, *SCALARS)
WHOLE = Symbol("t", (N,), Fin(M.size))
"""A tensor of whole numbers, which are indices of the other range."""
SMOOTH = frozenset({"smooth"})
S = Function("s", (((), REAL),), (), REAL, SMOOTH)
C = Function("c", (((N,), REAL),), (N,), REAL, SMOOTH)
G = Function("g", (((N,), REAL), ((M,), REAL)), (M,), REAL, SMOOTH)
FUNCTIONS = (S, C, G)
NUMBERS = [Fraction(k, d) for k in (-2, -1, 1, 2, 3) for d in (1, 2)]
FIRST = Affine((), Size.number(0))
NAMES = "ijk"


class Terms:
    """Draws terms; the same seed draws the same terms.

    ``quotients``: how often a denominator is drawn; ``known``: whether exp and its like are; ``first``: how often the
    position 0 is read where an index could stand; ``conditions``: how often a guard is one on data; ``reductions``: how
    often a product, a greatest value, its index or an entry of a tensor of whole numbers is drawn.
    """

    def __init__(
        self,
        random: Random,
        quotients: float = 0.04,
        known: bool = False,
        first: float = 0.03,
        conditions: float = 0.0,
        reductions: float = 0.0,
    ) -> None:
        self.random, self.quotients, self.known, self.first = random, quotients, known, first
        self.conditions, self.reductions = conditions, reductions
        self.lets: dict[str, Let] = {}

    def definitions(self, count: int, depth: int) -> None:
        """Lets, each of which may read those before it."""
        for k in range(count):
            axes: tuple[Sort, ...] = self.random.choice([(), (N,), (M,), (N, N)])
            indices = tuple(Var(name, a) for name, a in zip(NAMES, axes, strict=False))
            body = self.term(depth, indices)
            self.lets[f"t{k}"] = Let(Symbol(f"t{k}", axes), indices, body)

    def term(self, depth: int, env: Sequence[Var] = ()) -> Term:
        """A term whose free indices are among ``env``."""
        r, roll = self.random, self.random.random()
        if self.reductions and depth > 0 and r.random() < self.reductions:
            return self._reduction(depth, env)
        if depth <= 0 or roll < 0.12:
            return self._leaf(env)
        if roll < 0.30:
            return Add(tuple(self.term(depth - 1, env) for _ in range(r.choice((2, 2, 3)))))
        if roll < 0.52:
            return Mul(tuple(self.term(depth - 1, env) for _ in range(r.choice((2, 2, 3)))))
        if roll < 0.56:
            return Power(self.term(depth - 1, env), Fraction(r.choice((2, 2, 3, 0))))
        if roll < 0.56 + self.quotients:
            return Power(self.term(depth - 1, env), Fraction(r.choice((-1, -1, -2))))
        if roll < 0.78:
            v = Var(r.choice(NAMES), r.choice((N, N, M)))
            return Total((v,), self.term(depth - 1, self._under(env, v)))
        if roll < 0.86:
            guard = self._condition(depth - 1, env) if r.random() < self.conditions else self._guard(env)
            return If(guard, self.term(depth - 1, env), r.choice((ZERO, self.term(depth - 1, env))))
        return self._call(depth, env)

    def _reduction(self, depth: int, env: Sequence[Var]) -> Term:
        r, roll = self.random, self.random.random()
        if roll < 0.2 and env:
            v = r.choice(list(env))
            return IndexOf(v)
        if roll < 0.35:
            return Read(WHOLE, (self._index(N, env),))
        v = Var(r.choice(NAMES), r.choice((N, N, M)))
        inner = self._under(env, v)
        guard = always() if r.random() < 0.5 else self._guard(inner)
        if roll < 0.6:
            body = self.term(depth - 1, inner)
            return Prod((v,), body if guard == always() else If(guard, body, ONE))
        body = self.term(min(depth - 1, 2), inner)
        name = r.choice(("max", "max", "min"))
        if roll < 0.8:
            return Extreme(name, (v,), guard, body)
        same = [w for w in env if w.sort == v.sort]
        where = Where(name, (v,), guard, body)
        if not same:
            return where
        return If(Holds("==", Add((IndexOf(r.choice(same)), Mul((Num(Fraction(-1)), where))))), self._leaf(env), ZERO)

    def _under(self, env: Sequence[Var], *bound: Var) -> tuple[Var, ...]:
        names = {v.name for v in bound}
        return (*(v for v in env if v.name not in names), *bound)

    def _leaf(self, env: Sequence[Var]) -> Term:
        r = self.random
        roll = r.random()
        if roll < 0.15:
            return Num(r.choice(NUMBERS))
        if roll < 0.18:
            return SizeOf(r.choice((N, M)).size)
        symbols = [*INPUTS, *(let.symbol for let in self.lets.values())] * (2 if roll < 0.6 else 1)
        if not self.first:
            symbols = [s for s in symbols if all(any(v.sort == a for v in env) for a in s.axes)] or list(SCALARS)
            s = r.choice(symbols)
        else:
            s = r.choice([MATRIX, *VECTORS[:2], *symbols])
        return Read(s, tuple(self._index(a, env) for a in s.axes))

    def _index(self, axis: Sort, env: Sequence[Var]) -> Index:
        if self.reductions and axis == M and self.random.random() < 2 * self.reductions:
            return Lookup(WHOLE, (self._index(N, env),))
        fitting = [v for v in env if v.sort == axis]
        return self.random.choice(fitting) if fitting and self.random.random() >= self.first else FIRST

    def _guard(self, env: Sequence[Var]) -> Guard:
        axis = self.random.choice((N, N, M))
        left, right = self._index(axis, env), self._index(axis, env)
        if self.random.random() < 0.6:
            return Same(left, right)
        step = affine({}, Size.number(self.random.choice((0, 0, 1, -1))))
        return Compare(self.random.choice(("==", ">=", ">=")), combine(combine(left, right, -1), step))

    def _condition(self, depth: int, env: Sequence[Var]) -> Guard:
        """A condition on data, sometimes joined with one on indices."""
        r = self.random
        roll = r.random()
        if depth > 0 and roll < 0.15:
            return r.choice((And, Or))((self._condition(depth - 1, env), self._condition(depth - 1, env)))
        if depth > 0 and roll < 0.25:
            return r.choice((And, Or))((self._guard(env), self._condition(depth - 1, env)))
        if roll < 0.4:
            return Not(self._condition(depth, env))
        subject = self._leaf(env) if r.random() < 0.4 else self.term(min(depth, 1), env)
        if r.random() < 0.5:
            subject = Add((subject, r.choice((Num(r.choice(NUMBERS)), self._leaf(env)))))
        return Holds(r.choice((">", ">", ">=", "==")), subject)

    def _call(self, depth: int, env: Sequence[Var]) -> Term:
        r = self.random
        if self.known and r.random() < 0.3:
            return call(
                r.choice(("exp", "exp", "sigmoid", "tanh", "cbrt", "abs", "sign", "relu", "log")),
                self.term(depth - 1, env),
            )
        f = r.choice((S, S, C, C, G))
        arguments = []
        for axes, _ in f.arguments:
            bound = tuple(Var(r.choice(NAMES), a) for a in axes)
            arguments.append(Abstraction(bound, self.term(depth - 1, self._under(env, *bound))))
        partials = []
        for _ in range(r.choice((0, 0, 0, 1, 1, 2))):
            k = r.randrange(len(f.arguments))
            partials.append((k, tuple(self._index(a, env) for a in f.arguments[k][0])))
        return Call(f, tuple(arguments), tuple(self._index(a, env) for a in f.axes), tuple(partials))


__all__ = ["BOUNDS", "FUNCTIONS", "INPUTS", "NAMES", "M", "N", "Terms"]
