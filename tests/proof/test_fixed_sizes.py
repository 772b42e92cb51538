"""What is unknown for open sizes, tried at fixed ones: never proved, refuted where it is wrong, and said what holds."""

from __future__ import annotations

from fractions import Fraction
from itertools import product
from random import Random

import pytest

from verifier.calculus.reverse import slots
from verifier.evaluate.machine import Machine
from verifier.evaluate.model import Model
from verifier.proof import fixed_sizes
from verifier.proof.decide import decide
from verifier.terms.instantiate import Instance, NotWritten

LAYER = """
layer L(n, m) {{
  index i k:n, j l:m
  input x : R[n, m]
  data t : Fin(n)[m]
  output y[i,j] = {forward}
}}
backward of L given dy {{
  dx[i,j] = {backward}
}}
  {clause}
"""


def part(spec, forward: str, backward: str, clause: str = ""):
    module = spec(LAYER.format(forward=forward, backward=backward, clause=clause))
    assert not module.faults, module.faults
    (found,) = (c for c in decide(module.claims[0]).components if not c.local)
    return found


THREE = "(m, n) = (2, 3), (3, 4), (4, 2)"
HALF = "x[i,j] * n * (n - 1) / 2"


def test_right_at_some_sizes_is_not_proved(spec) -> None:
    found = part(spec, HALF, "dy[i,j] * sum[k](k)")
    assert found.verdict == "unknown" and found.reason == f"no rule applies; holds at {THREE} only: not proved"


def test_one_size_is_named_without_brackets(spec) -> None:
    text = "layer L(n) {\n index i k:n\n input x : R[n]\n output y = prod[i](x[i]^2 + 1)\n}\nbackward of L given dy {\n"
    first, last = (f"prod[k](x[k]^2 + 1 if k {order} i else 1)" for order in "<>")
    module = spec(f"{text} dx[i] = dy * 2 * x[i] * {first} * {last}\n}}\n")
    (found,) = decide(module.claims[0]).components
    assert found.verdict == "unknown" and found.reason.endswith("holds at n = 2, 3, 4 only: not proved")


def test_neighbouring_sizes_differ(spec) -> None:
    found = part(spec, f"{HALF} * m * (m - 1) / 2", "dy[i,j] * sum[k](k) * sum[l](l)")
    assert found.verdict == "unknown" and f"holds at {THREE} only: not proved" in found.reason


def test_wrong_at_a_size_that_was_not_tried_before_is_refuted_at_it(spec) -> None:
    found = part(spec, HALF, "dy[i,j] * (sum[k](k) + max(n - 3, 0))")
    assert found.verdict == "refuted"
    assert dict(found.witness.sizes)["n"] == "4"
    assert found.witness.left != found.witness.right


def test_what_fails_at_no_size_that_is_tried_stays_unknown(spec) -> None:
    found = part(spec, HALF, "dy[i,j] * (sum[k](k) + max(n - 7, 0))")
    assert found.verdict == "unknown" and found.reason.endswith(f"holds at {THREE} only: not proved")


def test_sizes_keep_to_their_bounds(spec) -> None:
    found = part(spec, HALF, "dy[i,j] * sum[k](k)", "when n >= 3")
    assert found.verdict == "unknown" and "holds at (m, n) = (2, 3), (3, 4), (4, 3) only" in found.reason


def test_an_open_condition_holds_nowhere(spec) -> None:
    """Where x is 0 the written side has no value: it is refuted, or said to hold nowhere."""
    found = part(spec, HALF, "dy[i,j] * sum[k](k) * x[i,j] / x[i,j]")
    assert found.verdict == "refuted" or "holds" not in found.reason


def test_too_many_entries_are_given_up(spec, monkeypatch) -> None:
    monkeypatch.setattr(fixed_sizes, "ENTRIES", 3)
    assert part(spec, HALF, "dy[i,j] * sum[k](k)").reason == "no rule applies"


def test_a_point_is_evaluated_again_as_the_claim_states_it(spec, monkeypatch) -> None:
    """A wrong way of writing terms out refutes nothing: what does not fail as stated is no counterexample."""
    true = Instance.term

    def wrong(self, t, env):
        result = true(self, t, env)
        return result if type(t).__name__ != "SizeOf" else true(self, type(t)(t.size + 1), env)

    monkeypatch.setattr(Instance, "term", wrong)
    found = part(spec, HALF, "dy[i,j] * sum[k](k)")
    assert found.verdict == "unknown" and "holds" not in found.reason


FORMS = [
    ("x[i,j] * sum[k,l](x[k,l] if k > i else 0)", "dy[i,j]"),
    ("max[k](x[k,j]) + min[k if k >= i](x[k,j]^2)", "dy[i,j]"),
    ("prod[l](x[i,l] if l != j else 2)", "dy[i,j]"),
    ("x[t[j],j] * (1 if t[j] == i else 3) + x[i, j] * t[j]", "dy[i,j]"),
    ("x[(i + 1) % n, j] + (x[i - 1, j] if i >= 1 else 0) * n / m", "dy[i,j]"),
    ("(x[i,j] if x[i,j] > 0 and i < 2 else x[i,j]^2) + abs(x[i,j])", "dy[i,j]"),
]


@pytest.mark.parametrize(("forward", "backward"), FORMS)
def test_written_out_terms_have_the_values_of_the_terms(spec, forward: str, backward: str) -> None:
    (claim,) = spec(LAYER.format(forward=forward, backward=backward, clause="")).claims
    scope = claim.written.scope
    (y,) = claim.written.layer.outputs
    for seed, (n, m) in enumerate(product((1, 2, 3), (2, 4))):
        small = Instance(scope.lets, {"n": n, "m": m}, 5000)
        entries = {p: small.entry(y, p) for p in small.places(slots(y))}
        random = Random(seed)
        values = {}
        for s in (*claim.written.layer.inputs, *claim.written.layer.data):
            whole = s.name == "t"
            values[s.name] = {
                p: random.randrange(n) if whole else random.randint(-3, 3) for p in small.places(slots(s))
            }
        fractions = {k: {p: Fraction(v) for p, v in rows.items()} for k, rows in values.items()}
        right = Machine(Model({"n": n, "m": m}, fractions, {}), scope.lets).tensor(y)
        flat = {s.name: {(): fractions[name][p]} for (name, p), s in small.inputs.items()}
        left = Machine(Model({}, flat, {}), small.lets)
        assert {p: left.tensor(s)[()] for p, s in entries.items()} == dict(right)


def test_a_function_of_tensors_is_not_written_out(spec) -> None:
    text = (
        "layer L(n, f : R[n] -> R[n]) {\n input x : R[n]\n output y = f(x)\n}\nbackward of L given dy {\n dx = dy\n}\n"
    )
    (claim,) = spec(text).claims
    (y,) = claim.written.layer.outputs
    with pytest.raises(NotWritten):
        Instance(claim.written.scope.lets, {"n": 2}, 100).entry(y, (0,))
