"""Derivations on paper: every line is proved, a wrong line is found, and what is written can be set."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from functools import cache
from pathlib import Path

import pytest

from tests.conftest import ROOT
from verifier.commands.main import main
from verifier.commands.paper import compile_pdf
from verifier.diagnostics import SpecError
from verifier.elaborate.audit import audit_claims
from verifier.elaborate.modules import Module, load
from verifier.elaborate.selection import all_layers, all_learners
from verifier.export.paper.annotated import annotated
from verifier.export.paper.blocks import Document, Lines, Squares, Table
from verifier.export.paper.build import NotProved, document, proved
from verifier.export.paper.html import html_document
from verifier.export.paper.learner import Style
from verifier.export.paper.markdown import block, markdown_document
from verifier.export.paper.spelling import spelling
from verifier.export.paper.tex import escaped, latex_document
from verifier.learn.steps import Reason, Step, Worked, of_layer, of_learner, tidy
from verifier.proof.steps import gaps, in_names
from verifier.proof.theory import theory_of
from verifier.terms.syntax import Symbol, add, mul, num, power, read
from verifier.terms.traverse import reads

POST = str(ROOT / "specs/examples/post.learn")
NORMS = str(ROOT / "specs/std/norms.learn")
SPECS = sorted(
    p.relative_to(ROOT).as_posix() for folder in ("std", "papers") for p in (ROOT / "specs" / folder).glob("*.learn")
)
PAPERS = sorted((ROOT / "specs/papers").glob("*.learn"))
OWN = """
size n, m
real eps > 0
error tilted(x, y) = 3 * (x - y)^2 / 2 + x
function s : R -> R smooth
learner Gate(n, m) : (a : R[n], z : R[m]) -> y_out : R[m] {
  param W_in : R[m, n]
  let h[i] = sum[j](W_in[i, j] * a[j]) * z[i]
  implement y_out[i] = s(h[i]) + z[i] * h[i]
  learn gradient(tilted, rate = eps / 2)
}
"""


def of_post() -> tuple[Worked, object]:
    row = all_learners(load(POST))[0]
    return of_learner(row.learner), next(iter(audit_claims(row, POST)))


def of_norm(name: str) -> tuple[Worked, object]:
    c = next(c for c in load(NORMS).claims if c.id == name)
    assert c.written is not None
    return of_layer(
        c.written.layer, c.written.scope, c.written.cotangents, {x.of: x.derived for x in c.written.lines}
    ), c


@pytest.fixture
def own(spec: Callable[[str], Module]) -> tuple[Module, Worked, object]:
    module = spec(OWN)
    assert not module.faults
    row = all_learners(module)[0]
    return module, of_learner(row.learner), next(iter(audit_claims(row, module.path)))


def test_every_line_is_proved_and_has_a_reason(own: tuple[Module, Worked, object]) -> None:
    for w, claim in (of_post(), of_norm("LayerNorm"), of_norm("AddRMSNorm"), own[1:]):
        theory = theory_of(claim, w.scope)  # type: ignore[arg-type]
        in_names(w, theory)
        assert not gaps(w, theory)
        assert all(isinstance(s.reason, Reason) for chain in w.all for s in chain.steps)
        assert all(s.steps for s in w.all)


@pytest.mark.parametrize("make", [of_post, lambda: of_norm("RMSNorm")])
def test_each_line_that_is_changed_is_found(make: Callable[[], tuple[Worked, object]]) -> None:
    w, claim = make()
    theory = theory_of(claim, w.scope)  # type: ignore[arg-type]
    tried = 0
    for chains in (w.adjoints, w.update, w.request):
        for k, chain in enumerate(chains):
            for line, step in enumerate(chain.steps):
                for wrong in (add(step.term, num(1)), mul(num(-1), step.term)):
                    steps = [*chain.steps]
                    steps[line] = Step(wrong, step.reason)
                    chains[k] = replace(chain, steps=tuple(steps))
                    found = gaps(w, theory)
                    assert (chain.subject, line + 1) in {(g.steps.subject, g.line) for g in found}
                    tried += 1
            chains[k] = chain
    assert tried >= 20 and not gaps(w, theory)


def test_a_line_that_is_not_proved_is_never_printed() -> None:
    w, claim = of_post()
    chain = w.update[0]
    w.update[0] = replace(chain, steps=(*chain.steps[:-1], Step(mul(num(2), chain.steps[-1].term), Reason.PUT)))
    with pytest.raises(NotProved):
        proved(w, claim)  # type: ignore[arg-type]


def test_the_derivation_is_that_of_the_learner_itself() -> None:
    w, claim = of_post()
    chain = w.request[0]
    assert chain.known is not None
    w.request[0] = replace(chain, known=mul(num(3), chain.known))
    with pytest.raises(NotProved):
        proved(w, claim)  # type: ignore[arg-type]


def test_a_slope_that_is_wrong_is_found() -> None:
    """The slope of an error comes from sympy; the derivation of E goes another way."""
    row = all_learners(load(POST))[0]
    assert row.learner.learned is not None
    error, rate = row.learner.learned
    wrong = replace(error, derivative=mul(num(2), error.derivative))
    w = of_learner(replace(row.learner, learned=(wrong, rate)))
    theory = theory_of(next(iter(audit_claims(row, POST))), w.scope)
    assert any(w.spelled[g.steps.subject].by in w.outputs for g in gaps(w, theory))


def test_a_learner_of_ones_own_reads_as_the_standard_ones(own: tuple[Module, Worked, object]) -> None:
    module, _, _ = own
    tex = latex_document(document(module, all_learners(module), [], Style()))
    for part in (r"\frac{\partial E}{\partial h", "chain rule", "inverse of the slope", r"f(x, z)", r"\mathrm{W\_in}"):
        assert part in tex


def test_a_gradient_has_the_indices_of_its_tensor_and_the_names_of_the_written_pass() -> None:
    w, claim = of_norm("LayerNorm")
    assert claim.written is not None  # type: ignore[attr-defined]
    in_names(w, theory_of(claim, w.scope), [x.of for x in claim.written.lines])  # type: ignore[arg-type, attr-defined]
    dx = next(s for s in w.adjoints if s.subject == w.gradients["x"])
    assert [v.name for v in dx.indices] == ["b", "i"]
    assert [s.reason for s in dx.steps][-2:] == [Reason.NAMES, Reason.WRITTEN]
    used = {s.name for s in reads(dx.steps[-1].term)}
    assert w.gradients["n"].name in used and not used & {w.gradients["m"].name, w.gradients["r"].name}


def test_roots_of_one_base_are_one_power() -> None:
    v, w = read(Symbol("v")), read(Symbol("w"))
    root = power(v, Fraction(1, 2))
    assert tidy(mul(power(root, -2), power(root, -1), w)) == mul(power(v, Fraction(-3, 2)), w)
    assert tidy(mul(power(v, 2), power(v, -1))) == mul(power(v, 2), power(v, -1)), "without a root v may be 0"


def test_notation_on_request(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    for notation, there in (("matrix", True), ("index", False)):
        target = tmp_path / f"{notation}.tex"
        assert main(["derive", POST, "Layer", "--latex", str(target), "--notation", notation]) == 0
        assert (r"{\top}" in target.read_text()) is there


# ---- networks


@cache
def post() -> Document:
    module = load(POST)
    return document(module, all_learners(module), [], Style())


def test_squares_carry_their_verdicts() -> None:
    squares = [s for b in post().blocks if isinstance(b, Squares) for s in b.rows]
    found = {(s.verdict, s.centre) for s in squares}
    assert ("vacuous", r"\mathrm{id}") in found and ("proved", r"\circlearrowleft") in found
    assert any(v == "refuted" and re.fullmatch(r"-?[\d/]+ \\neq -?[\d/]+", c) for v, c in found)
    assert latex_document(post()).count(r"\begin{tikzcd}") == len(squares) == 6


def test_a_network_has_its_theorem_its_composite_and_its_laws() -> None:
    tex = latex_document(post())
    for part in ("Theorem III.2", "S(q, b, c)", r"\begin{tikzpicture}", "PutPut", r"U_{0} \supset U_{1} \supset U_{2}"):
        assert part in tex


def test_a_product_is_drawn_as_one(spec: Callable[[str], Module]) -> None:
    module = spec(Path(POST).read_text() + "network M = (Layer(n0, n1, c0) * Layer(n0, n1, c0)) ; id(R[n1] * R[n1])\n")
    assert not module.faults, module.faults
    rows = [r for r in all_learners(module) if r.heading.startswith("M")]
    assert "(n0x1)" in latex_document(document(module, rows, [], Style()))


# ---- backward passes


def test_a_wrong_pass_stands_beside_the_right_one(spec: Callable[[str], Module]) -> None:
    text = Path(NORMS).read_text().replace(" - n[b,i] * mean[j](dn[b,j] * n[b,j])", "", 1)
    module = spec(text.split("layer RMSNorm")[0])
    d = document(module, [], all_layers(module), Style())
    shown = markdown_document(d)
    assert "**missing: **" in shown and "proved instead" in shown and "**refuted**" in shown
    assert any(isinstance(b, Table) and len(b.rows) == 4 for b in d.blocks)


# ---- what is written


def test_text_is_no_tex() -> None:
    shown = escaped("\\input{/etc/passwd} $x$ %\n\u202e ~^_#&")
    assert not re.search(r"(?<!\\)[$%#&_^~](?!\\)", re.sub(r"\\text\w+\{\}|\$[^$]*\$|\\.", "", shown))
    assert "\\input" not in shown


@pytest.mark.parametrize(
    "latex",
    [
        r"\input{x}", r"\write18{ls}", r"\catcode`\%=0", "a}{b", "x_1_2", "x^", r"\hat", "$x$", "%", r"\begin{x}",
        "a\\\\b", "x''^2", "{" * 70 + "}" * 70, "é", r"\mathbf^2", "<script>", r"\href{javascript:x}{y}", "a#1", "~",
        "&",
    ],
)  # fmt: skip
def test_a_spelling_only_draws(latex: str) -> None:
    with pytest.raises(SpecError) as caught:
        spelling(f"size n\n# latex W is {latex}\n", "s.learn")
    (d,) = caught.value.diagnostics
    assert d.code == "E144" and d.span.line == 2


def test_a_spelling_is_used(tmp_path: Path) -> None:
    source, target = tmp_path / "s.learn", tmp_path / "s.tex"
    source.write_text("# latex rstd is \\sigma^{-1}\n# latex eps is \\mathbf{e}\n" + OWN.replace("W_in", "rstd"))
    assert main(["derive", str(source), "Gate", "--latex", str(target)]) == 0
    tex = target.read_text()
    assert r"\sigma^{-1}" in tex and r"\mathbf{e}" in tex and r"\mathrm{rstd}" not in tex


def test_a_bad_spelling_is_a_diagnostic(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source = tmp_path / "s.learn"
    source.write_text("# latex eps is \\openin\n" + OWN)
    assert main(["derive", str(source), "Gate", "--latex", str(tmp_path / "s.tex")]) == 2
    assert "E144" in capsys.readouterr().err and not (tmp_path / "s.tex").exists()


def test_no_part_of_a_spec_is_markup(spec: Callable[[str], Module]) -> None:
    module = spec('size n\n# "<script>alert(1)</script> $x$ \\input{y}": <b>no</b>\ncheck n >= 1\n'.replace(
        "check n >= 1", "error e(x, y) = x * y\ncheck diagonal(e) expect refuted"))  # fmt: skip
    page, tex = html_document(annotated(module)), latex_document(annotated(module))
    body = page.split("<body>")[1].split("<script>")[0]
    assert "<script>alert" not in body and "&lt;script&gt;" in body
    assert "\\input{y}" not in tex


def test_a_page_fetches_nothing() -> None:
    page = html_document(post())
    assert not re.search(r"""(?:src|href)\s*=\s*["']?https?:|url\((?!data:)|@import""", page.split("<script>")[0])
    assert page.count("data:font/woff2") == 20


