"""``learnlaw explain CODE``: what a diagnostic code means."""

from __future__ import annotations

import argparse
import sys

from ..diagnostics import CODES


def run(arguments: argparse.Namespace) -> int:
    """Print the title and explanation of a code, or the list of all codes."""
    if arguments.code is None:
        for code, (title, _) in sorted(CODES.items()):
            print(f"{code}  {title}")
        return 0
    code = arguments.code.upper()
    if code not in CODES:
        print(f"learnlaw: no code {arguments.code}; `learnlaw explain` lists them", file=sys.stderr)
        return 1
    title, text = CODES[code]
    print(f"{code}: {title}\n\n{text}")
    return 0
