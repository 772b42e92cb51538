"""The notation of the cases: programs of assignments ``name[i,j] = expr``, domains of inputs, ranges of indices.

Expressions are in Python's expression grammar, so Python's own parser reads them; nothing is ever evaluated by it.
"""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Any

CASES = Path(__file__).with_name("cases.json")
REDUCTIONS = ("sum", "prod", "max", "min", "argmax")
_INPUT = re.compile(r"(!?)(\w+)(?:\[([^\]]*)\])?(?::(.*))?")


@dataclass(frozen=True)
class Assign:
    """``name[indices] = value``."""

    name: str
    indices: tuple[str, ...]
    value: ast.expr


@dataclass(frozen=True)
class Input:
    """An input with its extents and its domain, as written after the colon (empty: any real number).

    ``differentiated`` is False for what is marked ``!`` and for whole numbers.
    """

    name: str
    shape: tuple[ast.expr, ...]
    domain: str
    differentiated: bool


@dataclass(frozen=True)
class Case:
    """One case; ``data`` is its entry in ``cases.json``."""

    data: dict[str, Any]

    @property
    def id(self) -> str:
        return str(self.data["id"])

    @property
    def kind(self) -> str:
        return str(self.data["kind"])

    @property
    def label(self) -> str:
        """``correct``, ``wrong`` or ``approx``."""
        return str(self.data["expected"])

    @property
    def points(self) -> list[dict[str, Any]]:
        """Isolated points with a verdict of their own: ``at`` (values), ``dir`` (a direction, where there is one)."""
        return list(self.data.get("points", ()))

    @cached_property
    def inputs(self) -> tuple[Input, ...]:
        return tuple(map(_input, self.data["inputs"].split()))

    @cached_property
    def forward(self) -> tuple[Assign, ...]:
        return program(self.data["forward"])

    @cached_property
    def backward(self) -> tuple[Assign, ...]:
        return program(self.data["backward"])

    @cached_property
    def ranges(self) -> dict[str, ast.expr]:
        """The extent of each index, by its name."""
        found = {}
        for group in self.data.get("idx", "").split():
            names, extent = group.split(":")
            found.update(dict.fromkeys(names.split(","), _expression(extent)))
        return found

    @cached_property
    def outputs(self) -> tuple[str, ...]:
        """The names that have a cotangent: the last one, unless ``out`` says others."""
        return tuple(self.data.get("out", self.forward[-1].name).split())

    @cached_property
    def sizes(self) -> tuple[str, ...]:
        """All symbolic sizes, in order of first use in the shapes, the ranges and the programs."""
        tensors = {a.name for a in (*self.forward, *self.backward)} | {x.name for x in self.inputs} | set(self.ranges)
        tensors |= {f"g{y}" for y in self.outputs} | {f"t{x.name}" for x in self.inputs} | {"pi"}
        trees: list[ast.expr] = [d for x in self.inputs for d in x.shape]
        trees += [_expression(re.sub(r"^int:(\d+\.\.)?", "", x.domain)) for x in self.inputs if "int:" in x.domain]
        trees += [*self.ranges.values(), *(a.value for a in (*self.forward, *self.backward))]
        called = {
            n.func.id for t in trees for n in ast.walk(t) if isinstance(n, ast.Call) and isinstance(n.func, ast.Name)
        }
        names = (n.id for t in trees for n in walk(t) if isinstance(n, ast.Name))
        return tuple(dict.fromkeys(n for n in names if n not in tensors and n not in called))

    def corrected(self) -> Case:
        """The case with the corrected backward pass in place of the written one; it is right."""
        return Case({**self.data, "backward": self.data["fix"], "expected": "correct", "points": []})


@cache
def cases() -> dict[str, Case]:
    """All cases by id, in order."""
    return {entry["id"]: Case(entry) for entry in json.loads(CASES.read_text(encoding="utf-8"))}


def program(text: str) -> tuple[Assign, ...]:
    """The assignments of a program."""
    return tuple(_assign(s) for s in ast.parse(text).body)


def walk(tree: ast.expr) -> Iterator[ast.AST]:
    """All nodes, in the order written."""
    yield tree
    for child in ast.iter_child_nodes(tree):
        yield from walk(child)  # type: ignore[arg-type]


def function(call: ast.Call) -> str:
    """The name of what is called."""
    assert isinstance(call.func, ast.Name)
    return call.func.id


def positions(read: ast.Subscript) -> list[ast.expr]:
    """What stands in the brackets."""
    return read.slice.elts if isinstance(read.slice, ast.Tuple) else [read.slice]


def bound(call: ast.Call) -> tuple[list[str], ast.expr]:
    """The indices that a reduction binds, and its body."""
    return [i.id for i in call.args[:-1] if isinstance(i, ast.Name)], call.args[-1]


def _expression(text: str) -> ast.expr:
    return ast.parse(text, mode="eval").body


def _assign(statement: ast.stmt) -> Assign:
    assert isinstance(statement, ast.Assign)
    (target,) = statement.targets
    if isinstance(target, ast.Name):
        return Assign(target.id, (), statement.value)
    assert isinstance(target, ast.Subscript) and isinstance(target.value, ast.Name)
    return Assign(target.value.id, tuple(i.id for i in positions(target) if isinstance(i, ast.Name)), statement.value)


def _input(text: str) -> Input:
    match = _INPUT.fullmatch(text)
    assert match is not None, text
    mark, name, shape, domain = match.groups()
    extents = positions(ast.parse(f"x[{shape}]", mode="eval").body) if shape else []  # type: ignore[arg-type]
    domain = domain or ""
    whole = domain.startswith("int") or domain == "bool"
    return Input(name, tuple(extents), domain, not mark and not whole)
