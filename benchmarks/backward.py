"""Backward passes proved here, in CPU seconds of this process: goals of tensorgrad, and a transformer block by line.

``proof``: a backward pass elaborated and its gradients derived, and the goal proved by the kernel.  ``whole``: the
verdict of the claim that it belongs to, with all its goals, conditions, refutation and cross-checks.
Imports and parsing are not counted, on either side.  Medians; everything is made anew in every run.
"""

from __future__ import annotations

import json
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

from verifier.elaborate.claims import Claim, backward_of
from verifier.elaborate.environment import LayerTemplate
from verifier.elaborate.modules import Module, load
from verifier.learn.laws import Goal
from verifier.proof.decide import decide
from verifier.proof.problem import Problem
from verifier.proof.prove import prove
from verifier.proof.theory import theory_of

HERE = Path(__file__).parent
SPEC = HERE / "backward.learn"
BLOCK = HERE.parent / "specs/examples/backward/transformer_block.learn"
GOALS = {
    "dense dW": ("Dense", "dW"),
    "dense dv": ("Dense", "dv"),
    "dense da": ("Dense", "da"),
    "softmax cross-entropy dx": ("CrossEntropy", "dx"),
    "attention dQ": ("Attention", "dQ"),
    "attention dK": ("Attention", "dK"),
    "attention dV": ("Attention", "dV"),
    "layer norm dx": ("LayerNorm", "dx"),
}


def claim(module: Module, layer: str) -> Claim:
    """The claim that a layer's backward pass is, with its gradients derived anew."""
    value = module.environment.get(layer, module.claims[0].span)  # type: ignore[arg-type]
    assert isinstance(value, LayerTemplate) and value.backward is not None
    value.passes.clear()  # what was elaborated before is not to be found again
    return backward_of(value.backward, module.environment, layer)


def prove_all(c: Claim, goals: tuple[Goal, ...]) -> None:
    """Goals, without looking for a counterexample.  Raises AssertionError if one is not proved."""
    assert c.written is not None
    problem = Problem(theory_of(c, c.written.scope), c.written.scope, goals)
    outcomes = prove(problem, (), goals).outcomes
    assert all(outcomes[g].proved for g in goals)


def one(module: Module, layer: str, gradient: str) -> None:
    c = claim(module, layer)
    assert c.written is not None
    prove_all(c, tuple(g for g in c.written.goals() if g.label == gradient))


def block(module: Module) -> int:
    """Every line of the block by itself; how many there are."""
    c = claim(module, "Block")
    assert c.written is not None
    goals = tuple(c.written.local_goals())
    prove_all(c, goals)
    return len(goals)


def median(action: Callable[[], object], runs: int) -> float:
    """Median CPU seconds of an action, after one that is not counted."""
    rows = []
    for _ in range(runs + 1):
        start = time.process_time()
        action()
        rows.append(time.process_time() - start)
    return statistics.median(rows[1:])


def seconds(runs: int) -> dict[str, dict[str, float]]:
    """CPU seconds of proof and verdict by goal."""
    module = load(str(SPEC))
    rows = {}
    for name, (layer, gradient) in GOALS.items():
        rows[name] = {
            "proof": median(lambda layer=layer, gradient=gradient: one(module, layer, gradient), runs),  # type: ignore[misc]
            "whole": median(lambda layer=layer: decide(claim(module, layer)), runs),  # type: ignore[misc]
        }
    module = load(str(BLOCK))
    rows["block"] = {
        "proof": median(lambda: block(module), runs),
        "whole": median(lambda: decide(claim(module, "Block")), runs),
        "claims": block(module),
    }
    return rows


if __name__ == "__main__":
    print(json.dumps(seconds(int(sys.argv[1]) if sys.argv[1:] else 5)))
