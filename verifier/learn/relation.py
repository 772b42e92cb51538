"""Learners compared along a relation of their parameters, and along a bijection of their parameters.

Simulation (``A == B via q = h(p)``): wherever the relation holds before a step, A and B have the same implementation
and the same requests, and the relation holds after the step.

Reparametrisation (``A ~ B via q = h(p)``), the equivalence of learners in Backprop as Functor:

    I_B(h p, a) = I_A(p, a)     U_B(h p, a, b) = h(U_A(p, a, b))     R_B(h p, a, b) = R_A(p, a, b)

and h is a bijection.  Without the last the relation would not be symmetric.  The gradient functor respects it where h
is an isometry, |h(p) - h(p')| = |p - p'|, and of a linear h nowhere else.
"""

from __future__ import annotations

from dataclasses import dataclass

from ..calculus.reverse import slots
from ..terms.syntax import ZERO, Read, Symbol, Term, add, power, sub, total
from .laws import Goal
from .learner import Learner, Ports
from .program import Program, Scope


@dataclass(frozen=True)
class Relation:
    """Equations between the parameters of two learners A and B, solved for some of them.

    ``free``: the others.  ``states``: from the free parameters to those of A, then of B.  ``sides``: from the
    parameters of A, then of B, to the left and right side of each equation in turn; ``names`` names the equations.
    """

    free: Ports
    states: Program
    sides: Program
    names: tuple[str, ...]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Reparametrisation:
    """A map ``forward`` from the parameters of A to those of B, and what is said to be its inverse, if anything is.

    ``isometric``: it is claimed to be an isometry.
    """

    forward: Program
    backward: Program | None = None
    notes: tuple[str, ...] = ()
    isometric: bool = False


@dataclass(frozen=True)
class AnyIsometry:
    """Some isometry of the parameters, that is to be found."""


def simulation(scope: Scope, f: Learner, g: Learner, relation: Relation) -> list[Goal]:
    """Goals I and R at related parameters, and U: the relation after the step."""
    free = tuple(scope.fresh(s) for s in _plain(relation.free))
    both = scope.run(relation.states, free)
    n = len(f.parameters)
    goals, u, v = _agree(scope, f, g, both[:n], both[n:])
    sides = scope.run(relation.sides, (*u, *v))
    return goals + [
        Goal("U", name, left, right) for name, left, right in zip(relation.names, sides[::2], sides[1::2], strict=True)
    ]


def reparametrised(scope: Scope, f: Learner, g: Learner, h: Reparametrisation) -> list[Goal]:
    """Goals I, U and R of ``f ~ g via h``; that h is a bijection is asked by `inverse`."""
    p = tuple(scope.fresh(s) for s in f.parameters)
    goals, u, v = _agree(scope, f, g, p, scope.run(h.forward, p))
    moved = scope.run(h.forward, u)
    return goals + [Goal("U", s.label, x, y) for s, x, y in zip(g.parameters, moved, v, strict=True)]


def inverse(scope: Scope, first: Program, second: Program, parameters: Ports) -> list[Goal]:
    """``second`` after ``first`` is the identity of some parameters."""
    p = tuple(scope.fresh(s) for s in parameters)
    back = scope.run(second, scope.run(first, p))
    return [Goal("bijection", s.label, x, y) for s, x, y in zip(parameters, back, p, strict=True)]


def isometric(scope: Scope, h: Reparametrisation, parameters: Ports) -> Goal:
    """|h(p) - h(p')|^2 = |p - p'|^2 for all parameters p and p'; they are tensors of real numbers."""
    p = tuple(scope.fresh(s) for s in parameters)
    other = tuple(scope.fresh(s) for s in parameters)
    left = scope.define("image", (), _distance(scope.run(h.forward, p), scope.run(h.forward, other)))
    return Goal("isometry", "|h(p) - h(p')|^2", left, scope.define("distance", (), _distance(p, other)))


def _distance(p: Ports, q: Ports) -> Term:
    """|p - q|^2."""
    rows: list[Term] = []
    for s, t in zip(p, q, strict=True):
        i = slots(s)
        rows.append(total(i, power(sub(Read(s, i), Read(t, i)), 2)))
    return add(*rows) if rows else ZERO


def _plain(ports: Ports) -> Ports:
    """Parameters of two learners under their own names where those differ; else as ``left.p`` and ``right.p``."""
    own = [s.name.split(".", 1)[-1] for s in ports]
    return tuple(Symbol(n, s.axes, s.value) if own.count(n) == 1 else s for n, s in zip(own, ports, strict=True))


def _agree(scope: Scope, f: Learner, g: Learner, p: Ports, q: Ports) -> tuple[list[Goal], Ports, Ports]:
    """Goals I and R, and the new parameters of both."""
    a = tuple(scope.fresh(s) for s in f.source)
    b = tuple(scope.fresh(s) for s in f.target)
    goals = _goals("I", f.target, f.run_implement(scope, p, a), g.run_implement(scope, q, a))
    u, r = f.run_step(scope, p, a, b)
    v, s = g.run_step(scope, q, a, b)
    return goals + _goals("R", f.source, r, s), u, v


def _goals(component: str, ports: Ports, left: Ports, right: Ports) -> list[Goal]:
    return [Goal(component, p.label, x, y) for p, x, y in zip(ports, left, right, strict=True)]
