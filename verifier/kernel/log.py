"""The log of a proof: which axiom instances were used, with which multipliers.

A lemma says that a sum of open monomials equals another: left - right is the sum of
multiplier * (instance left - instance right) over its steps, up to ring arithmetic, renaming of bound indices,
linearity of sums, brackets and deltas, and sums over an unused index.  Every normalisation that uses an instance is a
lemma of its own, also those of what stands inside a function, a root or a let; a congruence rests on the lemmas before
it.  Certificates are made of this and of nothing else of the kernel.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from .data import Factor, Idx, Open, Rat

Opens: TypeAlias = tuple[tuple[Rat, tuple[Idx, ...], tuple[Factor, ...]], ...]
Part: TypeAlias = tuple[str, Opens]


@dataclass(frozen=True)
class Instance:
    """An axiom instance ``left == right``; ``subject`` names the head or hypothesis that it is about.

    ``rule``: unfold (a let or a denominator is its body), congruence (an atom is the same atom over equal bodies),
    power (content and factors of a power), exponential (of a sum), logarithm (of a product), number (an atom that is
    one), cube (of a cube root), value (of a function), relation (of known functions), condition (on data: reduced,
    decided by facts, or used), case (an atom on a part of the points), hypothesis, cancel (left is 0 if right is: the
    factor in between is nowhere 0).
    """

    rule: str
    subject: str
    left: Opens
    right: Opens


@dataclass(frozen=True)
class Step:
    """``coefficient * sum over bound of (factors * (instance.left - instance.right))``."""

    coefficient: Rat
    bound: tuple[Idx, ...]
    factors: tuple[Factor, ...]
    instance: Instance


@dataclass(frozen=True)
class Lemma:
    """``left == right`` by its steps, at the points where each polynomial of ``region`` has its relation to 0."""

    left: Opens
    right: Opens
    steps: tuple[Step, ...]
    region: tuple[Part, ...] = ()


def frozen(opens: list[Open]) -> Opens:
    """Open monomials as a value."""
    return tuple((c, tuple(b), tuple(f)) for c, b, f in opens)
