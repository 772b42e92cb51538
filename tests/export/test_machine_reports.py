"""JUnit, SARIF and GitHub outputs: what is not as expected is a failure at its line, and unknown is never a success."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree as xml

import pytest

from verifier.commands.main import main
from verifier.diagnostics import CODES, Diagnostic, Span
from verifier.export.findings import FAIL, OPEN, PASS, findings
from verifier.export.formats import FORMATS, rendered
from verifier.export.report import FileReport, Report
from verifier.proof.verdict import Component, Conditions, Verdict

SPEC = """
import std.errors
import std.layers
size n
real eps > 0
check right: getput(Bias(n, quadratic, eps))
check wrong: putget(Scale(n, quadratic, eps))
"""


def verdict(name: str, how: str, expect: str, **more: object) -> Verdict:
    part = Component("I", how, **more)  # type: ignore[arg-type]
    return Verdict(name, "equal", "A == B", (part,), (("", expect),), Span("a,b.learn", 3, 1, 3, 20))


@pytest.fixture
def report() -> Report:
    open_condition = Conditions(open=("n - 2 >= 0 (an extent)",))
    claims = [
        verdict("fine", "proved", "proved"),
        verdict("meant", "refuted", "refuted"),
        verdict("bad", "refuted", "proved", reason="50% of it:\nall"),
        verdict("lost", "unknown", "proved"),
        verdict("conditional", "proved", "proved", conditions=open_condition),
    ]
    return Report("learnlaw test", [FileReport("a,b.learn", claims=claims), FileReport("c.learn", failure="oh")])


def test_kinds_and_codes(report: Report) -> None:
    rows = [(f.code, f.kind) for f in findings(report)]
    assert rows == [("P001", PASS), ("P001", PASS), ("P002", FAIL), ("P003", OPEN), ("P004", FAIL), ("P005", FAIL)]


def test_identities_do_not_depend_on_the_line(report: Report) -> None:
    before = {f.identity for f in findings(report)}
    report.files[0].claims = [
        Verdict(c.id, c.law, c.subject, c.components, c.expect, Span("a,b.learn", 99, 1, 99, 2))
        for c in report.files[0].claims
    ]
    assert {f.identity for f in findings(report)} == before and len(before) == 6


def test_junit(report: Report) -> None:
    root = xml.fromstring(rendered(report, "junit"))
    suites = {s.get("name"): s for s in root}
    assert suites["a,b.learn"].get("tests") == "5" and suites["a,b.learn"].get("failures") == "3"
    assert suites["c.learn"].get("errors") == "1"
    cases = {c.get("name"): c for c in suites["a,b.learn"]}
    assert cases["fine"].find("failure") is None and cases["meant"].find("failure") is None
    lost = cases["lost"].find("failure")
    assert lost is not None and lost.get("type") == "unknown"
    properties = {p.get("name"): p.get("value") for p in cases["conditional"].iter("property")}
    assert properties["verdict"] == "proved" and properties["condition open I"] == "n - 2 >= 0 (an extent)"


def test_a_fault_in_an_imported_file_is_not_lost(report: Report) -> None:
    elsewhere = Diagnostic("E101", Span("imported.learn", 2, 1, 2, 5), "unknown name x", "a declared name")
    report.files[1].diagnostics = (elsewhere,)
    suites = {s.get("name"): s for s in xml.fromstring(rendered(report, "junit"))}
    assert suites["c.learn"].get("errors") == "2" and suites["c.learn"].get("tests") == "2"


def test_characters_that_no_xml_may_hold(report: Report) -> None:
    report.files[1].failure = "a\x00b\x1b[31m]]> & <c>"
    (error,) = xml.fromstring(rendered(report, "junit")).iter("error")
    assert "a?b?[31m]]> & <c>" in (error.text or "")


def test_sarif(report: Report) -> None:
    (run,) = json.loads(rendered(report, "sarif"))["runs"]
    rules = [r["id"] for r in run["tool"]["driver"]["rules"]]
    assert rules == list(CODES)
    for result in run["results"]:
        assert rules[result["ruleIndex"]] == result["ruleId"]
        assert (result["level"] == "error") == (result["kind"] == "fail")
        place = result["locations"][0]["physicalLocation"]
        assert place["region"]["startLine"] >= 1 and " " not in place["artifactLocation"]["uri"]
    prints = [r["partialFingerprints"]["claim/v1"] for r in run["results"]]
    assert len(set(prints)) == len(prints)
    assert rendered(report, "sarif") == rendered(report, "sarif")


def test_github(report: Report) -> None:
    *rows, last = rendered(report, "github").splitlines()
    assert len(rows) == 4 and last.startswith("5 claims")
    assert rows[0].startswith("::error file=a%2Cb.learn,line=3,col=1,endLine=3,endColumn=20,title=P002 bad%3A refuted")
    assert "50%25 of it:%0A" in rows[0]
    assert "title=P003 lost" in rows[-1]  # what is only unknown comes last


def test_several_outputs_in_one_run(
    spec: Callable[..., object], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = spec(SPEC).path  # type: ignore[attr-defined]
    outputs = {name: tmp_path / f"report.{name}" for name in FORMATS}
    options = [o for name, file in outputs.items() for o in ("-o", f"{name}={file}")]
    assert main(["check", path, *options]) == 4
    assert capsys.readouterr().out.endswith("(over the real numbers, not rounding)\n")
    assert json.loads(outputs["json"].read_text(encoding="utf-8"))["summary"]["unexpected"] == 1
    assert len(list(xml.parse(outputs["junit"]).getroot().iter("failure"))) == 1
    kinds = [r["kind"] for r in json.loads(outputs["sarif"].read_text(encoding="utf-8"))["runs"][0]["results"]]
    assert kinds == ["pass", "fail"]
    assert outputs["github"].read_text(encoding="utf-8").count("::error ") == 1


def test_a_file_without_a_format_takes_the_place_of_standard_output(
    spec: Callable[..., object], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = spec(SPEC).path  # type: ignore[attr-defined]
    file = tmp_path / "report"
    assert main(["check", path, "--format", "json", "-o", str(file)]) == 4
    assert capsys.readouterr().out == "" and json.loads(file.read_text(encoding="utf-8"))["schema"] == 1
    with pytest.raises(SystemExit):
        main(["check", path, "-o", "sarif="])
