"""A worker process as seen by whoever asks it: it is killed at its limit, and started anew when it is needed again."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from contextlib import suppress
from typing import Any

# `-P`: no module is taken from the folder that the tool happens to run in, unless it is there already.
PROGRAM = "import json, sys; sys.path[:] = json.loads(sys.argv[1]); from verifier.commands.worker import main; main()"


class Died(Exception):
    """The process ended before it answered; ``late`` if it was killed at its limit."""

    def __init__(self, how: str, late: bool = False) -> None:
        super().__init__(how)
        self.late = late


class Process:
    """At most one process at a time; it remembers which file that has loaded."""

    def __init__(self) -> None:
        self.process: subprocess.Popen[bytes] | None = None
        self.loaded = ""
        self.closed = False
        self.lock = threading.Lock()

    @property
    def running(self) -> bool:
        return self.process is not None

    def ask(self, request: dict[str, Any], seconds: float) -> dict[str, Any]:
        """The answer.  Raises `Died` if there is none after some seconds."""
        process = self._started()
        assert process.stdin is not None and process.stdout is not None
        late = threading.Event()

        def kill() -> None:
            late.set()
            process.kill()

        timer = threading.Timer(seconds, kill)
        timer.daemon = True
        timer.start()
        try:
            process.stdin.write(json.dumps(request).encode("ascii") + b"\n")
            process.stdin.flush()
            line = process.stdout.readline()
            answer = json.loads(line) if line.endswith(b"\n") else None
        except (OSError, ValueError):
            answer = None
        finally:
            timer.cancel()
        if isinstance(answer, dict) and not late.is_set():
            return answer
        code = self._ended()
        raise Died("killed at its limit" if late.is_set() else _how(code), late.is_set())

    def close(self) -> None:
        """End the process, whatever it does; it is not started again."""
        with self.lock:
            self.closed = True
            if self.process is not None:
                self.process.kill()
                self.process.wait()

    def _started(self) -> subprocess.Popen[bytes]:
        with self.lock:
            if self.closed:
                raise Died("closed")
            if self.process is None:
                path = [os.path.abspath(p) if p == "" else p for p in sys.path]
                command = [sys.executable, "-P", "-c", PROGRAM, json.dumps(path)]
                try:
                    self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
                except OSError as e:
                    raise Died(f"could not be started: {e.strerror or e}") from None
                self.loaded = ""
            return self.process

    def _ended(self) -> int:
        """Clean up after a process that gives no answer any more; its exit code."""
        with self.lock:
            process, self.process, self.loaded = self.process, None, ""
        if process is None:
            return 0
        process.kill()
        for pipe in (process.stdin, process.stdout):
            with suppress(OSError):  # what was not written yet has no reader any more
                if pipe is not None:
                    pipe.close()
        return process.wait()


def _how(code: int) -> str:
    return f"ended by signal {-code}" if code < 0 else f"ended with exit code {code}"


__all__ = ["Died", "Process"]
