"""Parametric lenses: reverse derivatives, reparametrisation, and the lens that a learner is.

A learner (P, I, U, R) is a lens (P x A, P' x A') -> (B, B') with get I and put (U, R), the part P of whose source is
called its parameter; composition of learners is that of parametric lenses.  A training step is made of such lenses
(Cruttwell, Gavranovic, Ghani, Wilson, Zanasi, *Categorical Foundations of Gradient-Based Learning*, arXiv 2103.01931):

    R[f]      I = f,  (U, R)(p, a, b') = J_f(p, a)^T b'       the reverse derivative: what comes back is a cotangent
    f^o       for a lens o : Q -> P in place of the parameter of f : P x A -> B:
              I(q, a) = f(get q, a),  R(q, a, b') = a',  U(q, a, b') = put(q, p')  with (p', a') = f*(get q, a, b')

An optimiser is such an o : S x P -> P; a loss map is a reverse derivative with the label as its parameter, a learning
rate a lens that ends in the unit.
"""

from __future__ import annotations

from collections.abc import Iterator

from ..calculus.reverse import slots
from ..terms.index import Index, Var
from ..terms.sorts import REAL, Z2
from ..terms.syntax import ZERO, Call, Case, Let, Read, Symbol, Term
from ..terms.traverse import fresh, map_reads, subterms
from .gradient import pulled_back
from .learner import Learner, MeetingError, Ports, apart, distinct, product, scope_of, show_object, types
from .program import Program, map_condition


def reverse_derivative(f: Learner, name: str = "") -> Learner:
    """R[f]: the map of a learner, and back the transposed derivative at the point, in place of its update and request.

    Parameters that nothing updates stay as they are.  Raises NotDifferentiable, and TypeError for what has no cotangent
    in a space of its own kind: elements of sets, numbers of an interval.

    >>> from ..terms.syntax import mul
    >>> p, a, b = Symbol("p"), Symbol("a"), Symbol("b")
    >>> scope = scope_of((p,), (a,))
    >>> forward = scope.program((p, a), (scope.define("y", (), mul(Read(p), Read(a))),))
    >>> r = reverse_derivative(Learner("times", (p,), (a,), (b,), forward, forward))
    >>> [s.label for s in r.step.outputs], [s.name for s in r.step.inputs]
    (['d.p', 'd.a'], ['p', 'a', 'b'])
    """
    moving = _moving(f)
    for s in (*moving, *f.source, *f.target):
        if s.value not in (REAL, Z2):
            raise TypeError(
                f"{s.label} is of {s.value}: it cannot be differentiated by, or has no cotangent of that kind"
            )
    _, _, b = apart(f.parameters, f.source, f.target)
    scope = scope_of(f.parameters, f.source, b)
    y = scope.run(f.implement, (*f.parameters, *f.source))
    found = pulled_back(scope, list(scope.lets.values()), y, b, (*moving, *f.source))
    outputs = [
        s if s not in found else found[s] or scope.define(f"d.{s.name}", slots(s), ZERO)
        for s in (*f.parameters, *f.source)
    ]
    step = scope.program((*f.parameters, *f.source, *b), outputs)
    return Learner(
        name or f"reverse({f.name})",
        f.parameters,
        f.source,
        b,
        f.implement,
        step,
        origin=f.origin,
        constant=f.constant,
        reversed=True,
    )


