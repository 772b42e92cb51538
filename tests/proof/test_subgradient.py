"""``at …: subgradient``: between the two limits by one weight, and nothing is claimed where there is no such set."""

from __future__ import annotations

import pytest

from verifier.proof.verdict import Component

RELU, GREATER = "output y[n] = relu(x[n])", "output y[n] = max(x[n], z[n])"


def clause(verdicts, forward: str, backward: str, when: str, at: str, inputs: str = "x : R[N]") -> list[Component]:
    rows = "\n".join(f"  {'data' if p.startswith('t') else 'input'} {p}" for p in inputs.split("; "))
    text = f"layer K(N) {{\n{rows}\n  {forward}\n}}\nbackward of K given dy {{\n  {backward}\n}}\n  when {when}\n"
    (found,) = verdicts(f"{text}  at {at}: subgradient\n").values()
    return [c for c in found.components if c.name == "at"]


@pytest.mark.parametrize(
    ("forward", "backward", "inputs"),
    [
        (RELU, "dx[n] = dy[n] * step(x[n])", "x : R[N]"),
        (RELU, "dx[n] = dy[n] * (1 if x[n] >= 0 else 0)", "x : R[N]"),
        (RELU, "dx[n] = dy[n] * (1 if x[n] > 0 else 1/2 if x[n] == 0 else 0)", "x : R[N]"),
        ("output y = sum[n](abs(x[n]))", "dx[n] = dy * sign(x[n])", "x : R[N]"),
        ("output y[n] = -abs(2 * x[n])", "dx[n] = -2 * dy[n] * sign(x[n])", "x : R[N]"),
        ("output y[n] = x[n] if x[n] > 0 else x[n] / 10", "dx[n] = dy[n] if x[n] > 0 else dy[n] / 10", "x : R[N]"),
        ("output y[n] = abs(x[n])^2", "dx[n] = 2 * x[n] * dy[n]", "x : R[N]"),
    ],
)
def test_between_the_two_sides(verdicts, forward: str, backward: str, inputs: str) -> None:
    found = clause(verdicts, forward, backward, "x[n] != 0", "x[i] == 0", inputs)
    assert found and {c.verdict for c in found} == {"proved"}
    assert not any(c.conditions.open for c in found)


def tied(share: str, other: str) -> str:
    return (
        f"dx[n] = dy[n] if x[n] > z[n] else {share} * dy[n] if x[n] == z[n] else 0\n"
        f"dz[n] = 0 if x[n] > z[n] else {other} * dy[n] if x[n] == z[n] else dy[n]"
    )


def test_one_weight_for_all_gradients(verdicts) -> None:
    def at(share: str, other: str) -> set[str]:
        both = "x : R[N]; z : R[N]"
        return {c.verdict for c in clause(verdicts, GREATER, tied(share, other), "x[n] != z[n]", "x[i] == z[i]", both)}

    assert at("1/3", "2/3") == at("1", "0") == {"proved"}
    assert "refuted" in at("1/3", "1/3")  # between the sides one by one, and not together
    assert "refuted" in at("4/3", "-1/3")  # on the line through them, and not between


@pytest.mark.parametrize("value", ["2", "-1/10"])
def test_outside(verdicts, value: str) -> None:
    backward = f"dx[n] = dy[n] * (1 if x[n] > 0 else {value} if x[n] == 0 else 0)"
    found = clause(verdicts, RELU, backward, "x[n] != 0", "x[i] == 0")
    assert {c.verdict for c in found} == {"refuted"}
    assert found[0].witness is not None and found[0].witness.left == value


def test_where_the_sides_agree_the_set_is_a_point(verdicts) -> None:
    backward = "dx = dy / 7 if x == 0 else 0"
    found = clause(verdicts, "output y = abs(x) - abs(2 * x) / 2", backward, "x != 0", "x == 0", "x : R")
    assert [c.verdict for c in found] == ["refuted"]


@pytest.mark.parametrize(
    ("forward", "backward"),
    [
        ("output y = x if x > 0 else x / 10 + 1", "dx = dy if x > 0 else dy / 10"),
        ("output y = sign(x)", "dx = 0 * dy"),
        ("output y = 5 if x == 0 else x", "dx = dy"),
    ],
)
def test_a_jump_has_no_such_set(verdicts, forward: str, backward: str) -> None:
    found = clause(verdicts, forward, backward, "x != 0", "x == 0", "x : R")
    assert "refuted" in {c.verdict for c in found}
    assert all(c.port.startswith("y ") for c in found)


@pytest.mark.parametrize(
    ("forward", "backward", "when", "at", "inputs"),
    [
        # u has no gradient on its zeros, or none that is known, or is not what is differentiated
        ("output y = abs(x^2)", "dx = 2*x*dy + (dy if x == 0 else 0)", "x != 0", "x^2 == 0", "x : R"),
        ("output y = abs(x)", "dx = dy * sign(x)", "x != 0", "abs(x) == 0", "x : R"),
        ("output y = floor(x)", "dx = 0 * dy", "x != floor(x)", "x == floor(x)", "x : R"),
        ("output y = x * abs(t)", "dx = dy * abs(t)", "t != 0", "t == 0", "x : R; t : R"),
        # the sides have no limits
        ("output y = sqrt(abs(x))", "dx = 0 * dy", "x != 0", "x == 0", "x : R"),
        ("output y = cbrt(x)", "dx = 0 * dy", "x != 0", "x == 0", "x : R"),
        # a name jumps though the output does not
        ("h = step(x)\n  output y = h * x", "dx = dy * step(x)", "x != 0", "x == 0", "x : R"),
        # two kinks of one kind meet
        ("output y = sum[n,m](abs(x[n]-x[m]))", "dx[n] = 2*dy*sum[m](sign(x[n]-x[m]))", "x[n] != x[m]", "x[i] == x[j]",
         "x : R[N]"),
    ],
)  # fmt: skip
def test_where_nothing_is_known(verdicts, forward: str, backward: str, when: str, at: str, inputs: str) -> None:
    assert {c.verdict for c in clause(verdicts, forward, backward, when, at, inputs)} == {"unknown"}


def test_other_kinks_are_met_elsewhere(verdicts) -> None:
    two, forward = "x : R; z : R", "output y = abs(x) + abs(z)"
    backward = "dx = dy * sign(x)\n  dz = dy * sign(z)"
    assert all(not c.conditions.open for c in clause(verdicts, forward, backward, "x != 0, z != 0", "x == 0", two))
    found = clause(verdicts, forward, backward, "x != 0", "x == 0", two)
    assert any("z != 0" in text for c in found for text in c.conditions.open)


def test_a_surface_without_normal_is_a_condition(verdicts) -> None:
    """h = W x has no gradient where W and x are 0."""
    forward = "h = sum[n](W[n] * x[n])\n  output y = relu(h)"
    backward = "dW[n] = dy * step(h) * x[n]\n  dx[n] = dy * step(h) * W[n]"
    found = clause(verdicts, forward, backward, "h != 0", "h == 0", "x : R[N]; W : R[N]")
    assert {c.verdict for c in found} == {"proved"}
    assert all(any("both sides are met" in text for text in c.conditions.open) for c in found)
