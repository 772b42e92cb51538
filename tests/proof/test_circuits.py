"""Circuits over Z2: both judges against sympy, the rules that make a proof one, and mutants of what they rest on."""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest
import sympy as sp

from tests.conftest import ROOT
from tests.learn.test_lens import MUTANTS, mutated
from verifier.elaborate import learners, networks
from verifier.elaborate.modules import load
from verifier.evaluate import circuits as evaluated
from verifier.export.numpy_arrays import NoNumpy
from verifier.export.numpy_code import module as numpy_module
from verifier.learn import gradient
from verifier.learn.laws import equal
from verifier.learn.program import Scope
from verifier.proof import circuits
from verifier.proof.decide import decide
from verifier.proof.judge import Contradiction, judge
from verifier.proof.problem import Problem, Theory
from verifier.proof.stating import Uncertified, stated
from verifier.proof.verdict import Verdict
from verifier.terms.syntax import mul, num

Checks = Callable[[str], dict[str, Verdict]]
SPEC = ROOT / "specs/theory/circuits.learn"


def _claims(names: str) -> dict[str, Verdict]:
    module = load(str(SPEC))
    assert not module.faults
    return {c.id: decide(c) for c in module.claims if c.id in names.split()}


# ---- both judges beside sympy

NAMES = "xyz"


def _polynomial(r: random.Random) -> str:
    rows = []
    for _ in range(r.randint(1, 4)):
        factors = [f"{v}^{r.randint(1, 3)}" for v in NAMES if r.random() < 0.5]
        if r.random() < 0.3:
            factors.append(f"({r.choice(NAMES)} + {r.choice(NAMES)} + {r.randint(0, 3)})^{r.randint(1, 4)}")
        rows.append("*".join([str(r.randint(1, 3)), *factors]))
    return " + ".join(rows)


def _same(left: str, right: str) -> bool:
    variables = sp.symbols(list(NAMES))
    p, q = (sp.Poly(sp.sympify(t.replace("^", "**")), *variables, modulus=2) for t in (left, right))
    return bool(p == q)


def _pairs(count: int) -> list[tuple[str, str]]:
    r, rows = random.Random(7), []
    for k in range(count):
        p = _polynomial(r)
        square = f"({p})*({p} + 2) + ({_polynomial(r)})*2"
        expanded = sp.Poly(sp.sympify(p.replace("^", "**")), *sp.symbols(list(NAMES)), modulus=2)
        plain = str(sp.sympify(expanded.as_expr())).replace("**", "^")
        choices = [(p, _polynomial(r)), (p, f"{p} + 2*{_polynomial(r)}"), (f"({p})^2", square), (p, plain)]
        rows.append(choices[k % 4])
    return rows


PORTS = "(" + ", ".join(f"{v} : Z2" for v in NAMES) + ")"
OPEN = "(" + ", ".join(f"{v} : Z2[n]" for v in NAMES) + ")"


def _entries(p: str) -> str:
    return "".join(f"{c}[i]" if c in NAMES else c for c in p)


def test_verdicts_agree_with_sympy_and_a_size_that_is_open_changes_none(verdicts: Checks) -> None:
    pairs = _pairs(60)
    text = ["size n"]
    for k, (p, q) in enumerate(pairs):
        for side, t in (("L", p), ("R", q)):
            text.append(
                f"learner {side}{k} : {PORTS} -> b : Z2 {{\n  implement {t}\n  request ({', '.join(NAMES)})\n}}"
            )
            zero = "".join(f"\n  request {v} = {v}" for v in NAMES)
            text.append(f"learner {side}o{k} : {OPEN} -> b : Z2[n] {{\n  implement b[i] = {_entries(t)}{zero}\n}}")
        text += [f"check c{k}: L{k} == R{k}", f"check o{k}: Lo{k} == Ro{k}"]
    found = verdicts("\n".join(text))
    truth = {k: _same(*pair) for k, pair in enumerate(pairs)}
    assert 20 < sum(truth.values()) < 55
    for k, same in truth.items():
        assert found[f"c{k}"].verdict == ("proved" if same else "refuted"), pairs[k]
        assert found[f"o{k}"].verdict == ("proved" if same else "refuted"), pairs[k]


# ---- what makes a proof one

