"""What the parser could not read, said to a person: what was found, what was expected, and the fix."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, replace
from difflib import get_close_matches

from lark import Token

from ..diagnostics import Diagnostic, Span
from .build import RESERVED
from .words import BODY, CLAIMS, CLAUSES, NAMING, OPERANDS, TOP, WORDS, shown

_WORD = re.compile(r"[^\W\d]\w*'*")
_PIECE = re.compile(r"[^\W\d]\w*'*|[0-9.]+|\S")
_CONTINUED = re.compile(r";[ \t]*(?:#[^\n]*)?\r?\n")
_COMMENTS = ("/", "%", "'", '"', "!")
_HINTS = {
    "--": ("`--`", "one sign", "`#` starts a comment; the difference of a negative is `x - (-y)`"),
    "&&": ("`&&`", "`and`", "write `and`"),
    "||": ("`||`", "`or`", "write `or`"),
    ":=": ("`:=`", "`=`", "write `=`"),
    "=>": ("`=>`", "`->` or `>=`", "a map is `A -> B`, a comparison `x >= y`"),
    "=<": ("`=<`", "`<=`", "write `<=`"),
}


@dataclass(frozen=True)
class Fault:
    """Where reading stopped: the token, what came before it in its statement, and what could have come."""

    path: str
    text: str
    token: Token
    first: Token | None
    previous: Token | None
    accepts: frozenset[str]
    in_body: bool

    @property
    def start(self) -> int:
        return self.token.start_pos or 0

    def span(self, length: int = 0) -> Span:
        line, column = self.token.line or 1, self.token.column or 1
        return Span(self.path, line, column, line, column + length)


def explain(fault: Fault) -> Diagnostic:
    """The diagnostic of a fault: special cases that name the mistake, then what was expected."""
    for case in (_sign, _odd_character, _line_end, _statement, _reserved, _slice, _clause, _juxtaposed):
        diagnostic = case(fault)
        if diagnostic is not None:
            break
    else:
        word = _found(fault)
        diagnostic = Diagnostic("L031", fault.span(len(word)), f"`{word}`{_after(fault)}", shown(fault.accepts))
    if fault.first is not None and _CONTINUED.search(fault.text, fault.first.start_pos or 0, fault.start):
        # Where the next line is read as more of this one, what is wrong is the sign that says so.
        return replace(diagnostic, fix="leave out the `;` at the end of the line above: it composes learners")
    return diagnostic


def _found(fault: Fault) -> str:
    """The word or sign where reading stopped, as a person sees it."""
    piece = _PIECE.match(fault.text, fault.start)
    return piece[0][:40] if piece else fault.text[fault.start]


def _after(fault: Fault) -> str:
    return f" after `{str(fault.previous)[:40]}`" if fault.previous is not None and fault.previous.strip() else ""


def _sign(fault: Fault) -> Diagnostic | None:
    """A pair of signs that other languages have."""
    # A sign may have been read already as the first half of the pair: `=` of `=>`.
    for start in (fault.start, fault.start - 1):
        pair = fault.text[max(start, 0) : start + 2]
        if pair in _HINTS:
            found, expected, fix = _HINTS[pair]
            shift = start - fault.start
            at = fault.span()
            column = at.column + shift
            span = Span(at.path, at.line, column, at.line, column + 2)
            return Diagnostic("L021" if pair == "--" else "L022", span, found, expected, fix)
    return None


def _odd_character(fault: Fault) -> Diagnostic | None:
    """A sign that no token starts with."""
    sign = fault.text[fault.start : fault.start + 1]
    if fault.token.type or _WORD.match(sign) or sign in "=+-*/%@^<>!()[]{}.,:;~\n":
        return None
    if sign == '"':
        return Diagnostic("L025", fault.span(1), "a text that is not closed on its line", 'a second `"`', 'add `"`')
    plain = unicodedata.normalize("NFKC", sign)
    name = unicodedata.name(sign, "no name").lower()
    if sign.isascii():
        return Diagnostic("L020", fault.span(1), f"`{sign}`, which means nothing here", shown(fault.accepts))
    fix = f"write `{plain}`" if plain != sign and plain.strip() and plain.isascii() else "delete it, or spell it out"
    if sign.isspace():
        fix = "write an ordinary space"
    return Diagnostic("L020", fault.span(1), f"the character `{sign}` ({name})", shown(fault.accepts), fix)


def _line_end(fault: Fault) -> Diagnostic | None:
    """A statement that stops too early."""
    if fault.token.type not in ("_NEWLINE", "$END"):
        return None
    found = f"the end of the line{_after(fault)}"
    fix = ""
    if fault.first is not None and fault.in_body and "EQUAL" in fault.accepts:
        if fault.first.type == "NAME":
            fix = "a line of a body is an equation `name[i] = …`"
        elif fault.first.type == "OUTPUT":
            fix = "in a layer `output y[i] = …`; in a graph `y = F(x)`, and `output y` on a line of its own"
    return Diagnostic("L033", fault.span(), found, shown(fault.accepts), fix)


def _statement(fault: Fault) -> Diagnostic | None:
    """A word that begins no statement here; in a body it was first read as a name."""
    words = BODY if fault.in_body else TOP
    token = fault.token
    if fault.first is not None:
        # In a body `foo x` was first read as the beginning of an equation.
        if not (fault.in_body and fault.previous is fault.first and fault.first.type == "NAME" and _operand(fault)):
            return None
        token = fault.first
    elif not ({"LET", "IMPORT"} & fault.accepts):
        return None
    word = str(token) if token.type else _found(fault)
    span = Span(fault.path, token.line or 1, token.column or 1, token.line or 1, (token.column or 1) + len(word))
    if not fault.in_body and word in BODY:
        fix = "an open `{` is missing, or the header has a fault" if word not in TOP else ""
        return Diagnostic("L040", span, f"`{word}` outside a body", "a declaration or a claim", fix)
    if fault.in_body and word in TOP:
        return Diagnostic(
            "L040", span, f"`{word}` in a body", shown(fault.accepts | {"LET"}), "close the body with `}` first"
        )
    if word == "}" or not _WORD.match(word):
        expected = "a line of a body" if fault.in_body else "a declaration or a claim"
        fix = "a comment starts with `#`" if word.startswith(_COMMENTS) else ""
        return Diagnostic("L031", span, f"`{word}` at the start of a statement", expected, fix)
    near = get_close_matches(word, words, 1, 0.7)
    fix = f"did you mean `{near[0]}`?" if near else ""
    listed = ", ".join(f"`{w}`" for w in words)
    return Diagnostic(
        "L032",
        span,
        f"`{word}`, which begins no statement",
        f"one of {listed}" + (" or an equation" if fault.in_body else ""),
        fix,
    )


def _reserved(fault: Fault) -> Diagnostic | None:
    word = _found(fault)
    if word not in RESERVED or "NAME" not in fault.accepts:
        return None
    if "_LPAR" in fault.accepts and fault.previous is not None and fault.previous.type in ("INFIX", "MINUS"):
        return None
    declares = fault.previous is not None and fault.previous is fault.first and fault.first.type in NAMING
    expected = "a name" if declares else shown(fault.accepts)
    fix = "a choice is written `a if c else b`" if word == "if" and not declares else "choose another name"
    return Diagnostic("L036", fault.span(len(word)), f"the reserved word `{word}`", expected, fix)


def _slice(fault: Fault) -> Diagnostic | None:
    """``x[1:]`` or ``x[:, 0]``: a colon inside brackets that binds nothing."""
    before = fault.text[fault.text.rfind("\n", 0, fault.start) + 1 : fault.start]
    colon = _found(fault) == ":" or (fault.previous is not None and fault.previous == ":")
    if not colon or before.count("[") <= before.count("]"):
        return None
    word = _found(fault)
    fix = "an entry has an index on each axis: y[i] = x[i + 1], and `index i:N` declares its range"
    return Diagnostic("L031", fault.span(len(word)), f"`{word}`{_after(fault)}", "positions, and no slices", fix)


def _clause(fault: Fault) -> Diagnostic | None:
    """A misspelt clause of a claim, or a claim form that is not one."""
    if "EXPECT" not in fault.accepts or not _operand(fault):
        return None
    word = _found(fault)
    near = get_close_matches(word, [*CLAUSES, *(["reading"] if "READING" in fault.accepts else [])], 1, 0.7)
    if near:
        return Diagnostic(
            "L037",
            fault.span(len(word)),
            f"`{word}`{_after(fault)}",
            shown(fault.accepts),
            f"did you mean `{near[0]}`?",
        )
    before = str(fault.previous)
    near = get_close_matches(before, CLAIMS, 1, 0.7)
    if near and fault.previous is not None:
        at = fault.previous
        span = Span(fault.path, at.line or 1, at.column or 1, at.line or 1, (at.column or 1) + len(before))
        return Diagnostic(
            "L037",
            span,
            f"`{before}`, which is no form of claim",
            ", ".join(f"`{w}`" for w in CLAIMS),
            f"did you mean `{near[0]}`?",
        )
    return None


def _operand(fault: Fault) -> bool:
    """Whether an operand stands where an operator could: two of them side by side."""
    return "INFIX" in fault.accepts and bool(re.match(r'[\w"]', fault.text[fault.start : fault.start + 1]))


def _juxtaposed(fault: Fault) -> Diagnostic | None:
    if not _operand(fault) or fault.previous is None or fault.previous.type in ("", "_NEWLINE"):
        return None
    word, before = _found(fault), str(fault.previous)[:40]
    if before in (")", "]"):
        before = "…" + before
    found = f"`{word}` right after `{before}`"
    plain = unicodedata.normalize("NFKC", word)
    fix = f"a product is written `{before} * {word}`"
    if word != plain and plain.isdigit():
        fix = f"a power is written `{before}^{plain}`"
    elif before in (*TOP, *BODY):  # what was read as a name begins a statement of its own
        fix = f"`{before}` begins a line of its own, behind one that is complete"
    return Diagnostic("L030", fault.span(len(word)), found, shown(fault.accepts), fix)


__all__ = ["OPERANDS", "WORDS", "Fault", "explain"]
