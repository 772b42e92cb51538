"""Arguments of ``fix``."""

from __future__ import annotations

import argparse

from .check_arguments import seconds


def add(sub: argparse.ArgumentParser) -> None:
    sub.add_argument("paths", nargs="+", metavar="FILE|DIR", help="spec files, or folders of them (*.learn)")
    sub.add_argument("--diff", action="store_true", help="write nothing; print the corrections as a patch")
    sub.add_argument("--only", metavar="NAME", action="append", help="only the claims with this name")
    sub.add_argument("--timeout", type=seconds, default=60.0, metavar="SECONDS", help="per claim (default 60)")
