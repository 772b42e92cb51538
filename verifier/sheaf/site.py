"""The site of a chain: the poset 0 <- 1 <- ... <- p of its layers' activities, and the opens of its space.

The poset has p + 1 points, so the space has p + 1 points and p + 2 opens: U_0 > U_1 > ... > U_p = {p} > the
empty set.  (A text that lets U_p be empty and gives it the sections A_p is off by one: over the empty set a
sheaf has one section.)  Every nonempty open is covered only by families that contain it, so a presheaf is a
sheaf as soon as it has one section over the empty set.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..learn.learner import Learner, MeetingError, show_object, types

if TYPE_CHECKING:
    import networkx


@dataclass(frozen=True)
class Chain:
    """A network L_0, ..., L_{p-1} whose activities are A_0, ..., A_p.  Raises MeetingError on ends that differ."""

    layers: tuple[Learner, ...]

    def __post_init__(self) -> None:
        for f, g in zip(self.layers, self.layers[1:], strict=False):
            if types(f.target) != types(g.source):
                ends = f"{f.name} ends in {show_object(f.target)}, {g.name} starts in {show_object(g.source)}"
                raise MeetingError(ends)

    @property
    def length(self) -> int:
        """p, the number of layers and of squares U_i -> U_{i+1}."""
        return len(self.layers)

    def poset(self) -> networkx.DiGraph:
        """The Hasse diagram: an edge i -> i+1 for each layer."""
        import networkx

        graph = networkx.DiGraph()
        graph.add_nodes_from(range(self.length + 1))
        graph.add_edges_from((i, i + 1) for i in range(self.length))
        return graph

    def opens(self) -> list[frozenset[int]]:
        """The opens of the space, largest first: upper sets of the poset and the empty set."""
        points = range(self.length + 1)
        return [frozenset(points[i:]) for i in points] + [frozenset()]


def chain(layers: Sequence[Learner]) -> Chain:
    return Chain(tuple(layers))
