"""An outsider's twenty false claims, built to slip through: none may end as its spec hopes, none may be proved."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from verifier.proof.verdict import Verdict

Checks = Callable[[str], dict[str, Verdict]]
MAPS = """
size n
learner A : (x : {x}, y : R) -> z : R {{
  implement {left}
  request x = x
  request y = y
}}
learner B : (x : {x}, y : R) -> z : R {{
  implement {right}
  request x = x
  request y = y
}}
check claim: A == B on I{when}
"""
PASS = """
size n, V
layer L {{
  index i j:n, v:V
{layer}
}}
backward of L given dy {{
{written}
}}{when}
"""
EQUAL = [
    ("R", "2*x^3/x", "2*x^2", ""),  # the written side alone has a hole
    ("R", "log(x^2)", "2*log(abs(x)) + 0*log(1 - x^2 + x^2) + step(x - 9)", ""),
    ("R", "sqrt(x)^2", "x", ""),
    ("R", "x", "y", " when x > 0, x < 0"),  # no point
    ("R", "x", "y", " when x^2 == y^2, x > 0"),
    ("R", "(x if x^2 == 4 else 2)", "2 + 0*y", ""),
    ("R", "asin(sin(x))", "x", ""),
    ("R", "abs(sin(x))", "sin(x)", " when x > 0, x < 3.2"),
    ("R[n]", "sum[i](x[i])", "x[0]", ""),  # true at size 1
    ("R[n]", "max[i](y*x[i])", "y*max[i](x[i])", ""),
    ("R[n]", "sum[i if x[i] == max[j](x[j])](1)", "1 + 0*y", ""),  # a tie
    ("R[n]", "prod[i](x[i])/x[0]", "prod[i if i > 0](x[i])", ""),
    ("R[n]", "sum[i,j if x[i] > x[j]](x[i])", "sum[i,j if x[i] > x[j]](x[j])", ""),
    ("R[n, n]", "sum[i,j](x[i,j])", "1 + 0*y", " when sum[i](x[i,i]) == 1"),  # the diagonal alone
]
GRADIENTS = [
    ("  input x : R[n]\n  output y = sum[i](x[i])", "  dx[i] = 0", " when sum[i](x[i]) == 1"),
    ("  input x : R[n]\n  output y = max[i](x[i])", "  dx[i] = (dy if i == argmax[j](x[j]) else 0)", ""),
    ("  input x : R[n]\n  output y[i] = relu(x[i])", "  dx[i] = (dy[i] if x[i] >= 0 else 0)", " when x[0] != 0"),
    ("  input x : R[n]\n  output y = prod[i](x[i])", "  dx[i] = dy * prod[j](x[j]) / x[i]", ""),
    (
        "  param w : R[V]\n  data t : Fin(V)[n]\n  output y = sum[i,j](w[t[i]] * w[t[j]])",
        "  dw[v] = 2 * dy * sum[i,j if t[i] == v and t[j] != v](w[t[j]])",  # two reads of one entry
        "",
    ),
    (
        "  input x : R[n]\n  h[i] = x[i]^2\n  output y = sum[i](h[i]) + sum[i](x[i])",
        "  dh[i] = dy\n  dx[i] = 2 * x[i] * dh[i]",  # a path is left out
        "",
    ),
]


@pytest.mark.parametrize(("x", "left", "right", "when"), EQUAL)
def test_false_equations_are_not_proved(x: str, left: str, right: str, when: str, verdicts: Checks) -> None:
    (found,) = verdicts(MAPS.format(x=x, left=left, right=right, when=when)).values()
    assert found.verdict in ("refuted", "unknown") and not found.met


@pytest.mark.parametrize(("layer", "written", "when"), GRADIENTS)
def test_false_gradients_are_not_green(layer: str, written: str, when: str, verdicts: Checks) -> None:
    """At a kink what is derived has no value: such a claim is proved at most under a condition that nobody stated."""
    (found,) = verdicts(PASS.format(layer=layer, written=written, when=when)).values()
    assert not found.met
    assert found.verdict in ("refuted", "unknown") or found.open_conditions


def test_there_are_twenty() -> None:
    assert len(EQUAL) + len(GRADIENTS) == 20
