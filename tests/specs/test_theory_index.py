"""docs/theory_index.md: every claim that it names exists, and every section of the theory that it covers has one."""

from __future__ import annotations

import re

import pytest

from tests.conftest import ROOT
from verifier.elaborate.modules import load

TEXT = (ROOT / "docs" / "theory_index.md").read_text(encoding="utf-8")
ROWS = [
    tuple(cell.strip() for cell in line.strip("|").split("|")) for line in TEXT.splitlines() if line.startswith("| ")
]
ROWS = [row for row in ROWS if row[0] not in ("item", "---")]


@pytest.mark.parametrize("row", ROWS, ids=lambda r: f"{r[0]} {r[1]}")
def test_its_claims_exist(row: tuple[str, str, str]) -> None:
    for part in row[2].split("; "):
        if part.startswith("test "):
            assert (ROOT / "tests" / part.removeprefix("test ")).exists()
            continue
        file, names = part.split(": ")
        known = {c.id for c in load(str(ROOT / "specs" / f"{file}.learn")).claims}
        assert set(names.split()) <= known, set(names.split()) - known


def test_every_section_is_there() -> None:
    sections = {re.split(r"[. ]", row[0])[0] for row in ROWS}
    assert sections >= {"1", "2", "3", "4", "5", "7", "8", "9", "10", "12"}
