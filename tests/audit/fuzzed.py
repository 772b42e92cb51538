"""The fuzz, for a time: how often each property was tried, and what was found."""

from __future__ import annotations

import time
from itertools import count
from typing import Any

from tests.fuzz.properties import PROPERTIES

SLOW = ("normal_forms_keep_the_value", "places_keep_the_value")
EVERY = 10  # the slow ones are tried so seldom


def measured(seconds: float, seed: int = 0) -> dict[str, Any]:
    """Counts by property.  What is not recognised is an identity that the kernel is too weak for: no contradiction."""
    tried = dict.fromkeys(PROPERTIES, 0)
    contradictions: list[str] = []
    weak = 0
    stop = time.monotonic() + seconds
    for n in count(seed * 10_000_000):
        for name, holds in PROPERTIES.items():
            if time.monotonic() > stop:
                return {"seed": seed, "tried": tried, "weak": weak, "contradictions": contradictions}
            if name in SLOW and n % EVERY:
                continue
            tried[name] += 1
            wrong = holds(n)
            if wrong.startswith("not recognised"):
                weak += 1
            elif wrong:
                contradictions.append(f"{name}({n}): {wrong}")
    raise AssertionError("counting does not end")


__all__ = ["measured"]
