"""The syntax tree of a spec: what was written and where, before any name is resolved.

`verifier.language.expressions` has the expressions; this module adds declarations and claims, and offers all.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from .expressions import (
    Attribute,
    Binary,
    Binder,
    BoolOp,
    Call,
    Compare,
    Expr,
    IfElse,
    Index,
    Keyword,
    Name,
    Node,
    Number,
    Reduction,
    String,
    Transpose,
    TupleExpr,
    Unary,
)

__all__ = [
    "Attribute",
    "Axiom",
    "Backward",
    "Binary",
    "Binder",
    "BodyStatement",
    "BoolOp",
    "Call",
    "Check",
    "Compare",
    "Equation",
    "Error",
    "ErrorArgument",
    "Expectation",
    "Expr",
    "Function",
    "IfElse",
    "Import",
    "Index",
    "IndexRange",
    "Indices",
    "Inverse",
    "InverseOf",
    "Keyword",
    "Kink",
    "Layer",
    "Learn",
    "Learner",
    "Name",
    "Network",
    "Node",
    "Number",
    "Parameter",
    "Port",
    "Reduction",
    "Relation",
    "Scalar",
    "Scalars",
    "SetItem",
    "Sets",
    "Signature",
    "Spec",
    "Statement",
    "String",
    "Tensors",
    "Tie",
    "Transpose",
    "TupleExpr",
    "Unary",
    "Wire",
    "Wiring",
]

# Pieces of declarations --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Port(Node):
    """``name : type``, or a bare type: one factor of the source or target of a learner, or a tensor."""

    name: str | None
    type: Expr


@dataclass(frozen=True, slots=True)
class Signature(Node):
    """``R[k], R[n] -> R[m] smooth injective``."""

    arguments: tuple[Expr, ...]
    result: Expr
    properties: tuple[Name, ...] = ()


@dataclass(frozen=True, slots=True)
class Parameter(Node):
    """A parameter in the header of a learner or layer.

    ``kind`` is ``size`` (a bare name), ``nat``, ``int``, ``real``, ``set``, ``error`` or ``function``; the
    last one has a ``signature``.  ``eps : real > 0`` has the condition ``eps > 0``.
    """

    name: str
    kind: str
    signature: Signature | None = None
    condition: Expr | None = None


@dataclass(frozen=True, slots=True)
class Scalar(Node):
    """One item of a size or real declaration: ``n``, ``B >= 2``, ``0 < x < 1``, ``C = NH * HS``, ``x : R[n]``.

    The condition is the whole comparison, with the declared name in it.
    """

    name: str
    condition: Expr | None = None
    definition: Expr | None = None
    type: Expr | None = None


@dataclass(frozen=True, slots=True)
class Equation(Node):
    """``name[indices] = value`` in a body; ``indices`` is None where no bracket is written.

    ``role`` is ``let``, ``implement``, ``update``, ``request``, ``output``, ``aux``, ``define`` (no word before
    it) or ``accumulate`` (``+=``).  ``implement e`` and ``request e`` have no name.
    """

    role: str
    name: str | None
    indices: tuple[Expr, ...] | None
    value: Expr


@dataclass(frozen=True, slots=True)
class Learn(Node):
    """``learn gradient(error, rate = eps)``."""

    method: Expr


@dataclass(frozen=True, slots=True)
class Tensors(Node):
    """``param W : R[m, n], v : R[m]``; ``kind`` is ``param``, ``data``, ``state``, ``input``, ``output`` or ``aux``.

    Every port has a name.
    """

    kind: str
    items: tuple[Port, ...]


# Declarations ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Import(Node):
    """``import std.layers``."""

    module: str


@dataclass(frozen=True, slots=True)
class Scalars(Node):
    """``size n, B >= 2``; ``kind`` is ``size``, ``nat``, ``int`` or ``real``."""

    kind: str
    items: tuple[Scalar, ...]


@dataclass(frozen=True, slots=True)
class SetItem(Node):
    """``A0``, or ``Two = {0, 1}`` with its elements (names or numbers)."""

    name: str
    elements: tuple[Expr, ...] | None = None


@dataclass(frozen=True, slots=True)
class Sets(Node):
    """``set A0, Two = {0, 1}``."""

    items: tuple[SetItem, ...]


@dataclass(frozen=True, slots=True)
class IndexRange(Node):
    """``i j:N``."""

    names: tuple[Name, ...]
    range: Expr


@dataclass(frozen=True, slots=True)
class Indices(Node):
    """``index i j:N, k:M``."""

    items: tuple[IndexRange, ...]


@dataclass(frozen=True, slots=True)
class InverseOf(Node):
    """``inverse of F'``, or with the laws that are meant: ``inverse of F'(left)``."""

    name: str
    laws: tuple[Name, ...] = ()


@dataclass(frozen=True, slots=True)
class Function(Node):
    """``function c, d : R[n] -> R[m] smooth``; ``inverse`` is set after ``function G : R -> R inverse of F'``."""

    names: tuple[Name, ...]
    signature: Signature
    inverse: InverseOf | None = None


@dataclass(frozen=True, slots=True)
class ErrorArgument(Node):
    """``x``, or ``x : interval(0, 1)``."""

    name: str
    domain: Expr | None = None


@dataclass(frozen=True, slots=True)
class Inverse(Node):
    """``inverse f(left, right)`` of an opaque error (laws it has), or ``inverse f(x, z) = body``."""

    name: str
    arguments: tuple[Name, ...]
    body: Expr | None = None


