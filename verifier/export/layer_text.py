"""The derived backward pass of a layer in mathematics, in the names that the layer gives."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from types import MappingProxyType

from ..calculus.reverse import slots
from ..learn.layer import Layer, adjoints
from ..learn.program import Scope
from ..terms.index import Index
from ..terms.mathematics import latex, text
from ..terms.sorts import Sort
from ..terms.syntax import Add, Let, Read, Symbol, Term, add
from ..terms.traverse import cone, map_reads, rename_indices, subterms

NODES = 60  # what the layer has no name for is put in its place up to this size


def backward_text(layer: Layer, scope: Scope, declared: Mapping[str, Sort | None] = MappingProxyType({})) -> str:
    """``backward of L given dy { … }``: the adjoint of every name on the way, and of every input and parameter.

    ``declared``: the ranges of the indices that the layer declares: beside the layer, the text is a right pass.
    """
    taken = dict.fromkeys({*layer.tensors, *(f"d{n}" for n in layer.tensors)}) | dict(declared)
    rows = [_line(let, taken) for let in _lets(layer, scope, "")]
    return "\n".join([f"backward of {layer.name} given {', '.join(map(_given, layer.outputs))} {{", *rows, "}"]) + "\n"


def _line(let: Let, taken: Mapping[str, Sort | None]) -> str:
    """``ds[i] = …``; what is added to a cotangent that is given is accumulated."""
    parts = let.body.parts if isinstance(let.body, Add) else ()
    more = [p for p in parts if p != Read(let.symbol, let.indices)]
    if len(more) == len(parts):
        return f"  {text(let, taken)}"
    return "  " + text(replace(let, body=add(*more)), taken).replace(" = ", " += ", 1)


def backward_latex(layer: Layer, scope: Scope) -> str:
    """The same in LaTeX, below the layer itself: an ``align*`` that needs amsmath and amssymb."""
    rows = [latex(let).split(" = ", 1) for let in (*layer.lets, *_lets(layer, scope, "'"))]
    shown = " \\\\\n  ".join(f"{left} &= {right}" for left, right in rows)
    return f"% {layer.name}\n\\begin{{align*}}\n  {shown}\n\\end{{align*}}\n"


def _given(y: Symbol) -> str:
    return f"d{y.name}"


def _lets(layer: Layer, scope: Scope, more: str) -> Iterator[Let]:
    """The derived gradients in order; ``more``: what is put behind the name of a given one that is added to."""
    given = tuple(scope.input(Symbol(_given(y), y.axes)) for y in layer.outputs)
    derived = adjoints(scope, layer, given)
    taken = {s.name for s in given}  # what is given for an output that is used again is not all of its gradient

    def called(x: str, s: Symbol) -> Symbol:
        return Symbol(f"d{x}{more}" if f"d{x}" in taken else f"d{x}", s.axes)

    named = {s: called(name, s) for name, s in derived.items() if s.name in scope.lets}
    own = set(layer.names.values()) | set(named)

    def put(s: Symbol, index: tuple[Index, ...]) -> Term:
        let = scope.lets.get(s.name)
        if let is None or s in own:
            return Read(named.get(s, s), index)
        body = rename_indices(let.body, dict(zip(let.indices, index, strict=True)))
        return map_reads(body, put) if sum(1 for _ in subterms(body)) <= NODES else Read(s, index)

    wanted = [derived[s.name] for s in layer.differentiated]
    for let in cone((Read(s) for s in wanted), scope.lets):
        if let.symbol in named:
            yield Let(named[let.symbol], let.indices, map_reads(let.body, put))
    for s in layer.differentiated:  # two tensors may have one gradient: it has the name of one of them
        own_name, gradient = called(s.name, s), derived[s.name]
        if named.get(gradient) != own_name:
            i = slots(s)
            yield Let(own_name, i, Read(named.get(gradient, gradient), i))


__all__ = ["backward_latex", "backward_text"]
