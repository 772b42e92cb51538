"""Faults in the rooms of the program, and who notices them: the rules of the kernel; Learn, lenses and sheaves."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any

from tests.conftest import ROOT
from tests.contract.test_attacks import ATTACKS
from tests.kernel.test_log import follows, proofs
from tests.kernel.test_rules import FALSE, IDENTITIES, NEEDED, proved
from verifier.elaborate.modules import load
from verifier.proof.decide import decide

from .faults import FORCED, Fault, chosen, faults
from .suite import SURVIVED, Detector, fates, fuzz, tests

FUZZ = {
    "rewrites_are_proved": 120,
    "mutants_are_not_proved": 120,
    "splits_are_proved": 60,
    "rulings_are_true": 20,
    "normal_forms_keep_the_value": 10,
}
PROOFS = 40  # whose log is replayed
SPECS = [
    *(f"examples/{n}" for n in ("roots", "trigonometry", "partial", "kinks", "post", "reductions", "positions")),
    *(f"std/{n}" for n in ("embedding", "rotary", "norms", "attention", "losses")),
]


def equations() -> bool:
    """Whether an identity of the kernel's tests is not proved, or a false equation is."""
    true = [*IDENTITIES.values(), *((left, right, more) for _, left, right, more in NEEDED.values())]
    return not all(proved(left, right, **more) for left, right, more in true) or any(
        proved(left, right, **more) for left, right, more, _ in FALSE.values()
    )


def specs() -> bool:
    """Whether a claim of some specs does not end as it says."""
    for path in SPECS:
        module = load(str(ROOT / "specs" / f"{path}.learn"))
        if module.faults or not all(decide(c).met for c in module.claims):
            return True
    return False


def attacks() -> bool:
    """Whether a false claim gets through, or the true one of its form does not."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "spec.learn"
        for texts in ATTACKS.values():
            for text, wanted in zip(texts, (False, True), strict=True):
                path.write_text(text, encoding="utf-8")
                (found,) = [decide(c) for c in load(str(path)).claims if c.id == "it"]
                if found.met != wanted:
                    return True
    return False


def replayed() -> bool:
    """Whether a lemma of random proofs does not follow from its steps."""
    sizes = {"n": 2, "m": 3}
    return not all(
        follows(lemma, kernel.algebra, sizes, seed)
        for seed, kernel in proofs(PROOFS)
        for lemma in kernel.algebra.lemmas
    )


@dataclass(frozen=True)
class Room:
    """A room, its detectors in order, and modules that hold no rule: bookkeeping, printing, search."""

    name: str
    detectors: tuple[Detector, ...]
    apart: frozenset[str] = frozenset()


ROOMS = {
    "kernel": Room(
        "kernel",
        (
            Detector("equations", equations),
            tests("tests/kernel", "tests/kernel", "--ignore=tests/kernel/test_log.py"),
            fuzz(FUZZ),
            Detector("the log", replayed),
            Detector("specs", specs),
            Detector("attacks", attacks),
            tests("tests/proof", "tests/proof/test_discharge.py", "tests/proof/test_hypotheses.py"),
            tests("tests/backward", "tests/backward"),
        ),
        frozenset({"log", "data", "order", "layout", "untranslate"}),
    ),
    "learn": Room(
        "learn",
        (
            Detector("specs", specs),
            Detector("attacks", attacks),
            tests("tests/learn", "tests/learn", "tests/proof/test_via.py", "tests/proof/test_descent.py"),
        ),
        frozenset({"components"}),
    ),
    "sheaf": Room(
        "sheaf",
        (
            tests("tests/sheaf", "tests/sheaf"),
            fuzz({"finite_graphs_agree": 100, "finite_chains_agree": 100}),
            tests("specs", "tests/specs/test_specs.py", "-k", "wiring or residual or readings or theory_graphs"),
        ),
        frozenset({"diagrams"}),
    ),
}


def drawn(room: Room, each: int, limit: int, seed: int) -> list[Fault]:
    """Faults of the functions of a room, at most ``limit`` of them, drawn at random; ``each`` 0: all forced answers."""
    found = chosen(room.name, each, seed) if each else [f for f in faults(room.name) if f.kind == FORCED]
    rows = [f for f in found if f.module.rsplit(".", 1)[-1] not in room.apart]
    Random(seed).shuffle(rows)
    return sorted(rows[:limit], key=lambda f: (f.module, f.line))


def measured(name: str, each: int = 1, limit: int = 1000, seed: int = 0, workers: int = 1) -> dict[str, Any]:
    """Who notices the faults of a room: counts by module, and the faults that nobody notices."""
    room = ROOMS[name]
    rows = list(fates(drawn(room, each, limit, seed), room.detectors, workers))
    return {
        "each": each,
        "seed": seed,
        "by": dict(Counter(found for _, found in rows).most_common()),
        "modules": counted(rows),
        "survivors": [str(f) for f, found in rows if found == SURVIVED],
    }


def counted(rows: Sequence[tuple[Fault, str]]) -> dict[str, list[int]]:
    """Noticed and planted, by module."""
    table: dict[str, list[int]] = {}
    for f, found in rows:
        row = table.setdefault(f.module.removeprefix("verifier."), [0, 0])
        row[0] += found != SURVIVED
        row[1] += 1
    return table


__all__ = ["ROOMS", "drawn", "measured"]
