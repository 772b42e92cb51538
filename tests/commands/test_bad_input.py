"""Bad input: each fault is a diagnostic with a code, a place and a fix, exit 2; never a traceback.

The golden file doubles as documentation of the messages.
"""

from __future__ import annotations

import random
import re
from pathlib import Path

import pytest

from tests.conftest import ROOT
from verifier.commands.main import main
from verifier.elaborate.modules import load

BODY = "size n, m\nlearner L(n, m) : a : R[n] -> b : R[m] {{\n  param W : R[m, n]\n{body}\n}}\ncheck getput(L(n, m))\n"
GOOD = "  implement W @ a\n  update W = W\n  request a"

WIRED = "import std.errors\nimport std.layers\nsize n, m\nwire N{error} {{\n  input x : R[n]\n{lines}\n}}\n"


def wired(*lines: str, error: str = " using quadratic") -> str:
    return WIRED.format(lines="\n".join(f"  {line}" for line in lines), error=error)


PASS = (
    "size B, n\nlayer Shift(B, n) {{\n  index b:B, i:n\n  input x : R[B, n]\n  param v : R[n]\n"
    "  output y[b,i] = x[b,i] + v[i]\n}}\nbackward of Shift given dy {{\n{lines}\n}}\n"
)


def passes(*lines: str) -> str:
    return PASS.format(lines="\n".join(f"  {line}" for line in lines))


def layer(*lines: str) -> str:
    return "layer S(n) {{\n  input x : R[n]\n{}\n}}\n".format("\n".join(f"  {line}" for line in lines))


def body(text: str) -> str:
    return BODY.format(body=text)


