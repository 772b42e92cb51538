"""Every mutant of a definition is killed by the law that it breaks, and every law that is claimed has a mutant."""

from __future__ import annotations

import re

import pytest

from tests.conftest import ROOT
from verifier.elaborate.modules import load
from verifier.proof.decide import decide

from .__main__ import HEAD, table
from .definition import definition, replaced
from .judge import SPECS, Fate, Mutant, fate, mutants, parts

MUTANTS = mutants()


@pytest.mark.slow
@pytest.mark.parametrize("m", MUTANTS, ids=lambda m: f"{m.law}: {m.what}")
def test_it_is_killed(m: Mutant) -> None:
    f = fate(m)
    assert f.killed, (f.before, f.after, f.shown)


def test_no_two_are_the_same() -> None:
    assert len(set(MUTANTS)) == len(MUTANTS)


BETWEEN_POINTS = {"discard of zero"}
"""Laws that compare nothing, so that no definition breaks them."""


def law(group: str) -> str:
    """The name of a law, whatever the learners are called in it."""
    return re.sub(r"\b(F|G|H|Cross|Twist|Half)\b", "X", group)


@pytest.mark.parametrize("path", sorted(SPECS.glob("laws/*.learn")), ids=lambda p: p.stem)
def test_every_law_has_a_mutant(path) -> None:
    """Each claim of ``specs/theory/laws``, and each law of a claim that has several."""
    tried: set[str] = set()
    stated: dict[str, str] = {}
    for claim in load(str(path)).claims:
        whole = f"laws/{path.stem}: {claim.id}"
        own = [m.claim.partition(" / ")[2] for m in MUTANTS if m.claim.partition(" / ")[0] == whole]
        verdict = decide(claim)
        several = claim.form in ("category", "bimonoid", "functor")
        stated |= {law(c.group): whole for c in verdict.components} if several else {whole: whole}
        tried |= {law(c.group) for part in own for c in parts(verdict, part)} if several else {whole} if own else set()
    assert set(stated) - tried <= BETWEEN_POINTS


def test_a_definition_is_put_back() -> None:
    """Also after an exception; and a piece of source that is not there is noticed."""
    f = definition("learn.learner:identity")
    true = f.__code__
    seen = []

    def broken() -> None:
        with replaced("learn.learner:identity", "(), b))", "(), a))"):
            seen.append(f.__code__)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        broken()
    assert f.__code__ is true and seen[0] is not true
    with pytest.raises(LookupError), replaced("learn.learner:identity", "no such text", ""):
        pass


def test_the_table_of_the_documentation_is_of_these_mutants() -> None:
    written = (ROOT / "docs" / "mutants.md").read_text(encoding="utf-8")
    assert written == HEAD + table([Fate(m, "proved", "refuted") for m in MUTANTS]) + "\n"


def test_what_counts_as_killed() -> None:
    m = MUTANTS[0]
    counts = {
        ("proved", "refuted"): True,
        ("vacuous", "refuted"): True,
        ("refuted", "proved"): True,
        ("unknown", "proved"): True,
        ("proved", "unknown"): False,
        ("proved", "failed"): False,
        ("refuted", "failed"): False,
        ("proved", "proved"): False,
        ("refuted", "unknown"): False,
    }
    assert {k: Fate(m, *k).killed for k in counts} == counts
