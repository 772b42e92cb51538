"""Faults in what is read: places of the standard library's backward passes changed, layer by layer; and torch."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

from tests.conftest import ROOT
from tests.mutate_specs.judge import SAME, fate
from tests.mutate_specs.mutants import chosen


def measured(count: int = 2, seed: int = 0, seconds: float = 20.0) -> dict[str, Any]:
    """Of so many mutants of each backward pass, by file: refuted, unknown, proved; those that mean the same apart."""
    files: dict[str, dict[str, int]] = {}
    proved: list[str] = []
    for path in sorted((ROOT / "specs" / "std").glob("*.learn")):
        fates = [fate(m, seconds) for m in chosen(str(path), count, seed)]
        if fates:
            files[path.stem] = dict(Counter(f.verdict for f in fates))
            proved += [f"{path.stem}: {f.mutant}" for f in fates if f.verdict not in ("refuted", "unknown", SAME)]
    return {"count": count, "seed": seed, "files": files, "proved": proved}


def agreement() -> dict[str, Any]:
    """The corpus by its record, and the passes of the standard library beside torch's autograd."""
    import json

    from tests.std.autograd import deviations
    from tests.std.test_layers import PASSES
    from verifier.elaborate.modules import load

    record = json.loads((Path(ROOT) / "tests/corpus/verdicts.json").read_text(encoding="utf-8"))
    claims = {path: {c.id: c for c in load(str(ROOT / path)).claims} for path in dict.fromkeys(p for p, _ in PASSES)}
    far = [f"{p}: {n}" for p, n in PASSES if max(deviations(claims[p][n], 1).values(), default=0.0) > FAR]
    return {"corpus": {k: len(rows) for k, rows in record.items()}, "passes": len(PASSES), "far": far}


FAR = 1e-9

__all__ = ["agreement", "measured"]
