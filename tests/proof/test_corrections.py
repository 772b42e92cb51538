"""Corrections in a text: each is proved in the text that has it, and what is not proved there is not made."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from verifier.elaborate.modules import elaborated
from verifier.proof.corrections import corrected
from verifier.proof.decide import decide
from verifier.proof.verdict import Advice, Verdict

ROOT = Path(__file__).parents[2]
WRONG = ROOT / "specs" / "examples" / "backward" / "wrong"
TWO = """layer L(n) {
  index i j:n
  input x : R[n], z : R[n]
  output y = sum[i](x[i]^2 * z[i])
}
backward of L given dy {
  dx[i] = x[i] * z[i] * dy  # half of it
  dz[i] += (x[i]^2 * dy if x[i] > 0 else
    x[i] * dy)
}
"""


def verdicts(text: str) -> list[Verdict]:
    module = elaborated(text, "a.learn")
    assert not module.faults, module.faults
    return [decide(c) for c in module.claims]


def run(text: str, found: list[Verdict] | None = None) -> tuple[str, list[tuple[str, int]]]:
    after, corrections = corrected(text, "a.learn", verdicts(text) if found is None else found, decide)
    return after, [(c.name, c.line) for c in corrections]


def test_two_lines_are_corrected_where_they_stand() -> None:
    after, found = run(TWO)
    assert found == [("dx", 7), ("dz", 8)]
    lines = after.split("\n")
    assert lines[6].startswith("  dx[i] = x[i] * z[i] * dy + ") and lines[6].endswith("  # half of it")
    assert lines[7] == TWO.split("\n")[7]
    assert [v.verdict for v in verdicts(after)] == ["proved"]
    assert run(after) == (after, [])


@pytest.mark.parametrize("name", ["layer_norm", "attention", "jvp"])
def test_the_wrong_examples(name: str) -> None:
    text = "".join(
        line.split(" expect ")[0] + "\n" if line.startswith("}") else line + "\n"
        for line in (WRONG / f"{name}.learn").read_text(encoding="utf-8").splitlines()
    )
    after, found = run(text)
    before, now = verdicts(text), verdicts(after)
    assert found and any(v.verdict == "refuted" for v in before)
    claims = {c.claim for c in corrected(text, "a.learn", before, decide)[1]}
    assert claims and {v.verdict for v in now if v.id in claims} == {"proved"}


def test_what_ended_as_expected_is_left_alone() -> None:
    text = TWO.removesuffix("}\n") + "} expect refuted\n"
    assert run(text) == (text, [])


def lying(change: Callable[[Advice], Advice]) -> list[Verdict]:
    return [
        replace(v, components=tuple(replace(c, advice=change(c.advice)) for c in v.components)) for v in verdicts(TWO)
    ]


@pytest.mark.parametrize("lacks", ["x[i]*z[i]*dy*2", "dx[i]", "nothing[i]", ") + (1", "0", "dz[i]/x[i]"])
def test_advice_is_not_believed(lacks: str) -> None:
    """A wrong term, one that reads itself, what is no term, and what is right only where it is defined."""
    found = lying(lambda a: replace(a, lacks=lacks) if a.correction else a)
    assert run(TWO, found) == (TWO, [])


def test_a_line_that_is_right_in_a_wrong_gradient_is_no_correction() -> None:
    text = """layer L(n) {
  index i:n
  input x : R[n]
  h[i] = x[i]^2
  output y = sum[i](h[i]^2)
}
backward of L given dy {
  dh[i] = 2 * h[i] * dy
  dx[i] = DH * x[i]
}
"""
    after, found = run(text.replace("DH", "dh[i]"))
    assert found == [("dx", 9)] and [v.verdict for v in verdicts(after)] == ["proved"]
    both = text.replace("DH", "dh[i]").replace("2 * h[i]", "h[i]")
    after, found = run(both)
    assert found == [("dh", 8), ("dx", 9)] and [v.verdict for v in verdicts(after)] == ["proved"]
    seen = iter([True, False, False, False])

    def judge(claim):  # type: ignore[no-untyped-def]
        verdict = decide(claim)
        return verdict if next(seen) else None

    after, corrections = corrected(both, "a.learn", verdicts(both), judge)
    assert [c.name for c in corrections] in ([], ["dh"])
    for v in verdicts(after):
        assert all(c.verdict == "proved" for c in v.components if c.name in {x.name for x in corrections})
