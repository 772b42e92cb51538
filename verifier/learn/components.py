"""At fixed sizes: sympy derives U and R component by component, and the all-sizes programs are compared with it.

Nothing is shared with the reverse derivative but the forward map and the error function: sympy writes out
E = sum_j e(I_j, b_j), differentiates it by each entry of each parameter and of the source, and the entries of the
derived programs are written out beside it.  A check of the derivation, not a proof: it holds at these sizes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import prod

import sympy as sp

from ..calculus.concrete import Entry, Sizes, places
from ..calculus.sympy_bridge import Lookup, to_sympy, unfold
from ..calculus.sympy_functions import Expr, Functions
from ..terms.sorts import Product, Range, Sort
from ..terms.syntax import Symbol, Term
from .errors import X, Y, Z
from .learner import Learner
from .program import Program

MOST = 400


@dataclass(frozen=True)
class Part:
    """One entry of an update or request: as sympy derives it, and as the program of all sizes gives it."""

    role: str
    port: Symbol
    place: tuple[Entry, ...]
    derived: Expr
    specialised: Expr

    @property
    def equal(self) -> bool:
        """Whether sympy recognises the two as equal."""
        difference = sp.expand(self.derived - self.specialised)
        return bool(difference == 0 or sp.simplify(difference) == 0)


def entries(learner: Learner, sizes: Sizes) -> int:
    """How many numbers P, A and B consist of."""
    ports = (*learner.parameters, *learner.source, *learner.target)
    return sum(prod(_length(axis, sizes) for axis in s.axes) for s in ports)


def components(learner: Learner, sizes: Sizes) -> Iterator[Part]:
    """Every entry of U and of R of a learner that learns by gradient, or by its reverse derivative.

    Raises ValueError if it does neither.

    >>> from .gradient import gradient
    >>> from .errors import Error
    >>> from ..terms.syntax import Read, num, sub, div, power
    >>> x, y, z = Read(X), Read(Y), Read(Z)
    >>> half = Error("half square", div(power(sub(x, y), 2), num(2)), sub(x, y), sub(x, z))
    >>> a, b = Symbol("a"), Symbol("b")
    >>> [part] = components(gradient("id", (), (a,), (b,), Program((a,), (), (a,)), half, num(1)), {})
    >>> part.role, part.derived, part.equal
    ('R', b, True)
    """
    if learner.learned is None and not learner.reversed:
        raise ValueError(f"{learner.name} learns neither by gradient nor by its reverse derivative")
    functions = Functions()

    def outputs(program: Program) -> Lookup:
        return unfold({let.symbol.name: let for let in program.lets}, variable, functions, sizes)

    def scalar(t: Term, values: Mapping[Symbol, Expr]) -> Expr:
        return to_sympy(t, lambda s, ix: values[s] if s in values else variable(s, ix), functions, sizes=sizes)

    forward, step = outputs(learner.implement), outputs(learner.step)

    def loss(y: Expr, target: Expr) -> Expr:
        if learner.learned is None:
            return y * target  # the target is a cotangent
        value = learner.learned[0].value
        assert value is not None  # gradient() asked for the inverse
        return scalar(value, {X: y, Y: target})

    def moved(x: Expr, slope: Expr, updated: bool) -> Expr:
        if learner.learned is None:
            return slope
        error, rate = learner.learned
        assert error.inverse is not None  # gradient() asked for it
        return x - scalar(rate, {}) * slope if updated else scalar(error.inverse, {X: x, Z: slope})

    total = sp.Add(
        *(
            loss(forward(y, place), variable(b, place))
            for y, b in zip(learner.implement.outputs, learner.target, strict=True)
            for place in places(b.axes, sizes)
        )
    )
    ports = (*learner.parameters, *learner.source)
    fixed = (*learner.constants, *(False for _ in learner.source))
    for k, (port, out) in enumerate(zip(ports, learner.step.outputs, strict=True)):
        if fixed[k]:
            continue
        for place in places(port.axes, sizes):
            x = variable(port, place)
            updated = k < len(learner.parameters)
            derived = moved(x, sp.diff(total, x), updated)
            yield Part("U" if updated else "R", port, place, derived, step(out, place))


def variable(s: Symbol, place: tuple[Entry, ...]) -> Expr:
    """The sympy symbol of an entry of an input."""
    return sp.Symbol(s.label + (f"[{','.join(map(str, place))}]" if place else ""), real=True)


def _length(axis: Sort, sizes: Sizes) -> int:
    if isinstance(axis, Range):
        return axis.size.value(sizes)
    lengths = [_length(p, sizes) for p in axis.parts]
    return prod(lengths) if isinstance(axis, Product) else sum(lengths)


__all__ = ["MOST", "Part", "components", "entries", "variable"]
