"""Files that commands find and write."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path


def spec_files(paths: list[str]) -> list[str]:
    """Files as given; folders as the ``*.learn`` files below them, in order of name; each once.  Raises OSError."""
    return list({os.path.realpath(p): p for p in reversed([*_named(paths)])}.values())[::-1]


def _named(paths: list[str]) -> Iterator[str]:
    for p in paths:
        if Path(p).is_dir():
            found = sorted(str(f) for f in Path(p).rglob("*.learn"))
            if not found:
                raise FileNotFoundError(2, "no *.learn file in this folder", p)
            yield from found
        else:
            yield p


def write_whole(path: Path, text: str) -> None:
    """Write a file completely or not at all.  Raises OSError, of the file itself."""
    temporary = path.with_name(path.name + ".part")
    try:
        temporary.write_text(text, encoding="utf-8")
        temporary.replace(path)
    except OSError as e:
        raise OSError(e.errno, e.strerror, str(path)) from None
