"""The arithmetic of the checker: sums of products of heads at indices.

An index is ``name:extent``.  A factor is a head at indices with a rational exponent; a monomial is a coefficient, bound
indices and factors; a polynomial is a list of monomials.  A head is a closed named object, so that terms never nest.
What is trusted here: ring laws, renaming of bound indices, linearity of sums, elimination of a delta, the sum over an
unused index, and that a power of a head that is no natural one is written only with a licence.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import permutations
from typing import Any, TypeAlias

Factor: TypeAlias = tuple[str, tuple[str, ...], Fraction]
Mono: TypeAlias = tuple[Fraction, tuple[str, ...], tuple[Factor, ...]]
Poly: TypeAlias = list[Mono]
Places: TypeAlias = dict[tuple[str, tuple[str, ...]], Fraction]
ONE = Fraction(1)
DELTA = "iv:==:1,-1:0"
FUEL = 20_000


class Reject(Exception):
    """A certificate that proves nothing, and why."""


def need(holds: bool, why: str) -> None:
    if not holds:
        raise Reject(why)


def extent(index: str) -> str:
    return index.rsplit(":", 1)[1]


def natural(e: Fraction) -> bool:
    return e >= 0 and e.denominator == 1


def size_terms(text: str) -> list[tuple[int, tuple[str, ...]]]:
    """A size such as ``2*n*m + k - 1`` as a list of coefficients and products of symbols.

    >>> size_terms("2*n*m - 1")
    [(2, ('n', 'm')), (-1, ())]
    """
    found = []
    need(bool(re.fullmatch(r"[\w'$.~*+\- ]+", text)), f"not a size: {text}")
    for sign, product in re.findall(r"([+-]?)\s*([^+\-]+)", text):
        c, symbols = -1 if sign == "-" else 1, []
        for part in product.replace(" ", "").split("*"):
            need(bool(part), f"not a size: {text}")
            if part.isdigit():
                c *= int(part)
            else:
                symbols.append(part)
        found.append((c, tuple(symbols)))
    return found


def size_value(text: str, sizes: Mapping[str, int]) -> int:
    total = 0
    for c, symbols in size_terms(text):
        for s in symbols:
            need(s in sizes, f"unknown size {s}")
            c *= sizes[s]
        total += c
    return total


@dataclass
class Head:
    """``kind``: input, size, def, exp, log or fun; ``body``: a polynomial over slots, of fun see `Ring.split`."""

    kind: str
    extents: tuple[str, ...]
    body: Any = None


def slots(extents: Iterable[str], letter: str = "s") -> tuple[str, ...]:
    return tuple(f"{letter}{k}:{d}" for k, d in enumerate(extents))


class Ring:
    """Heads, what is known of their signs, and sums of monomials."""

    def __init__(self) -> None:
        self.heads: dict[str, Head] = {}
        self.facts: dict[str, str] = {}  # by head: pos, nonzero (of all its entries)
        self.orders: dict[str, list[tuple[int, ...]]] = {}  # symmetries of heads that were proved
        self.least: dict[str, int] = {}  # of sizes
        self._counter = 0

    def fresh(self, of: str) -> str:
        self._counter += 1
        return f".{self._counter}:{of}"

    def at_least(self, text: str, low: int) -> bool:
        """Whether a size is at least a number, each symbol being at least its least value."""
        total = 0
        for c, symbols in size_terms(text):
            need(all(s in self.least for s in symbols), f"unknown size in {text}")
            if c < 0 and symbols:
                return False
            for s in symbols:
                c *= self.least[s]
            total += c
        return total >= low

    def proper(self, text: str) -> None:
        """An extent must not be negative for any sizes."""
        need(self.at_least(text, 0), f"an extent that may be negative: {text}")

    # ---- polynomials

    def put(self, poly: Iterable[Mono], table: Mapping[str, str]) -> Poly:
        """Other indices for free ones, and fresh names for the bound ones."""
        out = []
        for c, bound, factors in poly:
            names = dict(table)
            new = tuple(self.fresh(extent(b)) for b in bound)
            names.update(zip(bound, new, strict=True))
            out.append((c, new, tuple((h, tuple(names.get(i, i) for i in ix), e) for h, ix, e in factors)))
        return out

    def body(self, h: str, ix: Sequence[str]) -> Poly:
        return self.put(self.heads[h].body, dict(zip(slots(self.heads[h].extents), ix, strict=True)))

    def applied(self, h: str, ix: Sequence[str]) -> None:
        need(h in self.heads, f"unknown head {h}")
        need(tuple(map(extent, ix)) == self.heads[h].extents, f"wrong extents: {h} at {ix}")

    def licensed(self, h: str, e: Fraction) -> None:
        """Powers that are no natural ones need a head that is nowhere 0, or positive if they are fractional."""
        if not natural(e):
            have = self.facts.get(h)
            need(have == "pos" or (have == "nonzero" and e.denominator == 1), f"no licence for a power of {h}")

    def _bracket(self, h: str, ix: Sequence[str]) -> bool | tuple[str, tuple[str, ...]]:
        """A bracket [c1 i1 + c2 i2 + ... + c0 == or >= 0] with its terms collected and sorted, or its value."""
        _, op, coefficients, const = h.split(":")
        form: dict[str, int] = {}
        for c, i in zip(coefficients.split(",") if coefficients else (), ix, strict=True):
            form[i] = form.get(i, 0) + int(c)
        rows = sorted(((-c, i) for i, c in form.items() if c))
        plain = re.fullmatch(r"-?\d+", const)
        if not rows and plain:
            return int(const) == 0 if op == "==" else int(const) >= 0
        if op == "==" and plain:
            other = sorted((-c, i) for c, i in rows)
            if (other, -int(const)) < (rows, int(const)):
                rows, const = other, str(-int(const))
        return f"iv:{op}:{','.join(str(-c) for c, _ in rows)}:{const}", tuple(i for _, i in rows)

    def places(self, h: str, n: int) -> list[tuple[int, ...]]:
        """The orders of its indices that a head does not tell apart, for a search of which only the result counts."""
        if h == DELTA:
            return [(0, 1), (1, 0)]
        if h.startswith("iv:") and n <= 4:
            c = h.split(":")[2].split(",") if n else []
            return [p for p in permutations(range(n)) if all(c[k] == c[q] for k, q in enumerate(p))]
        return self.orders.get(h) or [tuple(range(n))]

    def _sorted(self, h: str, ix: tuple[str, ...]) -> tuple[str, ...]:
        orders = self.orders.get(h)
        return min(tuple(ix[k] for k in p) for p in orders) if orders else ix

    def simple(self, m: Mono) -> list[Mono]:
        """A monomial with equal factors merged, deltas eliminated and unused indices summed; nothing if it is 0."""
        c, bound, factors = m
        left = list(bound)
        while True:
            rows: Places = {}
            deltas = []
            for h, ix, e in factors:
                if h.startswith("iv:"):
                    value = self._bracket(h, ix)
                    if value is False:
                        return []
                    if isinstance(value, tuple):
                        rows[value] = ONE
                        if value[0] == DELTA and extent(value[1][0]) == extent(value[1][1]):
                            deltas.append(value[1])
                    continue
                place = (h, self._sorted(h, ix))
                old = rows.get(place, Fraction(0))
                if old and not (natural(old) and natural(e)):
                    for power in (old, e):
                        self.licensed(h, power)
                rows[place] = old + e
                if not rows[place]:
                    del rows[place]
            change = self._delta(rows, deltas, left)
            if change is None:
                break
            factors = change
        used = {i for _, ix in rows for i in ix}
        found: Mono = (c, tuple(b for b in left if b in used), tuple((*p, e) for p, e in rows.items()))
        unused = [extent(b) for b in left if b not in used]
        if not unused:
            return [found]
        sizes: Poly = [(ONE, (), ())]
        for text in unused:
            sizes = times(
                sizes, [(Fraction(k), (), tuple((f"|{s}|", (), ONE) for s in row)) for k, row in size_terms(text)]
            )
        return [x for m in times([found], sizes) for x in self.simple(m)]

    def _delta(self, rows: Places, deltas: Sequence[tuple[str, ...]], left: list[str]) -> tuple[Factor, ...] | None:
        """The factors after one delta is used: a bound index is gone, or two free ones are one; None if none can be."""
        for pair in deltas:
            bound = [i for i in pair if i in left]
            gone = bound[0] if bound else max(pair)
            kept = pair[1] if gone == pair[0] else pair[0]
            others = {p: e for p, e in rows.items() if p != (DELTA, pair)}
            if bound:
                left.remove(gone)
            elif not any(gone in ix for _, ix in others):
                continue
            moved = tuple((h, tuple(kept if i == gone else i for i in ix), e) for (h, ix), e in others.items())
            return moved if bound else (*moved, (DELTA, pair, ONE))
        return None


def times(p: Iterable[Mono], q: Sequence[Mono]) -> Poly:
    """A product; the bound indices of both must be distinct."""
    return [(c * d, b + a, f + g) for c, b, f in p for d, a, g in q]


def scaled(p: Iterable[Mono], c: Fraction | int) -> Poly:
    return [(c * d, b, f) for d, b, f in p]


class Total:
    """A sum of monomials, up to renaming of bound indices."""

    def __init__(self, ring: Ring, poly: Iterable[Mono] = ()) -> None:
        self.ring, self.rows = ring, {}  # type: ignore[var-annotated]
        for m in poly:
            self.add(m)

    def monomials(self) -> Poly:
        return [m for bucket in self.rows.values() for m in bucket]

    def _key(self, m: Mono) -> tuple[Any, ...]:
        own = set(m[1])
        rows = []
        for h, ix, e in m[2]:
            seen = tuple("*" + extent(i) if i in own else i for i in ix)
            rows.append((h, e, tuple(sorted(seen)) if h in self.ring.orders or h.startswith("iv:") else seen))
        return tuple(sorted(rows))

    def remove(self, m: Mono) -> None:
        key = self._key(m)
        self.rows[key].remove(m)
        if not self.rows[key]:
            del self.rows[key]

    def add(self, m: Mono) -> None:
        for row in self.ring.simple(m):
            if row[0]:
                self._add(row)

    def _add(self, m: Mono) -> None:
        key = self._key(m)
        bucket = self.rows.setdefault(key, [])
        for k, n in enumerate(bucket):
            table = self._renaming(m, n) if m[1] else {}
            if table is None or not self._carries(table, m, n):
                continue
            c = m[0] + n[0]
            if c:
                bucket[k] = (c, n[1], n[2])
            else:
                del bucket[k]
                if not bucket:
                    del self.rows[key]
            return
        bucket.append(m)

    def _carries(self, table: Mapping[str, str], m: Mono, n: Mono) -> bool:
        """Whether a renaming of bound indices carries one monomial to the other: the only step that is trusted."""
        if sorted(table) != sorted(m[1]) or sorted(table.values()) != sorted(n[1]):
            return False
        if any(extent(a) != extent(b) for a, b in table.items()):
            return False
        moved = {}
        for h, ix, e in m[2]:
            new = tuple(table.get(i, i) for i in ix)
            if h.startswith("iv:"):
                place = self.ring._bracket(h, new)
                if not isinstance(place, tuple):
                    return False
                moved[place] = e
            else:
                moved[h, self.ring._sorted(h, new)] = e
        rows = {(h, ix if h.startswith("iv:") else self.ring._sorted(h, ix)): e for h, ix, e in n[2]}
        return moved == rows

    def _renaming(self, m: Mono, n: Mono) -> dict[str, str] | None:
        """A guess: how bound indices of one monomial may be called in another."""
        own, other = set(m[1]), set(n[1])
        count: dict[str, int] = {}
        for h, _, _ in m[2]:
            count[h] = count.get(h, 0) + 1
        todo = sorted(m[2], key=lambda f: (count[f[0]], -len(f[1])))
        fuel = [FUEL]

        def search(k: int, table: dict[str, str], left: Sequence[Factor]) -> dict[str, str] | None:
            fuel[0] -= 1
            if k == len(todo) or fuel[0] < 0:
                return table if k == len(todo) else None
            h, ix, e = todo[k]
            for g in left:
                if g[0] != h or g[2] != e:
                    continue
                for p in self.ring.places(h, len(ix)):
                    new = dict(table)
                    fits = all(
                        (new.setdefault(i, g[1][q]) == g[1][q] and g[1][q] in other) if i in own else i == g[1][q]
                        for i, q in zip(ix, p, strict=True)
                    )
                    if fits and len(set(new.values())) == len(new):
                        found = search(k + 1, new, [x for x in left if x is not g])
                        if found is not None:
                            return found
            return None

        return search(0, {}, n[2])
