"""The presheaves W (weights) and X (activities and weights) of a chain, and their restriction maps.

    W(U_i) = P_i x ... x P_{p-1}          restriction: forget
    X(U_i) = A_i x W(U_i)                 restriction: (a, p_i, w) |-> (I_i(p_i, a), w)

A section is held as symbols of a scope.  The weights behind the layers that a square looks at enter as one
element of an opaque set: what is proved for it holds for the product of all parameter spaces behind.
"""

from __future__ import annotations

from dataclasses import dataclass

from ..learn.learner import Ports, distinct
from ..learn.program import Scope
from ..terms.syntax import Symbol
from .site import Chain


@dataclass(frozen=True)
class Section:
    """A section of X over U_i: an activity of A_i and the weights of the layers i, i+1, ..."""

    start: int
    activity: Ports
    weights: tuple[Ports, ...]


def section(scope: Scope, net: Chain, start: int) -> Section:
    """The general section over U_start: all entries are inputs of the scope."""
    groups = distinct([f.parameters for f in net.layers])
    weights = tuple(tuple(scope.fresh(s) for s in group) for group in groups[start:])
    ports = net.layers[start].source if start < net.length else net.layers[-1].target
    return Section(start, tuple(scope.fresh(Symbol(s.name, s.axes, s.value)) for s in ports), weights)


def restrict(scope: Scope, net: Chain, s: Section, end: int) -> Section:
    """The restriction X(U_start) -> X(U_end): run the layers, forget their weights."""
    activity = s.activity
    for i in range(s.start, end):
        activity = net.layers[i].run_implement(scope, s.weights[i - s.start], activity, f".{i}")
    return Section(end, activity, s.weights[end - s.start :])
