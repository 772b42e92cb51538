"""LaTeX as it stands in a document: derivatives as fractions, deltas, names as a spec spells them."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from fractions import Fraction
from types import MappingProxyType

from ...learn.steps import Spelled
from ...terms.notation import Latex
from ...terms.syntax import Symbol
from .widths import width

SHORT = 5.0  # a denominator that is written as a factor of its own
NONE: Mapping[str, str] = MappingProxyType({})


class Paper(Latex):
    r"""``spelled``: what generated names stand for; ``spelling``: the LaTeX that a spec gives to a name.

    >>> h, W = Symbol("h"), Symbol("W")
    >>> n = Paper({Symbol("d.h"): Spelled("partial", None, h), Symbol("j"): Spelled("partial", h, W)})
    >>> n.read("d.h", ["i"])
    '\\frac{\\partial E}{\\partial h_{i}}'
    """

    deltas = True

    def __init__(
        self,
        spelled: Mapping[Symbol, Spelled] = MappingProxyType({}),
        spelling: Mapping[str, str] = NONE,
        taken: Collection[str] = (),
    ) -> None:
        self.spelled = {s.label: x for s, x in spelled.items()}
        self.spelling = dict(spelling)
        self.taken = set(taken)
        self.called: dict[str, str] = {}

    def read(self, name: str, index: Sequence[str]) -> str:
        x = self.spelled.get(name)
        if x is None:
            return self.entry(self.name(name), index)
        assert x.by is not None  # all kinds are by something
        if x.kind == "partial":
            k = len(x.over.axes) if x.over is not None else 0
            above = self.read(x.over.label, index[:k]) if x.over is not None else "E"
            return rf"\frac{{\partial {above}}}{{\partial {self.read(x.by.label, index[k:])}}}"
        if x.kind == "map":
            return self.entry(rf"{x.letter}^{{{self.name(x.by.label)}}}", index, group=False)
        assert x.over is not None  # the two kinds that are left are functions of two tensors
        first, second = self.read(x.over.label, index), self.read(x.by.label, index)
        head = "f" if x.kind == "inverse" else r"\partial_x e"
        return rf"{head}\left({first}, {second}\right)"

    def name(self, name: str) -> str:
        if name in self.spelling:
            return self.spelling[name]
        if "." in name or "~" in name:  # a generated name
            if name not in self.called:
                own = plain(name)
                while own in self.taken:
                    own += "'"
                self.taken.add(own)
                self.called[name] = own
            name = self.called[name]
            if name in self.spelling:
                return self.spelling[name]
        if cotangent := re.fullmatch(r"d([A-Za-z][0-9]*'*)", name):
            return rf"\mathrm{{d}}{self.name(cotangent[1])}"
        stem = name.rstrip("'")
        return super().name(stem) + "'" * (len(name) - len(stem))

    def entry(self, base: str, index: Sequence[str], group: bool = True) -> str:
        if not index:
            return base
        if group:
            return super().entry(base, index)
        inside = super().entry("", index)
        return base + inside

    def product(self, factors: Sequence[str]) -> str:
        return super().product([f + r"\," if f.startswith(r"\sqrt") else f for f in factors[:-1]] + [*factors[-1:]])

    def power(self, base: str, exponent: Fraction) -> str:
        return super().power(self.bracket(base) if base.startswith(r"\sqrt") else base, exponent)

    def fraction(self, above: str, below: str) -> str:
        """The number of entries of a mean, or what else is simple, stands before a sum or a fraction."""
        if above.startswith(r"\sum") and "\\" not in below:
            return rf"\frac{{1}}{{{below}}} {above}"
        if r"\frac" in above and width(below) < SHORT and r"\frac" not in below:
            return rf"\frac{{1}}{{{below}}} {above}"
        return super().fraction(above, below)

    def delta(self, one: str, other: str) -> str:
        return self.entry(r"\delta", sorted((one, other), key=len))

    def partial(self, function: str, partials: Sequence[tuple[int, Sequence[str]]]) -> str:
        """``\\partial_i c``: by the entry i of the only argument; of several arguments, their number from 1."""
        return "".join(rf"\partial_{{{', '.join(ix) if ix else k + 1}}} " for k, ix in partials) + function

    def call(
        self, name: str, partials: Sequence[tuple[int, Sequence[str]]], arguments: Sequence[str], outputs: Sequence[str]
    ) -> str:
        if len(arguments) > 1 and any(ix for _, ix in partials):
            head = "".join(rf"\partial_{{{', '.join((str(k + 1), *ix))}}} " for k, ix in partials) + name
        else:
            head = self.partial(name, partials)
        if name == r"\operatorname{abs}":
            return self.apply(head, arguments)
        # The entry of a function is written at its name: c_i(h).
        return self.apply(self.entry(head, outputs, group="_" in name), arguments)


def plain(name: str) -> str:
    """``h.0`` as ``h0``, ``x~2`` as ``x2``: a generated name without its marks."""
    stem, _, number = name.partition("~")
    parts = [p for p in stem.split(".") if p]
    return "".join(parts) + number


__all__ = ["Paper", "plain"]
