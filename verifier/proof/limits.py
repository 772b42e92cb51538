"""Limits on time and memory, a backstop behind the deterministic fuel of the judges.

There is one limit on time for a verdict, and one for advice on it.
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

GRACE, LEAST = 0.15, 0.25  # of a limit, and at least so many seconds
MEMORY = 4 << 30
"""Bytes that the verdict on one claim may take."""


class TimeUp(BaseException):
    """The time of a claim is over.  No Exception: nothing on the way may swallow it but what keeps what it has."""


@dataclass
class Clock:
    """A limit: ``over`` once its time is up, ``cut`` if it or a limit inside it ended anything."""

    seconds: float
    over: bool = False
    cut: bool = False


_running: ContextVar[Clock | None] = ContextVar("_running", default=None)


@contextmanager
def limited(seconds: float) -> Iterator[Clock]:
    """Raise TimeUp in the body after some seconds, and again after `GRACE` of them where it reports what it has.

    A limit around it stands still meanwhile.  Without effect off the main thread or without timers.
    """
    clock = Clock(seconds)
    if not hasattr(signal, "setitimer") or threading.current_thread() is not threading.main_thread():
        yield clock
        return
    outer = _running.get()

    def stop(number: int, frame: FrameType | None) -> None:
        clock.over = clock.cut = True
        raise TimeUp

    token = _running.set(clock)
    before = signal.signal(signal.SIGALRM, stop)
    left, interval = signal.setitimer(signal.ITIMER_REAL, seconds, max(seconds * GRACE, LEAST))
    try:
        yield clock
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        if outer is not None:
            outer.cut |= clock.cut
        signal.signal(signal.SIGALRM, before)
        _running.reset(token)
        if left or interval:
            signal.setitimer(signal.ITIMER_REAL, max(left, 0.001), interval)


@contextmanager
def spared() -> Iterator[None]:
    """What a verdict does not need: it ends quietly after half the time that the verdict has, whatever that used."""
    clock = _running.get()
    try:
        if clock is None:
            yield
        else:
            with limited(clock.seconds / 2):
                yield
    except TimeUp:
        if clock is None:
            raise


@contextmanager
def bounded(more: int) -> Iterator[None]:
    """Raise MemoryError in the body where it asks for so many bytes more than the process has now.

    Without effect where the system does not say how large a process is, or may be.
    """
    try:
        import resource

        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
        soft, hard = before = resource.getrlimit(resource.RLIMIT_AS)
        most = pages * resource.getpagesize() + more
        below = [n for n in (soft, hard) if n != resource.RLIM_INFINITY]
        resource.setrlimit(resource.RLIMIT_AS, (min(most, *below), hard) if below else (most, hard))
    except (ImportError, OSError, ValueError):
        yield
        return
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, before)


def stopped() -> str:
    """Why nothing more is decided, once the time is over; empty before that."""
    clock = _running.get()
    return f"stopped after {clock.seconds:g} s (--timeout)" if clock is not None and clock.over else ""


__all__ = ["MEMORY", "Clock", "TimeUp", "bounded", "limited", "spared", "stopped"]
