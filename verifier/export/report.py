"""What a run of `check` found, file by file: the one structure that every exporter reads."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ..diagnostics import Diagnostic
from ..proof.verdict import Verdict

if TYPE_CHECKING:
    from ..proof.corrections import Correction


@dataclass
class FileReport:
    """The diagnostics of a file, or the verdicts of its claims in source order."""

    path: str
    diagnostics: tuple[Diagnostic, ...] = ()
    claims: list[Verdict] = field(default_factory=list)
    failure: str = ""  # an internal error: exit 5
    corrections: list[Correction] = field(default_factory=list)  # proved ones, where somebody asked for them


@dataclass
class Report:
    """All files of a run."""

    tool: str
    files: list[FileReport] = field(default_factory=list)
    seconds: float = 0.0
    cached: int = 0  # so many claims were decided by an earlier run

    @property
    def claims(self) -> list[Verdict]:
        return [c for f in self.files for c in f.claims]

    @property
    def exit_code(self) -> int:
        """0 as expected; 5 internal; 2 a file is not well formed; 4 a claim did not end as expected."""
        if any(f.failure for f in self.files):
            return 5
        if any(f.diagnostics for f in self.files):
            return 2
        return 0 if all(c.met for c in self.claims) else 4

    @property
    def counts(self) -> dict[str, int]:
        """How many claims ended how."""
        names = ("proved", "vacuous", "refuted", "unknown")
        return {n: sum(c.verdict == n for c in self.claims) for n in names}
