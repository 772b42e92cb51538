"""One step of normalisation of an open monomial, in a fixed order of rules.

Ring identities, brackets and deltas (nothing to log):
  brackets are idempotent, and decided by the ranges of indices;  sum_i [i = j] t = t[i := j] for i, j of one extent;
  [i = j] t(i, j) = [i = j] t(min, min);  sum_(i < k) [k - 1 >= 0] t = sum_(i < k) t;
  brackets that others imply are dropped, and those that others exclude are 0 (`implications`);
  sum_i [i = l] f(i) = [0 <= l][l <= extent - 1] f(l) if i occurs in brackets only;
  sum_i t = extent * t if i does not occur.
Definitions and hypotheses (logged):
  an atom whose indices coincide is built again from its body;
  B^k = body * B^(k-1) for k >= 1;  LM(B) * B^q = (B^(q+1) - tail(B) * B^q) / lc for q < 0 (B is not 0 there);
  2^(1/2) 2^(1/2) = 2;  cbrt(w)^3 = w;  sin^2 + cos^2 = 1;  partial fractions;
  equations about data, oriented from their leading monomial.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from . import brackets
from .canonical import sorted_indices
from .data import EMPTY, Factor, Head, Idx, Mono, Open, Poly, Rat, rat, slot, slots
from .extremes import on_products
from .implications import implication
from .implied import on_data
from .matching import Products, match
from .onehot import on_onehots, zero_or_one
from .order import weight

if TYPE_CHECKING:
    from .algebra import Algebra


@dataclass
class Rewrite:
    """An equation about data, oriented: ``leading`` (open, over ``variables`` and bound indices) == ``rest``."""

    name: str
    coefficient: Rat
    bound: list[Idx]
    factors: list[Factor]
    variables: set[Idx]
    left: list[Open]
    right: list[Open]
    rest: Poly


def step(k: Algebra, c: Rat, bound: list[Idx], factors: list[Factor]) -> Products | list[Open]:
    """The factors merged if nothing applies, else the open monomials that replace this one."""
    merged = _merge(k, c, bound, factors)
    if isinstance(merged, list):
        return merged
    heads = k.heads
    marks = {heads[key].mark for key, _ in merged}
    for rule, concerned in RULES:
        if concerned and marks.isdisjoint(concerned):
            continue
        out = rule(k, c, bound, merged)
        if out is not None:
            return out
    return merged


def items(merged: Products) -> list[Factor]:
    return [(h, ix, e) for (h, ix), e in merged.items()]


def _merge(k: Algebra, c: Rat, bound: list[Idx], factors: list[Factor]) -> Products | list[Open]:
    """Merge equal factors, decide brackets, eliminate one delta, rebuild collapsed atoms."""
    merged: Products = {}
    free = set(bound)
    for n, (key, ix, e) in enumerate(factors):
        h = k.heads[key]
        if h.kind == "I":
            if len(set(ix)) < len(ix):  # an atom is in normal form until two of its indices coincide
                return [(rat(c * d), bound, items(merged) + fs + factors[n + 1 :]) for d, _, fs in k.again(h, ix)]
            ix = sorted_indices(h, ix)
            pair = _plain_delta(k.heads[key], ix)
            if pair is not None:
                x, y = pair if pair[0] in free else (pair[1], pair[0])
                if x in free:
                    rest = items(merged) + factors[n + 1 :]
                    moved = [(g, tuple(y if i == x else i for i in jx), d) for g, jx, d in rest]
                    return [(c, [b for b in bound if b != x], moved)]
            merged[(key, ix)] = 1
            continue
        if h.kind in "VEBD":
            own = ix[h.fixed :]
            if len(set(own)) < len(own):
                return _collapsed(k, c, bound, items(merged) + factors[n + 1 :], (key, ix, e))
        place = (key, sorted_indices(h, ix))
        if h.kind == "D" or (h.mark in "HV" and zero_or_one(h)):
            merged[place] = 1
            continue
        total = merged.get(place, 0) + e
        if total:
            merged[place] = rat(total)
        else:
            merged.pop(place, None)
    return merged


def _plain_delta(h: Head, ix: tuple[Idx, ...]) -> tuple[Idx, Idx] | None:
    """The two indices of a bracket [i = j] of one extent."""
    op, coefficients, const = h.data
    if op == "==" and coefficients == (1, -1) and not const.terms and ix[0][2] == ix[1][2]:
        return ix[0], ix[1]
    return None


def _collapsed(k: Algebra, c: Rat, bound: list[Idx], rest: list[Factor], factor: Factor) -> list[Open]:
    """An atom two of whose indices coincide is built again from its body (fresh binder names throughout)."""
    from .functions import rebuild
    from .powers import power

    key, ix, e = factor
    value = power(k, rebuild(k, k.heads[key], ix), e)
    k.log(c, bound, rest, k.instance("congruence", key, [(1, [], [factor])], k.opens(value)))
    return [(rat(c * d), bound + more, rest + fs) for d, more, fs in k.opens(value)]


def _free_delta(k: Algebra, c: Rat, bound: list[Idx], merged: Products) -> list[Open] | None:
    own = set(bound)
    for key, ix in merged:
        h = k.heads[key]
        pair = _plain_delta(h, ix) if h.kind == "I" and len(ix) == 2 else None
        if pair is None or pair[0] in own or pair[1] in own:
            continue
        low, high = min(pair), max(pair)
        if any(high in jx for g, jx in merged if (g, jx) != (key, ix)):
            moved = [
                (g, jx if (g, jx) == (key, ix) else tuple(low if i == high else i for i in jx), e)
                for (g, jx), e in merged.items()
            ]
            return [(c, bound, moved)]
    return None


def _number(k: Algebra, c: Rat, bound: list[Idx], merged: Products) -> list[Open] | None:
    """Powers of a number are brought between 0 and 1: 2^e = 2 * 2^(e - 1), 2^-e = 1/2 * 2^(1 - e)."""
    for (key, ix), e in merged.items():
        h = k.heads[key]
        if h.kind == "T" and h.data[0] == "number" and not 0 < e < 1:
            rest = [f for f in items(merged) if f[:2] != (key, ix)]
            less = rat(e - 1 if e > 0 else e)
            same = [*rest, (key, ix, less)] if less else rest
            value: int = h.data[1]
            instance = k.instance("number", key, [(1, [], [(key, ix, 1)])], [(value, [], [])])
            if e > 0:
                k.log(c, bound, same, instance)
                return [(rat(c * value), bound, same)]
            part = rat(Fraction(c) / value)
            k.log(-part, bound, same, instance)
            return [(part, bound, [*rest, (key, ix, rat(e + 1))] if e != -1 else rest)]
    return None


def _cube(k: Algebra, c: Rat, bound: list[Idx], merged: Products) -> list[Open] | None:
    """cbrt(w)^e = w cbrt(w)^(e-3) for e >= 3."""
    for (key, ix), e in merged.items():
        h = k.heads[key]
        if h.kind == "V" and h.data[0] == "cbrt" and e >= 3:
            rest = [f for f in items(merged) if f[:2] != (key, ix)]
            rest += [(key, ix, rat(e - 3))] if e != 3 else []
            table = {slot(n, x[2]): x for n, x in enumerate(ix)}
            cubed = k.opens(dict(h.data[3][0]), table)
            k.log(c, bound, rest, k.instance("cube", key, [(1, [], [(key, ix, 3)])], cubed))
            return [(rat(c * d), bound + more, rest + fs) for d, more, fs in k.opens(dict(h.data[3][0]), table)]
    return None


def _circle(k: Algebra, c: Rat, bound: list[Idx], merged: Products) -> list[Open] | None:
    from .relations import circle

    return circle(k, c, bound, merged)


def _expand(k: Algebra, c: Rat, bound: list[Idx], merged: Products) -> list[Open] | None:
    """B^e = body * B^(e-1) for e >= 1."""
    for (key, ix), e in merged.items():
        h = k.heads[key]
        if h.kind == "B" and e >= 1:
            rest = [f for f in items(merged) if f[:2] != (key, ix)]
            if e != 1:
                rest.append((key, ix, rat(e - 1)))
            k.log(c, bound, rest, k.instance("unfold", key, [(1, [], [(key, ix, 1)])], k.body(h, ix)))
            return [(rat(c * d), bound + more, rest + fs) for d, more, fs in k.body(h, ix)]
    return None


def _exclusive(k: Algebra, c: Rat, bound: list[Idx], merged: Products) -> list[Open] | None:
    """[l = 1][l = 2] = 0 for an index form or a size l."""
    heads = [(k.heads[key], ix) for key, ix in merged if k.heads[key].kind == "I"]
    rows = [brackets.form_of(h, ix) for h, ix in heads if h.data[0] == "=="]
    for n, (_, form, const) in enumerate(rows):
        for _, other, rest in rows[:n]:
            for sign in (1, -1):
                gap = (const - rest * sign).constant()
                if gap and not brackets.tidy(brackets.plus(form, other, -sign)):
                    return []
    return None


def _implied(k: Algebra, c: Rat, bound: list[Idx], merged: Products) -> list[Open] | None:
    """What brackets say of each other, and of sums over ranges that would be empty (a size that may be 0)."""
    places = [place for place in merged if k.heads[place[0]].kind == "I"]
    if not places:
        return None
    rows = [brackets.form_of(k.heads[key], ix) for key, ix in places]
    for n, (op, linear, const) in enumerate(rows):
        if op == ">=" and not linear and any(k.bounds.nonnegative(const - b[2] + 1) for b in bound):
            return [(c, bound, [f for f in items(merged) if f[:2] != places[n]])]
    found = implication(rows, k.bounds) if len(rows) > 1 else None
    if found is None:
        return None
    gone, new = found
    dropped = {places[n] for n in gone}
    kept = [f for f in items(merged) if f[:2] not in dropped]
    return [(rat(c * d), bound, kept + fs) for d, fs in _conjunction(k, new)]


def _conjunction(k: Algebra, rows: Iterable[brackets.Row]) -> list[tuple[Rat, list[Factor]]]:
    """A product of brackets as a sum of products of atoms, with coefficients."""
    total: list[tuple[Rat, list[Factor]]] = [(1, [])]
    for row in rows:
        opens = k.bracket(*row)
        total = [(rat(c * d), factors + more) for c, factors in total for d, _, more in opens]
    return total


def _bound(k: Algebra, c: Rat, bound: list[Idx], merged: Products) -> list[Open] | None:
    """Bound indices that occur nowhere, or in brackets only, one of which says what they are."""
    if not bound:
        return None
    if not any(k.heads[key].kind == "I" for key, _ in merged):
        occurring = {x for _, ix in merged for x in ix}
        if all(b in occurring for b in bound):
            return None
    used: dict[Idx, list[tuple[str, tuple[Idx, ...]]]] = {}
    for place in merged:
        for x in dict.fromkeys(place[1]):
            used.setdefault(x, []).append(place)
    for b in bound:
        places = used.get(b)
        others = [x for x in bound if x != b]
        if places is None:
            return [(rat(c * d), others, items(merged) + fs) for d, _, fs in k.extent(b[2])]
        if any(k.heads[key].kind != "I" for key, _ in places):
            continue
        rows = [brackets.form_of(k.heads[key], ix) for key, ix in places]
        chosen = next((n for n, (op, linear, _) in enumerate(rows) if op == "==" and linear.get(b) in (1, -1)), None)
        if chosen is None:
            continue
        _, linear, const = rows.pop(chosen)
        sign = -1 if linear.pop(b) == 1 else 1
        value, offset = brackets.tidy({x: sign * v for x, v in linear.items()}), const * sign  # b == value + offset
        minus, rest = brackets.negated(value, offset)
        new: list[brackets.Row] = [(">=", value, offset), (">=", minus, rest + b[2] - 1)]
        for op, other, at in rows:
            times = other.pop(b)
            new.append((op, brackets.plus(other, value, times), at + offset * times))
        kept = [f for f in items(merged) if f[:2] not in places]
        return [(rat(c * d), others, kept + fs) for d, fs in _conjunction(k, new)]
    return None


def _reciprocal(k: Algebra, c: Rat, bound: list[Idx], merged: Products) -> list[Open] | None:
    """LM * B^q = (B^(q+1) - tail * B^q) / lc, where LM's bound indices are consumed completely."""
    for (key, ix), e in merged.items():
        h = k.heads[key]
        if h.kind != "B" or e >= 0:
            continue
        lead, lc, tail = leading(h)
        _, own, pattern = k.open(lead, 1, dict(zip(slots(h), ix, strict=True)))
        found = match(pattern, own, set(), merged, set(bound), k.heads, skip=(key, ix))
        if found is None:
            continue
        left = [(g, jx, d) for (g, jx), d in found.left.items() if (g, jx) != (key, ix)]
        kept = [x for x in bound if x not in found.consumed]
        ratio = rat(Fraction(c) / lc)
        power = [(key, ix, rat(e + 1))] if e != -1 else []
        k.log(-ratio, kept, [*left, (key, ix, e)], k.instance("unfold", key, [(1, [], [(key, ix, 1)])], k.body(h, ix)))
        out: list[Open] = [(ratio, kept, left + power)]
        for m, d in tail:
            _, more, fs = k.open(m, 1, dict(zip(slots(h), ix, strict=True)))
            out.append((rat(-ratio * d), kept + more, [*left, (key, ix, e), *fs]))
        return out
    return None


