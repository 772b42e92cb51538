"""The cell magic ``%%learn`` of IPython: a spec in a cell, its verdicts below it."""

from __future__ import annotations

import shlex
from typing import Any

from . import api
from .diagnostics import SpecError
from .export.text_report import diagnostic

USAGE = "%%learn [NAME] [--only CLAIM …]: NAME = the spec, for derive(NAME, …)"


class Faults:
    """The faults of a spec in a cell, shown in the place of verdicts."""

    def __init__(self, text: str, error: SpecError) -> None:
        self.text, self.error = text, error

    def __str__(self) -> str:
        return "\n\n".join("\n".join(diagnostic(d, self.text)) for d in self.error.diagnostics)

    __repr__ = __str__


def learn(line: str, cell: str, namespace: dict[str, Any]) -> api.Results | Faults:
    """Decide the claims of a cell; its spec is bound to a name, if the line gives one.  Raises ValueError for usage."""
    words = shlex.split(line)
    only: list[str] = []
    if "--only" in words:
        at = words.index("--only")
        words, only = words[:at], words[at + 1 :]
    if len(words) > 1 or any(not w.isidentifier() for w in words):
        raise ValueError(f"expected {USAGE}")
    try:
        spec = api.loads(cell, "cell.learn")
        if words:
            namespace[words[0]] = spec
        return api.check(spec, *only)
    except SpecError as e:
        return Faults(cell, e)


def load_ipython_extension(shell: Any) -> None:
    """Register the magic; what ``%load_ext verifier`` calls."""

    def magic(line: str, cell: str) -> api.Results | Faults:
        return learn(line, cell, shell.user_ns)

    shell.register_magic_function(magic, magic_kind="cell", magic_name="learn")


__all__ = ["Faults", "learn", "load_ipython_extension"]
