"""Arguments of ``derive``."""

from __future__ import annotations

import argparse


def add(sub: argparse.ArgumentParser) -> None:
    sub.add_argument("path", metavar="FILE", help="a spec file")
    sub.add_argument(
        "learner", nargs="?", metavar="LEARNER", help="a learner or network, such as N or 'Layer(n0, n1, c0)'"
    )
    sub.add_argument(
        "--size", metavar="n=2,m=3", help="at these sizes: sympy derives U and R component by component and compares"
    )
    sub.add_argument("--format", choices=("text", "latex"), default="text", help="how to print (default text)")
