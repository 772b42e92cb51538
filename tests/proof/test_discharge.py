"""Conditions that signs do not see are discharged by the kernel, and those that do not follow stay open."""

from __future__ import annotations

import pytest

LAYER = """
layer L(N) {{
  index n m:N
  input x : R[N]
  real a > 0
  output y{left} = {value}
}}
backward of L given gy {{
  dx[n] = {gradient}
}}
{clauses}
"""


def conditions(verdicts, value: str, gradient: str, clauses: str = "", left: str = "[n]"):  # type: ignore[no-untyped-def]
    (found,) = verdicts(LAYER.format(value=value, gradient=gradient, clauses=clauses, left=left)).values()
    (part,) = (c for c in found.components if not c.local)
    assert part.verdict == "proved"
    return part.conditions


HINGE = "max(x[n], 3)", "(gy[n] if x[n] > 3 else 0)"


def test_a_kink_is_open_until_it_is_stated(verdicts) -> None:
    assert len(conditions(verdicts, *HINGE).open) == 1
    found = conditions(verdicts, *HINGE, "  when x[m] != 3")
    assert not found.open and found.stated


@pytest.mark.parametrize("other", ["x[m] != -3", "x[m] > -3", "x[m] + 3 != 0"])
def test_another_statement_does_not_close_it(verdicts, other: str) -> None:
    assert len(conditions(verdicts, *HINGE, f"  when {other}").open) == 1


NORM = "sqrt(sum[n](x[n]^2))", "gy * x[n] / y"


def test_a_condition_below_a_sum(verdicts) -> None:
    assert conditions(verdicts, *NORM, left="").open
    found = conditions(verdicts, *NORM, "  when sum[m](x[m]^2) > 0", left="")
    assert not found.open and found.stated


def test_what_is_stated_is_not_declared(verdicts) -> None:
    """A condition that follows only with the clause is listed as stated, never as following from declarations."""
    found = conditions(verdicts, "log(a * x[n])", "gy[n] / x[n]", "  when x[m] > 0")
    assert not found.open and len(found.stated) >= 1
    assert not any("x[n]" in text for text in found.discharged)


def test_what_is_declared_is_discharged_under_its_guard(verdicts) -> None:
    """Where a <= abs(x[n]), x[n] is not 0: the kink of abs there needs no statement."""
    value = "0 if abs(x[n]) < a else abs(x[n]) - a"
    gradient = "gy[n] * (0 if abs(x[n]) < a else sign(x[n]))"
    found = conditions(verdicts, value, gradient, "  when abs(x[m]) != a")
    assert not found.open
    assert any("where" in text for text in found.discharged)


def test_a_statement_whose_failure_has_several_cases(verdicts) -> None:
    """abs(x[n]) = a where x[n] = a > 0 or x[n] = -a: each case is excluded."""
    value = "0 if abs(x[n]) < a else abs(x[n])"
    gradient = "gy[n] * (0 if abs(x[n]) < a else sign(x[n]))"
    assert conditions(verdicts, value, gradient).open
    assert not conditions(verdicts, value, gradient, "  when abs(x[m]) - a != 0").open
    assert conditions(verdicts, value, gradient, "  when x[m] != a").open
    assert not conditions(verdicts, value, gradient, "  when x[m] != a, x[m] != -a").open


def test_a_statement_counts_up_to_positive_factors(verdicts) -> None:
    value = "sqrt(sum[m](x[m]^2) / N - a)"
    gradient = "gy * x[n] / (N * y)"
    assert conditions(verdicts, value, gradient, left="").open
    assert not conditions(verdicts, value, gradient, "  when sum[k](x[k]^2) > N * a", left="").open
    assert conditions(verdicts, value, gradient, "  when sum[k](x[k]^2) > a", left="").open
