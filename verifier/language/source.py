"""Reading a spec file, and the checks that come before the parser: a spec is untrusted input."""

from __future__ import annotations

import re
import unicodedata
from pathlib import Path

from ..diagnostics import Diagnostic, Span, SpecError

MAX_BYTES = 1 << 20
MAX_BRACKETS = 200
MAX_FAULTS = 20

_MARKS = re.compile(r'#[^\n]*|"[^"\n]*"|[()\[\]{}]')
_CLOSES = {"(": ")", "[": "]", "{": "}"}
# Text that is shown in another order than it is read could hide a clause from a reviewer.
_INVISIBLE = re.compile(
    r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ud800-\udfff\ufeff]"
)

# Signs that are written in several ways, one letter each: the places of everything else stay what they are.
_ONE_SIGN = str.maketrans("′’−∼⨾·⋅×∗", "''-~;****")


def read(path: str) -> str:
    """The text of a spec file.  Raises OSError if it cannot be opened, SpecError if it is no text or too large."""
    with Path(path).open("rb") as file:
        data = file.read(MAX_BYTES + 1)
    if len(data) > MAX_BYTES:
        raise SpecError(_too_large(path))
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = data[: error.start].decode("utf-8-sig", errors="replace")
        raise SpecError(
            Diagnostic(
                "L001",
                at(path, before, len(before)),
                f"the byte 0x{data[error.start]:02x}, which is no part of UTF-8 text",
                "a text in UTF-8",
                "save the file in UTF-8",
            )
        ) from None


def prepare(text: str, path: str) -> str:
    """The text as the grammar expects it: ``\\n`` line ends and one at its end, one way to write each sign.

    Raises SpecError for what the parser must not see.
    """
    if len(text.encode("utf-8", errors="surrogatepass")) > MAX_BYTES:
        raise SpecError(_too_large(path))
    text = line_ends(text) + "\n"
    text = text.translate(_ONE_SIGN)
    faults = [_invisible(path, text, m) for m in _INVISIBLE.finditer(text)] + brackets(text, path)
    if faults:
        raise SpecError(*faults[:MAX_FAULTS])
    if not re.search(r"^[ \t]*[^#\s]", text, re.MULTILINE):
        raise SpecError(
            Diagnostic(
                "L003",
                Span(path, 1, 1, 1, 1),
                "no statement in the file",
                "at least one declaration or claim",
                "",
            )
        )
    return text


def line_ends(text: str) -> str:
    """The text without a byte order mark, and with ``\\n`` line ends."""
    return text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")


def at(path: str, text: str, start: int, length: int = 0) -> Span:
    """The span of ``length`` characters of one line from the offset ``start``."""
    line = text.count("\n", 0, start) + 1
    column = start - (text.rfind("\n", 0, start) + 1) + 1
    return Span(path, line, column, line, column + length)


def brackets(text: str, path: str) -> list[Diagnostic]:
    """Brackets that do not match, or nest too deep.  Checked before parsing: later work may recurse."""
    faults: list[Diagnostic] = []
    opened: list[tuple[str, int]] = []
    for mark in _MARKS.finditer(text):
        sign, start = mark[0], mark.start()
        if sign in _CLOSES:
            opened.append((sign, start))
            if len(opened) > MAX_BRACKETS:
                found = f"brackets nested {len(opened)} deep"
                return [
                    Diagnostic(
                        "L011", at(path, text, start, 1), found, f"at most {MAX_BRACKETS}", "name a part with `let`"
                    )
                ]
        elif sign in _CLOSES.values():
            faults += _close(sign, start, opened, text, path)
    faults += [_unclosed(path, text, *mark) for mark in opened]
    return sorted(faults, key=lambda fault: fault.span)


def _close(sign: str, start: int, opened: list[tuple[str, int]], text: str, path: str) -> list[Diagnostic]:
    """Take the partner of a closing bracket off the list; what was opened after it was never closed."""
    if not any(_CLOSES[other] == sign for other, _ in opened):
        return [
            Diagnostic(
                "L010",
                at(path, text, start, 1),
                f"`{sign}` closes nothing",
                "an opening bracket before it",
                f"delete `{sign}`",
            )
        ]
    faults = []
    while _CLOSES[opened[-1][0]] != sign:
        faults.append(_unclosed(path, text, *opened.pop()))
    opened.pop()
    return faults


def _unclosed(path: str, text: str, sign: str, start: int) -> Diagnostic:
    closer = _CLOSES[sign]
    return Diagnostic("L010", at(path, text, start, 1), f"`{sign}` is never closed", f"`{closer}`", f"add `{closer}`")


def _invisible(path: str, text: str, mark: re.Match[str]) -> Diagnostic:
    name = unicodedata.name(mark[0], "control character")
    found = f"the invisible character U+{ord(mark[0]):04X} ({name})"
    return Diagnostic("L004", at(path, text, mark.start(), 1), found, "visible text", "delete it")


def _too_large(path: str) -> Diagnostic:
    return Diagnostic(
        "L002",
        Span(path, 1, 1, 1, 1),
        f"a file of more than {MAX_BYTES} bytes",
        "at most 1 MiB",
        "split it, and use `import`",
    )
