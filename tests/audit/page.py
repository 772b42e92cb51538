"""docs/audit.md, made of what was measured."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from textwrap import fill
from typing import Any

from tests.conftest import ROOT

RESULTS = Path(__file__).with_name("results.json")
EXPLAINED = Path(__file__).with_name("survivors.json")
PAGE = ROOT / "docs" / "audit.md"
SAME = "the same"  # how the reasons begin of faults that change nothing
WEAKER = "weaker"  # and of those that only let less be proved


def results() -> dict[str, Any]:
    """What was measured last, by section."""
    found: dict[str, Any] = json.loads(RESULTS.read_text(encoding="utf-8"))
    return found


def explained() -> dict[str, str]:
    """Why nobody notices a fault, by the fault: it changes nothing that is claimed, or what is missing."""
    found: dict[str, str] = json.loads(EXPLAINED.read_text(encoding="utf-8"))
    return found


def page(found: Mapping[str, Any]) -> str:
    """The page.  Sections that were not measured are left out."""
    parts = [HEAD]
    if set(TITLES) & set(found):
        parts += _rules(found)
    for name, write in (("certificates", _certificates), ("layers", _layers), ("fuzz", _fuzz), ("agreement", _agree)):
        if name in found:
            parts += write(found[name])
    return "\n\n".join([*parts, LIMITS]) + "\n"


HEAD = """# The audit

Faults are planted, and it is counted who notices. `python -m tests.audit` measures all of it again and writes this
page; `python -m tests.audit SECTION…` measures a part. Everything is drawn with a seed: a fault can be met again."""

RULES = """## Rules of the kernel, and what Learn and sheaves are made of

A fault is one place of one function: an *answer forced* (a rule that never applies, a question answered yes or no
whatever is asked), a *condition dropped*, a *sign* changed, an *edge* moved (< for <=). It is planted in the running
program; noticed means that a test fails, the fuzz finds something, the log does not replay, or nothing ends.
What changes nothing that is claimed (a shortcut, an order of things, a test that never decides) does not count for the
score. A *weaker* kernel proves less, and says nothing false; *open* are faults that might, as far as is known.
The score is noticed of what does not change nothing; the aim is 95 %."""

ELSEWHERE = """Laws of Learn, of lenses, of errors and of sheaves have a table of their own, `docs/mutants.md`
(`python -m tests.mutate_laws`). Each rule of "What a claim means" has a regression that fails when the rule is switched
off (`tests/contract/test_rules.py`), and the fuzz must find nine planted bugs (`tests/fuzz/test_fuzz.py`). False claims
that were built to slip through, and are refused: `tests/contract/test_outsider.py`, `test_attacks.py`."""

LIMITS = """## Known limits

