"""The claims of one file, decided one by one, wherever that is done: here, in a worker, or in an earlier run."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
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

    def take(self, known: FileWork | None) -> None:
        """Take over what an earlier run knows of this very file."""
        if known is not None and known.origin == self.origin and known.claims == self.claims:
            self.outcomes.update(known.outcomes)

    def report(self, only: list[str] | None) -> FileReport:
        """The report on the claims that are wanted, in source order."""
        report = FileReport(self.path, self.diagnostics, failure=self.failure)
        for k in self.wanted(only):
            outcome = self.outcomes[k]
            report.claims += [outcome.verdict] if outcome.verdict is not None else []
            report.diagnostics += outcome.diagnostics
            report.failure = outcome.failure or report.failure
        return report


@dataclass
class Decider:
    """A file that is loaded, and decides its claims in any order."""

    work: FileWork
    module: Module | None = None  # none if it could not be elaborated
    cut: bool = False

    @staticmethod
    def of(path: str) -> Decider:
        """Read and elaborate a file.  Raises OSError if it cannot be read."""
        from ..elaborate.modules import load

        try:
            module = load(path)
        except OSError:
            raise
        except RecursionError:
            return Decider(FileWork(path, failure="terms nested too deep"))
        except Exception as e:
            return Decider(FileWork(path, failure=_unexpected(e)))
        return Decider(FileWork(path, module.origin, [c.id for c in module.claims], tuple(module.faults)), module)

    def undecided(self) -> list[Verdict]:
        """For each claim what is said of it before anything is known."""
        return [_undecided(c) for c in self.module.claims] if self.module is not None else []

    def decide(self, k: int, timeout: float) -> Outcome:
        """Decide a claim.  What follows one that time cut short may rest on it: it is not kept either."""
        assert self.module is not None
        outcome = decide_claim(self.module.claims[k], timeout)
        self.cut |= outcome.cut
        return replace(outcome, cut=self.cut)


def decide_claim(claim: Claim, timeout: float) -> Outcome:
    """Decide one claim within so many seconds.  Whatever happens is an outcome: the others are still decided."""
    from ..proof.decide import decide
    from ..proof.judge import Contradiction
    from ..proof.limits import MEMORY, TimeUp, bounded, limited

    try:
        with bounded(MEMORY), limited(timeout) as clock:
            verdict = decide(claim)
        return Outcome(verdict, cut=clock.cut)
    except TimeUp:
        return timed_out(_undecided(claim), timeout)
    except MemoryError:
        return Outcome(with_reason(_undecided(claim), f"stopped at {MEMORY >> 30} GB of memory"), cut=True)
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
    decider = Decider.of(path)
    work = decider.work
    work.take(known)
    for k in work.missing(only):
        yield work
        work.outcomes[k] = decider.decide(k, timeout)
    yield work


def timed_out(claim: Verdict, timeout: float) -> Outcome:
    """What is said of a claim that its time ended."""
    return Outcome(with_reason(claim, f"stopped after {timeout:g} s (--timeout)"), cut=True)


def with_reason(claim: Verdict, reason: str) -> Verdict:
    """A claim that is unknown, and why."""
    return replace(claim, components=(Component("claim", UNKNOWN, reason=reason),))


def _undecided(claim: Claim) -> Verdict:
    return Verdict(claim.id, claim.law, claim.subject, (), claim.expect, claim.span, reading=claim.reading)


def _unexpected(e: Exception) -> str:
    if os.environ.get("LEARNLAW_DEBUG"):
        raise e
    return f"{type(e).__name__}: {e} (set LEARNLAW_DEBUG=1 for the traceback)"


__all__ = ["Decider", "FileWork", "Outcome", "decide_all", "decide_claim", "timed_out", "with_reason"]
