"""Every spec of the repository ends as it says, and prints what its golden file holds (times aside)."""

from __future__ import annotations

import json
import re
import subprocess
import sys

import pytest

from tests.conftest import ROOT
from verifier.commands.main import main

# The corpus has tests of its own (tests/corpus).
SPECS = sorted(p.relative_to(ROOT).as_posix() for p in (ROOT / "specs").rglob("*.learn") if p.parent.name != "corpus")
SHOWN = [p for p in SPECS if not p.startswith("specs/std")]


@pytest.fixture(autouse=True)
def _at_root(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)


@pytest.mark.parametrize("path", SPECS)
def test_every_claim_ends_as_expected_and_the_report_is_the_golden_one(
    path: str, capsys: pytest.CaptureFixture[str], golden
) -> None:
    code = main(["check", "-v", path])
    shown = capsys.readouterr().out
    assert code == 0, shown
    if path in SHOWN:
        text = re.sub(r"\d+\.\d+ s", "0.00 s", shown)
        name = path.removeprefix("specs/").removeprefix("examples/").replace("/", "_").removesuffix(".learn")
        golden(f"specs/golden/{name}.txt", text)


def test_post_prints_only_its_last_line_when_all_is_as_expected(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "specs/examples/post.learn"]) == 0
    assert capsys.readouterr().out.count("\n") == 1


def _json(seed: str) -> str:
    command = [
        sys.executable,
        "cli.py",
        "check",
        "--format",
        "json",
        "specs/examples/post.learn",
        "specs/examples/wrong",
    ]
    run = subprocess.run(
        command, cwd=ROOT, env={"PYTHONHASHSEED": seed, "PATH": ""}, capture_output=True, text=True, check=True
    )
    return re.sub(r'"seconds": [\d.]+', '"seconds": 0', run.stdout)


@pytest.mark.slow
def test_json_is_the_same_for_every_hash_seed() -> None:
    texts = {_json(seed) for seed in ("0", "1", "2")}
    assert len(texts) == 1
    (text,) = texts
    document = json.loads(text)
    assert list(document) == ["schema", "tool", "files", "summary"]
    assert document["summary"]["exit"] == 0


@pytest.mark.slow
def test_json_validates_against_its_schema(capsys: pytest.CaptureFixture[str]) -> None:
    jsonschema = pytest.importorskip("jsonschema")
    schema = json.loads((ROOT / "docs" / "report.schema.json").read_text(encoding="utf-8"))
    for path in SPECS:
        main(["check", "--format", "json", path])
        jsonschema.validate(json.loads(capsys.readouterr().out), schema)


DAMAGED = """
real eps > 0
error q(x, y) = (x - y)^2 / 2
learner Good : a : R -> b : R {{
  param p : R
  implement p * a
  learn gradient(q, rate = eps)
}}
learner Bad : a : R -> b : R {{
  param p : R
  implement p * a
  update p = p + 1
  request a - eps * p * (p * a - b)
}}
network N = {chain}
check local: natural N reading local expect refuted
"""


@pytest.mark.slow
@pytest.mark.parametrize("k", [1, 30, 62])
def test_damaging_a_layer_changes_its_two_squares_and_no_other(k: int, verdicts) -> None:
    chain = " ; ".join("Bad" if i == k else "Good" for i in range(64))
    (verdict,) = verdicts(DAMAGED.format(chain=chain)).values()
    refuted = {c.group for c in verdict.components if c.verdict == "refuted"}
    assert refuted == {f"U_{k - 1} -> U_{k}", f"U_{k} -> U_{k + 1}"}
    assert len({c.group for c in verdict.components}) == 64
    assert {c.verdict for c in verdict.components if c.group not in refuted} == {"proved"}
