"""Terms, conditions, points and statements of a problem as text, in the names that the spec uses."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import chain, count
from typing import Any

from ..evaluate.model import Model
from ..evaluate.numbers import show_number
from ..learn.laws import Goal
from ..terms.choice import taken_once
from ..terms.circuits import over_z2
from ..terms.index import INDICES, Guard, Index, Var, guard_positions, sizes_in, variables
from ..terms.mathematics import text, text_guard, text_index
from ..terms.sorts import Element, Fin, extent
from ..terms.syntax import (
    Condition,
    Extreme,
    Function,
    If,
    IndexOf,
    Prod,
    Read,
    SizeOf,
    Symbol,
    Term,
    Total,
    Where,
)
from ..terms.traverse import (
    cone,
    free_indices,
    guard_variables,
    map_guard,
    map_reads,
    reads,
    rename_indices,
    replace_guard,
    subterms,
)
from .problem import Problem
from .refute import Difference, relevant
from .verdict import Witness

LONG = 240
MANY = 8
NODES = 120


class Shower:
    """Texts about one problem."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        self._sized: set[str] | None = None
        self._conditions: dict[Condition, str] = {}

    def term(self, t: Term) -> str:
        return text(t)

    def short(self, t: Term) -> str:
        """A residue, if it is short enough to be read."""
        shown = text(t)
        return shown if len(shown) <= LONG else ""

    def condition(self, c: Condition) -> str:
        """A condition over source terms, with its indices and guards."""
        if c not in self._conditions:
            self._conditions[c] = self._condition(c)
        return self._conditions[c]

    def _condition(self, c: Condition) -> str:
        once = taken_once(c)
        if once is not None:
            shown = text(self.source(once), self.problem.theory.indices)
            return f"once({shown}) (a tie has no derivative)"
        c = self._renamed(self.sourced(c))
        if isinstance(c.subject, INDICES):
            body = f"{text_index(c.subject)} {c.relation} 0"
        else:
            body = f"{text(c.subject, self.problem.theory.indices)} {c.relation} 0"
        if c.guards:
            body += " where " + " and ".join(self.guard(g) for g in c.guards)
        used = variables(c.subject) if isinstance(c.subject, INDICES) else free_indices(c.subject)
        used = used.union(*(guard_variables(g) for g in c.guards))
        if used & set(c.indices):
            names = ", ".join(dict.fromkeys(v.name.split(".")[0] for v in c.indices if v in used))
            body += f" for all {names}"
        return f"{body} ({c.reason})" if c.reason and c.reason != "declared" else body

    def sourced(self, c: Condition) -> Condition:
        """A condition with the lets in it replaced by their definitions, as long as it stays readable."""
        subject = c.subject if isinstance(c.subject, INDICES) else self.source(c.subject)
        return replace(c, subject=subject, guards=tuple(map_guard(g, self._source) for g in c.guards))

    def source(self, t: Term) -> Term:
        """A term with the lets in it replaced by their definitions, as long as it stays readable."""
        lets = self.problem.scope.lets
        while True:
            inside = [s for s in reads(t) if s.name in lets]
            if not inside:
                return t

            larger = map_reads(t, self._source)
            if larger == t or sum(1 for _ in subterms(larger)) > NODES:
                return t
            t = larger

    def _source(self, s: Symbol, index: tuple[Index, ...]) -> Term:
        """A read with a let in it replaced by its definition."""
        let = self.problem.scope.lets.get(s.name)
        if let is None or isinstance(s.value, Fin):
            return Read(s, index)
        return rename_indices(let.body, dict(zip(let.indices, index, strict=True)))

    def _renamed(self, c: Condition) -> Condition:
        """A condition whose indices have names that are declared for their ranges, or not declared."""
        declared = self.problem.theory.indices
        names = [v.name.split(".")[0] for v in c.indices]
        table: dict[Var, Index] = {}
        for v, name in zip(c.indices, tuple(names), strict=True):
            if declared.get(name, v.sort) not in (v.sort, None):
                fitting = (n for n, sort in declared.items() if sort == v.sort)
                new = next(n for n in chain(fitting, map(f"{name}{{}}".format, count(1))) if n not in names)
                names.append(new)
                table[v] = Var(new, v.sort)
        if not table or isinstance(c.subject, INDICES):
            return c
        guards = tuple(replace_guard(g, table) for g in c.guards)
        indices = tuple(x if isinstance(x := table.get(v, v), Var) else v for v in c.indices)
        return replace(c, indices=indices, subject=rename_indices(c.subject, table), guards=guards)

    def guard(self, g: Guard) -> str:
        return text_guard(g, self.problem.theory.indices)

    def model(self, model: Model, goal: Goal) -> str:
        """A point in one line: its sizes."""
        if self._sized is None:
            self._sized = sizes_of(self.problem)
        used = self._sized
        return ", ".join(f"{n} = {v}" for n, v in sorted(model.sizes.items()) if n in used) or "a point"

    def witness(self, found: Difference) -> Witness:
        """A counterexample as data for reports."""
        goal, model = found.goal, found.model
        values = tuple(
            (s.label, tensor_text(s, model.values[s.name]))
            for s in relevant(self.problem, goal)
            if s.name in model.values
        )
        place = goal.label + (f"[{', '.join(map(position_text, found.position))}]" if found.position else "")
        used = {f.name for f in self._functions(goal)}
        return Witness(
            found.kind,
            tuple(sorted((n, str(v)) for n, v in model.sizes.items() if n in self._sizes(goal))),
            values,
            tuple((n, str(f)) for n, f in sorted(model.functions.items()) if n in used),
            place,
            found.left if isinstance(found.left, str) else entry_text(goal.left, found.left),
            entry_text(goal.right, found.right),
            str(found.scale) if found.scale is not None else "",
        )

    def _functions(self, goal: Goal) -> list[Function]:
        part = Problem(self.problem.theory, self.problem.scope, (goal,))
        return part.functions()

    def _sizes(self, goal: Goal) -> set[str]:
        part = Problem(self.problem.theory, self.problem.scope, (goal,))
        return sizes_of(part)


