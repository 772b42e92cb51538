"""`layer` and `backward`: what is a fault, what each line is compared with, and what a claim is about."""

from __future__ import annotations

import pytest

from verifier.commands.main import main
from verifier.proof.decide import decide

LAYER = """
layer L(B, C) {
  index b:B, c i:C
  input x : R[B, C]
  param w : R[C]
  data m : R[B]
  real eps > 0
  r[b] = 1 / sqrt(mean[i](x[b,i]^2) + eps)
  output y[b,c] = x[b,c] * r[b] * w[c]
}
"""
DW = "dw[c] += sum[b](dy[b,c] * x[b,c] * r[b])"
DX = "dx[b,c] = r[b] * dy[b,c] * w[c] - r[b]^3 * x[b,c] * mean[i](dy[b,i] * w[i] * x[b,i])"


def parts(spec, text: str) -> dict[str, str]:
    module = spec(text)
    assert not module.faults, module.faults
    (claim,) = module.claims
    return {("local " if c.local else "") + c.name: c.verdict for c in decide(claim).components}


def faults(spec, text: str) -> list[str]:
    return [d.code for d in spec(text).faults]


def test_both_gradients_are_proved(spec) -> None:
    found = parts(spec, f"{LAYER}backward of L given dy using x, w, r {{\n{DW}\n{DX}\n}}\n")
    assert found == {"dw": "proved", "dx": "proved"}


@pytest.mark.parametrize(
    ("header", "body", "code"),
    [
        ("given dy", DW, "E142"),  # no gradient of x
        ("given dy", f"{DW}\n{DX}\ndm[b] = 0", "E142"),  # data is not differentiated
        ("given dy", f"{DW}\n{DX}\ndq[b] = 0", "E142"),  # no tensor q
        ("given dy", f"{DW}\n{DX}\n{DX}", "E142"),  # assigned twice
        ("given dy", f"{DW}\n{DX}\ndy[b,c] = 0", "E142"),  # the cotangent is given
        ("given dy, dz", f"{DW}\n{DX}", "E141"),  # one output, two cotangents
        ("given x", f"{DW}\n{DX}", "E114"),  # a name of the layer
        ("given dy using x, w", f"{DW}\n{DX}", "E140"),  # r is not saved
        ("given dy using x, w, q", f"{DW}\n{DX}", "E101"),  # nothing is called q
        ("given dy", f"{DW}\n{DX}\nlet g = 1\nlet g = 2", "E114"),
        ("given dy", f"{DW}\n" + DX.replace("dx[b,c]", "dx[c,b]"), "E104"),  # one range for each index
    ],
)
def test_faults(spec, header: str, body: str, code: str) -> None:
    assert faults(spec, f"{LAYER}backward of L {header} {{\n{body}\n}}\n") == [code]


def test_faults_show_both_places(spec) -> None:
    (fault,) = spec(f"{LAYER}backward of L given dy using x, w {{\n{DW}\n{DX}\n}}\n").faults
    assert ":8:3" in fault.found and ":11:30" in fault.found and fault.span.line == 12


def test_a_tensor_that_is_not_saved_may_be_computed_again(spec) -> None:
    again = "let r[b] = 1 / sqrt(mean[i](x[b,i]^2) + eps)"
    found = parts(spec, f"{LAYER}backward of L given dy using x, w {{\n{again}\n{DW}\n{DX}\n}}\n")
    assert found == {"dw": "proved", "dx": "proved"}


@pytest.mark.parametrize("text", ["layer L(n) {\n  input x : R[n]\n}\n", "layer L(n) {\n  output y = 1\n}\n"])
def test_faults_of_layers(spec, text: str) -> None:
    assert faults(spec, text) == ["E141"]


CHAIN = """
layer L(n, s : R -> R) {
  index i:n
  input x : R[n]
  a[i] = x[i]^2
  z[i] = s(a[i])
  output y[i] = 3 * z[i]
}
"""


def test_an_error_is_blamed_on_its_line_alone(spec) -> None:
    body = "dz[i] = 2 * dy[i]\nda[i] = dz[i] * s'(a[i])\ndx[i] = 2 * x[i] * da[i]"
    found = parts(spec, f"{CHAIN}backward of L given dy {{\n{body}\n}}\n")
    assert found == {"dx": "refuted", "local dx": "proved", "local dz": "refuted", "local da": "proved"}


