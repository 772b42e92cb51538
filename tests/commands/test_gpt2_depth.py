"""GPT-2 with 3, 6, 12 and 24 blocks: what the kernel spends does not grow with the blocks, the rest grows linearly."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conftest import ROOT
from verifier.elaborate.modules import load
from verifier.kernel.algebra import Algebra
from verifier.proof.decide import decide

TEXT = (ROOT / "specs/examples/gpt2.learn").read_text(encoding="utf-8")


def spent(blocks: int, folder: Path, patch: pytest.MonkeyPatch) -> tuple[int, int]:
    """Steps of the kernel for all claims, and lets of the composite's step."""
    total = 0
    plain = Algebra.spend

    def spend(self: Algebra, amount: int = 1) -> None:
        nonlocal total
        total += amount
        plain(self, amount)

    patch.setattr(Algebra, "spend", spend)
    file = folder / f"gpt2_{blocks}.learn"
    assert "Block^12" in TEXT
    file.write_text(TEXT.replace("Block^12", f"Block^{blocks}"), encoding="utf-8")
    claims = load(str(file)).claims
    assert all(decide(c).verdict == "proved" for c in claims)
    (net,) = [c.learners[0] for c in claims if c.learners]
    patch.undo()
    return total, len(net.step.lets)


@pytest.mark.slow
def test_the_kernel_spends_as_much_and_the_program_grows_linearly(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = [spent(k, tmp_path, monkeypatch) for k in (3, 6, 12, 24)]
    steps, lets = zip(*rows, strict=True)
    assert len(set(steps)) == 1
    per_block = (lets[1] - lets[0]) / 3
    assert [b - a for a, b in zip(lets, lets[1:], strict=False)] == [3 * per_block, 6 * per_block, 12 * per_block]
