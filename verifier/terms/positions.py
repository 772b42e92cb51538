"""Sizes, indices and guards in a notation.

An index of a product sort is printed as the packed position ``h*D + d`` that a spec writes for it, its components as
``//`` and ``%``; an index of a sum as a shifted position.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import chain, count
from types import MappingProxyType

from .index import (
    Affine,
    And,
    Coefficient,
    Compare,
    Guard,
    Holds,
    Index,
    Lookup,
    Not,
    Or,
    Pair,
    Part,
    Quotient,
    Remainder,
    Same,
    Var,
    sort_of,
    variables,
)
from .notation import ATOM, CHOICE, PRODUCT, SUM, Form, Text
from .sizes import Size
from .sorts import Product, Sort, extent
from .syntax import Call, Case, Extreme, If, IndexOf, Prod, Read, Term, Total, Where
from .traverse import guard_variables, subterms

_NONE = Size.number(0)
_LETTERS = "ijklmnopqrstuvw"


class Positions:
    """Prints what stands in square brackets, and the conditions on it."""

    def __init__(self, notation: Text, declared: Mapping[str, Sort | None] = MappingProxyType({})) -> None:
        self.n = notation
        self.declared = declared
        self.used: set[str] = set()
        self._alias: dict[Var, Form] = {}

    @contextmanager
    def called(self, v: Var, form: Form) -> Iterator[None]:
        """Within, an index variable is printed as another form."""
        before = dict(self._alias)
        self._alias[v] = form
        try:
            yield
        finally:
            self._alias = before

    @contextmanager
    def bound(self, variables: Sequence[Var], scope: Iterable[Term]) -> Iterator[list[str]]:
        """Within, names for bound variables; gives these names.

        A name that was made up elsewhere (it holds a dot: ``i.d3``), or that an enclosing variable has, becomes a
        letter that nothing in scope has: what is printed can be read back, where no name is bound twice.  A declared
        index has one range, so a variable of another range gets another name (a declared one of its range, if any),
        and one that is named like a tensor or size, too.
        """
        seen = [v for t in scope for v in _variables(t)]
        taken = {v.name for v in seen} | {self._alias[v][0] for v in seen if v in self._alias}
        before = dict(self._alias)
        outer = {name for name, _ in before.values()}
        taken |= outer
        names = []
        for v in variables:
            stem = v.name.split(".")[0]
            fitting = [n for n, sort in self.declared.items() if sort == v.sort]
            ways = chain((stem, *fitting, *_LETTERS), (f"{stem}{k}" for k in count(1)))
            free = (n for n in ways if n not in taken | self.used and self._fits(n, v))
            name = v.name if "." not in v.name and v.name not in outer and self._fits(v.name, v) else next(free)
            taken.add(name)
            self._alias[v] = self.n.name(name), ATOM
            names.append(self._alias[v][0])
        try:
            yield names
        finally:
            self._alias = before

    def _fits(self, name: str, v: Var) -> bool:
        """Whether a name may stand for a variable: it is not declared, or for its range."""
        return self.declared.get(name, v.sort) == v.sort

    def size(self, s: Size) -> Form:
        return self._linear([(c, [self.n.name(x) for x in m]) for m, c in sorted(s.terms, key=lambda t: not t[0])])

    def _linear(self, parts: list[tuple[int, list[str]]]) -> Form:
        """A sum of integer multiples of products."""
        out, level = "", ATOM
        for c, names in parts:
            factors = [*([str(abs(c))] if abs(c) != 1 or not names else []), *names]
            level = SUM if out or c < 0 else PRODUCT if len(factors) > 1 else ATOM
            sign = (" - " if c < 0 else " + ") if out else "-" if c < 0 else ""
            out += sign + self.n.product(factors)
        return out or "0", level

    def index(self, i: Index) -> str:
        return self.position(i)[0]

    def position(self, i: Index) -> Form:
        if isinstance(i, Var):
            return self._alias.get(i, (self.n.name(i.name), ATOM))
        if isinstance(i, Affine):
            named = [row for v, c in i.terms for row in self._scaled(v, c)]
            sizes = [(c, [self.n.name(x) for x in m]) for m, c in sorted(i.offset.terms, key=lambda t: not t[0])]
            # What is added comes first: n - 1 - i, not -i + n - 1.
            return self._linear(sorted([*named, *sizes], key=lambda p: p[0] < 0))
        if isinstance(i, Pair):
            return self._packed(i)
        if isinstance(i, Part):
            return self._component(i)
        if isinstance(i, Quotient | Remainder):
            return self._divided(i)
        if isinstance(i, Lookup):
            return self.n.entry(self.n.name(i.symbol.label), [self.index(x) for x in i.index]), ATOM
        before = _NONE
        for part in i.sort.parts[: i.position]:
            before = before + extent(part)
        return self.position(i.index) if before == _NONE else (f"{self.size(before)[0]} + {self.index(i.index)}", SUM)

    def _scaled(self, v: Index, c: Coefficient) -> list[tuple[int, list[str]]]:
        """A multiple of an atom as a sum of integer multiples of products."""
        rows = [((), c)] if isinstance(c, int) else list(c.terms)
        name = self._factor(v, alone=len(rows) == 1 and not rows[0][0] and rows[0][1] == 1)
        return [(k, [name, *(self.n.name(x) for x in m)]) for m, k in rows]

    def _factor(self, v: Index, *, alone: bool) -> str:
        return self._tight(self.position(v), not alone)

    def _divided(self, i: Quotient | Remainder) -> Form:
        form, by = self.position(i.index), self._tight(self.size(i.divisor))
        left = self._tight(form)
        return (self.n.quotient if isinstance(i, Quotient) else self.n.remainder)(left, by), PRODUCT

    def _tight(self, form: Form, needed: bool = True) -> str:
        return self.n.bracket(form[0]) if needed and form[1] < ATOM else form[0]

    def _packed(self, i: Pair) -> Form:
        form = self.position(i.parts[0])
        for p in i.parts[1:]:
            sort = sort_of(p)
            if sort is None:  # a computed position fits any range: there is no extent to multiply by
                return self.n.bracket(", ".join(self.index(q) for q in i.parts)), ATOM
            scaled = self.n.product([self._tight(form), self._tight(self.size(extent(sort)))])
            form = f"{scaled} + {self.index(p)}", SUM
        return form

    def _component(self, i: Part) -> Form:
        whole, form = sort_of(i.index), self.position(i.index)
        if not isinstance(whole, Product):
            return self.n.entry(self._tight(form), [str(i.position)]), ATOM
        after = Size.number(1)
        for part in whole.parts[i.position + 1 :]:
            after = after * extent(part)
        if after != Size.number(1):
            form = self.n.quotient(self._tight(form), self._tight(self.size(after))), PRODUCT
        if i.position:
            own = self._tight(self.size(extent(whole.parts[i.position])))
            left = form[0] if form[1] >= PRODUCT else self.n.bracket(form[0])
            form = self.n.remainder(left, own), PRODUCT
        return form

    def guard(self, g: Guard, place: int = CHOICE) -> str:
        """A condition on indices; in brackets if its place asks for one that holds together."""
        if isinstance(g, Compare | Same):
            return self._relation(g, negated=False)
        if isinstance(g, Holds):
            return self.comparison(g, negated=False)
        if isinstance(g, Not):
            if isinstance(g.part, Compare | Same):
                return self._relation(g.part, negated=True)
            if isinstance(g.part, Holds):
                return self.comparison(g.part, negated=True)
            return self.n.negation + self.guard(g.part, ATOM)
        parts = [self.guard(p, ATOM) for p in g.parts]
        form = (self.n.conjunction if isinstance(g, And) else self.n.disjunction).join(parts)
        if not parts:
            assert isinstance(g, And | Or)
            return f"0 {self.n.equals if isinstance(g, And) else self.n.differs} 0"
        return self.n.bracket(form) if place == ATOM and len(parts) > 1 else form

    def comparison(self, g: Holds, *, negated: bool) -> str:
        """A condition on data; what prints terms knows how."""
        raise NotImplementedError

    def _relation(self, g: Compare | Same, *, negated: bool) -> str:
        if isinstance(g, Same):
            left, right = self.index(g.left), self.index(g.right)
        elif isinstance(g.form, Affine) and all(
            isinstance(c, int) for _, c in g.form.terms
        ):  # with what is subtracted on the other side
            left, right = (self.index(_half(g.form, sign)) for sign in (1, -1))
        else:
            left, right = self.index(g.form), "0"
        if isinstance(g, Same) or g.relation == "==":
            return f"{left} {self.n.differs if negated else self.n.equals} {right}"
        return f"{left} {self.n.below if negated else self.n.at_least} {right}"


def _variables(t: Term) -> Iterator[Var]:
    """Every index variable that occurs in a term, bound or free, in order."""
    for s in subterms(t):
        if isinstance(s, Read):
            indices: tuple[Index, ...] = s.index
        elif isinstance(s, Call):
            binders = (v for a in s.arguments for v in a.indices)
            indices = (*s.outputs, *(i for _, ix in s.partials for i in ix), *binders)
        elif isinstance(s, Total | Prod):
            indices = s.indices
        elif isinstance(s, Extreme | Where):
            indices = (*s.indices, *_ordered(guard_variables(s.guard)))
        elif isinstance(s, IndexOf):
            indices = (s.index,)
        elif isinstance(s, Case):
            indices = (s.index, *(v for v, _ in s.branches))
        else:
            indices = tuple(_ordered(guard_variables(s.guard))) if isinstance(s, If) else ()
        for i in indices:
            yield from _ordered(variables(i))


def _ordered(found: Iterable[Var]) -> list[Var]:
    return sorted(found, key=lambda v: (v.name, str(v.sort)))


def _half(form: Affine, sign: int) -> Index:
    """The part of a form with positive (1) or negative (-1) coefficients, as something positive."""
    terms = tuple((v, sign * c) for v, c in form.terms if isinstance(c, int) and sign * c > 0)
    return Affine(terms, Size.of({m: sign * c for m, c in form.offset.terms if sign * c > 0}))


__all__ = ["Positions"]
