"""A problem: goals to decide in a theory.  What elaboration makes of a claim, and what both judges are given."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

from ..evaluate.sample import Structure
from ..kernel import Kernel
from ..learn.laws import Goal
from ..learn.program import Scope
from ..terms.definedness import of_symbols, of_terms
from ..terms.index import INDICES, guard_positions
from ..terms.matrices import is_matrix
from ..terms.sizes import Bounds
from ..terms.sorts import Sort
from ..terms.syntax import ZERO, Call, Condition, Equation, Function, Pointwise, Schematic, Symbol, Term
from ..terms.traverse import cone, free_indices, guard_terms, looked_up, reads, subterms


@dataclass(frozen=True)
class Theory:
    """What is declared and assumed.

    ``bounds``: the least value of each size.  ``facts``: declared sign facts; ``stated``: those that a claim's
    ``when`` adds.  ``schematic``: identities of functions; ``pointwise``: equations about data.
    ``structures``: opaque errors and learners with the laws that are assumed of them, for models.
    ``indices``: the ranges of declared indices; nothing follows from them, but texts can be read back.
    """

    bounds: Bounds = field(default_factory=Bounds)
    facts: tuple[Condition, ...] = ()
    stated: tuple[Condition, ...] = ()
    schematic: tuple[Schematic, ...] = ()
    pointwise: tuple[Pointwise, ...] = ()
    structures: tuple[Structure, ...] = ()
    indices: Mapping[str, Sort | None] = field(default_factory=dict, compare=False)

    @property
    def known(self) -> tuple[Condition, ...]:
        """Everything that may be relied on: declarations and what the claim states."""
        return self.facts + self.stated


@dataclass(frozen=True)
class Problem:
    """Goals in a scope, under a theory.

    The right side of each goal is the specification and fixes the domain.  With ``inside`` the conditions of
    the left side are assumed as well (the claim is then only about points where it is defined).
    A problem is made when its scope is complete.
    """

    theory: Theory
    scope: Scope
    goals: tuple[Goal, ...]
    inside: bool = False

    def terms(self, goals: Iterable[Goal] | None = None) -> list[Term]:
        """Both sides of some goals, left first."""
        result: list[Term] = []
        for g in self.goals if goals is None else goals:
            result += [g.equation.left, g.equation.right]
        return result

    def conditions(self, side: str) -> list[Condition]:
        """Definedness of one side (``left`` or ``right``) over all goals, as written; kinks belong to the right."""
        lets = self.scope.lets
        terms = [getattr(g.equation, side) for g in self.goals]
        found = dict.fromkeys(of_terms(terms, lets))
        if side == "right":
            found.update(dict.fromkeys(of_symbols(self.inputs())))
            found.update(dict.fromkeys(self.kinks))
        return list(found)

    @cached_property
    def kinks(self) -> tuple[Condition, ...]:
        """Where what was differentiated has no derivative, without those kinks whose cotangent is provably 0.

        If y = F(x, m(x)) with F differentiable and dF/dm = 0 at the point, y has the derivative dF/dx there, whether m
        has one or not: a greatest value is Lipschitz where what it is taken of is.
        """
        return tuple(dict.fromkeys(k for k in map(self._kink, self.scope.kinks) if k is not None))

    def _kink(self, c: Condition) -> Condition | None:
        if c.unless is None:
            return c
        free = tuple(sorted(free_indices(c.unless), key=lambda v: v.name))
        kernel = Kernel(self.scope.lets, self.theory.bounds, schematic=self.theory.schematic)
        return None if kernel.equal(Equation(free, c.unless, ZERO)).proved else replace(c, unless=None)

    def all_terms(self) -> list[Term]:
        """Every term of the problem: goals, facts and hypotheses, and the lets below them."""
        terms = self.terms()
        for c in (*self.theory.known, *self.kinks):
            terms += looked_up((c.subject,)) if isinstance(c.subject, INDICES) else (c.subject,)
            terms += [u for g in c.guards for u in (*guard_terms(g), *looked_up(guard_positions(g)))]
        for h in self.theory.pointwise:
            terms += [h.left, h.right]
        return terms + [let.body for let in cone(terms, self.scope.lets)]

    def inputs(self) -> list[Symbol]:
        """The tensors that the problem quantifies over, in order of declaration, then of occurrence."""
        return self._inputs

    @cached_property
    def _inputs(self) -> list[Symbol]:
        lets = self.scope.lets
        used = {s: None for t in self.all_terms() for s in reads(t) if s.name not in lets}
        declared = [s for s in self.scope.inputs if s in used]
        return list(dict.fromkeys([*declared, *used]))

    def functions(self) -> list[Function]:
        """The uninterpreted functions of the problem, in order of occurrence."""
        return self._functions

    @cached_property
    def _functions(self) -> list[Function]:
        calls = (t.function for u in self.all_terms() for t in subterms(u) if isinstance(t, Call))
        return list(dict.fromkeys(f for f in calls if not f.known and not f.table and not is_matrix(f)))
