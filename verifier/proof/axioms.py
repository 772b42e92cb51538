"""Claims that rest on axioms: what holds of every learner with some laws holds of one that has them by a theorem."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from ..elaborate.claims import Claim, axiom_claim
from ..elaborate.environment import Axiom
from .verdict import PROVED, REFUTED, UNKNOWN, Component, Verdict

SURE = (PROVED, "vacuous")
Decide = Callable[[Claim], Verdict]


def by_axioms(claim: Claim, decide: Decide) -> Verdict:
    """The verdict of a claim that may rest on axioms.

    What is decided without them is decided.  Else the learners that the axioms are about are any learners with these
    laws, and what is proved of all of them is proved assuming the axioms: they must be defined everywhere, as any
    learner is, and nothing rests on an axiom that is refuted.
    """
    plain = decide(replace(claim, axioms=(), opaquely=None))
    if plain.verdict == REFUTED or (plain.verdict in SURE and not plain.open_conditions):
        return replace(plain, notes=(*plain.notes, "decided without the axioms"))
    reason = next(filter(None, (_unusable(a, decide) for a in claim.axioms)), "")
    if reason:
        return replace(plain, components=(Component("claim", UNKNOWN, reason=reason),))
    general = claim.opaquely() if claim.opaquely is not None else None
    if general is None:
        return plain
    found = decide(replace(general, axioms=(), opaquely=None))
    if found.verdict not in SURE or found.open_conditions:
        return plain
    return replace(
        found,
        subject=plain.subject,
        span=plain.span,
        assuming=plain.assuming,
        hypotheses=plain.hypotheses,
        seconds=plain.seconds + found.seconds,
        axioms=tuple(map(str, claim.axioms)),
        notes=(
            *found.notes,
            "for any learner with the laws of the axioms, in the place of the one that they are about",
        ),
    )


def _unusable(axiom: Axiom, decide: Decide) -> str:
    """Why nothing may rest on an axiom, if so."""
    law = axiom_claim(axiom)
    if decide(law).verdict == REFUTED:
        return f"the axiom {axiom.name} is refuted: nothing rests on it"
    (f,) = law.learners
    defined = decide(replace(law, form="equal", law="equal", learners=(f, f)))
    missing = defined.open_conditions
    if missing or defined.verdict != PROVED:
        needs = f": it needs {missing[0]}" if missing else ""
        return f"the axiom {axiom.name} is about {axiom.subject}, which is not shown to be defined everywhere{needs}"
    return ""


__all__ = ["by_axioms"]
