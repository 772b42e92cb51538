"""Error functions e(x, y): the derivative by the first argument and its inverse in the second."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from ..terms.index import Var
from ..terms.syntax import Abstraction, Call, Condition, Function, Read, Schematic, Symbol, Term, num
from ..terms.traverse import map_guard, map_reads

X, Y, Z = Symbol("x"), Symbol("y"), Symbol("z")


@dataclass(frozen=True)
class Error:
    """An error function with e_x = de/dx and f(x, -) inverse to e_x(x, -), as terms over X, Y and X, Z.

    ``inverse`` is None if there is none.  ``laws`` names the inverse laws that hold (proved for a formula, assumed for
    an opaque error): ``right``: e_x(x, f(x, z)) = z; ``left``: f(x, e_x(x, y)) = y.
    ``total``: f(x, z) is defined for every real z; if not, requests may leave its domain.
    ``stays``: f(x, z) lies in the domain of x for every z that f is defined for.
    ``asked``: what e and e_x need at (x, y) that the domain does not give: e has a value and no kink there.
    """

    name: str
    value: Term | None
    derivative: Term
    inverse: Term | None
    laws: frozenset[str] = frozenset()
    total: bool = True
    stays: bool = True
    domain: tuple[Condition, ...] = ()
    asked: tuple[Condition, ...] = ()

    def slope(self, x: Term, y: Term) -> Term:
        """e_x(x, y)."""
        return put(self.derivative, {X: x, Y: y})

    def loss(self, x: Term, y: Term) -> Term:
        """e(x, y)."""
        if self.value is None:
            raise ValueError(f"{self.name} has no formula")
        return put(self.value, {X: x, Y: y})

    def invert(self, x: Term, z: Term) -> Term:
        """f(x, z)."""
        if self.inverse is None:
            raise ValueError(f"{self.name} has no inverse")
        return put(self.inverse, {X: x, Z: z})

    def sloped(self, x: Term, y: Term, indices: tuple[Var, ...] = ()) -> Iterator[Condition]:
        """Where e_x(x, y) is the derivative of e, over the indices of x and y."""
        values = {X: x, Y: y}
        for c in self.asked:
            guards = tuple(map_guard(g, lambda s, ix: values.get(s, Read(s, ix))) for g in c.guards)
            yield replace(c, subject=put(c.subject, values), indices=indices, guards=guards)  # type: ignore[arg-type]


def put(t: Term, values: dict[Symbol, Term]) -> Term:
    """Terms for scalar symbols of a term without binders."""
    return map_reads(t, lambda s, ix: values.get(s, Read(s, ix)))


def binary(name: str, *properties: str) -> Function:
    """A real function of two real arguments."""
    return Function(name, (((), X.value), ((), X.value)), (), X.value, frozenset(properties))


def opaque(name: str, inverse: str, laws: frozenset[str]) -> tuple[Error, Function, Function]:
    """A generic error with named inverse laws, and its two function symbols."""
    e, f = binary(name, "smooth"), binary(inverse)
    args = lambda *ts: tuple(Abstraction((), t) for t in ts)  # noqa: E731
    error = Error(
        name,
        Call(e, args(Read(X), Read(Y))),
        Call(e, args(Read(X), Read(Y)), (), ((0, ()),)),
        Call(f, args(Read(X), Read(Z))),
        laws,
    )
    return error, e, f


def inverse_laws(error: Error) -> dict[str, tuple[tuple[Symbol, ...], Term, Term]]:
    """The two inverse laws as (variables, left side, right side)."""
    x, y, z = Read(X), Read(Y), Read(Z)
    return {
        "right": ((X, Z), error.slope(x, error.invert(x, z)), z),
        "left": ((X, Y), error.invert(x, error.slope(x, y)), y),
    }


def diagonal_law(error: Error) -> tuple[tuple[Symbol, ...], Term, Term]:
    """e_x(x, x) = 0: the error has a critical point on the diagonal."""
    x = Read(X)
    return (X,), error.slope(x, x), num(0)


def hypotheses(error: Error) -> list[Schematic]:
    """The laws of an opaque error as identities for all arguments."""
    if not isinstance(error.derivative, Call) or error.derivative.function.known:
        return []
    laws = {**inverse_laws(error), "diagonal": diagonal_law(error)}
    rows = [Schematic(f"{n}({error.name})", laws[n][0], (), laws[n][1], laws[n][2]) for n in sorted(error.laws)]
    if {"left", "diagonal"} <= error.laws:  # f(x, 0) = f(x, e_x(x, x)) = x
        rows.append(Schematic(f"left and diagonal({error.name})", (X,), (), error.invert(Read(X), num(0)), Read(X)))
    return rows
