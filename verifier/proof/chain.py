"""Networks of layers that step by a hand-written backward pass: the functor law, one proof for each layer.

L(f ; g) = L(f) ; L(g) for the error ``dot`` (Theorem III.2), so that a network steps by its gradient if each of its
layers does: equal layers share a proof, and the whole is linear in the number of *different* layers.  The kernel proves
the theorem once more for two maps of which nothing is known, and with it that gradients add where a parameter is tied.
This needs layers that are proved without any open condition; otherwise the network is decided as it stands.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from ..calculus.reverse import slots
from ..elaborate.claims import Claim
from ..learn import laws
from ..learn.errors import Error
from ..learn.gradient import gradient, of_learner
from ..learn.laws import Goal
from ..learn.learner import Learner, apart, compose, tied
from ..learn.opaque import apply
from ..learn.program import Program, Scope
from ..learn.written import is_dot
from ..terms.sizes import Bounds, Size
from ..terms.sorts import REAL, Range
from ..terms.syntax import Function, Let, Symbol, Term
from .backward import backward
from .verdict import PROVED, Component, Found

Judge = Callable[[Claim, Scope, Sequence[Goal], str], list[Component]]
THEOREM = "III.2"


def by_layers(claim: Claim, judged: Judge) -> Found | None:
    """The verdict on ``N == gradient(N, dot, rate = r)`` by the passes of its layers; None if they do not give it."""
    left, right = claim.learners
    net = left.untied or left
    parts_asked = claim.on or any(key for key, _ in claim.expect)  # parts of the whole have names of their own
    if (
        parts_asked
        or not claim.layers
        or right.learned is None
        or right.implement is not left.implement
        or claim.data
        or claim.when
    ):
        return None
    error, rate = right.learned
    if not is_dot(error) or error.domain or not all(_steps(f, error, rate) for f in net.layers):
        return None
    rows: list[Component] = []
    for layer in claim.layers:
        found = backward(layer)
        own = [c for c in found.components if not c.local]
        if any(c.verdict != PROVED or c.conditions.open for c in own):
            return None
        rows += [replace(c, group=layer.id) for c in own]
    theorem = _theorem(claim, error, rate, left.untied is not None, judged)
    if any(c.verdict != PROVED or c.conditions.open for c in theorem):
        return None
    different = len(claim.layers)
    note = f"L(f ; g) == L(f) ; L(g): {len(net.layers)} layers, {different} of them different, each proved once"
    return Found([*rows, *theorem], notes=[note])


def _steps(f: Learner, error: Error, rate: Term) -> bool:
    """Whether a layer steps by a written pass at the rate of the claim, or by the gradient of the claim itself."""
    return f.written[1] == rate if f.written is not None else f.learned == (error, rate) and not f.partial


def _theorem(claim: Claim, error: Error, rate: Term, tie: bool, judged: Judge) -> list[Component]:
    """Theorem III.2 for two smooth maps of which nothing is known."""
    f, g = _opaque("f", "a", "b", error, rate), _opaque("g", "b", "c", error, rate)
    sizes = Bounds.of({**dict(claim.bounds.least), **dict.fromkeys(("a.", "b.", "c.", "p."), 1)})
    plain = replace(claim, bounds=sizes, layers=())
    found: list[Component] = []
    for name in [THEOREM, f"{THEOREM}, tied"] if tie else [THEOREM]:
        left = compose([f, g])
        if name != THEOREM:
            left = tied(left, 0, 1)
        scope = Scope()
        found += judged(plain, scope, laws.equal(scope, left, of_learner(left, error, rate)), name)
    return found


def _opaque(name: str, source: str, target: str, error: Error, rate: Term) -> Learner:
    """The gradient learner of a smooth map R^p x R^a -> R^b; every such map has parameters of one size p."""

    def vector(label: str, size: str) -> Symbol:
        return Symbol(label, (Range(Size.symbol(f"{size}.")),))

    p, a, b = vector("p", "p"), vector("x", source), vector("y", target)
    inputs = (p, a)
    function = Function(f"{name}.", tuple((s.axes, s.value) for s in inputs), b.axes, REAL, frozenset({"smooth"}))
    i = slots(b)
    let = Let(b, i, apply(function, inputs, i))
    target_ports = apart((p,), (a,), (b,))[2]
    return gradient(name, (p,), (a,), target_ports, Program(inputs, (let,), (b,)), error, rate)


__all__ = ["by_layers"]
