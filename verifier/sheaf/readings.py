"""Readings of "back-propagation is natural": what the map over each open set is, and its naturality squares.

With r_i(q, a) = R_i(q, a, I_i(q, a)), u_i alike, and (R*_i, U*_i) the composite learner A_i -> A_p:

    local     X -> X   phi_i(a, q, w) = (r_i(q, a), u_i(q, a), w)          phi_p = id
    target    X -> X   phi_i(a, q, w) = (R*_i(q w, a, c), U*_i(q w, a, c))   phi_p = c
    weights   X -> W   beta_i(a, q, w) = U*_i(q w, a, c)
    activity  X -> X   (R*_i(q w, a, c), q w)                                phi_p = c
    frozen    X -> X   (a, U*_i(q w, a, c))                                  phi_p = id
    gradient  W -> W   phi_0 = U*_0( , a, c) for a fixed input a: a map of W(U_0) belongs to a natural one just where
                       each new weight depends on the weights from its own layer on alone (`triangular`)

A square U_i -> U_j says that the map followed by restriction is restriction followed by the map.
Both ways are computed from these definitions; no simplified form of a square is assumed.
"""

from __future__ import annotations

from collections.abc import Callable

from ..learn.laws import Goal
from ..learn.learner import Learner, Ports
from ..learn.opaque import opaque_learner
from ..learn.program import Scope
from ..terms.sorts import Element
from ..terms.syntax import Symbol
from .presheaf import Section, restrict, section
from .site import Chain

TAIL = ".tail"
Map = Callable[[Scope, Chain, Section], Section]


def local(scope: Scope, net: Chain, s: Section) -> Section:
    """One layer trained on its own output; the identity over the last open."""
    if s.start == net.length:
        return s
    f, q = net.layers[s.start], s.weights[0]
    output = f.run_implement(scope, q, s.activity, f".{s.start}")
    u, r = f.run_step(scope, q, s.activity, output, f".{s.start}")
    return Section(s.start, r, (u, *s.weights[1:]))


def target(scope: Scope, net: Chain, s: Section) -> Section:
    """The composite of all layers from here on, trained on a fixed target c of A_p."""
    goal: Ports = tuple(scope.input(c) for c in constant_target(net))
    if s.start == net.length:
        return Section(s.start, goal, ())
    activities = [s.activity]
    for i in range(s.start, net.length):
        activities.append(net.layers[i].run_implement(scope, s.weights[i - s.start], activities[-1], f".{i}"))
    updates: list[Ports] = []
    for i in reversed(range(s.start, net.length)):
        k = i - s.start
        u, goal = net.layers[i].run_step(scope, s.weights[k], activities[k], goal, f".{i}")
        updates.append(u)
    return Section(s.start, goal, tuple(reversed(updates)))


def activity(scope: Scope, net: Chain, s: Section) -> Section:
    """The request of the target reading alone: weights stay."""
    return Section(s.start, target(scope, net, s).activity, s.weights)


def frozen(scope: Scope, net: Chain, s: Section) -> Section:
    """The update of the target reading alone: the activity stays."""
    return Section(s.start, s.activity, target(scope, net, s).weights)


def last_ports(net: Chain) -> Ports:
    """The object A_p."""
    return net.layers[-1].target


def constant_target(net: Chain) -> Ports:
    """The fixed target c, an element of A_p; no port or parameter of a spec has a name with a dot."""
    ports = last_ports(net)
    return tuple(Symbol(".c" if len(ports) == 1 else f".c_{b.label}", b.axes, b.value) for b in ports)


READINGS: dict[str, tuple[Map, bool]] = {
    "local": (local, True),
    "target": (target, True),
    "weights": (target, False),
    "activity": (activity, True),
    "frozen": (frozen, True),
    "gradient": (target, False),
}
"""The map of each reading, and whether its values have an activity (else it goes to W)."""


def square(scope: Scope, net: Chain, reading: str, start: int, end: int | None = None) -> list[Goal]:
    """The square of a reading at the restriction U_start -> U_end (default the next open), as goals.

    Left: the map, then restriction.  Right: restriction, then the map.
    """
    end = start + 1 if end is None else end
    phi, activity = READINGS[reading]
    s = section(scope, net, start)
    right = phi(scope, net, restrict(scope, net, s, end))
    image = phi(scope, net, s)
    goals = []
    if activity:
        left = restrict(scope, net, image, end)
        labels = [x.label for x in (net.layers[end].source if end < net.length else last_ports(net))]
        goals += [Goal("A", name, x, y) for name, x, y in zip(labels, left.activity, right.activity, strict=True)]
    weights = image.weights[end - start :]
    for before, after, group in zip(weights, right.weights, s.weights[end - start :], strict=True):
        goals += [Goal("W", p.label, x, y) for x, y, p in zip(before, after, group, strict=True)]
    return goals


def triangular(scope: Scope, net: Chain, start: int) -> list[Goal]:
    """New weights behind U_{start+1} at two global states that agree there: they must agree too.

    The input and the target are the same at both; the weights of the layers up to ``start`` are not.
    """
    s = section(scope, net, 0)
    before = [tuple(scope.fresh(x) for x in group) for group in s.weights[: start + 1]]
    other = Section(0, s.activity, (*before, *s.weights[start + 1 :]))
    one, two = target(scope, net, s), target(scope, net, other)
    goals = []
    for x, y, group in zip(one.weights, two.weights, s.weights, strict=True):
        goals += [Goal("W", p.label, a, b) for a, b, p in zip(x, y, group, strict=True)]
    skip = sum(len(group) for group in s.weights[: start + 1])
    return goals[skip:]


def stays(scope: Scope, net: Chain, reading: str, start: int) -> list[Goal]:
    """The map over U_start is the identity: what makes squares of a map X -> X commute for no deeper reason."""
    s = section(scope, net, start)
    image = READINGS[reading][0](scope, net, s)
    goals = [Goal("R", x.label, y, x) for x, y in zip(s.activity, image.activity, strict=True)]
    for group, new in zip(s.weights, image.weights, strict=True):
        goals += [Goal("U", x.label, y, x) for x, y in zip(group, new, strict=True)]
    return goals


def near(net: Chain, start: int, look: int) -> Chain:
    """The chain from a layer on, seen through ``look`` layers: the rest is one opaque learner.

    What is proved about the first square of this chain holds for every network that begins so: the opaque
    learner stands for the composite behind, its parameter for all weights behind.  This keeps the cost of
    all squares linear in depth, and proves a square for all depths at once.
    """
    front = net.layers[start : start + look]
    return Chain(net.layers[start:]) if start + look >= net.length else near_step(*front)


def near_step(*front: Learner) -> Chain:
    """Some layers, and all that may come behind them as one opaque learner."""
    tail = opaque_learner(TAIL, front[-1].target, (Symbol("c", (), Element("C behind")),), (Element("W behind"),))
    return Chain((*front, tail.learner))


__all__ = ["READINGS", "constant_target", "local", "near", "near_step", "square", "stays", "target", "triangular"]
