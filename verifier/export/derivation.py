"""P, I, U and R of a learner in mathematics: as a spec would write them, and in LaTeX.

Intermediate values that are used once are put in their place; the others are listed under `where`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from ..calculus.concrete import Sizes, places
from ..calculus.reverse import slots
from ..learn.learner import Learner, Ports
from ..learn.program import Scope
from ..terms.index import Index
from ..terms.mathematics import latex, text
from ..terms.notation import Latex
from ..terms.sorts import Real, extent
from ..terms.syntax import Let, Lets, Read, SizeOf, Symbol, Term
from ..terms.traverse import cone, map_reads, reads, rename_indices, rename_symbols, subterms

NODES = 60
"""A term stays as it is if putting a value in its place would make it larger than this."""


@dataclass(frozen=True)
class Derivation:
    """The equations of a learner's maps, each ``entry = term``: of I for each target, of U for each parameter, of R
    for each source, and of the intermediate values that they share."""

    heading: str
    learner: Learner
    implement: tuple[Let, ...]
    update: tuple[Let, ...]
    request: tuple[Let, ...]
    where: tuple[Let, ...]

    @property
    def maps(self) -> list[tuple[str, Let]]:
        """All equations of I, U and R, each with the letter of its map."""
        rows = (("I", self.implement), ("U", self.update), ("R", self.request))
        return [(letter, let) for letter, lets in rows for let in lets]


def derivation(heading: str, f: Learner) -> Derivation:
    """The derivation of a learner under a heading."""
    scope = Scope()
    inputs = [scope.input(s) for s in (*f.parameters, *f.source, *f.target)]
    forward = scope.run(f.implement, inputs[: len(f.implement.inputs)])
    step = scope.run(f.step, inputs)
    lets = scope.lets
    names = _names(inputs, lets)
    goals = [*zip(f.target, forward, strict=True), *zip((*f.parameters, *f.source), step, strict=True)]
    outputs = {s for _, s in goals}
    uses = Counter(s.name for let in cone((Read(s) for s in outputs), lets) for s in _occurrences(let.body))
    short: dict[str, Let] = {}
    where: list[Let] = []

    def put(symbol: Symbol, index: tuple[Index, ...]) -> Term:
        let = short.get(symbol.name)
        if let is None:
            return Read(symbol, index)
        return rename_indices(let.body, dict(zip(let.indices, index, strict=True)))

    def larger(t: Term) -> Term:
        t2 = map_reads(t, put)
        return t2 if sum(1 for _ in subterms(t2)) <= NODES else t

    shown: dict[Symbol, Let] = {}
    for let in cone((Read(s) for s in outputs), lets):
        new = Let(let.symbol, let.indices, larger(let.body))
        # What was too large to be put in its place is named after all.
        where += [short.pop(s.name) for s in reads(new.body) if s.name in short]
        if uses[let.symbol.name] == 1 and let.symbol not in outputs:
            short[let.symbol.name] = new
        elif let.symbol in outputs and not uses[let.symbol.name]:
            shown[let.symbol] = new
        else:
            where.append(new)

    def equation(port: Symbol, out: Symbol) -> Let:
        if out in shown:
            let = shown[out]
            return Let(port, let.indices, rename_symbols(let.body, names))
        i = slots(port)
        return Let(port, i, rename_symbols(Read(out, i), names))

    rows = [equation(port, out) for port, out in goals]
    k, m = len(f.target), len(f.target) + len(f.parameters)
    named = tuple(Let(names[w.symbol], w.indices, rename_symbols(w.body, names)) for w in where)
    return Derivation(heading, f, tuple(rows[:k]), tuple(rows[k:m]), tuple(rows[m:]), named)


def as_text(d: Derivation) -> str:
    """In the syntax of specs.

    >>> from ..learn.learner import identity
    >>> print(as_text(derivation("id", identity((Symbol("a"),)))))
    id : a : R -> a' : R
      P  ()
      I.a' = a
      R.a = a'
    """
    f = d.learner
    rows = [f"{d.heading} : {_object(f.source)} -> {_object(f.target)}"]
    rows += [f"  P  {', '.join(map(_type, f.parameters)) or '()'}"]
    rows += [f"  {text(Let(_map(letter, let.symbol), let.indices, let.body))}" for letter, let in d.maps]
    if d.where:
        rows += ["  where", *(f"    {text(let)}" for let in d.where)]
    return "\n".join(rows)


def as_latex(d: Derivation) -> str:
    r"""In LaTeX: an ``align*`` that needs amsmath and amssymb.

    >>> from ..learn.learner import identity
    >>> print(as_latex(derivation("id", identity((Symbol("a"),)))))
    % id
    \begin{align*}
      P &\colon \{\ast\} \\
      I^{a'} &= a \\
      R^{a} &= a'
    \end{align*}
    """
    f = d.learner
    parameters = r",\; ".join(_latex_type(s) for s in f.parameters) or r"\{\ast\}"
    rows = [f"P &\\colon {parameters}"]
    for letter, let in d.maps:
        one = Symbol("I", let.symbol.axes, let.symbol.value)
        left, right = latex(Let(one, let.indices, let.body)).split(" = ", 1)
        rows.append(f"{letter}^{{{Latex().name(let.symbol.label)}}}{left[1:]} &= {right}")
    rows += [f"{left} &= {right}" for left, right in (latex(let).split(" = ", 1) for let in d.where)]
    heading = "".join(c if c.isprintable() else " " for c in d.heading)
    return f"% {heading}\n\\begin{{align*}}\n  " + " \\\\\n  ".join(rows) + "\n\\end{align*}"


def at_sizes(d: Derivation, sizes: Sizes) -> Iterator[tuple[str, str]]:
    """The equations at given sizes, entry by entry: (side, term) with all sums written out."""
    from ..calculus.sympy_bridge import to_sympy
    from ..calculus.sympy_functions import Functions
    from ..learn.components import variable

    functions = Functions()
    rows = [Let(_map(letter, let.symbol), let.indices, let.body) for letter, let in d.maps]
    for let in (*rows, *d.where):
        for place in places(let.symbol.axes, sizes):
            env = dict(zip(let.indices, place, strict=True))
            yield str(variable(let.symbol, place)), str(to_sympy(let.body, variable, functions, sizes=sizes, env=env))


def _map(letter: str, port: Symbol) -> Symbol:
    """The component of a map that belongs to a port."""
    return Symbol(f"{letter}.{port.label}", port.axes, port.value)


def _object(ports: Ports) -> str:
    shown = ", ".join(map(_type, ports))
    return shown if len(ports) == 1 else f"({shown})"


def _type(s: Symbol) -> str:
    return f"{s.label} : {s.value}" + (f"[{', '.join(map(str, s.axes))}]" if s.axes else "")


def _latex_type(s: Symbol) -> str:
    names = Latex()
    base = names.name(str(s.value))
    if isinstance(s.value, Real):
        bounds = [str(b) if b is not None else r"\infty" for b in (s.value.low, s.value.high)]
        whole = s.value.low is None and s.value.high is None
        base = r"\mathbb{R}" if whole else f"({'-' if s.value.low is None else ''}{bounds[0]}, {bounds[1]})"
    shape = r" \times ".join(latex(SizeOf(extent(a))) for a in s.axes)
    return f"{names.name(s.label)} \\in {base}" + (f"^{{{shape}}}" if shape else "")


def _names(inputs: Iterable[Symbol], lets: Lets) -> dict[Symbol, Symbol]:
    """What lets are called in print: ``d.h.0`` is ``dh0``, and no name is used twice."""
    taken = {s.label for s in inputs}
    table: dict[Symbol, Symbol] = {}
    for let in lets.values():
        name = _plain(let.symbol.name)
        while name in taken:
            name += "'"
        taken.add(name)
        table[let.symbol] = Symbol(name, let.symbol.axes, let.symbol.value)
    return table


def _plain(name: str) -> str:
    prefix, _, rest = name.partition(".")
    if prefix in ("d", "e") and rest and not rest.isdigit():
        name = "d" + rest
    return name.split("~")[0].replace(".", "")


def _occurrences(t: Term) -> Iterator[Symbol]:
    return (s.symbol for s in subterms(t) if isinstance(s, Read))


__all__ = ["Derivation", "as_latex", "as_text", "at_sizes", "derivation"]
