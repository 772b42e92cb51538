"""Terms as NumPy expressions: index notation becomes whole-array code.

Every expression knows the index variables of its axes, in the order in which they were bound; to combine two, axes of
length one are put where an index is missing.  A sum of products is an `einsum`, any other sum a `.sum(axis=…)`.
Guards are `np.where`; a position that is guarded is clipped into its axis, since NumPy evaluates both branches.
"""

from __future__ import annotations

import keyword
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from itertools import chain, count
from string import ascii_letters

from ..terms.definedness import substitute
from ..terms.index import (
    Affine,
    And,
    Compare,
    Guard,
    Holds,
    Index,
    Lookup,
    Not,
    Or,
    Quotient,
    Remainder,
    Same,
    Var,
)
from ..terms.known import KNOWN
from ..terms.matrices import is_matrix
from ..terms.sizes import Size
from ..terms.sorts import Element, Range, Sort, extent
from ..terms.syntax import (
    ONE,
    ZERO,
    Abstraction,
    Add,
    Call,
    Constant,
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
    Symbol,
    Term,
    Total,
    Where,
    always,
)
from ..terms.traverse import free_indices

CHOICE, SUM, PRODUCT, UNARY, POWER, ATOM = range(6)
_NUMPY = {
    n: f"np.{n}"
    for n in ("exp", "log", "sin", "cos", "tanh", "sinh", "cosh", "cbrt", "abs", "sign", "log1p", "expm1", "floor")
} | {"artanh": "np.arctanh", "pow": "np.power", "atan2": "np.arctan2"}
_NUMPY |= {f"a{n}": f"np.arc{n}" for n in ("sin", "cos", "tan", "sinh", "cosh")}
_NUMPY |= {n: f"np.vectorize(math.{n})" for n in ("erf", "lgamma")}  # the module imports math where it needs to


class NoNumpy(ValueError):
    """A term that has no NumPy spelling here; the message says which."""


@dataclass(frozen=True)
class Array:
    """An expression, how tightly it binds, and the index of each of its axes.

    ``stored``: where the expression is a tensor with its axes turned, the tensor and its own order of axes.
    """

    text: str
    level: int
    axes: tuple[Var, ...] = ()
    stored: tuple[str, tuple[Var, ...]] | None = None

    def at(self, level: int) -> str:
        return self.text if self.level >= level else f"({self.text})"


class Names:
    """Python identifiers for the names of a spec, all different."""

    def __init__(self, taken: Iterable[str] = ()) -> None:
        self._taken = {"np", *taken}
        self._known: dict[object, str] = {}

    def free(self, wish: str) -> bool:
        """Whether a name would be given as it stands."""
        return wish.isidentifier() and not keyword.iskeyword(wish) and wish not in self._taken

    def of(self, key: object, wish: str) -> str:
        """The identifier of a thing; a new one, close to the wish, the first time.

        >>> names = Names()
        >>> names.of(1, "b'"), names.of(2, "lambda"), names.of(3, "b'"), names.of(1, "b'")
        ('b_1', 'lambda_', 'b_1_2', 'b_1')
        """
        if key not in self._known:
            primes = len(wish) - len(wish.rstrip("'"))
            stem = wish.rstrip("'").replace("'", "_").replace(".", "_").replace("~", "_").replace("$", "")
            stem = stem + (f"_{primes}" if primes else "")
            stem = stem if stem.isidentifier() else "v_" + "".join(c if c.isalnum() else "_" for c in stem)
            stem = stem + "_" if keyword.iskeyword(stem) else stem
            found = next(n for n in chain((stem,), (f"{stem}_{k}" for k in count(2))) if n not in self._taken)
            self._taken.add(found)
            self._known[key] = found
        return self._known[key]


