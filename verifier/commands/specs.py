"""Commands about one spec: it is read once, and its faults end every such command in the same way."""

from __future__ import annotations

import sys
from collections.abc import Callable

from ..diagnostics import SpecError
from ..elaborate.modules import Module, load
from ..export.text_report import diagnostic


def on_spec(path: str, action: Callable[[Module], int]) -> int:
    """The exit code of an action on a spec without faults.

    1, with a message, where a file cannot be read or written; 2, with diagnostics, for faults, be they of the spec or
    raised by the action, as SpecError.
    """
    try:
        module = load(path)
        if module.faults:
            raise SpecError(*module.faults)
        return action(module)
    except OSError as e:
        print(f"learnlaw: {e.filename or path}: {e.strerror or e}", file=sys.stderr)
        return 1
    except SpecError as e:
        for d in e.diagnostics:
            print(*diagnostic(d), sep="\n", file=sys.stderr)
        return 2
