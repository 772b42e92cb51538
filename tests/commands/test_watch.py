"""``check --watch``: a change is checked, and what did not change is not decided again."""

from __future__ import annotations

import os
import queue
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from verifier.commands.main import main

ROOT = Path(__file__).parents[2]
SPEC = "import std.errors\nimport std.layers\nsize n\nreal eps > 0\ncheck a: getput(Bias(n, quadratic, eps))\n"


def _interruptible() -> None:
    signal.signal(signal.SIGINT, signal.SIG_DFL)


class Watching:
    def __init__(self, folder: Path) -> None:
        command = [sys.executable, "-u", "-m", "verifier.commands.main", "check", "--watch", "."]
        env = {**os.environ, "PYTHONPATH": str(ROOT)}
        env.pop("LEARNLAW_CACHE", None)
        # Where the tests run in the background an interrupt is ignored, and what they start inherits that.
        self.process = subprocess.Popen(
            command, cwd=folder, env=env, text=True, stdout=subprocess.PIPE, preexec_fn=_interruptible
        )
        self.lines: queue.Queue[str] = queue.Queue()
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.lines.put(line)

    def summary(self) -> str:
        while True:
            line = self.lines.get(timeout=60)
            if " claims: " in line or line.startswith("1 claim: "):
                return line


@pytest.fixture
def watching(tmp_path: Path) -> Iterator[Watching]:
    pytest.importorskip("watchfiles")
    (tmp_path / "a.learn").write_text(SPEC)
    (tmp_path / "b.learn").write_text(SPEC)
    found = Watching(tmp_path)
    yield found
    found.process.kill()
    found.process.wait()


def test_what_changes_is_checked(watching: Watching, tmp_path: Path) -> None:
    assert "2 proved" in (first := watching.summary()) and "from the cache" not in first
    (tmp_path / "c.txt").write_text("no spec")
    (tmp_path / "b.learn").write_text(SPEC + "check b: putget(Scale(n, quadratic, eps))\n")
    second = watching.summary()
    assert "2 proved, 1 refuted" in second and "from the cache" in second
    time.sleep(1)  # the check that printed this ends
    watching.process.send_signal(signal.SIGINT)
    assert watching.process.wait(30) == 4


def test_without_the_library(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setitem(sys.modules, "watchfiles", None)
    assert main(["check", "--watch", str(ROOT / "specs/examples/post.learn")]) == 1
    assert "learnlaw[watch]" in capsys.readouterr().err
