"""Matching a product of factors inside a monomial; bound indices of the pattern consume bound indices of the host."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from .data import Factor, Head, Idx, Rat, rat

Products = dict[tuple[str, tuple[Idx, ...]], Rat]


@dataclass
class Match:
    """What is left of the host, the host's bound indices that are gone, and what pattern variables stand for."""

    left: Products
    consumed: set[Idx]
    table: dict[Idx, Idx]


def match(
    pattern: Sequence[Factor],
    bound: Sequence[Idx],
    variables: set[Idx],
    host: Products,
    host_bound: set[Idx],
    heads: Mapping[str, Head],
    skip: tuple[str, tuple[Idx, ...]] | None = None,
) -> Match | None:
    """Find a product of factors in a monomial, or None.

    Each bound index of the pattern must map to a bound index of the host, different ones to different ones, that
    occurs in no other factor and is no value of a variable: so sum_v y[t, v] never matches sum_k y[k, k].
    """
    own, free = set(bound), set(bound) | variables
    rows = sorted(pattern, key=lambda f: f[0])
    fixed = {x for _, ix, _ in rows for x in ix if x not in free}

    def finish(table: dict[Idx, Idx], left: Products) -> Match | None:
        images = [table.get(b) for b in bound]
        gone = {x for x in images if x is not None}
        if len(gone) < len(bound) or any(x in gone for x in fixed):
            return None
        if any(table[v] in gone for v in variables if v in table) or any(v not in table for v in variables):
            return None
        if any(x in gone for _, ix in left for x in ix):
            return None
        return Match(left, gone, table)

    def search(n: int, table: dict[Idx, Idx], left: Products) -> Match | None:
        if n == len(rows):
            return finish(table, left)
        key, ix, e = rows[n]
        for place, available in list(left.items()):
            if place[0] != key or place == skip:
                continue
            if not (available >= e > 0 or available <= e < 0):
                continue
            for order in heads[key].perms or (tuple(range(len(ix))),):
                extended = _unify(ix, tuple(place[1][k] for k in order), table, free, own, host_bound)
                if extended is None:
                    continue
                rest = dict(left)
                if available == e:
                    del rest[place]
                else:
                    rest[place] = rat(available - e)
                found = search(n + 1, extended, rest)
                if found is not None:
                    return found
        return None

    return search(0, {}, dict(host))


def _unify(
    ix: tuple[Idx, ...],
    jx: tuple[Idx, ...],
    table: dict[Idx, Idx],
    free: set[Idx],
    own: set[Idx],
    host_bound: set[Idx],
) -> dict[Idx, Idx] | None:
    result = dict(table)
    for a, b in zip(ix, jx, strict=True):
        if a not in free:
            if a != b:
                return None
        elif a in result:
            if result[a] != b:
                return None
        else:
            if a[2] != b[2] or (a in own and b not in host_bound):
                return None
            result[a] = b
    return result
