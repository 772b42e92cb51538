"""The nodes of terms.  A term is a scalar; its free index variables make it a tensor.

Every node is a frozen value.  Lets and inputs are both read by `Read`; whether a symbol is an input or
a let is decided by the table of lets (`Lets`) that travels beside a term.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import TypeAlias

from .index import And, Guard, Index, Var
from .sizes import Size
from .sorts import REAL, Sort, Value


@dataclass(frozen=True, slots=True)
class Symbol:
    """A named tensor: an input, a parameter or a let; a scalar if it has no axes.

    What a spec declares at top level is named ``$name``, what a reading adds ``.name``; `label` is what is printed.
    """

    name: str
    axes: tuple[Sort, ...] = ()
    value: Value = REAL
    _hash: int = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_hash", hash((self.name, self.axes, self.value)))  # kept: it is asked for very often

    def __hash__(self) -> int:
        return self._hash

    @property
    def label(self) -> str:
        return self.name.lstrip("$.")


@dataclass(frozen=True, slots=True)
class Function:
    """A function symbol, uninterpreted unless `known` names a row of `terms.known`.

    ``arguments`` gives the axes and value of each argument, ``axes`` and ``value`` those of the result.
    A function with several results is several functions.  ``properties`` (``smooth``, ``injective``,
    ``positive``, ...) are hypotheses about it.  ``table``: the values, as numbers of elements, of a function between
    finite sets, its last argument varying fastest.
    """

    name: str
    arguments: tuple[tuple[tuple[Sort, ...], Value], ...]
    axes: tuple[Sort, ...] = ()
    value: Value = REAL
    properties: frozenset[str] = field(default_factory=frozenset)
    known: bool = False
    table: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Num:
    """An exact rational number."""

    value: Fraction


@dataclass(frozen=True, slots=True)
class Constant:
    """The real number ``pi`` or ``e``."""

    name: str


@dataclass(frozen=True, slots=True)
class SizeOf:
    """A size as a real number."""

    size: Size


@dataclass(frozen=True, slots=True)
class Read:
    """An entry of a tensor: one index term per axis."""

    symbol: Symbol
    index: tuple[Index, ...] = ()


@dataclass(frozen=True, slots=True)
class Add:
    parts: tuple[Term, ...]


@dataclass(frozen=True, slots=True)
class Mul:
    parts: tuple[Term, ...]


@dataclass(frozen=True, slots=True)
class Power:
    """``base ** exponent`` with a rational exponent; a quotient is a product with exponent -1.

    Defined where: exponent a natural number: always; negative integer: base != 0;
    positive fraction: base >= 0; negative fraction: base > 0.  (Odd roots of negative numbers: `cbrt`.)
    """

    base: Term
    exponent: Fraction


@dataclass(frozen=True, slots=True)
class Total:
    """The sum of a term over bound index variables."""

    indices: tuple[Var, ...]
    body: Term


@dataclass(frozen=True, slots=True)
class Prod:
    """The product of a term over bound index variables; where a filter fails the term is 1."""

    indices: tuple[Var, ...]
    body: Term


@dataclass(frozen=True, slots=True)
class Extreme:
    """The greatest or least value of a term over those indices at which a condition holds; there must be one.

    ``name``: ``max`` or ``min``.  The body need be defined only where the condition holds.
    """

    name: str
    indices: tuple[Var, ...]
    guard: Guard
    body: Term


@dataclass(frozen=True, slots=True)
class Where:
    """A component of the first index, in row-major order, at which `Extreme` takes its value; a whole number."""

    name: str
    indices: tuple[Var, ...]
    guard: Guard
    body: Term
    position: int = 0


@dataclass(frozen=True, slots=True)
class IndexOf:
    """A position in a range as a real number."""

    index: Index


@dataclass(frozen=True, slots=True)
class Abstraction:
    """An argument of a function: a term with one bound variable per axis of the argument."""

    indices: tuple[Var, ...]
    body: Term


@dataclass(frozen=True, slots=True)
class Call:
    """An entry of a function's value, or of one of its partial derivatives.

    ``outputs`` has one index per axis of the result; each of ``partials`` is the number of an argument
    and the entry of it (one index per axis) that the function is differentiated by.  For smooth functions
    the order of partials does not matter.
    """

    function: Function
    arguments: tuple[Abstraction, ...]
    outputs: tuple[Index, ...] = ()
    partials: tuple[tuple[int, tuple[Index, ...]], ...] = ()


@dataclass(frozen=True, slots=True)
class If:
    """``then`` where the guard holds, else ``other``; lazy: only the chosen branch need be defined."""

    guard: Guard
    then: Term
    other: Term


@dataclass(frozen=True, slots=True)
class Case:
    """A branch for each part of the sum sort of an index; each binds the index of its part.  Lazy."""

    index: Index
    branches: tuple[tuple[Var, Term], ...]


Term: TypeAlias = (
    Num | Constant | SizeOf | IndexOf | Read | Add | Mul | Power | Total | Prod | Extreme | Where | Call | If | Case
)


@dataclass(frozen=True, slots=True)
class Let:
    """``symbol[indices] = body``."""

    symbol: Symbol
    indices: tuple[Var, ...]
    body: Term


Lets: TypeAlias = Mapping[str, Let]  # by name of symbol, in an order in which each refers to earlier ones only

ZERO, ONE = Num(Fraction(0)), Num(Fraction(1))


def num(value: int | Fraction) -> Num:
    return Num(Fraction(value))


def add(*parts: Term) -> Term:
    """A sum, flattened, with numbers folded."""
    flat: list[Term] = []
    constant = Fraction(0)
    for p in parts:
        for q in p.parts if isinstance(p, Add) else (p,):
            if isinstance(q, Num):
                constant += q.value
            else:
                flat.append(q)
    if constant or not flat:
        flat.append(Num(constant))
    return flat[0] if len(flat) == 1 else Add(tuple(flat))


def mul(*parts: Term) -> Term:
    """A product, flattened, with numbers folded; a factor 0 does NOT erase the others.

    (0 * (1/x) is undefined at x = 0: erasing it would drop a condition of the term as written.)
    """
    flat: list[Term] = []
    constant = Fraction(1)
    for p in parts:
        for q in p.parts if isinstance(p, Mul) else (p,):
            if isinstance(q, Num):
                constant *= q.value
            else:
                flat.append(q)
    if constant != 1 or not flat:
        flat.insert(0, Num(constant))
    return flat[0] if len(flat) == 1 else Mul(tuple(flat))


def neg(t: Term) -> Term:
    return mul(num(-1), t)


def sub(a: Term, b: Term) -> Term:
    return add(a, neg(b))


def power(base: Term, exponent: int | Fraction) -> Term:
    """A power; exponent 1 is the base itself.  ``x ** 0`` stays (it is 1, also at 0)."""
    e = Fraction(exponent)
    if e == 1:
        return base
    return Power(base, e)


def div(a: Term, b: Term) -> Term:
    return mul(a, power(b, -1))


def total(indices: Iterable[Var], body: Term) -> Term:
    bound = tuple(indices)
    return Total(bound, body) if bound else body


def read(symbol: Symbol, *index: Index) -> Read:
    return Read(symbol, tuple(index))


def always() -> Guard:
    """The condition that holds everywhere."""
    return And(())


@dataclass(frozen=True, slots=True)
class Equation:
    """``left == right`` for all values of the free ``indices``; both sides under one table of lets."""

    indices: tuple[Var, ...]
    left: Term
    right: Term


@dataclass(frozen=True, slots=True)
class Condition:
    """A definedness condition or a declared fact: ``subject relation 0``, relation one of ``!= > >=``.

    ``subject`` is a term, or an index form for conditions on positions and extents.  It is quantified over
    ``indices`` and required only where all ``guards`` hold.  ``reason`` says where it comes from.
    ``unless``: a term; the condition is not required if that is 0 at all its indices.
    """

    relation: str
    subject: Term | Index
    indices: tuple[Var, ...] = ()
    guards: tuple[Guard, ...] = ()
    reason: str = ""
    unless: Term | None = None


@dataclass(frozen=True, slots=True)
class Schematic:
    """An identity of functions for ALL values of ``variables`` (symbols that occur in ``left``).

    Such as ``e_x(x, f(x, z)) = z``; may be used anywhere, also below a derivative.
    ``left`` is a Call whose arguments are (abstractions over) reads of variables or Calls of the same kind.
    """

    name: str
    variables: tuple[Symbol, ...]
    indices: tuple[Var, ...]
    left: Term
    right: Term


@dataclass(frozen=True, slots=True)
class Pointwise:
    """An equation about the data at the point, such as ``sum[v](y[t,v]) == 1`` for all t.

    Never used on a term that is still to be differentiated.
    """

    name: str
    indices: tuple[Var, ...]
    left: Term
    right: Term
