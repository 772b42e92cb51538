"""``learnlaw witness``: what it writes fails on wrong kernels at the wrong gradient, and passes on right ones."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT
from verifier.commands.main import main

RMS = str(ROOT / "specs/examples/backward/rms.learn")
WRONG = str(ROOT / "specs/examples/backward/wrong/layer_norm.learn")

NUMPY_RMS = """
import numpy as np

def forward(x, w, *, eps):
    return x / np.sqrt((x**2).mean(1, keepdims=True) + eps) * w

def backward(dy, x, w, *, eps):
    r = 1 / np.sqrt((x**2).mean(1, keepdims=True) + eps)
    g = dy * w
    return r * g - r**3 * x * (g * x).{reduce}(1, keepdims=True), (dy * x * r).sum(0)
"""

TORCH_RMS = """
import torch

class RMS(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, w, eps):
        r = (x.pow(2).mean(1, keepdim=True) + eps).rsqrt()
        ctx.save_for_backward(x, w, r)
        return x * r * w

    @staticmethod
    def backward(ctx, dy):
        x, w, r = ctx.saved_tensors
        g = dy * w
        return r * g - r**3 * x * (g * x).mean(1, keepdim=True), (dy * x{saved}).sum(0), None

def rms(x, w, *, eps):
    return RMS.apply(x, w, eps)
"""

LAYER_NORM = """
import numpy as np

def forward(x, w, v, *, eps):
    m = x.mean(1, keepdims=True)
    return (x - m) / np.sqrt(((x - m)**2).mean(1, keepdims=True) + eps) * w + v

def backward(dy, x, w, v, *, eps):
    m = x.mean(1, keepdims=True)
    r = 1 / np.sqrt(((x - m)**2).mean(1, keepdims=True) + eps)
    n, dn = (x - m) * r, dy * w
    dx = r * (dn - dn.mean(1, keepdims=True){last})
    return dx, (dy * n).sum(0), dy.sum(0)
"""


def ran(folder: Path, kernel: str, *arguments: str) -> tuple[int, str]:
    """Write the file, beside the kernel, and run it in a process of its own."""
    (folder / "kernel.py").write_text(kernel, encoding="utf-8")
    assert main(["witness", *arguments]) == 0
    environment = {**os.environ, "PYTHONPATH": "", "PYTEST_ADDOPTS": ""}
    run = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "test_kernel.py"],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
    )
    return run.returncode, run.stdout


def numpy_arguments(folder: Path, spec: str) -> list[str]:
    where = ["--forward", "kernel:forward", "--backward", "kernel:backward"]
    return ["--numpy", str(folder / "test_kernel.py"), *where, spec]


def test_a_right_numpy_kernel_passes(tmp_path: Path) -> None:
    code, out = ran(tmp_path, NUMPY_RMS.format(reduce="mean"), *numpy_arguments(tmp_path, RMS), "--block", "C=8")
    assert code == 0, out
    assert re.search(r"\b6 passed", out)


def test_a_wrong_numpy_kernel_fails_at_its_gradient(tmp_path: Path) -> None:
    code, out = ran(tmp_path, NUMPY_RMS.format(reduce="sum"), *numpy_arguments(tmp_path, RMS))
    assert code == 1
    assert "AssertionError: dx[" in out and "dw[" not in out and "test_forward" not in out.partition("FAILURES")[2]


@pytest.mark.slow
@pytest.mark.parametrize(("saved", "failing"), [(" * r", ""), ("", "dw[")])
def test_a_torch_function_is_tried_through_autograd(tmp_path: Path, saved: str, failing: str) -> None:
    pytest.importorskip("torch")
    arguments = ["--torch", str(tmp_path / "test_kernel.py"), "--forward", "kernel:rms", RMS]
    code, out = ran(tmp_path, TORCH_RMS.format(saved=saved), *arguments)
    assert code == (1 if failing else 0), out
    assert failing in out and "AssertionError: dx[" not in out


def test_a_plain_torch_function_at_float32(tmp_path: Path) -> None:
    pytest.importorskip("torch")
    kernel = "def f(x, w, *, eps):\n    return x * (x.pow(2).mean(1, keepdim=True) + eps).rsqrt() * w\n"
    arguments = ["--torch", str(tmp_path / "test_kernel.py"), "--forward", "kernel:f", "--dtype", "float32", RMS]
    code, out = ran(tmp_path, kernel, *arguments)
    assert code == 0, out


def test_a_refuted_spec_gives_its_counterexample(tmp_path: Path) -> None:
    """What the spec wrote fails at its own counterexample; the right formula passes there too."""
    code, out = ran(tmp_path, LAYER_NORM.format(last=""), *numpy_arguments(tmp_path, WRONG))
    assert code == 1 and "counterexample to what the spec says of dx" in out and "AssertionError: dx[" in out
    right = LAYER_NORM.format(last=" - n * (dn * n).mean(1, keepdims=True)")
    code, out = ran(tmp_path, right, *numpy_arguments(tmp_path, WRONG))
    assert code == 0, out


KINKS = str(ROOT / "specs/examples/backward/kinks.learn")
RELU = """
import numpy as np

