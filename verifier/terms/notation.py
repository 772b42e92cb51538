"""How each piece of mathematics is written: in spec syntax (`Text`) and in LaTeX (`Latex`)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from fractions import Fraction

# How tightly a form binds.  BIG is a sum sign of LaTeX: it reaches to the end of its product.
CHOICE, SUM, BIG, PRODUCT, POWER, ATOM = range(6)
Form = tuple[str, int]

_GREEK = (
    "alpha beta gamma delta zeta eta theta iota kappa lambda mu nu xi pi rho sigma tau upsilon chi psi omega "
    "Gamma Delta Theta Lambda Xi Pi Sigma Upsilon Phi Psi Omega"
).split()
_COMMANDS = {n: f"\\{n}" for n in _GREEK} | {"eps": r"\varepsilon", "epsilon": r"\varepsilon", "phi": r"\varphi"}
_LETTERS = dict(zip("αβγδζηθικλμνξπρστυχψωΓΔΘΛΞΠΣΥΦΨΩ", (f"\\{n}" for n in _GREEK), strict=True))
_LETTERS |= {"ε": r"\varepsilon", "ϵ": r"\epsilon", "φ": r"\varphi", "ϕ": r"\phi", "ϑ": r"\vartheta"}
_SPECIAL = {c: f"\\{c}" for c in "{}$&#%_"} | {"\\": r"\backslash ", "^": r"\wedge ", "~": r"\sim "}
_REDUCTIONS = {"sum", "prod", "max", "min"}
_OPERATORS = {"exp", "log", "sin", "cos", "tanh", "sinh", "cosh"}


class Text:
    """Spec syntax."""

    equals, differs, at_least, below, above, at_most = "==", "!=", ">=", "<", ">", "<="
    conjunction, disjunction, negation = " and ", " or ", "not "
    choice_level, total_level, body_level = CHOICE, ATOM, CHOICE
    stacked = False
    deltas = False  # whether what is 0 but at equal indices is written with a Kronecker delta

    def read(self, name: str, index: Sequence[str]) -> str:
        """An entry of a tensor."""
        return self.entry(self.name(name), index)

    def delta(self, one: str, other: str) -> str:
        """1 where two indices are equal, 0 elsewhere; asked for only with ``deltas``."""
        raise NotImplementedError

    def call(
        self, name: str, partials: Sequence[tuple[int, Sequence[str]]], arguments: Sequence[str], outputs: Sequence[str]
    ) -> str:
        """An entry of the value of a function, or of one of its partial derivatives."""
        return self.entry(self.apply(self.partial(name, partials) if partials else name, arguments), outputs)

    def name(self, name: str) -> str:
        return name

    def function(self, name: str, *, known: bool) -> str:
        return name

    def bracket(self, form: str) -> str:
        return f"({form})"

    def entry(self, base: str, index: Sequence[str]) -> str:
        return f"{base}[{','.join(index)}]" if index else base

    def product(self, factors: Sequence[str]) -> str:
        return "*".join(factors)

    def fraction(self, above: str, below: str) -> str:
        return f"{above}/{below}"

    def quotient(self, a: str, b: str) -> str:
        return f"{a}//{b}"

    def remainder(self, a: str, b: str) -> str:
        return f"{a}%{b}"

    def power(self, base: str, exponent: Fraction) -> str:
        return f"{base}^{exponent}" if exponent.denominator == 1 else f"{base}^({exponent})"

    def root(self, base: str) -> str:
        return f"sqrt({base})"

    def ranged(self, name: str, size: str) -> str:
        """A bound index whose range nothing around tells."""
        return f"{name}:{size}"

    def reduction(self, name: str, bound: Sequence[str], guard: str, body: str) -> str:
        """A sum, product, greatest value, ... over bound indices at which a condition holds (none: ``""``)."""
        return f"{name}[{','.join(bound)}{f' if {guard}' if guard else ''}]({body})"

    def choice(self, branches: Sequence[tuple[str, str]], other: str) -> str:
        return "".join(f"{then} if {guard} else " for guard, then in branches) + other

    def apply(self, function: str, arguments: Sequence[str]) -> str:
        return f"{function}({', '.join(arguments)})"

    def family(self, bound: Sequence[str], body: str) -> str:
        return f"tensor[{','.join(bound)}]({body})"

    def partial(self, function: str, partials: Sequence[tuple[int, Sequence[str]]]) -> str:
        numbers = "".join(f", {k}" for k, _ in partials)
        return f"partial({function}{numbers})" + "".join(f"[{','.join(ix)}]" for _, ix in partials if ix)

    def for_all(self, ranges: Sequence[tuple[str, str]]) -> str:
        return "  for all " + ", ".join(f"{i} < {n}" for i, n in ranges) if ranges else ""


class Latex(Text):
    """LaTeX for math mode, with amsmath.  Names are escaped: whatever a spec calls a thing, no command gets in."""

    equals, differs, at_least, at_most = "=", r"\neq", r"\ge", r"\le"
    conjunction, disjunction, negation = r" \land ", r" \lor ", r"\neg "
    choice_level, total_level, body_level = PRODUCT, BIG, BIG
    stacked = True

    def name(self, name: str) -> str:
        r"""
        >>> [Latex().name(n) for n in ("W", "eps", "h_1", "rstd", "a_b", "}x")]
        ['W', '\\varepsilon', 'h_{1}', '\\mathrm{rstd}', '\\mathrm{a\\_b}', '\\mathrm{\\}x}']
        """
        numbered = re.fullmatch(r"([A-Za-z]+)_?([0-9]+)", name)
        if numbered and (len(numbered[1]) == 1 or numbered[1] in _COMMANDS):
            return f"{self.name(numbered[1])}_{{{numbered[2]}}}"
        if name in _COMMANDS or name in _LETTERS:
            return _COMMANDS.get(name) or _LETTERS[name]
        if re.fullmatch("[A-Za-z]'*", name):
            return name
        return rf"\mathrm{{{''.join(self._character(c) for c in name)}}}"

    def _character(self, c: str) -> str:
        if c in _SPECIAL:
            return _SPECIAL[c]
        if c in _LETTERS:
            return _LETTERS[c] + " "
        return c if c.isascii() and c.isprintable() else f"\\langle {ord(c):X}\\rangle "

    def function(self, name: str, *, known: bool) -> str:
        if not known:
            return self.name(name)
        return f"\\{name}" if name in _OPERATORS else rf"\operatorname{{{name}}}"

    def bracket(self, form: str) -> str:
        return rf"\left({form}\right)"

    def entry(self, base: str, index: Sequence[str]) -> str:
        if not index:
            return base
        simple = all(re.fullmatch(r"[A-Za-z0-9]", i) for i in index)
        # A name that has a subscript already is grouped: two subscripts in a row are an error in TeX.
        stem = f"{{{base}}}" if "_" in base else base
        return f"{stem}_{{{('' if simple else ', ').join(index)}}}"

    def product(self, factors: Sequence[str]) -> str:
        out = factors[0]
        for f in factors[1:]:
            out += (r" \cdot " if f[0].isdigit() else " ") + f
        return out

    def fraction(self, above: str, below: str) -> str:
        return rf"\frac{{{above}}}{{{below}}}"

    def quotient(self, a: str, b: str) -> str:
        return rf"\lfloor {a} / {b} \rfloor"

    def remainder(self, a: str, b: str) -> str:
        return rf"{a} \bmod {b}"

    def power(self, base: str, exponent: Fraction) -> str:
        return f"{base}^{{{exponent}}}"

    def root(self, base: str) -> str:
        return rf"\sqrt{{{base}}}"

    def ranged(self, name: str, size: str) -> str:
        return name

    def reduction(self, name: str, bound: Sequence[str], guard: str, body: str) -> str:
        below = ", ".join(bound)
        if guard:
            below = rf"\substack{{{below} \\ {guard}}}"
        sign = rf"\{name}" if name in _REDUCTIONS else rf"\operatorname*{{{name}}}"
        return rf"{sign}_{{{below}}} {body}"

    def choice(self, branches: Sequence[tuple[str, str]], other: str) -> str:
        rows = [rf"{then} & \text{{if }} {guard}" for guard, then in branches] + [rf"{other} & \text{{otherwise}}"]
        return r"\begin{cases} " + r" \\ ".join(rows) + r" \end{cases}"

    def apply(self, function: str, arguments: Sequence[str]) -> str:
        inside = ", ".join(arguments)
        return rf"\left|{inside}\right|" if function == r"\operatorname{abs}" else function + self.bracket(inside)

    def family(self, bound: Sequence[str], body: str) -> str:
        return rf"\left({body}\right)_{{{', '.join(bound)}}}"

    def partial(self, function: str, partials: Sequence[tuple[int, Sequence[str]]]) -> str:
        return "".join(rf"\partial_{{{', '.join((str(k), *ix))}}} " for k, ix in partials) + function

    def for_all(self, ranges: Sequence[tuple[str, str]]) -> str:
        return r" \qquad " + r",\; ".join(rf"0 \le {i} < {n}" for i, n in ranges) if ranges else ""


__all__ = ["ATOM", "BIG", "CHOICE", "POWER", "PRODUCT", "SUM", "Form", "Latex", "Text"]