class Terms:
    """Translates the terms of one function; collects the index arrays and sizes that it needs."""

    def __init__(self, names: Names) -> None:
        self.names = names
        self.context: list[Var] = []
        self.ranges: dict[str, str] = {}  # index arrays: name -> definition
        self.sizes: dict[str, None] = {}
        self.functions: dict[str, str] = {}  # callables that the caller gives, and what each is
        self.guarded = 0
        self.choices = False

    # ---- lets

    def let(self, let: Let) -> Array:
        """The value of a let, with exactly the axes of its indices."""
        with self.bound(let.indices):
            found = self.term(let.body)
            if found.axes == let.indices:
                return found
            shape = ", ".join(self.size(extent(v.sort)).at(SUM) for v in let.indices)
            comma = "," if len(let.indices) == 1 else ""
            return Array(f"np.broadcast_to({self.aligned(found, let.indices)}, ({shape}{comma}))", ATOM, let.indices)

    @contextmanager
    def bound(self, indices: Sequence[Var]) -> Iterator[None]:
        before = len(self.context)
        self.context += indices
        try:
            yield
        finally:
            del self.context[before:]

    def order(self, axes: Iterable[Var]) -> tuple[Var, ...]:
        """Index variables in the order in which they were bound."""
        return tuple(sorted(dict.fromkeys(axes), key=self.context.index))

    def aligned(self, a: Array, axes: Sequence[Var], level: int = CHOICE) -> str:
        """The expression with an axis of length one for each missing index, but for leading ones."""
        if not a.axes:
            return a.at(level)
        first = next(k for k, v in enumerate(axes) if v in a.axes)
        marks = [":" if v in a.axes else "None" for v in axes[first:]]
        return a.at(level) if "None" not in marks else f"{a.at(ATOM)}[{', '.join(marks)}]"

    # ---- terms

    def term(self, t: Term) -> Array:
        if isinstance(t, Num):
            return _number(t.value)
        if isinstance(t, Constant):
            return Array(f"np.{t.name}", ATOM)
        if isinstance(t, SizeOf):
            return self.size(t.size)
        if isinstance(t, Read):
            return self._read(t.symbol, t.index)
        if isinstance(t, Add):
            return self._sum(t.parts)
        if isinstance(t, Mul):
            return self._product(t.parts)
        if isinstance(t, Power):
            return self._power(self.term(t.base), t.exponent)
        if isinstance(t, Total):
            return self._total(t)
        if isinstance(t, Prod):
            return self._along(t.indices, t.body, "prod", "1.0")
        if isinstance(t, Extreme):
            end = "-np.inf" if t.name == "max" else "np.inf"
            return self._along(t.indices, t.body if t.guard == always() else If(t.guard, t.body, ZERO), t.name, end)
        if isinstance(t, Where) and len(t.indices) == 1:
            end = "-np.inf" if t.name == "max" else "np.inf"
            body = t.body if t.guard == always() else If(t.guard, t.body, ZERO)
            return self._along(t.indices, body, f"arg{t.name}", end)
        if isinstance(t, IndexOf):
            return self.position(t.index)
        if isinstance(t, Call):
            return self._call(t)
        if isinstance(t, If):
            return self._choice(t)
        raise NoNumpy(f"{type(t).__name__.lower()} has no NumPy spelling yet")

    def _sum(self, parts: Sequence[Term]) -> Array:
        rows = [self.term(p) for p in parts]
        axes = self.order(v for r in rows for v in r.axes)
        shown = ""
        for r in sorted(rows, key=lambda r: r.text.startswith("-")):  # what is added comes first
            piece = self.aligned(r, axes, SUM if not shown else PRODUCT)
            if shown and r.level == UNARY and piece.startswith("-"):
                shown += " - " + piece[1:]
            else:
                shown += (" + " if shown else "") + piece
        return Array(shown, SUM, axes)

    def _product(self, parts: Sequence[Term]) -> Array:
        sign, above, below = "", [], []
        for p in parts:
            if isinstance(p, Num) and p.value < 0:
                sign = "" if sign else "-"
                p = Num(-p.value)
            if isinstance(p, Num) and p.value == 1:
                continue
            if isinstance(p, Power) and p.exponent < 0:
                below.append(self._power(self.term(p.base), -p.exponent))
            else:
                above.append(self.term(p))
        axes = self.order(v for r in (*above, *below) for v in r.axes)
        shown = "*".join(self.aligned(r, axes, PRODUCT if k == 0 else POWER) for k, r in enumerate(above)) or "1"
        for r in below:
            shown += "/" + self.aligned(r, axes, POWER)
        level = PRODUCT if below or len(above) != 1 else max(above[0].level, PRODUCT)
        return Array(sign + shown, UNARY, axes) if sign else Array(shown, level, axes)

    def _power(self, base: Array, e: Fraction) -> Array:
        if e == 1:
            return base
        if e < 0:
            return Array("1/" + self._power(base, -e).at(POWER), PRODUCT, base.axes)
        if e == Fraction(1, 2):
            return Array(f"np.sqrt({base.text})", ATOM, base.axes)
        shown = str(e.numerator) if e.denominator == 1 else f"({e})"
        return Array(f"{base.at(ATOM)}**{shown}", POWER, base.axes)

    def _total(self, t: Total) -> Array:
        with self.bound(t.indices):
            parts = t.body.parts if isinstance(t.body, Mul) else (t.body,)
            factors = [(p, self.term(p)) for p in parts]
            missing = [v for v in t.indices if not any(v in a.axes for _, a in factors)]
            summed = [v for v in t.indices if v not in missing]
            outside = [p for p, a in factors if not set(a.axes) & set(t.indices)]
            inside = [(p, a) for p, a in factors if set(a.axes) & set(t.indices)]
            result: list[Array] = [self.term(p) for p in outside if p != Num(Fraction(1))]
            if len(inside) > 1 and not any(isinstance(p, Power) and p.exponent < 0 for p, _ in inside):
                result.append(self._einsum([a for _, a in inside], summed))
            elif inside:
                body = inside[0][1] if len(inside) == 1 else self._product([p for p, _ in inside])
                where = [body.axes.index(v) for v in summed]
                axes = tuple(v for v in body.axes if v not in summed)
                shown = "" if not axes else f"axis={where[0] if len(where) == 1 else tuple(where)}"
                result.append(Array(f"{body.at(ATOM)}.sum({shown})", ATOM, axes))
            result += [self.size(extent(v.sort)) for v in missing]
        if not result:
            return Array("1", ATOM)
        axes = self.order(v for r in result for v in r.axes)
        if len(result) == 1:
            return result[0]
        return Array("*".join(self.aligned(r, axes, POWER) for r in result), PRODUCT, axes)

    def _along(self, bound: Sequence[Var], body: Term, method: str, missing: str) -> Array:
        """A reduction by a method of arrays; where a filter fails stands what changes nothing."""
        with self.bound(bound):
            filtered = isinstance(body, If) and (method != "prod" or body.other == ONE)
            if filtered and isinstance(body, If):
                self.choices = True
                self.guarded += 1
                rows = [self.guard(body.guard), self.term(body.then)]
                self.guarded -= 1
            else:
                rows = [self.term(body)]
            axes = self.order(v for r in rows for v in r.axes)
            if any(v not in axes for v in bound):
                raise NoNumpy(f"{method} over an index that does not occur")
            pieces = [self.aligned(r, axes) for r in rows]
            text = f"np.where({pieces[0]}, {pieces[1]}, {missing})" if filtered else pieces[0]
            where = [axes.index(v) for v in bound]
            rest = tuple(v for v in axes if v not in bound)
            axis = "" if not rest else f"axis={where[0] if len(where) == 1 else tuple(where)}"
        whole = Array(text, ATOM if filtered else rows[0].level)
        return Array(f"{whole.at(ATOM)}.{method}({axis})", ATOM, rest)

    def _einsum(self, arrays: Sequence[Array], summed: Sequence[Var]) -> Array:
        axes = self.order(v for a in arrays for v in a.axes)
        letters = dict(zip(axes, _letters(axes), strict=True))
        rest = tuple(v for v in axes if v not in summed)
        stored = [a.stored or (a.text, a.axes) for a in arrays]
        inputs = ",".join("".join(letters[v] for v in own) for _, own in stored)
        pattern = f"{inputs}->{''.join(letters[v] for v in rest)}"
        return Array(f'np.einsum("{pattern}", {", ".join(text for text, _ in stored)})', ATOM, rest)

    # ---- functions

    def _call(self, t: Call) -> Array:
        f = t.function
        if f.known:
            return self._known(f.name, tuple(a.body for a in t.arguments))
        if f.table:
            return self._table(t)
        if is_matrix(f):
            given = self._argument(t.arguments[0])
            if f.name == "cholesky":
                given = f"({given} + np.transpose({given})) / 2"
            whole = Array(f"np.linalg.{f.name}({given})", ATOM)
            return self._entries(whole, t.outputs)
        suffix = "".join(f"_d{k}" for k, _ in t.partials)
        name = self.names.of(("function", f.name, suffix), f.name + suffix)
        if not f.axes and not any(a.indices for a in t.arguments):
            by = "".join(f" by argument {k}" for k, _ in t.partials)
            self.functions[name] = f"the derivative of {f.name}{by}, elementwise" if by else "elementwise"
            rows = [self.term(a.body) for a in t.arguments]
            axes = self.order(v for r in rows for v in r.axes)
            return Array(f"{name}({', '.join(self.aligned(r, axes) for r in rows)})", ATOM, axes)
        gives = f"{f.name}[{', '.join(map(str, f.axes))}]"
        more = "".join(f" by argument {k}[{', '.join(map(str, f.arguments[k][0]))}]" for k, _ in t.partials)
        self.functions[name] = f"the derivative of {gives}{more}, axes in this order" if more else f"gives {gives}"
        if any(free_indices(a.body) - set(a.indices) for a in t.arguments):
            raise NoNumpy(f"{f.name} of an array that depends on an index")
        whole = Array(f"{name}({', '.join(self._argument(a) for a in t.arguments)})", ATOM)
        return self._entries(whole, (*t.outputs, *(i for _, place in t.partials for i in place)))

    def _table(self, t: Call) -> Array:
        """A function between finite sets: its values as an array, at the numbers of its arguments."""
        rows = [self.term(a.body) for a in t.arguments]
        axes = self.order(v for r in rows for v in r.axes)
        counts = [len(value.elements) for _, value in t.function.arguments if isinstance(value, Element)]
        values = f"np.array({list(t.function.table)}).reshape({', '.join(map(str, counts))})"
        return Array(f"{values}[{', '.join(self.aligned(r, axes) for r in rows)}]", ATOM, axes)

    def _argument(self, a: Abstraction) -> str:
        if isinstance(a.body, Read) and a.body.index == a.indices:
            return self.names.of(a.body.symbol, a.body.symbol.label)
        return self.let(Let(Symbol(""), a.indices, a.body)).text

    def _known(self, name: str, arguments: tuple[Term, ...]) -> Array:
        if name in _NUMPY:
            rows = [self.term(a) for a in arguments]
            axes = self.order(v for r in rows for v in r.axes)
            shown = [rows[0].text] if len(rows) == 1 else [self.aligned(r, axes) for r in rows]
            return Array(f"{_NUMPY[name]}({', '.join(shown)})", ATOM, axes)
        definition = KNOWN[name].definition
        if definition is not None:
            return self.term(substitute(definition, *arguments))
        if name == "step":
            inner = self.term(arguments[0])
            return Array(f"np.where({inner.text} > 0, 1.0, 0.0)", ATOM, inner.axes)
        raise NoNumpy(f"{name} is no function of NumPy")

    # ---- indices

    def size(self, s: Size) -> Array:
        shown, level = "", ATOM
        for names, c in sorted(s.terms, key=lambda t: (t[1] < 0, not t[0])):
            self.sizes.update(dict.fromkeys(names))
            factors = [*([str(abs(c))] if abs(c) != 1 or not names else []), *(self.names.of(n, n) for n in names)]
            shown += (" - " if c < 0 else " + ") if shown else "-" if c < 0 else ""
            level = SUM if shown and len(s.terms) > 1 else PRODUCT if len(factors) > 1 else ATOM
            shown += "*".join(factors)
        return Array(shown or "0", SUM if shown.startswith("-") else level)

    def _read(self, symbol: Symbol, index: Sequence[Index]) -> Array:
        return self._entries(Array(self.names.of(symbol, symbol.label), ATOM), index, symbol.axes)

    def _entries(self, whole: Array, index: Sequence[Index], axes: Sequence[Sort] = ()) -> Array:
        if not index:
            return whole
        # An index of a smaller range may stand on an axis: then the tensor is not read whole.
        plain = [i for i, axis in zip(index, axes or index, strict=True) if isinstance(i, Var) and axis in (i, i.sort)]
        if len(plain) == len(set(plain)) == len(index):
            order = self.order(plain)
            if tuple(plain) == order:
                return Array(whole.text, ATOM, order)
            turned = ", ".join(str(plain.index(v)) for v in order)
            shown = f"{whole.text}.T" if len(plain) == 2 else f"{whole.text}.transpose({turned})"
            return Array(shown, ATOM, order, (whole.text, tuple(plain)))
        rows = [self.position(i) for i in index]
        union = self.order(v for r in rows for v in r.axes)
        shown = []
        for r, i, axis in zip(rows, index, axes or [None] * len(rows), strict=True):
            text = self.aligned(r, union)
            if self.guarded and not isinstance(i, Var) and isinstance(axis, Range):
                text = f"np.clip({text}, 0, {self.size(axis.size - 1).text})"
            shown.append(text)
        return Array(f"{whole.text}[{', '.join(shown)}]", ATOM, union)

    def position(self, i: Index) -> Array:
        """An index as an array of positions."""
        if isinstance(i, Var):
            if not isinstance(i.sort, Range):
                raise NoNumpy("an index that is no position")
            name = self.names.of(("index", i), i.name.split(".")[0])
            self.ranges[name] = f"np.arange({self.size(i.sort.size).text})"
            return Array(name, ATOM, (i,))
        if isinstance(i, Lookup):
            return self._read(i.symbol, i.index)
        if isinstance(i, Affine):
            rows = [(self.position(v), c) for v, c in i.terms]
            union = self.order(v for r, _ in rows for v in r.axes)
            shown = ""
            for r, c in sorted(rows, key=lambda p: isinstance(p[1], int) and p[1] < 0):
                minus = isinstance(c, int) and c < 0
                shown += (" - " if minus else " + ") if shown else "-" if minus else ""
                times = self.size(c).at(PRODUCT) if isinstance(c, Size) else str(abs(c))
                shown += (f"{times}*" if times != "1" else "") + self.aligned(r, union, POWER)
            offset = self.size(i.offset).text
            if offset != "0":
                shown += f" - {offset[1:]}" if offset[0] == "-" and " " not in offset[1:] else f" + {offset}"
            return Array(shown, SUM, union)
        if isinstance(i, Quotient | Remainder):
            inner, sign = self.position(i.index), "//" if isinstance(i, Quotient) else "%"
            return Array(f"{inner.at(POWER)} {sign} {self.size(i.divisor).at(ATOM)}", PRODUCT, inner.axes)
        raise NoNumpy("an index that is no position")

    def _choice(self, t: If) -> Array:
        self.choices = True
        condition = self.guard(t.guard)
        self.guarded += 1
        rows = [condition, self.term(t.then), self.term(t.other)]
        self.guarded -= 1
        axes = self.order(v for r in rows for v in r.axes)
        return Array(f"np.where({', '.join(self.aligned(r, axes) for r in rows)})", ATOM, axes)

    def guard(self, g: Guard) -> Array:
        """A condition as an array of truth values."""
        if isinstance(g, Compare):
            row = self.position(g.form)
            return Array(f"{row.at(SUM)} {g.relation} 0", CHOICE, row.axes)
        if isinstance(g, Same):
            return self._together([self.position(g.left), self.position(g.right)], " == ", SUM)
        if isinstance(g, Not):
            inner = self.guard(g.part)
            return Array(f"~({inner.text})", UNARY, inner.axes)
        if isinstance(g, And | Or):
            return self._together([self.guard(p) for p in g.parts], " & " if isinstance(g, And) else " | ", ATOM)
        if isinstance(g, Holds):
            row = self.term(g.subject)
            return Array(f"{row.at(SUM)} {g.relation} 0", CHOICE, row.axes)
        raise NoNumpy("a condition of an unknown kind")

    def _together(self, rows: Sequence[Array], sign: str, level: int) -> Array:
        axes = self.order(v for r in rows for v in r.axes)
        return Array(sign.join(self.aligned(r, axes, level) for r in rows), CHOICE, axes)


def _number(q: Fraction) -> Array:
    shown = str(abs(q.numerator)) + (f"/{q.denominator}" if q.denominator != 1 else "")
    level = ATOM if q.denominator == 1 else PRODUCT
    return Array("-" + shown, UNARY) if q < 0 else Array(shown, level)


def _letters(axes: Sequence[Var]) -> list[str]:
    """One letter for each index, its own first letter where that is free."""
    free: list[str] = []
    for v in axes:
        wish = v.name[0] if v.name[0] in ascii_letters else "i"
        free.append(next(c for c in (wish, *ascii_letters) if c not in free))
    return free


__all__ = ["Array", "Names", "NoNumpy", "Terms"]
