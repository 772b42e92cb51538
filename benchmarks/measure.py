"""Times a command as a whole process, by the operating system's own accounting."""

from __future__ import annotations

import os
import statistics
import subprocess
import threading
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Run:
    """CPU seconds (user and system), peak memory in MB, and the exit code of one process."""

    cpu: float
    megabytes: float
    code: int


def run(command: Sequence[str], timeout: float = 120.0) -> Run | None:
    """One run; None if it takes longer than ``timeout`` seconds."""
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    killer = threading.Timer(timeout, process.kill)
    killer.start()
    _, status, usage = os.wait4(process.pid, 0)
    killer.cancel()
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode == -9:
        return None
    return Run(usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024, process.returncode)


def paired(a: Sequence[str], b: Sequence[str], runs: int) -> tuple[float, float, float] | None:
    """Median CPU seconds of a and b, run in turn, and the median of the ratios a/b pair by pair."""
    rows = []
    for k in range(runs + 1):
        one, two = run(a), run(b)
        if one is None or two is None or one.code or two.code:
            return None
        if k:  # the first pair warms the caches
            rows.append((one.cpu, two.cpu))
    return (
        statistics.median(x for x, _ in rows),
        statistics.median(y for _, y in rows),
        statistics.median(x / y for x, y in rows),
    )