def _fractions(k: Algebra, c: Rat, bound: list[Idx], merged: Products) -> list[Open] | None:
    """u^-n B^q with B = b + u * (...): B^q = (B^(q+1) - (B - b) B^q) / b."""
    negative = [(g, jx) for (g, jx), e in merged.items() if e < 0 and k.heads[g].kind in "ET"]
    if not negative:
        return None
    for (key, ix), e in merged.items():
        h = k.heads[key]
        if h.kind != "B" or e >= 0:
            continue
        const = dict(h.data).get(EMPTY)
        if not const:
            continue
        table = dict(zip(slots(h), ix, strict=True))
        others = [(m, d) for m, d in h.data if m != EMPTY]
        if not any(all(_divides(m, place, table) for m, _ in others) for place in negative):
            continue
        rest = [f for f in items(merged) if f[:2] != (key, ix)]
        ratio = rat(Fraction(c) / const)
        k.log(-ratio, bound, [*rest, (key, ix, e)], k.instance("unfold", key, [(1, [], [(key, ix, 1)])], k.body(h, ix)))
        out: list[Open] = [(ratio, bound, rest + ([(key, ix, rat(e + 1))] if e != -1 else []))]
        for m, d in others:
            _, more, fs = k.open(m, 1, table)
            out.append((rat(-ratio * d), bound + more, [*rest, (key, ix, e), *fs]))
        return out
    return None


