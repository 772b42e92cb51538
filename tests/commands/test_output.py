"""``check -o``: a word before ``=`` is a format, and one that is none is an error, not the name of a file."""

from __future__ import annotations

from pathlib import Path

import pytest

from verifier.commands.main import main

POST = str(Path(__file__).parents[2] / "specs/examples/post.learn")


def test_a_word_that_is_no_format(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit) as ended:
        main(["check", POST, "-o", "sariff=x"])
    shown = capsys.readouterr().err
    assert ended.value.code == 1 and "no format sariff: text, json, junit, sarif, github" in shown
    assert "./sariff=x" in shown and not list(tmp_path.iterdir())


@pytest.mark.parametrize("name", ["./a=b", "json=c=d", "out-1=x"])
def test_other_names_are_files(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["check", POST, "-o", name, "--only", "thm32"]) == 0
    assert [p.name for p in tmp_path.iterdir()] == [name.removeprefix("./").removeprefix("json=")]
