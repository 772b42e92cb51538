"""Arguments of ``laws``."""

from __future__ import annotations

import argparse


def add(sub: argparse.ArgumentParser) -> None:
    sub.add_argument("path", metavar="FILE", help="a spec file")
    sub.add_argument(
        "learner", nargs="?", metavar="LEARNER", help="a learner or network, such as N or 'Layer(n0, n1, c0)'"
    )
    sub.add_argument("--format", choices=("text", "json"), default="text", help="how to report (default text)")
