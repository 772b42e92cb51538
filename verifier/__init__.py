"""learnlaw: a symbolic verifier for learners.

In Python: `load`, `check`, `derive` and `assert_backward` of `verifier.api`; nothing is imported before one is used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

__version__ = "0.1.0"

if TYPE_CHECKING:
    from .api import Derivation, Result, Results, Spec, assert_backward, check, derive, load, loads
    from .diagnostics import SpecError

__all__ = [
    "Derivation",
    "Result",
    "Results",
    "Spec",
    "SpecError",
    "assert_backward",
    "check",
    "derive",
    "load",
    "loads",
]


def __getattr__(name: str) -> object:
    from importlib import import_module

    if name not in __all__:
        raise AttributeError(f"module {__name__} has no attribute {name}")
    return getattr(import_module(".diagnostics" if name == "SpecError" else ".api", __name__), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])


def load_ipython_extension(shell: object) -> None:
    """``%load_ext verifier``: the cell magic ``%%learn``."""
    from .notebook import load_ipython_extension

    load_ipython_extension(shell)
