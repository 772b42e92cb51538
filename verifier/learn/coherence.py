"""The laws of the symmetric monoidal category Learn for given learners: units, associativity, interchange, coherence.

Each law is a pair of learners that must be equal, or equal up to a permutation of parameter blocks
(those are the only reparametrisations that coherence needs).  Composites are binary, as in the definition.

The structure maps have no parameters; objects are lists of ports, so associator and unitors move no port:

    associator    (A x B) x C -> A x (B x C)    I((a, b), c) = (a, (b, c))    r(., (a', (b', c'))) = ((a', b'), c')
    left unitor   1 x A -> A                    I(*, a) = a                   r(., a') = (*, a')
    right unitor  A x 1 -> A                    I(a, *) = a                   r(., a') = (a', *)
    braiding      A x B -> B x A                I(a, b) = (b, a)              r(., (b', a')) = (a', b')

They are natural, the pentagon, the triangle and both hexagons commute, and braiding twice is the identity.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ..terms.syntax import Symbol
from .learner import Learner, Ports, apart, braiding, compose, distinct, identity, product, types
from .program import Program


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


def associator(a: Ports, b: Ports, c: Ports) -> Learner:
    """(A x B) x C -> A x (B x C)."""
    return _rebracketing([a, b, c], "assoc")


def associator_back(a: Ports, b: Ports, c: Ports) -> Learner:
    """A x (B x C) -> (A x B) x C."""
    return _rebracketing([a, b, c], "assoc'")


def left_unitor(a: Ports) -> Learner:
    """1 x A -> A."""
    return _rebracketing([(), a], "unit")


def right_unitor(a: Ports) -> Learner:
    """A x 1 -> A."""
    return _rebracketing([a, ()], "unit'")


def _rebracketing(factors: Sequence[Ports], name: str) -> Learner:
    """Every port goes to itself, and what is asked of it is asked."""
    a = tuple(s for group in distinct(factors) for s in group)
    _, b = apart(a, tuple(Symbol(s.name + "'", s.axes, s.value) for s in a))
    return Learner(name, (), a, b, Program(a, (), a), Program((*a, *b), (), b))


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
    yield from coherence(*(learners[k % len(learners)] for k in range(3)))


def coherence(f: Learner, g: Learner, h: Learner) -> Iterator[Law]:
    """The laws of the structure maps: on the sources of three learners, and natural in them."""
    a, b, c = f.source, g.source, h.source
    one, two, three = (identity(x) for x in (a, b, c))
    ab, bc = product([one, two]).source, product([two, three]).source
    there, back = associator(a, b, c), associator_back(a, b, c)
    yield _same("assoc ; assoc' == id", compose([there, back]), identity(there.source))
    yield _same("assoc' ; assoc == id", compose([back, there]), identity(there.source))
    long = compose([product([there, one]), associator(a, bc, a), product([one, associator(b, c, a)])])
    short = compose([associator(ab, c, a), associator(a, b, product([three, one]).source)])
    yield _same("pentagon: (assoc * id) ; assoc ; (id * assoc) == assoc ; assoc", long, short)
    middle = compose([associator(a, (), b), product([one, left_unitor(b)])])
    yield _same("triangle: assoc(A, 1, B) ; (id * unit) == unit' * id", middle, product([right_unitor(a), two]))
    yield _same("braid(A, 1) ; unit == unit'", compose([braiding(a, ()), left_unitor(a)]), right_unitor(a))
    yield hexagon(f, g, h)
    left = compose([back, braiding(ab, c), associator_back(c, a, b)])
    steps = [product([one, braiding(b, c)]), associator_back(a, c, b), product([braiding(a, c), two])]
    yield _same("hexagon': braid(A * B, C) == (id * braid(B, C)) ; (braid(A, C) * id)", left, compose(steps))
    ends = f.target, g.target, h.target
    name = f"(({f.name} * {g.name}) * {h.name}) ; assoc == assoc ; ({f.name} * ({g.name} * {h.name}))"
    left = compose([product([product([f, g]), h]), associator(*ends)])
    yield _same(name, left, compose([there, product([f, product([g, h])])]))
    nothing = identity(())
    left = compose([product([nothing, f]), left_unitor(f.target)])
    yield _same(f"(id(1) * {f.name}) ; unit == unit ; {f.name}", left, compose([left_unitor(a), f]))
    left = compose([product([f, nothing]), right_unitor(f.target)])
    yield _same(f"({f.name} * id(1)) ; unit' == unit' ; {f.name}", left, compose([right_unitor(a), f]))


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
    left = compose([associator(a, b, c), braiding(a, both), associator(b, c, a)])
    first = product([braiding(a, b), identity(c)])
    second = product([identity(b), braiding(a, c)])
    right = compose([first, associator(b, a, c), second])
    return _same("hexagon: braid(A, B * C) == (braid(A, B) * id) ; (id * braid(A, C))", left, right)