HALVES = """
size n
learner Once(n) : x : Z2[n] -> y : Z2[n] {
  implement x
  request x
}
learner Other(n) : x : Z2[n] -> y : Z2[n] {
  implement x + x^2
  request x
}
learner Doubled(n) : x : Z2[n] -> y : Z2[n] {
  implement 3 * x + 2 * x^2
  request x
}
check wrong: Once(n) == Other(n) on I
check right: Once(n) == Doubled(n) on I
"""


def test_half_of_what_is_odd_is_no_proof(monkeypatch: pytest.MonkeyPatch, verdicts: Checks) -> None:
    """The equation left = right + 2 q holds with q = (left - right)/2, which has no integer coefficients."""
    monkeypatch.setattr(circuits, "half", lambda t: mul(num("1/2"), t))
    monkeypatch.setattr(circuits, "_evaluated", lambda problem, goal: iter([("n = 1", None)]))
    found = verdicts(HALVES)
    assert found["wrong"].verdict == "unknown"


def test_without_the_test_of_q_it_would_be_one(monkeypatch: pytest.MonkeyPatch, verdicts: Checks) -> None:
    monkeypatch.setattr(circuits, "half", lambda t: mul(num("1/2"), t))
    monkeypatch.setattr(circuits, "_evaluated", lambda problem, goal: iter([("n = 1", None)]))
    monkeypatch.setattr(circuits, "no_polynomial", lambda t: "")
    assert verdicts(HALVES)["wrong"].verdict == "proved"


def test_a_proof_needs_sizes_at_which_both_sides_are_multiplied_out(
    monkeypatch: pytest.MonkeyPatch, verdicts: Checks
) -> None:
    assert verdicts(HALVES)["right"].verdict == "proved"
    monkeypatch.setattr(circuits, "_evaluated", lambda problem, goal: iter([]))
    assert verdicts(HALVES)["right"].verdict == "unknown"


def test_a_proof_of_what_differs_is_a_contradiction(monkeypatch: pytest.MonkeyPatch, verdicts: Checks) -> None:
    monkeypatch.setattr(circuits, "_proved", lambda problem, goal: True)
    with pytest.raises(Contradiction):
        verdicts(HALVES)


def test_the_judges_of_real_numbers_refuse_circuits() -> None:
    claim = next(c for c in load(str(SPEC)).claims if c.id == "doubled")
    scope = Scope()
    goals = equal(scope, *claim.learners)
    with pytest.raises(Contradiction):
        judge(Problem(Theory(claim.bounds), scope, tuple(goals)))


def test_sizes_of_what_is_no_input_are_open(verdicts: Checks) -> None:
    """sum[i](1) is n: 0 at n = 2, not at n = 1; nothing of it is an input."""
    found = verdicts("""
size n
learner Count : x : Z2 -> y : Z2 {
  implement x + sum[i:n](1)
  learn reverse
}
check zero: Count == id(Z2)
""")
    assert found["zero"].verdict == "refuted"


# ---- mutants of the product's own definitions

LENS_MUTANTS = {
    "the gradient where the weights are": "",  # nothing is looked ahead at here
    "the source of the lens is not put": "put linear learned",
    "what is put is what was got": "put linear learned",
    "the request is the source": "put linear learned",
    "the cotangent is the output": "rd1 rd3_identity rd4 rd5",
    "the source receives nothing": "rd1 rd3_identity rd4 rd6",
    "the parameters receive nothing": "put linear learned",
}


