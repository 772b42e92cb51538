"""Points that satisfy hypotheses about data."""

from __future__ import annotations

SIGNS = """
layer Signed(N) {{
  index n:N
  input x : R[N]
  data t : R[N]
  output y[n] = {forward}
}}
backward of Signed given gy {{
  dx[n] = {backward}
}}
  assuming t[i]^2 == 1
"""


def test_an_equation_of_second_degree_has_points(verdicts) -> None:
    (found,) = verdicts(SIGNS.format(forward="t[n]^2 * x[n]", backward="gy[n]")).values()
    assert found.verdict == "proved"


def test_the_points_are_on_both_sides(verdicts) -> None:
    """t = 1 throughout would agree; t = -1 somewhere does not."""
    (found,) = verdicts(SIGNS.format(forward="t[n] * x[n]", backward="gy[n]")).values()
    assert found.verdict == "refuted"
    witness = found.components[0].witness
    assert witness is not None and "-1" in dict(witness.values)["t"]


def test_an_equation_without_a_root_among_the_numbers_tried_proves_nothing(verdicts) -> None:
    text = SIGNS.format(forward="t[n]^2 * x[n]", backward="gy[n] * 7").replace("== 1", "== 7")
    (found,) = verdicts(text).values()
    assert found.verdict == "unknown"


def test_an_equation_between_roots_is_tried_without_a_fault(verdicts) -> None:
    text = """
size n
index i:n
learner A : x : R[n] -> y : R {
  implement x[0]
  request x
}
learner B : x : R[n] -> y : R {
  implement 2 * x[0] - x[0]
  request x
}
check it: A == B assuming sqrt(x[i]) == sqrt(x[0]), x[0] == 2
"""
    assert verdicts(text)["it"].verdict in ("proved", "unknown")
