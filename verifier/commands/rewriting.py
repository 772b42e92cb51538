"""Specs that commands change in place."""

from __future__ import annotations

import os
import shutil
import tempfile
from difflib import unified_diff
from pathlib import Path

from ..language.source import read


def rewrite(path: str, before: str, after: str) -> None:
    """Put another text in the place of the one that a spec had when it was read, completely or not at all.

    Links, permissions and the kind of line ends stay.  Raises OSError, also if the file has changed meanwhile.
    """
    place = Path(path).resolve()
    if before.partition("\n")[0].endswith("\r"):
        after = after.replace("\n", "\r\n")
    handle, part = tempfile.mkstemp(prefix=f".{place.name}.", suffix=".part", dir=place.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(after.encode("utf-8"))
            file.flush()
            os.fsync(file.fileno())
        shutil.copymode(place, part)
        if read(path) != before:
            raise OSError(0, "it changed meanwhile; nothing was written")
        os.replace(part, place)
    except BaseException:
        Path(part).unlink(missing_ok=True)
        raise


def difference(path: str, before: str, after: str) -> str:
    """What changes, as a patch."""
    lines = (t.replace("\r\n", "\n").splitlines(keepends=True) for t in (before, after))
    return "".join(
        line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n"
        for line in unified_diff(*lines, f"a/{path.lstrip('/')}", f"b/{path.lstrip('/')}")
    )


__all__ = ["difference", "rewrite"]
