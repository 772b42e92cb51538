"""True instances of opaque errors and learners: models must satisfy the laws that are assumed.

An error e enters with e_x and its inverse f; a learner with I, U, R.  Each instance has the laws asked for and,
generically, no other of the named ones.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from ..terms.sorts import REAL, Element, Real
from ..terms.syntax import Function
from .model import Place
from .numbers import Number, plus, power, sign, times
from .smooth import Entries, Entry, Interpretation, NoPartial, Polynomial, coefficient, generic

MINUS = Fraction(-1)


@dataclass(frozen=True)
class OpaqueError:
    """An error function and its inverse, with laws among ``left``, ``right``, ``diagonal``."""

    error: Function
    inverse: Function
    laws: frozenset[str]

    @property
    def functions(self) -> tuple[Function, ...]:
        return (self.error, self.inverse)

    def instance(self, seed: int) -> dict[str, Interpretation] | None:
        """Interpretations of e and f; None if the bank has none for these laws."""
        slope, inverse = _pair(self.laws, seed)
        if slope is None:
            return None
        name = self.error.name

        def e(o: Place, args: tuple[Entries, ...], partials: Sequence[Entry], sizes: Mapping[str, int]) -> Number:
            if [k for k, _ in partials] != [0]:
                raise NoPartial(f"{name} is known by its slope alone")
            return slope(args[0][()], args[1][()])

        def f(o: Place, args: tuple[Entries, ...], partials: Sequence[Entry], sizes: Mapping[str, int]) -> Number:
            if partials:
                raise NoPartial(f"{self.inverse.name} has no derivative here")
            return inverse(args[0][()], args[1][()])

        texts = _texts(self.laws, seed)
        return {name: Named(e, texts[0]), self.inverse.name: Named(f, texts[1])}


@dataclass(frozen=True)
class Named:
    """An interpretation with the formula that reports print."""

    function: Interpretation
    text: str

    def __call__(
        self, outputs: Place, arguments: tuple[Entries, ...], partials: Sequence[Entry], sizes: Mapping[str, int]
    ) -> Number:
        return self.function(outputs, arguments, partials, sizes)

    def __str__(self) -> str:
        return self.text


def _texts(laws: frozenset[str], seed: int) -> tuple[str, str]:
    """The formulas of `_pair`, with u = x - y."""
    k = Fraction(2 + seed % 3, 1 + seed % 2)
    bend = "" if "diagonal" in laws else f" + x^2 + {1 + k}*x"
    less = "z" if "diagonal" in laws else f"(z - x^2 - {1 + k}*x)"
    if {"left", "right"} <= laws:
        return f"slope {k}*(x - y){bend}", f"x - {less}/{k}" if k.denominator == 1 else f"x - {less}/({k})"
    if "right" in laws:
        return f"slope g(x - y){bend}, g(u) = u, 12 - u, u - 12 on u <= 6, 6 <= u <= 12, 12 <= u", (
            f"x - h{less if less != 'z' else '(z)'}, h(z) = z for z <= 0, else z + 12"
        )
    if "left" in laws:
        return f"slope (x - y)/(1 + |x - y|){bend}", f"x - w/(1 - |w|), w = {less}, where |w| < 1, else x - 7*w"
    return f"slope {k}*(x - y){bend}", "x*z + 3"


Binary = Callable[[Number, Number], Number]


def _minus(x: Number, y: Number) -> Number:
    return plus(x, times(MINUS, y))


def _pair(laws: frozenset[str], seed: int) -> tuple[Binary | None, Binary]:
    """A slope e_x(x, y) and an inverse f(x, z) with the named laws."""
    k = Fraction(2 + seed % 3, 1 + seed % 2)

    def bend(x: Number) -> Number:
        return Fraction(0) if "diagonal" in laws else plus(times(x, x), times(Fraction(1 + k), x))

    def linear(x: Number, y: Number) -> Number:
        return plus(times(k, _minus(x, y)), bend(x))

    if {"left", "right"} <= laws:
        return linear, lambda x, z: _minus(x, times(1 / k, _minus(z, bend(x))))
    if "right" in laws:  # onto, not injective: up, down, up again
        return (
            lambda x, y: plus(_zigzag(_minus(x, y)), bend(x)),
            lambda x, z: _minus(x, _section(_minus(z, bend(x)))),
        )
    if "left" in laws:  # injective, values in (-1, 1) only
        return lambda x, y: plus(_squash(_minus(x, y)), bend(x)), lambda x, z: _minus(x, _stretch(_minus(z, bend(x))))
    return linear, lambda x, z: plus(times(x, z), Fraction(3))


def _zigzag(u: Number) -> Number:
    """Up to 6, down to 12, up again: onto, and not injective where sample values lie."""
    if sign(_minus(u, Fraction(6))) <= 0:
        return u
    return _minus(Fraction(12), u) if sign(_minus(u, Fraction(12))) <= 0 else _minus(u, Fraction(12))


def _section(z: Number) -> Number:
    return z if sign(z) <= 0 else plus(z, Fraction(12))


def _squash(u: Number) -> Number:
    size = times(Fraction(sign(u)), u)
    return times(u, power(plus(Fraction(1), size), MINUS))


def _stretch(z: Number) -> Number:
    room = _minus(Fraction(1), times(Fraction(sign(z)), z))
    return times(z, power(room, MINUS)) if sign(room) > 0 else times(Fraction(7), z)


@dataclass(frozen=True)
class OpaqueLearner:
    """The functions of an opaque learner, with laws among ``getput``, ``putget``, ``putput``.

    Their arguments are the parameters, the source ports and, for U and R, the target ports.
    ``number``: how many opaque learners are declared before it.
    """

    implement: tuple[Function, ...]
    update: tuple[Function, ...]
    request: tuple[Function, ...]
    laws: frozenset[str]
    number: int = 0

    @property
    def functions(self) -> tuple[Function, ...]:
        return (*self.implement, *self.update, *self.request)

    def instance(self, seed: int) -> dict[str, Interpretation] | None:
        """Interpretations of I, U and R; None if the bank has none for these laws and this type."""
        if any(isinstance(f.value, Element) and f.value.elements for f in self.functions):
            return None if self.laws else {f.name: generic(f, seed) for f in self.functions}  # type: ignore[misc]
        if not self.laws:
            found = {f.name: generic(f, seed) for f in self.functions}
            return None if None in found.values() else found  # type: ignore[return-value]
        if any(isinstance(f.value, Real) and f.value != REAL for f in self.functions):
            return None
        if "putget" in self.laws:
            return _constant_complement(self, seed) or _translates(self, seed)
        if self.laws == {"getput"}:
            return _towards(self, seed)
        return _forgets(self, seed) if self._kind(seed) else _stays(self, seed)

    def _kind(self, seed: int) -> bool:
        """Which of two instances with PutPut: learners of one composite are to have different ones."""
        return self.laws == {"putput"} and seed >> self.number % 2 & 1 == 0


def _split(f: OpaqueLearner, arguments: tuple[Entries, ...]) -> tuple[list[Entries], list[Entries], list[Entries]]:
    p, a = len(f.update), len(f.request)
    rows = list(arguments)
    return rows[:p], rows[p : p + a], rows[p + a :]


def _towards(f: OpaqueLearner, seed: int) -> dict[str, Interpretation]:
    """GetPut alone: U and R move by a function of b - I(p, a) that vanishes at 0."""
    maps: dict[str, Interpretation] = {g.name: Polynomial(g.name, "generic", seed) for g in f.implement}

    def moved(kind: str, k: int, name: str) -> Interpretation:
        def move(
            outputs: Place, arguments: tuple[Entries, ...], partials: Sequence[Entry], sizes: Mapping[str, int]
        ) -> Number:
            p, a, b = _split(f, arguments)
            total: Number = Fraction(0)
            for j, (g, entries) in enumerate(zip(f.implement, b, strict=True)):
                for e, x in entries.items():
                    gap = _minus(x, maps[g.name](e, (*p, *a), (), sizes))
                    total = plus(total, times(coefficient(seed, name, outputs, j, e), gap))
            start = (p if kind == "U" else a)[k][outputs]
            return plus(start, plus(total, times(total, total)))

        return move

    text = "it moves by d + d^2, d a linear form of b - I(p, a)"
    steps: dict[str, Interpretation] = {g.name: Named(moved("U", k, g.name), text) for k, g in enumerate(f.update)}
    steps |= {g.name: Named(moved("R", k, g.name), text) for k, g in enumerate(f.request)}
    return {**maps, **steps}


def _stays(f: OpaqueLearner, seed: int) -> dict[str, Interpretation]:
    """PutPut and GetPut, without PutGet: nothing moves."""
    maps: dict[str, Interpretation] = {g.name: Polynomial(g.name, "generic", seed) for g in f.implement}

    def fixed(k: int) -> Interpretation:
        return lambda o, args, partials, sizes: args[k][o]

    rows = {g.name: Named(fixed(k), "it stays") for k, g in enumerate((*f.update, *f.request))}
    return {**maps, **rows}


def _forgets(f: OpaqueLearner, seed: int) -> dict[str, Interpretation]:
    """PutPut alone: U and R are functions of the target alone."""
    maps: dict[str, Interpretation] = {g.name: Polynomial(g.name, "generic", seed) for g in f.implement}

    def of_target(name: str) -> Interpretation:
        def made(o: Place, args: tuple[Entries, ...], partials: Sequence[Entry], sizes: Mapping[str, int]) -> Number:
            total = coefficient(seed, name, o)
            return plus(total, _weighed(seed, name, [y for b in _split(f, args)[2] for y in b.values()]))

        return made

    return {**maps, **{g.name: Named(of_target(g.name), "c + c'*b") for g in (*f.update, *f.request)}}


def _weighed(seed: int, name: str, values: Sequence[Number]) -> Number:
    """A linear form of some numbers."""
    total: Number = Fraction(0)
    for k, x in enumerate(values):
        total = plus(total, times(coefficient(seed, name, k), x))
    return total


def _translates(f: OpaqueLearner, seed: int) -> dict[str, Interpretation] | None:
    """PutGet and more, of a learner from an object to itself: I(p, a) = a + h(p), R = b - h(U), U as the laws allow."""
    if [(g.axes, g.value) for g in f.implement] != [(g.axes, g.value) for g in f.request]:
        return None
    if any(g.axes for g in f.update):
        return None

    def moved(args: tuple[Entries, ...]) -> list[Number]:
        rows, a, b = _split(f, args)
        p = [x[()] for x in rows]
        if {"getput", "putput"} <= f.laws:
            return p
        if "putput" in f.laws:
            return [coefficient(seed, g.name) for g in f.update]
        gap: Number = Fraction(0)
        for k, (x, y) in enumerate(zip(a, b, strict=True)):
            for e in y:
                less = plus(x[e], _weighed(seed, "h", p)) if "getput" in f.laws else Fraction(0)
                gap = plus(gap, times(coefficient(seed, "gap", k, e), _minus(y[e], less)))
        start = p if "getput" in f.laws else [times(Fraction(2), x) for x in p]
        gap = times(gap, gap) if "getput" in f.laws else gap
        return [plus(x, times(coefficient(seed, g.name), gap)) for g, x in zip(f.update, start, strict=True)]

    def implement(k: int) -> Interpretation:
        return lambda o, args, partials, sizes: plus(
            args[len(f.update) + k][o], _weighed(seed, "h", [x[()] for x in args[: len(f.update)]])
        )

    def request(k: int) -> Interpretation:
        return lambda o, args, partials, sizes: _minus(_split(f, args)[2][k][o], _weighed(seed, "h", moved(args)))

    def update(k: int) -> Interpretation:
        return lambda o, args, partials, sizes: moved(args)[k]

    rows: dict[str, Interpretation] = {}
    for k, g in enumerate(f.implement):
        rows[g.name] = Named(implement(k), "a + h(p), h linear")
    for k, g in enumerate(f.request):
        rows[g.name] = Named(request(k), "b - h(U(p, a, b))")
    for k, g in enumerate(f.update):
        rows[g.name] = Named(update(k), _KINDS.get(f.laws & {"getput", "putput"}, "2*p + c*b"))
    return rows


_KINDS = {
    frozenset({"getput", "putput"}): "p",
    frozenset({"getput"}): "p + c*(b - I(p, a))^2",
    frozenset({"putput"}): "a constant",
}


def _constant_complement(f: OpaqueLearner, seed: int) -> dict[str, Interpretation] | None:
    """PutGet and more: I(p, a) = p + h(a), U = b - h(R), R as the other laws allow; one value each of P and B."""
    plain = all(not g.axes for g in f.functions) and all(not x for g in f.functions for x, _ in g.arguments)
    if not plain or len(f.update) != 1 or len(f.implement) != 1:
        return None

    def h(a: Sequence[Number]) -> Number:
        total: Number = Fraction(0)
        for k, x in enumerate(a):
            total = plus(total, times(coefficient(seed, "h", k), plus(x, times(x, x))))
        return total

    def implement(o: Place, args: tuple[Entries, ...], partials: Sequence[Entry], sizes: Mapping[str, int]) -> Number:
        return plus(args[0][()], h([x[()] for x in args[1:]]))

    def requests(args: tuple[Entries, ...]) -> list[Number]:
        p, a, b = args[0][()], [x[()] for x in args[1:-1]], args[-1][()]
        gap = _minus(b, plus(p, h(a)))
        result: list[Number] = []
        for k, x in enumerate(a):
            c = coefficient(seed, "R", k)
            if {"getput", "putput"} <= f.laws:
                result.append(x)
            elif "getput" in f.laws:
                result.append(plus(x, times(c, times(gap, gap))))
            elif "putput" in f.laws:
                result.append(c)
            else:
                result.append(plus(times(c, plus(p, times(b, x))), Fraction(1)))
        return result

    def request(k: int) -> Interpretation:
        return lambda o, args, partials, sizes: requests(args)[k]

    def update(o: Place, args: tuple[Entries, ...], partials: Sequence[Entry], sizes: Mapping[str, int]) -> Number:
        return _minus(args[-1][()], h(requests(args)))

    shapes = {
        frozenset({"getput", "putput"}): "a",
        frozenset({"getput"}): "a + c*(b - I(p, a))^2",
        frozenset({"putput"}): "a constant",
    }
    text = shapes.get(f.laws & {"getput", "putput"}, "c*(p + b*a) + 1")
    rows: dict[str, Interpretation] = {
        f.implement[0].name: Named(implement, "p + h(a), h a sum of c*(a + a^2)"),
        f.update[0].name: Named(update, "b - h(R(p, a, b))"),
    }
    return {**rows, **{g.name: Named(request(k), text) for k, g in enumerate(f.request)}}
