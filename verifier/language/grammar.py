"""The grammar file, found in a wheel or in a checkout, and the parser that is made from it once per process.

Building the LALR tables takes about 0.1 s, more than most runs need for everything else, so the tables are kept
beside the grammar as JSON (lark's own cache is a pickle).  They are used only if they were made from this very
grammar by this very version of lark; otherwise they are built.  ``python -m verifier.language.grammar`` writes
them anew, and a test compares.
"""

from __future__ import annotations

import json
from functools import cache
from hashlib import sha256
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

import lark
from lark import Lark
from lark.grammar import Rule
from lark.lexer import TerminalDef

GRAMMAR, TABLES = "learnlaw.lark", "learnlaw.tables.json"


def folder() -> Traversable:
    """Where the grammar is: package data in a wheel, a folder beside the package in a checkout."""
    packaged = files("verifier") / "_grammar"
    return packaged if packaged.is_dir() else Path(__file__).parents[2] / "grammar"


def grammar_text() -> str:
    """The text of ``learnlaw.lark``."""
    return (folder() / GRAMMAR).read_text(encoding="utf-8")


@cache
def tables() -> Lark:
    """The parser."""
    text = grammar_text()
    return stored(text) or build(text)


def build(text: str) -> Lark:
    """The parser, from the grammar's text."""
    return Lark(text, parser="lalr", lexer="contextual", propagate_positions=True, maybe_placeholders=False)


def stored(text: str) -> Lark | None:
    """The parser from the stored tables, or None if they are not those of this grammar and this lark."""
    try:
        data = json.loads((folder() / TABLES).read_text(encoding="utf-8"))
        if data["made_from"] != _origin(text):
            return None
        return Lark._load_from_dict(_decoded(data["tables"]), _decoded(data["memo"]))  # type: ignore[no-any-return]
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None


def stored_text() -> str:
    """What the file of tables should hold."""
    text = grammar_text()
    tables_, memo = build(text).memo_serialize([TerminalDef, Rule])
    data = {"made_from": _origin(text), "tables": _encoded(tables_), "memo": _encoded(memo)}
    return json.dumps(data, sort_keys=True, separators=(",", ":")) + "\n"


def _origin(text: str) -> dict[str, str]:
    return {"grammar": sha256(text.encode()).hexdigest(), "lark": lark.__version__}


def _encoded(x: Any) -> Any:
    """JSON has neither tuples nor keys that are numbers: both are written out."""
    if isinstance(x, dict):
        return {"dict": [[_encoded(k), _encoded(v)] for k, v in x.items()]}
    if isinstance(x, tuple):
        return {"tuple": [_encoded(v) for v in x]}
    return [_encoded(v) for v in x] if isinstance(x, list) else x


def _decoded(x: Any) -> Any:
    if isinstance(x, dict):
        if "dict" in x:
            return {_decoded(k): _decoded(v) for k, v in x["dict"]}
        return tuple(_decoded(v) for v in x["tuple"])
    return [_decoded(v) for v in x] if isinstance(x, list) else x


if __name__ == "__main__":
    target = Path(__file__).parents[2] / "grammar" / TABLES
    target.write_text(stored_text(), encoding="utf-8")
    print(f"wrote {target}")
