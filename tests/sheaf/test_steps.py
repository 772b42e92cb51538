"""Claims about graphs: gluing, and targets at a fan-out."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from verifier.elaborate.modules import Module
from verifier.proof.verdict import Verdict

HEAD = """import std.errors
import std.layers
size n
real eps > 0
function s : R -> R smooth
"""


def test_the_target_reading_may_survive_a_fan_out(verdicts: Callable[[str], dict[str, Verdict]]) -> None:
    """Layers that do not look at their input meet any two targets; the report does not say that they cannot."""
    text = HEAD + (
        "learner Known : a : R[n] -> b : R[n] {\n  param p : R[n]\n  implement b[i] = p[i] + 0 * a[i]\n"
        "  update p[i] = b[i]\n  request a[i] = a[i]\n}\n"
        "wire N using quadratic {\n  input x : R[n]\n  u = Known(x)\n  output u, x\n}\n"
        "wire M using quadratic {\n  input x : R[n]\n  u = Dense(n, n, s, quadratic, eps)(x)\n  output u, x\n}\n"
        "check kept: natural N reading target\ncheck killed: natural M reading target expect refuted\n"
    )
    found = verdicts(text)
    assert found["kept"].verdict == "proved" and found["killed"].verdict == "refuted"
    assert not any("no copies" in note for note in found["kept"].notes)
    assert any("x is used 2 times" in note for note in found["killed"].notes)


def test_chains_glue_and_other_things_have_no_gluing(
    verdicts: Callable[[str], dict[str, Verdict]], spec: Callable[[str], Module]
) -> None:
    two = "Dense(n, n, s, quadratic, eps) ; Dense(n, n, s, quadratic, eps)"
    found = verdicts(HEAD + f"network N = {two}\ncheck a: gluing(N)\ncheck b: gluing({two})\n")
    assert found["a"].verdict == found["b"].verdict == "proved"
    assert [d.code for d in spec(HEAD + "check gluing(n)\n").faults] == ["E115"]


@pytest.mark.parametrize(("outputs", "verdict"), [("u, v", "refuted"), ("u, v, x", "proved")])
def test_gluing_at_a_fan_out(outputs: str, verdict: str, verdicts: Callable[[str], dict[str, Verdict]]) -> None:
    text = HEAD + (
        "wire N using quadratic {\n  input x : R[n]\n  u = Bias(n, quadratic, eps)(x)\n"
        f"  v = Bias(n, quadratic, eps)(x)\n  output {outputs}\n}}\ncheck c: gluing(N)\n"
    )
    assert verdicts(text)["c"].verdict == verdict
