"""The score as text: the table that is printed, and ``docs/corpus.md``."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from .notation import Case, cases
from .score import OPEN, RIGHT, WRONG, judged, label, sayable
from .spec import FOLDER, filename

Record = Mapping[str, Mapping[str, Any]]
_KINDS = {
    "correct": "correct, to be proved",
    "wrong": "wrong, to be refuted",
    "approx": "right up to rounding or an epsilon, to be refuted as identities",
    "fixes": "corrected passes of the wrong ones, to be proved",
}
HEAD = """# The corpus

{count} hand-written backward passes, update maps and requests from public code, each a spec under `{folder}` that names
its source. The labels come from reading the source and from comparing with PyTorch; they say what a sound and complete
tool answers. `python -m tests.corpus` decides all of them again and holds the verdicts against the labels, whatever the
`expect` clauses of the specs say; `--write` writes this page, the specs and the record.
"""


def counts(record: Mapping[str, Record]) -> dict[str, Counter[str]]:
    """For each kind of case how many verdicts are right, unknown and WRONG."""
    table: dict[str, Counter[str]] = {kind: Counter() for kind in _KINDS}
    for id, found in record["cases"].items():
        table[cases()[id].label][judged(cases()[id], found)] += 1
    for id, found in record["fixes"].items():
        table["fixes"][judged(cases()[id].corrected(), found)] += 1
    return table


def summary(record: Mapping[str, Record]) -> str:
    """The score as a table in Markdown."""
    rows = ["| cases | number | as they should | unknown | wrong verdicts |", "|---|---|---|---|---|"]
    for kind, row in counts(record).items():
        total = sum(row.values())
        share = f"{row[RIGHT]} ({100 * row[RIGHT] / total:.1f} %)" if total else "0"
        rows.append(f"| {_KINDS[kind]} | {total} | {share} | {row[OPEN]} | {row[WRONG]} |")
    return "\n".join(rows)


def page(record: Mapping[str, Record]) -> str:
    """``docs/corpus.md``."""
    parts = [HEAD.format(count=len(record["cases"]), folder=FOLDER), summary(record), ""]
    unknown = list(_unknown(record))
    parts += ["## What is unknown, and why", ""]
    parts += ["| case | what it is | said | why |", "|---|---|---|---|", *unknown, ""] if unknown else ["Nothing.", ""]
    parts += ["## All cases", "", "| case | what it is | label | verdict | conditions that the spec states |"]
    parts += ["|---|---|---|---|---|"]
    for id, found in record["cases"].items():
        case = cases()[id]
        link = f"[{id}](../{FOLDER}/{filename(case)})" if sayable(found) else id
        stated = ", ".join(f"`{w}`" for w in found.get("when", ()))
        parts.append(f"| {link} | {_cell(case.data['name'])} | {case.label} | {_said(found)} | {_cell(stated)} |")
    return "\n".join(parts) + "\n"


def _unknown(record: Mapping[str, Record]) -> Iterable[str]:
    for kind in ("cases", "fixes"):
        for id, found in record[kind].items():
            case = cases()[id] if kind == "cases" else cases()[id].corrected()
            if judged(case, found) != RIGHT:
                name = id if kind == "cases" else f"{id}, corrected"
                yield f"| {name} | {_cell(case.data['name'])} | {_said(found)} | {_cell(why(case, found))} |"


def why(case: Case, found: Mapping[str, Any]) -> str:
    """Why a verdict is not the one of the label."""
    if judged(case, found) == WRONG:
        return f"**a wrong verdict: {label(case)} is true**"
    if found["verdict"] == label(case) and case.points:
        return "decided away from its isolated points; what holds there is not claimed yet"
    return str(found.get("reason", ""))


def _said(found: Mapping[str, Any]) -> str:
    said = str(found["verdict"])
    return "refused" if said == "fault" else said


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")
