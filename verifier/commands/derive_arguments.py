"""Arguments of ``derive``."""

from __future__ import annotations

import argparse


def add(sub: argparse.ArgumentParser) -> None:
    sub.add_argument("path", metavar="FILE", help="a spec file")
    sub.add_argument(
        "learners",
        nargs="*",
        metavar="LEARNER",
        help="learners, networks or layers, such as N or 'Layer(n0, n1, c0)'; all of the file if not given",
    )
    sub.add_argument(
        "--size",
        type=_sizes,
        metavar="n=2,m=3",
        help="at these sizes: sympy derives U and R component by component and compares",
    )
    sub.add_argument(
        "--format", choices=("text", "latex", "python"), default="text", help="how to print (default text)"
    )
    sub.add_argument(
        "--python", dest="format", action="store_const", const="python", help="NumPy functions: --format python"
    )
    for kind, what in (
        ("latex", "a LaTeX file"),
        ("pdf", "a PDF, by latexmk"),
        ("html", "a page that needs nothing beside itself"),
        ("markdown", "a Markdown file"),
    ):
        sub.add_argument(f"--{kind}", metavar="FILE", help=f"a document with every step, as {what}")
    sub.add_argument(
        "--annotated",
        action="store_true",
        help="a document along a source: what the comments quote on the left, the claims on the right",
    )
    sub.add_argument(
        "--notation",
        choices=("matrix", "index"),
        default="matrix",
        help="results of documents in matrix notation where they allow it (default), or with indices",
    )


def _sizes(text: str) -> dict[str, int]:
    sizes: dict[str, int] = {}
    for part in text.split(","):
        name, sign, number = (p.strip() for p in part.partition("="))
        if not (sign and name and number.isascii() and number.isdigit() and len(number) < 6 and int(number) > 0):
            raise argparse.ArgumentTypeError(f"{part.strip() or text!r} is not of the form name=number, number >= 1")
        if name in sizes:
            raise argparse.ArgumentTypeError(f"{name} is given twice")
        sizes[name] = int(number)
    return sizes
