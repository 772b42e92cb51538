"""Theorem III.2 for uninterpreted maps and an opaque error: which inverse law each of its parts needs."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from verifier.proof.verdict import Verdict

Checks = Callable[[str], dict[str, Verdict]]
SPEC = """
size k, l, n, m, p
real eps > 0
error e(x, y) opaque{inverse}
function I : (R[k], R[n]) -> R[m] smooth
function J : (R[l], R[m]) -> R[p] smooth
learner F : a : R[n] -> b : R[m] {{
  param u : R[k]
  implement I(u, a)
  learn gradient(e, rate = eps)
}}
learner G : a : R[m] -> b : R[p] {{
  param v : R[l]
  implement J(v, a)
  learn gradient(e, rate = eps)
}}
check composition: gradient(F ; G, e, rate = eps) == F ; G
check identity: gradient(id(R[n]), e, rate = eps) == id(R[n])
check product: gradient(F * G, e, rate = eps) == F * G
"""
NEEDS = {
    # laws: composition, identity, product
    "": ("refuted", "refuted", "proved"),
    "left": ("refuted", "proved", "proved"),
    "right": ("proved", "refuted", "proved"),
    "left, right": ("proved", "proved", "proved"),
}


@pytest.mark.parametrize("laws", NEEDS)
def test_which_law_each_part_needs(laws: str, verdicts: Checks) -> None:
    found = verdicts(SPEC.format(inverse=f" inverse f({laws})" if laws else ""))
    assert tuple(found[name].verdict for name in ("composition", "identity", "product")) == NEEDS[laws]
