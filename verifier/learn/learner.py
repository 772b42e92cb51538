"""The learner: a tuple (P, I, U, R) (Backprop as Functor, Definition II.1), and its category Learn.

Objects are lists of ports: tensors of real numbers, or elements of sets.  A learner A -> B has
parameters P and maps I : P x A -> B, U : P x A x B -> P, R : P x A x B -> A, held as let programs.
Composition trains the upstream learner on the request of the downstream one:

    (f ; g)  I(p, q, a)    = J(q, I(p, a))
             U(p, q, a, c) = (U(p, a, t), V(q, b, c))     with b = I(p, a), t = S(q, b, c)
             R(p, q, a, c) = R(p, a, t)

The identity has no parameters and requests the target it is given.  Products act in parallel.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from ..calculus.reverse import slots
from ..terms.sizes import Size
from ..terms.sorts import extent
from ..terms.syntax import Read, Symbol, Term, add, sub
from .errors import Error
from .program import Program, Scope

Port = Symbol
Ports = tuple[Symbol, ...]


class MeetingError(TypeError):
    """Learners that do not compose: the target of the first is not the source of the second."""


@dataclass(frozen=True)
class Learner:
    """A learner: ``implement`` maps parameters and source to the target; ``step`` maps parameters, source
    and target to the new parameters followed by the requested source.

    ``layers`` are the learners that a network consists of, in order; a learner that is no network is its
    own only layer.  ``partial``: its error's inverse is not defined everywhere, so a request may leave the domain.
    ``errors`` names the errors whose inverse its request was derived with; ``learned`` is the error and the rate that
    a learner's own update and request were derived from, None if they were given otherwise.  ``origin``: where each
    parameter of a composite comes from, as the number of a learner with parameters and the name there: ``2.W``.
    ``constant`` marks the parameters that nothing updates: the data of a layer.  ``written``: the layer whose
    hand-written backward pass the learner steps by, and the rate.  ``untied``: the network whose tied parameters are
    one here; such a learner is one layer.  ``factors``: of a product.
    """

    name: str
    parameters: Ports
    source: Ports
    target: Ports
    implement: Program
    step: Program
    parts: tuple[Learner, ...] = ()
    partial: bool = False
    errors: tuple[str, ...] = ()
    learned: tuple[Error, Term] | None = None
    origin: tuple[str, ...] = ()
    constant: tuple[bool, ...] = ()
    written: tuple[str, Term] | None = None
    untied: Learner | None = None
    factors: tuple[Learner, ...] = ()
    reversed: bool = False

    @property
    def constants(self) -> tuple[bool, ...]:
        """Which parameters nothing updates."""
        return self.constant or (False,) * len(self.parameters)

    @property
    def origins(self) -> tuple[str, ...]:
        """Where each parameter comes from; those of a learner that is no composite are its own."""
        return self.origin or tuple(f"0.{s.name}" for s in self.parameters)

    @property
    def layers(self) -> tuple[Learner, ...]:
        return self.parts or (self,)

    def run_implement(self, scope: Scope, p: Ports, a: Ports, suffix: str = "") -> Ports:
        """I(p, a)."""
        return scope.run(self.implement, (*p, *a), suffix, valued=True)

    def run_step(self, scope: Scope, p: Ports, a: Ports, b: Ports, suffix: str = "") -> tuple[Ports, Ports]:
        """U(p, a, b) and R(p, a, b)."""
        out = scope.run(self.step, (*p, *a, *b), suffix)
        k = len(self.parameters)
        return out[:k], out[k:]


def types(ports: Sequence[Symbol]) -> list[object]:
    """What an object is: the shapes and values of its ports; names do not matter."""
    return [(s.axes, s.value) for s in ports]


def dimension(ports: Ports) -> Size:
    """How many numbers an object of real tensors consists of."""
    whole = Size.number(0)
    for s in ports:
        entries = Size.number(1)
        for axis in s.axes:
            entries = entries * extent(axis)
        whole = whole + entries
    return whole


def distinct(groups: Sequence[Ports]) -> list[Ports]:
    """The same ports with names that are all different: a name that is used twice gets its group's number."""
    names = Counter(s.name for group in groups for s in group)
    taken = {n for n, k in names.items() if k == 1}
    result: list[Ports] = []
    for k, group in enumerate(groups):
        row: list[Symbol] = []
        for s in group:
            name = s.name
            if names[name] > 1:
                name = f"{s.name}{k}" if not s.name[-1:].isdigit() else f"{s.name}_{k}"
                while name in taken:
                    name += "'"
                taken.add(name)
            row.append(Symbol(name, s.axes, s.value))
        result.append(tuple(row))
    return result


