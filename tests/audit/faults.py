"""Faults planted in the functions of a room, one at a time: a condition dropped, an answer forced, a sign changed.

The syntax tree of a module is changed in one place, and the code of the one function that holds the place is exchanged
in the running program.  So whoever has imported the function has the fault, and a forked child forgets it.
"""

from __future__ import annotations

import ast
import copy
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from itertools import zip_longest
from pathlib import Path
from random import Random
from types import CodeType, FunctionType
from typing import Any

from tests.conftest import ROOT

DROPPED, FORCED, SIGN, EDGE = "condition dropped", "answer forced", "sign", "edge"
NEGATED = "negated"  # a polynomial as an answer, all of it; for certificates alone
KINDS = (DROPPED, FORCED, SIGN, EDGE)
EXITS = (ast.Return, ast.Continue, ast.Break, ast.Raise)
EDGES: dict[type[ast.cmpop], type[ast.cmpop]] = {ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt}


@dataclass(frozen=True)
class Fault:
    """``place``: the position of the changed node in its function; ``choice``: which of its changes."""

    module: str
    function: str
    kind: str
    line: int
    place: int
    choice: int
    shown: str

    def __str__(self) -> str:
        return f"{self.module.removeprefix('verifier.')}.{self.function}: {self.kind}: {self.shown}"


def modules(room: str) -> list[str]:
    """The modules of a room, by name."""
    paths = sorted((ROOT / "verifier" / room).glob("*.py"))
    return [f"verifier.{room}.{p.stem}" for p in paths if p.stem != "__init__"]


def faults(room: str, kinds: Collection[str] = KINDS) -> Iterator[Fault]:
    """All faults of a room, in order."""
    for module in modules(room):
        for name, node in _functions(_tree(module)):
            for place, child in enumerate(ast.walk(node)):
                for choice, (kind, shown, _) in enumerate(_changes(node, child)):
                    if kind not in kinds:
                        continue
                    line = getattr(child, "lineno", node.lineno)
                    yield Fault(module, name, kind, line, place, choice, shown)


def chosen(room: str, each: int, seed: int = 0) -> list[Fault]:
    """Up to so many faults of each function, drawn at random, of every kind about as often."""
    groups: dict[tuple[str, str], list[Fault]] = {}
    for f in faults(room):
        groups.setdefault((f.module, f.function), []).append(f)
    found: list[Fault] = []
    for (module, function), rows in groups.items():
        random = Random(f"{seed}/{module}/{function}")
        kinds = [[f for f in rows if f.kind == kind] for kind in KINDS]
        random.shuffle(kinds)
        for own in kinds:
            random.shuffle(own)
        found += [f for turn in zip_longest(*kinds) for f in turn if f is not None][:each]
    return found


def plant(fault: Fault) -> None:
    """Exchange the code of the function, in this process."""
    tree = copy.deepcopy(_tree(fault.module))
    node = next(n for name, n in _functions(tree) if name == fault.function)
    for place, child in enumerate(ast.walk(node)):
        if place == fault.place:
            _, _, change = list(_changes(node, child))[fault.choice]
            change()
            break
    code = compile(ast.fix_missing_locations(tree), str(_path(fault.module)), "exec", dont_inherit=True)
    _function(fault).__code__ = next(c for c in _codes(code) if c.co_qualname == fault.function)


def _function(fault: Fault) -> FunctionType:
    found: Any = import_module(fault.module)
    for name in fault.function.split("."):
        found = vars(found)[name]
    if isinstance(found, property):
        found = found.fget
    found = getattr(found, "__func__", found)  # a static method
    found = getattr(found, "func", found)  # a cached property
    while not isinstance(found, FunctionType):
        if hasattr(found, "cache_clear"):
            found.cache_clear()
        found = found.__wrapped__
    while hasattr(found, "__wrapped__"):
        found = found.__wrapped__
    return found


def _codes(code: CodeType) -> Iterator[CodeType]:
    for c in code.co_consts:
        if isinstance(c, CodeType):
            yield c
            yield from _codes(c)


def _path(module: str) -> Path:
    return ROOT / (module.replace(".", "/") + ".py")


@cache
def _tree(module: str) -> ast.Module:
    return ast.parse(_path(module).read_text(encoding="utf-8"))


def _functions(tree: ast.Module) -> Iterator[tuple[str, ast.FunctionDef]]:
    """Functions and methods by qualified name; what is defined inside of one is part of it."""
    for node in tree.body:
        if isinstance(node, ast.FunctionDef):
            yield node.name, node
        elif isinstance(node, ast.ClassDef):
            for method in node.body:
                if isinstance(method, ast.FunctionDef):
                    yield f"{node.name}.{method.name}", method


# ---- changes of one node

Change = tuple[str, str, Callable[[], None]]


def _changes(function: ast.FunctionDef, node: ast.AST) -> Iterator[Change]:
    """The faults of one node: the kind, what is changed, and what changes it in place."""
    if node is function:
        yield from _forced(function)
        if function.returns is not None and ast.unparse(function.returns) == "Poly":
            yield NEGATED, "the whole answer", lambda: _negate(function)
    if isinstance(node, ast.If) and len(node.body) == 1 and isinstance(node.body[0], EXITS) and not node.orelse:
        yield (
            DROPPED,
            f"if {ast.unparse(node.test)}: {ast.unparse(node.body[0])}",
            _setter(node, "test", ast.Constant(False)),
        )
    if isinstance(node, ast.BoolOp):
        both = isinstance(node.op, ast.And)
        for k, value in enumerate(node.values):
            rest = [*node.values[:k], ast.Constant(both), *node.values[k + 1 :]]
            yield DROPPED, f"{'and' if both else 'or'} {ast.unparse(value)}", _setter(node, "values", rest)
    if isinstance(node, ast.comprehension):
        for k, test in enumerate(node.ifs):
            yield DROPPED, f"... if {ast.unparse(test)}", _setter(node, "ifs", [*node.ifs[:k], *node.ifs[k + 1 :]])
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        yield SIGN, ast.unparse(node), _setter(node, "op", ast.UAdd())
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Sub):
        yield SIGN, ast.unparse(node), _setter(node, "op", ast.Add())
    if isinstance(node, ast.Compare) and len(node.ops) == 1 and type(node.ops[0]) in EDGES:
        yield EDGE, ast.unparse(node), _setter(node, "ops", [EDGES[type(node.ops[0])]()])


def _forced(function: ast.FunctionDef) -> Iterator[Change]:
    """A rule that never applies; a question that has always one answer."""
    returns = ast.unparse(function.returns) if function.returns is not None else ""
    answers: Sequence[object] = ()
    if returns.endswith("| None"):
        answers = (None,)
    elif returns == "bool":
        answers = (False, True)
    for answer in answers:
        body: list[ast.stmt] = [ast.Return(ast.Constant(answer))]
        yield FORCED, f"always {answer}", _setter(function, "body", body)


def _negate(function: ast.FunctionDef) -> None:
    for node in ast.walk(function):
        if isinstance(node, ast.Return) and node.value is not None:
            text = f"{{m: -c for m, c in ({ast.unparse(node.value)}).items()}}"
            node.value = ast.parse(text, mode="eval").body


def _setter(node: ast.AST, field: str, value: object) -> Callable[[], None]:
    return lambda: setattr(node, field, value)


__all__ = ["DROPPED", "FORCED", "KINDS", "NEGATED", "SIGN", "Fault", "chosen", "faults", "modules", "plant"]
