"""Claims over finite sets are decided by trying everything, whatever else a file declares."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from verifier.elaborate.modules import Module
from verifier.proof import exhaust
from verifier.proof.decide import decide

SPEC = """real eps > 0
set Bit = {0, 1}
learner Memory : a : Bit -> b : Bit {
  param p : Bit
  implement p
  update p = b
  request a
}
check getput(Memory)
"""


def test_other_declarations_do_not_matter(spec: Callable[..., Module]) -> None:
    (claim,) = spec(SPEC).claims
    assert {c.model for c in decide(claim).components} == {"all 4 points"}


def test_other_declarations_have_a_model(spec: Callable[..., Module], monkeypatch: pytest.MonkeyPatch) -> None:
    class Empty:
        def __init__(self, *_: object) -> None:
            self.models: list[object] = []

    monkeypatch.setattr(exhaust, "Refuter", Empty)
    (claim,) = spec(SPEC).claims
    assert {c.model for c in decide(claim).components} != {"all 4 points"}
