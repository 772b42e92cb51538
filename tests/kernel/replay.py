"""Two readings of open monomials, to replay the kernel's log: atoms as unknowns, and atoms as what they stand for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fractions import Fraction
from functools import cache
from hashlib import blake2b
from itertools import product
from typing import Any

from verifier.evaluate.functions import known
from verifier.evaluate.model import Model
from verifier.evaluate.numbers import (
    Number,
    Undecided,
    Undefined,
    constant,
    first,
    greatest,
    plus,
    power,
    sign,
    times,
)
from verifier.kernel.data import Head, Idx, Rat, binder, slot, slots
from verifier.kernel.log import Opens
from verifier.kernel.onehot import AT, part_of, values_of
from verifier.terms.known import KNOWN

ROOT = 12  # exponents are multiples of 1/12
Places = Mapping[Idx, int]


class Unknowns:
    """Every atom is an unknown with a random value; only brackets, sizes and symmetries mean what they are.

    An identity of ring arithmetic, brackets and sums holds for all values of the unknowns; one that is none fails at
    random ones (Schwartz, Zippel).
    """

    def __init__(self, heads: Mapping[str, Head], sizes: Mapping[str, int], seed: int) -> None:
        self.heads, self.sizes, self.seed = heads, sizes, seed

    def atom(self, h: Head, at: tuple[int, ...], e: Rat) -> Number:
        if h.kind == "I":
            op, coefficients, const = h.data
            value = sum(c * x for c, x in zip(coefficients, at, strict=True)) + const.value(self.sizes)
            return Fraction(int(value == 0 if op == "==" else value >= 0))
        if h.kind == "T" and h.data[0] == "size":
            return Fraction(self.sizes[h.data[1]]) ** int(e)
        if part_of(h) is not None:  # one part, and in it one value
            n, rest = int(h.data[1]), at[int(h.data[1]) :]
            family = repr(h.data[2:])
            if int(_random(self.seed, family, rest).numerator) % (len(h.data[4]) // 2) != part_of(h):
                return Fraction(0)
            extents = [d.value(self.sizes) for d in h.dims[:n]]
            picked = [int(_random(self.seed, family, (*rest, j)).numerator) % max(d, 1) for j, d in enumerate(extents)]
            return Fraction(int(tuple(picked) == at[:n]))
        if values_of(h):  # exactly one value, which depends on the other indices
            own, rest = (at[-1:], at[:-1]) if h.kind == "T" else (at[: values_of(h)], at[values_of(h) :])
            extents = [d.value(self.sizes) for d in (h.dims[-1:] if h.kind == "T" else h.dims[: values_of(h)])]
            chosen = [int(_random(self.seed, h.key, (*rest, n)).numerator) % max(d, 1) for n, d in enumerate(extents)]
            return Fraction(int(tuple(chosen) == own))
        if h.perms is not None:
            at = min(tuple(at[k] for k in p) for p in h.perms)
        if h.kind == "D":  # a subject has a random sign
            return Fraction(_holds(h.data[0], int(_random(self.seed, repr(h.data[1]), at).numerator) % 3 - 1))
        times_twelve = Fraction(e) * ROOT
        if times_twelve.denominator != 1:
            raise Undecided("a root that is not a twelfth one")
        return _random(self.seed, h.key, at) ** int(times_twelve)

    def opens(self, rows: Opens, at: Places) -> Number:
        """The value of a sum of open monomials, their free indices being at places."""
        total: Number = Fraction(0)
        for c, bound, factors in rows:
            for places in product(*(range(x[2].value(self.sizes)) for x in bound)):
                total = plus(
                    total, times(Fraction(c), self._product(factors, {**at, **dict(zip(bound, places, strict=True))}))
                )
        return total

    def _product(self, factors: Iterable[tuple[str, tuple[Idx, ...], Rat]], at: Places) -> Number:
        result: Number = Fraction(1)
        rows = sorted(factors, key=lambda f: self.heads[f[0]].kind not in "DI")
        for h, ix, e in rows:
            result = times(result, self.atom(self.heads[h], tuple(at[x] for x in ix), e))
            if result == 0 and self.heads[h].kind in "DI":
                return Fraction(0)  # what stands under a guard is not asked for
        return result


@cache
def _random(seed: int, key: str, at: tuple[int, ...]) -> Fraction:
    n = int.from_bytes(blake2b(repr((seed, key, at)).encode(), digest_size=4).digest(), "big")
    return Fraction(1 + n % 7, 1 + (n >> 8) % 3)


class Meaning(Unknowns):
    """Every atom has the value of what it stands for, at a model."""

    def __init__(self, heads: Mapping[str, Head], model: Model) -> None:
        super().__init__(heads, model.sizes, 0)
        self.model = model

    def atom(self, h: Head, at: tuple[int, ...], e: Rat) -> Number:
        if h.kind == "I" or (h.kind == "T" and h.data[0] == "size"):
            return super().atom(h, at, e)
        return power(self._value(h, at), Fraction(e))

    def _value(self, h: Head, at: tuple[int, ...]) -> Number:
        if h.kind == "T":
            if h.data == ("iota",):
                return Fraction(at[0])
            kind, name, *_ = h.data
            if kind == "tensor":
                return self.model.values[name][at]
            if kind == "onehot":
                return Fraction(int(self.model.values[name][at[:-1]] == at[-1]))
            return constant(name) if kind == "constant" else Fraction(name)
        places = dict(zip(slots(h), at, strict=True))
        if h.kind in "LB":
            return self.polynomial(h.data, places)
        if h.kind == "D":
            return Fraction(_holds(h.data[0], sign(self.polynomial(h.data[1], places))))
        if h.kind == "E":
            return known("exp", self.polynomial(h.data, places))
        name, n, by, bodies, dims = h.data
        outputs, rest = at[:n], at[n:]
        partials = []
        for a in by:
            partials.append((a, tuple(rest[: len(dims[a])])))
            rest = rest[len(dims[a]) :]
        own: dict[Idx, int] = dict(zip((x for x in _closed_slots(h)), rest, strict=True))
        arguments = []
        for a, body in enumerate(bodies):
            bound = [binder(a, j, d) for j, d in enumerate(dims[a])]
            rows = {}
            for p in product(*(range(d.value(self.sizes)) for d in dims[a])):
                rows[p] = self.polynomial(body, {**own, **dict(zip(bound, p, strict=True))})
            arguments.append(rows)
        if name.startswith("?"):
            return self._reduction(name, outputs, arguments[::2], arguments[1::2])
        if name in KNOWN:
            return known(name, *(rows[()] for rows in arguments))
        return self.model.functions[name](outputs, tuple(arguments), tuple(partials), self.sizes)

    def _reduction(self, name: str, outputs: tuple[int, ...], bodies: Any, guards: Any) -> Number:
        """A product or greatest value over the places where a filter is 1, or the one-hot of the first such place."""
        rows = [(p, v) for body, guard in zip(bodies, guards, strict=True) for p, v in body.items() if guard[p] == 1]
        if name == "?prod":
            result: Number = Fraction(1)
            for _, v in rows:
                result = times(result, v)
            return result
        if not rows:
            raise Undefined("a reduction over nothing")
        if name.startswith(AT):
            keyed = [
                ((n, p), v)
                for n, (body, guard) in enumerate(zip(bodies, guards, strict=True))
                for p, v in body.items()
                if guard[p] == 1
            ]
            return Fraction(int(first(keyed, "max") == (int(name.removeprefix(AT)), outputs)))
        if name.startswith("?max"):
            return greatest([v for _, v in rows], "max")
        return Fraction(int(first(rows, "max") == outputs))

    def polynomial(self, rows: Any, at: Places) -> Number:
        total: Number = Fraction(0)
        for (free, comps), c in rows:
            value: Number = times(Fraction(c), self._product(free, at))
            for dims, factors in comps:
                if value == 0:
                    break
                inner: Number = Fraction(0)
                bound = [(0, k, d) for k, d in enumerate(dims)]
                for places in product(*(range(d.value(self.sizes)) for d in dims)):
                    inner = plus(inner, self._product(factors, {**at, **dict(zip(bound, places, strict=True))}))
                value = times(value, inner)
            total = plus(total, value)
        return total


def _closed_slots(h: Head) -> list[Idx]:
    """The slots of a call's bodies: numbered from 0, after the outputs and derivative entries in its indices."""
    return [slot(n, d) for n, d in enumerate(h.dims[h.fixed :])]


def _holds(relation: str, s: int) -> bool:
    return {">": s > 0, "==": s == 0, ">=": s >= 0, "!=": s != 0}[relation]


def inside(region: Iterable[tuple[str, Opens]], read: Meaning, at: Places) -> bool:
    """Whether a model lies in the part of the points that a lemma is about."""
    return all(_holds(relation, sign(read.opens(rows, at))) for relation, rows in region)


def free_of(rows: Opens) -> set[Idx]:
    """The free indices of a sum of open monomials."""
    return {x for _, bound, factors in rows for _, ix, _ in factors for x in ix if x not in bound}


__all__ = ["Meaning", "Places", "Unknowns", "free_of", "inside"]
