"""``learnlaw fix`` and the fixes of SARIF: one and the same correction, and the file has it whole or not at all."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from tests.proof.test_corrections import TWO
from verifier.commands.main import main

FALSE = "check k: putget(Scale(k, quadratic, eps))\n"


@pytest.fixture
def wrong(tmp_path: Path) -> Path:
    path = tmp_path / "wrong.learn"
    path.write_text("import std.errors\nimport std.layers\nreal eps > 0\nsize k\n" + TWO + FALSE)
    return path


def test_in_place_and_what_is_left(wrong: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["fix", str(wrong)]) == 4  # k has no correction
    shown = capsys.readouterr().err
    assert f"{wrong}:11: L.dx corrected, and proved" in shown and "k is not as expected" in shown
    assert main(["check", str(wrong), "--only", "L"]) == 0
    before = wrong.read_text()
    assert main(["fix", str(wrong), "--only", "L"]) == 0
    assert wrong.read_text() == before
    assert main(["fix", str(wrong), "--only", "M"]) == 1


def test_a_patch(wrong: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(wrong.parent)
    text = wrong.read_text()
    assert main(["fix", "--diff", "--only", "L", wrong.name]) == 0
    assert wrong.read_text() == text
    patch = capsys.readouterr().out
    subprocess.run(["patch", "-p1"], input=patch, text=True, check=True, cwd=wrong.parent, capture_output=True)
    assert main(["check", wrong.name, "--only", "L"]) == 0


def test_faults_and_missing_files(wrong: Path) -> None:
    assert main(["fix", str(wrong.with_name("none.learn"))]) == 1
    wrong.write_text("check ==\n")
    assert main(["fix", str(wrong)]) == 2


def test_sarif_has_the_same_corrections(wrong: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "--format", "sarif", str(wrong)]) == 4
    (run,) = json.loads(capsys.readouterr().out)["runs"]
    (fixed,) = (r for r in run["results"] if "fixes" in r)
    (fix,) = fixed["fixes"]
    (change,) = fix["artifactChanges"]
    assert change["artifactLocation"] == fixed["locations"][0]["physicalLocation"]["artifactLocation"]
    lines = wrong.read_text().split("\n")
    for r in reversed(change["replacements"]):
        region = r["deletedRegion"]
        assert (region["startLine"], region["startColumn"]) == (region["endLine"], region["endColumn"])
        line, column = region["startLine"] - 1, region["startColumn"] - 1
        lines[line] = lines[line][:column] + r["insertedContent"]["text"] + lines[line][column:]
    main(["fix", str(wrong)])
    assert wrong.read_text() == "\n".join(lines)
    assert "fixes" not in json.dumps(_sarif(wrong, capsys))


def _sarif(path: Path, capsys: pytest.CaptureFixture[str]) -> object:
    capsys.readouterr()
    main(["check", "--format", "sarif", str(path)])
    return json.loads(capsys.readouterr().out)