def apart(source: Ports, *others: Ports) -> list[Ports]:
    """Ports of a source and a target under names that clash neither with each other nor with parameters."""
    taken = {s.name for s in source}
    result = [source]
    for group in others:
        row = []
        for s in group:
            name = s.name
            while name in taken:
                name += "'"
            taken.add(name)
            row.append(Symbol(name, s.axes, s.value))
        result.append(tuple(row))
    return result


def compose(layers: Sequence[Learner], name: str = "") -> Learner:
    """The composite of a chain; one forward and one backward sweep, linear in its length.

    It equals the left-nested binary composite, which tests prove for opaque learners.  Raises MeetingError.
    """
    for f, g in zip(layers, layers[1:], strict=False):
        if types(f.target) != types(g.source):
            raise MeetingError(f"{f.name} ends in {show_object(f.target)}, {g.name} starts in {show_object(g.source)}")
    params = distinct([f.parameters for f in layers])
    flat = tuple(s for group in params for s in group)
    _, a, c = apart(flat, layers[0].source, layers[-1].target)

    def forward(scope: Scope) -> list[Ports]:
        x = [a]
        for k, f in enumerate(layers):
            x.append(f.run_implement(scope, params[k], x[-1], f".{k}"))
        return x

    scope = scope_of(flat, a)
    implement = scope.program((*flat, *a), forward(scope)[-1])
    scope = scope_of(flat, a, c)
    x = forward(scope)
    target, updates = c, []
    for k in reversed(range(len(layers))):
        u, target = layers[k].run_step(scope, params[k], x[k], target, f".{k}")
        updates.append(u)
    out = [s for u in reversed(updates) for s in u] + list(target)
    step = scope.program((*flat, *a, *c), out)
    label = name or " ; ".join(f.name if " ; " not in f.name else f"({f.name})" for f in layers)
    parts = tuple(layer for f in layers for layer in f.layers)
    partial = any(f.partial for f in layers)
    return Learner(
        label, flat, a, c, implement, step, parts, partial, _errors(layers), None, _origin(layers), _constant(layers)
    )


def _constant(learners: Sequence[Learner]) -> tuple[bool, ...]:
    return tuple(c for f in learners for c in f.constants)


def tied(f: Learner, kept: int, dropped: int) -> Learner:
    """One parameter for two: both uses read it, and what it is updated by is the sum of what they are updated by.

    Of gradient learners of one rate this is the gradient learner of the tied map: p - r (g + h).  Raises TypeError if
    the parameters have different types.
    """
    p, q = f.parameters[kept], f.parameters[dropped]
    if types([p]) != types([q]):
        raise TypeError(f"{p.label} is {show_object((p,))}, {q.label} is {show_object((q,))}")
    rest = [k for k in range(len(f.parameters)) if k != dropped]
    parameters = tuple(f.parameters[k] for k in rest)
    all_ = tuple(p if k == dropped else s for k, s in enumerate(f.parameters))
    scope = scope_of(parameters, f.source)
    implement = scope.program((*parameters, *f.source), f.run_implement(scope, all_, f.source))
    scope = scope_of(parameters, f.source, f.target)
    u, r = f.run_step(scope, all_, f.source, f.target)
    i = slots(p)
    both = sub(add(Read(u[kept], i), Read(u[dropped], i)), Read(p, i))
    new = [scope.define(f"U.{p.name}", i, both) if k == kept else u[k] for k in rest]
    step = scope.program((*parameters, *f.source, *f.target), (*new, *r))
    return replace(
        f,
        parameters=parameters,
        implement=implement,
        step=step,
        parts=(),
        origin=tuple(f.origins[k] for k in rest),
        constant=tuple(f.constants[k] for k in rest),
        untied=f.untied or f,
        reversed=False,
    )


