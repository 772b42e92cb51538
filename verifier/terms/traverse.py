"""Walking over terms: children, renaming of symbols and indices, what occurs in a term, the cone of lets."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import fields, is_dataclass
from itertools import count
from typing import TypeAlias

from .index import (
    Compare,
    Guard,
    Holds,
    Index,
    Lookup,
    Not,
    Renaming,
    Same,
    Var,
    guard_positions,
    lookups,
    renamed,
    replace,
    variables,
)
from .sizes import Size
from .sorts import Fin, Range
from .syntax import (
    Abstraction,
    Add,
    Call,
    Case,
    Extreme,
    If,
    IndexOf,
    Let,
    Lets,
    Mul,
    Num,
    Power,
    Prod,
    Read,
    SizeOf,
    Symbol,
    Term,
    Total,
    Where,
)


def guard_terms(guard: Guard) -> tuple[Term, ...]:
    """The terms that a condition is about, in order."""
    if isinstance(guard, Holds):
        return (guard.subject,)
    if isinstance(guard, Not):
        return guard_terms(guard.part)
    if isinstance(guard, Compare | Same):
        return ()
    return tuple(t for g in guard.parts for t in guard_terms(g))


def children(t: Term) -> tuple[Term, ...]:
    """The immediate subterms, also those in guards, and the entries of integer tensors that stand in its indices."""
    if isinstance(t, (Add, Mul)):
        return t.parts
    if isinstance(t, Power):
        return (t.base,)
    if isinstance(t, Read):
        return looked_up(t.index)
    if isinstance(t, Total | Prod):
        return (t.body,)
    if isinstance(t, Call):
        own = (*t.outputs, *(i for _, ix in t.partials for i in ix))
        return (*looked_up(own), *(a.body for a in t.arguments))
    if isinstance(t, If):
        return (*guard_terms(t.guard), *looked_up(guard_positions(t.guard)), t.then, t.other)
    if isinstance(t, Extreme | Where):
        return (*guard_terms(t.guard), *looked_up(guard_positions(t.guard)), t.body)
    if isinstance(t, Case):
        return (*looked_up((t.index,)), *(body for _, body in t.branches))
    return looked_up((t.index,)) if isinstance(t, IndexOf) else ()


def looked_up(indices: tuple[Index, ...]) -> tuple[Term, ...]:
    """The entries of integer tensors in index terms, as terms."""
    return tuple(Read(x.symbol, x.index) for i in indices if not isinstance(i, Var) for x in lookups(i))


def as_index(t: Term) -> Index:
    """A term that is an entry of an integer tensor, or a position, as an index.

    Raises TypeError for any other term.
    """
    if isinstance(t, Read):
        return Lookup(t.symbol, t.index)
    if isinstance(t, IndexOf):
        return t.index
    raise TypeError(f"not an index: {t}")


def whole(t: Term) -> bool:
    """Whether a term is a whole number by the way it is made: from indices, sizes, whole numbers and their sums."""
    if isinstance(t, Num):
        return t.value.denominator == 1
    if isinstance(t, Read):
        return isinstance(t.symbol.value, Fin)
    if isinstance(t, Add | Mul):
        return all(map(whole, t.parts))
    return isinstance(t, SizeOf | IndexOf | Where)


def subterms(t: Term) -> Iterator[Term]:
    """The term and all terms below it, outermost first."""
    stack = [t]
    while stack:
        t = stack.pop()
        yield t
        stack.extend(reversed(children(t)))


def reads(t: Term) -> tuple[Symbol, ...]:
    """The symbols that a term reads, in order of first occurrence."""
    return tuple(dict.fromkeys(s.symbol for s in subterms(t) if isinstance(s, Read)))


def free_indices(t: Term) -> frozenset[Var]:
    """The index variables that occur in a term and are not bound in it."""
    if isinstance(t, Read):
        return frozenset().union(*(variables(i) for i in t.index))
    if isinstance(t, Total | Prod):
        return free_indices(t.body) - frozenset(t.indices)
    if isinstance(t, Extreme | Where):
        return (free_indices(t.body) | guard_variables(t.guard)) - frozenset(t.indices)
    if isinstance(t, IndexOf):
        return variables(t.index)
    if isinstance(t, Call):
        own = [variables(i) for i in t.outputs] + [variables(i) for _, ix in t.partials for i in ix]
        return frozenset().union(*own, *(free_indices(a.body) - frozenset(a.indices) for a in t.arguments))
    if isinstance(t, If):
        return guard_variables(t.guard) | free_indices(t.then) | free_indices(t.other)
    if isinstance(t, Case):
        return variables(t.index).union(*(free_indices(b) - {v} for v, b in t.branches))
    return frozenset().union(*(free_indices(c) for c in children(t)))


def guard_variables(guard: Guard) -> frozenset[Var]:
    """The free index variables of a condition."""
    if isinstance(guard, Compare):
        return variables(guard.form)
    if isinstance(guard, Same):
        return variables(guard.left) | variables(guard.right)
    if isinstance(guard, Holds):
        return free_indices(guard.subject)
    if isinstance(guard, Not):
        return guard_variables(guard.part)
    return frozenset().union(*(guard_variables(g) for g in guard.parts))


def fresh(v: Var, taken: Iterable[Var]) -> Var:
    """A variable of the same sort whose name no variable of ``taken`` has."""
    names = {t.name for t in taken}
    if v.name not in names:
        return v
    stem = v.name.split(".")[0]
    return next(Var(f"{stem}.{k}", v.sort) for k in count(1) if f"{stem}.{k}" not in names)


Reader: TypeAlias = Callable[[Symbol, tuple[Index, ...]], Term]


def map_reads(t: Term, reader: Reader, env: Renaming | None = None) -> Term:
    """Rebuild a term, replacing index variables by ``env`` and each read by ``reader(symbol, index)``.

    Bound variables are renamed where they would capture; ``reader`` must not introduce index variables
    beyond those of the index it is given.
    """
    env = env or {}
    arriving = frozenset().union(*(variables(i) for i in env.values()))
    names = {v.name for v in arriving}

    def inside(bound: tuple[Var, ...], scope: frozenset[Var]) -> tuple[tuple[Var, ...], Renaming]:
        inner = {k: x for k, x in env.items() if k not in bound}
        new: list[Var] = []
        for v in bound:
            if v.name in names:  # it would capture a variable that arrives
                w = fresh(v, [*arriving, *new, *bound, *scope])
                inner[v], v = w, w
            new.append(v)
        return tuple(new), inner

    def under(bound: tuple[Var, ...], body: Term) -> tuple[tuple[Var, ...], Term]:
        new, inner = inside(bound, free_indices(body))
        return new, map_reads(body, reader, inner)

    def place(i: Index) -> Index:
        return map_index(i, reader, env)

    if isinstance(t, Read):
        return reader(t.symbol, tuple(place(i) for i in t.index))
    if isinstance(t, IndexOf):
        return IndexOf(place(t.index))
    if isinstance(t, Add):
        return Add(tuple(map_reads(p, reader, env) for p in t.parts))
    if isinstance(t, Mul):
        return Mul(tuple(map_reads(p, reader, env) for p in t.parts))
    if isinstance(t, Power):
        return Power(map_reads(t.base, reader, env), t.exponent)
    if isinstance(t, Total):
        return Total(*under(t.indices, t.body))
    if isinstance(t, Prod):
        return Prod(*under(t.indices, t.body))
    if isinstance(t, Extreme | Where):
        new, inner = inside(t.indices, free_indices(t.body) | guard_variables(t.guard))
        guard, body = map_guard(t.guard, reader, inner), map_reads(t.body, reader, inner)
        if isinstance(t, Extreme):
            return Extreme(t.name, new, guard, body)
        return Where(t.name, new, guard, body, t.position)
    if isinstance(t, Call):
        return Call(
            t.function,
            tuple(Abstraction(*under(a.indices, a.body)) for a in t.arguments),
            tuple(place(i) for i in t.outputs),
            tuple((k, tuple(place(i) for i in ix)) for k, ix in t.partials),
        )
    if isinstance(t, If):
        return If(map_guard(t.guard, reader, env), map_reads(t.then, reader, env), map_reads(t.other, reader, env))
    if isinstance(t, Case):
        branches = []
        for v, body in t.branches:
            (w,), b = under((v,), body)
            branches.append((w, b))
        return Case(place(t.index), tuple(branches))
    return t


def map_index(index: Index, reader: Reader, env: Renaming) -> Index:
    """Rebuild an index term as `map_reads` rebuilds a term: ``reader`` also replaces entries of integer tensors."""
    if isinstance(index, Var):
        return env.get(index, index)
    if not lookups(index):
        return replace(index, env)

    def look(x: Lookup) -> Index:
        return as_index(reader(x.symbol, tuple(map_index(i, reader, env) for i in x.index)))

    apart: dict[Var, Index] = {}

    def hole(x: Lookup) -> Index:
        v = Var(f"?{len(apart)}", Range(Size.number(1)))
        apart[v] = look(x)
        return v

    with_holes = renamed(index, hole)
    return replace(replace(with_holes, env), apart)


def map_guard(guard: Guard, reader: Reader, env: Renaming | None = None) -> Guard:
    """Rebuild a condition as `map_reads` rebuilds a term."""
    env = env or {}
    if isinstance(guard, Compare):
        return Compare(guard.relation, map_index(guard.form, reader, env))
    if isinstance(guard, Same):
        return Same(map_index(guard.left, reader, env), map_index(guard.right, reader, env))
    if isinstance(guard, Holds):
        return Holds(guard.relation, map_reads(guard.subject, reader, env))
    if isinstance(guard, Not):
        return Not(map_guard(guard.part, reader, env))
    return type(guard)(tuple(map_guard(g, reader, env) for g in guard.parts))


def replace_guard(guard: Guard, env: Renaming) -> Guard:
    """Substitute index terms for variables in a condition."""
    return map_guard(guard, Read, env)


def rename_indices(t: Term, env: Renaming) -> Term:
    """Substitute index terms for free index variables, without capture."""
    return map_reads(t, Read, env) if env else t


def rename_symbols(t: Term, table: Mapping[Symbol, Symbol]) -> Term:
    """Put other symbols of the same type for symbols."""
    return map_reads(t, lambda s, ix: Read(table.get(s, s), ix))


def form(x: object, bound: Mapping[Var, object] | None = None) -> object:
    """What is the same for terms, guards and conditions that differ in the names of bound indices only.

    >>> from .sizes import Size
    >>> from .sorts import Range
    >>> i, j = (Var(n, Range(Size.symbol("n"))) for n in "ij")
    >>> a = Symbol("a", (i.sort,))
    >>> form(Total((i,), Read(a, (i,)))) == form(Total((j,), Read(a, (j,)))) != form(Total((i,), Read(a, (j,))))
    True
    """
    bound = bound or {}
    if isinstance(x, Var):
        return bound.get(x, x)
    if isinstance(x, tuple):
        return tuple(form(p, bound) for p in x)
    if not is_dataclass(x):
        return x
    if isinstance(x, Case):
        branches = tuple(form(b, {**bound, v: ("index", len(bound), v.sort)}) for v, b in x.branches)
        return ("Case", form(x.index, bound), branches)
    own = getattr(x, "indices", ())  # what has indices binds them in all its other fields
    bound = {**bound, **{v: ("index", len(bound) + k, v.sort) for k, v in enumerate(own)}}
    return (type(x).__name__, *(form(getattr(x, f.name), bound) for f in fields(x)))


def unfolded(t: Term, lets: Lets) -> Term:
    """A term with all lets replaced by their bodies, except those that stand for indices."""

    def put(s: Symbol, index: tuple[Index, ...]) -> Term:
        if s.name not in lets or isinstance(s.value, Fin):
            return Read(s, index)
        let = lets[s.name]
        return unfolded(rename_indices(let.body, dict(zip(let.indices, index, strict=True))), lets)

    return map_reads(t, put)


def cone(terms: Iterable[Term], lets: Lets) -> list[Let]:
    """The lets that the terms depend on, each after those that it refers to.

    Linear in the number of lets, and without recursion along chains of lets.
    """
    order: list[Let] = []
    done: set[str] = set()
    stack = [(s.name, False) for t in terms for s in reversed(reads(t))]
    stack.reverse()
    while stack:
        name, ready = stack.pop()
        if name not in lets or (name in done and not ready):
            continue
        if ready:
            order.append(lets[name])
            continue
        done.add(name)
        stack.append((name, True))
        stack.extend((s.name, False) for s in reversed(reads(lets[name].body)))
    return order


__all__ = [
    "as_index",
    "children",
    "cone",
    "form",
    "free_indices",
    "fresh",
    "guard_terms",
    "guard_variables",
    "looked_up",
    "map_guard",
    "map_index",
    "map_reads",
    "reads",
    "rename_indices",
    "rename_symbols",
    "replace_guard",
    "subterms",
    "unfolded",
    "whole",
]
