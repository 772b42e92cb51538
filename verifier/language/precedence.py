"""The binding strength of operators: one table for the reader and for the printer.

Loose to tight: ``or``, ``and``, ``not``, comparisons, ``;``, ``if else``, ``+ -``, ``* ⊗ / // % @``, unary
minus, ``^`` (which groups to the right), and postfix forms.
"""

from __future__ import annotations

OR, AND, NOT, COMPARISON, COMPOSITION, CHOICE, SUM, PRODUCT, NEGATIVE, POWER, POSTFIX, ATOM = range(12)

COMPARISONS = ("==", "!=", "<", "<=", ">", ">=", "~")

LEVELS: dict[str, int] = {
    "or": OR,
    "and": AND,
    **dict.fromkeys(COMPARISONS, COMPARISON),
    ";": COMPOSITION,
    "if": CHOICE,
    "else": CHOICE,
    **dict.fromkeys("+-", SUM),
    **dict.fromkeys(("*", "⊗", "/", "//", "%", "@"), PRODUCT),
    "^": POWER,
}
PREFIX: dict[str, int] = {"not": NOT, "-": NEGATIVE}

# `a < b < c` and `a or b or c` are one node, `a ^ b ^ c` is a ^ (b ^ c); all others group to the left.
CHAINS = frozenset({OR, AND, COMPARISON})
TO_THE_RIGHT = frozenset({CHOICE, POWER})

ALIASES: dict[str, str] = {
    "**": "^",
    "≠": "!=",
    "≤": "<=",
    "≥": ">=",
    "∧": "and",
    "∨": "or",
    "¬": "not",
}


def canonical(operator: str) -> str:
    """The sign that the tree has for an operator as written; ``⊗`` stays what it is."""
    return ALIASES.get(operator, operator)
