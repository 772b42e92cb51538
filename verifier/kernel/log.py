"""The record of a proof: every use of an axiom with its full multiplier, lemma by lemma.

A lemma says that an expression over polynomials equals a polynomial; what ring arithmetic, renaming of bound
indices, linearity of sums and elimination of brackets do not explain is the sum of its steps.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TypeAlias

from .polynomial import Factor, Index, Open, Polynomial, Rational


@dataclass(frozen=True, slots=True, eq=False)
class Node:
    """A compound source node over normal forms: ``power``, ``exp``, ``log``, ``call`` or ``let``; opaque by itself."""

    kind: str
    name: str
    arguments: tuple[tuple[tuple[Index, ...], Polynomial], ...]
    indices: tuple[Index, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Linear:
    """A linear combination of polynomials."""

    parts: tuple[tuple[Rational, Polynomial], ...]


@dataclass(frozen=True, slots=True, eq=False)
class Times:
    """A product of two polynomials; the left one may be given by open monomials."""

    left: Side
    right: Polynomial


@dataclass(frozen=True, slots=True, eq=False)
class Summed:
    """The sum of a polynomial over indices."""

    body: Polynomial
    indices: tuple[Index, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Renamed:
    """A polynomial with other free indices."""

    body: Polynomial
    table: tuple[tuple[Index, Index], ...]


Side: TypeAlias = Polynomial | tuple[Open, ...] | Node
Expression: TypeAlias = Side | Linear | Times | Summed | Renamed


@dataclass(frozen=True, slots=True, eq=False)
class Instance:
    """An instance of an axiom, ``left == right``.

    ``rule``: unfold (definition of a named head), let (a let symbol is its head), identify (a proved equality of a
    let), hypothesis, schematic, power, exp, log, congruence (rebuilding), prime (a prime is its number), case.
    ``lemmas`` are what the instance rests on; ``detail`` says which one it is.
    """

    rule: str
    left: Side
    right: Side
    lemmas: tuple[Lemma, ...] = ()
    detail: object = None


@dataclass(frozen=True, slots=True, eq=False)
class Step:
    """coefficient * sum over bounds of the product of factors * (instance.left - instance.right)."""

    coefficient: Rational
    bounds: tuple[Index, ...]
    factors: tuple[Factor, ...]
    instance: Instance


@dataclass(slots=True, eq=False)
class Lemma:
    """``left == right``, by ring arithmetic and the steps; rests on the lemmas of the polynomials in ``left``."""

    left: Expression
    right: Side
    steps: list[Step] = field(default_factory=list)
    premises: tuple[Lemma, ...] = ()

    def below(self) -> Iterator[Lemma]:
        """This lemma and all that it rests on, each once, those that it rests on first."""
        done: set[int] = set()
        stack: list[tuple[Lemma, bool]] = [(self, False)]
        while stack:
            lemma, ready = stack.pop()
            if ready:
                yield lemma
            elif id(lemma) not in done:
                done.add(id(lemma))
                stack.append((lemma, True))
                stack.extend((x, False) for x in lemma._uses())

    def _uses(self) -> Iterator[Lemma]:
        yield from self.premises
        for p in _polynomials(self.left):
            if p.lemma is not None and p.lemma is not self:
                yield p.lemma
        for step in self.steps:
            yield from step.instance.lemmas
            for side in (step.instance.left, step.instance.right):
                yield from (p.lemma for p in _polynomials(side) if p.lemma is not None and p.lemma is not self)


def _polynomials(e: Expression) -> Iterator[Polynomial]:
    if isinstance(e, Polynomial):
        yield e
    elif isinstance(e, Linear):
        yield from (p for _, p in e.parts)
    elif isinstance(e, Times):
        yield from _polynomials(e.left)
        yield e.right
    elif isinstance(e, Summed | Renamed):
        yield e.body
    elif isinstance(e, Node):
        yield from (p for _, p in e.arguments)
