"""The bimonoid on every object of real numbers: copy, add, discard and zero, with the laws that they are to satisfy.

They are the images under L_{eps,e} of the maps of vector spaces a |-> (a, a), (a, a') |-> a + a', a |-> * and
* |-> 0, so none has a parameter and no step size enters.  With f the inverse of e_x,

    copy     r(a, (b, b')) = f_a(e_x(a, b) + e_x(a, b'))             e = (x - y)^2/2: b + b' - a
    add      r((a, a'), b) = (f_a(e_x(a + a', b)), f_a'(e_x(a + a', b)))
    discard  r(a, *) = f_a(0)                                        e = (x - y)^2/2: a
    zero     I(*) = 0, and no request

A comonoid (copy, discard), a monoid (add, zero), and each a map of the other (Backprop as Functor; the axioms of a
commutative and cocommutative bimonoid).  Without parameters two learners are equivalent just if they are equal.
"""

from __future__ import annotations

from collections.abc import Iterator

from ..calculus.reverse import slots
from ..terms.syntax import ONE, ZERO, Let, Read, Symbol, add
from .coherence import Law
from .errors import Error
from .gradient import gradient
from .learner import Learner, Ports, braiding, compose, identity, product
from .program import Program


def copying(ports: Ports, error: Error) -> Learner:
    """A -> A x A.  Its request merges two requests."""
    return gradient("copy", (), ports, _twice(ports), Program(ports, (), (*ports, *ports)), error, ONE)


def adding(ports: Ports, error: Error) -> Learner:
    """A x A -> A."""
    both = _twice(ports)
    lets = []
    for x, y, s in zip(both, both[len(ports) :], ports, strict=False):
        i = slots(s)
        lets.append(Let(Symbol(f"y.{s.name}", s.axes), i, add(Read(x, i), Read(y, i))))
    return gradient("add", (), both, ports, _program(both, lets), error, ONE)


def discarding(ports: Ports, error: Error) -> Learner:
    """A -> 1.  It asks for what has no slope."""
    return gradient("discard", (), ports, (), Program(ports, (), ()), error, ONE)


def zero(ports: Ports, error: Error) -> Learner:
    """1 -> A."""
    lets = [Let(Symbol(f"y.{s.name}", s.axes), slots(s), ZERO) for s in ports]
    return gradient("zero", (), (), ports, _program((), lets), error, ONE)


def laws(ports: Ports, error: Error) -> Iterator[Law]:
    """The laws of the commutative, cocommutative bimonoid on an object, and of the one on its square."""
    one, nothing = identity(ports), identity(())
    swap = braiding(ports, ports)
    copy, join = copying(ports, error), adding(ports, error)
    drop, null = discarding(ports, error), zero(ports, error)
    yield _law("coassociative", [copy, product([copy, one])], [copy, product([one, copy])])
    yield _law("counit left", [copy, product([drop, one])], [one])
    yield _law("counit right", [copy, product([one, drop])], [one])
    yield _law("cocommutative", [copy, swap], [copy])
    yield _law("associative", [product([join, one]), join], [product([one, join]), join])
    yield _law("unit left", [product([null, one]), join], [one])
    yield _law("unit right", [product([one, null]), join], [one])
    yield _law("commutative", [swap, join], [join])
    middle = product([one, swap, one])
    yield _law("copy of a sum", [join, copy], [product([copy, copy]), middle, product([join, join])])
    yield _law("copy of zero", [null, copy], [product([null, null])])
    yield _law("discard of a sum", [join, drop], [product([drop, drop])])
    yield _law("discard of zero", [null, drop], [nothing])
    square = product([one, one]).source
    yield _law("copy of a product", [copying(square, error)], [product([copy, copy]), middle])
    yield _law("discard of a product", [discarding(square, error)], [product([drop, drop])])
    yield _law("sum of a product", [adding(square, error)], [middle, product([join, join])])
    yield _law("zero of a product", [zero(square, error)], [product([null, null])])


def _law(name: str, left: list[Learner], right: list[Learner]) -> Law:
    return Law(name, compose(left), compose(right), ())


def _twice(ports: Ports) -> Ports:
    return tuple(Symbol(s.name + k, s.axes, s.value) for k in "12" for s in ports)


def _program(inputs: Ports, lets: list[Let]) -> Program:
    return Program(inputs, tuple(lets), tuple(let.symbol for let in lets))


__all__ = ["adding", "copying", "discarding", "laws", "zero"]
