"""Greatest values and products over a filter, as calls of three functions that no spec can name.

``?max``: max over u with g(u) of X(u), and ``?argmax`` the one-hot of the first u at which it is taken:
  what does not depend on u is taken out of the sum, positive factors out of the whole;
  [X(u) - max > 0] = 0 where g(u);  [X(u) - max = 0] = argmax[u] where g(u), if the greatest value is taken once.
``?prod``: the product over m with g(m) of X(m):
  factor by factor;  exp(p(m)) as exp of a sum;
  prod_(m != n) X(m) * X(n) = prod_m X(m), and the same with powers of X(n) where X(n) is not 0.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import TYPE_CHECKING

from ..terms.sizes import Size
from .data import Factor, Idx, Mono, Open, Poly, Rat, add, constant, magnitude, rat, scale, subtract, whole
from .matching import Products, match
from .onehot import ARG, AT, assignments
from .order import weight

if TYPE_CHECKING:
    from .algebra import Algebra

MAX, PROD = "?max", "?prod"
Bound = tuple[Idx, ...]
Place = tuple[str, tuple[Idx, ...]]
ONE = constant(1)


def made(k: Algebra, name: str, outputs: Sequence[Idx], bound: Bound, guard: Poly, body: Poly) -> Poly:
    """The value of one of the three functions; ``guard`` and ``body`` over the free indices ``bound``."""
    k.spend(2)
    alone = _alone(k, guard, bound)
    if alone is not None:
        value = k.rename(body, {bound[0]: alone})
        if outputs:
            equal: dict[Idx, int | Size] = {} if outputs[0] == alone else {outputs[0]: 1, alone: -1}
            value = k.collect(k.bracket("==", equal, Size.number(0)))
    elif name == PROD:
        value = _product(k, bound, guard, body)
    elif name == MAX:
        outside, ratio, rest = _reduced(k, bound, guard, body)
        inner = _raw(k, MAX, (), bound, guard, rest) if rest else {}
        value = add(outside, k.multiply(ratio, inner))
    else:
        _, _, rest = _reduced(k, bound, guard, body)
        value = _first(k, outputs, bound, guard, rest)
    raw = _raw(k, name, outputs, bound, guard, body)
    if value != raw:
        k.axiom("extreme", next(iter(raw))[0][0][0], k.opens(raw), value)
    return value


def _alone(k: Algebra, guard: Poly, bound: Bound) -> Idx | None:
    """The only index that a filter [m = n] lets through."""
    filters = _filters(guard)
    if len(bound) != 1 or len(filters) != 1:
        return None
    h, ix, _ = filters[0]
    op, coefficients, const = k.heads[h].data if k.heads[h].kind == "I" else ("", (), Size.number(1))
    if op != "==" or coefficients != (1, -1) or const.terms or bound[0] not in ix or ix[0][2] != ix[1][2]:
        return None
    other = ix[1] if ix[0] == bound[0] else ix[0]
    return other if other != bound[0] else None


def _raw(k: Algebra, name: str, outputs: Sequence[Idx], bound: Bound, guard: Poly, body: Poly) -> Poly:
    from .functions import plain

    return plain(k, name, outputs, [(bound, body), (bound, guard)], ())


def _first(k: Algebra, outputs: Sequence[Idx], bound: Bound, guard: Poly, rest: Poly) -> Poly:
    if not rest and guard == ONE:
        return k.collect([(1, [], [k.bracket_factor("==", {x: 1}, Size.number(0)) for x in outputs])])
    return _raw(k, ARG, outputs, bound, guard, rest)


def _reduced(k: Algebra, bound: Bound, guard: Poly, body: Poly) -> tuple[Poly, Poly, Poly]:
    """``body = outside + ratio * rest`` where the guard holds: outside and ratio > 0 do not depend on the index."""
    from .powers import factored

    own = set(bound)
    filters = _filters(guard)
    outside: Poly = {}
    inside: Poly = {}
    for m, c in body.items():
        kept = tuple(f for f in m[0] if f not in filters)
        if len(m[0]) - len(kept) in (0, len(filters)) and not _mentions((kept, m[1]), own):
            outside = add(outside, {(kept, m[1]): c})
        else:
            inside[m] = c
    if not inside:
        return outside, ONE, {}
    size = magnitude(inside[max(inside, key=weight)])
    rest = scale(inside, Fraction(1) / Fraction(size))
    common, _ = factored(k, rest, any_sign=False)
    taken = [(h, ix, e) for (h, ix), e in common.items() if own.isdisjoint(ix)]
    inverse: list[Factor] = [(h, ix, rat(-e)) for h, ix, e in taken]
    rest = k.collect((c, b, fs + inverse) for c, b, fs in k.opens(rest)) if taken else rest
    ratio = scale(k.collect([(1, [], list(taken))]), size)
    return outside, ratio, rest


def _filters(guard: Poly) -> tuple[Factor, ...]:
    """The brackets of a filter that is a product of some."""
    if len(guard) != 1:
        return ()
    (((free, comps), c),) = guard.items()
    return free if c == 1 and not comps else ()


def _mentions(m: Mono, own: set[Idx]) -> bool:
    return any(x in own for _, ix, _ in m[0] for x in ix) or any(
        x in own for _, fs in m[1] for _, ix, _ in fs for x in ix
    )


# ---- products


def _product(k: Algebra, bound: Bound, guard: Poly, body: Poly) -> Poly:
    if not guard or body == ONE:
        return ONE
    if len(body) > 1:
        from .powers import factored

        common, rest = factored(k, body, any_sign=True)
        if not common:
            return _raw(k, PROD, (), bound, guard, body)
        value = _product(k, bound, guard, rest)
        for (h, ix), e in common.items():
            value = k.multiply(value, _power(k, bound, guard, (h, ix, e)))
        return value
    if not body:
        return _raw(k, PROD, (), bound, guard, body)
    (((free, comps), c),) = body.items()
    value = ONE if c == 1 else _raw(k, PROD, (), bound, guard, constant(c))
    for f in free:
        value = k.multiply(value, _power(k, bound, guard, f))
    for comp in comps:
        value = k.multiply(value, _raw(k, PROD, (), bound, guard, {((), (comp,)): 1}))
    return value


def _power(k: Algebra, bound: Bound, guard: Poly, f: Factor) -> Poly:
    """The product of one factor to a power: the power of the product."""
    from .powers import exponential, power

    h, ix, e = f
    head = k.heads[h]
    if head.kind == "E":
        inside = scale(k.collect(k.body(head, ix)), e)
        return exponential(k, k.sum_over(k.multiply(guard, inside), bound))
    if head.kind in "DI":
        return _raw(k, PROD, (), bound, guard, {((f,), ()): 1})
    base: Poly = k.collect(k.body(head, ix)) if head.kind == "B" else {(((h, ix, 1),), ()): 1}
    atom = _raw(k, PROD, (), bound, guard, base)
    if not whole(e) or e < 0:
        (((free, _), _),) = atom.items()
        return k.collect([(1, [], [(free[0][0], free[0][1], e)])])
    return power(k, atom, e)


def on_products(k: Algebra, c: Rat, bound: list[Idx], merged: Products) -> list[Open] | None:
    """A product over all indices but n, times a power of its entry at n."""
    places = [p for p in merged if k.heads[p[0]].kind == "V" and k.heads[p[0]].data[0] == PROD]
    for place in places:
        for n, whole_one, entry, asked in _omissions(k, place, merged):
            if any((*f, 1)[:2] not in merged for f in asked):
                continue
            out = _restored(k, c, bound, merged, place, whole_one, entry)
            if out is not None:
                return out
            del n
    for place in places:
        out = _divided(k, c, bound, merged, place)
        if out is not None:
            return out
    return None


def _parts(k: Algebra, place: Place) -> tuple[Bound, Poly, Poly]:
    """The bound indices, the filter and the body of an atom."""
    from .functions import parts

    _, _, arguments, _ = parts(k, k.heads[place[0]], place[1])
    (own, body), (other, guard) = arguments
    return own, k.rename(guard, dict(zip(other, own, strict=True))), body


def _omissions(k: Algebra, place: Place, merged: Products) -> list[tuple[Idx, Poly, Poly, list[Place]]]:
    """Indices that a filter leaves out: the product with them, the entry there, and what must hold for it to count."""
    own, guard, body = _parts(k, place)
    if len(own) != 1 or len(guard) < 2:
        return []
    (m,) = own
    found = []
    for n in dict.fromkeys(x for x in place[1] if x[2] == m[2]):
        delta = k.bracket_factor("==", {m: 1, n: -1}, Size.number(0))
        base = {mono: c for mono, c in guard.items() if delta not in mono[0]}
        delta_poly: Poly = {((delta,), ()): 1}
        if guard != subtract(base, k.multiply(base, delta_poly)) or len(base) != 1:
            continue
        counted = k.rename(base, {m: n})
        if counted != ONE and not _filters(counted):
            continue
        entry = k.rename(body, {m: n})
        asked = [(h, ix) for h, ix, _ in _filters(counted)] if counted != ONE else []
        found.append((n, made(k, PROD, (), own, base, body), entry, asked))
    return found


def _restored(
    k: Algebra, c: Rat, bound: list[Idx], merged: Products, place: Place, product: Poly, entry: Poly
) -> list[Open] | None:
    """lead(X(n)) P'(n) = (P - tail(X(n)) P'(n)) / lc;  P'(n) / P = 1 / X(n)."""
    lead = max(entry, key=weight, default=None)
    if lead is None or merged[place] < 1:
        return None
    if len(product) == 1:
        (((free, comps), unit),) = product.items()
        if len(free) == 1 and not comps and unit == 1 and merged.get(free[0][:2], 0) < 0:
            from .powers import power

            inverse = power(k, entry, -1)
            rest = dict(merged)
            _lower(rest, place, 1)
            _lower(rest, free[0][:2], -1)
            kept = [(h, ix, e) for (h, ix), e in rest.items()]
            left: list[Factor] = [(*place, 1), (free[0][0], free[0][1], -1)]
            k.log(c, bound, kept, k.instance("product", place[0], [(1, [], left)], k.opens(inverse)))
            return [(rat(c * d), bound + more, kept + fs) for d, more, fs in k.opens(inverse)]
    if lead == ((), ()):
        return None
    _, own, pattern = k.open(lead)
    found = match(pattern, own, set(), merged, set(bound), k.heads, skip=place)
    if found is None or found.left.get(place, 0) < 1:
        return None
    left_over = dict(found.left)
    _lower(left_over, place, 1)
    rest_factors = [(h, ix, e) for (h, ix), e in left_over.items()]
    kept_bound = [x for x in bound if x not in found.consumed]
    ratio = rat(Fraction(c) / entry[lead])
    tail = {m: d for m, d in entry.items() if m != lead}
    whole_entry = [(d, more, [*fs, (*place, 1)]) for d, more, fs in k.opens(entry)]
    k.log(ratio, kept_bound, rest_factors, k.instance("product", place[0], whole_entry, k.opens(product)))
    out = [(rat(ratio * d), kept_bound + more, rest_factors + fs) for d, more, fs in k.opens(product)]
    for d, more, fs in k.opens(tail):
        out.append((rat(-ratio * d), kept_bound + more, [*rest_factors, (*place, 1), *fs]))
    return out


