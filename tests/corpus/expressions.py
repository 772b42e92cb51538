"""Expressions of the notation as expressions of the language."""

from __future__ import annotations

import ast
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from verifier.diagnostics import Span
from verifier.language.show import show
from verifier.language.syntax import (
    Binary,
    Binder,
    BoolOp,
    Call,
    Compare,
    Expr,
    IfElse,
    Index,
    Name,
    Number,
    Reduction,
    Unary,
)

from .notation import REDUCTIONS, bound, function, positions, walk

NOWHERE = Span("", 1, 1, 1, 1)
NAMES = {"maximum": "max", "minimum": "min", "chol": "cholesky"}
_BINARY: dict[type, str] = {
    ast.Add: "+",
    ast.Sub: "-",
    ast.Mult: "*",
    ast.Div: "/",
    ast.FloorDiv: "//",
    ast.Mod: "%",
    ast.Pow: "^",
}
_COMPARE: dict[type, str] = {
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Gt: ">",
    ast.GtE: ">=",
    ast.Eq: "==",
    ast.NotEq: "!=",
}


@dataclass
class Writer:
    """Writes expressions.  ``ranges``: the indices with their extents; ``tensors``: names that hold real numbers;
    ``axes``: the extents of each tensor, which say over what a computed position is to be looked for."""

    ranges: dict[str, ast.expr]
    tensors: Collection[str]
    axes: Mapping[str, Sequence[ast.expr]] = field(default_factory=dict)
    rename: Mapping[str, str] = field(default_factory=dict)

    def text(self, e: ast.expr, scope: Collection[str] = ()) -> str:
        """The expression as a spec has it; ``scope``: the indices bound around it."""
        return show(self.node(e, tuple(scope)))

    def node(self, e: ast.expr, scope: tuple[str, ...]) -> Expr:
        match e:
            case ast.Constant(value):
                return Number(Fraction(repr(value)), span=NOWHERE)
            case ast.Name(name):
                return Name(self.rename.get(name, name), span=NOWHERE)
            case ast.UnaryOp(ast.USub(), operand):
                return Unary("-", self.node(operand, scope), span=NOWHERE)
            case ast.BinOp(left, ast.Mod(), right) if self.real(left):  # of real numbers: by its definition
                quotient = ast.Call(ast.Name("floor"), [ast.BinOp(left, ast.Div(), right)], [])
                return self.node(ast.BinOp(left, ast.Sub(), ast.BinOp(right, ast.Mult(), quotient)), scope)
            case ast.BinOp(left, sign, right):
                return Binary(_BINARY[type(sign)], self.node(left, scope), self.node(right, scope), span=NOWHERE)
            case ast.Compare(left, signs, rest):
                operands = tuple(self.node(x, scope) for x in (left, *rest))
                return Compare(operands, tuple(_COMPARE[type(s)] for s in signs), span=NOWHERE)
            case ast.BoolOp(sign, parts):
                word = "and" if isinstance(sign, ast.And) else "or"
                return BoolOp(word, tuple(self.node(p, scope) for p in parts), span=NOWHERE)
            case ast.Subscript():
                return self._read(e, scope)
            case ast.Call():
                return self._call(e, scope)
        raise TypeError(ast.dump(e))

    def real(self, e: ast.expr) -> bool:
        """Whether an expression is a real number, and not a position or a whole number."""
        return any(isinstance(n, ast.Name) and n.id in self.tensors for n in walk(e))

    def _read(self, e: ast.Subscript, scope: tuple[str, ...]) -> Expr:
        """``x[i]``; at a position that was computed as a real number: the sum of the entries whose place it is."""
        if isinstance(e.value, ast.Name):
            for k, i in enumerate(positions(e)):
                if self.real(i):
                    return self._found(e, k, i, scope)
        places = tuple(self.node(i, scope) for i in positions(e))
        return Index(self.node(e.value, scope), places, span=NOWHERE)

    def _found(self, e: ast.Subscript, k: int, computed: ast.expr, scope: tuple[str, ...]) -> Expr:
        assert isinstance(e.value, ast.Name)
        index = self._another("k", self.axes[e.value.id][k], {*scope, *_names(e)})
        place = [*positions(e)]
        place[k] = ast.Name(index)
        read = ast.Subscript(e.value, ast.Tuple(place) if len(place) > 1 else place[0])
        here = ast.Compare(computed, [ast.Eq()], [ast.Name(index)])
        choice = ast.Call(ast.Name("ite"), [here, read, ast.Constant(0)], [])
        return self.node(ast.Call(ast.Name("sum"), [ast.Name(index), choice], []), scope)

    def _call(self, e: ast.Call, scope: tuple[str, ...]) -> Expr:
        name = function(e)
        if name == "ite":
            condition, then, otherwise = (self.node(x, scope) for x in e.args)
            return IfElse(then, condition, otherwise, span=NOWHERE)
        if name == "delta":
            same = Compare(tuple(self.node(x, scope) for x in e.args), ("==",), span=NOWHERE)
            return IfElse(Number(Fraction(1), span=NOWHERE), same, Number(Fraction(0), span=NOWHERE), span=NOWHERE)
        if name in REDUCTIONS and isinstance(e.args[0], ast.Name) and e.args[0].id in self.ranges:
            return self._reduction(e, scope)
        arguments = tuple(self.node(x, scope) for x in e.args)
        return Call(Name(NAMES.get(name, name), span=NOWHERE), arguments, span=NOWHERE)

    def _reduction(self, e: ast.Call, scope: tuple[str, ...]) -> Expr:
        """A reduction; an index that is bound already around it gives way to another one of its range."""
        indices, body = bound(e)
        taken = {*scope, *indices, *_names(body)}
        for k, i in enumerate(indices):
            if i in scope:
                indices[k] = self._another(i, self.ranges[i], taken)
                body = _Renamed(i, indices[k]).visit(body)
                taken.add(indices[k])
        binders = tuple(Binder(i, span=NOWHERE) for i in indices)
        return Reduction(function(e), binders, None, self.node(body, (*scope, *indices)), span=NOWHERE)

    def _another(self, stem: str, extent: ast.expr, taken: Collection[str]) -> str:
        """An index of this extent that is not taken; a new one joins the ranges."""
        for name, range_ in self.ranges.items():
            if ast.dump(range_) == ast.dump(extent) and name not in taken:
                return name
        name = next(f"{stem}{k}" for k in range(2, 99) if f"{stem}{k}" not in {*taken, *self.ranges})
        self.ranges[name] = extent
        return name


def _names(e: ast.expr) -> set[str]:
    return {n.id for n in walk(e) if isinstance(n, ast.Name)}


class _Renamed(ast.NodeTransformer):
    """A copy with an index under another name."""

    def __init__(self, old: str, new: str) -> None:
        self.old, self.new = old, new

    def visit_Name(self, node: ast.Name) -> ast.Name:
        return ast.Name(self.new) if node.id == self.old else node

    def generic_visit(self, node: ast.AST) -> ast.AST:
        fields = {}
        for name, value in ast.iter_fields(node):
            if isinstance(value, list):
                fields[name] = [self.visit(v) if isinstance(v, ast.AST) else v for v in value]
            else:
                fields[name] = self.visit(value) if isinstance(value, ast.AST) else value
        return type(node)(**fields)
