"""Certificates of proved claims: a statement, a model point, and lemmas; see docs/certificates.md."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from random import Random
from typing import Any

from .. import __version__
from ..checker.document import VERSION, conditions, differ, digest, prepared, same, satisfied
from ..checker.laws import Laws
from ..checker.model import Model
from ..checker.ring import Reject
from ..elaborate.claims import Claim
from ..evaluate.machine import Machine
from ..kernel.data import Stuck
from ..learn.laws import Goal
from ..learn.program import Scope
from .emit import Emitter
from .problem import Problem, Theory
from .refute import Refuter
from .stating import Stating, Uncertified, stated
from .verdict import PROVED, REFUTED, Verdict

TRIES = 12
TAME = 6  # tries after which the functions of a model are nearly constant


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
    statement, s, theory = stated(claim, verdict.verdict == PROVED)
    statement = json.loads(json.dumps(statement))
    laws, goals = prepared(statement)
    asked = conditions(laws)
    lines: list[Any] = []
    proofs: list[Any] = []
    points = _models(statement, 2 if verdict.verdict == PROVED else 1, verdict.verdict == PROVED, given(theory, s))
    if verdict.verdict == PROVED:
        if any(side != "spec" for _, side in asked):
            raise Uncertified("a condition of the written side that signs do not decide")
        emitter = Emitter(laws, claim.bounds, s)
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


def given(theory: Theory, s: Stating) -> Iterator[tuple[dict[str, int], dict[str, list[str]]]]:
    """Sizes and rational values at which equations about tensors hold; nothing in particular if there are none."""
    if not s.data:
        return
    scope = Scope()
    symbols = [scope.input(x) for x in {**s.reads, **s.ports}.values() if x.name in s.ports or x.name.startswith("$")]
    problem = Problem(
        replace(theory, schematic=(), structures=()), scope, tuple(Goal("", x.name, x, x) for x in symbols)
    )
    for seed in range(3):
        refuter = Refuter(problem, seed)
        for model in refuter.models:
            if not refuter.admissible(Machine(model, scope.lets)):
                continue
            rows = {x.name: [model.values[x.name][k] for k in sorted(model.values[x.name])] for x in symbols}
            if all(isinstance(q, Fraction) for row in rows.values() for q in row):
                yield dict(model.sizes), {n: [str(q) for q in row] for n, row in rows.items()}


def _models(
    statement: Any, count: int, equal: bool, given: Iterator[tuple[dict[str, int], dict[str, list[str]]]]
) -> list[dict[str, Any]]:
    """Points at which the conditions hold, and both sides are equal, or not; the first is that of the certificate."""
    found = []
    for seed in range(TRIES):
        laws, goals = prepared(statement)
        names = list(laws.heads)
        data = _point(laws, Random(seed), seed)
        more = next(given, None)
        if more is not None:
            sizes = {n: more[0].get(n, data["sizes"][n]) for n in data["sizes"]}
            data = {**_point(laws, Random(seed), seed, sizes)}
            data["values"] |= {n: row for n, row in more[1].items() if n in data["values"]}
        model = Model(laws, data, laws.functions)
        try:
            satisfied(laws, names, model)
            right = all(same(laws, model, g) for g in goals) if equal else any(differ(laws, model, g) for g in goals)
        except (Reject, ZeroDivisionError):
            continue
        if right:
            found.append(data)
        if len(found) == count:
            return found
    raise Uncertified("no model point was found")


def _point(laws: Laws, random: Random, seed: int, sizes: dict[str, int] | None = None) -> dict[str, Any]:
    """A point that may be a model; later ones are tamer."""
    if sizes is None:  # unequal ones, as far as small ones go
        sizes = {n: max(low, 2 + k % 2) for k, (n, low) in enumerate(laws.least.items())}
    values = {}
    empty = Model.__new__(Model)
    empty.sizes = sizes
    for n, h in laws.heads.items():
        if h.kind == "input":
            signs = sorted(laws.signs[n] - {0}) or [0]
            rows = []
            for _ in empty.places(h.extents):
                q = Fraction(random.randrange(1, 8), random.randrange(2, 5))
                rows.append(str(q * signs[random.randrange(len(signs))]))
            values[n] = rows
    functions: dict[str, Any] = {}
    for n, shape in laws.functions.items():
        c = [Fraction(random.randrange(1, 6), random.randrange(1, 4)) for _ in range(4)]
        if "positive" in shape["properties"]:
            c[1] = c[3] = Fraction(0)
        if seed >= TAME:
            c[2] = c[3] = Fraction(0)
        functions[n] = {"polynomial": [str(x / 2 ** (k * (seed >= TAME) * 3 + k)) for k, x in enumerate(c)]}
    for e, f in laws.generic.items():
        factor = str(Fraction(random.randrange(1, 5), random.randrange(1, 4)))
        functions[e], functions[f] = {"pair": "error", "factor": factor}, {"pair": "inverse", "factor": factor}
    for n, k in _arguments(laws, seed).items():
        functions[n] = {"argument": k}
    return {"sizes": sizes, "values": values, "functions": functions}


def _arguments(laws: Laws, seed: int) -> dict[str, int]:
    """Functions about which there are hypotheses are projections in a model: to which argument.

    I(p, a) = p, U(p, a, b) = b, R(p, a, b) = a, or I(p, a) = a, U(p, a, b) = p, R(p, a, b) = b.
    """
    found: dict[str, int] = {}
    for _, _, left, right in laws.schematic.values():
        for f in (
            f for side in (left, right) for f in _called(side) if f not in {*laws.generic, *laws.generic.values()}
        ):
            count = len(laws.functions[f]["arguments"])
            shapes = [k for k, x in enumerate(laws.functions[f]["arguments"]) if x[0] == laws.functions[f]["value"][0]]
            letter = f.rpartition(".")[2][:1] if "." in f else ""
            choice = {"I": (0, 1), "U": (2, 0), "R": (1, 2)}.get(letter, (0, 0))[seed % 2] if count > 1 else 0
            found[f] = choice if choice in shapes else (shapes or [0])[0]
    return found


def _called(term: Any) -> Iterator[str]:
    if isinstance(term, list):
        if term and term[0] == "call":
            yield term[1]
        for part in term:
            yield from _called(part)


__all__ = ["Uncertified", "certificate"]
