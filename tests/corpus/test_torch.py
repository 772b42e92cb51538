"""Correct cases agree with PyTorch's autograd at random points of unequal sizes; wrong ones do not."""

from __future__ import annotations

from random import Random

import pytest

from .notation import cases

torch = pytest.importorskip("torch")

from .autograd import Undefined, compare, sample  # noqa: E402
from .confirm import tensor_of  # noqa: E402

CASES = cases()
CORRECT = {id: c for id, c in CASES.items() if c.label == "correct"}
CORRECT |= {f"{id}, corrected": c.corrected() for id, c in CASES.items() if "fix" in c.data}
# Away from its isolated points a case is right.
WRONG = {id: c for id, c in CASES.items() if c.label == "wrong" and not c.points}


def distance(case, seed: int) -> float:  # type: ignore[no-untyped-def]
    rows = compare(case, sample(case, Random(seed))).values()
    return max(float(((written - true).abs() / (1 + true.abs())).max()) for written, true in rows)


@pytest.mark.parametrize("id", CORRECT)
def test_what_is_right_agrees_with_autograd(id: str) -> None:
    assert max(distance(CORRECT[id], seed) for seed in range(2)) < 1e-9


@pytest.mark.parametrize("id", WRONG)
def test_what_is_wrong_does_not(id: str) -> None:
    """Some are wrong in a small region only, so many points are tried."""
    assert any(distance(WRONG[id], seed) > 1e-6 for seed in range(40))


def test_a_read_outside_is_no_silent_zero() -> None:
    case = cases()["BUG-72"]
    point = sample(case, Random(0))
    with pytest.raises((Undefined, KeyError)):
        compare(case, type(point)({**point.sizes, "P": point.sizes["P"] + 1}, point.values))


def test_a_value_of_a_report() -> None:
    assert tensor_of("((1, 2/3), (-1, 0))") == [[1, pytest.approx(2 / 3)], [-1, 0]]
    assert tensor_of("(5,)") == [5]
    assert tensor_of("-7/2") == -3.5
