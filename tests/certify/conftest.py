"""One compiled library for all tests of a session, and specs written to a file."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from verifier.certify.coqc import Accepted, Coq
from verifier.certify.statement import Theorem
from verifier.certify.theorem import theorems
from verifier.elaborate.claims import Claim
from verifier.elaborate.modules import load

needs_coq = pytest.mark.skipif(shutil.which("coqc") is None, reason="coqc is not installed")


@pytest.fixture(scope="session")
def coq(tmp_path_factory: pytest.TempPathFactory) -> Coq:
    return Coq(cache=tmp_path_factory.mktemp("coq"), timeout=200)


@pytest.fixture
def claims(tmp_path: Path) -> Callable[[str], list[Claim]]:
    def of(text: str) -> list[Claim]:
        path = tmp_path / "spec.learn"
        path.write_text(text, encoding="utf-8")
        module = load(str(path))
        assert not module.faults, module.faults
        return list(module.claims)

    return of


@pytest.fixture
def accepts(coq: Coq, tmp_path: Path) -> Callable[[Theorem], Accepted]:
    """What coqc says of a theorem.  Raises Unavailable."""

    def of(theorem: Theorem) -> Accepted:
        folder = tmp_path / "theorem"
        folder.mkdir(exist_ok=True)
        (folder / "Statement.v").write_text(theorem.statement, encoding="utf-8")
        (folder / "Proof.v").write_text(theorem.proof, encoding="utf-8")
        return coq.check(folder)

    return of


def first(claim: Claim) -> Theorem:
    """The theorem of a claim with the fewest hypotheses."""
    return next(iter(theorems(claim)))