def forward(x):
    return np.maximum(x, 0)

def backward(dy, x):
    return dy * (x {relation} 0)
"""


@pytest.mark.parametrize(("relation", "failing"), [(">", False), (">=", True)])
def test_what_the_spec_says_of_a_kink_is_asked_there(tmp_path: Path, relation: str, failing: bool) -> None:
    arguments = [*numpy_arguments(tmp_path, KINKS), "--only", "Relu"]
    code, out = ran(tmp_path, RELU.format(relation=relation), *arguments)
    assert code == failing, out
    assert ("dx[0] is" in out and "at x[0] == 0, where the spec says" in out) == failing
    assert "test_forward" not in out.partition("FAILURES")[2]


def test_clauses_that_are_not_proved_are_not_asked() -> None:
    from verifier.elaborate.modules import load
    from verifier.proof.stated import stated

    wrong = load(str(ROOT / "specs/examples/backward/wrong/kinks.learn")).claims
    assert [c for c in wrong if c.at] and not [s for c in wrong if c.written is not None for s in stated(c)]


def test_many_sizes_are_chosen_so_that_they_can_be_evaluated() -> None:
    """Of eight sizes and more no two are equal in both choices."""
    from verifier.elaborate.modules import load
    from verifier.proof.hard import trials

    (claim,) = [c for c in load(str(ROOT / "specs/std/convolution.learn")).claims if c.id == "Strided2D"]
    one, two = [t.sizes for t in trials(claim) if t.why.startswith("sizes ")]
    names = list(one)
    assert len(names) >= 8
    pairs = [(a, b) for k, a in enumerate(names) for b in names[:k]]
    assert not [(a, b) for a, b in pairs if one[a] == one[b] and two[a] == two[b]], (one, two)
    assert all(one[n] > 1 or two[n] > 1 for n in names), (one, two)


def test_stubs_say_what_to_do(tmp_path: Path) -> None:
    code, out = ran(tmp_path, "", "--numpy", str(tmp_path / "test_kernel.py"), RMS)
    assert code == 1 and "call the forward pass of your kernel here" in out


def test_the_file(tmp_path: Path, golden) -> None:  # type: ignore[no-untyped-def]
    file = tmp_path / "test_kernel.py"
    assert main(["witness", "--numpy", str(file), WRONG]) == 0
    text = file.read_text(encoding="utf-8")
    ast.parse(text)
    golden(
        "commands/golden/witness_layer_norm.py.txt", re.sub(r"learnlaw [\d.]+ chose", "learnlaw VERSION chose", text)
    )


def test_every_layer_of_the_standard_library_has_inputs(tmp_path: Path) -> None:
    """Kinks, index tensors, several layers in one file."""
    file = tmp_path / "test_kernel.py"
    for name in ("pooling", "embedding", "losses"):
        spec = ROOT / f"specs/std/{name}.learn"
        assert main(["witness", "--torch", str(file), str(spec)]) == 0
        tree = ast.parse(file.read_text(encoding="utf-8"))
        assert sum(isinstance(node, ast.FunctionDef) and node.name.startswith("forward") for node in tree.body) > 1


@pytest.mark.parametrize(
    ("more", "message"),
    [
        (["--only", "LayerNorm"], "--only LayerNorm: "),
        (["--block", "Q=4"], "--block Q: the sizes are B, C"),
        (["--dtype", "bfloat16"], "NumPy has no such type"),
    ],
)
def test_usage(tmp_path: Path, more: list[str], message: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["witness", "--numpy", str(tmp_path / "x.py"), RMS, *more]) == 1
    assert message in capsys.readouterr().err
    assert not list(tmp_path.iterdir())


def test_a_place_that_is_none(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stop:
        main(["witness", "--numpy", "x.py", RMS, "--forward", "kernel.forward"])
    assert stop.value.code == 1
    assert "is not of the form module:function" in capsys.readouterr().err
