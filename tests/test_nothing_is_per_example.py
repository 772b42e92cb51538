"""No module of the product knows a spec's learners or errors by name: verdicts come from their definitions."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
DECLARED = re.compile(r"^\s*(?:error|learner)\s+(\w+)", re.MULTILINE)
NAMES = {
    name for path in (ROOT / "specs" / "std").glob("*.learn") for name in DECLARED.findall(path.read_text("utf-8"))
}


def test_names_were_found() -> None:
    assert {"quadratic", "product", "Dense", "Copy"} <= NAMES


@pytest.mark.parametrize("path", sorted((ROOT / "verifier").rglob("*.py")), ids=lambda p: str(p.relative_to(ROOT)))
def test_no_standard_learner_or_error_is_mentioned(path: Path) -> None:
    # Some names are words of English and of mathematics too: a product, a linear scan, a node Add.
    text = path.read_text(encoding="utf-8")
    found = {n for n in NAMES - {"Add", "Copy", "Linear", "Scale", "product"} if re.search(rf"\b{n}\b", text)}
    assert not found
