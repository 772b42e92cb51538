"""The model point: every hypothesis and condition holds there, and both sides are equal, by exact evaluation.

A number is an interval with rational ends; a rational one has equal ends.  Rational operations are exact, exp and roots
are enclosed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from itertools import product
from math import isqrt
from typing import Any, TypeAlias

from .proof import rational
from .ring import ONE, Head, Poly, Reject, Total, extent, need, scaled, size_value, slots, times
from .statement import Statement

Interval: TypeAlias = tuple[Fraction, Fraction]
BITS = 160
NEAR = Fraction(1, 2**60)
LARGE = 4000  # entries that are summed at one place
WORK = 400_000


def _rounded(a: Interval) -> Interval:
    if a[0] == a[1]:
        return a
    unit = 2**BITS
    return Fraction((a[0] * unit).__floor__(), unit), Fraction((a[1] * unit).__ceil__(), unit)


def plus(a: Interval, b: Interval) -> Interval:
    return a[0] + b[0], a[1] + b[1]


def multiplied(a: Interval, b: Interval) -> Interval:
    ends = (a[0] * b[0], a[0] * b[1], a[1] * b[0], a[1] * b[1])
    return _rounded((min(ends), max(ends)))


def _root(x: Fraction, n: int, up: bool) -> Fraction:
    """The n-th root of a number that is not negative, rounded down or up; exact where it is rational."""
    for exact in (True, False):
        if exact:
            top, low = _whole_root(x.numerator, n), _whole_root(x.denominator, n)
            if top**n == x.numerator and low**n == x.denominator:
                return Fraction(top, low)
        else:
            scale = 2**BITS
            value = _whole_root((x * scale**n).__floor__(), n)
            return Fraction(value + (1 if up else 0), scale)
    raise AssertionError("unreachable")


def _whole_root(x: int, n: int) -> int:
    if n == 2:
        return isqrt(x)
    low, high = 0, 1 << (x.bit_length() // n + 1)
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if middle**n <= x else (low, middle - 1)
    return low


def power(a: Interval, e: Fraction) -> Interval:
    if e.denominator != 1:
        need(a[0] > 0 or (a[0] >= 0 and e > 0), "the root of a number that is not positive")
        a = _rounded((_root(a[0], e.denominator, False), _root(a[1], e.denominator, True)))
    n = int(e.numerator)
    if n < 0:
        need(a[0] > 0 or a[1] < 0, "a division by 0")
        a, n = _rounded((1 / a[1], 1 / a[0])), -n
    value: Interval = (ONE, ONE)
    for _ in range(n):
        value = multiplied(value, a)
    return value


def exponential(a: Interval) -> Interval:
    return (ONE, ONE) if not any(a) else _rounded((_exp(a[0])[0], _exp(a[1])[1]))


def _exp(x: Fraction) -> Interval:
    """An enclosure: Taylor's polynomial of x / 2^k with its remainder, squared k times."""
    need(abs(x) < 200, "an exponential out of reach")
    k = 0
    while abs(x) > Fraction(1, 2**8):
        x, k = x / 2, k + 1
    term, total = ONE, ONE
    for n in range(1, 41):
        term = Fraction((term * x / n * 2 ** (2 * BITS)).__floor__(), 2 ** (2 * BITS))
        total += term
    slack = Fraction(1, 2 ** (2 * BITS - 12))  # of the remainder (below 2^-328) and of 40 roundings
    value: Interval = (total - slack, total + slack)
    for _ in range(k):
        value = _wide(multiplied_exactly(value, value))
    return value


def multiplied_exactly(a: Interval, b: Interval) -> Interval:
    return a[0] * b[0], a[1] * b[1]


def _wide(a: Interval) -> Interval:
    unit = 2 ** (2 * BITS)
    return Fraction((a[0] * unit).__floor__(), unit), Fraction((a[1] * unit).__ceil__(), unit)


