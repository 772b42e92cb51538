"""The laws of the category Learn for given learners: units, associativity, interchange, the symmetry.

Each law is a pair of learners that must be equal, or equal up to a permutation of parameter blocks
(those are the only reparametrisations that coherence needs).  Composites are binary, as in the definition.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from .learner import Learner, braiding, compose, identity, product, types


@dataclass(frozen=True)
class Law:
    """``left`` and ``right`` are equal after parameter k of the left is matched with ``order[k]`` of the right.

    ``strict`` is True where no reordering is needed (order is the identity).
    """

    name: str
    left: Learner
    right: Learner
    order: tuple[int, ...]

    @property
    def strict(self) -> bool:
        return self.order == tuple(range(len(self.order)))


def _same(name: str, left: Learner, right: Learner) -> Law:
    return Law(name, left, right, tuple(range(len(left.parameters))))


def laws(learners: Sequence[Learner]) -> Iterator[Law]:
    """All laws that the given learners, in this order, can state."""
    for f in learners:
        yield _same(f"id ; {f.name} == {f.name}", compose([identity(f.source), f]), f)
        yield _same(f"{f.name} ; id == {f.name}", compose([f, identity(f.target)]), f)
    for f, g, h in zip(learners, learners[1:], learners[2:], strict=False):
        if types(f.target) == types(g.source) and types(g.target) == types(h.source):
            left, right = compose([compose([f, g]), h]), compose([f, compose([g, h])])
            yield _same(f"({f.name} ; {g.name}) ; {h.name} == {f.name} ; ({g.name} ; {h.name})", left, right)
    f, g = learners[0], learners[-1]
    yield _braiding_inverse(f, g)
    yield naturality(f, g)
    yield _same("id * id == id", product([identity(f.source), identity(g.source)]), identity(product([f, g]).source))
    for f, g in zip(learners, learners[1:], strict=False):
        if types(f.target) == types(g.source):
            yield interchange(f, f, g, g)
    if len(learners) >= 3:
        yield hexagon(*learners[:3])


def _braiding_inverse(f: Learner, g: Learner) -> Law:
    a, b = f.source, g.source
    return _same("braid ; braid == id", compose([braiding(a, b), braiding(b, a)]), identity(product([f, g]).source))


def naturality(f: Learner, g: Learner) -> Law:
    """(f * g) ; braid ~ braid ; (g * f): the parameter blocks are swapped."""
    left = compose([product([f, g]), braiding(f.target, g.target)])
    right = compose([braiding(f.source, g.source), product([g, f])])
    n, m = len(f.parameters), len(g.parameters)
    order = (*range(m, m + n), *range(m))
    return Law(f"({f.name} * {g.name}) ; braid ~ braid ; ({g.name} * {f.name})", left, right, order)


def interchange(f: Learner, f2: Learner, g: Learner, g2: Learner) -> Law:
    """(f * f') ; (g * g') ~ (f ; g) * (f' ; g'): the middle blocks are swapped."""
    left = compose([product([f, f2]), product([g, g2])])
    right = product([compose([f, g]), compose([f2, g2])])
    n, n2, m, m2 = (len(x.parameters) for x in (f, f2, g, g2))
    first, second = range(n), range(n + m, n + m + n2)
    third, fourth = range(n, n + m), range(n + m + n2, n + m + n2 + m2)
    name = f"({f.name} * {f2.name}) ; ({g.name} * {g2.name}) ~ ({f.name} ; {g.name}) * ({f2.name} ; {g2.name})"
    return Law(name, left, right, (*first, *second, *third, *fourth))


def hexagon(f: Learner, g: Learner, h: Learner) -> Law:
    """braid(A, B x C) == (braid(A, B) * id) ; (id * braid(A, C)) on the sources of three learners."""
    a, b, c = f.source, g.source, h.source
    both = product([identity(b), identity(c)]).source
    left = braiding(a, both)
    first = product([braiding(a, b), identity(c)])
    second = product([identity(b), braiding(a, c)])
    return _same("hexagon: braid(A, B * C) == (braid(A, B) * id) ; (id * braid(A, C))", left, compose([first, second]))
