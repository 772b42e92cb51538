"""The theorems that a claim is, by its form."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from ..elaborate.claims import Claim
from . import backward, laws
from .real import NotStated
from .statement import Theorem


def theorems(claim: Claim) -> Iterator[Theorem]:
    """The theorems that say what a claim says, the one with the fewest hypotheses first.

    Raises NotStated where there is none.
    """
    if claim.axioms or claim.cites:
        raise NotStated("axioms of the spec")
    found = _FORMS.get(claim.form)
    if found is None:
        raise NotStated(f"claims of the form {claim.form}")
    yield from found(claim)


_FORMS: dict[str, Callable[[Claim], Iterator[Theorem]]] = {
    "backward": backward.theorems,
    "category": laws.category,
    "equal": laws.equality,
    "equivalent": laws.equality,
    "predicate": laws.lens,
    "natural": laws.natural,
    "square": laws.natural,
    "functor": laws.functor,
}

__all__ = ["theorems"]
