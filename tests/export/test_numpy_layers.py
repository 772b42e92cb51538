"""``learnlaw derive --python`` for layers: both passes that it writes give what the exact evaluator gives.

The points are those at which `learnlaw witness` tries a kernel: unequal sizes, edges of masks, sides of kinks.
"""

from __future__ import annotations

import importlib.util
import inspect
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.conftest import ROOT
from verifier.commands.main import main
from verifier.elaborate.modules import Module, load
from verifier.export.numpy_code import function
from verifier.export.numpy_code import module as written
from verifier.export.numpy_functions import SPELLINGS
from verifier.learn.layer import Pass
from verifier.learn.program import Program
from verifier.proof.hard import Trial, inputs, results, trials
from verifier.terms.index import Var
from verifier.terms.known import KNOWN
from verifier.terms.sizes import Size
from verifier.terms.sorts import REAL, Fin, Range
from verifier.terms.syntax import Abstraction, Call, Function, Let, Read, Symbol

SPECS = sorted(p.relative_to(ROOT).as_posix() for p in (ROOT / "specs/std").glob("*.learn"))
HAVE_SCIPY = importlib.util.find_spec("scipy") is not None


def checked(module: Module, only: str = "") -> Iterator[str]:
    """Every layer with a backward pass, and every point: what is written agrees.  Gives the names of the layers."""
    for claim in module.claims:
        if claim.written is None or claim.subject.startswith("jvp"):
            continue
        layer, scope = claim.written.layer, claim.written.scope
        code = written([], [(layer, scope)])
        if "special." in code and not HAVE_SCIPY:
            continue
        space: dict[str, Any] = {}
        exec(compile(code, layer.name, "exec"), space)
        found = trials(claim)
        assert found
        for trial in found:
            agree(claim.written, trial, space)
        yield layer.name


def agree(written_pass: Pass, trial: Trial, space: dict[str, Any]) -> None:
    layer = written_pass.layer
    own = inputs(layer)
    given = {s: np.array(trial.values[s], dtype=int if isinstance(s.value, Fin) else float) for s in own}
    cotangents = [np.array(trial.values[s]) for s in written_pass.cotangents]
    forward = several(call(space["forward"], [*given.values()], trial))
    for s, value in zip(results(layer), forward, strict=True):
        same(value, trial.outputs[s.label], f"{layer.name}: {s.label} ({trial.why})")
    if trial.gradients:
        backward = several(call(space["backward"], [*cotangents, *given.values()], trial))
        for s, value in zip(layer.differentiated, backward, strict=True):
            if s.name in trial.gradients:
                same(value, trial.gradients[s.name], f"{layer.name}: d{s.name} ({trial.why})")


def call(f: Callable[..., object], arguments: list[Any], trial: Trial) -> object:
    """A call that gives the numbers, functions and sizes by name that it asks for."""
    extra: dict[str, Any] = {s.label: v for s, v in trial.values.items() if s.name.startswith("$")}
    extra |= trial.sizes
    for name, text in trial.functions.items():
        for suffix, body in zip(("", "_1", "_2"), text.split(";"), strict=True):
            extra[name + suffix] = eval(f"lambda x: {body}")
    names = list(inspect.signature(f).parameters)[len(arguments) :]
    return f(*arguments, **{n: extra[n] for n in names})


def several(x: object) -> tuple[Any, ...]:
    return x if isinstance(x, tuple) else (x,)


def same(found: object, wanted: object, what: str) -> None:
    assert np.shape(found) == np.shape(wanted), what
    np.testing.assert_allclose(np.asarray(found, dtype=float), wanted, rtol=1e-9, atol=1e-9, err_msg=what)


@pytest.mark.slow
@pytest.mark.parametrize("path", SPECS)
def test_the_standard_library(path: str) -> None:
    module = load(str(ROOT / path))
    expected = [c for c in module.claims if c.written is not None]
    names = list(checked(module))
    assert len(names) >= len(expected) - (0 if HAVE_SCIPY else 1), path


