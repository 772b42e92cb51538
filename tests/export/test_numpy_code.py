"""``learnlaw derive --python``: what is written runs, and agrees with the exact evaluator at unequal sizes."""

from __future__ import annotations

import importlib.util
import inspect
from collections.abc import Callable, Sequence
from fractions import Fraction
from itertools import product
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from verifier.commands.main import main
from verifier.evaluate.machine import Machine
from verifier.evaluate.model import Model
from verifier.export.numpy_arrays import Names, NoNumpy
from verifier.export.numpy_terms import Terms
from verifier.learn.learner import Learner
from verifier.terms.index import Var
from verifier.terms.sizes import Size
from verifier.terms.sorts import Range, Sum, extent
from verifier.terms.syntax import IndexOf, Let, Symbol

SPEC = """
import std.errors
size n, m
real eps > 0
learner Tanh(n, m) : a : R[n] -> b : R[m] {
  param W : R[m, n], v : R[m]
  implement tanh(W @ a + v)
  learn gradient(quadratic, rate = eps)
}
learner Norm(n) : a : R[n] -> b : R[n] {
  param w : R[n]
  let r = 1 / sqrt(mean[i](a[i]^2) + 1)
  implement b[i] = a[i] * r * w[i]
  learn gradient(quadratic, rate = eps)
}
learner Shift(n) : a : R[n] -> b : R[n] {
  param k : R
  implement b[i] = k * (a[i+1] if i + 1 < n else 0) - a[n - 1 - i] / 3
  learn gradient(quadratic, rate = eps)
}
learner Soft(n) : a : R[n] -> b : R[n] {
  implement b[i] = exp(a[i]) / sum[j](exp(a[j]))
  learn gradient(quadratic, rate = 1)
}
learner Fixed(n) : a : R[n, n] -> b : R[n] {
  param M : R[n, n]
  implement b[i] = sum[j,k](M[k,j] * a[j,i] * M[i,k]) + n * sum[j](a[j,j]) + M[i,i]
  update M[i,j] = M[j,i] - sum[k](b[k]) * (a[i,j] if i < j else a[j,i] if j < i else 2)
  request a[i,j] = a[j,i] + b[i] - n
}
"""
SIZES = {"n": 3, "m": 2}


def value(s: Symbol, place: Sequence[int], seed: int) -> Fraction:
    return Fraction((sum((k + 2) * (p + 1) for k, p in enumerate(place)) * 7 + seed) % 11 - 5, 4)


def array(s: Symbol, entries: Callable[[tuple[int, ...]], Fraction]) -> np.ndarray:
    shape = tuple(extent(a).value(SIZES) for a in s.axes)
    out = np.zeros(shape)
    for place in product(*map(range, shape)):
        out[place] = float(entries(place))
    return out


def module_of(path: Path) -> ModuleType:
    found = importlib.util.spec_from_file_location("derived", path)
    assert found is not None and found.loader is not None
    module = importlib.util.module_from_spec(found)
    found.loader.exec_module(module)
    return module


@pytest.mark.parametrize("name", ["Tanh", "Norm", "Shift", "Soft", "Fixed"])
def test_agrees_with_the_evaluator(
    name: str, spec: Callable[..., object], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from verifier.elaborate.selection import learner_of

    loaded = spec(SPEC)
    f: Learner = learner_of(loaded, name).learner
    assert main(["derive", loaded.path, name, "--python"]) == 0
    written = tmp_path / f"{name}.py"
    written.write_text(capsys.readouterr().out, encoding="utf-8")
    code = module_of(written)
    inputs = f.step.inputs
    exact = {
        s.name: {p: value(s, p, seed) for p in product(*(range(extent(a).value(SIZES)) for a in s.axes))}
        for seed, s in enumerate(inputs)
    }
    exact["$eps"] = {(): Fraction(1, 3)}
    model = Model(SIZES, exact, {})
    arrays = {s.name: array(s, lambda p, s=s: exact[s.name][p]) for s in inputs}

    def expected(program, out: Symbol) -> np.ndarray:
        machine = Machine(model, {let.symbol.name: let for let in program.lets})
        tensor = machine.tensor(out)
        return array(out, lambda p: tensor[p] if isinstance(tensor[p], Fraction) else Fraction(float(tensor[p].mid())))

    def call(function: str, program, outputs: Sequence[Symbol]) -> None:
        run = getattr(code, function)
        given = [arrays[s.name] for s in program.inputs]
        if "eps" in inspect.signature(run).parameters:
            given.append(1 / 3)
        results = run(*given)
        results = results if isinstance(results, tuple) else (results,)
        assert len(results) == len(outputs)
        for got, out in zip(results, outputs, strict=True):
            want = expected(program, out)
            assert np.shape(got) == want.shape
            np.testing.assert_allclose(got, want, rtol=1e-12, atol=1e-12)

    k = len(f.parameters)
    call("implement", f.implement, f.implement.outputs)
    if f.parameters:
        call("update", f.step, f.step.outputs[:k])
    call("request", f.step, f.step.outputs[k:])


def test_golden(capsys: pytest.CaptureFixture[str], golden: Callable[..., None]) -> None:
    root = Path(__file__).parents[2]
    assert main(["derive", str(root / "specs/examples/post.learn"), "N", "--format", "python"]) == 0
    golden("export/post_N.py.golden", capsys.readouterr().out)


def test_what_has_no_spelling_is_said() -> None:
    i = Var("i", Sum((Range(Size.symbol("n")), Range(Size.symbol("m")))))
    with pytest.raises(NoNumpy, match="an index that is no position"):
        Terms(Names()).let(Let(Symbol("y", (i.sort,)), (i,), IndexOf(i)))


def test_names_are_identifiers() -> None:
    names = Names()
    shown = [names.of(k, wish) for k, wish in enumerate(["class", "ε", "a'", "a''", "np", "$x", "U.W~2", "2nd"])]
    assert all(n.isidentifier() for n in shown) and len(set(shown)) == len(shown) and "np" not in shown


LAYER = """
layer Pack(B, H, D) {
  index b:B, h:H, d:D
  input x : R[B, H * D]
  data t : Fin(H)[B]
  real eps > 0
  q[b,d] = x[b, t[b]*D + d] * erf(x[b,d])
  r[b] = 1 / sqrt(mean[d](q[b,d]^2) + eps)
  output y[b,h,d] = q[b,d] * r[b] + (x[b, h*D + d] if x[b, h*D + d] > 0 else 0)
}
"""


def test_both_passes_of_a_layer(spec, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The backward pass that is written is the gradient of the forward pass that is written, by differences."""
    assert main(["derive", spec(LAYER).path, "--python"]) == 0
    written = tmp_path / "pack.py"
    written.write_text(capsys.readouterr().out, encoding="utf-8")
    code = module_of(written)
    source = np.random.default_rng(0)
    x, tx, dy = source.normal(size=(2, 12)), source.normal(size=(2, 12)), source.normal(size=(2, 3, 4))
    t, step = np.array([2, 0]), 1e-6
    up, down = (_call(code.forward, x + s * tx, t, 0.5) for s in (step, -step))
    dx = _call(code.backward, dy, x, t, 0.5)
    assert np.shape(dx) == (2, 12)
    np.testing.assert_allclose((dx * tx).sum(), (dy * (up - down)).sum() / (2 * step), rtol=1e-7)


def _call(f: Callable[..., np.ndarray], *arguments: object) -> np.ndarray:
    """A call that gives the sizes which no shape shows."""
    names = inspect.signature(f).parameters
    return f(*arguments, **{n: v for n, v in (("H", 3), ("D", 4)) if n in names})
