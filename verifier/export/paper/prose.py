"""Comments of specs as text: quotation marks, arrows, and names with subscripts as formulas."""

from __future__ import annotations

import re
from collections.abc import Iterator

from .blocks import Code, Inline, Math, Words

_GREEK = {"phi": r"\varphi", "rho": r"\rho", "beta": r"\beta", "eps": r"\varepsilon"}
_NAMES = {**_GREEK, "sum": r"\sum", "grad": r"\nabla"}
_NAME = r"(?:[A-Za-z]|" + "|".join(_NAMES) + ")"
_PART = re.compile(rf"`([^`]+)`|(?<![\w'])({_NAME})_([A-Za-z0-9]+|\([A-Za-z0-9+-]+\))('?)|\b({'|'.join(_GREEK)})\b")
_SIGNS = (("|->", "↦"), ("<->", "↔"), ("->", "→"), ("<-", "←"), (">=", "≥"), ("<=", "≤"), ("...", "…"))


def prose(text: str) -> Words:
    """Text with its formulas.

    >>> prose('"U_0" -> U_(p-1): phi, `check`')
    ('“', Math(latex='U_{0}'), '” → ', Math(latex='U_{p-1}'), ': ', Math(latex='\\\\varphi'), ', ', Code(text='check'))
    """
    return tuple(_parts(quoted(text)))


def quoted(text: str) -> str:
    """Text with the quotation marks and arrows of print."""
    text = re.sub(r'"([^"]*)"', r"“\1”", text)
    for written, sign in _SIGNS:
        text = text.replace(written, sign)
    return text


def _parts(text: str) -> Iterator[Inline]:
    end = 0
    for found in _PART.finditer(text):
        if found.start() > end:
            yield text[end : found.start()]
        code, name, script, prime, alone = found.groups()
        if code:
            yield Code(code)
        elif alone:
            yield Math(_GREEK[alone])
        else:
            yield Math(f"{_NAMES.get(name, name)}_{{{script.strip('()')}}}{prime}")
        end = found.end()
    if end < len(text):
        yield text[end:]


__all__ = ["prose", "quoted"]
