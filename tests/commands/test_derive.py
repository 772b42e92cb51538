"""``learnlaw derive``: golden texts, sizes, and what it says to wrong arguments."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

import verifier.learn.components as components
from verifier.commands.main import main

ROOT = Path(__file__).parents[2]
POST = str(ROOT / "specs/examples/post.learn")
RMS = str(ROOT / "specs/examples/backward/rms.learn")
LAYERS = str(ROOT / "specs/std/layers.learn")


@pytest.mark.parametrize("form", ["text", "latex"])
@pytest.mark.parametrize(
    "path", [POST, LAYERS, str(ROOT / "specs/examples/handwritten.learn"), str(ROOT / "specs/std/norms.learn")]
)
def test_derivations(path: str, form: str, capsys: pytest.CaptureFixture[str], golden: Callable[..., None]) -> None:
    assert main(["derive", path, "--format", form]) == 0
    golden(f"commands/derive_{Path(path).stem}.{form}", capsys.readouterr().out)


def test_no_gradient_has_the_name_of_what_is_given(capsys: pytest.CaptureFixture[str]) -> None:
    """The cotangent of an output that is used again is a part of its gradient."""
    assert main(["derive", str(ROOT / "specs/std/norms.learn"), "AddRMSNorm"]) == 0
    shown = capsys.readouterr().out
    assert "given dh, dy {" in shown and "dh[b,j] += dy[b,j]*r[b]" in shown and "dx[b,j] = dh[b,j]" in shown
    assert main(["derive", str(ROOT / "specs/std/norms.learn"), "AddRMSNorm", "--format", "latex"]) == 0
    assert r"\mathrm{dh'}_{ij} &= \mathrm{dh}_{ij} + " in capsys.readouterr().out


def test_at_sizes(capsys: pytest.CaptureFixture[str], golden: Callable[..., None]) -> None:
    assert main(["derive", LAYERS, "Dense", "--size", "n=1,m=2"]) == 0
    golden("commands/derive_dense_1_2.text", capsys.readouterr().out)


def test_a_difference_is_an_internal_error(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(components.Part, "equal", property(lambda part: part.role == "R"))
    assert main(["derive", LAYERS, "Scale", "--size", "n=2"]) == 5
    shown = capsys.readouterr().out
    assert "DIFFERENT: U.w[0]" in shown and "2 equal, 2 different" in shown


def test_an_expression_of_the_file(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["derive", POST, "Layer(2, 3, c0)"]) == 2  # c0 : R[n1] -> R[n1]
    assert "LEARNER:1:13: error E102" in capsys.readouterr().err
    assert main(["derive", POST, "Layer(n0, n1, c0) ; id(R[n1])"]) == 0
    assert "Layer(n0, n1, c0) ; id(R[n1]) : a : R[n0] ->" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["missing.learn"], 1, "No such file"),
        ([POST, "Lay"], 2, "did you mean Layer?"),
        ([POST, "Layer(n0, n1, c0"], 2, "LEARNER:1:6: error L010"),
        ([POST, "Layer\ncheck getput(N)"], 2, "one learner"),
        ([POST, "n0"], 2, "n0 is a size"),
        ([POST, "Layer", "--size", "n=2"], 1, "needs a size for m"),
        ([POST, "Layer", "--size", "n=2,m=3,k=1"], 1, "has no size k"),
        ([POST, "Layer", "--size", "n=2,m=300"], 1, "at most 400"),
        ([POST, "Layer", "--size", "n=2,m=3", "--latex", "x.tex"], 1, "a document is for all sizes"),
        ([str(ROOT / "specs/std/errors.learn")], 1, "declares no learner"),
        ([RMS, "--size", "B=1"], 1, "sizes are for learners"),
        ([POST, "Layer", "--size", "n=2,m=3", "--python"], 1, "all sizes"),
    ],
)
def test_wrong_arguments(arguments: list[str], code: int, message: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["derive", *arguments]) == code
    shown = capsys.readouterr()
    assert message in shown.out + shown.err


@pytest.mark.parametrize("text", ["n", "n=0", "n=-1", "n=x", "n=1,n=2", "=2", "", "n=²"])
def test_wrong_sizes(text: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stop:
        main(["derive", POST, "Layer", f"--size={text}"])
    assert stop.value.code == 1
    assert "--size" in capsys.readouterr().err
