"""``learnlaw audit``: every assumption, condition, symbol and import that a result rests on."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from verifier.commands import audit
from verifier.commands.main import main

SPEC = """
import std.errors
size n
real eps > 0
function s : R -> R smooth
error e(x, y) opaque inverse f(left, right)
learner Mine(n) : a : R[n] -> b : R[n] {
  param w : R[n]
  implement y[i] = s(a[i]) * w[i]
  learn gradient(quadratic, rate = eps)
}
learner Other(n) : a : R[n] -> b : R[n] {
  param w : R[n]
  implement y[i] = a[i] * w[i]
  learn gradient(e, rate = eps)
}
check same: Mine(n) == gradient(Mine(n), quadratic, rate = eps)
check other: Other(n) == gradient(Other(n), e, rate = eps)
layer Ratio(C) {
  index c v:C
  input x : R[C]
  param z : R[C]
  output y[c] = x[c] / z[c]
}
backward of Ratio given dy using x, z {
  dx[c] = dy[c] / z[c]
  dz[c] = -dy[c] * x[c] / z[c]^2
}
"""


def test_everything_is_listed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    spec = tmp_path / "spec.learn"
    spec.write_text(SPEC)
    assert main(["audit", str(spec), "--format", "json"]) == 4  # a condition that nobody stated
    found = json.loads(capsys.readouterr().out)
    assert [r.split(" ")[0] for r in found["read"]] == ["this", "std.errors"]
    claims = {c["claim"]: c for c in found["claims"]}
    same = claims["same"]["rows"]
    assert same["for all"] == ["n >= 1; s smooth; eps > 0; w, a, b in R[n]"]
    assert same["uninterpreted"] == ["s"] and same["declared numbers"] == ["eps"]
    assert same["rests on"] == ["invertible(quadratic), decided where it is declared: left, right"]
    assert same["certificate"] == ["yes"]
    assert claims["other"]["rows"]["rests on"] == ["invertible(e), declared: left, right"]
    assert "e" in claims["other"]["rows"]["uninterpreted"]
    ratio = claims["Ratio"]
    assert ratio["expected"] == "proved, not met"
    assert ratio["rows"]["open conditions"] == ["z[i] != 0 for all i (a denominator)"]
    main(["audit", str(spec)])
    text = capsys.readouterr().out
    assert "Ratio: proved (expected proved, not met)" in text
    assert "  open conditions: z[i] != 0 for all i (a denominator)" in text


def test_cycles_are_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    spec = tmp_path / "spec.learn"
    spec.write_text(SPEC)
    monkeypatch.setattr(audit, "_depends", lambda o, names: ["other" if o.verdict.id == "same" else "same"])
    assert main(["audit", str(spec)]) == 2
    assert "claims rest on each other: same -> other -> same" in capsys.readouterr().err


def test_usage(tmp_path: Path) -> None:
    assert main(["audit", str(tmp_path / "none.learn")]) == 1
    (tmp_path / "bad.learn").write_text("check nothing(")
    assert main(["audit", str(tmp_path / "bad.learn")]) == 2
