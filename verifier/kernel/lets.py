"""Lets: opaque heads interned by the normal form of their bodies, and unfolded one at a time.

Lets are translated in the order of dependency, without recursion along chains; a let that is zero, or only names
another tensor, is no head of its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from ..terms import syntax as t
from ..terms.index import Var
from ..terms.traverse import cone
from .canonical import sorted_indices
from .data import EMPTY, Idx, Open, Poly, Stuck, bodies, head_keys, slots
from .functions import rebuild
from .powers import close, is_positive, power

if TYPE_CHECKING:
    from .algebra import Algebra
    from .places import Value
    from .translate import Translator


class LetTable:
    """The polynomials of lets, over their own indices in order; a let over sum sorts has one for each part."""

    def __init__(self, k: Algebra, lets: t.Lets) -> None:
        self.k, self.lets = k, lets
        self._pending = dict(lets)
        self.values: dict[tuple[str, tuple[int, ...]], tuple[list[Idx], Poly]] = {}
        self.sources: dict[str, tuple[t.Symbol, tuple[int, ...], tuple[int, ...], int]] = {}
        self._visible: dict[str, frozenset[str]] = {}
        self._unfolded: dict[tuple[str, str], Poly] = {}

    def coming(self, terms: Iterable[t.Term]) -> list[t.Term]:
        """The bodies of the lets that terms depend on and that are not translated yet."""
        return [let.body for let in cone(terms, self._pending)]

    def prepare(self, terms: Iterable[t.Term], translator: Translator) -> None:
        """Translate the lets that terms depend on."""
        for let in cone(terms, self._pending):
            del self._pending[let.symbol.name]
            for own, env in translator.bind(let.indices, {}):
                with translator.over(own):
                    body = translator.term(let.body, env)
                parts = parts_of(env, let.indices)
                self.values[(let.symbol.name, parts)] = (own, self._named(let.symbol, parts, own, body))

    def _named(self, symbol: t.Symbol, parts: tuple[int, ...], own: list[Idx], body: Poly) -> Poly:
        """A head for a body, or the body itself if it is trivial."""
        k = self.k
        if not body:
            return body
        if len(body) == 1:
            ((free, comps), c), *_ = body.items()
            single = len(free) == 1 and free[0][2] == 1 and c == 1 and k.heads[free[0][0]].kind in "LT"
            if not comps and (single or (free, comps) == EMPTY):
                return body
        (closed,), order, perms = close(k, [body])
        rank = max((k.heads[h].rank for h in head_keys(body)), default=0) + 1
        h = k.head("L", closed, tuple(x[2] for x in order), perms, rank, is_positive(k, body))
        place = {x: n for n, x in enumerate(own)}
        if all(x in place for x in order):
            self.sources.setdefault(h.key, (symbol, parts, tuple(place[x] for x in order), len(own)))
        return k.collect([(1, [], [(h.key, sorted_indices(h, order), 1)])])

    def read(self, symbol: t.Symbol, indices: list[Idx], parts: tuple[int, ...]) -> Poly:
        """A let at indices."""
        if (symbol.name, parts) not in self.values:
            raise Stuck(f"the let {symbol.name} is beyond the kernel")
        own, value = self.values[(symbol.name, parts)]
        return self.k.rename(value, dict(zip(own, indices, strict=True)))

    # ---- unfolding

    def visible(self, p: Poly) -> frozenset[str]:
        """The L heads that occur in a polynomial, also inside atoms, not inside other lets."""
        return frozenset().union(*(self._below(h) for h in head_keys(p)))

    def _below(self, key: str) -> frozenset[str]:
        found = self._visible.get(key)
        if found is None:
            h = self.k.heads[key]
            if h.kind == "L":
                found = frozenset({key})
            else:
                found = frozenset().union(*(self.visible(dict(body)) for body in bodies(h)))
            self._visible[key] = found
        return found

    def names(self, p: Poly) -> frozenset[str]:
        """Tensors and lets that occur in a polynomial: what unfolding a let would bring in."""
        found: set[str] = set(self.visible(p))
        stack = list(head_keys(p))
        while stack:
            h = self.k.heads[stack.pop()]
            if h.kind == "T":
                found.add(h.key)
            elif h.kind != "L":
                stack += [key for body in bodies(h) for key in head_keys(dict(body))]
        return frozenset(found)

    def unfold(self, p: Poly, key: str) -> Poly:
        """A polynomial with every occurrence of a let, also inside atoms, replaced by its body."""
        k = self.k
        if key not in self.visible(p):
            return p
        with k.lemma(k.opens(p)) as (rows, total):
            for c, bound, factors in rows:
                hit = [f for f in factors if key in self._below(f[0])]
                terms: list[Open] = [(c, bound, [f for f in factors if key not in self._below(f[0])])]
                for n, (h, ix, e) in enumerate(hit):
                    head = k.heads[h]
                    value = power(k, k.rename(self._replaced(h, key), dict(zip(slots(head), ix, strict=True))), e)
                    for d, more, fs in terms:
                        rule = "unfold" if h == key else "congruence"
                        k.log(
                            d, more, [*fs, *hit[n + 1 :]], k.instance(rule, h, [(1, [], [(h, ix, e)])], k.opens(value))
                        )
                    terms = [(d * d2, more + b2, fs + f2) for d, more, fs in terms for d2, b2, f2 in k.opens(value)]
                for d, more, fs in terms:
                    k.normalise(total, d, more, fs)
        return total

    def _replaced(self, key: str, let: str) -> Poly:
        """An atom over its slots, with a let in it replaced."""
        found = self._unfolded.get((key, let))
        if found is None:
            h = self.k.heads[key]
            own = slots(h)
            found = dict(h.data) if key == let else rebuild(self.k, h, own, lambda p: self.unfold(p, let))
            self._unfolded[(key, let)] = found
        return found


def parts_of(env: Mapping[Var, Value], indices: tuple[Var, ...]) -> tuple[int, ...]:
    """Which parts of sum sorts the indices of a let were split into, in order."""
    found: list[int] = []

    def visit(value: Value) -> None:
        kind, x = value
        if kind == "part":
            found.append(x[0])
            visit(x[1])
        elif kind == "packed":
            visit(x[1])
        elif kind == "pair":
            for v in x:
                visit(v)

    for v in indices:
        visit(env[v])
    return tuple(found)
