"""Parametric lenses: every law that specs claim of them refutes a mutant of the product's own definition."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from types import ModuleType

import pytest

from tests.conftest import ROOT
from verifier.elaborate import learners, networks
from verifier.elaborate.modules import load
from verifier.elaborate.selection import all_learners
from verifier.learn import lens
from verifier.learn.components import components
from verifier.learn.learner import Learner
from verifier.learn.program import Program
from verifier.proof.decide import decide
from verifier.proof.verdict import Verdict
from verifier.terms.syntax import Let, mul, num

SOURCE = Path(lens.__file__).read_text(encoding="utf-8")


@dataclass(frozen=True)
class Mutant:
    """``right`` in verifier/learn/lens.py is made ``wrong``; the claims of specs/theory that notice it."""

    right: str
    wrong: str
    lenses: str = ""
    optimisers: str = ""


STEP = "scope.program((*flat, *a, *b), (*new, *put, *data, *request))"
PLACED = "f.run_step(scope, placed(got), a, b)"
ZERO = 'found[s] or scope.define(f"d.{s.name}", slots(s), ZERO)'
AHEAD = "f.run_implement(scope, placed(got), a)"
WEIGHTS = "state[-len(moving) :] if types(state[-len(moving) :]) == types(moving) else got"
SWAPPED = (
    "f.step if len(set(types((*f.parameters, *f.source)))) > 1"
    " else Program(f.step.inputs, f.step.lets, f.step.outputs[::-1], f.step.kinks)"
)
BACK = "pulled_back(scope, list(scope.lets.values()), y, b, (*moving, *f.source))"

MUTANTS = {
    "the gradient where the weights are": Mutant(PLACED, PLACED.replace("got", WEIGHTS), optimisers="put ahead_model"),
    "the model where the weights are": Mutant(
        AHEAD, AHEAD.replace("got", WEIGHTS), lenses="each_entry", optimisers="ahead_model"
    ),
    "the source of the lens is not put": Mutant(
        STEP,
        STEP.replace("put", "state"),
        lenses="reverse_along",
        optimisers="descent momentum nesterov adagrad put gradient_learner adds",
    ),
    "what is put is what was got": Mutant("own, state, change,", "own, state, got,", optimisers="descent put adds"),
    "the parameters of the lens stay": Mutant(STEP, STEP.replace("*new", "*own"), lenses="para_learner"),
    "the request is the source": Mutant(
        STEP, STEP.replace("*request", "*a"), lenses="para_along", optimisers="descent put"
    ),
    "on each entry, state and weights are exchanged": Mutant(
        "tuple(table.get(s, s) for s in p.outputs)",
        "tuple(table.get(s, s) for s in p.outputs[::-1])",
        optimisers="momentum nesterov adagrad",
    ),
    "what does not depend on a parameter gives it back": Mutant(ZERO, "found[s] or s", lenses="reverse_unused"),
    "the uncurried lens puts a for p": Mutant(
        "f.implement,\n        f.step,\n        partial",
        f"f.implement,\n        {SWAPPED},\n        partial",
        lenses="para_then_numbers",
    ),
    "the cotangent is the output": Mutant(
        BACK, BACK.replace("y, b", "y, y"), lenses="reverse_then reverse_id reverse_braid", optimisers="put"
    ),
    "the source receives nothing": Mutant(
        BACK, BACK.replace("*f.source", "") + " | dict.fromkeys(f.source)", "reverse_id reverse_copied", "put"
    ),
    "the parameters receive nothing": Mutant(
        BACK,
        BACK.replace("*moving, *f.source", "*f.source,") + " | dict.fromkeys(moving)",
        optimisers="descent put gradient_learner",
    ),
}


def mutated(m: Mutant) -> ModuleType:
    assert SOURCE.count(m.right) == 1, "the mutant is of a definition that is written so no more"
    module = ModuleType("mutant")
    module.__dict__.update(__package__="verifier.learn", __name__="verifier.learn.mutant")
    exec(compile(SOURCE.replace(m.right, m.wrong), "mutant", "exec"), module.__dict__)
    return module


def decided(name: str, claims: str) -> dict[str, Verdict]:
    module = load(str(ROOT / f"specs/theory/{name}.learn"))
    assert not module.faults, "\n".join(map(str, module.faults))
    return {c.id: decide(c) for c in module.claims if c.id in claims.split()}


@pytest.mark.parametrize("name", [n for n, m in MUTANTS.items() if m.lenses or m.optimisers])
def test_every_mutant_of_the_definitions_is_refuted(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    m = MUTANTS[name]
    wrong = mutated(m)
    monkeypatch.setattr(networks, "along", wrong.along)
    monkeypatch.setattr(networks, "uncurried", wrong.uncurried)
    monkeypatch.setattr(learners, "reverse_derivative", wrong.reverse_derivative)
    for spec, claims in (("parametric_lenses", m.lenses), ("optimisers", m.optimisers)):
        found = decided(spec, claims)
        assert set(found) == set(claims.split())
        assert {c for c, v in found.items() if v.met or v.verdict != "refuted"} == set()


def test_a_lens_of_numbers_does_not_capture_indices(verdicts) -> None:
    """It is put on a parameter whose index has the name that the lens sums over, and on what was spread already."""
    found = verdicts("""
