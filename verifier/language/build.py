"""Parse trees of lark to expressions.  Statements are built on top of this, in `declarations` and `claims`."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from fractions import Fraction
from typing import Any, NoReturn, TypeVar

from lark import Token, Tree

from ..diagnostics import Diagnostic, Span, SpecError
from .operators import Depth, Filtered, Sign, combine, unfinished_choice
from .precedence import canonical
from .syntax import (
    Attribute,
    Binder,
    Call,
    Compare,
    Expr,
    Index,
    Keyword,
    Name,
    Node,
    Number,
    Reduction,
    String,
    Transpose,
    TupleExpr,
)

RESERVED = frozenset({"if", "else", "and", "or", "not"})
MAX_DIGITS = 400
_N = TypeVar("_N", bound=Node)
_FAILED = object()  # stands for a part with a fault; what contains it is not built, what stands beside it is


class Item:
    """What stands between two commas of a bracket ``[…]``: an index, or what a reduction binds."""

    def __init__(self, value: Expr, range_: Expr | None, condition: Expr | None, span: Span) -> None:
        self.value, self.range, self.condition, self.span = value, range_, condition, span

    @property
    def plain(self) -> bool:
        """Whether an ordinary index could be written so."""
        return self.range is None and self.condition is None


class Expressions:
    """Builds expressions bottom-up; a method for each rule takes the parse tree and its built children."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.faults: list[Diagnostic] = []
        self.depth = Depth()
        self.outer: dict[int, Span] = {}
        # Built, but right only in a place that the parent has: taken out there, a fault if left at the end.
        self.misplaced: dict[int, tuple[object, Diagnostic]] = {}
        self.brackets: dict[int, tuple[Index, list[Item]]] = {}

    def build(self, tree: Tree[Token]) -> Any:
        """The node of a parse tree.  Raises SpecError with all faults that the grammar does not rule out."""
        built: dict[int, Any] = {}
        for branch in tree.iter_subtrees():
            children = [built[id(c)] if isinstance(c, Tree) else c for c in branch.children]
            node: Any = _FAILED
            if not any(child is _FAILED for child in children):
                try:
                    node = getattr(self, branch.data)(branch, children)
                except SpecError as error:
                    self.faults += error.diagnostics
            built[id(branch)] = node
            meta: Any = branch.meta
            if hasattr(meta, "container_line"):
                start, end = (
                    (meta.container_line, meta.container_column),
                    (meta.container_end_line, meta.container_end_column),
                )
                self.outer[id(node)] = Span(self.path, *start, *end)
        self.faults += [fault for _, fault in self.misplaced.values()]
        if self.faults:
            raise SpecError(*sorted(self.faults, key=lambda fault: fault.span))
        return built[id(tree)]

    # Helpers -------------------------------------------------------------------------------------------------

    def span(self, source: Tree[Token] | Token) -> Span:
        """Where a parse tree or a token stands."""
        at: Any = source if isinstance(source, Token) else source.meta
        if getattr(at, "line", None) is None:
            return Span(self.path, 1, 1, 1, 1)
        return Span(self.path, at.line, at.column, at.end_line, at.end_column)

    def fail(self, code: str, span: Span, found: str, expected: str, fix: str = "") -> NoReturn:
        raise SpecError(Diagnostic(code, span, found, expected, fix))

    def only_if_taken(self, node: object, fault: Diagnostic) -> None:
        self.misplaced[id(node)] = node, fault

    def take(self, node: object) -> None:
        self.misplaced.pop(id(node), None)

    def identifier(self, token: Token) -> str:
        """The name that a token spells: NFKC-normalised, every prime a ``'``."""
        raw = str(token)
        for sign in raw:
            # ² is a letter-like sign that NFKC would quietly turn into the digit 2.
            if unicodedata.decomposition(sign).startswith(("<super>", "<fraction>")):
                plain = unicodedata.normalize("NFKC", sign)
                self.fail(
                    "L024",
                    self.span(token),
                    f"`{sign}` in the name `{raw}`",
                    "letters and digits",
                    f"a power is written `^{plain}`",
                )
        name = unicodedata.normalize("NFKC", raw)
        if not name.rstrip("'").isidentifier() or name in RESERVED:
            self.fail("L020", self.span(token), f"`{raw}`, which reads as `{name}`", "a name of letters and digits")
        return name

    def no_filter(self, value: Expr | Filtered) -> Expr:
        """The expression; a filter that nobody takes is reported in the end."""
        return value.value if isinstance(value, Filtered) else value

    # Rules ---------------------------------------------------------------------------------------------------

    def name(self, tree: Tree[Token], kids: list[Any]) -> Name:
        return Name(self.identifier(kids[0]), span=self.span(tree))

    def number(self, tree: Tree[Token], kids: list[Any]) -> Number:
        text = str(kids[0])
        exponent = text.lower().partition("e")[2].lstrip("+-")
        # An exponent of a thousand digits is a short text and a number that fills the memory.
        if len(text) > MAX_DIGITS or len(exponent) > 3 or int(exponent or 0) > MAX_DIGITS:
            found = f"the number {text[:20]}{'…' if len(text) > 20 else ''}"
            self.fail("L023", self.span(tree), found, f"at most {MAX_DIGITS} digits and an exponent up to {MAX_DIGITS}")
        return Number(Fraction(text), span=self.span(tree))

    def string(self, tree: Tree[Token], kids: list[Any]) -> String:
        node = String(str(kids[0])[1:-1], span=self.span(tree))
        fault = Diagnostic("L043", node.span, "a text in quotes", "an expression", 'only `einsum("…", a, b)` takes one')
        self.only_if_taken(node, fault)
        return node

    def tuple(self, tree: Tree[Token], kids: list[Any]) -> TupleExpr:
        return self.made(TupleExpr(tuple(map(self.no_filter, kids)), span=self.span(tree)), kids)

    def expression(self, tree: Tree[Token], kids: list[Any]) -> Expr | Filtered:
        parts = [Sign(str(k), self.span(k)) if isinstance(k, Token) else self.no_filter(k) for k in kids]
        node = combine(parts, self.depth, self.outer)
        if isinstance(node, Filtered):
            self.only_if_taken(node, unfinished_choice(node.condition.span))
        similar = next((part for part in parts if isinstance(part, Sign) and canonical(part.text) == "~"), None)
        if similar is not None:
            fault = Diagnostic("L045", similar.span, "`~` inside an expression", "`A ~ B` as a whole claim")
            if not isinstance(node, Compare) or node.operators != ("~",):
                raise SpecError(fault)
            self.only_if_taken(node, fault)
        return node

    def keyword(self, tree: Tree[Token], kids: list[Any]) -> Keyword:
        return self.made(Keyword(self.identifier(kids[0]), self.no_filter(kids[2]), span=self.span(tree)), kids)

    def call(self, tree: Tree[Token], kids: list[Any]) -> Expr:
        function, *given = kids
        span = self.span(tree)
        if isinstance(function, Number | String | TupleExpr):
            self.fail(
                "L030",
                span,
                f"{'a number' if isinstance(function, Number) else 'a bracket'} called like a function",
                "an operator before `(`",
                "write `2 * (…)` for a product",
            )
        if id(function) in self.brackets:
            return self.reduction(function, given, span)
        positional: list[Expr] = []
        keywords: list[Keyword] = []
        for argument in given:
            if isinstance(argument, Keyword):
                if any(k.name == argument.name for k in keywords):
                    self.fail("L042", argument.span, f"`{argument.name} =` twice", "each keyword once", "delete one")
                keywords.append(argument)
            elif keywords:
                self.fail(
                    "L042",
                    argument.span,
                    "an argument after `key = value`",
                    "arguments without a name first",
                    "move it to the front",
                )
            else:
                positional.append(self.no_filter(argument))
        if isinstance(function, Name) and function.identifier == "einsum":
            for argument in positional:
                self.take(argument)
        return self.made(Call(function, tuple(positional), tuple(keywords), span=span), kids)

    def reduction(self, index: Index, given: list[Any], span: Span) -> Expr:
        """``name[…](…)``: a reduction where only names, ranges and a filter stand in the bracket."""
        items = self.brackets[id(index)][1]
        special = not all(item.plain for item in items)
        if not isinstance(index.base, Name) or not all(isinstance(item.value, Name) for item in items):
            if not special:
                return self.made(Call(index, tuple(map(self.no_filter, given)), span=span), (index, *given))
            bad = next((item.value for item in items if not isinstance(item.value, Name)), index.base)
            self.take(index)
            self.fail("L044", bad.span, "an expression where a reduction binds a name", "`sum[i, j:N if condition](…)`")
        self.take(index)
        for item in items[:-1]:
            if item.condition is not None:
                self.fail(
                    "L044",
                    item.condition.span,
                    "a filter before the last index",
                    "one filter, after all indices",
                    "join conditions by `and`",
                )
        binders: list[Binder] = []
        for item in items:
            assert isinstance(item.value, Name)
            if item.value.identifier in [binder.name for binder in binders]:
                self.fail("L044", item.span, f"`{item.value.identifier}` bound twice", "each index once")
            binders.append(Binder(item.value.identifier, item.range, span=item.span))
        name = index.base.identifier
        if len(given) != 1 or isinstance(given[0], Keyword):
            self.fail(
                "L044",
                span,
                f"{len(given)} arguments of the reduction `{name}[…]`"
                if len(given) != 1
                else f"a keyword in the reduction `{name}[…]`",
                "one expression",
                f"write `{name}[…](e)`",
            )
        node = Reduction(name, tuple(binders), items[-1].condition, self.no_filter(given[0]), span=span)
        ranges = [part for item in items for part in (item.range, item.condition) if part is not None]
        return self.made(node, (*ranges, *given))

    def item(self, tree: Tree[Token], kids: list[Any]) -> Item:
        *first, last = kids
        condition = None
        if isinstance(last, Filtered):
            self.take(last)
            condition, last = last.condition, last.value
        value, range_ = (first[0], last) if first else (last, None)
        return Item(self.no_filter(value), range_, condition, self.span(tree))

    def index(self, tree: Tree[Token], kids: list[Any]) -> Index:
        base, *items = kids
        parts = [part for item in items for part in (item.value, item.range, item.condition) if part is not None]
        node = self.made(Index(base, tuple(item.value for item in items), span=self.span(tree)), (base, *parts))
        self.brackets[id(node)] = node, items
        for item in items:
            if not item.plain:
                found = "a range `i:N` in an index" if item.condition is None else "a filter in an index"
                fix = "" if item.condition is None else "`a if c else b` has two branches"
                self.only_if_taken(
                    node, Diagnostic("L044", item.span, found, "a reduction `name[i:N if condition](…)`", fix)
                )
        return node

    def attribute(self, tree: Tree[Token], kids: list[Any]) -> Attribute | Transpose:
        base, field = kids
        name = str(field) if field.type == "INTEGER" else self.identifier(field)
        span = self.span(tree)
        if name == "T":
            return self.made(Transpose(base, span=span), kids)
        return self.made(Attribute(base, name, span=span), kids)

    def made(self, node: _N, parts: Sequence[object]) -> _N:
        self.depth.record(node, node.span, parts)
        return node
