"""What is asked of coqc, and what is made of its answer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from verifier.certify.coqc import Accepted, Coq, Unavailable, axioms_of
from verifier.certify.statement import Theorem
from verifier.commands.main import main

from .conftest import needs_coq

TRIVIAL = Theorem(
    "test",
    "Definition statement : Prop := forall n : nat, n = n.\n",
    "Require Import Statement.\nTheorem holds : statement.\nProof. red. reflexivity. Qed.\n",
)
LAYER = """
layer F(n) {
  index i:n
  input x : R[n]
  output y[i] = 2 * x[i]
}
backward of F given dy { dx[i] = 2 * dy[i] }
backward of F2 given dy { dx[i] = 2 * dy[i] }
""".replace("backward of F2 given dy { dx[i] = 2 * dy[i] }\n", "")
Accepts = Callable[[Theorem], Accepted]


def test_other_answers_prove_nothing() -> None:
    with pytest.raises(Unavailable):
        axioms_of("")
    with pytest.raises(Unavailable):
        axioms_of("Error: nothing")


@pytest.fixture
def spec(tmp_path: Path) -> str:
    path = tmp_path / "f.learn"
    path.write_text(LAYER, encoding="utf-8")
    return str(path)


def test_without_coqc_nothing_is_certified(
    spec: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert main(["certify", spec, "--coq", str(tmp_path / "out")]) == 4
    said = capsys.readouterr().out
    assert said.startswith("unavailable  F: coqc is not installed")
    assert "0 of 1 claims certified" in said
    assert (tmp_path / "out" / "f.F" / "Statement.v").is_file()
    assert (tmp_path / "out" / "f.F" / "Proof.v").is_file()


def test_a_name_that_no_claim_has(spec: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["certify", spec, "--coq", str(tmp_path), "--only", "G"]) == 1
    assert "has no claim G" in capsys.readouterr().err


def test_what_is_refuted_is_not_stated(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "g.learn"
    path.write_text(LAYER.replace("dx[i] = 2 * dy[i]", "dx[i] = dy[i]"), encoding="utf-8")
    assert main(["certify", str(path), "--coq", str(tmp_path / "out"), "--write-only"]) == 4
    assert "certified    F" not in capsys.readouterr().out


@needs_coq
@pytest.mark.slow
def test_axioms_are_named(accepts: Accepts) -> None:
    assert accepts(TRIVIAL).axioms == ()


@needs_coq
@pytest.mark.slow
@pytest.mark.parametrize(
    "proof",
    [
        "Require Import Statement.\nAxiom cheat : False.\nTheorem holds : statement.\nProof. destruct cheat. Qed.\n",
        "Require Import Statement.\nTheorem holds : statement.\nProof. Admitted.\n",
        "Require Import Statement.\nTheorem holds : True.\nProof. exact I. Qed.\n",
        "Require Import Statement.\nDefinition statement := True.\nTheorem holds : statement.\nProof. exact I. Qed.\n",
        "Require Import Statement.\nTheorem other : statement.\nProof. red. reflexivity. Qed.\n",
    ],
    ids=["axiom", "admitted", "another statement", "a statement of its own", "another name"],
)
def test_what_proves_nothing_is_not_accepted(accepts: Accepts, proof: str) -> None:
    with pytest.raises(Unavailable):
        accepts(replace(TRIVIAL, proof=proof))


@needs_coq
@pytest.mark.slow
def test_the_library_is_compiled_once(coq: Coq) -> None:
    folder = coq.library
    before = {p.name: p.stat().st_mtime_ns for p in folder.glob("*.vo")}
    assert Coq(cache=coq.cache).library == folder
    assert before == {p.name: p.stat().st_mtime_ns for p in folder.glob("*.vo")}


@needs_coq
@pytest.mark.slow
def test_certify(
    spec: str, tmp_path: Path, coq: Coq, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("verifier.commands.certify.Coq", lambda timeout: coq)
    assert main(["certify", spec, "--coq", str(tmp_path / "out")]) == 0
    said = capsys.readouterr().out
    assert said.startswith("certified    F: backward") and "1 of 1 claims certified" in said
