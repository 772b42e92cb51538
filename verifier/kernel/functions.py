"""Function calls: heads of kind V over closed argument bodies; exp, log and definitions; rebuilding atoms."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from itertools import permutations
from math import gcd, lcm
from typing import TYPE_CHECKING

from ..terms.known import KNOWN
from ..terms.sorts import Real
from . import relations
from .canonical import sorted_indices
from .data import EMPTY, Head, Idx, Poly, Stuck, add, binder, constant, head_keys, scale, slot, whole
from .extremes import made
from .onehot import through
from .powers import close, exponential, factored, prime_factors, surely_positive
from .roots import cube_root

if TYPE_CHECKING:
    from .algebra import Algebra

Argument = tuple[tuple[Idx, ...], Poly]  # bound free indices, body
Derivative = tuple[int, tuple[Idx, ...]]


def call(
    k: Algebra, name: str, outputs: Sequence[Idx], arguments: Sequence[Argument], partials: Sequence[Derivative] = ()
) -> Poly:
    """An entry of a function's value, or of a partial derivative (partials of smooth functions commute)."""
    if name == "exp" and not partials:
        return exponential(k, arguments[0][1])
    asks = name in KNOWN and bool(KNOWN[name].domain)
    apart = through(
        k,
        [p for _, p in arguments],
        lambda ps: call(k, name, outputs, [(b, p) for (b, _), p in zip(arguments, ps, strict=True)], partials),
        hidden=frozenset(x for b, _ in arguments for x in b),
        positive=(lambda p: surely_positive(k, p)) if asks else None,
    )
    if apart is not None:
        k.axiom("choice", name, k.opens(plain(k, name, outputs, arguments, partials)), apart)
        return apart
    if name.startswith("?") and len(arguments) == 2:
        (own, body), (other, guard) = arguments
        return made(k, name, outputs, own, k.rename(guard, dict(zip(other, own, strict=True))), body)
    if name == "log" and not partials:
        value, atom = logarithm(k, arguments[0][1]), plain(k, name, outputs, arguments, partials)
        if value != atom:
            k.axiom("logarithm", name, k.opens(atom), value)
        return value
    if name in KNOWN and len(arguments) == 1 and not partials:
        return _known(k, name, arguments[0][1])
    found = k.hypotheses.rewrite(k, name, outputs, arguments, partials)
    return found if found is not None else plain(k, name, outputs, arguments, partials)


def _known(k: Algebra, name: str, p: Poly) -> Poly:
    """A known function of one number: its value, or what a relation makes of it, or an atom."""
    rule, atom = "relation", plain(k, name, (), [((), p)], ())
    exact = cube_root(k, p) if name == "cbrt" else relations.value(name, p)
    if exact is not None:
        rule, result = "value", exact
    elif relations.mirrored(k, name, p):
        result = scale(_known(k, name, scale(p, -1)), -1 if KNOWN[name].parity == "odd" else 1)
    else:
        found = relations.composed(k, name, p)
        result = atom if found is None else found
    if result != atom:
        k.axiom(rule, name, k.opens(atom), result)
    return result


def plain(
    k: Algebra, name: str, outputs: Sequence[Idx], arguments: Sequence[Argument], partials: Sequence[Derivative]
) -> Poly:
    """The atom of a call to which no hypothesis applies."""
    bodies: list[Poly] = []
    kept: list[Idx] = []
    for a, (bound, body) in enumerate(arguments):
        table = {x: binder(a, n, x[2]) for n, x in enumerate(bound)}
        bodies.append(k.rename(body, table))
        kept += table.values()
    closed, order, perms = close(k, bodies, frozenset(kept))
    by = sorted(partials, key=lambda d: d[0])
    entries = [x for _, ix in by for x in ix]
    lead = [*outputs, *entries]
    data = (
        name,
        len(outputs),
        tuple(a for a, _ in by),
        tuple(closed),
        tuple(tuple(x[2] for x in bound) for bound, _ in arguments),
    )
    dims = tuple(x[2] for x in (*lead, *order))
    rank = max((k.heads[h].rank for body in closed for h in head_keys(dict(body))), default=0)
    symmetric = _orders(len(outputs), by, len(order), perms)
    if name == "inv" and _is_symmetric(k, bodies[0], kept):
        symmetric = [q for p in symmetric for q in (p, (p[1], p[0], *p[2:]))]
    h = k.head("V", data, dims, symmetric, rank, not partials and _positive(k, name), len(lead))
    indices = (*lead, *order)
    # the atom itself, not normalised again: equal free indices in a new head would ask to be rebuilt forever
    return {(((h.key, sorted_indices(h, indices), 1),), ()): 1}


def _is_symmetric(k: Algebra, matrix: Poly, own: Sequence[Idx]) -> bool:
    """Whether a matrix is its transpose: then its inverse is as well."""
    row, column = own
    return k.rename(matrix, {row: column, column: row}) == matrix


def _positive(k: Algebra, name: str) -> bool:
    """Whether a function is declared to have positive values (tensors of the same name are another matter)."""
    if name in KNOWN:
        return KNOWN[name].sign == ">"
    f = k.functions.get(name)
    if f is None:
        return False
    return "positive" in f.properties or (isinstance(f.value, Real) and f.value.low is not None and f.value.low >= 0)


