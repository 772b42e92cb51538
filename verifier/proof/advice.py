"""What to do about a gradient that is not right: the missing term, and a correction that was proved to be right."""

from __future__ import annotations

import re
from dataclasses import replace

from ..evaluate.machine import Machine
from ..evaluate.numbers import Undecided, Undefined, differ
from ..learn.laws import Goal
from ..learn.layer import Line, Pass
from ..learn.program import Scope
from ..terms.mathematics import text
from ..terms.syntax import ZERO, Add, Equation, Let, Read, Symbol, Term, add
from ..terms.traverse import cone, reads, rename_symbols
from .judge import judge
from .problem import Problem
from .prove import prove
from .refute import Refuter
from .verdict import PROVED, Advice

FUEL = 40_000
LONG = 300


def missing_term(problem: Problem, written: Pass, line: Line, goal: Goal) -> Advice | None:
    """The term that a line lacks, in the names of the user, if the line with it is proved to be right."""
    scope = written.scope
    refuter = Refuter(problem, 2)
    known = {s.name for s in problem.inputs()}
    named = [*(s.name for s in written.layer.names.values()), *_gradients(written, line)]
    named = [n for n in named if _inputs(scope, n) <= known]
    also: list[Term] = [Read(scope.lets[n].symbol, scope.lets[n].indices) for n in named]
    kernel = prove(problem, refuter.machines, [goal], {goal}, also).kernel
    indices = scope.lets[line.local.name].indices
    equation = Equation(indices, Read(line.derived, indices), Read(line.local, indices))
    lacks = kernel.difference(equation, named, FUEL)
    if lacks is None:
        return None
    for part in lacks.parts if isinstance(lacks, Add) else ():  # what is zero for a reason need not be said
        rest = [p for p in lacks.parts if p is not part] if isinstance(lacks, Add) else []
        gone = Equation(indices, part, ZERO)
        if rest and all(_holds(m, gone) for m in refuter.machines) and kernel.equal(gone, FUEL).proved:
            lacks = add(*rest)
    renamed = rename_symbols(lacks, _shown(written))
    let = Let(Symbol(line.name, line.derived.axes), indices, renamed)
    place, _, shown = text(let, problem.theory.indices).partition(" = ")
    if len(shown) > LONG:
        return None
    corrected = scope.name(f"c.{line.name}", indices, add(Read(line.local, indices), lacks))
    (ruling,) = judge(replace(problem, goals=(Goal("correction", line.name, corrected, line.derived),)))
    if ruling.verdict != PROVED:
        return None
    scope.name(lack_name(line), indices, lacks)
    whole = any("." in v.name for v in indices)  # the line was written without indices
    source = f"({line.source}){place.removeprefix(line.name)}" if whole else summand(line.source)
    simple = not (shown.startswith("-") and isinstance(lacks, Add))
    return Advice(lacks=shown, correction=f"{place} = {source}{added(shown)}" if simple else "")


def added(term: str) -> str:
    """A term as it is written behind a sum: with its sign.

    >>> added("-x*y"), added("x if x > 0 else 0")
    (' - x*y', ' + (x if x > 0 else 0)')
    """
    term = summand(term)
    return f" - {term[1:].lstrip()}" if term.startswith("-") else f" + {term}"


def summand(written: str) -> str:
    """A term as part of a sum: a choice, which reaches as far as it can, stands in brackets.

    >>> summand("x if x > 0 else 0"), summand("2*(x if x > 0 else 0)")
    ('(x if x > 0 else 0)', '2*(x if x > 0 else 0)')
    """
    depth = 0
    for word in re.findall(r"[(\[\])]|\w+", written):
        depth += (word in "([") - (word in ")]")
        if word == "if" and depth == 0:
            return f"({written})"
    return written


def _holds(machine: Machine, e: Equation) -> bool:
    """Whether an equation may be true at a model."""
    try:
        return not any(differ(left, right) for _, left, right in machine.pairs(e.indices, e.left, e.right))
    except (Undefined, Undecided):
        return False


def lack_name(line: Line) -> str:
    """The let that holds the missing term of a line, once the line with it is proved."""
    return f"k.{line.name}"


def _gradients(written: Pass, line: Line) -> list[str]:
    """The derived gradients that the user has a name for, other than the line's own."""
    return [x.derived.name for x in written.lines if x is not line and x.derived.name in written.scope.lets]


def _shown(written: Pass) -> dict[Symbol, Symbol]:
    """Derived gradients under the names that the user gave them."""
    return {x.derived: Symbol(x.name, x.derived.axes) for x in written.lines}


def _inputs(scope: Scope, name: str) -> set[str]:
    rows = cone([Read(scope.lets[name].symbol)], scope.lets)
    return {s.name for let in rows for s in reads(let.body) if s.name not in scope.lets}


__all__ = ["added", "lack_name", "missing_term", "summand"]
