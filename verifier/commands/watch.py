"""``learnlaw check --watch``: check again whenever a spec changes.  What did not change comes from a cache."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

PAUSE = 150  # milliseconds without a change that end a burst of them, as when an editor saves


def watched(arguments: argparse.Namespace, check: Callable[[argparse.Namespace], int]) -> int:
    """Check until interrupted; the exit code of the last check, or 1 if nothing can be watched."""
    try:
        from watchfiles import watch
    except ImportError:
        print("learnlaw: --watch needs watchfiles: pip install 'learnlaw[watch]'", file=sys.stderr)
        return 1
    folders = {str(p if (p := Path(given).resolve()).is_dir() else p.parent) for given in arguments.paths}
    with TemporaryDirectory(prefix="learnlaw-") as folder:
        arguments.cache = arguments.cache or folder
        code = None
        # It watches before the first check starts, or what changes meanwhile is missed: at first it yields nothing.
        changing = watch(*sorted(folders), watch_filter=_spec, step=PAUSE, rust_timeout=PAUSE, yield_on_timeout=True)
        try:
            for changes in changing:
                if code is not None and not changes:
                    continue
                if changes:
                    print(f"\n-- {', '.join(sorted({Path(path).name for _, path in changes}))}", file=sys.stderr)
                code = check(arguments)
                sys.stdout.flush()
        except KeyboardInterrupt:
            print(file=sys.stderr)
        except OSError as e:
            print(f"learnlaw: {e.filename or ''}: {e.strerror or e}", file=sys.stderr)
            return 1
    return code or 0


def _spec(change: object, path: str) -> bool:
    return path.endswith(".learn")
