"""``learnlaw draw``: the graph of a network, its cuts, its squares and its forks, as text, DOT or SVG."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from ..elaborate.modules import Module
from ..elaborate.selection import graph_of, graphs
from ..export.drawings import FORMATS
from ..export.layered import TooLarge
from ..sheaf.diagrams import DIAGRAMS
from .files import write_whole
from .specs import UsageError, no_network, on_spec


def run(arguments: argparse.Namespace) -> int:
    """Draw networks; 0, 1 usage, 2 a spec with faults."""
    return on_spec(arguments.path, lambda module: _draw(module, arguments))


def _draw(module: Module, arguments: argparse.Namespace) -> int:
    try:
        rows = [graph_of(module, arguments.network)] if arguments.network else graphs(module)
        if not rows:
            raise no_network(module, "draw")
        text = FORMATS[arguments.format]([DIAGRAMS[kind](g) for g in rows for kind in arguments.of])
        if arguments.output is None:
            sys.stdout.write(text)
        else:
            write_whole(Path(arguments.output), text)
        return 0
    except TooLarge as e:
        raise UsageError(f"{e} in a drawing; --format dot has no such limit") from None
