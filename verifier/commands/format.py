"""``learnlaw format``: lay out spec files, in place."""

from __future__ import annotations

import argparse
import sys

from ..diagnostics import SpecError
from ..export.text_report import diagnostic
from ..language.layout import formatted
from ..language.source import line_ends, read
from .files import spec_files
from .rewriting import difference, rewrite


def run(arguments: argparse.Namespace) -> int:
    """Lay out all files; the worst exit code of any."""
    try:
        paths = spec_files(arguments.paths)
    except OSError as e:
        print(f"learnlaw: {e.filename or ''}: {e.strerror or e}", file=sys.stderr)
        return 1
    codes = {_one(path, arguments.check, arguments.diff) for path in paths}
    return next(code for code in (2, 4, 1, 0) if code in codes)


def _one(path: str, check: bool, diff: bool) -> int:
    try:
        before = sys.stdin.buffer.read().decode("utf-8-sig") if path == "-" else read(path)
        after = formatted(before, path)
        even = line_ends(before) == after
        if diff and not even:
            sys.stdout.write(difference(path, before, after))
        if path == "-" and not (check or diff):
            sys.stdout.write(after)
        elif not even and not (check or diff):
            rewrite(path, before, after)
            print(f"laid out {path}", file=sys.stderr)
        elif not even:
            print(f"not laid out: {path}", file=sys.stderr)
        return 4 if check and not even else 0
    except OSError as e:
        print(f"learnlaw: {path}: {e.strerror or e}", file=sys.stderr)
        return 1
    except UnicodeDecodeError:
        print(f"learnlaw: {path}: no UTF-8 text", file=sys.stderr)
        return 1
    except SpecError as e:
        for d in e.diagnostics:
            print(*diagnostic(d), sep="\n", file=sys.stderr)
        return 2
