"""Isometries of parameters, for ``A ~ B via isometry``: the reparametrisations that the gradient functor respects.

h is an isometry if |h(p) - h(p')|^2 = |p - p'|^2 for all p and p'; the kernel proves that, from what is declared of
a matrix that h uses, or the refuter finds two parameters whose distance changes.  An isometry between spaces of one
finite dimension is a bijection, for it is injective and affine.

Where no map is given one is looked for among the linear maps whose coefficients are rational numbers, block by block,

    q_k[i] = sum of c p_j[pi(i)]  over the blocks p_j and the orders pi of their axes that fit.

The derivatives of both implementations at 0 give linear equations for the coefficients; where they do not determine
them, blocks are matched one to one, up to a sign.  What is found is a proposal: everything is proved of it afterwards.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from fractions import Fraction
from itertools import islice, permutations
from typing import TypeVar

from ..calculus.reverse import slots
from ..elaborate.claims import Claim
from ..evaluate.machine import Machine, derivative
from ..evaluate.model import Model
from ..evaluate.numbers import Undecided, Undefined, differ
from ..learn.laws import Goal
from ..learn.learner import Learner, Ports, dimension, scope_of, types
from ..learn.program import Program, Scope
from ..learn.relation import Reparametrisation, isometric
from ..terms.index import Var
from ..terms.mathematics import text
from ..terms.sorts import REAL
from ..terms.syntax import ZERO, Read, Symbol, Term, add, mul, num
from .judge import components, judge
from .problem import Problem
from .refute import Refuter
from .theory import declared_only, theory_of
from .verdict import PROVED, Component

NAME = "isometry"
MODELS, SIGNED, ENTRIES = 3, 720, 200

T = TypeVar("T")
Column = tuple[int, tuple[int, ...]]
"""A block of parameters, and the axis of it that each axis of the image is."""


def isometry(claim: Claim, source: Ports, h: Reparametrisation) -> list[Component]:
    """The component ``isometry`` of ``A ~ B via isometry, h``."""
    scope = Scope()
    goal = isometric(scope, h, source)
    problem = Problem(theory_of(declared_only(claim), scope), scope, (goal,))
    (row,) = components(problem, judge(problem))
    return [replace(row, port="", quantified="")]


def onto(found: Sequence[Component], source: Ports, target: Ports) -> Component | None:
    """That a proved isometry is a bijection, by the dimensions of the two spaces; None if they differ."""
    (row,) = found
    if row.verdict != PROVED or dimension(source) != dimension(target):
        return None
    why = f"an isometry of spaces of dimension {dimension(source)} is a bijection"
    return Component("bijection", PROVED, conditions=row.conditions, reason=why)


def candidates(claim: Claim) -> Iterator[Reparametrisation]:
    """Linear maps that may be isometries and carry the implementation of the left learner to that of the right one."""
    left, right = claim.learners
    if any(s.value != REAL for s in (*left.parameters, *right.parameters)):
        return
    for matrix in (*_Search(claim, left, right).matrices(), *_by_layers(claim, left, right)):
        yield Reparametrisation(_program(left, right, matrix), None, (_shown(left, right, matrix),), True)


def _by_layers(claim: Claim, left: Learner, right: Learner) -> Iterator[Matrix]:
    """An isometry of each pair of layers, side by side: equivalence is a congruence for composition."""
    if not len(left.layers) == len(right.layers) > 1:
        return
    whole: Matrix = []
    done = 0
    for f, g in zip(left.layers, right.layers, strict=True):
        if types(f.source) != types(g.source) or types(f.target) != types(g.target):
            return
        found = next(_Search(claim, f, g).matrices(), None) if g.parameters else []
        if found is None:
            return
        whole += [{(j + done, pi): c for (j, pi), c in row.items()} for row in found]
        done += len(f.parameters)
    yield whole


Matrix = list[dict[Column, Fraction]]
"""For each block of the image its coefficients."""


class _Search:
    def __init__(self, claim: Claim, left: Learner, right: Learner) -> None:
        self.left, self.right = left, right
        self.columns = [
            [(j, pi) for j, p in enumerate(left.parameters) for pi in _orders(p, q)] for q in right.parameters
        ]
        scope = Scope()
        self.p, self.q = (tuple(scope.fresh(s) for s in f.parameters) for f in (left, right))
        a = tuple(scope.fresh(s) for s in left.source)
        self.outputs = list(
            zip(left.run_implement(scope, self.p, a), right.run_implement(scope, self.q, a), strict=True)
        )
        self.lets = scope.lets
        goals = [Goal("I", x.label, x, y) for x, y in [*self.outputs, *((s, s) for s in (*self.p, *self.q, *a))]]
        self.models = Refuter(Problem(theory_of(claim, scope), scope, tuple(goals)), MODELS).models

    # ---- proposals

    def matrices(self) -> Iterator[Matrix]:
        """The solution of the equations at 0, if there is one; then signed matchings that agree at generic points."""
        solved = self._solved()
        if solved is not None:
            yield solved
        yield from filter(self._agrees, islice(self._matchings(), SIGNED))

    def _matchings(self) -> Iterator[Matrix]:
        """Each block of the image is a block, up to the order of its axes and a sign; different ones for different."""
        shapes = [Counter(tuple(sorted(s.axes, key=str)) for s in f.parameters) for f in (self.left, self.right)]
        if shapes[0] != shapes[1]:
            return

        def rest(k: int, taken: frozenset[int]) -> Iterator[Matrix]:
            if k == len(self.columns):
                yield []
                return
            for column in self.columns[k]:
                if column[0] not in taken:
                    for others in rest(k + 1, taken | {column[0]}):
                        yield from ([{column: Fraction(sign)}, *others] for sign in (1, -1))

        yield from rest(0, frozenset())

    def _agrees(self, matrix: Matrix) -> bool:
        """Whether I_B(h p, a) = I_A(p, a) at generic points."""
        for model in self.models:
            machine = Machine(self._moved(model, matrix), self.lets)
            try:
                for x, y in self.outputs:
                    left, right = machine.tensor(x), machine.tensor(y)
                    if any(differ(left[place], right[place]) for place in left):
                        return False
            except (Undefined, Undecided):
                return False
        return bool(self.models)

    def _moved(self, model: Model, matrix: Matrix) -> Model:
        """The model with the image of its p in the place of q."""
        values = dict(model.values)
        for q, row in zip(self.q, matrix, strict=True):
            values[q.name] = {
                place: sum(
                    (c * model.values[self.p[j].name][_entry(place, pi)] for (j, pi), c in row.items()), Fraction(0)
                )
                for place in model.values[q.name]
            }
        return Model(model.sizes, values, model.functions)

    def _solved(self) -> Matrix | None:
        """The coefficients that the derivatives at 0 determine: D I_A(0) = D I_B(0) h, entry by entry."""
        unknowns = [(k, c) for k, row in enumerate(self.columns) for c in row]
        rows: dict[tuple[Fraction, ...], None] = {}
        entries = sum(len(m.values[s.name]) for m in self.models for s in (*self.p, *self.q))
        if entries > ENTRIES:
            return None
        try:
            for generic in self.models:
                model = _with(generic, dict.fromkeys((*self.p, *self.q), Fraction(0)))
                for x, y in self.outputs:
                    for at in Machine(model, self.lets).tensor(x):
                        self._equations(model, x, y, at, unknowns, rows)
        except (Undefined, Undecided):
            return None
        values = _unique([list(r) for r in rows], len(unknowns))
        if values is None:
            return None
        matrix: Matrix = [{} for _ in self.columns]
        for (k, c), value in zip(unknowns, values, strict=True):
            if value:
                matrix[k][c] = value
        return matrix

    def _equations(
        self,
        model: Model,
        x: Symbol,
        y: Symbol,
        at: tuple[object, ...],
        unknowns: Sequence[tuple[int, Column]],
        rows: dict[tuple[Fraction, ...], None],
    ) -> None:
        env = dict(zip(slots(x), at, strict=True))
        slope = {
            (k, place): derivative(model, self.lets, Read(y, slots(x)), env, q, place)
            for k, q in enumerate(self.q)
            for place in model.values[q.name]
        }
        for j, p in enumerate(self.p):
            for place in model.values[p.name]:
                row = [slope[k, _image(place, pi)] if jj == j else Fraction(0) for k, (jj, pi) in unknowns]
                row.append(derivative(model, self.lets, Read(x, slots(x)), env, p, place))
                if not all(isinstance(v, Fraction) for v in row):
                    raise Undecided("a derivative that is no rational number")
                if any(row):
                    rows[tuple(row)] = None


def _program(left: Learner, right: Learner, matrix: Matrix) -> Program:
    scope = scope_of(left.parameters)
    out = [scope.define(f"h.{q.label}", i, value) for q, i, value in _rows(left, right, matrix)]
    return scope.program(left.parameters, out)


def _shown(left: Learner, right: Learner, matrix: Matrix) -> str:
    """``found: s = 3/5*p + 4/5*q``."""
    return "found: " + ", ".join(f"{text(Read(q, i))} = {text(v)}" for q, i, v in _rows(left, right, matrix))


def _rows(left: Learner, right: Learner, matrix: Matrix) -> Iterator[tuple[Symbol, tuple[Var, ...], Term]]:
    """Each parameter of the right learner, by those of the left one."""
    for q, row in zip(right.parameters, matrix, strict=True):
        i = slots(q)
        terms = [mul(num(c), Read(left.parameters[j], _entry(i, pi))) for (j, pi), c in row.items()]
        yield q, i, add(*terms) if terms else ZERO


def _orders(p: Symbol, q: Symbol) -> list[tuple[int, ...]]:
    """The orders of the axes of p that make it a block like q: axis d of q is axis pi[d] of p."""
    n = len(q.axes)
    if len(p.axes) != n:
        return []
    return [pi for pi in permutations(range(n)) if tuple(p.axes[k] for k in pi) == q.axes]


def _entry(place: tuple[T, ...], pi: tuple[int, ...]) -> tuple[T, ...]:
    """Where p is read for an entry of the image."""
    at = list(place)
    for d, k in enumerate(pi):
        at[k] = place[d]
    return tuple(at)


def _image(place: tuple[object, ...], pi: tuple[int, ...]) -> tuple[object, ...]:
    """The entry of the image that an entry of p goes to."""
    return tuple(place[k] for k in pi)


def _with(model: Model, constants: dict[Symbol, Fraction]) -> Model:
    values = {s.name: dict.fromkeys(model.values[s.name], x) for s, x in constants.items()}
    return Model(model.sizes, {**model.values, **values}, model.functions)


def _unique(rows: Sequence[Sequence[Fraction]], unknowns: int) -> list[Fraction] | None:
    """The solution of linear equations (coefficients, right side), if there is exactly one."""
    if not rows:
        return None
    from flint import fmpq, fmpq_mat

    cells = [[fmpq(x.numerator, x.denominator) for x in row] for row in rows]
    reduced, rank = fmpq_mat(cells).rref()
    table = [[reduced[i, j] for j in range(unknowns + 1)] for i in range(rank)]
    if rank != unknowns or any(table[i][i] != 1 for i in range(rank)):
        return None
    return [Fraction(int(row[-1].p), int(row[-1].q)) for row in table]


__all__ = ["NAME", "candidates", "isometry", "onto"]
