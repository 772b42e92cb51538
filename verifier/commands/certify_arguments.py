"""Arguments of ``certify``."""

from __future__ import annotations

import argparse


def add(sub: argparse.ArgumentParser) -> None:
    sub.add_argument("path", metavar="FILE", help="a spec file")
    sub.add_argument("--coq", metavar="DIR", required=True, help="write a statement and a proof for each claim there")
    sub.add_argument("--only", metavar="NAME", action="append", help="only claims with this name (may be repeated)")
    sub.add_argument("--timeout", metavar="S", type=float, default=300.0, help="seconds for one run (default: 300)")
    sub.add_argument("--write-only", action="store_true", help="write the files and do not run coqc")
