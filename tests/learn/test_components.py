"""sympy derives U and R of every standard learner by itself, entry by entry, at unequal sizes."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from verifier.elaborate.modules import load
from verifier.elaborate.selection import all_learners, learner_of
from verifier.learn.components import components
from verifier.learn.learner import Learner
from verifier.learn.program import Program
from verifier.terms.syntax import Let, mul, num

ROOT = Path(__file__).parents[2]
LAYERS = load(str(ROOT / "specs/std/layers.learn"))
STANDARD = {row.heading: row.learner for row in all_learners(LAYERS)}
SIZES = {"n": 2, "m": 3}


@pytest.mark.parametrize("heading", STANDARD)
def test_standard_learners_with_any_error(heading: str) -> None:
    """The error is opaque here, so that its slope and its inverse are used where they should be."""
    rows = list(components(STANDARD[heading], SIZES))
    assert rows
    assert [r for r in rows if not r.equal] == []


ERRORS = load(str(ROOT / "specs/std/errors.learn")).environment.entries


@pytest.mark.parametrize("layer", ["Dense(n, m, s, {e}, 1/3)", "DenseVector(n, m, c, {e}, 2)", "Scale(n, {e}, 1/2)"])
@pytest.mark.parametrize("error", ERRORS)
def test_standard_learners_with_standard_errors(layer: str, error: str, tmp_path: Path) -> None:
    spec = tmp_path / "s.learn"
    header = "import std.layers\nimport std.errors\nsize n, m\nfunction s : R -> R smooth\n"
    spec.write_text(header + "function c : R[m] -> R[m] smooth\n", encoding="utf-8")
    module = load(str(spec))
    assert not module.faults
    learner = learner_of(module, layer.format(e=error)).learner
    assert [r for r in components(learner, SIZES) if not r.equal] == []


def damaged(f: Learner, k: int) -> Learner:
    """The same learner, with one of its outputs doubled."""
    out = f.step.outputs[k]
    lets = [Let(let.symbol, let.indices, mul(num(2), let.body)) if let.symbol == out else let for let in f.step.lets]
    return replace(f, step=Program(f.step.inputs, tuple(lets), f.step.outputs))


@pytest.mark.parametrize("k", range(3))
def test_a_damaged_program_is_noticed(k: int) -> None:
    f = STANDARD["Dense(n, m, s, e, eps)"]
    different = {(r.role, r.port.name) for r in components(damaged(f, k), SIZES) if not r.equal}
    assert different == {[("U", "W"), ("U", "v"), ("R", "a")][k]}


def test_a_hand_written_learner_has_nothing_to_compare(tmp_path: Path) -> None:
    spec = tmp_path / "s.learn"
    spec.write_text("size n\nlearner L(n) : a : R[n] -> b : R[n] {\n  implement a\n  request b\n}\n", encoding="utf-8")
    [row] = all_learners(load(str(spec)))
    with pytest.raises(ValueError, match="gradient"):
        next(components(row.learner, SIZES))
