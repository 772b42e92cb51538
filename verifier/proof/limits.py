"""Limits on time, a backstop behind the deterministic fuel of the judges: one for a verdict, one for advice on it."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from types import FrameType


class TimeUp(BaseException):
    """The time of a claim is over.  No Exception: nothing on the way may swallow it but what keeps what it has."""


@dataclass
class _Clock:
    seconds: float
    over: bool = False


_running: ContextVar[_Clock | None] = ContextVar("_running", default=None)


@contextmanager
def limited(seconds: float) -> Iterator[None]:
    """Raise TimeUp in the body after some seconds, and again after half as many where it goes on to report what it has.

    A limit around it stands still meanwhile.  Without effect off the main thread or without timers.
    """
    if not hasattr(signal, "setitimer") or threading.current_thread() is not threading.main_thread():
        yield
        return
    clock = _Clock(seconds)

    def stop(number: int, frame: FrameType | None) -> None:
        clock.over = True
        raise TimeUp

    token = _running.set(clock)
    before = signal.signal(signal.SIGALRM, stop)
    left, interval = signal.setitimer(signal.ITIMER_REAL, seconds, max(seconds / 2, 0.01))
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
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


def stopped() -> str:
    """Why nothing more is decided, once the time is over; empty before that."""
    clock = _running.get()
    return f"stopped after {clock.seconds:g} s (--timeout)" if clock is not None and clock.over else ""


__all__ = ["TimeUp", "limited", "spared", "stopped"]
