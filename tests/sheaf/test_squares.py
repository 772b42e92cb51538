"""Squares of a chain: damage is local, readings differ, and the presheaf is one."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import pytest
from networkx import descendants

from verifier.learn.learner import Learner, compose
from verifier.learn.opaque import opaque_learner
from verifier.learn.program import Scope
from verifier.proof.verdict import Verdict
from verifier.sheaf.presheaf import restrict, section
from verifier.sheaf.site import Chain
from verifier.terms.sorts import Element
from verifier.terms.syntax import Symbol

Checks = Callable[[str], dict[str, Verdict]]


def chain(length: int) -> Chain:
    names = [Element(f"A{k}") for k in range(length + 1)]
    layers: list[Learner] = []
    for k in range(length):
        source, target = Symbol("a", (), names[k]), Symbol("b", (), names[k + 1])
        layers.append(opaque_learner(f"F{k}", (source,), (target,)).learner)
    return Chain(tuple(layers))


@pytest.mark.parametrize("length", [1, 2, 5])
def test_the_opens_of_a_chain_are_a_chain(length: int) -> None:
    """p + 1 points, p + 2 opens (the empty set is not U_p): the upper sets of the poset, each in the one before."""
    net = chain(length)
    graph = net.poset()
    assert graph.number_of_nodes() == length + 1
    upper = {frozenset({i, *descendants(graph, i)}) for i in graph} | {frozenset()}
    assert set(net.opens()) == upper
    assert len(net.opens()) == length + 2
    assert all(small < large for large, small in pairwise(net.opens()))


@pytest.mark.parametrize(("i", "j", "k"), [(0, 1, 2), (0, 2, 3), (1, 1, 3)])
def test_restrictions_compose(i: int, j: int, k: int) -> None:
    """rho_jk after rho_ij is rho_ik, and rho_ii is the identity: W and X are presheaves."""
    net, scope = chain(3), Scope()
    whole = section(scope, net, i)
    assert restrict(scope, net, restrict(scope, net, whole, j), k) == restrict(scope, net, whole, k)
    assert restrict(scope, net, whole, i) == whole


def test_the_composite_of_a_chain_is_the_nested_one() -> None:
    """One sweep over the chain gives what nesting binary composites gives, for opaque learners."""
    from verifier.kernel import Kernel
    from verifier.learn.laws import equal

    net = chain(4)
    a, b, c, d = net.layers
    for nested in (compose([compose([compose([a, b]), c]), d]), compose([a, compose([b, compose([c, d])])])):
        scope = Scope()
        goals = equal(scope, compose([a, b, c, d]), nested)
        assert len(goals) == 1 + 4 + 1
        kernel = Kernel(scope.lets)
        assert all(kernel.equal(g.equation).proved for g in goals)


DAMAGED = """
import std.errors
import std.layers
size n
real eps > 0
function s : R -> R smooth
learner Off : a : R[n] -> b : R[n] {{
  param W : R[n, n], v : R[n]
  implement s(W @ a + v)
  update W = W
  update v = v + 1
  request a
}}
network N = {layers}
check natural N reading local expect unknown
"""


@pytest.mark.parametrize("k", [0, 2, 3])
def test_damage_is_local(k: int, verdicts: Checks) -> None:
    """Another update in layer k breaks the square k -> k+1 (its W part), and no other."""
    layers = ["Dense(n, n, s, quadratic, eps)"] * 4
    layers[k] = "Off"
    (found,) = verdicts(DAMAGED.format(layers=" ; ".join(layers))).values()
    broken = {c.group for c in found.components if c.verdict == "refuted"}
    assert broken <= {f"U_{k - 1} -> U_{k}", f"U_{k} -> U_{k + 1}"}
    assert broken


ERROR_OFF = """
import std.errors
real eps > 0
learner P(e : error) : a : R -> b : R {
  param p : R
  implement p * a
  learn gradient(e, rate = eps)
}
check good: natural P(quadratic) ; P(quadratic) ; P(quadratic) reading local expect vacuous
check bad:  natural P(product) ; P(product) ; P(product) reading local expect refuted
check weights: natural P(product) ; P(product) reading weights
check target: natural P(quadratic) ; P(quadratic) reading target expect { W: proved, A: refuted }
"""


def test_readings(verdicts: Checks) -> None:
    found = verdicts(ERROR_OFF)
    assert all(v.met for v in found.values()), {k: v.verdict for k, v in found.items()}
    assert {c.verdict for c in found["bad"].components if c.group == "U_0 -> U_1"} == {"refuted"}
    witness = next(c.witness for c in found["bad"].components if c.witness is not None)
    assert witness.left != witness.right
