"""Certificates as files: one for each claim, each written whole or not at all."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

from .deciding import Decider, FileWork
from .files import write_whole

if TYPE_CHECKING:
    from ..elaborate.claims import Claim
    from ..proof.verdict import Verdict


class Certificates:
    """A folder of certificates, and the claims of which there is none, by the reason."""

    def __init__(self, folder: str) -> None:
        self.folder = Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.written: list[str] = []
        self.missing: Counter[str] = Counter()

    def of_file(self, work: FileWork, only: list[str] | None, timeout: float) -> None:
        """Write the certificates of what was decided of a file, here or in an earlier run.  Raises OSError."""
        from ..proof.limits import TimeUp, limited

        decider = Decider.of(work.path)
        module = decider.module if decider.work.origin == work.origin else None  # the file may have changed meanwhile
        for k in work.wanted(only):
            verdict = work.outcomes[k].verdict
            if module is None or verdict is None:
                self.missing["not decided"] += 1
                continue
            try:
                with limited(timeout):
                    self._write(work.path, module.claims[k], verdict)
            except TimeUp:
                self.missing[f"{verdict.verdict}: stopped after {timeout:g} s (--timeout)"] += 1

    def _write(self, path: str, claim: Claim, verdict: Verdict) -> None:
        from ..proof.certificate import certificate
        from ..proof.stating import Uncertified

        try:
            text = certificate(claim, verdict)
        except Uncertified as e:
            self.missing[f"{verdict.verdict}: {e}"] += 1
            return
        stem = re.sub(r"[^\w.-]+", "_", f"{Path(path).stem}.{claim.id}")
        name, k = stem, 1
        while name in self.written:
            k += 1
            name = f"{stem}.{k}"
        self.written.append(name)
        write_whole(self.folder / f"{name}.json", text)

    def summary(self) -> str:
        """How many certificates there are, and what could not be certified, most frequent reason first."""
        rows = [f"certificates: {len(self.written)} written to {self.folder}; {self.missing.total()} claims have none"]
        rows += [f"  {n} {reason}" for reason, n in sorted(self.missing.items(), key=lambda r: (-r[1], r[0]))]
        return "\n".join(rows)
