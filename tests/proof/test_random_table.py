"""A second table, made at random: every verdict on it agrees with exact evaluation at many points."""

from __future__ import annotations

from fractions import Fraction
from random import Random

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
MAPS = [
    "{a} * a + {b} * p",
    "p * a + {a} * q",
    "{a} * a + {b} * p + {a}",
    "p * a^2 - q",
    "{a} * a * p + {b} * q^2",
    "tanh(p * a + q)",
    "tanh({a} * a) + p",
    "a + p * tanh(a) + q",
]
ERRORS = ["(x - y)^2 / 2", "{k} * (x - y)^2", "x * y", "(x - y)^2 + 3 * x * y", "(x - y)^2 / {k} + x^3"]


def spec(seed: int) -> str:
    random = Random(seed)
    numbers = {"a": random.choice(("1", "1/2", "3/5", "-2")), "b": random.choice(("1", "4/5", "-1"))}
    error = ERRORS[seed % len(ERRORS)].format(k=random.choice(("1", "2", "3")))
    text = f"error e(x, y) = {error}\nlearner L : a : R -> b : R {{\n  param p : R, q : R\n"
    rate = random.choice(("1", "1/2", "2"))
    text += f"  implement {random.choice(MAPS).format(**numbers)}\n  learn gradient(e, rate = {rate})\n}}\n"
    text += "".join(f"check {law}: {law}(L)\n" for law in laws.LENS)
    return text + "".join(f"check {reading}: natural L ; L reading {reading}\n" for reading in READINGS)


def goals_of(law: str, learner: object) -> tuple[Scope, list]:  # type: ignore[type-arg]
    scope = Scope()
    if law in laws.LENS:
        return scope, list(laws.LENS[law](scope, learner))
    net = Chain((learner, learner))  # type: ignore[arg-type]
    rows = [g for i in (0, 1) for g in (triangular(scope, net, i) if law == "gradient" else square(scope, net, law, i))]
    return scope, rows


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(12))
def test_verdicts_agree_with_points(seed: int, tmp_path) -> None:  # type: ignore[no-untyped-def]
    path = tmp_path / "table.learn"
    path.write_text(spec(seed), encoding="utf-8")
    module = load(str(path))
    assert not module.faults, module.faults
    random = Random(seed)
    for claim in module.claims:
        verdict = decide(claim)
        learner = claim.learners[0].layers[0] if claim.form != "predicate" else claim.learners[0]
        scope, goals = goals_of(claim.id, learner)
        broken: set[str] = set()
        for _ in range(POINTS // len(module.claims)):
            values = {s.name: {(): random_number(random)} for s in scope.inputs}
            machine = Machine(Model({}, values, {}), scope.lets)
            for g in goals:
                try:
                    if differ(machine.tensor(g.left)[()], machine.tensor(g.right)[()]):
                        broken.add(g.component)
                except (Undefined, Undecided):
                    continue
        assert verdict.verdict != "unknown" or not broken, (claim.id, spec(seed))
        if verdict.verdict in ("proved", "vacuous"):
            assert not broken, (claim.id, spec(seed))
        for c in verdict.components:
            if c.verdict == "proved":
                others = [d for d in verdict.components if d.name == c.name and d.verdict == "refuted"]
                assert c.name not in broken or others
        if broken:
            assert verdict.verdict == "refuted", (claim.id, spec(seed))


def random_number(random: Random) -> Fraction:
    return Fraction(random.randint(-4, 4), random.choice((1, 1, 2, 3)))
