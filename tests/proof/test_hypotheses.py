"""Hypotheses that would do: each from the list where it suffices, and none where it does not."""

from __future__ import annotations

import pytest

from verifier.proof.decide import decide

LAYER = """
layer L(n, s : R -> R) {{
  index i k:n
  input x : R[n]
  data m : R[n]
  output {forward}
}}
backward of L given dy {{
  dx[i] = {backward}
}}
  expect refuted
"""
MASK, CONSTANT, EVEN = "m[i]^2 == m[i]", "m[i] == m[0]", "s even"
ONE_HOT = "one-hot along i: sum[i](m[i]) == 1, m[i]*m[i'] == (m[i] if i == i' else 0)"


def advice(spec, forward: str, backward: str) -> set[str]:
    (claim,) = spec(LAYER.format(forward=forward, backward=backward)).claims
    (part,) = (c for c in decide(claim).components if not c.local)
    assert part.verdict == "refuted"
    return set(part.advice.assuming)


@pytest.mark.parametrize(
    ("forward", "backward", "found"),
    [
        ("y[i] = x[i] * m[i]^3", "dy[i] * m[i]", {MASK}),
        ("y[i] = x[i] * m[i]^3", "dy[i] * m[i]^2 * sum[k](m[k])", {ONE_HOT}),
        ("y = sum[i](m[i] * x[i])^2", "2 * dy * m[i]^2 * sum[k](x[k])", {CONSTANT}),
        ("y = sum[i](m[i] * x[i])", "dy * sum[k](m[k]) / n", {CONSTANT}),
        ("y = sum[i](m[i] * x[i])", "dy * m[i] * sum[k](m[k])", {"sum[i](m[i]) == 1"}),
        ("y[i] = s(x[i])", "dy[i] * (s'(x[i]) - s'(-x[i])) / 2", {EVEN}),
        ("y[i] = s(m[i]) * x[i]", "dy[i] * s(-m[i])", {EVEN}),
        ("y[i] = s'(x[i])", "-dy[i] * s''(x[i])", set()),
        ("y[i] = s(x[i])", "-dy[i] * s'(x[i])", set()),  # true of constants only
        ("y[i] = x[i] * m[i]^2", "-dy[i] * m[i]", set()),
    ],
)
def test_what_suffices_is_named_and_nothing_else(spec, forward: str, backward: str, found: set[str]) -> None:
    assert advice(spec, forward, backward) == found


def test_a_function_with_further_properties_is_not_taken_for_another(spec) -> None:
    """An even function is not injective: the hypothesis would have no model."""
    text = """
layer L(s : R -> R injective) {
  input x : R
  output y = s(x)
}
backward of L given dy {
  dx = -dy * s'(-x)
}
"""
    (claim,) = spec(text).claims
    (part,) = decide(claim).components
    assert part.verdict == "refuted" and part.advice.assuming == ()
