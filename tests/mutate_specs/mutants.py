"""Changes of one place in the backward passes of a spec, made on the syntax tree and written into the text."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from random import Random

from verifier.diagnostics import Span
from verifier.elaborate.modules import Module, load
from verifier.language import source
from verifier.language import syntax as tree
from verifier.language.parser import parse
from verifier.language.show import show


@dataclass(frozen=True)
class Mutant:
    """A spec with one place changed: which backward pass of the file, the kind of change, what became what.

    The text has no other claim, so that a mutant is judged as fast in a long file as in a short one.
    """

    backward: int
    line: int
    kind: str
    old: str
    new: str
    text: str

    def __str__(self) -> str:
        return f"line {self.line}, {self.kind}: {self.old} -> {self.new}"


@dataclass(frozen=True)
class _Scope:
    """What may be put in the place of a name: the indices and the sizes in use."""

    indices: tuple[str, ...]
    sizes: tuple[str, ...]


Change = Callable[[tree.Expr, _Scope], Iterator[tree.Expr]]


def mutants(path: str) -> Iterator[Mutant]:
    """All mutants of all backward passes of a file, in order.  Some are ill-formed, or mean the same as before."""
    text = source.prepare(source.read(path), path)
    spec = parse(text, path)
    passes = [s for s in spec.statements if isinstance(s, tree.Backward)]
    alone = {id(s): _alone(text, spec, s) for s in passes}
    layers = {s.name: s for s in spec.statements if isinstance(s, tree.Layer)}
    for k, written in enumerate(passes):
        for equation in (s for s in written.body if isinstance(s, tree.Equation)):
            scope = _scope(spec, layers.get(written.layer), written, equation)
            for kind, change in CHANGES.items():
                for place in _places(equation.value):
                    for new in change(place, scope):
                        if new != place:
                            yield Mutant(
                                k,
                                place.span.line,
                                kind,
                                show(place),
                                show(new),
                                _spliced(alone[id(written)], place.span, new),
                            )


def chosen(path: str, count: int, seed: int = 0) -> list[Mutant]:
    """Up to ``count`` well-formed mutants of each backward pass, drawn at random, every kind about as often."""
    random = Random(seed)
    groups: dict[tuple[int, str], list[Mutant]] = {}
    for m in mutants(path):
        groups.setdefault((m.backward, m.kind), []).append(m)
    for row in groups.values():
        random.shuffle(row)
    result: list[Mutant] = []
    for k in sorted({b for b, _ in groups}):
        rows = [list(groups[b, kind]) for b, kind in groups if b == k]
        drawn: list[Mutant] = []
        while any(rows) and len(drawn) < count:
            for row in rows:
                while row and len(drawn) < count:
                    m = row.pop()
                    if module_of(m) is not None:
                        drawn.append(m)
                        break
        result += drawn
    return result


def module_of(mutant: Mutant) -> Module | None:
    """The mutant elaborated; None if names, shapes or ranges are wrong in it."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "mutant.learn"
        path.write_text(mutant.text, encoding="utf-8")
        module = load(str(path))
    return None if module.faults else module


def _alone(text: str, spec: tree.Spec, kept: tree.Backward) -> str:
    """The text without the claims other than ``kept``, every line in its place."""
    lines = text.split("\n")
    starts = [s.span.line - 1 for s in spec.statements] + [len(lines)]
    for s, first, after in zip(spec.statements, starts, starts[1:], strict=False):
        if isinstance(s, tree.Backward | tree.Check) and s is not kept:
            lines[first:after] = [""] * (after - first)
    return "\n".join(lines)


def _spliced(text: str, span: Span, new: tree.Expr) -> str:
    """The text with an expression in the place of another one."""
    lines = text.split("\n")
    starts = [0]
    for line in lines:
        starts.append(starts[-1] + len(line) + 1)
    first = starts[span.line - 1] + span.column - 1
    last = starts[span.end_line - 1] + span.end_column - 1
    return f"{text[:first]}({show(new)}){text[last:]}"


def _scope(spec: tree.Spec, layer: tree.Layer | None, written: tree.Backward, equation: tree.Equation) -> _Scope:
    bodies: list[tree.Statement | tree.BodyStatement] = [
        *spec.statements,
        *written.body,
        *(layer.body if layer else ()),
    ]
    indices = [n.identifier for s in bodies if isinstance(s, tree.Indices) for r in s.items for n in r.names]
    indices += [i.identifier for i in equation.indices or () if isinstance(i, tree.Name)]
    sizes = [p.name for p in (layer.parameters if layer else ()) if p.kind == "size"]
    sizes += [x.name for s in spec.statements if isinstance(s, tree.Scalars) and s.kind == "size" for x in s.items]
    return _Scope(tuple(dict.fromkeys(indices)), tuple(dict.fromkeys(sizes)))


