"""Matrices in LaTeX."""

from __future__ import annotations

from ...terms.mathematics import written_form
from ...terms.notation import ATOM, BIG, POWER, PRODUCT, SUM, Form
from ...terms.syntax import Let, SizeOf, Symbol
from .matrix import Apply, Leaf, Matrix, NoMatrix, Ones, Op, Raised, matrix
from .notation import Paper


def equation(let: Let, n: Paper) -> tuple[str, str] | None:
    """Both sides of ``X = body`` in matrix notation, None where the body has no such form."""
    try:
        return n.read(let.symbol.label, []), _form(matrix(let), n)[0]
    except NoMatrix:
        return None


def _form(m: Matrix, n: Paper) -> Form:
    if isinstance(m, Leaf):
        return (n.read(m.term.label, []), ATOM) if isinstance(m.term, Symbol) else written_form(m.term, n)
    if isinstance(m, Ones):
        return rf"\mathbf{{1}}_{{{written_form(SizeOf(m.axis.size), n)[0]}}}", ATOM
    if isinstance(m, Raised):
        base = _form(m.base, n)
        if m.entrywise:
            return rf"{_at(base, ATOM, n)}^{{\odot {m.exponent}}}", POWER
        return n.power(_at(base, ATOM, n), m.exponent), POWER
    if isinstance(m, Apply):
        return _apply(m, n), ATOM
    if m.kind == "sum":
        return _sum(m, n), SUM
    if m.kind == "entrywise":
        return _entrywise(m, n), BIG
    if m.kind == "transpose":
        form, level = _form(m.parts[0], n)
        alone = level == ATOM and not form.startswith(r"\frac") and "^" not in form
        return rf"{form if alone else n.bracket(form)}^{{\top}}", POWER
    if m.kind == "diagonal":
        return rf"\operatorname{{diag}}{n.bracket(_form(m.parts[0], n)[0])}", ATOM
    parts = [_form(p, n) for p in m.parts]
    sign = ""
    if m.kind == "scale" and parts[0][0].startswith("-"):
        sign, rest = "-", parts[0][0][1:].lstrip()
        parts = parts[1:] if rest == "1" else [(rest, PRODUCT), *parts[1:]]
    out = n.product([_at(p, PRODUCT, n) for p in parts])
    return sign + out, SUM if sign else PRODUCT


def _at(form: Form, level: int, n: Paper) -> str:
    return n.bracket(form[0]) if form[1] < level else form[0]


def _sum(m: Op, n: Paper) -> str:
    """What is added before what is subtracted, if the first would be a minus sign."""
    rows = [_form(p, n)[0] for p in m.parts]
    if rows[0].startswith("-"):
        rows.sort(key=lambda r: r.startswith("-"))
    out = rows[0]
    for r in rows[1:]:
        out += f" - {r[1:].lstrip()}" if r.startswith("-") else f" + {r}"
    return out


def _entrywise(m: Op, n: Paper) -> str:
    above = [p for p in m.parts if not (isinstance(p, Raised) and p.exponent == -1)]
    below = [p.base for p in m.parts if isinstance(p, Raised) and p.exponent == -1]
    out = r" \odot ".join(_at(_form(p, n), BIG, n) for p in above) or r"\mathbf{1}"
    return out + "".join(rf" \oslash {_at(_form(p, n), PRODUCT, n)}" for p in below)


def _apply(m: Apply, n: Paper) -> str:
    f = m.call.function
    name = n.function(f.name, known=f.known)
    arguments = [_form(a, n)[0] for a in m.arguments]
    if m.jacobian:
        return n.apply(f"J_{{{name}}}", arguments)
    if len(m.arguments) == 1:
        return n.apply(name + "'" * len(m.call.partials), arguments)
    return n.call(name, [(k, []) for k, _ in m.call.partials], arguments, [])


__all__ = ["equation"]
