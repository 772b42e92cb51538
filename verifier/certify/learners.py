"""Learners as terms of Coq: expressions over learners of which nothing is said but their types, and over gradient
learners of any differentiable maps.

What holds for all learners of some types holds for those of the spec; so a name stands for a variable.  A gradient
learner stands for that of any map with a reverse derivative, between any spaces whose errors have both inverse laws.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from ..elaborate.environment import Environment
from ..elaborate.networks import BUILTIN
from ..elaborate.networks import learner as elaborated
from ..elaborate.objects import types as object_types
from ..language import syntax as tree
from ..learn.learner import Learner, Ports, types
from .real import NotStated
from .text import Names

Shape: TypeAlias = "str | tuple[Shape, Shape] | None"
"""Nothing, one thing by name, or a pair."""


@dataclass(frozen=True)
class Term:
    """A learner: its text, the shapes of its source, target and parameters, and the names of its variables."""

    text: str
    source: Shape
    target: Shape
    parameters: Shape


@dataclass
class Learners:
    """Terms for expressions; the variables that they are about, each with its type.

    ``smooth``: gradient learners stand for the gradients of maps.
    """

    env: Environment
    smooth: bool = False
    names: Names = field(default_factory=Names)
    objects: dict[object, str] = field(default_factory=dict)
    variables: dict[str, str] = field(default_factory=dict)  # by Coq name, its declaration
    named: dict[str, list[str]] = field(default_factory=dict)  # the variables of a learner of the spec

    # ---- objects

    def object_of(self, found: Sequence[object]) -> Shape:
        """A shape for the types of some ports, bracketed to the left."""
        shape: Shape = None
        for k, one in enumerate(found):
            if one not in self.objects:
                self.objects[one] = self.names.fresh(getattr(one[1], "set", "") or "A")  # type: ignore[index]
            leaf = self.objects[one]
            shape = leaf if k == 0 else (shape, leaf)
        return shape

    def ports(self, ports: Ports) -> Shape:
        return self.object_of(types(ports))

    # ---- expressions

    def of(self, e: tree.Expr) -> Term:
        """The term of an expression.  Raises NotStated."""
        if isinstance(e, tree.Binary) and e.operator == ";":
            return self.compose(self.of(e.left), self.of(e.right))
        if isinstance(e, tree.Binary) and e.operator in ("*", "⊗"):
            return self.product(self.of(e.left), self.of(e.right))
        if isinstance(e, tree.Call) and isinstance(e.function, tree.Name):
            name = e.function.identifier
            if name in BUILTIN and self.env.find(name) is None:
                return self.builtin(name, e)
        if not isinstance(e, tree.Name | tree.Call):
            raise NotStated("an expression of learners that is not built by ; and *")
        found = elaborated(e, self.env, splice=True)
        term: Term | None = None
        for f in found.layers:
            one = self.variable(f)
            term = one if term is None else self.compose(term, one)
        assert term is not None
        return term

    def variable(self, f: Learner) -> Term:
        """A learner that is a variable."""
        source, target = self.ports(f.source), self.ports(f.target)
        name = self.named_as(f, self.type(source), self.type(target))
        if self.smooth and f.learned is not None:
            text = f"(gradient rate {self.errors(source)} {self.errors(target)} {name})"
        else:
            if self.smooth:
                raise NotStated(f"{f.name}, which is no gradient learner, beside gradient learners")
            text = name
        return Term(text, source, target, name)

    def named_as(self, f: Learner, source: str, target: str) -> str:
        """The name of the variable that a use of a learner is: a new one."""
        name = self.names.fresh(f.name.partition("(")[0] or "F")
        self.named.setdefault(f.name, []).append(name)
        if self.smooth:
            space = self.names.fresh("P")
            self.variables[space] = "space"
            self.variables[name] = f"smooth {space} {source} {target}"
        else:
            self.variables[name] = f"learner {source} {target}"
        return name

    def builtin(self, name: str, e: tree.Call) -> Term:
        if name == "id" and len(e.arguments) == 1:
            a = self.object_of(object_types(e.arguments[0], self.env))
            return Term(f"(identity {self.type(a)})", a, a, None)
        if name == "braid" and len(e.arguments) == 2 and not self.smooth:
            a, b = (self.object_of(object_types(x, self.env)) for x in e.arguments)
            return Term(f"(braid {self.type(a)} {self.type(b)})", (a, b), (b, a), None)
        raise NotStated(f"{name} as a learner")

    def compose(self, f: Term, g: Term) -> Term:
        if f.target != g.source:
            raise NotStated("learners that meet up to brackets only")
        return Term(f"({f.text} ;; {g.text})", f.source, g.target, (f.parameters, g.parameters))

    def product(self, f: Term, g: Term) -> Term:
        return Term(f"({f.text} ** {g.text})", (f.source, g.source), (f.target, g.target), (f.parameters, g.parameters))

    # ---- maps

    def map_of(self, e: tree.Expr) -> Term:
        """The map that a composite of gradient learners is the gradient of."""
        if isinstance(e, tree.Binary) and e.operator in (";", "*", "⊗"):
            f, g = self.map_of(e.left), self.map_of(e.right)
            whole = self.compose(f, g) if e.operator == ";" else self.product(f, g)
            rule = "smooth_compose" if e.operator == ";" else "smooth_product"
            return Term(f"({rule} {f.text} {g.text})", whole.source, whole.target, whole.parameters)
        if isinstance(e, tree.Call) and isinstance(e.function, tree.Name) and e.function.identifier == "id":
            one = self.builtin("id", e)
            return Term(f"(smooth_identity {self.type(one.source)})", one.source, one.target, None)
        if not isinstance(e, tree.Name | tree.Call):
            raise NotStated("an expression of maps that is not built by ; and *")
        term: Term | None = None
        for layer in elaborated(e, self.env, splice=True).layers:
            one = self.variable(layer)
            one = Term(str(one.parameters), one.source, one.target, one.parameters)
            if term is None:
                term = one
            else:
                whole = self.compose(term, one)
                term = Term(f"(smooth_compose {term.text} {one.text})", whole.source, whole.target, whole.parameters)
        assert term is not None
        return term

    def gradient(self, f: Term) -> Term:
        """The gradient learner of a map."""
        text = f"(gradient rate {self.errors(f.source)} {self.errors(f.target)} {f.text})"
        return Term(text, f.source, f.target, f.parameters)

    # ---- text

    def type(self, shape: Shape) -> str:
        """A shape as a type, or as a space."""
        if shape is None:
            return "trivial_space" if self.smooth else "unit"
        if isinstance(shape, str):
            return shape
        left, right = map(self.type, shape)
        return f"(pair_space {left} {right})" if self.smooth else f"({left} * {right})%type"

    def errors(self, shape: Shape) -> str:
        """The error of a space: of a pair the sum."""
        if shape is None:
            raise NotStated("a space without coordinates")
        if isinstance(shape, str):
            return f"error_{shape}"
        left, right = map(self.errors, shape)
        return f"(pair_error {left} {right})"

    def declared(self) -> str:
        """``forall`` of all types and variables."""
        kind = "space" if self.smooth else "Type"
        rows = [f"({x} : {kind})" for x in self.objects.values()]
        if self.smooth:
            rows = ["(rate : R)", *rows, *(f"(error_{x} : error {x})" for x in self.objects.values())]
        return "forall " + " ".join([*rows, *(f"({x} : {t})" for x, t in self.variables.items())]) + ","


@dataclass
class Again(Learners):
    """Terms over variables that there are: ``left`` by the name of the learner, in the order of their use."""

    left: dict[str, list[str]] = field(default_factory=dict)

    def named_as(self, f: Learner, source: str, target: str) -> str:
        rows = self.left.get(f.name)
        if not rows:
            raise NotStated(f"{f.name}, which the other side does not have")
        return rows.pop(0)


def leaves(shape: Shape, path: str = "x") -> list[tuple[str, str]]:
    """The things in a shape, each with the projection that takes it out."""
    if shape is None:
        return []
    if isinstance(shape, str):
        return [(shape, path)]
    return [*leaves(shape[0], f"(fst {path})"), *leaves(shape[1], f"(snd {path})")]


def rebuilt(shape: Shape, given: list[str]) -> str:
    """A value of a shape, its things taken from a list in order."""
    if shape is None:
        return "tt"
    if isinstance(shape, str):
        return given.pop(0)
    left = rebuilt(shape[0], given)
    return f"({left}, {rebuilt(shape[1], given)})"


def rearranged(old: Shape, new: Shape, order: Sequence[int] | None = None) -> str:
    """The body of the function of x that brackets anew: the k-th thing is number ``order[k]`` of the old."""
    rows = [path for _, path in leaves(old)]
    return rebuilt(new, [rows[k] for k in order] if order is not None else rows)


__all__ = ["Again", "Learners", "Shape", "Term", "leaves", "rearranged"]
