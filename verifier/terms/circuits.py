"""Circuits over Z2: programs whose inputs are formal numbers modulo 2, made of + and * alone.

A term that is one is a polynomial with integer coefficients in the entries of its inputs, at every size; what it is
over Z2 are the coefficients modulo 2.  Functions that are declared over Z2 stand for such polynomials themselves.
"""

from __future__ import annotations

from collections.abc import Iterable

from .index import Compare, Guard, Holds, Not, Same, guard_positions
from .sorts import Formal, Real, Value
from .syntax import Add, Call, Case, Function, If, IndexOf, Let, Mul, Num, Power, Read, SizeOf, Symbol, Term, Total
from .traverse import looked_up, subterms


def formal(symbols: Iterable[Symbol]) -> bool:
    """Whether any of some tensors is over Z2."""
    return any(isinstance(s.value, Formal) for s in symbols)


def no_polynomial(t: Term) -> str:
    """What in a term is no part of a polynomial with integer coefficients; nothing if it is one.

    >>> from .sorts import Z2
    >>> from .syntax import num, add, mul, power
    >>> x = Read(Symbol("x", (), Z2))
    >>> no_polynomial(add(power(x, 2), mul(num(-1), x))), no_polynomial(power(x, -1))
    ('', 'a power that is no whole number, at least 0')
    """
    for u in subterms(t):
        if isinstance(u, Num) and u.value.denominator != 1:
            return f"the number {u.value}"
        if isinstance(u, Power) and (u.exponent.denominator != 1 or u.exponent < 0):
            return "a power that is no whole number, at least 0"
        if isinstance(u, Read) and (not isinstance(u.symbol.value, Real) or looked_up(u.index)):
            return f"{u.symbol.label}, of {u.symbol.value}, or at a position that is read"
        if isinstance(u, If) and _holds(u.guard):
            return "a condition on data"
        if isinstance(u, Call):
            if u.function.known:
                return f"the function {u.function.name}"
            if not over_z2(u.function):
                return f"{u.function.name}, which is no function over Z2"
        if not isinstance(u, (Add, Mul, Num, Power, Read, Total, If, Case, IndexOf, SizeOf, Call)):
            return f"a {type(u).__name__.lower()}"
    return ""


def over_z2(f: Function) -> bool:
    """Whether a function is one of Z2 in all its arguments and its value."""
    values: list[Value] = [f.value, *(v for _, v in f.arguments)]
    return not f.table and all(isinstance(v, Formal) for v in values)


def no_circuit(inputs: Iterable[Symbol], lets: Iterable[Let]) -> str:
    """Why a program is no circuit: what is no polynomial, or no tensor over Z2 beside ones that are."""
    known = set(inputs)
    for s in known:
        if not isinstance(s.value, Formal):
            return f"{s.label}, of {s.value}"
    for let in lets:
        known.add(let.symbol)
        wrong = no_polynomial(let.body)
        if wrong:
            return wrong
        for t in subterms(let.body):
            if isinstance(t, Read) and t.symbol not in known:
                return f"{t.symbol.label}, which is no input of the circuit"
    return ""


def _holds(g: Guard) -> bool:
    """Whether a condition is about data, also through positions that are read."""
    if isinstance(g, Holds):
        return True
    if isinstance(g, Compare | Same):
        return bool(looked_up(guard_positions(g)))
    return _holds(g.part) if isinstance(g, Not) else any(map(_holds, g.parts))


__all__ = ["formal", "no_circuit", "no_polynomial", "over_z2"]