def along(f: Learner, o: Learner, name: str = "") -> Learner:
    """f^o: a lens in place of the parameters of f; those of o, and its source, are the parameters then.

    What nothing updates stays a parameter.  A lens into numbers acts on each entry of each parameter.

    Raises MeetingError if o does not end in the parameters of f.
    """
    moving = _moving(f)
    if types(o.target) != types(moving):
        value = o.target[0].value if len(o.target) == 1 and not o.target[0].axes else None
        if value not in (REAL, Z2) or not moving or any(s.value != value for s in moving):
            parameters = f"the parameters of {f.name} are {show_object(moving)}"
            raise MeetingError(f"{o.name} ends in {show_object(o.target)}, {parameters}")
        o = entrywise(o, moving)
    fixed = tuple(s for s in f.parameters if s not in moving)
    own, state, data = distinct([o.parameters, o.source, fixed])
    flat = (*own, *state, *data)
    _, a, b = apart(flat, f.source, f.target)

    def placed(values: Ports) -> Ports:
        """All parameters of f, in order."""
        table = dict(zip((*moving, *fixed), (*values, *data), strict=True))
        return tuple(table[s] for s in f.parameters)

    scope = scope_of(flat, a)
    got = o.run_implement(scope, own, state, ".o")
    implement = scope.program((*flat, *a), f.run_implement(scope, placed(got), a))
    scope = scope_of(flat, a, b)
    got = o.run_implement(scope, own, state, ".o")
    back, request = f.run_step(scope, placed(got), a, b)
    change = tuple(u for u, s in zip(back, f.parameters, strict=True) if s in moving)
    new, put = o.run_step(scope, own, state, change, ".o")
    step = scope.program((*flat, *a, *b), (*new, *put, *data, *request))
    return Learner(
        name or f"{_bracketed(f.name)}^{_bracketed(o.name)}",
        flat,
        a,
        b,
        implement,
        step,
        partial=f.partial or o.partial,
        errors=tuple(dict.fromkeys((*f.errors, *o.errors))),
        constant=(*o.constants, *(False for _ in state), *(True for _ in data)),
    )


def uncurried(f: Learner) -> Learner:
    """The lens that a learner is: its parameters are part of its source, before the rest."""
    return Learner(
        f"uncurry({f.name})",
        (),
        (*f.parameters, *f.source),
        f.target,
        f.implement,
        f.step,
        partial=f.partial,
        errors=f.errors,
    )


def entrywise(o: Learner, ports: Ports) -> Learner:
    """A lens of numbers on each entry of some tensors: of p and state s for a tensor W they are p_W and s_W."""
    return product([_spread(o, s) for s in ports], o.name)


def _spread(o: Learner, like: Symbol) -> Learner:
    axes = like.axes

    def wide(s: Symbol) -> Symbol:
        return Symbol(s.name, (*axes, *s.axes), s.value)

    def ports(row: Ports) -> Ports:
        return tuple(Symbol(f"{s.name}_{like.name}", (*axes, *s.axes), s.value) for s in row)

    def program(p: Program, names: Ports) -> Program:
        table = dict(zip(p.inputs, names, strict=True)) | {let.symbol: wide(let.symbol) for let in p.lets}
        taken = list(_variables(p))
        place = tuple(fresh(v, taken) for v in slots(like))

        def read(s: Symbol, index: tuple[Index, ...]) -> Term:
            return Read(table[s], (*place, *index)) if s in table else Read(s, index)

        lets = tuple(Let(wide(x.symbol), (*place, *x.indices), map_reads(x.body, read)) for x in p.lets)
        kinks = tuple(map_condition(c, read, place) for c in p.kinks)
        return Program(names, lets, tuple(table.get(s, s) for s in p.outputs), kinks)

    p, a, b = ports(o.parameters), ports(o.source), ports(o.target)
    implement = program(o.implement, (*p, *a))
    step = program(o.step, (*p, *a, *b))
    return Learner(o.name, p, a, b, implement, step, partial=o.partial, errors=o.errors, constant=o.constant)


def _variables(p: Program) -> Iterator[Var]:
    """All indices that a program binds."""
    for let in p.lets:
        yield from let.indices
        for t in subterms(let.body):
            yield from getattr(t, "indices", ())
            if isinstance(t, Call):
                yield from (v for a in t.arguments for v in a.indices)
            if isinstance(t, Case):
                yield from (v for v, _ in t.branches)
    for c in p.kinks:
        yield from c.indices


def _moving(f: Learner) -> Ports:
    """The parameters that something updates."""
    return tuple(s for s, fixed in zip(f.parameters, f.constants, strict=True) if not fixed)


def _bracketed(name: str) -> str:
    return f"({name})" if " ; " in name or " * " in name else name


__all__ = ["along", "entrywise", "reverse_derivative", "uncurried"]