@pytest.mark.parametrize("name", [n for n, claims in LENS_MUTANTS.items() if claims])
def test_mutants_of_lenses_are_refuted(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    wrong = mutated(MUTANTS[name])
    monkeypatch.setattr(networks, "along", wrong.along)
    monkeypatch.setattr(learners, "reverse_derivative", wrong.reverse_derivative)
    found = _claims(LENS_MUTANTS[name])
    assert len(found) == len(LENS_MUTANTS[name].split())
    assert {c for c, v in found.items() if v.met or v.verdict != "refuted"} == set()


def test_a_reverse_derivative_that_forgets_a_sum_is_refuted(monkeypatch: pytest.MonkeyPatch) -> None:
    """RD.4: an output that is repeated receives the sum of its cotangents."""
    whole = gradient.pulled_back

    def last(scope, forward, outputs, seeds, wrt):
        kept = dict(zip(outputs, seeds, strict=True))
        return whole(scope, forward, tuple(kept), list(kept.values()), wrt)

    from verifier.learn import lens

    monkeypatch.setattr(lens, "pulled_back", last)
    spec = ROOT / "specs/theory/parametric_lenses.learn"
    (found,) = (decide(c) for c in load(str(spec)).claims if c.id == "reverse_copied")
    assert found.verdict == "refuted"


@pytest.mark.parametrize("claims", ["two_circuits zero_at_bits squared_sum"])
def test_an_evaluator_of_bits_would_not_tell_circuits_apart(claims: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """With x^2 = x, as for Boolean functions, what is refuted is found equal."""

    def bits(p, q):
        rows: dict[tuple[int, ...], int] = {}
        for powers, c in (p * q).to_dict().items():
            place = tuple(min(e, 1) for e in powers)
            rows[place] = (rows.get(place, 0) + int(c)) % 2
        return p.context().from_dict(rows)

    monkeypatch.setattr(evaluated, "times", bits)
    found = _claims(claims)
    assert {c for c, v in found.items() if v.of("I") == "refuted"} == set()


def test_an_evaluator_modulo_3_contradicts_the_kernel(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(evaluated.Circuits, "_number", lambda self, n: self.context.constant(n % 3 % 2))
    with pytest.raises(Contradiction):
        _claims("doubled")


# ---- what is no circuit, and what is not claimed of them

HEAD = """
size n
function g : Z2[n] -> Z2[n]
function h : R[n] -> R[n] smooth
real eps > 0
error q(x, y) = (x - y)^2 / 2
learner H : a : Z2[n] -> b : Z2[n] {
  implement a
  learn reverse
}
learner K : a : R[n] -> b : R[n] {
  implement a
  learn reverse
}
"""


def _learner(body: str, source: str = "Z2[n]", target: str = "Z2[n]") -> str:
    return f"learner A : a : {source} -> b : {target} {{\n  {body}\n  request a\n}}\n"


FAULTS = {
    "function f : Z2[n] -> R[n]": "E115",
    "function f : Z2[n] -> Z2[n] positive": "E115",
    _learner("implement a", target="R[n]"): "E115",
    _learner("implement a / 2"): "E115",
    _learner("implement 1/2 * a"): "E115",
    _learner("implement h(a)"): "E115",
    _learner("implement exp(a)"): "E115",
    _learner("implement eps * a"): "E115",
    _learner("implement b[i] = (a[i] if a[i] > 0 else 0)"): "E115",
    _learner("implement g(a)", "R[n]", "R[n]"): "E115",
    "learner A : a : Z2[n] -> b : Z2[n] opaque\ncheck A == A": "E115",
    "learner A : a : Z2[n] -> b : Z2[n] {\n  implement a\n  learn gradient(q, rate = eps)\n}": "E115",
    "layer L {\n  input x : Z2[n]\n  output y[i] = x[i]\n}\nbackward of L given dy { dx = dy }": "E115",
    "error r(x : Z2, y) = x * y": "E115",
    "check gradient(H, q, rate = 1) == H": "E115",
    "check copy(Z2[n], q) == copy(Z2[n], q)": "E115",
    "check H * K == H * K": "E115",
    "check H == K": "E119",
    "check H ; K == H": "E111",
    "check natural H ; H reading weights": "E116",
    "check category of H": "E116",
    "check H ~ H": "E116",
    "check H == H when a[0] != 0": "E116",
    "check H == H assuming a[0] == 0": "E116",
    "check H == H at a[0] == 0: value R.a == a": "E116",
}


@pytest.mark.parametrize("text", FAULTS)
def test_what_is_no_circuit_is_a_diagnostic(text: str, spec) -> None:
    module = spec(HEAD + text + ("\ncheck A == A" if text.startswith("learner A") and "check" not in text else ""))
    assert {d.code for d in module.faults} == {FAULTS[text]}


def test_sizes_may_be_stated(verdicts: Checks) -> None:
    (found,) = verdicts(HEAD + "check H == H when n >= 2").values()
    assert found.met and "n >= 2" in found.components[0].quantified


def test_no_certificate_and_no_numpy_say_something_else() -> None:
    claim = next(c for c in load(str(SPEC)).claims if c.id == "doubled")
    with pytest.raises(Uncertified, match="a circuit over Z2"):
        stated(claim)
    with pytest.raises(NoNumpy, match="a circuit over Z2"):
        numpy_module([("Doubled", claim.learners[0])])
