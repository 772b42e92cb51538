"""Functions that are declared to be inverse to others: hypotheses for all arguments.

``function G : R -> R inverse of F'`` declares G(F'(x)) = x (``left``) and F'(G(z)) = z (``right``).
"""

from __future__ import annotations

from dataclasses import dataclass

from ..calculus.reverse import slots
from ..terms.index import Var
from ..terms.syntax import Abstraction, Call, Function, Read, Schematic, Symbol, Term


@dataclass(frozen=True)
class InversePair:
    """``inverse`` undoes ``function`` (``order`` 0) or its derivative (1); ``laws`` among ``left`` and ``right``."""

    function: Function
    inverse: Function
    order: int
    laws: frozenset[str]

    def __str__(self) -> str:
        primes = "'" * self.order
        return f"{self.inverse.name} inverse of {self.function.name}{primes} ({', '.join(sorted(self.laws))})"

    def hypotheses(self) -> list[Schematic]:
        """The laws as identities for all arguments."""
        rows = []
        for law in sorted(self.laws):
            inner, outer = (self.function, self.inverse) if law == "left" else (self.inverse, self.function)
            axes, value = inner.arguments[0]
            x = Symbol("x", axes, value)
            i = slots(Symbol("y", outer.axes, outer.value))
            j = tuple(Var(f"{v.name}.1", v.sort) for v in slots(Symbol("z", inner.axes, inner.value)))
            bound = tuple(Var(f"{v.name}.2", v.sort) for v in slots(x))
            below = self._call(inner, Abstraction(bound, Read(x, bound)), j)
            left = self._call(outer, Abstraction(j, below), i)
            rows.append(Schematic(f"{law}({self.inverse.name})", (x,), i, left, Read(x, i)))
        return rows

    def _call(self, f: Function, argument: Abstraction, outputs: tuple[Var, ...]) -> Term:
        primes = ((0, ()),) * self.order if f == self.function else ()
        return Call(f, (argument,), outputs, primes)
