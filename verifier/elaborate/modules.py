"""Spec files and their imports: every file is elaborated into an environment and a list of claims.

``import std.layers`` reads the standard library that comes with the package; ``import models.mlp`` reads
``models/mlp.learn`` beside the file.  Nothing outside the root, the folder of the file that was asked for, is read.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from itertools import count
from pathlib import Path

from ..diagnostics import Diagnostic, SpecError
from ..language import syntax as tree
from ..language.parser import parse
from ..language.source import read
from ..learn.learner import Learner
from ..terms.sorts import Element
from .arguments import function_of
from .axioms import axiom_of, opaquely
from .claims import Claim, axiom_claim, backward_of, claim_of
from .environment import (
    Axiom,
    Entry,
    Environment,
    LayerTemplate,
    NetworkValue,
    SetValue,
    Template,
    Value,
    fault,
)
from .errors import error_of
from .imports import Source, digest, place_of, root_of, standard_library
from .inverse_functions import inverse_pair
from .layer_learners import tie_parameters
from .layers import LayerBody
from .learners import declare_indices, generic
from .networks import learner
from .scalars import constrain, declare_scalar
from .tables import elements_of
from .wires import composite, graph_of


@dataclass
class Module:
    """An elaborated file: its names and its claims; ``faults`` are diagnostics, and then claims are not judged."""

    path: str
    environment: Environment
    claims: list[Claim] = field(default_factory=list)
    faults: list[Diagnostic] = field(default_factory=list)
    text: str = ""
    sources: list[Source] = field(default_factory=list)  # of the modules that were imported

    @property
    def origin(self) -> list[Source]:
        """What all of it was made from: the file first."""
        return [Source("", Path(self.path).resolve().name, digest(self.text)), *self.sources]


def load(path: str) -> Module:
    """Read and elaborate a file.  Raises OSError if it cannot be read; faults in the text are collected."""
    text = read_or_fault(path)
    return text if isinstance(text, Module) else elaborated(text, path)


def elaborated(text: str, path: str) -> Module:
    """A text as if it were that of the file: imports are those beside it."""
    loader = _Loader(root_of(path))
    module = loader.module(text, path)
    module.sources = list(loader.sources.values())
    return module


def read_or_fault(path: str) -> str | Module:
    """The text of a file, or a module that holds the reason why it has none."""
    try:
        return read(path)
    except SpecError as e:
        return Module(path, Environment(), faults=list(e.diagnostics))


class _Loader:
    """Reads the files of one run.  The learners that ``opaque`` names lose their bodies, wherever they stand."""

    def __init__(self, root: Path, opaque: frozenset[str] = frozenset(), texts: dict[Path, str] | None = None) -> None:
        self.root, self.opaque = root, opaque
        self.texts = {} if texts is None else texts  # of imported modules, so that each is read once
        self.loaded: dict[Path, Environment] = {}
        self.opened: list[Path] = []
        self.digests: dict[Path, str] = {}
        self.sources: dict[str, Source] = {}
        self.shared = Environment()
        self.general: dict[frozenset[str], Module] = {}

    def module(self, text: str, path: str, imported: bool = False) -> Module:
        env = self.shared.child()
        env.parent = None
        module = Module(path, env, text=text)
        try:
            spec = parse(text, path)
        except SpecError as e:
            module.faults += e.diagnostics
            return module
        self.opened.append(Path(path).resolve())
        checks: list[tree.Check | tree.Backward | tree.Axiom] = []
        spec = replace(spec, statements=tuple(opaquely(s, self.opaque) for s in spec.statements))
        file = _File(
            checks,
            [s for s in spec.statements if isinstance(s, tree.Tie)],
            {s.layer: s for s in reversed(spec.statements) if isinstance(s, tree.Backward) and not s.forward},
        )
        for s in spec.statements:
            self._try(module, lambda s=s: self._declare(s, env, file))  # type: ignore[misc]
        for s in spec.statements:
            self._try(module, lambda s=s: constrain(s, env))  # type: ignore[misc]
        for name, entry in list(env.entries.items()):
            if _in_file(entry, path):
                self._try(module, lambda name=name, entry=entry: self._visit(name, entry, env))  # type: ignore[misc]
        if not module.faults:
            self._try(module, file.no_idle_tie)
        if not imported:
            names: dict[str, tree.Node] = {}
            for c in checks:
                self._try(module, lambda c=c: module.claims.append(self._claim(c, module, names)))  # type: ignore[misc]
        self.opened.pop()
        module.faults.sort(key=lambda d: d.span)
        return module

    def _try(self, module: Module, step: Callable[[], object]) -> None:
        """Faults of one statement do not hide those of the next; a fault is reported once."""
        try:
            step()
        except SpecError as e:
            module.faults += [d for d in e.diagnostics if d not in module.faults]

    def _visit(self, name: str, entry: Entry, env: Environment) -> None:
        """Elaborate a declaration even if no claim uses it, so that its faults are found."""
        value = env.get(name, _Place(span=entry.span))
        if isinstance(value, Template):
            generic(value, _Place(span=entry.span))
        elif isinstance(value, LayerTemplate):
            LayerBody(value).layer()

    def _claim(self, c: tree.Check | tree.Backward | tree.Axiom, module: Module, names: dict[str, tree.Node]) -> Claim:
        claim = self._stated(c, module.environment, names)
        about = frozenset(a.learner for a in claim.axioms)
        return replace(claim, opaquely=lambda: self._generally(module, about, claim.id)) if about else claim

    def _generally(self, module: Module, about: frozenset[str], id: str) -> Claim | None:
        """A claim of a module, about the module in which some learners are opaque."""
        if about not in self.general:
            loader = _Loader(self.root, about, self.texts)
            self.general[about] = loader.module(module.text, module.path)
        return next((c for c in self.general[about].claims if c.id == id), None)

    def _stated(
        self, c: tree.Check | tree.Backward | tree.Axiom, env: Environment, names: dict[str, tree.Node]
    ) -> Claim:
        if isinstance(c, tree.Axiom):
            value = env.kind(c.name, c, Axiom, "an axiom")
            assert isinstance(value, Axiom)  # the kind was asked for
            names[c.name] = c
            return axiom_claim(value)
        if isinstance(c, tree.Backward):
            own = f"{c.layer}.jvp" if c.forward else c.layer
            id = next(i for k in count(1) if (i := own if k == 1 else f"{own}.{k}") not in names)
            names[id] = c
            return backward_of(c, env, id)
        if c.name and c.name in names:
            first = names[c.name].span
            raise fault("E114", c, f"a second claim called {c.name} (first at {first})", "a name for each claim")
        if c.name:
            names[c.name] = c
        return claim_of(c, env)

    # ---- declarations

    def _declare(self, s: tree.Statement, env: Environment, file: _File) -> None:
        if isinstance(s, tree.Axiom):
            env.declare(s.name, s.span, lambda: axiom_of(s, env, self.opaque))
        if isinstance(s, tree.Check | tree.Backward | tree.Axiom):
            if not (isinstance(s, tree.Axiom) and self.opaque):
                file.checks.append(s)
        elif isinstance(s, tree.Import):
            self._import(s, env)
        elif isinstance(s, tree.Scalars):
            for item in s.items:
                declare_scalar(s.kind, item, env)
        elif isinstance(s, tree.Sets):
            for x in s.items:
                env.declare(x.name, x.span, _constant(SetValue(Element(x.name, elements_of(x)))))
        elif isinstance(s, tree.Indices):
            declare_indices(s, env)
        elif isinstance(s, tree.Function):
            for name in s.names:
                env.declare(
                    name.identifier,
                    name.span,
                    lambda name=name: _function(name.identifier, s, env),  # type: ignore[misc]
                )
        elif isinstance(s, tree.Error):
            env.declare(s.name, s.span, lambda: error_of(s, env))
        elif isinstance(s, tree.Learner):
            env.declare(s.name, s.span, _constant(Template(s, env)))
        elif isinstance(s, tree.Layer):
            env.declare(s.name, s.span, _constant(LayerTemplate(s, env, file.passes.get(s.name))))
        elif isinstance(s, tree.Network):
            env.declare(s.name, s.span, lambda: NetworkValue(file.network(s, env)))
        elif isinstance(s, tree.Wire):
            env.declare(s.name, s.span, lambda: _graph(s, env))

    # ---- imports

    def _import(self, s: tree.Import, env: Environment) -> None:
        place = place_of(s.module, self.root)
        root, target = place
        try:
            resolved = place.resolved()
        except OSError:
            where = "the standard library" if s.module.startswith("std.") else root.name
            modules = sorted(f"std.{p.stem}" for p in standard_library().glob("*.learn"))
            close = get_close_matches(s.module, modules, 1)
            near = f"did you mean {close[0]}?" if close else f"the standard library has {', '.join(modules)}"
            raise fault("E109", s, f"no module {s.module}", f"a file {target.name} in {where}", near) from None
        if not resolved.is_relative_to(root.resolve()):
            raise fault("E109", s, f"the module {s.module} outside the root", f"a file inside {root.name}")
        if resolved in self.opened:
            circle = " -> ".join(p.stem for p in [*self.opened[self.opened.index(resolved) :], resolved])
            raise fault(
                "E108", s, f"a circle of imports: {circle}", "imports without a circle", "move what both need out"
            )
        if resolved not in self.loaded:
            if resolved not in self.texts:
                self.texts[resolved] = read(str(resolved))
            text = self.texts[resolved]
            self.digests[resolved] = digest(text)
            module = self.module(text, str(target), imported=True)
            if module.faults:
                raise SpecError(*module.faults)
            self.loaded[resolved] = module.environment
        self.sources[s.module] = Source.of(s.module, place, resolved, self.digests[resolved])
        for name, entry in self.loaded[resolved].entries.items():
            if name in env.entries and env.entries[name] is not entry:
                first = env.entries[name].span
                raise fault("E114", s, f"{name} is declared here and in {s.module} (at {first})", "one declaration")
            env.entries[name] = entry


@dataclass
class _File:
    """What the statements of one file say of each other."""

    checks: list[tree.Check | tree.Backward | tree.Axiom]
    ties: list[tree.Tie]
    passes: dict[str, tree.Backward]
    used: set[int] = field(default_factory=set)

    def network(self, s: tree.Network, env: Environment) -> Learner:
        """The learner of a network, its tied parameters made one."""
        net, used = tie_parameters(learner(s.value, env, splice=True), s.name, self.ties)
        self.used |= used
        return net

    def no_idle_tie(self) -> None:
        """Raises a diagnostic for a tie that is about no network of the file."""
        for k, t in enumerate(self.ties):
            if k not in self.used:
                found = "a tie of parameters that no network of the file has"
                raise fault("E101", t, found, "tie N.0.W = N.1.W, or Head.W = Embed.W by the names of layers")


class _Place(tree.Node):
    """A place without a node."""


def _function(name: str, s: tree.Function, env: Environment) -> Value:
    value = function_of(name, s.signature, env)
    if s.inverse is not None:
        env.inverses.append(inverse_pair(value, s.inverse, env))
    return value


def _graph(s: tree.Wire, env: Environment) -> NetworkValue:
    g = graph_of(s, env)
    return NetworkValue(composite(g), g)


def _constant(value: Value) -> Callable[[], Value]:
    return lambda: value


def _in_file(entry: Entry, path: str) -> bool:
    return entry.span.path == path
