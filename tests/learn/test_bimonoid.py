"""Copy, add, discard and zero as builtins of the language: what they ask, and what is refused."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from verifier.proof.verdict import Verdict

Checks = Callable[[str], dict[str, Verdict]]
HEAD = """
size n
set A
error half(x, y) = (x - y)^2 / 2
error kl(x : interval(0, oo), y) = x * log(x / y) - x + y
error huber(x, y) = clip(x - y, -1, 1) * (x - y) - clip(x - y, -1, 1)^2 / 2
error both(x, y) opaque inverse f(left, right)
error loose(x, y) opaque inverse g(right)
"""
LAWS = 16


def test_all_laws_are_claimed(verdicts: Checks) -> None:
    found = verdicts(HEAD + "check b: bimonoid(R[n], both)\n")["b"]
    assert found.met and len({c.group for c in found.components}) == LAWS
    assert [c.group for c in found.components if c.vacuous] == ["discard of zero"]


def test_each_law_by_itself_has_its_verdict(verdicts: Checks) -> None:
    """With the right inverse law alone it is the counits and units that fail, and no other."""
    found = verdicts(HEAD + "check b: bimonoid(R[n], loose) expect refuted\n")["b"]
    broken = {c.group for c in found.components if c.verdict == "refuted"}
    assert broken == {"counit left", "counit right", "unit left", "unit right"}
    assert all(c.verdict == "proved" for c in found.components if c.group not in broken)


@pytest.mark.parametrize(
    ("claim", "code"),
    [
        ("bimonoid(A, half)", "E115"),  # elements of a set are not added
        ("bimonoid(R[n])", "E112"),
        ("bimonoid(R[n], huber)", "E110"),  # no request without an inverse
        ("discard(R[n]) == discard(R[n])", "E115"),
        ("zero(A, half) == zero(A, half)", "E115"),
    ],
)
def test_faults(spec, claim: str, code: str) -> None:
    (fault,) = spec(f"{HEAD}check c: {claim}\n").faults
    assert fault.code == code, fault


def test_what_has_nothing_to_compare_says_nothing(verdicts: Checks) -> None:
    found = verdicts(HEAD + "check p: zero(R[n], half) ; discard(R[n], half) == id(1)\n")["p"]
    assert found.verdict == "vacuous" and not found.met
