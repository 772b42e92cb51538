"""What the README says is not done is not done: each spec of docs/not_yet ends with a diagnostic or as unknown."""

from __future__ import annotations

import pytest

from tests.conftest import ROOT
from verifier.commands.main import main

SPECS = sorted((ROOT / "docs" / "not_yet").glob("*.learn"))


@pytest.mark.parametrize("path", SPECS, ids=lambda p: p.stem)
def test_it_is_said_and_not_guessed(path: object, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", str(path)]) in (2, 4)
    shown = capsys.readouterr().out
    assert "E116" in shown or "unknown" in shown
    assert "proved  " not in shown and "refuted " not in shown


def test_the_readme_lists_them() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    assert {p.stem for p in SPECS} == {p.stem for p in SPECS if f"`{p.stem}`" in text}