size n, m
learner Net(n, m) : a : R[n] -> b : R[m] {
  param W : R[m, n]
  implement W @ a
  learn reverse
}
learner Sum(n) : (s : R[n], p : R) -> q : R {
  implement p + sum[i](s[i] * s[i])
  request s[i] = s[i] + q
  request p = p + q
}
learner Both(n, m) : a : R[n] -> b : R[m] {
  param S : R[m, n, n], W : R[m, n]
  let V[i,j] = W[i,j] + sum[k](S[i,j,k]^2)
  implement V @ a
  update S[i,j,k] = S[i,j,k] + b[i] * a[j]
  update W[i,j] = W[i,j] + b[i] * a[j]
  request a[j] = sum[i](V[i,j] * b[i])
}
learner Add : p : R -> d : R {
  implement p
  request p + d
}
learner Twice(n, m) : a : R[n] -> b : R[m] {
  param S : R[m, n, n], W : R[m, n]
  let V[i,j] = W[i,j] + sum[k](S[i,j,k]^2)
  implement V @ a
  update S[i,j,k] = 2 * S[i,j,k] + b[i] * a[j]
  update W[i,j] = 2 * W[i,j] + b[i] * a[j]
  request a[j] = sum[i](V[i,j] * b[i])
}
check once:  Net(n, m)^Sum(n) == Both(n, m)
check again: (Net(n, m)^Sum(n))^Add == Twice(n, m)
check wrong: Net(n, m)^Sum(n) == Twice(n, m) expect refuted
""")
    assert all(v.met for v in found.values())


LENSES = {row.heading: row.learner for row in all_learners(load(str(ROOT / "specs/std/lenses.learn")))}
REVERSED = [heading for heading, f in LENSES.items() if f.reversed]


@pytest.mark.parametrize("heading", REVERSED)
def test_sympy_derives_the_reverse_derivatives_of_the_standard_library(heading: str) -> None:
    rows = list(components(LENSES[heading], {"n": 3}))
    assert rows and all(r.equal for r in rows)


def _damaged(f: Learner, k: int) -> Learner:
    out = f.step.outputs[k]
    lets = tuple(Let(x.symbol, x.indices, mul(num(2), x.body)) if x.symbol == out else x for x in f.step.lets)
    return replace(f, step=Program(f.step.inputs, lets, f.step.outputs))


@pytest.mark.parametrize("k", range(2))
def test_sympy_notices_a_reverse_derivative_that_is_wrong(k: int) -> None:
    assert not all(r.equal for r in components(_damaged(LENSES["SquaredLoss(n)"], k), {"n": 3}))


FAULTS = {
    "F^n == F": ("E122", "a number of repetitions"),
    "F^c == F": ("E122", "a number of repetitions"),
    "F^Long == F": ("E111", "Long ends in R[n] * R, the parameters of F are R[n]"),
    "id(R)^Add == id(R)": ("E111", "the parameters of id are ()"),
    "reverse(F, F) == F": ("E115", "2 arguments of reverse"),
    "reverse(Elements) == Elements": ("E115", "cannot be differentiated"),
    "reverse(Rough) == Rough": ("E117", "c, not declared smooth"),
    "uncurry(F) == F": ("E119", "have different types"),
    "Elements^Add == Elements": ("E111", "the parameters of Elements are A"),
}


@pytest.mark.parametrize("claim", FAULTS)
def test_what_does_not_fit_is_a_diagnostic(claim: str, spec) -> None:
    module = spec(f"""
size n
set A
function c : R[n] -> R[n]
learner F : a : R[n] -> b : R[n] {{
  param w : R[n]
  implement w * a
  learn reverse
}}
learner Elements : a : A -> b : A {{
  param w : A
  implement w
  update w = w
  request a
}}
learner Rough : a : R[n] -> b : R[n] {{
  implement c(a)
  request a
}}
learner Long : (s : R[n], p : R[n]) -> (q : R[n], z : R) {{
  implement (p, 0)
  request (s, p)
}}
learner Add : p : R -> q : R {{
  implement p
  request p + q
}}
check {claim}
""")
    code, text = FAULTS[claim]
    (fault,) = module.faults
    assert fault.code == code and text in fault.found
