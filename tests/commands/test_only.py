"""What is decided: claims by name, files once; a name that no claim has is an error, not a success about nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from verifier.commands.main import main

POST = str(Path(__file__).parents[2] / "specs/examples/post.learn")


@pytest.mark.parametrize("others", [[], ["--only", "thm32"], ["-j2"]])
def test_a_name_without_claim_is_an_error(others: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", POST, "--only", "thm23", *others]) == 1
    shown = capsys.readouterr()
    assert "--only thm23: no claim has this name" in shown.err
    assert ("nothing decided" in shown.out) == ("thm32" not in others)


def test_nothing_decided_is_not_as_expected(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "missing.learn"]) == 1
    assert "as expected" not in capsys.readouterr().out


def test_a_name_needs_a_claim_in_one_file_only(capsys: pytest.CaptureFixture[str]) -> None:
    transpose = str(Path(__file__).parents[2] / "specs/examples/backward/dense.learn")
    assert main(["check", transpose, POST, "--only", "thm32"]) == 0
    assert "no claim" not in capsys.readouterr().err


def test_a_file_that_is_named_twice_is_decided_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "one.learn"
    path.write_text("size n\ncheck getput(id(R[n]))\n", encoding="utf-8")
    (tmp_path / "link").symlink_to(tmp_path)
    assert main(["check", str(path), str(tmp_path), str(tmp_path / "link" / "one.learn")]) == 0
    assert "1 claim: 1 " in capsys.readouterr().out


def test_a_report_that_cannot_be_written_is_an_error_about_its_own_name(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    target = tmp_path / "none" / "report.txt"
    assert main(["draw", POST, "-o", str(target)]) == 1
    assert f"{target}: No such file" in capsys.readouterr().err