class Model:
    """The values of heads at a point.

    A function is a polynomial of a linear form of all entries of its arguments, with small whole weights that depend on
    the entry of the result; so its partial derivatives are known.  A pair of an error and its inverse is
    e(x, y) = c/2 (x - y)^2 and f(x, z) = x - z/c.
    """

    def __init__(self, ring: Statement, data: Mapping[str, Any], functions: Mapping[str, Any]) -> None:
        self.ring, self.sizes, self.functions = ring, dict(data["sizes"]), data["functions"]
        need(set(self.sizes) == set(ring.least), "the sizes of the model")
        for name, least in ring.least.items():
            need(type(self.sizes[name]) is int and least <= self.sizes[name] <= 6, f"the size {name} of the model")
        need(set(self.functions) == set(functions), "the functions of the model")
        for name, shape in functions.items():
            if "positive" in shape["properties"]:
                need(set(self.functions[name]) == {"polynomial"}, f"the model of {name} is not positive")
                c = [rational(q) for q in self.functions[name]["polynomial"]]
                need(c[0] > 0 and all(x >= 0 for x in c) and not any(c[1::2]), f"the model of {name} is not positive")
        for e, f in ring.generic.items():
            rows = [self.functions[n] for n in (e, f)]
            need([r.get("pair") for r in rows] == ["error", "inverse"], f"the model of {e}")
            need(rows[0]["factor"] == rows[1]["factor"] and rational(rows[0]["factor"]) > 0, f"the model of {e}")
        self.values: dict[tuple[str, tuple[int, ...]], Interval] = {}
        self._work = WORK
        inputs = [n for n, h in ring.heads.items() if h.kind == "input" and n[0] != "@"]
        need(set(data["values"]) == set(inputs), "the tensors of the model")
        for name in inputs:
            places = list(self.places(ring.heads[name].extents))
            need(len(places) == len(data["values"][name]), f"the entries of {name}")
            for at, text in zip(places, data["values"][name], strict=True):
                self.values[name, at] = (rational(text), rational(text))

    def places(self, extents: Sequence[str]) -> Any:
        return product(*(range(size_value(d, self.sizes)) for d in extents))

    def at(self, h: str, ix: tuple[int, ...]) -> Interval:
        """The value of a head at an entry."""
        if h.startswith("iv:"):
            _, op, coefficients, const = h.split(":")
            form = size_value(const, self.sizes) if const != "0" else 0
            form += sum(int(c) * i for c, i in zip(coefficients.split(",") if coefficients else (), ix, strict=True))
            holds = form == 0 if op == "==" else form >= 0
            return (Fraction(int(holds)),) * 2
        found = self.values.get((h, ix))
        if found is None:
            head = self.ring.heads[h]
            if head.kind == "size":
                found = (Fraction(self.sizes[h.strip("|")]),) * 2
            elif head.kind == "fun":
                own = slots(head.extents)
                formula = self._formula(h, own)
                at = dict(zip(own, ix, strict=True))
                found = self._call(h, ix) if formula is None else self.poly(formula, at)
            else:
                places = dict(zip(slots(head.extents), ix, strict=True))
                found = self.poly(head.body, places)
                if head.kind == "exp":
                    found = exponential(found)
            self.values[h, ix] = found
        return found

    def poly(self, p: Poly, at: Mapping[str, int]) -> Interval:
        total: Interval = (Fraction(0), Fraction(0))
        for c, bound, factors in p:
            rows = sorted(factors, key=lambda f: not f[0].startswith("iv:"))
            for places in self.places([b.rsplit(":", 1)[1] for b in bound]):
                self._work -= 1
                need(self._work > 0, "the model is too large")
                names = {**at, **dict(zip(bound, places, strict=True))}
                value: Interval = (c, c)
                for h, ix, e in rows:
                    value = multiplied(value, power(self.at(h, tuple(names[i] for i in ix)), e))
                    if not any(value) and h.startswith("iv:"):
                        break
                total = plus(total, value)
        return _rounded(total)

    def _call(self, h: str, ix: tuple[int, ...]) -> Interval:
        """A polynomial of a linear form of all entries of the arguments, or a partial derivative of it."""
        name, outputs, by, arguments = self.ring.heads[h].body
        data, out, rest = self.functions[name], ix[:outputs], ix[outputs:]
        entries = []
        for a in by:
            width = len(arguments[a][0])
            entries.append((a, rest[:width]))
            rest = rest[width:]
        free = dict(zip(slots(self.ring.heads[h].extents[len(ix) - len(rest) :]), rest, strict=True))
        rows: list[dict[tuple[int, ...], Interval]] = []
        for bound, body in arguments:
            places = self.places([b.rsplit(":", 1)[1] for b in bound])
            rows.append({p: self.poly(body, {**free, **dict(zip(bound, p, strict=True))}) for p in places})
        form: Interval = (Fraction(0), Fraction(0))
        for a, row in enumerate(rows):
            for p, value in row.items():
                form = plus(form, multiplied(_weight(out, a, p), value))
        coefficients = [rational(c) for c in data["polynomial"]]
        factor: Interval = (ONE, ONE)
        for a, p in entries:
            coefficients = [k * c for k, c in enumerate(coefficients)][1:]
            factor = multiplied(factor, _weight(out, a, p))
        total: Interval = (Fraction(0), Fraction(0))
        for c in reversed(coefficients):
            total = plus(multiplied(total, form), (c, c))
        return multiplied(total, factor)

    def _formula(self, h: str, ix: Sequence[str]) -> Poly | None:
        """A call as a polynomial of its arguments, where its model is one: an argument, an error, or its inverse."""
        name, outputs, by, arguments = self.ring.split(h, ix)
        data = self.functions[name]
        if "argument" in data:
            own, body = arguments[data["argument"]]
            need(not by and list(map(extent, own)) == list(map(extent, outputs)), f"the model of {name}")
            return self.ring.put(body, dict(zip(own, outputs, strict=True)))
        if "pair" not in data:
            return None
        c, ((_, x), (_, y)) = rational(data["factor"]), arguments
        if data["pair"] == "inverse":
            need(not by, "a derivative of the inverse of an error")
            return [*x, *scaled(y, -1 / c)]
        gap, sign = [*x, *scaled(y, -1)], c * (-1) ** sum(a for a, _ in by)
        if not by:
            return scaled(times(self.ring.put(gap, {}), gap), c / 2)
        return scaled(gap, sign) if len(by) == 1 else [(sign, (), ())] if len(by) == 2 else []

    def _expanded(self, p: Poly) -> Poly:
        """A polynomial with all calls that are polynomials of their arguments put in place."""
        out: Poly = []
        for c, bound, factors in p:
            rows: Poly = [(c, bound, ())]
            for h, ix, e in factors:
                fun = self.ring.heads[h].kind == "fun" if h in self.ring.heads else False
                formula = self._formula(h, ix) if fun and e == 1 else None
                rows = times(rows, [(ONE, (), ((h, ix, e),))] if formula is None else self._expanded(formula))
            out += rows
        return out

    def lawful(self, name: str) -> None:
        """That the functions of the model satisfy a hypothesis, for all values of its variables."""
        ring = self.ring
        values: dict[str, tuple[tuple[str, ...], Poly]] = {}
        variables, indices, _, _ = ring.schematic[name]
        for n, (extents, of) in variables.items():
            head = f"@{name}.{n}"
            ring.heads.setdefault(head, Head("input", tuple(extents)))
            ring.sets[head] = of
            own = slots(extents, "@v")
            values[n] = own, [(ONE, (), ((head, own, ONE),))]
        left = Total(ring, self._expanded(ring.assumed(name, values, indices))).monomials()
        need(not left, f"the model breaks {name}")


def _weight(out: tuple[int, ...], a: int, p: tuple[int, ...]) -> Interval:
    total = (
        1
        + (3 * a + sum((2 + 3 * k) * i for k, i in enumerate(out)) + sum((1 + 2 * k) * i for k, i in enumerate(p))) % 4
    )
    return Fraction(total), Fraction(total)


__all__ = ["Interval", "Model", "Reject"]
