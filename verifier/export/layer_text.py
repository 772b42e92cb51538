"""The derived backward pass of a layer in mathematics, in the names that the layer gives."""

from __future__ import annotations

from collections.abc import Iterator

from ..calculus.reverse import slots
from ..learn.layer import Layer, adjoints
from ..learn.program import Scope
from ..terms.index import Index
from ..terms.mathematics import latex, text
from ..terms.syntax import Let, Read, Symbol, Term
from ..terms.traverse import cone, map_reads, rename_indices, subterms

NODES = 60  # what the layer has no name for is put in its place up to this size


def backward_text(layer: Layer, scope: Scope) -> str:
    """``backward of L given dy { … }``: the adjoint of every name on the way, and of every input and parameter."""
    rows = [f"  {text(let)}" for let in _lets(layer, scope)]
    return "\n".join([f"backward of {layer.name} given {', '.join(map(_given, layer.outputs))} {{", *rows, "}"]) + "\n"


def backward_latex(layer: Layer, scope: Scope) -> str:
    """The same in LaTeX, below the layer itself: an ``align*`` that needs amsmath and amssymb."""
    rows = [latex(let).split(" = ", 1) for let in (*layer.lets, *_lets(layer, scope))]
    shown = " \\\\\n  ".join(f"{left} &= {right}" for left, right in rows)
    return f"% {layer.name}\n\\begin{{align*}}\n  {shown}\n\\end{{align*}}\n"


def _given(y: Symbol) -> str:
    return f"d{y.name}"


def _lets(layer: Layer, scope: Scope) -> Iterator[Let]:
    given = tuple(scope.input(Symbol(_given(y), y.axes)) for y in layer.outputs)
    derived = adjoints(scope, layer, given)
    taken = {s.name for s in given}  # what is given for an output that is used again is not all of its gradient

    def called(x: str, s: Symbol) -> Symbol:
        return Symbol(f"d{x}'" if f"d{x}" in taken else f"d{x}", s.axes)

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
