"""False claims in the forms that the outsider did not try: errors, reparametrisations, hypotheses, layers in networks.

Each is built to slip through as proved.  Beside each stands a true one of the same form, so that what refuses the false
one is no blindness to the form.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest

from verifier.proof.verdict import Verdict

Checks = Callable[[str], dict[str, Verdict]]

HEAD = """
import std.errors
size n, m
nat k
int z
int 0 <= c <= 3
real r
real q > 0
index i j l:n
"""


Attack = tuple[str, str]
"""Two specs, each with a claim ``it``: a false one, and a true one of its form."""


def errors(claim: str, false: str, true: str) -> Attack:
    """A law of two errors."""
    return tuple(f"{HEAD}error e(x, y) = {formula}\ncheck it: {claim}\n" for formula in (false, true))  # type: ignore[return-value]


def maps(left: str, right: str, clause: str = "", declared: str = "", source: str = "R") -> str:
    """An equation of maps."""
    rows = [HEAD, declared]
    for name, body in (("A", left), ("B", right)):
        rows.append(f"learner {name} : x : {source} -> y : R {{\n  implement {body}\n  request x\n}}")
    return "\n".join([*rows, f"check it: A == B on I {clause}\n"])


def learner(name: str, body: str, parameter: str = "R") -> str:
    return f"""
learner {name} : a : R -> b : R {{
  param p : {parameter}
  implement {body}
  update p = p
  request a
}}
"""


TWO = HEAD + learner("L", "p^3 * a") + learner("M", "p * a")
IDLE = HEAD + learner("Z", "0 * a * p")
VECTOR = HEAD + learner("Z", "0 * a * p[0]", "R[n]")


def via(learners: str, false: str, true: str) -> Attack:
    """Reparametrisations of the learners of a spec, or of Z by itself."""
    pair = "L ~ M" if learners is TWO else "Z ~ Z"
    return tuple(f"{learners}check it: {pair} via {h}\n" for h in (false, true))  # type: ignore[return-value]


def layer(body: str, written: str, clause: str = "") -> str:
    """A backward pass under a clause."""
    return f"{HEAD}layer it {{\n{body}\n}}\nbackward of it given dy {{\n{written}\n}} {clause}\n"


RELU = ("  input x : R[n]\n  output y[i] = relu(x[i])", "  dx[i] = dy[i] * step(x[i])")
ROWS = (
    "  input x : R[n, n]\n  output y[i] = max[j](x[i,j])",
    "  dx[i,j] = (dy[i] if j == argmax[l](x[i,l]) else 0)",
)
SQUARES = (
    "  input x : R[n]\n  output y = max[i](x[i]^2)",
    "  dx[i] = (2*x[i]*dy if i == argmax[j](x[j]^2) else 0)",
)
POWER = ("  input x : R\n  output y = x^c", "  dx = dy * c * x^(c - 1)")


def network(body: str, written: str, clause: str = "") -> str:
    """A network of two layers; the clause is of the claim about one layer, and none of the claim about the network."""
    return f"""{HEAD}
