"""A pytest plugin: every claim of a spec file is a test.

It is off unless ``--learn`` or the ini option ``learn = true`` asks for it, and until then imports nothing of the tool:
pytest loads a plugin in every run of an environment that has it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from .elaborate.claims import Claim
    from .proof.verdict import Verdict

UNKNOWN = ("fail", "xfail", "skip")


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("learnlaw")
    group.addoption("--learn", action="store_true", help="collect *.learn files: one test for each claim")
    group.addoption("--learn-timeout", type=float, default=60.0, metavar="SECONDS", help="per claim (default 60)")
    parser.addini("learn", "collect *.learn files", type="bool", default=False)
    parser.addini("learn_unknown", f"what a claim that ends unknown counts as: {', '.join(UNKNOWN)}", default="fail")


def pytest_configure(config: pytest.Config) -> None:
    how = config.getini("learn_unknown")
    if how not in UNKNOWN:
        raise pytest.UsageError(f"learn_unknown is {how!r}; expected one of {', '.join(UNKNOWN)}")


def pytest_collect_file(parent: pytest.Collector, file_path: Path) -> SpecFile | None:
    wanted = parent.config.getoption("learn") or parent.config.getini("learn")
    if not wanted or file_path.suffix != ".learn":
        return None
    return SpecFile.from_parent(parent, path=file_path)


class SpecFile(pytest.File):
    """A spec: its claims in source order.  Faults of the spec are an error of collection."""

    def collect(self) -> Iterable[ClaimItem]:
        from .elaborate.modules import load

        module = load(str(self.path))
        if module.faults:
            raise self.CollectError("\n".join(map(str, module.faults)))
        for claim in module.claims:
            yield ClaimItem.from_parent(self, name=claim.id, claim=claim)


class ClaimFailure(Exception):
    """A claim that did not end as the spec expects."""

    def __init__(self, verdict: Verdict) -> None:
        super().__init__(verdict.id)
        self.verdict = verdict


class ClaimItem(pytest.Item):
    """A claim: passes if it ends as the spec expects; unknown fails, unless ``learn_unknown`` says otherwise."""

    def __init__(self, *, claim: Claim, **more: Any) -> None:
        super().__init__(**more)
        self.claim = claim

    def runtest(self) -> None:
        from .proof.decide import decide
        from .proof.limits import TimeUp, limited

        seconds = self.config.getoption("learn_timeout")
        try:
            with limited(seconds):
                verdict = decide(self.claim)
        except TimeUp:
            pytest.fail(f"{self.claim.id}: stopped after {seconds:g} s (--learn-timeout)", pytrace=False)
        self.user_properties += _properties(verdict)
        if verdict.met:
            return
        how = self.config.getini("learn_unknown")
        if verdict.verdict == "unknown" and how == "skip":
            pytest.skip(f"{verdict.id} is unknown")
        if verdict.verdict == "unknown" and how == "xfail":
            pytest.xfail(f"{verdict.id} is unknown")
        raise ClaimFailure(verdict)

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        from .diagnostics import SpecError

        if isinstance(excinfo.value, ClaimFailure):
            from .export.text_report import Style, claim

            return "\n".join(claim(excinfo.value.verdict, Style(False)))
        return str(excinfo.value) if isinstance(excinfo.value, SpecError) else super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path, int, str]:
        return self.path, self.claim.span.line - 1, f"{self.path.name}: {self.name}"


def _properties(verdict: Verdict) -> Iterator[tuple[str, object]]:
    from .export.junit_report import properties

    return properties(verdict)