def test_two_errors_that_cancel_are_a_right_gradient_and_a_name_that_is_no_gradient(spec) -> None:
    body = "dz[i] = 6 * dy[i]\nda[i] = dz[i] * s'(a[i]) / 2\ndx[i] = 2 * x[i] * da[i]"
    found = parts(spec, f"{CHAIN}backward of L given dy {{\n{body}\n}}\n")
    local = {"local dx": "proved", "local dz": "refuted", "local da": "refuted"}
    assert found == {"dx": "proved", "dz": "refuted", "da": "proved", **local}
    whole = f"{CHAIN}backward of L given dy {{\n{body}\n}}\n"
    verdict = decide(spec(whole).claims[0])
    assert verdict.verdict == "refuted" and not verdict.met
    assert "dz (line 10) is not the gradient of z, though that of x is right" in verdict.notes[0]
    assert decide(spec(whole + "  expect { dx: proved, dz: refuted }\n").claims[0]).met
    # a value of one's own claims nothing
    own = whole.replace("dz[i] =", "let half[i] =").replace("dz[i] * s'", "half[i] * s'")
    assert parts(spec, own) == {"dx": "proved", "local da": "proved"} | {"local dx": "proved"}


def test_accumulation_is_claimed_of_the_total(spec) -> None:
    text = "layer L(n) {\n  index i:n\n  input x : R[n]\n  output y[i] = x[i]^2\n  output z[i] = 5 * x[i] + y[i]\n}\n"
    body = "dy[i] += dz[i]\ndx[i] = 5 * dz[i]\ndx[i] += 2 * x[i] * dy[i]"
    found = parts(spec, f"{text}backward of L given dy, dz {{\n{body}\n}}\n")
    assert found == {"dx": "proved", "local dx": "proved", "local dy": "proved"}


def test_a_name_is_not_the_other_name_of_the_same_value(spec) -> None:
    """Each name has its own adjoint: that of its own uses."""
    text = "layer L(n) {\n  index i:n\n  input x : R[n]\n  a = x\n  b = x\n  output y[i] = a[i] * b[i]^2\n}\n"
    body = "da[i] = dy[i] * b[i]^2\ndb[i] = 2 * dy[i] * a[i] * b[i]\ndx[i] = da[i] + db[i]"
    found = parts(spec, f"{text}backward of L given dy {{\n{body}\n}}\n")
    assert set(found.values()) == {"proved"}


def test_where_the_forward_pass_is_not_defined_nothing_is_claimed_and_that_is_said(spec) -> None:
    text = "layer L() {\n  input x : R\n  param w : R\n  output y = w + log(x)\n}\n"
    module = spec(f"{text}backward of L given dy {{\ndw = dy * x / x\ndx = dy / x\n}}\n")
    verdict = decide(module.claims[0])
    assert verdict.verdict == "proved" and any("x > 0" in c for c in verdict.open_conditions) and not verdict.met


def test_a_written_gradient_that_is_less_defined_is_refuted(spec) -> None:
    text = "layer L() {\n  input x : R\n  output y = x^2\n}\n"
    assert parts(spec, f"{text}backward of L given dy {{\ndx = 2 * dy * x * x / x\n}}\n") == {"dx": "refuted"}


def test_numbers_of_a_layer_are_not_those_of_the_file(spec) -> None:
    """Facts about an outer eps say nothing about the layer's own."""
    text = "real eps > 1\nlayer L() {\n  input x : R\n  real eps\n  output y = x * eps\n}\n"
    assert parts(spec, f"{text}backward of L given dy {{\ndx = dy * sqrt(eps^2)\n}}\n") == {"dx": "refuted"}


def test_local_verdicts_are_never_added_up(spec) -> None:
    module = spec(f"{CHAIN}backward of L given dy {{\ndz[i] = dy[i]\ndx[i] = 6 * x[i] * dy[i] * s'(a[i])\n}}\n")
    verdict = decide(module.claims[0])
    assert verdict.of("dx") == "proved" and verdict.of("dz") == "refuted"
    assert verdict.verdict == "refuted" and len(verdict.notes) == 1  # what is named is claimed, used or not
    right = f"{CHAIN}backward of L given dy {{\ndz[i] = 3 * dy[i]\ndx[i] = dz[i]\n}}\n"
    verdict = decide(spec(right).claims[0])
    assert verdict.verdict == verdict.of("dx") == "refuted" and verdict.of("dz") == "proved"


