"""Schematic hypotheses: identities of functions for all arguments, matched where a call is made.

A pattern is a call whose arguments are variables (whole tensors), numbers, or calls of the same kind.  A variable
matches any abstraction; one that occurs twice must be given equal normal forms.  The right side is instantiated.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..terms.index import Index, Var
from ..terms.syntax import Abstraction, Call, Num, Read, Schematic, Term
from .data import Idx, Poly, constant, free_indices
from .functions import Argument, Derivative, parts, plain

if TYPE_CHECKING:
    from .algebra import Algebra

Bindings = dict[str, Argument]
Outputs = dict[Var, Idx]
Translate = Callable[[Term, Bindings, Outputs], Poly]


@dataclass
class Hypotheses:
    """The schematic hypotheses of a proof, by the name of the function that a pattern starts with."""

    rows: dict[str, list[Schematic]]
    translate: Translate

    def rewrite(
        self,
        k: Algebra,
        name: str,
        outputs: Sequence[Idx],
        arguments: Sequence[Argument],
        partials: Sequence[Derivative],
    ) -> Poly | None:
        """The instance of the right side of the first hypothesis that matches a call, or None."""
        for h in self.rows.get(name, ()):
            assert isinstance(h.left, Call)  # the constructor of the kernel refuses other patterns
            bound: Bindings = {}
            outs: Outputs = {}
            names = {v.name for v in h.variables}
            if not self._call(k, h.left, outputs, arguments, partials, bound, outs, names):
                continue
            k.spend(5)
            value = self.translate(h.right, bound, outs)
            k.axiom("hypothesis", h.name, k.opens(plain(k, name, outputs, arguments, partials)), value)
            return value
        return None

    def _call(
        self,
        k: Algebra,
        pattern: Call,
        outputs: Sequence[Idx],
        arguments: Sequence[Argument],
        partials: Sequence[Derivative],
        bound: Bindings,
        outs: Outputs,
        names: set[str],
    ) -> bool:
        if len(pattern.arguments) != len(arguments) or len(pattern.partials) != len(partials):
            return False
        if not _indices(pattern.outputs, outputs, outs):
            return False
        wanted = sorted(pattern.partials, key=lambda d: d[0])
        given = sorted(partials, key=lambda d: d[0])
        for (a, ix), (b, jx) in zip(wanted, given, strict=True):
            if a != b or not _indices(ix, jx, outs):
                return False
        return all(
            self._argument(k, x, y, bound, outs, names) for x, y in zip(pattern.arguments, arguments, strict=True)
        )

    def _argument(
        self, k: Algebra, pattern: Abstraction, given: Argument, bound: Bindings, outs: Outputs, names: set[str]
    ) -> bool:
        body = pattern.body
        if isinstance(body, Read) and body.symbol.name in names:
            if body.index != pattern.indices:
                return False
            known = bound.get(body.symbol.name)
            if known is None:
                bound[body.symbol.name] = given
                return True
            table = dict(zip(known[0], given[0], strict=True))
            return k.rename(known[1], table) == given[1]
        if isinstance(body, Num):
            return given[1] == constant(body.value)
        if not isinstance(body, Call):
            return False
        if len(given[1]) != 1:
            return False
        ((free, comps), c), *_ = given[1].items()
        if c != 1 or comps or len(free) != 1 or free[0][2] != 1:
            return False
        head = k.heads[free[0][0]]
        if head.kind != "V" or head.data[0] != body.function.name:
            return False
        inner = {**outs, **dict(zip(pattern.indices, given[0], strict=True))}
        for order in head.perms or (tuple(range(len(free[0][1]))),):
            ix = tuple(free[0][1][n] for n in order)
            _, outputs, arguments, partials = parts(k, head, ix)
            trial, places = dict(bound), dict(inner)
            if self._call(k, body, outputs, arguments, partials, trial, places, names):
                # nothing that a variable stands for may depend on the binder of this argument
                own = set(given[0])
                if any(free_indices(p) & own for n, (_, p) in trial.items() if n not in bound):
                    continue
                bound.update(trial)
                return True
        return False


def _indices(pattern: Sequence[Index], given: Sequence[Idx], outs: Outputs) -> bool:
    """Index variables of a pattern stand for indices; one that occurs twice for one index."""
    if len(pattern) != len(given):
        return False
    for v, x in zip(pattern, given, strict=True):
        if not isinstance(v, Var) or outs.setdefault(v, x) != x:
            return False
    return True
