"""The pytest plugin: one test a claim, failures that show the counterexample, nothing imported unless asked for."""

from __future__ import annotations

import subprocess
import sys
from importlib.metadata import entry_points
from pathlib import Path

import pytest

pytest_plugins = ["pytester"]

SPEC = """
import std.errors
import std.layers
size n
real eps > 0
check right: getput(Bias(n, quadratic, eps))
check wrong: putget(Scale(n, quadratic, eps))
check meant: putget(Scale(n, quadratic, eps)) expect refuted
"""
# No point satisfies what is assumed, so nothing is proved of it, whatever the prover learns.
UNKNOWN = """
import std.errors
import std.layers
size n
real eps > 0
check open: getput(Bias(n, quadratic, eps)) when eps < 0
"""


def run(pytester: pytest.Pytester, *options: str) -> pytest.RunResult:
    return pytester.runpytest(*_loaded(), "--learn", *options)


def _loaded() -> tuple[str, ...]:
    """From a checkout that is not installed the plugin is named on the command line."""
    installed = any(e.value == "verifier.pytest_plugin" for e in entry_points(group="pytest11"))
    return () if installed else ("-p", "verifier.pytest_plugin")


@pytest.fixture(autouse=True)
def _found(monkeypatch: pytest.MonkeyPatch) -> None:
    """Processes that a test starts find this checkout, installed or not."""
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parents[1]))


@pytest.fixture
def project(pytester: pytest.Pytester) -> pytest.Pytester:
    pytester.makefile(".learn", layer=SPEC)
    return pytester


def test_one_test_a_claim(project: pytest.Pytester) -> None:
    result = run(project, "-v")
    result.assert_outcomes(passed=2, failed=1)
    result.stdout.fnmatch_lines(["*layer.learn::right PASSED*", "*layer.learn::wrong FAILED*"])
    result.stdout.fnmatch_lines(["refuted  wrong: putget(*", "*NOT AS EXPECTED*", "*at n = 1*"])


def test_selection_and_the_last_failure(project: pytest.Pytester) -> None:
    run(project, "-k", "right or meant").assert_outcomes(passed=2)
    run(project).assert_outcomes(passed=2, failed=1)
    run(project, "--lf").assert_outcomes(failed=1)


def test_several_processes(project: pytest.Pytester) -> None:
    # A process of its own: xdist hands on the path as it was when that started.
    project.runpytest_subprocess(*_loaded(), "--learn", "-n", "2").assert_outcomes(passed=2, failed=1)


def test_off_unless_asked_for(project: pytest.Pytester) -> None:
    assert project.runpytest(*_loaded()).ret == pytest.ExitCode.NO_TESTS_COLLECTED
    project.makeini("[pytest]\nlearn = true\n")
    project.runpytest(*_loaded()).assert_outcomes(passed=2, failed=1)


def test_a_spec_with_faults_is_an_error_of_collection(pytester: pytest.Pytester) -> None:
    pytester.makefile(".learn", broken="size n\ncheck getput(Nothing(n))\n")
    result = run(pytester)
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*broken.learn:2:*E101*"])


@pytest.mark.parametrize(("how", "outcome"), [("fail", "failed"), ("xfail", "xfailed"), ("skip", "skipped")])
def test_unknown_is_no_success(pytester: pytest.Pytester, how: str, outcome: str) -> None:
    pytester.makefile(".learn", open=UNKNOWN)
    pytester.makeini(f"[pytest]\nlearn_unknown = {how}\n")
    run(pytester).assert_outcomes(**{outcome: 1})


def test_a_wrong_option_is_said(pytester: pytest.Pytester) -> None:
    pytester.makeini("[pytest]\nlearn_unknown = pass\n")
    result = run(pytester)
    assert result.ret == pytest.ExitCode.USAGE_ERROR


def test_properties_reach_junit(project: pytest.Pytester) -> None:
    run(project, "--junit-xml=out.xml")
    assert 'name="verdict" value="refuted"' in (project.path / "out.xml").read_text(encoding="utf-8")


def test_loading_the_plugin_imports_nothing_of_the_tool() -> None:
    program = (
        "import sys, verifier.pytest_plugin as p; "
        "heavy = [m for m in sys.modules if m.split('.')[0] in ('sympy', 'networkx', 'lark', 'flint') "
        "or (m.startswith('verifier.') and m != 'verifier.pytest_plugin')]; assert not heavy, heavy"
    )
    subprocess.run([sys.executable, "-c", program], check=True)