def test_a_layer_without_smooth_functions(spec) -> None:
    text = "function g : R -> R\nlayer L() {\n  input x : R\n  output y = g(x)\n}\n"
    module = spec(f"{text}backward of L given dy {{\ndx = dy\n}}\n")
    assert [d.code for d in module.faults] == ["E117"]


# ---- advice


def component(spec, text: str, name: str = "dx"):
    (claim,) = spec(text).claims
    return next(c for c in decide(claim).components if c.name == name and not c.local)


SQUARE = "layer L(n) {\n  index i j:n\n  input x : R[n]\n  output y[i] = x[i]^2 * sum[j](x[j])\n}\n"


def test_a_formula_that_is_not_linear_is_refuted_by_that(spec) -> None:
    c = component(spec, f"{SQUARE}backward of L given dy {{\ndx[i] = 2 * x[i] * dy[i]^2\n}}\n")
    assert c.verdict == "refuted" and c.witness.kind == "nonlinear"


def test_positive_homogeneity_is_not_linearity(spec) -> None:
    text = "layer L() {\n  input x : R\n  output y = x\n}\nbackward of L given dy {\ndx = abs(dy)\n}\n"
    assert component(spec, text).witness.kind == "nonlinear"


def test_a_constant_that_is_added_is_not_linear(spec) -> None:
    text = "layer L() {\n  input x : R\n  output y = x\n}\nbackward of L given dy {\ndx = dy + 1\n}\n"
    c = component(spec, text)
    assert c.witness.kind == "nonlinear" and (c.witness.left, c.witness.right, c.witness.scale) == ("1", "0", "0")


def test_hypotheses_about_cotangents_are_kept(spec) -> None:
    """abs(dy) is dy where dy > 0: that it is not linear elsewhere does not matter."""
    text = "layer L() {\n  input x : R\n  output y = x\n}\nbackward of L given dy {\ndx = abs(dy)\n} when dy > 0\n"
    assert component(spec, text).verdict != "refuted"


def test_the_missing_term_is_in_the_names_of_the_user(spec) -> None:
    text = """layer L(n) {
  index i j:n
  input x : R[n]
  e[i] = exp(x[i])
  output p[i] = e[i] / sum[j](e[j])
}
backward of L given dp using p {
  dx[i] = p[i] * dp[i]
}
"""
    c = component(spec, text)
    assert c.advice.lacks == "-p[i]*sum[j](p[j]*dp[j])"
    assert c.advice.correction == "dx[i] = p[i] * dp[i] - p[i]*sum[j](p[j]*dp[j])"


@pytest.mark.parametrize(
    ("body", "written", "lacks"),
    [
        ("tanh(x)", "dy * (1 - y)", "y*dy - y^2*dy"),
        ("sigmoid(x)", "dy * y", "-y^2*dy"),
        ("1 / (1 + x^2) + 3", "0", "-2*x*dy/(x^2 + 1)^2"),
        ("1 / (1 + exp(x)) + 3", "0", "y^2*dy + 12*dy - 7*y*dy"),
    ],
)
def test_a_function_of_the_output_is_written_so(spec, body: str, written: str, lacks: str) -> None:
    text = f"layer L() {{\n  input x : R\n  output y = {body}\n}}\nbackward of L given dy {{\ndx = {written}\n}}\n"
    assert component(spec, text).advice.lacks == lacks


def test_the_correction_of_a_line_without_indices_has_them(spec) -> None:
    layer = "layer L(n) {\n  input x : R[n, n], w : R[n, n]\n  output y = x @ w\n}\nbackward of L given dy {\n"
    rest = "dw = x.T @ dy\n}\n"
    c = component(spec, f"{layer}dx = dy @ w\n{rest}")
    assert c.verdict == "refuted" and c.advice.correction.startswith("dx[i,k] = (dy @ w)[i,k] ")
    assert component(spec, f"{layer}{c.advice.correction}\n{rest}").verdict == "proved"


def test_a_condition_is_written_with_the_indices_of_the_layer(spec) -> None:
    """It can be pasted behind the pass, where i has the range N, and two gradients that need it have one text."""
    body = "  index b i:N, c:C\n  input x : R[N, C]\n  param g : R[C]\n  v[c] = sum[b](x[b,c])\n"
    layer = f"layer L(N, C) {{\n{body}  output y[b,c] = g[c] * x[b,c] / v[c]\n}}\n"
    given = "backward of L given dy using x, v, g {\n  dg[c] = sum[b](dy[b,c] * x[b,c]) / v[c]\n"
    own = "  dx[b,c] = g[c] * (dy[b,c] - sum[i](dy[i,c] * x[i,c]) / v[c]) / v[c]\n}\n"
    (claim,) = spec(layer + given + own).claims
    found = decide(claim)
    assert found.verdict == "proved"
    assert found.open_conditions == ("sum[b](x[b,c]) != 0 for all c (a denominator)",)


