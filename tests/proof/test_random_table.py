"""A second table, made at random: learners with affine, polynomial and tanh maps, errors of each kind.

Every verdict on it agrees with evaluation (exact, or with balls) at 1000 points: what is proved holds at all of them,
what fails at one is refuted, and what is refuted has a witness.
"""

from __future__ import annotations

from fractions import Fraction
from random import Random
from typing import Any

import pytest

from verifier.elaborate.modules import load
from verifier.evaluate.machine import Machine
from verifier.evaluate.model import Model
from verifier.evaluate.numbers import Undecided, Undefined, differ
from verifier.learn import laws
from verifier.learn.program import Scope
from verifier.proof.decide import decide
from verifier.sheaf.readings import READINGS, square, triangular
from verifier.sheaf.site import Chain

POINTS = 1000
MAPS = {
    "affine": ["{a} * a + {b} * p", "{a} * a + {b} * p + {a}", "a + q", "{a} * a", "{b} * p + {a} * q + a"],
    "polynomial": ["p * a + {a} * q", "p * a^2 - q", "{a} * a * p + {b} * q^2", "a + p * a", "p * q"],
    "tanh": ["tanh(p * a + q)", "tanh({a} * a) + p", "a + p * tanh(a) + q"],
}
ERRORS = {
    "bijective": ["(x - y)^2 / 2", "{k} * (x - y)^2", "(x - y)^2 / {k} + x^3"],
    "with a slope on the diagonal": ["x * y", "(x - y)^2 + 3 * x * y"],
    "flat on the diagonal": ["(x - y)^4"],
    "injective only": ["exp(x - y)", "log(cosh(x - y))"],
    "neither": ["log(1 + (x - y)^2)", "x * y^2"],
}
KINDS = [(m, e) for e in ERRORS for m in MAPS if e != "neither"] + [("affine", "neither")]


def spec(kind: tuple[str, str], seed: int) -> str:
    random = Random(f"{kind}/{seed}")
    numbers = {"a": random.choice(("1", "1/2", "3/5", "-2")), "b": random.choice(("1", "4/5", "-1"))}
    error = random.choice(ERRORS[kind[1]]).format(k=random.choice(("1", "2", "3")))
    text = f"error e(x, y) = {error}\n"
    if kind[1] == "neither":  # nothing learns by it
        return text + "check left: left(e)\n"
    rate = random.choice(("1", "1/2", "2", "16/25"))
    body = random.choice(MAPS[kind[0]]).format(**numbers)
    text += f"learner L : a : R -> b : R {{\n  param p : R, q : R\n  implement {body}\n"
    text += f"  learn gradient(e, rate = {rate})\n}}\n"
    text += "".join(f"check {law}: {law}(L)\n" for law in laws.LENS)
    return text + "".join(f"check {reading}: natural L ; L reading {reading}\n" for reading in READINGS)


def goals_of(law: str, learner: Any) -> tuple[Scope, list[Any]]:
    scope = Scope()
    if law in laws.LENS:
        return scope, [("", g) for g in laws.LENS[law](scope, learner)]
    net = Chain((learner, learner))
    rows = []
    for i in (0, 1):
        goals = triangular(scope, net, i) if law == "gradient" else square(scope, net, law, i)
        rows += [(f"U_{i} -> U_{i + 1}", g) for g in goals]
    return scope, rows


Part = tuple[str, str]  # a square, and a component of it


def broken_at(scope: Scope, goals: list[Any], random: Random) -> set[Part]:
    """The parts that fail at one of many points."""
    found: set[Part] = set()
    for _ in range(POINTS):
        pending = [((group, g.component), g) for group, g in goals if (group, g.component) not in found]
        if not pending:
            break
        values = {s.name: {(): random_number(random)} for s in scope.inputs}
        machine = Machine(Model({}, values, {}), scope.lets)
        for part, g in pending:
            try:
                right = machine.tensor(g.right)[()]
            except (Undefined, Undecided):
                continue
            try:
                if differ(machine.tensor(g.left)[()], right):
                    found.add(part)
            except Undefined:
                found.add(part)
            except Undecided:
                continue
    return found


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS, ids=" under ".join)
def test_verdicts_agree_with_points(kind: tuple[str, str], tmp_path) -> None:  # type: ignore[no-untyped-def]
    text = spec(kind, 0)
    path = tmp_path / "table.learn"
    path.write_text(text, encoding="utf-8")
    module = load(str(path))
    assert not module.faults, module.faults
    for claim in module.claims:
        verdict = decide(claim)
        if kind[1] == "neither":
            (component,) = verdict.components
            assert component.verdict == "refuted" and component.witness is not None
            assert component.witness.kind == "two-points"
            continue
        learner = claim.learners[0].layers[0] if claim.form != "predicate" else claim.learners[0]
        scope, goals = goals_of(claim.id, learner)
        broken = broken_at(scope, goals, Random(claim.id))
        by_part: dict[Part, set[str]] = {}
        for c in verdict.components:
            by_part.setdefault((c.group, c.name), set()).add(c.verdict)
            assert c.verdict != "refuted" or c.witness is not None
            assert c.verdict != "proved" or not c.conditions.open, (claim.id, c.conditions.open, text)
        for part, found in by_part.items():
            assert (part in broken) <= ("refuted" in found), (claim.id, part, text)
        if broken:
            assert verdict.verdict == "refuted", (claim.id, text)


def random_number(random: Random) -> Fraction:
    return Fraction(random.randint(-4, 4), random.choice((1, 1, 2, 3)))
