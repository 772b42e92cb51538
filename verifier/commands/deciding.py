"""The claims of one file, decided one by one, wherever that is done: here, in a worker, or in an earlier run."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ..diagnostics import Diagnostic, SpecError
from ..elaborate.imports import Source
from ..export.report import FileReport
from ..proof.verdict import UNKNOWN, Component, Verdict

if TYPE_CHECKING:
    from ..elaborate.claims import Claim
    from ..elaborate.modules import Module


@dataclass(frozen=True)
class Outcome:
    """What became of one claim.  ``cut``: time ended it, or advice on it, so that another run may find more."""

    verdict: Verdict | None = None
    diagnostics: tuple[Diagnostic, ...] = ()
    failure: str = ""
    cut: bool = False


@dataclass
class FileWork:
    """A file, its claims in source order, and what became of those that were decided."""

    path: str
    origin: list[Source] = field(default_factory=list)  # what was read: the file first, then what it imports
    claims: list[str] = field(default_factory=list)
    diagnostics: tuple[Diagnostic, ...] = ()
    failure: str = ""
    outcomes: dict[int, Outcome] = field(default_factory=dict)

    def wanted(self, only: list[str] | None) -> list[int]:
        """The claims to decide: all, or those with one of some names.  None of a file with faults."""
        if self.diagnostics or self.failure:
            return []
        return [k for k, name in enumerate(self.claims) if not only or name in only]

    def missing(self, only: list[str] | None) -> list[int]:
        """Those of them that are not decided yet."""
        return [k for k in self.wanted(only) if k not in self.outcomes]

    def report(self, only: list[str] | None) -> FileReport:
        """The report on the claims that are wanted, in source order."""
        report = FileReport(self.path, self.diagnostics, failure=self.failure)
        for k in self.wanted(only):
            outcome = self.outcomes[k]
            report.claims += [outcome.verdict] if outcome.verdict is not None else []
            report.diagnostics += outcome.diagnostics
            report.failure = outcome.failure or report.failure
        return report


def load_file(path: str) -> tuple[FileWork, Module | None]:
    """Read and elaborate a file; no module if that failed.  Raises OSError if it cannot be read."""
    from ..elaborate.modules import load

    try:
        module = load(path)
    except OSError:
        raise
    except RecursionError:
        return FileWork(path, failure="terms nested too deep"), None
    except Exception as e:
        return FileWork(path, failure=_unexpected(e)), None
    return FileWork(path, module.origin, [c.id for c in module.claims], tuple(module.faults)), module


def decide_claim(claim: Claim, timeout: float) -> Outcome:
    """Decide one claim within so many seconds.  Whatever happens is an outcome: the others are still decided."""
    from ..proof.decide import decide
    from ..proof.judge import Contradiction
    from ..proof.limits import TimeUp, limited

    try:
        with limited(timeout) as clock:
            verdict = decide(claim)
        return Outcome(verdict, cut=clock.cut)
    except TimeUp:
        return Outcome(_timed_out(claim, timeout), cut=True)
    except SpecError as e:
        return Outcome(diagnostics=e.diagnostics)
    except Contradiction as e:
        return Outcome(failure=f"contradiction between the two judges in {claim.id}: {e}")
    except OSError:
        raise
    except Exception as e:
        return Outcome(failure=f"in {claim.id}: {_unexpected(e)}")


def decide_all(path: str, timeout: float, only: list[str] | None, known: FileWork | None = None) -> Iterator[FileWork]:
    """Decide in this process what is wanted of a file and not known yet: the same work before each claim, and at the
    end.  Raises OSError if the file cannot be read."""
    work, module = load_file(path)
    if known is not None and known.origin == work.origin and known.claims == work.claims:
        work.outcomes.update(known.outcomes)
    for k in work.missing(only):
        assert module is not None
        yield work
        work.outcomes[k] = decide_claim(module.claims[k], timeout)
    yield work


def _unexpected(e: Exception) -> str:
    if os.environ.get("LEARNLAW_DEBUG"):
        raise e
    return f"{type(e).__name__}: {e} (set LEARNLAW_DEBUG=1 for the traceback)"


def _timed_out(claim: Claim, timeout: float) -> Verdict:
    part = Component("claim", UNKNOWN, reason=f"stopped after {timeout:g} s (--timeout)")
    return Verdict(claim.id, claim.law, claim.subject, (part,), claim.expect, claim.span, reading=claim.reading)


__all__ = ["FileWork", "Outcome", "decide_all", "decide_claim", "load_file"]
