"""The layout of a spec: the same tokens and comments in the same lines, with blanks, indents and empty lines made even.

Lines are the author's: none is broken or joined; so is whether an operator of arithmetic is tight, as in `2*x + 1`.
A text that was laid out is laid out already: ``formatted(formatted(t)) == formatted(t)``.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from lark import Token

from .parser import read_tokens
from .source import line_ends

INDENT, WIDTH, MOST_EMPTY = "  ", 120, 1
_TRIVIA = re.compile(r"#[^\n]*|\n")
_OPEN = {"_LPAR": "(", "_LSQB": "[", "_LBRACE": "{", "_BLOCK": "block"}
_CLOSE = frozenset({"_RPAR", "_RSQB", "_RBRACE"})
_ENDS = frozenset({"NAME", "INTEGER", "DECIMAL", "STRING", "_RPAR", "_RSQB"})  # an operand may end so
_TIGHT_BEFORE = frozenset({"_COMMA", "_DOT", "_RPAR", "_RSQB"})
_TIGHT_AFTER = frozenset({"_LPAR", "_LSQB", "_DOT"})
_ARITHMETIC = frozenset(["+", "-", "*", "/", "//", "%", "@", "⊗", "·", "×", "−", "⋅", "∗"])
_TYPES = frozenset({"R", "interval"})
_CLAIMS = frozenset({"CHECK", "BACKWARD", "AXIOM"})


class LayoutFault(Exception):
    """Laid out, a text would say something else: a fault of this module, and the text is left as it is."""


def formatted(text: str, path: str) -> str:
    """The text laid out.  Raises SpecError if it has faults.

    >>> formatted("check   N==gradient( N,half,rate=eps )# why\\n", "a.learn")
    'check N == gradient(N, half, rate = eps)  # why\\n'
    """
    plain = line_ends(text) + "\n"
    spec, tokens = read_tokens(text, path)
    result = _Layout(plain, tokens).text()
    again, moved = read_tokens(result, path)
    if again != spec or _comments(plain, tokens) != _comments(result + "\n", moved):
        raise LayoutFault(f"{path}: laid out, it would not say the same")
    return result


def _gaps(text: str, tokens: Sequence[Token]) -> list[str]:
    """What stands before each token, and behind the last."""
    shown = [t for t in tokens if t.type != "_NEWLINE"]
    ends = [0, *(t.end_pos or 0 for t in shown)]
    starts = [*(t.start_pos or 0 for t in shown), len(text)]
    return [text[e:s] for e, s in zip(ends, starts, strict=True)]


def _comments(text: str, tokens: Sequence[Token]) -> list[list[str]]:
    """The comments before each token."""
    return [[m.rstrip() for m in _TRIVIA.findall(gap) if m != "\n"] for gap in _gaps(text, tokens)]


@dataclass
class _Bracket:
    kind: str
    indent: int  # of the line that it was opened in; of a block, of its statement
    spaced: bool  # `{ a }`, `R[m, n]`; not `{a}`, `W[i,j]`
    statement: str  # the terminal that began the statement that it stands in
    base: str  # what stands before it


@dataclass
class _Line:
    indent: int
    text: str = ""
    comment: str = ""


@dataclass
class _Layout:
    source: str
    tokens: Sequence[Token]
    lines: list[_Line] = field(default_factory=list)
    brackets: list[_Bracket] = field(default_factory=list)
    statement: str = ""
    previous: Token | None = None
    closed: str = ""  # what stands before the bracket that was closed last
    sign: bool = False  # the previous token is a sign of one operand
    tight: bool = False  # it is an operator without blanks

    def text(self) -> str:
        fresh, gaps = True, iter(_gaps(self.source, self.tokens))
        for token in self.tokens:
            if token.type == "_NEWLINE":
                fresh = True
                continue
            self._trivia(next(gaps), token, fresh)
            if fresh and token.type != "_RBRACE":
                self.statement = token.type
            self._put(token)
            fresh = token.type == "_BLOCK"
        self._trivia(next(gaps), None, True)
        return _joined(self.lines)

    # ---- lines

    def _trivia(self, gap: str, token: Token | None, fresh: bool) -> None:
        """Comments and line ends before a token, and the line that it starts, if it starts one."""
        marks = _TRIVIA.findall(gap)
        inside = self._indent(fresh)
        if marks and marks[0] != "\n" and self.lines and self.previous is not None:
            self.lines[-1].comment = marks.pop(0).rstrip()
        elif not marks and self.lines:
            return
        empty = -1 if self.lines else 0
        for mark in marks:
            if mark == "\n":
                empty += 1
                continue
            self._empty(empty)
            self.lines.append(_Line(inside, comment=mark.rstrip()))
            empty = -1
        if token is not None:
            closes = token.type in _CLOSE
            if not closes:
                self._empty(empty)
            self.lines.append(_Line(self.brackets[-1].indent if closes else inside))

    def _indent(self, fresh: bool) -> int:
        """Of a line that starts here and does not start with a closing bracket."""
        if self.brackets and self.brackets[-1].kind != "block":
            return self.brackets[-1].indent + 1
        return (self.brackets[-1].indent + 1 if self.brackets else 0) + (not fresh)

    def _empty(self, count: int) -> None:
        """Empty lines, but none at the start of the file or of a block."""
        opened = self.previous is not None and self.previous.type in _OPEN and not self._commented()
        if self.lines and not opened:
            self.lines += [_Line(0) for _ in range(min(count, MOST_EMPTY))]

    def _commented(self) -> bool:
        return not self.lines[-1].text

    # ---- blanks

    def _put(self, token: Token) -> None:
        line = self.lines[-1]
        shown = self.source[token.start_pos : token.end_pos]
        if token.type in _CLOSE:
            bracket = self.brackets.pop()
            self.statement, self.closed = bracket.statement, bracket.base
            blank = bracket.spaced and bracket.kind in ("{", "block") and self._type not in _OPEN
        else:
            blank = self._blank(token)
        line.text += f" {shown}" if blank and line.text else shown
        self.sign = token.type == "NOT" or (token.type == "MINUS" and self._type not in _ENDS)
        self.tight = not blank and shown in _ARITHMETIC and not self.sign
        if token.type in _OPEN:
            kind = _OPEN[token.type]
            base = self.closed if self._type == "_RPAR" else str(self.previous)
            # Entries of a tensor are written `W[i,j]`; its type is `R[m, n]`, a list is `over [B, T]`.
            spaced = base in _TYPES or self._type not in _ENDS if kind == "[" else self.statement != "SET"
            indent = self._indent(True) if kind == "block" else line.indent
            self.brackets.append(_Bracket(kind, indent, spaced, self.statement, base))
        self.previous = token

    @property
    def _type(self) -> str:
        return self.previous.type if self.previous is not None else ""

    def _blank(self, token: Token) -> bool:
        """Whether there is a blank between the previous token and one that closes nothing."""
        kind = self.brackets[-1].kind if self.brackets else ""
        if self.sign:
            return str(self.previous) == "not"
        if token.type in _TIGHT_BEFORE or self._type in _TIGHT_AFTER:
            return False
        if token.type == "_COLON":
            return not self._label(kind)
        if self._type == "_COLON":
            return kind != "[" and self.statement != "INDEX"
        if self._type == "_COMMA":
            return kind != "[" or self.brackets[-1].spaced
        if self._type == "_LBRACE":
            return self.brackets[-1].spaced
        if token.type in ("_LPAR", "_LSQB") and self._type in _ENDS:
            return False
        if "^" in (shown := {str(self.previous), str(token)}) or "**" in shown:
            return False
        if self.tight:
            return token.type == "MINUS"  # a minus and a sign of minus in a row are no operator
        if str(token) in _ARITHMETIC and self._type in _ENDS:
            return self.previous is None or self.previous.end_pos != token.start_pos
        return True

    def _label(self, kind: str) -> bool:
        """Whether the colon that comes ends a label or a list of indices: no blank before it."""
        return kind == "[" or self.statement == "INDEX" or (self.statement in _CLAIMS and kind != "(")


def _joined(lines: list[_Line]) -> str:
    """All lines; comments behind neighbouring lines are aligned, where that makes none too long."""
    out: list[str] = []
    group: list[_Line] = []
    for line in [*lines, _Line(0)]:
        if line.text and line.comment:
            group.append(line)
            continue
        out += _aligned(group)
        group = []
        out.append((INDENT * line.indent + (line.text or line.comment)).rstrip())
    while out and not out[-1]:
        out.pop()
    return "\n".join(out) + "\n"


def _aligned(group: list[_Line]) -> list[str]:
    texts = [INDENT * line.indent + line.text for line in group]
    width = max(map(len, texts), default=0)
    if any(width + 2 + len(line.comment) > WIDTH for line in group):
        return [f"{t}  {line.comment}" for t, line in zip(texts, group, strict=True)]
    return [f"{t.ljust(width)}  {line.comment}" for t, line in zip(texts, group, strict=True)]


__all__ = ["LayoutFault", "formatted"]
