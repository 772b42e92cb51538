"""Theorem C directs the search: counterexamples to PutGet that generic points miss, each re-evaluated exactly."""

from __future__ import annotations

from collections.abc import Callable

import pytest

import verifier.proof.isometry as isometry
from verifier.proof.refute import Refuter
from verifier.proof.verdict import Verdict

Checks = Callable[[str], dict[str, Verdict]]
SPEC = """
error half(x, y) = (x - y)^2 / 2
learner L : {source} -> {target} {{
  {parameter}
  implement {map}
  learn gradient(half, rate = {rate})
}}
check claim: putget(L)
"""
BENT = [
    ("a : R", "b : R", "", "a + relu(a - 100)", "1/2"),
    ("a : R", "b : R", "param p : R", "3/5*a + p + relu(p - 50)", "16/25"),
    ("(x : R, y : R)", "(u : R, v : R)", "", "(3/5*x - 4/5*y, 4/5*x + 3/5*y + max(y, 30) - 30)", "1"),
]


def verdict(verdicts: Checks, row: tuple[str, ...]) -> Verdict:
    return verdicts(SPEC.format(**dict(zip(("source", "target", "parameter", "map", "rate"), row, strict=True))))[
        "claim"
    ]


@pytest.mark.parametrize("row", BENT, ids=lambda r: r[3])
def test_the_aid_finds_what_the_plain_search_misses(
    row: tuple[str, ...], verdicts: Checks, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = verdict(verdicts, row)
    assert found.verdict == "refuted"
    assert all(c.witness is not None for c in found.components if c.verdict == "refuted")
    monkeypatch.setattr(isometry, "near_isometry", lambda *_: None)
    monkeypatch.setattr(Refuter, "_around", lambda _: iter(()))  # points on both sides of relu and max: another aid
    assert verdict(verdicts, row).verdict == "unknown"


@pytest.mark.parametrize(
    "row",
    [
        ("a : R", "b : R", "param p : R", "3/5*a + p", "16/25"),  # affine, K = 1
        ("a : R", "b : R", "", "a + relu(a^2) - a^2", "1/2"),  # the identity, written otherwise
    ],
)
def test_it_refutes_nothing_that_holds(row: tuple[str, ...], verdicts: Checks) -> None:
    assert verdict(verdicts, row).verdict != "refuted"
