"""Files that commands find and write."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path


def spec_files(paths: list[str]) -> Iterator[str]:
    """Files as given; folders as the ``*.learn`` files below them, in order of name.  Raises OSError."""
    for p in paths:
        if Path(p).is_dir():
            found = sorted(str(f) for f in Path(p).rglob("*.learn"))
            if not found:
                raise FileNotFoundError(2, "no *.learn file in this folder", p)
            yield from found
        else:
            yield p


def write_whole(path: Path, text: str) -> None:
    """Write a file completely or not at all."""
    temporary = path.with_name(path.name + ".part")
    temporary.write_text(text, encoding="utf-8")
    temporary.replace(path)