CASES = {
    "unknown name": ("E101", body("  implement W @ a + w\n  update W = W\n  request a")),
    "shape mismatch": ("E102", body("  implement a\n  update W = W\n  request a")),
    "contracted axes": ("E102", body("  implement W.T @ a\n  update W = W\n  request a")),
    "rank mismatch": ("E103", body("  implement W + a\n  update W = W\n  request a")),
    "matrix times number": ("E103", body("  implement W @ 2\n  update W = W\n  request a")),
    "repeated index": ("E104", body("  implement y[i] = sum[i](W[i,i])\n  update W = W\n  request a")),
    "repeated index on the left": ("E104", body("  implement W @ a\n  update W[i,i] = W[i,i]\n  request a")),
    "index at two ranges": ("E104", body("  implement y[i] = W[i,i]\n  update W = W\n  request a")),
    "index without a range": ("E104", body("  implement y[i] = sum[k](2)\n  update W = W\n  request a")),
    "free index": ("E105", body("  implement y[i] = W[i,k] * a[k]\n  update W = W\n  request a")),
    "declared index that is free": ("E105", passes("dv[i] += dy[b,i]", "dx[b,i] = dy[b,i]")),
    "missing update": ("E106", body("  implement W @ a\n  request a")),
    "missing request": ("E106", body("  implement W @ a\n  update W = W")),
    "update of an unknown parameter": ("E101", body("  implement W @ a\n  update V = W\n  request a")),
    "target inside implement": ("E107", body("  implement W @ a + b\n  update W = W\n  request a")),
    "target behind a let": ("E107", body("  let d = b\n  implement W @ a + d\n  update W = W\n  request a")),
    "no implement": ("E118", body("  update W = W\n  request a")),
    "two ways to learn": ("E118", "error q(x, y) = x*y\n" + body(GOOD + "\n  learn gradient(q, rate = 1)")),
    "read out of range": ("E125", body("  implement y[i] = sum[j](W[i,j] * a[j+1])\n  update W = W\n  request a")),
    "exponent that is no number": ("E122", body("  implement W @ a^(1/0)\n  update W = W\n  request a")),
    "error without inverse": (
        "E110",
        "error h(x, y) = (x*y)^2\n" + body("  implement W @ a\n  learn gradient(h, rate = 1)"),
    ),
    "not smooth": (
        "E117",
        "function s : R -> R\nerror q(x, y) = x*y\n" + body("  implement s(W @ a)\n  learn gradient(q, rate = 1)"),
    ),
    "ends that do not meet": (
        "E111",
        "set A, B\nlearner F : A -> B opaque\nnetwork N = F ; F\ncheck natural N reading local\n",
    ),
    "claim about something undeclared": ("E101", "check getput(Foo)\n"),
    "claim that is no law": ("E112", "set A\nlearner F : A -> A opaque\ncheck idempotent(F)\n"),
    "a size of 0": ("E113", "set A\nlearner F : R[0] -> A opaque\ncheck getput(F)\n"),
    "a size that may be 0": (
        "E113",
        "nat k\nimport std.layers\nimport std.errors\ncheck getput(Bias(k, quadratic, 1))\n",
    ),
    "declared twice": ("E114", "size n\nset n\ncheck getput(id(R[n]))\n"),
    "a known function declared": ("E114", "function exp : R -> R smooth\ncheck getput(id(R))\n"),
    "wrong number of arguments": ("E115", "import std.layers\nsize n\ncheck getput(Bias(n))\n"),
    "condition of a header": (
        "E123",
        "import std.layers\nimport std.errors\nsize n\nreal eps\ncheck getput(Bias(n, quadratic, eps))\n",
    ),
    "circular definition": ("E121", "network A = B\nnetwork B = A\ncheck getput(A)\n"),
    "types that differ": ("E119", "set A, B\nlearner F : A -> B opaque\nlearner G : B -> A opaque\ncheck F == G\n"),
    "assumption about a known learner": (
        "E115",
        body(GOOD).replace("check getput(L(n, m))", "check getput(L(n, m)) assuming getput(L(n, m))"),
    ),
    "contradictory declarations": ("E124", "real 0 < x < 0\ncheck getput(id(R))\n"),
    "square that is not there": ("E120", "set A\nlearner F : A -> A opaque\ncheck square F at 3 reading local\n"),
    "import that is not there": ("E109", "import std.nope\nset A\n"),
    "empty file": ("L003", "\n  # nothing\n"),
    "two minus signs": ("L021", "size n\nreal a\ncheck getput(id(R)) when a--1 > 0\n"),
    "missing operator": ("L030", body("  implement W @ a a\n  update W = W\n  request a")),
    "brackets nested 10 000 deep": ("L011", "size n = " + "(" * 10_000 + "1" + ")" * 10_000 + "\n"),
    "a part that the claim does not have": (
        "E101",
        body(GOOD).replace("check getput(L(n, m))", "check L(n, m) == L(n, m) on Q"),
    ),
    "einsum of other extents": ("E102", body('  implement einsum("mn,m->m", W, a)\n  update W = W\n  request a')),
    "einsum without an arrow": ("E115", body('  implement einsum("mn,n", W, a)\n  update W = W\n  request a')),
    "einsum with too few letters": ("E103", body('  implement einsum("m,n->m", W, a)\n  update W = W\n  request a')),
    "gradient of a tensor": ("E103", body("  implement W @ a\n  update W = grad(W @ a, W)\n  request a")),
    "gradient by a let": (
        "E115",
        body("  let h = W @ a\n  implement h\n  update W = W\n  request grad(sum[i](h[i]), h)"),
    ),
    "a square that is not there": (
        "E120",
        "set A\nlearner F : A -> A opaque\ncheck square F ; F at (1, 1) reading local\n",
    ),
    "an error of vectors": (
        "E115",
        "size n\nerror cross(x : R[n], y : R[n]) = sum[i](y[i]) * logsumexp[i](x[i]) - sum[i](y[i] * x[i])\n"
        "check diagonal(cross)\n",
    ),
    "a reparametrisation by a port": (
        "E130",
        body(GOOD).replace("check getput(L(n, m))", "check L(n, m) ~ L(n, m) via right.W = left.a"),
    ),
    "layers in a circle": (
        "E101",
        wired("h = Add(n, quadratic, 1)(x, k)", "k = Bias(n, quadratic, 1)(h)", "output k"),
    ),
    "a layer that reads itself": ("E101", wired("h = Add(n, quadratic, 1)(x, h)", "output h")),
    "a wire that is not there": ("E101", wired("h = Bias(n, quadratic, 1)(z)", "output h")),
    "an output that is not there": ("E101", wired("h = Bias(n, quadratic, 1)(x)", "output g")),
    "a wire that nothing reads": (
        "E143",
        wired("(a, b) = Copy(n, quadratic, 1)(x)", "h = Bias(n, quadratic, 1)(a)", "output h"),
    ),
    "shapes at the two ends of a wire": (
        "E111",
        wired("h = Linear(n, m, quadratic, 1)(x)", "k = Bias(n, quadratic, 1)(h)", "output k"),
    ),
    "too few wires": ("E111", wired("h = Add(n, quadratic, 1)(x)", "output h")),
    "two wires of one name": (
        "E114",
        wired("h = Bias(n, quadratic, 1)(x)", "h = Bias(n, quadratic, 1)(h)", "output h"),
    ),
    "an equation behind output": ("L040", wired("output h = Bias(n, quadratic, 1)(x)")),
    "a fan-out without an error": ("E143", wired("h = Bias(n, quadratic, 1)(x)", "output h, x", error="")),
    "a graph without outputs": ("E143", wired("h = Bias(n, quadratic, 1)(x)")),
    "a network that doubles": (
        "E149",
        "import std.layers\nimport std.errors\nsize n\nnetwork N0 = Bias(n, quadratic, 1)\n"
        + "".join(f"network N{k + 1} = N{k} ; N{k}\n" for k in range(40))
        + "check getput(N40)\n",
    ),
    "an input of a graph without a shape": (
        "L047",
        wired("h = Bias(n, quadratic, 1)(x)", "output h").replace(" : R[n]", ""),
    ),
    "a gradient that is a number": ("E103", passes("dv = 0", "dx[b,i] = dy[b,i]")),
    "a scatter": ("E104", passes("dv[i] = sum[b](dy[b,i])", "dx[b // 2,i] += dy[b,i]")),
    "a sum of wires": ("E143", wired("h = Bias(n, quadratic, 1)(x)", "y = h + x", "output y")),
    "a layer inside a layer": ("E143", wired("h = Bias(n, quadratic, 1)(Bias(n, quadratic, 1)(x))", "output h")),
    "a layer as an output": ("L033", wired("output Bias(n, quadratic, 1)(x)")),
    "an index of nothing": ("E105", layer("output y[i] = 2 * x[k]")),
    "an output without a shape": ("L047", layer("y = relu(x)", "output y")),
    "a mean without an index": ("E115", layer("output y = mean(x)")),
    "a function of other libraries": ("E101", layer("output y[i] = where(x[i] > 0, x[i], 0)")),
    "a choice of other languages": ("L036", layer("output y[i] = if x[i] > 0 then x[i] else 0")),
    "a power as in a book": ("L030", layer("output y[i] = x[i]²")),
    "a body on one line": ("L030", "layer S(n) { input x : R[n]; output y = x }\n"),
    "ports without objects": ("E101", "learner L : a -> b {\n  implement a\n  request a\n}\ncheck getput(L)\n"),
    "a slice": ("L031", layer("output y = x[1:]")),
    "a reserved word as a name": ("L036", "size if\n"),
    "a comment of other languages": ("L031", "// a comment\nsize n\n"),
    "a line that ends in `;`": ("L030", "size n;\nset A\n"),
    "a position that may leave at both ends": ("E125", layer("output y[i] = x[i] + sum[j](x[j] * x[i - 2 * j + 1])")),
    "a position that may be too small": ("E125", layer("output y[i] = x[i] + x[i - 1]")),
    "a layer as a claim": ("E112", layer("output y[i] = x[i]") + "check S\n"),
    "a known function as an argument": (
        "E115",
        "import std.errors\nimport std.layers\nsize n\nnetwork N = Dense(n, n, relu, quadratic, 1)\n",
    ),
    "a name of the standard library": ("E101", "size n\nnetwork N = Bias(n, e, 1)\n"),
    "a misspelt module": ("E109", "import std.layer\n"),
    "the value of implement in an update": (
        "E101",
        body("  implement y = W @ a\n  update W = W\n  request a = W.T @ y"),
    ),
    "several faults": (
        "E101",
        "size n\nlearner L(n) : a : R[n] -> b : R[n] {\n  implement a + w\n  request b\n}\n"
        "network N = Q ; L(n)\ncheck getput(Z)\n",
    ),
}


