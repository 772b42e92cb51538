"""Whether a reparametrisation h is a bijection: h has an inverse g on both sides, and the kernel proves both.

g is what the claim gives, or is found by elimination where h is linear.  What is refuted is h itself, not the g at
hand: two parameters that h does not tell apart, or a parameter that it does not reach.  A map that is not proved to be
a bijection is never taken for one.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from fractions import Fraction
from itertools import product

from ..elaborate.claims import Claim
from ..evaluate.machine import Machine
from ..evaluate.model import Model
from ..evaluate.numbers import Undecided, Undefined
from ..evaluate.sample import with_value
from ..learn.laws import Goal
from ..learn.learner import Ports
from ..learn.program import Program, Scope
from ..learn.relation import Reparametrisation, inverse
from ..learn.solve import solved
from ..terms.signs import SignTable
from ..terms.sorts import Element
from ..terms.syntax import Symbol
from .judge import components, judge
from .problem import Problem
from .refute import Refuter, relevant
from .ruling import Ruling
from .show import Shower, sizes_of, tensor_text
from .theory import declared_only, theory_of
from .verdict import PROVED, REFUTED, UNKNOWN, Component, Conditions, Witness

NAME = "bijection"
VALUES = [Fraction(0), Fraction(1), Fraction(-1), Fraction(2), Fraction(-2), Fraction(1, 2)]
POINTS = 1500


def bijection(claim: Claim, source: Ports, target: Ports, h: Reparametrisation) -> list[Component]:
    """The component ``bijection`` of ``A ~ B via h``."""
    claim = declared_only(claim)
    back = h.backward
    if back is None:
        back = solved(h.forward, SignTable({}, claim.bounds, claim.environment.facts))
    if back is None:
        return [_apart(claim, source, h) or _unknown("no inverse was found: give one, A.p = ... in terms of B")]
    first = _rulings(claim, h.forward, back, source)
    second = _rulings(claim, back, h.forward, target)
    if all(r.verdict == PROVED for _, rulings in (first, second) for r in rulings):
        parts = components(first[0], first[1]) + components(second[0], second[1])
        kinds = Conditions.union(c.conditions for c in parts)
        note = "" if h.backward is not None else "its inverse was found by elimination"
        return [replace(parts[0], port="", name=NAME, conditions=kinds, reason=note, quantified="")]
    found = _broken(first, second) or _apart(claim, source, h)
    if found is not None:
        return [found]
    wrong = next(r for _, rulings in (first, second) for r in rulings if r.verdict != PROVED)
    which = "given" if h.backward is not None else "found"
    return [_unknown(f"what is {which} as the inverse is not proved to be one, at {wrong.goal.label}")]


def _unknown(why: str) -> Component:
    return Component(NAME, UNKNOWN, reason=why)


Judged = tuple[Problem, Sequence[Ruling]]


def _rulings(claim: Claim, first: Program, second: Program, parameters: Ports) -> Judged:
    scope = Scope()
    goals: list[Goal] = inverse(scope, first, second, parameters)
    problem = Problem(theory_of(claim, scope), scope, tuple(goals))
    return problem, judge(problem)


def _broken(left: Judged, right: Judged) -> Component | None:
    """One law proved without conditions, and a point that breaks the other: then h is no bijection.

    If h(g(q)) = q for all q and g(h(p)) != p, then p and g(h(p)) are two points of one value; if g(h(p)) has no value,
    h(p) has none, for g has one everywhere.  If g(h(p)) = p for all p and h(g(q)) is not q, or g(q) has no value, then
    q is no value of h: of a q = h(p), g(q) is p.
    """
    for one, other, text in (
        (right, left, "what the inverse makes of its image is another parameter, of the same image"),
        (left, right, "no parameter has this image"),
    ):
        if any(r.verdict != PROVED or r.conditions.open for r in one[1]):
            continue
        for r in other[1]:
            if r.difference is not None:
                if r.difference.kind == "undefined" and one is right:
                    text = "no image"
                shown = Shower(other[0]).witness(r.difference)
                return _refuted(replace(shown, kind="forced-bijection", place=text, left="", right=""))
    return None


def _refuted(witness: Witness) -> Component:
    return Component(NAME, REFUTED, witness=witness, reason="a reparametrisation is a bijection, and this map is none")


def _apart(claim: Claim, source: Ports, h: Reparametrisation) -> Component | None:
    """Two parameters of one image, among small values."""
    scope = Scope()
    p = tuple(scope.fresh(s) for s in source)
    q = scope.run(h.forward, p)
    problem = Problem(theory_of(claim, scope), scope, tuple(Goal(NAME, s.label, s, s) for s in (*q, *p)))
    refuter = Refuter(problem, 1)
    for model in _variants(refuter):
        places = [(s, k) for s in p for k in model.values[s.name]]
        choices = [_choices(s) for s, _ in places]
        seen: dict[tuple[Fraction, ...], Model] = {}
        for n, row in enumerate(product(*choices)):
            if n > POINTS:
                break
            point = model
            for (s, k), x in zip(places, row, strict=True):
                point = with_value(point, s.name, k, x)
            machine = Machine(point, scope.lets)
            try:
                if not refuter.admissible(machine):
                    continue
                image = [x for s in q for x in machine.tensor(s).values()]
            except Undefined as fault:
                return _refuted(_witness(problem, point, {}, "no image", str(fault)))
            except Undecided:
                continue
            exact = tuple(x for x in image if isinstance(x, Fraction))
            if len(exact) < len(image):
                continue
            if exact in seen:
                images = [f"{s.label.split('.')[-1]} = {tensor_text(s, machine.tensor(s))}" for s in q]
                again = {f"{s.label}*": tensor_text(s, point.values[s.name]) for s in p}
                shown = _witness(problem, seen[exact], again, "both have the image", ", ".join(images))
                return _refuted(shown)
            seen[exact] = point
    return None


def _variants(refuter: Refuter) -> Iterator[Model]:
    """Models of least sizes, then with one declared number as 0, 1 or -1; at last models of generic sizes."""
    for model in refuter.models:
        for size in model.sizes:
            model = refuter.cropped(model, size, refuter.least(size))
        yield model
        for s in refuter.problem.inputs():
            if s.name.startswith("$") and not s.axes:
                yield from (with_value(model, s.name, (), x) for x in VALUES[:3])
    yield from refuter.models


def _witness(problem: Problem, point: Model, more: dict[str, str], place: str, left: str) -> Witness:
    """A point, with everything that the map depends on."""
    own = {s for g in problem.goals for s in relevant(problem, g)}
    values = {s.label: tensor_text(s, point.values[s.name]) for s in problem.inputs() if s in own}
    functions = tuple((f.name, str(point.functions[f.name])) for f in problem.functions())
    sizes = tuple((k, str(v)) for k, v in sorted(point.sizes.items()) if k in sizes_of(problem))
    return Witness("forced-bijection", sizes, tuple({**values, **more}.items()), functions, place, left, "")


def _choices(s: Symbol) -> list[Fraction]:
    """Values to try of an entry: all elements of a finite set, or small numbers."""
    if isinstance(s.value, Element) and s.value.elements:
        return [Fraction(k) for k in range(len(s.value.elements))]
    return VALUES
