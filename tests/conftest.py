"""Options and helpers that all tests share."""

from __future__ import annotations

from pathlib import Path

import pytest

from verifier.elaborate.modules import Module, load
from verifier.proof.decide import decide
from verifier.proof.verdict import Verdict

ROOT = Path(__file__).parents[1]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--refresh-golden", action="store_true", help="write golden files anew instead of comparing")


@pytest.fixture
def golden(request: pytest.FixtureRequest):
    """Compare a text with a file under tests/, or write the file with --refresh-golden."""

    def compare(name: str, text: str) -> None:
        path = ROOT / "tests" / name
        if request.config.getoption("--refresh-golden"):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        assert path.exists(), f"{name} is missing; write it with --refresh-golden"
        assert text == path.read_text(encoding="utf-8"), f"{name} differs; --refresh-golden writes it anew"

    return compare


@pytest.fixture
def spec(tmp_path: Path):
    """Elaborate a spec given as text."""

    def make(text: str, name: str = "spec.learn") -> Module:
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return load(str(path))

    return make


@pytest.fixture
def verdicts(spec):
    """The verdicts of a spec's claims by name; faults in the spec fail the test."""

    def run(text: str) -> dict[str, Verdict]:
        module = spec(text)
        assert not module.faults, "\n".join(map(str, module.faults))
        return {c.id: decide(c) for c in module.claims}

    return run
