"""The verdicts on the corpus are the recorded ones, and PyTorch confirms each counterexample at its point."""

from __future__ import annotations

from functools import cache

import pytest

from .notation import cases
from .score import Outcome, recorded, run_all

CASES = cases()
RECORD = recorded()


@cache
def outcomes(fixes: bool) -> dict[str, Outcome]:
    return run_all(RECORD["fixes" if fixes else "cases"], fixes, workers=1)


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["cases", "fixes"])
def test_the_record_is_what_the_tool_says(kind: str) -> None:
    """Better verdicts than recorded fail here too: `python -m tests.corpus --write` records them."""
    found = {id: o.recorded for id, o in outcomes(kind == "fixes").items()}
    assert {id: row for id, row in found.items() if row != RECORD[kind][id]} == {}


@pytest.mark.slow
def test_autograd_confirms_every_counterexample() -> None:
    pytest.importorskip("torch")
    from .confirm import confirm

    seen = 0
    for id, found in outcomes(False).items():
        if CASES[id].label != "wrong":
            continue  # what is right up to rounding differs by less than double precision sees
        for claim in found.report:
            for part in claim["components"]:
                if part["verdict"] == "refuted" and not part.get("local"):
                    assert confirm(CASES[id], part["name"], part["witness"]).holds, (id, part["witness"])
                    seen += 1
    assert seen >= sum(
        CASES[id].label == "wrong" and row["verdict"] == "refuted" for id, row in RECORD["cases"].items()
    )
