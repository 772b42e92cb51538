"""Terms, conditions, points and statements of a problem as text, in the names that the spec uses."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..evaluate.model import Model
from ..evaluate.numbers import show_number
from ..learn.laws import Goal
from ..terms.index import Affine, Guard, Inject, Pair, Part, Var
from ..terms.mathematics import text, text_guard, text_index
from ..terms.sorts import extent
from ..terms.syntax import Condition, Function, Symbol, Term
from ..terms.traverse import rename_indices
from .problem import Problem
from .refute import Difference, relevant
from .verdict import Witness

_INDEX = (Var, Affine, Pair, Part, Inject)
LONG = 400
_WORDS = {"!=": "!=", ">": ">", ">=": ">="}


class Shower:
    """Texts about one problem."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem

    def term(self, t: Term) -> str:
        return text(t)

    def short(self, t: Term) -> str:
        """A residue, if it is short enough to be read."""
        shown = text(t)
        return shown if len(shown) <= LONG else f"{shown[:LONG]} ... ({len(shown)} characters)"

    def goal(self, goal: Goal) -> str:
        """``left == right`` with the definitions of both sides put in."""
        lets = self.problem.scope.lets
        e = goal.equation

        def side(symbol: Symbol, t: Term) -> str:
            if symbol.name not in lets:
                return text(t)
            let = lets[symbol.name]
            return text(rename_indices(let.body, dict(zip(let.indices, e.indices, strict=True))))

        return f"{side(goal.left, e.left)} == {side(goal.right, e.right)}"

    def condition(self, c: Condition) -> str:
        """A condition over source terms, with its indices and guards."""
        if isinstance(c.subject, _INDEX):
            body = f"{text_index(c.subject)} {_WORDS[c.relation]} 0"
        else:
            body = f"{text(c.subject)} {_WORDS[c.relation]} 0"
        if c.guards:
            body += " where " + " and ".join(self.guard(g) for g in c.guards)
        if c.indices:
            names = ", ".join(dict.fromkeys(v.name.split(".")[0] for v in c.indices))
            body += f" for all {names}"
        return f"{body} ({c.reason})" if c.reason and c.reason != "declared" else body

    @staticmethod
    def guard(g: Guard) -> str:
        return text_guard(g)

    def model(self, model: Model, goal: Goal) -> str:
        """A point in one line: its sizes."""
        return ", ".join(f"{n} = {v}" for n, v in sorted(model.sizes.items())) or "no sizes"

    def witness(self, found: Difference) -> Witness:
        """A counterexample as data for reports."""
        goal, model = found.goal, found.model
        values = tuple(
            (s.label, tensor_text(s, model.values[s.name])) for s in relevant(self.problem, goal) if s.name in model.values
        )
        place = goal.label + (f"[{', '.join(map(position_text, found.position))}]" if found.position else "")
        used = {f.name for f in self._functions(goal)}
        return Witness(
            found.kind,
            tuple(sorted((n, str(v)) for n, v in model.sizes.items() if n in self._sizes(goal))),
            values,
            tuple((n, str(f)) for n, f in sorted(model.functions.items()) if n in used),
            place,
            found.left if isinstance(found.left, str) else show_number(found.left),
            show_number(found.right),
        )

    def _functions(self, goal: Goal) -> list[Function]:
        part = Problem(self.problem.theory, self.problem.scope, (goal,))
        return part.functions()

    def _sizes(self, goal: Goal) -> set[str]:
        part = Problem(self.problem.theory, self.problem.scope, (goal,))
        return {n for s in part.inputs() for a in s.axes for n in extent(a).symbols()}


def position_text(p: object) -> str:
    """A position: a number, or a tuple of them."""
    return f"({', '.join(map(position_text, p))})" if isinstance(p, tuple) else str(p)


def tensor_text(s: Symbol, entries: Any) -> str:
    """A tensor as nested tuples; one entry alone as a number."""
    if len(entries) == 1:
        (value,) = entries.values()
        return show_number(value)

    def nest(prefix: Sequence[object], depth: int) -> str:
        if depth == len(s.axes):
            return show_number(entries[tuple(prefix)])
        heads = list(dict.fromkeys(p[depth] for p in entries if tuple(p[:depth]) == tuple(prefix)))
        rows = [nest([*prefix, h], depth + 1) for h in heads]
        return f"({', '.join(rows)}{',' if len(rows) == 1 else ''})"

    return nest([], 0)