@dataclass(frozen=True, slots=True)
class Error(Node):
    """``error name(x, y) = body``; opaque exactly when there is no body."""

    name: str
    arguments: tuple[ErrorArgument, ...]
    body: Expr | None
    inverse: Inverse | None = None


BodyStatement: TypeAlias = "Tensors | Scalars | Indices | Equation | Learn | Wiring"


@dataclass(frozen=True, slots=True)
class Learner(Node):
    """``learner name(parameters) : source -> target { body }``; opaque exactly when ``body`` is None.

    The unit object ``()`` is no port at all; an unnamed port holds its type, which may be a product.
    """

    name: str
    parameters: tuple[Parameter, ...]
    source: tuple[Port, ...]
    target: tuple[Port, ...]
    body: tuple[BodyStatement, ...] | None


@dataclass(frozen=True, slots=True)
class Network(Node):
    """``network N = A ; B``."""

    name: str
    value: Expr


@dataclass(frozen=True, slots=True)
class Wiring(Node):
    """A line of a graph, ``h = F(x)`` or ``(u, v) = F(x, y)``: the wires that a layer makes."""

    names: tuple[Name, ...]
    value: Expr


@dataclass(frozen=True, slots=True)
class Wire(Node):
    """``wire name using error { input x : R[n]; h = F(x); output h }``; ``merging`` is None where it is not written."""

    name: str
    merging: Name | None
    body: tuple[Tensors | Wiring, ...]


@dataclass(frozen=True, slots=True)
class Layer(Node):
    """``layer name(parameters) { body }``, or ``layer name(parameters) = row over [B, T]``: then there is no body."""

    name: str
    parameters: tuple[Parameter, ...]
    body: tuple[BodyStatement, ...]
    row: Expr | None = None
    over: tuple[Expr, ...] = ()


@dataclass(frozen=True, slots=True)
class Backward(Node):
    """``backward of layer given dy using x, rstd { body }``, and clauses as those of a claim, which it is.

    ``using`` is None where it is not written.  ``forward``: it is ``jvp of layer given tx { ty = … }``, and what is
    given are tangents of the inputs and parameters.
    """

    layer: str
    cotangents: tuple[Name, ...]
    using: tuple[Name, ...] | None
    body: tuple[BodyStatement, ...]
    on: tuple[Expr, ...] = ()
    assuming: tuple[Expr, ...] = ()
    when: tuple[Expr, ...] = ()
    via: tuple[Relation, ...] = ()
    at: tuple[Kink, ...] = ()
    expect: tuple[Expectation, ...] = ()
    forward: bool = False


@dataclass(frozen=True, slots=True)
class Tie(Node):
    """``tie Head.W = Embed.W``."""

    left: Expr
    right: Expr


@dataclass(frozen=True, slots=True)
class Axiom(Node):
    """``axiom NAME cites "source, number": statement``."""

    name: str
    cites: str
    statement: Expr


# Claims ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Relation(Node):
    """``via h`` (``right`` is None), or ``via A.v = -lr * B.v``."""

    left: Expr
    right: Expr | None = None


@dataclass(frozen=True, slots=True)
class Kink(Node):
    """``at condition: mode arguments``: ``value`` of an equation, ``along`` a vector, or ``subgradient``."""

    condition: Expr
    mode: str
    arguments: tuple[Expr, ...] = ()


@dataclass(frozen=True, slots=True)
class Expectation(Node):
    """``expect v``, or one entry of ``expect { W.1: v }``; the key of the whole claim is ``()``.

    ``verdict`` is ``proved``, ``vacuous``, ``refuted``, ``unknown``, ``never`` or ``approx``; the last one has
    a tolerance ``within``.
    """

    key: tuple[str, ...]
    verdict: str
    within: Expr | None = None


@dataclass(frozen=True, slots=True)
class Check(Node):
    """A claim.  ``form`` tells how to read ``subjects`` and the three optional fields after it:

    ============ ====================================== ============================================
    form         written                                fields
    ============ ====================================== ============================================
    equal        ``A == B``                             subjects (A, B)
    equivalent   ``A ~ B``                              subjects (A, B)
    natural      ``natural N reading r``                subjects (N,), reading
    square       ``square N at i reading r``            subjects (N,), position, reading
    category     ``category of F, G``                   subjects (F, G)
    functor      ``functor L``, ``functor L of F, G``   functor L; subjects (F, G), or () without ``of``
    lens         ``lens F``                             subjects (F,)
    invertible   ``invertible e``                       subjects (e,)
    descent      ``descent F``                          subjects (F,)
    predicate    ``getput(F)``, ``x <= y``              subjects (the expression,)
    ============ ====================================== ============================================

    Clauses of one kind are gathered in the order written; ``expect`` is empty where it is not written.
    """

    name: str | None
    form: str
    subjects: tuple[Expr, ...]
    reading: str | None = None
    position: Expr | None = None
    functor: Expr | None = None
    on: tuple[Expr, ...] = ()
    assuming: tuple[Expr, ...] = ()
    when: tuple[Expr, ...] = ()
    via: tuple[Relation, ...] = ()
    at: tuple[Kink, ...] = ()
    expect: tuple[Expectation, ...] = ()


Statement: TypeAlias = (
    Import
    | Scalars
    | Sets
    | Indices
    | Function
    | Error
    | Learner
    | Network
    | Wire
    | Layer
    | Backward
    | Tie
    | Axiom
    | Check
)


@dataclass(frozen=True, slots=True)
class Spec(Node):
    """A whole file, statements in the order written."""

    path: str
    statements: tuple[Statement, ...]
