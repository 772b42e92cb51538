"""Arguments of ``audit``."""

from __future__ import annotations

import argparse

from .check_arguments import seconds


def add(sub: argparse.ArgumentParser) -> None:
    sub.add_argument("path", metavar="FILE", help="a spec file")
    sub.add_argument("--format", choices=("text", "json"), default="text", help="how to print (default text)")
    sub.add_argument("--timeout", type=seconds, default=60.0, metavar="SECONDS", help="per claim (default 60)")
