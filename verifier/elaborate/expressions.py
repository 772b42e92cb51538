"""Expressions: from the syntax tree to tensors, indices and guards, with every name and shape checked."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from fractions import Fraction

from ..diagnostics import SpecError
from ..language import syntax as tree
from ..language.show import show
from ..learn.program import Scope
from ..terms import index as ix
from ..terms import syntax as t
from ..terms.index import Guard, Index, Var, sort_of
from ..terms.known import call as known_call
from ..terms.reach import Reach, negative
from ..terms.sizes import Size
from ..terms.sorts import REAL, Fin, Range, Real, Sort
from ..terms.traverse import as_index, free_indices
from . import positions, tensors
from .environment import (
    Environment,
    IndexValue,
    RealValue,
    SizeValue,
    TensorValue,
    fault,
    unknown,
)
from .objects import size
from .powers import whole_power
from .reductions import reduction
from .tensors import ShapeError, Tensor, scalar

CASES = 12
"""An exponent of at most so many values is taken case by case."""


@dataclass
class Expressions:
    """Elaborates expressions in an environment, with tensors in scope under local names.

    With a ``builder`` the arguments of functions become lets of their own, so that derivatives share them.
    ``hidden``: names that may not be used here, with the reason (the target inside ``implement``), and
    ``hidden_code`` the code of that fault and what is expected instead.
    """

    env: Environment
    local: dict[str, Tensor]
    builder: Scope | None = None
    hidden: dict[str, str] = field(default_factory=dict)
    bound: dict[str, Var] = field(default_factory=dict)
    guards: tuple[Guard, ...] = ()
    counter: int = 0
    hidden_code: tuple[str, str] = ("E107", "only the source, parameters and lets")

    # ---- tensors

    def value(self, e: tree.Expr) -> Tensor:
        """The tensor that an expression denotes.  Raises a diagnostic with its place."""
        try:
            return self._value(e)
        except ShapeError as wrong:
            raise fault(wrong.code, e, wrong.found, wrong.expected, wrong.fix) from None

    def _value(self, e: tree.Expr) -> Tensor:
        if isinstance(e, tree.Number):
            return scalar(t.num(e.value))
        if isinstance(e, tree.Name):
            return self._name(e)
        if isinstance(e, tree.Unary) and e.operator == "-":
            return tensors.negative(self.value(e.operand))
        if isinstance(e, tree.Binary):
            return self._binary(e)
        if isinstance(e, tree.Transpose):
            return tensors.transpose(self.value(e.base))
        if isinstance(e, tree.Index):
            return self._read(e)
        if isinstance(e, tree.Reduction):
            return reduction(self, e)
        if isinstance(e, tree.IfElse):
            guard = self.guard(e.condition)
            with self.under(guard):
                then = self.value(e.then)
            with self.under(ix.Not(guard)):
                other = self.value(e.otherwise)
            return tensors.elementwise(lambda x, y: t.If(guard, x, y), "if", then, other)
        if isinstance(e, tree.Call):
            return self._call(e)
        dotted = show(e) if isinstance(e, tree.Attribute) else ""
        if dotted in self.local:  # a part of a learner, such as R.a
            return self.local[dotted]
        raise fault("E115", e, "an expression that is no tensor", "a number or a tensor")

    def _name(self, e: tree.Name) -> Tensor:
        name = e.identifier
        if name in self.hidden:
            code, expected = self.hidden_code
            raise fault(code, e, self.hidden[name], expected)
        if name in self.local:
            return self.local[name]
        if name in self.bound:
            return scalar(t.IndexOf(self.bound[name]))
        if self.env.find(name) is None:
            if name in ("pi", "e"):
                return scalar(t.Constant(name))
            raise unknown(name, e, [*self.local, *self.env.names()])
        value = self.env.get(name, e)
        if isinstance(value, RealValue):
            return scalar(value.term)
        if isinstance(value, TensorValue):
            return tensors.tensor_of(value.symbol)
        if isinstance(value, SizeValue):
            return scalar(t.SizeOf(value.size))
        raise fault("E115", e, f"{name}, which is no tensor", "a tensor or a number", f"apply it: {name}(...)")

    def _binary(self, e: tree.Binary) -> Tensor:
        if e.operator == "^":
            base = self.value(e.left)
            exponents = self._exponents(e.right)
            if exponents is not None:
                return tensors.elementwise(lambda x: _chosen_power(x, *exponents), "^", base)
            if not _is_constant(e.right):
                if self._is_position(e.right):
                    return whole_power(self, e, base)
                varying = self.value(e.right)
                return tensors.elementwise(lambda x, y: known_call("pow", x, y), "^", self.hoist(base), varying)
            exponent = constant(e.right)
            return tensors.elementwise(lambda x: t.Power(x, exponent) if exponent != 1 else x, "^", base)
        if e.operator == "@":
            left, right = self.value(e.left), self.value(e.right)
            return tensors.matmul(left, right, self.fresh("k"))
        operators = {"+": tensors.plus, "-": tensors.minus, "*": tensors.times, "/": tensors.over}
        if e.operator not in operators:
            raise fault("E115", e, f"the operator {e.operator} between tensors", "one of + - * / @ ^")
        left, right = self.value(e.left), self.value(e.right)
        return operators[e.operator](left, right)

    def _read(self, e: tree.Index) -> Tensor:
        base = self.value(e.base)
        if len(base.axes) != len(e.indices):
            found = f"{len(e.indices)} indices on {base.shape}"
            raise fault("E103", e, found, f"{len(base.axes)} of them", "index every axis")
        index = tuple(self.index(i, axis) for i, axis in zip(e.indices, base.axes, strict=True))
        return scalar(base.entry(index)) if base.value == REAL else Tensor((), lambda _: base.entry(index), base.value)

    @contextmanager
    def under(self, guard: Guard) -> Iterator[None]:
        """Elaborate where a guard holds: reads may rely on it, and nothing is moved out of it."""
        self.guards = (*self.guards, guard)
        try:
            yield
        finally:
            self.guards = self.guards[:-1]

    @contextmanager
    def unchanged(self) -> Iterator[None]:
        yield

    # ---- indices

    @contextmanager
    def binding(
        self, names: Sequence[tuple[str, tree.Expr | None]], node: tree.Node, *bodies: tree.Expr
    ) -> Iterator[tuple[Var, ...]]:
        """Bind index names; their ranges are written, declared, or inferred from a place where one stands alone."""
        saved = dict(self.bound)
        bound: list[Var] = []
        for name, written in names:
            if name in saved or name in (v.name for v in bound):
                fix = "give the inner index another name"
                raise fault("E104", node, f"the index {name} is bound already", "a new name", fix)
            sort = self._range(name, written, node, bodies, [n for n, _ in names])
            bound.append(Var(name, sort))
            self.bound[name] = bound[-1]
        try:
            yield tuple(bound)
        finally:
            self.bound = saved

    def _range(
        self, name: str, written: tree.Expr | None, node: tree.Node, bodies: Sequence[tree.Expr], beside: Sequence[str]
    ) -> Sort:
        if written is not None:
            return Range(size(written, self.env))
        entry = self.env.find(name)
        if entry is not None:
            value = self.env.get(name, node)
            if isinstance(value, IndexValue):
                return value.sort
        for body in bodies:
            sort = self._alone(name, body)
            if sort is not None:
                return sort
        for body in bodies:  # an index of that name may have been meant
            self._free(body, {*beside, *self.bound})
        fix = f"declare it: index {name}:N, or write sum[{name}:N](...)"
        raise fault("E104", node, f"no range for the index {name}", "an axis on which it stands alone", fix)

    def _free(self, e: tree.Expr, bound: set[str]) -> None:
        """Raise a diagnostic for a name that stands alone as a position, and that nothing declares or binds."""
        if isinstance(e, tree.Reduction):
            bound = bound | {b.name for b in e.binders}
        positions_of = e.indices if isinstance(e, tree.Index) else ()
        for i in positions_of:
            if isinstance(i, tree.Name) and i.identifier not in bound | set(self.local):
                self.position(i)
        for c in parts(e):
            self._free(c, bound)

    def _alone(self, name: str, e: tree.Expr) -> Sort | None:
        """The sort of the first axis of a known tensor on which an index stands alone."""
        if isinstance(e, tree.Index) and isinstance(e.base, tree.Name):
            axes = self._axes(e.base)
            for i, axis in zip(e.indices, axes, strict=False):
                if isinstance(i, tree.Name) and i.identifier == name:
                    return axis
        for c in parts(e):
            sort = self._alone(name, c)
            if sort is not None:
                return sort
        return None

    def _axes(self, name: tree.Name) -> tuple[Sort, ...]:
        """The axes of a tensor by its name; none if it is no tensor."""
        if name.identifier in self.local:
            return self.local[name.identifier].axes
        declared = self.env.get(name.identifier, name) if self.env.find(name.identifier) is not None else None
        return declared.symbol.axes if isinstance(declared, TensorValue) else ()

    def index(self, e: tree.Expr, axis: Sort) -> Index:
        """An index expression used on an axis, which it must not leave under the guards around it."""
        i = self.position(e)
        if isinstance(axis, Range) and sort_of(i) != axis and not positions.inside(i, axis, self.env, self.guards):
            raise positions.outside(e, i, axis, self.env, self.guards)
        return i

    def position(self, e: tree.Expr) -> Index:
        """A position computed from indices, sizes and integers."""
        return positions.position(e, self._known, self.env)

    def _known(self, e: tree.Expr) -> Index | None:
        """A bound index, or an entry of an integer tensor."""
        if isinstance(e, tree.Name) and e.identifier in self.bound:
            return self.bound[e.identifier]
        return self._entry(e) if self._is_entry(e) else None

    def _exponents(self, e: tree.Expr) -> tuple[Index, range] | None:
        """A whole number of which all values are known, by its position: an exponent that has few cases."""
        if isinstance(e, tree.Number) or not self._is_position(e):
            return None
        try:
            i = self.position(e)
        except SpecError:
            return None
        reach, ends = Reach(self.env.bounds), []
        for form in (ix.position(i), negative(ix.position(i))):
            low = reach.least(form)
            between = None if low is None else self.env.bounds.between(low)
            if between is None:
                return None
            ends.append(between[0])
        values = range(ends[0], -ends[1] + 1)
        return (i, values) if 0 < len(values) <= CASES else None

    def _is_entry(self, e: tree.Expr) -> bool:
        """Whether an expression is an entry of an integer tensor, or the index of a greatest value."""
        if isinstance(e, tree.Reduction):
            return e.name.startswith("arg")
        base = e.base if isinstance(e, tree.Index) else e
        if isinstance(base, tree.Transpose):
            base = base.base
        named = isinstance(base, tree.Name) and base.identifier in self.local
        return named and isinstance(self.local[base.identifier].value, Fin)

    def _entry(self, e: tree.Expr) -> Index:
        """An entry of an integer tensor as an index."""
        whole = self.value(e)
        if whole.axes:
            raise fault("E103", e, f"{whole.shape} as an index", "a whole number", "index every axis")
        try:
            return as_index(whole.entry(()))
        except TypeError:
            fix = "name it: let k[...] = argmax[...](...)"
            raise fault("E116", e, f"{show(e)} as an index under a guard", "an entry of a let", fix) from None

    def guard(self, e: tree.Expr) -> Guard:
        """A condition on indices, sizes and numbers; later parts of it stand under the earlier ones."""
        if isinstance(e, tree.BoolOp):
            parts: list[Guard] = []
            with ExitStack() as stack:
                for p in e.operands:
                    parts.append(self.guard(p))
                    stack.enter_context(self.under(parts[-1] if e.operator == "and" else ix.Not(parts[-1])))
            return ix.And(tuple(parts)) if e.operator == "and" else ix.Or(tuple(parts))
        if isinstance(e, tree.Unary) and e.operator == "not":
            return ix.Not(self.guard(e.operand))
        if isinstance(e, tree.Compare):
            pairs = zip(e.operators, e.operands[:-1], e.operands[1:], strict=True)
            links = tuple(self._comparison(op, a, b) for op, a, b in pairs)
            return links[0] if len(links) == 1 else ix.And(links)
        raise fault("E115", e, "something that is no condition", "a comparison of indices, sizes or numbers")

    def _comparison(self, op: str, a: tree.Expr, b: tree.Expr) -> Guard:
        """``a op b``: of positions if both are positions, else of real numbers."""
        if self._is_position(a) and self._is_position(b):
            return _comparison(op, self.position(a), self.position(b))
        sides = [self.value(x) for x in (a, b)]
        for x, side in zip((a, b), sides, strict=True):
            if side.axes or not isinstance(side.value, Real | Fin):
                fix = "index it: compare entries" if side.axes else "compare numbers"
                raise fault("E103", x, f"{side.shape} in a comparison", "a number", fix)
        left, right = (side.entry(()) for side in sides)
        if op in ("<", "<="):
            left, right = right, left
        holds = ix.Holds({"<": ">", "<=": ">=", "!=": "=="}.get(op, op), t.sub(left, right))
        return ix.Not(holds) if op == "!=" else holds

    def _is_position(self, e: tree.Expr) -> bool:
        """Whether an expression is made of indices, sizes and whole numbers alone."""
        if isinstance(e, tree.Name):
            if e.identifier in self.local or e.identifier in self.hidden:
                return self._is_entry(e)
            if e.identifier in self.bound:
                return True
            return self.env.find(e.identifier) is None or isinstance(self.env.get(e.identifier, e), SizeValue)
        if isinstance(e, tree.Number):
            return e.value.denominator == 1
        if isinstance(e, tree.Unary):
            return self._is_position(e.operand)
        if self._is_entry(e):
            return True
        return (
            isinstance(e, tree.Binary)
            and e.operator in ("+", "-", "*", "//", "%")
            and self._is_position(e.left)
            and self._is_position(e.right)
        )

    # ---- functions

    def _call(self, e: tree.Call) -> Tensor:
        from .functions import apply_call

        return apply_call(self, e)

    def hoist(self, x: Tensor, hint: str = "h") -> Tensor:
        """Name a tensor by a let, so that derivatives share it; not where it stands under a guard."""
        if self.builder is None or self.guards:
            return x
        own = tuple(Var(self.fresh("ijlmn"[k % 5]), axis) for k, axis in enumerate(x.axes))
        body = x.entry(own)
        if isinstance(body, t.Read | t.Num):
            return x
        free = sorted(free_indices(body) - set(own), key=lambda v: v.name)
        symbol = self.builder.define(hint, (*free, *own), body, x.value)
        return Tensor(x.axes, lambda index: t.Read(symbol, (*free, *index)), x.value)

    def fresh(self, stem: str) -> str:
        """A name for a bound index; no index of a spec has a dot in its name."""
        self.counter += 1
        return f"{stem}.{self.counter}"


def _chosen_power(base: t.Term, exponent: Index, values: range) -> t.Term:
    """A power with an exponent of few values: each of them in turn."""
    if ix.closed(exponent) is not None and len(values) == 1:
        return t.power(base, values[0])
    result: t.Term = t.power(base, values[-1])  # the exponent has no other value
    for value in reversed(values[:-1]):
        here = ix.Compare("==", ix.combine(exponent, ix.affine({}, Size.number(value)), -1))
        result = t.If(here, t.power(base, value), result)
    return result


def constant(e: tree.Expr) -> Fraction:
    """A rational number written with digits: an exponent."""
    if isinstance(e, tree.Number):
        return e.value
    if isinstance(e, tree.Unary) and e.operator == "-":
        return -constant(e.operand)
    if isinstance(e, tree.Binary) and e.operator == "/":
        below = constant(e.right)
        if below:
            return constant(e.left) / below
    raise fault("E122", e, "an exponent that is no rational number", "an integer, a decimal, or a quotient of integers")


def _is_constant(e: tree.Expr) -> bool:
    """Whether an exponent is written with digits alone."""
    if isinstance(e, tree.Binary):
        return _is_constant(e.left) and _is_constant(e.right)
    return isinstance(e, tree.Number) or (isinstance(e, tree.Unary) and _is_constant(e.operand))


def _comparison(op: str, a: Index, b: Index) -> Guard:
    difference = ix.combine(b, a, -1)
    one = ix.affine({}, Size.number(1))
    if op == "<=":
        return ix.Compare(">=", difference)
    if op == "<":
        return ix.Compare(">=", ix.combine(difference, one, -1))
    if op == ">=":
        return ix.Compare(">=", ix.combine(a, b, -1))
    if op == ">":
        return ix.Compare(">=", ix.combine(ix.combine(a, b, -1), one, -1))
    equal = ix.Compare("==", difference)
    return equal if op == "==" else ix.Not(equal)


def parts(e: tree.Expr) -> list[tree.Expr]:
    """The expressions directly inside an expression."""
    if isinstance(e, tree.Unary):
        return [e.operand]
    if isinstance(e, tree.Binary):
        return [e.left, e.right]
    if isinstance(e, tree.IfElse):
        return [e.then, e.condition, e.otherwise]
    if isinstance(e, tree.Compare | tree.BoolOp):
        return list(e.operands)
    if isinstance(e, tree.TupleExpr):
        return list(e.items)
    if isinstance(e, tree.Call):
        return [e.function, *e.arguments, *(k.value for k in e.keywords)]
    if isinstance(e, tree.Index):
        return [e.base, *e.indices]
    if isinstance(e, tree.Reduction):
        return [e.body] if e.condition is None else [e.body, e.condition]
    if isinstance(e, tree.Attribute | tree.Transpose):
        return [e.base]
    return []
