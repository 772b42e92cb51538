"""Random changes of terms: rewrites that keep the meaning, and mutations that usually do not."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from random import Random

from verifier.terms.index import Compare, Index, Lookup, Not, Same, Var, combine
from verifier.terms.sorts import Sort
from verifier.terms.syntax import (
    ONE,
    ZERO,
    Abstraction,
    Add,
    Call,
    Case,
    Extreme,
    If,
    Lets,
    Mul,
    Num,
    Power,
    Prod,
    Read,
    Term,
    Total,
    Where,
    always,
)
from verifier.terms.traverse import free_indices, fresh, rename_indices

from .generate import FIRST, INPUTS, WHOLE, M, N, Terms

Change = Callable[[Term, tuple[Var, ...], Random], Term | None]


def at_random(t: Term, random: Random, change: Change, env: tuple[Var, ...] = ()) -> Term:
    """The term with one subterm changed; unchanged if the change never applies.  ``env``: indices in scope."""
    places = list(_places(t, env))
    random.shuffle(places)
    for path, inner in places[:12]:
        old = _get(t, path)
        new = change(old, inner, random)
        if new is not None and new != old:
            return _put(t, path, new)
    return t


def _slots(t: Term) -> list[tuple[tuple[Var, ...], Term]]:
    """The immediate subterms, each with the variables that are bound there."""
    if isinstance(t, Add | Mul):
        return [((), p) for p in t.parts]
    if isinstance(t, Power):
        return [((), t.base)]
    if isinstance(t, Total | Prod | Extreme | Where):
        return [(t.indices, t.body)]
    if isinstance(t, Call):
        return [(a.indices, a.body) for a in t.arguments]
    if isinstance(t, If):
        return [((), t.then), ((), t.other)]
    return [((v,), b) for v, b in t.branches] if isinstance(t, Case) else []


def _with(t: Term, k: int, new: Term) -> Term:
    """The term with its k-th immediate subterm replaced."""
    if isinstance(t, Add | Mul):
        return type(t)((*t.parts[:k], new, *t.parts[k + 1 :]))
    if isinstance(t, Power):
        return Power(new, t.exponent)
    if isinstance(t, Total | Prod):
        return type(t)(t.indices, new)
    if isinstance(t, Extreme):
        return Extreme(t.name, t.indices, t.guard, new)
    if isinstance(t, Where):
        return Where(t.name, t.indices, t.guard, new, t.position)
    if isinstance(t, Call):
        row = list(t.arguments)
        row[k] = Abstraction(row[k].indices, new)
        return Call(t.function, tuple(row), t.outputs, t.partials)
    if isinstance(t, If):
        return If(t.guard, new, t.other) if k == 0 else If(t.guard, t.then, new)
    raise TypeError(t)


def _places(t: Term, env: tuple[Var, ...], path: tuple[int, ...] = ()):  # type: ignore[no-untyped-def]
    yield path, env
    for k, (bound, inner) in enumerate(_slots(t)):
        names = {v.name for v in bound}
        yield from _places(inner, (*(v for v in env if v.name not in names), *bound), (*path, k))


def _get(t: Term, path: tuple[int, ...]) -> Term:
    for k in path:
        t = _slots(t)[k][1]
    return t


def _put(t: Term, path: tuple[int, ...], new: Term) -> Term:
    if not path:
        return new
    return _with(t, path[0], _put(_slots(t)[path[0]][1], path[1:], new))


# ---- rewrites that keep the meaning


def shuffle(t: Term, env: tuple[Var, ...], r: Random) -> Term | None:
    """Sums and products commute."""
    if not isinstance(t, Add | Mul):
        return None
    parts = list(t.parts)
    r.shuffle(parts)
    return type(t)(tuple(parts))


def distribute(t: Term, env: tuple[Var, ...], r: Random) -> Term | None:
    """(a + b) c = a c + b c."""
    if not isinstance(t, Mul):
        return None
    for k, p in enumerate(t.parts):
        if isinstance(p, Add):
            return Add(tuple(Mul((*t.parts[:k], q, *t.parts[k + 1 :])) for q in p.parts))
    return None


def alpha(t: Term, env: tuple[Var, ...], r: Random) -> Term | None:
    """Bound variables have any name."""
    if not isinstance(t, Total):
        return None
    v = t.indices[0]
    w = fresh(Var(r.choice("ijkl"), v.sort), [x for x in free_indices(t.body) if x != v])
    return Total((w,), rename_indices(t.body, {v: w}))


def split_sum(t: Term, env: tuple[Var, ...], r: Random) -> Term | None:
    """sum (a + b) = sum a + sum b."""
    if isinstance(t, Total) and isinstance(t.body, Add):
        return Add(tuple(Total(t.indices, p) for p in t.body.parts))
    return None


def swap_sums(t: Term, env: tuple[Var, ...], r: Random) -> Term | None:
    """sum_i sum_j = sum_j sum_i, for different names."""
    if isinstance(t, Total) and isinstance(t.body, Total) and t.indices[0].name != t.body.indices[0].name:
        return Total(t.body.indices, Total(t.indices, t.body.body))
    return None


def delta(t: Term, env: tuple[Var, ...], r: Random) -> Term | None:
    """t(i) = sum_j [j = i] t(j)."""
    free = sorted(free_indices(t), key=lambda v: v.name)
    if not free:
        return None
    i = r.choice(free)
    j = fresh(Var("j", i.sort), free)
    return Total((j,), If(Same(j, i), rename_indices(t, {i: j}), ZERO))


def cancel(t: Term, env: tuple[Var, ...], r: Random) -> Term | None:
    """t = t + u - u."""
    u = Terms(r).term(1, env)
    return Add((Mul((Num(Fraction(-1)), u)), t, u))


def choose(t: Term, env: tuple[Var, ...], r: Random) -> Term | None:
    """t = t if g else t."""
    return If(Terms(r)._guard(env), t, t)


def one_left_out(t: Term, env: tuple[Var, ...], r: Random) -> Term | None:
    """prod_j X(j) = X(i) prod_(j != i) X(j)."""
    if not isinstance(t, Prod) or isinstance(t.body, If):
        return None
    (v,) = t.indices
    fitting = [w for w in env if w.sort == v.sort and w.name != v.name]
    if not fitting:
        return None
    w = r.choice(fitting)
    return Mul((rename_indices(t.body, {v: w}), Prod((v,), If(Not(Same(v, w)), t.body, ONE))))


def split_product(t: Term, env: tuple[Var, ...], r: Random) -> Term | None:
    """prod (a b) = prod a prod b."""
    if isinstance(t, Prod) and isinstance(t.body, Mul):
        return Mul(tuple(Prod(t.indices, p) for p in t.body.parts))
    return None


def shifted(t: Term, env: tuple[Var, ...], r: Random) -> Term | None:
    """max (2 X + c) = 2 max X + c, and the index is the same."""
    if not isinstance(t, Extreme | Where):
        return None
    c = Num(Fraction(r.choice((-1, 1, 3))))
    body = Add((Mul((Num(Fraction(2)), t.body)), c))
    if isinstance(t, Where):
        return Where(t.name, t.indices, t.guard, body, t.position)
    half = Num(Fraction(1, 2))
    return Mul((half, Add((Extreme(t.name, t.indices, t.guard, body), Mul((Num(Fraction(-1)), c))))))


def turned(t: Term, env: tuple[Var, ...], r: Random) -> Term | None:
    """min X = -max(-X)."""
    if not isinstance(t, Extreme):
        return None
    other = Extreme("min" if t.name == "max" else "max", t.indices, t.guard, Mul((Num(Fraction(-1)), t.body)))
    return Mul((Num(Fraction(-1)), other))


def looked_up(t: Term, env: tuple[Var, ...], r: Random) -> Term | None:
    """X[t[i]] = sum_v [t[i] = v] X[v]."""
    if not isinstance(t, Read) or not t.index or not isinstance(t.index[-1], Lookup) or t.symbol == WHOLE:
        return None
    taken = free_indices(t)
    v = fresh(Var("v", M), taken)
    guard = Compare("==", combine(t.index[-1], v, -1))
    return Total((v,), If(guard, Read(t.symbol, (*t.index[:-1], v)), ZERO))


def once(t: Term, env: tuple[Var, ...], r: Random) -> Term | None:
    """t = 1 * t."""
    return Mul((ONE, t))


def square(t: Term, env: tuple[Var, ...], r: Random) -> Term | None:
    """u^2 = u u."""
    return Mul((t.base, t.base)) if isinstance(t, Power) and t.exponent == 2 else None


REWRITES: tuple[Change, ...] = (
    shuffle,
    distribute,
    alpha,
    split_sum,
    swap_sums,
    delta,
    cancel,
    choose,
    once,
    square,
    one_left_out,
    split_product,
    shifted,
    turned,
    looked_up,
)


def inlined(t: Term, lets: Lets, random: Random) -> Term:
    """One read of a let replaced by its body."""

    def put(u: Term, env: tuple[Var, ...], r: Random) -> Term | None:
        if isinstance(u, Read) and u.symbol.name in lets:
            let = lets[u.symbol.name]
            return rename_indices(let.body, dict(zip(let.indices, u.index, strict=True)))
        return None

    return at_random(t, random, put)


# ---- mutations


def other_index(t: Term, env: tuple[Var, ...], r: Random) -> Term | None:
    if not isinstance(t, Read) or not t.index:
        return None
    k = r.randrange(len(t.index))
    fitting: list[Index] = [v for v in env if v.sort == t.symbol.axes[k] and v != t.index[k]]
    return Read(t.symbol, (*t.index[:k], r.choice(fitting), *t.index[k + 1 :])) if fitting else None


def transpose(t: Term, env: tuple[Var, ...], r: Random) -> Term | None:
    return Read(t.symbol, t.index[::-1]) if isinstance(t, Read) and t.symbol.axes == (N, N) else None


def other_symbol(t: Term, env: tuple[Var, ...], r: Random) -> Term | None:
    if not isinstance(t, Read):
        return None
    same = [s for s in INPUTS if s.axes == t.symbol.axes and s != t.symbol]
    return Read(r.choice(same), t.index) if same else None


def other_number(t: Term, env: tuple[Var, ...], r: Random) -> Term | None:
    return Num(t.value + 1) if isinstance(t, Num) else None


def drop(t: Term, env: tuple[Var, ...], r: Random) -> Term | None:
    return type(t)(t.parts[1:]) if isinstance(t, Add | Mul) and len(t.parts) > 1 else None


def captured(t: Term, env: tuple[Var, ...], r: Random) -> Term | None:
    """The name of a bound variable becomes that of a free one of its sort: capture, on purpose."""
    if not isinstance(t, Total | Call):
        return None
    row = [(t.indices, t.body)] if isinstance(t, Total) else [(a.indices, a.body) for a in t.arguments if a.indices]
    if not row:
        return None
    (v, *_), body = row[0]
    free = [x for x in free_indices(body) if x.sort == v.sort and x != v]
    if not free:
        return None
    new = rename_indices(body, {r.choice(sorted(free, key=lambda x: x.name)): v})
    if isinstance(t, Total):
        return Total((v,), new)
    k = next(k for k, a in enumerate(t.arguments) if a.indices)
    arguments = (*t.arguments[:k], Abstraction((v,), new), *t.arguments[k + 1 :])
    return Call(t.function, arguments, t.outputs, t.partials)


def other_output(t: Term, env: tuple[Var, ...], r: Random) -> Term | None:
    if not isinstance(t, Call) or not (t.outputs or t.partials):
        return None

    def pick(axis: Sort, old: Index) -> Index:
        fitting = [v for v in env if v.sort == axis and v != old]
        return r.choice(fitting) if fitting else old

    outputs = tuple(pick(a, i) for a, i in zip(t.function.axes, t.outputs, strict=True))
    return Call(t.function, t.arguments, outputs, t.partials[1:] if r.random() < 0.3 else t.partials)


def unguarded(t: Term, env: tuple[Var, ...], r: Random) -> Term | None:
    return t.then if isinstance(t, If) else None


def other_reduction(t: Term, env: tuple[Var, ...], r: Random) -> Term | None:
    if isinstance(t, Extreme):
        return Extreme("min" if t.name == "max" else "max", t.indices, t.guard, t.body)
    if isinstance(t, Where):
        return Where("min" if t.name == "max" else "max", t.indices, t.guard, t.body, t.position)
    return Total(t.indices, t.body) if isinstance(t, Prod) else None


def unfiltered(t: Term, env: tuple[Var, ...], r: Random) -> Term | None:
    if isinstance(t, Extreme):
        return Extreme(t.name, t.indices, always(), t.body)
    return Prod(t.indices, t.body.then) if isinstance(t, Prod) and isinstance(t.body, If) else None


def without_factor(t: Term, env: tuple[Var, ...], r: Random) -> Term | None:
    """The product over the others in place of the whole."""
    new = one_left_out(t, env, r)
    return new.parts[1] if isinstance(new, Mul) else None


def other_entry(t: Term, env: tuple[Var, ...], r: Random) -> Term | None:
    """Another entry of the tensor of whole numbers, or the entry without being looked up."""
    if not isinstance(t, Read) or not any(isinstance(i, Lookup) for i in t.index):
        return None
    fitting: list[Index] = [v for v in env if v.sort == N]
    new = Lookup(WHOLE, (r.choice(fitting),)) if fitting else FIRST
    return Read(t.symbol, tuple(new if isinstance(i, Lookup) else i for i in t.index))


MUTATIONS: tuple[Change, ...] = (
    other_index,
    transpose,
    other_symbol,
    other_number,
    drop,
    captured,
    other_output,
    unguarded,
    other_reduction,
    unfiltered,
    without_factor,
    other_entry,
)

__all__ = ["MUTATIONS", "REWRITES", "M", "at_random", "inlined"]