@pytest.mark.parametrize("path", PAPERS, ids=lambda p: p.stem)
def test_papers_annotated(path: Path) -> None:
    module = load(str(path))
    cells = markdown_document(annotated(module))
    for c in module.claims:
        assert f"{c.id}: " in cells, "every claim is in the document"
    marked = len(re.findall(r"\(slip", module.text))
    assert cells.count("**slip**") == marked and (marked > 0) == ("## Slips" in cells)
    last = cells.partition("## Slips")[2].strip().splitlines()[2:]
    assert len(last) == marked and all("**" in row for row in last), "each slip with the claims that show it"


def test_what_the_post_says_beside_what_is_true() -> None:
    d = annotated(load(str(ROOT / "specs/papers/deep_learning_and_toposes.learn")))
    assert d.title == "The post “Deep learning and toposes” (neverendingbooks)"
    rows = [row for b in d.blocks if isinstance(b, Table) for row in b.rows]
    row = next(r for r in rows if "follows from the functoriality property" in str(r[0]))
    assert "It does not" in str(row[1]) and "learner Product : a : R -> b : R {" in str(row[1])
    first = rows.index(row)
    assert any("not_natural" in str(r[1]) and isinstance(r[1][-2], Squares) for r in rows[first : first + 2])


def test_the_place_in_a_source_stands_on_the_left() -> None:
    d = annotated(load(str(ROOT / "specs/papers/cruttwell_et_al.learn")))
    left = [block(b) for t in d.blocks if isinstance(t, Table) for row in t.rows for b in row[0][:1]]
    assert [x for x in left if x.startswith("RD.")][:3] == ["RD.1", "RD.2", "RD.3"]


