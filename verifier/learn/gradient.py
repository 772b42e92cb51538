"""The gradient functor L_{eps,e} : Para -> Learn (Backprop as Functor, Theorem III.2).

E_I(p, a, b) = sum_j e(I_j(p, a), b_j)
U_I = p - eps * grad_p E_I          R_I = f_a(grad_a E_I),  f_a inverse to e_x(a, -), entry by entry

With a normalisation alpha, a number that may depend on the dimension: E_I = alpha(dim B) sum_j e(I_j(p, a), b_j) and
R_I = f_a(grad_a E_I / alpha(dim A)).  It preserves composition for every alpha, and products if alpha is constant.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

from ..calculus.reverse import reverse, slots
from ..terms.sorts import Formal, Real
from ..terms.syntax import ZERO, Condition, Let, Read, SizeOf, Symbol, Term, add, div, mul, sub
from ..terms.traverse import reads
from .errors import Error, X, Y, put
from .learner import Learner, Ports, apart, dimension
from .program import Program, Scope

DIM = Symbol("dim")


class Method(NamedTuple):
    """How a learner learns: by the gradient of an error, at a rate; ``alpha`` is a term over `DIM`, None for 1."""

    error: Error
    rate: Term
    alpha: Term | None = None


def gradient(
    name: str,
    parameters: Ports,
    source: Ports,
    target: Ports,
    implement: Program,
    error: Error,
    rate: Term,
    parts: tuple[Learner, ...] = (),
    alpha: Term | None = None,
    constant: tuple[bool, ...] = (),
) -> Learner:
    """The learner of a parametrised differentiable map; parameters marked as ``constant`` are not updated.

    Raises ValueError if the error has no inverse, NotDifferentiable if the map is not declared smooth, TypeError if a
    parameter or port is no real tensor.
    """
    moving = [p for k, p in enumerate(parameters) if not (constant and constant[k])]
    for s in (*moving, *source, *target):
        if isinstance(s.value, Formal):
            raise TypeError(f"{s.name} is of {s.value}: a circuit has no gradient, but a reverse derivative")
        if not isinstance(s.value, Real):
            raise TypeError(f"{s.name} is an element of the set {s.value}: it has no gradient")
    _, _, b = apart(parameters, source, target)
    scope = Scope()
    for s in (*parameters, *source, *b):
        scope.input(s)
    y = scope.run(implement, (*parameters, *source))
    forward = list(scope.lets.values())
    seeds: list[Symbol] = []
    for out, goal in zip(y, b, strict=True):
        i = slots(out)
        slope = error.slope(Read(out, i), Read(goal, i))
        scaled = slope if alpha is None else mul(_at(alpha, target), slope)
        seeds.append(scope.define(f"e.{out.name}", i, scaled))
    found = pulled_back(scope, forward, y, seeds, (*moving, *source))
    for condition in domain(error, y, source, b):
        scope.kinks[condition] = None
    for out, goal in zip(y, b, strict=True):
        _sloped(scope, error, out, goal)
    outputs: list[Symbol] = []
    for p in parameters:
        i = slots(p)
        g = found[p] if p in moving else None
        if g is None:
            outputs.append(p)
            continue
        outputs.append(scope.define(f"U.{p.name}", i, sub(Read(p, i), mul(rate, Read(g, i)))))
    for a in source:
        i = slots(a)
        g = found[a]
        downhill = Read(g, i) if g is not None else ZERO
        asked = downhill if alpha is None else div(downhill, _at(alpha, source))
        request = scope.define(f"R.{a.name}", i, error.invert(Read(a, i), asked))
        _sloped(scope, error, a, request)
        outputs.append(request)
    step = scope.program((*parameters, *source, *b), outputs)
    partial = not (error.total and error.stays)
    learned = (error, rate) if alpha is None else None
    return Learner(
        name, parameters, source, b, implement, step, parts, partial, (error.name,), learned, constant=constant
    )


def _sloped(scope: Scope, error: Error, x: Symbol, y: Symbol) -> None:
    """At each entry the error has a derivative: of an output against its target, of a source against its request."""
    i = slots(x)
    for condition in error.sloped(Read(x, i), Read(y, i), i):
        scope.kinks[condition] = None


def pulled_back(
    scope: Scope, forward: Sequence[Let], outputs: Ports, seeds: Sequence[Symbol], wrt: Sequence[Symbol]
) -> Mapping[Symbol, Symbol | None]:
    """The transposed derivative of ``forward`` at its point, applied to a cotangent of each output; None for 0.

    An output that is repeated receives the sum of its seeds.  Where there is no derivative joins the scope.
    """
    at: dict[Symbol, Symbol] = {}
    for out, seed in zip(outputs, seeds, strict=True):
        i = slots(out)
        at[out] = scope.define(f"e.{out.name}", i, add(Read(at[out], i), Read(seed, i))) if out in at else seed
    adjoints = reverse(forward, at, wrt, scope.define)
    for kink in adjoints.kinks:
        scope.kinks[kink] = None
    return adjoints.gradient


def _at(alpha: Term, ports: Ports) -> Term:
    """The normalisation at the dimension of an object."""
    return put(alpha, {DIM: SizeOf(dimension(ports))})


def domain(error: Error, outputs: Ports, source: Ports, target: Ports) -> Iterator[Condition]:
    """What the domain of an error asks: outputs and sources are its first argument, targets its second."""
    for c in error.domain:
        if isinstance(c.subject, Term):
            first, second = X in reads(c.subject), Y in reads(c.subject)
            for port in (*(outputs if first else ()), *(source if first else ()), *(target if second else ())):
                i = slots(port)
                subject = put(c.subject, {X: Read(port, i), Y: Read(port, i)})
                yield Condition(c.relation, subject, i, (), f"the domain of {error.name}")


def of_learner(f: Learner, error: Error, rate: Term, name: str = "", alpha: Term | None = None) -> Learner:
    """L(I) for the implementation I of a learner: U and R are derived afresh."""
    title = name or f"gradient({f.name})"
    found = gradient(title, f.parameters, f.source, f.target, f.implement, error, rate, f.parts, alpha, f.constant)
    return replace(found, origin=f.origin, untied=f.untied)
