"""Where a greatest or least value is taken, and that it is taken only once."""

from __future__ import annotations

from collections.abc import Sequence

from .index import And, Guard, Holds, Not, Var
from .syntax import (
    Condition,
    Extreme,
    IndexOf,
    Term,
    Where,
    always,
    sub,
)
from .traverse import rename_indices, replace_guard

TIE = "attained twice"


def both(*guards: Guard) -> Guard:
    """All of some conditions; one alone as it is."""
    flat = tuple(p for g in guards for p in (g.parts if isinstance(g, And) else (g,)))
    return flat[0] if len(flat) == 1 else And(flat)


def greatest(t: Extreme | Where) -> Extreme:
    """The greatest or least value itself, also for its index."""
    return t if isinstance(t, Extreme) else Extreme(t.name, t.indices, t.guard, t.body)


def taken(t: Extreme | Where, at: Sequence[Var]) -> Guard:
    """The condition that the greatest value is taken (first) at an index."""
    where = (Where(t.name, t.indices, t.guard, t.body, k) for k in range(len(at)))
    return both(*(Holds("==", sub(IndexOf(v), w)) for v, w in zip(at, where, strict=True)))


def tie(
    t: Extreme | Where,
    at: tuple[Var, ...],
    indices: tuple[Var, ...] = (),
    guards: tuple[Guard, ...] = (),
    unless: Term | None = None,
) -> Condition:
    """The condition that no index ``at`` but the first takes the greatest value: ``x[w] != max[u](x[u])`` elsewhere."""
    table = dict(zip(t.indices, at, strict=True))
    guard, body = replace_guard(t.guard, table), rename_indices(t.body, table)
    where = (*guards, *(() if guard == always() else (guard,)), Not(taken(t, at)))
    return Condition("!=", sub(body, greatest(t)), (*indices, *at), where, TIE, unless)


def taken_once(c: Condition) -> Extreme | None:
    """The greatest value that a condition says is taken once, everywhere; None for any other condition."""
    parts = getattr(c.subject, "parts", ())
    found = [p for q in parts for p in getattr(q, "parts", ()) if isinstance(p, Extreme)]
    if c.reason != TIE or c.unless is not None or len(found) != 1:
        return None
    n = len(c.indices) - len(found[0].indices)
    return found[0] if n >= 0 and c == tie(found[0], c.indices[n:], c.indices[:n]) else None


__all__ = ["TIE", "both", "greatest", "taken", "taken_once", "tie"]
