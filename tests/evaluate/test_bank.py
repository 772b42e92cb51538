"""The bank of opaque learners: every instance has the laws asked for, and, for some seed, no other."""

from __future__ import annotations

from fractions import Fraction
from itertools import combinations

import pytest

from verifier.evaluate.bank import OpaqueLearner
from verifier.evaluate.machine import Machine
from verifier.evaluate.model import Model
from verifier.learn.laws import LENS
from verifier.learn.opaque import opaque_learner
from verifier.learn.program import Scope
from verifier.terms.sizes import Size
from verifier.terms.sorts import REAL, Element, Range
from verifier.terms.syntax import Symbol

LAWS = ("getput", "putget", "putput")
SUBSETS = [frozenset(c) for k in range(4) for c in combinations(LAWS, k)]
VECTOR = ((Symbol("a", (Range(Size.symbol("n")),), REAL),), (Symbol("b", (Range(Size.symbol("n")),), REAL),))
SETS = ((Symbol("a", (), Element("A")),), (Symbol("b", (), Element("B")),))


def _holding(laws: frozenset[str], ports: tuple[tuple[Symbol, ...], tuple[Symbol, ...]], seed: int) -> set[str]:
    """The laws that hold of an instance at three points."""
    f = opaque_learner("F", *ports)
    functions = OpaqueLearner(f.implement, f.update, f.request, laws).instance(seed)
    assert functions is not None
    held = set(LAWS)
    for law in LAWS:
        for point in range(3):
            scope = Scope()
            goals = LENS[law](scope, f.learner)
            values = {}
            for k, s in enumerate(scope.inputs):
                places = [(0,), (1,)] if s.axes else [()]
                values[s.name] = {p: Fraction(3 * k + 7 * j + 5 * point + 1, 2 + point) for j, p in enumerate(places)}
            machine = Machine(Model({"n": 2}, values, functions), scope.lets)
            for g in goals:
                e = g.equation
                for place in [(0,), (1,)] if e.indices else [()]:
                    at = dict(zip(e.indices, place, strict=True))
                    if machine.value(e.left, at) != machine.value(e.right, at):
                        held.discard(law)
    return held


@pytest.mark.parametrize("ports", [VECTOR, SETS], ids=["tensors", "sets"])
@pytest.mark.parametrize("laws", SUBSETS, ids=lambda s: "+".join(sorted(s)) or "none")
def test_instances_are_true_and_no_more(
    laws: frozenset[str], ports: tuple[tuple[Symbol, ...], tuple[Symbol, ...]]
) -> None:
    found = [_holding(laws, ports, seed) for seed in range(6)]
    assert all(laws <= held for held in found)
    assert set.intersection(*found) == laws
