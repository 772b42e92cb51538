"""``learnlaw format``: in place, as a check, as a patch and as a filter."""

from __future__ import annotations

import io
import os
import sys
from pathlib import Path

import pytest

from verifier.commands.main import main
from verifier.commands.rewriting import rewrite
from verifier.language import layout

UNEVEN, EVEN = "check   a==b # why\n", "check a == b  # why\n"


@pytest.fixture
def uneven(tmp_path: Path) -> Path:
    path = tmp_path / "a.learn"
    path.write_text(UNEVEN)
    return path


def test_in_place_once(uneven: Path, capsys: pytest.CaptureFixture[str]) -> None:
    uneven.chmod(0o640)
    assert main(["format", str(uneven)]) == 0
    assert uneven.read_text() == EVEN and uneven.stat().st_mode & 0o777 == 0o640
    assert "laid out" in capsys.readouterr().err
    before = uneven.stat().st_mtime_ns
    assert main(["format", str(uneven)]) == 0
    assert uneven.stat().st_mtime_ns == before and not capsys.readouterr().err
    assert os.listdir(uneven.parent) == ["a.learn"]


def test_check_and_diff_write_nothing(uneven: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["format", "--check", str(uneven.parent)]) == 4
    assert "not laid out" in capsys.readouterr().err
    assert main(["format", "--diff", str(uneven)]) == 0
    shown = capsys.readouterr().out
    assert f"-{UNEVEN}+{EVEN}" in shown
    assert uneven.read_text() == UNEVEN
    uneven.write_text(EVEN)
    assert main(["format", "--check", str(uneven)]) == 0


def test_a_filter(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(UNEVEN.encode())))
    assert main(["format", "-"]) == 0
    assert capsys.readouterr().out == EVEN


def test_faults_are_shown_and_other_files_laid_out(uneven: Path, capsys: pytest.CaptureFixture[str]) -> None:
    wrong = uneven.with_name("b.learn")
    wrong.write_text("check ==\n")
    assert main(["format", str(uneven.parent)]) == 2
    assert "b.learn:1:" in capsys.readouterr().err
    assert uneven.read_text() == EVEN and wrong.read_text() == "check ==\n"
    assert main(["format", str(uneven.with_name("none.learn"))]) == 1


def test_links_and_line_ends_stay(uneven: Path) -> None:
    uneven.write_bytes(UNEVEN.replace("\n", "\r\n").encode())
    link = uneven.with_name("link.learn")
    link.symlink_to(uneven)
    assert main(["format", str(link)]) == 0
    assert link.is_symlink() and uneven.read_bytes() == EVEN.replace("\n", "\r\n").encode()
    assert main(["format", "--check", str(link)]) == 0


def test_what_changed_meanwhile_is_not_overwritten(uneven: Path) -> None:
    uneven.write_text("check c == d\n")
    with pytest.raises(OSError, match="meanwhile"):
        rewrite(str(uneven), UNEVEN, EVEN)
    assert uneven.read_text() == "check c == d\n" and os.listdir(uneven.parent) == ["a.learn"]


def test_a_layout_that_says_something_else_is_not_written(
    uneven: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(layout, "_joined", lambda lines: "check b == a  # why\n")
    assert main(["format", str(uneven)]) == 5
    assert uneven.read_text() == UNEVEN and "would not say the same" in capsys.readouterr().err
