"""Equations that cannot hold together, whatever the declared numbers and functions are.

Each equation is a term that would have to be 0.  A refutation is a short derivation; its steps are

    sign      a term that is never 0 is not 0
    factor    a product is 0 only if a factor is; a factor that cannot be 0 is dropped
    subtract  from two equations that share a term follows one without it
    cases     where a product is 0, one of its factors is: in each case another equation cannot hold
    inject    h(.., u, ..) = h(.., v, ..) and h injective there: u = v

Injective are functions declared so, those whose derivative is declared to be nowhere 0 (``regular``), strictly
monotone known ones, and every h that a declared law inverts: f(x, h(x, y)) = y for all x, y.  All equalities between
terms are the kernel's.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from itertools import product

from ..kernel import Kernel
from ..terms.index import Var
from ..terms.mathematics import text
from ..terms.signs import SignTable
from ..terms.sizes import Bounds
from ..terms.syntax import (
    ONE,
    ZERO,
    Abstraction,
    Add,
    Call,
    Condition,
    Equation,
    Mul,
    Num,
    Power,
    Read,
    Schematic,
    Term,
    add,
    mul,
    num,
)
from ..terms.traverse import rename_indices, subterms

FUEL = 2_000
DEPTH = 3
STEPS = 8
BUDGET = 240  # so many questions to the kernel
LARGE = 80  # terms with more nodes are not combined
MONOTONE = frozenset({"exp", "log", "tanh", "sinh", "sigmoid", "softplus", "logit", "artanh", "cbrt"})


@dataclass(frozen=True)
class Fact:
    """``term == 0`` at one place that ``indices`` name, and the lines of the derivation that led to it.

    Every step is about one place, so that a refutation says that the term is 0 at no place.
    """

    indices: tuple[Var, ...]
    term: Term
    lines: tuple[str, ...] = ()


@dataclass
class Incompatible:
    """Refutes facts under declared signs and laws: ``known`` and ``schematic`` hold for every instance.

    >>> from ..terms.syntax import Symbol, sub
    >>> x = Read(Symbol("$x"))
    >>> never = Incompatible(Bounds(), (), ())
    >>> never.together([Fact((), sub(x, num(1)))], [Fact((), sub(x, num(2)))])
    ('both together: 1 = 0',)
    >>> never.together([Fact((), mul(x, sub(x, num(2))))], [Fact((), sub(x, num(2)))]) is None
    True
    """

    bounds: Bounds
    known: Sequence[Condition]
    schematic: Sequence[Schematic]
    positive: Sequence[str] = ()
    budget: int = BUDGET
    _signs: SignTable = field(init=False)
    _inverted: dict[tuple[str, tuple[int, ...]], dict[int, str]] = field(init=False)
    _nowhere: dict[tuple[tuple[Var, ...], Term], tuple[str, ...] | None] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._signs = SignTable({}, self.bounds, self.known)
        self._inverted = {}
        for s in self.schematic:
            found = _inverts(s)
            if found is not None:
                call, place = found
                self._inverted.setdefault(_name(call), {}).setdefault(place, s.name)

    def alone(self, fact: Fact, depth: int = DEPTH) -> tuple[tuple[str, ...] | None, list[Fact]]:
        """The derivation of a contradiction from one fact, if there is one, and the facts that follow from it."""
        done: list[Fact] = []
        queue = [fact] if fact.term != ZERO else []
        for _ in range(STEPS):
            if not queue:
                break
            found = queue.pop(0)
            for f in (found, self._simplified(found, depth)):
                if 0 not in self._signs.of(f.term):
                    return (*f.lines, *([] if f.term == ONE else [f"{text(f.term)} is never 0"])), done
            found = f
            if all(f.term != found.term for f in done):
                done.append(found)
                queue += self._injected(found)
        return None, done

    def together(self, first: Sequence[Fact], second: Sequence[Fact]) -> tuple[str, ...] | None:
        """The derivation of a contradiction from facts of two kinds (as `alone` gives them), or None."""
        small = [[f for f in facts if sum(1 for _ in subterms(f.term)) <= LARGE] for facts in (first, second)]
        for a, b in product(*small):
            for fact in self._subtracted(a, b):
                why, known = self.alone(fact)
                if why is not None:
                    return why
                for last in known:
                    why = self._cases(last, (*first, *second))
                    if why is not None:
                        return why
        return None

    def _cases(self, fact: Fact, others: Sequence[Fact]) -> tuple[str, ...] | None:
        """A product that is 0: a contradiction in each case, from another fact in which the factor is 0."""
        common, rest = _content(fact.term)
        if rest != ONE or not all(isinstance(f, Call | Read) for f in common):
            return None
        lines = list(fact.lines)
        for factor in dict.fromkeys(common):
            why = self._in_case(factor, others)
            if why is None:
                return None
            lines += [f"if {text(factor)} = 0:", *("  " + line for line in why)]
        return tuple(lines)

    def _in_case(self, factor: Term, others: Sequence[Fact]) -> tuple[str, ...] | None:
        for other in others:
            term = _replaced(other.term, factor)
            left = self._equal(other.indices, term, ZERO) if term != other.term else None
            if left is not None and left != ZERO:
                why, _ = self.alone(Fact(other.indices, left, (f"{text(left)} = 0",)))
                if why is not None:
                    return why
        return None

    # ---- factors

    def _simplified(self, fact: Fact, depth: int) -> Fact:
        """The fact without factors that cannot be 0."""
        lines = list(fact.lines)
        common, rest = _content(fact.term)
        if len(common) == 1 and rest == ONE:  # a number times one term
            (only,) = common
            return replace(fact, term=only.base if isinstance(only, Power) else only)
        kept: list[Term] = []
        for factor in common:
            why = self._nonzero(factor, fact.indices, depth)
            if why is None:
                kept.append(factor)
            else:
                lines += why
        term = mul(*kept, rest) if kept else rest
        if term == fact.term:
            return fact
        if len(kept) < len(common) and term != ONE:
            lines.append(f"so {text(term)} = 0")
        return replace(fact, term=term, lines=tuple(lines))

    def _nonzero(self, t: Term, indices: tuple[Var, ...], depth: int) -> tuple[str, ...] | None:
        """Why a factor is never 0; None if that is not known."""
        base = t.base if isinstance(t, Power) else t
        if isinstance(base, Call) and len(base.partials) == 1 and "regular" in base.function.properties:
            return (f"{text(base)} is never 0: {base.function.name} is regular",)
        if 0 not in self._signs.of(base):
            return ()
        if depth <= 0:
            return None
        if (indices, base) not in self._nowhere:
            self._nowhere[indices, base] = self.alone(Fact(indices, base), depth - 1)[0]
        why = self._nowhere[indices, base]
        return None if why is None else (f"{text(base)} is not 0: else", *("  " + line for line in why))

    # ---- two equations

    def _subtracted(self, a: Fact, b: Fact) -> Iterator[Fact]:
        """Combinations of two facts in which a term of both is gone, and their difference."""
        if [v.sort for v in a.indices] != [v.sort for v in b.indices]:
            return
        second = rename_indices(b.term, dict(zip(b.indices, a.indices, strict=True)))
        mine, yours = dict(_monomials(a.term)), dict(_monomials(second))
        shared = [mine[m] / yours[m] for m in mine if m in yours]
        if not any(m for m in mine if m in yours) and not (_calls(a.term) & _calls(second)):
            return
        ratios = dict.fromkeys([*shared, Fraction(1)])
        for ratio in ratios:
            term = self._equal(a.indices, a.term, mul(num(ratio), second))
            if term is not None and term != ZERO:
                lines = dict.fromkeys((*a.lines, *b.lines))
                yield Fact(a.indices, term, (*lines, f"both together: {text(term)} = 0"))

    # ---- injective functions

    def _injected(self, fact: Fact) -> Iterator[Fact]:
        """From h(.., u, ..) = h(.., v, ..): u - v = 0, for every injective h that stands alone in a summand."""
        rows = _monomials(fact.term)
        for factors, c in rows:
            if len(factors) != 1 or not isinstance(factors[0], Call):
                continue
            call = factors[0]
            value = mul(num(-1 / c), add(fact.term, mul(num(-c), call)))  # what h(..) equals
            for place in self._places(call):
                for v in self._candidates(call, place, [x for fs, _ in rows for x in fs]):
                    other = _with(call, place, v)
                    if self._equal(fact.indices, other, value) != ZERO:
                        continue
                    term = self._equal(fact.indices, call.arguments[place].body, v)
                    if term is not None:
                        why = self._why(call, place)
                        yield Fact(fact.indices, term, (*fact.lines, f"{why}: {text(term)} = 0"))

    def _places(self, call: Call) -> list[int]:
        """The numbered scalar arguments in which a call is injective, the other arguments being fixed."""
        if call.outputs or any(a.indices for a in call.arguments):
            return []
        f = call.function
        own = bool({"injective", "regular"} & f.properties) or (f.known and f.name in MONOTONE)
        alone = [0] if own and not call.partials and len(call.arguments) == 1 else []
        return list(dict.fromkeys([*alone, *sorted(self._inverted.get(_name(call), {}))]))

    def _why(self, call: Call, place: int) -> str:
        if "injective" in call.function.properties:
            return f"{call.function.name} is injective"
        if "regular" in call.function.properties:
            return f"{call.function.name}' is never 0, so {call.function.name} is injective"
        if call.function.known:
            return f"{call.function.name} is injective"
        return f"by {self._inverted[_name(call)][place]}"

    def _candidates(self, call: Call, place: int, factors: Sequence[Term]) -> Iterator[Term]:
        """Arguments v for which h(.., v, ..) may be what h(.., u, ..) equals: of other calls, and of declared laws."""
        u = call.arguments[place].body
        for t in factors:
            if isinstance(t, Call) and _name(t) == _name(call) and t.arguments[place].body != u:
                yield t.arguments[place].body
        for s in self.schematic:
            pattern = s.left
            if not isinstance(pattern, Call) or _name(pattern) != _name(call) or not _plain(pattern):
                continue
            body = pattern.arguments[place].body
            if isinstance(body, Num):
                yield body
            for k, a in enumerate(pattern.arguments):
                if k != place and isinstance(body, Read) and a.body == body:
                    yield call.arguments[k].body

    # ---- the kernel

    def _equal(self, indices: tuple[Var, ...], left: Term, right: Term) -> Term | None:
        """0 if the kernel proves left = right; else a term that is 0 exactly where they are equal, if it has a name."""
        self.budget -= 1
        if self.budget < 0:
            return None
        kernel = Kernel({}, self.bounds, schematic=self.schematic, positive=self.positive)
        return kernel.reduced(Equation(indices, left, right), FUEL)


def _name(call: Call) -> tuple[str, tuple[int, ...]]:
    """A function and what it is differentiated by (scalar arguments)."""
    return call.function.name, tuple(sorted(k for k, _ in call.partials))


def _plain(call: Call) -> bool:
    """Whether all arguments are scalars."""
    return not call.outputs and not any(a.indices for a in call.arguments)


def _with(call: Call, place: int, v: Term) -> Call:
    rows = list(call.arguments)
    rows[place] = Abstraction((), v)
    return replace(call, arguments=tuple(rows))


def _inverts(s: Schematic) -> tuple[Call, int] | None:
    """The call h(.., y, ..) that a law ``g(.., h(.., y, ..), ..) = y`` inverts, and the number of its argument y.

    If h(x, y) = h(x, y') then g(x, h(x, y)) = g(x, h(x, y')), so y = y'.  The other arguments of h are different
    variables, and those of g are among them.
    """
    if not isinstance(s.left, Call) or not isinstance(s.right, Read) or s.indices or not _plain(s.left):
        return None
    inner = [a.body for a in s.left.arguments if isinstance(a.body, Call)]
    outer = [a.body for a in s.left.arguments if not isinstance(a.body, Call)]
    if len(inner) != 1 or not _plain(inner[0]):
        return None
    arguments = [a.body for a in inner[0].arguments]
    variables = {Read(v) for v in s.variables}
    if len(set(arguments)) != len(arguments) or not set(arguments) <= variables or s.right not in arguments:
        return None
    if not set(outer) <= set(arguments) - {s.right}:
        return None
    return inner[0], arguments.index(s.right)


def _summands(t: Term) -> tuple[Term, ...]:
    return t.parts if isinstance(t, Add) else (t,)


def _monomials(t: Term) -> list[tuple[tuple[Term, ...], Fraction]]:
    """Summands as (factors, coefficient)."""
    rows: list[tuple[tuple[Term, ...], Fraction]] = []
    for part in _summands(t):
        factors = part.parts if isinstance(part, Mul) else (part,)
        c = Fraction(1)
        for f in factors:
            c *= f.value if isinstance(f, Num) else 1
        rows.append((tuple(f for f in factors if not isinstance(f, Num)), c))
    return rows


def _replaced(t: Term, old: Term) -> Term:
    """A term with 0 for a term in it, wherever that stands outside the reach of binders."""
    if t == old:
        return ZERO
    if isinstance(t, Add | Mul):
        return type(t)(tuple(_replaced(p, old) for p in t.parts))
    if isinstance(t, Power) and t.exponent > 0:
        return Power(_replaced(t.base, old), t.exponent)
    if isinstance(t, Call):
        rows = tuple(a if a.indices else Abstraction((), _replaced(a.body, old)) for a in t.arguments)
        return replace(t, arguments=rows)
    return t


def _calls(t: Term) -> set[tuple[str, tuple[int, ...]]]:
    """The functions that stand alone in summands."""
    return {_name(fs[0]) for fs, _ in _monomials(t) if len(fs) == 1 and isinstance(fs[0], Call)}


def _content(t: Term) -> tuple[list[Term], Term]:
    """The factors that all summands share, each once per occurrence, and what is left."""
    rows = _monomials(t)
    shared = Counter(rows[0][0])
    for factors, _ in rows[1:]:
        shared &= Counter(factors)
    left = []
    for factors, c in rows:
        rest = list((Counter(factors) - shared).elements())
        left.append(mul(num(c), *rest))
    if len(left) == 1:
        return [*shared.elements()], ONE
    return [*shared.elements()], add(*left)


__all__ = ["Fact", "Incompatible"]
