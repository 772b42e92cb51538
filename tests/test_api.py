"""The Python API: what it returns, what it raises, how it shows itself."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import verifier
from tests.conftest import ROOT

POST = ROOT / "specs" / "examples" / "post.learn"


def test_nothing_is_imported_before_a_name_is_used() -> None:
    code = "import sys, verifier; print(any(m in sys.modules for m in ('lark', 'sympy', 'networkx', 'verifier.api')))"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True).stdout == "False\n"
    assert set(verifier.__all__) <= set(dir(verifier))
    assert all(getattr(verifier, name) is not None for name in verifier.__all__)
    with pytest.raises(AttributeError, match="nothing"):
        verifier.nothing  # noqa: B018


def test_check() -> None:
    spec = verifier.load(POST)
    results = verifier.check(spec, "thm32", "target")
    assert len(results) == 2 and results.ok and [r.name for r in results] == ["thm32", "target"]
    assert results["thm32"].verdict == "proved" and results[1].verdict == "refuted" and results[1].met
    assert [r.name for r in results[:1]] == ["thm32"]
    assert "refuted  target" in str(results) and str(results["target"]) in str(results)
    with pytest.raises(KeyError, match="nobody"):
        verifier.check(spec, "nobody")
    with pytest.raises(KeyError, match="local"):
        results["local"]
    assert verifier.check(str(POST), "thm32").ok


def test_what_is_not_as_expected_is_not_ok() -> None:
    spec = verifier.loads("learner F : a : R -> b : R {\n implement a\n request a = 2 * b\n}\ncheck c: putget(F)\n")
    assert not verifier.check(spec).ok


def test_faults_and_files(tmp_path: Path) -> None:
    with pytest.raises(verifier.SpecError) as caught:
        verifier.loads("check x: getput(Nobody)\n", "mine.learn")
    (d,) = caught.value.diagnostics
    assert (d.code, d.span.path, d.span.line) == ("E101", "mine.learn", 1)
    with pytest.raises(OSError, match="gone"):
        verifier.load(tmp_path / "gone.learn")
    with pytest.raises(verifier.SpecError):
        verifier.derive(verifier.load(POST), "Nobody")


def test_derivations() -> None:
    d = verifier.derive(POST, "Layer")
    assert d.learners == ("Layer",)
    assert d.latex().startswith(r"\documentclass")
    assert d.html().startswith("<!doctype html>")
    assert str(d) == d.markdown() and "chain rule" in d.markdown()
    assert d._repr_latex_().startswith(r"\begin{align*}")
    assert r"\mathbb{R}^{m \times n}" in d._repr_latex_()
    assert verifier.derive(ROOT / "specs/examples/backward/softmax_ce.learn").learners == ("SoftmaxCE",)


def test_formulas_in_notebooks_are_between_delimiters_that_they_set() -> None:
    d = verifier.derive(POST, "Layer")
    shown = d._repr_html_()
    assert '<span class="m' not in shown and r"\(" in shown and r"\)" in shown
    assert shown.count(r"\(") == shown.count(r"\)")
    assert "$$" in d._repr_markdown_()
    (result,) = verifier.check(POST, "target")
    assert "refuted" in result._repr_html_() and r"\[" in result._repr_html_()
    assert "refuted" in result._repr_markdown_()
    assert result._repr_latex_() == r"$$\textbf{refuted}\quad \texttt{natural N reading target}$$"


SOFTMAX = "y[n,c] = exp(x[n,c]) / sum[k](exp(x[n,k]))"


def test_assert_backward() -> None:
    right = "dx[n,c] = y[n,c] * (dy[n,c] - sum[k](y[n,k] * dy[n,k]))"
    assert verifier.assert_backward(SOFTMAX, right, inputs={"x": "R[N, C]"}).verdict == "proved"
    with pytest.raises(AssertionError, match="lacks"):
        verifier.assert_backward(SOFTMAX, right.replace("sum[k](y[n,k] * dy[n,k])", "0"), inputs={"x": "R[N, C]"})
    with pytest.raises(verifier.SpecError):
        verifier.assert_backward(SOFTMAX, "dx[n,c] = z", inputs={"x": "R[N, C]"})


def test_assert_backward_of_parameters_data_and_declared_functions() -> None:
    verifier.assert_backward(
        """
        h[b,o] = sum[i](w[o,i] * x[b,i])
        output y[b,o] = s(h[b,o]) * m[b]
        """,
        """
        dh[b,o] = dy[b,o] * m[b] * s'(h[b,o])
        dw[o,i] = sum[b](dh[b,o] * x[b,i])
        dx[b,i] = sum[o](dh[b,o] * w[o,i])
        """,
        inputs={"x": "R[B, I]"},
        params={"w": "R[O, I]"},
        data={"m": "R[B]"},
        declare="function s : R -> R smooth",
    )


def test_an_open_condition_is_no_proof() -> None:
    arguments = {"forward": "y = log(x)", "backward": "dx = dy / x", "inputs": {"x": "R"}}
    with pytest.raises(AssertionError, match="OPEN"):
        verifier.assert_backward(**arguments)
    assert verifier.assert_backward(**arguments, clauses="when x > 0").met