* A fault that nobody notices need not be harmless: the list above says what is known of each.
* Functions that return neither None nor a truth value are not forced; the samples take one fault of each function.
* The cache is believed as the tool is: who can write to its folder can write a verdict, checksum and all.
* Claims are about real numbers, not about rounding.
* Hypotheses are shown satisfiable by one exact model, and not by more.
* `SOUNDNESS.md` lists what was wrong before, and what holds now."""

TITLES = {
    "forced": "kernel, every answer forced",
    "kernel": "kernel, a sample of one fault in a function",
    "learn": "learn, a sample of one fault in a function",
    "sheaf": "sheaf, a sample of one fault in a function",
}


def score(section: Mapping[str, Any]) -> tuple[int, int, int]:
    """Noticed, planted, and survivors that change nothing."""
    noticed = sum(n for n, _ in section["modules"].values())
    planted = sum(n for _, n in section["modules"].values())
    reasons = explained()
    same = sum(reasons.get(f, "").startswith(SAME) for f in section["survivors"])
    return noticed, planted, same


def _rules(found: Mapping[str, Any]) -> Iterator[str]:
    yield RULES
    table = [
        "| faults | planted | noticed | change nothing | weaker | open | score | by whom |",
        "|---|---|---|---|---|---|---|---|",
    ]
    modules: list[str] = []
    notes: list[str] = []
    survivors: list[str] = []
    reasons = explained()
    for name, title in TITLES.items():
        if name not in found:
            continue
        noticed, planted, same = score(found[name])
        weaker = sum(reasons.get(f, "").startswith(WEAKER) for f in found[name]["survivors"])
        rate = 100 * noticed / max(planted - same, 1)
        by = ", ".join(f"{who} {n}" for who, n in found[name]["by"].items() if who != "survived")
        unsure = planted - noticed - same - weaker
        table.append(f"| {title} | {planted} | {noticed} | {same} | {weaker} | {unsure} | {rate:.1f} % | {by} |")
        rows = ", ".join(f"{m.rpartition('.')[2]} {n}/{of}" for m, (n, of) in found[name]["modules"].items())
        modules.append(_text(f"* {title}: {rows}."))
        notes += [_text(f"* {title}: {note}.") for note in (found[name].get("note"),) if note]
        survivors += [f"* `{f}`: {reasons.get(f, 'not explained yet')}" for f in found[name]["survivors"]]
    yield "\n".join(table)
    if notes:
        yield "How this was measured:"
        yield "\n".join(notes)
    yield "By module, noticed of planted:"
    yield "\n".join(modules)
    yield ELSEWHERE
    yield "Nobody notices these:"
    yield "\n".join(dict.fromkeys(survivors))


def _certificates(c: Mapping[str, Any]) -> Iterator[str]:
    caught = c["refused"] + c["other"]
    yield "## Faults in the kernel, and certificates"
    yield _text(
        f"{c['faults']} signs of the kernel are wrong, one at a time, of a term or a whole "
        "answer, while the certificates of "
        f"{c['claims']} true claims "
        f"are written and those of {c['false']} false ones are asked for. {c['affecting']} of the faults affect a "
        f"certificate. Of {c['affected']} certificates that are affected {caught} "
        f"({100 * caught / max(c['affected'], 1):.1f} %) are caught: {c['refused']} refused or not "
        f"written, {c['other']} "
        f"another proof of the same true statement. False claims with a certificate: {c['accepted']}."
    )


def _layers(c: Mapping[str, Any]) -> Iterator[str]:
    yield "## Layers of the standard library"
    yield _text(
        f"{c['count']} change of one place in each backward pass of `specs/std`: a sign, a factor, a "
        "term, a transpose, an "
        "index, an axis, a guard. What evaluation finds to be the same gradient does not count."
    )
    table = ["| file | changed | the same | refuted | unknown | proved |", "|---|---|---|---|---|---|"]
    total = {k: sum(row.get(k, 0) for row in c["files"].values()) for k in ("same", "refuted", "unknown", "proved")}
    for name, row in {**c["files"], "all": total}.items():
        cells = (sum(row.values()), *(row.get(k, 0) for k in total))
        table.append(f"| {name} | {' | '.join(map(str, cells))} |")
    yield "\n".join(table)


def _fuzz(c: Mapping[str, Any]) -> Iterator[str]:
    yield "## The fuzz"
    yield _text(
        f"{sum(c['tried'].values()):,} random cases, {len(c['contradictions'])} contradictions "
        f"(`python -m tests.audit fuzz --seconds N`). {c['weak']} identities were not recognised, which "
        "is weakness and no "
        "contradiction. The aim is a million."
    )
    rows = [f"| {name.replace('_', ' ')} | {n:,} |" for name, n in c["tried"].items()]
    yield "\n".join(["| property | cases |", "|---|---|", *rows])
    yield from (f"* {wrong}" for wrong in c["contradictions"])


def _agree(c: Mapping[str, Any]) -> Iterator[str]:
    yield "## Who agrees with whom"
    rows = (
        f"Prover and torch: the {c['passes']} backward passes of `specs/std` are proved, and torch's "
        "autograd gives the same "
        f"at a random point of unequal sizes, to a relative 1e-9, in {c['passes'] - len(c['far'])} of them.",
        f"Prover, evaluator and labels: {c['corpus']['cases']} passes of public code and "
        f"{c['corpus']['fixes']} corrected "
        "ones, no wrong verdict (`docs/corpus.md`).",
        "Prover and evaluator: every proof is evaluated at further points before it is reported; a "
        "difference is exit 5.",
        "Prover and checker: `docs/certificates.md`.",
    )
    yield "\n".join(_text(f"* {row}") for row in rows)


def _text(text: str) -> str:
    return fill(text, 118, subsequent_indent="  " if text.startswith("* ") else "", break_long_words=False)


__all__ = ["PAGE", "RESULTS", "SAME", "TITLES", "explained", "page", "results", "score"]
