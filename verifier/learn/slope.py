"""The slope e_x of an error that is made of declared functions, and where any error has a slope."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from ..calculus.reverse import reverse
from ..terms.definedness import of_terms
from ..terms.index import INDICES
from ..terms.syntax import ONE, ZERO, Add, Call, Condition, Let, Mul, Num, Power, Read, Symbol, Term, add, mul, power
from ..terms.traverse import map_reads, subterms
from .program import Scope


def uninterpreted(t: Term) -> bool:
    """Whether a term calls a function of which only declared properties are known."""
    return any(isinstance(u, Call) and not u.function.known for u in subterms(t))


def slope(error: Term, x: Symbol) -> Term:
    """de/dx as one term.  Raises NotDifferentiable, or ValueError where e has kinks."""
    scope = Scope()
    scope.input(x)
    out = scope.define("e", (), error)
    forward = list(scope.lets.values())
    seed = scope.define("seed", (), ONE)
    found = reverse(forward, {out: seed}, (x,), scope.define)
    if found.kinks:
        raise ValueError("an error with kinks that is made of declared functions")
    gradient = found.gradient[x]
    if gradient is None:
        return ZERO
    body = scope.lets[gradient.name].body if gradient.name in scope.lets else Read(gradient)
    return _tidy(_unfolded(body, scope.lets.get))


def asked(error: Term, x: Symbol) -> tuple[Condition, ...]:
    """What the value of e and its derivative by x need, of e as it is written: definedness, and no kink.

    Raises NotDifferentiable.
    """
    scope = Scope()
    scope.input(x)
    out = scope.name("e", (), error)
    seed = scope.define("seed", (), ONE)
    found = reverse([scope.lets[out.name]], {out: seed}, (x,), scope.define)
    sides = [Read(s) for s in (out, found.gradient[x]) if s is not None]
    rows = (*of_terms(sides, scope.lets), *(replace(c, unless=None) for c in found.kinks))
    return tuple(dict.fromkeys(c for c in rows if not isinstance(c.subject, INDICES)))


def _unfolded(t: Term, get: Callable[[str], Let | None]) -> Term:
    def put(s: Symbol, index: tuple[object, ...]) -> Term:
        let = get(s.name)
        return Read(s) if let is None else _unfolded(let.body, get)

    return map_reads(t, put)


def _tidy(t: Term) -> Term:
    """A term with its numbers folded."""
    if isinstance(t, Mul):
        return mul(*map(_tidy, t.parts))
    if isinstance(t, Power):
        base = _tidy(t.base)
        if isinstance(base, Num) and t.exponent == -1 and base.value:
            return Num(1 / base.value)
        return power(base, t.exponent)
    return add(*map(_tidy, t.parts)) if isinstance(t, Add) else t
