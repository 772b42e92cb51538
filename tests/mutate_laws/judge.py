"""What becomes of a law when a definition is mutated: the part of a claim that states it changes its verdict, or not."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import nullcontext
from dataclasses import dataclass
from functools import cache

from tests.conftest import ROOT
from verifier.elaborate.modules import load
from verifier.proof.decide import decide
from verifier.proof.limits import limited
from verifier.proof.verdict import Component, Verdict, worst

from .definition import replaced

SECONDS = 30.0
HOLDS = ("proved", "vacuous")


@dataclass(frozen=True)
class Mutant:
    """``law``: what is to notice; ``where``, ``old``, ``new``: as of `replaced`; ``claim``: the claim of ``specs/theory``
    or of another folder that states the law, ``file: name``, with ``/ group`` where it has one part for each law."""

    law: str
    what: str
    where: str
    old: str
    new: str
    claim: str


@dataclass(frozen=True)
class Fate:
    """The verdict on the law without and with the mutant, and a point that shows the difference."""

    mutant: Mutant
    before: str
    after: str
    shown: str = ""

    @property
    def killed(self) -> bool:
        """The law was proved and is refuted, or what is refuted (or not proved) would have been proved."""
        return (self.before in HOLDS and self.after == "refuted") or (self.before not in HOLDS and self.after in HOLDS)


def fate(m: Mutant) -> Fate:
    """Decide the claim twice.  An exception of the mutant is no verdict: it does not count."""
    before, _ = _verdict(m.claim)
    try:
        after, shown = _judged(m.claim, m)
    except Exception as e:
        after, shown = "failed", f"{type(e).__name__}: {e}"
    return Fate(m, before, after, shown)


@cache
def _verdict(claim: str) -> tuple[str, str]:
    return _judged(claim, None)


def _judged(claim: str, m: Mutant | None) -> tuple[str, str]:
    """The verdict on one claim, or on the part of it for one law; without a mutant it must be as the spec expects."""
    place, _, group = claim.partition(" / ")
    path, _, name = place.partition(": ")
    file = ROOT / "specs" / "theory" / f"{path}.learn"
    with replaced(m.where, m.old, m.new) if m else nullcontext(), limited(SECONDS):
        module = load(str(file))
        assert not module.faults, module.faults[0]
        (found,) = [c for c in module.claims if c.id == name]
        verdict = decide(found)
    assert m or verdict.met, f"{claim} is not as expected"
    return _part(verdict, group)


def _part(v: Verdict, group: str) -> tuple[str, str]:
    parts = [c for c in v.components if c.group.startswith(group) or c.name == group] if group else v.components
    assert parts, f"{v.id} has no part {group}"
    return (worst(c.verdict for c in parts) if group else v.verdict), _point(parts)


def _point(parts: tuple[Component, ...] | list[Component]) -> str:
    for c in parts:
        if c.witness is not None:
            w = c.witness
            values: Mapping[str, str] = dict(w.values)
            return ", ".join([f"{k} = {x}" for k, x in values.items()] + [f"{w.place}: {w.left} != {w.right}"])
    return ""
