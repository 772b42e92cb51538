"""Certificates of proved claims: a statement, a model point, and lemmas; see docs/certificates.md."""

from __future__ import annotations

import json
from fractions import Fraction
from random import Random
from typing import Any

from .. import __version__
from ..checker.document import VERSION, conditions, differ, digest, prepared, same, satisfied
from ..checker.laws import Laws
from ..checker.model import Model
from ..checker.ring import Reject
from ..elaborate.claims import Claim
from ..elaborate.environment import OpaqueError
from ..kernel.data import Stuck
from ..learn.errors import hypotheses
from ..terms.syntax import Schematic
from .emit import Emitter
from .stating import Uncertified, stated
from .verdict import PROVED, REFUTED, Verdict

TRIES = 12


def certificate(claim: Claim, verdict: Verdict) -> str:
    """The certificate of a claim that was proved, as text.  Raises Uncertified, with the reason."""
    if verdict.verdict not in (PROVED, REFUTED):
        raise Uncertified(f"a verdict that is {verdict.verdict}")
    try:
        return _certificate(claim, verdict)
    except Reject as e:
        raise Uncertified(f"beyond the checker: {e}") from None
    except Stuck as e:
        raise Uncertified(f"beyond the kernel: {e}") from None
    except RecursionError:
        raise Uncertified("terms nested too deep") from None


def _certificate(claim: Claim, verdict: Verdict) -> str:
    statement, functions = stated(claim, verdict.verdict == PROVED)
    statement = json.loads(json.dumps(statement))
    laws, goals = prepared(statement)
    asked = conditions(laws)
    lines: list[Any] = []
    proofs: list[Any] = []
    points = _models(statement, 2 if verdict.verdict == PROVED else 1, verdict.verdict == PROVED)
    if verdict.verdict == PROVED:
        if any(side != "spec" for _, side in asked):
            raise Uncertified("a condition of the written side that signs do not decide")
        emitter = Emitter(laws, claim.bounds, functions, _hypotheses(claim, laws))
        if any(left != right for _, _, left, right in goals):
            emitter.sweep([Model(laws, p, laws.functions) for p in points])
        proofs = [emitter.goal(g) for g in goals]
        for g, proof in zip(goals, proofs, strict=True):
            free, gap = laws.gap(g)
            laws.zero(gap, proof, frozenset(free))
        lines = emitter.lines
    document: dict[str, Any] = {
        "certificate": "learnlaw",
        "version": VERSION,
        "tool": f"learnlaw {__version__}",
        "claim": claim.id,
        "verdict": verdict.verdict,
        "statement": statement,
        "model": points[0],
        "lines": lines,
        "proofs": proofs,
        "conditions": [list(c) for c in asked],
        "depends": [],
    }
    document["hash"] = digest(document)
    return json.dumps(document, indent=None, separators=(",", ":"), ensure_ascii=True) + "\n"


def _hypotheses(claim: Claim, laws: Laws) -> list[Schematic]:
    """The laws of the generic errors that the statement declares, for the kernel."""
    found: list[Schematic] = []
    for entry in claim.environment.visible().values():
        error = entry.value
        if isinstance(error, OpaqueError) and error.error.laws and error.value.name in {e for e, _ in laws.declared}:
            found += hypotheses(error.error)
    return found


def _models(statement: Any, count: int, equal: bool) -> list[dict[str, Any]]:
    """Points at which the conditions hold, and both sides are equal, or not; the first is that of the certificate."""
    found = []
    for seed in range(TRIES):
        laws, goals = prepared(statement)
        names = list(laws.heads)
        data = _point(laws, Random(seed))
        model = Model(laws, data, laws.functions)
        try:
            satisfied(laws, names, model)
            right = all(same(laws, model, g) for g in goals) if equal else any(differ(laws, model, g) for g in goals)
        except (Reject, ZeroDivisionError) as e:
            import os

            if os.environ.get("DEBUGM"):
                print("MODEL", repr(e)[:200])
            continue
        if right:
            found.append(data)
        if len(found) == count:
            return found
    raise Uncertified("no model point was found")


def _point(laws: Any, random: Random) -> dict[str, Any]:
    sizes = {n: low + 1 + random.randrange(2) if low < 2 else low for n, low in laws.least.items()}
    names = list(sizes)
    for k, n in enumerate(names):  # unequal sizes, as far as small ones go
        sizes[n] = max(laws.least[n], 2 + k % 2)
    values = {}
    empty = Model.__new__(Model)
    empty.sizes = sizes
    for n, h in laws.heads.items():
        if h.kind == "input":
            some = laws.signs.get(n) == "nonnegative" or laws.facts.get(n) == "pos"
            rows = []
            for _ in empty.places(h.extents):
                q = Fraction(random.randrange(1, 8), random.randrange(2, 5))
                rows.append(str(q if some or random.random() < 0.5 else -q))
            values[n] = rows
    functions: dict[str, Any] = {}
    for n, shape in laws.functions.items():
        c = [Fraction(random.randrange(1, 6), random.randrange(1, 4)) for _ in range(4)]
        if "positive" in shape["properties"]:
            c[1] = c[3] = Fraction(0)
        functions[n] = {"polynomial": [str(x / 2**k) for k, x in enumerate(c)]}
    for e, f in laws.generic.items():
        factor = str(Fraction(random.randrange(1, 5), random.randrange(1, 4)))
        functions[e], functions[f] = {"pair": "error", "factor": factor}, {"pair": "inverse", "factor": factor}
    return {"sizes": sizes, "values": values, "functions": functions}


__all__ = ["Uncertified", "certificate"]
