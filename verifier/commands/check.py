"""``learnlaw check``: decide the claims of spec files."""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from .. import __version__
from ..diagnostics import SpecError
from ..export.formats import rendered
from ..export.report import FileReport, Report
from .deciding import FileWork, decide_all
from .files import spec_files, write_whole

if TYPE_CHECKING:
    from .cache import Cache
    from .certificates import Certificates


def run(arguments: argparse.Namespace) -> int:
    """Check all files, print one report, return the exit code; with ``--watch`` again and again."""
    if arguments.watch:
        from .watch import watched

        return watched(arguments, _once)
    return _once(arguments)


def _once(arguments: argparse.Namespace) -> int:
    try:
        paths = spec_files(arguments.paths)
    except OSError as e:
        print(f"learnlaw: {e.filename or ''}: {e.strerror or e}", file=sys.stderr)
        return 1
    start = time.perf_counter()
    report = Report(f"learnlaw {__version__}")
    progress = Progress(arguments.format == "text" and sys.stderr.isatty())
    cache = _cache(arguments)
    try:
        certificates = _certificates(arguments)
    except OSError as e:
        print(f"learnlaw: {arguments.certificates}: {e.strerror or e}", file=sys.stderr)
        return 1
    missing, named = False, set[str]()
    for path, work in zip(paths, _works(paths, arguments, progress, cache), strict=True):
        if isinstance(work, OSError):
            progress.clear()
            print(f"learnlaw: {path}: {work.strerror or work}", file=sys.stderr)
            missing = True
        else:
            report.files.append(work.report(arguments.only))
            named.update(work.claims)
            if certificates is not None:
                certificates.of_file(work, arguments.only, arguments.timeout)
    progress.clear()
    unmatched = [] if missing or report.exit_code == 2 else sorted(set(arguments.only or ()) - named)
    for name in unmatched:
        print(f"learnlaw: --only {name}: no claim has this name", file=sys.stderr)
    if certificates is not None:
        print(certificates.summary(), file=sys.stderr)
    report.seconds, report.cached = time.perf_counter() - start, progress.cached
    if cache is not None:
        cache.trim()
        if cache.warning:
            print(f"learnlaw: {cache.warning}", file=sys.stderr)
    if "sarif" in (arguments.format, *(name for name, _ in arguments.output)):
        _correct(report, arguments.timeout)
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
    return 1 if (missing or unmatched) and code == 0 else code


def check_file(path: str, timeout: float, only: list[str] | None, progress: Progress) -> FileReport:
    """The report on one file, decided here and now.  Raises OSError if it cannot be read."""
    return _decided(path, timeout, only, progress, None).report(only)


def _correct(report: Report, timeout: float) -> None:
    """Prove the corrections that are advised, in the files as they stand: a finding comes with its fix."""
    for f in report.files:
        if any(c.advice.correction for v in f.claims if not v.met for c in v.components):
            from ..language.source import read
            from ..proof.corrections import corrected
            from .deciding import decide_claim

            try:
                _, f.corrections = corrected(read(f.path), f.path, f.claims, lambda c: decide_claim(c, timeout).verdict)
            except (OSError, SpecError):  # it changed meanwhile
                continue


def _cache(arguments: argparse.Namespace) -> Cache | None:
    folder = None if arguments.no_cache else arguments.cache or os.environ.get("LEARNLAW_CACHE")
    if not folder:
        return None
    from .cache import Cache

    return Cache(folder)


def _certificates(arguments: argparse.Namespace) -> Certificates | None:
    if not arguments.certificates:
        return None
    from .certificates import Certificates

    return Certificates(arguments.certificates)


def _works(
    paths: list[str], arguments: argparse.Namespace, progress: Progress, cache: Cache | None
) -> Iterator[FileWork | OSError]:
    """What became of each file, in order, or why it cannot be read."""
    known = [cache.lookup(path) if cache else None for path in paths]
    left = [(p, w) for p, w in zip(paths, known, strict=True) if w is None or w.missing(arguments.only)]
    works = _decided_all(left, arguments, progress)
    for work in known:
        if work is not None:
            progress.cached += sum(k in work.outcomes for k in work.wanted(arguments.only))
            if not work.missing(arguments.only):
                yield work
                continue
        found = next(works)
        if cache and not isinstance(found, OSError):
            cache.store(found)
        yield found


def _decided_all(
    left: list[tuple[str, FileWork | None]], arguments: argparse.Namespace, progress: Progress
) -> Iterator[FileWork | OSError]:
    """What becomes of each of some files, in order, decided here or by several processes."""
    if arguments.jobs > 1 and left:
        from .jobs import Jobs

        yield from Jobs(left, arguments.jobs, arguments.timeout, arguments.only).works(progress.show)
        return
    for path, known in left:
        try:
            yield _decided(path, arguments.timeout, arguments.only, progress, known)
        except OSError as e:
            yield e


def _decided(path: str, timeout: float, only: list[str] | None, progress: Progress, known: FileWork | None) -> FileWork:
    work = FileWork(path)
    for work in decide_all(path, timeout, only, known):
        for k in work.missing(only)[:1]:
            progress.show(f"{path}: claim {k + 1} of {len(work.claims)}: {work.claims[k]}")
    return work


class Progress:
    """One line on a terminal, once a run takes more than a second; and how many claims an earlier run had decided."""

    def __init__(self, enabled: bool) -> None:
        self.enabled, self.start, self.shown, self.cached = enabled, time.perf_counter(), False, 0

    def show(self, text: str) -> None:
        if self.enabled and time.perf_counter() - self.start > 1:
            sys.stderr.write(f"\r\x1b[K{text[:100]}")
            sys.stderr.flush()
            self.shown = True

    def clear(self) -> None:
        if self.shown:
            sys.stderr.write("\r\x1b[K")
