"""An outsider's false claims, built to slip through: none may end as its spec hopes, none may be proved."""

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

KINKS = [  # a layer and a pass that is right but at its kinks, and what is false there
    ("abs(x)", "dy * sign(x)", "x != 0", "x == 0: along [1, 0]"),
    ("(1 if x > 0 else 0)", "0", "x != 0", "x == 0: along [1, 0]"),  # a jump
    (
        "(x^2 if x^3 > 0 else -x)",
        "(2*x*dy if x > 0 else -dy)",
        "x != 0",
        "x == 0: along [1, 0]",
    ),  # second order decides
    ("relu(relu(x) - relu(-x))", "dy * step(x)", "x != 0", "x == 0: along [1, 0]"),
    ("abs(x)^(1/2)", "dy * sign(x) / (2*sqrt(abs(x)))", "x != 0", "x == 0: value dx == 0"),
    ("(x if x > 0 and z > 0 else 2*x)", "(dy if x > 0 and z > 0 else 2*dy)", "x*z != 0", "x == 0: along [1, 0]"),
]
WIRES = [  # the lines of a graph, and what is false of it
    ("p = Sq(x)\n  q = Step(z)\n  output p, q", "N == gradient(N, quadratic, rate = eps)"),
    ("p = Sq(x)\n  q = Step(z)\n  output p, q", "natural N reading target"),
    ("p = Sq(x)\n  q = Sq(z)\n  output p, q", "N == Crossed"),
    ("p = Sq(x)\n  q = Sq(x)\n  r = Less(p, z)\n  y = Less(r, q)\n  output y", "natural N reading activity"),
    ("p = Sq(x)\n  q = Off(p)\n  r = Less(q, z)\n  output r, p", "natural N reading local"),  # one wrong of three
]
GRAPH = """
import std.errors
real eps > 0
learner Sq : a : R -> b : R {{
  param w : R
  implement w * a^2
  learn gradient(quadratic, rate = eps)
}}
learner Step : a : R -> b : R {{
  param w : R
  implement w * a^2
  update w = w - eps * (w * a^2 - b)
  request a = a
}}
learner Off : a : R -> b : R {{
  param w : R
  implement w * a
  update w = w
  request a = a - (w * a - b) * w + w^2
}}
learner Less : (a : R, b : R) -> y : R {{
  implement a - b
  learn gradient(quadratic, rate = eps)
}}
wire Crossed using quadratic {{
  input x : R, z : R
  p = Sq(x)
  q = Sq(z)
  output q, p
}}
wire N using quadratic {{
  input x : R, z : R
  {lines}
}}
check claim: {claim}
"""


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


@pytest.mark.parametrize(("y", "dx", "when", "at"), KINKS)
def test_false_values_at_kinks_are_not_green(y: str, dx: str, when: str, at: str, verdicts: Checks) -> None:
    layer = f"  input x : R, z : R\n  output y = {y} + z"
    written = f"  dx = {dx}\n  dz = dy"
    (found,) = verdicts(PASS.format(layer=layer, written=written, when=f" when {when}\n  at {at}")).values()
    rows = [c for c in found.components if c.group]
    assert not found.met and rows
    assert all(c.verdict in ("refuted", "unknown") for c in rows)
    assert all(c.verdict == "proved" for c in found.components if c not in rows)


@pytest.mark.parametrize(("lines", "claim"), WIRES)
def test_false_claims_of_graphs_are_refuted(lines: str, claim: str, verdicts: Checks) -> None:
    (found,) = verdicts(GRAPH.format(lines=lines, claim=claim)).values()
    assert found.verdict == "refuted" and not found.met


def test_there_are_thirty_one() -> None:
    assert len(EQUAL) + len(GRADIENTS) + len(KINKS) + len(WIRES) == 31
