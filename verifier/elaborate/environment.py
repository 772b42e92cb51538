"""Names and what they stand for.  Declarations may come in any order: a name is elaborated when it is first used."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from difflib import get_close_matches

from ..diagnostics import Diagnostic, Span, SpecError
from ..language import syntax as tree
from ..learn.errors import Error
from ..learn.inverse_functions import InversePair
from ..learn.layer import Pass
from ..learn.learner import Learner
from ..learn.opaque import Opaque
from ..sheaf.graph import Graph
from ..terms.sizes import Bounds, Size
from ..terms.sorts import Element, Sort
from ..terms.syntax import Condition, Function, Symbol, Term
from .imports import declaring


def fault(code: str, node: tree.Node | Span, found: str, expected: str, fix: str = "") -> SpecError:
    """A diagnostic at a node, ready to raise."""
    return SpecError(Diagnostic(code, node if isinstance(node, Span) else node.span, found, expected, fix))


@dataclass(frozen=True)
class SizeValue:
    size: Size


@dataclass(frozen=True)
class RealValue:
    """A number: a constant of the spec, or an argument of a learner."""

    term: Term


@dataclass(frozen=True)
class TensorValue:
    """A tensor of numbers that the spec declares: a claim is for all of them, and nothing learns them."""

    symbol: Symbol


@dataclass(frozen=True)
class IndexValue:
    """An index name with a declared range."""

    sort: Sort


@dataclass(frozen=True)
class SetValue:
    set: Element


@dataclass(frozen=True)
class OpaqueError:
    """An opaque error with its two function symbols."""

    error: Error
    value: Function
    inverse: Function


@dataclass(frozen=True, eq=False)
class Template:
    """A learner as declared, with the environment of its declaration; arguments make it a learner."""

    declaration: tree.Learner
    environment: Environment


@dataclass(frozen=True, eq=False)
class LayerTemplate:
    """A layer as declared, with the environment of its declaration and the backward pass that stands beside it.

    ``passes``: what was elaborated of its backward passes, so that all who use one share it.
    """

    declaration: tree.Layer
    environment: Environment
    backward: tree.Backward | None = None
    passes: dict[int, tuple[tree.Backward, tuple[Pass, Environment]]] = field(default_factory=dict)


@dataclass(frozen=True)
class NetworkValue:
    """A named network: spliced where it is used.  ``graph``: its layers and wires, if it is no chain."""

    learner: Learner
    graph: Graph | None = None


@dataclass(frozen=True, eq=False)
class Axiom:
    """``axiom NAME cites "source": law(F)``: a theorem about a learner, taken from a source; ``subject``: its label."""

    name: str
    cites: str
    statement: tree.Call
    subject: str
    environment: Environment

    def __str__(self) -> str:
        return f'{self.name} ({self.law}({self.subject}), cites "{self.cites}")'

    @property
    def law(self) -> str:
        assert isinstance(self.statement.function, tree.Name)  # elaboration looked at it
        return self.statement.function.identifier

    @property
    def learner(self) -> str:
        """The name that the learner is declared by."""
        (argument,) = self.statement.arguments
        head = argument.function if isinstance(argument, tree.Call) else argument
        assert isinstance(head, tree.Name)  # elaboration looked at it
        return head.identifier


Value = (
    SizeValue
    | RealValue
    | TensorValue
    | IndexValue
    | SetValue
    | Function
    | Error
    | OpaqueError
    | Template
    | LayerTemplate
    | NetworkValue
    | Axiom
)

KINDS: dict[type, str] = {
    SizeValue: "a size",
    RealValue: "a number",
    TensorValue: "a tensor",
    IndexValue: "an index",
    SetValue: "a set",
    Function: "a function",
    Error: "an error function",
    OpaqueError: "an error function",
    Template: "a learner",
    LayerTemplate: "a layer",
    NetworkValue: "a network",
    Axiom: "an axiom",
}


@dataclass
class Entry:
    """A declared name: its value, or how to get it."""

    span: Span
    make: Callable[[], Value]
    value: Value | None = None
    busy: bool = False


@dataclass
class Environment:
    """Names in scope.  Children (the inside of a learner) see their parents' names.

    ``least``, ``most`` and ``facts`` are what is declared about sizes and numbers; ``opaque`` the opaque learners by
    name.
    ``inverses``: functions declared to be inverse to others.  They are shared by all environments of one run.
    """

    parent: Environment | None = None
    entries: dict[str, Entry] = field(default_factory=dict)
    least: dict[str, int | None] = field(default_factory=dict)
    facts: list[Condition] = field(default_factory=list)
    opaque: dict[str, Opaque] = field(default_factory=dict)
    instances: dict[object, Learner] = field(default_factory=dict)
    inverses: list[InversePair] = field(default_factory=list)
    most: dict[str, int] = field(default_factory=dict)

    def child(self) -> Environment:
        """A new inner scope that shares what is known of sizes and numbers."""
        return Environment(self, {}, self.least, self.facts, self.opaque, self.instances, self.inverses, self.most)

    @property
    def bounds(self) -> Bounds:
        return Bounds.of(self.least, self.most)

    def declare(self, name: str, span: Span, make: Callable[[], Value]) -> None:
        """Add a name; a second declaration of it is a fault that shows both places."""
        if name in self.entries:
            first = self.entries[name].span
            raise fault("E114", span, f"{name} is declared twice (first at {first})", "one declaration of each name",
                        "rename one of them")  # fmt: skip
        self.entries[name] = Entry(span, make)

    def find(self, name: str) -> Entry | None:
        """The entry of a name here or further out."""
        scope: Environment | None = self
        while scope is not None:
            if name in scope.entries:
                return scope.entries[name]
            scope = scope.parent
        return None

    def visible(self) -> dict[str, Entry]:
        """All names in scope, those of outer scopes first; an inner name hides an outer one."""
        outer = self.parent.visible() if self.parent else {}
        return outer | self.entries

    def names(self) -> list[str]:
        outer = self.parent.names() if self.parent else []
        return [*self.entries, *outer]

    def get(self, name: str, node: tree.Node) -> Value:
        """What a name stands for.  Raises a diagnostic for an unknown name and for circular definitions."""
        entry = self.find(name)
        if entry is None:
            raise unknown(name, node, self.names())
        if entry.value is None:
            if entry.busy:
                raise fault("E121", node, f"{name} is defined by itself", "a definition without a circle")
            entry.busy = True
            try:
                entry.value = entry.make()
            finally:
                entry.busy = False
        return entry.value

    def kind(self, name: str, node: tree.Node, kind: type | tuple[type, ...], what: str) -> Value:
        """The value of a name, which must be of a kind."""
        value = self.get(name, node)
        if not isinstance(value, kind):
            raise fault("E115", node, f"{name} is {KINDS[type(value)]}", what)
        return value


def declared_indices(env: Environment) -> dict[str, Sort | None]:
    """The ranges of the declared indices in scope."""
    return {n: e.value.sort for n, e in env.visible().items() if isinstance(e.value, IndexValue)}


def unknown(name: str, node: tree.Node, names: list[str]) -> SpecError:
    """A diagnostic for an unknown name, with the nearest known one."""
    module = declaring(name)
    near = get_close_matches(name, names, 1)
    known = f"did you mean {near[0]}?" if near else "declare it, or import the module that does"
    fix = f"import {module}, which declares it" if module else known
    return fault("E101", node, f"unknown name {name}", "a declared name", fix)
