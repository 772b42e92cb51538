"""The kernel: one judgement, that two terms are equal under hypotheses and conditions.  Standard library only."""

from .prove import Kernel, Outcome

__all__ = ["Kernel", "Outcome"]