def test_annotated_is_of_a_whole_file(capsys: pytest.CaptureFixture[str]) -> None:
    for more in (["--annotated"], ["Layer", "--annotated", "--latex", "x.tex"]):
        assert main(["derive", POST, *more]) == 1
        assert "--annotated: a whole file" in capsys.readouterr().err


def test_squares_of_a_graph() -> None:
    d = annotated(load(str(ROOT / "specs/papers/belfiore_bennequin.learn")))
    squares = [s for t in d.blocks if isinstance(t, Table) for r in t.rows for b in r[1] if isinstance(b, Squares)
               for s in b.rows]  # fmt: skip
    assert any(s.corners == (r"X(\emptyset)", r"X(\{h\})", r"W(\emptyset)", r"W(\{h\})") for s in squares)


def test_formulas_are_understood_by_katex(tmp_path: Path) -> None:
    """All formulas of a few documents, by KaTeX itself; headless Chromium where it is, else node."""
    page = html_document(post())
    formulas = re.findall(r'<span class="m[^"]*">(.*?)</span>', page, re.S)
    assert len(formulas) > 100
    target = tmp_path / "page.html"
    target.write_text(page, encoding="utf-8")
    if chromium := shutil.which("chromium"):
        options = ["--headless", "--no-sandbox", "--disable-gpu", "--dump-dom"]
        done = subprocess.run([chromium, *options, target.as_uri()], capture_output=True, timeout=60, check=False)
        assert b'data-ready="0"' in done.stdout
    elif node := shutil.which("node"):
        script = """
const katex = require(process.argv[1]);
const text = require('fs').readFileSync(process.argv[2], 'utf8');
const signs = {lt: '<', gt: '>', '#x27': "'", quot: '"', amp: '&'};
const unescape = s => s.replace(/&([^;]+);/g, (_, n) => signs[n]);
for (const m of text.matchAll(/<span class="m[^"]*">([^]*?)<\\/span>/g))
  katex.renderToString(unescape(m[1]), {throwOnError: true, strict: 'ignore'});
console.log('all');
"""
        katex = str(ROOT / "verifier/export/paper/katex/katex.min.js")
        done = subprocess.run([node, "-e", script, katex, str(target)], capture_output=True, timeout=60, check=False)
        assert done.stdout == b"all\n", done.stderr.decode()[-500:]
    else:
        pytest.skip("neither chromium nor node is installed")


