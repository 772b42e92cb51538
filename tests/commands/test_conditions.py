"""``learnlaw conditions``: what it prints, pasted after `assuming`, proves the square; one equation less does not."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conftest import ROOT
from verifier.commands.main import main

NAMES = "FGHK"


def declared(length: int) -> str:
    sets = ", ".join(f"A{k}" for k in range(length + 1))
    rows = [f"learner {NAMES[k]} : A{k} -> A{k + 1} opaque" for k in range(length)]
    return "\n".join([f"set {sets}", *rows, f"network N = {' ; '.join(NAMES[:length])}"]) + "\n"


@pytest.mark.parametrize("length", [1, 2, 3, 4])
def test_round_trip(length: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "chain.learn"
    path.write_text(declared(length), encoding="utf-8")
    assert main(["conditions", str(path), "N"]) == 0
    _, *printed = capsys.readouterr().out.splitlines()
    pasted = tmp_path / "pasted.learn"
    pasted.write_text(declared(length) + "\n".join(printed) + "\n", encoding="utf-8")
    assert main(["check", str(pasted)]) == 0, capsys.readouterr().out
    assert f"{length} claim" in capsys.readouterr().out


def test_every_equation_is_needed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "chain.learn"
    path.write_text(declared(2), encoding="utf-8")
    main(["conditions", str(path), "N"])
    _, claim, *equations = capsys.readouterr().out.splitlines()
    equations = [e.split("#")[0].strip().rstrip(",") for e in equations[:2]]
    for left_out in range(2):
        pasted = tmp_path / "less.learn"
        pasted.write_text(f"{declared(2)}{claim}\n    {equations[1 - left_out]}\n", encoding="utf-8")
        assert main(["check", str(pasted)]) == 4


@pytest.mark.parametrize(
    ("arguments", "code"),
    [(["missing.learn"], 1), ([str(ROOT / "specs/examples/post.learn"), "Nope"], 2)],
)
def test_wrong_arguments(arguments: list[str], code: int, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["conditions", *arguments]) == code
    shown = capsys.readouterr()
    assert shown.out + shown.err


def test_a_gradient_network_has_its_conditions_too(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["conditions", str(ROOT / "specs/examples/post.learn"), "N"]) == 0
    assert "square N at 1" in capsys.readouterr().out
