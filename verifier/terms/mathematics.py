"""Terms, lets and equations as readable mathematics: spec syntax, and LaTeX.

One walk decides structure and brackets; `notation` decides how each piece is written, `positions` prints indices.
The output depends on the term alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from types import MappingProxyType

from .index import Guard, Holds, Index, Same
from .notation import ATOM, BIG, CHOICE, POWER, PRODUCT, SUM, Form, Latex, Text
from .positions import Positions
from .sizes import Size
from .sorts import Sort, extent
from .syntax import (
    ONE,
    ZERO,
    Abstraction,
    Add,
    Call,
    Case,
    Constant,
    Equation,
    Extreme,
    If,
    IndexOf,
    Let,
    Mul,
    Num,
    Power,
    Prod,
    Read,
    SizeOf,
    Term,
    Total,
    Where,
    always,
)
from .traverse import free_indices, subterms


def text(subject: Term | Let | Equation, declared: Mapping[str, Sort | None] = MappingProxyType({})) -> str:
    """In spec syntax, with as few brackets as the language needs.

    ``declared``: the ranges of declared indices, and None for names of other things; what is printed can then be read.

    >>> from .syntax import Symbol, div, num, read, sub
    >>> x, y = read(Symbol("x")), read(Symbol("y"))
    >>> text(div(sub(x, y), sub(num(1), y)))
    '(x - y)/(1 - y)'
    """
    return _Printer(Text(), declared).show(subject)


def latex(subject: Term | Let | Equation) -> str:
    r"""In LaTeX, for math mode (amsmath).

    >>> from .syntax import Symbol, div, num, read, sub
    >>> x, eps = read(Symbol("x")), read(Symbol("eps"))
    >>> print(latex(div(sub(x, eps), num(2))))
    \frac{x - \varepsilon}{2}
    """
    return _Printer(Latex()).show(subject)


def written(subject: Term | Let | Equation, notation: Text) -> str:
    """In another notation."""
    return _Printer(notation).show(subject)


def written_form(t: Term, notation: Text) -> Form:
    """A term without free indices in another notation, and how tightly that binds."""
    return _Printer(notation).form(t)


def text_guard(g: Guard, declared: Mapping[str, Sort | None] = MappingProxyType({})) -> str:
    """A condition on indices in spec syntax; ``declared`` as for `text`."""
    return _Printer(Text(), declared).guard(g)


def text_index(i: Index) -> str:
    """An index or position in spec syntax."""
    return _Printer(Text()).index(i)


class _Printer(Positions):
    def show(self, subject: Term | Let | Equation) -> str:
        self.used = set(_used(subject))
        if isinstance(subject, Let):
            with self.bound(subject.indices, [subject.body]) as names:
                left = self.n.read(subject.symbol.label, names)
                return f"{left} = {self.at(subject.body, CHOICE)}"
        if isinstance(subject, Equation):
            with self.bound(subject.indices, [subject.left, subject.right]) as names:
                sides = f"{self.at(subject.left, SUM)} {self.n.equals} {self.at(subject.right, SUM)}"
                extents = [self.size(extent(v.sort))[0] for v in subject.indices]
                return sides + self.n.for_all(list(zip(names, extents, strict=True)))
        free = sorted(free_indices(subject), key=lambda v: (v.name, str(v.sort)))
        with self.bound(free, [subject]):
            return self.at(subject, CHOICE)

    def at(self, t: Term, place: int) -> str:
        """A term, in brackets if it binds less tightly than its place asks."""
        form, level = self.form(t)
        return self.n.bracket(form) if level < place else form

    def form(self, t: Term) -> Form:
        if isinstance(t, Num):
            return self._number(t.value)
        if isinstance(t, Constant):
            return self.n.name(t.name), ATOM
        if isinstance(t, SizeOf):
            return self.size(t.size)
        if isinstance(t, Read):
            return self.n.read(t.symbol.label, [self.index(i) for i in t.index]), ATOM
        if isinstance(t, Add):
            return self._sum(t.parts), SUM
        if isinstance(t, Mul):
            return self._product(t.parts)
        if isinstance(t, Power):
            return self._product((t,)) if t.exponent < 0 else self._power(t.base, t.exponent)
        if isinstance(t, Total | Prod | Extreme | Where):
            return self._reduction(t)
        if isinstance(t, IndexOf):
            return self.position(t.index)
        if isinstance(t, Call):
            return self._call(t), ATOM
        if isinstance(t, If) and self._is_delta(t):
            assert isinstance(t.guard, Same)  # that is what a delta is
            delta = self.n.delta(self.index(t.guard.left), self.index(t.guard.right)), ATOM
            return self._times([delta, *map(self.form, _factors((t.then,)))])
        if isinstance(t, If):
            branch = (self.guard(t.guard), self.at(t.then, SUM))
            return self.n.choice([branch], self.at(t.other, CHOICE)), self.n.choice_level
        return self._case(t)

    def comparison(self, g: Holds, *, negated: bool) -> str:
        """``a - b > 0`` as ``a > b``: what is subtracted stands on the other side."""
        rows = [_sign(p) for p in g.subject.parts] if isinstance(g.subject, Add) else [_sign(g.subject)]
        left, right = ([rest for negative, rest in rows if negative is side] for side in (False, True))
        relation = {"==": "=", ">=": "!<" if negated else ">=", ">": "!>" if negated else ">"}[g.relation]
        n = self.n
        signs = {
            "=": n.differs if negated else n.equals,
            ">=": n.at_least,
            ">": n.above,
            "!<": n.below,
            "!>": n.at_most,
        }
        turned = {">=": n.at_most, ">": n.below, "!<": n.above, "!>": n.at_least, "=": signs["="]}
        if not left or (isinstance(left[0], Num) and not isinstance(right[0] if right else left[0], Num)):
            left, right, signs = right, left, turned
        sides = [self._sum(s) if len(s) > 1 else self.at(s[0], SUM) if s else "0" for s in (left, right)]
        return f"{sides[0]} {signs[relation]} {sides[1]}"

    def _number(self, q: Fraction) -> Form:
        if q < 0:
            return "-" + self._number(-q)[0], SUM
        if q.denominator == 1:
            return str(q.numerator), ATOM
        return self.n.fraction(str(q.numerator), str(q.denominator)), PRODUCT

    def _sum(self, parts: Sequence[Term]) -> str:
        if _sign(parts[0])[0] and isinstance(parts[-1], Num) and parts[-1].value > 0:
            parts = (parts[-1], *parts[:-1])  # 1 - x, where terms keep numbers last
        out = ""
        for p in parts:
            negative, rest = _sign(p)
            out += (" - " if negative else " + ") if out else "-" if negative else ""
            out += self.at(rest, BIG)
        return out

    def _product(self, parts: Sequence[Term]) -> Form:
        """A product as one fraction: negative powers, and the denominator of a leading number, go below."""
        above: list[Form] = []
        below: list[Form] = []
        sign = ""
        for k, p in enumerate(_factors(parts)):
            if isinstance(p, Num) and k == 0 and len(parts) > 1:
                sign = "-" if p.value < 0 else ""
                above += [(str(abs(p.value.numerator)), ATOM)] if abs(p.value.numerator) != 1 else []
                below += [(str(p.value.denominator), ATOM)] if p.value.denominator != 1 else []
            elif isinstance(p, Power) and p.exponent < 0:
                below.append(self.form(p.base) if p.exponent == -1 else self._power(p.base, -p.exponent))
            else:
                above.append(self.form(p))
        form, level = self._fraction(above, below) if below else self._times(above)
        if sign:
            return "-" + (self.n.bracket(form) if level < BIG else form), SUM
        return form, level

    def _times(self, factors: list[Form]) -> Form:
        """A product; a sum sign needs no brackets in the last place, nor a product in the first."""
        if len(factors) < 2:
            return factors[0] if factors else ("1", ATOM)
        out = []
        for k, (form, level) in enumerate(factors):
            loosest = BIG if k == len(factors) - 1 else PRODUCT
            nested = level == PRODUCT and k > 0 and not self.n.stacked
            out.append(self.n.bracket(form) if level < loosest or nested else form)
        return self.n.product(out), min(PRODUCT, max(BIG, factors[-1][1]))

    def _fraction(self, above: list[Form], below: list[Form]) -> Form:
        top, bottom = self._times(above), self._times(below)
        if self.n.stacked:
            return self.n.fraction(top[0], bottom[0]), PRODUCT
        left = self.n.bracket(top[0]) if top[1] < PRODUCT else top[0]
        right = self.n.bracket(bottom[0]) if bottom[1] < POWER else bottom[0]
        return self.n.fraction(left, right), PRODUCT

    def _power(self, base: Term, exponent: Fraction) -> Form:
        if exponent == Fraction(1, 2):
            return self.n.root(self.at(base, CHOICE)), ATOM
        return self.n.power(self.at(base, ATOM), exponent), POWER

    def _reduction(self, t: Total | Prod | Extreme | Where) -> Form:
        """A reduction; a sum of what is 0 elsewhere, or a product of what is 1 elsewhere, has a filter."""
        body, guard = t.body, ""
        scope = [t.body] if isinstance(t, Total | Prod) else [If(t.guard, t.body, t.body)]
        alone = {i for u in subterms(body) if isinstance(u, Read) for i in u.index}
        with self.bound(t.indices, scope) as bare:
            names = [
                name if v in alone or name in self.declared else self.n.ranged(name, self.size(extent(v.sort))[0])
                for v, name in zip(t.indices, bare, strict=True)
            ]
            if isinstance(t, Extreme | Where):
                guard = "" if t.guard == always() else self.guard(t.guard)
            elif isinstance(body, If) and self._filters(t, body):
                guard, body = self.guard(body.guard), body.then
            name = "sum" if isinstance(t, Total) else "prod" if isinstance(t, Prod) else t.name
            form = self.n.reduction(
                f"arg{name}" if isinstance(t, Where) else name, names, guard, self.at(body, self.n.body_level)
            )
        if isinstance(t, Where) and len(t.indices) > 1:
            return self.n.entry(self.n.bracket(form), [str(t.position)]), ATOM
        return form, self.n.total_level

    def _call(self, t: Call) -> str:
        elementwise = len(t.arguments) == 1 and not t.arguments[0].indices and not t.function.axes
        name = self.n.function(t.function.name, known=t.function.known)
        partials = [(k, [self.index(i) for i in ix]) for k, ix in t.partials]
        if elementwise:
            name, partials = name + "'" * len(partials), []
        return self.n.call(name, partials, [self._argument(a) for a in t.arguments], [*map(self.index, t.outputs)])

    def _filters(self, t: Total | Prod, body: If) -> bool:
        """Whether what a condition leaves out does not count."""
        return body.other == (ZERO if isinstance(t, Total) else ONE) and not self._is_delta(body)

    def _is_delta(self, t: If) -> bool:
        return self.n.deltas and isinstance(t.guard, Same) and t.other == ZERO

    def _argument(self, a: Abstraction) -> str:
        """An argument: a tensor by its name where the abstraction only passes it on."""
        if isinstance(a.body, Read) and a.body.index == a.indices:
            return self.n.name(a.body.symbol.label)
        with self.bound(a.indices, [a.body]) as names:
            body = self.at(a.body, CHOICE)
            return self.n.family(names, body) if a.indices else body

    def _case(self, t: Case) -> Form:
        """A choice by position: ``a[u] if u < n else b[u - n]``."""
        where, level = self.position(t.index)
        before, branches = Size.number(0), []
        for v, body in t.branches:
            offset, offset_level = self.size(before)
            shift = self.n.bracket(offset) if offset_level <= SUM else offset
            name = (where, level) if before == Size.number(0) else (f"{where} - {shift}", SUM)
            before = before + extent(v.sort)
            with self.called(v, name):
                branches.append((f"{where} {self.n.below} {self.size(before)[0]}", self.at(body, SUM)))
        *chosen, (_, last) = branches
        return (self.n.choice(chosen, last), self.n.choice_level) if chosen else (last, SUM)


def _factors(parts: Sequence[Term]) -> Iterator[Term]:
    """The factors of a product and of the products in it."""
    for k, p in enumerate(parts):
        if isinstance(p, Mul) and (k == 0 or not isinstance(p.parts[0], Num)):
            yield from _factors(p.parts)
        else:
            yield p


def _used(subject: Term | Let | Equation) -> Iterator[str]:
    """Names of tensors and sizes: an index of such a name would hide what it names."""
    terms: tuple[Term, ...] = (subject.body,) if isinstance(subject, Let) else ()
    if isinstance(subject, Equation):
        terms = (subject.left, subject.right)
    elif not isinstance(subject, Let):
        terms = (subject,)
    for u in (u for t in terms for u in subterms(t)):
        if isinstance(u, Read):
            yield u.symbol.label
            yield from (n for a in u.symbol.axes for n in extent(a).symbols())
        elif isinstance(u, SizeOf):
            yield from u.size.symbols()


def _sign(t: Term) -> tuple[bool, Term]:
    """Whether a part of a sum is subtracted, and what is."""
    if isinstance(t, Num) and t.value < 0:
        return True, Num(-t.value)
    if isinstance(t, Mul) and isinstance(t.parts[0], Num) and t.parts[0].value < 0:
        q, rest = -t.parts[0].value, t.parts[1:]
        parts = rest if q == 1 and rest else (Num(q), *rest)
        return True, parts[0] if len(parts) == 1 else Mul(parts)
    return False, t


__all__ = ["latex", "text", "written", "written_form"]
