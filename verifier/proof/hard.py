"""Inputs at which a kernel of a layer should be tried, with what the proved formulas give there.

Counterexamples of what is refuted come first.  Then inputs that programs get wrong: sizes that all differ and that no
block divides, positions that meet twice, both sides of every condition on data, and points where there is no
derivative, at which only the forward pass is asked.  Values are exact, and rounded once, to the nearest double.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import chain, islice, product
from math import prod
from typing import Any

from ..elaborate.claims import Claim
from ..evaluate.machine import Machine
from ..evaluate.model import Model, positions
from ..evaluate.numbers import Number, Undecided, Undefined
from ..evaluate.sample import with_function
from ..evaluate.smooth import Polynomial, simplest
from ..learn.laws import Goal
from ..learn.layer import Layer, Pass
from ..terms.index import Var
from ..terms.sizes import Bounds
from ..terms.sorts import Fin, Real, extent
from ..terms.syntax import Call, Extreme, Function, Lets, Prod, Symbol, Term, Total, Where
from ..terms.traverse import children, cone
from .problem import Problem
from .refute import Refuter
from .sides import points
from .stated import stated
from .theory import theory_of

Nested = Any  # a number, or a list of nested ones
Gradients = Mapping[str, Mapping[Any, Number]]  # by the name of what they are gradients by: entries
SIDES, SMOOTH, MOST, TRIED, STEPS = 6, 3, 20_000, 60, 200_000


@dataclass(frozen=True)
class Trial:
    """One input: values of tensors and numbers by name, and the outputs and gradients that the formulas give.

    A gradient that is not in ``gradients`` has no value there, or none that could be computed; an entry None neither.
    """

    why: str
    sizes: Mapping[str, int]
    values: Mapping[Symbol, Nested]
    functions: Mapping[str, str]
    outputs: Mapping[str, Nested]
    gradients: Mapping[str, Nested]


class NoTrial(ValueError):
    """A layer for which no input can be written down; the message says why."""


def trials(claim: Claim, blocks: Mapping[str, int] | None = None) -> list[Trial]:
    """Inputs for the layer of a backward pass.

    ``blocks``: sizes of axes that a kernel takes in blocks of so many; each is tried just beyond its block.
    Raises NoTrial for a layer with maps that are no known functions of numbers.
    """
    assert claim.written is not None  # asked of backward passes only
    return list(_Trials(claim, claim.written).all(blocks or {}))


class _Trials:
    def __init__(self, claim: Claim, written: Pass) -> None:
        self.claim, self.written, self.layer = claim, written, written.layer
        # The outputs are goals as well, so that what no gradient depends on is drawn too.
        self.goals = tuple(written.goals())
        outputs = tuple(Goal("output", s.label, s, s) for s in results(written.layer))
        self.problem = Problem(theory_of(claim, written.scope), written.scope, (*self.goals, *outputs))
        for f in self.problem.functions():
            if not writable(f):
                raise NoTrial(f"{f.name} is a map of which no values can be written down")

    def all(self, blocks: Mapping[str, int]) -> Iterator[Trial]:
        seen: set[str] = set()
        models = ((why, model, None) for why, model in self._models(blocks))
        valued = ((s.why, s.model, s.entries) for s in stated(self.claim))
        for why, model, entries in chain(models, valued):
            trial = self._trial(why, model, entries)
            key = repr((sorted(model.sizes.items()), trial and sorted((s.name, v) for s, v in trial.values.items())))
            if trial is not None and key not in seen:
                seen.add(key)
                yield trial

    def _models(self, blocks: Mapping[str, int]) -> Iterator[tuple[str, Model]]:
        refuter = Refuter(self.problem)
        for goal in self.goals:
            found = refuter.search(goal)
            if found is not None:
                small = refuter.shrink(found, TRIED)
                yield f"counterexample to what the spec says of {goal.label}", small.model
        drawn = [m for m in map(self._generic, self._sizes(blocks.values())) if m is not None]
        generic = next(iter((*drawn, *refuter.models)), None)
        if generic is None:
            return
        for m in drawn or [generic]:
            different = "all different" if len(set(m.sizes.values())) == len(m.sizes) else "different"
            yield f"sizes {different}, values neither 0 nor 1", m
        for name, block in blocks.items():
            model = self._generic({**apart(self.problem.theory.bounds, ()), name: block + 1})
            if model is not None and entries(model) <= MOST:
                yield f"{name} just beyond a block of {block}", model
        least = refuter.models[0] if refuter.models else generic
        for size in least.sizes:
            least = refuter.cropped(least, size, refuter.least(size))
        yield "every size at its least", self._told(least)
        yield from self._collisions(generic)
        yield from self._sides(generic)

    def _sizes(self, blocks: Iterable[int]) -> list[dict[str, int]]:
        """Sizes that differ, so small that they can be evaluated; two choices if one must be 1, or two be equal."""
        bounds, blocks, ends = self.problem.theory.bounds, list(blocks), self.problem.terms()
        for least, span in ((3, 100), (2, 100), (1, 100), (1, 5), (1, 4), (1, 3)):
            sizes = apart(bounds, blocks, least, span)
            if work(ends, self.written.scope.lets, sizes) <= STEPS:
                break
        return [sizes] if least > 1 else [sizes, apart(bounds, blocks, least, span, sizes)]

    def _generic(self, sizes: Mapping[str, int]) -> Model | None:
        bounds = Bounds.of(dict(sizes), sizes)
        problem = replace(self.problem, theory=replace(self.problem.theory, bounds=bounds))
        return next((self._told(m) for m in Refuter(problem, 1).models), None)

    def _told(self, model: Model) -> Model:
        """The model with telling values, tensor by tensor, where the hypotheses leave them."""
        refuter, lets = Refuter(self.problem, 0), self.written.scope.lets
        declared = (s for s in self.problem.inputs() if s.name.startswith("$"))
        for s in (*inputs(self.layer), *self.written.cotangents, *declared):
            if isinstance(s.value, Real) and s.name in model.values:
                for scale in (Fraction(1, 5), Fraction(1)):
                    values = {**model.values, s.name: telling(model.values[s.name], scale)}
                    changed = Model(model.sizes, values, model.functions)
                    if refuter.admissible(Machine(changed, lets)):
                        model = changed
                        break
        return model

    def _collisions(self, model: Model) -> Iterator[tuple[str, Model]]:
        """All entries of an index tensor the first, or the last, of what it indexes: what is gathered is added up."""
        for s in self.layer.data:
            if isinstance(s.value, Fin):
                for which, entry in (("first", 0), ("last", s.value.size.value(model.sizes) - 1)):
                    values = dict.fromkeys(model.values[s.name], Fraction(entry))
                    changed = Model(model.sizes, {**model.values, s.name: values}, model.functions)
                    yield f"every entry of {s.label} the {which} index", changed

    def _sides(self, model: Model) -> Iterator[tuple[str, Model]]:
        """Points on other sides of conditions on data; then such as have no derivative."""
        refuter = Refuter(self.problem, 1)
        near = list(islice(points(model, self.problem.terms(), self.written.scope.lets), TRIED))
        machines = [Machine(m, self.written.scope.lets) for m in near]
        smooth: list[Model] = []
        edge: list[Model] = []
        for m in filter(refuter.admissible, machines):
            (smooth if refuter.claimed(m) else edge).append(m.model)
        step = max(1, len(smooth) // SIDES)
        yield from (("beside a condition on data", m) for m in smooth[::step][:SIDES])
        yield from (("on a kink: the forward pass only", m) for m in edge[:SMOOTH])

    def _trial(self, why: str, model: Model, known: Gradients | None = None) -> Trial | None:
        """What the formulas give at a model; None where the outputs have no value, or a hypothesis fails.

        ``known``: all that is known of the gradients, where the layer has no derivative.
        """
        for f in self.problem.functions():
            if text_of(model.functions.get(f.name)) is None:
                model = with_function(model, f.name, simplest(f)[-1])
        rest = {s.name: unused(s, model) for s in (*inputs(self.layer), *self.written.cotangents)}
        model = Model(model.sizes, {**rest, **model.values}, model.functions)
        refuter, machine = Refuter(self.problem, 0), Machine(model, self.written.scope.lets)
        try:
            if known is None and not refuter.admissible(machine):
                return None
            smooth = known is None and refuter.claimed(machine)
            outputs = {s.label: nested(s, machine.tensor(s), model) for s in results(self.layer)}
        except (Undefined, Undecided):
            return None
        gradients: dict[str, Nested] = {}
        for line in self.written.lines if smooth else ():
            if line.claimed:
                try:
                    gradients[line.of] = nested(line.derived, machine.tensor(line.derived), model)
                except (Undefined, Undecided):
                    continue
        for s in self.layer.differentiated:
            if known and s.name in known:
                gradients[s.name] = nested(s, known[s.name], model)
        numbers = [s for s in self.problem.inputs() if s.name.startswith("$")]
        shown = dict.fromkeys((*inputs(self.layer), *self.written.cotangents, *numbers))
        values = {s: nested(s, model.values[s.name], model) for s in shown}
        functions = {f.name: text_of(model.functions[f.name]) or "" for f in self.problem.functions()}
        return Trial(why, dict(model.sizes), values, functions, outputs, gradients)


def inputs(layer: Layer) -> tuple[Symbol, ...]:
    """What a forward pass is given, in order: inputs, parameters, data, states."""
    return (*layer.inputs, *layer.parameters, *layer.data, *layer.state)


def results(layer: Layer) -> tuple[Symbol, ...]:
    """What a forward pass gives, in order: outputs, then results without a cotangent."""
    return (*layer.outputs, *layer.aux)


def apart(
    bounds: Bounds, blocks: Iterable[int], least: int = 3, span: int = 100, other: Mapping[str, int] | None = None
) -> dict[str, int]:
    """A size for each name, no multiple of a block, from ``span`` values at least ``least``: all different if these
    are enough.  ``other``: sizes where this was not so; names that were equal there now differ, if possible.

    >>> apart(Bounds.of({"n": 1, "m": 1, "k": 3}), [2])
    {'k': 3, 'm': 5, 'n': 7}
    >>> apart(Bounds.of({"n": 1, "m": 1, "k": 1}), [], 1, 2, {"k": 1, "m": 2, "n": 1})
    {'m': 1, 'k': 2, 'n': 1}
    """
    chosen: dict[str, int] = {}
    factors = [b for b in blocks if b > 1]
    for name, low in sorted(bounds, key=lambda row: -other[row[0]]) if other else bounds:
        allowed = bounds.values(name)
        start = max(low if low is not None else 0, least if allowed is None else 0)
        candidates = allowed if allowed is not None else range(start, start + span)
        used = list(chosen.values())
        free = (k for k in candidates if all(k % b for b in factors))
        chosen[name] = min(free, key=lambda k, used=used: (used.count(k), k), default=candidates[-1])  # type: ignore[misc]
    return chosen


def work(ends: Iterable[Term], lets: Lets, sizes: Mapping[str, int]) -> int:
    """About how many steps it takes to evaluate terms, with all lets below them."""

    def over(indices: Iterable[Var]) -> int:
        return prod(max(extent(v.sort).value(sizes), 0) for v in indices)

    def steps(t: Term) -> int:
        if isinstance(t, Call):
            return 1 + sum(over(a.indices) * steps(a.body) for a in t.arguments)
        below = 1 + sum(map(steps, children(t)))
        return over(t.indices) * below if isinstance(t, Total | Prod | Extreme | Where) else below

    return sum(over(let.indices) * steps(let.body) for let in cone(ends, lets))


def entries(model: Model) -> int:
    """How many numbers a model holds."""
    return sum(len(v) for v in model.values.values())


def unused(s: Symbol, model: Model) -> dict[Any, Fraction]:
    """A tensor of which nothing depends: small numbers that all differ; indices are 0."""
    places = product(*(positions(axis, model.sizes) for axis in s.axes))
    return {p: Fraction(0) if isinstance(s.value, Fin) else Fraction(2 * k + 3, 2) for k, p in enumerate(places)}


def telling(values: Mapping[Any, Number], scale: Fraction) -> dict[Any, Number]:
    """Entries made small, where exponentials do not saturate, and none 0 or 1, which hide factors and lost terms."""
    rows: dict[Any, Number] = {}
    for k, (place, x) in enumerate(values.items()):
        y = x * scale
        rows[place] = Fraction(2 * k % 7 + 3, 8 if k % 2 else -8) if y in (0, 1) else y
    return rows


def nested(s: Symbol, values: Mapping[Any, Number], model: Model) -> Nested:
    """A tensor as nested lists of numbers, each rounded to the nearest double; None where there is none."""
    whole = isinstance(s.value, Fin)

    def build(prefix: tuple[Any, ...], axes: Sequence[Any]) -> Nested:
        if not axes:
            x = values.get(prefix)
            return None if x is None else int(rounded(x)) if whole else rounded(x)
        return [build((*prefix, p), axes[1:]) for p in positions(axes[0], model.sizes)]

    return build((), s.axes)


def rounded(x: Number) -> float:
    """The double that is nearest to a number."""
    return float(x) if isinstance(x, Fraction) else float(x.mid())


def writable(f: Function) -> bool:
    """Whether it is a function of a number of which some simple interpretation can be written down."""
    return len(f.arguments) == 1 and not f.arguments[0][0] and not f.axes and any(map(text_of, simplest(f)))


def text_of(interpretation: object) -> str | None:
    """A function of x in Python and its first two derivatives, separated by ``;``."""
    kinds = {
        "identity": "x; 1 + 0 * x; 0 * x",
        "affine": "1 + 2 * x; 2 + 0 * x; 0 * x",
        "square": "x * x; 2 * x; 2 + 0 * x",
        "odd": "x + x * x * x / 3; 1 + x * x; 2 * x",
    }
    return kinds.get(interpretation.kind) if isinstance(interpretation, Polynomial) else None


__all__ = ["NoTrial", "Trial", "inputs", "results", "trials"]
