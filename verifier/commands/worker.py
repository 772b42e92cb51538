"""A process that decides claims for another: a request is a line of JSON on its input, the answer a line on its output.

It is told a file (``claim`` is null), and answers with its claims or its faults; then it is told their numbers.
"""

from __future__ import annotations

import gc
import json
import os
import signal
import sys
from typing import Any

from ..diagnostics import Diagnostic
from ..elaborate.imports import Source
from ..proof.stored import Malformed, decoded, encoded
from ..proof.verdict import Verdict
from .deciding import Decider, FileWork, Outcome
from .main import NEW


def main() -> None:
    """Serve until the input ends."""
    gc.set_threshold(NEW)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # whoever started it ends it
    answers = os.fdopen(os.dup(1), "w", encoding="ascii")
    os.dup2(2, 1)  # whatever else is printed is no answer
    server = Server()
    for line in sys.stdin.buffer:
        answers.write(json.dumps(server.answer(json.loads(line))) + "\n")
        answers.flush()


class Server:
    """One file at a time."""

    def __init__(self) -> None:
        self.file: Decider | None = None

    def answer(self, request: dict[str, Any]) -> dict[str, Any]:
        try:
            if request["claim"] is None:
                self.file = Decider.of(request["path"])
                return work_to_json(self.file.work, self.file.undecided())
            assert self.file is not None and self.file.work.path == request["path"]
            return outcome_to_json(self.file.decide(request["claim"], request["timeout"]))
        except OSError as e:
            return {"missing": [e.errno or 0, e.strerror or str(e)]}


def work_to_json(work: FileWork, undecided: list[Verdict]) -> dict[str, Any]:
    """A file that was loaded, and nothing of it decided."""
    return {
        "origin": work.origin,
        "claims": encoded(tuple(undecided)),
        "diagnostics": encoded(work.diagnostics),
        "failure": work.failure,
    }


def work_from_json(path: str, data: dict[str, Any]) -> tuple[FileWork, list[Verdict]]:
    """The file, and what is said of its claims before they are decided.  Raises `Malformed`."""
    try:
        undecided = [decoded(Verdict, v) for v in data["claims"]]
        diagnostics = tuple(decoded(Diagnostic, d) for d in data["diagnostics"])
        origin = [Source(*map(str, s)) for s in data["origin"]]
        return FileWork(path, origin, [v.id for v in undecided], diagnostics, str(data["failure"])), undecided
    except (KeyError, TypeError) as e:
        raise Malformed(str(e)) from None


def outcome_to_json(outcome: Outcome) -> dict[str, Any]:
    """What became of a claim."""
    return {
        "verdict": encoded(outcome.verdict),
        "diagnostics": encoded(outcome.diagnostics),
        "failure": outcome.failure,
        "cut": outcome.cut,
    }


def outcome_from_json(data: dict[str, Any]) -> Outcome:
    """What became of a claim.  Raises `Malformed`."""
    try:
        verdict = None if data["verdict"] is None else decoded(Verdict, data["verdict"])
        diagnostics = tuple(decoded(Diagnostic, d) for d in data["diagnostics"])
        return Outcome(verdict, diagnostics, str(data["failure"]), bool(data["cut"]))
    except (KeyError, TypeError) as e:
        raise Malformed(str(e)) from None


__all__ = ["Server", "main", "outcome_from_json", "outcome_to_json", "work_from_json", "work_to_json"]
