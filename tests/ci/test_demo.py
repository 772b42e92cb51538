"""The demo repository and what it uses, driven for real: plugin, command line, SARIF, pre-commit and the action."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
DEMO = ROOT / "examples" / "ci-demo"
TERM = " - r[b]^3 * x[b,c] * mean[i](g[b,i] * x[b,i])"


def run(command: list[str], folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a program in a folder.  It finds the package in this checkout, installed or not."""
    env = {k: v for k, v in os.environ.items() if not k.startswith(("LEARNLAW", "PYTEST", "GIT_"))}
    env |= {"PYTHONPATH": str(ROOT), **environment}
    return subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True, timeout=300)


def learnlaw(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return run([sys.executable, "-m", "verifier.commands.main", *arguments], folder)


@pytest.fixture
def demo(tmp_path: Path) -> Path:
    return Path(shutil.copytree(DEMO, tmp_path / "demo"))


@pytest.fixture
def wrong(demo: Path) -> Path:
    """The demo with one term deleted from its backward pass."""
    path = demo / "layers" / "norm.learn"
    text = path.read_text(encoding="utf-8")
    assert TERM in text
    path.write_text(text.replace(TERM, ""), encoding="utf-8")
    return demo


def plugin(folder: Path) -> subprocess.CompletedProcess[str]:
    """pytest in a folder, with the plugin and no other: it is named here, so that it need not be installed."""
    command = [sys.executable, "-m", "pytest", "-p", "verifier.pytest_plugin", "-v"]
    return run(command, folder, PYTEST_DISABLE_PLUGIN_AUTOLOAD="1")


def test_the_demo_is_right(demo: Path) -> None:
    found = plugin(demo)
    assert found.returncode == 0 and "norm.learn::RootNorm PASSED" in found.stdout, found.stdout
    assert learnlaw(demo, "format", "--check", "layers").returncode == 0
    assert learnlaw(demo, "check", "layers").returncode == 0


def test_a_term_too_few_is_found_and_put_back(wrong: Path) -> None:
    found = plugin(wrong)
    assert found.returncode == 1 and "norm.learn::RootNorm FAILED" in found.stdout
    assert "3 passed" in found.stdout and "RootNorm.dx" in found.stdout
    checked = learnlaw(wrong, "check", "layers", "--format", "github", "-o", "sarif=laws.sarif")
    assert checked.returncode == 4 and checked.stdout.startswith("::error file=layers/norm.learn,line=10,")
    (sarif,) = json.loads((wrong / "laws.sarif").read_text(encoding="utf-8"))["runs"]
    (failed,) = (r for r in sarif["results"] if r["kind"] == "fail")
    place = failed["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"] == "layers/norm.learn" and place["region"]["startLine"] == 10
    (replacement,) = failed["fixes"][0]["artifactChanges"][0]["replacements"]
    assert replacement["deletedRegion"]["startLine"] == 13
    assert learnlaw(wrong, "fix", "layers").returncode == 0
    assert learnlaw(wrong, "check", "layers").returncode == 0
    assert plugin(wrong).returncode == 0


def _yaml(path: Path) -> Any:
    return pytest.importorskip("yaml").safe_load(path.read_text(encoding="utf-8"))


def _tool(name: str) -> str:
    path = Path(sys.executable).parent / name
    if not path.exists():
        pytest.skip(f"{name} is not installed")
    return str(path)


@pytest.mark.parametrize(
    ("tool", "arguments"),
    [
        ("check-jsonschema", ["--builtin-schema", "vendor.github-actions", "action.yml"]),
        ("check-jsonschema", ["--builtin-schema", "vendor.github-workflows", "DEMO/.github/workflows/laws.yml"]),
        ("pre-commit", ["validate-manifest", ".pre-commit-hooks.yaml"]),
        ("pre-commit", ["validate-config", "DEMO/.pre-commit-config.yaml"]),
        (
            "zizmor",
            ["--offline", "-q", "-c", "examples/zizmor.yml", "action.yml", "DEMO/.github/workflows/laws.yml"],
        ),
    ],
)
def test_linters(tool: str, arguments: list[str], tmp_path: Path) -> None:
    command = [_tool(tool), *(a.replace("DEMO", str(DEMO)) for a in arguments)]
    found = run(command, ROOT, PRE_COMMIT_HOME=str(tmp_path))
    assert found.returncode == 0, found.stdout + found.stderr


def test_what_the_demo_names_is_there() -> None:
    hooks = {h["id"] for h in _yaml(ROOT / ".pre-commit-hooks.yaml")}
    (repository,) = _yaml(DEMO / ".pre-commit-config.yaml")["repos"]
    assert {h["id"] for h in repository["hooks"]} == hooks
    steps = _yaml(DEMO / ".github" / "workflows" / "laws.yml")["jobs"]["laws"]["steps"]
    (ours,) = (s for s in steps if "learnlaw/" in s.get("uses", ""))
    assert set(ours["with"]) <= set(_yaml(ROOT / "action.yml")["inputs"])


def _steps(folder: Path, inputs: dict[str, str], tool: Path | None) -> subprocess.CompletedProcess[str]:
    """Run the steps of the action as a runner does, from its inputs; the first installs, unless there is a tool."""
    action = _yaml(ROOT / "action.yml")
    values = {k: str(v["default"]) for k, v in action["inputs"].items()} | inputs
    for step in action["runs"]["steps"][1 if tool else 0 :]:
        given = dict(step["env"])
        for name, value in values.items():
            given = {k: v.replace("${{ inputs." + name + " }}", value) for k, v in given.items()}
        assert not any("${{" in v for v in given.values()) and "${{" not in step["run"]
        runner = {"RUNNER_TEMP": str(folder.parent), "GITHUB_ACTION_PATH": str(ROOT)}
        found = run(["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]], folder, **given, **runner)
        if found.returncode:
            break
    return found


@pytest.fixture
def tool(tmp_path: Path) -> Path:
    """What the first step of the action makes, without the installation."""
    path = tmp_path / "learnlaw" / "bin" / "learnlaw"
    path.parent.mkdir(parents=True)
    path.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m verifier.commands.main "$@"\n')
    path.chmod(0o755)
    return path


INPUTS = {"paths": "layers\n", "sarif": "laws.sarif", "junit": "laws.xml", "cache": "kept", "format": "true"}


def test_the_action_is_green_and_red(wrong: Path, demo: Path, tool: Path) -> None:
    found = _steps(wrong, INPUTS, tool)
    assert found.returncode == 4 and "::error file=layers/norm.learn,line=10," in found.stdout, found.stderr
    assert (wrong / "laws.sarif").exists() and (wrong / "laws.xml").exists()
    assert learnlaw(wrong, "fix", "layers").returncode == 0
    assert _steps(wrong, INPUTS, tool).returncode == 0
    assert list((wrong / "kept").iterdir())


def test_an_input_is_no_program(demo: Path, tool: Path) -> None:
    found = _steps(demo, {"paths": "$(touch injected)\n`touch injected`; touch injected"}, tool)
    assert found.returncode == 1 and not (demo / "injected").exists()


@pytest.mark.slow
def test_the_action_installs_what_it_runs(demo: Path) -> None:
    found = _steps(demo, INPUTS | {"python": sys.executable}, None)
    assert found.returncode == 0, found.stdout + found.stderr


@pytest.mark.slow
def test_pre_commit(wrong: Path, tmp_path: Path) -> None:
    """Both hooks, in the environment that pre-commit makes of a repository with this very tree."""
    git, pre_commit = shutil.which("git"), _tool("pre-commit")
    if git is None:
        pytest.skip("git is not installed")
    hooks = tmp_path / "hooks"
    names = [".pre-commit-hooks.yaml", "pyproject.toml", "README.md", "LICENSE", "verifier", "grammar", "specs/std"]
    for name in names:
        (hooks / name).parent.mkdir(parents=True, exist_ok=True)
        source = ROOT / name
        shutil.copytree(source, hooks / name) if source.is_dir() else shutil.copy(source, hooks / name)
    who = ["-c", "user.name=a", "-c", "user.email=a@b"]
    for folder in (hooks, wrong):
        run([git, "init", "-q", "."], folder)
        run([git, "add", "-A", "."], folder)
        assert run([git, *who, "commit", "-qm", "all"], folder).returncode == 0
    revision = run([git, "rev-parse", "HEAD"], hooks).stdout.strip()
    config = wrong / ".pre-commit-config.yaml"
    text = config.read_text(encoding="utf-8").replace("https://github.com/learnlaw/learnlaw", str(hooks))
    config.write_text(text.replace("v0.1.0", revision), encoding="utf-8")
    uneven = wrong / "layers" / "model.learn"
    uneven.write_text(uneven.read_text().replace("size n, m, k", "size   n,m, k"))
    run([git, "add", "-A", "."], wrong)

    def hook() -> subprocess.CompletedProcess[str]:
        return run([pre_commit, "run", "--all-files"], wrong, PRE_COMMIT_HOME=str(tmp_path / "home"), PYTHONPATH="")

    first = hook()
    assert first.returncode == 1 and "files were modified by this hook" in first.stdout, first.stdout + first.stderr
    assert "NOT AS EXPECTED" in first.stdout and "size n, m, k" in uneven.read_text()
    assert learnlaw(wrong, "fix", "layers").returncode == 0
    run([git, "add", "-A", "."], wrong)
    second = hook()
    assert second.returncode == 0 and second.stdout.count("Passed") == 2, second.stdout + second.stderr
