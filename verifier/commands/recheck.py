"""``learnlaw recheck``: certificates are checked again, from nothing but their text."""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

from ..checker.document import Checked, check
from ..checker.ring import Reject


def run(arguments: argparse.Namespace) -> int:
    """Check every certificate of a folder; 0 if all are accepted, 4 if one is not."""
    folder = Path(arguments.folder)
    paths = sorted(folder.glob("*.json")) if folder.is_dir() else [folder]
    if not paths or not all(p.is_file() for p in paths):
        print(f"learnlaw: {folder}: no certificate", file=sys.stderr)
        return 1
    start = time.perf_counter()
    accepted: dict[str, Checked] = {}
    rejected: dict[str, str] = {}
    for path in paths:
        try:
            accepted[path.stem] = check(path.read_text(encoding="utf-8"))
        except UnicodeDecodeError:
            rejected[path.stem] = "not a text in UTF-8"
        except Reject as e:
            rejected[path.stem] = str(e)
        except OSError as e:
            print(f"learnlaw: {path}: {e.strerror or e}", file=sys.stderr)
            return 1
    _unsupported(accepted, rejected)
    for name in (p.stem for p in paths):
        if name in rejected:
            print(f"REJECTED {name}: {rejected[name]}")
        else:
            _show(name, accepted[name], arguments.verbose)
    conditional = sum(bool(c.conditions) for c in accepted.values())
    proved = sum(c.verdict == "proved" for c in accepted.values())
    print(
        f"{len(accepted)} accepted ({proved} proved, {len(accepted) - proved} refuted; "
        f"{conditional} under conditions), {len(rejected)} rejected, in {time.perf_counter() - start:.2f} s"
    )
    return 4 if rejected else 0


def _unsupported(accepted: dict[str, Checked], rejected: dict[str, str]) -> None:
    """What depends on a certificate that is not there, or was not accepted, is not accepted."""
    while True:
        known = {c.hash for c in accepted.values()}
        lost = [name for name, c in accepted.items() if not set(c.depends) <= known]
        if not lost:
            return
        for name in lost:
            del accepted[name]
            rejected[name] = "it depends on a certificate that is not there, or not accepted"


def _show(name: str, c: Checked, verbose: bool) -> None:
    under = f", assuming {'; '.join(c.conditions)}" if c.conditions else ""
    print(f"{c.verdict} {name}{under}")
    if verbose:
        for row in (*c.echo(), *c.goals):
            print(f"    {row}")
        for row in c.functions:
            print(f"    assumed of {row}")
