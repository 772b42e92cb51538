"""Certificates of what the kernel derives: lemmas with their instances, in the names of the checker.

Untrusted: the checker's own scope makes the equations of a claim, and the kernel is run on them, one lemma for each
let and each unfolding.  What a rule of the kernel used is written as an instance; a rule that has no instance yet ends
as `Uncertified`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction
from typing import Any

from ..checker.laws import Laws
from ..checker.learners import Goal
from ..checker.model import Interval, Model
from ..checker.ring import ONE, Mono, Poly, Total, extent, natural, scaled, size_terms, slots
from ..kernel import Kernel
from ..kernel import data as kd
from ..kernel.data import Head, Idx
from ..kernel.functions import call
from ..kernel.log import Instance, Step
from ..kernel.order import weight
from ..kernel.powers import bracket, exponential, factored, power
from ..terms.index import Var
from ..terms.sizes import Bounds, Size
from ..terms.syntax import Call, Num, Read, Schematic, Symbol
from .stating import Stating, Uncertified

FUEL, LET_FUEL = 40_000, 4_000


def size_of(text: str) -> Size:
    """The size that a text of the checker is."""
    total = Size.number(0)
    for c, symbols in size_terms(text):
        row = Size.number(c)
        for s in symbols:
            row = row * Size.symbol(s)
        total = total + row
    return total


def idx(i: str) -> Idx:
    """An index of the checker in the kernel."""
    name, of = i.rsplit(":", 1)
    return (2, 10**9 + int(name[1:]), size_of(of)) if name[0] == "." else (1, name, size_of(of))


class Emitter:
    """One certificate: the scope of the checker, a kernel, and the lines so far."""

    def __init__(self, laws: Laws, bounds: Bounds, s: Stating) -> None:
        self.laws = laws
        self.schematic: dict[str, list[Schematic]] = {}
        for h in s.assumed:
            assert isinstance(h.left, Call)  # as the kernel asks
            self.schematic.setdefault(h.left.function.name, []).append(h)
        positive = [n for n, h in laws.heads.items() if h.kind == "input" and laws.facts.get(n) == "pos"]
        self.kernel = Kernel({}, bounds, schematic=s.assumed, pointwise=s.data, positive=positive, fuel=FUEL)
        self.k, self.table = self.kernel.algebra, self.kernel.table
        self.k.fuel = 10**7
        self.k.functions.update(s.functions)
        self.lines: list[Any] = []
        self.names: dict[str, str] = {}  # of heads of the kernel
        self.back: dict[str, Head] = {}
        self.values: dict[
            str, tuple[str, kd.Poly]
        ] = {}  # of heads of the checker: lemma, and the polynomial over slots
        self.products: dict[tuple[str, str], str] = {}  # lemmas that heads are single products
        self.equations: dict[str, str] = {}  # lemmas that are hypotheses in normal form
        self.unfolded: dict[tuple[str, str], tuple[str, kd.Poly]] = {}
        self._counter = 0
        self._unfolding = ""  # the let that is being unfolded

    # ---- names

    def line(self, *row: Any) -> None:
        self.lines.append(list(row))
        self.laws.line(self.lines[-1])

    def title(self) -> str:
        self._counter += 1
        return f"{self._counter}"

    def name(self, key: str) -> str:
        """The name of a head of the kernel; new ones are defined."""
        h = self.k.heads[key]
        if h.kind == "T":
            return self._tensor(h)
        if h.kind == "I":
            op, coefficients, const = h.data
            if op not in ("==", ">=") or not all(isinstance(c, int) for c in coefficients):
                raise Uncertified("a bracket with a size as coefficient")
            found = f"iv:{op}:{','.join(map(str, coefficients))}:{const}"
            self.back[found] = h
            return found
        if key in self.names:
            return self.names[key]
        if h.kind not in "LBEV":
            raise Uncertified("a condition on data")
        extents = [str(d) for d in h.dims]
        n = f"%{h.kind}{len(self.names)}"
        if h.kind == "V":
            f, outputs, by, bodies, dims = h.data
            table = {kd.slot(j, d): f"s{j}:{d}" for j, d in enumerate(h.dims[h.fixed :])}
            rows = []
            for a, body in enumerate(bodies):
                own = {kd.binder(a, j, d): f"@{a}.{j}:{d}" for j, d in enumerate(dims[a])}
                rows.append([list(own.values()), self.poly(dict(body), {**table, **own})])
            row: list[Any] = ["fun", n, extents, f, outputs, list(by), rows]
        else:
            table = dict(zip(kd.slots(h), slots(extents), strict=True))
            row = ["exp" if h.kind == "E" else "def", n, extents, self.poly(dict(h.data), table)]
        if key in self.names:
            return self.names[key]
        n = row[1] = f"%{h.kind}{len(self.names)}"
        self.names[key] = n
        self.back[n] = h
        self.line(*row)
        for order in (h.perms or ())[1:]:
            if n not in self.laws.orders or tuple(order) not in self.laws.orders[n]:
                proofs: list[Any] = [[] for _ in row[6]] if h.kind == "V" else []
                self.line("symmetry", n, list(order), proofs)
        return n

    def _tensor(self, h: Head) -> str:
        kind, label, *_ = h.data
        if kind == "tensor" and not h.data[2]:
            self.back[label] = h
            return str(label)
        if kind == "size":
            self.back[f"|{label}|"] = h
            return f"|{label}|"
        if kind == "number":
            n = f"#{label}"
            if n not in self.laws.heads:
                self.back[n] = h
                self.line("def", n, [], [[str(label), [], []]])
            return n
        raise Uncertified(f"a {kind} in a normal form")

    def index(self, x: Idx, table: dict[Idx, str]) -> str:
        found = table.get(x)
        if found is None:
            kind, label, of = x
            if kind == 2:
                found = f".{label - 10**9}:{of}" if label >= 10**9 else f"z{label}:{of}"
            else:
                found = f"{label}:{of}"
            table[x] = found
        return found

    def factors(self, factors: Iterable[kd.Factor], table: dict[Idx, str]) -> list[Any]:
        return [[self.name(h), [self.index(x, table) for x in ix], str(Fraction(e))] for h, ix, e in factors]

    def poly(self, p: kd.Poly, table: dict[Idx, str] | None = None, sign: int = 1) -> list[Any]:
        """A polynomial of the kernel as data."""
        rows = []
        for m, c in p.items():
            _, bound, factors = self.k.open(m)
            own = dict(table or {})
            own |= {b: f"b{n}:{b[2]}" for n, b in enumerate(bound)}
            rows.append([str(Fraction(c) * sign), [own[b] for b in bound], self.factors(factors, own)])
        return rows

    def read(self, rows: Any) -> Poly:
        """Data as a polynomial of the checker."""
        return [(Fraction(c), tuple(b), tuple((h, tuple(ix), Fraction(e)) for h, ix, e in fs)) for c, b, fs in rows]

    # ---- normal forms of the kernel, with their proofs

    def reduce(self, poly: Poly, key: str = "") -> tuple[list[Any], kd.Poly]:
        """The kernel's normal form of a polynomial of the checker, and the proof.

        Heads of the checker are replaced by what they are; so are those of the kernel that hold the let ``key``.
        """
        laws = self.laws
        proof: list[Any] = []
        total = Total(laws, poly)
        while True:
            hit = next(((m, f) for m in total.monomials() for f in m[2] if self._told(f[0], key)), None)
            if hit is None:
                break
            m, (h, ix, e) = hit
            if natural(e):
                lemma = self.value(h, key)[0]
                proof.append(["use", lemma])
                laws._use(total, lemma)
                continue
            lemma = self.product(h, e, key)
            total.remove(m)
            rest = tuple(f for f in m[2] if f != (h, ix, e))
            names = {b: f"z.{n}:{extent(b)}" for n, b in enumerate(m[1])}
            others: list[Any] = [[g, [names.get(i, i) for i in jx], str(d)] for g, jx, d in rest]
            step: list[Any] = ["lemma", lemma, [names.get(i, i) for i in ix], str(e)]
            proof.append([[str(m[0]), list(names.values()), others], step])
            free, body = laws.lemmas[lemma]
            for c, _, fs in laws._power(body, dict(zip(free, ix, strict=True)), e)[1:]:
                total.add((-m[0] * c, m[1], rest + fs))
        rows = [self.opened(m) for m in total.monomials()]
        before = len(self.k.lemmas)
        out = self.k.collect(rows)
        if len(self.k.lemmas) > before and self.k.lemmas[-1].left == _frozen(rows):
            proof += [self.step(s) for s in self.k.lemmas[-1].steps]
        return proof, out

    def opened(self, m: Mono) -> kd.Open:
        factors: list[kd.Factor] = []
        for h, ix, e in m[2]:
            at = tuple(map(idx, ix))
            if h.startswith("iv:"):
                _, op, coefficients, const = h.split(":")
                form: dict[Idx, Any] = {}
                for c, x in zip(coefficients.split(",") if coefficients else (), at, strict=True):
                    form[x] = form.get(x, 0) + int(c)
                rows = self.k.bracket(op, form, size_of(const))
                if len(rows) != 1 or len(rows[0][2]) != 1:
                    raise Uncertified("a bracket that ranges decide")
                factors += rows[0][2]
            else:
                factors.append((self.head(h).key, at, kd.rat(e)))
        return kd.rat(m[0]), [idx(b) for b in m[1]], factors

    def head(self, h: str) -> Head:
        """The head of the kernel of a name."""
        if h[0] == "|":
            return self.k.size_symbol(h.strip("|"))
        if h in self.back:
            return self.back[h]
        of = self.laws.heads[h]
        if of.kind != "input":
            raise Uncertified(f"{h} without a normal form")
        dims = tuple(map(size_of, of.extents))
        found = self.k.head("T", ("tensor", h, ()), dims, (), positive=h in self.k.positive)
        self.back[h] = found
        return found

    def step(self, s: Step) -> Any:
        """A step of the kernel's log."""
        table: dict[Idx, str] = {}
        bound = [self.index(b, table) for b in s.bound]
        rename = {b: f"z.{n}:{extent(b)}" for n, b in enumerate(bound)}
        table |= {x: rename[b] for x, b in zip(s.bound, bound, strict=True)}
        multiplier = [str(Fraction(s.coefficient)), list(rename.values()), self.factors(s.factors, table)]
        rule, left = s.instance.rule, s.instance.left
        if rule == "hypothesis":
            lemma, places = self.hypothesis(s.instance)
            return [multiplier, ["lemma", lemma, [self.index(x, table) for x in places]]]
        if len(left) != 1 or left[0][1] or len(left[0][2]) != 1:
            raise Uncertified(f"the rule {rule}")
        key, ix, e = left[0][2][0]
        at = [self.index(x, table) for x in ix]
        if rule in ("unfold", "number") and e == 1:
            return [multiplier, ["unfold", self.name(key), at]]
        if rule == "congruence" and (natural(Fraction(e)) and e > 0):
            lemma, free = self.rebuilt(key, ix)
            return [multiplier, ["lemma", lemma, [self.index(x, table) for x in free], str(Fraction(e))]]
        raise Uncertified(f"the rule {rule}")

    def hypothesis(self, found: Instance) -> tuple[str, list[Idx]]:
        """The lemma that is an equation about tensors in normal form, and where an instance of it is."""
        row = next(r for r in self.k.pointwise if r.name == found.subject)
        variables = sorted(row.variables)
        table: dict[Idx, Idx] = {}
        for (_, _, fs), (_, _, gs) in zip([*row.left, *row.right], [*found.left, *found.right], strict=True):
            for (_, ix, _), (_, jx, _) in zip(fs, gs, strict=True):
                table |= {x: y for x, y in zip(ix, jx, strict=True) if x in row.variables}
        free, gap = self.laws.hypotheses[row.name]
        if set(table) != row.variables or len(free) != len(variables):
            raise Uncertified("a hypothesis about axes that are taken apart")
        if row.name not in self.equations:
            names: dict[Idx, str] = dict(zip(variables, free, strict=True))
            body = [*self._opens(row.left, names, 1), *self._opens(row.right, names, -1)]
            proof = [[["1", [], []], ["hypothesis", row.name, list(free)]]]
            proof += self.nothing([*self.read(body), *scaled(gap, -1)])
            self.equations[row.name] = self.title()
            self.line("lemma", self.equations[row.name], list(free), body, proof)
        return self.equations[row.name], [table[x] for x in variables]

    def _opens(self, rows: Iterable[kd.Open], names: dict[Idx, str], sign: int) -> list[Any]:
        """Open monomials of the kernel as data."""
        found = []
        for c, bound, factors in rows:
            own = names | {b: f"z.{n}:{b[2]}" for n, b in enumerate(bound)}
            found.append([str(Fraction(c) * sign), [own[b] for b in bound], self.factors(factors, own)])
        return found

    def rebuilt(self, key: str, ix: Sequence[Idx]) -> tuple[str, list[Idx]]:
        """The lemma that an atom two of whose indices coincide is the same atom of fewer indices."""
        from ..kernel.functions import rebuild

        free = list(dict.fromkeys(ix))
        table: dict[Idx, Idx] = {x: (1, f"r{n}", x[2]) for n, x in enumerate(free)}
        at = tuple(table[x] for x in ix)
        found = self.products.get((key, repr(at)))
        if found is None:
            value = rebuild(self.k, self.k.heads[key], at)
            found = self.lemma(self.name(key), [self.index(x, {}) for x in at], value)
            self.products[key, repr(at)] = found
        return found, free

    # ---- lemmas

    def lemma(self, h: str, ix: Sequence[str], value: kd.Poly) -> str:
        """A lemma that a compound head at indices is a polynomial of the kernel."""
        proof = self.compound(h, tuple(ix), value)
        name = self.title()
        self.line(
            "lemma", name, list(dict.fromkeys(ix)), [["1", [], [[h, list(ix), "1"]]], *self.poly(value, sign=-1)], proof
        )
        return name

    def _told(self, h: str, key: str) -> bool:
        if h[0] == "=" or h in self.laws.lets:
            return True
        found = self.back.get(h)
        return bool(key) and found is not None and found.kind in "LBEV" and key in self.table._below(found.key)

    def value(self, h: str, key: str = "") -> tuple[str, kd.Poly]:
        """The lemma h[slots] = normal form, and the normal form."""
        if key and h not in self.laws.lets and h[0] != "=":
            place = (h, key)
            if place not in self.unfolded:
                value = self._plain_slots(self.table._replaced(self.back[h].key, key), h)
                self.unfolded[place] = (self.lemma(h, slots(self.laws.heads[h].extents), value), value)
            return self.unfolded[place]
        if h not in self.values:
            self.values[h] = self._let(h) if h in self.laws.lets else self._compound(h)
        return self.values[h]

    def _plain_slots(self, p: kd.Poly, h: str) -> kd.Poly:
        head = self.back[h]
        own = slots(self.laws.heads[h].extents)
        return self.k.rename(p, dict(zip(kd.slots(head), map(idx, own), strict=True)))

    def _let(self, h: str) -> tuple[str, kd.Poly]:
        own = slots(self.laws.heads[h].extents)
        proof, body = self.reduce(self.laws.body(h, own))
        before = [["1", [], []], ["unfold", h, list(own)]]
        value = self.table._named(Symbol(h), (), [idx(i) for i in own], body)
        steps: list[Any] = [before, *proof]
        if value != body:
            ((free, _), c), *_ = value.items()
            ((key, ix, _),) = free
            name, at = self.name(key), [self.index(x, {}) for x in ix]
            steps.append([[str(-Fraction(c)), [], []], ["unfold", name, at]])
        title = self.title()
        row = [["1", [], [[h, list(own), "1"]]], *self.poly(value, sign=-1)]
        self.line("lemma", title, list(own), row, steps)
        self._license(title)
        return title, value

    def _license(self, lemma: str) -> None:
        """Licences that follow from a lemma X = c Y."""
        free, poly = self.laws.lemmas[lemma]
        if len(poly) != 2 or poly[1][1] or poly[0][1]:
            return
        if not all(self.laws.facts.get(h) for h, _, _ in poly[0][2]):
            return
        for h, ix, e in poly[1][2]:
            new = h not in self.laws.facts and h[0] == "%" and e.denominator == 1 and len(set(ix)) == len(ix)
            if new and all(self.laws.at_least(extent(i), 1) for i in free if i not in ix):
                self.line("licence", h, lemma)

    def _compound(self, h: str) -> tuple[str, kd.Poly]:
        """A compound head of the checker: its body in normal form, then the kernel's function or power."""
        head, own = self.laws.heads[h], slots(self.laws.heads[h].extents)
        if head.kind == "def":
            proof, value = self.reduce(self.laws.body(h, own))
            title = self.title()
            row = [["1", [], [[h, list(own), "1"]]], *self.poly(value, sign=-1)]
            self.line("lemma", title, list(own), row, [[["1", [], []], ["unfold", h, list(own)]], *proof])
            self._license(title)
            return title, value
        if head.kind == "exp":
            value = exponential(self.k, self.reduce(self.laws.body(h, own))[1])
        else:
            value = self._function(h, own)
        return self.lemma(h, own, value), value

    def _function(self, h: str, own: Sequence[str]) -> kd.Poly:
        f, outputs, partials, arguments = self.laws.split(h, own)
        rows = []
        for bound, body in arguments:
            names = {b: f"@q{n}:{extent(b)}" for n, b in enumerate(bound)}
            inner = self.reduce(self.laws.put(body, names))[1]
            rows.append((tuple(idx(b) for b in names.values()), inner))
        return call(self.k, f, [idx(i) for i in outputs], rows, [(a, tuple(map(idx, ix))) for a, ix in partials])

    def compound(self, h: str, ix: tuple[str, ...], value: kd.Poly) -> list[Any]:
        """The proof that a head at indices is a polynomial of the kernel: what it is made of is equal."""
        laws = self.laws
        head = laws.heads[h]
        rows = self.poly(value)
        if head.kind == "def":
            gap = [*laws.body(h, ix), *scaled(self.read(rows), -1)]
            return [[["1", [], []], ["unfold", h, list(ix)]], *self.nothing(gap)]
        if head.kind == "fun":
            found = self._assumed(h, ix, value)
            if found is not None:
                return found
        if len(rows) != 1 or rows[0][1]:
            raise Uncertified("a function that is taken apart")
        c, _, factors = rows[0]
        if head.kind == "exp":
            if c != "1" or any(laws.heads[g].kind != "exp" for g, _, _ in factors if not g.startswith("iv:")):
                raise Uncertified("an exponential of a logarithm")
            law = [[h, list(ix), "1"], *([g, jx, str(-Fraction(e))] for g, jx, e in factors)]
            total = [m for g, jx, e in law for m in scaled(laws.body(g, jx), Fraction(e))]
            return [[["1", [], factors], ["exp", law, self.nothing(total)]]]
        if c != "1" or len(factors) != 1 or factors[0][2] != "1" or laws.heads[factors[0][0]].kind != "fun":
            raise Uncertified("a function that is rewritten")
        g, jx, _ = factors[0]
        return [[["1", [], []], self._congruent(h, ix, g, jx)]]

    def _congruent(self, h: str, ix: Sequence[str], g: str, jx: Sequence[str]) -> list[Any]:
        """The instance that a function has equal values at equal arguments."""
        laws = self.laws
        first, second = laws.split(h, ix)[3], laws.split(g, jx)[3]
        if laws.split(h, ix)[0] != laws.split(g, jx)[0]:
            raise Uncertified("a function that is another")
        proofs = []
        for (b1, p1), (b2, p2) in zip(first, second, strict=True):
            names = [f"@{n}:{extent(b)}" for n, b in enumerate(b1)]
            one = laws.put(p1, dict(zip(b1, names, strict=True)))
            two = laws.put(p2, dict(zip(b2, names, strict=True)))
            proofs.append(self.nothing([*one, *scaled(two, -1)]))
        return ["congruence", h, list(ix), g, list(jx), proofs]

    def _assumed(self, h: str, ix: tuple[str, ...], value: kd.Poly) -> list[Any] | None:
        """The proof of an instance of a hypothesis for all arguments, if a call is the left side of one."""
        laws = self.laws
        for law in self.schematic.get(laws.heads[h].body[0], ()):
            given: dict[str, Any] = {}
            outs: dict[Var, str] = {}
            assert isinstance(law.left, Call)  # as the kernel asks
            try:
                if not self._matches(law.left, h, ix, given, outs):
                    continue
                title, free = self.title(), list(dict.fromkeys([*ix, *outs.values()]))
                self.line("instance", title, free, ["schematic", law.name, given, [outs[i] for i in law.indices]])
                (_, _, ((g, jx, _),)), *rest = laws.lemmas[title][1]
                proof: list[Any] = [[["1", [], []], ["lemma", title, free]]]
                if (g, jx) != (h, ix):
                    proof.append([["1", [], []], self._congruent(h, ix, g, jx)])
                return [*proof, *self.nothing([*scaled(rest, -1), *scaled(self.read(self.poly(value)), -1)])]
            except Uncertified:
                continue
        return None

    def _matches(self, pattern: Call, h: str, ix: Sequence[str], given: dict[str, Any], outs: dict[Var, str]) -> bool:
        """Whether a call fits a pattern; what variables and indices of the pattern are there."""
        f, outputs, partials, arguments = self.laws.split(h, ix)
        places = [*zip(pattern.outputs, outputs, strict=True)] if len(pattern.outputs) == len(outputs) else [(None, "")]
        if f != pattern.function.name or [a for a, _ in partials] != sorted(a for a, _ in pattern.partials):
            return False
        if any(not isinstance(v, Var) or outs.setdefault(v, i) != i for v, i in places):
            return False
        for x, (own, body) in zip(pattern.arguments, arguments, strict=True):
            inner = x.body
            if isinstance(inner, Read) and inner.index == x.indices:
                table = {b: f"@m{n}:{extent(b)}" for n, b in enumerate(own)}
                given.setdefault(inner.symbol.name, [list(table.values()), self.written(self.laws.put(body, table))])
                continue
            normal = self.poly(self.reduce(body, self._unfolding)[1])
            if isinstance(inner, Num):
                if normal != ([[str(inner.value), [], []]] if inner.value else []):
                    return False
                continue
            single = len(normal) == 1 and normal[0][0] == "1" and not normal[0][1] and len(normal[0][2]) == 1
            if not isinstance(inner, Call) or not single:
                return False
            g, jx, e = normal[0][2][0]
            if e != "1" or g not in self.laws.heads or self.laws.heads[g].kind != "fun":
                return False
            outs |= dict(zip(x.indices, own, strict=True))
            if not self._matches(inner, g, tuple(jx), given, outs):
                return False
        return True

    def written(self, p: Poly) -> list[Any]:
        """A polynomial of the checker as data."""
        rows = []
        for c, bound, factors in p:
            names = {b: f"z.{n}:{extent(b)}" for n, b in enumerate(bound)}
            rows.append(
                [str(c), list(names.values()), [[h, [names.get(i, i) for i in ix], str(e)] for h, ix, e in factors]]
            )
        return rows

    def nothing(self, gap: Poly) -> list[Any]:
        """The proof that a polynomial is 0."""
        if not Total(self.laws, gap).monomials():
            return []
        proof, rest = self.reduce(gap, self._unfolding)
        if rest:
            raise Uncertified("a step of the kernel that could not be traced")
        return proof

    def product(self, h: str, e: Fraction, key: str = "") -> str:
        """A lemma h[slots] = c * product of factors, so that a power that is not natural can be taken."""
        lemma, value = self.value(h, key)
        if len(value) == 1:
            ((_, comps), c), *_ = value.items()
            if not comps and (e.denominator == 1 or c == 1):
                self._license(lemma)
                return lemma
        q = Fraction(-1) if e.denominator == 1 else e
        place = (h, f"{key}{q}")
        if place not in self.products:
            c, base = self._parts(value) if q == -1 else self._root(value, q)
            own = slots(self.laws.heads[h].extents)
            factors = self.factors(base, {})
            row = [["1", [], [[h, list(own), "1"]]], [str(-c), [], factors]]
            gap = self.read(row)
            proof = [["use", lemma], *self.nothing(self._used(gap, lemma))]
            title = self.title()
            self.line("lemma", title, list(own), row, proof)
            self._license(title)
            self.products[place] = title
        return self.products[place]

    def _parts(self, p: kd.Poly) -> tuple[Fraction, list[kd.Factor]]:
        """A polynomial as a number times common factors times what is left, which is a head of its own."""
        common, rest = factored(self.k, p, any_sign=True)
        c = Fraction(rest[max(rest, key=weight)])
        rest = kd.scale(rest, 1 / c)
        base: list[kd.Factor] = [(g, ix, e) for (g, ix), e in common.items()]
        pieces = [rest]
        if len(rest) == 1:
            ((free, comps), _), *_ = rest.items()
            base += free
            pieces = [{((), (comp,)): 1} for comp in comps]
        for piece in pieces:
            out = bracket(self.k, piece, -1)
            if len(out) != 1:
                raise Uncertified("a power that is a sum")
            (((free, comps), d),) = out.items()
            if comps or d != 1 or any(e != -1 for _, _, e in free):
                raise Uncertified("a power that is taken apart")
            base += [(g, ix, 1) for g, ix, _ in free]
        return c, base

    def _root(self, p: kd.Poly, q: Fraction) -> tuple[Fraction, list[kd.Factor]]:
        out = power(self.k, p, kd.rat(q))
        if len(out) != 1:
            raise Uncertified("a power that is a sum")
        (((free, comps), c),) = out.items()
        if comps or c != 1:
            raise Uncertified("a power with a coefficient")
        return ONE, [(g, ix, kd.rat(Fraction(d) / q)) for g, ix, d in free]

    def _used(self, gap: Poly, lemma: str) -> Poly:
        total = Total(self.laws, gap)
        self.laws._use(total, lemma)
        return total.monomials()

    # ---- goals

    def unfold(self, p: kd.Poly, key: str) -> tuple[str, kd.Poly]:
        """The lemma that a polynomial is what it is with a let unfolded."""
        self._unfolding = key
        try:
            proof, out = self.reduce(self.read(self.poly(p)), key)
        finally:
            self._unfolding = ""
        title = self.title()
        free = [self.index(x, {}) for x in sorted(kd.free_indices(p) | kd.free_indices(out))]
        self.line("lemma", title, free, [*self.poly(p), *self.poly(out, sign=-1)], proof)
        return title, out

    def equal(self, left: kd.Poly, right: kd.Poly, fuel: int) -> list[Any] | None:
        """The proof of left = right by lemmas, or None if the kernel finds none."""
        sides, proof = [left, right], []
        self.k.fuel = 10 * fuel

        def step(n: int, key: str) -> None:
            lemma, sides[n] = self.unfold(sides[n], key)
            free = list(self.laws.lemmas[lemma][0])
            proof.append([["1" if n == 0 else "-1", [], []], ["lemma", lemma, free]])

        heads = self.k.heads
        for _ in range(64):
            if sides[0] == sides[1]:
                return proof
            mine, yours = (self.table.visible(s) for s in sides)
            alone = mine ^ yours
            if alone:
                key = max(alone, key=lambda h: (heads[h].rank, h))
                over = [h for h in mine & yours if key in self.table.visible(dict(heads[h].data))]
                if over:
                    key = max(over, key=lambda h: (heads[h].rank, h))
            elif mine:
                gap = kd.subtract(sides[0], sides[1])
                visible = self.table.visible(gap) or mine
                names = self.table.names(gap)
                key = min(
                    visible, key=lambda h: (len(self.table.names(dict(heads[h].data)) - names), -heads[h].rank, h)
                )
            else:
                return None
            for n in (0, 1):
                if key in self.table.visible(sides[n]):
                    step(n, key)
        return None

    def goal(self, goal: Goal) -> list[Any]:
        """The proof of an equation."""
        _, label, left, right = goal
        if left == right:
            return []
        ix = list(slots(self.laws.heads[left].extents, "i"))
        sides, start = [], []
        for h in (left, right):
            row: Poly = [(ONE, (), ((h, tuple(ix), ONE),))]
            steps, p = self.reduce(row)
            start += steps
            sides.append(p)
        proof = self.equal(sides[0], sides[1], FUEL)
        if proof is None:
            raise Uncertified(f"{label}: the kernel does not derive it from the certificate's equations")
        return [*start, *proof]

    def sweep(self, models: Sequence[Model]) -> None:
        """Prove lets equal whose values agree, in the order of definition, so that each proof is small."""
        classes: dict[Any, str] = {}
        heads = self.laws.heads
        for h in [*(n for n, x in heads.items() if x.kind == "input"), *self.laws.lets]:
            try:
                places = [list(m.places(heads[h].extents)) for m in models]
                rows = [tuple(_rounded(m.at(h, p)) for p in ps) for m, ps in zip(models, places, strict=True)]
            except Exception:  # a let that has no value at a model is no candidate
                continue
            first = classes.setdefault((heads[h].extents, *rows), h)
            if first == h or h not in self.laws.lets:
                continue
            self._identify(h, first)

    def _identify(self, h: str, other: str) -> None:
        own = slots(self.laws.heads[h].extents)
        lemma, mine = self.value(h)
        _, theirs = self.reduce([(ONE, (), ((other, own, ONE),))])
        if mine == theirs:
            return
        proof = self.equal(mine, theirs, LET_FUEL)
        if proof is None:
            return
        if any(self._depends(theirs, key) for key in self.table.visible(mine)):
            return
        title = self.title()
        row = [["1", [], [[h, list(own), "1"]]], *self.poly(theirs, sign=-1)]
        self.line("lemma", title, list(own), row, [["use", lemma], *proof])
        self.values[h] = (title, theirs)

    def _depends(self, p: kd.Poly, key: str) -> bool:
        return self.kernel._depends(p, key)


def _rounded(a: Interval) -> str:
    return str(a[0]) if a[0] == a[1] else f"{float((a[0] + a[1]) / 2):.12e}"


def _frozen(rows: list[kd.Open]) -> Any:
    from ..kernel.log import frozen

    return frozen(rows)
