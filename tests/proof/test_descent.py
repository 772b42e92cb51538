"""``descent``: the finite step, with the exact condition where the error changes by a factor (1 - k)^2."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from verifier.proof.verdict import Component, Verdict

Checks = Callable[[str], dict[str, Verdict]]
SPEC = """
size n, m
real eps > 0
function s : R -> R smooth
error half(x, y) = (x - y)^2 / 2
error quartic(x, y) = (x - y)^4
error edge(x : interval(0, oo), y) = (x - y)^2 / 2
learner L : a : {source} -> b : {target} {{
  param p : {parameter}
  implement {map}
  learn gradient({error}, rate = {rate})
}}
check claim: descent L
"""


def finite(verdicts: Checks, map: str, **more: str) -> dict[str, Component]:
    words = {"source": "R", "target": "R", "parameter": "R", "error": "half", "rate": "eps", **more}
    found = verdicts(SPEC.format(map=map, **words))["claim"]
    return {c.name: c for c in found.components if c.group == "finite"}


def condition(k: str) -> str:
    return f"E changes by the factor (1 - k)^2 with k = {k}: unless E = 0, it falls exactly where 0 < k < 2"


@pytest.mark.parametrize(
    ("map", "more", "update", "asked"),
    [
        ("p * a", {}, "a^2*eps", "p^2"),
        ("p * a", {"rate": "1/2"}, "a^2/2", "p^2"),
        ("p + a^3", {}, "eps", ""),  # not affine in a
        ("p @ a", {"source": "R[n]", "target": "R[m]", "parameter": "R[m, n]"}, "eps*sum[j](a[j]^2)", ""),
    ],
)
def test_the_exact_condition(map: str, more: dict[str, str], update: str, asked: str, verdicts: Checks) -> None:
    found = finite(verdicts, map, **more)
    for name, k in (("U", update), ("R", asked)):
        assert found[name].verdict == "refuted" and found[name].witness is not None
        assert found[name].reason == (condition(k) if k else "")


def test_a_step_that_never_goes_too_far(verdicts: Checks) -> None:
    found = finite(verdicts, "3/5 * a + p", rate="16/25")
    assert {c.verdict for c in found.values()} == {"proved"}
    assert finite(verdicts, "3/5 * a + p", rate="5/2")["U"].verdict == "refuted"
    assert finite(verdicts, "3/5 * a + p", rate="2")["U"].verdict == "proved"  # k = 2: the error stays


@pytest.mark.parametrize(
    ("map", "more"),
    [
        ("s(p * a)", {}),  # not affine
        ("p * a", {"error": "quartic"}),  # the step is no multiple of the difference
        ("p * p * a", {}),
        ("p", {"error": "edge"}),  # the error has no value everywhere
    ],
)
def test_no_condition_is_made_up(map: str, more: dict[str, str], verdicts: Checks) -> None:
    assert not finite(verdicts, map, **more)["U"].reason.startswith("E changes")
