"""``expect never``: a law that fails for every instance of what the spec leaves open, not for one alone.

One point is shown at which left - right has a sign that does not depend on the declared numbers and functions: then no
choice of them makes the law true.  (Laws that only fail at one of several points, depending on the instance, are not
found.)
"""

from __future__ import annotations

from dataclasses import replace

from ..kernel import Kernel
from ..terms.definedness import of_terms
from ..terms.index import Index
from ..terms.mathematics import text
from ..terms.signs import SignTable
from ..terms.syntax import Equation, Let, Num, Read, Symbol, Term
from ..terms.traverse import cone, map_reads
from .problem import Problem
from .prove import positive_names
from .refute import Difference
from .show import sizes_of

FUEL = 20_000


def never(problem: Problem, found: Difference) -> str:
    """``left - right`` at the point of a counterexample, for every instance; empty if its sign is not known."""
    inputs = [s for s in problem.inputs() if not s.name.startswith("$")]
    theory = problem.theory
    if found.kind != "unequal" or sizes_of(problem) or any(s.axes for s in inputs):
        return ""
    if theory.pointwise or theory.stated:  # they hold at the point for one instance, and need not for all
        return ""
    values = {s: found.model.values[s.name][()] for s in inputs}

    def put(s: Symbol, index: tuple[Index, ...]) -> Term:
        return Num(values[s]) if s in values else Read(s, index)

    sides = (found.goal.equation.left, found.goal.equation.right)
    lets = {
        let.symbol.name: Let(let.symbol, let.indices, map_reads(let.body, put))
        for let in cone(sides, problem.scope.lets)
    }
    left, right = (map_reads(side, put) for side in sides)
    signs = SignTable(lets, theory.bounds, theory.known)
    conditions = of_terms([left, right], lets)
    for c in problem.scope.kinks:  # where what was differentiated has a derivative, and errors are defined
        if isinstance(c.subject, Term) and not c.indices and not c.guards:
            conditions.append(replace(c, subject=map_reads(c.subject, put)))
        else:
            return ""
    if not all(signs.implies(c) for c in conditions):
        return ""
    kernel = Kernel(lets, theory.bounds, schematic=theory.schematic, positive=positive_names(problem))
    residue = kernel.equal(Equation((), left, right), FUEL).residue
    return text(residue) if residue is not None and 0 not in signs.of(residue) else ""


__all__ = ["never"]