def test_a_term_is_written_with_indices_of_its_ranges(spec) -> None:
    """Where i and j have the range C, a sum over N has another index; so the correction can be pasted."""
    body = "  index b:N, c i j:C\n  input x : R[N, C]\n  param g : R[C]\n"
    layer = f"layer L(N, C) {{\n{body}  output y[b,c] = g[c] * x[b,c]^2\n}}\nbackward of L given dy {{\n"
    rest = "dx[b,c] = 2 * g[c] * dy[b,c] * x[b,c]\n}\n"
    c = component(spec, f"{layer}dg[c] = sum[b](dy[b,c] * x[b,c])\n{rest}", "dg")
    assert c.advice.correction
    assert component(spec, f"{layer}{c.advice.correction}\n{rest}", "dg").verdict == "proved"


def test_a_correction_is_itself_a_right_backward_pass(spec) -> None:
    c = component(spec, f"{SQUARE}backward of L given dy {{\ndx[i] = 2 * x[i] * dy[i] * sum[j](x[j])\n}}\n")
    assert c.advice.correction
    again = component(spec, f"{SQUARE}backward of L given dy {{\n{c.advice.correction}\n}}\n")
    assert again.verdict == "proved"


@pytest.mark.parametrize(
    ("body", "written", "would"),
    [
        ("y[i] = alpha * x[i]", "dx[i] = dy[i]", "alpha == 1"),
        ("y[i] = x[i] + alpha * x[i]^2", "dx[i] = dy[i]", "alpha == 0"),
        ("y[i] = sqrt(alpha^2) * x[i]", "dx[i] = alpha * dy[i]", "alpha >= 0"),
        ("y[i] = x[i] * sum[j](w[j])", "dx[i] = dy[i]", "sum[i](w[i]) == 1"),
    ],
)
def test_the_hypothesis_that_is_missing_is_named(spec, body: str, written: str, would: str) -> None:
    layer = f"layer L(n) {{\n  index i j:n\n  input x : R[n]\n  data w : R[n]\n  real alpha\n  output {body}\n}}\n"
    c = component(spec, f"{layer}backward of L given dy {{\n{written}\n}}\n")
    assert c.verdict != "proved" and would in c.advice.assuming


def test_a_wrong_gradient_that_nothing_mends_names_nothing(spec) -> None:
    c = component(spec, f"{SQUARE}backward of L given dy {{\ndx[i] = x[i] * dy[i]\n}}\n")
    assert c.verdict == "refuted" and c.advice.assuming == ()


def test_an_intermediate_made_of_data_has_its_adjoint_too(spec) -> None:
    ports = "  index i:n\n  input x : R[n]\n  data m : R[n]\n"
    text = f"layer L(n) {{\n{ports}  a[i] = m[i]^2\n  output y[i] = x[i] * a[i]\n}}\n"
    found = parts(spec, f"{text}backward of L given dy {{\nda[i] = dy[i] * x[i]\ndx[i] = dy[i] * a[i]\n}}\n")
    assert found == {"dx": "proved", "local da": "proved"}


# ---- tangents


def test_tangents(spec) -> None:
    text = "layer L() {\n  input x : R\n  input w : R\n  output y = w * sin(x)\n  output z = y^2\n}\n"
    right = "ty = tw * sin(x) + w * cos(x) * tx\ntz = 2 * y * ty"
    assert parts(spec, f"{text}jvp of L given tx, tw {{\n{right}\n}}\n") == {
        "ty": "proved",
        "tz": "proved",
        "local tz": "proved",
    }
    wrong = right.replace("2 * y", "y")
    assert parts(spec, f"{text}jvp of L given tx, tw {{\n{wrong}\n}}\n")["tz"] == "refuted"


@pytest.mark.parametrize(
    ("header", "body"), [("given tx", "ty = tx"), ("given tx, tw", "tx = 1"), ("given tx, tw", "")]
)
def test_faults_of_tangents(spec, header: str, body: str) -> None:
    text = "layer L() {\n  input x : R\n  param w : R\n  output y = w * x\n}\n"
    (code,) = faults(spec, f"{text}jvp of L {header} {{\n{body}\n}}\n")
    assert code in ("E141", "E142")


