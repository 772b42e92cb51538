"""Text to syntax tree, reporting as many faults as one run can.

lark's tables are driven token by token.  A fault is recorded, the rest of its statement is skipped (with the
block that it opens, if any), and reading goes on at the next one; so faults in several statements, or in several
lines of one body, come out together.
"""

from __future__ import annotations

import re
from typing import Any

from lark import Lark, Token, Tree
from lark.exceptions import UnexpectedCharacters, UnexpectedInput, UnexpectedToken
from lark.parsers.lalr_analysis import Shift

from ..diagnostics import Diagnostic, Span, SpecError
from . import source
from .claims import Claims
from .errors import Fault, explain
from .grammar import tables
from .syntax import Spec

MAX_TOKENS = 100_000
_OPEN = {"_LPAR": "(", "_LSQB": "[", "_LBRACE": "{", "_BLOCK": "block"}
_CLOSE = frozenset({"_RPAR", "_RSQB", "_RBRACE"})
_SKIPPED = re.compile(r'"[^"\n]*"|[()\[\]{}]|#[^\n]*|.', re.DOTALL)


def parse_file(path: str) -> Spec:
    """The syntax tree of a file.  Raises OSError, or SpecError with all faults that one run finds."""
    return parse(source.read(path), path)


def parse(text: str, path: str) -> Spec:
    """The syntax tree of a text; ``path`` is only what its spans say.  Raises SpecError."""
    return read_tokens(text, path)[0]


def read_tokens(text: str, path: str) -> tuple[Spec, list[Token]]:
    """The syntax tree, and the tokens that it was read from; ``_NEWLINE`` only where one ends a statement.

    Places of tokens count in the text without a byte order mark and with ``\\n`` line ends.  Raises SpecError.
    """
    text = source.prepare(text, path)
    reading = _Reading(tables(), text, path)
    tree = reading.run()
    faults = list(reading.faults)
    builder = Claims(path)
    try:
        spec = builder.build(tree) if tree is not None else None
    except SpecError as error:
        faults += error.diagnostics
    if faults or not isinstance(spec, Spec):
        raise SpecError(*sorted(faults, key=lambda fault: fault.span)[: source.MAX_FAULTS])
    return spec, reading.taken


