"""What a local square asks of learners of which nothing is known: its equations, in the syntax of specs.

They are the exact conditions (Theorem A): pasted after ``assuming`` they prove the square, and it says nothing else.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ..learn.learner import Learner
from ..learn.program import Scope
from ..sheaf.readings import square
from ..sheaf.site import Chain
from ..terms.mathematics import text
from ..terms.traverse import unfolded
from .violators import violator


@dataclass(frozen=True)
class SquareConditions:
    """The equations of the square U_i -> U_{i+1}; none if it holds by definition.

    ``violators``: for each equation, learners over {0, 1} that satisfy all others and not this one, if they were found.
    """

    number: int
    equations: tuple[str, ...]
    violators: tuple[str | None, ...] = ()


def conditions(net: Learner, reading: str = "local") -> Iterator[SquareConditions]:
    """The conditions of every square of a network.

    >>> from ..learn.learner import identity
    >>> from ..terms.syntax import Symbol
    >>> [s.equations for s in conditions(identity((Symbol("a"),)))]
    [()]
    """
    chain = Chain(net.layers)
    for i in range(chain.length):
        scope, layers = Scope(), chain.layers[i : i + 2]
        goals = square(scope, Chain(layers), reading, 0)
        rows, needed = [], []
        for k, g in enumerate(goals):
            left, right = (unfolded(e, scope.lets) for e in (g.equation.left, g.equation.right))
            if left != right:
                rows.append(f"{text(left)} == {text(right)}")
                needed.append(violator(layers, scope, goals, k))
        yield SquareConditions(i, tuple(rows), tuple(needed))


__all__ = ["SquareConditions", "conditions"]
