"""``learnlaw certify``: claims as theorems of Coq, and what coqc says of them."""

from __future__ import annotations

import argparse
import re
import sys
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

from ..certify.coqc import Accepted, Coq, Unavailable
from ..certify.real import NotStated
from ..certify.theorem import theorems
from ..proof.limits import TimeUp, limited
from .deciding import decide_claim
from .files import write_whole
from .specs import on_spec

if TYPE_CHECKING:
    from ..certify.statement import Theorem
    from ..elaborate.claims import Claim
    from ..elaborate.modules import Module

CERTIFIED, UNAVAILABLE, NOT_STATED, OPEN = "certified", "unavailable", "not stated", "not decided"


def run(arguments: argparse.Namespace) -> int:
    """Certify the claims of a spec; 0 if all are certified, 4 if one is not, 2 for faults, 1 for usage."""
    return on_spec(arguments.path, lambda module: _certify(module, arguments))


def _certify(module: Module, arguments: argparse.Namespace) -> int:
    claims = [c for c in module.claims if not arguments.only or c.id in arguments.only]
    lost = [n for n in arguments.only or () if n not in {c.id for c in claims}]
    if lost:
        print(f"learnlaw: {arguments.path} has no claim {', '.join(lost)}", file=sys.stderr)
        return 1
    work = _Certifying(Path(arguments.coq), Path(arguments.path).stem, arguments)
    for claim in claims:
        work.claim(claim)
    print(work.summary())
    return 0 if work.count[CERTIFIED] == len(claims) and claims else 4


class _Certifying:
    """A folder of theorems, and what became of each claim."""

    def __init__(self, folder: Path, stem: str, arguments: argparse.Namespace) -> None:
        self.folder, self.stem, self.arguments = folder, stem, arguments
        self.coq = Coq(timeout=arguments.timeout)
        self.count: Counter[str] = Counter()
        self.kinds: Counter[tuple[str, bool]] = Counter()
        self.axioms: set[str] = set()
        self.seconds = 0.0
        self.taken: set[str] = set()

    def claim(self, claim: Claim) -> None:
        """Certify one claim and say what came of it."""
        outcome = decide_claim(claim, self.arguments.timeout)
        verdict = outcome.verdict.verdict if outcome.verdict is not None else "no verdict"
        if verdict not in ("proved", "vacuous"):
            self.say(OPEN, claim, verdict)
            return
        try:
            with limited(self.arguments.timeout):
                texts = list(theorems(claim))
        except NotStated as e:
            self.say(NOT_STATED, claim, str(e))
            return
        except TimeUp:
            self.say(NOT_STATED, claim, f"stopped after {self.arguments.timeout:g} s")
            return
        place = self.place(claim)
        reason = ""
        for theorem in texts:
            self.write(place, theorem)
            if self.arguments.write_only:
                self.say(UNAVAILABLE, claim, "coqc was not asked")
                return
            try:
                accepted = self.coq.check(place)
            except Unavailable as e:
                reason = reason or str(e)
                continue
            self.accepted(claim, theorem, accepted)
            return
        self.kinds[texts[0].kind, False] += 1
        self.say(UNAVAILABLE, claim, reason)

    def place(self, claim: Claim) -> Path:
        """The folder of a claim, which no other claim has."""
        name, k = re.sub(r"[^\w.-]+", "_", f"{self.stem}.{claim.id}"), 1
        stem = name
        while name in self.taken:
            k += 1
            name = f"{stem}.{k}"
        self.taken.add(name)
        return self.folder / name

    def write(self, place: Path, theorem: Theorem) -> None:
        place.mkdir(parents=True, exist_ok=True)
        write_whole(place / "Statement.v", theorem.statement)
        write_whole(place / "Proof.v", theorem.proof)

    def accepted(self, claim: Claim, theorem: Theorem, found: Accepted) -> None:
        self.kinds[theorem.kind, True] += 1
        self.axioms |= set(found.axioms)
        self.seconds += found.seconds
        under = f", under {'; '.join(theorem.under)}" if theorem.under else ""
        self.say(CERTIFIED, claim, f"{theorem.kind}, {found.seconds:.1f} s{under}")

    def say(self, what: str, claim: Claim, why: str) -> None:
        self.count[what] += 1
        print(f"{what:<12} {claim.id}: {why}", flush=True)

    def summary(self) -> str:
        """How many claims are certified, of each kind, and on which axioms."""
        total = self.count.total()
        rows = [f"{self.count[CERTIFIED]} of {total} claims certified by Coq in {self.seconds:.1f} s"]
        for kind in dict.fromkeys(k for k, _ in self.kinds):
            good, bad = self.kinds[kind, True], self.kinds[kind, False]
            rows.append(f"  {kind}: {good} of {good + bad}")
        rows += [f"  {what}: {self.count[what]}" for what in (UNAVAILABLE, NOT_STATED, OPEN) if self.count[what]]
        if self.count[CERTIFIED]:
            rows.append("  axioms: " + (", ".join(sorted(self.axioms)) or "none"))
        return "\n".join(rows)
