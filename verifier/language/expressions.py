"""Expressions as written: terms, learners, types and conditions share one grammar.

Every node is frozen and carries the ``span`` of its text; equality and ``repr`` ignore spans, so trees that
were written differently but say the same compare equal.  Brackets leave no node.  ``R[n, m]`` is an `Index`,
``F ; G`` a `Binary`; kinds are decided in elaboration.  Names are NFKC-normalised and end in any number of
primes ``'``.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from typing import TypeAlias

from ..diagnostics import Span


@dataclass(frozen=True, slots=True)
class Node:
    """Anything with a place in a file."""

    span: Span = field(kw_only=True, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Name(Node):
    """A name with its primes: ``W``, ``s'``."""

    identifier: str


@dataclass(frozen=True, slots=True)
class Number(Node):
    """An integer or a decimal, exact."""

    value: Fraction


@dataclass(frozen=True, slots=True)
class String(Node):
    """A text in double quotes; the grammar allows it only as an argument of a call."""

    value: str


@dataclass(frozen=True, slots=True)
class Unary(Node):
    """``operator`` is ``-`` or ``not``."""

    operator: str
    operand: Expr


@dataclass(frozen=True, slots=True)
class Binary(Node):
    """``operator`` is one of ``;  +  -  *  ⊗  /  //  %  @  ^`` (``**`` is read as ``^``)."""

    operator: str
    left: Expr
    right: Expr


@dataclass(frozen=True, slots=True)
class Compare(Node):
    """A chain ``a < b <= c``: one operand more than operators, each one of ``== != < <= > >=``."""

    operands: tuple[Expr, ...]
    operators: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class BoolOp(Node):
    """``operator`` is ``and`` or ``or``, over two or more operands."""

    operator: str
    operands: tuple[Expr, ...]


@dataclass(frozen=True, slots=True)
class IfElse(Node):
    """``then if condition else otherwise``."""

    then: Expr
    condition: Expr
    otherwise: Expr


@dataclass(frozen=True, slots=True)
class TupleExpr(Node):
    """``(a, b)``, or ``()``: never exactly one item."""

    items: tuple[Expr, ...]


@dataclass(frozen=True, slots=True)
class Keyword(Node):
    """``name = value`` among the arguments of a call."""

    name: str
    value: Expr


@dataclass(frozen=True, slots=True)
class Call(Node):
    """``function(a, b, key = c)``: positional arguments come first, no keyword twice."""

    function: Expr
    arguments: tuple[Expr, ...]
    keywords: tuple[Keyword, ...] = ()


@dataclass(frozen=True, slots=True)
class Index(Node):
    """``base[i, j]``: at least one index."""

    base: Expr
    indices: tuple[Expr, ...]


@dataclass(frozen=True, slots=True)
class Binder(Node):
    """An index that a reduction binds, with a range if one is written: ``j`` or ``j:N``."""

    name: str
    range: Expr | None = None


@dataclass(frozen=True, slots=True)
class Reduction(Node):
    """``name[i, j:N if condition](body)``: every name before ``[names](…)`` is read so, known or not."""

    name: str
    binders: tuple[Binder, ...]
    condition: Expr | None
    body: Expr


@dataclass(frozen=True, slots=True)
class Attribute(Node):
    """``base.name``; a position in a network is a name of digits: ``N.0.W``."""

    base: Expr
    name: str


@dataclass(frozen=True, slots=True)
class Transpose(Node):
    """``base.T``."""

    base: Expr


Expr: TypeAlias = (
    Name
    | Number
    | String
    | Unary
    | Binary
    | Compare
    | BoolOp
    | IfElse
    | TupleExpr
    | Call
    | Index
    | Reduction
    | Attribute
    | Transpose
)
