"""Parse trees of bodies to the syntax tree: one grammar for all bodies, and here what may stand in which."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from lark import Token, Tree

from ..diagnostics import Diagnostic, Span
from .build import Expressions
from .syntax import BodyStatement, Equation, Expr, Index, Learn, Name, Port, Tensors, TupleExpr, Wiring

# What may stand in the body of a declaration: kinds of tensors, and roles of equations.
_TENSORS = {
    "learner": {"param", "data", "state"},
    "layer": {"input", "param", "data", "state", "output", "aux"},
    "backward": set[str](),
    "wire": {"input", "output"},
}
_ROLES = {
    "learner": {"let", "implement", "update", "request"},
    "layer": {"let", "define", "output", "aux"},
    "backward": {"let", "define", "accumulate"},
    "wire": set[str](),
}
_HOMES = {"learner": "a learner", "layer": "a layer", "backward": "a backward pass", "wire": "a graph"}


class Sides:
    """``left = right`` or ``left += right`` before it is known what stands there."""

    def __init__(self, left: Expr, right: Expr, span: Span) -> None:
        self.left, self.right, self.span = left, right, span


class Body:
    """The lines of a body, until the declaration around them is known."""

    def __init__(self, lines: list[BodyStatement]) -> None:
        self.lines = lines


class Bodies(Expressions):
    """One method for each rule of a line in a body."""

    def body(self, tree: Tree[Token], kids: list[Any]) -> Body:
        return Body([line for kid in kids for line in (kid if isinstance(kid, list) else [kid])])

    def lines(self, body: Body, home: str) -> tuple[BodyStatement, ...]:
        """The lines, each of a sort that may stand in this declaration."""
        if home == "wire":
            body.lines = [_wiring(line) for line in body.lines]
        for line in body.lines:
            match line:
                case Tensors(kind):
                    word, right = kind, kind in _TENSORS[home]
                    if right and not (home == "wire" and kind == "output"):
                        self._shaped(line, body)
                case Wiring():
                    word, right = "define", home == "wire"
                case Equation(role):
                    word, right = role, role in _ROLES[home]
                case Learn():
                    word, right = "learn", home == "learner"
                case _:
                    continue
            if not right:
                self.faults.append(self._stray(line, word, home))
        return tuple(body.lines)

    def _stray(self, line: BodyStatement, word: str, home: str) -> Diagnostic:
        shown = {"define": "an equation without a word before it", "accumulate": "`+=`"}.get(word, f"`{word}`")
        if word == "input" and home == "learner":
            fix = "the header of a learner names its inputs"
        elif word == "define":
            fix = "write `let` before it"
        elif word == "output" and home == "wire":
            fix = "name the wire on a line of its own, `y = F(x)`, then `output y`"
        else:
            fix = ""
        words = sorted(
            (_TENSORS[home] | _ROLES[home] | ({"learn"} if home == "learner" else set())) - {"define", "accumulate"}
        )
        return Diagnostic("L040", line.span, f"{shown} in {_HOMES[home]}", ", ".join(f"`{w}`" for w in words), fix)

    # Lines ---------------------------------------------------------------------------------------------------

    def tensors(self, tree: Tree[Token], kids: list[Any]) -> Tensors:
        """``param W, M : R[m, n], v : R[m]``: a type counts for all names before it that have none."""
        word, *items = kids
        ports: list[Port] = []
        waiting: list[Any] = []
        for item in items:
            waiting.append(item)
            if item.type is not None:
                ports += [replace(w, type=item.type) for w in waiting]
                waiting = []
        return Tensors(str(word), tuple(ports + waiting), span=self.span(tree))

    def _shaped(self, line: Tensors, body: Body) -> None:
        """Tensors have shapes; only the outputs of a graph, which are wires, have none."""
        for port in line.items:
            if port.type is None:
                fix = f"write `{port.name} : R` for a scalar"
                given = next((e for e in body.lines if isinstance(e, Equation) and e.name == port.name), None)
                if line.kind in ("output", "aux") and given is not None:
                    fix = f"write `{line.kind}` in front of line {given.span.line}, which defines {port.name}"
                self.fail("L047", port.span, f"`{port.name}` without a shape", "`name : R[n, m]`", fix)

    def tensor(self, tree: Tree[Token], kids: list[Any]) -> Port:
        shape: Any = self.no_filter(kids[1]) if len(kids) > 1 else None
        return Port(self.identifier(kids[0]), shape, span=self.span(tree))

    def equation(self, tree: Tree[Token], kids: list[Any]) -> Sides:
        return Sides(self.no_filter(kids[0]), self.no_filter(kids[2]), self.span(tree))

    def _named(self, role: str, sides: Sides, span: Span) -> Equation:
        left = sides.left
        indices = left.indices if isinstance(left, Index) else None
        base = left.base if isinstance(left, Index) else left
        if not isinstance(base, Name):
            self.fail(
                "L041", left.span, "an expression on the left of `=`", "a name, or `name[i, j]`", "compare with `==`"
            )
        return Equation(role, base.identifier, indices, sides.right, span=span)

    def _several(self, role: str, tree: Tree[Token], kids: list[Any]) -> list[Equation]:
        results = [kid for kid in kids if not isinstance(kid, Token)]
        lines = []
        for result in results:
            span = self.span(tree) if len(results) == 1 else result.span
            if isinstance(result, Sides):
                lines.append(self._named(role, result, span))
            else:
                lines.append(Equation(role, None, None, self.no_filter(result), span=span))
        return lines

    def let(self, tree: Tree[Token], kids: list[Any]) -> Equation:
        return self._named("let", kids[1], self.span(tree))

    def implement(self, tree: Tree[Token], kids: list[Any]) -> list[Equation]:
        return self._several("implement", tree, kids)

    def update(self, tree: Tree[Token], kids: list[Any]) -> list[Equation]:
        return self._several("update", tree, kids)

    def request(self, tree: Tree[Token], kids: list[Any]) -> list[Equation]:
        return self._several("request", tree, kids)

    def output(self, tree: Tree[Token], kids: list[Any]) -> Equation:
        return self._named(str(kids[0]), kids[1], self.span(tree))

    def define(self, tree: Tree[Token], kids: list[Any]) -> Equation | Wiring:
        left = kids[0].left
        if isinstance(left, TupleExpr) and left.items and all(isinstance(x, Name) for x in left.items):
            return Wiring(tuple(x for x in left.items if isinstance(x, Name)), kids[0].right, span=self.span(tree))
        return self._named("define", kids[0], self.span(tree))

    def accumulate(self, tree: Tree[Token], kids: list[Any]) -> Equation:
        sides = Sides(self.no_filter(kids[0]), self.no_filter(kids[2]), self.span(tree))
        return self._named("accumulate", sides, self.span(tree))

    def learn(self, tree: Tree[Token], kids: list[Any]) -> Learn:
        return Learn(self.no_filter(kids[1]), span=self.span(tree))


def _wiring(line: BodyStatement) -> BodyStatement:
    """``h = F(x)`` in a graph names a wire."""
    if isinstance(line, Equation) and line.role == "define" and line.name and line.indices is None:
        return Wiring((Name(line.name, span=line.span),), line.value, span=line.span)
    return line
