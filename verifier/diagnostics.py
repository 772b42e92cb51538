"""Codes, spans and messages of everything that can be wrong with a spec.  Imports nothing of the project.

A diagnostic names the place, what was found, what was expected, and the fix.  Codes are a closed registry:
`learnlaw explain CODE`, the documentation and the machine outputs read the same table.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A stretch of a file: lines and columns count from 1, the end column is exclusive."""

    path: str
    line: int
    column: int
    end_line: int
    end_column: int

    def __str__(self) -> str:
        return f"{self.path}:{self.line}:{self.column}"


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One fault: a registered code, its place, what was found and expected, and how to mend it."""

    code: str
    span: Span
    found: str
    expected: str
    fix: str = ""

    def __post_init__(self) -> None:
        if self.code not in CODES:
            raise ValueError(f"unregistered diagnostic code {self.code}")

    def __str__(self) -> str:
        text = f"{self.span}: error {self.code}: {self.found}; expected {self.expected}"
        return f"{text}\n  fix: {self.fix}" if self.fix else text


class SpecError(Exception):
    """A spec that does not parse, resolve or type-check; carries its diagnostics."""

    def __init__(self, *diagnostics: Diagnostic) -> None:
        super().__init__("\n".join(map(str, diagnostics)))
        self.diagnostics = diagnostics


CODES: dict[str, tuple[str, str]] = {
    # code: (title, explanation).  L: text and syntax.  E: names, shapes, declarations.  P: proof.
}
