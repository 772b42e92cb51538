"""The audit tested: a planted fault is in the child alone, who notices it is found, the page is what was measured."""

from __future__ import annotations

from collections import Counter

import pytest

from verifier.kernel import functions

from . import certified
from .faults import KINDS, Fault, chosen, faults
from .page import PAGE, page, results
from .rooms import ROOMS, equations
from .suite import SURVIVED, Detector, noticed

EQUATIONS = (Detector("equations", equations),)


def fault(shown: str) -> Fault:
    (found,) = [f for f in faults("kernel") if str(f) == shown]
    return found


@pytest.mark.parametrize(
    "shown",
    [
        "kernel.functions._positive: answer forced: always True",
        "kernel.functions.plain: condition dropped: and _positive(k, name)",
        "kernel.extremes._first: condition dropped: and not rest",
        "kernel.positivity.indicators: condition dropped: and c > 0",
        "kernel.rules._bound: sign: rest + b[2] - 1",
    ],
)
def test_a_fault_is_noticed_and_stays_in_the_child(shown: str) -> None:
    code = functions._positive.__code__
    assert noticed(fault(shown), EQUATIONS) == "equations"
    assert functions._positive.__code__ is code
    assert not equations()


def test_what_changes_nothing_is_not_noticed() -> None:
    assert noticed(fault("kernel.cases._divides: edge: e < 0"), EQUATIONS) == SURVIVED


def test_a_program_that_breaks_or_never_ends_is_noticed() -> None:
    some = fault("kernel.cases._divides: edge: e < 0")

    def spin() -> bool:
        while True:
            pass

    assert noticed(some, [Detector("broken", lambda: bool(1 / 0))]) == "broken"
    assert noticed(some, [Detector("endless", spin)], cpu=1) == "no end"


def test_faults_are_of_every_kind_and_drawn_the_same_each_time() -> None:
    rows = chosen("kernel", 2)
    assert rows == chosen("kernel", 2) != chosen("kernel", 2, seed=1)
    assert {f.kind for f in rows} == set(KINDS)
    assert max(Counter((f.module, f.function) for f in rows).values()) == 2
    assert set(ROOMS) == {"kernel", "learn", "sheaf"}


@pytest.mark.slow
def test_a_wrong_sign_in_the_kernel_is_caught_by_the_checker() -> None:
    """A sample; the audit takes all of them."""
    true, false = certified.cases()
    total: Counter[str] = Counter()
    for f in certified.signs(20):
        total += certified.fates(f, true, false)
    assert sum(total.values()) >= 20 and not total[certified.FALSEHOOD]
    affected = total[certified.REFUSED] + total[certified.OTHER]
    assert affected


def test_the_page_is_what_was_measured() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(results()), "python -m tests.audit --page"


def test_nothing_that_was_measured_is_false() -> None:
    found = results()
    assert not found["certificates"]["accepted"]
    assert not found["fuzz"]["contradictions"] and not found["layers"]["proved"] and not found["agreement"]["far"]
