"""Canonical names for bound indices: components, colour refinement, then the least labelling of what is left."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from .data import Component, Factor, Head, Idx, Mono, Stuck

TIES = 5_000


def sorted_indices(h: Head, indices: tuple[Idx, ...]) -> tuple[Idx, ...]:
    """Indices in the least order that the symmetries of a head allow."""
    return indices if h.perms is None else min(tuple(indices[k] for k in p) for p in h.perms)


def group(orders: Iterable[tuple[int, ...]], n: int) -> list[tuple[int, ...]]:
    """All permutations of n places that some permutations generate; none for none.

    >>> group([(1, 0, 2), (0, 2, 1)], 3)
    [(0, 1, 2), (0, 2, 1), (1, 0, 2), (1, 2, 0), (2, 0, 1), (2, 1, 0)]
    """
    generators = list(orders)
    found = {tuple(range(n))} if generators else set()
    new = list(found)
    while new:
        p = new.pop()
        for g in generators:
            q = tuple(p[x] for x in g)
            if q not in found:
                found.add(q)
                new.append(q)
    return sorted(found)


def monomial(bound: list[Idx], factors: list[Factor], heads: Mapping[str, Head]) -> Mono:
    """The canonical monomial of a product under bound indices, each of which occurs in it."""
    if not bound:
        return (tuple(sorted(factors)), ())
    parent = {b: b for b in bound}

    def find(x: Idx) -> Idx:
        while parent[x] != x:
            parent[x] = parent[parent[x]]
            x = parent[x]
        return x

    free: list[Factor] = []
    tied: list[tuple[Factor, Idx]] = []
    for f in factors:
        own = [x for x in f[1] if x in parent]
        if not own:
            free.append(f)
            continue
        tied.append((f, own[0]))
        for y in own[1:]:
            a, b = find(own[0]), find(y)
            if a != b:
                parent[a] = b
    groups: dict[Idx, tuple[list[Idx], list[Factor]]] = {}
    for b in bound:
        groups.setdefault(find(b), ([], []))[0].append(b)
    for f, b in tied:
        groups[find(b)][1].append(f)
    comps = sorted(_component(bs, fs, heads) for bs, fs in groups.values())
    return (tuple(sorted(free)), tuple(comps))


def _component(bound: list[Idx], factors: list[Factor], heads: Mapping[str, Head]) -> Component:
    if len(bound) == 1:
        return _relabel(bound, factors, heads)
    rank = {d: k for k, d in enumerate(sorted({b[2] for b in bound}))}
    return _search(bound, factors, {b: rank[b[2]] for b in bound}, heads, [TIES])


def _refine(
    bound: list[Idx], factors: list[Factor], color: dict[Idx, int], heads: Mapping[str, Head]
) -> dict[Idx, int]:
    """Split colours by the places in which indices occur, until nothing splits."""
    n = len(set(color.values()))
    while n < len(bound):
        marks: dict[Idx, list[tuple]] = {b: [] for b in bound}  # type: ignore[type-arg]
        for h, ix, e in factors:
            seen = tuple((0, color[x]) if x in color else (1, x) for x in ix)
            perms = heads[h].perms
            for b in {x: None for x in ix if x in color}:
                if perms is None:
                    mark = (h, e, seen, tuple(k for k, x in enumerate(ix) if x == b))
                else:
                    mark = min(
                        (h, e, tuple(seen[k] for k in p), tuple(j for j, k in enumerate(p) if ix[k] == b))
                        for p in perms
                    )
                marks[b].append(mark)
        keys = {b: (color[b], tuple(sorted(marks[b]))) for b in bound}
        order = {key: k for k, key in enumerate(sorted(set(keys.values())))}
        color = {b: order[keys[b]] for b in bound}
        if len(order) == n:
            break
        n = len(order)
    return color


def _search(
    bound: list[Idx], factors: list[Factor], color: dict[Idx, int], heads: Mapping[str, Head], budget: list[int]
) -> Component:
    """The least labelling over all ways to break ties.  Raises Stuck if there are too many."""
    budget[0] -= 1
    if budget[0] < 0:
        raise Stuck("too many symmetric indices")
    color = _refine(bound, factors, color, heads)
    classes: dict[int, list[Idx]] = {}
    for b in bound:
        classes.setdefault(color[b], []).append(b)
    if len(classes) == len(bound):
        return _relabel(sorted(bound, key=lambda b: color[b]), factors, heads)
    tied = min(k for k, v in classes.items() if len(v) > 1)
    best: Component | None = None
    for b in classes[tied]:
        split = {x: 2 * v + (1 if x != b and v == tied else 0) for x, v in color.items()}
        found = _search(bound, factors, split, heads, budget)
        if best is None or found < best:
            best = found
    if best is None:
        raise Stuck("no labelling")
    return best


def _relabel(order: list[Idx], factors: list[Factor], heads: Mapping[str, Head]) -> Component:
    name: dict[Idx, Idx] = {b: (0, k, b[2]) for k, b in enumerate(order)}
    rows = [(h, sorted_indices(heads[h], tuple(name.get(x, x) for x in ix)), e) for h, ix, e in factors]
    return (tuple(b[2] for b in order), tuple(sorted(rows)))
