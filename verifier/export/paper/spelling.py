r"""How documents write a name: ``# latex rstd is \sigma^{-1}``, a comment on a line of its own.

It is a comment because it says nothing that a claim could rest on.  A spec is untrusted, and TeX is a programming
language: what is written is taken apart into letters, scripts and commands that only draw, or it is a fault.
"""

from __future__ import annotations

import re

from ...diagnostics import Diagnostic, Span, SpecError

_LINE = re.compile(r"^[ \t]*#[ \t]*latex[ \t]+([^\W\d][\w']*)[ \t]+is[ \t]+(.*?)[ \t]*$", re.MULTILINE)
_TOKEN = re.compile(r"\\[A-Za-z]+|[A-Za-z0-9'(),+*/\[\] -]|[\^_{}]")
_GREEK = (
    "alpha beta gamma delta epsilon varepsilon zeta eta theta vartheta iota kappa lambda mu nu xi pi rho varrho sigma "
    "tau upsilon phi varphi chi psi omega Gamma Delta Theta Lambda Xi Pi Sigma Upsilon Phi Psi Omega"
).split()
_SIGNS = "ell nabla partial top star circ dagger prime infty odot otimes oplus hbar cdot times".split()
_FACES = "mathbf mathrm mathcal mathbb mathsf mathit hat tilde bar vec dot widehat widetilde overline".split()
ALLOWED = frozenset(f"\\{n}" for n in (*_GREEK, *_SIGNS, *_FACES))
LONGEST = 60


def spelling(text: str, path: str) -> dict[str, str]:
    """The LaTeX of names, by name.  Raises SpecError for what does more than draw."""
    rows: dict[str, str] = {}
    faults = []
    for found in _LINE.finditer(text):
        why = _wrong(found[2])
        if why:
            line = text.count("\n", 0, found.start(2)) + 1
            column = found.start(2) - text.rfind("\n", 0, found.start(2))
            span = Span(path, line, column, line, column + len(found[2]))
            expected = "letters, scripts and commands that only draw, such as \\sigma, \\hat{x}, \\mathbf{W}"
            faults.append(Diagnostic("E144", span, f"LaTeX for {found[1]} {why}", expected))
        rows[found[1]] = found[2]
    if faults:
        raise SpecError(*faults)
    return rows


def _wrong(latex: str) -> str:
    r"""Why LaTeX is not taken, or nothing.

    >>> _wrong(r"\sigma^{-1}"), _wrong(r"\input{x}"), _wrong("a}{b"), _wrong("x_1_2"), _wrong(r"\hat")
    ('', 'with \\input', 'whose braces do not match', 'with a second script', 'that ends too early')
    """
    if not latex or len(latex) > LONGEST:
        return f"of {len(latex)} characters; at most {LONGEST}"
    tokens = _TOKEN.findall(latex)
    if "".join(tokens) != latex:
        return "with a character that is not allowed"
    strange = next((t for t in tokens if t.startswith("\\") and t not in ALLOWED), "")
    if strange:
        return f"with {strange}"
    depth = 0
    for t in tokens:
        depth += (t == "{") - (t == "}")
        if depth < 0:
            return "whose braces do not match"
    if depth:
        return "whose braces do not match"
    return _shape([t for t in tokens if t != " "])


def _shape(tokens: list[str]) -> str:
    """Whether every script and accent has an argument, and nothing has two scripts of a kind."""
    taking = {f"\\{n}" for n in _FACES} | {"^", "_"}
    seen: list[set[str]] = [set()]
    previous = ""
    for t in tokens:
        if previous in taking and t in ("^", "_", "}", "'"):
            return "that ends too early"
        if t in ("^", "_") or (t == "'" and previous != "'"):
            kind = "^" if t == "'" else t
            if kind in seen[-1]:
                return "with a second script"
            seen[-1].add(kind)
        elif t == "{":
            seen.append(set())
        elif t == "}":
            seen.pop()
        elif previous not in taking and t != "'":
            seen[-1] = set()
        previous = t
    return "that ends too early" if previous in taking else ""


__all__ = ["spelling"]
