"""``expect never``: met where a point refutes every instance, and not where one instance makes the law true."""

from __future__ import annotations

from collections.abc import Callable

from verifier.proof.verdict import Verdict

Checks = Callable[[str], dict[str, Verdict]]
SPEC = """
real eps > 0
error half(x, y) = (x - y)^2 / 2
learner Plus : a : R -> b : R {{
  param p : R
  implement {map}
  learn gradient(half, rate = eps)
}}
check claim: putget(Plus) expect never
"""


def test_a_law_that_fails_for_every_step(verdicts: Checks) -> None:
    claim = verdicts(SPEC.format(map="a + p"))["claim"]
    assert claim.met and claim.components[0].never == "eps"


def test_a_law_that_holds_for_one_step(verdicts: Checks) -> None:
    """At eps = 16/25 the law holds: left - right changes its sign there."""
    claim = verdicts(SPEC.format(map="3/5 * a + p"))["claim"]
    assert claim.verdict == "refuted" and not claim.met


def test_not_on_a_kink(verdicts: Checks) -> None:
    """relu has no derivative at 0, so no claim is about that point, and none is refuted by it."""
    claim = verdicts(SPEC.format(map="relu(a) + relu(p)"))["claim"]
    for c in claim.components:
        if c.witness is not None:
            values = dict(c.witness.values)
            assert values["a"] != "0" and values["p"] != "0"
