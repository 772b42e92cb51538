"""A definition of the product with one thing wrong in it, in place for as long as a block runs."""

from __future__ import annotations

import inspect
import textwrap
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from types import CodeType, FunctionType


def definition(name: str) -> FunctionType:
    """The function or method ``room.module:function`` or ``room.module:Class.method`` of the package."""
    module, _, path = name.partition(":")
    found: object = import_module(f"verifier.{module}")
    for part in path.split("."):
        found = inspect.getattr_static(found, part)
    assert isinstance(found, FunctionType), name
    return found


def mutant(name: str, old: str, new: str) -> CodeType:
    """The code of a definition with ``old`` replaced by ``new`` wherever it stands in it.

    Raises LookupError if it stands nowhere.
    """
    function = definition(name)
    source = textwrap.dedent(inspect.getsource(function))
    if old not in source:
        raise LookupError(f"{name} does not hold: {old}")
    space = dict(function.__globals__)
    exec(compile(source.replace(old, new), f"<mutant of {name}>", "exec", dont_inherit=False), space)
    made: FunctionType = space[function.__name__]
    return made.__code__


@contextmanager
def replaced(name: str, old: str, new: str) -> Iterator[None]:
    """The mutant in the place of the definition: the code is exchanged, so that all who have imported it run it."""
    function = definition(name)
    true, function.__code__ = function.__code__, mutant(name, old, new)
    try:
        yield
    finally:
        function.__code__ = true
