"""The judgement: two terms are equal, for all sizes, under lets, hypotheses and conditions."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from math import ceil

from ..terms import syntax as t
from ..terms.choice import taken_once
from ..terms.index import INDICES, And, Index, Var
from ..terms.matrices import is_matrix, laws
from ..terms.sizes import Bounds, Size
from ..terms.sorts import Fin, Range
from ..terms.traverse import children, guard_terms
from .algebra import Algebra
from .canonical import group
from .cases import vanishes
from .conditions import split
from .data import Factor, Idx, Mono, Poly, Rat, Stuck, add, bodies, constant, free_indices, head_keys, scale, subtract
from .extremes import MAX
from .fold import folded
from .hypotheses import Bindings, Hypotheses, Outputs
from .layout import Layouts, layouts
from .lets import LetTable, parts_of
from .order import weight
from .orders import balanced
from .places import Value
from .positivity import ALLOWED, ANY, Fact, indicators
from .powers import factored
from .rules import Rewrite
from .translate import Translator
from .untranslate import Untranslator, named, where

FUEL = 20_000
UNFOLDINGS = 6
SMALL = 16


@dataclass
class Outcome:
    """``proved``; or what is left of left - right, as a term over source names, and why the kernel stopped.

    ``exact``: the residue means what was left over, and the equation holds exactly where it is 0.
    """

    proved: bool
    residue: t.Term | None = None
    reason: str = ""
    exact: bool = False


class Kernel:
    """One object per proof.  Proves equations; nothing else, and never that one is false.

    ``positive``: names of tensors all of whose entries are positive.  The points in question are
    those at which every term is defined as written (a separate pass says which): rules rely on that alone.

    >>> from ..terms.syntax import Equation, Symbol, add, mul, num, power, read
    >>> x = read(Symbol("x"))
    >>> left, right = power(add(x, num(1)), 2), add(power(x, 2), mul(num(2), x), num(1))
    >>> Kernel({}).equal(Equation((), left, right)).proved
    True
    """

    def __init__(
        self,
        lets: t.Lets,
        bounds: Bounds | None = None,
        *,
        schematic: Sequence[t.Schematic] = (),
        pointwise: Sequence[t.Pointwise] = (),
        positive: Collection[str] = (),
        facts: Sequence[t.Condition] = (),
        fuel: int = FUEL,
    ) -> None:
        self.fuel = fuel
        self.algebra = Algebra(bounds if bounds is not None else Bounds(), 10 * fuel, frozenset(positive))
        self.table = LetTable(self.algebra, lets)
        self.symbols: dict[str, t.Symbol] = {}
        self._symmetries: dict[str, list[tuple[int, ...]]] = {}
        self._inverses: set[tuple[str, tuple[t.Abstraction, ...]]] = set()
        self.translator = Translator(self.algebra, self._read, lets)
        self._settled = False
        if pointwise or facts:
            data = [x for p in pointwise for x in (p.left, p.right)]
            self._settle([*data, *(c.subject for c in facts if not isinstance(c.subject, INDICES))], schematic)
        self._schematic = schematic
        rows: dict[str, list[t.Schematic]] = {}
        for s in schematic:
            if not isinstance(s.left, t.Call):
                raise ValueError(f"{s.name}: the left side of a schematic hypothesis is a call")
            rows.setdefault(s.left.function.name, []).append(s)
        self.algebra.hypotheses = Hypotheses(rows, self._right)
        pointwise = [p for p in pointwise if not self._symmetry(p)]
        for p in pointwise:
            try:
                self._assume(p)
            except Stuck:
                continue  # a hypothesis that is not used makes nothing true
        for c in facts:
            try:
                self._rely(c)
            except Stuck:
                continue

    def _settle(self, terms: Sequence[t.Term], schematic: Sequence[t.Schematic]) -> None:
        """Choose how axes are taken apart, before the first term is translated."""
        if self._settled:
            return
        self._settled = True
        bodies = [let.body for let in self.table.lets.values()]
        laws = [x for s in schematic for x in (s.left, s.right)]
        self.algebra.layouts = layouts([*bodies, *laws, *terms], self.algebra.bounds)

    # ---- reading tensors

    def _read(self, symbol: t.Symbol, indices: list[Idx], parts: tuple[int, ...]) -> Poly:
        if symbol.name in self.table.lets:
            return self.table.read(symbol, indices, parts)
        self.symbols[symbol.name] = symbol
        k = self.algebra
        dims = tuple(x[2] for x in indices)
        orders = group(self._symmetries.get(symbol.name, ()), len(dims)) if not parts else ()
        h = k.head("T", ("tensor", symbol.name, parts), dims, orders, positive=symbol.name in k.positive)
        return k.atom(h, indices)

    def _right(self, right: t.Term, bound: Bindings, outs: Outputs) -> Poly:
        """The right side of a schematic hypothesis, with what its variables stand for."""

        def read(symbol: t.Symbol, indices: list[Idx], parts: tuple[int, ...]) -> Poly:
            if symbol.name not in bound:
                return self._read(symbol, indices, parts)
            own, value = bound[symbol.name]
            return self.algebra.rename(value, dict(zip(own, indices, strict=True)))

        env: dict[Var, Value] = {v: ("index", x) for v, x in outs.items()}
        return Translator(self.algebra, read, self.table.lets).term(right, env)

    def _symmetry(self, p: t.Pointwise) -> bool:
        """Use ``A[i,j] == A[j,i]`` as a symmetry of the tensor, not as a rewriting, which would not end."""
        left, right = p.left, p.right
        if not isinstance(left, t.Read) or not isinstance(right, t.Read) or left.symbol != right.symbol:
            return False
        axes = left.symbol.axes
        if left.symbol.name in self.table.lets or not all(isinstance(a, Range) for a in axes):
            return False
        for side in (left, right):
            if set(side.index) != set(p.indices) or len(set(side.index)) < len(axes):
                return False
            if any(not isinstance(i, Var) or i.sort != a for i, a in zip(side.index, axes, strict=True)):
                return False
        order = tuple(left.index.index(i) for i in right.index)
        self._symmetries.setdefault(left.symbol.name, []).append(order)
        return True

    def _assume(self, p: t.Pointwise) -> None:
        """Orient an equation about data from its leading monomial."""
        if not all(isinstance(v.sort, Range) for v in p.indices):
            return
        self.table.prepare([p.left, p.right], self.translator)
        rows = self.translator.bind(p.indices, {})
        for own, env in rows:
            left, right = self.translator.term(p.left, env), self.translator.term(p.right, env)
            self._orient(p.name, set(own), left, right)

    def _invert(self, terms: Iterable[t.Term]) -> None:
        """Use the laws of inverses and factors of matrices that have values: those that stand under no guard."""
        stack = list(terms)
        while stack:
            e = stack.pop()
            lawful = isinstance(e, t.Call) and is_matrix(e.function) and e.function.name != "det"
            if isinstance(e, t.Call) and lawful and (e.function.name, e.arguments) not in self._inverses:
                self._inverses.add((e.function.name, e.arguments))
                for law in laws(e):
                    self._assume(law)
            if not isinstance(e, t.If):
                stack += children(e)

    def _orient(self, name: str, own: set[Idx], left: Poly, right: Poly) -> None:
        """Use an equation from its leading monomial."""
        k = self.algebra
        gap = subtract(left, right)
        lead = max(gap, key=lambda m: (*weight(m)[:3], self._depth(m), m), default=None)
        if lead is None or lead == ((), ()):
            return
        rest = {m: -c for m, c in gap.items() if m != lead}
        _, bound, factors = k.open(lead)
        k.pointwise.append(Rewrite(name, gap[lead], bound, factors, own, k.opens(left), k.opens(right), rest))

    def _rely(self, c: t.Condition) -> None:
        """Use a condition that holds at every point in question: as a sign, and as an equation of brackets."""
        if isinstance(c.subject, INDICES) or not all(isinstance(v.sort, Range) for v in c.indices):
            return
        once = taken_once(c)
        if once is not None:
            self._once(once, c.indices[: len(c.indices) - len(once.indices)])
            return
        if not c.guards and self._excluded(c):
            return
        self.table.prepare([c.subject, *(u for g in c.guards for u in guard_terms(g))], self.translator)
        for bound, env in self.translator.bind(c.indices, {}):
            self._rely_at(c, c.subject, set(bound), env)

    def _rely_at(self, c: t.Condition, about: t.Term, own: set[Idx], env: dict[Var, Value]) -> None:
        """A condition where its indices are in some parts of their axes."""
        k = self.algebra
        extended = all(k.bounds.nonnegative(x[2] - 1) for x in own)  # then an index that does not occur says nothing
        region = constant(1)
        for g in c.guards:
            with self.translator.under(region):
                region = k.multiply(region, self.translator.guard(g, env))
        with self.translator.under(region):
            subject = self.translator.term(about, env)
        rows = [subject]
        while self.table.visible(rows[-1]) and len(rows) < UNFOLDINGS:
            last = max(self.table.visible(rows[-1]), key=lambda h: (k.heads[h].rank, h))
            rows.append(self.table.unfold(rows[-1], last))
        for row in rows:
            own = own & (free_indices(row) | free_indices(region)) if extended else own
            above, zero = split(k, row)
            fails = {">": add(constant(1), scale(above, -1)), ">=": add(constant(1), scale(above, -1), scale(zero, -1))}
            failing = k.multiply(region, fails.get(c.relation, zero))
            # Where the failure splits into cases, a sum of indicators, every case is excluded.
            cases = [{m: x} for m, x in failing.items()] if len(failing) > 1 and indicators(k, failing) else [failing]
            for case in cases:
                self._orient(f"{c.relation} 0", own, case, {})
            if region == constant(1) and row:
                k.facts.append(Fact(c.relation, row, frozenset(own)))
                common, rest = factored(k, row, any_sign=False)
                if common:
                    k.facts.append(Fact(c.relation, rest, frozenset(own)))  # as brackets have their subjects
                self._sign(row, own, ALLOWED[c.relation])

    def _excluded(self, c: t.Condition) -> bool:
        """A least value of an integer tensor: it has none of the smaller ones."""
        parts = c.subject.parts if isinstance(c.subject, t.Add) else ()
        if c.relation != ">=" or len(parts) != 2 or not isinstance(parts[1], t.Num):
            return False
        entry, low = parts[0], -parts[1].value
        if not isinstance(entry, t.Read) or not isinstance(entry.symbol.value, Fin) or not 0 < low <= SMALL:
            return False
        k = self.algebra
        self.table.prepare([entry], self.translator)
        for own, env in self.translator.bind(c.indices, {}):
            v = k.fresh_free("v", entry.symbol.value.size)
            hot = self.translator.onehot(entry, ("index", v), env)
            for x in range(ceil(low)):
                equal = k.collect(k.bracket("==", {v: 1}, Size.number(-x)))
                self._orient("a least value", {*own, v}, k.multiply(hot, equal), {})
        return True

    def _once(self, e: t.Extreme, indices: tuple[Var, ...]) -> None:
        """Rely on a greatest value being taken at one index only, at all values of indices."""
        k = self.algebra
        self.table.prepare([e], self.translator)
        ((_, env),) = self.translator.bind(indices, {})
        rows = [self.translator.term(e, env)]
        while self.table.visible(rows[-1]) and len(rows) < UNFOLDINGS:
            last = max(self.table.visible(rows[-1]), key=lambda h: (k.heads[h].rank, h))
            rows.append(self.table.unfold(rows[-1], last))
        for row in rows:
            for key in head_keys(row):
                h = k.heads[key]
                if h.kind == "V" and h.data[0].startswith(MAX) and not h.data[1]:
                    k.unique.add(key)

    def _sign(self, row: Poly, own: set[Idx], allowed: frozenset[int]) -> None:
        """Note the sign of every entry of a tensor."""
        k = self.algebra
        if len(row) == 1:
            (((free, comps), c),) = row.items()
            if not comps and len(free) == 1 and free[0][2] == 1 and k.heads[free[0][0]].kind == "T":
                h, ix, _ = free[0]
                if set(ix) == own and len(ix) == len(own):
                    k.signs[h] = k.signs.get(h, ANY) & (allowed if c > 0 else frozenset(-s for s in allowed))

    def _depth(self, m: Mono) -> int:
        """How deep functions are put into each other in a monomial: equations are used from the deeper side."""
        heads = self.algebra.heads

        def below(key: str) -> int:
            h = heads[key]
            return 1 + max((below(x) for body in bodies(h) for x in head_keys(dict(body))), default=0)

        return max((below(h) for h in head_keys({m: 1})), default=0)

    # ---- judgements

    def equal(self, equation: t.Equation, fuel: int | None = None) -> Outcome:
        """Whether both sides are equal at all indices."""
        k = self.algebra
        k.fuel = 10 * self.fuel  # translation is bounded by the terms; the search is bounded below
        self._settle([equation.left, equation.right], self._schematic)
        try:
            self._invert([equation.left, equation.right, *self.table.coming([equation.left, equation.right])])
            self.table.prepare([equation.left, equation.right], self.translator)
            found: list[tuple[dict[Var, Value], Outcome]] = []
            for _, env in self.translator.bind(equation.indices, {}):
                k.fuel = fuel if fuel is not None else self.fuel
                found.append((env, self._decide(equation, env)))
                if not found[-1][1].proved and found[-1][1].residue is None:
                    break
            return _together(found, k.layouts)
        except Stuck as e:
            return Outcome(False, None, str(e))
        except RecursionError:
            return Outcome(False, None, "terms nested too deep")

    def reduced(self, equation: t.Equation, fuel: int | None = None) -> t.Term | None:
        """A term r over source names such that the equation holds exactly where r = 0; None if there is none to name.

        r is left - right, possibly times what is nowhere 0; it is translated back and compared, so it is no mere print.
        """
        outcome = self.equal(equation, fuel)
        if outcome.proved:
            return t.ZERO
        return outcome.residue if outcome.exact else None

    def _decide(self, equation: t.Equation, env: dict[Var, Value]) -> Outcome:
        left, right = self.translator.term(equation.left, env), self.translator.term(equation.right, env)
        rest: Poly = subtract(left, right)
        try:
            rest = self._one_sided(left, right)
            rest = self._on_difference(rest)
            if rest and (self._balances(rest) or vanishes(self.algebra, rest, self._cleared)):
                rest = {}
        except Stuck as e:
            return Outcome(False, self._residue(rest, env), str(e))
        residue = self._residue(rest, env) if rest else None
        return Outcome(not rest, residue, "", residue is not None and self._back(residue, env) == rest)

    def _balances(self, rest: Poly) -> bool:
        """Whether what is left is 0 once orders of indices are written evenly."""
        even = balanced(self.algebra, rest)
        return even is not None and not self._cleared(even)

    def _back(self, residue: t.Term, env: dict[Var, Value]) -> Poly | None:
        """The polynomial of a residue."""
        try:
            return self.translator.term(residue, env)
        except (Stuck, KeyError):
            return None

    def _one_sided(self, left: Poly, right: Poly) -> Poly:
        """While a let is mentioned by one side only, unfold the latest such let, or what both sides make of it."""
        while True:
            gap = subtract(left, right)
            if not gap:
                return gap
            mine, yours = self.table.visible(left), self.table.visible(right)
            alone = mine ^ yours
            if not alone:
                return gap
            key = max(alone, key=lambda h: (self.algebra.heads[h].rank, h))
            over = [h for h in mine & yours if key in self.table.visible(dict(self.algebra.heads[h].data))]
            if over:  # both sides have a let that is made of it: then it is better seen in both
                key = max(over, key=lambda h: (self.algebra.heads[h].rank, h))
                left, right = self.table.unfold(left, key), self.table.unfold(right, key)
            elif key in mine:
                left = self.table.unfold(left, key)
            else:
                right = self.table.unfold(right, key)

    def _on_difference(self, gap: Poly) -> Poly:
        """Multiply out free denominators; unfold the let that brings in the fewest new names."""
        while gap:
            cleared = self._cleared(gap)
            if not cleared:
                return cleared
            visible = self.table.visible(gap)
            if not visible:
                return gap
            names = self.table.names(gap)
            heads = self.algebra.heads

            def cost(key: str) -> tuple[int, int, str]:
                return (len(self.table.names(dict(heads[key].data)) - names), -heads[key].rank, key)  # noqa: B023

            gap = self.table.unfold(gap, min(visible, key=cost))
        return gap

    def _cleared(self, gap: Poly) -> Poly:
        """A polynomial times the powers that clear its free denominators (they are not 0 where they occur)."""
        k = self.algebra
        for _ in range(12):
            low: dict[tuple[str, tuple[Idx, ...]], Rat] = {}
            for free, _ in gap:
                for h, ix, e in free:
                    if e < 0:
                        low[(h, ix)] = min(low.get((h, ix), 0), e)
            if not low:
                return gap
            place = min(low, key=lambda f: (low[f], f))
            factor: Factor = (place[0], place[1], -low[place])
            before = k.opens(gap)
            gap = k.collect((c, bound, [*fs, factor]) for c, bound, fs in k.opens(gap))
            k.axiom("cancel", place[0], before, gap)
            if not gap:
                return gap
        return gap

    def difference(self, equation: t.Equation, keep: Collection[str], fuel: int) -> t.Term | None:
        """``left - right`` in terms of the lets that are to be kept, as short as they make it.  Proves nothing."""
        k = self.algebra
        k.fuel = 10 * self.fuel
        try:
            named = [t.Read(let.symbol, let.indices) for n, let in self.table.lets.items() if n in keep]
            self.table.prepare([equation.left, equation.right, *named], self.translator)
            ((_, env),) = self.translator.bind(equation.indices, {})
            left, right = self.translator.term(equation.left, env), self.translator.term(equation.right, env)
            k.fuel = fuel
            return self._residue(folded(k, self.table, subtract(left, right), keep), env)
        except (Stuck, ValueError, RecursionError):
            return None

    def identify(self, name: str, indices: tuple[Var, ...], replacement: t.Term, fuel: int | None = None) -> bool:
        """Prove that a let equals a term, and from then on put the term in its place.

        Returns False, and changes nothing, if it is not proved, or if the term depends on the let.
        """
        let = self.table.lets[name]
        reading = t.Read(let.symbol, indices)
        if not all(isinstance(v.sort, Range) for v in indices):
            return False
        self._settle([], self._schematic)
        if not self.equal(t.Equation(indices, reading, replacement), fuel).proved:
            return False
        k = self.algebra
        try:
            rows = []
            for own, env in self.translator.bind(indices, {}):
                old, new = self.translator.term(reading, env), self.translator.term(replacement, env)
                heads = [h for h in self.table.visible(old) if k.heads[h].kind == "L"]
                if any(self._depends(new, h) for h in heads):
                    return False
                rows.append(((name, parts_of(env, indices)), (own, new)))
        except Stuck:
            return False
        self.table.values.update(rows)
        return True

    def _depends(self, p: Poly, key: str) -> bool:
        """Whether a let occurs in a polynomial, also below other lets."""
        heads = self.algebra.heads
        seen: set[str] = set()
        stack = list(self.table.visible(p))
        while stack:
            h = stack.pop()
            if h == key:
                return True
            if h not in seen and heads[h].rank > heads[key].rank:  # a let has a higher rank than those below it
                seen.add(h)
                stack += self.table.visible(dict(self.algebra.heads[h].data))
        return False

    def _residue(self, rest: Poly, env: dict[Var, Value]) -> t.Term | None:
        names: dict[Idx, Index] = {}
        for v, value in env.items():
            names |= named(self.algebra.layouts, v, value)
        try:
            symbols = {**self.symbols, **self.translator.integers}
            return Untranslator(self.algebra, self.table, symbols, names).term(rest)
        except Stuck:
            return None


def _together(rows: Sequence[tuple[dict[Var, Value], Outcome]], table: Layouts) -> Outcome:
    """One outcome of an equation whose indices were taken apart: each residue where its part is."""
    failed = [(env, o) for env, o in rows if not o.proved]
    if not failed:
        return Outcome(True)
    if len(rows) == 1:
        return failed[0][1]
    pieces = []
    for env, o in failed:
        if o.residue is None:
            return Outcome(False, None, o.reason)
        piece = o.residue
        guards = tuple(g for v, value in env.items() for g in where(table, v, value))
        if guards:
            piece = t.If(guards[0] if len(guards) == 1 else And(guards), piece, t.ZERO)
        pieces.append(piece)
    return Outcome(False, t.add(*pieces), next((o.reason for _, o in failed if o.reason), ""))
