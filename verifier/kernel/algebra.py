"""Polynomials over heads, brought to normal form one monomial at a time.

`Algebra` holds everything that one proof needs: the interned heads, the fuel, the log.  Each rule below states
the identity that it is and the condition that it rests on; those that are no ring identity are logged.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from hashlib import blake2b
from typing import Any

from ..terms.sizes import Bounds, Size
from ..terms.syntax import Function, Term
from . import brackets, rules
from .canonical import monomial, sorted_indices
from .data import EMPTY, Factor, Head, Idx, Mono, Open, Poly, Rat, Stuck, put, rat, scale, slots
from .hypotheses import Bindings, Hypotheses, Outputs
from .layout import Layouts
from .log import Instance, Lemma, Part, Step, frozen
from .positivity import Fact


class Algebra:
    """The arithmetic of one proof."""

    def __init__(self, bounds: Bounds, fuel: int, positive: frozenset[str]) -> None:
        self.bounds, self.fuel, self.positive = bounds, fuel, positive
        self.functions: dict[str, Function] = {}
        self.hypotheses = Hypotheses({}, _no_translation)
        self.layouts: Layouts = {}
        self.heads: dict[str, Head] = {}
        self.lemmas: list[Lemma] = []
        self._steps: list[Step] | None = None  # those of the lemma that is being made
        self.pointwise: list[rules.Rewrite] = []
        self.facts: list[Fact] = []
        self.unique: set[str] = set()  # greatest values that are taken once, by the key of the head
        self.subjects: dict[tuple[str, tuple[Idx, ...]], Poly] = {}  # of conditions, at indices
        self.region: tuple[Part, ...] = ()  # the part of the points that a case split has come to
        self.signs: dict[str, frozenset[int]] = {}  # of tensors, by the key of the head: of every entry
        self._counter = 0

    # ---- names and heads

    def fresh(self, extent: Size) -> Idx:
        """A new open bound index."""
        self._counter += 1
        return (2, self._counter, extent)

    def fresh_free(self, stem: str, extent: Size) -> Idx:
        """A new free index; renamed away before anything is closed over it."""
        self._counter += 1
        return (1, f"{stem}!{self._counter:06d}", extent)

    def spend(self, amount: int = 1) -> None:
        self.fuel -= amount
        if self.fuel < 0:
            raise Stuck("fuel")

    def head(
        self,
        kind: str,
        data: Any,
        dims: tuple[Size, ...],
        perms: Iterable[tuple[int, ...]] = (),
        rank: int = 0,
        positive: bool = False,
        fixed: int = 0,
    ) -> Head:
        """The head of some data; the same data is the same head."""
        text = repr((kind, data, dims))
        key = kind + blake2b(text.encode(), digest_size=12).hexdigest()
        found = self.heads.get(key)
        if found is None:
            several = tuple(perms)
            found = Head(key, kind, data, dims, several if len(several) > 1 else None, rank, positive, fixed)
            self.heads[key] = found
        elif (found.kind, found.dims) != (kind, dims) or found.data != data:
            raise Stuck("two heads with one digest")
        return found

    # ---- open monomials

    def open(self, m: Mono, c: Rat = 1, table: Mapping[Idx, Idx] | None = None) -> Open:
        """A monomial with fresh names for its bound indices; ``table`` renames free ones."""
        free, comps = m
        bound: list[Idx] = []
        get = table.get if table else None
        factors: list[Factor] = [(h, tuple(get(x, x) for x in ix) if get else ix, e) for h, ix, e in free]
        for dims, inner in comps:
            own = [self.fresh(d) for d in dims]
            bound += own
            for h, ix, e in inner:
                factors.append((h, tuple(own[x[1]] if x[0] == 0 else get(x, x) if get else x for x in ix), e))
        return c, bound, factors

    def opens(self, p: Poly, table: Mapping[Idx, Idx] | None = None) -> list[Open]:
        return [self.open(m, c, table) for m, c in p.items()]

    def collect(self, opens: Iterable[Open]) -> Poly:
        """The normal form of a sum of open monomials."""
        with self.lemma(list(opens)) as (rows, total):
            for c, bound, factors in rows:
                self.normalise(total, c, bound, factors)
        return total

    def multiply(self, a: Poly, b: Poly) -> Poly:
        if len(a) == 1 and EMPTY in a:
            return scale(b, a[EMPTY])
        if len(b) == 1 and EMPTY in b:
            return scale(a, b[EMPTY])
        return self.collect(product(self.opens(a), self.opens(b)))

    def sum_over(self, p: Poly, indices: Sequence[Idx]) -> Poly:
        """The sum of a polynomial over free indices."""
        table = {i: self.fresh(i[2]) for i in indices}
        own = list(table.values())
        return self.collect((c, bound + own, factors) for c, bound, factors in self.opens(p, table))

    def rename(self, p: Poly, table: Mapping[Idx, Idx]) -> Poly:
        """Other free indices; equal new names may collapse factors, so the result is normalised again."""
        changed = {x: y for x, y in table.items() if x != y}
        return self.collect(self.opens(p, changed)) if changed and p else p

    def atom(self, h: Head, indices: Sequence[Idx], exponent: Rat = 1) -> Poly:
        return self.collect([(1, [], [(h.key, tuple(indices), exponent)])])

    def body(self, h: Head, indices: Sequence[Idx]) -> list[Open]:
        """The polynomial that a B or L head stands for, at indices."""
        return [self.open(m, c, dict(zip(slots(h), indices, strict=True))) for m, c in h.data]

    def extent(self, size: Size) -> list[Open]:
        """A size as a sum of products of size symbols; one that has few values as a sum over them."""
        rows: list[Open] = []
        for symbols, c in size.terms:
            products: list[Open] = [(c, [], [])]
            for s in symbols:
                values = self.bounds.values(s)
                if values is None:
                    ways: list[Open] = [(1, [], [(self.size_symbol(s).key, (), 1)])]
                else:  # the greatest value, and how far each other one is below it
                    high = values[-1]
                    ways = [(high, [], [])] + [(v - high, [], self._is(s, v)) for v in values[:-1]]
                products = list(product(products, ways))
            rows += products
        return rows

    def _is(self, symbol: str, value: int) -> list[Factor]:
        """[symbol == value] for a value that is not the greatest."""
        return [self.bracket_factor("==", {}, Size.symbol(symbol) - value)]

    def _by_values(self, op: brackets.Relation, const: Size) -> list[Open] | None:
        """A comparison of a size symbol that has few values, by those values; None for any other."""
        (symbol, *more) = const.symbols() or ("",)
        values = self.bounds.values(symbol) if not more else None
        if values is None or isinstance(op, tuple):
            return None
        holds = [v for v in values if (const.value({symbol: v}) == 0 if op == "==" else const.value({symbol: v}) >= 0)]
        if values[-1] not in holds:
            return [(1, [], self._is(symbol, v)) for v in holds]
        return [(1, [], [])] + [(-1, [], self._is(symbol, v)) for v in values if v not in holds]

    def size_symbol(self, name: str) -> Head:
        low = self.bounds.get(name)
        return self.head("T", ("size", name), (), positive=low is not None and low >= 1)

    def bracket(self, op: brackets.Relation, linear: brackets.Form, const: Size) -> list[Open]:
        """[form op 0] as open monomials: 1, 0 or a product of atoms."""
        by_values = self._by_values(op, const) if self.bounds.most and not brackets.tidy(linear) else None
        if by_values is not None:
            return by_values
        rows = brackets.split(op, brackets.tidy(linear), const, self.bounds)
        return [] if rows is None else [(1, [], [self.bracket_factor(*row) for row in rows])]

    def again(self, h: Head, indices: tuple[Idx, ...]) -> list[Open]:
        """The bracket of a head at indices some of which coincide."""
        return self.bracket(*brackets.form_of(h, indices))

    def bracket_factor(self, op: brackets.Relation, linear: brackets.Form, const: Size) -> Factor:
        """The atom of a bracket in normal form."""
        relation, coefficients, rest, indices = brackets.canonical(op, linear, const)
        dims = tuple(x[2] for x in indices)
        perms = brackets.symmetries(relation, coefficients, rest, dims)
        h = self.head("I", (relation, coefficients, rest), dims, perms)
        return (h.key, sorted_indices(h, indices), 1)

    # ---- logging

    @contextmanager
    def lemma(self, rows: list[Open]) -> Iterator[tuple[list[Open], Poly]]:
        """Record what turns a sum of open monomials into a polynomial, unless ring arithmetic alone does it."""
        outer, self._steps = self._steps, []
        total: Poly = {}
        try:
            yield rows, total
            if self._steps:
                self.lemmas.append(Lemma(frozen(rows), frozen(self.opens(total)), tuple(self._steps), self.region))
        finally:
            self._steps = outer

    def log(self, c: Rat, bound: Sequence[Idx], factors: Sequence[Factor], instance: Instance) -> None:
        """Record the use of an axiom instance in the lemma that is being made."""
        if self._steps is not None:
            self._steps.append(Step(c, tuple(bound), tuple(factors), instance))

    def axiom(self, rule: str, subject: str, left: list[Open], right: Poly) -> None:
        """Record an axiom instance that stands by itself."""
        instance = self.instance(rule, subject, left, self.opens(right))
        self.lemmas.append(Lemma(instance.left, instance.right, (Step(1, (), (), instance),), self.region))

    def instance(self, rule: str, subject: str, left: list[Open], right: list[Open]) -> Instance:
        return Instance(rule, subject, frozen(left), frozen(right))

    # ---- normal form

    def normalise(self, total: Poly, c: Rat, bound: list[Idx], factors: list[Factor]) -> None:
        """Add an open monomial to a polynomial in normal form."""
        stack: list[Open] = [(c, bound, factors)]
        while stack:
            self.spend()
            c, bound, factors = stack.pop()
            out = rules.step(self, c, bound, factors)
            if isinstance(out, dict):
                put(total, monomial(bound, [(h, ix, e) for (h, ix), e in out.items()], self.heads), c)
            else:
                stack.extend(out)


def product(a: Iterable[Open], b: Sequence[Open]) -> Iterable[Open]:
    """The distributed product; bound indices of both are distinct already."""
    for c, bound, factors in a:
        for d, more, others in b:
            yield rat(c * d), bound + more, factors + others


def _no_translation(right: Term, bound: Bindings, outs: Outputs) -> Poly:
    raise Stuck("a hypothesis without a translation")
