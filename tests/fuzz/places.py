"""Random terms over packed and split axes: the two judges agree about digits, parts, quotients and brackets.

Every read stands under the guard that keeps it on its axis; two terms that are one up to arithmetic of positions are to
be proved, and what is proved is to be true.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from random import Random

from verifier.evaluate.machine import Machine
from verifier.evaluate.model import Model
from verifier.kernel import Kernel, Outcome
from verifier.terms.index import (
    And,
    Compare,
    Guard,
    Index,
    Not,
    Var,
    affine,
    combine,
    quotient,
    remainder,
)
from verifier.terms.mathematics import text
from verifier.terms.sizes import Bounds, Size
from verifier.terms.sorts import Range
from verifier.terms.syntax import ONE, ZERO, Equation, Read, Symbol, Term, Total, add, mul, num
from verifier.terms.syntax import If as Choice
from verifier.terms.traverse import map_reads, rename_indices, subterms

H, D, N = Size.symbol("H"), Size.symbol("D"), Size.symbol("N")
LEAST = {"H": 1, "D": 1, "N": 1}
TWO, THREE = Size.number(2), Size.number(3)
EXTENTS = (H * D, H * D, D * 2, H + D, H, D, TWO, THREE, N, N + D - 1, H * D * 3)
DIVISORS = (D, H, TWO, THREE, H * D, D * 2, N)
SIZES = ({"H": 2, "D": 2, "N": 3}, {"H": 1, "D": 3, "N": 2}, {"H": 3, "D": 1, "N": 1})
MANY = 5
FUEL = 200
FREE = (Var("c", Range(H * D)), Var("d", Range(D)))


def number(x: Size | int) -> Index:
    return affine({}, x if isinstance(x, Size) else Size.number(x))


def within(i: Index, extent: Size) -> Guard:
    """A position lies on an axis."""
    return And((Compare(">=", i), Compare(">=", combine(number(extent - 1), i, -1))))


class Places:
    """Draws terms; the same seed draws the same terms."""

    def __init__(self, random: Random) -> None:
        self.random = random
        self.tensors = [Symbol(f"X{k}", (Range(e),)) for k, e in enumerate(dict.fromkeys(EXTENTS))]
        self.counter = 0

    def position(self, env: list[Var], depth: int) -> Index:
        """A position made of indices, multiples, quotients and remainders."""
        r = self.random
        result = number(r.choice((0, 0, 0, 0, 1, -1, D, H, -D)))
        for _ in range(r.choice((1, 1, 2))):
            atom: Index = r.choice(env)
            if depth and r.random() < 0.4:
                by = r.choice(DIVISORS)
                atom = r.choice((quotient, remainder))(self.position(env, depth - 1), by)
            result = combine(result, atom, r.choice((1, 1, 1, 1, 1, -1, 2, D, H)))
        return result

    def guard(self, env: list[Var]) -> Guard:
        form = combine(self.position(env, 1), self.position(env, 0), -1)
        g: Guard = Compare(self.random.choice((">=", ">=", "==")), form)
        return Not(g) if self.random.random() < 0.3 else g

    def read(self, env: list[Var]) -> Term:
        s = self.random.choice(self.tensors)
        axis = s.axes[0]
        assert isinstance(axis, Range)
        i = self.position(env, 1)
        return Choice(within(i, axis.size), Read(s, (i,)), ZERO)

    def term(self, env: list[Var], depth: int) -> Term:
        """A term over the indices in scope."""
        r = self.random
        if depth == 0:
            return self.read(env)
        kind = r.random()
        if kind < 0.4:
            self.counter += 1
            v = Var(f"i{self.counter}", Range(r.choice(EXTENTS)))
            return Total((v,), self.term([*env, v], depth - 1))
        if kind < 0.6:
            return mul(self.term(env, depth - 1), self.term(env, depth - 1))
        if kind < 0.75:
            return add(self.term(env, depth - 1), mul(num(r.choice((2, -1))), self.term(env, depth - 1)))
        return Choice(self.guard(env), self.term(env, depth - 1), r.choice((ZERO, ONE)))


def models(t: Term, seed: int) -> Iterator[Model]:
    """Small models of the tensors of a term."""
    r = Random(seed)
    symbols = {s.symbol for s in subterms(t) if isinstance(s, Read)}
    for sizes in SIZES:
        values = {}
        for s in sorted(symbols, key=lambda s: s.name):
            axis = s.axes[0]
            assert isinstance(axis, Range)
            values[s.name] = {(k,): num(r.choice((2, 3, 5, 7, -2, 11))).value for k in range(axis.size.value(sizes))}
        yield Model(sizes, values, {})


def differ(left: Term, right: Term, seed: int) -> str:
    """Where two terms differ."""
    for model in models(add(left, right), seed):
        machine = Machine(model, {})
        for place in product(*(range(v.sort.size.value(model.sizes)) for v in FREE)):  # type: ignore[union-attr]
            env = dict(zip(FREE, place, strict=True))
            a, b = machine.value(left, env), machine.value(right, env)
            if a != b:
                return f"{a} != {b} at {dict(model.sizes)} {place}"
    return ""


def outcome(left: Term, right: Term) -> Outcome:
    return Kernel({}, Bounds.of(LEAST), fuel=FUEL).equal(Equation(FREE, left, right))


def places_keep_the_value(seed: int) -> str:
    """What the kernel leaves of t - 0 is t; and if it proves t to be another term, the two are equal."""
    source = Places(Random(seed))
    t = source.term(list(FREE), source.random.choice((0, 1, 1, 2)))
    found = outcome(t, ZERO)
    left = ZERO if found.proved else found.residue
    if left is not None and sum(len(s.indices) for s in subterms(left) if isinstance(s, Total)) <= MANY:
        wrong = differ(t, left, seed)
        if wrong:
            return f"normal form: {wrong}: {text(t)}   became   {text(left)}"
    other = changed(t, source.random)
    if other != t and outcome(t, other).proved:
        wrong = differ(t, other, seed)
        if wrong:
            return f"proved: {wrong}: {text(t)}   ==   {text(other)}"
    return ""


def changed(t: Term, r: Random) -> Term:
    """A term with one of its positions moved, or one of its tensors read elsewhere."""
    step = r.choice((number(1), number(-1), number(D)))

    def reader(s: Symbol, index: tuple[Index, ...]) -> Term:
        axis = s.axes[0]
        assert isinstance(axis, Range)
        i = combine(index[0], step) if r.random() < 0.5 else combine(number(axis.size - 1), index[0], -1)
        return Choice(within(i, axis.size), Read(s, (i,)), ZERO)

    return map_reads(t, reader)


def splits_are_proved(seed: int) -> str:
    """sum over c of f(c) is the sum over h, d of f(h*D + d), and f(c) is f((c // D)*D + c % D), f made of digits."""
    random = Random(seed)
    v, h, d = Var("s", Range(H * D)), Var("sh", Range(H)), Var("sd", Range(D))
    c = FREE[0]
    body = mul(*(digit(v, random) for _ in range(random.choice((1, 2, 3)))))
    packed, again = combine(d, h, D), combine(remainder(c, D), quotient(c, D), D)
    for left, right in (
        (Total((v,), body), Total((h, d), rename_indices(body, {v: packed}))),
        (rename_indices(body, {v: c}), rename_indices(body, {v: again})),
    ):
        wrong = differ(left, right, seed)
        if wrong:
            return f"rewritten: {wrong}: {text(left)}   ==   {text(right)}"
        if not outcome(left, right).proved:
            return f"not recognised: {text(left)}   ==   {text(right)}"
    return ""


def digit(c: Var, r: Random) -> Term:
    """A term in an index of H*D that looks at its digits, or at itself."""
    high, low = quotient(c, D), remainder(c, D)
    packed, heads, inner = (Symbol(n, (Range(e),)) for n, e in (("X", H * D), ("Y", H), ("Z", D)))
    thirds = Symbol("Q", (Range(H * D * 3),))
    guards = (
        Compare("==", combine(low, number(1), -1)),
        Compare(">=", combine(high, FREE[1], -1)),
        Compare(">=", combine(c, FREE[0], -1)),
    )
    return r.choice(
        (
            Read(packed, (c,)),
            Read(packed, (combine(number(H * D - 1), c, -1),)),
            Read(heads, (high,)),
            Read(inner, (low,)),
            Read(thirds, (combine(c, number(H * D), r.choice((0, 1, 2))),)),
            Choice(r.choice(guards), Read(packed, (c,)), ZERO),
        )
    )


__all__ = ["places_keep_the_value", "splits_are_proved"]
