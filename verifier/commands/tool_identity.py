"""What a verdict depends on besides its spec: this tool's own text, Python and the libraries it computes with."""

from __future__ import annotations

import os
import sys
from functools import cache
from hashlib import sha256
from pathlib import Path

LIBRARIES = ("lark", "sympy", "mpmath", "networkx", "python_flint")
PACKAGE = Path(__file__).resolve().parents[1]


@cache
def tool_identity() -> str:
    """A digest that changes whenever a source file of the tool, the grammar, Python or a library does.

    Raises OSError if the sources cannot be read, as in an archive: then nothing can be kept.
    """
    found = sha256(repr((sys.version, sys.flags.optimize, _installed())).encode())
    for folder in (PACKAGE, PACKAGE.parent / "grammar"):
        for path in sorted(_files(str(folder))):
            with open(path, "rb") as file:
                data = file.read()
            found.update(f"{os.path.relpath(path, folder)} {len(data)}\n".encode() + data)
    return found.hexdigest()


def _files(folder: str) -> list[str]:
    """The sources and tables of a folder; standard specs are no part of the tool, for files name what they import."""
    if folder == str(PACKAGE) and not os.path.isdir(folder):
        raise NotADirectoryError(20, "the tool's sources are not in a folder", folder)
    paths = []
    for here, inside, names in os.walk(folder):
        inside[:] = [d for d in inside if d not in ("__pycache__", "_specs")]
        paths += [os.path.join(here, n) for n in names if n.endswith((".py", ".json", ".lark"))]
    return paths


def _installed() -> list[str]:
    """Names and versions of the libraries, as the folders beside them say; `importlib.metadata` is slow to import."""
    rows = []
    for folder in sys.path:
        try:
            names = os.listdir(folder or ".")
        except OSError:
            continue
        rows += sorted(n for n in names if n.lower().startswith(LIBRARIES) and n.endswith((".dist-info", ".egg-info")))
    return rows


__all__ = ["tool_identity"]
