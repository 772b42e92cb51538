"""Axioms: what rests on one says so; a false one, or one about a learner that is not total, carries nothing."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from verifier.commands.main import main
from verifier.proof.verdict import REFUTED, UNKNOWN, Verdict

Checks = Callable[[str], dict[str, Verdict]]
CUBIC = """
learner Cubic : a : R -> b : R {
  let half = sqrt(b^2 / 4 + 1/27)
  implement a^3 + a
  request a = cbrt(b / 2 + half) + cbrt(b / 2 - half)
}
axiom cardano cites "Ars magna": putget(Cubic)
"""


def test_what_rests_on_an_axiom_says_so(verdicts: Checks) -> None:
    found = verdicts(CUBIC + "check c: putget(Cubic ; Cubic) assuming cardano\ncheck d: putget(Cubic ; Cubic)\n")
    assert found["cardano"].verdict == UNKNOWN
    assert found["cardano"].met
    assert found["c"].word == "proved assuming cardano"
    assert found["c"].axioms == ('cardano (putget(Cubic), cites "Ars magna")',)
    assert found["c"].met
    assert found["d"].verdict == UNKNOWN


def test_an_axiom_gives_its_own_law_alone(verdicts: Checks) -> None:
    found = verdicts(
        CUBIC
        + """
        check gp: getput(Cubic ; Cubic) assuming cardano
        check local: natural Cubic ; Cubic reading local assuming cardano
        check same: Cubic ; Cubic == Cubic assuming cardano
        """
    )
    assert not any(v.axioms or v.met for v in (found["gp"], found["local"], found["same"]))


def test_what_is_decided_without_it_is_not_tainted(verdicts: Checks) -> None:
    found = verdicts(CUBIC + "check w: natural Cubic ; Cubic reading weights assuming cardano\n")
    assert (found["w"].verdict, found["w"].axioms) == ("vacuous", ())


def test_nothing_rests_on_an_axiom_that_is_refuted(verdicts: Checks) -> None:
    """It is false at b = 1/2 alone, which its composite with another reaches at no point that balls tell apart."""
    found = verdicts(
        CUBIC
        + """
        learner Plain : a : R -> b : R {
          implement a
          request a = b + (1 if 2 * b == 1 else 0)
        }
        axiom plain cites "nobody": putget(Plain)
        check c: putget(Plain ; Cubic) assuming plain, cardano
        """
    )
    assert found["plain"].verdict == REFUTED
    assert not found["plain"].met
    assert found["c"].verdict == UNKNOWN
    assert [x.reason for x in found["c"].components] == ["the axiom plain is refuted: nothing rests on it"]


def test_an_axiom_about_a_learner_that_is_not_defined_everywhere_carries_nothing(verdicts: Checks) -> None:
    found = verdicts(
        CUBIC.replace("implement a^3 + a", "implement (a^3 + a) * (a^3 - 7) / (a^3 - 7)")
        + "check c: putget(Cubic ; Cubic) assuming cardano\n"
    )
    (reason,) = (x.reason for x in found["c"].components)
    assert found["c"].verdict == UNKNOWN
    assert "not shown to be defined everywhere" in reason


@pytest.mark.parametrize(
    ("axiom", "code"),
    [
        ('axiom x cites "s": putget(F)', "E115"),
        ('axiom x cites " ": putget(G)', "E115"),
        ('axiom x cites "s": putget(G ; G)', "E115"),
        ('axiom x cites "s": G == G', "E112"),
        ('axiom x cites "s": left(G)', "E112"),
        ('axiom x cites "s": putget(H)', "E101"),
        ('axiom G cites "s": putget(G)', "E114"),
        ('axiom x cites "s": putget(G)\ncheck x: getput(G)', "E114"),
        ("check x: putget(G) assuming G", "E112"),
    ],
)
def test_faults(axiom: str, code: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    spec = tmp_path / "a.learn"
    learners = "learner F : a : R -> b : R opaque\nlearner G : a : R -> b : R {\n implement a\n request a = b\n}\n"
    spec.write_text(learners + axiom + "\n", encoding="utf-8")
    assert main(["check", "--format", "json", str(spec)]) == 2
    (row,) = json.loads(capsys.readouterr().out)["files"][0]["diagnostics"]
    assert row["code"] == code


def test_an_imported_axiom_is_judged_where_it_is_used(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "cubic.learn").write_text(CUBIC, encoding="utf-8")
    spec = tmp_path / "a.learn"
    spec.write_text("import cubic\ncheck c: putget(Cubic ; Cubic) assuming cardano\n", encoding="utf-8")
    assert main(["check", "-v", str(spec)]) == 0
    assert "c: putget(Cubic ; Cubic) assuming cardano" in capsys.readouterr().out
    assert main(["audit", str(spec)]) == 0
    assert 'axioms\n  cardano (putget(Cubic), cites "Ars magna")\n' in capsys.readouterr().out
