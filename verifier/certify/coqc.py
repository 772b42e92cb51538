"""coqc: the library, compiled once into a cache of the user, and whether a theorem is accepted, and on which axioms."""

from __future__ import annotations

import os
import re
import resource
import shutil
import subprocess
import tempfile
import time
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from pathlib import Path

LIBRARY = Path(__file__).parent.parent / "coq"
MODULES = ("Learn", "Sheaf", "Sums", "Smooth", "SumRing", "Calculus", "Certify")
"""The modules of the library, each after those that it needs."""

ALLOWED = (
    "ClassicalDedekindReals.sig_forall_dec",
    "ClassicalDedekindReals.sig_not_dec",
    "FunctionalExtensionality.functional_extensionality_dep",
    "Classical_Prop.classic",
)
"""What a theorem may rest on: the axioms of Coq's real numbers."""

MEMORY = 6 << 30  # bytes that one run of coqc may use
CHECK = "Definition checked : Statement.statement := Proof.holds.\nPrint Assumptions checked.\n"


class Unavailable(Exception):
    """That Coq cannot be asked, or does not accept, and why."""


@dataclass(frozen=True)
class Accepted:
    """A theorem that coqc accepts: the axioms that it rests on, and the seconds that it took."""

    axioms: tuple[str, ...]
    seconds: float


class Coq:
    """The Coq of this machine.

    ``cache``: where the compiled library is kept, ``$XDG_CACHE_HOME/learnlaw/coq`` or ``~/.cache/learnlaw/coq``.
    """

    def __init__(self, cache: Path | None = None, timeout: float = 300.0) -> None:
        home = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
        self.cache = cache or Path(home) / "learnlaw" / "coq"
        self.timeout = timeout

    @cached_property
    def version(self) -> str:
        """What coqc says that it is.  Raises Unavailable."""
        if shutil.which("coqc") is None:
            raise Unavailable("coqc is not installed (Debian: coq libcoq-coquelicot)")
        return self._run(["--print-version"], Path("/")).strip()

    @cached_property
    def library(self) -> Path:
        """The folder of the compiled library.  Raises Unavailable."""
        digest = sha256(self.version.encode())
        for name in MODULES:
            digest.update((LIBRARY / f"{name}.v").read_bytes())
        target = self.cache / digest.hexdigest()[:16]
        if (target / f"{MODULES[-1]}.vo").is_file():
            return target
        try:
            self.cache.mkdir(mode=0o700, parents=True, exist_ok=True)
            with tempfile.TemporaryDirectory(dir=self.cache, prefix="new.") as work:
                folder = Path(work) / "library"
                folder.mkdir()
                for name in MODULES:
                    shutil.copy(LIBRARY / f"{name}.v", folder)
                    self._run(["-R", str(folder), "LearnLaw", f"{name}.v"], folder)
                try:
                    folder.rename(target)
                except OSError:  # another run was first
                    if not (target / f"{MODULES[-1]}.vo").is_file():
                        raise
        except OSError as e:
            raise Unavailable(f"the library cannot be compiled into {self.cache}: {e.strerror or e}") from None
        return target

    def check(self, folder: Path) -> Accepted:
        """Compile ``Statement.v`` and ``Proof.v`` of a folder and compare the axioms with those allowed.

        What is asked is a file of this program, compiled after both: that ``Proof.holds`` is a proof of
        ``Statement.statement``.  Raises Unavailable.
        """
        start = time.perf_counter()
        library = ["-Q", str(self.library), "LearnLaw"]
        with tempfile.TemporaryDirectory(prefix="learnlaw.") as work:
            place = Path(work)
            for name in ("Statement.v", "Proof.v"):
                shutil.copy(folder / name, place)
                self._run([*library, "-Q", str(place), "", name], place)
            (place / "Check.v").write_text(f"Require Statement Proof.\n{CHECK}", encoding="utf-8")
            said = self._run([*library, "-Q", str(place), "", "Check.v"], place)
        axioms = axioms_of(said)
        foreign = [a for a in axioms if a not in ALLOWED]
        if foreign:
            raise Unavailable(f"it rests on {', '.join(foreign)}, which is not among the axioms allowed")
        return Accepted(axioms, time.perf_counter() - start)

    def _run(self, arguments: list[str], folder: Path) -> str:
        try:
            done = subprocess.run(
                ["coqc", "-q", "-w", "none", *arguments],
                cwd=folder,
                capture_output=True,
                text=True,
                timeout=self.timeout,
                stdin=subprocess.DEVNULL,
                preexec_fn=_bounded,
            )
        except subprocess.TimeoutExpired:
            raise Unavailable(f"coqc was stopped after {self.timeout:g} s") from None
        except OSError as e:
            raise Unavailable(f"coqc cannot be run: {e.strerror or e}") from None
        if done.returncode:
            raise Unavailable(f"coqc does not accept: {_message(done.stderr)}")
        return done.stdout


def axioms_of(said: str) -> tuple[str, ...]:
    """The axioms that ``Print Assumptions`` lists.  Raises Unavailable if it says something else.

    >>> axioms_of("Closed under the global context")
    ()
    >>> axioms_of("Axioms:" + chr(10) + "M.one : nat" + chr(10) + "M.two" + chr(10) + "  : forall x, x = x")
    ('M.one', 'M.two')
    """
    text = said.strip()
    if text == "Closed under the global context":
        return ()
    head, _, rest = text.partition("\n")
    if head != "Axioms:":
        raise Unavailable("coqc does not say which axioms it rests on")
    return tuple(line.split(":")[0].strip() for line in rest.splitlines() if line and not line[0].isspace())


def _bounded() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))


def _message(said: str) -> str:
    """The end of an error message on one line."""
    text = re.sub(r"\s+", " ", said).strip()
    place = re.search(r'File "[^"]*?([^"/]+)", line (\d+), characters [\d-]+:', text)
    where = f"{place[1]}:{place[2]}: " if place else ""
    error = text[text.rfind("Error:") :] if "Error:" in text else text
    return where + (error if len(error) <= 200 else error[:80] + " ... " + error[-110:])


__all__ = ["ALLOWED", "MODULES", "Accepted", "Coq", "Unavailable", "axioms_of"]
