"""Parse trees of declarations to the syntax tree."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from lark import Token, Tree

from .bodies import Bodies
from .syntax import (
    Axiom,
    Backward,
    Compare,
    Error,
    ErrorArgument,
    Expr,
    Function,
    Import,
    IndexRange,
    Indices,
    Inverse,
    InverseOf,
    Layer,
    Learner,
    Name,
    Network,
    Number,
    Parameter,
    Port,
    Scalar,
    Scalars,
    SetItem,
    Sets,
    Signature,
    Tie,
    TupleExpr,
    Wire,
)

KINDS = ("size", "nat", "int", "real", "set", "error")


def _without_tokens(kids: Iterable[Any]) -> list[Any]:
    return [kid for kid in kids if not isinstance(kid, Token)]


class Declarations(Bodies):
    """One method for each rule of a declaration."""

    def import_(self, tree: Tree[Token], kids: list[Any]) -> Import:
        return Import(".".join(self.identifier(kid) for kid in kids[1:]), span=self.span(tree))

    def scalars(self, tree: Tree[Token], kids: list[Any]) -> Scalars:
        return Scalars(str(kids[0]), tuple(kids[1:]), span=self.span(tree))

    def scalar(self, tree: Tree[Token], kids: list[Any]) -> Scalar:
        value: Expr = self.no_filter(kids[0])
        span = self.span(tree)
        if isinstance(value, Name):
            return Scalar(value.identifier, span=span)
        named = [part for part in value.operands if isinstance(part, Name)] if isinstance(value, Compare) else []
        if not named:
            self.fail("L047", span, "no name to declare", "`n`, `n >= 2`, `0 < x < 1` or `n = k * m`")
        return Scalar(named[0].identifier, condition=value, span=span)

    def derived(self, tree: Tree[Token], kids: list[Any]) -> Scalar:
        return Scalar(self.identifier(kids[0]), definition=self.no_filter(kids[2]), span=self.span(tree))

    def typed(self, tree: Tree[Token], kids: list[Any]) -> Scalar:
        return Scalar(self.identifier(kids[0]), type=self.no_filter(kids[1]), span=self.span(tree))

    def sets(self, tree: Tree[Token], kids: list[Any]) -> Sets:
        return Sets(tuple(kids[1:]), span=self.span(tree))

    def set_item(self, tree: Tree[Token], kids: list[Any]) -> SetItem:
        elements = tuple(_without_tokens(kids))
        for element in elements:
            if not isinstance(element, Name | Number):
                self.fail("L047", element.span, "an expression in a list of elements", "names and numbers")
        return SetItem(self.identifier(kids[0]), elements if len(kids) > 1 else None, span=self.span(tree))

    def indices(self, tree: Tree[Token], kids: list[Any]) -> Indices:
        return Indices(tuple(kids[1:]), span=self.span(tree))

    def index_range(self, tree: Tree[Token], kids: list[Any]) -> IndexRange:
        return IndexRange(tuple(kids[:-1]), self.no_filter(kids[-1]), span=self.span(tree))

    def function(self, tree: Tree[Token], kids: list[Any]) -> Function:
        inverse = kids[3] if len(kids) > 3 else None
        if inverse is not None and len(kids[1]) > 1:
            self.fail("L047", inverse.span, "an inverse of several names", "one name before `:`")
        return Function(kids[1], kids[2], inverse, span=self.span(tree))

    def inverse_of(self, tree: Tree[Token], kids: list[Any]) -> InverseOf:
        laws = kids[3] if len(kids) > 3 else ()
        return InverseOf(self.identifier(kids[2]), laws, span=self.span(tree))

    def names(self, tree: Tree[Token], kids: list[Any]) -> tuple[Name, ...]:
        return tuple(kids)

    def types(self, tree: Tree[Token], kids: list[Any]) -> tuple[Expr, ...]:
        if len(kids) == 1 and isinstance(kids[0], TupleExpr):
            return kids[0].items
        return tuple(map(self.no_filter, kids))

    def signature(self, tree: Tree[Token], kids: list[Any]) -> Signature:
        arguments, _, result, *properties = kids
        return Signature(arguments, self.no_filter(result), tuple(properties), span=self.span(tree))

    def signature_one(self, tree: Tree[Token], kids: list[Any]) -> Signature:
        return self.signature(tree, [self.types(tree, kids[:1]), *kids[1:]])

    def error(self, tree: Tree[Token], kids: list[Any]) -> Error:
        parts = _without_tokens(kids)
        arguments = tuple(part for part in parts if isinstance(part, ErrorArgument))
        inverse = next((part for part in parts if isinstance(part, Inverse)), None)
        body = next((part for part in parts if not isinstance(part, ErrorArgument | Inverse)), None)
        if body is not None:
            body = self.no_filter(body)
        if len(arguments) != 2:
            self.fail(
                "L047", self.span(tree), f"an error of {len(arguments)} arguments", "two: the output and its target"
            )
        if inverse is not None and body is None and inverse.body is not None:
            self.fail("L047", inverse.span, "an inverse with a body, of an opaque error", "`inverse f(left, right)`")
        if inverse is not None and body is not None and inverse.body is None:
            self.fail("L047", inverse.span, "an inverse without a body", f"`inverse {inverse.name}(x, z) = …`")
        return Error(self.identifier(kids[1]), arguments, body, inverse, span=self.span(tree))

    def error_argument(self, tree: Tree[Token], kids: list[Any]) -> ErrorArgument:
        domain = self.no_filter(kids[1]) if len(kids) > 1 else None
        return ErrorArgument(self.identifier(kids[0]), domain, span=self.span(tree))

    def inverse(self, tree: Tree[Token], kids: list[Any]) -> Inverse:
        body = self.no_filter(kids[-1]) if len(kids) > 3 else None
        return Inverse(self.identifier(kids[1]), kids[2], body, span=self.span(tree))

    def network(self, tree: Tree[Token], kids: list[Any]) -> Network:
        return Network(self.identifier(kids[1]), self.no_filter(kids[3]), span=self.span(tree))

    # Headers -------------------------------------------------------------------------------------------------

    def parameters(self, tree: Tree[Token], kids: list[Any]) -> list[Parameter]:
        return kids

    def parameter(self, tree: Tree[Token], kids: list[Any]) -> Parameter:
        return Parameter(self.identifier(kids[0]), "size", span=self.span(tree))

    def function_parameter(self, tree: Tree[Token], kids: list[Any]) -> Parameter:
        return Parameter(self.identifier(kids[0]), "function", kids[1], span=self.span(tree))

    def kind_parameter(self, tree: Tree[Token], kids: list[Any]) -> Parameter:
        """``e : error``, ``eps : real > 0``: the kind stands where the name would stand in the condition."""
        name, value = self.identifier(kids[0]), self.no_filter(kids[1])
        kind: Expr = value.operands[0] if isinstance(value, Compare) else value
        if not isinstance(kind, Name) or kind.identifier not in KINDS:
            self.fail("L047", value.span, f"no kind of parameter after `{name} :`", f"{', '.join(KINDS)} or `A -> B`")
        condition = None
        if isinstance(value, Compare):
            subject = Name(name, span=self.span(kids[0]))
            condition = Compare((subject, *value.operands[1:]), value.operators, span=value.span)
        return Parameter(name, kind.identifier, None, condition, span=self.span(tree))

    def side(self, tree: Tree[Token], kids: list[Any]) -> tuple[Port, ...]:
        """Source or target: ports, or types without names; ``()`` and ``1`` are the unit object."""
        if all(isinstance(kid, Port) for kid in kids):
            return tuple(kids)
        whole = self.no_filter(kids[0])
        if isinstance(whole, Number) and whole.value == 1:
            return ()
        types = whole.items if isinstance(whole, TupleExpr) else (whole,)
        return tuple(Port(None, part, span=part.span) for part in types)

    def port(self, tree: Tree[Token], kids: list[Any]) -> Port:
        return Port(self.identifier(kids[0]), self.no_filter(kids[1]), span=self.span(tree))

    def learner(self, tree: Tree[Token], kids: list[Any]) -> Learner:
        parameters, (source, target, *body) = _header(_without_tokens(kids))
        lines = self.lines(body[0], "learner") if body else None
        return Learner(self.identifier(kids[1]), parameters, source, target, lines, span=self.span(tree))

    def wire(self, tree: Tree[Token], kids: list[Any]) -> Wire:
        *using, body = _without_tokens(kids)
        names = using[0] if using else ()
        if len(names) > 1:
            self.fail("L047", names[1].span, "a second error after `using`", "one error, which merges requests")
        lines = self.lines(body, "wire")
        return Wire(self.identifier(kids[1]), names[0] if names else None, lines, span=self.span(tree))

    def layer(self, tree: Tree[Token], kids: list[Any]) -> Layer:
        parameters, (body,) = _header(_without_tokens(kids))
        return Layer(self.identifier(kids[1]), parameters, self.lines(body, "layer"), span=self.span(tree))

    def lifted(self, tree: Tree[Token], kids: list[Any]) -> Layer:
        parameters, (row, *axes) = _header(_without_tokens(kids))
        over = tuple(map(self.no_filter, axes))
        return Layer(self.identifier(kids[1]), parameters, (), self.no_filter(row), over, span=self.span(tree))

    def backward(self, tree: Tree[Token], kids: list[Any]) -> Backward:
        cotangents, *using, body = _without_tokens(kids)
        name = self.identifier(kids[2])
        lines = self.lines(body, "backward")
        saved = using[0] if using else None
        return Backward(name, cotangents, saved, lines, forward=str(kids[0]) == "jvp", span=self.span(tree))

    def using(self, tree: Tree[Token], kids: list[Any]) -> tuple[Name, ...]:
        names: tuple[Name, ...] = kids[1]
        return names

    def tie(self, tree: Tree[Token], kids: list[Any]) -> Tie:
        left, right = map(self.no_filter, _without_tokens(kids))
        return Tie(left, right, span=self.span(tree))

    def axiom(self, tree: Tree[Token], kids: list[Any]) -> Axiom:
        cites = str(kids[3])[1:-1]
        statement = self.no_filter(kids[4])
        self.take(statement)
        return Axiom(self.identifier(kids[1]), cites, statement, span=self.span(tree))


def _header(kids: list[Any]) -> tuple[tuple[Parameter, ...], list[Any]]:
    """The parameters in brackets, if there are any, and the rest."""
    if isinstance(kids[0], list):
        return tuple(kids[0]), kids[1:]
    return (), kids
