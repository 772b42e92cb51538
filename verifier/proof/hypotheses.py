"""Single further hypotheses under which a gradient that is refuted would be right.

One is named only if the gradient was proved under it, without open conditions, at a point where it holds.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields, is_dataclass, replace
from functools import partial
from typing import Any

from ..calculus.reverse import slots
from ..learn.laws import Goal
from ..learn.layer import Pass
from ..learn.program import Scope
from ..terms.index import Same, Var, affine
from ..terms.mathematics import text
from ..terms.sizes import Size
from ..terms.sorts import REAL, Range, Real, extent
from ..terms.syntax import (
    ONE,
    ZERO,
    Abstraction,
    Call,
    Condition,
    Function,
    If,
    Pointwise,
    Read,
    Symbol,
    Term,
    Total,
    add,
    mul,
    num,
    power,
)
from .judge import judge
from .problem import Problem
from .verdict import PROVED


@dataclass(frozen=True)
class _Candidate:
    """A hypothesis as a spec states it, the problem with it, and the weaker ones without which it is not named."""

    shown: str
    problem: Problem
    weaker: tuple[str, ...] = ()


def would_do(problem: Problem, written: Pass, goal: Goal) -> tuple[str, ...]:
    """Hypotheses from a short list, each alone: of two of which one says less, that one."""
    found: list[str] = []
    for c in _candidates(replace(problem, goals=(goal,)), written):
        if set(c.weaker) & set(found):
            continue
        try:
            (ruling,) = judge(c.problem, shrink=False, residues=False)
        except ArithmeticError:
            continue
        if ruling.verdict == PROVED and not ruling.conditions.open:
            found.append(c.shown)
    return tuple(found)


def _candidates(problem: Problem, written: Pass) -> Iterator[_Candidate]:
    theory = problem.theory
    cotangents = set(written.cotangents)
    fixed = (*written.layer.data, *written.layer.state)
    for s in problem.inputs():
        if s in cotangents or not isinstance(s.value, Real):
            continue
        i = slots(s)
        for k in reversed(range(len(i))):
            yield _Candidate(_sum(s, k).name, _given(problem, _sum(s, k)))
        if not i and s.name.startswith("$"):
            for number in (ZERO, ONE):
                h = Pointwise(f"{s.label} == {text(number)}", (), Read(s), number)
                yield _Candidate(h.name, _given(problem, h))
        if not _bounded(theory.known, s):
            least = f"{text(Read(s, i))} >= 0"
            for relation in (">=", ">"):
                fact = Condition(relation, Read(s, i), i, (), "stated")
                with_it = replace(theory, stated=(*theory.stated, fact))
                shown = f"{text(Read(s, i))} {relation} 0"
                yield _Candidate(shown, replace(problem, theory=with_it), () if shown == least else (least,))
        if s in fixed:
            yield from _of_data(problem, s)
    yield from _even(problem)


def _of_data(problem: Problem, s: Symbol) -> Iterator[_Candidate]:
    """Of what is not differentiated: it is constant along an axis, a mask of 0 and 1, its rows are one-hot."""
    i = slots(s)
    for k, v in enumerate(i):
        if isinstance(v.sort, Range) and problem.theory.bounds.nonnegative(extent(v.sort) - 1):
            first = (*i[:k], affine({}, Size.number(0)), *i[k + 1 :])
            less = Symbol(s.name, (*s.axes[:k], *s.axes[k + 1 :]), s.value)
            constant = _changed(problem, partial(_without, s, less, k))
            yield _Candidate(f"{text(Read(s, i))} == {text(Read(s, first))}", constant)
    mask = Pointwise(f"{text(power(Read(s, i), 2))} == {text(Read(s, i))}", i, power(Read(s, i), 2), Read(s, i))
    yield _Candidate(mask.name, _given(problem, mask))
    for k, v in enumerate(i):
        w = Var(f"{v.name}'", v.sort)
        other = (*i[:k], w, *i[k + 1 :])
        product = mul(Read(s, i), Read(s, other))
        right: Term = If(Same(v, w), Read(s, i), ZERO)
        apart = Pointwise(f"{text(product)} == ({text(right)})", (*i, w), product, right)
        shown = f"one-hot along {v.name}: {_sum(s, k).name}, {apart.name}"
        yield _Candidate(shown, _given(problem, apart, _sum(s, k)), (mask.name, _sum(s, k).name))


def _sum(s: Symbol, k: int) -> Pointwise:
    """The entries of a tensor along an axis add up to 1."""
    i = slots(s)
    whole = Total((i[k],), Read(s, i))
    return Pointwise(f"{text(whole)} == 1", (*i[:k], *i[k + 1 :]), whole, ONE)


def _given(problem: Problem, *hypotheses: Pointwise) -> Problem:
    theory = problem.theory
    return replace(problem, theory=replace(theory, pointwise=(*theory.pointwise, *hypotheses)))


def _even(problem: Problem) -> Iterator[_Candidate]:
    """A smooth function of a number is even if and only if it is g(x^2) for a smooth g (Whitney 1943, Duke 10)."""
    for f in problem.functions():
        if f.arguments == (((), REAL),) and not f.axes and f.value == REAL and f.properties == {"smooth"}:
            yield _Candidate(f"{f.name} even", _changed(problem, partial(_of_square, f)))


def _of_square(f: Function, x: object) -> Term | None:
    """A call of f, or of one of its first two derivatives, as those of g(x^2)."""
    if not isinstance(x, Call) or x.function != f or len(x.partials) > 2:
        return None
    at = put(x.arguments[0].body, partial(_of_square, f))

    def g(order: int) -> Call:
        return Call(f, (Abstraction((), power(at, 2)),), (), ((0, ()),) * order)

    if not x.partials:
        return g(0)
    once = mul(num(2), at, g(1))
    return once if len(x.partials) == 1 else add(mul(num(2), g(1)), mul(num(4), power(at, 2), g(2)))


def _without(s: Symbol, less: Symbol, k: int, x: object) -> object:
    """A tensor without one of its axes, where it is read and where it is declared."""
    if isinstance(x, Read) and x.symbol == s:
        return Read(less, (*x.index[:k], *x.index[k + 1 :]))
    return less if x == s else None


def _changed(problem: Problem, change: Callable[[object], object]) -> Problem:
    """The problem with what ``change`` says put for parts of it (None: the part stays)."""
    old = problem.scope
    kinks, valued = ({put(c, change): None for c in rows} for rows in (old.kinks, old.valued))
    scope = Scope({name: put(let, change) for name, let in old.lets.items()}, kinks, valued)
    for s in old.inputs:
        scope.input(put(s, change))
    return Problem(put(problem.theory, change), scope, put(problem.goals, change), problem.inside)


def put(x: Any, change: Callable[[object], object]) -> Any:
    """Anything made of terms, changed.

    >>> x, y = Symbol("x"), Symbol("y")
    >>> put((Read(x), ZERO), lambda s: y if s == x else None) == (Read(y), ZERO)
    True
    """
    new = change(x)
    if new is not None:
        return new
    if isinstance(x, tuple):
        return tuple(put(p, change) for p in x)
    if is_dataclass(x) and not isinstance(x, type | Size):
        return type(x)(*(put(getattr(x, f.name), change) for f in fields(x) if f.init))
    return x


def _bounded(facts: tuple[Condition, ...], s: Symbol) -> bool:
    return any(isinstance(c.subject, Read) and c.subject.symbol == s for c in facts)


__all__ = ["put", "would_do"]
