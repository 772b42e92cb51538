"""A flat list of operands and operators, put together by binding strength.

Shunting yard with two stacks and no recursion, so the length of a sum is bounded by nothing but memory here
(`Depth` bounds it, because whoever reads the tree may recurse).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ..diagnostics import Diagnostic, Span, SpecError
from . import precedence as level
from .syntax import Binary, BoolOp, Compare, Expr, IfElse, Node, Unary

MAX_DEPTH = 250


@dataclass(frozen=True, slots=True)
class Filtered(Node):
    """An ``if`` without ``else``: the filter of a reduction, and a fault anywhere else."""

    value: Expr
    condition: Expr


@dataclass(frozen=True, slots=True)
class Sign:
    """An operator as written."""

    text: str
    span: Span


class Depth:
    """How deep each expression is, so that a tree too deep to recurse over is never returned."""

    def __init__(self) -> None:
        self._of: dict[int, tuple[int, object]] = {}  # the node is kept, so that its id stays its own

    def record(self, node: object, span: Span, parts: Sequence[object]) -> None:
        """Note the depth of a node over its parts; raises SpecError beyond MAX_DEPTH."""
        depth = 1 + max((self._of[id(part)][0] for part in parts if id(part) in self._of), default=0)
        if depth > MAX_DEPTH:
            found = f"an expression nested more than {MAX_DEPTH} levels deep"
            raise SpecError(Diagnostic("L011", span, found, "a flatter one", "name a part with `let`"))
        self._of[id(node)] = depth, node


class _Pending:
    """An operator that waits for its last operand; chains gather several signs."""

    def __init__(self, sign: Sign, strength: int, arity: int, opened: bool = False) -> None:
        self.signs = [sign.text]
        self.span = sign.span
        self.level = strength
        self.arity = arity
        self.opened = opened  # an `if` whose `else` has not come: it holds its condition like a bracket


class _Yard:
    def __init__(self, depth: Depth, where: Callable[[Expr, Expr], Span]) -> None:
        self.operands: list[Expr] = []
        self.pending: list[_Pending] = []
        self.depth = depth
        self.where = where

    def prefix(self, sign: Sign) -> None:
        strength = level.PREFIX[level.canonical(sign.text)]
        top = self.pending[-1] if self.pending else None
        if strength == level.NOT and top is not None and not top.opened and top.level > strength:
            raise SpecError(
                Diagnostic(
                    "L034", sign.span, f"`not` after `{top.signs[-1]}`", "an operand", "put brackets around `not …`"
                )
            )
        self.pending.append(_Pending(Sign(level.canonical(sign.text), sign.span), strength, 1))

    def infix(self, sign: Sign) -> None:
        text = level.canonical(sign.text)
        strength = level.LEVELS[text]
        if text == "else":
            while self.pending and not self.pending[-1].opened:
                self.reduce()
            if not self.pending:
                raise SpecError(Diagnostic("L035", sign.span, "`else` without `if`", "`a if condition else b`"))
            self.pending[-1].opened = False
            self.pending[-1].arity = 3
            return
        keep = strength in level.TO_THE_RIGHT
        while self.pending and not self.pending[-1].opened:
            top = self.pending[-1]
            if top.level == strength and strength in level.CHAINS and top.arity > 1:
                top.signs.append(text)
                top.arity += 1
                return
            if top.level < strength or (keep and top.level == strength):
                break
            self.reduce()
        self.pending.append(_Pending(Sign(text, sign.span), strength, 2, opened=text == "if"))

    def reduce(self) -> None:
        top = self.pending.pop()
        parts = self.operands[-top.arity :]
        del self.operands[-top.arity :]
        node: Expr
        if top.arity == 1:
            span = Span(top.span.path, top.span.line, top.span.column, *_end(self.where(parts[0], parts[0])))
            node = Unary(top.signs[0], parts[0], span=span)
        else:
            span = self.where(parts[0], parts[-1])
            if top.level == level.COMPARISON:
                node = Compare(tuple(parts), tuple(top.signs), span=span)
            elif top.level in level.CHAINS:
                node = BoolOp(top.signs[0], tuple(parts), span=span)
            elif top.level == level.CHOICE:
                node = IfElse(*parts, span=span)
            else:
                node = Binary(top.signs[0], *parts, span=span)
        self.depth.record(node, span, parts)
        self.operands.append(node)


def _end(span: Span) -> tuple[int, int]:
    return span.end_line, span.end_column


def combine(parts: Sequence[Expr | Sign], depth: Depth, outer: dict[int, Span]) -> Expr | Filtered:
    """One expression from operands with the signs before and between them.

    ``outer`` has the spans of operands that stand in brackets, brackets included: an operator spans those.
    Raises SpecError where the signs do not fit together.
    """

    def where(first: Expr, last: Expr) -> Span:
        start, end = outer.get(id(first), first.span), outer.get(id(last), last.span)
        return Span(start.path, start.line, start.column, *_end(end))

    yard = _Yard(depth, where)
    operand_next = True
    for part in parts:
        if not isinstance(part, Sign):
            yard.operands.append(part)
            operand_next = False
        elif operand_next:
            yard.prefix(part)
        else:
            yard.infix(part)
            operand_next = True
    while len(yard.pending) > 1 or (yard.pending and not yard.pending[0].opened):
        if yard.pending[-1].opened:
            raise SpecError(unfinished_choice(yard.pending[-1].span))
        yard.reduce()
    if yard.pending:
        value, condition = yard.operands
        node = Filtered(value, condition, span=where(value, condition))
        depth.record(node, node.span, (value, condition))
        return node
    return yard.operands[0]


def unfinished_choice(span: Span) -> Diagnostic:
    """The fault of an ``if`` without ``else`` that filters no reduction."""
    return Diagnostic(
        "L035",
        span,
        "`if` without `else`",
        "`a if condition else b`",
        "only a reduction has a bare filter: `sum[u if u <= t](…)`",
    )
