"""Backward passes in Coq: what is right is accepted, what is wrong is not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from verifier.certify.coqc import ALLOWED, Accepted, Unavailable
from verifier.certify.real import NotStated
from verifier.certify.statement import Theorem
from verifier.certify.theorem import theorems
from verifier.elaborate.claims import Claim
from verifier.elaborate.modules import load

from .conftest import first, needs_coq

SPECS = Path(__file__).parents[2] / "specs" / "std"
Claims = Callable[[str], list[Claim]]
Accepts = Callable[[Theorem], Accepted]

DENSE = """
layer Dense(n, m, s : R -> R smooth) {
  index i:n, o:m
  input x : R[n]
  param W : R[m, n], v : R[m]
  a[o] = sum[i](W[o,i] * x[i]) + v[o]
  output y[o] = s(a[o])
}
backward of Dense given dy using x, W, a {
  let g[o] = dy[o] * s'(a[o])
  dW[o,i] = g[o] * x[i]
  dv[o] = g[o]
  dx[i] = sum[o](g[o] * W[o,i])
}
"""
CENTRED = """
layer Centred(C, D) {
  index c i:C, d:D
  input x : R[C], z : R[D]
  output y[c] = x[c] - mean[i](x[i]) + mean[d](z[d])
}
backward of Centred given dy {
  dx[c] = dy[c] - mean[i](dy[i])
  dz[d] = sum[c](dy[c]) / D
}
"""
INNER = """
layer Inner(n) {
  index i j:n
  input x : R[n], z : R[n]
  output y = sum[i](x[i] * z[i])
}
backward of Inner given dy { dx[i] = dy * z[i]  dz[i] = dy * x[i] }
""".replace("  dz", "\n dz")
RATIO = """
layer Ratio(n) {
  index i:n
  input x : R[n], z : R[n]
  output y[i] = x[i] / z[i]
}
backward of Ratio given dy using x, z {
  dx[i] = dy[i] / z[i]
  dz[i] = -dy[i] * x[i] / z[i]^2
}
"""


def test_the_statement_says_what_the_claim_says(claims: Claims) -> None:
    """The derivative is that of the forward pass, by is_derive; what is written is the other side."""
    text = first(claims(DENSE)[0]).statement
    assert "Definition y (n : nat) (s : R -> R)" in text
    assert "(forall x : R, is_derive s x (s' x)) ->" in text
    assert "is_derive (fun new : R => (pairing n m s (at1 x i new) W v dy)) (x i)" in text
    assert "by_x" not in text  # the tangents that the proof is made of are not part of it


def test_conditions_are_hypotheses_or_proved(claims: Claims) -> None:
    strong, weak = theorems(claims(RATIO)[0])
    condition = "forall i : nat, (i < n)%nat -> (z i) <> 0"
    assert f"({condition}) /\\" in strong.statement and not strong.under
    assert f"({condition}) ->" in weak.statement and weak.under == (condition,)


def test_what_has_no_statement_says_why(claims: Claims) -> None:
    spec = "layer F(n) {\n index i:n\n input x : R[n]\n output y[i] = erf(x[i])\n}\n"
    spec += "backward of F given dy { dx[i] = dy[i] * 2 / sqrt(pi) * exp(-x[i]^2) }\n"
    with pytest.raises(NotStated, match="erf"):
        list(theorems(claims(spec)[0]))


def test_a_quotient_of_what_may_be_negative_has_no_statement(claims: Claims) -> None:
    """Natural numbers round towards 0, the language downwards."""
    spec = (
        "layer F(n) {\n index i:n\n input x : R[2*n]\n output y[i] = x[(i - 1) // 2] if (i - 1) // 2 >= 0 else 0\n}\n"
    )
    spec += "backward of F given dy { dx[j] = sum[i](dy[i] if (i - 1) // 2 == j else 0) }\n"
    spec = spec.replace("index i:n", "index i:n, j:2*n")
    with pytest.raises(NotStated, match="may be negative"):
        list(theorems(claims(spec)[0]))


@needs_coq
@pytest.mark.slow
@pytest.mark.parametrize("spec", [DENSE, CENTRED, INNER], ids=["dense", "centred", "inner"])
def test_right_passes_are_accepted(claims: Claims, accepts: Accepts, spec: str) -> None:
    assert set(accepts(first(claims(spec)[0])).axioms) <= set(ALLOWED)


@needs_coq
@pytest.mark.slow
@pytest.mark.parametrize(
    ("spec", "right", "wrong"),
    [
        pytest.param(DENSE, "let g[o] = dy[o] * s'(a[o])", "let g[o] = dy[o]", id="dropped slope"),
        pytest.param(CENTRED, "dy[c] - mean[i](dy[i])", "dy[c]", id="missing mean"),
        pytest.param(INNER, "dx[i] = dy * z[i]", "dx[i] = dy * x[i]", id="wrong inner product"),
        pytest.param(CENTRED, "sum[c](dy[c]) / D", "sum[c](dy[c]) / C", id="size not tied to the index count"),
        pytest.param(RATIO, "-dy[i] * x[i] / z[i]^2", "-dy[i] * x[i] / z[i]", id="a power"),
    ],
)
def test_wrong_passes_are_not_accepted(claims: Claims, accepts: Accepts, spec: str, right: str, wrong: str) -> None:
    assert right in spec
    *strong, weak = theorems(claims(spec.replace(right, wrong))[0])
    for theorem in strong:
        with pytest.raises(Unavailable, match="does not accept"):
            accepts(theorem)
    with pytest.raises(Unavailable, match='Unable to unify "true" with "false"'):  # both sides have normal forms
        accepts(weak)


@needs_coq
@pytest.mark.slow
def test_a_denominator_needs_its_condition(claims: Claims, accepts: Accepts) -> None:
    """Under it the theorem is accepted; without it, assumed or proved, it is not."""
    strong, weak = theorems(claims(RATIO)[0])
    accepts(weak)
    with pytest.raises(Unavailable, match="does not accept"):
        accepts(strong)
    bare = "  (forall i : nat, (i < n)%nat -> (z i) <> 0) ->\n"
    assert bare in weak.statement
    dropped = replace(
        weak, statement=weak.statement.replace(bare, ""), proof=weak.proof.replace(bare, "").replace(" spec_0", "")
    )
    with pytest.raises(Unavailable, match="does not accept"):
        accepts(dropped)


@needs_coq
@pytest.mark.slow
@pytest.mark.parametrize(
    ("spec", "layer"),
    [
        ("softmax", "Softmax"),
        ("losses", "CrossEntropy"),
        ("activations", "GELUTanh"),
        ("norms", "LayerNorm"),
        ("norms", "RMSNorm"),
        ("norms", "BatchNorm"),
        ("attention", "SingleHead"),
        ("attention", "Causal"),
        ("cells", "LSTM"),
    ],
)
def test_standard_layers(accepts: Accepts, spec: str, layer: str) -> None:
    claim = next(c for c in load(str(SPECS / f"{spec}.learn")).claims if c.id == layer)
    found = accepts(first(claim))
    assert set(found.axioms) <= set(ALLOWED)
