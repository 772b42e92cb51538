"""Points on both sides of each condition on data, and on its edge: where a branch changes is where claims differ."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from fractions import Fraction

from ..evaluate.machine import Machine
from ..evaluate.model import Model
from ..evaluate.numbers import Number, Undecided, Undefined
from ..evaluate.sample import with_value
from ..terms.definedness import required
from ..terms.index import INDICES, Var
from ..terms.known import KNOWN
from ..terms.syntax import Call, Case, Extreme, If, Lets, Prod, Term, Total, Where
from ..terms.traverse import children, cone, free_indices, guard_terms, reads

TARGETS = (Fraction(0), Fraction(1, 2), Fraction(-1, 2), Fraction(5), Fraction(-5))


def subjects(terms: Iterable[Term], lets: Lets) -> list[tuple[Term, tuple[Var, ...]]]:
    """What the conditions in terms and the lets below them compare with 0, with the indices around them."""
    found: dict[tuple[Term, tuple[Var, ...]], None] = {}

    def visit(t: Term, bound: tuple[Var, ...]) -> None:
        if isinstance(t, If):
            for u in guard_terms(t.guard):
                found[(u, bound)] = None
        if isinstance(t, Call):
            for u in edges(t):
                found[(u, bound)] = None
            for a in t.arguments:
                visit(a.body, bound + a.indices)
            return
        inner = bound + t.indices if isinstance(t, Total | Prod | Extreme | Where) else bound
        if isinstance(t, Case):
            for v, body in t.branches:
                visit(body, (*bound, v))
            return
        for c in children(t):
            visit(c, inner)

    terms = list(terms)
    for let in cone(terms, lets):
        visit(let.body, let.indices)
    for t in terms:
        visit(t, ())
    return list(found)


def edges(t: Call) -> list[Term]:
    """Where a known function has no derivative, as terms that are 0 there."""
    if not t.function.known:
        return []
    rows = required(KNOWN[t.function.name].differentiable, tuple(a.body for a in t.arguments), (), (), "")
    return [c.subject for c in rows if not isinstance(c.subject, INDICES)]


def points(model: Model, terms: Iterable[Term], lets: Lets) -> Iterator[Model]:
    """Models that differ from one in an entry, so that a condition turns to its other side, or is met exactly."""
    for subject, bound in subjects(terms, lets):
        free = [v for v in bound if v in free_indices(subject)]
        machine = Machine(model, lets)
        ranges = [machine.range(v.sort) for v in free]
        if not all(ranges):
            continue
        env = {v: positions[0] for v, positions in zip(free, ranges, strict=True)}

        def value(at: Model, subject: Term = subject, env: dict[Var, object] = env) -> Number:
            return Machine(at, lets).value(subject, env)

        below = [subject, *(let.body for let in cone([subject], lets))]
        names = dict.fromkeys(s.name for t in below for s in reads(t) if s.name not in lets)
        for name in names:
            for place, x in model.values[name].items():
                try:
                    now, one = value(model), value(with_value(model, name, place, x + 1))
                except (Undefined, Undecided, TypeError):
                    continue
                if not (isinstance(now, Fraction) and isinstance(one, Fraction)) or one == now:
                    continue  # irrational values are left to chance
                slope = one - now
                for target in TARGETS:
                    yield with_value(model, name, place, x + (target - now) / slope)


__all__ = ["points", "subjects"]
