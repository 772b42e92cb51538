"""What a result rests on: assumptions, conditions, uninterpreted symbols, other claims; and its certificate."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from ..elaborate.claims import Claim
from ..elaborate.environment import OpaqueError
from ..learn.errors import Error
from ..terms.syntax import Call, Let
from ..terms.traverse import reads, subterms
from .certificate import certificate
from .stating import Uncertified
from .verdict import PROVED, REFUTED, Conditions, Verdict


@dataclass(frozen=True)
class Taint:
    """What one claim rests on, as texts by kind; kinds with nothing in them are left out of reports."""

    claim: str
    verdict: str
    expected: str
    rows: Mapping[str, tuple[str, ...]]


def taint(claim: Claim, verdict: Verdict) -> Taint:
    """What the verdict of a claim rests on."""
    conditions = Conditions.union(c.conditions for c in verdict.components if not c.local)
    functions, numbers = _symbols(claim)
    want = ", ".join(f"{key}: {word}" if key else word for key, word in verdict.expect)
    rows = {
        "for all": tuple(c.quantified for c in verdict.components if c.quantified),
        "axioms": verdict.axioms,
        "an axiom from": (verdict.cites,) if verdict.cites else (),
        "assumed": verdict.assuming,
        "stated": (*verdict.stated, *conditions.stated),
        "open conditions": conditions.open,
        "discharged conditions": conditions.discharged,
        "declared hypotheses": verdict.hypotheses,
        "uninterpreted": (*functions, *(f"learner {n}" for n in claim.environment.opaque)),
        "declared numbers": numbers,
        "rests on": tuple(f"{d}, {_status(claim, d)}" for d in verdict.depends_on),
        "says nothing because": (verdict.vacuous,) if verdict.vacuous else (),
        "certificate": (_certified(claim, verdict),),
    }
    return Taint(
        claim.id,
        verdict.verdict,
        f"{want}, {'met' if verdict.met else 'not met'}",
        {k: tuple(dict.fromkeys(v)) for k, v in rows.items() if v},
    )


def _lets(claim: Claim) -> Iterator[Let]:
    for f in claim.learners:
        for program in (f.implement, f.step):
            yield from program.lets
    if claim.written is not None:
        yield from claim.written.scope.lets.values()


def _symbols(claim: Claim) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The uninterpreted functions and the declared numbers and tensors that the lets of a claim mention."""
    functions: dict[str, None] = {}
    numbers: dict[str, None] = {}
    for let in _lets(claim):
        numbers.update({s.label: None for s in reads(let.body) if s.name.startswith("$")})
        for t in subterms(let.body):
            if isinstance(t, Call) and not t.function.known:
                functions[t.function.name.lstrip("$")] = None
    return tuple(functions), tuple(numbers)


def _status(claim: Claim, dependency: str) -> str:
    """Where the invertibility of an error comes from."""
    name = dependency.removeprefix("invertible(").removesuffix(")")
    for found, entry in claim.environment.visible().items():
        value = entry.value
        if isinstance(value, OpaqueError) and name in (found, value.error.name):
            return f"declared: {', '.join(sorted(value.error.laws)) or 'no law'}"
        if isinstance(value, Error) and name in (found, value.name):
            return f"decided where it is declared: {', '.join(sorted(value.laws)) or 'no law'}"
    return "not found"


def _certified(claim: Claim, verdict: Verdict) -> str:
    if verdict.verdict not in (PROVED, REFUTED):
        return "none"
    try:
        certificate(claim, verdict)
    except Uncertified as e:
        return f"none: {e}"
    return "yes"


def cycle(graph: Mapping[str, Sequence[str]]) -> tuple[str, ...]:
    """A cycle of dependencies, or nothing.

    >>> cycle({"a": ["b"], "b": ["c"], "c": []}), cycle({"a": ["b"], "b": ["a"]})
    ((), ('a', 'b', 'a'))
    """
    done: set[str] = set()
    for start in graph:
        path: list[str] = []
        stack: list[tuple[str, Iterator[str]]] = []
        if start not in done:
            path, stack = [start], [(start, iter(graph[start]))]
        while stack:
            node, rest = stack[-1]
            new = next((n for n in rest if n not in done), None)
            if new is None:
                done.add(node)
                stack.pop()
                path.pop()
            elif new in path:
                return (*path[path.index(new) :], new)
            else:
                path.append(new)
                stack.append((new, iter(graph.get(new, ()))))
    return ()


__all__ = ["Taint", "cycle", "taint"]
