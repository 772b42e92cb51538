"""Matrix notation means what the term means: every form is evaluated as matrices and compared, at unequal sizes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from fractions import Fraction
from itertools import product

import pytest

from tests.conftest import ROOT
from verifier.calculus.reverse import slots
from verifier.elaborate.audit import audit_claims
from verifier.elaborate.modules import load
from verifier.elaborate.selection import all_learners
from verifier.evaluate.machine import Machine
from verifier.evaluate.numbers import differ, plus, power, times
from verifier.export.paper.matrix import Apply, Leaf, Matrix, NoMatrix, Ones, Op, Raised, matrix
from verifier.export.paper.matrix_latex import equation
from verifier.export.paper.notation import Paper
from verifier.learn.laws import Goal
from verifier.learn.steps import Worked, of_layer, of_learner
from verifier.proof.problem import Problem
from verifier.proof.refute import Refuter
from verifier.proof.theory import theory_of
from verifier.terms.syntax import Abstraction, Let, Num, Read, Symbol

Rows = list[list[Fraction]]


def evaluate(m: Matrix, machine: Machine) -> Rows:
    """The value of a form as a list of rows; vectors are columns, numbers 1 x 1."""
    if isinstance(m, Leaf):
        return _leaf(m, machine)
    if isinstance(m, Ones):
        return [[Fraction(1)] for _ in machine.range(m.axis)]
    if isinstance(m, Raised):
        return [[power(x, m.exponent) for x in row] for row in evaluate(m.base, machine)]
    if isinstance(m, Apply):
        return _apply(m, machine)
    parts = [evaluate(p, machine) for p in m.parts]
    if m.kind == "transpose":
        return [list(column) for column in zip(*parts[0], strict=True)]
    if m.kind == "diagonal":
        v = [row[0] for row in parts[0]]
        return [[x if i == j else Fraction(0) for j in range(len(v))] for i, x in enumerate(v)]
    if m.kind == "scale":
        *numbers, last = parts
        assert all(len(x) == len(x[0]) == 1 for x in numbers)
        factor = Fraction(1)
        for x in numbers:
            factor = times(factor, x[0][0])
        return [[times(factor, x) for x in row] for row in last]
    result = parts[0]
    for other in parts[1:]:
        if m.kind == "product":
            assert len(result[0]) == len(other), "matrices that do not meet"
            columns = list(zip(*other, strict=True))
            result = [[_inner(row, c) for c in columns] for row in result]
        else:
            assert len(result) == len(other) and len(result[0]) == len(other[0]), "entrywise, of different shapes"
            act = plus if m.kind == "sum" else times
            result = [[act(x, y) for x, y in zip(r, s, strict=True)] for r, s in zip(result, other, strict=True)]
    return result


def _inner(u: Iterable[Fraction], v: Iterable[Fraction]) -> Fraction:
    total = Fraction(0)
    for x, y in zip(u, v, strict=True):
        total = plus(total, times(x, y))
    return total


def _leaf(m: Leaf, machine: Machine) -> Rows:
    if not isinstance(m.term, Symbol):
        return [[machine.value(m.term)]]
    values = machine.tensor(m.term)
    ranges = [machine.range(a) for a in m.term.axes]
    if len(ranges) < 2:
        return [[values[place]] for place in product(*ranges)]
    return [[values[(i, j)] for j in ranges[1]] for i in ranges[0]]


def _apply(m: Apply, machine: Machine) -> Rows:
    call = m.call
    if not call.function.axes:
        first, *rest = (evaluate(a, machine) for a in m.arguments)
        return [
            [
                machine.value(
                    replace(call, arguments=tuple(Abstraction((), Num(v)) for v in (x, *(r[i][j] for r in rest))))
                )
                for j, x in enumerate(row)
            ]
            for i, row in enumerate(first)
        ]
    row_of = call.outputs[0]
    rows = machine.range(row_of.sort)
    if not m.jacobian:
        return [[machine.value(call, {row_of: i})] for i in rows]
    column = call.partials[0][1][0]
    return [[machine.value(call, {row_of: i, column: j}) for j in machine.range(column.sort)] for i in rows]


def worked(path: str) -> list[tuple[str, Worked, Problem]]:
    module = load(str(ROOT / path))
    assert not module.faults
    rows = []
    for row in all_learners(module):
        if row.learner.learned is not None:
            w = of_learner(row.learner)
            rows.append((row.heading, w, next(iter(audit_claims(row, path)))))
    for c in module.claims:
        if c.written is not None and not c.subject.startswith("jvp"):
            derived = {x.of: x.derived for x in c.written.lines}
            rows.append((c.id, of_layer(c.written.layer, c.written.scope, c.written.cotangents, derived), c))
    problems = []
    for name, w, claim in rows:
        symbols = [*(let.symbol for let in w.forward), *(s.subject for s in w.all)]
        goals = tuple(Goal("x", s.name, s, s) for s in symbols)
        problems.append((name, w, Problem(theory_of(claim, w.scope), w.scope, goals)))
    return problems


@pytest.mark.parametrize(
    ("path", "least"),
    [
        ("specs/examples/post.learn", 20),
        ("specs/std/layers.learn", 60),
        ("specs/std/linear.learn", 20),
        ("specs/std/softmax.learn", 5),
    ],
)
def test_forms_in_matrices_have_the_values_of_their_terms(path: str, least: int) -> None:
    compared = 0
    for name, w, problem in worked(path):
        lets = [*w.forward, *(Let(s.subject, s.indices, t.term) for s in w.all for t in s.steps)]
        for machine in Refuter(problem, 2).machines:
            for let in lets:
                try:
                    form = matrix(let)
                except NoMatrix:
                    continue
                left = evaluate(form, machine)
                right = evaluate(Leaf(let.symbol), machine)
                assert [len(row) for row in left] == [len(row) for row in right]
                pairs = [(x, y) for r, s in zip(left, right, strict=True) for x, y in zip(r, s, strict=True)]
                assert not any(differ(x, y) for x, y in pairs), f"{name}: {equation(let, Paper(w.spelled))}"
                compared += 1
    assert compared >= least


def test_what_is_no_matrix_is_none() -> None:
    (_, w, _), *_ = worked("specs/examples/post.learn")
    deltas = [Let(s.subject, s.indices, t.term) for s in w.all for t in s.steps if t.reason.value.startswith("deriv")]
    assert deltas
    for let in deltas:
        with pytest.raises(NoMatrix):
            matrix(let)


def test_a_transpose_is_not_forgotten() -> None:
    (_, w, problem), *_ = worked("specs/examples/post.learn")
    machine = Refuter(problem, 2).machines[0]
    h = w.forward[0]
    form = matrix(h)
    weights = next(s for s in w.scope.inputs if s.name == "W")
    assert Leaf(weights) in form.parts[0].parts  # type: ignore[union-attr]
    i, j = slots(weights)
    turned = matrix(Let(Symbol("t", (weights.axes[1], weights.axes[0])), (j, i), Read(weights, (i, j))))
    assert turned == Op("transpose", (Leaf(weights),))
    assert evaluate(turned, machine) != evaluate(Leaf(weights), machine)