def _lower(products: Products, place: Place, by: Rat) -> None:
    left = products[place] - by
    if left:
        products[place] = rat(left)
    else:
        del products[place]


def _divided(k: Algebra, c: Rat, bound: list[Idx], merged: Products, place: Place) -> list[Open] | None:
    """P X(n)^-1 = P'(n), the product without n: X(n) is not 0 where it has a negative power."""
    if merged[place] < 1:
        return None
    low = [f for f in merged if merged[f] < 0 and k.heads[f[0]].kind in "TVBL"]
    if not low:
        return None
    own, guard, body = _parts(k, place)
    if len(own) != 1 or not body:
        return None
    (m,) = own
    for n in dict.fromkeys(x for f in low for x in f[1] if x[2] == m[2]):
        from .powers import power

        counted = k.rename(guard, {m: n})
        holds = counted == ONE or all((h, ix) in merged for h, ix, _ in _filters(counted) or (("", (), 1),))
        entry = k.rename(body, {m: n}) if holds else {}
        inverse = power(k, entry, -1) if entry else {}
        if len(inverse) != 1:
            continue
        (((free, comps), unit),) = inverse.items()
        if comps or not free or any(merged.get(f[:2], 0) > f[2] or f[2] > 0 for f in free):
            continue
        rest = dict(merged)
        _lower(rest, place, 1)
        for h, ix, e in free:
            _lower(rest, (h, ix), e)
        delta: Poly = {((k.bracket_factor("==", {m: 1, n: -1}, Size.number(0)),), ()): 1}
        without = made(k, PROD, (), own, subtract(guard, k.multiply(guard, delta)), body)
        kept = [(h, ix, e) for (h, ix), e in rest.items()]
        rows = k.opens(scale(without, Fraction(1) / Fraction(unit)))
        checks: list[Factor] = [(*f[:2], 1) for f in _filters(counted)] if counted != ONE else []
        left: list[Factor] = [(*place, 1), *free, *checks]
        others = [f for f in kept if f not in checks]
        right = [(d, more, [*fs, *checks]) for d, more, fs in rows]
        k.log(c, bound, others, k.instance("product", place[0], [(1, [], left)], right))
        return [(rat(c * d), bound + more, others + fs) for d, more, fs in right]
    return None


