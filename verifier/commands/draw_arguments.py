"""Arguments of ``draw``."""

from __future__ import annotations

import argparse

KINDS = ("graph", "cuts", "squares", "forks")


def add(sub: argparse.ArgumentParser) -> None:
    sub.add_argument("path", metavar="FILE", help="a spec file")
    sub.add_argument(
        "network", nargs="?", metavar="NETWORK", help="a graph, a network or a chain such as 'F ; G' (default: all)"
    )
    sub.add_argument(
        "--of",
        type=_kinds,
        default=("graph", "cuts", "squares"),
        metavar="KIND,...",
        help=f"what to draw, among {', '.join(KINDS)} (default graph,cuts,squares)",
    )
    sub.add_argument("--format", choices=("text", "dot", "svg"), default="text", help="how to draw (default text)")
    sub.add_argument("-o", "--output", metavar="FILE", help="write there instead of printing")


def _kinds(text: str) -> tuple[str, ...]:
    kinds = tuple(part.strip() for part in text.split(","))
    unknown = [k for k in kinds if k not in KINDS]
    if unknown:
        raise argparse.ArgumentTypeError(f"no drawing of {unknown[0]!r}; there are {', '.join(KINDS)}")
    return kinds
