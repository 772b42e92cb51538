"""``expect never``: met where a law fails for every instance, and not where one instance makes it true."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from verifier.learn.errors import hypotheses, opaque
from verifier.proof.incompatible import Fact, Incompatible
from verifier.proof.verdict import Verdict
from verifier.terms.sizes import Bounds
from verifier.terms.syntax import Abstraction, Call, Function, Read, Symbol, Term, add, mul, num, sub

Checks = Callable[[str], dict[str, Verdict]]
SPEC = """
{head}
{step}
error half(x, y) = (x - y)^2 / 2
error xy(x, y) = x * y
learner L : a : {type} -> b : {type} {{
  param p : {type}
  implement {map}
  learn gradient(half, rate = eps)
}}
check claim: putget(L) expect never
"""


def claim(verdicts: Checks, map: str, head: str = "", type: str = "R", step: str = "real eps > 0") -> Verdict:
    return verdicts(SPEC.format(map=map, head=head, type=type, step=step))["claim"]


def test_a_law_that_fails_for_every_step(verdicts: Checks) -> None:
    found = claim(verdicts, "a + p")
    assert found.met and found.components[0].never == ("at p = 0, a = 0, b = 1 it asks for eps = 0", "eps is never 0")


@pytest.mark.parametrize(
    ("map", "head"),
    [
        ("3/5 * a + p", ""),  # true for eps = 16/25
        ("s(a) + p", "function s : R -> R smooth injective"),  # true for s(a) = 3/5 a, eps = 16/25
        ("s(a) + p", "function s : R -> R smooth"),  # true for s = 0, eps = 1
        ("k * a + p", "real k"),  # true for k = 3/5, eps = 16/25
        ("k * a + j * p", "real k, j > 0"),
    ],
)
def test_a_law_that_holds_for_one_instance(map: str, head: str, verdicts: Checks) -> None:
    found = claim(verdicts, map, head)
    assert found.verdict == "refuted" and not found.met


def test_two_points_that_no_instance_satisfies(verdicts: Checks) -> None:
    """At each single point some step makes k a p-layer lawful, never at two."""
    found = claim(verdicts, "s(p * a) + p", "function s : R -> R smooth")
    assert found.verdict == "refuted"
    dense = claim(verdicts, "s(p * a + p)", "function s : R -> R smooth injective")
    assert dense.met
    lines = " / ".join(dense.components[0].never)
    assert "s is injective" in lines


def test_not_for_sizes_that_may_be_0(verdicts: Checks) -> None:
    """Over R^0 every law holds."""
    assert claim(verdicts, "a + p", "size n", "R[n]").met
    assert not claim(verdicts, "a + p", "nat n", "R[n]").met


def test_not_for_sets_that_may_be_points(verdicts: Checks) -> None:
    head = "set A\nset Two = {0, 1}\n"
    body = "learner %s : a : %s -> b : %s {\n  implement a\n  request a\n}\n"
    checks = "check open: Lazy == id(A) expect never\ncheck closed: Idle == id(Two) expect never\n"
    found = verdicts(head + body % ("Lazy", "A", "A") + body % ("Idle", "Two", "Two") + checks)
    assert found["open"].verdict == "refuted" and not found["open"].met
    assert found["closed"].met  # nothing is left open


def test_a_step_that_may_be_0(verdicts: Checks) -> None:
    """Plus with eps = 0 is lawful."""
    assert not claim(verdicts, "a + p", step="real eps >= 0").met
    assert claim(verdicts, "a + a + p", step="real eps >= 0").met


def test_not_on_a_kink(verdicts: Checks) -> None:
    """relu has no derivative at 0, so no claim is about that point, and none is refuted by it."""
    found = claim(verdicts, "relu(a) + relu(p)")
    for c in found.components:
        if c.witness is not None:
            values = dict(c.witness.values)
            assert values["a"] != "0" and values["p"] != "0"


# ---- the decider alone

X, Y = Read(Symbol("$x")), Read(Symbol("$y"))


def scalar(*properties: str) -> Callable[[Term], Call]:
    f = Function("s", (((), X.symbol.value),), (), X.symbol.value, frozenset({"smooth", *properties}))
    return lambda t: Call(f, (Abstraction((), t),))


def facts(*terms: Term) -> list[Fact]:
    return [Fact((), t) for t in terms]


@pytest.mark.parametrize(
    ("properties", "apart", "contradiction"),
    [
        (("injective",), num(1), True),
        (("regular",), num(1), True),
        (("injective",), Y, False),  # y may be 0
        ((), num(1), False),  # s may be constant
        (("positive", "even"), num(1), False),
    ],
)
def test_only_injective_functions_are_injective(properties: tuple[str, ...], apart: Term, contradiction: bool) -> None:
    s = scalar(*properties)
    decider = Incompatible(Bounds(), (), ())
    first, second = facts(sub(s(X), num(1))), facts(sub(s(add(X, apart)), num(1)))
    assert (decider.together(first, second) is not None) == contradiction


def test_a_product_is_not_0_only_if_no_factor_is() -> None:
    decider = Incompatible(Bounds(), (), ())
    s, r = scalar("injective"), scalar("regular")
    for f, never in ((s, False), (r, True)):
        slope = Call(f(X).function, f(X).arguments, (), ((0, ()),))
        why, _ = decider.alone(Fact((), mul(num(3), slope)))
        assert (why is not None) == never


@pytest.mark.parametrize(
    ("laws", "contradiction"),
    [({"left", "diagonal"}, True), ({"left"}, False), ({"right", "diagonal"}, False), ({"diagonal"}, False)],
)
def test_a_slope_vanishes_on_the_diagonal_alone_by_left_and_diagonal(laws: set[str], contradiction: bool) -> None:
    """e_x(x, x + 1) = 0 = e_x(x, x) says x + 1 = x only if e_x(x, -) is injective and 0 on the diagonal."""
    error, *_ = opaque("e", "f", frozenset(laws))
    decider = Incompatible(Bounds(), (), hypotheses(error))
    why, _ = decider.alone(Fact((), error.slope(X, add(X, num(1)))))
    assert (why is not None) == contradiction
    assert decider.alone(Fact((), error.slope(X, Y)))[0] is None
