"""The backward pass that ``derive`` prints, put in the place of the written one, is proved."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import ROOT
from verifier.elaborate.environment import declared_indices
from verifier.elaborate.modules import load
from verifier.elaborate.selection import all_layers
from verifier.export.layer_text import backward_text
from verifier.language import syntax as tree
from verifier.language.parser import parse
from verifier.proof.decide import decide

FILES = sorted(
    p.relative_to(ROOT / "specs").as_posix()
    for folder in ("std", "examples/backward", "examples/backward/wrong")
    for p in (ROOT / "specs" / folder).glob("*.learn")
)
# Those with an accumulated cotangent, a tensor named like an index, one gradient for two inputs, indices of two ranges.
FEW = {"std/cells.learn", "std/attention.learn", "std/losses.learn", "std/norms.learn"}
NOT_READ = {  # what their gradients are made of has no form in a spec: argmax in a condition, a family as an argument
    "std/pooling.learn": {"MaxPool1D", "MaxPool2D"},
    "examples/backward/matrices.learn": {"Cholesky"},
}


def pasted(path: Path) -> Iterator[tuple[str, str]]:
    """Each layer of a file with the file as it is with the derived pass of this layer instead of all passes."""
    lines = path.read_text(encoding="utf-8").split("\n")
    for s in parse("\n".join(lines), str(path)).statements:
        if isinstance(s, tree.Backward | tree.Check | tree.Network):
            lines[s.span.line - 1 : s.span.end_line] = [""] * (s.span.end_line - s.span.line + 1)
    for body in all_layers(load(str(path))):
        layer = body.layer()
        yield layer.name, "\n".join([*lines, backward_text(layer, body.scope, declared_indices(body.env))])


@pytest.mark.parametrize("name", [n if n in FEW else pytest.param(n, marks=pytest.mark.slow) for n in FILES])
def test_a_derived_pass_is_proved_where_it_is_pasted(name: str, spec) -> None:
    verdicts = {}
    for layer, text in pasted(ROOT / "specs" / name):
        module = spec(text)
        if not module.faults:
            (claim,) = module.claims
            verdicts[layer] = decide(claim).verdict
        else:
            verdicts[layer] = "not read"
    strange = {layer for layer, verdict in verdicts.items() if verdict != "proved"}
    assert strange == NOT_READ.get(name, set()), verdicts
