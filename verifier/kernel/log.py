"""The log of a proof: which axiom instances were used, with which multipliers.

A lemma says ``left == right``; left - right is the sum of multiplier * (instance left - instance right) over its
steps, up to ring arithmetic, renaming of bound indices, linearity of sums, delta elimination, and sums over an
unused index.  Certificates are made of this and of nothing else of the kernel.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from .data import Factor, Idx, Open, Rat


@dataclass(frozen=True)
class Instance:
    """An axiom instance ``left == right``, both as open monomials.

    ``rule``: unfold, congruence, power, exponential, logarithm, reciprocal, hypothesis, identify, cancel.
    ``subject`` names the head or hypothesis that it is about.
    """

    rule: str
    subject: str
    left: tuple[tuple[Rat, tuple[Idx, ...], tuple[Factor, ...]], ...]
    right: tuple[tuple[Rat, tuple[Idx, ...], tuple[Factor, ...]], ...]


@dataclass(frozen=True)
class Step:
    """``coefficient * sum over bound of (factors * (instance.left - instance.right))``."""

    coefficient: Rat
    bound: tuple[Idx, ...]
    factors: tuple[Factor, ...]
    instance: Instance


@dataclass
class Lemma:
    """``left == right`` by its steps.  Both sides are lists of open monomials."""

    name: str
    left: list[Open] = field(default_factory=list)
    right: list[Open] = field(default_factory=list)
    steps: list[Step] = field(default_factory=list)


def frozen(opens: list[Open]) -> tuple[tuple[Rat, tuple[Idx, ...], tuple[Factor, ...]], ...]:
    return tuple((c, tuple(b), tuple(f)) for c, b, f in opens)
