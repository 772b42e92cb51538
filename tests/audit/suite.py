"""Who notices a fault: tests and the fuzz, in a child that has it, the quick ones first."""

from __future__ import annotations

import os
import resource
import signal
import sys
import traceback
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import pytest

from tests.fuzz.properties import PROPERTIES

from .faults import Fault, plant

SURVIVED, TIME, CRASHED = "survived", "no end", "crash"
CPU, MEMORY = 150, 3 << 30  # seconds and bytes of a child


@dataclass(frozen=True)
class Detector:
    """``notices()`` says whether something is wrong."""

    name: str
    notices: Callable[[], bool]


def tests(name: str, *arguments: str) -> Detector:
    """Tests of this repository, those that are slow left out."""
    options = ["-x", "-q", "-m", "not slow", "-p", "no:cacheprovider", "-p", "no:xdist", "--no-header"]
    return Detector(name, lambda: pytest.main([*options, *arguments]) not in (0, 5))


def fuzz(budget: dict[str, int]) -> Detector:
    """Properties of random terms."""

    def notices() -> bool:
        return any(_wrong(PROPERTIES[name](seed)) for name, n in budget.items() for seed in range(n))

    return Detector("fuzz", notices)


def _wrong(found: str) -> bool:
    """What the kernel does not recognise may be beyond it: see `UNRECOGNISED` of the fuzz."""
    return bool(found) and not (found.startswith("not recognised") and "prod[" in found)


def noticed(fault: Fault, detectors: Sequence[Detector], cpu: int = CPU) -> str:
    """The name of the first detector that notices a fault, or `SURVIVED`, `TIME` (it never ends) or `CRASHED`."""
    child = os.fork()
    if child == 0:
        _in_child(fault, detectors, cpu)
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        return TIME if os.WTERMSIG(status) in (signal.SIGXCPU, signal.SIGKILL) else CRASHED
    code = os.WEXITSTATUS(status)
    if code > len(detectors):
        return CRASHED
    return detectors[code - 1].name if code else SURVIVED


def _in_child(fault: Fault, detectors: Sequence[Detector], cpu: int) -> None:
    code = 255
    try:
        nowhere = os.open(os.devnull, os.O_RDWR)
        for stream in (0, 1, 2):
            os.dup2(nowhere, stream)
        resource.setrlimit(resource.RLIMIT_CPU, (cpu, cpu + 5))
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
        plant(fault)
        code = 0
        for k, d in enumerate(detectors):
            try:
                seen = d.notices()
            except Exception:
                seen = True  # the program broke
            if seen:
                code = k + 1
                break
    except BaseException:
        traceback.print_exc()
        code = 254
    finally:
        os._exit(code)


def fates(chosen: Iterable[Fault], detectors: Sequence[Detector], workers: int = 1) -> Iterator[tuple[Fault, str]]:
    """Each fault with who notices it, in order."""
    rows = list(chosen)
    with ThreadPoolExecutor(workers) as pool:
        for fault, found in zip(rows, pool.map(lambda f: noticed(f, detectors), rows), strict=True):
            print(f"{found:12} {fault}", file=sys.stderr, flush=True)
            yield fault, found


__all__ = ["SURVIVED", "Detector", "fates", "fuzz", "noticed", "tests"]