HARD = """
layer Peaks(B, H, W) {
  index b:B, h:H, w:W
  input x : R[B, H, W], g : R[H]
  data m : R[B]
  p[b] = argmax[w](x[b,0,w])
  top[b] = max[h,w](x[b,h,w] if h < w else 0)
  low[b] = min[h if h >= 0](x[b,h,0])
  flat[b] = max[h](m[b])
  all[b] = prod[w if w > 0](x[b,0,w]) + prod[w](m[b]) + pow(2, -p[b])
  output y[b,w] = top[b] * x[b,0,p[b]] + x[b,H - 1,p[b]] * low[b] + flat[b] * all[b] * x[b,0,w]
  output z[b] = max[h,w if h + w > 0](g[h] * x[b,h,w])
  aux at[b] = argmin[h](x[b,h,0]) + (1 if B >= 2 and not (W >= 3) else 0)
}
backward of Peaks given dy, dz { dx[b,h,w] = 0
  dg[h] = 0 }
"""
"""Where places are taken, filters that are written in the term and in the reduction, indices that do not occur."""

MATRIX = """
layer Solve(N) {
  index i j:N
  input a : R[N, N], x : R[N]
  m[i,j] = sum[k](a[i,k] * a[j,k]) + (1 if i == j else 0)
  output y[i] = sum[j](inv(m)[i,j] * x[j]) * det(a)
  output l[i,j] = cholesky(m)[j,i] * det(m)
}
layer Batch(B, N) = Solve(N) over [B]
backward of Batch given dy, dl { da[b,i,j] = 0
  dx[b,j] = 0 }
"""


def test_places_and_filters(spec: Callable[[str], Module]) -> None:
    assert list(checked(spec(HARD))) == ["Peaks"]


def test_matrices_of_a_batch(spec: Callable[[str], Module]) -> None:
    assert list(checked(spec(MATRIX))) == ["Batch"]


def test_a_map_of_rows_is_called_for_each_row() -> None:
    n, m, b = (Range(Size.symbol(s)) for s in "nmb")
    i, k, j = Var("i", b), Var("k", n), Var("j", m)
    c = Function("c", (((n,), REAL),), (m,), REAL, frozenset({"smooth"}))
    x = Symbol("x", (b, n))
    row = Abstraction((k,), Read(x, (i, k)))
    y = Let(Symbol("y", (m, b)), (j, i), Call(c, (row,), (j,)))
    slope = Let(Symbol("z", (b, m, n)), (i, j, k), Call(c, (row,), (j,), ((0, (k,)),)))
    matrix = np.arange(6.0).reshape(2, 3)
    space: dict[str, Any] = {}
    program = Program((x,), (y, slope), (y.symbol, slope.symbol), ())
    exec("import numpy as np\n" + function("f", "I", program, (y.symbol, slope.symbol)), space)
    values = np.arange(12.0).reshape(4, 3) ** 2
    got, z = space["f"](values, c=lambda r: matrix @ r, c_d0=lambda r: matrix * r[0])
    np.testing.assert_allclose(got, matrix @ values.T)
    np.testing.assert_allclose(z, np.einsum("mn,b->bmn", matrix, values[:, 0]))


def test_each_known_function_is_written() -> None:
    assert all(name in SPELLINGS or known.definition is not None for name, known in KNOWN.items())


SPECIAL = """
layer Special(N) {
  index i:N
  input x : R[N]
  output y[i] = erfinv(x[i]) + digamma(x[i]) * i0(x[i]) + i1(x[i]) + trigamma(x[i]) + igamma(3, x[i]) + lgamma(x[i])
}
backward of Special given dy { dx[i] = 0 } when x[i] > 0, x[i] < 1
"""


def test_functions_that_numpy_lacks(spec: Callable[[str], Module]) -> None:
    pytest.importorskip("scipy")
    assert list(checked(spec(SPECIAL))) == ["Special"]


def test_without_scipy_the_module_says_what_it_needs(
    spec: Callable[[str], Module], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["derive", spec(SPECIAL).path, "Special", "--python"]) == 0
    (tmp_path / "written.py").write_text(capsys.readouterr().out, encoding="utf-8")
    blocked = "import sys; sys.modules['scipy'] = None; import written"
    run = subprocess.run([sys.executable, "-c", blocked], cwd=tmp_path, capture_output=True, text=True)
    assert run.returncode == 1
    assert "ImportError: digamma, erfinv, gammainc, i1, polygamma: not in NumPy, taken from SciPy" in run.stderr


def test_scipy_is_imported_only_where_it_is_needed(
    spec: Callable[[str], Module], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["derive", spec(MATRIX).path, "Solve", "--python"]) == 0
    code = capsys.readouterr().out
    assert "scipy" not in code and "Batch" not in code
    assert len(re.findall(r"np\.linalg\.cholesky", code.partition("def backward")[2])) == 1
