"""The steps of the standard library beside the optimisers of torch, three steps from zero states."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.conftest import ROOT
from verifier.elaborate.modules import load
from verifier.elaborate.selection import all_learners
from verifier.learn.learner import Learner
from verifier.learn.program import Scope

torch = pytest.importorskip("torch")
torch.set_default_dtype(torch.float64)

from .torch_terms import Run, Tensor  # noqa: E402

HYPER = {"lr": 0.3, "eps": 0.05, "wd": 0.2, "mu": 0.8, "b1": 0.7, "b2": 0.6}
N, STEPS = 3, 3
Optimiser = Callable[[list[Tensor]], "torch.optim.Optimizer"]
LR, EPS, WD, MU, BETAS = HYPER["lr"], HYPER["eps"], HYPER["wd"], HYPER["mu"], (HYPER["b1"], HYPER["b2"])
ADAM: Optimiser = lambda w: torch.optim.Adam(w, lr=LR, betas=BETAS, eps=EPS)  # noqa: E731
ADAMW: Optimiser = lambda w: torch.optim.AdamW(w, lr=LR, betas=BETAS, eps=EPS, weight_decay=WD)  # noqa: E731
RMSPROP: Optimiser = lambda w: torch.optim.RMSprop(w, lr=LR, alpha=BETAS[1], eps=EPS)  # noqa: E731
OPTIMISERS: dict[str, Optimiser] = {
    "SGD": lambda w: torch.optim.SGD(w, lr=LR),
    "Momentum": lambda w: torch.optim.SGD(w, lr=LR, momentum=MU),
    "Sutskever": lambda w: torch.optim.SGD(w, lr=LR, momentum=MU),
    "Averaged": lambda w: torch.optim.SGD(w, lr=LR, momentum=MU),
    "Nesterov": lambda w: torch.optim.SGD(w, lr=LR, momentum=MU, nesterov=True),
    "NesterovStep": lambda w: torch.optim.SGD(w, lr=LR, momentum=MU, nesterov=True),
    "Decayed": lambda w: torch.optim.SGD(w, lr=LR, weight_decay=WD),
    "Decoupled": lambda w: torch.optim.SGD(w, lr=LR, weight_decay=WD),
    "DecayedMomentum": lambda w: torch.optim.SGD(w, lr=LR, momentum=MU, weight_decay=WD),
    "Adagrad": lambda w: torch.optim.Adagrad(w, lr=LR, eps=EPS),
    "RMSProp": RMSPROP,
    "RMSPropDifference": RMSPROP,
    "Adam": ADAM,
    "AdamTorch": ADAM,
    "AdamSums": ADAM,
    "AdamCounter": ADAM,
    "AdamPowers": ADAM,
    "AdamW": ADAMW,
    "AdamWTorch": ADAMW,
    "AdamPenalty": lambda w: torch.optim.Adam(w, lr=LR, betas=BETAS, eps=EPS, weight_decay=WD),
}
LEARNERS = {
    row.heading.partition("(")[0]: row.learner for row in all_learners(load(str(ROOT / "specs/std/steps.learn")))
}


def weights(f: Learner, first: Tensor, gradients: list[Tensor]) -> list[Tensor]:
    """The weights after each step, from what the learner gives and from its new state: both must be the same."""
    scope = Scope()
    inputs = [scope.input(s) for s in (*f.parameters, *f.source, *f.target)]
    given = scope.run(f.implement, inputs[: len(f.implement.inputs)])
    after = scope.run(f.step, inputs)
    state: dict[str, Tensor] = {s.name: torch.zeros([N] * len(s.axes)) for s in f.parameters}
    state |= {name: torch.tensor(1.0) for name in "pq" if name in state} | {"w": first}
    rows = []
    for t, g in enumerate(gradients, 1):
        scalars = {f"${name}": torch.tensor(x) for name, x in HYPER.items()}
        scalars |= {f"$c{k}": torch.tensor(1 - HYPER[f"b{k}"] ** t) for k in (1, 2)}
        run = Run({"$n": N, "n": N}, {**scalars, **state, "g": g, "y": torch.zeros(N)}, scope.lets)
        state = {s.name: run.tensor(a) for s, a in zip(f.parameters, after, strict=False)}
        assert torch.allclose(run.tensor(given[0]), state["w"])
        rows.append(state["w"])
    return rows


@pytest.mark.parametrize("name", OPTIMISERS)
def test_a_step_is_the_one_of_torch(name: str) -> None:
    generator = torch.Generator().manual_seed(1)
    first, *gradients = torch.randn(1 + STEPS, N, generator=generator)
    w = first.clone().requires_grad_()
    optimiser = OPTIMISERS[name]([w])
    for g, found in zip(gradients, weights(LEARNERS[name], first, gradients), strict=True):
        w.grad = g.clone()
        optimiser.step()
        assert torch.allclose(found, w.detach(), rtol=1e-12, atol=1e-12)


def test_the_steps_named_here_differ_where_torch_differs() -> None:
    generator = torch.Generator().manual_seed(2)
    first, *gradients = torch.randn(1 + STEPS, N, generator=generator)
    found = {name: weights(LEARNERS[name], first, gradients)[-1] for name in ("Momentum", "Nesterov", "Adam", "AdamW")}
    assert len({tuple(x.tolist()) for x in found.values()}) == len(found)
