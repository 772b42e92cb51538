"""Verdicts as plain JSON and back: what a worker sends, and what a cache keeps.

A record is the list of its fields in order, read back by what the dataclass says of each.  What does not fit is
refused: text from a disk or a pipe is data, never an object.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import fields
from typing import Any, TypeVar

from ..diagnostics import Diagnostic, Span
from .verdict import Advice, Component, Conditions, Verdict, Witness

Record = TypeVar("Record", Span, Diagnostic, Witness, Conditions, Advice, Component, Verdict)


class Malformed(ValueError):
    """Data that is no record of this kind."""


def encoded(record: object) -> Any:
    """A record as lists, texts and numbers."""
    if isinstance(record, tuple):
        return [encoded(x) for x in record]
    if isinstance(record, _RECORDS):
        return [encoded(getattr(record, f.name)) for f in fields(record)]
    return record


def decoded(kind: type[Record], data: object) -> Record:
    """The record of a kind.  Raises `Malformed` for data that `encoded` cannot have made of one."""
    if not isinstance(data, list):
        raise Malformed(f"a {kind.__name__} is a list")
    rows = fields(kind)
    if len(data) != len(rows):
        raise Malformed(f"a {kind.__name__} has {len(rows)} fields, not {len(data)}")
    try:
        return kind(*(_READ[str(f.type)](x) for f, x in zip(rows, data, strict=True)))
    except Malformed:
        raise
    except (ValueError, OverflowError) as e:  # a code that is not registered, a number of seconds beyond all floats
        raise Malformed(str(e)) from None


def _exactly(kind: type) -> Callable[[object], Any]:
    def read(data: object) -> Any:
        if type(data) is not kind:
            raise Malformed(f"{data!r:.40} is no {kind.__name__}")
        return data

    return read


def _number(data: object) -> float:
    if isinstance(data, bool) or not isinstance(data, int | float) or not math.isfinite(data):
        raise Malformed(f"{data!r:.40} is no number")
    return float(data)


def _row(read: Callable[[object], Any], length: int | None = None) -> Callable[[object], Any]:
    def rows(data: object) -> Any:
        if not isinstance(data, list) or (length is not None and len(data) != length):
            raise Malformed(f"{data!r:.40} is no list{'' if length is None else f' of {length}'}")
        return tuple(read(x) for x in data)

    return rows


_RECORDS = (Span, Diagnostic, Witness, Conditions, Advice, Component, Verdict)
_text = _exactly(str)
_READ: dict[str, Callable[[object], Any]] = {
    "str": _text,
    "int": _exactly(int),
    "bool": _exactly(bool),
    "float": _number,
    "tuple[str, ...]": _row(_text),
    "tuple[tuple[str, str], ...]": _row(_row(_text, 2)),
    "Span": lambda data: decoded(Span, data),
    "Conditions": lambda data: decoded(Conditions, data),
    "Advice": lambda data: decoded(Advice, data),
    "Witness | None": lambda data: None if data is None else decoded(Witness, data),
    "tuple[Component, ...]": _row(lambda data: decoded(Component, data)),
}

__all__ = ["Malformed", "decoded", "encoded"]