def _children(e: tree.Expr) -> tuple[tree.Expr, ...]:
    """The subexpressions that are numbers; guards, indices and filters are places of their own kind."""
    match e:
        case tree.Unary(_, operand):
            return (operand,)
        case tree.Binary(_, left, right):
            return (left, right)
        case tree.IfElse(then, condition, otherwise):
            return (then, condition, otherwise)
        case tree.Compare(operands):
            return operands
        case tree.BoolOp(_, operands):
            return operands
        case tree.Call(_, arguments):
            return arguments
        case tree.Reduction(_, _, condition, body):
            return (body,) if condition is None else (condition, body)
        case tree.Transpose(base):
            return (base,)
    return ()


def _places(e: tree.Expr) -> Iterator[tree.Expr]:
    yield e
    for part in _children(e):
        yield from _places(part)


# ---- kinds of change


def _sign(e: tree.Expr, scope: _Scope) -> Iterator[tree.Expr]:
    match e:
        case tree.Unary("-", operand):
            yield operand
        case tree.Binary("+" | "-" as old):
            yield replace(e, operator="-" if old == "+" else "+")
        case tree.Index() | tree.Call() | tree.Reduction():
            yield tree.Unary("-", e, span=e.span)


def _factor(e: tree.Expr, scope: _Scope) -> Iterator[tree.Expr]:
    match e:
        case tree.Binary("*", left, right):
            yield left
            yield right
        case tree.Binary("/", left, _):
            yield left
        case tree.Binary("^", base, tree.Number(value)):
            yield replace(e, right=tree.Number(value + 1, span=e.span))
            yield base
        case tree.Number(value):
            yield tree.Number(value + 1, span=e.span)
        case tree.Index():
            yield tree.Binary("*", tree.Number(Fraction(2), span=e.span), e, span=e.span)


def _term(e: tree.Expr, scope: _Scope) -> Iterator[tree.Expr]:
    match e:
        case tree.Binary("+" | "-", left, right):
            yield left
            yield right if e.operator == "+" else tree.Unary("-", right, span=e.span)
        case tree.IfElse(then, _, otherwise):
            yield then
            yield otherwise


def _transpose(e: tree.Expr, scope: _Scope) -> Iterator[tree.Expr]:
    match e:
        case tree.Index(base, indices) if len(indices) > 1:
            for k in range(len(indices) - 1):
                yield replace(e, indices=(*indices[:k], indices[k + 1], indices[k], *indices[k + 2 :]))
        case tree.Binary("@", left, right):
            yield replace(e, left=tree.Transpose(left, span=e.span))
            yield replace(e, left=right, right=left)
        case tree.Transpose(base):
            yield base


def _index(e: tree.Expr, scope: _Scope) -> Iterator[tree.Expr]:
    if isinstance(e, tree.Index):
        for k, i in enumerate(e.indices):
            others: Sequence[tree.Expr] = [tree.Name(n, span=i.span) for n in scope.indices if n != show(i)]
            for other in others:
                yield replace(e, indices=(*e.indices[:k], other, *e.indices[k + 1 :]))


def _axis(e: tree.Expr, scope: _Scope) -> Iterator[tree.Expr]:
    """The size of another axis; a mean for a sum; a reduction over one index less."""
    match e:
        case tree.Name(name) if name in scope.sizes:
            for other in scope.sizes:
                if other != name:
                    yield tree.Name(other, span=e.span)
        case tree.Reduction("sum", _, None, _):
            yield replace(e, name="mean")
        case tree.Reduction("mean", _, None, _):
            yield replace(e, name="sum")
    if isinstance(e, tree.Reduction):
        if len(e.binders) > 1:
            for k in range(len(e.binders)):
                yield replace(e, binders=(*e.binders[:k], *e.binders[k + 1 :]))
        else:
            yield e.body


def _guard(e: tree.Expr, scope: _Scope) -> Iterator[tree.Expr]:
    other = {"<": "<=", "<=": "<", ">": ">=", ">=": ">", "==": "!=", "!=": "=="}
    if isinstance(e, tree.Compare) and len(e.operators) == 1 and e.operators[0] in other:
        yield replace(e, operators=(other[e.operators[0]],))
    if isinstance(e, tree.BoolOp):
        yield from e.operands


CHANGES: dict[str, Change] = {
    "sign": _sign,
    "factor": _factor,
    "dropped term": _term,
    "transpose": _transpose,
    "wrong index": _index,
    "wrong axis": _axis,
    "guard": _guard,
}
