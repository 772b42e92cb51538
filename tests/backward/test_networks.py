"""Networks of layers that step by hand-written backward passes, at the example of GPT-2."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tests.conftest import ROOT
from verifier.elaborate.modules import Module, load
from verifier.proof.decide import decide
from verifier.proof.judge import judge
from verifier.proof.problem import Problem
from verifier.proof.theory import theory_of
from verifier.proof.verdict import PROVED, REFUTED, Verdict, worst

GPT2 = ROOT / "specs" / "examples" / "gpt2.learn"
TEXT = GPT2.read_text(encoding="utf-8")

PLANTED = [
    ("Block", "dfch", "local[b,t,f] * dgelu[b,t,f]", "th[b,t,f] * dgelu[b,t,f]"),
    ("Block", "dln2", "sum[f](fcw[f,c] * dfch[b,t,f])", "sum[f](fcw[f,c] * dgelu[b,t,f])"),
    ("Block", "dres", "dout[b,t,c] + s2[b,t] * (dn2", "s2[b,t] * (dn2"),
    ("Block", "dres", " - n2[b,t,c] * mean[i](dn2[b,t,i] * n2[b,t,i])", ""),
    ("Block", "dres", "(dn2[b,t,c] - mean[i](dn2[b,t,i]) -", "(dn2[b,t,c] -"),
    ("Block", "datty", "attprojw[c,d] * dres", "attprojw[d,c] * dres"),
    ("Block", "dpreatt", " - sum[w](att[b,h,t,w] * datt[b,h,t,w])", ""),
    ("Block", "dqkv", "dk[b,t,j - NH * HS] if j < 2", "dq[b,t,j - NH * HS] if j < 2"),
    ("Block", "dattprojw", "dres[b,t,c] * atty[b,t,d]", "dout[b,t,c] * atty[b,t,d]"),
    ("Block", "dx", "dres[b,t,c] + s1[b,t] * (dn1", "s1[b,t] * (dn1"),
    ("Block", "dx", "dres[b,t,c] + s1[b,t] * (dn1", "dres[b,t,c] - s1[b,t] * (dn1"),
    ("Head", "dlosses", "dlosses[b,t] = dloss / (B * T)", "dlosses[b,t] = dloss / T"),
    ("Head", "dlogits", "(1 if v == target[b,t] else 0)) * dlosses", "(1 if v != target[b,t] else 0)) * dlosses"),
    ("Embed", "dwte", "if tokens[b,t] == v else 0", "if tokens[b,t] != v else 0"),
]


def loaded(text: str, folder: Path) -> Module:
    spec = folder / "spec.learn"
    spec.write_text(text, encoding="utf-8")
    module = load(str(spec))
    assert not module.faults, module.faults
    return module


@pytest.mark.slow
@pytest.mark.parametrize("planted", PLANTED, ids=lambda p: f"{p[0]}.{p[1]}")
def test_an_error_in_one_line_is_blamed_on_that_line(planted: tuple[str, str, str, str], tmp_path: Path) -> None:
    layer, line, right, wrong = planted
    place = TEXT.index(right, TEXT.index(f"backward of {layer} "))
    module = loaded(TEXT[:place] + wrong + TEXT[place + len(right) :], tmp_path)
    claim = next(c for c in module.claims if c.id == layer)
    assert claim.written is not None
    goals = (*claim.written.goals(), *claim.written.local_goals())
    problem = Problem(theory_of(claim, claim.written.scope), claim.written.scope, goals)
    found = judge(problem, shrink=False, residues=False)
    alone = {r.goal.label: r.verdict for r in found if r.goal.component == "gradient"}
    alone |= {r.goal.label: r.verdict for r in found if r.goal.component == "local"}
    assert {name: v for name, v in alone.items() if v != PROVED} == {line: REFUTED}


SMALL = """
import std.errors
size n
layer Scale {
  index i:n
  input x : R[n]
  param w : R[n]
  data z : R[n]
  output y[i] = w[i] * x[i] * z[i]
}
backward of Scale given dy {
  dx[i] = w[i] * dy[i] * z[i]
  dw[i] = x[i] * dy[i] * z[i]
}
network N = Scale^3
check whole: N == gradient(N, product, rate = -1)
"""


def whole(text: str, folder: Path) -> Verdict:
    return decide(next(c for c in loaded(text, folder).claims if c.id == "whole"))


def test_equal_layers_share_one_proof(tmp_path: Path) -> None:
    found = whole(SMALL, tmp_path)
    assert worst(c.verdict for c in found.components) == PROVED
    more = whole(SMALL.replace("^3", "^24"), tmp_path)
    assert len(more.components) == len(found.components)
    assert any("24 layers, 1 of them different" in note for note in more.notes)


def test_the_theorem_says_what_the_kernel_says_of_the_network_as_it_stands(tmp_path: Path) -> None:
    claim = next(c for c in loaded(SMALL, tmp_path).claims if c.id == "whole")
    found = decide(replace(claim, layers=())).components
    assert {c.name for c in found} == {"I", "U", "R"}
    assert worst(c.verdict for c in found) == PROVED


@pytest.mark.parametrize(
    "change", [("w[i] * dy[i] * z[i]", "dy[i] * z[i]"), ("x[i] * dy[i]", "2 * x[i] * dy[i]"), ("rate = -1", "rate = 1")]
)
def test_a_wrong_layer_or_rate_makes_a_network_wrong(change: tuple[str, str], tmp_path: Path) -> None:
    found = whole(SMALL.replace(*change), tmp_path)
    assert worst(c.verdict for c in found.components) == REFUTED


def test_another_error_is_not_the_theorem(tmp_path: Path) -> None:
    found = whole(SMALL.replace("N, product", "N, quadratic"), tmp_path)
    assert worst(c.verdict for c in found.components) == REFUTED


def test_a_layer_that_is_proved_under_a_condition_does_not_stand_for_the_network(tmp_path: Path) -> None:
    text = SMALL.replace("w[i] * x[i] * z[i]", "w[i] * x[i] / z[i]").replace("dy[i] * z[i]", "dy[i] / z[i]")
    found = whole(text.replace("^3", "^2"), tmp_path)
    assert {c.name for c in found.components} == {"I", "U", "R"}


def test_ties(tmp_path: Path) -> None:
    tied = whole(SMALL + "tie N.0.w = N.2.w\n", tmp_path)
    assert worst(c.verdict for c in tied.components) == PROVED
    for tie in ("N.0.w = N.3.w", "N.0.v = N.1.w", "N.0.w = N.0.w", "Scale.w = N.0.w", "M.0.w = N.1.w"):
        spec = tmp_path / "bad.learn"
        spec.write_text(SMALL + f"tie {tie}\n", encoding="utf-8")
        assert load(str(spec)).faults, tie
