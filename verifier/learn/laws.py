"""Laws as equations: equality of learners by component, and the laws of lenses.

A law is given as goals in a scope: each goal says that two tensors are equal, entry by entry.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ..calculus.reverse import slots
from ..terms.sorts import Fin
from ..terms.syntax import Equation, Read, Symbol
from .learner import Learner, Ports, types
from .program import Scope


class Mismatch(TypeError):
    """Two learners that cannot be equal because their types differ; the message says which and how."""


@dataclass(frozen=True)
class Goal:
    """``left == right``, tensors of one shape, as part of a component (I, U, R, W, A) of a claim.

    ``label`` names the port; ``written`` is True if the right side is the specification and fixes the domain.
    """

    component: str
    label: str
    left: Symbol
    right: Symbol

    @property
    def equation(self) -> Equation:
        i = slots(self.left)
        return Equation(i, Read(self.left, i), Read(self.right, i))


def _goals(component: str, names: Sequence[str], left: Ports, right: Ports) -> Iterator[Goal]:
    for name, x, y in zip(names, left, right, strict=True):
        if x == y and isinstance(x.value, Fin):
            continue  # one and the same integer tensor: data that nothing updates
        yield Goal(component, name, x, y)


def _labels(f: Learner) -> tuple[list[str], list[str], list[str]]:
    return [s.label for s in f.parameters], [s.label for s in f.source], [s.label for s in f.target]


def declare(scope: Scope, f: Learner) -> tuple[Ports, Ports, Ports]:
    """Inputs of a scope for the parameters, source and target of a learner."""
    p = tuple(scope.fresh(s) for s in f.parameters)
    a = tuple(scope.fresh(s) for s in f.source)
    return p, a, tuple(scope.fresh(s) for s in f.target)


def same_names(f: Learner, g: Learner) -> bool:
    """Whether the parameters of two learners have the same names in the same parts."""
    return sorted(f.origins) == sorted(g.origins) and len(set(f.origins)) == len(f.origins)


def by_name(f: Learner, g: Learner) -> list[int]:
    """For each parameter of f the parameter of g of its name in the same part; of its position if names differ."""
    if not same_names(f, g):
        return list(range(len(f.parameters)))
    return [g.origins.index(o) for o in f.origins]


def equal(scope: Scope, f: Learner, g: Learner, order: Sequence[int] | None = None) -> list[Goal]:
    """f == g: equal implementation, update and request; parameters correspond by position unless ``order`` is given.

    ``order`` is a permutation of the parameters: parameter k of f is parameter ``order[k]`` of g (the
    reparametrisations that coherence needs are block permutations).  Raises Mismatch.
    """
    order = range(len(f.parameters)) if order is None else order
    for what, x, y in (("source", f.source, g.source), ("target", f.target, g.target)):
        if types(x) != types(y):
            raise Mismatch(f"the {what}s of {f.name} and {g.name} have different types")
    if len(f.parameters) != len(g.parameters):
        raise Mismatch(f"{f.name} has {len(f.parameters)} parameters and {g.name} has {len(g.parameters)}")
    if types(f.parameters) != types([g.parameters[k] for k in order]):
        raise Mismatch(f"the parameters of {f.name} and {g.name} have different shapes")
    p, a, b = declare(scope, f)
    q = list(p)
    for k, place in enumerate(order):
        q[place] = p[k]
    params, sources, targets = _labels(f)
    goals = list(_goals("I", targets, f.run_implement(scope, p, a), g.run_implement(scope, tuple(q), a)))
    u, r = f.run_step(scope, p, a, b)
    v, s = g.run_step(scope, tuple(q), a, b)
    goals += _goals("U", params, u, tuple(v[k] for k in order))
    goals += _goals("R", sources, r, s)
    return goals


def getput(scope: Scope, f: Learner) -> list[Goal]:
    """GetPut: U(p, a, I(p, a)) = p and R(p, a, I(p, a)) = a."""
    p, a, _ = declare(scope, f)
    u, r = f.run_step(scope, p, a, f.run_implement(scope, p, a))
    params, sources, _ = _labels(f)
    return [*_goals("U", params, u, p), *_goals("R", sources, r, a)]


def putget(scope: Scope, f: Learner) -> list[Goal]:
    """PutGet: I(U(p, a, b), R(p, a, b)) = b."""
    p, a, b = declare(scope, f)
    u, r = f.run_step(scope, p, a, b)
    return list(_goals("I", _labels(f)[2], f.run_implement(scope, u, r), b))


def putput(scope: Scope, f: Learner) -> list[Goal]:
    """PutPut: (U, R)(U(p, a, b), R(p, a, b), c) = (U, R)(p, a, c)."""
    p, a, b = declare(scope, f)
    c = tuple(scope.fresh(Symbol(s.name + "'", s.axes, s.value)) for s in f.target)
    u, r = f.run_step(scope, p, a, b)
    u2, r2 = f.run_step(scope, u, r, c)
    u1, r1 = f.run_step(scope, p, a, c)
    params, sources, _ = _labels(f)
    return [*_goals("U", params, u2, u1), *_goals("R", sources, r2, r1)]


LENS = {"getput": getput, "putget": putget, "putput": putput}
