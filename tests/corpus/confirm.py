"""Counterexamples of a report, put to torch: written backward and autograd at the very point, in float64."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from random import Random
from typing import Any

import torch

from .autograd import Point, Run, Undefined, compare, drawn, nested
from .notation import Case
from .spec import Writing

TOLERANCE = 1e-9


@dataclass(frozen=True)
class Confirmation:
    """Whether torch sees the difference: ``unequal``, ``undefined`` (only what was written has no value), ``kink`` (the
    forward has no derivative there, so that autograd decides nothing), or ``equal``: not confirmed."""

    component: str
    verdict: str
    written: str = ""
    true: str = ""

    @property
    def holds(self) -> bool:
        return self.verdict != "equal"


def tensor_of(text: str) -> Any:
    """A value of a report, ``((1, 2/3), (0, 1))``, as nested lists of fractions."""
    tokens = re.findall(r"[(),]|[^(),\s]+", text)
    stack: list[list[Any]] = [[]]
    for token in tokens:
        if token == "(":
            stack.append([])
        elif token == ")":
            row = stack.pop()
            stack[-1].append(row)
        elif token != ",":
            stack[-1].append(Fraction(token))
    (value,) = stack[0]
    return value


def flat(value: Any) -> list[Fraction]:
    return [x for row in value for x in flat(row)] if isinstance(value, list) else [value]


def point(case: Case, witness: Mapping[str, Any]) -> Point:
    """The point of a witness; what the witness leaves out, because nothing depends on it, is drawn at random."""
    sizes = {name: int(n) for name, n in witness["sizes"].items()}
    if "pad" in sizes:  # declared outside as a difference of two sizes
        for big, small in Writing(case).larger.items():
            sizes[big] = sizes.get(small, 1) + sizes["pad"]
    sizes = {s: sizes.get(s, 1) for s in case.sizes} | sizes
    run, random = Run(sizes, case.ranges), Random(0)
    given = {name.rstrip("_"): tensor_of(text) for name, text in witness["values"].items()}
    values: dict[str, Any] = {}
    extents = {x.name: [run.extent(d) for d in x.shape] for x in case.inputs}
    indices = {a.name: a.indices for a in case.forward}
    for x in case.inputs:
        whole = x.domain.startswith("int") or x.domain == "bool"
        found = given.get(x.name, Fraction(sizes[x.name]) if x.name in sizes else None)
        values[x.name] = drawn(x, run, random) if found is None else shaped(found, extents[x.name], whole)
        values[f"t{x.name}"] = shaped(given.get(f"t{x.name}", Fraction(1)), extents[x.name], False)
    for y in case.outputs:
        shape = [run.extent(case.ranges[i]) for i in indices[y]]
        values[f"g{y}"] = shaped(given.get(f"g{y}", Fraction(1)), shape, False)
    return Point(sizes, values)


def shaped(value: Any, extents: list[int], whole: bool) -> Any:
    """A value with the extents of its tensor; a single number fills it."""
    entries = iter(flat(value))
    first = next(entries)
    rest = [first, *entries]
    count = 1
    for n in extents:
        count *= n
    rest = rest * count if len(rest) == 1 else rest
    assert len(rest) == count, (value, extents)
    queue = iter(rest)
    return nested(extents, lambda: int(next(queue)) if whole else float(next(queue)))


def confirm(case: Case, component: str, witness: Mapping[str, Any]) -> Confirmation:
    """What torch says at the witness of a component.

    Of a map that is not linear, B(c g) != c B(g), it is asked for c g too: autograd is linear, so B is wrong at one.
    """
    at = point(case, witness)
    found = _compared(case, component, at)
    if found.verdict == "equal" and "scale" in witness:
        found = _compared(case, component, _scaled(case, at, float(Fraction(witness["scale"]))))
    return found


def _scaled(case: Case, at: Point, factor: float) -> Point:
    """The point with all cotangents, or tangents, multiplied by a number."""
    names = {f"g{y}" for y in case.outputs} | {f"t{x.name}" for x in case.inputs}
    changed = {n: (torch.as_tensor(x) * factor).tolist() if n in names else x for n, x in at.values.items()}
    return Point(at.sizes, changed)


def _compared(case: Case, component: str, at: Point) -> Confirmation:
    try:
        rows = compare(case, at)
    except (Undefined, torch.linalg.LinAlgError) as wrong:
        return Confirmation(component, "undefined", str(wrong))
    # The results of a learner are one component: any of them may be the one that differs.
    pairs = [rows[component]] if component in rows else list(rows.values())
    written, true = (torch.cat([side.reshape(-1) for side in sides]) for sides in zip(*pairs, strict=True))
    shown = str(written.tolist()), str(true.tolist())
    if not torch.isfinite(true).all():
        return Confirmation(component, "kink", *shown)
    if not torch.isfinite(written).all():
        return Confirmation(component, "undefined", *shown)
    apart = bool(((written - true).abs() > TOLERANCE * (1 + true.abs())).any())
    return Confirmation(component, "unequal" if apart else "equal", *shown)
