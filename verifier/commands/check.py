"""``learnlaw check``: decide the claims of spec files."""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from .. import __version__
from ..diagnostics import SpecError
from ..export.formats import rendered
from ..export.report import FileReport, Report
from ..proof.limits import TimeUp, limited
from ..proof.verdict import UNKNOWN, Component, Verdict
from .files import write_whole


def run(arguments: argparse.Namespace) -> int:
    """Check all files, print one report, return the exit code."""
    try:
        paths = list(spec_files(arguments.paths))
    except OSError as e:
        print(f"learnlaw: {e.filename or ''}: {e.strerror or e}", file=sys.stderr)
        return 1
    start = time.perf_counter()
    report = Report(f"learnlaw {__version__}")
    progress = Progress(arguments.format == "text" and sys.stderr.isatty())
    missing = False
    for path in paths:
        try:
            report.files.append(check_file(path, arguments.timeout, arguments.only, progress))
        except OSError as e:
            print(f"learnlaw: {path}: {e.strerror or e}", file=sys.stderr)
            missing = True
    progress.clear()
    report.seconds = time.perf_counter() - start
    for name, path in arguments.output:
        try:
            write_whole(Path(path), rendered(report, name or arguments.format, arguments.verbose))
        except OSError as e:
            print(f"learnlaw: {path}: {e.strerror or e}", file=sys.stderr)
            return 1
    if all(name for name, _ in arguments.output):
        color = sys.stdout.isatty() and not os.environ.get("NO_COLOR")
        sys.stdout.write(rendered(report, arguments.format, arguments.verbose, color))
    code = report.exit_code
    return 1 if missing and code == 0 else code


def spec_files(paths: list[str]) -> Iterator[str]:
    """Files as given; folders as the ``*.learn`` files below them, in order of name."""
    for p in paths:
        if Path(p).is_dir():
            found = sorted(str(f) for f in Path(p).rglob("*.learn"))
            if not found:
                raise FileNotFoundError(2, "no *.learn file in this folder", p)
            yield from found
        else:
            yield p


def check_file(path: str, timeout: float, only: list[str] | None, progress: Progress) -> FileReport:
    """The report on one file.  Raises OSError if it cannot be read."""
    from ..elaborate.modules import load
    from ..proof.decide import decide
    from ..proof.judge import Contradiction

    try:
        module = load(path)
        report = FileReport(path, tuple(module.faults))
        for k, claim in enumerate(module.claims if not module.faults else ()):
            if only and claim.id not in only:
                continue
            progress.show(f"{path}: claim {k + 1} of {len(module.claims)}: {claim.id}")
            try:
                with limited(timeout):
                    report.claims.append(decide(claim))
            except TimeUp:
                report.claims.append(_timed_out(claim, timeout))
            except SpecError as e:
                report.diagnostics += e.diagnostics
            except Contradiction as e:
                report.failure = f"contradiction between the two judges in {claim.id}: {e}"
            except (OSError, KeyboardInterrupt):
                raise
            except Exception as e:  # of one claim: the others are still decided
                if os.environ.get("LEARNLAW_DEBUG"):
                    raise
                report.failure = f"in {claim.id}: {type(e).__name__}: {e} (set LEARNLAW_DEBUG=1 for the traceback)"
    except (OSError, KeyboardInterrupt):
        raise
    except RecursionError:
        return FileReport(path, failure="terms nested too deep")
    except Exception as e:
        if os.environ.get("LEARNLAW_DEBUG"):
            raise
        return FileReport(path, failure=f"{type(e).__name__}: {e} (set LEARNLAW_DEBUG=1 for the traceback)")
    return report


def _timed_out(claim, timeout: float) -> Verdict:  # type: ignore[no-untyped-def]
    reason = f"stopped after {timeout:g} s (--timeout)"
    part = Component("claim", UNKNOWN, reason=reason)
    return Verdict(claim.id, claim.law, claim.subject, (part,), claim.expect, claim.span, reading=claim.reading)


class Progress:
    """One line on a terminal, once a run takes more than a second."""

    def __init__(self, enabled: bool) -> None:
        self.enabled, self.start, self.shown = enabled, time.perf_counter(), False

    def show(self, text: str) -> None:
        if self.enabled and time.perf_counter() - self.start > 1:
            sys.stderr.write(f"\r\x1b[K{text[:100]}")
            sys.stderr.flush()
            self.shown = True

    def clear(self) -> None:
        if self.shown:
            sys.stderr.write("\r\x1b[K")
