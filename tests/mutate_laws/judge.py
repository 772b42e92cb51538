"""What becomes of a law when a definition is mutated: the part of a claim that states it changes its verdict, or not.

A claim is named ``file: name``, of ``specs/theory``, and ``file: name / part`` where it has one part for each law.
"""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from functools import cache

from tests.conftest import ROOT
from verifier.elaborate.modules import load
from verifier.proof.decide import decide
from verifier.proof.limits import limited
from verifier.proof.verdict import Component, Verdict, worst

from .definition import replaced

SPECS = ROOT / "specs" / "theory"
SECONDS = 60.0
HOLDS = ("proved", "vacuous")


@dataclass(frozen=True)
class Mutant:
    """``law``: what is to notice; ``what`` is wrong; ``where``, ``old``, ``new``: as of `replaced`."""

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


def mutants() -> list[Mutant]:
    """All of ``mutants.toml``, in its order."""
    table = tomllib.loads((ROOT / "tests" / "mutate_laws" / "mutants.toml").read_text(encoding="utf-8"))
    return [
        Mutant(law, what, where, old, new, claim)
        for where, own in table.items()
        for law, what, old, new, claim in own["rows"]
    ]


def fate(m: Mutant) -> Fate:
    """Decide the claim without and with the mutant.  An exception of the mutant is no verdict: it does not count."""
    before, _ = _true(m.claim)
    try:
        after, shown = _judged(m.claim, m)
    except Exception as e:
        after, shown = "failed", f"{type(e).__name__}: {e}"
    return Fate(m, before, after, shown)


@cache
def _true(claim: str) -> tuple[str, str]:
    return _judged(claim, None)


def _judged(claim: str, m: Mutant | None) -> tuple[str, str]:
    """The verdict on a claim or a part of it, and a point; without a mutant it must be as the spec expects."""
    whole, _, part = claim.partition(" / ")
    path, _, name = whole.partition(": ")
    with replaced(m.where, m.old, m.new) if m else nullcontext(), limited(SECONDS):
        module = load(str(SPECS / f"{path}.learn"))
        assert not module.faults, module.faults[0]
        (found,) = [c for c in module.claims if c.id == name]
        verdict = decide(found)
    assert m or verdict.met, f"{claim} is not as expected"
    rows = parts(verdict, part)
    assert rows, f"{whole} has no part {part}"
    return (worst(c.verdict for c in rows) if part else verdict.verdict), _point(rows)


def parts(v: Verdict, part: str) -> Sequence[Component]:
    """The components of a law, by the beginning of its name, or of one kind, such as ``U`` or ``bijection``."""
    return [c for c in v.components if not part or c.group.startswith(part) or c.name == part]


def _point(rows: Sequence[Component]) -> str:
    for c in rows:
        if c.witness is not None:
            w = c.witness
            return ", ".join([f"{name} = {value}" for name, value in w.values] + [f"{w.place}: {w.left} != {w.right}"])
    return ""
