"""Definedness conditions of terms as they are written, before any rewriting.

The pass is syntactic: it visits every subterm, also one that is multiplied by zero, and collects what must hold
for it to denote a real number, quantified over the indices in scope and under the guards around it.
Lets are eager: a let is defined when all its entries are.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from .index import (
    INDICES,
    And,
    Compare,
    Guard,
    Holds,
    Index,
    Not,
    Or,
    Part,
    Same,
    Var,
    affine,
    combine,
    divisors,
    guard_positions,
    part,
    position,
    sort_of,
)
from .known import ARGUMENTS, KNOWN
from .matrices import determinant, is_factor, is_matrix
from .sorts import Product, Range, Real, Sort, Value, extent
from .syntax import (
    ONE,
    ZERO,
    Call,
    Case,
    Condition,
    Extreme,
    If,
    IndexOf,
    Let,
    Lets,
    Mul,
    Num,
    Power,
    Prod,
    Read,
    Symbol,
    Term,
    Total,
    Where,
    always,
    num,
    sub,
)
from .traverse import Reader, children, cone, free_indices, fresh, looked_up, map_guard, map_reads


def substitute(template: Term, *arguments: Term) -> Term:
    """A template over the symbols `known.ARGUMENTS` with arguments put in their places."""
    return map_reads(template, _placed(arguments))


def _placed(arguments: tuple[Term, ...]) -> Reader:
    table = dict(zip(ARGUMENTS, arguments, strict=False))
    return lambda s, ix: table[s] if s in table else Read(s, ix)


def required(
    rows: Iterable[Condition],
    arguments: tuple[Term, ...],
    indices: tuple[Var, ...],
    guards: tuple[Guard, ...],
    reason: str,
) -> Iterator[Condition]:
    """What a row of the table of known functions requires of arguments."""
    for c in rows:
        more = tuple(map_guard(g, _placed(arguments)) for g in c.guards)
        assert not isinstance(c.subject, INDICES)  # rows are about numbers
        yield Condition(c.relation, substitute(c.subject, *arguments), indices, (*guards, *more), reason)


def of_term(t: Term, indices: tuple[Var, ...] = (), guards: tuple[Guard, ...] = ()) -> Iterator[Condition]:
    """The conditions of a term, lets that it reads not included.

    >>> from .syntax import div, num, read
    >>> [c.relation for c in of_term(div(num(1), read(Symbol("x"))))]
    ['!=']
    """
    if isinstance(t, Power) and not (t.exponent.denominator == 1 and t.exponent >= 0):
        if t.exponent.denominator == 1:
            yield from _nonzero(t.base, indices, guards)
        else:
            yield Condition(">=" if t.exponent > 0 else ">", t.base, indices, guards, "a root")
    elif isinstance(t, Call):
        if t.function.known:
            arguments = tuple(a.body for a in t.arguments)
            where = f"the domain of {t.function.name}"
            yield from required(KNOWN[t.function.name].domain, arguments, indices, guards, where)
        elif is_matrix(t.function) and t.function.name == "inv":
            yield Condition("!=", determinant(t), indices, guards, "the inverse of a matrix")
        elif is_matrix(t.function) and t.function.name == "cholesky":
            v = fresh(Var("i", t.function.axes[0]), {*indices, *free_indices(t)})
            yield Condition(">", Call(t.function, t.arguments, (v, v)), (*indices, v), guards, DEFINITE)
        for axis, i in zip(t.function.axes, t.outputs, strict=True):
            yield from _inside(i, axis, indices, guards, t.function.name)
        yield from _divisors((*t.outputs, *(i for _, ix in t.partials for i in ix)))
        for a, (_, value) in zip(t.arguments, t.function.arguments, strict=True):
            yield from _between(a.body, value, indices + a.indices, guards, t.function.name)
        for x in looked_up((*t.outputs, *(i for _, ix in t.partials for i in ix))):
            yield from of_term(x, indices, guards)
        for a in t.arguments:
            yield from of_term(a.body, indices + a.indices, guards)
        return
    elif isinstance(t, Read):
        for axis, i in zip(t.symbol.axes, t.index, strict=True):
            yield from _inside(i, axis, indices, guards, t.symbol.name)
        yield from _divisors(t.index)
    elif isinstance(t, Total | Prod):
        yield from _extents((v.sort for v in t.indices), indices, guards)
        yield from of_term(t.body, indices + t.indices, guards)
        return
    elif isinstance(t, Extreme | Where):
        yield from _extents((v.sort for v in t.indices), indices, guards)
        yield from nonempty(t, indices, guards)
        yield from of_guard(t.guard, indices + t.indices, guards)
        yield from of_term(t.body, indices + t.indices, (*guards, t.guard))
        return
    elif isinstance(t, IndexOf):
        yield from _divisors((t.index,))
    elif isinstance(t, If):
        yield from of_guard(t.guard, indices, guards)
        yield from of_term(t.then, indices, (*guards, t.guard))
        yield from of_term(t.other, indices, (*guards, Not(t.guard)))
        return
    elif isinstance(t, Case):
        for x in looked_up((t.index,)):
            yield from of_term(x, indices, guards)
        for v, body in t.branches:
            yield from of_term(body, (*indices, v), guards)
        return
    for c in children(t):
        yield from of_term(c, indices, guards)


def _nonzero(t: Term, indices: tuple[Var, ...], guards: tuple[Guard, ...]) -> Iterator[Condition]:
    """That a denominator is not 0, said of what it is made of: each factor, and what stands under a root or power.

    Equivalent to ``t != 0`` together with the conditions of the term itself: a root of b >= 0 is 0 only where b is, and
    no negative power is ever 0.
    """
    if isinstance(t, Mul):
        for p in t.parts:
            yield from _nonzero(p, indices, guards)
    elif isinstance(t, Power) and t.exponent > 0 and t.exponent.denominator == 1:
        yield from _nonzero(t.base, indices, guards)
    elif isinstance(t, Power) and t.exponent > 0:
        yield Condition(">", t.base, indices, guards, "a denominator")
    elif not (isinstance(t, Num) and t.value) and not (isinstance(t, Power) and t.exponent < 0):
        yield Condition("!=", t, indices, guards, "a denominator")


def of_guard(g: Guard, indices: tuple[Var, ...], guards: tuple[Guard, ...]) -> Iterator[Condition]:
    """The conditions of a guard: each part of it is asked only where the parts before it decide nothing."""
    if isinstance(g, Holds):
        yield from of_term(g.subject, indices, guards)
    elif isinstance(g, Compare | Same):
        yield from _divisors(guard_positions(g))
        for x in looked_up(guard_positions(g)):
            yield from of_term(x, indices, guards)
    elif isinstance(g, Not):
        yield from of_guard(g.part, indices, guards)
    elif isinstance(g, And | Or):
        for p in g.parts:
            yield from of_guard(p, indices, guards)
            guards = (*guards, p if isinstance(g, And) else Not(p))


def nonempty(t: Extreme | Where, indices: tuple[Var, ...], guards: tuple[Guard, ...]) -> Iterator[Condition]:
    """That a greatest or least value is taken over something."""
    if t.guard == always():
        for v in t.indices:
            yield Condition(">=", affine({}, extent(v.sort) - 1), (), guards, NOTHING)
    else:
        yield Condition(">", Total(t.indices, If(t.guard, ONE, ZERO)), indices, guards, NOTHING)


NOTHING = "a reduction over nothing"
DEFINITE = "the factor of a positive definite matrix"


def of_let(let: Let) -> Iterator[Condition]:
    """The conditions of a let: of its axes, and of its body at every index."""
    yield from _extents(let.symbol.axes)
    yield from of_term(let.body, let.indices)


def of_terms(terms: Iterable[Term], lets: Lets, indices: tuple[Var, ...] = ()) -> list[Condition]:
    """The conditions of terms and of all lets that they depend on, without repetition, in source order."""
    found: dict[Condition, None] = {}
    terms = list(terms)
    for let in cone(terms, lets):
        found.update(dict.fromkeys(of_let(let)))
    for t in terms:
        found.update(dict.fromkeys(of_term(t, indices)))
    return [c for c in found if not _of_factor(c, lets)]


def _of_factor(c: Condition, lets: Lets) -> bool:
    """Whether a condition says that a factor of Cholesky has an inverse: where it has a value it has."""
    d = c.subject
    return isinstance(d, Call) and is_matrix(d.function) and d.function.name == "det" and is_factor(d, lets)


def of_symbols(symbols: Iterable[Symbol]) -> list[Condition]:
    """Compound extents of declared tensors must not be negative."""
    return list(dict.fromkeys(c for s in symbols for c in _extents(s.axes)))


def _between(
    t: Term, value: Value, indices: tuple[Var, ...], guards: tuple[Guard, ...], name: str
) -> Iterator[Condition]:
    """An argument must lie in the interval that a function is declared on."""
    if isinstance(value, Real):
        if value.low is not None:
            above = sub(t, num(value.low)) if value.low else t
            yield Condition(">", above, indices, guards, f"the domain of {name}")
        if value.high is not None:
            yield Condition(">", sub(num(value.high), t), indices, guards, f"the domain of {name}")


def _inside(
    i: Index, axis: Sort, indices: tuple[Var, ...], guards: tuple[Guard, ...], name: str
) -> Iterator[Condition]:
    """An index must lie in the range that it is used at; a variable of that very sort does."""
    if sort_of(i) == axis:
        return
    if isinstance(axis, Range):
        last = combine(affine({}, axis.size - 1), position(i), -1)
        for form in (i, last):
            yield Condition(">=", form, indices, guards, f"an index of {name}")
    elif isinstance(axis, Product) and not isinstance(i, Part):
        for k, sort in enumerate(axis.parts):
            yield from _inside(part(i, k), sort, indices, guards, name)


def _divisors(positions: Iterable[Index]) -> Iterator[Condition]:
    """What a position is divided by must be at least 1, whatever the guards say."""
    for i in positions:
        for d in divisors(i):
            yield Condition(">=", affine({}, d - 1), (), (), "an extent")


def _extents(
    sorts: Iterable[Sort], indices: tuple[Var, ...] = (), guards: tuple[Guard, ...] = ()
) -> Iterator[Condition]:
    own = indices if guards else ()
    for sort in sorts:
        yield Condition(">=", affine({}, extent(sort)), own, guards, "an extent")


__all__ = ["of_guard", "of_let", "of_symbols", "of_term", "of_terms", "required", "substitute"]
