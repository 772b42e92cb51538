"""The cases read as data, and written as specs: whole, in the language, and held to what is checked in."""

from __future__ import annotations

import re

import pytest

from tests.conftest import ROOT
from verifier.language.parser import parse

from .notation import cases, program
from .report import page
from .score import OPEN, RIGHT, WRONG, judged, outcome, recorded, sayable
from .spec import FOLDER, filename, recorded_spec, spec

CASES = cases()
WRITE = "python -m tests.corpus --write writes it anew"


def test_every_program_and_domain_is_read() -> None:
    assert len(CASES) == 239
    for case in CASES.values():
        names = {x.name for x in case.inputs} | {a.name for a in case.forward}
        assert case.forward and case.backward and set(case.outputs) <= names, case.id
        assert not set(case.sizes) & names, case.id


def test_sizes_are_found_in_order() -> None:
    assert CASES["LLMC-04"].sizes == ("B", "T", "NH", "HS")
    assert CASES["SCR-109"].sizes == ("C", "W")


def test_an_assignment() -> None:
    (a,) = program("y[i,j] = sum(k, x[i,k])")
    assert (a.name, a.indices) == ("y", ("i", "j"))


def test_every_spec_is_in_the_language() -> None:
    for id, case in CASES.items():
        if sayable(recorded()["cases"][id]):
            parse(spec(case), id)
            if "fix" in case.data:
                parse(spec(case.corrected()), id)


def test_names_of_files_differ() -> None:
    assert len({filename(c) for c in CASES.values()}) == len(CASES)


def test_a_backward_pass_reads_like_one() -> None:
    lines = spec(CASES["LIG-01"]).splitlines()
    assert lines[2:] == [
        "layer RMSNorm(B, N) {",
        "  index b:B, i j:N",
        "  input x : R[B,N], w : R[N]",
        "  real off, 0.01 < eps < 0.5",
        "  r[b] = 1 / sqrt(sum[i](x[b,i]^2) / N + eps)",
        "  output y[b,i] = x[b,i] * r[b] * (off + w[i])",
        "}",
        "backward of RMSNorm given gy {",
        "  let m[b,i] = gy[b,i] * (w[i] + off)",
        "  dx[b,i] = r[b] * m[b,i] + r[b] * (-(1 / N) * r[b] * r[b] * sum[j](m[b,j] * x[b,j]) * x[b,i])",
        "  dw[i] = sum[b](gy[b,i] * (x[b,i] * r[b]))",
        "}",
    ]


def test_the_record_is_of_these_cases() -> None:
    found = recorded()
    assert list(found["cases"]) == list(CASES)
    assert list(found["fixes"]) == [id for id, c in CASES.items() if "fix" in c.data]


@pytest.mark.parametrize("id", CASES)
def test_the_spec_that_is_checked_in_is_the_generated_one(id: str) -> None:
    case = CASES[id]
    if not sayable(recorded()["cases"][id]):
        pytest.skip("the grammar cannot say it yet")
    text = (ROOT / FOLDER / filename(case)).read_text(encoding="utf-8")
    assert text == recorded_spec(case, recorded()["cases"][id]), WRITE
    assert case.data["source"] in text


def test_no_spec_is_there_without_a_case() -> None:
    found = {p.name for p in (ROOT / FOLDER).glob("*.learn")}
    assert found == {filename(c) for id, c in CASES.items() if sayable(recorded()["cases"][id])}


def test_the_page_is_the_generated_one() -> None:
    assert (ROOT / "docs/corpus.md").read_text(encoding="utf-8") == page(recorded()), WRITE


def test_no_verdict_is_wrong() -> None:
    record = recorded()
    assert [i for i, found in record["cases"].items() if judged(CASES[i], found) == WRONG] == []
    assert [i for i, found in record["fixes"].items() if judged(CASES[i].corrected(), found) == WRONG] == []


def test_verdicts_are_held_against_labels() -> None:
    """Each of the four ways to be wrong or right, and the cases that are wrong at isolated points only."""
    right, wrong, point = CASES["PT-01"], CASES["BUG-01"], CASES["BUG-14"]
    assert [judged(right, {"verdict": v}) for v in ("proved", "refuted", "unknown", "fault")] == [
        RIGHT,
        WRONG,
        OPEN,
        OPEN,
    ]
    assert [judged(wrong, {"verdict": v}) for v in ("proved", "vacuous", "refuted")] == [WRONG, WRONG, RIGHT]
    assert [judged(point, {"verdict": v}) for v in ("proved", "refuted")] == [OPEN, WRONG]
    assert [judged(point, {"verdict": "proved", "points": v}) for v in ("proved", "refuted")] == [WRONG, RIGHT]


def test_local_verdicts_are_no_part_of_an_outcome() -> None:
    local = {"name": "dh", "verdict": "refuted", "local": True, "conditions": {"open": []}}
    whole = {"name": "dx", "verdict": "proved", "conditions": {"open": ["x != 0"]}}
    found = outcome([{"verdict": "proved", "components": [local, whole]}])
    assert (found.verdict, found.components, found.open) == ("proved", {"dx": "proved"}, ["x != 0"])


@pytest.mark.parametrize("folder", ["verifier", "tests/corpus", "tests/mutate_specs", "grammar"])
def test_no_case_is_treated_by_its_name(folder: str) -> None:
    ids = re.compile(r"\b(?:" + "|".join(CASES) + r")\b")
    for path in (ROOT / folder).rglob("*.py"):
        if not path.name.startswith("test_"):
            assert not ids.findall(path.read_text(encoding="utf-8")), path
