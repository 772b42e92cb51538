"""``learnlaw conditions``: what it prints, pasted after `assuming`, proves the square; one equation less does not."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.conftest import ROOT
from verifier.commands.main import main

NAMES = "FGHK"


def declared(length: int) -> str:
    sets = ", ".join(f"A{k}" for k in range(length + 1))
    rows = [f"learner {NAMES[k]} : A{k} -> A{k + 1} opaque" for k in range(length)]
    return "\n".join([f"set {sets}", *rows, f"network N = {' ; '.join(NAMES[:length])}"]) + "\n"


@pytest.mark.parametrize("length", [1, 2, 3, 4])
def test_round_trip(length: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "chain.learn"
    path.write_text(declared(length), encoding="utf-8")
    assert main(["conditions", str(path), "N"]) == 0
    _, *printed = capsys.readouterr().out.splitlines()
    pasted = tmp_path / "pasted.learn"
    pasted.write_text(declared(length) + "\n".join(printed) + "\n", encoding="utf-8")
    assert main(["check", str(pasted)]) == 0, capsys.readouterr().out
    assert f"{length} claim" in capsys.readouterr().out


def test_every_equation_is_needed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "chain.learn"
    path.write_text(declared(2), encoding="utf-8")
    main(["conditions", str(path), "N"])
    _, claim, *equations = capsys.readouterr().out.splitlines()
    equations = [e.split("#")[0].strip().rstrip(",") for e in equations[:2]]
    for left_out in range(2):
        pasted = tmp_path / "less.learn"
        pasted.write_text(f"{declared(2)}{claim}\n    {equations[1 - left_out]}\n", encoding="utf-8")
        assert main(["check", str(pasted)]) == 4


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["missing.learn"], 1, "No such file"),
        ([str(ROOT / "specs/examples/post.learn"), "Nope"], 2, "unknown name Nope"),
        ([str(ROOT / "specs/std/layers.learn")], 1, "declares no network of two layers or more; name one"),
    ],
)
def test_wrong_arguments(arguments: list[str], code: int, message: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["conditions", *arguments]) == code
    shown = capsys.readouterr()
    assert not shown.out and message in shown.err


def test_a_gradient_network_has_its_conditions_too(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["conditions", str(ROOT / "specs/examples/post.learn"), "N"]) == 0
    assert "square N at 1" in capsys.readouterr().out


def tables(line: str) -> dict[str, str]:
    return dict(re.findall(r"([FGHK]\.[IUR]) = \(([\d, ]+)\)", line))


def as_spec(found: dict[str, str], layers: str) -> str:
    rows = ["set Two = {0, 1}"]
    for f in layers:
        rows.append(
            f"learner {f} : a : Two -> b : Two {{\n  param p : Two\n  implement Two({found[f'{f}.I']})\n"
            f"  update p = Two({found[f'{f}.U']})\n  request Two({found[f'{f}.R']})\n}}"
        )
    return "\n".join(rows) + f"\nnetwork N = {' ; '.join(layers)}\n"


def test_violators_fail_their_equation_alone(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The printed learners, written as a spec over a finite set: one part of the square fails, and only that one."""
    path = tmp_path / "chain.learn"
    path.write_text(declared(2), encoding="utf-8")
    main(["conditions", str(path), "N"])
    lines = [x for x in capsys.readouterr().out.splitlines() if "alone fails" in x]
    assert len(lines) == 3
    expected = ["{ A: refuted, W: proved }", "{ A: proved, W: refuted }"]
    for line, expect in zip(lines, expected, strict=False):
        spec = tmp_path / "violator.learn"
        claim = f"check square N at 0 reading local expect {expect}\n"
        spec.write_text(as_spec(tables(line), "FG") + claim, encoding="utf-8")
        assert main(["check", str(spec)]) == 0, capsys.readouterr().out
