"""``learnlaw laws``: the audit of a learner, as a table and as JSON."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from tests.conftest import ROOT
from verifier.commands.main import main

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
    ("arguments", "code"),
    [(["missing.learn"], 1), ([POST, "Nope"], 2), ([str(ROOT / "specs/std/errors.learn")], 1)],
)
def test_wrong_arguments(arguments: list[str], code: int, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["laws", *arguments]) == code
    shown = capsys.readouterr()
    assert shown.out + shown.err
