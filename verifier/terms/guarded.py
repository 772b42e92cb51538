"""What conditions on data say about the signs of terms where they hold: under ``x > 3``, ``1 - 2*x`` is negative.

Terms are compared as linear forms over what is neither a sum nor a multiple.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction

from .index import INDICES, And, Guard, Holds, Index, Not, Or, Var
from .syntax import Add, Condition, Mul, Num, Read, Term
from .traverse import free_indices, rename_indices, subterms

Signs = frozenset[int]
ANY: Signs = frozenset({-1, 0, 1})
ALLOWED: dict[str, Signs] = {
    ">": frozenset({1}),
    ">=": frozenset({0, 1}),
    "!=": frozenset({-1, 1}),
    "==": frozenset({0}),
    "<": frozenset({-1}),
    "<=": frozenset({-1, 0}),
}
_OPPOSITE = {">": "<=", ">=": "<", "==": "!="}
Linear = tuple[Mapping[Term, Fraction], Fraction]
Local = tuple[Term, tuple[Linear, Signs]]


def facts_of(g: Guard) -> list[tuple[str, Term]]:
    """What holds of data where a guard does: pairs ``term relation 0``."""
    if isinstance(g, Holds):
        return [(g.relation, g.subject)]
    if isinstance(g, And):
        return [f for p in g.parts for f in facts_of(p)]
    if isinstance(g, Not):
        if isinstance(g.part, Holds):
            return [(_OPPOSITE[g.part.relation], g.part.subject)]
        if isinstance(g.part, Not):
            return facts_of(g.part.part)
        if isinstance(g.part, Or):
            return [f for p in g.part.parts for f in facts_of(Not(p))]
    return []


def linear(t: Term) -> Linear:
    """A term as a linear form: coefficients of terms, and a constant."""
    if isinstance(t, Num):
        return {}, t.value
    if isinstance(t, Add):
        rows: dict[Term, Fraction] = {}
        constant = Fraction(0)
        for p in t.parts:
            more, c = linear(p)
            constant += c
            for u, a in more.items():
                rows[u] = rows.get(u, Fraction(0)) + a
        return {u: a for u, a in rows.items() if a}, constant
    if isinstance(t, Mul):
        numbers = [p.value for p in t.parts if isinstance(p, Num)]
        rest = [p for p in t.parts if not isinstance(p, Num)]
        if numbers and len(rest) <= 1:
            factor = Fraction(1)
            for n in numbers:
                factor *= n
            inner, c = linear(rest[0]) if rest else ({}, Fraction(1))
            return ({u: factor * a for u, a in inner.items()} if factor else {}), factor * c
    return {t: Fraction(1)}, Fraction(0)


def bounded(t: Linear, fact: Linear, allowed: Signs) -> Signs:
    """The possible signs of a form, where those of another one are ``allowed``."""
    rows, constant = t
    others, low = fact
    if not rows or rows.keys() != others.keys():
        return ANY
    u = next(iter(rows))
    ratio = rows[u] / others[u]
    if any(a != ratio * others[v] for v, a in rows.items()):
        return ANY
    own = frozenset(s if ratio > 0 else -s for s in allowed)
    shift = constant - ratio * low  # the form is ratio * fact + shift
    step = (shift > 0) - (shift < 0)
    if not step:
        return own
    found: set[int] = set()
    for s in own:
        found |= {step} if s in (0, step) else ANY
    return frozenset(found)


def signs_under(t: Term, facts: Iterable[tuple[Linear, Signs]]) -> Signs:
    """The signs of a term that facts leave."""
    form, result = linear(t), ANY
    for fact, allowed in facts:
        result &= bounded(form, fact, allowed)
    return result


def instance(fact: Condition, t: Term) -> tuple[Linear, Signs] | None:
    """A declared fact about all indices, at those at which a term reads the same tensors; None if it does not."""
    if isinstance(fact.subject, INDICES):
        return None
    table: dict[Var, Index] = {}
    wanted = [u for u in subterms(fact.subject) if isinstance(u, Read)]
    given = [u for u in subterms(t) if isinstance(u, Read)]
    for w in wanted:
        at = next((g for g in given if g.symbol == w.symbol), None)
        if at is None:
            return None
        for i, j in zip(w.index, at.index, strict=True):
            if isinstance(i, Var) and i in fact.indices:
                if not isinstance(j, Var) or j.sort != i.sort or table.setdefault(i, j) != j:
                    return None
            elif i != j:
                return None
    if any(v not in table for v in free_indices(fact.subject) & set(fact.indices)):
        return None
    return linear(rename_indices(fact.subject, table)), ALLOWED[fact.relation]


def kept(
    facts: Sequence[tuple[Term, tuple[Linear, Signs]]], bound: Iterable[Var]
) -> list[tuple[Term, tuple[Linear, Signs]]]:
    """The facts that mean the same below binders: those about none of the names bound there."""
    names = {v.name for v in bound}
    return [f for f in facts if not names & {v.name for v in free_indices(f[0])}]


__all__ = ["ALLOWED", "ANY", "Signs", "facts_of", "instance", "kept", "linear", "signs_under"]
