"""Learners of a module by name or expression, for commands that are about learners and not about claims."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from ..diagnostics import Diagnostic, SpecError
from ..language import syntax as tree
from ..language.parser import parse
from ..learn.learner import Learner
from ..sheaf.graph import Graph, chain_graph
from .arguments import generic_arguments
from .environment import Environment, LayerTemplate, NetworkValue, Template, fault
from .layer_learners import layer_learner
from .layers import LayerBody
from .learners import generic_in
from .modules import Module
from .networks import learner

_BEFORE, _ASKED = "network it = ", "LEARNER"


@dataclass(frozen=True)
class Selected:
    """A learner with its heading, and the environment in which claims about it can be made."""

    heading: str
    learner: Learner
    environment: Environment

    @property
    def name(self) -> str:
        """The name at the head of the heading, without parameters and without what it stands for."""
        return self.heading.split("(")[0].split(" =")[0]


def selected(module: Module, names: Sequence[str]) -> tuple[list[Selected], list[LayerBody]]:
    """The learners and the layers that names or expressions denote; without any, all that a file declares."""
    layers = all_layers(module)
    if not names:
        return all_learners(module), layers
    named = {body.declaration.name: body for body in layers}
    return [learner_of(module, n) for n in names if n not in named], [named[n] for n in names if n in named]


def all_learners(module: Module) -> list[Selected]:
    """The learners and networks that a file declares itself, by heading, in its order."""
    rows = []
    for name, entry in module.environment.entries.items():
        if entry.span.path == module.path and isinstance(entry.value, Template | NetworkValue):
            rows.append(_row(name, entry.value, module.environment))
    return rows


def all_layers(module: Module) -> list[LayerBody]:
    """The layers that a file declares itself, in its order, each to be elaborated into a scope of its own."""
    entries = module.environment.entries.values()
    return [LayerBody(e.value) for e in entries if e.span.path == module.path and isinstance(e.value, LayerTemplate)]


def learner_of(module: Module, text: str) -> Selected:
    """The learner that a name or an expression such as ``Layer(n, m, s, e, 1)`` denotes in a module.

    A learner or layer with parameters named alone is taken for arguments of which nothing but the header is known.
    Raises SpecError, with columns that count in ``text``.
    """
    try:
        statement, *more = parse(_BEFORE + text, _ASKED).statements
        assert isinstance(statement, tree.Network)  # the text starts so
        if more:
            raise fault("E115", more[0], "a second statement", "one learner")
        e = statement.value
        if isinstance(e, tree.Name):
            kinds = (Template, NetworkValue, LayerTemplate)
            value = module.environment.kind(e.identifier, e, kinds, "a learner or network")
            if isinstance(value, LayerTemplate):
                return _layer(e, value, module.environment)
            assert isinstance(value, Template | NetworkValue)  # just asked for
            return _row(e.identifier, value, module.environment)
        return Selected(text.strip(), learner(e, module.environment), module.environment)
    except SpecError as wrong:
        raise SpecError(*(_moved(d) for d in wrong.diagnostics)) from None


def graphs(module: Module) -> list[Graph]:
    """The networks that a file declares itself, chains and graphs, in its order."""
    rows = []
    for name, entry in module.environment.entries.items():
        if entry.span.path == module.path and isinstance(entry.value, NetworkValue):
            rows.append(entry.value.graph or chain_graph(name, entry.value.learner.layers))
    return rows


def graph_of(module: Module, text: str) -> Graph:
    """The graph that a name denotes, or the chain of an expression.  Raises SpecError as `learner_of` does."""
    entry = module.environment.find(text.strip())
    if entry is not None and isinstance(entry.value, NetworkValue) and entry.value.graph is not None:
        return entry.value.graph
    return chain_graph(text.strip(), learner_of(module, text).learner.layers)


def _moved(d: Diagnostic) -> Diagnostic:
    """A fault in the text that was asked for counts its columns without what was put before it."""
    s, k = d.span, len(_BEFORE)
    if s.path != _ASKED or s.line > 1:
        return d
    return replace(d, span=replace(s, column=max(s.column - k, 1), end_column=max(s.end_column - k, 1)))


def _layer(name: tree.Name, value: LayerTemplate, env: Environment) -> Selected:
    """A layer as the learner that steps by its backward pass, for arguments of which nothing is known."""
    parameters = value.declaration.parameters
    if not parameters:
        return Selected(name.identifier, layer_learner(value, name, env), env)
    inner = generic_arguments(value)
    call = tree.Call(name, tuple(replace(name, identifier=p.name) for p in parameters), (), span=name.span)
    found = layer_learner(value, call, inner)
    return Selected(found.name, found, inner)


def _row(name: str, value: Template | NetworkValue, env: Environment) -> Selected:
    if isinstance(value, NetworkValue):
        return Selected(f"{name} = {value.learner.name}", value.learner, env)
    parameters = [p.name for p in value.declaration.parameters]
    found, inner = generic_in(value, value.declaration)
    return Selected(name + (f"({', '.join(parameters)})" if parameters else ""), found, inner if parameters else env)
