"""learnlaw: a symbolic verifier for learners."""

__version__ = "0.1.0"
