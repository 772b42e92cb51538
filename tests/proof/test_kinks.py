"""Claims about what a backward pass gives where its layer has no derivative (`at ...: value`)."""

from __future__ import annotations

import pytest

from verifier.commands.main import main

RELU = """
layer Relu(n) {{
  index i:n
  input x : R[n]
  output y[i] = max(x[i], 0)
}}
backward of Relu given dy using x {{
  dx[i] = {formula}
}}
  when x[i] != 0
  {clause}
"""


def run(tmp_path, capsys: pytest.CaptureFixture[str], text: str) -> tuple[int, str]:
    path = tmp_path / "spec.learn"
    path.write_text(text, encoding="utf-8")
    code = main(["check", "-v", str(path)])
    return code, capsys.readouterr().out


@pytest.mark.parametrize(
    ("formula", "clause", "code"),
    [
        ("dy[i] if x[i] > 0 else 0", "at x[0] == 0: value dx[0] == 0", 0),
        ("dy[i] if x[i] >= 0 else 0", "at x[0] == 0: value dx[0] == dy[0]", 0),
        ("dy[i] * (x[i] + abs(x[i])) / (2 * x[i])", "at x[0] == 0: value dx[0] == 0", 4),
        ("dy[i] if x[i] >= 0 else 0", "at x[0] == 0: value dx[0] == 0", 4),
        ("dy[i] if x[i] > 0 else 0", "at x[0] == 0: value dx[0] == dy[0] / 2", 4),
        ("dy[i] if x[i] > 0 else 0", "at x == 0: value dx == 0", 0),
        ("dy[i] if x[i] > 0 else 0", "at x == 1: value dx == 0", 4),
    ],
)
def test_the_written_formula_decides(tmp_path, capsys, formula: str, clause: str, code: int) -> None:
    found, text = run(tmp_path, capsys, RELU.format(formula=formula, clause=clause))
    assert found == code, text
    assert "proved   Relu.dx" in text  # the generic claim is not touched
    assert f"{'refuted' if code else 'proved'}" in next(row for row in text.splitlines() if "Relu.at" in row)


def test_a_condition_that_no_point_meets_proves_nothing(tmp_path, capsys) -> None:
    clause = "at x[0]^2 == -1: value dx[0] == 0"
    code, text = run(tmp_path, capsys, RELU.format(formula="dy[i] if x[i] > 0 else 0", clause=clause))
    assert code == 4
    assert "unknown  Relu.at" in text


def test_the_equation_meets_no_derivative(tmp_path, capsys) -> None:
    """At x = z the output is x^2, yet the gradient by x is z: what is claimed is not derived on the set."""
    text = """
layer L {
  input x : R
  input z : R
  output y = x * z
}
backward of L given dy {
  dx = 2 * x * dy
  dz = x * dy
}
  at x == z: value dx == 2 * z * dy
"""
    code, shown = run(tmp_path, capsys, text)
    assert code == 4
    assert "refuted  L.dx" in shown
    assert "proved   L.at" in shown


def test_an_entry_that_equals_a_term_is_that_term(tmp_path, capsys) -> None:
    text = """
layer L {{
  input x : R
  input z : R
  output y = max(log(x), z)
}}
backward of L given dy {{
  dx = dy / x if log(x) > z else 0
  dz = 0 if log(x) > z else dy
}}
  assuming x > 0
  when log(x) != z
  at z == log(x): value dz == {value}
"""
    code, shown = run(tmp_path, capsys, text.format(value="dy"))
    assert code == 0, shown
    stated = text.replace("  assuming x > 0\n", "").replace("log(x) != z\n", "log(x) != z, x > 0\n")
    code, shown = run(tmp_path, capsys, stated.format(value="dy"))
    assert code == 4
    assert "    assuming x > 0\n" in shown  # what `when` says does not hold at the kink
    code, shown = run(tmp_path, capsys, text.format(value="dy / 2"))
    assert code == 4
    assert "proved   L.at" not in shown


@pytest.mark.parametrize(
    ("clause", "fault"),
    [
        ("at x[i] == 0: value dx[i] == 0", "E115"),
        ("at x[0] > 0: value dx[0] == 0", "E115"),
        ("at x[0] == 0: value dx[0] > 0", "E115"),
        ("at x[0] == 0: value dq[0] == 0", "E101"),
        ("at x[0] == 0: along [1]", "E116"),
        ("at x[0] == 0: subgradient", "E116"),
    ],
)
def test_faults_are_diagnostics(tmp_path, capsys, clause: str, fault: str) -> None:
    code, text = run(tmp_path, capsys, RELU.format(formula="dy[i] if x[i] > 0 else 0", clause=clause))
    assert (code, fault in text) == (2, True), text
