"""What becomes of a mutant: the same as before, or proved, refuted or unknown."""

from __future__ import annotations

from dataclasses import dataclass

from verifier.proof.decide import decide
from verifier.proof.limits import TimeUp, limited
from verifier.proof.problem import Problem
from verifier.proof.refute import Difference, Refuter
from verifier.proof.theory import theory_of

from .mutants import Mutant, module_of

SAME, FAILED = "same", "failed"
SEEDS = (1001, 2002)


@dataclass(frozen=True)
class Fate:
    """``verdict``: same (evaluation finds no difference from the derived gradient, and it is not refuted), or the
    verdict on a mutant that differs, or failed (the tool broke); ``confirmed``: where they differ, or how it broke."""

    mutant: Mutant
    verdict: str
    confirmed: str = ""


def fate(mutant: Mutant, seconds: float = 20.0) -> Fate:
    """Decide a mutant, and confirm by evaluation at fresh points that it differs."""
    module = module_of(mutant)
    assert module is not None, mutant
    (claim,) = module.claims
    try:
        with limited(seconds):
            verdict = decide(claim)
    except TimeUp:
        said, place = "unknown", ""
    except Exception as e:  # exit 5 of the tool: a bug, whatever the mutant
        return Fate(mutant, FAILED, f"{type(e).__name__}: {e}")
    else:
        said = verdict.verdict
        place = next((c.witness.place for c in verdict.components if c.witness is not None), "")
    if said == "refuted":
        return Fate(mutant, said, place)
    assert claim.written is not None
    goals = tuple(claim.written.goals())
    for seed in SEEDS:
        problem = Problem(theory_of(claim, claim.written.scope), claim.written.scope, goals)
        refuter = Refuter(problem, tries=4, seed=seed)
        for goal in goals:
            found = refuter.search(goal)
            if isinstance(found, Difference):
                return Fate(mutant, said, f"{goal.label} at {dict(found.model.sizes)}")
    return Fate(mutant, SAME)