layer F(n) {{
  index u v:n
  input x : R[n]
  output y[u] = {body}
}}
backward of F given dy {{
  dx[u] = {written}
}} {clause}
network G = F(n) ; F(n)
check it: G == gradient(G, product, rate = -1)
"""


N, NN = "R[n]", "R[n, n]"
SMOOTH = "function s : R -> R smooth"
MASK = "x[i]*x[j] == (x[i] if i == j else 0)"
ROW, COLUMN = "assuming sum[j](x[i,j]) == 1", "assuming sum[i](x[i,j]) == 1"

ATTACKS: dict[str, Attack] = {
    # errors: what sympy says of a slope is no derivative at a kink, nor where the error has no value
    "the diagonal of abs": errors("diagonal(e)", "abs(x - y)", "(x - y)^2"),
    "the diagonal of a jump": errors("diagonal(e)", "floor(x - y)", "(x - y)^4"),
    "the diagonal of a root": errors("diagonal(e)", "sqrt((x - y)^2)", "sqrt((x - y)^2 + 1)"),
    "a slope with a kink": errors("invertible e", "x*y + relu(x)", "x*y + x^2"),
    "an error that divides by 0": errors("invertible e", "x^2*y / x", "x*y"),
    "an error outside of its domain": errors("invertible e", "x*y + log(x) - log(x)", "x*y + y"),
    "a rate that may be 0": errors("invertible e", "r*(x - y)^2", "q*(x - y)^2"),
    # reparametrisations that are no bijections
    "a root of one sign": via(TWO, "M.p = L.p^3, L.p = M.p^(1/3)", "M.p = L.p^3, L.p = cbrt(M.p)"),
    "not onto": via(IDLE, "right.p = exp(left.p), left.p = log(right.p)", "right.p = 2*left.p"),
    "wrong at one point": via(IDLE, "right.p = (left.p if left.p != 0 else 1), left.p = right.p", "right.p = left.p"),
    "undefined at one point": via(IDLE, "right.p = 1/left.p, left.p = 1/right.p", "right.p = left.p + 1"),
    "jumps": via(IDLE, "right.p = left.p + floor(left.p), left.p = right.p/2", "right.p = -left.p"),
    "a factor that may be 0": via(IDLE, "right.p = r*left.p", "right.p = q*left.p"),
    "without the mean": via(VECTOR, "right.p[i] = left.p[i] - mean[j](left.p[j])", "right.p[i] = n*left.p[i]"),
    "one entry for all": via(VECTOR, "right.p[i] = left.p[0]", "right.p[i] = left.p[i]"),
    "0 at one index": via(VECTOR, "right.p[i] = (i - 2)*left.p[i]", "right.p[i] = 3*left.p[i]"),
    "every other entry": via(VECTOR, "right.p[i] = left.p[(2*i) % n]", "right.p[i] = -left.p[i]"),
    "divided by n - 1": via(VECTOR, "right.p[i] = left.p[i]/(n - 1)", "right.p[i] = left.p[i]/n"),
    # hypotheses about some entries are not about all
    "half of the entries are positive": (
        maps("sum[i](sqrt(x[i]^2))", "sum[i](x[i])", "when x[i // 2] > 0", source=N),
        maps("sum[i](sqrt(x[i]^2))", "sum[i](x[i])", "when x[i] > 0", source=N),
    ),
    "every other entry is 1": (
        maps("sum[i](x[i])", "n", "assuming x[(2*i) % n] == 1", source=N),
        maps("sum[i](x[i])", "n", "assuming x[i] == 1", source=N),
    ),
    "all entries but the first": (
        maps("x[0]", "0", "assuming (x[i+1] if i + 1 < n else 0) == 0", source=N),
        maps("x[0]", "0", "assuming x[i] == 0", source=N),
    ),
    "columns for rows": (
        maps("sum[i,j](x[i,j] * x[j,j])", "sum[i](x[i,i])", ROW, source=NN),
        maps("sum[i,j](x[i,j] * x[j,j])", "sum[i](x[i,i])", COLUMN, source=NN),
    ),
    "a part of a row": (
        maps("sum[j if j < 1](x[0,j])", "1", ROW, source=NN),
        maps("sum[j if j >= 0](x[0,j])", "1", ROW, source=NN),
    ),
    "one-hot or nothing": (
        maps("sum[i](x[i])", "1", f"assuming {MASK}", source=N),
        maps("sum[i](x[i])", "1", f"assuming {MASK}, sum[i](x[i]) == 1", source=N),
    ),
    "orthogonal rows, columns asked": (
        maps("sum[l](x[l,0]^2)", "1", "assuming sum[l](x[i,l]*x[j,l]) == (1 if i == j else 0)", source=NN),
        maps("sum[l](x[0,l]^2)", "1", "assuming sum[l](x[i,l]*x[j,l]) == (1 if i == j else 0)", source=NN),
    ),
    "two equations that contradict each other": (
        maps("sum[i](x[i])", "n*x[0]", "assuming x[i] == i, x[0] == 1", source=N),
        maps("sum[i](x[i])", "n*x[0]", "assuming x[i] == 1", source=N),
    ),
    "greater than itself": (
        maps("x[0]", "x[0] + 1", "when x[i] > x[j]", source=N),
        maps("x[0] + x[n - 1]", "x[n - 1] + x[0]", "when x[i] >= 0", source=N),
    ),
    # functions that cannot be, or of which less is declared than is used
    "an inverse of an even function": (
        maps("K(s(x))", "x", declared=f"{SMOOTH} even\nfunction K : R -> R inverse of s"),
        maps("K(s(x))", "x", declared=f"{SMOOTH}\nfunction K : R -> R inverse of s"),
    ),
    "odd and positive": (
        maps("x + 0*s(x)", "x", declared=f"{SMOOTH} odd positive"),
        maps("x + 0*s(x)", "x", declared=f"{SMOOTH} even positive"),
    ),
    "odd and convex": (
        maps("x + 0*s(x)", "x", declared=f"{SMOOTH} odd convex"),
        maps("x + 0*s(x)", "x", declared=f"{SMOOTH} even convex"),
    ),
    "the other half of an inverse": (
        maps("s(K(x))", "x", declared=f"{SMOOTH}\nfunction K : R -> R inverse of s(left)"),
        maps("K(s(x))", "x", declared=f"{SMOOTH}\nfunction K : R -> R inverse of s(left)"),
    ),
    "the slope of a convex function": (
        maps("s'(x) / s'(x)", "1", declared=f"{SMOOTH} convex"),
        maps("s''(x) / s''(x)", "1", declared=f"{SMOOTH} convex"),
    ),
    "the value of a regular function": (
        maps("s(x) / s(x)", "1", declared=f"{SMOOTH} regular"),
        maps("s'(x) / s'(x)", "1", declared=f"{SMOOTH} regular"),
    ),
    # whole numbers and sizes
    "a power of 0": (maps("0^k", "0"), maps("0^(k + 1)", "0*x")),
    "a range that may be empty": (maps("sum[u:k](x) / k", "x"), maps("sum[u:n](x) / n", "x")),
    "the greatest of nothing": (maps("max[u:k](0)", "0"), maps("max[u:n](0)", "0")),
    "a jump between whole numbers": (maps("round(x + 1)", "round(x) + 1"), maps("round(x + 0)", "round(x)")),
    "a branch at an irrational number": (
        maps("(1 if x^3 == 2 else 0)", "0"),
        maps("(1 if x^2 == -2 else 0)", "0"),
    ),
    "a let that is another at an irrational number": (
        maps("exp((x if x^3 == 2 else 2*x))", "exp(2*x)"),
        maps("exp((x if x^2 == -2 else 2*x))", "exp(2*x)"),
    ),
    "rounded towards 0": (maps("trunc(x + 1)", "trunc(x) + 1"), maps("trunc(x + 0)", "trunc(x)")),
    "halves of an odd axis": (
        maps("sum[i](x[2*i]) + sum[i](x[2*i+1])", "sum[u:2*n+1](x[u])", source="R[2*n+1]"),
        maps("sum[i](x[2*i]) + sum[i](x[2*i+1])", "sum[u:2*n](x[u])", source="R[2*n]"),
    ),
    # kinks: another set, another tie, another order
    "a kink at another entry": (layer(*RELU, "when x[0] != 0"), layer(*RELU, "when x[i] != 0")),
    "a tie of another row": (
        layer(*ROWS, "when once(max[j](x[0,j]))"),
        layer(*ROWS, "when once(max[j](x[i,j]))"),
    ),
    "a tie of columns": (layer(*ROWS, "when once(max[i](x[i,j]))"), layer(*ROWS, "when once(max[j](x[i,j]))")),
    "a tie of the squares": (
        layer(*SQUARES, "when once(max[i](x[i]))"),
        layer(*SQUARES, "when once(max[i](x[i]^2))"),
    ),
    "a value at a kink": (
        layer(*RELU, "when x[i] != 0 at x[0] == 0: value dx[0] == dy[0]"),
        layer(*RELU, "when x[i] != 0 at x[0] == 0: value dx[0] == 0"),
    ),
    "values beside a kink": (
        layer(*RELU, "when x[i] != 0 at x[0] == 0: value dx[i] == 0"),
        layer(*RELU, "when x[i] != 0 at x[i] == 0: value dx[i] == 0"),
    ),
    "a power at 0": (layer(*POWER), layer(*POWER, "when x != 0")),
    # networks: what the claim about a layer is under is not forgotten in the claim about the network
    "a layer and its kinks": (
        network("relu(x[u])", "dy[u]*step(x[u])", "when x[u] != 0"),
        network("2*x[u]", "2*dy[u]"),
    ),
    "a layer on the simplex": (
        network("x[u]*sum[v](x[v])", "dy[u] + sum[v](dy[v]*x[v])", "assuming sum[v](x[v]) == 1"),
        network("x[u]*sum[v](x[v])", "dy[u]*sum[v](x[v]) + sum[v](dy[v]*x[v])"),
    ),
    "a layer of two entries or more": (
        network("x[u]/(n - 1)", "dy[u]/(n - 1)", "when n >= 2"),
        network("x[u]/(n + 1)", "dy[u]/(n + 1)"),
    ),
}


@pytest.mark.parametrize("name", ATTACKS)
def test_a_false_claim_is_not_green(name: str, verdicts: Checks) -> None:
    found = verdicts(ATTACKS[name][0])["it"]
    assert not found.met
    assert found.verdict in ("refuted", "unknown") or found.open_conditions


@pytest.mark.parametrize("name", ATTACKS)
def test_the_true_claim_of_its_form_is(name: str, verdicts: Checks) -> None:
    found = verdicts(ATTACKS[name][1])["it"]
    assert found.met and found.verdict == "proved"