def _origin(learners: Sequence[Learner]) -> tuple[str, ...]:
    """Origins of the parameters of a composite: its parts' learners are numbered in order, however it is bracketed."""
    rows: list[str] = []
    count = 0
    for f in learners:
        own = f.origins
        for o in own:
            number, name = o.split(".", 1)
            rows.append(f"{count + int(number)}.{name}")
        count += len({o.split(".", 1)[0] for o in own})
    return tuple(rows)


def _errors(learners: Sequence[Learner]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(e for f in learners for e in f.errors))


def product(factors: Sequence[Learner], name: str = "") -> Learner:
    """The monoidal product: everything in parallel."""
    params = distinct([f.parameters for f in factors])
    flat = tuple(s for g in params for s in g)
    sources, targets = distinct([f.source for f in factors]), distinct([f.target for f in factors])
    _, a, b = apart(flat, tuple(s for g in sources for s in g), tuple(s for g in targets for s in g))
    sources, targets = _split(a, sources), _split(b, targets)
    scope = scope_of(flat, a)
    out = [s for k, f in enumerate(factors) for s in f.run_implement(scope, params[k], sources[k], f".{k}")]
    implement = scope.program((*flat, *a), out)
    scope = scope_of(flat, a, b)
    steps = [f.run_step(scope, params[k], sources[k], targets[k], f".{k}") for k, f in enumerate(factors)]
    step = scope.program((*flat, *a, *b), [s for u, _ in steps for s in u] + [s for _, r in steps for s in r])
    label = name or " * ".join(f.name if " ; " not in f.name else f"({f.name})" for f in factors)
    partial = any(f.partial for f in factors)
    return Learner(
        label,
        flat,
        a,
        b,
        implement,
        step,
        partial=partial,
        errors=_errors(factors),
        origin=_origin(factors),
        constant=_constant(factors),
        factors=tuple(factors),
    )


def identity(ports: Ports, name: str = "id") -> Learner:
    """The identity: no parameters, I(a) = a, request r(a, b) = b."""
    _, a, b = apart((), ports, tuple(Symbol(s.name + "'", s.axes, s.value) for s in ports))
    return Learner(name, (), a, b, Program(a, (), a), Program((*a, *b), (), b))


def braiding(left: Ports, right: Ports, name: str = "braid") -> Learner:
    """The symmetry A x B -> B x A: I(a, b) = (b, a), r((a, b), (b', a')) = (a', b')."""
    first, second = distinct([left, right])
    a = (*first, *second)
    _, b = apart(a, tuple(Symbol(s.name + "'", s.axes, s.value) for s in (*second, *first)))
    k = len(second)
    return Learner(name, (), a, b, Program(a, (), (*second, *first)), Program((*a, *b), (), (*b[k:], *b[:k])))


def scope_of(*groups: Ports) -> Scope:
    """A scope whose inputs are all ports of some groups.  Raises ValueError if two have one name."""
    scope = Scope()
    for group in groups:
        for s in group:
            if scope.input(s) != s:
                raise ValueError(f"port {s.name} is named twice")
    return scope


def _split(flat: Ports, like: Sequence[Ports]) -> list[Ports]:
    result, k = [], 0
    for group in like:
        result.append(flat[k : k + len(group)])
        k += len(group)
    return result


def show_object(ports: Ports) -> str:
    """An object as the spec writes it."""

    def one(s: Symbol) -> str:
        return f"{s.value}[{', '.join(map(str, s.axes))}]" if s.axes else str(s.value)

    return " * ".join(map(one, ports)) or "()"
