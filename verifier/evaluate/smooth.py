"""Interpretations of uninterpreted functions: exact polynomial maps with all partial derivatives.

A map is a sum of products of linear forms of all entries of all arguments, so that it mixes entries, is neither
separable nor symmetric, and is differentiated exactly.  Elements of opaque sets are carried by rationals.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import lru_cache
from hashlib import blake2b
from math import lcm
from typing import Any

from ..terms.sorts import Element, Real
from ..terms.syntax import Function
from .model import Place
from .numbers import Number, bounded, plus, times

Entries = Mapping[Place, Number]
Entry = tuple[int, Place]  # number of an argument, and an entry of it
Interpretation = Callable[[Place, tuple[Entries, ...], Sequence[Entry], Mapping[str, int]], Number]


@lru_cache(maxsize=1 << 16)
def coefficient(*key: object) -> Fraction:
    """A small nonzero rational that looks random and depends on the key alone."""
    digest = blake2b(repr(key).encode(), digest_size=4).digest()
    n = int.from_bytes(digest, "big")
    return Fraction((1 if n & 1 else -1) * (1 + (n >> 1) % 4), 1 + (n >> 8) % 3)


class NoPartial(Exception):
    """An interpretation that has no such derivative."""


@dataclass(frozen=True, slots=True)
class Only:
    """The linear form that picks one entry: of one argument, or of whichever has the entry."""

    output: Place
    argument: int | None = None

    def __call__(self, argument: int, entry: Place) -> Fraction:
        return Fraction(int(self.argument in (None, argument) and entry == self.output))


@dataclass(frozen=True, slots=True)
class Mixed:
    """A linear form of all entries, with coefficients that depend on its key; ``whole``: integers."""

    key: tuple[object, ...]
    whole: bool = False

    def __call__(self, argument: int, entry: Place) -> Fraction:
        c = coefficient(*self.key, argument, entry)
        return Fraction(c.numerator) if self.whole else c


Form = Only | Mixed


def linear(form: Form, arguments: tuple[Entries, ...]) -> Number:
    """The value of a linear form.  Rationals are added over one denominator, which is much faster than one by one."""
    above, below = 0, 1
    rest: Number = None
    for a, entries in enumerate(arguments):
        for e, x in entries.items():
            c = form(a, e)
            if not c:
                continue
            if type(x) is Fraction:
                p, q = c.numerator * x.numerator, c.denominator * x.denominator
                if q != below:
                    common = lcm(q, below)
                    above, p, below = above * (common // below), p * (common // q), common
                above += p
            else:
                term = times(c, x)
                rest = term if rest is None else plus(rest, term)
    exact = bounded(Fraction(above, below))
    return exact if rest is None else plus(exact, rest)


@dataclass(frozen=True)
class Polynomial:
    """``sum_t prod_k form(t, k)`` with form a linear form of all entries; ``shape`` gives each term's degree.

    ``kind``: generic; mixing: constants and one linear form; constantN; argumentN: a projection;
    identity, affine, square, odd: entry by entry on one argument of the result's shape;
    positive: 1 + form^2; convex, convex even: of one number, with a positive second derivative.
    """

    name: str
    kind: str = "generic"
    seed: int = 0
    _values: dict[Any, Any] = field(default_factory=dict, compare=False, repr=False)

    def _terms(self, output: Place) -> list[tuple[Fraction, tuple[Form, ...]]]:
        one = Fraction(1)
        if self.kind.startswith("constant"):
            return [(Fraction(int(self.kind[-1])), ())]
        if self.kind.startswith("argument"):
            return [(one, (Only(output, int(self.kind[8:])),))]
        same = Only(output)
        if self.kind == "identity":
            return [(one, (same,))]
        if self.kind == "affine":
            return [(one, ()), (Fraction(2), (same,))]
        if self.kind == "square":
            return [(one, (same, same))]
        if self.kind == "odd":
            return [(one, (same,)), (Fraction(1, 3), (same, same, same))]
        mixed = [Mixed((self.seed, self.name, output, k), self.kind == "mixing") for k in range(4)]
        if self.kind.startswith("convex"):  # of one number: the second derivative is positive
            square = (one, (mixed[0],) * 2)
            if self.kind == "convex even":
                return [(one, ()), square, (Fraction(1, 5), (mixed[0],) * 4)]
            return [(one, (mixed[1],)), square, (Fraction(1, 5), (mixed[0],) * 4)]
        if self.kind == "positive":
            return [(one, ()), (one, (mixed[0], mixed[0]))]
        constant = coefficient(self.seed, self.name, output)
        if self.kind == "mixing":  # integers: exact values stay short along deep programs
            return [(Fraction(constant.numerator), ()), (one, (mixed[0],))]
        cube = (Fraction(1, 7), (mixed[3],) * 3)
        return [(constant, ()), (one, (mixed[0],)), (one, (mixed[1], mixed[2])), cube]

    def __call__(
        self, outputs: Place, arguments: tuple[Entries, ...], partials: Sequence[Entry], sizes: Mapping[str, int]
    ) -> Number:
        if self._values.get("of") is not arguments:  # the values of the forms at the arguments that came last
            self._values.clear()
            self._values["of"] = arguments
        total: Number = Fraction(0)
        for factor, forms in self._terms(outputs):
            total = plus(total, times(factor, self._product(forms, arguments, list(partials))))
        return total

    def _product(self, forms: Sequence[Form], arguments: tuple[Entries, ...], by: list[Entry]) -> Number:
        """A product of linear forms, differentiated by entries."""
        if by:
            total: Number = Fraction(0)
            for k, form in enumerate(forms):
                c = form(*by[0])
                if c:
                    rest = (*forms[:k], *forms[k + 1 :])
                    total = plus(total, times(c, self._product(rest, arguments, by[1:])))
            return total
        result: Number = Fraction(1)
        for form in forms:
            if form not in self._values:
                self._values[form] = linear(form, arguments)
            result = times(result, self._values[form])
        return result

    def __str__(self) -> str:
        texts = {"identity": "x", "affine": "1 + 2*x", "square": "x^2", "odd": "x + x^3/3"}
        if self.kind.startswith("constant"):
            return self.kind[-1]
        if self.kind.startswith("argument"):
            return f"its argument {int(self.kind[8:]) + 1}"
        return texts.get(self.kind, f"a polynomial map ({self.kind}, seed {self.seed})")


@dataclass(frozen=True)
class Scattered:
    """A function into a finite set, with values that look random."""

    name: str
    seed: int
    count: int

    def __call__(
        self, outputs: Place, arguments: tuple[Entries, ...], partials: Sequence[Entry], sizes: Mapping[str, int]
    ) -> Number:
        key = tuple(sorted((e, str(x)) for e, x in entries.items()) for entries in arguments)
        digest = blake2b(repr((self.name, self.seed, outputs, key)).encode(), digest_size=4).digest()
        return Fraction(int.from_bytes(digest, "big") % self.count)

    def __str__(self) -> str:
        return f"a function with values that look random (seed {self.seed})"


def generic(f: Function, seed: int, tame: bool = False) -> Interpretation | None:
    """An interpretation with the properties that the function is declared to have, and without special ones else.

    None: no function has all of them, or none is known here.
    ``tame``: of degree one, for programs so deep that exact values of higher degree would have too many digits.
    """
    if isinstance(f.value, Element) and f.value.elements:
        return Scattered(f.name, seed, len(f.value.elements))
    own, one_to_one = f.properties, bool(f.properties & {"injective", "regular"})
    if one_to_one and (len(f.arguments) != 1 or f.arguments[0][0] != f.axes):
        return None
    bounded = isinstance(f.value, Real) and (f.value.low is not None or f.value.high is not None)
    if "convex" in own:
        if bounded or one_to_one or "odd" in own:
            return None
        return Polynomial(f.name, "convex even" if own & {"even", "positive"} else "convex", seed)
    if bounded or ({"positive", "even"} & own and (one_to_one or "odd" in own)):
        from .shaped import ranged

        low, high = (f.value.low, f.value.high) if isinstance(f.value, Real) else (None, None)
        return ranged(f.name, own, low, high, seed)
    if tame and not own & {"positive", "odd", "even"}:
        return Polynomial(f.name, "affine" if one_to_one else "mixing", seed)
    if "positive" in own:
        return Polynomial(f.name, "positive", seed)
    if one_to_one or "odd" in own:
        return Polynomial(f.name, ("odd", "affine")[seed % 2] if "odd" not in own else "odd", seed)
    if "even" in own:
        return Polynomial(f.name, "square", seed)
    return Polynomial(f.name, "generic", seed)


def simplest(f: Function) -> list[Interpretation]:
    """Interpretations to shrink a counterexample with, simplest first; each has the declared properties."""
    if "positive" in f.properties or (isinstance(f.value, Element) and f.value.elements):
        return []
    if isinstance(f.value, Real) and (f.value.low is not None or f.value.high is not None):
        return []
    if "even" in f.properties and f.properties & {"odd", "injective", "regular"}:
        return []
    if len(f.arguments) != 1 or f.arguments[0][0] != f.axes:
        if f.properties - {"smooth"}:
            return []
        fitting = [k for k, (axes, _) in enumerate(f.arguments) if axes == f.axes]
        return [Polynomial(f.name, k) for k in ["constant0", "constant1", *(f"argument{k}" for k in fitting)]]
    if "convex" in f.properties:
        return [Polynomial(f.name, "square")] if not f.properties & {"odd", "injective", "regular"} else []
    kinds = ["identity", "square", "affine"] if isinstance(f.value, Real) else ["identity", "constant0", "constant1"]
    if {"injective", "regular", "odd"} & f.properties:
        kinds = ["identity"]
    if "even" in f.properties:
        kinds = ["square"]
    return [Polynomial(f.name, k) for k in kinds]