def _orders(
    outputs: int, by: Sequence[Derivative], rest: int, perms: Sequence[tuple[int, ...]]
) -> list[tuple[int, ...]]:
    """Symmetries of a call: partials by one argument may be exchanged, and its free slots as its bodies allow."""
    blocks: list[tuple[int, tuple[int, ...]]] = []
    place = outputs
    for a, ix in by:
        blocks.append((a, tuple(range(place, place + len(ix)))))
        place += len(ix)
    if len(blocks) > 4:
        raise Stuck("a derivative of order above 4")
    leading = []
    for order in permutations(range(len(blocks))):
        if all(blocks[n][0] == blocks[m][0] for n, m in enumerate(order)):
            leading.append(tuple(x for n in order for x in blocks[n][1]))
    tails = perms or [tuple(range(rest))]
    first = tuple(range(outputs))
    return [first + m + tuple(place + n for n in t) for m in leading for t in tails]


def logarithm(k: Algebra, p: Poly) -> Poly:
    """log of a product: numbers, exps and positive factors become terms; what is left stays under the log.

    A positive number can always be split off: c * p is positive just where p is.

    A monomial c * prod E^e * rest is split only where c and the rest are known positive, or where the whole
    rest is kept together (its sign is then the sign of the argument, which is positive where log is defined).
    """
    size = _content(p)
    if size != 1:
        value = logarithm(k, scale(p, 1 / size))
        for n, sign in ((size.numerator, 1), (size.denominator, -1)):
            for prime, times in prime_factors(n):
                value = add(value, scale(plain(k, "log", (), [((), constant(prime))], ()), sign * times))
        return value
    if len(p) != 1:
        common, left_over = factored(k, p, any_sign=False) if p else ({}, p)
        if not common:
            return plain(k, "log", (), [((), p)], ())
        value = logarithm(k, left_over)
        for (h, ix), e in common.items():
            value = add(value, scale(logarithm(k, k.collect([(1, [], [(h, ix, 1)])])), e))
        return value
    ((free, comps), c), *_ = p.items()
    total: Poly = {}
    rest = []
    for h, ix, e in free:
        head = k.heads[h]
        if head.kind == "E":
            total = add(total, scale(k.collect(k.body(head, ix)), e))
        elif head.kind == "T" and head.data[0] == "number":
            total = add(total, scale(plain(k, "log", (), [((), constant(head.data[1]))], ()), e))
        elif head.positive:
            total = add(total, scale(plain(k, "log", (), [((), k.collect([(1, [], [(h, ix, 1)])]))], ()), e))
        else:
            rest.append((h, ix, e))
    if c == 1 and not comps and len(rest) == 1 and whole(rest[0][2]) and int(rest[0][2]) % 2:
        h, ix, e = rest[0]  # an odd power that is positive has a positive base
        return add(total, scale(plain(k, "log", (), [((), k.collect([(1, [], [(h, ix, 1)])]))], ()), e))
    left: Poly = {(tuple(rest), comps): c}
    if left == {EMPTY: 1}:
        return total
    return add(total, plain(k, "log", (), [((), left)], ()))


def _content(p: Poly) -> Fraction:
    """The greatest number that all coefficients of a polynomial are whole multiples of."""
    rows = [Fraction(c) for c in p.values()]
    return Fraction(gcd(*(q.numerator for q in rows)), lcm(*(q.denominator for q in rows))) if rows else Fraction(1)


def parts(k: Algebra, h: Head, ix: Sequence[Idx]) -> tuple[str, tuple[Idx, ...], list[Argument], list[Derivative]]:
    """The call that a V head applied to indices is; binders get fresh names (an index may be called as they are)."""
    name, n, by, bodies, dims = h.data
    outputs = tuple(ix[:n])
    place = n
    partials: list[Derivative] = []
    for a in by:
        width = len(dims[a])
        partials.append((a, tuple(ix[place : place + width])))
        place += width
    free = {slot(j, x[2]): x for j, x in enumerate(ix[place:])}
    arguments: list[Argument] = []
    for a, body in enumerate(bodies):
        bound = tuple(k.fresh_free("v", d) for d in dims[a])
        table = {**free, **{binder(a, j, x[2]): x for j, x in enumerate(bound)}}
        arguments.append((bound, k.rename(dict(body), table)))
    return name, outputs, arguments, partials


def rebuild(k: Algebra, h: Head, ix: Sequence[Idx], change: Callable[[Poly], Poly] = lambda p: p) -> Poly:
    """An atom built again from its body, after its indices coincided or with its bodies changed."""
    if h.kind == "V":
        name, outputs, arguments, partials = parts(k, h, ix)
        value = call(k, name, outputs, [(b, change(p)) for b, p in arguments], partials)
        if h.key in k.unique:  # the same values, so they are taken as often
            k.unique.update(g for g in head_keys(value) if k.heads[g].kind == "V" and k.heads[g].data[0] == name)
        return value
    if h.kind == "D":
        from .conditions import condition, subject

        return condition(k, h.data[0], change(subject(k, (h.key, tuple(ix)))))
    body = change(k.collect(k.body(h, ix)))
    if h.kind == "E":
        return exponential(k, body)
    if h.kind == "B":
        return body
    raise Stuck(f"nothing to rebuild in a head of kind {h.kind}")
