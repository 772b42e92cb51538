"""``learnlaw audit``: everything that the results of a spec rest on."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence

from ..elaborate.environment import Axiom
from ..elaborate.modules import Module
from ..proof.taint import Taint, cycle, taint
from .deciding import Outcome, decide_claim
from .specs import on_spec


def run(arguments: argparse.Namespace) -> int:
    """Print the audit; 0 if every claim ended as expected, 4 if not, 2 for faults and cycles, 1 for usage."""
    return on_spec(arguments.path, lambda module: _audit(module, arguments))


def _audit(module: Module, arguments: argparse.Namespace) -> int:
    names = [(c, f"{c.law}({c.subject})") for c in module.claims]
    outcomes = [decide_claim(c, arguments.timeout) for c in module.claims]
    graph: dict[str, list[str]] = {}
    for claim, o in zip(module.claims, outcomes, strict=True):
        graph.setdefault(claim.id, []).extend(_depends(o, names))
    found = cycle(graph)
    if found:
        print(f"learnlaw: {arguments.path}: claims rest on each other: {' -> '.join(found)}", file=sys.stderr)
        return 2
    rows = [taint(c, o.verdict) for c, o in zip(module.claims, outcomes, strict=True) if o.verdict is not None]
    failures = [o.failure for o in outcomes if o.failure]
    imports = [f"{s.module or 'this spec'} ({s.file}, sha256 {s.digest})" for s in module.origin]
    axioms = [str(e.value) for e in module.environment.entries.values() if isinstance(e.value, Axiom)]
    if arguments.format == "json":
        data = [{"claim": t.claim, "verdict": t.verdict, "expected": t.expected, "rows": t.rows} for t in rows]
        json.dump(
            {"schema": 1, "read": imports, "axioms": axioms, "claims": data}, sys.stdout, indent=2, ensure_ascii=False
        )
        print()
    else:
        print("\n".join(_text(imports, axioms, rows)))
    for f in failures:
        print(f"learnlaw: {f}", file=sys.stderr)
    if failures:
        return 5
    return 0 if all(o.verdict is not None and o.verdict.met for o in outcomes) else 4


def _depends(o: Outcome, names: Sequence[tuple[object, str]]) -> list[str]:
    """The claims of the spec by which the dependencies of a verdict are decided."""
    wanted = set(o.verdict.depends_on) if o.verdict is not None else set()
    return [c.id for c, name in names if name in wanted]  # type: ignore[attr-defined]


def _text(imports: Sequence[str], axioms: Sequence[str], rows: Sequence[Taint]) -> list[str]:
    out = ["read"]
    out += [f"  {x}" for x in imports]
    out.append("axioms" if axioms else "axioms: none (what is assumed stands at each claim)")
    out += [f"  {x}" for x in axioms]
    for t in rows:
        out.append(f"{t.claim}: {t.verdict} (expected {t.expected})")
        for kind, texts in t.rows.items():
            out += [f"  {kind}: {x}" for x in texts]
    return out
