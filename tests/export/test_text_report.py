"""The report as text: what it advises does what it says."""

from __future__ import annotations

from pathlib import Path

import pytest

from verifier.commands.main import main

HEAD = "size n\nreal c\n"
PASS = (
    "layer D(n) {\n  input x : R[n]\n  output y[i] = x[i] / c\n}\nbackward of D given dy {\n  dx[i] = dy[i] / c\n}",
    "behind the closing brace of the backward pass",
)
LAW = ("learner Q : a : R -> b : R {\n  implement a / c\n  request a\n}\ncheck Q == Q", "to the claim")


@pytest.mark.parametrize(("text", "where"), [PASS, LAW])
def test_a_condition_that_is_not_stated_is_added_where_the_report_says(
    text: str, where: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "spec.learn"
    path.write_text(HEAD + text + "\n", encoding="utf-8")
    assert main(["check", str(path)]) == 4
    shown = capsys.readouterr().out
    assert "the spec says expect proved, and its conditions are not stated" in shown
    advice = f"nobody stated; add {where}:\n"
    assert advice in shown
    clause = shown.split(advice)[1].splitlines()[0].strip()
    path.write_text(f"{HEAD}{text} {clause}\n", encoding="utf-8")
    assert main(["check", str(path)]) == 0, capsys.readouterr().out


def test_what_is_refuted_of_a_backward_pass_is_what_was_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The written value stands beside the derived one; conditions of what is proved do not claim the whole."""
    path = tmp_path / "spec.learn"
    text = "  dx[i] = dy[i] / c\n  dw[i] = 2 * dy[i]\n"
    layer = "layer D(n) {\n  input x, w : R[n]\n  output y[i] = x[i] / c + w[i]\n}\nbackward of D given dy {\n"
    path.write_text(f"{HEAD}{layer}{text}}}\n", encoding="utf-8")
    assert main(["check", str(path)]) == 4
    shown = capsys.readouterr().out
    assert "dw[0]: written 2 != derived 1" in shown and "refuted  D: backward of D" in shown
    assert "what is proved is so only under conditions that nobody stated" in shown
