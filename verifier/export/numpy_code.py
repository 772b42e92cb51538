"""Learners as NumPy: one function each for I, U and R, with shapes in its docstring.

What the spec leaves open is an argument: sizes are read off the shapes, uninterpreted functions and their
derivatives are callables, declared numbers are numbers.
"""

from __future__ import annotations

from collections.abc import Sequence

from ..learn.learner import Learner
from ..learn.program import Program
from ..terms.sorts import Range, Real
from ..terms.syntax import Let, Read, Symbol
from ..terms.traverse import cone, reads
from .numpy_terms import Names, Terms

HEADER = '''"""{headings}, written by learnlaw.

Sizes are read off the shapes of the arguments.  Computed in floating point: the proofs are about real numbers.
"""

import numpy as np
'''


def module(learners: Sequence[tuple[str, Learner]]) -> str:
    """A module with ``implement``, ``update`` and ``request`` of learners, each given with its heading.

    The functions of several learners are told apart by names that begin with the learner's.
    Raises NoNumpy if a map has no NumPy spelling.

    >>> from ..learn.learner import identity
    >>> code = module([("id", identity((Symbol("a"),)))])
    >>> [line for line in code.splitlines() if "def" in line or "return" in line]
    ['def implement(a):', '    return a', 'def request(a, a_1):', '    return a_1']
    """
    names = Names()
    rows = [HEADER.format(headings=", ".join(heading for heading, _ in learners))]
    for heading, f in learners:
        prefix = names.of(f, heading.split("(")[0].strip().replace(" ", "_")) + "_" if len(learners) > 1 else ""
        rows += _maps(f, prefix)
    return "\n\n".join(rows)


def _maps(f: Learner, prefix: str) -> list[str]:
    k = len(f.parameters)
    rows = [function(prefix + "implement", "I", f.implement, f.target)]
    if f.parameters:
        rows.append(function(prefix + "update", "U", _part(f.step, 0, k), f.parameters))
    if f.source:
        rows.append(function(prefix + "request", "R", _part(f.step, k, len(f.step.outputs)), f.source))
    return rows


def _part(p: Program, first: int, last: int) -> Program:
    return Program(p.inputs, p.lets, p.outputs[first:last], p.kinks)


def function(name: str, letter: str, program: Program, results: Sequence[Symbol]) -> str:
    """One map as a function of its inputs, the numbers it uses, and the callables it needs."""
    names = Names()
    arguments = [names.of(s, s.label) for s in program.inputs]
    table = {let.symbol.name: let for let in program.lets}
    lets = cone([Read(s) for s in program.outputs], table)
    loose = [s for let in lets for s in reads(let.body)] + list(program.outputs)
    declared = [s for s in dict.fromkeys(loose) if s.name not in table and s not in program.inputs]
    arguments += [names.of(s, s.label) for s in declared]
    terms = Terms(names)
    lines: list[str] = []
    for let in lets:
        value = terms.let(Let(let.symbol, let.indices, let.body))
        lines.append(f"{names.of(let.symbol, _plain(let.symbol.name))} = {value.text}")
    out = [names.of(s, s.label) for s in program.outputs]
    inputs = (*program.inputs, *declared)
    sizes, more = _sizes(terms, inputs)
    callables = [*terms.functions]
    extra = [*callables, *more]
    signature = ", ".join([*arguments, *(["*", *extra] if extra else [])])
    shown = ", ".join(_shape(s, terms) for s in inputs)
    doc = [f"{letter} : {shown or '()'} -> {', '.join(_shape(s, terms) for s in results)}."]
    doc += [f"{c}: {what}" for c, what in terms.functions.items()]
    body = [f'"""{doc[0]}' + ("\n" + "".join(f"\n    {d}" for d in doc[1:]) + "\n    " if doc[1:] else "") + '"""']
    body += sizes
    body += [f"{n} = {definition}" for n, definition in terms.ranges.items()]
    body += ["with np.errstate(all='ignore'):  # both branches of a choice are evaluated"] if terms.choices else []
    body += [("    " if terms.choices else "") + line for line in lines]
    body.append(f"return {', '.join(out)}")
    return f"def {name}({signature}):\n" + "\n".join("    " + line for line in body) + "\n"


def _sizes(terms: Terms, inputs: Sequence[Symbol]) -> tuple[list[str], list[str]]:
    """Lines that read sizes off shapes, and the sizes that have to be given."""
    lines: list[str] = []
    left = dict(terms.sizes)
    for s in inputs:
        for k, axis in enumerate(s.axes):
            if isinstance(axis, Range) and len(axis.size.terms) == 1:
                (names, c), *_ = axis.size.terms
                if c == 1 and len(names) == 1 and names[0] in left:
                    del left[names[0]]
                    lines.append(f"{terms.names.of(names[0], names[0])} = {terms.names.of(s, s.label)}.shape[{k}]")
    return lines, [terms.names.of(n, n) for n in left]


def _shape(s: Symbol, terms: Terms) -> str:
    name = terms.names.of(s, s.label)
    kind = "" if isinstance(s.value, Real) else f" in {s.value}"
    return name + (f"[{', '.join(map(str, s.axes))}]" if s.axes else "") + kind


def _plain(name: str) -> str:
    """``d.h.0`` is ``dh_0``: a generated name without its dots."""
    prefix, _, rest = name.partition(".")
    if prefix in ("d", "e") and rest and not rest.isdigit():
        name = "d" + rest
    return name.split("~")[0].replace(".", "_")


__all__ = ["function", "module"]
