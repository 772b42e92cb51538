"""One fixed place changed in each backward pass of the standard library: always refuted."""

from __future__ import annotations

from functools import cache
from random import Random

import pytest

from tests.conftest import ROOT
from tests.mutate_specs.judge import fate
from tests.mutate_specs.mutants import Mutant, module_of, mutants

torch = pytest.importorskip("torch")

from .autograd import deviations  # noqa: E402
from .test_layers import PASSES  # noqa: E402


@cache
def every(path: str) -> list[Mutant]:
    return list(mutants(str(ROOT / path)))


def twin(path: str, name: str) -> Mutant:
    """The one fixed mutant of a backward pass: once shuffled, the first well-formed one that torch tells apart."""
    number = [n for p, n in PASSES if p == path].index(name)
    candidates = [m for m in every(path) if m.backward == number]
    Random(name).shuffle(candidates)
    for m in candidates:
        module = module_of(m)
        if module is not None:
            (claim,) = [c for c in module.claims if c.id == name]
            if max(deviations(claim, 1).values()) > 1e-3:
                return m
    raise AssertionError(f"no mutant of {name} differs")


@pytest.mark.slow
@pytest.mark.parametrize(("path", "name"), PASSES)
def test_a_changed_place_is_refuted(path: str, name: str) -> None:
    changed = twin(path, name)
    assert fate(changed, 60).verdict == "refuted", str(changed)
