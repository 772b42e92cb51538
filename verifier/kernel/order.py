"""The order by which leading monomials are chosen."""

from __future__ import annotations

from .data import Mono, Rat, magnitude


def weight(m: Mono) -> tuple[Rat, int, int, Mono]:
    """The order by which leading monomials are chosen: degree, number and size of sums, then structure."""
    degree: Rat = sum(magnitude(e) for _, _, e in m[0]) + sum(magnitude(e) for _, fs in m[1] for _, _, e in fs)
    return (degree, len(m[1]), sum(len(d) for d, _ in m[1]), m)
