"""The derived backward pass of a layer in mathematics, in the names that the layer gives."""

from __future__ import annotations

from collections.abc import Iterator

from ..calculus.reverse import slots
from ..learn.layer import Layer, adjoints
from ..learn.program import Scope
from ..terms.index import Index
from ..terms.mathematics import text
from ..terms.syntax import Read, Symbol, Term
from ..terms.traverse import cone, map_reads, rename_indices, subterms

NODES = 60  # what the layer has no name for is put in its place up to this size


def backward_text(layer: Layer, scope: Scope) -> str:
    """``backward of L given dy { … }``: the adjoint of every name on the way, and of every input and parameter."""
    return "\n".join(_lines(layer, scope)) + "\n"


def _lines(layer: Layer, scope: Scope) -> Iterator[str]:
    given = tuple(scope.input(Symbol(f"d{y.name}", y.axes)) for y in layer.outputs)
    derived = adjoints(scope, layer, given)
    named = {s: Symbol(f"d{name}", s.axes) for name, s in derived.items() if s.name in scope.lets}
    own = set(layer.names.values()) | set(named)

    def put(s: Symbol, index: tuple[Index, ...]) -> Term:
        let = scope.lets.get(s.name)
        if let is None or s in own:
            return Read(named.get(s, s), index)
        body = rename_indices(let.body, dict(zip(let.indices, index, strict=True)))
        return map_reads(body, put) if sum(1 for _ in subterms(body)) <= NODES else Read(s, index)

    yield f"backward of {layer.name} given {', '.join(s.name for s in given)} {{"
    wanted = [derived[s.name] for s in layer.differentiated]
    for let in cone((Read(s) for s in wanted), scope.lets):
        if let.symbol in named:
            place = text(Read(named[let.symbol], let.indices))
            yield f"  {place} = {text(map_reads(let.body, put))}"
    for s in layer.differentiated:
        if derived[s.name] not in named:
            i = slots(s)
            yield f"  {text(Read(Symbol('d' + s.name, s.axes), i))} = {text(Read(derived[s.name], i))}"
    yield "}"


__all__ = ["backward_text"]
