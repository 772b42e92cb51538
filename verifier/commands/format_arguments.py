"""Arguments of ``format``."""

from __future__ import annotations

import argparse


def add(sub: argparse.ArgumentParser) -> None:
    sub.add_argument("paths", nargs="+", metavar="FILE|DIR|-", help="spec files, folders of them, or - for a filter")
    sub.add_argument("--check", action="store_true", help="write nothing; exit 4 if a file is not laid out so")
    sub.add_argument("--diff", action="store_true", help="write nothing; print what would change as a patch")
