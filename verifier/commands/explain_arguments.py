"""Arguments of ``explain``."""

from __future__ import annotations

import argparse


def add(sub: argparse.ArgumentParser) -> None:
    sub.add_argument("code", nargs="?", metavar="CODE", help="a diagnostic code such as E102; without it, the list")
