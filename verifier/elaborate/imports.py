"""Where the modules of a spec are: ``std.layers`` comes with the package, ``models.mlp`` is ``models/mlp.learn`` below
the root, the folder of the file that was asked for.  Nothing outside is read.

A report that was kept asks here too, so this knows files and nothing else.
"""

from __future__ import annotations

import re
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple


def standard_library() -> Path:
    """The folder of the ``std`` modules: package data when installed, ``specs/std`` in a checkout."""
    inside = Path(__file__).resolve().parents[1] / "_specs"
    return inside if inside.is_dir() else Path(__file__).resolve().parents[2] / "specs" / "std"


def declaring(name: str) -> str:
    """The standard module that declares a name, such as ``std.layers``; empty if none does."""
    declared = re.compile(rf"^(?:learner|layer|network|error|function) {re.escape(name)}\b", re.MULTILINE)
    for file in sorted(standard_library().glob("*.learn")):
        if declared.search(file.read_text(encoding="utf-8")):
            return f"std.{file.stem}"
    return ""


def root_of(path: str) -> Path:
    """The root of the imports of a file."""
    return Path(path).resolve().parent


class Place(NamedTuple):
    """Where a module should be: the folder that it must not leave, and the file."""

    root: Path
    file: Path

    def resolved(self) -> Path:
        """The file itself, behind all links.  Raises OSError if there is none; it may lie outside the root."""
        return self.file.resolve(strict=True)


def place_of(module: str, root: Path) -> Place:
    """The place of a module that a file below ``root`` imports."""
    parts = module.split(".")
    standard = parts[0] == "std"
    folder, inside = (standard_library(), parts[1:]) if standard else (root, parts)
    return Place(folder, folder.joinpath(*inside).with_suffix(".learn") if inside else folder)


class Source(NamedTuple):
    """What was read of a module: its name, its file as seen from its root, and the digest of its text."""

    module: str
    file: str
    digest: str

    @staticmethod
    def of(module: str, place: Place, resolved: Path, digest: str) -> Source:
        """The row of a module that was read.  Raises ValueError if it lies outside its root."""
        return Source(module, resolved.relative_to(place.root.resolve()).as_posix(), digest)


def digest(text: str) -> str:
    """SHA-256 of a text, in hexadecimal."""
    return sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


__all__ = ["Place", "Source", "digest", "place_of", "root_of", "standard_library"]
