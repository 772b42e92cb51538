"""The README's own examples: the spec ends as it says, its commands exist, and what it quotes is what is printed."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from verifier.commands.main import COMMANDS, main
from verifier.terms.known import KNOWN

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
LANGUAGE = (ROOT / "docs" / "language.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```(\w*)\n(.*?)```", README, re.DOTALL)


def test_the_language_in_one_minute(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (spec,) = [text for _, text in BLOCKS if text.startswith("import std")]
    path = tmp_path / "readme.learn"
    path.write_text(spec, encoding="utf-8")
    code = main(["check", "-v", str(path)])
    shown = capsys.readouterr().out
    assert code == 0, shown


@pytest.mark.parametrize("k", range(LANGUAGE.count("```learn\n")))
def test_every_block_of_the_language(k: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "language.learn"
    path.write_text(re.findall(r"```learn\n(.*?)```", LANGUAGE, re.DOTALL)[k], encoding="utf-8")
    code = main(["check", "-v", str(path)])
    assert code == 0, capsys.readouterr().out


def test_the_language_names_every_known_function() -> None:
    missing = {name for name in KNOWN if not re.search(rf"\b{name}\b", LANGUAGE)}
    assert not missing


def test_the_derivation_is_what_is_printed(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    (quoted,) = [text for _, text in BLOCKS if text.startswith("Dense(")]
    (command,) = re.findall(r"`(learnlaw derive specs\S* [^`]*)` prints", README)
    monkeypatch.chdir(ROOT)
    assert main(shlex.split(command)[1:]) == 0
    assert quoted.strip() in capsys.readouterr().out


def test_the_python(monkeypatch: pytest.MonkeyPatch) -> None:
    (code,) = [text for language, text in BLOCKS if language == "python"]
    monkeypatch.chdir(ROOT)
    exec(compile(code, "README.md", "exec"), {})


def test_every_command_is_there() -> None:
    assert set(re.findall(r"`learnlaw (\w+)", README)) == set(COMMANDS)
    console = "\n".join(text for language, text in BLOCKS if language == "console")
    assert console.count("python -m venv .venv && . .venv/bin/activate && pip install") == 2


@pytest.mark.parametrize(
    "path", sorted(set(re.findall(r"`((?:specs|docs|examples|tests|benchmarks|verifier)/[\w/.]*)`", README)))
)
def test_paths_exist(path: str) -> None:
    assert (ROOT / path).exists()
