"""Time: a verdict stands, whatever becomes of the advice on it."""

from __future__ import annotations

import time

import pytest

from verifier.commands.main import main
from verifier.proof import backward, judge
from verifier.proof.limits import TimeUp, limited, spared, stopped

SPEC = """
layer L {
  input x : R, z : R
  output y = x * z
}
backward of L given dy {
  dx = 2 * z * dy
  dz = x * dy
}
"""


def spin(*_: object) -> None:
    while True:
        time.sleep(0.001)


def check(tmp_path, capsys: pytest.CaptureFixture[str]) -> tuple[int, str]:
    path = tmp_path / "spec.learn"
    path.write_text(SPEC, encoding="utf-8")
    start = time.perf_counter()
    code = main(["check", "-v", "--timeout", "0.4", str(path)])
    assert time.perf_counter() - start < 5
    return code, capsys.readouterr().out


@pytest.mark.parametrize("place", ["missing_term", "would_do"])
def test_a_refutation_outlives_its_advice(tmp_path, capsys, monkeypatch, place: str) -> None:
    monkeypatch.setattr(backward, place, spin)
    code, shown = check(tmp_path, capsys)
    assert code == 4
    assert "refuted  L.dx" in shown and "proved   L.dz" in shown
    assert "written 2 != derived 1" in shown
    if place == "would_do":
        assert "dx lacks" in shown  # what was found in time is there


def test_a_refutation_outlives_the_prover(tmp_path, capsys, monkeypatch) -> None:
    """What the prover had no time for is unknown, with the reason; the counterexample to the other stays."""
    monkeypatch.setattr(judge, "prove", spin)
    monkeypatch.setattr(backward, "missing_term", lambda *_: None)
    monkeypatch.setattr(backward, "would_do", lambda *_: ())
    code, shown = check(tmp_path, capsys)
    assert code == 4
    assert "refuted  L: " in shown and "refuted  L.dx" in shown and "unknown  L.dz" in shown
    assert "stopped after 0.4 s (--timeout)" in shown


def test_nothing_is_proved_that_was_not_cross_checked(tmp_path, capsys, monkeypatch) -> None:
    monkeypatch.setattr(judge, "_cross_check", spin)
    code, shown = check(tmp_path, capsys)
    assert code == 4
    assert "unknown  L.dz" in shown


def test_a_limit_inside_a_limit_has_a_clock_of_its_own() -> None:
    with limited(0.3):
        with spared():
            spin()
        assert not stopped()  # the outer clock stood still
        with pytest.raises(TimeUp):
            spin()
        assert stopped()
    assert not stopped()
    with spared():  # without a limit there is none on advice either
        time.sleep(0.01)
