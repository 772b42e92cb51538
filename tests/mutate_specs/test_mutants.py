"""The mutation test tested: kinds of change, what is spliced where, and that the same or a proved mutant is noticed."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tests.conftest import ROOT

from .__main__ import table
from .judge import SAME, Fate, fate
from .mutants import CHANGES, Mutant, chosen, module_of, mutants

TEXT = """
layer Attend(N, M) {
  index i:N, j l:M
  input x : R[N,M], v : R[M]
  p[i,j] = exp(x[i,j]) / sum[l](exp(x[i,l]))
  output y[i] = sum[j](p[i,j] * v[j] if j >= 1 else 0)
}
backward of Attend given gy {
  let g[i,j] = gy[i] * v[j] if j >= 1 else 0
  dx[i,j] = p[i,j] * (g[i,j] - sum[l](p[i,l] * g[i,l]))
  dv[j] = sum[i](p[i,j] * gy[i] if j >= 1 else 0)
}
"""


@pytest.fixture
def path(tmp_path: Path) -> str:
    file = tmp_path / "attend.learn"
    file.write_text(TEXT, encoding="utf-8")
    return str(file)


def test_every_kind_of_change_occurs_once_in_the_text(path: str) -> None:
    found = list(mutants(path))
    assert {m.kind for m in found} == set(CHANGES)
    before = TEXT.splitlines()
    for m in found:
        after = m.text.splitlines()
        assert [k + 1 for k, (a, b) in enumerate(zip(before, after, strict=False)) if a != b] == [m.line], m
    assert len({m.text for m in found}) > 0.8 * len(found)


def test_the_chosen_ones_are_well_formed_of_every_kind_and_the_same_each_time(path: str) -> None:
    found = chosen(path, 12, seed=3)
    assert len(found) == 12 and found == chosen(path, 12, seed=3) != chosen(path, 12, seed=4)
    assert {m.kind for m in found} >= set(CHANGES) - {"transpose"}
    assert all(module_of(m) is not None for m in found)


def test_mutants_that_differ_are_refuted(path: str) -> None:
    fates = [fate(m) for m in chosen(path, 10)]
    assert {f.verdict for f in fates} <= {"refuted", SAME}
    assert sum(f.verdict == "refuted" for f in fates) >= 8
    assert all(f.confirmed for f in fates if f.verdict == "refuted")


def test_a_change_that_means_the_same_does_not_count(path: str) -> None:
    same = next(mutants(path))
    assert fate(replace(same, text=TEXT.replace("gy[i] * v[j]", "v[j] * gy[i]"))).verdict == SAME


def test_a_proved_mutant_would_be_shown() -> None:
    m = Mutant(0, 1, "sign", "a", "-a", "")
    shown = table([Fate(m, "proved", "dx"), Fate(m, "refuted", "dx"), Fate(m, SAME)])
    assert "of 2 that differ: 1 proved, 0.0 % unknown" in shown


@pytest.mark.slow
@pytest.mark.parametrize("name", ["softmax_ce", "layer_norm", "attention"])
def test_no_mutant_of_an_example_is_proved(name: str) -> None:
    (file,) = (ROOT / "specs/examples/backward").glob(f"{name}.learn")
    fates = [fate(m) for m in chosen(str(file), 12, seed=1)]
    assert not [str(f.mutant) for f in fates if f.verdict == "proved"]
    assert sum(f.verdict == "unknown" for f in fates) <= len(fates) / 10
