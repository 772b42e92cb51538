"""Nothing is per example: layers, activations and errors are generated, and the theorems hold for what comes out."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

import pytest

from verifier.proof.verdict import Verdict

Checks = Callable[[str], dict[str, Verdict]]

# (formula of e(x, y), total, critical on the diagonal)
ERRORS = [
    ("{k}*(x - y)^2", True, True),
    ("(x - y)^2/{k} + {j}*x", True, False),
    ("x*y*{k} + {j}*x^3", True, False),
    ("{k}*(x - y)^2 + x*y", True, False),
    ("{k}*x*(x - 2*y) + y^2", True, True),
    ("exp(x - y)*{k}", False, False),
]
PIECES = [
    "W @ a",
    "W @ s(a)",
    "s(W @ a)",
    "c(W @ a)",
    "v",
    "s(v)",
    "v * (W @ a)",
    "t(W @ a + v)",
    "W @ (a * a)",
    "v * v",
]
HEADER = "size n, m, k\nreal eps > 0\nfunction s, t : R -> R smooth\nfunction c : R[m] -> R[m] smooth\n"


def layer(random: Random, name: str) -> str:
    """A layer R[n] -> R[m] with a weight, a bias, and a random sum or product of pieces; it always reads the source."""
    pieces = random.sample(PIECES, random.choice((1, 2, 3)))
    if not any("a" in p for p in pieces):
        pieces.append("W @ a")
    body = pieces[0]
    for p in pieces[1:]:
        body = f"({body}) {random.choice(['+', '+', '-', '*'])} ({p})"
    if random.random() < 0.3:
        body = f"s({body})"
    return (
        f"learner {name}(n, m, c : R[m] -> R[m] smooth) : a : R[n] -> b : R[m] {{\n"
        f"  param W : R[m, n], v : R[m]\n  implement {body}\n  learn gradient(e, rate = eps)\n}}\n"
    )


def spec(seed: int) -> tuple[str, bool, bool]:
    random = Random(seed)
    formula, total, diagonal = ERRORS[seed % len(ERRORS)]
    error = formula.format(k=random.choice((1, 2, 3)), j=random.choice((1, 2, -1)))
    text = f"{HEADER}error e(x, y) = {error}\nfunction d : R[k] -> R[k] smooth\n"
    text += layer(random, "F") + layer(random, "G")
    text += "network N = F(n, m, c) ; G(m, k, d)\n"
    text += "check functor: N == gradient(N, e, rate = eps)\ncheck local: natural N reading local\n"
    text += "check diagonal: diagonal(e)\ncheck getput: getput(F(n, m, c))\n"
    return text, total, diagonal


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(18))
def test_generated_networks(seed: int, verdicts: Checks) -> None:
    text, total, diagonal = spec(seed)
    found = verdicts(text)
    assert found["diagonal"].verdict == ("proved" if diagonal else "refuted"), text
    functor = found["functor"]
    if total:
        assert functor.verdict == "proved", text
        # Theorem on the local reading: it is the identity where e is critical on the diagonal, and fails elsewhere.
        assert found["local"].verdict == ("vacuous" if diagonal else "refuted"), text
        assert found["getput"].verdict == ("proved" if diagonal else "refuted"), text
    else:
        assert functor.of("where the request stays inside") == "proved", text
        assert functor.of("total") == "refuted", text