# ---- LaTeX


def _latex() -> None:
    if shutil.which("latexmk") is None:
        assert not os.environ.get("LEARNLAW_LATEX"), "CI needs latexmk"
        pytest.skip("latexmk is not installed: no document is compiled")


def _complaints(log: str) -> list[str]:
    """What a log complains of: boxes that are more than 5 pt too wide or too high, and what is not defined."""
    wide = [row for row in re.findall(r"Overfull \\[hv]box \(([\d.]+)pt[^\n]*", log) if float(row) > 5]
    return wide + re.findall(r"[^\n]*ndefined[^\n]*", log)


@pytest.mark.slow
@pytest.mark.parametrize("path", SPECS)
def test_documents_compile(path: str, tmp_path: Path) -> None:
    _latex()
    module = load(str(ROOT / path))
    rows, layers = all_learners(module), all_layers(module)
    if "papers" in path:
        assert not _complaints(compile_pdf(latex_document(annotated(module)), tmp_path / "a.pdf"))
    if rows or layers:
        d = document(module, rows, layers, Style())
        assert any(isinstance(b, Lines) for b in d.blocks)
        assert not _complaints(compile_pdf(latex_document(d), tmp_path / "d.pdf"))
    else:
        assert "errors" in path


def test_complaints_are_found() -> None:
    assert _complaints("Overfull \\hbox (5.1pt too wide)") and not _complaints("Overfull \\hbox (4.9pt too wide)")
    assert _complaints("LaTeX Warning: Reference `x' undefined")


def test_a_long_formula_is_not_wider_than_the_line(spec: Callable[[str], Module], tmp_path: Path) -> None:
    _latex()
    product = " * ".join(f"(x[i] + {k} * long_parameter_name[i])" for k in range(12))
    module = spec(f"size n\nlayer Long(n) {{\n  index i:n\n  input x : R[n]\n  param long_parameter_name : R[n]\n"
                  f"  output y[i] = {product}\n}}\n")  # fmt: skip
    assert not module.faults
    d = document(module, [], all_layers(module), Style())
    assert not _complaints(compile_pdf(latex_document(d), tmp_path / "d.pdf"))


def test_latex_that_is_not_there(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(shutil, "which", lambda name: None)
    assert main(["derive", POST, "Layer", "--pdf", str(tmp_path / "x.pdf")]) == 1
    assert "latexmk is not installed" in capsys.readouterr().err
