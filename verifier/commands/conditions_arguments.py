"""Arguments of ``conditions``."""

from __future__ import annotations

import argparse


def add(sub: argparse.ArgumentParser) -> None:
    sub.add_argument("path", metavar="FILE", help="a spec file")
    sub.add_argument("learner", nargs="?", metavar="NETWORK", help="a network of opaque learners, such as 'F ; G'")
