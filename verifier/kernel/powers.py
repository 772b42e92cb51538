"""Rational powers of polynomials, exponentials, and closing polynomials over their free indices."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import permutations
from itertools import product as cartesian
from typing import TYPE_CHECKING

from .canonical import sorted_indices
from .data import (
    Component,
    Factor,
    Frozen,
    Idx,
    Mono,
    Poly,
    Rat,
    Stuck,
    add,
    constant,
    free_indices,
    freeze,
    head_keys,
    magnitude,
    rat,
    scale,
    slot,
    whole,
)
from .onehot import picks, through, values_of, zero_or_one
from .order import weight
from .positivity import ALLOWED, ANY, Signs, factor, signs

if TYPE_CHECKING:
    from .algebra import Algebra

SYMMETRIES = 720
UNFOLDINGS = 3
PRIMES = 1_000_000


def power(k: Algebra, p: Poly, q: Rat) -> Poly:
    """p^q.

    Natural q: the product.  Otherwise content is split off first: rational content; common factors, where q is
    an integer or the factor is positive (for integer q a product that is not 0 has no factor 0; for fractional q
    only positive factors may leave a root).  What remains is one monic B head to the power q.
    """
    q = rat(q)
    if whole(q) and q >= 0:
        if q > 64:
            raise Stuck("a power above 64")
        result = constant(1)
        for _ in range(int(q)):
            result = k.multiply(result, p)
        return result
    if not p:
        raise Stuck("0 to a negative or fractional power")
    apart = through(k, [p], lambda ps: power(k, ps[0], q), positive=lambda r: surely_positive(k, r))
    if apart is not None:
        _record(k, "choice", p, q, apart)
        return apart
    result = _power(k, p, q)
    if len(p) > 1 or not whole(q):
        _record(k, "power", p, q, result)
    return result


def _record(k: Algebra, rule: str, p: Poly, q: Rat, result: Poly) -> None:
    """Log what a power is, if it is not written so."""
    (body,), order, perms = close(k, [p])
    rank = max((k.heads[h].rank for h in _keys(p)), default=0)
    h = k.head("B", body, tuple(x[2] for x in order), perms, rank, is_positive(k, p))
    factor: Factor = (h.key, sorted_indices(h, order), q)
    if result != {((factor,), ()): 1}:
        k.axiom(rule, h.key, [(1, [], [factor])], result)


def _power(k: Algebra, p: Poly, q: Rat) -> Poly:
    """A power that is not natural, of what is not 0."""
    common, rest = factored(k, p, whole(q))
    signed, rest = _signed(k, rest, q)
    outside, rest = _squares(k, rest, q)
    outside = k.multiply(signed, outside)
    head: Rat = rest[max(rest, key=weight)]
    content: Rat = head if whole(q) else magnitude(head)
    rest = scale(rest, Fraction(1) / content)
    result = k.collect([(1, [], [(h, ix, rat(Fraction(e) * q)) for (h, ix), e in common.items()])])
    result = k.multiply(result, outside)
    result = k.multiply(result, constant(Fraction(content) ** int(q)) if whole(q) else _root(k, Fraction(content), q))
    if len(rest) == 1:
        ((free, comps), c), *_ = rest.items()
        if whole(q):
            for h, ix, e in free:
                result = k.multiply(result, k.collect([(1, [], [(h, ix, rat(Fraction(e) * q))])]))
            for comp in comps:
                result = k.multiply(result, bracket(k, {((), (comp,)): 1}, q))
            return scale(result, Fraction(c) ** int(q))
    return k.multiply(result, bracket(k, rest, q))


def _signed(k: Algebra, p: Poly, q: Rat) -> tuple[Poly, Poly]:
    """(u^n r)^q = |u|^nq r'^q for sums u whose sign is known by facts: powers of |u|, and r' = r or -r.

    Only outside of case splits: a head means the same on every part, and what a power is must not depend on one.
    """
    outside = constant(1)
    if whole(q) or k.region or not k.facts:
        return outside, p
    for (h, ix), e in _common(k, p, any_sign=True).items():
        if k.heads[h].kind != "B" or not whole(e):
            continue
        found = _sign(k, h, ix)
        if found not in (ALLOWED[">"], ALLOWED["<"]):
            continue
        sign = 1 if found == ALLOWED[">"] else -1
        size = k.collect((rat(c * sign), bound, fs) for c, bound, fs in k.body(k.heads[h], ix))
        outside = k.multiply(outside, power(k, size, rat(Fraction(e) * q)))
        turned = sign if int(e) % 2 else 1
        p = k.collect((rat(c * turned), bound, [*fs, (h, ix, -e)]) for c, bound, fs in k.opens(p))
    return outside, p


def _sign(k: Algebra, key: str, ix: tuple[Idx, ...]) -> Signs:
    """The signs of a sum by facts, with its lets unfolded as long as nothing is known: facts may speak of their bodies.

    So a root is the same before its lets are unfolded and after.
    """
    found = factor(k, key, ix, 1)
    p = k.collect(k.body(k.heads[key], ix)) if found == ANY else {}
    for _ in range(UNFOLDINGS):
        if found != ANY or not any(_is_let(k, f) for free, _ in p for f in free):
            break
        total: Poly = {}
        for (free, comps), c in p.items():
            value: Poly = {((), comps): c}
            for f in free:
                h, jx, e = f
                body = k.collect(k.body(k.heads[h], jx)) if _is_let(k, f) else None
                part: Poly = {((f,), ()): 1} if body is None else power(k, body, e)
                value = k.multiply(value, part)
            total = add(total, value)
        p = total
        found = signs(k, p)
    return found


def _is_let(k: Algebra, f: Factor) -> bool:
    return k.heads[f[0]].kind == "L" and whole(f[2]) and f[2] > 0


def _squares(k: Algebra, p: Poly, q: Rat) -> tuple[Poly, Poly]:
    """(x^2n r)^q = |x|^2nq r^q where 2nq is whole: the powers of |x|, and r.

    Only if r is not negative, or x not 0: else r^q could have no value where x is 0.
    """
    from .conditions import absolute

    outside = constant(1)
    if whole(q):
        return outside, p
    for (h, ix), e in _common(k, p, any_sign=True).items():
        even = 2 * (e.numerator // (2 * e.denominator))
        n = Fraction(even) * q
        if not even or not whole(n):
            continue
        rest = k.collect((c, bound, [*fs, (h, ix, -even)]) for c, bound, fs in k.opens(p))
        if even > 0 and q > 0 and not (k.region == () and signs(k, rest) <= ALLOWED[">="]):
            continue
        size = absolute(k, {(((h, ix, 1),), ()): 1}) if int(n) % 2 else constant(1)
        outside = k.multiply(outside, k.multiply(size, k.collect([(1, [], [(h, ix, rat(n - int(n) % 2))])])))
        p = rest
    return outside, p


Places = dict[tuple[str, tuple[Idx, ...]], Rat]


def factored(k: Algebra, p: Poly, any_sign: bool) -> tuple[Places, Poly]:
    """Common factors of a polynomial with their exponents, and what is left; only positive ones unless ``any_sign``.

    Taking factors out may show more of them: 1 - x/(x + u) is u/(x + u).
    """
    common: Places = {}
    for _ in range(8):
        found = _common(k, p, any_sign)
        if not found:
            break
        for place, e in found.items():
            common[place] = rat(common.get(place, 0) + e)
        inverse: list[Factor] = [(h, ix, rat(-e)) for (h, ix), e in found.items()]
        p = k.collect((c, bound, fs + inverse) for c, bound, fs in k.opens(p))
        if not p:
            raise Stuck("0 to a negative or fractional power")
    return {f: e for f, e in common.items() if e}, p


def _common(k: Algebra, p: Poly, any_sign: bool) -> Places:
    """Factors that all monomials share, with the least exponent (negative ones of any monomial count)."""
    common: Places | None = None
    for free, _ in p:
        own = {(h, ix): e for h, ix, e in free if k.heads[h].kind not in "DI" and not zero_or_one(k.heads[h])}
        if common is None:
            common = own
            continue
        places = dict.fromkeys([*common, *own])
        common = {f: min(common.get(f, 0), own.get(f, 0)) for f in places}
    kept = {f: e for f, e in (common or {}).items() if e}
    return kept if any_sign else {f: e for f, e in kept.items() if k.heads[f[0]].positive}


def _root(k: Algebra, c: Fraction, q: Rat) -> Poly:
    """A positive rational to a fractional power: primes to exponents between 0 and 1."""
    result = constant(1)
    for n, sign in ((c.numerator, 1), (c.denominator, -1)):
        for prime, times in prime_factors(n):
            e = Fraction(times * sign) * q
            low = e.numerator // e.denominator
            result = scale(result, Fraction(prime) ** low)
            if e - low:
                h = k.head("T", ("number", prime), (), positive=True)
                result = k.multiply(result, k.collect([(1, [], [(h.key, (), rat(e - low))])]))
    return result


def prime_factors(n: int) -> list[tuple[int, int]]:
    """Small prime factors and the rest, which is kept whole (it need not be prime: the power law holds for it)."""
    found = []
    prime = 2
    while prime * prime <= n and prime < PRIMES**0.5 + 1:
        times = 0
        while n % prime == 0:
            n //= prime
            times += 1
        if times:
            found.append((prime, times))
        prime += 1
    return [*found, (n, 1)] if n > 1 else found


def bracket(k: Algebra, p: Poly, q: Rat) -> Poly:
    """A monic polynomial as a head of kind B, to a negative or fractional power."""
    if p == constant(1):
        return p
    (body,), order, perms = close(k, [p])
    rank = max((k.heads[h].rank for h in _keys(p)), default=0)
    positive = is_positive(k, p)
    h = k.head("B", body, tuple(x[2] for x in order), perms, rank, positive)
    return k.collect([(1, [], [(h.key, sorted_indices(h, order), rat(q))])])


def is_positive(k: Algebra, p: Poly) -> bool:
    """Whether a polynomial is positive term by term: positive coefficients and heads, sums over ranges that are
    never empty."""

    def term(free: tuple[Factor, ...], comps: tuple[Component, ...]) -> bool:
        heads = [h for h, _, _ in free]
        ranges = [d for dims, _ in comps for d in dims]
        for comp in comps:
            chosen = picks(k, comp)
            heads += [h for h, _, _ in comp[1] if not (chosen and values_of(k.heads[h]))]
        return all(k.heads[h].positive for h in heads) and all(k.bounds.nonnegative(d - 1) for d in ranges)

    return bool(p) and all(c > 0 and term(*m) for m, c in p.items())


def surely_positive(k: Algebra, p: Poly) -> bool:
    """`is_positive`, also of what is left when positive factors are taken out."""
    return is_positive(k, p) or (bool(p) and is_positive(k, factored(k, p, any_sign=False)[1]))


def _keys(p: Poly) -> list[str]:
    return list(head_keys(p))


def exponential(k: Algebra, p: Poly) -> Poly:
    """exp of a sum is the product of the exps of its monomials; each is a head of kind E.

    exp(c * log x) = x^c, since x is positive where log x is defined.
    """
    apart = through(k, [p], lambda ps: exponential(k, ps[0]))
    if apart is not None:
        k.axiom("choice", "exp", [(1, [], [_exp(k, p, 1)])], apart)
        return apart
    result = constant(1)
    for m, c in p.items():
        inside = _under_log(k, m)
        factor = power(k, inside, c) if inside is not None else k.collect([(1, [], [_exp(k, {m: 1}, c)])])
        result = k.multiply(result, factor)
    if p:
        undivided = _exp(k, p, 1)
        if result != {((undivided,), ()): 1}:
            k.axiom("exponential", undivided[0], [(1, [], [undivided])], result)
    return result


def _exp(k: Algebra, p: Poly, c: Rat) -> Factor:
    """The head of kind E of a polynomial, to a power."""
    (body,), order, perms = close(k, [p])
    rank = max((k.heads[h].rank for h in _keys(p)), default=0)
    h = k.head("E", body, tuple(x[2] for x in order), perms, rank, positive=True)
    return (h.key, sorted_indices(h, order), c)


def _under_log(k: Algebra, m: Mono) -> Poly | None:
    """The argument of a monomial that is one logarithm."""
    free, comps = m
    if comps or len(free) != 1 or free[0][2] != 1:
        return None
    h, ix = k.heads[free[0][0]], free[0][1]
    if h.kind != "V" or h.data[0] != "log" or h.data[2]:
        return None
    return k.rename(dict(h.data[3][0]), {slot(n, x[2]): x for n, x in enumerate(ix)})


Closed = tuple[list[Frozen], tuple[Idx, ...], list[tuple[int, ...]]]


def close(k: Algebra, polys: Sequence[Poly], keep: frozenset[Idx] = frozenset()) -> Closed:
    """Polynomials over slots, the free indices that the slots stand for, and the symmetries of the slots.

    The order of slots does not depend on names: indices are ordered by a signature of where they occur, ties by
    the least result.  Raises Stuck where there are too many ties.
    """
    names = sorted({x for p in polys for x in free_indices(p)} - keep)
    if not names:
        return [freeze(p) for p in polys], (), []
    signature = {x: (x[2], tuple(_signature(k, p, x) for p in polys)) for x in names}
    names.sort(key=lambda x: signature[x])
    groups: list[list[Idx]] = []
    for x in names:
        if groups and signature[groups[-1][0]] == signature[x]:
            groups[-1].append(x)
        else:
            groups.append([x])
    orders = 1
    for g in groups:
        for n in range(2, len(g) + 1):
            orders *= n
    if orders > SYMMETRIES:
        raise Stuck("too many symmetric indices")
    best: tuple[list[Frozen], tuple[Idx, ...]] | None = None
    winners: list[tuple[Idx, ...]] = []
    for combination in cartesian(*(list(permutations(g)) for g in groups)):
        order = tuple(x for g in combination for x in g)
        table = {x: slot(n, x[2]) for n, x in enumerate(order)}
        closed = [freeze(k.rename(p, table)) for p in polys]
        if best is None or closed < best[0]:
            best, winners = (closed, order), [order]
        elif closed == best[0]:
            winners.append(order)
    if best is None:
        raise Stuck("nothing to close")
    place = {x: n for n, x in enumerate(best[1])}
    return best[0], best[1], [tuple(place[x] for x in w) for w in winners]


def _signature(k: Algebra, p: Poly, x: Idx) -> tuple[object, ...]:
    """Where an index occurs, up to names; indices tied by a free delta count as one."""
    rows = []
    for (free, comps), c in p.items():
        tied = {x}
        for h, ix, _ in free:
            head = k.heads[h]
            if head.kind == "I" and head.data[0] == "==" and head.data[1] == (1, -1) and x in ix:
                tied |= set(ix)
        for dims, factors in (((), free), *comps):
            for h, ix, e in factors:
                if tied.isdisjoint(ix):
                    continue
                perms = k.heads[h].perms or (tuple(range(len(ix))),)
                places = min(tuple(j for j, n in enumerate(q) if ix[n] in tied) for q in perms)
                rows.append((h, Fraction(e), places, len(dims), len(factors), Fraction(c)))
    return tuple(sorted(rows))
