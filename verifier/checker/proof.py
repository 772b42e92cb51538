"""Proofs: a polynomial is 0 because it is the sum of multiplier * instance.

A proof is a list of steps.  ``["use", lemma]`` puts the right side of a lemma for its left side at every natural
power; ``[multiplier, instance]`` takes a multiple of an axiom instance away.  Instances: unfold (a definition), lemma
(also to a power), hypothesis, exp (of a sum), congruence (of a function), with proofs for what they rest on, and
schematic (a hypothesis for all arguments).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

from .ring import ONE, Factor, Head, Mono, Poly, Reject, Ring, Total, extent, natural, need, scaled, slots, times

Call = tuple[str, int, tuple[int, ...], tuple[tuple[tuple[str, ...], Poly], ...]]
DEEPEST = 12
NUMBER = re.compile(r"-?[0-9]{1,4000}(/[0-9]{1,4000})?")
ORDERS = 720


def rational(text: Any) -> Fraction:
    """A fraction as it is written; no decimals and exponents, of which a few signs may stand for a huge number."""
    need(isinstance(text, str) and bool(NUMBER.fullmatch(text)), f"not a number: {str(text)[:40]}")
    return Fraction(text)


class Prover(Ring):
    """A ring with lemmas and hypotheses."""

    def __init__(self) -> None:
        super().__init__()
        self.lemmas: dict[str, tuple[tuple[str, ...], Poly]] = {}
        self.hypotheses: dict[str, tuple[tuple[str, ...], Poly]] = {}
        self.used: dict[str, None] = {}
        self.functions: dict[str, dict[str, Any]] = {}
        self.sets: dict[str, str] = {}  # "in S" of tensors whose entries are elements of a set S, not real numbers

    # ---- reading

    def read_mono(self, m: Any, scope: frozenset[str]) -> Mono:
        c, bound, factors = m
        need(len(set(bound)) == len(bound), "an index is bound twice")
        need(
            all(isinstance(b, str) and ":" in b and b[0] != "." and b not in scope for b in bound), "a bad bound index"
        )
        for b in bound:
            self.proper(extent(b))
        inner = scope | set(bound)
        return rational(c), tuple(bound), tuple(self._factor(f, inner) for f in factors)

    def _factor(self, f: Any, scope: frozenset[str]) -> Factor:
        h, ix, text = f
        e, ix = rational(text), tuple(ix)
        need(all(i in scope for i in ix), f"an index of {h} is out of scope")
        if h.startswith("iv:"):
            _, op, coefficients, const = h.split(":")
            need(e == 1 and op in ("==", ">="), f"not a bracket: {h}")
            need(len(ix) == (len(coefficients.split(",")) if coefficients else 0), f"not a bracket: {h}")
            self.at_least(const, 0)
        else:
            self.applied(h, ix)
            self.licensed(h, e)
        return h, ix, e

    def read_poly(self, p: Any, scope: frozenset[str]) -> Poly:
        return [self.read_mono(m, scope) for m in p]

    # ---- steps

    def zero(self, poly: Poly, proof: Any, scope: frozenset[str], table: Mapping[str, str] | None = None) -> None:
        """Check that a polynomial is 0 by a proof.  ``table``: what indices of the proof are called here."""
        table = table or {}
        total = Total(self, poly)
        for step in proof:
            if step[0] == "use":
                self._use(total, step[1])
                continue
            multiplier, instance = step
            c, bound, factors = self.read_mono(multiplier, scope)
            names = {**table, **{b: self.fresh(extent(b)) for b in bound}}
            own = tuple((h, tuple(names.get(i, i) for i in ix), e) for h, ix, e in factors)
            rest = tuple(names[b] for b in bound)
            for d, more, others in self.instance(instance, scope | set(bound), names):
                total.add((-c * d, rest + more, own + others))
        left = total.monomials()
        need(not left, f"what is left over is not 0: {len(left)} terms, such as {left[:1]}")

    def _use(self, total: Total, name: str) -> None:
        need(name in self.lemmas, f"unknown lemma {name}")
        free, poly = self.lemmas[name]
        c, bound, factors = poly[0]
        need(c == 1 and not bound and len(factors) == 1, f"lemma {name} defines no head")
        h, ix, e = factors[0]
        need(e == 1 and ix == free, f"lemma {name} defines no head")
        for _ in range(DEEPEST):
            rows = [m for m in total.monomials() if any(g == h and natural(d) for g, _, d in m[2])]
            if not rows:
                return
            for m in rows:
                total.remove(m)
            for c, own, factors in rows:
                at = next(n for n, f in enumerate(factors) if f[0] == h and natural(f[2]))
                _, jx, d = factors[at]
                rest = factors[:at] + factors[at + 1 :] + (((h, jx, d - 1),) if d != 1 else ())
                for k, more, others in self.put(poly[1:], dict(zip(free, jx, strict=True))):
                    total.add((-c * k, own + more, rest + others))

    def instance(self, data: Any, scope: frozenset[str], table: Mapping[str, str]) -> Poly:
        """left - right of an axiom instance."""
        kind = data[0]

        def places(ix: Sequence[str]) -> tuple[str, ...]:
            need(all(i in scope for i in ix), "an index of an instance is out of scope")
            return tuple(table.get(i, i) for i in ix)

        if kind == "unfold":
            _, h, ix = data
            at = places(ix)
            self.applied(h, at)
            need(self.heads[h].kind == "def", f"{h} is no definition")
            return [(ONE, (), ((h, at, ONE),)), *scaled(self.body(h, at), -1)]
        if kind in ("lemma", "hypothesis"):
            _, name, ix, *power = data
            known = self.lemmas if kind == "lemma" else self.hypotheses
            need(name in known, f"unknown {kind} {name}")
            free, poly = known[name]
            at = places(ix)
            need(tuple(map(extent, at)) == tuple(map(extent, free)), f"wrong extents for {name}")
            if kind == "hypothesis":
                self.used[name] = None
            sub = dict(zip(free, at, strict=True))
            return self._power(poly, sub, rational(power[0])) if power else self.put(poly, sub)
        if kind == "exp":
            return self._exponential(data, scope, table, places)
        if kind == "congruence":
            return self._congruence(data, scope, table, places)
        raise Reject(f"unknown instance {kind}")

    def _power(self, poly: Poly, sub: Mapping[str, str], q: Fraction) -> Poly:
        """X = Y gives X^q = Y^q; for a q that is not natural, of single products whose factors are licensed."""
        left, right = poly[:1], scaled(poly[1:], -1)
        if natural(q) and q > 0:
            sides = []
            for side in (left, right):
                value: Poly = [(ONE, (), ())]
                for _ in range(int(q)):
                    value = times(value, self.put(side, sub))
                sides.append(value)
            return [*sides[0], *scaled(sides[1], -1)]
        need(len(poly) == 2 and not poly[0][1] and not poly[1][1], "a power of what is no single product")
        (a, _, x), (b, _, y) = left[0], right[0]
        c = b / a
        need(q.denominator == 1 or c == 1, "a fractional power of a coefficient")
        for h, _, e in (*x, *y):
            self.licensed(h, e * q)
            self.licensed(h, Fraction(-1) if q.denominator == 1 else q)

        def powered(factors: Sequence[Factor]) -> tuple[Factor, ...]:
            return tuple((h, tuple(sub.get(i, i) for i in ix), e * q) for h, ix, e in factors)

        return [(ONE, (), powered(x)), (-(c ** int(q)) if q.denominator == 1 else -ONE, (), powered(y))]

    def _exponential(self, data: Any, scope: frozenset[str], table: Mapping[str, str], places: Any) -> Poly:
        """If the sum of c * body is 0, the product of exp(body)^c is 1."""
        total: Poly = []
        factors: list[Factor] = []
        for h, ix, text in data[1]:
            at, c = places(ix), rational(text)
            self.applied(h, at)
            need(self.heads[h].kind == "exp", f"{h} is no exponential")
            total += scaled(self.body(h, at), c)
            factors.append((h, at, c))
        self.zero(total, data[2], scope, table)
        return [(ONE, (), tuple(factors)), (-ONE, (), ())]

    def _congruence(self, data: Any, scope: frozenset[str], table: Mapping[str, str], places: Any) -> Poly:
        """A function, or a partial derivative, at equal arguments; partials commute."""
        _, h, ix, g, jx, proofs = data
        i, j = places(ix), places(jx)
        self.applied(h, i)
        self.applied(g, j)
        need(self.heads[h].kind == self.heads[g].kind == "fun", "congruence of what is no function")
        (f, o1, d1, args1), (f2, o2, d2, args2) = self.split(h, i), self.split(g, j)
        need(f == f2 and o1 == o2 and sorted(d1) == sorted(d2), "different functions, outputs or partials")
        need(len(args1) == len(args2) == len(proofs), "one proof for each argument")
        for (b1, p1), (b2, p2), proof in zip(args1, args2, proofs, strict=True):
            need([extent(b) for b in b1] == [extent(b) for b in b2], "arguments of different shapes")
            names = [f"@{k}:{extent(b)}" for k, b in enumerate(b1)]
            new = {n: self.fresh(extent(n)) for n in names}
            first = self.put(p1, dict(zip(b1, new.values(), strict=True)))
            second = self.put(p2, dict(zip(b2, new.values(), strict=True)))
            self.zero([*first, *scaled(second, -1)], proof, scope | set(names), {**table, **new})
        return [(ONE, (), ((h, i, ONE),)), (-ONE, (), ((g, j, ONE),))]

    def split(
        self, h: str, ix: Sequence[str]
    ) -> tuple[str, tuple[str, ...], list[Any], list[tuple[tuple[str, ...], Poly]]]:
        """Function, outputs, partials and arguments of a ``fun`` head at indices; binders of arguments are fresh.

        Its body: name, number of outputs, argument of each partial, (binders, polynomial over binders and slots).  Its
        indices: outputs, entries of the partials, then those that the slots s0, s1, ... of its arguments stand for.
        """
        name, outputs, by, arguments = self.heads[h].body
        at, partials = outputs, []
        for a in by:
            width = len(arguments[a][0])
            partials.append((a, tuple(ix[at : at + width])))
            at += width
        free = dict(zip(slots(map(extent, ix[at:])), ix[at:], strict=True))
        rows = []
        for bound, poly in arguments:
            new = {b: self.fresh(extent(b)) for b in bound}
            rows.append((tuple(new.values()), self.put(poly, {**free, **new})))
        return name, tuple(ix[:outputs]), partials, rows

    # ---- the lines of a certificate

    def line(self, line: Any) -> None:
        """A new name, a symmetry, a lemma or a licence."""
        kind, name = line[0], line[1]
        if kind in ("def", "exp"):
            _, _, extents, body = line
            self._new(name)
            for d in extents:
                self.proper(d)
            poly = self.read_poly(body, frozenset(slots(extents)))
            self.sets[name] = self.set_of(poly)
            self.heads[name] = Head(kind, tuple(extents), poly)
            if kind == "exp" or (len(poly) == 1 and poly[0][0] > 0 and not poly[0][1] and not poly[0][2]):
                self.facts[name] = "pos"
        elif kind == "fun":
            self._function(line)
        elif kind == "symmetry":
            self._symmetry(line)
        elif kind == "lemma":
            _, _, free, body, proof = line
            need(name not in self.lemmas, f"lemma {name} is there already")
            need(len(set(free)) == len(free) and all(i[0] not in ".@" for i in free), "bad indices of a lemma")
            poly = self.read_poly(body, frozenset(free))
            self.zero(poly, proof, frozenset(free))
            self.lemmas[name] = (tuple(free), poly)
        elif kind == "instance":
            _, _, free, data = line
            need(name not in self.lemmas and len(set(free)) == len(free), f"lemma {name} is there already")
            need(all(i[0] not in ".@" for i in free), "bad indices of a lemma")
            self.lemmas[name] = (tuple(free), self.instance(data, frozenset(free), {}))
        elif kind == "licence":
            self._licence(line)
        else:
            raise Reject(f"unknown line {kind}")

    def set_of(self, p: Poly) -> str:
        """The set that a polynomial is an element of, "" for real numbers: there is no arithmetic of elements."""

        def of(h: str) -> str:
            head = self.heads.get(h)
            function = head is not None and head.kind == "fun"
            return str(self.functions[head.body[0]]["value"][1]) if function else self.sets.get(h, "")  # type: ignore[union-attr]

        found = {of(h) for _, _, factors in p for h, _, _ in factors} - {""}
        if not found:
            return ""
        need(
            len(p) == 1 and p[0][0] == 1 and not p[0][1] and len(p[0][2]) == 1 and p[0][2][0][2] == 1,
            "arithmetic of elements of a set",
        )
        return found.pop()

    def _new(self, name: str) -> None:
        need(isinstance(name, str) and name[:1] in "%#" and name not in self.heads, f"{name} is not a new name")

    def _function(self, line: Any) -> None:
        _, name, extents, f, outputs, by, arguments = line
        self._new(name)
        need(type(outputs) is int and 0 <= outputs <= len(extents), "outputs of a function")
        need(all(type(a) is int and 0 <= a < len(arguments) for a in by), "partials of a function")
        need(list(by) == sorted(by), "partials are sorted by argument")
        lead = outputs + sum(len(arguments[a][0]) for a in by)
        need([extent(b) for a in by for b in arguments[a][0]] == list(extents[outputs:lead]), "entries of partials")
        scope = frozenset(slots(extents[lead:]))
        rows = []
        for bound, poly in arguments:
            need(len(set(bound)) == len(bound) and all(b[0] == "@" for b in bound), "binders of an argument")
            rows.append((tuple(bound), self.read_poly(poly, scope | set(bound))))
        self.heads[name] = Head("fun", tuple(extents), (f, outputs, tuple(by), tuple(rows)))

    def _symmetry(self, line: Any) -> None:
        """A permutation of the slots of a head that changes nothing."""
        _, name, order, proofs = line
        need(name in self.heads, f"unknown head {name}")
        head = self.heads[name]
        need(sorted(order) == list(range(len(head.extents))), "not a permutation")
        ix = tuple(f"i{k}:{d}" for k, d in enumerate(head.extents))
        moved = tuple(ix[k] for k in order)
        self.applied(name, moved)
        if head.kind == "fun":
            self.instance(["congruence", name, ix, name, moved, proofs], frozenset(ix), {})
        else:
            need(head.kind in ("def", "exp"), "a symmetry of an input")
            self.zero([*self.body(name, ix), *scaled(self.body(name, moved), -1)], proofs, frozenset(ix))
        orders = {tuple(range(len(ix))), *self.orders.get(name, ()), tuple(order)}
        while True:
            more = {tuple(p[k] for k in q) for p in orders for q in orders} - orders
            if not more:
                break
            orders |= more
            need(len(orders) <= ORDERS, "too many symmetries")
        self.orders[name] = sorted(orders)

    def _licence(self, line: Any) -> None:
        """X = c Y, X licensed: so is each head that occurs in Y once, at distinct indices, to an integral power."""
        _, name, lemma = line
        need(lemma in self.lemmas, f"unknown lemma {lemma}")
        free, poly = self.lemmas[lemma]
        need(len(poly) == 2 and not poly[0][1] and not poly[1][1], f"lemma {lemma} is about no single product")
        (a, _, x), (b, _, y) = poly
        need(a != 0 and b != 0, "a lemma that says nothing of one of its sides")
        known = [self.facts.get(h, "") for h, _, _ in x]
        need(bool(x) and all(known), "the left side has no licence")
        for _, ix, _ in x:
            need(set(ix) <= set(free), "the left side has no licence")
        hits = [(ix, e) for h, ix, e in y if h == name]
        need(len(hits) == 1, f"{name} is not determined")
        ((ix, e),) = hits
        need(
            e.denominator == 1 and e != 0 and len(set(ix)) == len(ix) and set(ix) <= set(free),
            f"{name} is not determined",
        )
        # an entry is reached only if the other indices have values
        need(all(self.at_least(extent(i), 1) for i in free if i not in ix), f"{name} is not determined")
        others = all(self.facts.get(h) == "pos" for h, _, _ in y if h != name)
        positive = set(known) == {"pos"} and e % 2 == 1 and -b / a > 0 and others
        if self.facts.get(name) != "pos":
            self.facts[name] = "pos" if positive else "nonzero"


__all__ = ["Prover", "rational"]
