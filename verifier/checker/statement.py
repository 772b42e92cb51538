"""Statements: terms, lets and hypotheses as polynomials over heads that the checker names itself, and their conditions.

Terms are lists: ``["num", q]``, ``["size", extent]``, ``["read", name, indices]``, ``["add", ...]``, ``["mul", ...]``,
``["pow", base, q]``, ``["sum", indices, body]``, ``["call", f, [[binders, body], ...], outputs, partials]`` and
``["if", guard, then, else]``.  A condition is never created or dropped by a proof: it comes from here, from the terms
as they are written, before anything is rewritten.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from typing import Any

from .proof import Prover, rational
from .ring import DELTA, ONE, Factor, Head, Poly, Reject, Total, extent, natural, need, scaled, size_terms, slots, times

Env = Mapping[str, str]
RESERVED = "%#|=.@"
HALF = ["num", "1/2"]
Signs = frozenset[int]
POSITIVE, ZERO, NONZERO, ANY = frozenset({1}), frozenset({0}), frozenset({1, -1}), frozenset({-1, 0, 1})
SIGNS: dict[str, Signs] = {
    "": ANY,
    "pos": POSITIVE,
    "neg": frozenset({-1}),
    "nonnegative": POSITIVE | ZERO,
    "nonpositive": frozenset({-1, 0}),
    "nonzero": NONZERO,
}
REAL = [[], ""]


def negative(t: Any) -> Any:
    return ["mul", ["num", "-1"], t]


def quotient(a: Any, b: Any) -> Any:
    return ["mul", a, ["pow", b, "-1"]]


def _exp(t: Any) -> Any:
    return ["call", "exp", [[[], t]], [], []]


def _sinh(x: Any) -> Any:
    return ["mul", HALF, ["add", _exp(x), negative(_exp(negative(x)))]]


def _cosh(x: Any) -> Any:
    return ["mul", HALF, ["add", _exp(x), _exp(negative(x))]]


def _sigmoid(x: Any) -> Any:
    return ["pow", ["add", ["num", "1"], _exp(negative(x))], "-1"]


DEFINED: dict[str, Callable[[Any], Any]] = {
    "sinh": _sinh,
    "cosh": _cosh,
    "tanh": lambda x: quotient(_sinh(x), _cosh(x)),
    "sigmoid": _sigmoid,
    "silu": lambda x: ["mul", x, _sigmoid(x)],
    "sqrt": lambda x: ["pow", x, "1/2"],
}


class Statement(Prover):
    """The names of a statement.  ``side``: whose conditions are collected, of the specification or the written side."""

    def __init__(self) -> None:
        super().__init__()
        self.lets: dict[str, tuple[tuple[str, ...], Any]] = {}  # of names in the order of definition: indices and term
        self.signs: dict[str, Signs] = {}  # of inputs and lets: which signs their entries may have
        self.conditions: dict[tuple[str, str], str] = {}  # by head and fact: the side that asks it first
        self.generic: dict[str, str] = {}  # the inverse of each generic error
        self.schematic: dict[str, tuple[dict[str, Any], Sequence[str], Any, Any]] = {}  # hypotheses for all arguments
        self._values: Mapping[str, tuple[tuple[str, ...], Poly]] = {}  # of the variables of one
        self.side = "spec"
        self._memo: dict[tuple[Any, ...], str] = {}
        self._derivatives: dict[tuple[str, str], Poly] = {}

    # ---- declarations

    def size(self, name: str, least: int) -> None:
        need(type(least) is int and least >= 0, f"the least value of {name}")
        self.least[name] = least
        self.heads[f"|{name}|"] = Head("size", ())
        if least >= 1:
            self.facts[f"|{name}|"] = "pos"

    def input(self, name: str, extents: Sequence[str], sign: str = "") -> str:
        self._named(name)
        for d in extents:
            self.proper(d)
        need(sign in SIGNS or sign.startswith("in "), f"unknown sign {sign}")
        self.heads[name] = Head("input", tuple(extents))
        self._known(name, SIGNS.get(sign, ANY))
        self.sets[name] = sign if sign.startswith("in ") else ""
        return name

    def _known(self, name: str, signs: Signs) -> None:
        self.signs[name] = signs
        if signs <= NONZERO:
            self.facts[name] = "pos" if signs <= POSITIVE else "nonzero"

    def type_of(self, name: str) -> list[Any]:
        """Extents, and the set of the entries if they are no real numbers."""
        return [list(self.heads[name].extents), self.sets.get(name, "")]

    def function(self, name: str, data: dict[str, Any]) -> None:
        need(name not in self.functions and name not in DEFINED and name not in ("exp", "log"), f"{name} is known")
        types = [*data["arguments"], data["value"]]
        need(not data["properties"] or not any(of for _, of in types), f"{name} is no real function")
        for extents, of in types:
            need(not of or of.startswith("in "), f"a type of {name}")
            for d in extents:
                self.proper(d)
        self.functions[name] = data

    def pair(self, e: str, f: str) -> None:
        """Declare a generic error and its inverse, two real functions of two real arguments."""
        for name in (e, f):
            shape = self.functions.get(name)
            need(shape is not None and [*shape["arguments"], shape["value"]] == [REAL] * 3, f"{name} is no error")
            need("positive" not in self.functions[name]["properties"], f"{name} is no error")
        need(e != f and not any({e, f} & {d, i} for d, i in self.generic.items()), f"{e} has an inverse already")
        self.generic[e] = f

    def assume(self, name: str, variables: Sequence[Any], indices: Sequence[str], left: Any, right: Any) -> None:
        """An equation of functions for all values of its variables."""
        need(name not in self.schematic, f"{name} is assumed twice")
        for d in [*map(extent, indices), *(d for _, kind in variables for d in kind[0])]:
            self.proper(d)
        self.schematic[name] = dict(variables), indices, left, right

    def equation(self, name: str, indices: Sequence[str], left: Any, right: Any) -> None:
        """An equation about tensors, at all indices: nothing that is differentiated."""
        need(name not in self.hypotheses and len(set(indices)) == len(indices), f"{name} is assumed twice")
        env = dict(zip(indices, indices, strict=True))
        need(all(i[0] not in ".@" for i in indices) and not self.typed(["add", left, right]), f"the equation {name}")
        self.hypotheses[name] = tuple(indices), [*self.term(left, env), *scaled(self.term(right, env), -1)]

    def fact(self, relation: str, indices: Sequence[str], term: Any) -> None:
        """A sign of a term, at all indices; a term that is the same polynomial has it."""
        need(relation in ("pos", "nonzero") and not self.typed(term), f"a fact that is {relation}")
        p = self.clean(self.term(term, dict(zip(indices, indices, strict=True))))
        h, ix = self.named("def", [p], lambda rows: rows[0])
        need(sorted(ix) == sorted(indices), "an index of a fact that does not occur")
        if self.facts.get(h) != "pos":
            self.facts[h] = relation

    def _named(self, name: str) -> None:
        need(
            isinstance(name, str) and bool(name) and name[0] not in RESERVED and ":" not in name, f"a bad name: {name}"
        )
        need(name not in self.heads, f"{name} is there already")

    def let(self, name: str, indices: Sequence[str], term: Any) -> str:
        """A tensor that is defined; it stays opaque until a proof unfolds it."""
        self._named(name)
        need(len(set(indices)) == len(indices), f"an index of {name} is bound twice")
        extents = tuple(map(extent, indices))
        for d in extents:
            self.proper(d)
        self.sets[name] = self.typed(term)
        body = self.clean(self.term(term, dict(zip(indices, slots(extents), strict=True))))
        self._known(name, self.sign(term))
        self.define(name, extents, body)
        self.lets[name] = (tuple(indices), term)
        return name

    def define(self, name: str, extents: Sequence[str], body: Poly) -> None:
        self.heads[name] = Head("def", tuple(extents), body)
        self.lets.setdefault(name, ((), None))

    def typed(self, t: Any) -> str:
        """The set that a term is an element of, or "" for a real number: there is no arithmetic of elements."""
        kind = t[0]
        if kind == "read":
            return self.sets.get(t[1], "")
        if kind == "call" and t[1] in self.functions:
            shape = self.functions[t[1]]
            need([self.typed(body) for _, body in t[2]] == [of for _, of in shape["arguments"]], f"arguments of {t[1]}")
            return str(shape["value"][1])
        parts = {"pow": t[1:2], "sum": t[2:], "if": t[2:], "add": t[1:], "mul": t[1:]}.get(kind, [])
        found = {self.typed(p) for p in (parts if kind != "call" else [body for _, body in t[2]])}
        need(found <= {""} or (kind == "if" and len(found) == 1), "arithmetic of elements of a set")
        return max(found, default="")

    # ---- signs of terms as written

    def sign(self, t: Any) -> Signs:
        """Which signs a term may have where it is defined."""
        kind = t[0]
        if kind == "num":
            q = rational(t[1])
            return frozenset({(q > 0) - (q < 0)})
        if kind == "size":
            return POSITIVE if self.at_least(t[1], 1) else POSITIVE | ZERO if self.at_least(t[1], 0) else ANY
        if kind == "read":
            return self.signs.get(t[1], ANY)
        if kind == "add":
            found = ZERO
            for p in t[1:]:
                rows = {(a, b) for a in found for b in self.sign(p)}
                found = frozenset().union(*(ANY if a * b < 0 else {a or b} for a, b in rows))
            return found
        if kind == "mul":
            found, parts = POSITIVE, list(t[1:])
            for p in parts:
                own = self.sign(p) if parts.count(p) % 2 else frozenset(abs(a) for a in self.sign(p))
                found = frozenset(a * b for a in found for b in own)
            return found
        if kind == "pow":
            q, base = rational(t[2]), self.sign(t[1])
            if q.denominator != 1:
                return base & POSITIVE if q < 0 else base - {-1}
            base = base if q > 0 else base - ZERO
            return base if q % 2 else frozenset(abs(a) for a in base)
        if kind == "sum":
            return self.sign(t[2]) | (frozenset() if all(self.at_least(extent(i), 1) for i in t[1]) else ZERO)
        if kind == "call" and t[1] in DEFINED:
            return self.sign(DEFINED[t[1]](t[2][0][1]))
        if kind == "call" and not t[4]:
            positive = t[1] == "exp" or "positive" in self.functions.get(t[1], {}).get("properties", ())
            return POSITIVE if positive else ANY
        return self.sign(t[2]) | self.sign(t[3]) if kind == "if" else ANY

    def condition(self, h: str, fact: str) -> None:
        """What is asked of a head for a term to be defined."""
        if self.facts.get(h) in ("pos", fact):
            return
        self.facts[h] = fact
        self.conditions[h, fact] = self.side

    def instance(self, data: Any, scope: frozenset[str], table: Mapping[str, str]) -> Poly:
        """Also an instance of a hypothesis for all values of its variables."""
        if data[0] != "schematic":
            return super().instance(data, scope, table)
        _, name, given, ix = data
        variables, indices, *_ = self.schematic[name]
        need(set(given) == set(variables), f"the variables of {name}")
        values = {}
        for n, (own, body) in given.items():
            need([extent(b) for b in own] == variables[n][0] and not set(own) & scope, f"the variable {n} of {name}")
            need(len(set(own)) == len(own) and all(b[0] == "@" for b in own), f"the variable {n} of {name}")
            p = self.read_poly(body, scope | set(own))
            need(self.set_of(p) == variables[n][1], f"the variable {n} of {name}")
            values[n] = tuple(own), self.put(p, table)
        need(
            all(i in scope for i in ix) and list(map(extent, ix)) == list(map(extent, indices)), f"the places of {name}"
        )
        return self.assumed(name, values, [table.get(i, i) for i in ix])

    def assumed(self, name: str, values: Mapping[str, tuple[tuple[str, ...], Poly]], ix: Sequence[str]) -> Poly:
        """left - right of a hypothesis at values of its variables."""
        _, indices, left, right = self.schematic[name]
        before, self._values = (self._values, dict(self.conditions)), values
        try:
            env = dict(zip(indices, ix, strict=True))
            found = [*self.term(left, env), *scaled(self.term(right, env), -1)]
        finally:
            self._values = before[0]
        need(self.conditions == before[1], f"{name} is not defined everywhere")
        return found

    # ---- terms

    def clean(self, p: Poly) -> Poly:
        return Total(self, p).monomials()

    def term(self, t: Any, env: Env) -> Poly:
        """A term as a polynomial; ``env``: what its indices are called."""
        kind = t[0]
        if kind == "num":
            q = rational(t[1])
            return [(q, (), ())] if q else []
        if kind == "size":
            return [(Fraction(c), (), tuple((f"|{s}|", (), ONE) for s in row)) for c, row in self._size(t[1])]
        if kind == "read":
            ix = tuple(self._index(i, env) for i in t[2])
            if t[1] in self._values:
                own, given = self._values[t[1]]
                need(tuple(map(extent, ix)) == tuple(map(extent, own)), f"wrong extents: {t[1]}")
                return self.put(given, dict(zip(own, ix, strict=True)))
            self.applied(t[1], ix)
            need(self.heads[t[1]].kind in ("input", "def") and t[1][0] not in RESERVED, f"{t[1]} is no tensor")
            return [(ONE, (), ((t[1], ix, ONE),))]
        if kind == "add":
            return [m for p in t[1:] for m in self.term(p, env)]
        if kind == "mul":
            value: Poly = [(ONE, (), ())]
            for p in t[1:]:
                value = times(value, self.term(p, env))
            return value
        if kind == "sum":
            need(len(set(t[1])) == len(t[1]), "an index of a sum is bound twice")
            new = {i: self.fresh(extent(i)) for i in t[1]}
            for i in t[1]:
                self.proper(extent(i))
            own = tuple(new.values())
            return [(c, own + b, f) for c, b, f in self.term(t[2], {**env, **new})]
        if kind == "pow":
            return self._raise(t, env)
        if kind == "call":
            return self._call(t, env)
        if kind == "if":
            return self._choice(t, env)
        raise Reject(f"unknown term {kind}")

    def _size(self, text: str) -> list[tuple[int, tuple[str, ...]]]:
        self.at_least(text, 0)
        return size_terms(text)

    def _index(self, i: Any, env: Env) -> str:
        need(isinstance(i, str) and i in env, f"an index out of scope: {i}")
        return env[i]

    def _raise(self, t: Any, env: Env) -> Poly:
        e = rational(t[2])
        need(abs(e) <= 64 and e.denominator <= 64, "a power above 64, or a root above the 64th")
        base = self.term(t[1], env)
        if natural(e):
            value: Poly = [(ONE, (), ())]
            for k in range(int(e)):
                value = times(value, base if not k else self.term(t[1], env))
            return value
        return self.raised(self.clean(base), e, self.sign(t[1]), t[1], env)

    def raised(self, base: Poly, e: Fraction, sign: Signs, t: Any, env: Env) -> Poly:
        """A power that is not natural: of an atom as it is, else of a head that names the base."""
        single = (
            len(base) == 1 and base[0][0] == 1 and not base[0][1] and len(base[0][2]) == 1 and base[0][2][0][2] == 1
        )
        if single and not base[0][2][0][0].startswith("iv:") and base[0][2][0][0] in self.heads:
            h, ix, _ = base[0][2][0]
        else:
            h, ix = self.named("def", [base], lambda rows: rows[0])
        whole = e.denominator == 1
        need(len(set(ix)) == len(ix) or sign == POSITIVE, "a denominator on a diagonal")
        if sign <= (NONZERO if whole else POSITIVE) and len(set(ix)) == len(ix) and self.heads[h].kind != "input":
            self.facts[h] = "pos" if sign <= POSITIVE or self.facts.get(h) == "pos" else "nonzero"
        if whole:
            self.condition(h, "nonzero")
        else:
            need(e < 0 or self.facts.get(h) == "pos", "the root of what is not known to be positive")
            self.condition(h, "pos")
        return [(ONE, (), ((h, ix, e),))]

    def named(
        self, kind: str, polys: Sequence[Poly], make: Callable[[list[Poly]], Any], lead: Sequence[str] = (),
        keep: Mapping[str, str] | None = None,
    ) -> tuple[str, tuple[str, ...]]:  # fmt: skip
        """The head of bodies, closed over their free indices in order of occurrence; the same text is the same head."""
        keep = keep or {}
        order: list[str] = []
        for p in polys:
            for _, bound, factors in p:
                for _, ix, _ in factors:
                    order += [i for i in dict.fromkeys(ix) if i not in bound and i not in order and i not in keep]
        table = {**dict(zip(order, slots(map(extent, order)), strict=True)), **keep}
        closed: list[Poly] = []
        for p in polys:
            rows = []
            for c, bound, factors in p:
                names = {**table, **{b: f"b{k}:{extent(b)}" for k, b in enumerate(bound)}}
                rows.append(
                    (
                        c,
                        tuple(names[b] for b in bound),
                        tuple((h, tuple(names[i] for i in ix), e) for h, ix, e in factors),
                    )
                )
            closed.append(rows)
        body, extents = make(closed), (*map(extent, lead), *map(extent, order))
        key = (kind, repr(body), extents)
        if key not in self._memo:
            name = self._memo[key] = f"={len(self._memo)}"
            self.heads[name] = Head(kind, extents, body)
            if kind == "exp":
                self.facts[name] = "pos"
        return self._memo[key], (*lead, *order)

    def _call(self, t: Any, env: Env) -> Poly:
        _, f, arguments, outputs, partials = t
        if f in DEFINED or f == "exp":
            need(len(arguments) == 1 and not arguments[0][0] and not outputs and not partials, f"a call of {f}")
        if f in DEFINED:
            return self.term(DEFINED[f](arguments[0][1]), env)
        if f != "exp":
            need(f in self.functions, f"unknown function {f}")
            shape = self.functions[f]
            given = [[extent(i) for i in bound] for bound, _ in arguments]
            need(given == [list(a) for a, _ in shape["arguments"]], f"arguments of {f}")
            need([extent(i) for i in outputs] == list(shape["value"][0]), f"outputs of {f}")
            need(not partials or "smooth" in shape["properties"], f"{f} is not declared smooth")
        bound: list[tuple[str, ...]] = []
        bodies: list[Poly] = []
        for own, body in arguments:
            need(len(set(own)) == len(own), "an index of an argument is bound twice")
            new = {i: self.fresh(extent(i)) for i in own}
            bound.append(tuple(new.values()))
            bodies.append(self.clean(self.term(body, {**env, **new})))
        entries = []
        for a, ix in partials:
            need(type(a) is int and 0 <= a < len(arguments), f"a partial of {f}")
            entries.append((a, tuple(self._index(i, env) for i in ix)))
            need(tuple(map(extent, entries[-1][1])) == tuple(map(extent, bound[a])), f"a partial of {f}")
        return self.apply(f, bound, bodies, tuple(self._index(i, env) for i in outputs), entries)

    def apply(
        self, f: str, bound: Sequence[tuple[str, ...]], bodies: Sequence[Poly], outputs: tuple[str, ...],
        partials: Sequence[tuple[int, tuple[str, ...]]],
    ) -> Poly:  # fmt: skip
        """The atom of a call whose arguments are polynomials over binders."""
        if f == "exp":
            h, ix = self.named("exp", bodies, lambda rows: rows[0])
            return [(ONE, (), ((h, ix, ONE),))]
        by = sorted(partials, key=lambda d: d[0])
        lead = (*outputs, *(i for _, ix in by for i in ix))
        keep = {b: f"@{a}.{k}:{extent(b)}" for a, own in enumerate(bound) for k, b in enumerate(own)}

        def make(rows: list[Poly]) -> Any:
            binders = [tuple(keep[b] for b in own) for own in bound]
            return f, len(outputs), tuple(a for a, _ in by), tuple(zip(binders, rows, strict=True))

        h, ix = self.named("fun", bodies, make, lead, keep)
        if not partials and "positive" in self.functions[f]["properties"]:
            self.facts[h] = "pos"
        return [(ONE, (), ((h, ix, ONE),))]

    def _choice(self, t: Any, env: Env) -> Poly:
        """[g] then + (1 - [g]) else; what stands under a guard must be defined everywhere."""
        before = dict(self.conditions)
        then, other = self.term(t[2], env), self.term(t[3], env)
        need(before == self.conditions, "a condition under a guard")
        holds = self.guard(t[1], env)
        fails = [(ONE, (), ()), *scaled(self.guard(t[1], env), -1)]
        return [*times(holds, then), *times(fails, other)]

    def guard(self, g: Any, env: Env) -> Poly:
        """A condition on indices as a polynomial that is 1 where it holds and 0 elsewhere."""
        kind = g[0]
        if kind in ("==", ">="):
            ix = tuple(self._index(i, env) for i, _ in g[1])
            need(all(type(c) is int for _, c in g[1]), "a coefficient of an index")
            self.at_least(g[2], 0)
            return [(ONE, (), ((f"iv:{kind}:{','.join(str(c) for _, c in g[1])}:{g[2]}", ix, ONE),))]
        if kind == "same":
            pair = tuple(self._index(i, env) for i in g[1:])
            need(len(pair) == 2 and extent(pair[0]) == extent(pair[1]), "indices of different extents")
            return [(ONE, (), ((DELTA, pair, ONE),))]
        if kind == "not":
            return [(ONE, (), ()), *scaled(self.guard(g[1], env), -1)]
        need(kind in ("and", "or"), f"unknown guard {kind}")
        value: Poly = [(ONE, (), ())]
        for p in g[1:]:
            part = self.guard(p, env)
            value = times(value, part if kind == "and" else [(ONE, (), ()), *scaled(part, -1)])
        return value if kind == "and" else [(ONE, (), ()), *scaled(value, -1)]

    # ---- derivatives: forward below a let, reverse over lets

    def partial(self, p: Poly, x: str, at: tuple[str, ...]) -> Poly:
        """The derivative of a polynomial by an entry of a tensor, other tensors and lets being constant."""
        out: Poly = []
        for c, bound, factors in p:
            for k, (h, ix, e) in enumerate(factors):
                if h.startswith(("iv:", "|")):
                    continue
                slope = self._atom(h, ix, x, at)
                if slope:
                    rest: tuple[Factor, ...] = factors[:k] + factors[k + 1 :]
                    if e != 1:
                        self._lowered(h, ix, e)
                        rest = (*rest, (h, ix, e - 1))
                    out += [(c * e * d, bound + more, rest + fs) for d, more, fs in slope]
        return out

    def _lowered(self, h: str, ix: tuple[str, ...], e: Fraction) -> None:
        if not natural(e - 1):
            self.condition(h, "nonzero" if e.denominator == 1 else "pos")

    def _atom(self, h: str, ix: tuple[str, ...], x: str, at: tuple[str, ...]) -> Poly:
        if h == x:
            return [(ONE, (), tuple((DELTA, pair, ONE) for pair in zip(ix, at, strict=True)))]
        if h[0] not in RESERVED:
            return []
        head = self.heads[h]
        own, place = slots(head.extents, "q"), slots(self.heads[x].extents, "p")
        if (h, x) not in self._derivatives:
            self._derivatives[h, x] = self.clean(self._compound(h, own, x, place))
        return self.put(
            self._derivatives[h, x], {**dict(zip(own, ix, strict=True)), **dict(zip(place, at, strict=True))}
        )

    def _compound(self, h: str, own: tuple[str, ...], x: str, place: tuple[str, ...]) -> Poly:
        """The derivative of a compound head at its slots: the chain rule."""
        head = self.heads[h]
        if head.kind == "def":
            return self.partial(self.body(h, own), x, place)
        if head.kind == "exp":
            return times([(ONE, (), ((h, own, ONE),))], self.partial(self.body(h, own), x, place))
        f, outputs, partials, arguments = self.split(h, own)
        out: Poly = []
        for a, (bound, body) in enumerate(arguments):
            slope = self.partial(body, x, place)
            if not self.clean(slope):
                continue
            need("smooth" in self.functions[f]["properties"], f"{f} is not declared smooth")
            new = tuple(self.fresh(extent(b)) for b in bound)
            outer = self.apply(f, [b for b, _ in arguments], [p for _, p in arguments], outputs, [*partials, (a, new)])
            inner = self.put(slope, dict(zip(bound, new, strict=True)))
            out += [(c, new + b, fs) for c, b, fs in times(outer, inner)]
        return out

    def reverse(self, lets: Sequence[str], seeds: Mapping[str, str], wrt: Sequence[str], prefix: str) -> dict[str, str]:
        """The gradients of the sum of <seed, output>; a seed "" is 1.  One let for each let that the sum depends on."""
        received: dict[str, Poly] = {}

        def give(name: str, p: Poly) -> None:
            received.setdefault(name, []).extend(p)

        for y, seed in seeds.items():
            ix = slots(self.heads[y].extents, "p")
            give(y, [(ONE, (), ((seed, ix, ONE),) if seed else ())])
        found: dict[str, str] = {}
        for name in [*reversed(lets), *wrt]:
            extents = self.heads[name].extents
            p = self.put(
                self.clean(received.get(name, [])), dict(zip(slots(extents, "p"), slots(extents), strict=True))
            )
            adjoint = f"{prefix}{name}"
            self._named(adjoint)
            self.define(adjoint, extents, p)
            found[name] = adjoint
            if name in wrt:
                continue
            own = tuple(self.fresh(d) for d in extents)
            body = self.body(name, own)
            for x in dict.fromkeys(self.reads(body)):
                place = slots(self.heads[x].extents, "p")
                slope = self.partial(body, x, place)
                give(x, [(c, own + b, ((adjoint, own, ONE), *fs)) for c, b, fs in slope])
        return found

    def reads(self, p: Poly) -> list[str]:
        """The tensors and lets that a polynomial reads, also inside its compound heads."""
        found: list[str] = []
        seen: set[str] = set()
        stack = [h for _, _, fs in p for h, _, _ in fs]
        while stack:
            h = stack.pop()
            if h in seen or h.startswith(("iv:", "|")):
                continue
            seen.add(h)
            head = self.heads[h]
            if h[0] not in RESERVED:
                found.append(h)
            else:
                rows = [body for _, body in head.body[3]] if head.kind == "fun" else [head.body]
                stack += [g for body in rows for _, _, fs in body for g, _, _ in fs]
        return sorted(found)
