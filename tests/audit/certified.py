"""Signs changed in the kernel while certificates are written: what the checker refuses of them.

A fault affects a certificate if the kernel no longer writes the same one.  It is caught if the checker refuses what is
written, or if no proof is written at all; another proof of the same true statement, which the checker follows, is no
harm.  False claims are put to the faulty kernel too, under the verdict proved: none may get a certificate.
"""

from __future__ import annotations

import os
import pickle
import resource
import tempfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any

from tests.checker.test_certificates import SPEC
from verifier.checker.document import check
from verifier.elaborate.claims import Claim
from verifier.elaborate.modules import load
from verifier.proof.certificate import certificate
from verifier.proof.decide import decide
from verifier.proof.stating import Uncertified
from verifier.proof.verdict import Verdict

from .faults import NEGATED, SIGN, Fault, faults, plant
from .rooms import ROOMS

CPU = 60
FALSE = (
    ("r[b]^3 *", "r[b]^2 *"),
    ("sum[v](dy[v] * y[v])", "sum[v](dy[v] * y[v]^2)"),
    ("+= sum", "+= 2 * sum"),
    ("dx[b,c] = r[b] * g[b,c] - ", "dx[b,c] = r[b] * g[b,c] + "),
    ("dx[c] = y[c] * (dy[c] - ", "dx[c] = y[c] * (dy[c] + "),
)
SAME, REFUSED, OTHER, FALSEHOOD = "not affected", "refused", "another proof", "false, and accepted"


def signs(limit: int, seed: int = 0) -> list[Fault]:
    """Wrong signs in the modules of the kernel that hold rules: of a term, or of a whole answer."""
    rows = [f for f in faults("kernel", (SIGN, NEGATED)) if f.module.rsplit(".", 1)[-1] not in ROOMS["kernel"].apart]
    Random(seed).shuffle(rows)
    return rows[:limit]


def cases() -> tuple[list[tuple[Claim, Verdict, str]], list[tuple[Claim, Verdict]]]:
    """True claims with their certificates, and false ones under the verdict proved."""
    true = [(c, v, certificate(c, v)) for c, v in _decided(SPEC)]
    false = []
    for old, new in FALSE:
        assert old in SPEC
        for claim, v in _decided(SPEC.replace(old, new)):
            if v.verdict != "proved":
                parts = tuple(replace(c, verdict="proved") for c in v.components)
                false.append((claim, replace(v, components=parts)))
    return true, false


def _decided(text: str) -> Iterator[tuple[Claim, Verdict]]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "spec.learn"
        path.write_text(text, encoding="utf-8")
        claims = load(str(path)).claims
    for claim in claims:
        yield claim, decide(claim)


def fates(fault: Fault, true: list[tuple[Claim, Verdict, str]], false: list[tuple[Claim, Verdict]]) -> Counter[str]:
    """What becomes of each certificate under a fault, in a child that has it."""
    there, here = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            resource.setrlimit(resource.RLIMIT_CPU, (CPU, CPU + 5))
            plant(fault)
            found = Counter(_fate(c, v, text) for c, v, text in true)
            found.update(_fate(c, v, None) for c, v in false)
            os.write(here, pickle.dumps(found))
        finally:
            os._exit(0)
    os.close(here)
    with os.fdopen(there, "rb") as pipe:
        data = pipe.read()
    os.waitpid(child, 0)
    return pickle.loads(data) if data else Counter({REFUSED: 1})  # it never ended: nothing was written


def _fate(claim: Claim, verdict: Verdict, before: str | None) -> str:
    try:
        text = certificate(claim, verdict)
        check(text)
    except Uncertified:
        return REFUSED if before is not None else SAME
    except Exception:
        return REFUSED  # the kernel broke
    if before is None:
        return FALSEHOOD
    return SAME if text == before else OTHER


def measured(limit: int = 1000, seed: int = 0) -> dict[str, Any]:
    """Counts over all faults and claims, and the faults that affect something."""
    true, false = cases()
    total: Counter[str] = Counter()
    affecting = 0
    rows = signs(limit, seed)
    for fault in rows:
        found = fates(fault, true, false)
        total += found
        affecting += any(found[k] for k in (REFUSED, OTHER, FALSEHOOD))
    affected = total[REFUSED] + total[OTHER] + total[FALSEHOOD]
    return {
        "faults": len(rows),
        "affecting": affecting,
        "claims": len(true),
        "false": len(false),
        "affected": affected,
        "refused": total[REFUSED],
        "other": total[OTHER],
        "accepted": total[FALSEHOOD],
    }


__all__ = ["cases", "fates", "measured", "signs"]
