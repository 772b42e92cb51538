"""Every backward pass of the standard library agrees with PyTorch's autograd at random points of unequal sizes."""

from __future__ import annotations

from functools import cache

import pytest

from tests.conftest import ROOT
from verifier.elaborate.claims import Claim
from verifier.elaborate.modules import load

torch = pytest.importorskip("torch")
torch.set_default_dtype(torch.float64)

from .autograd import deviations  # noqa: E402

PASSES = [
    (path, claim.id)
    for path in sorted(p.relative_to(ROOT).as_posix() for p in (ROOT / "specs/std").glob("*.learn"))
    for claim in load(str(ROOT / path)).claims
    if claim.written is not None
]


@cache
def claims(path: str) -> dict[str, Claim]:
    return {c.id: c for c in load(str(ROOT / path)).claims}


def test_there_are_layers() -> None:
    assert len(PASSES) > 80 and len(set(PASSES)) == len(PASSES)


@pytest.mark.parametrize(("path", "name"), PASSES)
def test_what_is_written_agrees_with_autograd(path: str, name: str) -> None:
    for seed in (1, 2):
        found = deviations(claims(path)[name], seed)
        assert found and max(found.values()) < 1e-9, found
