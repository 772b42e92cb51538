"""The grammar file, found in a wheel or in a checkout, and the parser tables built from it once per process."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from pathlib import Path

from lark import Lark


def grammar_text() -> str:
    """The text of ``learnlaw.lark``: package data in a wheel, a file beside the package in a checkout."""
    packaged = files("verifier") / "_grammar" / "learnlaw.lark"
    if packaged.is_file():
        return packaged.read_text(encoding="utf-8")
    return (Path(__file__).parents[2] / "grammar" / "learnlaw.lark").read_text(encoding="utf-8")


@cache
def tables() -> Lark:
    """The LALR tables.  Built, not loaded: lark's own cache is a pickle, and building takes about 0.1 s."""
    return Lark(grammar_text(), parser="lalr", lexer="contextual", propagate_positions=True, maybe_placeholders=False)
