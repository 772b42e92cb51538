"""A theorem as two texts."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Theorem:
    """A statement and a proof, each as the text of a file.

    The first defines ``statement``, the second proves it as ``holds``.  ``kind`` is what it is about, ``under`` are the
    conditions of the specification that stand among its hypotheses.
    """

    kind: str
    statement: str
    proof: str
    under: tuple[str, ...] = ()


REAL = """From Coq Require Import Reals List Bool Arith Lra Lia.
From Coquelicot Require Import Coquelicot.
From LearnLaw Require Import Certify.
Import ListNotations.
Open Scope R_scope.
"""
LEARN = """From LearnLaw Require Import Learn.
"""


def comment(text: str) -> str:
    """A comment of Coq that says what a text says and ends where it should."""
    return "(* " + text.replace("(*", "( *").replace("*)", "* )").replace('"', "'") + " *)"


__all__ = ["LEARN", "REAL", "Theorem", "comment"]
