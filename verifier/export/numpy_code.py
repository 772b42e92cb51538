"""Learners and layers as NumPy: a function each for I, U and R, or for both passes, with shapes in its docstring.

What the spec leaves open is an argument: sizes are read off the shapes, uninterpreted functions and their
derivatives are callables, declared numbers are numbers.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from ..learn.layer import Layer, adjoints
from ..learn.learner import Learner
from ..learn.program import Program, Scope
from ..terms.circuits import formal
from ..terms.sorts import Range, Real
from ..terms.syntax import Let, Read, Symbol
from ..terms.traverse import cone, reads
from .numpy_arrays import Names, NoNumpy
from .numpy_terms import Terms

HEADER = '''"""{headings}, written by learnlaw.

Sizes are read off the shapes of the arguments.  Computed in floating point: the proofs are about real numbers.
"""

{modules}
'''

SCIPY = """
try:
    from scipy import special
except ImportError as missing:
    raise ImportError("{functions}: not in NumPy, taken from SciPy; install it with: pip install scipy") from missing
"""


def module(learners: Sequence[tuple[str, Learner]], layers: Sequence[tuple[Layer, Scope]] = ()) -> str:
    """A module with ``implement``, ``update`` and ``request`` of learners, each given with its heading, and with
    ``forward`` and ``backward`` (the derived one) of layers, each given with its scope.

    The functions of several are told apart by names that begin with the learner's or layer's.
    Raises NoNumpy if a map has no NumPy spelling.

    >>> from ..learn.learner import identity
    >>> code = module([("id", identity((Symbol("a"),)))])
    >>> [line for line in code.splitlines() if "def" in line or "return" in line]
    ['def implement(a):', '    return a', 'def request(a, a_1):', '    return a_1']
    """
    names = Names()
    headings = [heading for heading, _ in learners] + [layer.name for layer, _ in layers]
    rows: list[str] = []

    def prefix(key: object, heading: str) -> str:
        return names.of(key, heading.split("(")[0].strip().replace(" ", "_")) + "_" if len(headings) > 1 else ""

    for heading, f in learners:
        rows += _maps(f, prefix(f, heading))
    for layer, scope in layers:
        rows += _passes(layer, scope, prefix(layer.name, layer.name))
    return "\n\n".join([HEADER.format(headings=", ".join(headings), modules=_imports("\n".join(rows))), *rows])


def _imports(code: str) -> str:
    """What a module imports: NumPy, and other modules only for functions that NumPy lacks."""
    lacking = sorted(set(re.findall(r"\bspecial\.(\w+)\(", code)))
    first = "import math\n\n" if re.search(r"\bmath\.", code) else ""
    return f"{first}import numpy as np" + (SCIPY.format(functions=", ".join(lacking)).rstrip() if lacking else "")


def _maps(f: Learner, prefix: str) -> list[str]:
    if formal((*f.parameters, *f.source, *f.target)):
        raise NoNumpy(f"{f.name} is a circuit over Z2, and no map of floating-point numbers")
    k = len(f.parameters)
    rows = [function(prefix + "implement", "I", f.implement, f.target)]
    if f.parameters:
        rows.append(function(prefix + "update", "U", _part(f.step, 0, k), f.parameters))
    if f.source:
        rows.append(function(prefix + "request", "R", _part(f.step, k, len(f.step.outputs)), f.source))
    return rows


def _passes(layer: Layer, scope: Scope, prefix: str) -> list[str]:
    """The forward pass (outputs, then aux results) and, cotangents first, the derived gradients."""
    inputs = (*layer.inputs, *layer.parameters, *layer.data, *layer.state)
    results = (*layer.outputs, *layer.aux)
    rows = [function(prefix + "forward", "forward", scope.program(inputs, results), results)]
    given = tuple(scope.input(Symbol(f"d{y.name}", y.axes)) for y in layer.outputs)
    derived = adjoints(scope, layer, given)
    gradients = [Symbol(f"d{s.name}", s.axes) for s in layer.differentiated]
    program = scope.program((*given, *inputs), [derived[s.name] for s in layer.differentiated])
    rows.append(function(prefix + "backward", "backward", program, gradients))
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
    for out, result in zip(program.outputs, results, strict=True):  # under its own name, if no argument has it
        if out.name in table and names.free(result.label):
            names.of(out, result.label)
    terms = Terms(names)
    for let in lets:
        value = terms.let(Let(let.symbol, let.indices, let.body))
        terms.lines.append(f"{names.of(let.symbol, _plain(let.symbol.name))} = {value.text}")
    given = [names.of(s, s.label) for s in program.outputs]
    inputs = (*program.inputs, *declared)
    sizes, more = _sizes(terms, inputs)
    callables = [*terms.functions]
    extra = [*callables, *more]
    signature = ", ".join([*arguments, *(["*", *extra] if extra else [])])
    shown = ", ".join(_shape(s, terms) for s in inputs)
    gives = ", ".join(_shape(s, terms, o) for s, o in zip(results, program.outputs, strict=True))
    doc = [f"{letter} : {shown or '()'} -> {gives}."]
    doc += [f"{c}: {what}" for c, what in terms.functions.items()]
    body = [f'"""{doc[0]}' + ("\n" + "".join(f"\n    {d}" for d in doc[1:]) + "\n    " if doc[1:] else "") + '"""']
    body += sizes
    body += [f"{n} = {definition}" for n, definition in terms.ranges.items()]
    body += ["with np.errstate(all='ignore'):  # both branches of a choice are evaluated"] if terms.choices else []
    body += [("    " if terms.choices else "") + line for line in terms.lines]
    body.append(f"return {', '.join(given)}")
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


def _shape(s: Symbol, terms: Terms, out: Symbol | None = None) -> str:
    """A tensor with its axes; a result under its own name, wherever it is computed."""
    name = terms.names.of(s, s.label) if out is None else s.label
    kind = "" if isinstance(s.value, Real) else f" in {s.value}"
    return name + (f"[{', '.join(map(str, s.axes))}]" if s.axes else "") + kind


def _plain(name: str) -> str:
    """``d.h.0`` is ``dh_0``: a generated name without its dots."""
    prefix, _, rest = name.partition(".")
    if prefix in ("d", "e") and rest and not rest.isdigit():
        name = "d" + rest
    return name.split("~")[0].replace(".", "_")


__all__ = ["function", "module"]
