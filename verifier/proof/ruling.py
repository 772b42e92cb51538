"""What was found out about one goal."""

from __future__ import annotations

from dataclasses import dataclass

from ..learn.laws import Goal
from .refute import Difference
from .verdict import Conditions

NONE = Conditions()


@dataclass
class Ruling:
    """What was found out about one goal."""

    goal: Goal
    verdict: str
    difference: Difference | None = None
    conditions: Conditions = NONE
    residue: str = ""
    reason: str = ""
    model: str = ""
