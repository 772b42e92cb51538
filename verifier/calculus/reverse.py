"""Reverse derivative over the graph of lets (reverse mode): one new let per let, never through an opaque name.

Axioms RD.1 to RD.5 of reverse derivative categories are its rules for sums, products and composition.
The derivative of a read is a delta, eliminated at once where the index is a bound variable.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from ..terms.choice import both, greatest, taken, tie
from ..terms.definedness import required, substitute
from ..terms.index import (
    And,
    Compare,
    Guard,
    Holds,
    Index,
    Inject,
    Not,
    Or,
    Pair,
    Part,
    Same,
    Var,
    combine,
    guard_positions,
    replace,
    variables,
)
from ..terms.known import KNOWN
from ..terms.matrices import is_matrix
from ..terms.matrices import slope as slope_of
from ..terms.sorts import Range, Real, Sort, Sum
from ..terms.syntax import (
    ONE,
    ZERO,
    Add,
    Call,
    Case,
    Condition,
    Extreme,
    If,
    Let,
    Mul,
    Power,
    Prod,
    Read,
    Symbol,
    Term,
    Total,
    Where,
    add,
    mul,
    neg,
    num,
    power,
    total,
)
from ..terms.traverse import (
    children,
    free_indices,
    fresh,
    guard_terms,
    looked_up,
    reads,
    rename_indices,
    replace_guard,
    whole,
)

LETTERS = "ijklmnopqrstuvw"


def slots(symbol: Symbol) -> tuple[Var, ...]:
    """One index variable for each axis of a tensor."""
    return tuple(Var(LETTERS[k] if k < len(LETTERS) else f"i{k}", axis) for k, axis in enumerate(symbol.axes))


@dataclass(frozen=True, slots=True)
class Frame:
    """What stands between a read and the let it is in: a guard, or a branch of a case."""

    guard: Guard | None = None
    index: Index | None = None
    branches: tuple[Var, ...] = ()
    branch: int = 0

    def wrap(self, t: Term) -> Term:
        """The contribution where the branch is taken, 0 elsewhere."""
        if self.guard is not None:
            return If(self.guard, t, ZERO)
        assert self.index is not None  # by construction: a frame is a guard or a case
        return Case(self.index, tuple((v, t if k == self.branch else ZERO) for k, v in enumerate(self.branches)))


@dataclass(frozen=True, slots=True)
class Contribution:
    """What one read of a tensor adds to its adjoint: ``cotangent`` at the indices of the read, summed over ``binders``.

    ``through``: the let in which the read stands, None for the seed of an output.
    """

    read: Read
    cotangent: Term
    binders: tuple[Var, ...]
    frames: tuple[Frame, ...]
    through: Symbol | None

    @property
    def written_out(self) -> Term:
        """The sum over all binders, with a delta for each index of the read."""
        return _written_out(self.read, self.cotangent, self.binders, self.frames)

    @property
    def summed(self) -> Term:
        """The same with the sums over deltas done."""
        return _scatter(self.read, self.cotangent, self.binders, self.frames)


@dataclass
class Adjoints:
    """The result: the gradient of each requested symbol, where the forward map has no derivative, and the adjoint
    of each let on which the outputs depend.  ``log``: what every adjoint is the sum of, by the name of its tensor."""

    gradient: Mapping[Symbol, Symbol | None]
    kinks: tuple[Condition, ...]
    lets: Mapping[Symbol, Symbol] = field(default_factory=dict)
    log: Mapping[str, Sequence[Contribution]] = field(default_factory=dict)


Define = Callable[[str, tuple[Var, ...], Term], Symbol]


def reverse(
    lets: Sequence[Let],
    seeds: Mapping[Symbol, Symbol],
    wrt: Iterable[Symbol],
    define: Define,
    *,
    also: Iterable[str] = (),
) -> Adjoints:
    """Gradients of ``sum_y <seed_y, y>`` by the symbols ``wrt``.

    ``lets``: the forward program, each let after those it refers to; ``seeds``: the cotangent of each output,
    of the same shape; ``define(name, indices, body)`` names each adjoint.  A symbol on which the outputs do
    not depend has gradient None (zero).  What the forward program may not be differentiated at (kinks) is
    returned as conditions.  ``also``: names of lets that are varied too; what depends on neither is constant.
    """
    wrt = list(wrt)
    pass_ = _Pass(active({*(s.name for s in wrt), *also}, lets), {let.symbol.name: let for let in lets})
    for let in lets:
        if not isinstance(let.symbol.value, Real):  # where an index comes from has no adjoint, but it may jump
            pass_.jumps(let.body, list(let.indices), ())
    for output, seed in seeds.items():
        ix = slots(output)
        pass_.give(Contribution(Read(output, ix), Read(seed, ix), ix, (), None))
    names = {let.symbol.name for let in lets}
    through: dict[Symbol, Symbol] = {}
    for let in reversed(lets):
        parts = pass_.received.get(let.symbol.name)
        if not parts:
            continue
        adjoint = define(f"d.{let.symbol.name}", slots(let.symbol), add(*parts))
        through[let.symbol] = adjoint
        pass_.through = let.symbol
        pass_.push(let.body, Read(adjoint, let.indices), list(let.indices), ())
    gradient: dict[Symbol, Symbol | None] = {}
    for s in wrt:
        parts = pass_.received.get(s.name)
        if s.name in names:
            raise ValueError(f"{s.name} is a let of the program, not an input")
        gradient[s] = define(f"d.{s.name}", slots(s), add(*parts)) if parts else None
    return Adjoints(gradient, tuple(dict.fromkeys(pass_.kinks)), through, pass_.log)


def partials(let: Let, wrt: Symbol) -> tuple[tuple[Var, ...], Term, list[Condition]]:
    """The derivative of each entry of a let by each entry of a tensor that it reads, with its deltas written out.

    Returns variables, those of the let first, then those of the tensor, the term over them, and where there is none.
    """
    taken = list(slots(wrt))
    table: dict[Var, Index] = {}
    for v in let.indices:
        table[v] = fresh(v, [*taken, *free_indices(let.body), *let.indices])
        taken.append(table[v])  # type: ignore[arg-type]
    pass_ = _Pass(frozenset((wrt.name,)), {})
    pass_.push(rename_indices(let.body, table), ONE, [], ())
    rows = [c.written_out for c in pass_.log.get(wrt.name, ())]
    return (*(table[v] for v in let.indices), *slots(wrt)), add(*rows), pass_.kinks  # type: ignore[return-value]


def active(names: Iterable[str], lets: Sequence[Let]) -> frozenset[str]:
    """The names of what depends on some inputs: only there does a program change with them."""
    found = set(names)
    for let in lets:
        if any(s.name in found for s in reads(let.body)):
            found.add(let.symbol.name)
    return frozenset(found)


@dataclass
class _Pass:
    """``active``: the names of tensors that depend on what is differentiated by."""

    active: frozenset[str]
    lets: Mapping[str, Let]
    jumped: set[str] = field(default_factory=set)
    received: dict[str, list[Term]] = field(default_factory=dict)
    kinks: list[Condition] = field(default_factory=list)
    log: dict[str, list[Contribution]] = field(default_factory=dict)
    through: Symbol | None = None
    counter: int = 0

    def give(self, contribution: Contribution) -> None:
        name = contribution.read.symbol.name
        self.received.setdefault(name, []).append(contribution.summed)
        self.log.setdefault(name, []).append(contribution)

    def rename(self, bound: Iterable[Var], t: Term) -> tuple[list[Var], Term]:
        """Names for bound variables that no other variable has (a spec's own names hold no dot)."""
        table: dict[Var, Index] = {}
        for v in bound:
            self.counter += 1
            table[v] = Var(f"{v.name.split('.')[0]}.d{self.counter}", v.sort)
        return [table[v] for v in bound], rename_indices(t, table)  # type: ignore[misc]

    def push(self, t: Term, bar: Term, binders: list[Var], frames: tuple[Frame, ...]) -> None:
        """Distribute the cotangent ``bar`` of ``t`` to the symbols that ``t`` reads."""
        if not self.moves(t):
            return
        if isinstance(t, Read):
            if isinstance(t.symbol.value, Real):
                self.give(Contribution(t, bar, tuple(binders), frames, self.through))
        elif isinstance(t, Add):
            for p in t.parts:
                self.push(p, bar, binders, frames)
        elif isinstance(t, Mul):
            for k, p in enumerate(t.parts):
                self.push(p, mul(bar, *t.parts[:k], *t.parts[k + 1 :]), binders, frames)
        elif isinstance(t, Power):
            if t.exponent:
                self.push(t.base, mul(bar, num(t.exponent), power(t.base, t.exponent - 1)), binders, frames)
        elif isinstance(t, Total):
            bound, body = self.rename(t.indices, t.body)
            self.push(body, bar, binders + bound, frames)
        elif isinstance(t, Prod):
            bound, body = self.rename(t.indices, t.body)
            self.push(body, mul(bar, self._others(t, bound)), binders + bound, frames)
        elif isinstance(t, Extreme):
            self._extreme(t, bar, binders, frames)
        elif isinstance(t, Where):
            self.jumps(t, binders, tuple(f.guard for f in frames if f.guard is not None))
        elif isinstance(t, Call):
            self._call(t, bar, binders, frames)
        elif isinstance(t, If):
            self._edges(t.guard, binders, tuple(f.guard for f in frames if f.guard is not None))
            self.push(t.then, bar, binders, (*frames, Frame(t.guard)))
            self.push(t.other, bar, binders, (*frames, Frame(Not(t.guard))))
        elif isinstance(t, Case):
            for k, (v, body) in enumerate(t.branches):
                (w,), inner = self.rename((v,), body)
                names = tuple(w if j == k else u for j, (u, _) in enumerate(t.branches))
                self.push(inner, bar, binders, (*frames, Frame(None, t.index, names, k)))

    def moves(self, t: Term) -> bool:
        """Whether a term depends on what is differentiated by."""
        return any(s.name in self.active for s in reads(t))

    def _edges(self, g: Guard, binders: list[Var], guards: tuple[Guard, ...]) -> None:
        """Where a condition on data changes with the data there is no derivative."""
        if not isinstance(g, Not | And | Or) and (not isinstance(g, Holds) or self.whole(g.subject)):
            for x in (*guard_terms(g), *looked_up(guard_positions(g))):
                self.jumps(x, binders, guards)
        elif isinstance(g, Holds) and self.moves(g.subject):
            apart = _where_it_moves(g.subject, binders)
            self.kinks.append(Condition("!=", g.subject, tuple(binders), (*guards, *apart), "a branch changes there"))
        elif isinstance(g, Not):
            self._edges(g.part, binders, guards)
        elif isinstance(g, And | Or):
            for p in g.parts:
                self._edges(p, binders, guards)
                guards = (*guards, p if isinstance(g, And) else Not(p))

    def _others(self, t: Prod, at: Sequence[Var]) -> Term:
        """The product over all indices but one."""
        bound, body = self.rename(t.indices, t.body)
        guard = Not(both(*(Same(v, w) for v, w in zip(bound, at, strict=True))))
        if isinstance(body, If) and body.other == ONE:
            return Prod(tuple(bound), If(both(body.guard, guard), body.then, ONE))
        return Prod(tuple(bound), If(guard, body, ONE))

    def _extreme(self, t: Extreme, bar: Term, binders: list[Var], frames: tuple[Frame, ...]) -> None:
        """The cotangent goes to the body at the index at which the greatest value is taken, if there is only one."""
        guards = tuple(f.guard for f in frames if f.guard is not None)
        self.kinks.append(self._tie(t, binders, guards, bar))
        bound, inner = self.rename_guarded(t)
        self._edges(inner.guard, binders + bound, guards)
        frame = Frame(both(inner.guard, taken(t, bound)))
        self.push(inner.body, bar, binders + bound, (*frames, frame))

    def rename_guarded(self, t: Extreme | Where) -> tuple[list[Var], Extreme]:
        """The greatest value over bound variables that no other variable is."""
        bound, body = self.rename(t.indices, t.body)
        guard = replace_guard(t.guard, dict(zip(t.indices, bound, strict=True)))
        return bound, Extreme(greatest(t).name, tuple(bound), guard, body)

    def _tie(
        self, t: Extreme | Where, binders: list[Var], guards: tuple[Guard, ...], unless: Term | None = None
    ) -> Condition:
        """No other index takes the greatest value too."""
        bound, _ = self.rename(t.indices, t.body)
        return tie(t, tuple(bound), tuple(binders), guards, unless)

    def whole(self, t: Term) -> bool:
        """Whether a term is a whole number, also by the lets in it: it is constant but where it jumps."""
        if isinstance(t, Total):
            return self.whole(t.body)
        if isinstance(t, If):
            return self.whole(t.then) and self.whole(t.other)
        if isinstance(t, Add | Mul):
            return all(map(self.whole, t.parts))
        if isinstance(t, Read) and t.symbol.name in self.lets:
            return self.whole(self.lets[t.symbol.name].body)
        return whole(t)

    def jumps(self, t: Term, binders: list[Var], guards: tuple[Guard, ...]) -> None:
        """Where a whole number that the data decide is used, it must not jump."""
        if not self.moves(t):
            return
        if isinstance(t, Where):
            inner = sorted(free_indices(t) - set(binders), key=lambda v: v.name)
            self.kinks.append(self._tie(t, [*binders, *inner], guards if not inner else ()))
        elif isinstance(t, Total):
            bound, body = self.rename(t.indices, t.body)
            self.jumps(body, binders + bound, guards)
        elif isinstance(t, If):
            self._edges(t.guard, binders, guards)
            self.jumps(t.then, binders, (*guards, t.guard))
            self.jumps(t.other, binders, (*guards, Not(t.guard)))
        elif isinstance(t, Read) and t.symbol.name in self.lets and isinstance(t.symbol.value, Real):
            let = self.lets[t.symbol.name]
            if t.symbol.name not in self.jumped:
                self.jumped.add(t.symbol.name)
                bound, body = self.rename(let.indices, let.body)
                self.jumps(body, bound, ())
        else:
            for u in children(t):
                self.jumps(u, binders, guards)

    def _call(self, t: Call, bar: Term, binders: list[Var], frames: tuple[Frame, ...]) -> None:
        if t.function.known:
            row, arguments = KNOWN[t.function.name], tuple(a.body for a in t.arguments)
            guards = tuple(f.guard for f in frames if f.guard is not None)
            why = f"{t.function.name} has no derivative there"
            self.kinks += required(row.differentiable, arguments, tuple(binders), guards, why)
            for argument, slope in zip(arguments, row.slopes, strict=True):
                if slope is not None:
                    self.push(argument, mul(bar, substitute(slope, *arguments)), binders, frames)
                elif self.moves(argument):
                    raise NotDifferentiable(t.function.name)
            return
        if "smooth" not in t.function.properties:
            raise NotDifferentiable(t.function.name)
        for k, a in enumerate(t.arguments):
            if not isinstance(t.function.arguments[k][1], Real):
                continue
            bound, body = self.rename(a.indices, a.body)
            partial: Term
            if is_matrix(t.function):
                partial = slope_of(t, bound[0], bound[1])
            else:
                partial = Call(t.function, t.arguments, t.outputs, (*t.partials, (k, tuple(bound))))
            self.push(body, mul(bar, partial), binders + bound, frames)


class NotDifferentiable(Exception):
    """A function that is not declared smooth stands below a derivative."""


def _where_it_moves(subject: Term, binders: Sequence[Var]) -> tuple[Guard, ...]:
    """Where the difference of two entries of one tensor is not that of an entry and itself, which never changes."""
    for k, v in enumerate(binders):
        for w in binders[:k]:
            if v.sort == w.sort and isinstance(subject, Add) and len(subject.parts) == 2:
                left, right = (rename_indices(p, {v: w}) for p in subject.parts)
                if left == neg(right) or neg(left) == right:
                    return (Not(Same(w, v)),)
    return ()


def _scatter(t: Read, bar: Term, binders: Sequence[Var], frames: Sequence[Frame]) -> Term:
    """The contribution of one read ``X[index]`` to the adjoint of X at its slots: a sum over all binders of
    the cotangent where the index equals the slots, deltas eliminated where an index is a bound variable."""
    for frame in reversed(frames):
        bar = frame.wrap(bar)
    free = list(binders)
    slot = slots(t.symbol)
    clash = [v for v in free if v.name in {s.name for s in slot}]
    if clash:  # the slots are the names of the result: other binders make way
        table: dict[Var, Index] = {}
        for v in clash:
            table[v] = fresh(v, [*slot, *free, *free_indices(bar)])
            free[free.index(v)] = table[v]  # type: ignore[call-overload]
        bar = rename_indices(bar, table)
        t = rename_indices(t, table)  # type: ignore[assignment]
    deltas: list[tuple[Index, Index, Sort]] = []
    table = {}

    def meet(s: Index, i: Index, axis: Sort) -> None:
        if isinstance(i, Var) and i in free and i not in table and i.sort == axis:
            table[i] = s
        elif isinstance(i, Pair):
            for k, x in enumerate(i.parts):
                meet(Part(s, k), x, axis.parts[k])  # type: ignore[union-attr]
        else:
            deltas.append((s, i, axis))

    for s, i, axis in zip(slot, t.index, t.symbol.axes, strict=True):
        meet(s, i, axis)
    rest = [v for v in free if v not in table]
    bar = rename_indices(bar, table)
    for s, i, axis in deltas:
        bar = delta(s, replace(i, table), axis, bar)
    return total(rest, bar)


def _written_out(t: Read, bar: Term, binders: Sequence[Var], frames: Sequence[Frame]) -> Term:
    """What `_scatter` makes simple: the same sum, with a delta for each axis."""
    for frame in reversed(frames):
        bar = frame.wrap(bar)
    slot = slots(t.symbol)
    taken = {s.name for s in slot}
    table: dict[Var, Index] = {v: fresh(v, [*slot, *binders, *free_indices(bar)]) for v in binders if v.name in taken}
    body, index = rename_indices(bar, table), tuple(replace(i, table) for i in t.index)
    for s, i, axis in reversed(list(zip(slot, index, t.symbol.axes, strict=True))):
        body = delta(s, i, axis, body)
    return total([table.get(v, v) for v in binders], body)  # type: ignore[misc]


def delta(s: Index, i: Index, axis: Sort, t: Term) -> Term:
    """The term where two indices of an axis are equal, 0 elsewhere."""
    if isinstance(i, Inject) and isinstance(axis, Sum):
        taken = variables(i)
        branches = []
        for k, part in enumerate(axis.parts):
            v = fresh(Var("s", part), [*taken, *free_indices(t)])
            branches.append((v, delta(v, i.index, part, t) if k == i.position else ZERO))
        return Case(s, tuple(branches))
    if isinstance(axis, Range) and not isinstance(i, Var | Part) and isinstance(s, Var):
        return If(Compare("==", combine(i, s, -1)), t, ZERO)
    return If(Same(s, i), t, ZERO)


__all__ = ["Adjoints", "Contribution", "NotDifferentiable", "delta", "partials", "reverse", "slots"]
