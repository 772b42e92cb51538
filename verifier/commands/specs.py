"""Commands about one spec: it is read once, and its faults end every such command in the same way."""

from __future__ import annotations

import sys
from collections.abc import Callable

from ..diagnostics import SpecError
from ..elaborate.modules import Module, load
from ..elaborate.selection import all_layers
from ..export.text_report import diagnostic


class UsageError(ValueError):
    """What was asked for does not fit the spec; the message says why, and what would."""


def no_learner(module: Module, command: str) -> UsageError:
    """The error about a spec that declares no learner of its own: a layer steps too, if it is named."""
    layers = all_layers(module)
    if not layers:
        return UsageError(f"{module.path} declares no learner of its own; name one: learnlaw {command} FILE LEARNER")
    say = f"a layer with its backward pass is one: learnlaw {command} FILE {layers[0].declaration.name}"
    return UsageError(f"{module.path} declares layers, and no learner of its own; {say}")


def no_network(module: Module, command: str, which: str = "network") -> UsageError:
    """The error about a spec that declares no network of its own."""
    return UsageError(f"{module.path} declares no {which}; name one: learnlaw {command} FILE 'F ; G'")


def on_spec(path: str, action: Callable[[Module], int]) -> int:
    """The exit code of an action on a spec without faults.

    1, with a message, where a file cannot be read or written, and for a UsageError; 2, with diagnostics, for faults,
    be they of the spec or raised by the action, as SpecError.
    """
    try:
        module = load(path)
        if module.faults:
            raise SpecError(*module.faults)
        return action(module)
    except OSError as e:
        print(f"learnlaw: {e.filename or path}: {e.strerror or e}", file=sys.stderr)
        return 1
    except UsageError as e:
        print(f"learnlaw: {e}", file=sys.stderr)
        return 1
    except SpecError as e:
        for d in e.diagnostics:
            print(*diagnostic(d), sep="\n", file=sys.stderr)
        return 2
