"""Reading: precedences, continued lines, soft words, and what is printed is read back the same."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from pathlib import Path
from random import Random
from typing import Any

import pytest

from verifier.diagnostics import SpecError
from verifier.language import syntax as tree
from verifier.language.parser import parse
from verifier.language.show import show

ROOT = Path(__file__).parents[2]
SPECS = sorted((ROOT / "specs").rglob("*.learn"))


def expression(text: str) -> tree.Expr:
    (statement,) = parse(f"network N = {text}\n", "t.learn").statements
    assert isinstance(statement, tree.Network)
    return statement.value


def bare(node: Any) -> Any:
    """A tree without its spans."""
    if isinstance(node, tuple):
        return tuple(bare(x) for x in node)
    if is_dataclass(node):
        return (type(node).__name__, *(bare(getattr(node, f.name)) for f in fields(node) if f.name != "span"))
    return node


def expressions(node: Any) -> Iterator[tree.Expr]:
    """The outermost expressions of a tree."""
    if isinstance(node, tuple):
        for x in node:
            yield from expressions(x)
    elif isinstance(node, tree.Name | tree.Binary | tree.Call | tree.Index | tree.Unary | tree.IfElse | tree.Reduction):
        yield node
    elif is_dataclass(node):
        for f in fields(node):
            yield from expressions(getattr(node, f.name))


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("f ; g * h", "f ; (g * h)"),
        ("f * g ; h", "(f * g) ; h"),
        ("f ; g ; h", "(f ; g) ; h"),
        ("-x^2", "-(x^2)"),
        ("x^y^z", "x^(y^z)"),
        ("a - b - c", "(a - b) - c"),
        ("a / b / c", "(a / b) / c"),
        ("a / b * c", "(a / b) * c"),
        ("a + b * c", "a + (b * c)"),
        ("a * -b", "a * (-b)"),
        ("a @ b + c", "(a @ b) + c"),
        ("f ** 2", "f^2"),
        ("a · b", "a * b"),
        ("a if i < n else b + c", "a if (i < n) else (b + c)"),
        ("a if i < n and j < m else b", "a if ((i < n) and (j < m)) else b"),
        ("W.T @ x", "(W.T) @ x"),
        ("s'(x)", "s'(x)"),
        ("f(x)(y)[i]", "((f(x))(y))[i]"),
    ],
)
def test_precedences(text: str, same: str) -> None:
    assert bare(expression(text)) == bare(expression(same))


@pytest.mark.parametrize("path", SPECS, ids=lambda p: p.stem)
def test_expressions_are_printed_as_they_are_read(path: Path) -> None:
    spec = parse(path.read_text(encoding="utf-8"), str(path))
    found = [e for s in spec.statements for e in expressions(s)]
    for e in found:
        assert bare(expression(show(e))) == bare(e)


ATOMS = [
    "a",
    "W",
    "x'",
    "3",
    "0.5",
    "f(a)",
    "a[i, j]",
    "sum[i](a)",
    "max[u if u <= t](p)",
    "(a, b)",
    "W.T",
    'einsum("i->", a)',
]
SIGNS = ["+", "-", "*", "/", "@", "^", ";", "//", "%"]


def _random(random: Random, depth: int) -> str:
    if depth == 0:
        return random.choice(ATOMS)
    if random.random() < 0.15:
        return f"(-({_random(random, depth - 1)}))" if random.random() < 0.5 else f"-{_random(random, 0)}^2"
    if random.random() < 0.15:
        return f"({_random(random, depth - 1)} if i < n else {_random(random, depth - 1)})"
    left, right = (f"({_random(random, depth - 1)})" if random.random() < 0.6 else _random(random, 0) for _ in "ab")
    return f"{left} {random.choice(SIGNS)} {right}"


def test_generated_expressions_survive_printing() -> None:
    random = Random(5)
    for _ in range(600):
        e = expression(_random(random, 3))
        assert bare(expression(show(e))) == bare(e)


@pytest.mark.parametrize(
    "text",
    [
        "network N = A\n  ; B\n  ; C\n",
        "network N = A ;\n  B ; C\n",
        "network N = (A ;\nB\n; C)\n",
        "network N = A ; B # the rest\n  ; C\n",
        "network N = A ; B\n\n# a comment\n  ; C\n",
    ],
)
def test_lines_go_on(text: str) -> None:
    (statement,) = parse(text, "t.learn").statements
    assert isinstance(statement, tree.Network)
    assert bare(statement.value) == bare(expression("A ; B ; C"))


def test_clauses_may_stand_on_lines_of_their_own() -> None:
    (check,) = parse("check F == G\n  when n >= 2\n  expect refuted\n  assuming getput(F)\n", "t.learn").statements
    assert isinstance(check, tree.Check)
    assert len(check.when) == 1 and len(check.assuming) == 1 and check.expect


@pytest.mark.parametrize(
    ("text", "code", "line", "column"),
    [
        ("check F == a--b\n", "L021", 1, 13),
        ("network N = A B\n", "L030", 1, 15),
        ("network N = A +\n", "L033", 1, 16),
        ("network N = (A\n", "L010", 1, 13),
        ("network N = A)\n", "L010", 1, 14),
        ("chekc F == G\n", "L032", 1, 1),
        ("check F == G expcet proved\n", "L037", 1, 14),
        ("network if = A\n", "L036", 1, 9),
        ("real x := 2\n", "L022", 1, 8),
        ("network N = A && B\n", "L022", 1, 15),
        ("update W = W\n", "L040", 1, 1),
        ("network N = A² ; B\n", "L024", 1, 13),
        ("network N = §\n", "L020", 1, 13),
        ('network N = "A\n', "L025", 1, 13),
        ("wire N using e, f { }\n", "L047", 1, 17),
    ],
)
def test_traps(text: str, code: str, line: int, column: int) -> None:
    with pytest.raises(SpecError) as caught:
        parse(text, "t.learn")
    first = caught.value.diagnostics[0]
    assert (first.code, first.span.line, first.span.column) == (code, line, column)


def test_faults_of_several_statements_are_reported_together() -> None:
    with pytest.raises(SpecError) as caught:
        parse("network A = B C\nsize n\nchekc X\nnetwork D = E F\n", "t.learn")
    assert [d.code for d in caught.value.diagnostics] == ["L030", "L032", "L030"]