def sizes_of(problem: Problem) -> set[str]:
    """The sizes that a problem depends on: extents of inputs and of sums, sizes as numbers, sizes in positions."""
    found = {n for s in problem.inputs() for a in s.axes for n in extent(a).symbols()}
    found |= {n for s in problem.inputs() if isinstance(s.value, Fin) for n in s.value.size.symbols()}
    lets = problem.scope.lets
    terms = problem.terms()
    for t in (u for body in [*terms, *(let.body for let in cone(terms, lets))] for u in subterms(body)):
        if isinstance(t, SizeOf):
            found |= t.size.symbols()
        elif isinstance(t, IndexOf):
            found |= sizes_in(t.index)
        elif isinstance(t, Total | Prod):
            found |= {n for v in t.indices for n in extent(v.sort).symbols()}
        elif isinstance(t, Extreme | Where):
            found |= {n for v in t.indices for n in extent(v.sort).symbols()}
            found |= {n for i in guard_positions(t.guard) for n in sizes_in(i)}
        elif isinstance(t, Read):
            found |= {n for i in t.index for n in sizes_in(i)}
        elif isinstance(t, If):
            found |= {n for i in guard_positions(t.guard) for n in sizes_in(i)}
    return found


def quantified(problem: Problem) -> str:
    """What a claim is about: sizes, functions and tensors, with what is declared of them."""
    theory, lets = problem.theory, problem.scope.lets
    terms = problem.terms()
    used = {s for t in [*terms, *(let.body for let in cone(terms, lets))] for s in reads(t)}
    inputs = [s for s in problem.inputs() if s in used]
    sizes = sizes_of(problem)
    rows: list[str] = []
    most = dict(theory.bounds.most)
    for (low, high), names in _grouped(((theory.bounds.get(n), most.get(n)), n) for n in sorted(sizes)):
        rows.append(f"{', '.join(names)} {_bounds(low, high)}")
    functions = [f for f in problem.functions() if f.properties]
    for properties, names in _grouped((_properties(f), f.name) for f in functions):
        rows.append(f"{', '.join(names)} {properties}")
    bounded: set[Symbol] = set()
    for c in theory.facts:
        if not isinstance(c.subject, INDICES) and c.reason == "declared" and set(reads(c.subject)) <= set(inputs):
            rows.append(f"{text(c.subject)} {c.relation} 0")
            bounded |= set(reads(c.subject))
    tensors = [s for s in inputs if s not in bounded or not s.name.startswith("$")]
    for kind, names in _grouped((_type(s), s.label) for s in tensors):
        shown = names if len(names) <= MANY else [names[0], names[1], "...", names[-1]]
        rows.append(f"{', '.join(shown)} in {kind}")
    return "; ".join(rows)


def _properties(f: Function) -> str:
    return "any polynomials" if over_z2(f) else " ".join(sorted(f.properties))


def _bounds(low: int | None, high: int | None) -> str:
    if low is None and high is None:
        return "any integer"
    return " and ".join(
        x for x in (f">= {low}" if low is not None else "", f"<= {high}" if high is not None else "") if x
    )


def _type(s: Symbol) -> str:
    return f"{s.value}[{', '.join(map(str, s.axes))}]" if s.axes else str(s.value)


def _grouped(rows: Iterable[tuple[Any, str]]) -> list[tuple[Any, list[str]]]:
    """Names by what they have in common, in order of first occurrence."""
    found: dict[Any, list[str]] = {}
    for key, name in rows:
        found.setdefault(key, []).append(name)
    return list(found.items())


def position_text(p: object) -> str:
    """A position: a number, or a tuple of them."""
    return f"({', '.join(map(position_text, p))})" if isinstance(p, tuple) else str(p)


def entry_text(s: Symbol, value: Any) -> str:
    """A number; an element of a finite set by its name."""
    if isinstance(s.value, Element) and s.value.elements:
        return s.value.elements[int(value)]
    return show_number(value)


def tensor_text(s: Symbol, entries: Any) -> str:
    """A tensor as nested tuples; one entry alone as a number."""
    if len(entries) == 1:
        (value,) = entries.values()
        return entry_text(s, value)

    def nest(prefix: Sequence[object], depth: int) -> str:
        if depth == len(s.axes):
            return entry_text(s, entries[tuple(prefix)])
        heads = list(dict.fromkeys(p[depth] for p in entries if tuple(p[:depth]) == tuple(prefix)))
        rows = [nest([*prefix, h], depth + 1) for h in heads]
        return f"({', '.join(rows)}{',' if len(rows) == 1 else ''})"

    return nest([], 0)
