"""The report as one JSON document; field order is fixed, and only ``seconds`` differs between runs."""

from __future__ import annotations

import json
from typing import Any

from ..diagnostics import Diagnostic, Span
from ..proof.verdict import Advice, Component, Verdict, Witness
from .report import Report


def dumps(report: Report) -> str:
    """The document as text, ending in a newline."""
    document = {
        "schema": 1,
        "tool": report.tool,
        "files": [
            {
                "path": f.path,
                "diagnostics": [_diagnostic(d) for d in f.diagnostics],
                **({"failure": f.failure} if f.failure else {}),
                "claims": [_claim(c) for c in f.claims],
            }
            for f in report.files
        ],
        "summary": {
            "claims": len(report.claims),
            **report.counts,
            "unexpected": sum(not c.met for c in report.claims),
            "exit": report.exit_code,
            "seconds": round(report.seconds, 3),
        },
    }
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def _span(s: Span) -> dict[str, Any]:
    return {"line": s.line, "column": s.column, "end_line": s.end_line, "end_column": s.end_column}


def _diagnostic(d: Diagnostic) -> dict[str, Any]:
    return {"code": d.code, "span": _span(d.span), "found": d.found, "expected": d.expected, "fix": d.fix}


def _claim(c: Verdict) -> dict[str, Any]:
    return {
        "id": c.id,
        "law": c.law,
        "subject": c.subject,
        **({"reading": c.reading} if c.reading else {}),
        "expect": {key or "claim": want for key, want in c.expect},
        "met": c.met,
        "verdict": c.verdict,
        "vacuous": c.vacuous or None,
        "components": [_component(p, c.law in ("natural", "square")) for p in c.components],
        "hypotheses": list(c.hypotheses),
        "assuming": list(c.assuming),
        **({"axioms": list(c.axioms)} if c.axioms else {}),
        **({"cites": c.cites} if c.cites else {}),
        "depends_on": list(c.depends_on),
        "model": next((p.model for p in c.components if p.model), None),
        "span": _span(c.span),
        "seconds": round(c.seconds, 3),
    }


def _component(p: Component, square: bool) -> dict[str, Any]:
    return {
        "name": p.name,
        **({"port": p.port} if p.port else {}),
        **({"square" if square else "part": p.group} if p.group else {}),
        "verdict": p.verdict,
        **({"line": p.line} if p.line else {}),
        **({"local": True} if p.local else {}),
        **({"vacuous": p.vacuous} if p.vacuous else {}),
        "conditions": {
            "discharged": list(p.conditions.discharged),
            "stated": list(p.conditions.stated),
            "open": list(p.conditions.open),
        },
        **({"witness": _witness(p.witness)} if p.witness else {}),
        **({"residue": p.residue} if p.residue else {}),
        **({"reason": p.reason} if p.reason else {}),
        **({"never": list(p.never)} if p.never else {}),
        **_advice(p.advice),
    }


def _advice(a: Advice) -> dict[str, Any]:
    rows: dict[str, Any] = {
        "lacks": a.lacks,
        "correction": a.correction,
        "would_hold_assuming": list(a.assuming),
        "blame": list(a.blame),
        "deviation": a.deviation,
        "within": a.within,
    }
    return {k: v for k, v in rows.items() if v}


def _witness(w: Witness) -> dict[str, Any]:
    return {
        "kind": w.kind,
        "sizes": dict(w.sizes),
        "values": dict(w.values),
        "functions": dict(w.functions),
        "place": w.place,
        "left": w.left,
        "right": w.right,
        **({"scale": w.scale} if w.scale else {}),
    }
