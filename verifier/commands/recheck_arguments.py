"""Arguments of ``recheck``."""

from __future__ import annotations

import argparse


def add(sub: argparse.ArgumentParser) -> None:
    sub.add_argument("folder", metavar="DIR|FILE", help="certificates that `check --certificates DIR` wrote")
    sub.add_argument("-v", "--verbose", action="store_true", help="print what was checked, in mathematics")
