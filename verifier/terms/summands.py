"""What a sum adds up: sum[w](e[t,w]) with e[t,w] = (exp(...) if w <= t else 0) adds exponentials where w <= t."""

from __future__ import annotations

from .index import Guard
from .syntax import ZERO, If, Lets, Read, Term, Total
from .traverse import rename_indices

LOOKS = 4


def summand(t: Total, lets: Lets) -> tuple[tuple[Guard, ...], Term]:
    """The conditions around a summand and what it is where they hold; lets are looked through.

    >>> from .syntax import num
    >>> summand(Total((), num(2)), {})[0]
    ()
    """
    guards: list[Guard] = []
    body = t.body
    for _ in range(LOOKS):
        if isinstance(body, Read) and body.symbol.name in lets:
            let = lets[body.symbol.name]
            body = rename_indices(let.body, dict(zip(let.indices, body.index, strict=True)))
        elif isinstance(body, If) and body.other == ZERO:
            guards.append(body.guard)
            body = body.then
        else:
            break
    return tuple(guards), body


__all__ = ["summand"]
