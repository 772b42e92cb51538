"""The Coq library: it compiles, nothing in it is admitted, and its theorems rest on the axioms of Coq's reals alone."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

import verifier

SOURCES = Path(verifier.__file__).parent / "coq"
ORDER = ("Learn", "Sheaf", "Sums", "Smooth", "SumRing", "Calculus", "Certify")
ALLOWED = {
    "ClassicalDedekindReals.sig_forall_dec",
    "ClassicalDedekindReals.sig_not_dec",
    "FunctionalExtensionality.functional_extensionality_dep",
    "Classical_Prop.classic",
}
AXIOM_FREE = {"Learn", "Sheaf"}

needs_coq = pytest.mark.skipif(shutil.which("coqc") is None, reason="coqc is not installed")


def theorems(name: str) -> list[str]:
    text = (SOURCES / f"{name}.v").read_text(encoding="utf-8")
    return re.findall(r"^(?:Theorem|Lemma) ([a-zA-Z_0-9]+)", text, re.M)


def coqc(folder: Path, file: Path) -> str:
    run = subprocess.run(
        ["coqc", "-q", "-w", "none", "-Q", str(folder), "", str(file)], capture_output=True, text=True, cwd=folder
    )
    assert run.returncode == 0, run.stderr
    return run.stdout


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("coq")
    for name in ORDER:
        shutil.copy(SOURCES / f"{name}.v", folder)
        coqc(folder, folder / f"{name}.v")
    return folder


def test_nothing_is_admitted() -> None:
    for name in ORDER:
        text = (SOURCES / f"{name}.v").read_text(encoding="utf-8")
        assert not re.search(r"\b(Admitted|admit|Axiom|Parameter|Conjecture)\b", text), name


@needs_coq
@pytest.mark.slow
@pytest.mark.parametrize("name", ORDER)
def test_theorems_rest_on_allowed_axioms(library: Path, name: str, tmp_path: Path) -> None:
    names = theorems(name)
    assert names
    file = tmp_path / "Assumptions.v"
    lines = [f"Require Import {name}.", *(f"Print Assumptions {name}.{t}." for t in names)]
    file.write_text("\n".join(lines), encoding="utf-8")
    found = set(re.findall(r"^([A-Za-z_][\w.']*)\s*:", coqc(library, file).replace("\n  :", " :"), re.M)) - {"Axioms"}
    assert found <= (set() if name in AXIOM_FREE else ALLOWED)


@needs_coq
@pytest.mark.slow
@pytest.mark.parametrize(
    "false",
    [
        "Theorem wrong A B C (F : learner A B) (G : learner B C) : getput F -> getput (F ;; G).",
        "Theorem wrong A B C (F : learner A B) (G : learner B C) : putput F -> putput G -> putput (F ;; G).",
        "Theorem wrong A (F : learner A A) : F ;; F ~~ F.",
        "Theorem wrong A B : braid A B ~~ rewire (@swap A B) (fun x => swap (swap (swap x))) -> False.",
    ],
)
def test_false_statements_are_not_proved_by_computing(library: Path, false: str, tmp_path: Path) -> None:
    """What proves the laws, taking pairs apart and computing, does not prove what is false."""
    file = tmp_path / "Wrong.v"
    tries = "first [by_blocks (fun p => p) (fun p => p) | compute_pairs; intuition congruence]"
    file.write_text(f"Require Import Learn.\n{false}\nProof. intros; {tries}. Qed.\n", encoding="utf-8")
    with pytest.raises(AssertionError):
        coqc(library, file)
