"""The report as SARIF 2.1.0: rules are the registry of codes, results say pass, open or fail."""

from __future__ import annotations

import json
from hashlib import sha256
from pathlib import PurePath
from typing import Any
from urllib.parse import quote

from .. import __version__
from ..diagnostics import CODES, Span
from .findings import FAIL, Finding, findings
from .report import Report

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"


def dumps(report: Report) -> str:
    """The document as text, the same for every run."""
    codes = list(CODES)
    driver = {
        "name": "learnlaw",
        "version": __version__,
        "rules": [
            {"id": code, "shortDescription": {"text": title}, "fullDescription": {"text": text}}
            for code, (title, text) in CODES.items()
        ],
    }
    run = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "results": [_result(f, codes.index(f.code)) for f in findings(report)],
    }
    return json.dumps({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2, ensure_ascii=False) + "\n"


def _result(f: Finding, rule: int) -> dict[str, Any]:
    fingerprint = sha256(f"{PurePath(f.span.path).as_posix()}\n{f.identity}".encode()).hexdigest()
    row = {
        "ruleId": f.code,
        "ruleIndex": rule,
        "kind": f.kind,
        "level": "error" if f.kind == FAIL else "none",
        "message": {"text": f.text},
        "locations": [
            {"physicalLocation": {"artifactLocation": {"uri": _uri(f.span.path)}, "region": _region(f.span)}}
        ],
        "partialFingerprints": {"claim/v1": fingerprint},
    }
    return {**row, "fixes": [_fix(f)]} if f.corrections else row


def _fix(f: Finding) -> dict[str, Any]:
    """All corrections of a claim at once: each was proved in a text that has those before it."""
    replacements = [
        {
            "deletedRegion": {"startLine": line, "startColumn": column, "endLine": line, "endColumn": column},
            "insertedContent": {"text": text},
        }
        for c in f.corrections
        for line, column, text in c.insertions
    ]
    names = ", ".join(c.name for c in f.corrections)
    change = {"artifactLocation": {"uri": _uri(f.span.path)}, "replacements": replacements}
    return {"description": {"text": f"proved correction of {names}"}, "artifactChanges": [change]}


def _uri(path: str) -> str:
    pure = PurePath(path)
    return pure.as_uri() if pure.is_absolute() else quote(pure.as_posix())


def _region(s: Span) -> dict[str, int]:
    return {"startLine": s.line, "startColumn": s.column, "endLine": s.end_line, "endColumn": s.end_column}


__all__ = ["dumps"]
