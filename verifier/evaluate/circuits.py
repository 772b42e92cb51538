"""Circuits at given sizes: every entry of an input is an indeterminate, and values are polynomials over Z2.

Exact, and independent of the kernel: python-flint multiplies out.  A function that is declared over Z2 is interpreted
by a polynomial of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from random import Random
from typing import Any, TypeAlias

from flint import Ordering, nmod_mpoly_ctx

from ..terms.syntax import Add, Call, Case, If, IndexOf, Lets, Mul, Num, Power, Read, SizeOf, Symbol, Term, Total
from .machine import _VALUES, Env, Machine
from .model import Model, Place, positions
from .numbers import Undecided

Polynomial: TypeAlias = Any  # nmod_mpoly
LONGEST = 4_000
WORK = 400_000
HIGHEST = 64
ENTRIES = 300
MONOMIALS = 3


class Circuits(Machine):
    """Values of terms as polynomials in the entries of some inputs.  Raises Undecided for one that is too long."""

    def __init__(self, inputs: Sequence[Symbol], sizes: Mapping[str, int], lets: Lets, seed: int = 0) -> None:
        places = [(s, p) for s in inputs for p in product(*(positions(a, sizes) for a in s.axes))]
        if len(places) > ENTRIES:
            raise Undecided("more entries than are multiplied out")
        names = [f"x{k}" for k in range(len(places))] or ["x"]
        self.context = nmod_mpoly_ctx.get(names, modulus=2, ordering=Ordering.deglex)
        self.shown = {f"x{k}": entry(s, p) for k, (s, p) in enumerate(places)}
        values: dict[str, dict[Place, Polynomial]] = {s.name: {} for s in inputs}
        for k, (s, p) in enumerate(places):
            values[s.name][p] = self.context.gen(k)
        super().__init__(Model(sizes, values, _Interpretations(self.context, seed)), lets)

    def value(self, t: Term, env: Env | None = None) -> Polynomial:
        return _FORMAL[type(t)](self, t, env or {})

    def text(self, p: Polynomial) -> str:
        """A polynomial in the names of the inputs."""
        rows = []
        for powers in sorted(p.to_dict(), key=lambda m: (-sum(m), [-e for e in m])):
            factors = [self.shown[f"x{k}"] + (f"^{e}" if e > 1 else "") for k, e in enumerate(powers) if e]
            rows.append("*".join(factors) or "1")
        return " + ".join(rows) or "0"

    def functions(self) -> Mapping[str, Polynomials]:
        """How the functions that were called are interpreted."""
        return self.model.functions.made  # type: ignore[attr-defined, no-any-return]

    # ---- terms

    def _number(self, n: int) -> Polynomial:
        return self.context.constant(n % 2)

    def _of_num(self, t: Num, env: Env) -> Polynomial:
        return self._number(int(t.value))

    def _of_size(self, t: SizeOf, env: Env) -> Polynomial:
        return self._number(self.size(t.size))

    def _of_index(self, t: IndexOf, env: Env) -> Polynomial:
        return self._number(self.index(t.index, env))

    def _of_add(self, t: Add, env: Env) -> Polynomial:
        total = self._number(0)
        for p in t.parts:
            total = _short(total + self.value(p, env))
        return total

    def _of_mul(self, t: Mul, env: Env) -> Polynomial:
        result = self._number(1)
        for p in t.parts:
            result = times(result, self.value(p, env))
        return result

    def _of_power(self, t: Power, env: Env) -> Polynomial:
        return power(self.value(t.base, env), int(t.exponent), self._number(1))

    def _of_total(self, t: Total, env: Env) -> Polynomial:
        total, inner = self._number(0), dict(env)
        for place in product(*(self.range(v.sort) for v in t.indices)):
            inner.update(zip(t.indices, place, strict=True))
            total = _short(total + self.value(t.body, inner))
        return total


_FORMAL: dict[type, Callable[[Circuits, Any, Env], Polynomial]] = {
    Num: Circuits._of_num,
    SizeOf: Circuits._of_size,
    IndexOf: Circuits._of_index,
    Add: Circuits._of_add,
    Mul: Circuits._of_mul,
    Power: Circuits._of_power,
    Total: Circuits._of_total,
    **{node: _VALUES[node] for node in (Read, If, Case, Call)},
}


@dataclass(frozen=True)
class Polynomials:
    """A map over Z2: for each entry of its value the monomials, as powers of the entries of its arguments."""

    rows: Mapping[Place, tuple[tuple[int, ...], ...]]
    places: tuple[tuple[int, Place], ...]

    def __str__(self) -> str:
        shown = []
        for out, monomials in self.rows.items():
            terms = ["*".join(self._factors(m)) or "1" for m in monomials]
            head = f"[{','.join(map(str, out))}]: " if out else ""
            shown.append(head + (" + ".join(terms) or "0"))
        return "; ".join(shown)

    def _factors(self, powers: tuple[int, ...]) -> Iterator[str]:
        for (k, place), e in zip(self.places, powers, strict=True):
            if e:
                name = f"u{k}" + (f"[{','.join(map(str, place))}]" if place else "")
                yield name + (f"^{e}" if e > 1 else "")


class _Interpretations(dict[str, Any]):
    """A polynomial for each function, by its name: the same at every call, another for another seed."""

    def __init__(self, context: Any, seed: int) -> None:
        super().__init__()
        self.context, self.seed = context, seed
        self.made: dict[str, Polynomials] = {}

    def __missing__(self, name: str) -> Callable[..., Polynomial]:
        def called(
            outputs: Place,
            arguments: tuple[dict[Place, Polynomial], ...],
            partials: tuple[tuple[int, Place], ...],
            sizes: Mapping[str, int],
        ) -> Polynomial:
            places = tuple((k, p) for k, entries in enumerate(arguments) for p in entries)
            chosen = self.made.setdefault(name, Polynomials({}, places))
            if outputs not in chosen.rows:
                chosen.rows[outputs] = self._monomials(f"{name} {outputs}", len(places))  # type: ignore[index]
            values = [x for entries in arguments for x in entries.values()]
            total = self.context.constant(0)
            for powers in chosen.rows[outputs]:
                total = _short(total + self._term(powers, [places.index(at) for at in partials], values))
            return total

        return called

    def _monomials(self, name: str, entries: int) -> tuple[tuple[int, ...], ...]:
        """A few monomials of degree at most 3."""
        random = Random(f"{self.seed} {name}")
        found: dict[tuple[int, ...], None] = {}
        for _ in range(MONOMIALS):
            chosen = [random.randrange(entries) for _ in range(random.randint(1, 3))] if entries else []
            found[tuple(chosen.count(k) for k in range(entries))] = None
        return tuple(found)

    def _term(self, powers: tuple[int, ...], by: list[int], values: list[Polynomial]) -> Polynomial:
        """A monomial at some values, differentiated by some of its variables."""
        left, scale = list(powers), 1
        for k in by:
            scale *= left[k]
            left[k] -= 1
        result = self.context.constant(scale % 2)
        if scale % 2:
            for x, e in zip(values, left, strict=True):
                result = times(result, power(x, e, self.context.constant(1)))
        return result


def entry(s: Symbol, place: Place) -> str:
    """The name of an entry of an input."""
    return s.label + (f"[{','.join(map(str, place))}]" if place else "")


def _short(p: Polynomial) -> Polynomial:
    if len(p) > LONGEST:
        raise Undecided("a polynomial that is too long to be multiplied out")
    return p


def times(p: Polynomial, q: Polynomial) -> Polynomial:
    """A product.  Raises Undecided for one that is too long."""
    if len(p) * len(q) > WORK:
        raise Undecided("a product that is too long to be multiplied out")
    return _short(p * q)


def power(p: Polynomial, n: int, one: Polynomial) -> Polynomial:
    """A power with a whole exponent, at least 0.  Raises Undecided for one that is too long."""
    if n > HIGHEST:
        raise Undecided("a power that is too high to be multiplied out")
    result = one
    for _ in range(n):
        result = times(result, p)
    return result


__all__ = ["Circuits", "Polynomials", "entry"]
