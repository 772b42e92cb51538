"""Layers with a hand-written backward pass as learners: the error is ``dot``, dot(x, y) = x y, whose slope by x is y.

implement = the forward pass, request = the written gradients of the inputs, update = parameter - rate *
written gradient; the target is the cotangent.  Data and states are parameters that nothing updates.
"""

from __future__ import annotations

from ..calculus.reverse import slots
from ..terms.syntax import Read, Symbol, Term, mul, sub
from ..terms.traverse import cone
from .errors import Error, Y, Z
from .layer import Pass
from .learner import Learner, apart
from .program import Program


def is_dot(error: Error) -> bool:
    """Whether an error has the slope y and the inverse z: its requests are gradients, its targets cotangents."""
    return error.derivative == Read(Y) and error.inverse == Read(Z)


def of_pass(written: Pass, name: str, rate: Term) -> Learner:
    """The learner of a layer that steps by its written backward pass."""
    layer, scope = written.layer, written.scope
    by_tensor = {line.of: line.written for line in written.lines}
    moving, fixed = layer.parameters, (*layer.data, *layer.state)
    parameters = (*moving, *fixed)
    source = layer.inputs
    forward = tuple(cone([Read(y, slots(y)) for y in layer.outputs], scope.lets))
    implement = Program((*parameters, *source), forward, layer.outputs, layer.kinks)
    new: list[Symbol] = []
    for p in moving:
        i = slots(p)
        gradient = Read(by_tensor[p.name], i)
        new.append(scope.define(f"U.{p.name}", i, sub(Read(p, i), mul(rate, gradient))))
    outputs = (*new, *fixed, *(by_tensor[a.name] for a in source))
    lets = tuple(cone([Read(s, slots(s)) for s in outputs if s.name in scope.lets], scope.lets))
    step = Program((*parameters, *source, *written.cotangents), lets, outputs, written.kinks)
    ports = tuple(Symbol(y.name, y.axes, y.value) for y in layer.outputs)
    target = apart(parameters, source, ports)[2]
    constant = (*(False for _ in moving), *(True for _ in fixed))
    return Learner(name, parameters, source, target, implement, step, constant=constant, written=(layer.name, rate))


__all__ = ["is_dot", "of_pass"]