# ---- batches


ROW = """
layer Row(C) {
  index c i:C
  input x : R[C]
  param w : R[C]
  data k : R
  u[c] = w[c]^2
  output y[c] = k * x[c] * u[c]
}
layer Rows(B, T, D) = Row(D) over [B, T]
"""


def test_a_batch_shares_parameters_and_what_is_made_of_them(spec) -> None:
    body = "index b:B, t:T\ndu[c] = sum[b,t](k[b,t] * x[b,t,c] * dy[b,t,c])\ndw[c] = 2 * w[c] * du[c]\n"
    body += "dx[b,t,c] = k[b,t] * u[c] * dy[b,t,c]"
    found = parts(spec, f"{ROW}backward of Rows given dy {{\n{body}\n}}\n")
    assert set(found.values()) == {"proved"} and "local du" in found
    wrong = body.replace("sum[b,t](k", "sum[b,t](2 * k")
    assert parts(spec, f"{ROW}backward of Rows given dy {{\n{wrong}\n}}\n")["local du"] == "refuted"


def test_numbers_of_a_row_keep_their_facts(spec) -> None:
    row = "layer Row() {\n  input x : R\n  real eps > 0\n  output y = x * sqrt(eps^2)\n}\n"
    row += "layer Rows(B) = Row() over [B]\n"
    assert parts(spec, f"{row}backward of Rows given dy {{\n  index b:B\n  dx[b] = dy[b] * eps\n}}\n") == {
        "dx": "proved"
    }


def test_over_something_that_is_no_layer(spec) -> None:
    assert faults(spec, "size n\nlayer Rows(B) = n over [B]\n") == ["E115"]


def test_derive_prints_the_derived_backward_pass(tmp_path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "chain.learn"
    path.write_text(CHAIN, encoding="utf-8")
    assert main(["derive", str(path)]) == 0
    assert (
        capsys.readouterr().out
        == """backward of L given dy {
  dz[i] = 3*dy[i]
  da[i] = dz[i]*s'(a[i])
  dx[i] = 2*da[i]*x[i]
}
"""
    )


# ---- deviations

LOG10 = "layer L() {\n  input x : R\n  output y = log(x) / log(10)\n}\nbackward of L given dy {\n"
BOX = "when x >= 1, x <= 2"


def met(spec, text: str) -> tuple[bool, str]:
    verdict = decide(spec(text).claims[0])
    return verdict.met, verdict.components[0].advice.deviation


@pytest.mark.parametrize(
    ("constant", "clauses", "expected"),
    [
        ("2.302585", f"{BOX} expect approx(within 0.0000001)", True),  # 1.8e-8 at x = 1
        ("2.302585", f"{BOX} expect approx(within 0.00000001)", False),
        ("2.3", f"{BOX} expect approx(within 0.0001)", False),
        ("2.302585", "expect approx(within 0.001)", False),  # no box
        ("2.302585", "when x > 0, x <= 2 expect approx(within 0.001)", False),  # it is not bounded near 0
        ("2.302585", f"{BOX} expect proved", False),
    ],
)
def test_a_tolerance_is_met_only_if_the_deviation_is_bounded(spec, constant: str, clauses: str, expected: bool) -> None:
    assert met(spec, f"{LOG10}  dx = dy / (x * {constant})\n}} {clauses}\n")[0] is expected


def test_a_deviation_that_is_not_linear_is_not_bounded(spec) -> None:
    text = "layer L() {\n  input x : R\n  output y = x\n}\nbackward of L given dy {\n  dx = dy + 0.0001 * dy^2\n}\n"
    ok, reason = met(spec, text.rstrip() + " when x >= 0, x <= 1 expect approx(within 0.01)\n")
    assert not ok and "linear" in reason


def test_sums_are_not_bounded_entry_by_entry(spec) -> None:
    text = "layer L(n) {\n  index i:n\n  input x : R[n]\n  output y = sum[i](x[i]^2)\n}\nbackward of L given dy {\n"
    text += "  dx[i] = 2.0001 * x[i] * dy + 0 * sum[i:n](x[i])\n} when x[i] >= 0, x[i] <= 1 expect approx(within 1)\n"
    text = text.replace("sum[i:n](x[i])", "sum[j:n](x[j])")
    ok, reason = met(spec, text)
    assert not ok and "entry by entry" in reason
