"""Functions declared to be inverse to others: what is declared, what follows, and what does not."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from itertools import product

import pytest

from verifier.evaluate.inverses import InverseFunctions
from verifier.evaluate.numbers import differ, plus, times
from verifier.proof.verdict import Verdict
from verifier.terms.sorts import REAL
from verifier.terms.syntax import Function

Checks = Callable[[str], dict[str, Verdict]]
POINTS = [Fraction(n, 3) for n in (-5, -1, 0, 2, 4)]
PROPERTIES = [(), ("convex",), ("positive",), ("even",), ("odd",), ("injective",), ("convex", "even"), ("regular",)]


def scalar(name: str, *properties: str) -> Function:
    return Function(name, (((), REAL),), (), REAL, frozenset(properties))


@pytest.mark.parametrize("laws", [("left", "right"), ("left",), ("right",)], ids=" ".join)
@pytest.mark.parametrize("properties", PROPERTIES, ids=" ".join)
@pytest.mark.parametrize("order", [0, 1])
@pytest.mark.parametrize("seed", [0, 1, 2, 5])
def test_instances_have_the_laws_and_the_properties(
    order: int, properties: tuple[str, ...], laws: tuple[str, ...], seed: int
) -> None:
    """Every instance of the bank is a true one; where there can be none, none is given."""
    f, g = scalar("F", "smooth", *properties), scalar("G")
    found = InverseFunctions(f, g, order, frozenset(laws)).instance(seed)
    impossible = "right" in laws and order == 0 and {"positive", "even"} & set(properties)
    impossible = impossible or (order == 1 and "odd" in properties)
    impossible = impossible or (order == 1 and "right" in laws and "regular" in properties)
    if impossible:
        assert found is None
    if found is None:
        return

    def value(x: object, n: int = 0) -> object:
        return found["F"]((), ({(): x},), ((0, ()),) * n, {})

    def back(z: object) -> object:
        return found["G"]((), ({(): z},), (), {})

    for x in POINTS:
        if "left" in laws:
            assert not differ(back(value(x, order)), x)
        if "right" in laws:
            assert not differ(value(back(x), order), x)
        if "convex" in properties:
            assert value(x, 2) > 0
        if "regular" in properties:
            assert differ(value(x, 1), Fraction(0))
        if "positive" in properties:
            assert value(x) > 0
        if "even" in properties:
            assert not differ(value(x), value(-x))
        if "odd" in properties:
            assert not differ(value(x), times(Fraction(-1), value(-x)))
    if {"injective", "regular"} & set(properties):
        assert all(differ(value(x), value(y)) for x, y in product(POINTS, POINTS) if x != y)
    for n in range(3):  # derivatives are derivatives: a difference quotient is near
        h = Fraction(1, 10**9)
        slope = times(1 / h, plus(value(Fraction(1, 7) + h, n), times(Fraction(-1), value(Fraction(1, 7), n))))
        assert abs(float(_mid(slope)) - float(_mid(value(Fraction(1, 7), n + 1)))) < 1e-5


def _mid(x: object) -> object:
    return x if isinstance(x, Fraction) else x.mid()  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("declared", "code"),
    [
        ("function G : R -> R inverse of F'", ""),
        ("function G : R -> R inverse of F'(left)", ""),
        ("function G : R -> R inverse of F(left, right)", ""),
        ("function G : R -> R inverse of F''", "E116"),
        ("function G : R -> R inverse of K'", "E117"),
        ("function G : R -> R inverse of X", "E101"),
        ("function G : R -> R inverse of F(up)", "E101"),
        ("function G : R[n] -> R inverse of F", "E102"),
        ("function G : R -> R smooth inverse of F", "E116"),
        ("function G : R -> R inverse of G", "E121"),
        ("function G : R -> R inverse of F\nfunction H : R -> R inverse of F'", "E116"),
        ("function G : R -> R inverse of F\nfunction H : R -> R inverse of G", "E116"),
        ("function G, H : R -> R inverse of F", "L047"),
        ("function G : R -> R inverse of B", "E115"),
        ("function G : R[n] -> R smooth convex", "E115"),
        ("function G : R -> R convex", "E117"),
    ],
)
def test_declarations(spec, declared: str, code: str) -> None:
    text = f"size n\nfunction F : R -> R smooth\nfunction K : R -> R\nfunction B : (R, R) -> R\n{declared}\n"
    assert [d.code for d in spec(text).faults] == ([code] if code else [])


ONE = """
learner L : a : R -> b : R {
  implement %s
  request a
}
learner M : a : R -> b : R {
  implement %s
  request a
}
check claim: L == M on I
"""


@pytest.mark.parametrize(
    ("declared", "left", "right", "verdict"),
    [
        ("smooth|F(left, right)", "G(F(a))", "a", "proved"),
        ("smooth|F(left, right)", "F(G(a))", "a", "proved"),
        ("smooth|F(left)", "G(F(a))", "a", "proved"),
        ("smooth|F(left)", "F(G(a))", "a", "refuted"),
        ("|F(right)", "F(G(a))", "a", "proved"),
        ("|F(right)", "G(F(a))", "a", "unknown"),
        ("smooth|F'(left, right)", "G(F'(a))", "a", "proved"),
        ("smooth|F'(left, right)", "G(F(a))", "a", "refuted"),
        ("smooth|F'(left)", "F'(G(a))", "a", "refuted"),
        ("smooth|F(left, right)", "G(G(F(F(a))))", "a", "proved"),
        ("smooth even|F(left, right)", "a", "a + 1", "unknown"),  # contradictory: nothing is proved, nor refuted
        ("smooth even|F(left, right)", "G(F(a))", "a", "unknown"),
        ("smooth positive|F(right)", "F(G(a))", "a", "unknown"),
        ("smooth odd|F'(left)", "G(F'(a))", "a", "unknown"),
        ("smooth regular|F'", "G(F'(a))", "a", "unknown"),  # F' is 0 nowhere, and onto
        ("smooth convex odd|F", "G(F(a))", "a", "unknown"),
        ("smooth convex injective|F'", "G(F'(a))", "a", "unknown"),
        ("smooth convex|F'", "F''(a) / F''(a)", "1", "proved"),
        ("smooth convex|F'", "F'(a) / F'(a)", "1", "refuted"),
    ],
)
def test_claims(verdicts: Checks, declared: str, left: str, right: str, verdict: str) -> None:
    properties, of = declared.split("|")
    text = f"function F : R -> R {properties}\nfunction G : R -> R inverse of {of}\n" + ONE % (left, right)
    assert verdicts(text)["claim"].verdict == verdict


def test_a_header_function_of_the_name_is_another_function(spec) -> None:
    """Inside L, F is whatever is given: what is declared of the outer F says nothing of it."""
    from verifier.elaborate.arguments import generic_arguments
    from verifier.elaborate.environment import Template

    module = spec(
        "function F : R -> R smooth\nfunction G : R -> R inverse of F\n"
        "learner L(F : R -> R smooth) : a : R -> b : R {\n  implement G(F(a))\n  request a\n}\n"
    )
    assert not module.faults
    template = module.environment.entries["L"].value
    assert isinstance(template, Template)
    assert module.environment.inverses and not generic_arguments(template).inverses


@pytest.mark.parametrize(
    ("inverse", "left", "right"),
    [("G(F'(x) - z)", True, True), ("G(z)", False, False), ("x - z", False, False), ("G(F'(x) + z)", False, False)],
)
def test_a_written_inverse_of_a_bregman_divergence_must_be_one(
    verdicts: Checks, inverse: str, left: bool, right: bool
) -> None:
    text = (
        "function F : R -> R smooth convex\nfunction G : R -> R inverse of F'\n"
        f"error e(x, y) = F(x) - F(y) - F'(y) * (x - y) inverse f(x, z) = {inverse}\ncheck claim: invertible e\n"
    )
    found = verdicts(text)["claim"]
    assert (found.of("left") == "proved", found.of("right") == "proved") == (left, right)


def test_no_request_is_derived_from_an_inverse_on_one_side(spec) -> None:
    text = (
        "function F : R -> R smooth convex\nfunction G : R -> R inverse of F'(left)\n"
        "error e(x, y) = F(x) - F(y) - F'(y) * (x - y) inverse f(x, z) = G(F'(x) - z)\n"
        "learner L : a : R -> b : R {\n  param p : R\n  implement p*a\n  learn gradient(e, rate = 1)\n}\n"
    )
    assert [d.code for d in spec(text).faults] == ["E110"]
