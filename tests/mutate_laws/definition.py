"""A definition of the product with one thing wrong in it, in place for as long as a block runs."""

from __future__ import annotations

import inspect
import textwrap
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import import_module
from types import FunctionType


def definition(name: str) -> FunctionType:
    """The function or method ``room.module:function`` or ``room.module:Class.method`` of the package."""
    module, _, path = name.partition(":")
    found: object = import_module(f"verifier.{module}")
    for part in path.split("."):
        found = inspect.getattr_static(found, part)
    found = getattr(found, "func", getattr(found, "fget", found))  # of a cached property, or a property
    assert isinstance(found, FunctionType), name
    return found


@contextmanager
def replaced(name: str, old: str, new: str) -> Iterator[None]:
    """The definition with ``old`` replaced by ``new`` wherever it stands in it.  Raises LookupError if it does not.

    The code of the function is exchanged, so that all who have imported it run the mutant.
    """
    function = definition(name)
    source = textwrap.dedent(inspect.getsource(function))
    if old not in source:
        raise LookupError(f"{name} does not hold: {old}")
    space = dict(function.__globals__)
    exec(compile(source.replace(old, new), f"<mutant of {name}>", "exec", dont_inherit=False), space)
    mutant: Callable[..., object] = space[function.__name__]
    mutant = getattr(mutant, "__wrapped__", getattr(mutant, "func", getattr(mutant, "fget", mutant)))
    true = function.__code__
    function.__code__ = mutant.__code__  # type: ignore[attr-defined]
    try:
        yield
    finally:
        function.__code__ = true