class _Reading:
    """One pass over a text with the tables of the grammar, and a way back from faults."""

    def __init__(self, lark: Lark, text: str, path: str) -> None:
        self.text, self.path = text, path
        self.parser: Any = lark.parse_interactive(text)  # lark leaves these methods untyped
        self.state = self.parser.parser_state
        self.line_end = re.compile(lark.get_terminal("_NEWLINE").pattern.to_regexp())
        self.faults: list[Diagnostic] = []
        self.taken: list[Token] = []
        self.opened: list[str] = []
        # At the first token of a statement: how high the stacks are, and how many brackets are open.
        self.heights: list[tuple[int, int, int]] = []
        self.fresh = True
        self.first: Token | None = None
        self.previous: Token | None = None
        # The states before the token that is being fed: a fault shows only after reductions for it.
        self.before: list[int] | None = None
        self.count = 0

    def run(self) -> Tree[Token] | None:
        """The parse tree of all statements without a fault; None if the limits were hit."""
        while True:
            try:
                for token in self.parser.lexer_thread.lex(self.state):
                    self.count += 1
                    if self.count > MAX_TOKENS:
                        found = f"more than {MAX_TOKENS} words and signs"
                        self.faults.append(Diagnostic("L012", self._span(token), found, "a smaller file", "split it"))
                        return None
                    self._feed(token)
                self.before = list(self.state.state_stack)
                tree: Tree[Token] = self.parser.feed_eof(self._end())
                return tree
            except UnexpectedInput as error:
                if len(self.faults) >= source.MAX_FAULTS:
                    return None
                if not self._recover(error):
                    return None

    def _end(self) -> Token | None:
        """A token at the place where the last one ends: what is missing at the end is missing there."""
        last = self.previous
        if last is None:
            return None
        return Token(
            "$END", "", last.end_pos, last.end_line, last.end_column, last.end_line, last.end_column, last.end_pos
        )

    def _feed(self, token: Token) -> None:
        self.before = list(self.state.state_stack)
        self._take(token)
        self.before = None

    def _take(self, token: Token) -> None:
        if token.type == "_NEWLINE":
            if self.opened and self.opened[-1] != "block":
                return
            self.parser.feed_token(token)
            self.taken.append(token)
            self.fresh, self.previous = True, token
            return
        if self.fresh:
            self.first = token
            self._enter(token)
        else:
            self.parser.feed_token(token)
        self.taken.append(token)
        self.previous = token
        if token.type in _OPEN:
            self.opened.append(_OPEN[token.type])
            self.fresh = token.type == "_BLOCK"
        elif token.type in _CLOSE and self.opened.pop() == "block":
            self.heights = [height for height in self.heights if height[2] <= len(self.opened)]
            self.fresh = False

    def _enter(self, token: Token) -> None:
        """Feed the first token of a statement, and note what to come back to if the statement has a fault."""
        self.heights = [height for height in self.heights if height[2] < len(self.opened)]
        shifted = 0
        try:
            self.parser.feed_token(token)
            shifted = 1
        finally:
            # Lists of statements are gathered in place, so only now, with the list reduced, is the height right.
            if not shifted or token.type != "_RBRACE":
                sizes = len(self.state.state_stack) - shifted, len(self.state.value_stack) - shifted
                self.heights.append((*sizes, len(self.opened)))
        self.fresh = False

    def _recover(self, error: UnexpectedInput) -> bool:
        """Report a fault, forget its statement, and move behind it; False if nothing is left to read."""
        counter = self.parser.lexer_thread.state.line_ctr
        if isinstance(error, UnexpectedToken):
            token = error.token
        else:
            assert isinstance(error, UnexpectedCharacters)
            start = error.pos_in_stream or 0
            token = Token(
                "", self.text[start], start, error.line, error.column, error.line, error.column + 1, start + 1
            )
        fresh = self.fresh
        fault = Fault(
            self.path,
            self.text,
            token,
            None if fresh else self.first,
            None if fresh else self.previous,
            self._accepts(),
            bool(self.opened),
        )
        self.faults.append(explain(fault))
        position = token.start_pos if token.start_pos is not None else len(self.text)
        if not self.heights or (fresh and self.heights[-1][2] < len(self.opened)):
            # Nothing of this statement was taken yet.
            self.heights.append((len(self.state.state_stack), len(self.state.value_stack), len(self.opened)))
        states, values, depth = self.heights[-1]
        del self.state.state_stack[states:]
        del self.state.value_stack[values:]
        end = self._skip(position, depth)
        del self.opened[depth:]
        # The text before the fault was read already; count lines from where the fault is.
        counter.char_pos, counter.line, counter.column = position, token.line or 1, token.column or 1
        counter.line_start_pos = position - (counter.column - 1)
        counter.feed(Token("", self.text[position:end]), True)
        self.fresh, self.first, self.previous, self.before = True, None, None, None
        return end < len(self.text)

    def _skip(self, position: int, depth: int) -> int:
        """The offset where the next statement may start: behind the line end that closes this one."""
        opened = len(self.opened) - depth
        start = position
        while position < len(self.text):
            if opened <= 0 and (line_end := self.line_end.match(self.text, position)):
                return line_end.end()
            mark = _SKIPPED.match(self.text, position)
            assert mark is not None
            if mark[0] in "([{":
                opened += 1
            elif mark[0] in ")]}":
                if opened <= 0 and mark[0] == "}" and depth and position > start:
                    return position
                opened = max(0, opened - 1)
            position = mark.end()
        return position

    def _accepts(self) -> frozenset[str]:
        """The terminals that could really come next: the tables alone allow more, as LALR merges contexts."""
        states = self.state.parse_conf.states
        stack = self.before if self.before is not None else self.state.state_stack
        return frozenset(name for name in states[stack[-1]] if name.isupper() and self._shifts(name, list(stack)))

    def _shifts(self, name: str, stack: list[int]) -> bool:
        states = self.state.parse_conf.states
        while True:
            step = states[stack[-1]].get(name)
            if step is None:
                return False
            action, argument = step
            if action is Shift:
                return True
            size = len(argument.expansion)
            if size:
                del stack[-size:]
            stack.append(states[stack[-1]][argument.origin.name][1])

    def _span(self, token: Token) -> Span:
        return Span(self.path, token.line or 1, token.column or 1, token.end_line or 1, token.end_column or 1)