# ---- conditions on a greatest value


def against(k: Algebra, p: Poly) -> tuple[Rat, Poly, Poly | None] | None:
    """For ``p = c (X(u) - max X)``: c, the filter at u, and argmax[u] if it is known to be the only maximum."""
    p = _looked_into(k, p)
    for m, c in p.items():
        if m[1] or len(m[0]) != 1 or m[0][0][2] != 1:
            continue
        h, ix, _ = m[0][0]
        if k.heads[h].kind != "V" or not k.heads[h].data[0].startswith(MAX):
            continue
        if k.heads[h].data[0] != MAX:
            found = _in_parts(k, p, (h, ix), c)
            if found is not None:
                return found
            continue
        own, guard, body = _parts(k, (h, ix))
        around = sorted({x for (free, comps) in p for g, jx, _ in free if g != h for x in jx if x[0]})
        for table in assignments(own, around):
            if subtract(p, scale(subtract(k.rename(body, table), {m: 1}), -c)):
                continue
            outputs = [table[x] for x in own]
            taken = made(k, ARG, outputs, own, guard, body) if h in k.unique else None
            return -c, k.rename(guard, table), taken
    return None


def _in_parts(k: Algebra, p: Poly, place: Place, c: Rat) -> tuple[Rat, Poly, Poly | None] | None:
    """`against` for a greatest value over a range in parts."""
    from .functions import parts, plain

    _, _, arguments, _ = parts(k, k.heads[place[0]], place[1])
    top: Poly = {(((*place, 1),), ()): 1}
    around = sorted({x for (free, _) in p for g, jx, _ in free if g != place[0] for x in jx if x[0]})
    for n, ((own, body), (other, guard)) in enumerate(zip(arguments[::2], arguments[1::2], strict=True)):
        for table in assignments(own, around):
            if subtract(p, scale(subtract(k.rename(body, table), top), -c)):
                continue
            outputs = [table[x] for x in own]
            taken = plain(k, f"{AT}{n}", outputs, arguments, ()) if place[0] in k.unique else None
            counts = k.rename(k.rename(guard, dict(zip(other, own, strict=True))), table)
            return -c, counts, taken
    return None


def _looked_into(k: Algebra, p: Poly) -> Poly:
    """A polynomial with its lets that are greatest values, up to what is added and multiplied, replaced by them."""
    result: Poly = {}
    for m, c in p.items():
        value: Poly = {m: c}
        if not m[1] and len(m[0]) == 1 and m[0][0][2] == 1 and k.heads[m[0][0][0]].kind == "L":
            h = k.heads[m[0][0][0]]
            inside = dict(h.data)
            if any(
                k.heads[g].kind == "V" and k.heads[g].data[0].startswith(MAX)
                for (free, _) in inside
                for g, _, _ in free
            ):
                value = scale(k.collect(k.body(h, m[0][0][1])), c)
        result = add(result, value)
    return result


__all__ = ["MAX", "PROD", "against", "made", "on_products"]