def _divides(m: Mono, place: tuple[str, tuple[Idx, ...]], table: dict[Idx, Idx]) -> bool:
    return any((g, tuple(table.get(x, x) for x in jx)) == place and e >= 1 for g, jx, e in m[0])


def _data(k: Algebra, c: Rat, bound: list[Idx], merged: Products) -> list[Open] | None:
    """Equations about data; a pattern's bound indices are consumed, its variables match other indices only."""
    present = {key for key, _ in merged} if k.pointwise else set()
    for r in k.pointwise:
        if not all(key in present for key, _, _ in r.factors):
            continue
        found = match(r.factors, r.bound, r.variables, merged, set(bound), k.heads)
        if found is None:
            continue
        left = [(g, jx, d) for (g, jx), d in found.left.items()]
        kept = [x for x in bound if x not in found.consumed]
        ratio = rat(Fraction(c) / r.coefficient)
        sides = [[_at(k, o, found.table) for o in side] for side in (r.left, r.right)]
        k.log(ratio, kept, left, k.instance("hypothesis", r.name, sides[0], sides[1]))
        return [(rat(ratio * d), kept + more, left + fs) for d, more, fs in k.opens(r.rest, found.table)]
    return None


def _at(k: Algebra, o: Open, table: dict[Idx, Idx]) -> Open:
    """An open monomial at other variables, with fresh bound indices."""
    c, bound, factors = o
    full = {**table, **{b: k.fresh(b[2]) for b in bound}}
    return c, [full[b] for b in bound], [(h, tuple(full.get(x, x) for x in ix), e) for h, ix, e in factors]


def leading(h: Head) -> tuple[Mono, Rat, list[tuple[Mono, Rat]]]:
    """The leading monomial of a B head, its coefficient, and the other monomials."""
    lead = max((m for m, _ in h.data), key=weight)
    return lead, dict(h.data)[lead], [(m, d) for m, d in h.data if m != lead]


Rule = Callable[["Algebra", Rat, list[Idx], Products], "list[Open] | None"]

RULES: tuple[tuple[Rule, str], ...] = (
    (_free_delta, "I"),
    (_number, "N"),
    (_cube, "V"),
    (_circle, "V"),
    (_expand, "B"),
    (_exclusive, "I"),
    (_implied, "I"),
    (_bound, ""),
    (on_onehots, "HV"),
    (on_data, "D"),
    (on_products, "V"),
    (_reciprocal, "B"),
    (_fractions, "B"),
    (_data, ""),
)
"""The rules in their order, each with the marks of heads one of which it needs; empty: it may concern any monomial."""
