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
        ("at x[0] > 0: value dx[0] == 0", "E115"),
        ("at x[k + 1] == 0: value dx[0] == 0", "E104"),
        ("at x[0] == 0: value dx[0] > 0", "E115"),
        ("at x[0] == 0: value dq[0] == 0", "E101"),
        ("at x[0] == 0: along [1, 2]", "E103"),
        ("at x[0] == 0: along [x]", "E103"),
        ("at x[0] == 0: along [q]", "E101"),
        ("at 1 == 1: along [1]", "E103"),
        ("at x[0] > 0: subgradient", "E115"),
    ],
)
def test_faults_are_diagnostics(tmp_path, capsys, clause: str, fault: str) -> None:
    code, text = run(tmp_path, capsys, RELU.format(formula="dy[i] if x[i] > 0 else 0", clause=clause))
    assert (code, fault in text) == (2, True), text


def at(tmp_path, capsys, formula: str, clause: str) -> tuple[int, str]:
    code, text = run(tmp_path, capsys, RELU.format(formula=formula, clause=clause))
    return code, next((row.split()[0] for row in text.splitlines() if "Relu.at" in row), text)


@pytest.mark.parametrize(
    ("formula", "clause", "verdict"),
    [
        ("dy[i] if x[i] > 0 else 0", "at x[i] == 0: value dx[i] == 0", "proved"),
        ("dy[i] if x[i] >= 0 else 0", "at x[i] == 0: value dx[i] == 0", "refuted"),
        ("dy[i] if x[i] > 0 else 0", "at x[i] == 0: along [-1]", "proved"),
        ("dy[i] if x[i] > 0 else 0", "at x[i] == 0: along [1]", "refuted"),
        ("dy[i] if x[i] >= 0 else 0", "at x[0] == 0: along [3]", "proved"),
        ("dy[i] / 2 if x[i] == 0 else dy[i] if x[i] > 0 else 0", "at x[0] == 0: along [1]", "refuted"),
        ("dy[i] if x[i] > 0 else 0", "at x == 0: along [-1]", "proved"),
        ("dy[i] if x[i] > 0 else 0", "at x == 0: along [1]", "refuted"),
        ("dy[i] if x[i] > 0 else 0", "at x[i] == x[j]: value dx[i] == dx[j]", "refuted"),  # dy[i] is not dy[j]
        ("dy[i] if x[i] > 0 else 0", "at x[i] == x[j]: value dx[i] * dy[j] == dx[j] * dy[i]", "proved"),
    ],
)
def test_along_and_at_any_position(tmp_path, capsys, formula: str, clause: str, verdict: str) -> None:
    assert at(tmp_path, capsys, formula, clause)[1] == verdict


def test_two_indices_are_two_positions_and_one_index_is_one(tmp_path, capsys) -> None:
    """Otherwise x[i] == x[j] would hold everywhere at i = j, and nothing would be a tie."""
    text = """
layer L(n) {
  index i:n
  input x : R[n]
  output y = max[i](x[i])
}
backward of L given dy using x, y {
  dx[i] = dy / sum[k](1 if x[k] == y else 0) if x[i] == y else 0
}
  when once(max[i](x[i]))
  at x[i] == x[j]: along [1, 1]
  at x[i] == x[j]: value dx[i] == dx[j]
  at x[i] == x[j]: value dx[i] == dy
"""
    _, shown = run(tmp_path, capsys, text)
    rows = [row.split()[0] for row in shown.splitlines() if "L.at" in row]
    assert rows == ["refuted", "proved", "refuted"]  # of three that are equal, two move the value by 1, and get 2/3


TWO = """
layer L {{
  input x : R[2]
  input z : R
  output y = x[0] * abs(z) + abs(x[0] - x[1])
}}
backward of L given dy {{
  dx[i] = dy * (abs(z) + sign(x[0] - x[1]) if i == 0 else sign(x[1] - x[0]))
  dz = dy * x[0] * sign(z)
}}
  when z != 0, x[0] != x[1]
  {clause}
"""


@pytest.mark.parametrize(
    ("clause", "verdict"),
    [
        ("at z == 0: along [0, 0, 1]", "refuted"),  # |z| grows, and the formula says 0
        ("at z == 0: along [1]", "refuted"),
        ("at x[1] == x[0]: along [1, 1]", "proved"),  # also where z is 0: it stays
        ("at z == 0 == x[0]: along [0, 1]", "proved"),  # x[0] |z| is 0 to first order: by x[0] = 0, z rises
    ],
)
def test_numbers_of_a_direction(tmp_path, capsys, clause: str, verdict: str) -> None:
    _, shown = run(tmp_path, capsys, TWO.format(clause=clause))
    row = next((row.split()[0] for row in shown.splitlines() if "L.at" in row), shown)
    assert row == verdict, shown


@pytest.mark.parametrize(
    ("clause", "code", "verdict"),
    [
        ("at a == 0: value R.a == a", 0, "proved"),
        ("at a == 0: value R.a == a + eps", 4, "refuted"),
        ("at a == 0: value R.a == -1 - b", 4, "refuted"),
        ("at a == 0: along [1]", 2, "E116"),
        ("at a == 0: value U.a == a", 2, "E115"),
    ],
)
def test_at_on_a_check(tmp_path, capsys, clause: str, code: int, verdict: str) -> None:
    text = f"""
import std.errors
real eps > 0
learner Relu : a : R -> b : R {{
  implement relu(a)
  request a - (relu(a) - b) * step(a)
}}
check Relu == gradient(Relu, quadratic, rate = eps)
  when a != 0
  {clause}
"""
    found, shown = run(tmp_path, capsys, text)
    assert (found, verdict in shown) == (code, True), shown


def test_a_gradient_that_reads_where_a_maximum_is(verdicts) -> None:
    """The position of a greatest value is no number that can be put for its name."""
    text = """
size n
layer L {
  index i j:n
  input x : R[n]
  output y = max[i](x[i])
}
backward of L given dy {
  dx[i] = (dy if i == argmax[j](x[j]) else 0)
} when once(max[i](x[i]))
  at x[i] == x[j]: value dx[i] == 0
"""
    (found,) = verdicts(text).values()
    assert found.of("dx") == "proved" and found.of("at") == "refuted"