def run(path: Path, capsys: pytest.CaptureFixture[str]) -> tuple[int, str]:
    code = main(["check", str(path)])
    captured = capsys.readouterr()
    text = (captured.out + captured.err).replace(str(path.parent) + "/", "")
    assert "Traceback" not in text
    return code, re.sub(r"\d+\.\d+ s", "0.00 s", text)


@pytest.mark.parametrize("name", CASES)
def test_fault_is_a_diagnostic(name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, text = CASES[name]
    path = tmp_path / "bad.learn"
    path.write_text(text, encoding="utf-8")
    exit_code, shown = run(path, capsys)
    assert exit_code == 2, shown
    assert f"error {code}: " in shown, shown
    assert all(d.span.line >= 1 and d.expected for d in load(str(path)).faults)


def test_messages_are_the_golden_ones(tmp_path: Path, capsys: pytest.CaptureFixture[str], golden) -> None:
    rows = []
    for name, (_, text) in CASES.items():
        path = tmp_path / "bad.learn"
        path.write_text(text, encoding="utf-8")
        rows.append(f"### {name}\n{run(path, capsys)[1]}")
    golden("commands/golden_messages.txt", "\n".join(rows).replace(str(tmp_path), "."))


def test_several_faults_are_reported_in_one_run(tmp_path: Path) -> None:
    path = tmp_path / "bad.learn"
    path.write_text(CASES["several faults"][1], encoding="utf-8")
    assert [(d.code, d.span.line) for d in load(str(path)).faults] == [("E101", 3), ("E101", 6), ("E101", 7)]


def test_missing_file_is_a_usage_error(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", str(tmp_path / "none.learn")]) == 1
    assert "none.learn" in capsys.readouterr().err


def test_folder_without_specs_is_a_usage_error(tmp_path: Path) -> None:
    assert main(["check", str(tmp_path)]) == 1


def test_unknown_option_is_a_usage_error(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stop:
        main(["check", "--nonsense", "x.learn"])
    assert stop.value.code == 1


@pytest.mark.parametrize(("data", "code"), [(b"size n\xff\n", "L001"), (b"# " + b"x" * (1 << 20) + b"\n", "L002")])
def test_bytes_that_are_no_spec(data: bytes, code: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "bad.learn"
    path.write_bytes(data)
    exit_code, shown = run(path, capsys)
    assert (exit_code, f"error {code}" in shown) == (2, True), shown


def test_circle_of_imports(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "one.learn").write_text("import two\nset A\n", encoding="utf-8")
    (tmp_path / "two.learn").write_text("import one\nset B\n", encoding="utf-8")
    exit_code, shown = run(tmp_path / "one.learn", capsys)
    assert exit_code == 2
    assert "E108" in shown and "one -> two -> one" in shown


def test_import_through_a_link_out_of_the_root(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    root = tmp_path / "root"
    root.mkdir()
    (tmp_path / "secret.learn").write_text("set S\n", encoding="utf-8")
    (root / "inside.learn").symlink_to(tmp_path / "secret.learn")
    (root / "main.learn").write_text("import inside\nset A\n", encoding="utf-8")
    exit_code, shown = run(root / "main.learn", capsys)
    assert exit_code == 2
    assert "E109" in shown and "outside the root" in shown


@pytest.mark.parametrize("name", ["loss", "mean", "data", "D", "size", "error", "input", "state", "index", "output"])
def test_soft_keywords_are_names(name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    body = f"{{\n  implement {name}\n  request b\n}}"
    text = f"size n\nlearner L(n) : {name} : R[n] -> b : R[n] {body}\ncheck L(n)\n  ; id(R[n]) == L(n)\n"
    path = tmp_path / "good.learn"
    path.write_text(text, encoding="utf-8")
    assert run(path, capsys)[0] == 0


TOKEN = re.compile(r"\w+|[^\w\s]|\s+")


@pytest.mark.slow
def test_mutated_specs_never_give_a_traceback(tmp_path: Path) -> None:
    draw = random.Random(7)
    sources = [p.read_text(encoding="utf-8") for p in sorted((ROOT / "specs" / "examples").rglob("*.learn"))]
    tried = 0
    for _ in range(300):
        tokens = TOKEN.findall(draw.choice(sources))
        i, j = draw.randrange(len(tokens)), draw.randrange(len(tokens))
        kind = draw.choice(("delete", "repeat", "swap", "replace"))
        if kind == "delete":
            del tokens[i]
        elif kind == "repeat":
            tokens.insert(i, tokens[j])
        elif kind == "swap":
            tokens[i], tokens[j] = tokens[j], tokens[i]
        else:
            tokens[i] = draw.choice(("(", "]", "0", "-", "n", "b", "\n", "σ", "'", "@"))
        path = tmp_path / "mutant.learn"
        path.write_text("".join(tokens), encoding="utf-8")
        tried += bool(load(str(path)).faults)  # anything but diagnostics is an exception, and fails the test
    assert tried > 100
