"""Generic models: small unequal sizes, rational values that are neither 0 nor 1, hypotheses satisfied exactly."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from itertools import product
from math import prod
from random import Random

from ..terms.choice import taken_once
from ..terms.sizes import Bounds
from ..terms.sorts import Element, Fin, Range
from ..terms.syntax import Add, Call, Condition, Function, Lets, Mul, Num, Pointwise, Read, Symbol, Term, num
from ..terms.traverse import cone, reads, subterms
from .bank import OpaqueError, OpaqueLearner
from .inverses import InverseFunctions
from .machine import Machine
from .model import PLACES, Model, Place, positions
from .numbers import Number, Undecided, Undefined, plus, times
from .orthogonal import LEAST, gram, orthogonal
from .smooth import Interpretation, generic

Structure = OpaqueError | OpaqueLearner | InverseFunctions
CANDIDATES = [Fraction(n, d) for n, d in ((0, 1), (1, 1), (-1, 1), (2, 1), (1, 2), (-2, 1), (-1, 2), (3, 1))]
ATTEMPTS = 30
DEEP = 6


def nesting(lets: Lets) -> int:
    """How many function values are put into each other along the longest chain of lets."""
    depth: dict[str, int] = {}
    for name, let in lets.items():
        below = max((depth.get(s.name, 0) for s in reads(let.body)), default=0)
        depth[name] = below + any(isinstance(t, Call) and not t.partials for t in subterms(let.body))
    return max(depth.values(), default=0)


def with_value(model: Model, name: str, place: Place, value: Number) -> Model:
    """The model with one entry changed."""
    return Model(model.sizes, {**model.values, name: {**model.values[name], place: value}}, model.functions)


def with_function(model: Model, name: str, interpretation: Interpretation) -> Model:
    """The model with one function changed."""
    return Model(model.sizes, model.values, {**model.functions, name: interpretation})


class Sampler:
    """Draws models of declarations and hypotheses; the same arguments draw the same models."""

    def __init__(
        self,
        symbols: Sequence[Symbol],
        functions: Sequence[Function],
        bounds: Bounds,
        *,
        facts: Sequence[Condition] = (),
        pointwise: Sequence[Pointwise] = (),
        structures: Sequence[Structure] = (),
        lets: Lets | None = None,
        seed: int = 0,
    ) -> None:
        self.symbols, self.functions, self.bounds = list(symbols), list(functions), bounds
        self.facts, self.pointwise, self.structures = list(facts), list(pointwise), list(structures)
        self.lets: Lets = lets if lets is not None else {}
        self.seed = seed
        self._ranges = ranges(self.facts)
        self.tame = nesting(self.lets) > DEEP
        # Where a greatest value is taken once only, entries that are all different are met sooner.
        self._distinct = any(taken_once(c) is not None for c in self.facts)

    def models(self, count: int) -> Iterator[Model]:
        """Up to ``count`` models; fewer where the hypotheses leave none to be found."""
        for k in range(count):
            for attempt in range(ATTEMPTS):
                model = self._draw(k, attempt)
                if model is None:
                    return
                solved = self._solve(model)
                if solved is not None:
                    yield solved
                    break

    def _draw(self, k: int, attempt: int) -> Model | None:
        random = Random(f"{self.seed}/{k}/{attempt}")
        sizes, chosen = self._orthogonal(self._sizes(k + self.seed), random)
        values: dict[str, dict[Place, Number]] = {}
        for s in self.symbols:
            low, high = self._ranges.get(s.name, (None, None))
            try:
                axes = [list(positions(axis, sizes)) for axis in s.axes]
            except Undecided:
                return None
            if prod(map(len, axes)) > PLACES:
                return None
            places = product(*axes)
            if isinstance(s.value, Element) and s.value.elements:
                values[s.name] = {p: Fraction(random.randrange(len(s.value.elements))) for p in places}
                continue
            if isinstance(s.value, Fin):
                size = s.value.size.value(sizes)
                if size < 1:
                    return None
                values[s.name] = {p: Fraction(random.randrange(size)) for p in places}
                continue
            values[s.name] = {p: _number(random, low, high, self.tame) for p in places}
            if self._distinct and high is None:
                values[s.name] = _apart(values[s.name])
        values |= chosen
        functions: dict[str, Interpretation] = {}
        for f in self.functions:
            interpretation = generic(f, k + 3 * self.seed, self.tame)
            if interpretation is None:
                return None
            functions[f.name] = interpretation
        for structure in self.structures:
            instance = structure.instance(k + self.seed)
            if instance is None:
                return None
            functions |= instance
        return Model(sizes, values, functions)

    def _orthogonal(
        self, sizes: dict[str, int], random: Random
    ) -> tuple[dict[str, int], dict[str, dict[Place, Number]]]:
        """Matrices that are to be orthogonal, drawn as such; where there is none of a size, the size is changed."""
        values: dict[str, dict[Place, Number]] = {}
        for symbol, c in filter(None, map(gram, self.pointwise)):
            axis = symbol.axes[0]
            assert isinstance(axis, Range)  # checked by `gram`
            names = {n for term, _ in axis.size.terms for n in term}
            for other in (sizes, *({**sizes, **dict.fromkeys(names, n)} for n in LEAST)):
                if any(other[n] < (self.bounds.get(n) or 1) for n in names):
                    continue
                number = Machine(Model(other, {}, {}), {}).value(c)
                found = orthogonal(axis.size.value(other), number, random)
                if found is not None:
                    sizes = other
                    values[symbol.name] = {(i, j): x for i, row in enumerate(found) for j, x in enumerate(row)}
                    break
        return sizes, values

    def _sizes(self, k: int) -> dict[str, int]:
        names = [n for n, _ in self.bounds]
        few = len(names) <= 3
        digits = max(2, (len(names) - 1).bit_length())
        result = {}
        for j, name in enumerate(names):
            low = self.bounds.get(name)
            # Few sizes are all different; of many, any two differ in one of the first few models.
            spread = (j + k) % 3 if few else j >> k % digits & 1
            finite = self.bounds.values(name)
            if finite:
                result[name] = finite[(k + j) % len(finite)]
                continue
            result[name] = max(low if low is not None else 1, 1) + (1 if k % 3 != 2 and (low or 0) <= 1 else 0) + spread
        return result

    def _solve(self, model: Model) -> Model | None:
        """The model changed so that equations about data hold; None if a fact or equation cannot be met."""
        solved: set[tuple[str, Place]] = set()
        try:
            for h in self.pointwise:
                for place in product(*(list(positions(v.sort, model.sizes)) for v in h.indices)):
                    env = dict(zip(h.indices, place, strict=True))
                    found = self._solved(model, h, env, solved)
                    if found is None:
                        return None
                    model = found
            machine = Machine(model, self.lets)
            for h in self.pointwise:
                if any(x != y for _, x, y in machine.pairs(h.indices, h.left, h.right)):
                    return None
            return model if all(machine.holds(c) for c in self.facts) else None
        except (Undefined, Undecided):
            return None

    def _solved(self, model: Model, h: Pointwise, env: Mapping, solved: set[tuple[str, Place]]) -> Model | None:  # type: ignore[type-arg]
        def gap(m: Model) -> Number:
            machine = Machine(m, self.lets)
            return plus(machine.value(h.left, env), times(Fraction(-1), machine.value(h.right, env)))

        now = gap(model)
        if not isinstance(now, Fraction):
            raise Undecided("an equation about data between irrational numbers")
        if now == 0:
            return model
        terms: list[Term] = [h.left, h.right]
        terms += [let.body for let in cone(terms, self.lets)]
        read = dict.fromkeys(
            s for t in terms for s in reads(t) if s.name not in self.lets and not isinstance(s.value, Fin)
        )
        entries = [(s.name, p) for s in read for p in reversed(list(model.values[s.name])) if (s.name, p) not in solved]
        for name, place in entries:
            x = model.values[name][place]
            one, two = (gap(with_value(model, name, place, x + d)) for d in (1, 2))
            exact = isinstance(one, Fraction) and isinstance(two, Fraction)
            if exact and one != now and two - one == one - now:
                solved.add((name, place))
                return with_value(model, name, place, x - now / (one - now))
        # No entry occurs linearly, as in t^2 = 1: roots are looked for among a few numbers, entry by entry.
        for name, place in entries:
            few = list(CANDIDATES)
            Random(f"{self.seed}/{name}/{place}").shuffle(few)
            for value in few:
                changed = with_value(model, name, place, value)
                if gap(changed) == 0:
                    solved.add((name, place))
                    return changed
        return None


def _number(random: Random, low: Fraction | None, high: Fraction | None, tame: bool) -> Fraction:
    """A rational strictly between two bounds, generic; ``tame``: an integer where bounds allow it."""
    if low is not None and high is not None:
        return low + (high - low) * Fraction(random.randint(1, 12), 13)
    size = Fraction(random.randint(2, 9), 1 if tame else random.choice((1, 2, 3, 5)))
    if low is not None:
        return low + size
    return high - size if high is not None else size * random.choice((1, -1))


def _apart(values: Mapping[Place, Number]) -> dict[Place, Number]:
    """The values with those that were there already moved up until all differ."""
    seen: dict[Number, None] = {}
    for x in values.values():
        while x in seen:
            x = plus(x, Fraction(1, 7))
        seen[x] = None
    return dict(zip(values, seen, strict=True))


def ranges(facts: Sequence[Condition]) -> dict[str, tuple[Fraction | None, Fraction | None]]:
    """Bounds of tensors, from facts about a plain read or one shifted by a number."""
    rows: dict[str, tuple[Fraction | None, Fraction | None]] = {}
    for c in facts:
        if c.relation == "!=" or c.guards:
            continue
        shift, flip, read = Fraction(0), False, c.subject
        if isinstance(read, Add) and len(read.parts) == 2 and isinstance(read.parts[1], Num):
            shift, read = read.parts[1].value, read.parts[0]
        if isinstance(read, Mul) and len(read.parts) == 2 and read.parts[0] == num(-1):
            flip, read = True, read.parts[1]
        if not isinstance(read, Read):
            continue
        low, high = rows.get(read.symbol.name, (None, None))
        if flip:
            high = shift if high is None else min(high, shift)
        else:
            low = -shift if low is None else max(low, -shift)
        rows[read.symbol.name] = (low, high)
    return rows


__all__ = ["CANDIDATES", "Sampler", "with_function", "with_value"]
