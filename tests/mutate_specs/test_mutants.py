"""A seeded sample of mutants of the standard library: none is proved, and few are unknown."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from pathlib import Path
from random import Random

import pytest

from tests.conftest import ROOT

from .judge import SAME, fate
from .mutants import CHANGES, Mutant, module_of, mutants

STANDARD = sorted((ROOT / "specs/std").glob("*.learn"))
SAMPLE = 12

TWO = """layer Twice(n) {
  index i j:n
  input x : R[n]
  output y[i] = 2 * x[i]
}
backward of Twice given dy { dx[i] = dy[i] + dy[i] }

layer Sine(n) {
  index i:n
  input x : R[n]
  output y[i] = sin(x[i])
}
# A comment stays where it is.
backward of Sine given dy using x {
  dx[i] = dy[i] * cos(x[i])
}
when x[i] > 0
check Sine2: Sine2 == Sine2
"""


def _drawn(random: Random) -> Mutant:
    """A well-formed mutant: a random file, backward pass, kind of change and place."""
    while True:
        rows = list(mutants(str(random.choice(STANDARD))))
        if rows:
            k = random.choice(sorted({m.backward for m in rows}))
            kind = random.choice(sorted({m.kind for m in rows if m.backward == k}))
            m = random.choice([m for m in rows if m.backward == k and m.kind == kind])
            if module_of(m) is not None:
                return m


@pytest.mark.slow
def test_no_mutant_of_the_standard_library_is_proved() -> None:
    random = Random(4)
    fates = [fate(_drawn(random)) for _ in range(SAMPLE)]
    found = Counter(f.verdict for f in fates)
    assert not found["proved"], [str(f.mutant) for f in fates if f.verdict == "proved"]
    assert found["unknown"] <= (SAMPLE - found[SAME]) / 10, [str(f.mutant) for f in fates if f.verdict == "unknown"]
    assert found["refuted"] >= SAMPLE / 2


@pytest.fixture
def two(tmp_path: Path) -> list[Mutant]:
    path = tmp_path / "two.learn"
    path.write_text(TWO, encoding="utf-8")
    return list(mutants(str(path)))


def test_a_mutant_holds_its_own_claim_alone_and_every_line_in_its_place(two: list[Mutant]) -> None:
    for m in two:
        lines = m.text.rstrip().split("\n")
        assert lines[7] == "layer Sine(n) {" and not any(line.startswith("check") for line in lines)
        assert sum(line.startswith("backward") for line in lines) == 1
        assert ("when x[i] > 0" in lines) == (m.backward == 1)
        assert m.new in lines[m.line - 1]


def test_every_kind_that_applies_is_made(two: list[Mutant]) -> None:
    assert {m.kind for m in two} == {"sign", "factor", "dropped term", "wrong index"} < set(CHANGES)


def test_a_mutant_that_means_the_same_is_told_from_one_that_differs(two: list[Mutant]) -> None:
    sign = next(m for m in two if (m.backward, m.kind, m.old) == (0, "sign", "dy[i] + dy[i]"))
    assert fate(sign).verdict == "refuted"
    assert fate(replace(sign, text=sign.text.replace("(dy[i] - dy[i])", "(3 * dy[i] - dy[i])"))).verdict == SAME
