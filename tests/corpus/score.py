"""The verdicts of the tool on the corpus, held against the labels; ``expect`` clauses play no part in it."""

from __future__ import annotations

import json
import re
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from verifier.commands.check import Progress, check_file
from verifier.export.json_report import dumps
from verifier.export.report import Report

from .notation import Case, cases
from .spec import filename, spec

RECORDED = Path(__file__).with_name("verdicts.json")
SECONDS = 60.0
MOST = 6  # conditions that are stated for one case
RIGHT, OPEN, WRONG = "right", "unknown", "WRONG"


@dataclass
class Outcome:
    """What the tool said of a case: the worst verdict of its claims, each component, and why where it is unknown.

    ``fault`` in place of a verdict: the spec was refused, with the diagnostic as the reason.  ``open``: conditions
    that were assumed and that the spec does not state; ``when``: those that were then stated.  ``points``: what was
    said of the claim about all points, where a case has points with a verdict of their own.  ``report``: the claims of
    the JSON report, not recorded.
    """

    verdict: str
    components: dict[str, str] = field(default_factory=dict)
    reason: str = ""
    open: list[str] = field(default_factory=list)
    when: list[str] = field(default_factory=list)
    points: str = ""
    report: list[dict[str, Any]] = field(default_factory=list, repr=False)

    @property
    def recorded(self) -> dict[str, Any]:
        return {k: v for k, v in asdict(self).items() if k != "report" and v}


def run(text: str, name: str = "case.learn", seconds: float = SECONDS) -> Outcome:
    """The outcome of one spec, read off the JSON report."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        path.write_text(text, encoding="utf-8")
        report = Report("", [check_file(str(path), seconds, None, Progress(False))])
    (file,) = json.loads(dumps(report))["files"]
    if "failure" in file:
        return Outcome("fault", reason=f"exit 5: {file['failure']}")
    if file["diagnostics"]:
        first = file["diagnostics"][0]
        return Outcome("fault", reason=f"{first['code']}: {first['found']}; expected {first['expected']}")
    first, *rest = file["claims"]
    at = [part for part in first["components"] if part["name"] == "at"]
    away = [part for part in first["components"] if part["name"] != "at"]
    found = outcome([{**first, "components": away, "verdict": _worst(away) if at else first["verdict"]}])
    found.report = file["claims"]
    found.points = outcome(rest).verdict if rest else _worst(at) if at else ""
    return found


def _worst(parts: Sequence[Mapping[str, Any]]) -> str:
    said = {part["verdict"] for part in parts if not part.get("local")}
    return next((v for v in ("refuted", "unknown", "proved") if v in said), "unknown")


def outcome(claims: Sequence[Mapping[str, Any]]) -> Outcome:
    """Claims of a report as an outcome."""
    # The verdict of a single line of a backward pass takes the lines before it for right: it decides nothing.
    rows = [part for claim in claims for part in claim["components"] if not part.get("local")]
    verdicts = {claim["verdict"] for claim in claims}
    worst = next((v for v in ("refuted", "unknown", "proved", "vacuous") if v in verdicts), "unknown")
    components: dict[str, str] = {}
    for part in rows:
        name = part["name"]
        order = ("refuted", "unknown", "proved")
        components[name] = min(components.get(name, "proved"), part["verdict"], key=order.index)
    reasons = dict.fromkeys(part.get("reason", "") for part in rows if part["verdict"] == "unknown")
    left_open = dict.fromkeys(t for part in rows if part["verdict"] == "proved" for t in part["conditions"]["open"])
    reason = "; ".join(r for r in reasons if r)
    return Outcome(worst, components, reason, list(left_open), report=[dict(c) for c in claims])


def label(case: Case) -> str:
    """What a sound and complete tool says of the case away from its isolated points: proved or refuted."""
    return "proved" if case.label == "correct" or case.points else "refuted"


def judged(case: Case, found: Mapping[str, Any]) -> str:
    """The verdict on the verdict."""
    said = {"vacuous": "proved"}.get(found["verdict"], found["verdict"])
    if said not in ("proved", "refuted"):
        return OPEN
    if said != label(case):
        return WRONG
    if not case.points:
        return RIGHT
    # What holds at its isolated points is a verdict of its own; a claim that leaves out no point is about them too.
    there = found.get("points") or (said if case.label == "correct" and not found.get("when") else "")
    wanted = "proved" if case.label == "correct" else "refuted"
    return RIGHT if there == wanted else WRONG if there in ("proved", "refuted") else OPEN


def decided(case: Case) -> Outcome:
    """The outcome of a case; a condition that a proof leaves open is stated, as the tool asks, and it is run again."""
    found = run(spec(case), filename(case))
    while found.open and found.verdict == "proved" and len(found.when) < MOST:
        for clause in restated(found.open[0]):
            again = run(spec(case, when=[*found.when, clause]), filename(case))
            if again.verdict == "proved" and again.open != found.open:
                again.when = [*found.when, clause]
                break
        else:
            break
        found = again
    return found


def restated(condition: str) -> tuple[str, str]:
    """A condition as it is printed, ``x[i] - 1 != 0 where x[i] >= 0 for all i (a branch changes there)``, as a clause.

    It is stated everywhere, without its guard: as it stands, and with names of indices that no spec declares, because a
    spec may use the printed ones for other ranges.
    """
    body = re.split(r" where | for all | \((?=[^()]*\)$)", condition)[0]
    free = re.search(r" for all (\w+(?:, \w+)*)", condition)
    names = free[1].split(", ") if free else []
    names += [n for row in re.findall(r"[a-z]\[([\w, ]+)\]\(", body) for n in row.split(", ")]
    renamed = body
    for name in dict.fromkeys(names):
        renamed = re.sub(rf"\b{name}\b", f"{name}_", renamed)
    return body, renamed


def sayable(found: Mapping[str, Any]) -> bool:
    """Whether the grammar has what the case needs: only then its spec is checked in."""
    return not str(found.get("reason", "")).startswith("L")


def _one(id: str) -> Outcome:
    return decided(cases()[id])


def _fixed(id: str) -> Outcome:
    return decided(cases()[id].corrected())


def run_all(ids: Iterable[str], fixes: bool = False, workers: int = 2) -> dict[str, Outcome]:
    """The outcomes of many cases, or of their corrected passes, in processes of their own."""
    chosen = list(ids)
    with ProcessPoolExecutor(workers) as pool:
        return dict(zip(chosen, pool.map(_fixed if fixes else _one, chosen), strict=True))


def recorded() -> dict[str, dict[str, Any]]:
    """What the tool said when it was last recorded: ``cases`` and ``fixes`` by id."""
    return json.loads(RECORDED.read_text(encoding="utf-8")) if RECORDED.exists() else {"cases": {}, "fixes": {}}
