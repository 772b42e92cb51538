"""What the terminals of the grammar are called in messages.  A test holds this list and the grammar together."""

from __future__ import annotations

# Terminals that begin an operand; together they are "an expression".
OPERANDS = frozenset({"NAME", "INTEGER", "DECIMAL", "STRING", "_LPAR", "MINUS", "NOT"})
# Terminals that may go on after an operand; together they are "an operator".
OPERATORS = frozenset({"INFIX", "MINUS", "_LPAR", "_LSQB", "_DOT"})

WORDS: dict[str, str] = {
    "NAME": "a name",
    "INTEGER": "a whole number",
    "DECIMAL": "a number",
    "STRING": "a text in quotes",
    "INFIX": "an operator",
    "MINUS": "`-`",
    "NOT": "`not`",
    "EQUAL": "`=`",
    "PLUS_EQUAL": "`+=`",
    "ARROW": "`->`",
    "_LPAR": "`(`",
    "_RPAR": "`)`",
    "_LSQB": "`[`",
    "_RSQB": "`]`",
    "_BLOCK": "`{`",
    "_LBRACE": "`{`",
    "_RBRACE": "`}`",
    "_COMMA": "`,`",
    "_COLON": "`:`",
    "_DOT": "`.`",
    "_NEWLINE": "the end of the line",
    "$END": "the end of the file",
    # Words that stand for several: the grammar lets each of them begin the same statement.
    "SCALAR": "`size`, `nat`, `int` or `real`",
    "TENSOR": "`param`, `data`, `state` or `input`",
    "OUTPUT": "`output` or `aux`",
}

_STATEMENTS = {
    "IMPORT": ("import",),
    "SCALAR": ("size", "nat", "int", "real"),
    "SET": ("set",),
    "INDEX": ("index",),
    "FUNCTION": ("function",),
    "ERROR": ("error",),
    "LEARNER": ("learner",),
    "NETWORK": ("network",),
    "WIRE": ("wire",),
    "LAYER": ("layer",),
    "BACKWARD": ("backward", "jvp"),
    "TIE": ("tie",),
    "AXIOM": ("axiom",),
    "CHECK": ("check",),
}
_LINES = {
    "TENSOR": ("param", "data", "state", "input"),
    "OUTPUT": ("output", "aux"),
    "LET": ("let",),
    "IMPLEMENT": ("implement",),
    "LEARN": ("learn",),
    "UPDATE": ("update",),
    "REQUEST": ("request",),
    "SCALAR": _STATEMENTS["SCALAR"],
    "INDEX": _STATEMENTS["INDEX"],
}
# Terminals behind which the name of something new stands.
NAMING = frozenset(
    {"SCALAR", "SET", "INDEX", "FUNCTION", "ERROR", "LEARNER", "NETWORK", "WIRE", "LAYER", "TENSOR", "OUTPUT", "LET"}
)
CLAIMS = ("natural", "square", "category", "functor", "lens", "invertible", "descent")
CLAUSES = ("expect", "assuming", "via", "on", "at", "when")
TOP = tuple(word for words in _STATEMENTS.values() for word in words)
BODY = tuple(word for words in _LINES.values() for word in words)
_CLAUSE_TERMINALS = frozenset(word.upper() for word in CLAUSES)
_CLAIM_TERMINALS = frozenset(word.upper() for word in CLAIMS)


def shown(accepts: frozenset[str]) -> str:
    """What could come next, in words: ``an expression``, ``an operator, `,` or `)` ``."""
    left = set(accepts)
    parts = []
    if "IMPORT" in left:
        return "a declaration or a claim"
    if "LET" in left:
        return "a line of a body"
    if left >= _CLAIM_TERMINALS:
        left -= _CLAIM_TERMINALS
        parts.append("a claim")
    if left >= OPERANDS - {"NOT"}:
        left -= OPERANDS
        if not parts:
            parts.append("an expression")
    elif "INFIX" in left:
        left -= OPERATORS
        parts.append("an operator")
    if left >= _CLAUSE_TERMINALS:
        left -= _CLAUSE_TERMINALS
        parts.append("a clause (" + ", ".join(f"`{word}`" for word in CLAUSES) + ")")
    parts += sorted({WORDS.get(name, f"`{name.lower()}`") for name in left if name != "_NEWLINE"})
    if "_NEWLINE" in left:
        parts.append(WORDS["_NEWLINE"])
    return parts[0] if len(parts) == 1 else ", ".join(parts[:-1]) + " or " + parts[-1] if parts else "nothing more"
