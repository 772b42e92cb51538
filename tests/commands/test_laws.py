"""``learnlaw laws``: the audit of a learner, as a table and as JSON."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import ROOT
from verifier.commands.main import main

RMS = str(ROOT / "specs/examples/backward/rms.learn")
POST = str(ROOT / "specs/examples/post.learn")


@pytest.mark.parametrize("path", ["examples/post", "examples/chain", "examples/readings"])
def test_the_table(path: str, capsys: pytest.CaptureFixture[str], golden: Callable[..., None]) -> None:
    assert main(["laws", str(ROOT / f"specs/{path}.learn")]) == 0
    golden(f"commands/laws_{path.split('/')[1]}.txt", capsys.readouterr().out)


def test_json_has_the_same_verdicts(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["laws", POST, "N", "--format", "json"]) == 0
    data = json.loads(capsys.readouterr().out)
    (file,) = data["files"]
    verdicts = {(c["law"], c.get("reading")): c["verdict"] for c in file["claims"]}
    assert verdicts["getput", None] == "proved" and verdicts["putget", None] == "refuted"
    assert verdicts["natural", "local"] == "vacuous" and verdicts["natural", "gradient"] == "refuted"
    assert len(verdicts) == 9


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["missing.learn"], 1, "No such file"),
        ([POST, "Nope"], 2, "unknown name Nope"),
        ([str(ROOT / "specs/std/errors.learn")], 1, "declares no learner of its own; name one"),
        ([RMS], 1, "is one: learnlaw laws FILE RMSNorm"),
        ([RMS, "RMSNorm"], 2, "declare it in the header"),
    ],
)
def test_wrong_arguments(arguments: list[str], code: int, message: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["laws", *arguments]) == code
    shown = capsys.readouterr()
    assert not shown.out and message in shown.err


def test_a_layer_is_audited_for_all_arguments(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """By its name it is the same learner as by its name and arguments."""
    path = tmp_path / "scale.learn"
    layer = "layer S(n, c : real) {\n  input x : R[n]\n  param w : R[n]\n  output y[i] = c * x[i] * w[i]\n}\n"
    written = "backward of S given dy {\n  dw[i] = c * dy[i] * x[i]\n  dx[i] = c * dy[i] * w[i]\n}\n"
    path.write_text(f"size n\nreal c\n{layer}{written}", encoding="utf-8")
    assert main(["laws", str(path), "S"]) == 0
    heading, *by_name = capsys.readouterr().out.splitlines()
    assert main(["laws", str(path), "S(n, c)"]) == 0
    assert [row[:30] for row in by_name] == [row[:30] for row in capsys.readouterr().out.splitlines()[1:]]
    assert heading == "laws of S(n, c)" and len(by_name) == 9
