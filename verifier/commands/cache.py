"""Verdicts of earlier runs, kept in a folder: a spec that did not change costs no more than reading it.

A file is kept under the digest of its text, its path as given and the tool itself; what it imports is compared when it
is asked for.  An entry is one JSON file with a checksum, written whole or not at all; what is wrong with it in any
way is not there.  The folder is believed as the tool is, so it must be one that nobody else can write to.  Only clean
outcomes are kept: no faults, no failures, nothing that time cut short.
"""

from __future__ import annotations

import json
import os
import stat
import time
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from typing import Any

from ..diagnostics import SpecError
from ..elaborate.imports import Source, digest, place_of, root_of
from ..language.source import read
from ..proof.stored import Malformed, decoded, encoded
from ..proof.verdict import Verdict
from .deciding import FileWork, Outcome
from .tool_identity import tool_identity

SCHEMA = 1
MOST_BYTES = 64 << 20  # of all entries together
LARGEST = 16 << 20  # of one
STALE = 3600.0  # seconds after which a file that was never finished is swept away
NAME, PART = ".verdicts.json", ".part"
HEAD, SUM = b'{"sha256":"', 64
BODY = b'","entry":'


class Cache:
    """A folder of entries.  It never raises: what cannot be read is not there, what cannot be written is not kept,
    and ``warning`` then says why."""

    def __init__(self, folder: str) -> None:
        self.folder, self.warning, self.stored = Path(folder), "", False
        self.usable = self._open()

    def _open(self) -> bool:
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            found = self.folder.stat()
            if not stat.S_ISDIR(found.st_mode):
                raise NotADirectoryError(20, "not a folder")
            if hasattr(os, "getuid") and (found.st_uid not in (os.getuid(), 0) or found.st_mode & 0o022):
                self.warning = f"cache {self.folder} is not used: others can write to it"
                return False
            tool_identity()
        except OSError as e:
            self.warning = f"cache {self.folder} is not used: {e.strerror or e}"
            return False
        return True

    # ---- reading

    def lookup(self, path: str) -> FileWork | None:
        """What is known of a file as it stands now, all of it or a part; None if nothing is."""
        if not self.usable:
            return None
        try:
            origin = [Source("", Path(path).resolve().name, digest(read(path)))]
            entry = self._path(path, origin[0])
            data = json.loads(_checked(_content(entry)))
            work = _work(data, path, origin[0])
            if [origin[0], *(_now(s.module, path) for s in work.origin[1:])] != work.origin:
                return None
        except (OSError, ValueError, RecursionError, SpecError):
            return None
        with suppress(OSError):  # in a folder that is only read, entries do not grow young again
            os.utime(entry)
        return work

    def _path(self, path: str, source: Source) -> Path:
        key = json.dumps([SCHEMA, tool_identity(), path, source])
        return self.folder / f"{sha256(key.encode('utf-8', 'surrogatepass')).hexdigest()}{NAME}"

    # ---- writing

    def store(self, work: FileWork) -> None:
        """Keep the clean outcomes of a file."""
        kept = {
            k: encoded(o.verdict)
            for k, o in work.outcomes.items()
            if o.verdict is not None and not (o.cut or o.diagnostics or o.failure)
        }
        if not self.usable or not kept or work.diagnostics or work.failure:
            return
        entry = {
            "path": work.path,
            "origin": work.origin,
            "claims": work.claims,
            "verdicts": [kept.get(k) for k in range(len(work.claims))],
        }
        try:
            body = json.dumps(entry, separators=(",", ":"), allow_nan=False).encode()
            if len(body) < LARGEST:
                self._write(self._path(work.path, work.origin[0]), _sealed(body))
                self.stored = True
        except OSError as e:
            self.warning = f"cache {self.folder} is not written to: {e.strerror or e}"

    def _write(self, target: Path, data: bytes) -> None:
        """A file of its own first, in the same folder, then in one step in its place."""
        part = self.folder / f"{target.name}.{os.getpid()}.{time.monotonic_ns():x}{PART}"
        try:
            with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
                file.write(data)
            part.replace(target)
        except BaseException:
            part.unlink(missing_ok=True)
            raise

    def trim(self) -> None:
        """Keep the folder in bounds: what was not used for longest goes first, and what was never finished."""
        if not (self.usable and self.stored):
            return
        rows, now = [], time.time()
        try:
            with os.scandir(self.folder) as entries:
                for e in entries:
                    if e.name.endswith((NAME, PART)) and NAME in e.name and e.is_file(follow_symlinks=False):
                        found = e.stat(follow_symlinks=False)
                        rows.append((found.st_mtime, found.st_size, e.name))
            room = MOST_BYTES
            for used, size, name in sorted(rows, reverse=True):
                unfinished = name.endswith(PART)
                room -= 0 if unfinished else size
                if (unfinished and now - used > STALE) or (not unfinished and room < 0):
                    (self.folder / name).unlink(missing_ok=True)
        except OSError as e:
            self.warning = f"cache {self.folder} is not trimmed: {e.strerror or e}"


def _content(path: Path) -> bytes:
    """The bytes of an entry, which is a file, and no link, pipe or device.  Raises OSError or ValueError."""
    flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    with os.fdopen(os.open(path, flags), "rb") as file:
        if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            raise Malformed("no file")
        data = file.read(LARGEST + 1)
    if len(data) > LARGEST:
        raise Malformed("too large")
    return data


def _sealed(body: bytes) -> bytes:
    return HEAD + sha256(body).hexdigest().encode() + BODY + body + b"}\n"


def _checked(data: bytes) -> bytes:
    """The body of an entry whose checksum is right."""
    start = len(HEAD) + SUM + len(BODY)
    if data != _sealed(data[start:-2]):
        raise Malformed("checksum")
    return data[start:-2]


def _work(data: Any, path: str, source: Source) -> FileWork:
    """An entry, held against the file that it should be about."""
    if not isinstance(data, dict) or set(data) != {"path", "origin", "claims", "verdicts"}:
        raise Malformed("fields")
    claims, verdicts = data["claims"], data["verdicts"]
    if not _texts(claims) or not isinstance(verdicts, list) or len(claims) != len(verdicts):
        raise Malformed("claims")
    if not isinstance(data["origin"], list) or not all(_texts(s) and len(s) == 3 for s in data["origin"]):
        raise Malformed("origin")
    work = FileWork(path, [Source(*s) for s in data["origin"]], claims)
    if data["path"] != path or work.origin[:1] != [source]:
        raise Malformed("an entry of another file")
    for k, (name, row) in enumerate(zip(claims, verdicts, strict=True)):
        if row is not None:
            work.outcomes[k] = Outcome(decoded(Verdict, row))
            if work.outcomes[k].verdict.id != name:  # type: ignore[union-attr]
                raise Malformed("a verdict of another claim")
    return work


def _texts(data: object) -> bool:
    return isinstance(data, list) and all(isinstance(x, str) for x in data)


def _now(module: str, path: str) -> Source:
    """What an import is now.  Raises OSError, ValueError or SpecError if it is not what it was."""
    place = place_of(module, root_of(path))
    resolved = place.resolved()
    return Source.of(module, place, resolved, digest(read(str(resolved))))


__all__ = ["Cache"]
