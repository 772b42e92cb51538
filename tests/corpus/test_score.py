"""The verdicts on the corpus are the recorded ones, and PyTorch confirms each counterexample at its point."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from .notation import cases
from .score import recorded, run, run_all
from .spec import filename, recorded_spec

CASES = cases()
RECORD = recorded()


WRONG = [
    id
    for id, row in RECORD["cases"].items()
    if CASES[id].label == "wrong" and "refuted" in (row["verdict"], row.get("points"))
]


def decided(row: Mapping[str, Any]) -> dict[str, Any]:
    """What must be the same on every machine: how far an unknown case gets depends on time."""
    kept = ("verdict", "when", "points", *(["components"] if row["verdict"] != "unknown" else []))
    return {k: row.get(k) for k in kept}


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["cases", "fixes"])
def test_the_record_is_what_the_tool_says(kind: str) -> None:
    """Better verdicts than recorded fail here too: `python -m tests.corpus --write` records them."""
    found = {id: o.recorded for id, o in run_all(RECORD[kind], kind == "fixes", workers=1).items()}
    assert {id: row for id, row in found.items() if decided(row) != decided(RECORD[kind][id])} == {}


@pytest.mark.slow
def test_autograd_confirms_every_counterexample() -> None:
    """What is right up to rounding is left out: it differs by less than double precision sees."""
    pytest.importorskip("torch")
    from .confirm import confirm

    for id in WRONG:
        found = run(recorded_spec(CASES[id], RECORD["cases"][id]), filename(CASES[id]))
        parts = [p for claim in found.report for p in claim["components"] if not p.get("local")]
        refuted = [p for p in parts if p["verdict"] == "refuted"]
        assert refuted, id
        for part in refuted:
            assert confirm(CASES[id], part["name"], part["witness"]).holds, (id, part["witness"])
