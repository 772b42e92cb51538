"""Arguments of ``check``."""

from __future__ import annotations

import argparse
import os

from ..export.formats import FORMATS


def add(sub: argparse.ArgumentParser) -> None:
    sub.add_argument("paths", nargs="+", metavar="FILE|DIR", help="spec files, or folders of them (*.learn)")
    sub.add_argument("-v", "--verbose", action="store_true", help="print every claim in full, not only surprises")
    sub.add_argument("--format", choices=FORMATS, default="text", help="how to report (default text)")
    sub.add_argument(
        "-o",
        "--output",
        metavar="[FORMAT=]FILE",
        action="append",
        default=[],
        type=_output,
        help="write a report to a file; without FORMAT= it is written there instead of to standard output",
    )
    sub.add_argument("--timeout", type=seconds, default=60.0, metavar="SECONDS", help="per claim (default 60)")
    sub.add_argument(
        "--certificates", metavar="DIR", help="write a certificate of every proved or refuted claim, for `recheck`"
    )
    sub.add_argument("--only", metavar="NAME", action="append", help="only the claims with this name")
    sub.add_argument(
        "--cache",
        metavar="DIR",
        help="keep verdicts in this folder, and take those of files that did not change (also LEARNLAW_CACHE=DIR)",
    )
    sub.add_argument("--no-cache", action="store_true", help="decide everything anew, whatever LEARNLAW_CACHE says")
    sub.add_argument(
        "-j", "--jobs", type=_jobs, default=1, metavar="N|auto", help="decide in so many processes (default 1)"
    )
    sub.add_argument("--watch", action="store_true", help="check again whenever a spec changes, until interrupted")


def _jobs(text: str) -> int:
    """A number of processes; as many as run at once for ``auto``."""
    if text == "auto":
        return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    if not (text.isascii() and text.isdigit() and 1 <= int(text[:9]) <= 1000):
        raise argparse.ArgumentTypeError(f"{text} is no number of processes from 1 to 1000, and not auto")
    return int(text)


def _output(text: str) -> tuple[str, str]:
    """Format and file; no format where no word stands before the first ``=``.  Raises argparse.ArgumentTypeError."""
    name, sign, path = text.partition("=")
    if not sign or not name.isidentifier():
        name, path = "", text
    elif name not in FORMATS:
        raise argparse.ArgumentTypeError(f"no format {name}: {', '.join(FORMATS)}; a file of this name is ./{text}")
    if not path:
        raise argparse.ArgumentTypeError(f"{text}: a file name is missing")
    return name, path


def seconds(text: str) -> float:
    """A positive number of seconds.  Raises argparse.ArgumentTypeError."""
    try:
        value = float(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text} is no number of seconds") from None
    if not 0 < value < 1e6:
        raise argparse.ArgumentTypeError("a positive number of seconds is needed")
    return value
